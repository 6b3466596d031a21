#!/usr/bin/env python3
"""Counts the instructions that small fixed workloads take, and compares them with those recorded: a guard against
slowness that needs no clock, so it says the same on a busy machine.

    scripts/instructions.py [--record]

Each workload runs once in valgrind's callgrind, on one thread. Instructions are not time: they say nothing of waiting,
of the cache or of a second thread, and vector instructions do more work each. But of the same compiler and the same
code they are the same to a few in a thousand, so 5 % more is the doing of a change. They depend on the compiler and
on the libraries: where the recorded compiler is another one, the script says so. --record writes the numbers to
benches/instructions.json, which is committed with the change that explains them.

Exit code: 0 within 5 % or below, 1 above, 2 could not compare.
Needs Python 3.11 or newer, cargo and valgrind.
"""

import argparse
import hashlib
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from whole_process import ROOT, CannotMeasure, build

RECORD = ROOT / "benches/instructions.json"
TOLERANCE = 0.05
BYTES = 1_000_000

# Name -> the arguments of batchwise, and the shape of its file.
WORKLOADS = {
    "plan tickets": ("plan", "tickets"),
    "plan chats": ("plan", "chats"),
    "plan documents": ("plan", "documents"),
    "count tickets": ("count", "tickets"),
    "count chats": ("count", "chats"),
    "count documents": ("count", "documents"),
    "plan one chat": ("plan", "one"),
}
OPTIONS = {"plan": ["--as-of", "2026-11-21"], "count": []}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", action="store_true", help="write the numbers instead of comparing them")
    arguments = parser.parse_args()
    try:
        found = measure()
        if arguments.record:
            RECORD.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
            print(f"recorded in {RECORD.relative_to(ROOT)}")
            return 0
        return compare(found, json.loads(RECORD.read_text(encoding="utf-8")))
    except (CannotMeasure, OSError, ValueError, subprocess.CalledProcessError) as error:
        print(f"cannot compare: {error}", file=sys.stderr)
        return 2


def measure() -> dict:
    program = build("batchwise", "batchwise")
    maker = build("batchwise-benches", "workload")
    with tempfile.TemporaryDirectory() as folder:
        digests = {shape: write_file(maker, Path(folder), shape) for shape in ("tickets", "chats", "documents")}
        first = (Path(folder) / "chats.jsonl").read_bytes().split(b"\n", 1)[0]
        (Path(folder) / "one.jsonl").write_bytes(first + b"\n")
        instructions = {
            name: count(program, Path(folder), command, shape) for name, (command, shape) in WORKLOADS.items()
        }
    return {
        "architecture": platform.machine(),
        "compiler": said(["rustc", "--version"]),
        "valgrind": said(["valgrind", "--version"]),
        "files": digests,
        "instructions": instructions,
    }


def write_file(maker: Path, folder: Path, shape: str) -> str:
    """Writes the workload; its SHA-256."""
    content = subprocess.run([str(maker), shape, str(BYTES)], check=True, stdout=subprocess.PIPE).stdout
    (folder / f"{shape}.jsonl").write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def count(program: Path, folder: Path, command: str, shape: str) -> int:
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    arguments = [command, f"{shape}.jsonl", "--format", "json", "--threads", "1", *OPTIONS[command]]
    answer = subprocess.run(
        [*valgrind, str(program), *arguments],
        cwd=folder,
        # The size of the environment moves the stack, and what is in it could change what is done.
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    collected = re.search(r"Collected : (\d+)", answer.stderr)
    if answer.returncode != 0 or collected is None:
        raise CannotMeasure(f"batchwise {' '.join(arguments)}: exit code {answer.returncode}\n{answer.stderr[-2000:]}")
    return int(collected[1])


def said(command: list[str]) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def compare(found: dict, recorded: dict) -> int:
    if found["architecture"] != recorded["architecture"]:
        raise CannotMeasure(f"recorded on {recorded['architecture']}, and this is {found['architecture']}")
    if found["files"] != recorded["files"]:
        raise CannotMeasure("the files are others than those recorded (examples/data changed?): record anew")
    for tool in ("compiler", "valgrind"):
        if found[tool] != recorded[tool]:
            print(f"warning: recorded with {recorded[tool]}, and this is {found[tool]}: numbers may differ")
    print("| workload | recorded, millions | now | change |\n|---|--:|--:|--:|")
    above, below = [], []
    for name, instructions in found["instructions"].items():
        before = recorded["instructions"].get(name)
        if before is None:
            raise CannotMeasure(f"nothing is recorded of `{name}`: record anew")
        change = instructions / before - 1
        print(f"| {name} | {before / 1e6:.1f} | {instructions / 1e6:.1f} | {change:+.1%} |")
        above += [name] * (change > TOLERANCE)
        below += [name] * (change < -TOLERANCE)
    if below:
        print(f"fewer instructions for {', '.join(below)}: record anew with --record, so that they stay so few")
    if above:
        print(f"more instructions for {', '.join(above)}: more than {TOLERANCE:.0%} above those recorded")
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())
