//! From the tables of a file to a policy, one function for each table.

use batchwise_findings::{Rule, Severity};
use batchwise_pricing::nearest;
use batchwise_records::ApiVersion;
use batchwise_tokens::CacheTtl;
use batchwise_units::{Bytes, Tokens, Usd};
use toml::de::DeValue;

use crate::document::Document;
use crate::firm::{WHY_FIRM, is_firm};
use crate::table::{COUNT, NOT_A_COUNT, Table, as_count};
use crate::{
    Basis, Budget, Cap, Check, Exception, Glob, Growth, Increase, Limits, ModelList, Policy, Scenario,
    Setting, TokenCaps, WithoutBaseline,
};

/// How a severity is written; `None` is off.
const SEVERITIES: [(&str, Option<Severity>); 4] = [
    ("error", Some(Severity::Error)),
    ("warning", Some(Severity::Warning)),
    ("note", Some(Severity::Note)),
    ("off", None),
];

/// Reads the whole file. Everything that is wrong becomes a problem of the document.
pub(crate) fn policy(name: &str, document: &Document<'_>) -> Option<Policy> {
    let fields = document.parse()?;
    let root = Table::root(document, &fields);
    root.take("version", "is not a version this program reads", "write version = 1", |value| {
        as_count(value).filter(|version| *version == 1)
    });
    let policy = Policy {
        name: name.to_owned(),
        check: root.table("check").map(check).unwrap_or_default(),
        budgets: budgets(&root),
        increase: root.table("increase").map(increase).unwrap_or_default(),
        models: root.table("models").map(models).unwrap_or_default(),
        max_tokens: root.table("max_tokens").map(token_caps).unwrap_or_default(),
        limits: root.table("limits").map(limits).unwrap_or_default(),
        cache_ttl: root.table("cache").and_then(cache_ttl),
        severities: root.table("severity").map(severities).unwrap_or_default(),
        exceptions: root.tables("exception").into_iter().filter_map(exception).collect(),
    };
    root.finish();
    Some(policy)
}

fn check(table: Table<'_>) -> Check {
    let severities: Vec<(&str, Severity)> =
        SEVERITIES.iter().filter_map(|(word, severity)| Some((*word, (*severity)?))).collect();
    let beta = |text: &str| {
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',');
        (plain && (1..=256).contains(&text.len())).then(|| text.to_owned())
    };
    let help = "write the names of beta headers, like \"output-300k-2026-03-24\"";
    let betas = table.list("betas", "is not the name of a beta", help, beta);
    let versions: Vec<(&str, ApiVersion)> =
        ApiVersion::ALL.iter().map(|version| (version.name(), *version)).collect();
    let check = Check {
        api_version: table.choice("api_version", &versions),
        betas: betas.map(|list| list.map(|betas| betas.into_iter().map(|beta| beta.value).collect())),
        fail_on: table.choice("fail_on", &severities),
    };
    table.finish();
    check
}

/// The budgets. Only one of them may limit single requests, so that a finding about one knows its line.
fn budgets(root: &Table<'_>) -> Vec<Budget> {
    let mut per_request = false;
    let mut budgets = Vec::new();
    for table in root.tables("budget") {
        let budget = Budget {
            total: amount(&table, "total"),
            per_batch: amount(&table, "per_batch"),
            per_request: amount(&table, "per_request"),
            on: table.choice("on", &Basis::ALL.map(|basis| (basis.name(), basis))),
            scenario: table.choice("scenario", &Scenario::ALL.map(|scenario| (scenario.name(), scenario))),
        };
        if budget.per_request.is_some() && std::mem::replace(&mut per_request, true) {
            let wrong = "is a second limit of single requests";
            table.refuse("per_request", wrong, "keep one of them: a request is held to one limit");
        }
        if !["total", "per_batch", "per_request"].iter().any(|name| table.has(name)) {
            table.refuse_all("limits nothing", "add `total`, `per_batch` or `per_request`");
        }
        table.finish();
        budgets.push(budget);
    }
    budgets
}

fn increase(table: Table<'_>) -> Increase {
    let help = "write a percentage with at most two decimals as text, like \"20%\" or \"150%\"";
    let increase = Increase {
        max_usd: amount(&table, "max_usd"),
        max_percent: table.parsed("max_percent", "is not a percentage", help, Growth::parse),
        on: table.choice("on", &Basis::ALL.map(|basis| (basis.name(), basis))),
        without_baseline: table
            .choice("without_baseline", &WithoutBaseline::ALL.map(|choice| (choice.name(), choice))),
    };
    if !["max_usd", "max_percent"].iter().any(|name| table.has(name)) {
        table.refuse_all("limits nothing", "add `max_usd` or `max_percent`");
    }
    table.finish();
    increase
}

