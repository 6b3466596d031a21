"""Made-up texts of many kinds, to compare token counts on. The same Python makes the same texts each time.

Each kind is a generator of texts; some end, most do not.
"""

import base64
import itertools
import json
import string
import sys
import unicodedata
from collections.abc import Iterator
from random import Random

# What the rules of the tokenizer tell apart, one character each.
ALPHABET = ["a", "B", " ", "\n", "'", ".", "1", "½", "٣", "中", "é", "\u0301", "\t", "’"]

WORDS = (
    "the of and to in is that for it was on are as with his they at be this have from or one had by word but not "
    "what all were we when your can said there use an each which she do how their if will up other about out many "
    "then them these so some her would make like him into time has look two more write go see number no way could "
    "people my than first water been call who oil its now find long down day did get come made may part batch token "
    "invoice request reconcile straightforward internationalization counterrevolutionary antidisestablishmentarianism "
    "naïve café Straße Übergröße señor coração façade voilà œuvre smörgåsbord żółć příliš žluťoučký kůň İstanbul "
    "ığdır Ελλάδα λόγος Σίσυφος Москва ёлка київ українська ქართული Հայերեն"
).split()

CONTRACTIONS = ["s", "t", "d", "m", "re", "ve", "ll", "S", "T", "LL", "Re", "em", "tis", "n", "clock", "sé", "s1", ""]
QUOTES = ["'", "’", "‘", '"', "“", "”", "`", "´", "ʼ", "«", "»", "„", "‚", "′", "''", "'’", "＇"]

CAPITALS = "ABCXYZÀÉÑØŠŽĞİIÇΑΒΓΣΩΆБВГЖЯЁЂԱԲႠႡᲐᲑᎠᎡꭰǅǈǋǲǄǇẞŒÆỆỒⅣⒶＡＢ𐐀𝐀"
SMALLS = "abcxyzàéñøšžğıiçαβγσςωάбвгжяёђաբაბⴀⴁᎠꭰꭱßſœæệồⅳⓐａｂŉǰΐªºʰᵃ𐐨𝐚"
DIGIT_ZEROS = "0٠۰߀०০੦૦୦௦౦೦൦෦๐໐༠၀႐០᠐᥆᧐᪀᪐᭐᮰᱀᱐꘠꣐꤀꧐꧰꩐꯰０"
NUMBERS = "½¼¾⅓²³¹⁰⁵₂₉①⑳⓪❶㈠㉑ⅣⅫↁ〇〡௧௰፩፲৴๚༪㊿㆒𐄇𝟘"

# Line ends of Windows are one blank here; the spaces and line feeds come more often than the rest.
BLANKS = ["\r\n", *"   \t\n\n\r\u00a0\u1680\u2003\u2009\u200a\u202f\u205f\u3000\u2028\u2029\u0085"]
BLANKS += list("\x0b\x0c\x1c\x00\u200b\ufeff\u180e\u2060")

EMOJI = "😀😂🤣🥰😎👍👋🤝👩👨🧑🚀🔥✨❤☀☎♀♂⚕✈🏳🏴🌈💻🎉🐍🦀🥑🫠🫶🏽"
SKINS = "🏻🏼🏽🏾🏿"

CODE = (
    "fn let mut return if else for while self def class import const null None true public static void int String "
    "Vec<u8> std::io i x1 foo_bar fooBar FOO_BAR HttpServer XMLHTTPRequest __init__ $x @prop #include && || == != => "
    "-> <= :: += // /* */ { } ( ) [ ] ; , . \"s\" 'c' '\\n' 0xFF 1_000 3.14e-10 --- #"
).split()
CODE += ["\n", "\n", "\n    ", "\n\t", "\n        ", " ", " ", " "]


def empty(random: Random) -> Iterator[str]:
    """The empty text."""
    yield ""


def pairs_of_ascii(random: Random) -> Iterator[str]:
    """One or two characters, of all 128."""
    signs = [chr(code) for code in range(128)]
    yield from signs
    yield from map("".join, itertools.product(signs, repeat=2))


def small_texts(random: Random) -> Iterator[str]:
    """Three or four characters that the rules tell apart."""
    for length in (3, 4):
        yield from map("".join, itertools.product(ALPHABET, repeat=length))


