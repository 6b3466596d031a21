#!/usr/bin/env python3
"""Times `batchwise plan` as a whole process on each file, and on its first ten lines; prints a Markdown table.

    scripts/time-plan.py [--runs N] [--tokenizers claude,tiktoken,bytes] FILE...

Seconds are the median of the runs, each of a new process, with the file in the page cache; MB are 10^6 bytes; user is
the processor time in the program, which other work on the machine disturbs least. Memory is the peak of resident
memory, and of that what belongs to no file (`VmHWM` and `RssAnon` of /proc, sampled each millisecond in one more run;
Linux only): a file that is mapped counts for the first as far as it stays in memory, but can be dropped at any time.

Needs Python 3.11 or newer and cargo.
"""

import argparse
import itertools
import sys
import tempfile
from pathlib import Path

from whole_process import CannotMeasure, build, conditions, median_of, peak, warm

THREADS = (1, 2)
FEW_LINES = 10
# A process of a few milliseconds is measured often: its time varies more, and the sampling may miss its peak.
FEW_LINES_RUNS = 20


def main() -> int:
    arguments = parse_arguments()
    try:
        program = build("batchwise", "batchwise")
        print("| file | tokenizer | threads | seconds | user | MB/s | peak, MB | of no file, MB |")
        print("|---|---|--:|--:|--:|--:|--:|--:|")
        for file in arguments.files:
            for tokenizer, threads in itertools.product(arguments.tokenizers.split(","), THREADS):
                print_row(program, file, file.name, tokenizer, threads, arguments.runs, peak_runs=1)
        with tempfile.TemporaryDirectory() as folder:
            for file in arguments.files:
                few = first_lines(file, Path(folder))
                for tokenizer in arguments.tokenizers.split(","):
                    name = f"{file.name}, {FEW_LINES} lines"
                    print_row(program, few, name, tokenizer, 1, FEW_LINES_RUNS, peak_runs=FEW_LINES_RUNS)
        print(f"\n{conditions()}")
    except (CannotMeasure, OSError) as error:
        print(f"cannot measure: {error}", file=sys.stderr)
        return 2
    return 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--runs", type=int, default=3, metavar="N")
    parser.add_argument("--tokenizers", default="claude,tiktoken,bytes", metavar="NAMES")
    return parser.parse_args()


def print_row(
    program: Path, file: Path, name: str, tokenizer: str, threads: int, runs: int, peak_runs: int
) -> None:
    command = [str(program), "plan", str(file), "--format", "json", "--tokenizer", tokenizer]
    command += ["--threads", str(threads)]
    size = warm(file)
    took = median_of(runs, command)
    memory = peak(peak_runs, command)
    print(
        f"| {name} | {tokenizer} | {threads} | {took.seconds:.3g} | {took.user_seconds:.3g} "
        f"| {size / 1e6 / took.seconds:.3g} | {megabytes(memory.resident)} | {megabytes(memory.anonymous)} |",
        flush=True,
    )


def megabytes(count: int | None) -> str:
    return "–" if count is None else f"{count / 1e6:.1f}"


def first_lines(file: Path, folder: Path) -> Path:
    few = folder / f"few-{file.name}"
    with open(file, "rb") as lines:
        few.write_bytes(b"".join(itertools.islice(lines, FEW_LINES)))
    return few


if __name__ == "__main__":
    sys.exit(main())
