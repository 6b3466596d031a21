use batchwise_units::{ExpectedTokens, Usd, dollars, group, grouped};

use crate::grid::{amount, draw, name, wrapped};
use crate::headline::sentences;
use crate::{Cost, Costs, Scenario, Statement};

/// How many batches are listed one by one.
const BATCHES_LISTED: usize = 10;

/// The statement for a terminal: at most 80 columns but for names, addresses and very large amounts; no colour.
pub fn table(statement: &Statement) -> Vec<u8> {
    let sections = [
        opening(statement),
        scenarios(statement),
        cache(statement),
        models(statement),
        kinds(statement),
        batches(statement),
        tags(statement),
        plans(statement),
        prices(statement),
        assumptions(statement),
        closing(statement),
    ];
    let sections: Vec<String> = sections.into_iter().filter(|section| !section.is_empty()).collect();
    sections.join("\n").into_bytes()
}

fn opening(statement: &Statement) -> String {
    let mut text = wrapped(&statement.headline, "");
    text.extend(statement.caveats.iter().map(|caveat| wrapped(caveat, "")));
    text
}

fn scenarios(statement: &Statement) -> String {
    let places = statement.places;
    let Some(first) = statement.scenarios.first() else { return String::new() };
    let middle = if first.basis.is_empty() { "likely" } else { "stated" };
    let mut rows = vec![["USD", "low", middle, "high", "saved", "%"].map(str::to_owned).to_vec()];
    for row in &statement.scenarios {
        let Cost { range, stated, rounded } = row.cost;
        let mut cells = vec![
            row.scenario.title().to_owned(),
            dollars(range.low(), places),
            amount(rounded, stated, places),
            dollars(range.high(), places),
        ];
        if let Some(saved) = &row.saved {
            cells.push(dollars(saved.rounded, places));
            cells.push(saved.percent.clone().unwrap_or("-".to_owned()));
        }
        rows.push(cells);
    }
    let mut text = draw(&rows);
    for (titles, basis) in unlikely(statement) {
        text.push_str(&wrapped(&format!("{titles}: no likely cost is known; stated with {basis}"), "  "));
    }
    text
}

/// The scenarios without a likely cost, and with what they are stated; those that are stated alike together.
pub(crate) fn unlikely(statement: &Statement) -> Vec<(String, String)> {
    let rows: Vec<_> = statement.scenarios.iter().filter(|row| !row.basis.is_empty()).collect();
    let alike = rows.chunk_by(|one, other| one.basis == other.basis);
    let titles = |rows: &[&crate::ScenarioRow]| {
        rows.iter().map(|row| row.scenario.title()).collect::<Vec<_>>().join("; ")
    };
    alike.map(|rows| (titles(rows), sentences(&rows[0].basis))).collect()
}

