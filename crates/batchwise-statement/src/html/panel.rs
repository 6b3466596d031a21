//! The calculator: what the script of the page needs, and where it shows its results.

use std::collections::BTreeMap;

use batchwise_units::{Usd, requests};
use serde_json::{Value, json};

use super::sections::{paragraph, section};
use super::text::{escaped, inert_json};
use crate::calculator::texts;
use crate::{Basis, Calculator, CalculatorRow, Lever, Scenario, Statement};

/// The calculator, hidden until the script finds that it arrives at the figures of the report; empty where nothing has a
/// price.
pub(super) fn panel(statement: &Statement) -> String {
    if statement.scenarios.is_empty() {
        return String::new();
    }
    let Some(calculator) = &statement.calculator else {
        let older = "A plan of this report does not tell what its cost follows from: make it again to calculate here with \
                     other replies, hit rates and numbers of requests.";
        return section("calculator", "What if", &paragraph(older));
    };
    let without = "<noscript><p>With scripts, other replies, hit rates and numbers of requests can be tried here. All \
                   figures of the report are on this page without them.</p></noscript>\n";
    let content = format!(
        "{without}<p id=\"calculator-failed\" class=\"caveat\" role=\"alert\" hidden=\"hidden\">This browser does not arrive \
         at the figures of the report, so nothing can be calculated here.</p>\n\
         <div id=\"calculator-live\" hidden=\"hidden\">\n{}{}{}</div>\n\
         <script type=\"application/json\" id=\"calculator-data\">{}</script>\n",
        controls(statement, calculator),
        results(statement),
        rules(statement),
        inert_json(&data(statement, calculator)),
    );
    section("calculator", "What if", &content)
}

fn controls(statement: &Statement, calculator: &Calculator) -> String {
    let priced = statement.requests - statement.unpriced_requests;
    let times = Lever { planned: "once".to_owned(), start: Some("1".to_owned()), max: 100, fixed: None };
    [
        control("reply", "Expected reply, tokens", (0, "1"), &calculator.reply),
        control("hits", "Marked prefixes found in the cache, %", (0, "0.01"), &calculator.cache),
        control("times", &format!("How often {} are sent", requests(priced)), (1, "1"), &times),
        "<p><button type=\"button\" id=\"reset\">As in the report</button></p>\n".to_owned(),
    ]
    .concat()
}

/// A slider, a field for the exact number, and what holds as long as neither is touched.
fn control(id: &str, title: &str, (min, step): (u64, &str), lever: &Lever) -> String {
    let title = escaped(title);
    let planned = escaped(&lever.planned);
    if let Some(because) = lever.fixed {
        return format!(
            "<fieldset id=\"{id}\"><legend>{title}</legend><p>As planned: {planned}. {}</p></fieldset>\n",
            escaped(because)
        );
    }
    let max = lever.max;
    let start = lever.start.clone().unwrap_or(if id == "reply" { max.to_string() } else { "0".to_owned() });
    let start = escaped(&start);
    format!(
        "<fieldset id=\"{id}\"><legend>{title}</legend>\
         <input type=\"range\" id=\"{id}-range\" aria-label=\"{title}\" min=\"{min}\" max=\"{max}\" step=\"1\" \
         value=\"{start}\" autocomplete=\"off\" />\
         <input type=\"number\" id=\"{id}-number\" aria-label=\"{title}, exact\" min=\"{min}\" max=\"{max}\" step=\"{step}\" \
         placeholder=\"as planned\" inputmode=\"decimal\" autocomplete=\"off\" />\
         <output id=\"{id}-state\" data-planned=\"{planned}\">As planned: {planned}</output></fieldset>\n"
    )
}