def characters(random: Random) -> Iterator[str]:
    """Every assigned character, of ideographs and Hangul a part: between letters, and on its own."""
    for code in range(0x80, 0x110000):
        char = chr(code)
        category = unicodedata.category(char)
        if category in ("Cs", "Cn", "Co"):
            continue
        if unicodedata.name(char, "").startswith(("CJK UNIFIED", "HANGUL SYLLABLE", "TANGUT ID")) and code % 16:
            continue
        yield random.choice(["a{0}b {0} c", "{0}", "A{0}", "1{0}2", "{0}{0} ", " {0}a", "é{0}\u0301", "¿{0}½"]).format(
            char
        )


def unicode_rows(random: Random) -> Iterator[str]:
    """Characters from one row of 128 code points, of every row in turn; assigned or not."""
    rows = [row for row in range(0, 0x110000, 128) if not 0xD800 <= row < 0xE000]
    rows = [
        row
        for row in rows
        if row < 0x14700
        or row in range(0x16000, 0x18D80)
        or 0x1AF00 <= row < 0x20000
        or row in range(0xE0000, 0xE0200)
        or row % 0x1000 == 0
    ]
    while True:
        for row in rows:
            text = [chr(row + random.randrange(128)) for _ in range(random.randint(1, 8))]
            for _ in range(random.randint(0, 4)):
                text.insert(random.randint(0, len(text)), random.choice([" ", "a", "B", "1", "'", "\n", "."]))
            yield "".join(text)


def any_unicode(random: Random) -> Iterator[str]:
    """Characters of all rows side by side."""
    while True:
        yield "".join(any_character(random) for _ in range(random.randint(1, 12)))


def any_character(random: Random) -> str:
    while True:
        code = random.randrange(random.choice([0x250, 0x3100, 0x10000, 0x20000, 0x110000]))
        if not 0xD800 <= code < 0xE000:
            return chr(code)


def combining_marks(random: Random) -> Iterator[str]:
    """Letters of all scripts with marks after them, in any order and number."""
    marks = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)).startswith("M")]
    latin = [chr(code) for code in range(0x300, 0x370)]
    bases = "aeiounAEIOUNcdyzśǖệЙйгαωΩאבגשابتكขกกाகขခကក각가한中1٣'.-½ \t"
    while True:
        text = ""
        for _ in range(random.randint(1, 6)):
            text += random.choice(bases)
            chosen = latin if random.random() < 0.6 else marks
            text += "".join(random.choices(chosen, k=random.choice([0, 1, 1, 1, 2, 2, 3, 5])))
        yield text


def emoji(random: Random) -> Iterator[str]:
    """Emoji joined, coloured, as flags, as keycaps, between words."""

    def one() -> str:
        match random.randrange(8):
            case 0:
                return "\u200d".join(random.choices(EMOJI, k=random.randint(2, 4)))
            case 1:
                return random.choice(EMOJI) + random.choice(SKINS)
            case 2:
                return "".join(chr(0x1F1E6 + random.randrange(26)) for _ in range(random.randint(1, 4)))
            case 3:
                return random.choice("0123456789#*") + random.choice(["\ufe0f\u20e3", "\u20e3", "\ufe0f"])
            case 4:
                return random.choice(EMOJI) + random.choice(["\ufe0f", "\ufe0e"])
            case 5:
                return (
                    "🏴"
                    + "".join(chr(0xE0000 + ord(letter)) for letter in random.choice(["gbeng", "gbsct", "ustx"]))
                    + "\U000e007f"
                )
            case 6:
                return chr(random.choice([random.randrange(0x1F300, 0x1FB00), random.randrange(0x2190, 0x2C00)]))
            case _:
                return random.choice(EMOJI)

    while True:
        yield random_join(
            random,
            [one() if random.random() < 0.6 else random.choice(WORDS) for _ in range(random.randint(1, 7))],
            ["", "", " ", "  ", "!", "\n"],
        )