fn cache(statement: &Statement) -> String {
    if statement.cache_scenarios.is_empty() || !has_caching(statement) {
        return String::new();
    }
    let places = statement.places;
    let header = ["What the cache does", "low", "likely", "high", "longest replies"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for row in &statement.cache_scenarios {
        let shown = |usd: Option<Usd>| usd.map_or("-".to_owned(), |usd| dollars(usd, places));
        let (low, high) = (Some(row.range.low()), Some(row.range.high()));
        let amounts = [low, row.range.likely(), high, row.with_longest_replies].map(shown);
        rows.push([name(&row.scenario)].into_iter().chain(amounts).collect());
    }
    draw(&rows)
}

/// Whether the cache changes anything.
pub(crate) fn has_caching(statement: &Statement) -> bool {
    let rows = &statement.cache_scenarios;
    rows.iter().any(|row| row.range != rows[0].range)
}

/// The stated costs of a row, or dashes where nothing has a price.
pub(crate) fn stated(costs: Option<&Costs>, places: u32) -> [String; 3] {
    Scenario::ALL.map(|scenario| match costs.map(|costs| costs.of(scenario)) {
        Some(cost) => amount(cost.rounded, cost.stated, places),
        None => "unpriced".to_owned(),
    })
}

/// The stated costs of all.
pub(crate) fn totals(statement: &Statement) -> Vec<String> {
    let cell = |cost: &Cost| amount(cost.rounded, cost.stated, statement.places);
    statement.scenarios.iter().map(|row| cell(&row.cost)).collect()
}

/// A table under its title, with a total where there are several rows.
fn section(title: &str, header: &[&str], mut rows: Vec<Vec<String>>, total: Vec<String>) -> String {
    let several = rows.len() > 1;
    rows.insert(0, header.iter().map(|cell| (*cell).to_owned()).collect());
    if several {
        rows.push(total);
    }
    format!("{title}\n{}", draw(&rows))
}

fn models(statement: &Statement) -> String {
    let row = |row: &crate::ModelRow| {
        let first = [row.model.as_deref().map_or("(all models)".to_owned(), name), grouped(row.requests)];
        first.into_iter().chain(stated(row.costs.as_ref(), statement.places)).collect()
    };
    let rows: Vec<Vec<String>> = statement.models.iter().map(row).collect();
    let total =
        ["total".to_owned(), grouped(statement.requests)].into_iter().chain(totals(statement)).collect();
    let mut text =
        section("By model", &["model", "requests", "standard", "batch", "with caching"], rows, total);
    for row in statement.models.iter().filter(|row| row.unpriced_requests > 0) {
        let because = row.unpriced_because.as_deref().unwrap_or("no price is known");
        let model = row.model.as_deref().unwrap_or("(all models)");
        let note = format!("{model}: {} unpriced, in no amount: {because}", grouped(row.unpriced_requests));
        text.push_str(&wrapped(&note, "  "));
    }
    if statement.models.is_empty() { String::new() } else { text }
}

/// A number of tokens for people.
pub(crate) fn count(tokens: Option<ExpectedTokens>) -> String {
    let Some(tokens) = tokens else { return "-".to_owned() };
    let text = tokens.to_string();
    match text.split_once('.') {
        Some((whole, decimals)) => format!("{}.{decimals}", group(whole)),
        None => group(&text),
    }
}

fn kinds(statement: &Statement) -> String {
    let places = statement.places;
    let row = |row: &crate::KindRow| {
        let cost = |scenario: Scenario| amount(row.of(scenario).rounded, row.of(scenario).stated, places);
        vec![
            name(&row.token_kind),
            count(row.batch.tokens),
            cost(Scenario::Standard),
            cost(Scenario::Batch),
            count(row.batch_cached.tokens),
            cost(Scenario::BatchCached),
        ]
    };
    let rows: Vec<Vec<String>> = statement.token_kinds.iter().map(row).collect();
    let total = match &totals(statement)[..] {
        [standard, batch, cached] => ["total", "", standard, batch, "", cached].map(str::to_owned).to_vec(),
        _ => Vec::new(),
    };
    let header = ["kind of token", "tokens", "standard", "batch", "cached tokens", "with caching"];
    if rows.is_empty() { String::new() } else { section("By kind of token", &header, rows, total) }
}

fn batches(statement: &Statement) -> String {
    let places = statement.places;
    let several_plans = statement.plans.len() > 1;
    let row = |row: &crate::BatchRow| {
        let [_, batch, cached] = stated(row.costs.as_ref(), places);
        let bound = row.bound.map_or("unpriced".to_owned(), |usd| dollars(usd.rounded_up(places), places));
        let number = row.batch.map_or("all".to_owned(), |index| (index + 1).to_string());
        let label = if several_plans { format!("{}.{number}", row.plan + 1) } else { number };
        vec![label, grouped(row.requests), grouped(row.body_bytes.0), batch, cached, bound]
    };
    if statement.batches.is_empty() {
        return String::new();
    }
    let label = if several_plans { "plan.batch" } else { "batch" };
    let mut rows =
        vec![[label, "requests", "body bytes", "batch", "with caching", "up to"].map(str::to_owned).to_vec()];
    rows.extend(statement.batches.iter().take(BATCHES_LISTED).map(row));
    let mut text = format!("By batch\n{}", draw(&rows));
    if statement.batches.len() > BATCHES_LISTED {
        let more = grouped((statement.batches.len() - BATCHES_LISTED) as u64);
        text.push_str(&format!("  … and {more} more; --format csv, json and xlsx list all\n"));
    }
    text
}

fn tags(statement: &Statement) -> String {
    let mut sections = Vec::new();
    for rows in statement.tags.chunk_by(|one, other| one.key == other.key) {
        let row = |row: &crate::TagRow| {
            let value = row.value.as_deref().map_or("(no such tag)".to_owned(), name);
            let first = [value, grouped(row.requests)];
            first.into_iter().chain(stated(row.costs.as_ref(), statement.places)).collect()
        };
        let total = ["total".to_owned(), grouped(statement.requests)];
        let total = total.into_iter().chain(totals(statement)).collect();
        let key = name(&rows[0].key);
        let header = [key.as_str(), "requests", "standard", "batch", "with caching"];
        sections.push(section(&format!("By tag {key}"), &header, rows.iter().map(row).collect(), total));
    }
    sections.join("\n")
}

fn plans(statement: &Statement) -> String {
    let row = |(number, row): (usize, &crate::PlanRow)| {
        let first = [format!("{number}: {}", name(&row.name)), grouped(row.requests)];
        first.into_iter().chain(stated(row.costs.as_ref(), statement.places)).collect()
    };
    let rows = (1..).zip(&statement.plans).map(row).collect();
    let total =
        ["total".to_owned(), grouped(statement.requests)].into_iter().chain(totals(statement)).collect();
    let mut text = section("Plans", &["plan", "requests", "standard", "batch", "with caching"], rows, total);
    for (number, plan) in (1..).zip(&statement.plans) {
        let note = format!(
            "{number}: {}, prices of {}, price book {}, sha256 {}…",
            plan.verdict,
            plan.priced_on,
            plan.price_book,
            &plan.sha256.to_string()[..16]
        );
        text.push_str(&wrapped(&note, "  "));
    }
    text
}

fn prices(statement: &Statement) -> String {
    if statement.prices.is_empty() {
        return String::new();
    }
    let header = ["USD per million tokens", "in", "out", "write 5m", "write 1h", "read"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    let mut notes = String::new();
    for (number, price) in (1..).zip(&statement.prices) {
        for mode in ["standard", "batch"] {
            let kinds = ["input", "output", "cache_write_5m", "cache_write_1h", "cache_read"];
            let cell =
                |kind: &str| price.usd_per_mtok[mode].get(kind).map_or("-".to_owned(), ToString::to_string);
            rows.push([format!("{number}: {mode}")].into_iter().chain(kinds.map(cell)).collect());
        }
        notes.push_str(&wrapped(&format!("{number}: {}", price.about()), "  "));
    }
    format!("Prices\n{}{notes}", draw(&rows))
}

impl crate::PriceRow {
    /// Of what, since when, and who says so.
    pub(crate) fn about(&self) -> String {
        let alias = self.priced_as.as_ref().filter(|id| **id != self.model);
        let alias = alias.map(|id| format!(" (priced as {id})")).unwrap_or_default();
        let geo = if self.geo == "us" { ", US" } else { "" };
        let over = self.prompt_tokens_over.map(|over| format!(", prompts over {}", grouped(over.0)));
        let checked = self.checked.as_ref().map(|day| format!(", read {day}")).unwrap_or_default();
        let over = over.unwrap_or_default();
        format!("{}{alias}{over}{geo}, since {}{checked}: {}", self.model, self.since, self.source)
    }
}

fn assumptions(statement: &Statement) -> String {
    let several = statement.plans.len() > 1;
    let lines = statement.assumptions.iter().map(|row| {
        let plans: Vec<String> = row.plans.iter().map(|plan| (plan + 1).to_string()).collect();
        let all = row.plans.len() == statement.plans.len();
        let of = if several && !all { format!(" (plan {})", plans.join(", ")) } else { String::new() };
        wrapped(&format!("{}{of}: {} [{}]", row.key, row.value, row.source), "  ")
    });
    format!("What it rests on\n{}", lines.collect::<String>())
}

fn closing(statement: &Statement) -> String {
    let found = &statement.findings;
    let rules: Vec<String> =
        found.rules.iter().map(|(rule, count)| format!("{rule} {}", grouped(*count))).collect();
    let rules = if rules.is_empty() { String::new() } else { format!(": {}", rules.join(", ")) };
    let text = format!(
        "Verdict {}; errors {}, warnings {}, notes {}{rules}.",
        statement.verdict,
        grouped(found.error),
        grouped(found.warning),
        grouped(found.note)
    );
    wrapped(&text, "")
}
