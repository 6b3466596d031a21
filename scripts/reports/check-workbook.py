#!/usr/bin/env python3
"""Opens a workbook of `batchwise report`, computes its formulas anew, and compares all amounts with the JSON report.

Usage: check-workbook.py REPORT.xlsx REPORT.json
"""

import json
import logging
import sys
from decimal import ROUND_HALF_UP, Decimal

import formulas
import openpyxl

SHEETS = ["Summary", "By model", "By batch", "Scenarios", "Assumptions", "Prices"]
SCENARIOS = ["standard", "batch", "batch_cached"]


def main(workbook_path, report_path):
    report = json.load(open(report_path))
    live = openpyxl.load_workbook(workbook_path)
    kept = openpyxl.load_workbook(workbook_path, data_only=True)
    assert live.sheetnames == SHEETS, live.sheetnames
    computed = compute(workbook_path)

    formula_cells = 0
    for sheet in live:
        for cell in (cell for row in sheet for cell in row if cell.data_type == "f"):
            value = computed[sheet.title.upper(), cell.coordinate]
            told = kept[sheet.title][cell.coordinate].value
            assert close(value, told), f"{sheet.title}!{cell.coordinate}: {told} is kept, {value} computed: {cell.value}"
            formula_cells += 1

    value = lambda sheet, row, column: number(computed, kept, sheet, row, column)
    if report["scenarios"]:
        compare_scenarios(report, kept, value)
        compare_rows("By model", report["models"], 5, report, value)
        compare_rows("By batch", report["batches"], 6, report, value)
        compare_bounds(report["batches"], kept["By batch"])
        compare_parts(report, kept, value)
    for name, row in (("Assumptions", "assumptions"), ("Prices", "prices")):
        rows = kept[name].max_row - 1
        assert rows == len(report[row]) * (2 if row == "prices" else 1), f"{name} has {rows} rows"
    for sheet in kept:
        for cell in (cell for row in sheet for cell in row):
            assert not isinstance(cell.value, str) or not cell.value.startswith("#"), f"{sheet.title}!{cell.coordinate}"
    print(f"  workbook: {formula_cells} formulas computed anew, as kept and as in the JSON")


def compute(path):
    """Sheet and cell to value."""
    logging.disable(logging.WARNING)
    model = formulas.ExcelModel().loads(path).finish()
    solution = model.calculate()
    values = {}
    for key, ranges in solution.items():
        name = str(key)
        if ":" in name or "!" not in name or not hasattr(ranges, "value"):
            continue
        sheet, cell = name.strip("'").split("]", 1)[1].split("'!")
        values[sheet, cell] = ranges.value[0, 0]
    return values


def number(computed, kept, sheet, row, column):
    cell = kept[sheet].cell(row, column)
    return computed.get((sheet.upper(), cell.coordinate), cell.value)


def close(one, other):
    """Alike but for what binary floating point makes of a sum."""
    return abs(float(one) - float(other)) <= 1e-9 * max(1e-6, abs(float(other)))


def rounded(value, places):
    """Half away from zero, as the report rounds; the nearest decimal of 15 digits stands for a binary number."""
    unit = Decimal(1).scaleb(-places)
    return Decimal(f"{float(value):.15g}").quantize(unit, ROUND_HALF_UP)


def same(found, expected, places, what):
    assert close(found, Decimal(expected)), f"{what}: {found} instead of {expected}"
    assert rounded(found, places) == rounded(Decimal(expected), places), f"{what}: other cents"


def compare_scenarios(report, kept, value):
    places = report["places"]
    titles = [kept["Summary"].cell(row, 1).value for row in range(1, kept["Summary"].max_row + 1)]
    first = titles.index("USD") + 2
    for row, scenario in enumerate(report["scenarios"], first):
        same(value("Summary", row, 2), scenario["low"], places, "low")
        same(value("Summary", row, 3), scenario["stated"], places, "stated")
        assert rounded(value("Summary", row, 3), places) == Decimal(scenario["rounded"]), "the cents of a total"
        same(value("Summary", row, 4), scenario["high"], places, "high")
        same(value("Summary", row, 7), scenario["rounded"], places, "reported")
        if scenario["saved"]:
            same(value("Summary", row, 5), scenario["saved"]["stated"], places, "saved")
            if scenario["saved"]["percent"] is not None:
                percent = rounded(100 * value("Summary", row, 6), 1)
                assert percent == Decimal(scenario["saved"]["percent"]), f"{percent} %"


