#!/usr/bin/env python3
"""Races `batchwise plan` against other ways to know what a file of requests comes to, on the same file in one run.

    scripts/compare-peers.py FILE...
    scripts/compare-peers.py --pools DIR [--shapes tickets,chats,documents] [--megabytes N]

With --pools, the files are made of the texts in that folder first; see scripts/request_files.py.

batchwise and `straightforward` (benches/src/straightforward.rs) are whole processes over the whole file, which is in
the page cache; they run in turn, and the median counts. The Python packages get lines spread evenly over the file, at
most 2,000 and so many megabytes as their row says, and their time is extrapolated by bytes; importing them, loading
vocabularies and the first line are not counted, reading JSON is. What is compared is time: none of the peers says how
sure its number is, prices cached prefixes, checks limits or makes batches. User is the processor time in the program,
over all threads; other work on the machine disturbs it less than seconds.

Exit code: 0 all measured, 2 could not measure. A peer that cannot run is a row that says why.
Needs cargo and Python 3.12. Makes a virtual environment in the target folder on the first run, for which it needs the
package index; after that nothing is fetched: the vocabulary of tiktoken is the one in the source of tiktoken-rs,
litellm brings its tokenizer for Claude and ctok its own.
"""

import argparse
import itertools
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import request_files
from whole_process import CannotMeasure, Took, build, conditions, median, metadata, run, target, warm

VERSIONS = {"tiktoken": "0.14.0", "litellm": "1.106.2", "ctok": "1.3.0"}
LINES_MAX = 2_000
# What a peer gets of a file: enough for ten seconds or so.
SAMPLE_BYTES_MAX = {"tiktoken": 20_000_000, "litellm": 10_000_000, "ctok": 2_000_000}
THREADS = {"tiktoken": 2, "litellm": 1, "ctok": 1}
TIKTOKEN_LINES_AT_ONCE = 100

# What batchwise has to be at least so many times faster than, by peer.
TARGETS = {"straightforward": 8, "litellm": 40, "ctok": 150}

# Where tiktoken looks for o200k_base among the files it has fetched: the SHA-1 of the address. It checks the content.
O200K_FETCHED = "fb374d419588a4632f3f557e76b4b70aebbca790"


@dataclass(frozen=True)
class Row:
    """One way, with the time it takes for the whole file, or why there is none."""

    peer: str
    threads: int
    took: Took | None
    note: str = ""


