#!/usr/bin/env python3
"""Times `batchwise plan` against the size of the file and the number of threads; writes a table and a chart.

    scripts/scaling.py POOLS [--shape chats] [--sizes 1,10,100,1000,3000] [--threads 1,2] [--chart docs/scaling.svg]

POOLS is a folder of text files, see scripts/request_files.py. Sizes are in MB of 10^6 bytes. The largest file is
made first, in the target folder, with an id of its own for each request and texts that hardly repeat; the others are
its beginning. All stay there for the next run: delete `scaling` in the target folder to have them made anew.

Each time is that of a new process with the file in the page cache, the median of up to five runs, or as many as fit
into half a minute; user is the processor time in the program, which other work on the machine disturbs least.

Needs Python 3.11 or newer and cargo.
"""

import argparse
import math
import subprocess
import sys
from pathlib import Path

import request_files
from whole_process import ROOT, CannotMeasure, Took, build, conditions, median, run, target, warm

RUNS_MAX = 5
SECONDS_MAX = 30
# Bytes in which the end of a line is looked for.
LINE_BYTES_MAX = 100_000_000

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 620, 40, 340
# Seen on white and on black alike; lines also differ by their marks and their dashes.
INK, GRID = "#7d8590", "#7d859055"
COLOURS = ["#2f81f7", "#d9730d", "#2da44e", "#a371f7"]
DASHES = ["none", "7 4", "2 3", "9 3 2 3"]


def main() -> int:
    arguments = parse_arguments()
    try:
        program = build("batchwise", "batchwise")
        files = make_files(arguments)
        seconds = {}
        print_header(arguments.threads)
        for file in files.values():
            size = warm(file) / 1e6
            took = [time(program, file, threads) for threads in arguments.threads]
            print_row(size, took)
            seconds[size] = [one.seconds for one in took]
        print(f"\n{conditions()}")
        arguments.chart.write_text(draw(seconds, arguments.threads, arguments.shape), encoding="utf-8")
    except (CannotMeasure, OSError, subprocess.CalledProcessError) as error:
        print(f"cannot measure: {error}", file=sys.stderr)
        return 2
    return 0


def parse_arguments() -> argparse.Namespace:
    def numbers(text: str) -> list[int]:
        return sorted(int(number) for number in text.split(","))

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pools", type=Path, metavar="POOLS")
    parser.add_argument("--shape", choices=request_files.SHAPES, default="chats")
    parser.add_argument("--sizes", type=numbers, default=[1, 10, 100, 1000, 3000], metavar="MB,...")
    parser.add_argument("--threads", type=numbers, default=[1, 2], metavar="N,...")
    parser.add_argument("--chart", type=Path, default=ROOT / "docs/scaling.svg", metavar="FILE")
    return parser.parse_args()


# The files


def make_files(arguments: argparse.Namespace) -> dict[int, Path]:
    folder = target() / "scaling"
    folder.mkdir(parents=True, exist_ok=True)
    files = {size: folder / f"{arguments.shape}-{size}.jsonl" for size in arguments.sizes}
    largest = files[max(files)]
    for size, file in sorted(files.items(), reverse=True):
        if file.exists():
            continue
        # A file that is only half there must not be taken for a whole one by the next run.
        partial = file.with_suffix(".partial")
        if file == largest:
            request_files.write(partial, arguments.pools, arguments.shape, size * 10**6)
        else:
            copy_beginning(largest, partial, size * 10**6)
        partial.rename(file)
    return files


def copy_beginning(source: Path, to: Path, size: int) -> None:
    """The first `size` bytes and the rest of the line that they end in."""
    with open(source, "rb") as content, open(to, "wb") as beginning:
        left = size
        while left > 0:
            piece = content.read(min(left, 1 << 20))
            if not piece:
                return
            beginning.write(piece)
            left -= len(piece)
        beginning.write(content.readline(LINE_BYTES_MAX))


# The times


