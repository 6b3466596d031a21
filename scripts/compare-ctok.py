#!/usr/bin/env python3
"""Compares the counts of batchwise-tokenizer with those of the PyPI package ctok 1.3.0, string by string.

    scripts/compare-ctok.py [--truth FILE.jsonl.gz] [--pools DIR]
    scripts/compare-ctok.py --freeze

More than 300,000 made-up strings of all kinds are counted by both, for all three versions of the tokenizer; with
--truth, also the texts of recorded requests, with --pools, also passages of the files DIR/*.txt. The strings are
the same in each run. A difference is accepted only if scripts/ctok-known-differences.toml lists a part of the string
with a reason; a part that no longer makes a difference is an error too.

--freeze compares nothing: it writes a sample of the made-up strings, with the counts of ctok, to the test data of
the crate.

Exit code: 0 agrees, 1 unexpected or stale differences, 2 could not compare.
Needs Python 3.12, whose Unicode tables ctok uses. Makes a virtual environment in the target folder on the first run.
"""

import argparse
import gzip
import importlib.util
import itertools
import json
import multiprocessing
import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

from made_up_texts import kinds

VERSION = "1.3.0"
SEED = 20261121
ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
VENV = TARGET / "ctok-venv"
KNOWN = Path(__file__).resolve().with_name("ctok-known-differences.toml")
FROZEN = ROOT / "crates/batchwise-tokenizer/tests/data/ctok-counts.jsonl"

# Version of ctok -> the tokens of a message without its text, which ctok adds and the crate does not.
FRAMES = {"3.0": 7, "4.7": 11, "4.8": 6}
FIELDS = {"3.0": "claude_3", "4.7": "claude_4_7", "4.8": "claude_4_8"}

# Fewer would mean that a kind went missing.
STRINGS_MIN = 300_000
# A kind has run dry when so many strings in a row were seen before.
REPEATS_MAX = 10_000

FROZEN_PER_KIND = 98
FROZEN_CHARACTERS_MAX = 250

PASSAGES_PER_POOL = 2_500
TRUTH_CHARACTERS_MAX = 20_000
# Pictures, documents and ciphertext: not counted as text.
TRUTH_KEYS_LEFT_OUT = {"data", "encrypted_content", "signature", "encrypted_index"}


class CannotCompare(Exception):
    """The comparison itself is impossible."""


def main() -> int:
    arguments = parse_arguments()
    try:
        ensure_environment(arguments.python)
        texts = list(distinct(all_texts(arguments)))
        if arguments.freeze:
            return freeze(texts)
        return compare(texts)
    except (CannotCompare, OSError, subprocess.CalledProcessError, tomllib.TOMLDecodeError) as error:
        print(f"cannot compare: {error}", file=sys.stderr)
        return 2


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", metavar="PATH", help="a Python 3.12, where none is found by itself")
    parser.add_argument("--truth", type=Path, metavar="FILE", help="recorded requests, JSONL, compressed with gzip")
    parser.add_argument("--pools", type=Path, metavar="DIR", help="a folder of text files")
    parser.add_argument("--freeze", action="store_true", help="write the sample for the tests of the crate")
    return parser.parse_args()


# The environment


def ensure_environment(python: str | None) -> None:
    """Starts this script again inside a virtual environment that has the pinned package."""
    if Path(sys.prefix).resolve() != VENV.resolve():
        inner = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        if not inner.exists() or asked(str(inner), "import ctok") is None:
            subprocess.run([find_python(python), "-m", "venv", "--clear", str(VENV)], check=True)
            pip = [str(inner), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*pip, f"ctok=={VERSION}"], check=True)
        raise SystemExit(subprocess.run([str(inner), __file__, *sys.argv[1:]]).returncode)
    check_package()


def find_python(wanted: str | None) -> str:
    candidates = [wanted] if wanted else [sys.executable, "python3.12", "python3"]
    for candidate in candidates:
        if asked(candidate, "import sys; print(*sys.version_info[:2])") == "3 12":
            return candidate
    raise CannotCompare(f"{' and '.join(candidates)}: no Python 3.12; name one with --python PATH")


