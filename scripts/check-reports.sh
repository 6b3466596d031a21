#!/usr/bin/env bash
# Holds the reports of example plans to the programs that their readers use: the workbook is opened with openpyxl and
# computed anew with formulas, and its cents compared with the JSON report; the FOCUS rows go through focus-validator.
#
# Usage: check-reports.sh BATCHWISE. Exit code: 0 all hold, else not. Needs Python 3.12 or newer (PYTHON names one); makes a
# virtual environment in the target folder on the first run, and needs no network after that.
set -euo pipefail
cd "$(dirname "$0")/.."

PACKAGES=(openpyxl==3.1.5 formulas==1.3.4 focus-validator==2.2.1 'pyarrow<22')
target=${CARGO_TARGET_DIR:-target}
venv=$target/reports-venv
# A request that has no price.
UNKNOWN='{"custom_id":"x","params":{"model":"=unknown","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}}'
export TQDM_DISABLE=1 PYTHONWARNINGS=ignore
batchwise=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

main() {
    ensure_environment
    { cat examples/data/tickets.jsonl && echo "$UNKNOWN"; } > "$folder/unknown.jsonl"
    plan support examples/data/tickets.jsonl --output-tokens 120 --max-requests 70
    plan legal examples/data/contracts.jsonl
    plan cached examples/data/contracts.jsonl --output-tokens 300 --cache 12.5%
    plan search examples/data/reviews.jsonl --output-tokens 200
    plan models examples/data/models.jsonl --output-tokens 50%
    plan unknown "$folder/unknown.jsonl" --output-tokens 1
    check support
    check cached
    check support legal search
    check models unknown cached
    echo 'all reports hold'
}

# plan TEAM FILE OPTIONS: writes TEAM.json. A plan may be refused, and is reported all the same.
plan() {
    "$batchwise" plan "$2" --as-of 2026-11-21 --allow-unpriced --tag "team=$1" -q \
        -o "$folder/$1.json" "${@:3}" > "$folder/screen" || [ $? -eq 1 ]
}

# check TEAM...: the reports of these plans.
check() {
    local plans=() team
    for team in "$@"; do plans+=("$folder/$team.json"); done
    report json report.json "${plans[@]}"
    report csv report.csv "${plans[@]}"
    report focus focus.csv "${plans[@]}"
    report xlsx report.xlsx "${plans[@]}"
    report xlsx again.xlsx "${plans[@]}"
    cmp "$folder/report.xlsx" "$folder/again.xlsx"
    echo "reports of $*"
    "$venv/bin/python" scripts/reports/check-workbook.py "$folder/report.xlsx" "$folder/report.json"
    "$venv/bin/python" scripts/reports/check-focus.py "$folder/focus.csv" "$folder/report.json"
    "$venv/bin/python" scripts/reports/check-csv.py "$folder/report.csv" "$folder/report.json"
}

# report FORMAT NAME PLAN...: writes NAME. The exit code is that of the plans.
report() {
    "$batchwise" report "${@:3}" --format "$1" -o "$folder/$2" || [ $? -eq 1 ]
}

# A virtual environment with the pinned packages; made anew when they change.
ensure_environment() {
    local stamp=$venv/packages python
    python=$(find_python)
    if [ "$(cat "$stamp" 2> /dev/null)" = "${PACKAGES[*]}" ]; then
        return
    fi
    "$python" -m venv --clear "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "${PACKAGES[@]}"
    echo "${PACKAGES[*]}" > "$stamp"
}

# The first Python of 3.12 or newer.
find_python() {
    local python
    for python in ${PYTHON:-} python3.12 python3.13 python3 "$HOME"/.pyenv/versions/3.1[2-9]*/bin/python; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2> /dev/null; then
            echo "$python"
            return
        fi
    done
    echo 'focus-validator needs Python 3.12 or newer: name one in PYTHON' >&2
    return 1
}

main