def right_to_left(random: Random) -> Iterator[str]:
    """Hebrew, Arabic, Syriac, Thaana, N'Ko and others with points and with signs of direction."""
    letters = [
        chr(code)
        for start, end in (
            (0x5D0, 0x5EB),
            (0x620, 0x64B),
            (0x671, 0x6D4),
            (0x710, 0x730),
            (0x780, 0x7A6),
            (0x7CA, 0x7EB),
            (0x800, 0x816),
            (0x8A0, 0x8C8),
            (0xFB1D, 0xFB50),
            (0xFB50, 0xFDFF),
            (0xFE70, 0xFEFD),
            (0x10900, 0x10916),
        )
        for code in range(start, end)
    ]
    marks = [
        chr(code)
        for start, end in (
            (0x591, 0x5C8),
            (0x610, 0x61B),
            (0x64B, 0x660),
            (0x6D6, 0x6EE),
            (0x730, 0x74B),
            (0x7A6, 0x7B1),
            (0x7EB, 0x7F4),
            (0x8D3, 0x900),
        )
        for code in range(start, end)
    ]
    signs = list("\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2069\u061c،؛؟ـ٪٠٣۵.,!-'\"")
    while True:
        words = []
        for _ in range(random.randint(1, 5)):
            start = random.randrange(len(letters) - 30)
            near = letters[start : start + 30]
            words.append(
                "".join(
                    random.choice(near)
                    + (random.choice(marks) if random.random() < 0.3 else "")
                    + (random.choice(signs) if random.random() < 0.08 else "")
                    for _ in range(random.randint(1, 7))
                )
            )
        yield random_join(random, words, [" ", " ", " - ", " (", "\n", "1"])


def quotes(random: Random) -> Iterator[str]:
    """Quotes straight and curly, and contractions, in all places."""
    while True:
        parts = []
        for _ in range(random.randint(1, 6)):
            parts.append(random.choice(["", *WORDS[:60], "I", "don", "DON", "L", "qu", "中", "1", "é", "Ω", "़"]))
            parts.append(random.choice(QUOTES))
            parts.append(random.choice(CONTRACTIONS))
            parts.append(random.choice(["", " ", " ", "  ", "\n", ".", "?", "'", "1"]))
        yield "".join(parts)


def letter_case(random: Random) -> Iterator[str]:
    """Words in capitals, in camel case, in snake case, and mixed, of all scripts that have case."""

    def one() -> str:
        word = random.choice(WORDS)
        match random.randrange(9):
            case 0:
                return word.upper()
            case 1:
                return word.title() + random.choice(WORDS).title()
            case 2:
                return word.upper() + "_" + random.choice(WORDS).upper()
            case 3:
                return word + random.choice(WORDS).capitalize() + random.choice(["", "ID", "2"])
            case 4:
                return "".join(random.choice([char.upper(), char.lower()]) for char in word)
            case 5:
                return "".join(random.choices(CAPITALS, k=random.randint(1, 6)))
            case 6:
                return random.choice(CAPITALS) + "".join(random.choices(SMALLS, k=random.randint(0, 5)))
            case 7:
                return "".join(random.choices(CAPITALS + SMALLS + "\u0301\u0307'-", k=random.randint(1, 8)))
            case _:
                return word.swapcase()

    while True:
        yield random_join(random, [one() for _ in range(random.randint(1, 4))], [" ", " ", "", "_", "-", "."])


def digits(random: Random) -> Iterator[str]:
    """Digits of many scripts, and other numbers, alone and mixed."""

    def one() -> str:
        match random.randrange(7):
            case 0:
                return str(random.randrange(10 ** random.randint(1, 20)))
            case 6:
                # Of these the vocabularies have pieces of more than one character.
                return "".join(random.choices("०१२１００११²²①½,.}-' ", k=random.randint(2, 7)))
            case 1:
                zero = ord(random.choice(DIGIT_ZEROS))
                return "".join(chr(zero + random.randrange(10)) for _ in range(random.randint(1, 6)))
            case 2:
                return "".join(random.choices(NUMBERS, k=random.randint(1, 3)))
            case 3:
                return "".join(random.choices(NUMBERS + DIGIT_ZEROS + "0123456789.,-/%", k=random.randint(2, 7)))
            case 4:
                return f"{random.randrange(10**9):,}.{random.randrange(100):02}"
            case _:
                return random.choice(["a", "kg", "€", "$", "x", "é", "中", ".", "--", "'"])

    while True:
        yield random_join(random, [one() for _ in range(random.randint(1, 6))], ["", "", " ", "  ", ".", ":", "\n"])


def blanks(random: Random) -> Iterator[str]:
    """Runs of all kinds of blanks, first, last and between."""
    while True:
        text = ""
        for _ in range(random.randint(1, 5)):
            text += random.choice(["", "", "a", "Word", "x.", "'s", "1", "中", "é", "--", "😀", "{"])
            run = random.choices(BLANKS, k=random.randint(0, 6))
            text += "".join(run) if random.random() < 0.6 else random.choice(BLANKS) * random.randint(1, 40)
        yield text


