#!/usr/bin/env python3
"""Times `batchwise check` against `batchwise plan` as whole processes; prints a Markdown table.

    scripts/time-check.py [--runs N] [--threads N] FILE...

Both run in turn; the ratio is that of their medians. The file is in the page cache. Needs Python 3.11 or newer and cargo.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from whole_process import CannotMeasure, build, conditions, median, run, warm


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--runs", type=int, default=5, metavar="N")
    parser.add_argument("--threads", type=int, default=2, metavar="N")
    arguments = parser.parse_args()
    try:
        program = build("batchwise", "batchwise")
        print("| file | findings | plan, s | user | check, s | user | check / plan | by user |")
        print("|---|--:|--:|--:|--:|--:|--:|--:|")
        for file in arguments.files:
            print_row(program, file, arguments)
        print(f"\n{conditions()}")
    except (CannotMeasure, OSError) as error:
        print(f"cannot measure: {error}", file=sys.stderr)
        return 2
    return 0


def print_row(program: Path, file: Path, arguments: argparse.Namespace) -> None:
    common = [str(file), "--format", "json", "-q", "--threads", str(arguments.threads)]
    plan = [str(program), "plan", *common]
    check = [str(program), "check", *common, "--no-policy", "--exit-zero"]
    warm(file)
    runs = [(run(plan), run(check)) for _ in range(arguments.runs)]
    planned, checked = (median([pair[which] for pair in runs]) for which in (0, 1))
    counts = json.loads(subprocess.run(check, capture_output=True, check=True).stdout)["counts"]
    print(
        f"| {file.stem} | {sum(counts.values()):,} | {planned.seconds:.3g} | {planned.user_seconds:.3g} "
        f"| {checked.seconds:.3g} | {checked.user_seconds:.3g} | {checked.seconds / planned.seconds:.2f} "
        f"| {checked.user_seconds / planned.user_seconds:.2f} |",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
