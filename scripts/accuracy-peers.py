#!/usr/bin/env python3
"""Compares litellm's `token_counter` with what the real API was recorded to count.

    scripts/accuracy-peers.py OBSERVATIONS.jsonl.gz

Prints rows for the first table of docs/accuracy.md, over the same sets: `accuracy --sets` says which observations
are in them. litellm is called as its users would: the recorded name of the model, the system prompt as the first
message, `messages` and `tools` as they are in the request, a reply as `text`. Nothing is fetched while counting.

Needs Python 3.11 or newer and cargo. Makes a virtual environment under target/ on the first run.
"""

import gzip
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

VERSION = "1.106.2"
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / "target" / "venv-litellm"

# litellm's own price list and tokenizers, as they come with the package.
OFFLINE = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "HF_HUB_OFFLINE": "1"}

# Images and PDFs have no row: litellm is compared on text.
LEFT_OUT_SETS = ("images in the request", "PDFs in the request")


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    ensure_environment()
    observations = Path(sys.argv[1])
    members = read_sets(observations)
    counts, failures = count_lines(observations, {line for rows in members.values() for line, _ in rows})

    for name, rows in members.items():
        pairs = [(real, counts[line]) for line, real in rows if line in counts]
        print(f"| {name} | litellm {VERSION} | {statistics_row(pairs)} | – |")
    for name, rows in members.items():
        missing = sum(1 for line, _ in rows if line not in counts)
        print(f"left out of `{name}`: {missing} of {len(rows)}", file=sys.stderr)
    for reason, number in sorted(failures.items()):
        print(f"could not count {number}: {reason}", file=sys.stderr)
    return 0


def ensure_environment() -> None:
    """Starts this script again inside a virtual environment that has the pinned package."""
    if Path(sys.prefix).resolve() == VENV.resolve():
        return
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if installed_version(python) != VERSION:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, f"litellm=={VERSION}"], check=True)
    environment = {**os.environ, **OFFLINE}
    raise SystemExit(subprocess.run([str(python), __file__, *sys.argv[1:]], env=environment).returncode)


def installed_version(python: Path) -> str | None:
    if not python.exists():
        return None
    ask = "from importlib.metadata import version; print(version('litellm'))"
    answer = subprocess.run([str(python), "-c", ask], capture_output=True, text=True)
    return answer.stdout.strip() if answer.returncode == 0 else None


def read_sets(observations: Path) -> dict[str, list[tuple[int, int]]]:
    """The line and the real tokens of each observation, by set."""
    command = "cargo run --quiet --release -p batchwise-benches --bin accuracy --".split()
    command += [str(observations.resolve()), "--sets"]
    answer = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    sets: dict[str, list[tuple[int, int]]] = {}
    for member in map(json.loads, answer.stdout.splitlines()):
        if not member["set"].endswith(LEFT_OUT_SETS):
            sets.setdefault(member["set"], []).append((member["line"], round(member["real"])))
    return sets


def count_lines(observations: Path, wanted: set[int]) -> tuple[dict[int, int], dict[str, int]]:
    """What litellm counts for each line, and how often it could not."""
    counts: dict[int, int] = {}
    failures: dict[str, int] = {}
    with gzip.open(observations, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if number not in wanted:
                continue
            try:
                counts[number] = count(json.loads(line))
            except Exception as error:  # litellm raises bare errors of many kinds
                reason = f"{type(error).__name__}: {error}"[:100]
                failures[reason] = failures.get(reason, 0) + 1
    return counts, failures


def count(observation: dict) -> int:
    from litellm import token_counter

    model = observation["model"]
    if observation["endpoint"] == "output":
        return token_counter(model=model, text=observation["response_text"])
    request = observation["request"]
    messages = request["messages"]
    if request.get("system"):
        messages = [{"role": "system", "content": request["system"]}, *messages]
    return token_counter(
        model=model, messages=messages, tools=request.get("tools"), tool_choice=tool_choice(request)
    )


def tool_choice(request: dict) -> dict | str | None:
    """In OpenAI's form, which litellm takes."""
    choice = request.get("tool_choice") or {}
    if choice.get("type") == "tool":
        return {"type": "function", "function": {"name": choice["name"]}}
    return {"any": "required"}.get(choice.get("type"), choice.get("type"))


def statistics_row(pairs: list[tuple[int, int]]) -> str:
    """The columns that `accuracy` prints, computed as it computes them."""
    if not pairs:
        return "0 | – | – | – | – | – | – | –"
    errors = [100 * (counted - real) / real for real, counted in pairs]
    sizes = sorted(map(abs, errors))
    reals, counted = (sum(column) for column in zip(*pairs))

    def within(most: int) -> float:
        return 100 * sum(1 for real, counted in pairs if abs(counted - real) <= most) / len(pairs)

    return (
        f"{len(pairs)} | {statistics.mean(sizes):.2f} | {sizes[len(sizes) // 2]:.2f} | "
        f"{sizes[len(sizes) * 9 // 10]:.2f} | {statistics.mean(errors):+.2f} | "
        f"{100 * (counted - reals) / reals:+.2f} | {within(0):.1f} | {within(1):.1f}"
    )


if __name__ == "__main__":
    sys.exit(main())