def code(random: Random) -> Iterator[str]:
    """Lines that look like programs."""
    while True:
        yield random_join(random, random.choices(CODE, k=random.randint(2, 40)), ["", " "])


def json_texts(random: Random) -> Iterator[str]:
    """JSON, compact and indented, its strings escaped or not."""

    def value(depth: int):
        match random.randrange(7 if depth else 5):
            case 0:
                return random.randrange(-(10**6), 10**6)
            case 1:
                return random.random()
            case 2:
                return random.choice([True, False, None])
            case 3 | 4:
                return " ".join(random.choices(WORDS, k=random.randint(0, 4))) + random.choice(
                    ["", "\n", '"', "\\", "é😀"]
                )
            case 5:
                return [value(depth - 1) for _ in range(random.randint(0, 3))]
            case _:
                return {random.choice(WORDS): value(depth - 1) for _ in range(random.randint(0, 4))}

    while True:
        yield json.dumps(
            {random.choice(WORDS): value(2) for _ in range(random.randint(1, 3))},
            ensure_ascii=random.random() < 0.5,
            indent=random.choice([None, None, 1, 2, 4, "\t"]),
        )


def base64_and_hex(random: Random) -> Iterator[str]:
    """Random bytes in letters and digits."""
    while True:
        data = random.randbytes(random.randint(1, 60))
        match random.randrange(5):
            case 0:
                yield base64.b64encode(data).decode()
            case 1:
                yield base64.urlsafe_b64encode(data).decode()
            case 2:
                yield data.hex(random.choice([" ", ":", "-"])).upper()
            case 3:
                yield base64.b32encode(data).decode()
            case _:
                yield data.hex()


def urls(random: Random) -> Iterator[str]:
    """Addresses, paths, mail addresses."""
    while True:
        path = "/".join(random.choices(WORDS, k=random.randint(1, 4)))
        query = "&".join(f"{random.choice(WORDS)}={random.randrange(10**4)}" for _ in range(random.randint(0, 3)))
        match random.randrange(5):
            case 0:
                yield f"C:\\{path.replace('/', chr(92))}.txt"
            case 1:
                yield f"{random.choice(WORDS)}.{random.choice(WORDS)}+{random.randrange(99)}@example.com"
            case 2:
                yield f"see <https://www.example.org:{random.randrange(9999)}/{path}?{query}#{random.choice(WORDS)}>."
            case 3:
                yield f"./{path}/../{random.choice(WORDS).upper()}.tar.gz:{random.randrange(999)}"
            case _:
                yield f"http://example.com/{path.encode().hex('%')}?{query}"


def markdown(random: Random) -> Iterator[str]:
    """Tables, lists, headings, emphasis, fences."""

    def cell() -> str:
        mark = random.choice(["", "", "", "**", "`", "_", "~~"])
        return mark + " ".join(random.choices(WORDS, k=random.randint(0, 3))) + mark

    def row(width: int) -> str:
        return "| " + " | ".join(cell() for _ in range(width)) + " |"

    def item() -> str:
        return random.choice(["- ", "* ", "1. ", "  - ", "> ", "- [ ] "]) + cell()

    while True:
        width = random.randint(1, 4)
        rule = (
            "|"
            + "|".join(random.choice(["---", ":--", "--:", "-" * random.randint(3, 30)]) for _ in range(width))
            + "|"
        )
        match random.randrange(4):
            case 0:
                lines = [row(width), rule, *[row(width) for _ in range(random.randint(0, 3))]]
            case 1:
                lines = [item() for _ in range(random.randint(1, 5))]
            case 2:
                lines = [
                    "#" * random.randint(1, 7) + " " + cell(),
                    random.choice("=-*_") * random.randint(1, 80),
                    cell(),
                ]
            case _:
                lines = [
                    "```" + random.choice(["", "rust", "python"]),
                    cell(),
                    "```",
                    "",
                    f"[{cell()}](#{random.choice(WORDS)})",
                ]
        yield "\n".join(lines) + random.choice(["", "\n", "\n\n"])