def main() -> int:
    arguments = parse_arguments()
    if arguments.peer:
        print(json.dumps(count_with(arguments.peer, arguments.files[0])))
        return 0
    try:
        python = environment(arguments.python)
        batchwise = build("batchwise", "batchwise")
        straightforward = build("batchwise-benches", "straightforward")
        for file in arguments.files or make_files(arguments):
            size = warm(file)
            rows = list(race(file, size, batchwise, straightforward, python, arguments.runs))
            print_table(file, size, rows)
        print_versions(python)
        print(conditions())
    except (CannotMeasure, OSError, subprocess.CalledProcessError) as error:
        print(f"cannot measure: {error}", file=sys.stderr)
        return 2
    return 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument("--pools", type=Path, metavar="DIR", help="a folder of text files, to make FILEs of")
    parser.add_argument("--shapes", default="tickets,chats,documents", metavar="NAMES")
    parser.add_argument("--megabytes", type=int, default=250, metavar="N", help="of each file that is made")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="of the two Rust programs; the others run once")
    parser.add_argument("--python", metavar="PATH", help="a Python 3.12, where none is found by itself")
    parser.add_argument("--peer", choices=VERSIONS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if bool(arguments.files) == bool(arguments.pools):
        parser.error("give files or --pools DIR")
    return arguments


def make_files(arguments: argparse.Namespace) -> list[Path]:
    folder = target() / "peers"
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for shape in arguments.shapes.split(","):
        files.append(folder / f"{shape}.jsonl")
        request_files.write(files[-1], arguments.pools, shape, arguments.megabytes * 10**6)
    return files


# The race


def race(file: Path, size: int, batchwise: Path, straightforward: Path, python: Path | str, runs: int):
    for threads in (1, 2):
        rivals = {"batchwise": plan(batchwise, file, threads)}
        rivals["straightforward"] = [str(straightforward), str(file), str(threads)]
        # In turn, so that what else goes on disturbs both alike.
        rounds = [[run(command) for command in rivals.values()] for _ in range(runs)]
        for name, took in zip(rivals, zip(*rounds)):
            yield Row(name, threads, median(list(took)))
    if isinstance(python, str):
        yield from (Row(peer, THREADS[peer], None, python) for peer in VERSIONS)
        return
    with open(file, "rb") as lines:
        count = sum(1 for _ in lines)
    for peer in VERSIONS:
        yield measured_sample(peer, file, size, count, python)


def plan(batchwise: Path, file: Path, threads: int) -> list[str]:
    options = ["--tokenizer", "claude", "--format", "json", "--threads", str(threads)]
    return [str(batchwise), "plan", str(file), *options]


def measured_sample(peer: str, file: Path, size: int, count: int, python: Path) -> Row:
    sample = target() / "peers" / "sample.jsonl"
    sample.parent.mkdir(parents=True, exist_ok=True)
    taken, lines = write_sample(file, size, count, sample, SAMPLE_BYTES_MAX[peer])
    command = [str(python), __file__, "--peer", peer, str(sample)]
    answer = subprocess.run(command, env=offline(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if answer.returncode != 0:
        return Row(peer, THREADS[peer], None, answer.stderr.strip().splitlines()[-1][:200])
    found = json.loads(answer.stdout.splitlines()[-1])
    factor = size / taken
    took = Took(found["seconds"] * factor, found["user_seconds"] * factor)
    note = f"sample of {taken / 1e6:.1f} MB, {lines} lines; {found['tokens'] * factor:,.0f} tokens"
    return Row(peer, THREADS[peer], took, f"{note}; {found['note']}")


def write_sample(file: Path, size: int, count: int, sample: Path, bytes_max: int) -> tuple[int, int]:
    """Every so-manieth line, at least one; the bytes and lines taken."""
    wanted = max(1, min(LINES_MAX, count, count * bytes_max // size))
    chosen = {index * count // wanted for index in range(wanted)}
    with open(file, "rb") as lines, open(sample, "wb") as taken:
        for index, line in enumerate(lines):
            if index in chosen:
                taken.write(line)
        return taken.tell(), len(chosen)


# The environment of the Python packages


def environment(wanted: str | None) -> Path | str:
    """The Python that has the packages, or why there is none."""
    venv = target() / "peers-venv"
    python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if installed(python) == VERSIONS:
        return python
    outer = find_python(wanted)
    if outer is None:
        return "not measured: no Python 3.12 was found; name one with --python PATH"
    subprocess.run([outer, "-m", "venv", "--clear", str(venv)], check=True)
    packages = [f"{name}=={version}" for name, version in VERSIONS.items()]
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
    answer = subprocess.run(pip, stderr=subprocess.PIPE, text=True)
    if answer.returncode != 0:
        shutil.rmtree(venv, ignore_errors=True)
        return f"not measured: pip cannot install it: {answer.stderr.strip().splitlines()[-1][:150]}"
    return python


def installed(python: Path) -> dict[str, str] | None:
    names = list(VERSIONS)
    ask = f"import importlib.metadata as m, json; print(json.dumps({{name: m.version(name) for name in {names}}}))"
    answer = asked(str(python), ask)
    return json.loads(answer) if answer else None


def find_python(wanted: str | None) -> str | None:
    for candidate in [wanted] if wanted else [sys.executable, "python3.12", "python3"]:
        if asked(candidate, "import sys; print(*sys.version_info[:2])") == "3 12":
            return candidate
    return None


def asked(python: str, program: str) -> str | None:
    """What the program prints, or None where it does not run."""
    try:
        answer = subprocess.run([python, "-c", program], capture_output=True, text=True)
    except OSError:
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def offline() -> dict[str, str]:
    """Nothing is fetched while counting."""
    fetched = target() / "peers" / "tiktoken"
    fetched.mkdir(parents=True, exist_ok=True)
    crates = metadata("--locked")["packages"]
    source = next(Path(crate["manifest_path"]).parent for crate in crates if crate["name"] == "tiktoken-rs")
    vocabulary = source / "assets/o200k_base.tiktoken"
    if vocabulary.exists():
        shutil.copyfile(vocabulary, fetched / O200K_FETCHED)
    own = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "HF_HUB_OFFLINE": "1", "TIKTOKEN_CACHE_DIR": str(fetched)}
    return {**os.environ, **own}


# Inside that environment: one peer over a sample


def count_with(peer: str, sample: Path) -> dict:
    lines = sample.read_bytes().splitlines()
    count, note = {"tiktoken": with_tiktoken, "litellm": with_litellm, "ctok": with_ctok}[peer]()
    # What is loaded or compiled on first use is not counted.
    count(lines[:1])
    started, user_started = time.perf_counter(), os.times().user
    tokens = count(lines)
    seconds, user_seconds = time.perf_counter() - started, os.times().user - user_started
    return {"seconds": seconds, "user_seconds": user_seconds, "tokens": tokens, "note": note}


def with_tiktoken() -> tuple[Callable[[list[bytes]], int], str]:
    import tiktoken

    encoding = tiktoken.get_encoding("o200k_base")

    def count(lines: list[bytes]) -> int:
        total = 0
        for some in itertools.batched(lines, TIKTOKEN_LINES_AT_ONCE):
            batch = [text for line in some for text in texts(json.loads(line))]
            total += sum(map(len, encoding.encode_ordinary_batch(batch, num_threads=THREADS["tiktoken"])))
        return total

    return count, "`encode_ordinary_batch`, o200k_base"


def with_litellm() -> tuple[Callable[[list[bytes]], int], str]:
    import litellm

    def count(lines: list[bytes]) -> int:
        return sum(request_tokens(litellm, json.loads(line)["params"]) for line in lines)

    return count, "`token_counter`, `claude-sonnet-4-6`"


def request_tokens(litellm, params: dict) -> int:
    """litellm takes a system prompt as a message, and no documents: their texts are counted as such."""
    model = "claude-sonnet-4-6"
    if any(is_document(block) for message in params["messages"] for block in message["content"]):
        return litellm.token_counter(model=model, text="\n".join(texts({"params": params})))
    system = [{"role": "system", "content": params["system"]}] if "system" in params else []
    messages = system + params["messages"]
    return litellm.token_counter(model=model, messages=messages, tools=params.get("tools"))


def is_document(block) -> bool:
    return isinstance(block, dict) and block.get("type") == "document"


def with_ctok() -> tuple[Callable[[list[bytes]], int], str]:
    from ctok import token_count

    def count(lines: list[bytes]) -> int:
        requests = map(json.loads, lines)
        return sum(token_count(text, version(request)) for request in requests for text in texts(request))

    return count, "`token_count` of each text"


def version(request: dict) -> str:
    """The version that batchwise takes for the models of scripts/request_files.py."""
    return "4.8" if request["params"]["model"] == "claude-opus-4-8" else "3.0"


def texts(request: dict) -> list[str]:
    """The texts of prompt, tools and messages."""
    params = request["params"]
    found = []
    for part in ("system", "tools", "messages"):
        collect(params.get(part), found)
    return found


def collect(value, found: list[str]) -> None:
    match value:
        case str():
            found.append(value)
        case list():
            for item in value:
                collect(item, found)
        case dict():
            for key, item in value.items():
                if key not in ("role", "type", "media_type"):
                    collect(item, found)


# The table


def print_table(file: Path, size: int, rows: list[Row]) -> None:
    ours = {row.threads: row.took for row in rows if row.peer == "batchwise"}
    print(f"\n{file.name}, {size / 1e6:.0f} MB:\n")
    print("| what | threads | seconds | user | MB/s | times batchwise | by user | target | note |")
    print("|---|--:|--:|--:|--:|--:|--:|---|---|")
    for row in rows:
        print(f"| {row.peer} | {row.threads} | {cells(row, size, ours[row.threads])} | {row.note} |")
    sys.stdout.flush()


def cells(row: Row, size: int, ours: Took) -> str:
    if row.took is None:
        return "– | – | – | – | – | –"
    ratio = row.took.seconds / ours.seconds
    processor_ratio = row.took.user_seconds / ours.user_seconds
    least = TARGETS.get(row.peer)
    verdict = "–" if least is None else f"{least}: {'met' if ratio >= least else 'missed'}"
    speed = size / 1e6 / row.took.seconds
    return (
        f"{row.took.seconds:.3g} | {row.took.user_seconds:.3g} | {speed:.3g} | {ratio:.3g} | {processor_ratio:.3g} "
        f"| {verdict}"
    )


def print_versions(python: Path | str) -> None:
    peers = ", ".join(f"{name} {version}" for name, version in VERSIONS.items())
    crates = {crate["name"]: crate["version"] for crate in metadata("--locked")["packages"]}
    ours = f"batchwise {crates['batchwise']}, tiktoken-rs {crates['tiktoken-rs']}, serde_json {crates['serde_json']}"
    interpreter = None if isinstance(python, str) else asked(str(python), "import sys; print(sys.version.split()[0])")
    print(f"\n{ours}; {peers} (Python {interpreter or 'not found'}).")


if __name__ == "__main__":
    sys.exit(main())