fn results(statement: &Statement) -> String {
    let row = |scenario: Scenario| {
        let name = scenario.name();
        let cell = |what: &str| format!("<td class=\"number\" id=\"{name}-{what}\">-</td>");
        format!(
            "<tr><th scope=\"row\">{}</th>{}{}{}</tr>\n",
            scenario.title(),
            cell("cost"),
            cell("saved"),
            cell("percent")
        )
    };
    let kinds = statement.token_kinds.iter().map(|kind| escaped(&kind.token_kind));
    let kind = |kind: String| {
        let cell = |scenario: Scenario| {
            format!("<td class=\"number\" data-kind=\"{kind}\" data-scenario=\"{}\">-</td>", scenario.name())
        };
        format!("<tr><th scope=\"row\">{kind}</th>{}</tr>\n", Scenario::ALL.map(cell).concat())
    };
    let wanted = ["input", "cache_write_5m", "cache_write_1h", "cache_read", "output"];
    let more = wanted.iter().filter(|kind| !statement.token_kinds.iter().any(|row| row.token_kind == **kind));
    let mut names: Vec<String> = kinds.chain(more.map(|kind| (*kind).to_owned())).collect();
    names.sort_by_key(|name| crate::charge::order(name));
    format!(
        "<div aria-live=\"polite\">\n<p id=\"calculator-says\"></p>\n\
         <div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Calculated costs\">\n<table>\n\
         <caption>Stated cost by scenario, US dollars, calculated</caption>\n\
         <thead>\n<tr><th scope=\"col\">scenario</th><th scope=\"col\" class=\"number\">cost</th>\
         <th scope=\"col\" class=\"number\">saved</th><th scope=\"col\" class=\"number\">%</th></tr>\n</thead>\n\
         <tbody>\n{}</tbody>\n</table>\n</div>\n</div>\n\
         <div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Calculated costs by kind of token\">\n<table>\n\
         <caption>The same by kind of token</caption>\n\
         <thead>\n<tr><th scope=\"col\">kind of token</th><th scope=\"col\" class=\"number\">standard</th>\
         <th scope=\"col\" class=\"number\">batch</th><th scope=\"col\" class=\"number\">with caching</th></tr>\n</thead>\n\
         <tbody>\n{}</tbody>\n</table>\n</div>\n",
        Scenario::ALL.map(row).concat(),
        names.into_iter().map(kind).collect::<String>(),
    )
}

/// By which rules it calculates, and what it leaves as it is.
fn rules(statement: &Statement) -> String {
    let mut text = "Calculated exactly, in whole numbers, from the tokens, prices and max_tokens of the plans: the amounts are \
                    those of a plan made with these terms. A reply is at most as long as its request's max_tokens. Sent \
                    several times means the same requests again under other names. Ranges, batches and bounds are not \
                    calculated here: plan again for them."
        .to_owned();
    if statement.scenarios.iter().any(|row| row.basis.contains(&Basis::LargestInputs)) {
        text.push_str(" Input of unknown size counts with the most that it can be.");
    }
    if statement.unpriced_requests > 0 {
        let count = requests(statement.unpriced_requests);
        text.push_str(&format!(" {count} without a price are in no amount here either."));
    }
    paragraph(&text)
}

fn data(statement: &Statement, calculator: &Calculator) -> Value {
    let rates = calculator.rows.iter().flat_map(|row| row.usd_per_mtok.values().flat_map(BTreeMap::values));
    let decimals = |text: String| text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let rate_places = rates.map(|rate| decimals(rate.to_string())).max().unwrap_or(0).max(12);
    let costs: BTreeMap<&str, Usd> =
        statement.scenarios.iter().map(|row| (row.scenario.name(), row.cost.stated)).collect();
    json!({
        "places": statement.places,
        "rate_places": rate_places,
        "requests": (statement.requests - statement.unpriced_requests).to_string(),
        "cache_multiplies": calculator.cache_multiplies,
        "stated": costs,
        "rows": calculator.rows.iter().map(row).collect::<Vec<_>>(),
    })
}

fn row(row: &CalculatorRow) -> Value {
    let caps = row.caps.iter().flatten();
    let caps: Vec<[String; 2]> =
        caps.map(|cap| [cap.max_tokens.to_string(), cap.requests.to_string()]).collect();
    json!({
        "standard": row.usd_per_mtok["standard"],
        "batch": row.usd_per_mtok["batch"],
        "uncached": texts(&row.uncached),
        "cached": texts(&row.cached),
        "caps": caps,
        "cold": texts(&row.cold),
        "warm": texts(&row.warm),
    })
}
