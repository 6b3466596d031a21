#!/usr/bin/env python3
"""Adds up the CSV of `batchwise report` and compares it with the JSON report, exactly.

Usage: check-csv.py REPORT.csv REPORT.json
"""

import csv
import json
import sys
from decimal import Decimal


def main(rows_path, report_path):
    report = json.load(open(report_path))
    rows = list(csv.DictReader(open(rows_path, newline="")))
    columns = ["scenario", "model", "token_kind", "quantity", "unit", "unit_price_usd", "cost_usd"]
    assert list(rows[0])[: len(columns)] == columns, rows[0]
    for scenario in report["scenarios"]:
        of_it = [row for row in rows if row["scenario"] == scenario["scenario"]]
        priced = [row for row in of_it if row["token_kind"] != "unpriced"]
        cost = sum(Decimal(row["cost_usd"]) for row in priced)
        assert cost == Decimal(scenario["stated"]), f"{scenario['scenario']} adds up to {cost}"
        for row in priced:
            assert Decimal(row["quantity"]) * Decimal(row["unit_price_usd"]) == Decimal(row["cost_usd"]), row
        unpriced = [row for row in of_it if row["token_kind"] == "unpriced"]
        assert sum(int(row["unpriced_requests"]) for row in unpriced) == report["unpriced_requests"]
        assert all(row["cost_usd"] == "" for row in unpriced)
    for row in rows:
        for cell in row.values():
            assert not cell.startswith(("=", "+", "@", "\t", "\r")), f"a formula: {cell}"
    print(f"  CSV: {len(rows)} rows, exactly as in the JSON")


if __name__ == "__main__":
    main(*sys.argv[1:])
