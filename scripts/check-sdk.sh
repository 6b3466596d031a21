#!/usr/bin/env bash
# Holds the simulator to the official Python SDK: the newest, which signs as a bearer and speaks 2026-10-21, and one of
# the series before, which sends X-Api-Key and speaks 2023-06-01. Each in a virtual environment of its own, against
# `batchwise simulate` on this machine.
#
# Exit code: 0 both agree, else not. Needs Python 3.10 or newer; makes the environments in the target folder on the first
# run, and needs no network after that. Where PyPI cannot be reached it says so and does nothing, unless CI is true.
set -euo pipefail
cd "$(dirname "$0")/.."

VERSIONS=(2.11.0 0.125.0)
target=${CARGO_TARGET_DIR:-target}

main() {
    cargo build --quiet --locked -p batchwise
    for version in "${VERSIONS[@]}"; do
        ensure_environment "$version" || give_up
        "$target/sdk-venv-$version/bin/python" scripts/check-sdk.py "$target/debug/batchwise"
    done
}

# A virtual environment with one version of the SDK.
ensure_environment() {
    local venv=$target/sdk-venv-$1
    if [ -e "$venv/complete" ]; then
        return
    fi
    python3 -m venv --clear "$venv" &&
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "anthropic==$1" &&
        touch "$venv/complete"
}

give_up() {
    if [ "${CI:-}" = true ]; then
        echo 'the official SDK could not be installed' >&2
        exit 1
    fi
    echo 'skipped: the official SDK could not be installed, so the simulator was not held to it' >&2
    exit 0
}

main