def controls(random: Random) -> Iterator[str]:
    """Controls, format characters, private use, noncharacters, unassigned characters."""
    pools = [
        [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0xAD)],
        [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Cf"],
        [chr(code) for code in (*range(0xE000, 0xF900, 64), *range(0xF0000, 0x10FFFE, 4096))],
        [chr(code) for plane in range(17) for code in (plane * 0x10000 + 0xFFFE, plane * 0x10000 + 0xFFFF)]
        + [chr(code) for code in range(0xFDD0, 0xFDF0)],
        [chr(code) for code in range(0x378, 0x20000, 7) if unicodedata.category(chr(code)) == "Cn"],
    ]
    while True:
        text = ""
        for _ in range(random.randint(1, 5)):
            text += random.choice(["", "a", "Ab", " ", " x ", "1", "é", "e\u0301", "'", "'s", "--", "中"])
            text += "".join(random.choices(random.choice(pools), k=random.randint(1, 3)))
        yield text


def lone_surrogates(random: Random) -> Iterator[str]:
    """What a JSON string with broken escapes stands for; whole pairs are whole characters."""
    while True:
        parts = [
            random.choice(
                [
                    f"\\u{random.randrange(0xD800, 0xDC00):04x}",
                    f"\\u{random.randrange(0xDC00, 0xE000):04X}",
                    "\\ud83d\\ude00",
                    "a",
                    "B",
                    " ",
                    "e\\u0301",
                    "\\u0301",
                    "1",
                    "'s",
                    ".",
                    "\\n",
                    "中",
                ]
            )
            for _ in range(random.randint(1, 8))
        ]
        yield json.loads('"' + "".join(parts) + '"')


def hangul(random: Random) -> Iterator[str]:
    """Hangul as syllables and as letters, modern and old, composed or not."""
    pools = [
        range(0x1100, 0x1113),
        range(0x1161, 0x1176),
        range(0x11A7, 0x11C3),
        range(0x1113, 0x1200),
        range(0xAC00, 0xD7A4),
        range(0xAC00, 0xD7A4, 28),
        range(0x3131, 0x318F),
        range(0xA960, 0xA97D),
        range(0xD7B0, 0xD7FC),
        range(0xFFA0, 0xFFDD),
    ]
    while True:
        text = ""
        for _ in range(random.randint(1, 10)):
            text += chr(random.choice(random.choice(pools)))
            text += random.choice(["", "", "", "", " ", "\u0301", "a", "."])
        yield text


def ideographs(random: Random) -> Iterator[str]:
    """Chinese and Japanese with punctuation, compatibility ideographs, kana and their voice marks."""
    pools = [
        range(0x4E00, 0xA000),
        range(0x4E00, 0x5200),
        range(0x3041, 0x3100),
        range(0x3041, 0x3100),
        range(0x3000, 0x3040),
        range(0xF900, 0xFB00),
        range(0x2F800, 0x2FA20),
        range(0xFF01, 0xFFA0),
        range(0x3099, 0x309B),
        range(0x20000, 0x2A6E0),
        range(0x3100, 0x3400),
        range(0x2E80, 0x2FE0),
        range(0x31350, 0x323B0),
        range(0xFE10, 0xFE70),
    ]
    while True:
        text = ""
        for _ in range(random.randint(1, 6)):
            text += "".join(chr(code) for code in random.choices(random.choice(pools), k=random.randint(1, 6)))
            text += random.choice(["", "", "，", "。", "、", " ", "\u3000", "a", "10", "\ufe00", "\U000e0100"])
        yield text


def indic(random: Random) -> Iterator[str]:
    """Scripts of India with their vowel signs, conjuncts and joiners."""
    starts = [
        0x900,
        0x980,
        0xA00,
        0xA80,
        0xB00,
        0xB80,
        0xC00,
        0xC80,
        0xD00,
        0xD80,
        0x11000,
        0x11080,
        0x11300,
        0x11380,
        0x11480,
        0x11580,
    ]
    while True:
        text = ""
        for _ in range(random.randint(1, 4)):
            start = random.choice(starts)
            virama = chr(start + 0x4D)
            for _ in range(random.randint(1, 6)):
                text += chr(start + random.randrange(0x05, 0x3A))
                text += random.choice(
                    [
                        "",
                        "",
                        virama,
                        virama + "\u200d",
                        virama + "\u200c",
                        chr(start + random.randrange(0x80)),
                        chr(start + random.randrange(0x3C, 0x58)),
                        chr(start + random.randrange(4)),
                    ]
                )
            text += random.choice(["", " ", " ", "।", "-", chr(start + 0x66 + random.randrange(10))])
        yield text


