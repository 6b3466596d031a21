#!/usr/bin/env python3
"""Compares the price book with genai-prices, an independent list of model prices.

Every era of every model in pricing/models that genai-prices knows is compared on its last day, at every
prompt length where either side changes its price, in all five kinds of tokens, standard and in a batch.

A difference is accepted only if scripts/genai-prices-known-differences.toml lists it, with both values and
a reason; an entry that no longer occurs is an error too.

Exit code: 0 agrees, 1 unexpected or stale differences, 2 could not compare.
Needs Python 3.11 or newer. Makes a virtual environment beside the repository's root on the first run.
"""

import os
import subprocess
import sys
import tomllib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

VERSION = "0.2.3"
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv-genai-prices"
KNOWN = Path(__file__).resolve().with_name("genai-prices-known-differences.toml")

# Fewer would mean that models, kinds or batches went missing on either side.
COMPARISONS_MIN = 300
BATCH_COMPARISONS_MIN = 100

# Our kind of token -> the key of genai-prices.
KINDS = {
    "input": "input_mtok",
    "output": "output_mtok",
    "cache_write_5m": "cache_write_mtok",
    "cache_write_1h": "cache_write_1h_mtok",
    "cache_read": "cache_read_mtok",
}

# A prompt below every threshold.
SHORT_PROMPT = 1


class CannotCompare(Exception):
    """The comparison itself is impossible."""


def main() -> int:
    try:
        ensure_environment()
        compared, differences = compare(read_book())
        stale = judge(differences, read_known())
    except (CannotCompare, OSError, subprocess.CalledProcessError, tomllib.TOMLDecodeError) as error:
        print(f"cannot compare: {error}", file=sys.stderr)
        return 2

    unexpected = [difference for difference in differences if not difference["reason"]]
    for difference in unexpected:
        print("differs: " + describe(difference))
    for difference in stale:
        print("stale entry: " + describe(difference))

    batch = sum(1 for place in compared if place[2] == "batch")
    models = len({place[0] for place in compared})
    accepted = len(differences) - len(unexpected)
    print(
        f"{len(compared)} prices of {models} models compared with genai-prices {VERSION} ({batch} of them in a batch): "
        f"{len(compared) - len(differences)} agree, {accepted} differ for a known reason, {len(unexpected)} differ, "
        f"{len(stale)} entries are stale"
    )
    if len(compared) < COMPARISONS_MIN or batch < BATCH_COMPARISONS_MIN:
        print(
            f"cannot compare: fewer than {COMPARISONS_MIN} comparisons or {BATCH_COMPARISONS_MIN} in a batch, "
            "so something was not looked at",
            file=sys.stderr,
        )
        return 2
    return 1 if unexpected or stale else 0


def ensure_environment() -> None:
    """Starts this script again inside a virtual environment that has the pinned package."""
    if sys.version_info < (3, 11):
        raise CannotCompare("needs Python 3.11 or newer")
    if Path(sys.prefix).resolve() == VENV.resolve():
        return
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if installed_version(python) != VERSION:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, f"genai-prices=={VERSION}"], check=True)
    raise SystemExit(subprocess.run([str(python), __file__]).returncode)


def installed_version(python: Path) -> str | None:
    if not python.exists():
        return None
    ask = "from importlib.metadata import version; print(version('genai-prices'))"
    answer = subprocess.run([str(python), "-c", ask], capture_output=True, text=True)
    return answer.stdout.strip() if answer.returncode == 0 else None


def read_book() -> list[dict]:
    paths = sorted((ROOT / "pricing" / "models").glob("*.toml"))
    if not paths:
        raise CannotCompare("pricing/models has no files")
    return [tomllib.loads(path.read_text(encoding="utf-8")) for path in paths]


def last_days(model: dict) -> list[tuple[date, dict]]:
    """The last day of each era, or of the whole book for those that still hold."""
    today = tomllib.loads((ROOT / "pricing" / "book.toml").read_text(encoding="utf-8"))["version"]
    eras = model["era"]
    ends = [era["from"] - timedelta(days=1) for era in eras[1:]] + [max(today, eras[-1]["from"])]
    return [(min(end, era.get("to", end)), era) for end, era in zip(ends, eras)]


