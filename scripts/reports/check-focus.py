#!/usr/bin/env python3
"""Validates the FOCUS rows of `batchwise report` with focus-validator, and adds them up.

Usage: check-focus.py ROWS.csv REPORT.json, with the metadata in ROWS.csv.metadata.json.

The validator exits with 0 whatever it finds, so what it prints is read. Rows without an invoice cannot keep both
InvoiceId-C-004 and InvoiceId-C-005, which contradict each other: exactly one of them must fail, and nothing else.
"""

import csv
import json
import pathlib
import re
import subprocess
import sys
from decimal import Decimal

import focus_validator

CONTRADICTION = {"InvoiceId-C-004", "InvoiceId-C-005"}


def main(rows_path, report_path):
    report = json.load(open(report_path))
    metadata = json.load(open(rows_path + ".metadata.json"))
    rows = list(csv.DictReader(open(rows_path, newline="")))
    check_sums(rows, report, metadata)
    failed, passed = validate(rows_path)
    print(f"  FOCUS: {len(rows)} rows, {passed} checks passed, failed: {', '.join(sorted(failed)) or 'none'}")


def check_sums(rows, report, metadata):
    cached = next(row for row in report["scenarios"] if row["scenario"] == "batch_cached")
    total = lambda column: sum(Decimal(row[column]) for row in rows)
    for column in ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"):
        assert total(column) == Decimal(cached["stated"]), f"{column} adds up to {total(column)}"
    assert total("x_StandardCost") == Decimal(report["scenarios"][0]["stated"])
    assert total("x_SavedCost") == Decimal(cached["saved"]["stated"])
    for row in rows:
        cost = Decimal(row["PricingQuantity"]) * Decimal(row["ContractedUnitPrice"])
        assert cost == Decimal(row["BilledCost"]), row
        assert Decimal(row["ConsumedQuantity"]) == Decimal(row["PricingQuantity"]) * 1_000_000, row
        assert row["x_Projected"] == "true" and row["InvoiceId"] == "", row
    named = [column["ColumnName"] for column in metadata["Schema"]["ColumnDefinition"]]
    assert not rows or named == list(rows[0]), "the metadata name other columns"
    projection = metadata["x_Projection"]
    assert projection["cost"]["stated"] == cached["stated"]
    assert projection["unpriced_requests"] == report["unpriced_requests"]


def validate(rows_path):
    """The rules that failed, and how many checks passed."""
    site_packages = pathlib.Path(focus_validator.__file__).parent.parent
    command = [sys.executable, "-m", "focus_validator.main", "--data-file", str(pathlib.Path(rows_path).resolve())]
    command += ["--validate-version", "1.2.0.1", "--block-download", "--output-type", "console"]
    run = subprocess.run(command, cwd=site_packages, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    failed = set(re.findall(r"^❌ ([A-Za-z]+-[A-Z]-\d+)-[A-Z]", run.stdout, re.MULTILINE))
    passed = len(re.findall(r"^✅ ", run.stdout, re.MULTILINE))
    assert passed > 100, run.stdout + run.stderr
    assert len(failed) == 1 and failed < CONTRADICTION, run.stdout
    return failed, passed


if __name__ == "__main__":
    main(*sys.argv[1:])
