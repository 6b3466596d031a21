"""Files of batch requests made of real texts, always the same for equal arguments.

A pool folder has text files in UTF-8, one for each kind of text, such as en.txt, code.txt or zh.txt, of a few
megabytes each. Every text of a request is a passage that begins anywhere in a pool, so that hardly two are equal;
what requests of one shape do share is the system prompt of the tickets.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from random import Random

SHAPES = ("tickets", "chats", "documents")

# How often a kind is drawn; a pool of another name counts as "other".
WEIGHTS = {"en": 50, "code": 20, "json": 8, "de": 6, "zh": 6, "ja": 5, "ar": 2, "other": 3}

PROMPT = (
    "You are a senior support analyst for a multi-national software company. Read the customer message below and "
    'produce a JSON object with the keys "language", "category", "urgency", "summary" and "suggested_reply".\n\nRules:\n'
    '1. "language" is a BCP-47 tag such as en, de, zh-Hans, ja or ar.\n'
    '2. "category" is one of: billing, bug_report, feature_request, how_to, account_access, security, other.\n'
    '3. "urgency" is an integer from 1 (can wait) to 5 (production is down). Never use 5 unless the customer says '
    "that production is affected.\n"
    '4. "summary" has at most two sentences, is written in English, in the third person, and must not contain personal '
    "data: replace names, e-mail addresses, phone numbers and account numbers by <NAME>, <EMAIL>, <PHONE> and "
    "<ACCOUNT>.\n"
    '5. "suggested_reply" is written in the language of the customer, is polite, and promises neither refunds nor dates '
    "nor features.\n6. Return the JSON object only: no Markdown fence, no commentary, no trailing text.\n\nExample:\n"
    '{"language": "de", "category": "billing", "urgency": 2, "summary": "The customer was charged twice in May and asks '
    'for a correction.", "suggested_reply": "Guten Tag, vielen Dank für Ihre Nachricht. Wir prüfen die doppelte '
    'Abbuchung und melden uns bei Ihnen."}\n\nIf the message is empty or is not addressed to us, use the category '
    "other, urgency 1 and an empty suggested_reply."
)


class Pools:
    """Texts to cut passages from."""

    def __init__(self, folder: Path, random: Random) -> None:
        paths = sorted(folder.glob("*.txt"))
        if not paths:
            raise OSError(f"{folder} has no text files")
        self.texts = [path.read_text(encoding="utf-8", errors="replace") for path in paths]
        self.bytes_per_character = [len(text.encode()) / max(1, len(text)) for text in self.texts]
        self.weights = [WEIGHTS.get(path.stem, WEIGHTS["other"]) for path in paths]
        self.random = random

    def kind(self) -> int:
        return self.random.choices(range(len(self.texts)), self.weights)[0]

    def passage(self, size: float, kind: int | None = None) -> str:
        """A passage of about `size` bytes in UTF-8, of the kind or of any."""
        kind = self.kind() if kind is None else kind
        text = self.texts[kind]
        length = max(1, int(size / self.bytes_per_character[kind]))
        start = self.random.randrange(max(1, len(text) - length))
        return text[start : start + length]


def write(path: Path, folder: Path, shape: str, size: int, seed: int = 1) -> None:
    """Writes at least `size` bytes of requests, at most one request more."""
    with open(path, "wb") as file:
        for line in lines(folder, shape, seed):
            file.write(line)
            if file.tell() >= size:
                return


def lines(folder: Path, shape: str, seed: int = 1) -> Iterator[bytes]:
    """Request after request, without end."""
    random = Random(f"{shape} {seed}")
    pools = Pools(folder, random)
    make = {"tickets": ticket, "chats": chat, "documents": document}[shape]
    number = 0
    while True:
        number += 1
        request = {"custom_id": f"{shape}-{number:08}-{random.randrange(16**8):08x}", "params": make(pools, random)}
        # Tickets are written as json.dumps does by itself: letters beyond ASCII become \u escapes.
        yield json.dumps(request, ensure_ascii=shape == "tickets").encode(errors="replace") + b"\n"


def ticket(pools: Pools, random: Random) -> dict:
    text = pools.passage(around(random, 330, 0.7))
    content = text if random.random() < 0.7 else [{"type": "text", "text": text}]
    prompt = [{"type": "text", "text": PROMPT, "cache_control": {"type": "ephemeral"}}]
    messages = [{"role": "user", "content": content}]
    return {"model": "claude-haiku-4-5", "max_tokens": 512, "system": prompt, "messages": messages}


def chat(pools: Pools, random: Random) -> dict:
    turns = random.choice([1, 1, 3, 3, 5, 7])
    size, kind = around(random, 11_300, 0.5) / turns, pools.kind()
    messages = []
    for turn in range(turns):
        text = pools.passage(size * random.uniform(0.4, 1.6), kind if random.random() < 0.7 else None)
        content = text if random.random() < 0.5 else [{"type": "text", "text": text}]
        messages.append({"role": ["user", "assistant"][turn % 2], "content": content})
    params = {"model": "claude-sonnet-4-6", "max_tokens": random.choice([1024, 2048, 4096]), "messages": messages}
    params["system"] = f"You are a careful assistant. Answer in the language of the user. Group {random.randrange(9**6)}."
    return params


def document(pools: Pools, random: Random) -> dict:
    content, left = [], around(random, 480_000, 0.35)
    while left > 0:
        size = min(left, random.randrange(20_000, 160_000))
        source = {"type": "text", "media_type": "text/plain", "data": pools.passage(size)}
        content.append({"type": "document", "source": source, "title": f"Document {len(content) + 1}"})
        left -= size
    content[-1]["cache_control"] = {"type": "ephemeral", "ttl": "1h"}
    content.append({"type": "text", "text": "List every contradiction with a literal quotation of both passages."})
    return {"model": "claude-opus-4-8", "max_tokens": 8192, "messages": [{"role": "user", "content": content}]}


def around(random: Random, mean: float, spread: float) -> int:
    """A size whose logarithm is normal, not below a tenth nor above ten times the mean."""
    size = random.lognormvariate(math.log(mean) - spread * spread / 2, spread)
    return int(min(max(size, mean / 10), mean * 10))
