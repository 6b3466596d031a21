#!/usr/bin/env bash
# Times `batchwise plan` as a whole process on each FILE and prints a Markdown table: the median of three
# runs, MB/s (10^6 bytes), and the peak of resident memory. Needs cargo and python3.
set -euo pipefail
if [ $# -eq 0 ]; then
    echo "usage: scripts/time-plan.sh FILE..." >&2
    exit 2
fi
manifest="$(dirname "$0")/../Cargo.toml"
cargo build --release --quiet --manifest-path "$manifest" -p batchwise
target=$(cargo metadata --format-version 1 --no-deps --manifest-path "$manifest" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')

exec python3 - "$target/release/batchwise" "$@" <<'PYTHON'
import os, statistics, subprocess, sys, time

program, *files = sys.argv[1:]
RUNS = 3


def run(arguments):
    """Seconds, and the peak of resident memory in bytes."""
    started = time.perf_counter()
    process = subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    complaints = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"batchwise {' '.join(arguments)}: exit code {process.returncode}\n{complaints.decode()}")
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, usage.ru_maxrss * unit


print("| file | tokenizer | threads | seconds | MB/s | peak memory, MB |")
print("|---|---|--:|--:|--:|--:|")
for file in files:
    size = os.path.getsize(file)
    with open(file, "rb") as content:  # into the page cache
        while content.read(1 << 20):
            pass
    for tokenizer in ["claude", "tiktoken", "bytes"]:
        for threads in [1, 2]:
            arguments = ["plan", file, "--format", "json", "--tokenizer", tokenizer, "--threads", str(threads)]
            runs = [run(arguments) for _ in range(RUNS)]
            seconds = statistics.median(seconds for seconds, _ in runs)
            peak = max(peak for _, peak in runs)
            print(f"| {os.path.basename(file)} | {tokenizer} | {threads} | {seconds:.2f} "
                  f"| {size / 1e6 / seconds:.0f} | {peak / 1e6:.0f} |", flush=True)
PYTHON