def southeast_asian(random: Random) -> Iterator[str]:
    """Thai, Lao, Khmer, Burmese, Tibetan, Balinese, Javanese and others, with what stands above and below."""
    scripts = [
        range(0xE01, 0xE5C),
        range(0xE81, 0xEE0),
        range(0x1780, 0x17FA),
        range(0x1000, 0x10A0),
        range(0xF00, 0xFDB),
        range(0x1B00, 0x1B80),
        range(0xA980, 0xA9E0),
        range(0x1A20, 0x1AAE),
        range(0x1950, 0x19E0),
        range(0xAA60, 0xAAC3),
        range(0x1800, 0x18AB),
        range(0x1C00, 0x1C50),
    ]
    while True:
        text = ""
        for _ in range(random.randint(1, 4)):
            script = random.choice(scripts)
            text += "".join(chr(code) for code in random.choices(script, k=random.randint(1, 12)))
            text += random.choice(["", " ", "\u200b", "ๆ", "។", "1", "a", "\u0e4d\u0e32", "\u0ecd\u0eb2"])
        yield text


def composed(random: Random) -> Iterator[str]:
    """What normalization changes: characters that fall apart, in whole or in parts, in changed order."""
    changed = [
        chr(code)
        for code in range(0x110000)
        if unicodedata.decomposition(chr(code)).strip() and not unicodedata.decomposition(chr(code)).startswith("<")
    ]
    while True:
        text = ""
        for _ in range(random.randint(1, 4)):
            char = random.choice(changed)
            parts = list(unicodedata.normalize("NFD", char))
            tail = parts[1:] + random.choices(
                "\u0301\u0323\u0345\u0307\u0338\u3099\u093c", k=random.choice([0, 0, 1, 2])
            )
            random.shuffle(tail)
            text += random.choice([char, parts[0] + "".join(tail), "".join(parts)])
            text += random.choice(["", "", " ", "a", "A"])
        yield text


def newer_than_unicode_15(random: Random) -> Iterator[str]:
    """What only a later Unicode than that of Python 3.12 composes or puts in another order."""
    yield from [
        "\U000105d2\u0307",
        "\U000105da\u0307",
        "\U00011382\U000113c9",
        "\U00011384\U000113bb",
        "\U0001138b\U000113c2",
        "\U00011390\U000113c9",
        "\U000113c2\U000113c2",
        "\U000113c2\U000113b8",
        "\U000113c2\U000113c9",
        "\U0001611e\U0001611e",
        "\U0001611e\U00016129",
        "\U0001611e\U0001611f",
        "\U00016129\U0001611f",
        "\U0001611e\U00016120",
        "\U00016121\U0001611f",
        "\U00016122\U0001611f",
        "\U00016121\U00016120",
        "\U00016d67\U00016d67",
        "\U00016d63\U00016d67",
        "\U00016d69\U00016d67",
        "a\u05c8\u0323",
        "a\u05c9\u0323",
        "a\u0897\u0323",
    ]


def prose(random: Random) -> Iterator[str]:
    """Words with punctuation as in sentences."""
    while True:
        text = ""
        for word in random.choices(WORDS, k=random.randint(3, 40)):
            text += random.choice([word, word, word, word.capitalize(), word.upper()])
            text += random.choice(
                [" "] * 12
                + [", ", ". ", ".\n", "\n\n", "; ", " (", ") ", " – ", "—", "...", "… ", "? ", "! ", ": ", "  "]
            )
        yield text


def signs(random: Random) -> Iterator[str]:
    """Signs in runs, and between words and spaces."""
    more = "¡¿§¶©®°±×÷€£¥•†‡…–—―‹›«»™→←≤≥≠≈∞∑√■□●○★☆✓✗─│┌┐└┘═║▀▄█\u2061\u20e0"
    while True:
        text = ""
        for _ in range(random.randint(1, 6)):
            text += random.choice(["", "", "a", "Word", "1", " ", "  ", "\n", "é", "½"])
            pool = string.punctuation if random.random() < 0.7 else more
            run = random.choices(pool, k=random.randint(1, 8))
            text += "".join(run) if random.random() < 0.6 else random.choice(pool) * random.randint(1, 70)
        yield text


def random_bytes(random: Random) -> Iterator[str]:
    """Bytes read as Latin-1 or as broken UTF-8."""
    while True:
        data = random.randbytes(random.randint(1, 80))
        yield data.decode("latin-1") if random.random() < 0.5 else data.decode("utf-8", "replace")