def asked(python: str, program: str) -> str | None:
    """What the program prints, or None where it does not run."""
    try:
        answer = subprocess.run([python, "-c", program], capture_output=True, text=True)
    except OSError:
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def check_package() -> None:
    import ctok

    path = Path(__file__).resolve().with_name("generate-vocabulary.py")
    specification = importlib.util.spec_from_file_location("generate_vocabulary", path)
    generator = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(generator)
    found = generator.package_hash(Path(ctok.__file__).parent)
    if found != generator.SHA256:
        raise CannotCompare(f"{VENV} has another package than the vocabulary was made from: its SHA-256 is {found}")


# The texts


def all_texts(arguments: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Kind and text; a text may come again."""
    if not arguments.freeze:
        if arguments.truth:
            yield from (("recorded requests", text) for text in recorded_texts(arguments.truth))
        if arguments.pools:
            yield from (("passages", text) for text in passages(arguments.pools))
    for kind, (generate, most) in kinds(vocabularies()).items():
        seen = set()
        repeats = 0
        for text in generate(Random(f"{SEED} {kind}")):
            repeats = repeats + 1 if text in seen else 0
            seen.add(text)
            if not repeats:
                yield kind, text
            if len(seen) >= most or repeats > REPEATS_MAX:
                break


def distinct(texts: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    seen = set()
    for kind, text in texts:
        if text not in seen:
            seen.add(text)
            yield kind, text


def vocabularies() -> list[list[str]]:
    """The pieces of each vocabulary as they stand in a text: without marks, and only whole characters."""
    found = []
    for name in ("claude-3.txt", "claude-4.7.txt"):
        lines = (ROOT / "crates/batchwise-tokenizer/vocabulary" / name).read_text(encoding="utf-8").split("\n")
        texts = {unmarked(line) for line in lines if "\\x" not in line}
        found.append(sorted(texts - {""}))
    return found


def unmarked(line: str) -> str:
    marks = {"\\b": "", "\\e": "", "\\s": "", "\\c": "", "\\n": "\n", "\\t": "\t", "\\_": " ", "\\\\": "\\"}
    parts = []
    at = 0
    while at < len(line):
        width = 2 if line[at] == "\\" else 1
        parts.append(marks.get(line[at : at + width], line[at : at + width]))
        at += width
    return "".join(parts)


def recorded_texts(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            observation = json.loads(line)
            yield from strings(observation.get("request"))
            yield from strings(observation.get("response_text"))


def strings(value) -> Iterator[str]:
    match value:
        case str():
            yield value[:TRUTH_CHARACTERS_MAX]
        case list():
            for item in value:
                yield from strings(item)
        case dict():
            for key, item in value.items():
                if key not in TRUTH_KEYS_LEFT_OUT:
                    yield from strings(item)
            if "input_schema" in value:
                yield json.dumps(value, ensure_ascii=False)


def passages(folder: Path) -> Iterator[str]:
    paths = sorted(folder.glob("*.txt"))
    if not paths:
        raise CannotCompare(f"{folder} has no text files")
    for path in paths:
        text = path.read_text(encoding="utf-8", errors="replace")
        random = Random(f"{SEED} {path.name}")
        for _ in range(PASSAGES_PER_POOL):
            length = int(10 ** random.uniform(1, 3.3))
            start = random.randrange(max(1, len(text) - length))
            yield text[start : start + length]


# The counts


def compare(texts: list[tuple[str, str]]) -> int:
    started = time.monotonic()
    ours = our_counts([text for _, text in texts])
    theirs = their_counts([text for _, text in texts])
    differences = [
        difference(kind, text, version, our[i], their[i])
        for (kind, text), our, their in zip(texts, ours, theirs, strict=True)
        for i, version in enumerate(FRAMES)
        if our[i] != their[i]
    ]
    stale = judge(differences, read_known())
    print_table(texts, differences)
    unexpected = [one for one in differences if not one["reason"]]
    for one in unexpected:
        print("differs: " + describe(one))
    for one in stale:
        print(f"stale entry: no text that has {one!a} differs")
    print(
        f"{len(texts)} strings, 3 versions, compared with ctok {VERSION} in {time.monotonic() - started:.0f} s: "
        f"{len(differences) - len(unexpected)} counts differ for a known reason, {len(unexpected)} differ, "
        f"{len(stale)} entries are stale"
    )
    if len(texts) < STRINGS_MIN:
        raise CannotCompare(f"fewer than {STRINGS_MIN} strings, so something was not looked at")
    return 1 if unexpected or stale else 0


def our_counts(texts: list[str]) -> list[list[int]]:
    cargo = ["cargo", "run", "--release", "--quiet", "-p", "batchwise-tokenizer", "--example", "count_lines"]
    lines = "".join(json.dumps(readable(text)) + "\n" for text in texts)
    answer = subprocess.run(cargo, cwd=ROOT, input=lines, stdout=subprocess.PIPE, text=True, check=True)
    return [[int(count) for count in line.split()] for line in answer.stdout.splitlines()]


def readable(text: str) -> str:
    """Half a surrogate pair is no text, and a JSON reader refuses it. ctok counts it as U+FFFD."""
    return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)


def their_counts(texts: list[str]) -> list[list[int]]:
    # The longest first and alone, so that none of them is left to the end.
    order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    long = sum(len(text) > 10_000 for text in texts)
    counts: list[list[int]] = [[]] * len(texts)
    with multiprocessing.Pool() as workers:
        for part, chunk in ((order[:long], 1), (order[long:], 500)):
            for i, count in zip(
                part, workers.imap(their_count, (texts[i] for i in part), chunksize=chunk), strict=True
            ):
                counts[i] = count
    return counts


def their_count(text: str) -> list[int]:
    from ctok import token_count

    return [token_count(text, version) - frame for version, frame in FRAMES.items()]


# The known differences


def difference(kind: str, text: str, version: str, ours: int, theirs: int) -> dict:
    return {"kind": kind, "text": text, "version": version, "ours": ours, "theirs": theirs, "reason": ""}


def read_known() -> dict[str, str]:
    """Part of a text -> why the counts of texts with that part may differ."""
    reasons = {}
    for entry in tomllib.loads(KNOWN.read_text(encoding="utf-8")).get("difference", []):
        if not entry.get("reason", "").strip():
            raise CannotCompare(f"{KNOWN.name}: the entry of {entry.get('contains')!a} has no reason")
        reasons |= dict.fromkeys(entry["contains"], entry["reason"])
    return reasons


def judge(differences: list[dict], known: dict[str, str]) -> list[str]:
    """Gives each known difference its reason and returns the parts that met none."""
    met = set()
    for one in differences:
        parts = [part for part in known if part in one["text"]]
        one["reason"] = known[parts[0]] if parts else ""
        met |= set(parts)
    return [part for part in known if part not in met]


def describe(one: dict) -> str:
    text = ascii(one["text"])
    shown = text if len(text) <= 300 else f"{text[:300]} ... ({len(one['text'])} characters)"
    return f"{shown}, version {one['version']}: {one['ours']} here and {one['theirs']} there"


def print_table(texts: list[tuple[str, str]], differences: list[dict]) -> None:
    rows = {kind: [0, 0, 0] for kind, _ in texts}
    for kind, text in texts:
        rows[kind][0] += 1
        rows[kind][1] += len(text.encode(errors="surrogatepass"))
    for kind, text in {(one["kind"], one["text"]) for one in differences}:
        rows[kind][2] += 1
    rows["all"] = [sum(column) for column in zip(*rows.values())]
    print("| kind | strings | bytes | strings that differ |")
    print("|---|--:|--:|--:|")
    for kind, row in rows.items():
        print(f"| {kind} | " + " | ".join(f"{number:,}" for number in row) + " |")


# The frozen sample


def freeze(texts: list[tuple[str, str]]) -> int:
    """A sample of each kind, without what no Rust string can hold and what is known to differ."""
    known = read_known()
    sample = []
    for kind, same in itertools.groupby(texts, key=lambda item: item[0]):
        short = [text for _, text in same if len(text) <= FROZEN_CHARACTERS_MAX and text == readable(text)]
        usable = [text for text in short if not any(part in text for part in known)]
        sample += Random(f"{SEED} {kind}").sample(usable, min(FROZEN_PER_KIND, len(usable)))
    counts = their_counts(sample)
    lines = [
        json.dumps({"text": text} | dict(zip(FIELDS.values(), count, strict=True))) + "\n"
        for text, count in zip(sample, counts, strict=True)
    ]
    FROZEN.parent.mkdir(parents=True, exist_ok=True)
    FROZEN.write_text("".join(lines), encoding="utf-8", newline="\n")
    print(f"{FROZEN.relative_to(ROOT)}: {len(lines)} strings, {sum(map(len, lines))} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
