#!/usr/bin/env bash
# Decides where batchwise comes from, by $BATCHWISE_INSTALL: auto, build or path.
#
# Tells the next steps through $GITHUB_OUTPUT: `build` (true or false), `root` (the folder to install into) and `key` (its
# name in the cache, which changes with the sources and the system).
set -euo pipefail

main() {
    case $BATCHWISE_INSTALL in
        build) plan_build ;;
        path) is_on_path || stop 'there is no batchwise with `check` on the PATH; install it, or use `install: auto`' ;;
        auto) is_on_path || plan_build ;;
        *) stop '`install` is auto, build or path' ;;
    esac
}

is_on_path() {
    batchwise check --help > /dev/null 2>&1 && printf 'build=false\n' >> "$GITHUB_OUTPUT"
}

plan_build() {
    command -v cargo > /dev/null || stop 'neither batchwise nor cargo is on the PATH'
    local key
    key=$(sources | git hash-object --stdin)
    {
        printf 'build=true\n'
        printf 'root=%s\n' "$RUNNER_TEMP/batchwise"
        printf 'key=batchwise-%s-%s-%s\n' "$(uname -sm | tr ' ' -)" "${ImageOS:-any}" "$key"
    } >> "$GITHUB_OUTPUT"
}

# Everything that a build depends on.
sources() {
    cd "$GITHUB_ACTION_PATH"
    find Cargo.toml Cargo.lock NOTICE crates pricing -type f -print0 | LC_ALL=C sort -z | xargs -0 cat
}

stop() {
    printf '::error title=batchwise::%s\n' "$1"
    exit 2
}

main