def compare_rows(sheet, rows, first, report, value):
    places = report["places"]
    for row, line in enumerate(rows, 2):
        for column, scenario in enumerate(SCENARIOS, first):
            if line["costs"] is None:
                assert value(sheet, row, column) == "unpriced", f"{sheet} {row}: a price out of nowhere"
                continue
            cost = line["costs"][scenario]
            same(value(sheet, row, column), cost["stated"], places, f"{sheet} {row} {scenario}")
            same(value(sheet, row, column + 3), cost["rounded"], places, f"{sheet} {row} {scenario}, reported")
    compare_total(sheet, len(rows) + 2, first, report, value)
    for scenario in report["scenarios"]:
        foot = sum(Decimal(line["costs"][scenario["scenario"]]["rounded"]) for line in rows if line["costs"])
        assert foot == Decimal(scenario["rounded"]), f"{sheet} does not foot: {foot}"


def compare_bounds(batches, sheet):
    """What is no bound is not shown as one."""
    for row, batch in enumerate(batches, 2):
        cell, is_bounded = sheet.cell(row, 14), batch["unpriced_requests"] + batch["unbounded_requests"] == 0
        if batch["bound"] is not None:
            assert close(cell.value, batch["bound"]), f"By batch {row}: {cell.value} is not the bound"
            assert ("and more" in cell.number_format) != is_bounded, f"By batch {row}: {cell.number_format}"


def compare_total(sheet, row, first, report, value):
    """Three exact sums, three rounded ones, and the range of all."""
    places = report["places"]
    for column, scenario in enumerate(report["scenarios"], first):
        same(value(sheet, row, column), scenario["stated"], places, f"{sheet} {row}, total")
        same(value(sheet, row, column + 3), scenario["rounded"], places, f"{sheet} {row}, reported total")
    same(value(sheet, row, first + 6), report["scenarios"][-1]["low"], places, f"{sheet} {row}, low of all")
    same(value(sheet, row, first + 7), report["scenarios"][-1]["high"], places, f"{sheet} {row}, high of all")


def compare_parts(report, kept, value):
    """The tables of kinds, plans and tags on the summary."""
    names = [kept["Summary"].cell(row, 1).value for row in range(1, kept["Summary"].max_row + 1)]
    top = names.index("Kind of token") + 2
    for row, kind in enumerate(report["token_kinds"], top):
        for column, scenario in enumerate(SCENARIOS, 2):
            same(value("Summary", row, column), kind[scenario]["stated"], report["places"], f"kind {row}")
            same(value("Summary", row, column + 3), kind[scenario]["rounded"], report["places"], f"kind {row}, reported")
    compare_part(report["plans"], names.index("Plan") + 2, report, value)
    for key in {tag["key"] for tag in report["tags"]}:
        rows = [tag for tag in report["tags"] if tag["key"] == key]
        compare_part(rows, names.index(f"Tag {key}") + 2, report, value)


def compare_part(rows, top, report, value):
    places = report["places"]
    for row, line in enumerate(rows, top):
        assert value("Summary", row, 2) == line["requests"], f"Summary {row}: requests"
        if line["costs"] is None:
            assert value("Summary", row, 4) == "unpriced", f"Summary {row}: a price out of nowhere"
            continue
        for column, scenario in enumerate(SCENARIOS, 4):
            cost = line["costs"][scenario]
            same(value("Summary", row, column), cost["stated"], places, f"Summary {row} {scenario}")
            same(value("Summary", row, column + 3), cost["rounded"], places, f"Summary {row} {scenario}, reported")
        same(value("Summary", row, 10), line["costs"]["batch_cached"]["low"], places, f"Summary {row}, low")
        same(value("Summary", row, 11), line["costs"]["batch_cached"]["high"], places, f"Summary {row}, high")
    assert value("Summary", top + len(rows), 2) == report["requests"], f"Summary {top}: all requests"
    compare_total("Summary", top + len(rows), 4, report, value)


if __name__ == "__main__":
    main(*sys.argv[1:])
