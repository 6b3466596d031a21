#!/usr/bin/env bash
# Opens HTML reports of example plans in headless Chromium: no complaint and no request over the network, the calculator's
# figures are those of new plans with the same terms, and without scripts all tables are there. Pages of comparisons show the
# figures of their tables and run nothing. No page is wider than a phone.
#
# Usage: check-html-report.sh BATCHWISE. Exit code: 0 all hold, else not. Needs python3 and Chromium (CHROMIUM names one); as
# root with apt-get it installs Debian's. Where there is none and CI is not `true`, it says so and passes. Screenshots go to
# the target folder.
set -euo pipefail
cd "$(dirname "$0")/.."

# A request that has no price.
UNKNOWN='{"custom_id":"x","params":{"model":"unknown","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}}'
batchwise=$(realpath "$1")
screens=${CARGO_TARGET_DIR:-target}/html-report
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

main() {
    local chromium
    if ! chromium=$(find_chromium); then
        if [ "${CI:-}" = true ]; then
            echo 'no Chromium, and none can be installed' >&2
            return 1
        fi
        echo 'skipped: HTML reports were opened in no browser, as there is no Chromium'
        return
    fi
    mkdir -p "$screens"
    { cat examples/data/models.jsonl && echo "$UNKNOWN"; } > "$folder/unknown.jsonl"
    python3 scripts/reports/check-page.py "$batchwise" "$chromium" "$folder" "$screens"
}

# The browser's command; installs it where that is possible.
find_chromium() {
    local name
    for name in ${CHROMIUM:-} chromium chromium-browser google-chrome; do
        if command -v "$name"; then
            return
        fi
    done
    if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
        export DEBIAN_FRONTEND=noninteractive
        { apt-get update -q && apt-get install -q -y --no-install-recommends chromium fonts-dejavu-core; } >&2
        command -v chromium
        return
    fi
    return 1
}

main
