use std::collections::BTreeMap;

use batchwise_findings::{Finding, Reference, Severity};
use batchwise_plan::Quote;
use serde::Serialize;

use crate::plain;
use crate::{CheckReport, Counts, RuleCount, Told};

/// The name and version of the format. Within a version, fields are added only.
const SCHEMA: &str = "batchwise.check/1";

#[derive(Serialize)]
struct Json<'r> {
    schema: &'static str,
    verdict: &'static str,
    requests: u64,
    unpriced_requests: u64,
    unbounded_requests: u64,
    left_out_lines: u64,
    batches: u64,
    files: Vec<JsonFile<'r>>,
    quote: Option<Quote>,
    counts: Counts,
    excused: u64,
    rules: BTreeMap<&'static str, JsonRule>,
    findings: Vec<JsonFinding<'r>>,
}

#[derive(Serialize)]
struct JsonFile<'r> {
    path: &'r str,
    requests: u64,
}

#[derive(Serialize)]
struct JsonRule {
    #[serde(flatten)]
    counts: Counts,
    omitted: u64,
}

#[derive(Serialize)]
struct JsonFinding<'r> {
    rule: &'static str,
    severity: &'static str,
    file: Option<&'r str>,
    line: Option<u64>,
    column: Option<u64>,
    start: Option<u64>,
    end: Option<u64>,
    custom_id: Option<&'r str>,
    model: Option<&'r str>,
    field: Option<&'r str>,
    message: &'r str,
    help: Option<&'r str>,
    requests: u64,
    see: Option<JsonReference<'r>>,
}

#[derive(Serialize)]
struct JsonReference<'r> {
    file: &'r str,
    line: u64,
    column: Option<u64>,
    label: &'r str,
}

/// The report as JSON, `batchwise.check/1`: two spaces, one newline at the end.
pub fn check_json(report: &CheckReport) -> String {
    let json = Json {
        schema: SCHEMA,
        verdict: report.verdict.name(),
        requests: report.requests,
        unpriced_requests: report.unpriced_requests,
        unbounded_requests: report.unbounded_requests,
        left_out_lines: report.left_out_lines,
        batches: report.batches,
        files: report
            .files
            .iter()
            .map(|file| JsonFile { path: &file.name, requests: file.requests })
            .collect(),
        quote: report.quote,
        counts: report.counts(),
        excused: report.excused,
        rules: report.rules.iter().map(|(rule, count)| (rule.id(), rule_json(count))).collect(),
        findings: report.findings.iter().map(finding_json).collect(),
    };
    plain::json(&json)
}

fn rule_json(count: &RuleCount) -> JsonRule {
    JsonRule { counts: count.counts, omitted: count.omitted }
}

fn finding_json(told: &Told) -> JsonFinding<'_> {
    let Finding { rule, message, at, see, help, request, requests } = &told.finding;
    JsonFinding {
        rule: rule.id(),
        severity: Severity::name(told.severity),
        file: at.as_ref().map(|place| place.file.as_str()),
        line: at.as_ref().map(|place| place.line),
        column: at.as_ref().map(|place| place.column),
        start: at.as_ref().map(|place| place.bytes.start),
        end: at.as_ref().map(|place| place.bytes.end),
        custom_id: request.as_ref().map(|request| request.custom_id.as_str()),
        model: request.as_ref().map(|request| request.model.as_str()),
        field: at.as_ref().map(|place| place.field.as_str()).filter(|field| !field.is_empty()),
        message,
        help: help.as_deref(),
        requests: *requests,
        see: see.as_ref().map(reference_json),
    }
}

fn reference_json(reference: &Reference) -> JsonReference<'_> {
    let Reference { file, line, column, label, .. } = reference;
    JsonReference { file, line: *line, column: *column, label }
}