def random_letters(random: Random) -> Iterator[str]:
    """Words nobody has written."""
    alphabets = [
        string.ascii_lowercase,
        string.ascii_letters,
        "etaoinshrdlu",
        "абвгдежзиклмнопрст",
        "αβγδεζηθικλμ",
        SMALLS,
    ]
    while True:
        letters = random.choice(alphabets)
        yield " ".join("".join(random.choices(letters, k=random.randint(1, 40))) for _ in range(random.randint(1, 4)))


def long_words(random: Random) -> Iterator[str]:
    """Words and runs around the lengths at which an implementation may change its way."""
    edges = [
        *range(1, 10),
        13,
        14,
        15,
        16,
        17,
        *range(29, 34),
        63,
        64,
        65,
        127,
        128,
        129,
        *range(253, 258),
        511,
        512,
        513,
    ]
    seeds = [*"aAé-.= \n\t0中😀'_#٣½", "ab", "Ab", "-=", "\u0301a", "an", "</", "ха"]
    for seed in seeds:
        for edge in edges:
            for before, after in itertools.product(["", " ", "x", "x ", "X. "], ["", " ", "x", " x", "\n", " ."]):
                run = (seed * edge)[:edge] if random.random() < 0.8 else seed * edge
                yield before + run + after


def pieces(vocabularies: list[list[str]]):
    """Pieces of the vocabularies one after another, and pieces that lost or changed a letter."""

    def generate(random: Random) -> Iterator[str]:
        while True:
            text = ""
            known = random.choice(vocabularies)
            for _ in range(random.randint(1, 6)):
                piece = random.choice(known)
                if random.random() < 0.3:
                    at = random.randrange(len(piece))
                    piece = piece[:at] + random.choice(["", "a", "e", piece[at] * 2]) + piece[at + 1 :]
                text += random.choice(["", "", "", " ", " ", "  "]) + random.choice(
                    [piece, piece, piece, piece.capitalize(), piece.upper()]
                )
            yield text

    generate.__doc__ = pieces.__doc__
    return generate


def one_megabyte(random: Random) -> Iterator[str]:
    """A million bytes of one character, or of few."""
    for char in ["a", "A", "e", "-", "=", " ", "\n", "0", ".", "é", "中", "😀"]:
        yield char * (1_000_000 // len(char.encode()))
    yield "".join(random.choices(string.ascii_lowercase, k=1_000_000))
    yield "".join(random.choices(string.punctuation, k=1_000_000))


def random_join(random: Random, parts: list[str], between: list[str]) -> str:
    text = ""
    for part in parts:
        text += part + random.choice(between)
    return text if random.random() < 0.3 else text.rstrip()


# Kind -> (generator, how many at most).
def kinds(vocabularies: list[list[str]]) -> dict:
    return {
        "empty": (empty, 1),
        "pairs of ASCII": (pairs_of_ascii, sys.maxsize),
        "small texts": (small_texts, sys.maxsize),
        "characters": (characters, sys.maxsize),
        "Unicode by rows": (unicode_rows, 24_000),
        "any Unicode": (any_unicode, 10_000),
        "combining marks": (combining_marks, 12_000),
        "composed": (composed, 10_000),
        "newer than Unicode 15": (newer_than_unicode_15, sys.maxsize),
        "emoji": (emoji, 10_000),
        "right to left": (right_to_left, 10_000),
        "quotes": (quotes, 14_000),
        "letter case": (letter_case, 14_000),
        "digits": (digits, 12_000),
        "blanks": (blanks, 12_000),
        "signs": (signs, 12_000),
        "controls": (controls, 10_000),
        "lone surrogates": (lone_surrogates, 4_000),
        "Hangul": (hangul, 6_000),
        "ideographs and kana": (ideographs, 8_000),
        "Indic": (indic, 8_000),
        "Southeast Asian": (southeast_asian, 8_000),
        "prose": (prose, 6_000),
        "code": (code, 6_000),
        "JSON": (json_texts, 5_000),
        "base64 and hex": (base64_and_hex, 4_000),
        "addresses": (urls, 4_000),
        "Markdown": (markdown, 5_000),
        "random bytes": (random_bytes, 5_000),
        "random letters": (random_letters, 8_000),
        "pieces": (pieces(vocabularies), 24_000),
        "long words": (long_words, sys.maxsize),
        "one megabyte": (one_megabyte, sys.maxsize),
    }