fn models(table: Table<'_>) -> ModelList {
    let list = ModelList { allow: table.globs("allow"), deny: table.globs("deny") };
    table.finish();
    list
}

fn token_caps(table: Table<'_>) -> TokenCaps {
    let pattern = |key: &str| {
        Glob::parse(key)
            .ok_or_else(|| "write a model, or a pattern with *, of 1 to 256 characters".to_owned())
    };
    let help = format!("{COUNT}; a pattern stands in quotes: \"claude-haiku-*\" = 4096");
    let caps = table.entries(pattern, NOT_A_COUNT, &help, |_, value| as_count(value).map(Tokens));
    TokenCaps::new(caps.into_iter().map(|(models, max)| Cap { models, max }).collect())
}

fn limits(table: Table<'_>) -> Limits {
    let help = "write bytes or a size as text, like \"200MB\" (200,000,000) or \"256MiB\"";
    let bytes = |value: &DeValue| {
        let size = as_count(value).map(Bytes).or_else(|| Bytes::parse(value.as_str()?).ok());
        size.filter(|size| size.0 > 0)
    };
    let limits = Limits {
        requests: table.count("requests"),
        bytes: table.take("bytes", "is not a size", help, bytes),
        batches: table.count("batches"),
    };
    table.finish();
    limits
}

fn cache_ttl(table: Table<'_>) -> Option<Setting<CacheTtl>> {
    let ttl = table.choice("ttl", &[("5m", CacheTtl::FiveMinutes), ("1h", CacheTtl::OneHour)]);
    let ttl = table.require("ttl", "write ttl = \"1h\"", ttl);
    table.finish();
    ttl
}

fn severities(table: Table<'_>) -> Vec<(Rule, Setting<Option<Severity>>)> {
    let words: Vec<String> = SEVERITIES.iter().map(|(word, _)| format!("\"{word}\"")).collect();
    let help = format!("write {}", words.join(" or "));
    let read = |_: &Rule, value: &DeValue| {
        let word = value.as_str()?;
        SEVERITIES.iter().find(|(known, _)| *known == word).map(|(_, severity)| *severity)
    };
    let entries = table.entries(rule_named, "is not a severity", &help, read);
    for (rule, severity) in &entries {
        if is_firm(*rule) && severity.value != Some(Severity::Error) {
            table.refuse(rule.id(), "can be neither lowered nor switched off", WHY_FIRM);
        }
    }
    entries
}

fn exception(table: Table<'_>) -> Option<Exception> {
    let help = "write the id of a rule, like \"policy-model\"";
    let named = table.text("rule");
    let rule = table.require("rule", help, named).and_then(|id| match rule_named(&id.value) {
        Ok(rule) => Some(id.map(|_| rule)),
        Err(help) => {
            table.refuse("rule", "is not a rule", &help);
            None
        }
    });
    let reason = table.text("reason");
    let expires = table.day("expires");
    let reason = table.require("reason", "say why the rule need not hold, in a few words", reason);
    let expires = table.require("expires", "name the last day it holds, like expires = 2027-03-31", expires);
    let (model, custom_id, file) = (table.glob("model"), table.glob("custom_id"), table.glob("file"));
    if let Some(rule) = &rule {
        refuse_excuses(&table, rule.value);
    }
    table.finish();
    Some(Exception { rule: rule?, reason: reason?, expires: expires?, model, custom_id, file })
}

fn refuse_excuses(table: &Table<'_>, rule: Rule) {
    if is_firm(rule) {
        table.refuse("rule", "cannot be excused", WHY_FIRM);
    } else if matches!(rule, Rule::PolicyExceptionExpired | Rule::PolicyExceptionUnused) {
        let help = "remove the other exception, or set the rule in [severity]";
        table.refuse("rule", "is about exceptions themselves and cannot be excused", help);
    }
}

fn amount(table: &Table<'_>, name: &'static str) -> Option<Setting<Usd>> {
    let help = "write US dollars as text, with at most 12 decimals, like \"250\" or \"12.50\"";
    table.parsed(name, "is not an amount", help, |text| Usd::parse(text).ok())
}

/// The rule of that id, or the way out.
fn rule_named(id: &str) -> Result<Rule, String> {
    let rule = Rule::ALL.iter().copied().find(|rule| rule.id() == id);
    rule.ok_or_else(|| match nearest(id, Rule::ALL.iter().map(|rule| rule.id())) {
        Some(meant) => format!("did you mean `{meant}`? docs/rules.md has all rules"),
        None => "write the id of a rule; docs/rules.md has all of them".to_owned(),
    })
}
