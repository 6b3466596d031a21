#!/usr/bin/env bash
# Runs `batchwise check` on the files that the patterns in $BATCHWISE_FILES match, one pattern on a line.
#
# Prints annotations, appends the report to $GITHUB_STEP_SUMMARY, writes `verdict`, `sarif` and `plan` to $GITHUB_OUTPUT,
# and ends with the exit code of the check. A pattern without a match is an error: a gate that looks at nothing would let
# everything through.
set -euo pipefail
# One order of files everywhere.
export LC_ALL=C

# Runners older than summaries have none.
: "${GITHUB_STEP_SUMMARY:=/dev/null}"

files=()
unmatched=()
arguments=(--format=github)

main() {
    local code=0
    folder=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/batchwise.XXXXXX")
    trap 'rm -rf "$folder"' EXIT

    collect_files
    option policy "$BATCHWISE_POLICY" "--policy=$BATCHWISE_POLICY"
    option baseline "$BATCHWISE_BASELINE" "--baseline=$BATCHWISE_BASELINE"
    option api-version "$BATCHWISE_API_VERSION" "--api-version=$BATCHWISE_API_VERSION"
    option fail-on "$BATCHWISE_FAIL_ON" "--fail-on=$BATCHWISE_FAIL_ON"
    option plan "$BATCHWISE_PLAN" "--save-plan=$BATCHWISE_PLAN"
    option sarif "$BATCHWISE_SARIF" "--report=sarif=$BATCHWISE_SARIF"
    # The last to be written: where it stands, the others do.
    arguments+=("--report=markdown=$folder/summary.md")

    batchwise check "${arguments[@]}" -- "${files[@]}" 2> "$folder/errors" || code=$?
    show "$folder/errors"
    [ -s "$folder/summary.md" ] || stop "$(head -n 1 "$folder/errors" | sed 's/^error: //')"

    cat "$folder/summary.md" >> "$GITHUB_STEP_SUMMARY"
    output verdict "$(verdict "$code")"
    output sarif "$BATCHWISE_SARIF"
    output plan "$BATCHWISE_PLAN"
    exit "$code"
}

# Fills `files`.
collect_files() {
    local pattern
    while IFS= read -r pattern; do
        pattern=${pattern%$'\r'}
        if [ -n "${pattern//[[:space:]]/}" ]; then
            take_matches "$pattern"
        fi
    done <<< "$BATCHWISE_FILES"

    for pattern in ${unmatched[@]+"${unmatched[@]}"}; do
        error "no file matches \`$pattern\`"
    done
    [ ${#unmatched[@]} -eq 0 ] || stop 'a pattern in `files` matches nothing, so nothing was checked'
    [ ${#files[@]} -gt 0 ] || stop '`files` names no file'
}

# Takes the file of that name, or the files that match the pattern. Nothing but file names is expanded.
take_matches() {
    local IFS='' file matches=0 before=${#files[@]}
    if [ -e "$1" ]; then
        take "$1" "${#files[@]}"
        return
    fi
    case $1 in
        *'**'*) shopt -s globstar 2> /dev/null || stop '`**` needs bash 4 or newer' ;;
    esac
    shopt -s nullglob
    for file in $1; do
        if [ -e "$file" ] && [ ! -d "$file" ]; then
            take "$file" "$before"
            matches=$((matches + 1))
        fi
    done
    shopt -u nullglob
    [ "$matches" -gt 0 ] || unmatched+=("$1")
}

# Takes a file unless it is one of the first `$2` files, those of earlier patterns.
take() {
    local file=$1 other
    # A name is never an option, nor standard input.
    case $file in -*) file=./$file ;; esac
    for ((other = 0; other < $2; other++)); do
        [ "${files[other]}" != "$file" ] || return 0
    done
    files+=("$file")
}

# Adds the argument `$3` where the input `$1` has a value, `$2`.
option() {
    case $2 in
        '') return ;;
        - | *[$'\n\r']*) stop "\`$1\` is not a name on one line" ;;
    esac
    arguments+=("$3")
}

# Shows a file in the log, in which nothing counts as a command.
show() {
    [ -s "$1" ] || return 0
    local token
    token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    printf '::stop-commands::%s\n' "$token"
    cat "$1"
    printf '\n::%s::\n' "$token"
}

verdict() {
    case $1 in
        0) echo ok ;;
        1) echo refused ;;
        *) echo unusable ;;
    esac
}

output() {
    printf '%s=%s\n' "$1" "$2" >> "$GITHUB_OUTPUT"
}

error() {
    local text=${1//\%/%25}
    text=${text//$'\r'/%0D}
    printf '::error title=batchwise::%s\n' "${text//$'\n'/%0A}"
}

# Ends without a check.
stop() {
    error "$1"
    printf '## batchwise check: unusable\n\nNothing was checked; the log of this step tells why.\n' >> "$GITHUB_STEP_SUMMARY"
    output verdict unusable
    exit 2
}

main
