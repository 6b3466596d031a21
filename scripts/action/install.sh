#!/usr/bin/env bash
# Builds batchwise from the action's own sources into $BATCHWISE_ROOT, unless the cache has brought one that runs, and puts
# it on the PATH of the next steps.
set -euo pipefail

if ! "$BATCHWISE_ROOT/bin/batchwise" --version > /dev/null 2>&1; then
    CARGO_TARGET_DIR=$RUNNER_TEMP/batchwise-target \
        cargo install --locked --path "$GITHUB_ACTION_PATH/crates/batchwise" --root "$BATCHWISE_ROOT" --force
fi
printf '%s\n' "$BATCHWISE_ROOT/bin" >> "$GITHUB_PATH"
