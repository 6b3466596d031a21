#!/usr/bin/env python3
"""Writes the vocabulary files of the crate batchwise-tokenizer from an unpacked copy of the PyPI package ctok 1.3.0.

    python3.12 -m venv .venv && .venv/bin/pip install ctok==1.3.0
    .venv/bin/python scripts/generate-vocabulary.py .venv/lib/python3.12/site-packages

The package (MIT, Sander Land) publishes which strings the API was measured to count as one token. Those are
copied as they are. How each character is treated is found out by asking the package's public function
`marked_stream` about that character in a few surroundings.
"""

import hashlib
import sys
import unicodedata
from pathlib import Path

SHA256 = "ba754292d6c7b96f207619cf34df1147ba9c47c05ddeaf27560831c708c8d1ef"
FAMILIES = {"claude-3.txt": ("3.0", "pieces_v3.json"), "claude-4.7.txt": ("4.7", "pieces_v4_7.json")}
FOLDER = Path(__file__).resolve().parent.parent / "crates/batchwise-tokenizer/vocabulary"

MARKERS = {"⟨bow⟩": "\\b", "⟨eow⟩": "\\e", "⟨shift⟩": "\\s", "⟨caps⟩": "\\c"}
ESCAPES = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", " ": "\\_"}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    root = Path(sys.argv[1])
    found = package_hash(root / "ctok")
    if found != SHA256:
        sys.exit(f"{root}/ctok is not the package this script was written for: its SHA-256 is {found}, not {SHA256}")
    sys.path.insert(0, str(root))
    for name, (_, pieces) in FAMILIES.items():
        write(name, piece_lines(root / "ctok/data" / pieces))
    write("characters.txt", character_lines())


def package_hash(folder):
    """One hash over the names and the contents of the package's own files."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".json"):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def write(name, lines):
    text = "".join(line + "\n" for line in lines)
    (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
    print(f"{name}: {len(text.splitlines())} lines, {len(text.encode())} bytes")


def piece_lines(path):
    """Every piece on a line of its own: markers and blanks as escapes, prefixes of characters as bytes."""
    import json

    tokens = json.loads(path.read_text(encoding="utf-8"))["tokens"]
    lines = []
    for group, pieces in tokens.items():
        for piece in pieces:
            if group == "bytes_fallback":
                lines.append("".join(f"\\x{piece[i:i + 2]}" for i in range(0, len(piece), 2)))
            elif group == "contractions":
                # The end of the word is part of these: `don't` is two tokens, not three.
                lines.append(escaped(piece) + "\\e")
            else:
                lines.append(escaped(piece))
    return sorted(lines)


def escaped(piece):
    for marker, letter in MARKERS.items():
        piece = piece.replace(marker, "\0" + letter[1])
    return "".join(ESCAPES.get(c, c) for c in piece).replace("\0", "\\")


def character_lines():
    """Ranges of the basic plane: first, last, kind, and `?` where normalization may change the character or
    its surroundings."""
    composed = second_halves()
    ranges = []
    for code in range(0x10000):
        if 0xD800 <= code < 0xE000:
            continue
        kind = character_kind(chr(code))
        unsure = unicodedata.normalize("NFC", chr(code)) != chr(code)
        unsure = unsure or unicodedata.combining(chr(code)) != 0 or code in composed
        entry = kind + (" ?" if unsure else "")
        if ranges and ranges[-1][2] == entry and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code, entry])
    return [f"{first:04X} {last:04X} {entry}" for first, last, entry in ranges]


def second_halves():
    """Characters that may merge with the one before them."""
    halves = set(range(0x1161, 0x1176)) | set(range(0x11A8, 0x11C3))
    for code in range(0x110000):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            halves.add(int(parts[1], 16))
    return halves


def character_kind(char):
    from ctok import marked_stream

    bow, eow = "⟨bow⟩", "⟨eow⟩"
    a, b = f"{bow}a{eow}", f"{bow}b{eow}"
    if char in "\n\t 0123456789":
        return "ascii"
    glued = marked_stream(f"1{char}2", "4.8")
    if glued == "12":
        return "dropped"
    if glued == "1 2":
        return "space"
    if glued.startswith(f"1{bow}") or glued.startswith("1⟨shift⟩"):
        return letter_kind(char)
    apart = marked_stream(f"a {char} b", "4.8")
    if apart.startswith(f"{a} ") and apart.endswith(f" {b}"):
        return "lone"
    assert apart.startswith(f"{a}{bow}") and apart.endswith(f"{eow}{b}"), (char, apart)
    # Digits and other numbers in a row lose the boundaries that each has on its own.
    if not marked_stream(f"{char}½ a", "4.8").endswith(f"{eow}{a}"):
        return "digit"
    if not marked_stream(f"{char}० a", "4.8").endswith(f"{eow}{a}"):
        return "number"
    return "sign"


def letter_kind(char):
    """`upper` where a word may be written as its lower-case form after a case marker."""
    from ctok import marked_stream

    char = unicodedata.normalize("NFC", char)
    first = marked_stream(char, "4.8").startswith("⟨shift⟩")
    later = not marked_stream(f"A{char}", "4.8").startswith("⟨shift⟩")
    capital = marked_stream(f"AAA{char}", "3.0").startswith("⟨caps⟩")
    lowered = not later and f"a{char}" not in marked_stream(f"A{char}", "4.8")
    match first, later, capital, lowered:
        case True, True, True, False:
            return "upper"
        case False, False, False, True:
            return "title"
        case False, True, False, False:
            return "unpaired"
        case False, False, True, False:
            return "neutral"
        case False, False, False, False:
            return "letter"
    raise ValueError(f"U+{ord(char):04X} behaves like no known kind of letter")


if __name__ == "__main__":
    main()