def time(program: Path, file: Path, threads: int) -> Took:
    command = [str(program), "plan", str(file), "--format", "json", "--threads", str(threads)]
    runs = [run(command)]
    while len(runs) < RUNS_MAX and sum(one.seconds for one in runs) + runs[-1].seconds < SECONDS_MAX:
        runs.append(run(command))
    return median(runs)


def print_header(threads: list[int]) -> None:
    print("| MB | " + " | ".join(f"{described(count)}, s | user | MB/s" for count in threads) + " | speed-up |")
    print("|--:|" + "--:|--:|--:|" * len(threads) + "--:|", flush=True)


def print_row(size: float, took: list[Took]) -> None:
    cells = " | ".join(f"{one.seconds:.3g} | {one.user_seconds:.3g} | {size / one.seconds:.3g}" for one in took)
    print(f"| {size:,.1f} | {cells} | {took[0].seconds / took[-1].seconds:.2f} |", flush=True)


def described(threads: int) -> str:
    return "1 thread" if threads == 1 else f"{threads} threads"


# The chart: seconds against megabytes, a step of ten as wide as it is high


def draw(seconds: dict[float, list[float]], threads: list[int], shape: str) -> str:
    sizes = sorted(seconds)
    times = [time for row in seconds.values() for time in row]
    across = Axis(sizes[0], sizes[-1], LEFT, RIGHT)
    up = Axis(min(times), max(times), BOTTOM, TOP)
    parts = [frame(across, up)]
    for index, count in enumerate(threads):
        points = [(across.at(size), up.at(seconds[size][index])) for size in sizes]
        parts.append(series(index, described(count), points))
    said = "; ".join(
        f"{size:,.0f} MB in " + " and ".join(f"{one:.2g} s with {described(n)}" for one, n in zip(seconds[size], threads))
        for size in sizes
    )
    title = f"Seconds for a plan against the size of the file ({shape}), both on logarithmic scales"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="title description" font-family="sans-serif" font-size="13" fill="{INK}">\n'
        f'<title id="title">{title}</title>\n<desc id="description">{said}.</desc>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


class Axis:
    """From powers of ten to powers of ten, onto `start` to `end` of the picture."""

    def __init__(self, least: float, most: float, start: int, end: int) -> None:
        self.low = math.floor(math.log10(least))
        self.high = max(self.low + 1, math.ceil(math.log10(most)))
        self.start, self.end = start, end

    def at(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self.low, self.high + 1)]


def frame(across: Axis, up: Axis) -> str:
    parts = []
    for value in across.ticks():
        x = across.at(value)
        parts.append(f'<line x1="{x}" y1="{TOP}" x2="{x}" y2="{BOTTOM}" stroke="{GRID}"/>')
        parts.append(f'<text x="{x}" y="{BOTTOM + 20}" text-anchor="middle">{value:,.6g}</text>')
    for value in up.ticks():
        y = up.at(value)
        parts.append(f'<line x1="{LEFT}" y1="{y}" x2="{RIGHT}" y2="{y}" stroke="{GRID}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{value:,.6g}</text>')
    parts.append(f'<text x="{(LEFT + RIGHT) / 2}" y="{BOTTOM + 44}" text-anchor="middle">megabytes</text>')
    parts.append(f'<text x="{LEFT - 8}" y="{TOP - 16}" text-anchor="end">seconds</text>')
    return "\n".join(parts)


def series(index: int, name: str, points: list[tuple[float, float]]) -> str:
    colour, dashes = COLOURS[index % len(COLOURS)], DASHES[index % len(DASHES)]
    line = " ".join(f"{x},{y}" for x, y in points)
    marks = "".join(f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>' for x, y in points)
    y = TOP + 20 + 22 * index
    key = f'<line x1="{LEFT + 16}" y1="{y}" x2="{LEFT + 56}" y2="{y}" stroke="{colour}" stroke-width="2" '
    return (
        f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>\n'
        f'{marks}\n{key}stroke-dasharray="{dashes}"/>\n<text x="{LEFT + 64}" y="{y + 4}">{name}</text>'
    )


if __name__ == "__main__":
    sys.exit(main())
