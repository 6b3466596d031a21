use batchwise_findings::visible as name;
use batchwise_units::grouped;

use crate::cells::{COSTS, Part};
use crate::grid::{draw, fits, joined, wrapped};
use crate::{BatchRow, Statement};

/// How many batches are listed one by one.
const BATCHES_LISTED: usize = 10;

/// The narrowest terminal that a statement is made for.
const COLUMNS_MIN: usize = 80;

/// The statement for a terminal: at most so many columns (never fewer than 80) but for names, addresses and very large amounts; no colour.
/// Tables of parts have their low and high ends where these fit.
pub fn table(statement: &Statement, columns: usize) -> Vec<u8> {
    let page = Page { statement, places: statement.places, columns: columns.max(COLUMNS_MIN) };
    joined([
        page.opening(),
        page.scenarios(),
        page.cache(),
        page.models(),
        page.kinds(),
        page.batches(),
        page.tags(),
        page.plans(),
        page.prices(),
        page.assumptions(),
        page.closing(),
    ])
}

struct Page<'s> {
    statement: &'s Statement,
    places: u32,
    columns: usize,
}

impl Page<'_> {
    fn opening(&self) -> String {
        let sentences = std::iter::once(&self.statement.headline).chain(&self.statement.caveats);
        sentences.map(|sentence| wrapped(sentence, "", self.columns)).collect()
    }

    fn draw(&self, rows: &[Vec<String>]) -> String {
        draw(rows, self.columns)
    }

    fn note(&self, text: &str) -> String {
        wrapped(text, "  ", self.columns)
    }

    fn scenarios(&self) -> String {
        let Statement { scenarios, .. } = self.statement;
        if scenarios.is_empty() {
            return String::new();
        }
        let header = ["USD"].into_iter().chain(self.statement.scenario_columns());
        let mut rows = vec![header.map(str::to_owned).collect::<Vec<_>>()];
        for row in scenarios {
            rows.push([row.scenario.title().to_owned()].into_iter().chain(row.cells(self.places)).collect());
        }
        let mut text = self.draw(&rows);
        for (titles, basis) in self.statement.unlikely() {
            text.push_str(&self.note(&format!("{titles}: not the likely cost, but stated with {basis}")));
        }
        text
    }

    fn cache(&self) -> String {
        if !self.statement.has_caching() {
            return String::new();
        }
        let header = ["What the cache does", "low", "likely", "high", "longest replies"];
        let mut rows = vec![header.map(str::to_owned).to_vec()];
        for row in &self.statement.cache_scenarios {
            rows.push([name(&row.scenario)].into_iter().chain(row.cells(self.places)).collect());
        }
        let meanings = self.statement.cache_scenarios.iter().map(|row| self.note(&row.says()));
        self.draw(&rows) + &meanings.collect::<String>()
    }

    /// A table of parts, with a total where there are several. Where low and high do not fit they are left out.
    fn parts<'c>(&self, title: &str, first: &str, parts: impl Iterator<Item = (String, Part<'c>)>) -> String {
        let row = |(name, part): (String, Part<'_>)| -> Vec<String> {
            [name, grouped(part.requests)].into_iter().chain(part.cells(self.places)).collect()
        };
        let header = [first, "requests"].into_iter().chain(COSTS).map(str::to_owned);
        let mut rows: Vec<Vec<String>> = [header.collect()].into_iter().chain(parts.map(row)).collect();
        if rows.len() > 2 {
            rows.push(row(("total".to_owned(), self.statement.whole(&self.statement.costs()))));
        }
        if fits(&rows, self.columns) {
            return format!("{title}; low and high are with caching\n{}", self.draw(&rows));
        }
        let kept = rows[0].len() - 2;
        rows.iter_mut().for_each(|row| row.truncate(kept));
        format!("{title}\n{}", self.draw(&rows))
    }

    fn models(&self) -> String {
        let models = &self.statement.models;
        if models.is_empty() {
            return String::new();
        }
        let parts = models.iter().map(|row| (name(row.name()), row.part()));
        let mut text = self.parts("By model", "model", parts);
        text.extend(models.iter().filter_map(|row| row.unpriced()).map(|note| self.note(&note)));
        text
    }

    fn kinds(&self) -> String {
        let header = ["kind of token", "tokens", "standard", "batch", "cached tokens", "with caching"];
        let mut rows = vec![header.map(str::to_owned).to_vec()];
        for row in &self.statement.token_kinds {
            let mut cells = row.cells(self.places);
            cells[0] = name(&cells[0]);
            rows.push(cells);
        }
        match rows.len() {
            1 => return String::new(),
            2 => (),
            _ => rows.extend(self.statement.total_of_kinds()),
        }
        format!("By kind of token\n{}", self.draw(&rows))
    }

    fn batches(&self) -> String {
        let all = &self.statement.batches;
        if all.is_empty() {
            return String::new();
        }
        let header = ["plan", "batch", "requests", "body bytes", "batch", "with caching", "up to"];
        let mut rows = vec![header.map(str::to_owned).to_vec()];
        let numbered = |row: &BatchRow| self.batch([(row.plan + 1).to_string(), row.number()], row);
        rows.extend(all.iter().take(BATCHES_LISTED).map(numbered));
        let several_plans = self.statement.plans.len() > 1;
        let total = if several_plans { ["total", ""] } else { ["", "total"] }.map(str::to_owned);
        rows.extend((all.len() > 1).then(|| self.batch(total, &self.statement.sum_of(all))));
        if !several_plans {
            rows.iter_mut().for_each(|row| drop(row.remove(0)));
        }
        let mut text = format!("By batch\n{}", self.draw(&rows));
        if all.len() > BATCHES_LISTED {
            let more = grouped((all.len() - BATCHES_LISTED) as u64);
            text.push_str(&format!("  The total has {more} more; --format csv, json and xlsx list all\n"));
        }
        text
    }

    fn batch(&self, names: [String; 2], row: &BatchRow) -> Vec<String> {
        let [_, batch, cached] = row.part().stated(self.places);
        let counts = [grouped(row.requests), grouped(row.body_bytes.0)];
        names.into_iter().chain(counts).chain([batch, cached, row.up_to(self.places)]).collect()
    }

    fn tags(&self) -> String {
        let by_key = self.statement.tags.chunk_by(|one, other| one.key == other.key).map(|rows| {
            let parts = rows.iter().map(|row| (name(row.name()), row.part()));
            let key = name(&rows[0].key);
            self.parts(&format!("By tag {key}"), &key, parts)
        });
        by_key.collect::<Vec<_>>().join("\n")
    }

    fn plans(&self) -> String {
        let plans = || (1..).zip(&self.statement.plans);
        let parts = plans().map(|(number, row)| (format!("{number}: {}", name(&row.name)), row.part()));
        let mut text = self.parts("Plans", "plan", parts);
        for (number, plan) in plans() {
            text.push_str(&self.note(&format!(
                "{number}: {}, prices of {}, price book {}, sha256 {}…",
                plan.verdict,
                plan.priced_on,
                plan.price_book,
                &plan.sha256.to_string()[..16]
            )));
        }
        text
    }

    fn prices(&self) -> String {
        let prices = || (1..).zip(&self.statement.prices);
        if self.statement.prices.is_empty() {
            return String::new();
        }
        let header = ["USD per million tokens", "in", "out", "write 5m", "write 1h", "read"];
        let mut rows = vec![header.map(str::to_owned).to_vec()];
        for (number, price) in prices() {
            for (mode, cells) in price.cells() {
                rows.push([format!("{number}: {mode}")].into_iter().chain(cells).collect());
            }
        }
        let notes = prices().map(|(number, price)| self.note(&format!("{number}: {}", price.about())));
        format!("Prices\n{}{}", self.draw(&rows), notes.collect::<String>())
    }

    fn assumptions(&self) -> String {
        let several = self.statement.plans.len() > 1;
        let lines = self.statement.assumptions.iter().map(|row| {
            let all = row.plans.len() == self.statement.plans.len();
            let of = if several && !all { format!(" (plan {})", row.numbers()) } else { String::new() };
            self.note(&format!("{}{of}: {} [{}]", row.key, row.value, row.source))
        });
        format!("What it rests on\n{}", lines.collect::<String>())
    }

    fn closing(&self) -> String {
        let found = &self.statement.findings;
        let rules: Vec<String> =
            found.rules.iter().map(|(rule, count)| format!("{rule} {}", grouped(*count))).collect();
        let rules = if rules.is_empty() { String::new() } else { format!(": {}", rules.join(", ")) };
        let text = format!("Verdict {}; {}{rules}.", self.statement.verdict, found.counts());
        wrapped(&text, "", self.columns)
    }
}