def our_rates(era: dict, mode: str, prompt: int) -> dict[str, Decimal]:
    rates = era[mode]
    for tier in era.get("tier", []):
        if prompt > tier["prompt_tokens_over"]:
            rates = tier[mode]
    return {kind: Decimal(rates[kind]) for kind in KINDS}


def compare(book: list[dict]) -> tuple[list[tuple], list[dict]]:
    """All places that were compared (model, day, mode, prompt, kind), and the differences among them."""
    from genai_prices.data import providers
    from genai_prices.types import TieredPrices

    provider = next((provider for provider in providers if provider.id == "anthropic"), None)
    if provider is None:
        raise CannotCompare("genai-prices has no provider `anthropic`")

    def their_rates(info, day: date, mode: str):
        """Prices by key on that day, or None where genai-prices does not state that mode."""
        moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        if mode == "standard":
            return info.get_prices(moment)
        stated = [
            variant
            for variant in info.price_variants or []
            if variant.when == {"processing": "batch"}
            and (variant.constraint is None or variant.constraint.active(moment))
        ]
        return info.get_prices(moment, {"processing": "batch"}) if stated else None

    def at(price, prompt: int):
        if not isinstance(price, TieredPrices):
            return price
        reached = [tier.price for tier in price.tiers if prompt > tier.start]
        return reached[-1] if reached else price.base

    compared, differences = [], []
    for model in book:
        info = provider.find_model(model["id"])
        if info is None:
            continue
        for day, era in last_days(model):
            thresholds = {tier["prompt_tokens_over"] for tier in era.get("tier", [])}
            for mode in ("standard", "batch"):
                theirs = their_rates(info, day, mode)
                if theirs is None:
                    continue
                for key in KINDS.values():
                    price = getattr(theirs, key, None)
                    if isinstance(price, TieredPrices):
                        thresholds |= {tier.start for tier in price.tiers}
                prompts = {SHORT_PROMPT} | thresholds | {threshold + 1 for threshold in thresholds}
                for prompt in sorted(prompts):
                    ours = our_rates(era, mode, prompt)
                    for kind, key in KINDS.items():
                        price = at(getattr(theirs, key, None), prompt)
                        place = (model["id"], day, mode, prompt, kind)
                        compared.append(place)
                        if price != ours[kind]:
                            differences.append(difference(place, ours[kind], price))
    return compared, differences


def difference(place: tuple, ours, theirs) -> dict:
    model, day, mode, prompt, kind = place
    values = {"ours": amount(ours), "theirs": amount(theirs)}
    return {"model": model, "day": day, "mode": mode, "prompt": prompt, "kind": kind, **values, "reason": ""}


def amount(value) -> str:
    return "none" if value is None else format(Decimal(value).normalize(), "f")


def read_known() -> list[dict]:
    """Each kind of each entry as a difference of its own."""
    entries = []
    for entry in tomllib.loads(KNOWN.read_text(encoding="utf-8")).get("difference", []):
        if not entry.get("reason", "").strip():
            raise CannotCompare(f"{KNOWN.name}: an entry of {entry.get('model')} has no reason")
        for kind, (ours, theirs) in entry["ours_and_theirs"].items():
            place = (entry["model"], entry["day"], entry["mode"], entry["prompt"], kind)
            entries.append(difference(place, ours, theirs) | {"reason": entry["reason"]})
    return entries


def judge(differences: list[dict], known: list[dict]) -> list[dict]:
    """Gives each known difference its reason and returns the entries that met none."""
    def key(one: dict) -> tuple:
        return tuple(value for name, value in one.items() if name != "reason")

    reasons = {key(entry): entry["reason"] for entry in known}
    for one in differences:
        one["reason"] = reasons.get(key(one), "")
    met = {key(one) for one in differences}
    return [entry for entry in known if key(entry) not in met]


def describe(one: dict) -> str:
    return (
        f"{one['model']} on {one['day']}, {one['mode']}, prompt of {one['prompt']}: "
        f"{one['kind']} is {one['ours']} here and {one['theirs']} there"
    )


if __name__ == "__main__":
    sys.exit(main())
