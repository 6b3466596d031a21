#!/usr/bin/env python3
"""Holds HTML reports to a browser: what the calculator shows are the figures of new plans with the same terms. And pages of
comparisons: they show the figures of the tables, run nothing and load nothing.

Usage: check-page.py BATCHWISE CHROMIUM FOLDER SCREENS. FOLDER holds unknown.jsonl and is written to.
"""

import base64
import json
import pathlib
import re
import subprocess
import sys
from decimal import ROUND_HALF_UP, Decimal

from browser import Page

SCENARIOS = ["standard", "batch", "batch_cached"]

# Reports: their plans (name, requests, terms).
SUPPORT = ("support", "examples/data/tickets.jsonl", ["--output-tokens", "120", "--max-requests", "70"])
LEGAL = ("legal", "examples/data/contracts.jsonl", [])
CACHED = ("cached", "examples/data/contracts.jsonl", ["--output-tokens", "300", "--cache", "12.5%"])
PRIMED = ("primed", "examples/data/contracts.jsonl", ["--output-tokens", "40%", "--cache", "primed"])
SEARCH = ("search", "examples/data/reviews.jsonl", ["--output-tokens", "200"])

MEDIA = ("media", "examples/data/media.jsonl", ["--output-tokens", "100"])

# Comparisons: requests, options.
MATRIX = ("examples/data/contracts.jsonl", ["--output-tokens", "400", "--cache", "50%", "--what-if", "cache=none,98%",
                                            "--what-if", "model=claude-haiku-5-5,claude-sonnet-4-6"])
MODELS = ("examples/data/tickets.jsonl", ["--what-if", "all-models", "--what-if", "beta=<img/src=x/onerror=alert(1)>,y"])

# Other terms: replies, hits, times. None is as planned.
TERMS = [(1, None, 1), (777, "50", 1), (None, "33.33", 1), (None, "100", 2), (64000, "0", 3), (250, None, 2)]


def main():
    batchwise, chromium, folder, screens = sys.argv[1:]
    check = Check(batchwise, Page(chromium), pathlib.Path(folder), pathlib.Path(screens))
    try:
        unknown = ("unknown", f"{folder}/unknown.jsonl", ["--output-tokens", "50"])
        check.report("support", [SUPPORT])
        check.report("cached", [CACHED])
        check.report("primed", [PRIMED])
        check.report("unknown", [unknown])
        check.report("media", [MEDIA])
        check.report("three", [SUPPORT, LEGAL, SEARCH])
        check.keys("cached", [CACHED])
        check.without_scripts("three")
        check.looks("three")
        check.comparison("matrix", *MATRIX)
        check.comparison("all-models", *MODELS)
        check.comparison("part", f"{folder}/unknown.jsonl", ["--what-if", "model=claude-haiku-5-5"])
    finally:
        check.page.close()
    print(f"all pages hold: {check.compared} amounts are those of the command")


