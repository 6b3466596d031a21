#!/usr/bin/env python3
"""Draws the pictures of docs/reports.md from the example data: report.png, and what-if.png with sliders moved.

Usage: draw-page.py BATCHWISE [CHROMIUM]. Needs Chromium.
"""

import pathlib
import subprocess
import sys
import tempfile

from browser import Page

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLANS = [("support", "tickets", ["--output-tokens", "120"]), ("search", "reviews", ["--output-tokens", "200"]),
         ("legal", "contracts", ["--output-tokens", "300", "--cache", "85%"])]
WIDTH = 800


def main():
    batchwise = sys.argv[1]
    page = Page(sys.argv[2] if len(sys.argv) > 2 else "chromium")
    with tempfile.TemporaryDirectory() as folder:
        for team, data, options in PLANS:
            run(batchwise, "plan", f"examples/data/{data}.jsonl", "--as-of", "2026-11-21", "-q", "--tag", f"team={team}",
                "-o", f"{folder}/{team}.json", *options)
        report = pathlib.Path(folder, "report.html")
        run(batchwise, "report", *[f"{folder}/{team}.json" for team, _, _ in PLANS], "--format", "html", "-o", str(report))
        page.open(report.as_uri())
    draw(page, "report.png", "header", "[aria-labelledby=by-model]")
    choose(page, "reply", "400")
    choose(page, "hits", "50")
    draw(page, "what-if.png", "[aria-labelledby=calculator]", "[aria-labelledby=calculator]")
    page.close()


def run(*command):
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def choose(page, control, value):
    page.evaluate(f"""(() => {{
        const range = document.getElementById('{control}-range');
        range.value = '{value}';
        range.dispatchEvent(new Event('input'));
    }})()""")


def draw(page, name, first, last):
    """From the top of one element to the bottom of another."""
    page.resize(WIDTH, 6000)
    page.call("Emulation.setEmulatedMedia", media="", features=[{"name": "prefers-color-scheme", "value": "light"}])
    edge = "document.querySelector('{}').getBoundingClientRect().{}"
    top, bottom = (page.evaluate(edge.format(*place)) for place in ((first, "top"), (last, "bottom")))
    path = ROOT / "docs" / "images" / name
    page.screenshot(path, {"x": 0, "y": max(0, top - 16), "width": WIDTH, "height": bottom - top + 32, "scale": 1})
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