class Check:
    def __init__(self, batchwise, page, folder, screens):
        self.batchwise, self.page, self.folder, self.screens = batchwise, page, folder, screens
        self.compared = 0
        self.stated = {}

    def run(self, *arguments):
        """Standard output; a plan may be refused or have requests without a price, and is reported all the same."""
        done = subprocess.run([self.batchwise, *arguments], capture_output=True, text=True)
        assert done.returncode in (0, 1), f"{arguments}: {done.stderr}"
        return done.stdout

    def plan(self, plan, terms, times):
        """Writes the plan of a workload, so many times over, with the given terms after its own."""
        name, requests, options = plan
        lines = pathlib.Path(requests).read_text().splitlines()
        again = [again_as(line, number) for number in range(times) for line in lines]
        workload = self.folder / f"{name}-{times}.jsonl"
        workload.write_text("\n".join(again) + "\n")
        path = self.folder / f"{name}.json"
        self.run("plan", str(workload), "--as-of", "2026-11-21", "--allow-unpriced", "-q", "-o", str(path),
                 *merged(options, terms))
        return str(path)

    def report(self, name, plans):
        page, url = self.page, self.page_url(name)
        page.complaints.clear()
        page.requests.clear()
        paths = [self.plan(plan, {}, 1) for plan in plans]
        self.run("report", *paths, "--format", "html", "-o", str(self.folder / f"{name}.html"))
        self.stated = json.loads(self.run("report", *paths, "--format", "json"))
        page.open(url)
        assert page.evaluate("!document.getElementById('calculator-live').hidden"), f"{name}: no calculator"
        self.compare(f"{name} as planned", self.stated, 1)
        for reply, hits, times in TERMS:
            self.choose("reply", reply)
            self.choose("hits", hits)
            self.choose("times", times if times > 1 else None)
            self.hold(f"{name} with {reply}, {hits}, {times}", plans, (reply, hits, times))
        page.evaluate("document.getElementById('reset').click()")
        self.compare(f"{name} as planned again", self.stated, 1)
        self.choose("reply", "-1")
        assert all(cell is None for cell in self.exact().values()), f"{name}: -1 tokens cost something"
        assert not page.complaints, page.complaints
        others = [url for url in page.requests if url != self.page_url(name) and not url.startswith("data:")]
        assert not others, f"{name} asks for {others}"

    def page_url(self, name):
        return (self.folder / f"{name}.html").absolute().as_uri()

    def choose(self, control, value):
        """Types a number, where there is a field for it."""
        text = json.dumps("" if value is None else str(value))
        self.page.evaluate(f"""(() => {{
            const field = document.getElementById('{control}-number');
            if (field === null) return;
            field.value = {text};
            field.dispatchEvent(new Event('input', {{ bubbles: true }}));
        }})()""")

    def hold(self, what, plans, terms):
        """That the page says what new plans say. Replies beyond the longest cannot be chosen."""
        reply, hits, times = terms
        longest = self.page.evaluate("Number(document.getElementById('reply-number').max)")
        if reply is not None and reply > longest:
            assert all(cell is None for cell in self.exact().values()), f"{what}: out of range"
            return
        has_hits = self.page.evaluate("document.getElementById('hits-number') !== null")
        chosen = {}
        if reply is not None:
            chosen["--output-tokens"] = str(reply)
        if hits is not None and has_hits:
            chosen["--cache"] = f"{hits}%"
        paths = [self.plan(plan, chosen, times) for plan in plans]
        self.compare(what, json.loads(self.run("report", *paths, "--format", "json")), times)

    def exact(self):
        """The exact costs that the page shows, by scenario; None where it shows none."""
        cells = {scenario: f"document.getElementById('{scenario}-cost')" for scenario in SCENARIOS}
        return {scenario: self.page.evaluate(f"{cell}.dataset.exact ?? null") for scenario, cell in cells.items()}

    def compare(self, what, report, times):
        places = self.stated["places"]
        shared = any("primed" in name for name in (plan["name"] for plan in report["plans"]))
        for row in report["scenarios"]:
            scenario = row["scenario"]
            cell = f"document.getElementById('{scenario}-cost')"
            exact = self.page.evaluate(f"{cell}.dataset.exact ?? null")
            if exact is None:
                assert shared and times > 1 and scenario == "batch_cached", f"{what}: {scenario} is not told"
                continue
            assert exact == row["stated"], f"{what}: {scenario} {exact} is not {row['stated']}"
            assert row["likely"] in (None, exact), f"{what}: {scenario} {exact} is not likely"
            self.same(what, self.page.evaluate(f"{cell}.textContent"), exact, places)
            if row["saved"]:
                saved = self.page.evaluate(f"document.getElementById('{scenario}-saved').textContent")
                self.same(what, saved, row["saved"]["stated"], places)
                percent = self.page.evaluate(f"document.getElementById('{scenario}-percent').textContent")
                assert percent == row["saved"]["percent"], f"{what}: {percent} %"
            self.kinds(what, report, scenario, exact, places)

    def kinds(self, what, report, scenario, total, places):
        """The lines by kind of token: exact, and they foot."""
        lines = self.page.evaluate(f"""[...document.querySelectorAll('[data-scenario="{scenario}"]')].map((cell) =>
            [cell.dataset.kind, cell.dataset.exact, cell.textContent])""")
        told = {row["token_kind"]: row[scenario] for row in report["token_kinds"]}
        for kind, exact, shown in lines:
            expected = told.get(kind, {"stated": "0", "rounded": "0"})
            assert exact == expected["stated"], f"{what}: {scenario} {kind} {exact} is not {expected['stated']}"
            if report["places"] == places:
                self.same(what, shown, expected["rounded"], places, exact)
        shown = sum(Decimal("0" if text.startswith("<") else text.strip("$").replace(",", "")) for _, _, text in lines)
        assert shown == rounded(total, places), f"{what}: {scenario} lines of {shown} do not foot"

    def same(self, what, shown, amount, places, exact=None):
        cents = rounded(amount, places)
        if cents == 0 and Decimal(exact or amount) > 0:
            expected = f"<${Decimal(1).scaleb(-places):.{places}f}"
        else:
            expected = f"{'-' if cents < 0 else ''}${abs(cents):,.{places}f}"
        assert shown == expected, f"{what}: {shown} is not {expected}"
        self.compared += 1

    def keys(self, name, plans):
        """A slider that is moved by keys does what a typed number does."""
        self.page.open(self.page_url(name))
        self.stated = json.loads(self.run("report", *[self.plan(plan, {}, 1) for plan in plans], "--format", "json"))
        self.page.evaluate("document.getElementById('reply-range').focus()")
        self.page.press("ArrowRight", 39)
        reply = self.page.evaluate("document.getElementById('reply-number').value")
        assert reply == "301", f"a step from 300 leads to {reply}"
        self.hold(f"{name} by keys", plans, (301, None, 1))

    def without_scripts(self, name):
        """All tables of the report are there, and nothing that needs a script."""
        self.page.call("Emulation.setScriptExecutionDisabled", value=True)
        self.page.open(self.page_url(name))
        text = self.page.call("DOM.getDocument", depth=-1)
        captions = find_texts(text["root"], "CAPTION")
        self.page.call("Emulation.setScriptExecutionDisabled", value=False)
        for caption in ["Cost by scenario", "Cost by model", "Cost by kind", "Cost by batch", "Cost by plan",
                        "Assumptions", "Prices", "Cost as batches by what the cache does"]:
            assert any(found.startswith(caption) for found in captions), f"no table {caption}"
        assert find(text["root"], "calculator-live")["hidden"] == "hidden", "a calculator without scripts"

    def comparison(self, name, requests, options):
        """A page of `compare`: nothing to complain of, no request, and its tables are those of the screen, cell by cell."""
        page, url = self.page, self.page_url(name)
        page.complaints.clear()
        page.requests.clear()
        command = ["compare", requests, "--as-of", "2026-11-21", "--allow-unpriced", "-q", *options]
        self.run(*command, "--format", "html", "-o", str(self.folder / f"{name}.html"))
        expected = screen_tables(self.run(*command, "--width", "300"))
        page.open(url)
        seen = page.evaluate("""[...document.querySelectorAll('table')].map((table) => [table.caption.innerText,
            [...table.rows].map((row) => [...row.cells].map((cell) => cell.innerText.trim()))])""")
        assert expected, f"{name}: no tables"
        for (title, rows), (seen_title, seen_rows) in zip(expected, seen):
            found = notes_last(seen_rows)
            assert (seen_title.strip(), found) == (title, rows), f"{name}: {seen_title} {found} is not {title} {rows}"
            self.compared += sum("$" in cell for row in rows for cell in row)
        assert [title.strip() for title, _ in seen][len(expected)] == "Inputs", f"{name}: a table that no screen has"
        assert page.evaluate("document.querySelectorAll('script').length") == 0, f"{name}: a script"
        bars = page.evaluate("document.querySelectorAll('svg[role=img] > title').length")
        assert bars > 1, f"{name}: {bars} bars with a name"
        assert not page.complaints, page.complaints
        assert set(page.requests) <= {url, "data:,"}, f"{name} asks for {page.requests}"
        self.looks(name, f"compare-{name}-")

    def looks(self, name, prefix=""):
        """Screenshots, and that nothing is wider than a phone."""
        self.page.open(self.page_url(name))
        for screen, width, media in [("desktop", 1000, "light"), ("dark", 1000, "dark"), ("phone", 360, "light")]:
            features = [{"name": "prefers-color-scheme", "value": media}]
            self.page.call("Emulation.setEmulatedMedia", media="", features=features)
            self.page.resize(width, 1400)
            self.page.screenshot(self.screens / f"{prefix}{screen}.png")
            widest = self.page.evaluate("document.documentElement.scrollWidth")
            assert widest <= width, f"{screen}: {widest} pixels wide"
        pdf = base64.b64decode(self.page.call("Page.printToPDF", printBackground=False)["data"])
        assert pdf.startswith(b"%PDF"), "it cannot be printed"
        (self.screens / f"{prefix}print.pdf").write_bytes(pdf)


def screen_tables(screen):
    """The tables of a comparison that is wide enough for all columns, which are at least two spaces apart: titles and rows of
    cells. What stands behind a row in no column is a cell of its own."""
    above = screen.split("\nRemarks\n")[0].split("\nHow to read it\n")[0]
    tables = []
    for section in above.strip("\n").split("\n\n")[1:]:
        title, *lines = section.split("\n")
        rows = [re.split(" {2,}", line.strip()) for line in lines]
        # Where nothing names the rows, the first column has no title.
        unnamed = [""] if lines[0].startswith("   ") else []
        tables.append((title, [unnamed + rows[0], *rows[1:]]))
    return tables


def notes_last(rows):
    """The rows of a page's table with the notes behind the numbers, as on a screen."""
    if "note" not in rows[0]:
        return rows
    place = rows[0].index("note")
    moved = [row[:place] + row[place + 1:] + [row[place]] * bool(row[place]) for row in rows[1:]]
    return [rows[0][:place] + rows[0][place + 1:], *moved]


def rounded(amount, places):
    """Half away from zero, as the command rounds."""
    return Decimal(amount).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def again_as(line, number):
    """A line under another name."""
    request = json.loads(line)
    if number == 0:
        return line
    request["custom_id"] = f"again-{number}-{request['custom_id']}"[:64]
    return json.dumps(request, ensure_ascii=False)


def merged(options, terms):
    """Options with some replaced."""
    pairs = dict(zip(options[::2], options[1::2]))
    return [word for pair in {**pairs, **terms}.items() for word in pair]


def attributes(node):
    flat = node.get("attributes", [])
    return dict(zip(flat[::2], flat[1::2]))


def nodes(node):
    yield node
    for child in node.get("children", []):
        yield from nodes(child)


def find(root, name):
    return next(attributes(node) for node in nodes(root) if attributes(node).get("id") == name)


def find_texts(root, tag):
    elements = [node for node in nodes(root) if node["nodeName"] == tag]
    return ["".join(node["nodeValue"] for node in nodes(element) if node["nodeName"] == "#text") for element in elements]


if __name__ == "__main__":
    main()
