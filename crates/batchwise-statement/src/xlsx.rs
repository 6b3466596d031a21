//! A workbook whose amounts are formulas over tokens and prices.

use std::collections::{BTreeMap, HashMap};

use batchwise_findings::visible;
use batchwise_units::{ExpectedTokens, Rate, Usd};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Formula, Workbook, Worksheet, XlsxError,
};

use crate::headline::sentences;
use crate::table::has_caching;
use crate::{Costs, Scenario, Statement, StatementError};

/// How many rows a worksheet has.
const ROWS_MAX: usize = 1_048_576;

/// How many characters of a text a cell takes; Excel's limit is 32,767 units of UTF-16.
const TEXT_MAX: usize = 8_000;

/// The sheet of the charges, to which the others refer, and its column of costs.
const CHARGES: &str = "Scenarios";
const COST: &str = "K";

type Written = Result<(), XlsxError>;

/// The statement as a workbook: Summary, By model, By batch, Scenarios (all charges), Assumptions and Prices.
///
/// Prices and tokens are numbers, all stated costs are formulas over them with their values beside, so a changed price
/// changes everything. Columns that are called reported hold the rounded amounts of the other formats, and do not change.
/// Equal statements give equal bytes. A spreadsheet computes in binary floating point, so its sums may differ from ours
/// beyond the fifteenth digit.
///
/// # Errors
/// When a worksheet would have more rows than it may.
pub fn xlsx(statement: &Statement) -> Result<Vec<u8>, StatementError> {
    let summary = statement.caveats.len()
        + statement.token_kinds.len()
        + 3 * statement.tags.len()
        + statement.plans.len()
        + statement.cache_scenarios.len();
    let sheets = [
        statement.charges.len(),
        statement.batches.len(),
        statement.models.len(),
        statement.assumptions.len(),
        2 * statement.prices.len(),
        summary,
    ];
    let rows = sheets.into_iter().max().unwrap_or_default() + 20;
    if rows > ROWS_MAX {
        return Err(StatementError::TooManyRows { rows, max: ROWS_MAX });
    }
    Ok(Book::new(statement).write().expect("a statement within the limits makes a workbook"))
}

struct Book<'s> {
    statement: &'s Statement,
    heading: Format,
    bold: Format,
    wrapped: Format,
    exact: Format,
    rounded: Format,
    count: Format,
    percent: Format,
    rate: Format,
}

impl<'s> Book<'s> {
    fn new(statement: &'s Statement) -> Book<'s> {
        let places = "0".repeat(statement.places as usize);
        let heading = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top);
        Book {
            statement,
            heading,
            bold: Format::new().set_bold(),
            wrapped: Format::new().set_text_wrap().set_align(FormatAlign::Top),
            exact: Format::new().set_num_format(format!("$#,##0.{places}######")),
            rounded: Format::new().set_num_format(format!("$#,##0.{places}")),
            count: Format::new().set_num_format("#,##0.####"),
            percent: Format::new().set_num_format("0.0%"),
            rate: Format::new().set_num_format("$0.00######"),
        }
    }

    fn write(&self) -> Result<Vec<u8>, XlsxError> {
        let mut workbook = Workbook::new();
        workbook.set_properties(&self.properties()?);
        for (name, fill) in [
            ("Summary", Book::summary as fn(&Book<'s>, &mut Worksheet) -> Written),
            ("By model", Book::models),
            ("By batch", Book::batches),
            (CHARGES, Book::charges),
            ("Assumptions", Book::assumptions),
            ("Prices", Book::prices),
        ] {
            fill(self, workbook.add_worksheet().set_name(name)?)?;
        }
        workbook.save_to_buffer()
    }

    /// The day is that of the prices, so that equal statements give equal bytes.
    fn properties(&self) -> Result<DocProperties, XlsxError> {
        let day = self.statement.plans.iter().map(|plan| plan.priced_on.as_str()).max().unwrap_or_default();
        let number = |part: usize| day.split('-').nth(part).and_then(|digits| digits.parse::<u16>().ok());
        let parts = number(0).zip(number(1).zip(number(2)));
        let parts = parts.and_then(|(year, (month, day))| {
            Some((year, u8::try_from(month).ok()?, u8::try_from(day).ok()?))
        });
        let date = parts.and_then(|(year, month, day)| ExcelDateTime::from_ymd(year, month, day).ok());
        let date = date.map_or_else(|| ExcelDateTime::from_ymd(2000, 1, 1), Ok)?;
        Ok(DocProperties::new()
            .set_title("What planned Message Batches cost")
            .set_author("batchwise")
            .set_comment("Projected costs: nothing was billed.")
            .set_creation_datetime(&date))
    }

    fn summary(&self, sheet: &mut Worksheet) -> Written {
        let statement = self.statement;
        sheet.set_column_width(0, 34)?.set_column_range_width(1, 8, 16)?;
        sheet.write_with_format(0, 0, "What planned Message Batches cost", &self.bold)?;
        sheet.write(1, 0, text(&statement.headline))?;
        let mut row = 2;
        for caveat in &statement.caveats {
            sheet.write(row, 0, text(caveat))?;
            row += 1;
        }
        sheet.write(row, 0, format!("Verdict: {}. Projected: nothing was billed.", statement.verdict))?;
        row = self.scenario_table(sheet, row + 2)?;
        row = self.cache_table(sheet, row + 1)?;
        row = self.kind_table(sheet, row + 1)?;
        row = self.tag_tables(sheet, row + 1)?;
        self.plan_table(sheet, row + 1)
    }

    fn scenario_table(&self, sheet: &mut Worksheet, top: u32) -> Result<u32, XlsxError> {
        if self.statement.scenarios.is_empty() {
            return Ok(top);
        }
        self.headings(
            sheet,
            top,
            &[
                "USD",
                "low",
                "stated",
                "high",
                "saved",
                "saved %",
                "reported",
                "reported saved",
                "stated with",
            ],
        )?;
        let mut row = top + 1;
        let first = row + 1;
        for scenario in &self.statement.scenarios {
            let cost = &scenario.cost;
            sheet.write(row, 0, scenario.scenario.title())?;
            self.usd(sheet, (row, 1), cost.range.low(), &self.exact)?;
            self.sum_of_charges(sheet, (row, 2), cost.stated, |charge| charge.scenario == scenario.scenario)?;
            self.usd(sheet, (row, 3), cost.range.high(), &self.exact)?;
            self.usd(sheet, (row, 6), cost.rounded, &self.rounded)?;
            if let Some(saved) = &scenario.saved {
                let here = row + 1;
                self.formula(sheet, (row, 4), &format!("=C{first}-C{here}"), saved.stated, &self.exact)?;
                let share = share(saved.stated, self.statement.scenarios[0].cost.stated);
                let formula = format!("=IF(C{first}=0,0,E{here}/C{first})");
                let formula = Formula::new(formula).set_result(share.to_string());
                sheet.write_with_format(row, 5, formula, &self.percent)?;
                self.usd(sheet, (row, 7), saved.rounded, &self.rounded)?;
            }
            let basis = if scenario.basis.is_empty() {
                "the likely cost".to_owned()
            } else {
                sentences(&scenario.basis)
            };
            sheet.write(row, 8, text(&basis))?;
            row += 1;
        }
        Ok(row)
    }

    fn cache_table(&self, sheet: &mut Worksheet, top: u32) -> Result<u32, XlsxError> {
        if self.statement.cache_scenarios.is_empty() || !has_caching(self.statement) {
            return Ok(top);
        }
        self.headings(
            sheet,
            top,
            &[
                "What the cache does",
                "low",
                "likely",
                "high",
                "with the longest replies",
                "",
                "",
                "",
                "that is",
            ],
        )?;
        let mut row = top + 1;
        for scenario in &self.statement.cache_scenarios {
            sheet.write(row, 0, text(&scenario.scenario))?;
            let range = scenario.range;
            let amounts =
                [Some(range.low()), range.likely(), Some(range.high()), scenario.with_longest_replies];
            for (column, usd) in (1..).zip(amounts) {
                match usd {
                    Some(usd) => self.usd(sheet, (row, column), usd, &self.exact)?,
                    None => drop(sheet.write(row, column, "unknown")?),
                }
            }
            sheet.write(row, 8, text(&scenario.meaning))?;
            row += 1;
        }
        Ok(row)
    }

    fn kind_table(&self, sheet: &mut Worksheet, top: u32) -> Result<u32, XlsxError> {
        let header = ["Kind of token", "standard", "batch", "batch with caching"];
        let reported = ["reported standard", "reported batch", "reported with caching"];
        self.headings(sheet, top, &[&header[..], &reported].concat())?;
        let mut row = top + 1;
        for kind in &self.statement.token_kinds {
            sheet.write(row, 0, text(&kind.token_kind))?;
            for (column, scenario) in (1..).zip(Scenario::ALL) {
                let (first, last) = self.charge_rows();
                let formula = format!(
                    "=SUMPRODUCT(({CHARGES}!$A${first}:$A${last}=\"{}\")*({CHARGES}!$H${first}:$H${last}=$A{})*{CHARGES}!${COST}${first}:${COST}${last})",
                    scenario.name(),
                    row + 1
                );
                self.formula(sheet, (row, column), &formula, kind.of(scenario).stated, &self.exact)?;
                self.usd(sheet, (row, column + 3), kind.of(scenario).rounded, &self.rounded)?;
            }
            row += 1;
        }
        Ok(row)
    }

    fn tag_tables(&self, sheet: &mut Worksheet, top: u32) -> Result<u32, XlsxError> {
        let mut row = top;
        for rows in self.statement.tags.chunk_by(|one, other| one.key == other.key) {
            let title = format!("Tag {}", text(&rows[0].key));
            self.headings(
                sheet,
                row,
                &[
                    &title,
                    "requests",
                    "unpriced requests",
                    "reported standard",
                    "reported batch",
                    "reported with caching",
                ],
            )?;
            row += 1;
            for tag in rows {
                let value = tag.value.as_deref().map_or("(no such tag)".to_owned(), text);
                sheet.write(row, 0, value)?;
                self.counts(sheet, (row, 1), [tag.requests, tag.unpriced_requests])?;
                self.reported(sheet, (row, 3), tag.costs.as_ref())?;
                row += 1;
            }
            row += 1;
        }
        Ok(row)
    }

    fn plan_table(&self, sheet: &mut Worksheet, top: u32) -> Written {
        let header = [
            "Plan",
            "requests",
            "unpriced requests",
            "reported standard",
            "reported batch",
            "reported with caching",
            "verdict",
            "prices of",
            "sha256",
        ];
        self.headings(sheet, top, &header)?;
        for (row, plan) in (top + 1..).zip(&self.statement.plans) {
            sheet.write(row, 0, text(&plan.name))?;
            self.counts(sheet, (row, 1), [plan.requests, plan.unpriced_requests])?;
            self.reported(sheet, (row, 3), plan.costs.as_ref())?;
            sheet.write(row, 6, plan.verdict)?;
            sheet.write(row, 7, text(&plan.priced_on))?;
            sheet.write(row, 8, plan.sha256.to_string())?;
        }
        Ok(())
    }

    fn models(&self, sheet: &mut Worksheet) -> Written {
        let header = [
            "Model",
            "number",
            "requests",
            "unpriced requests",
            "standard",
            "batch",
            "batch with caching",
            "reported standard",
            "reported batch",
            "reported with caching",
            "low",
            "high",
            "why unpriced",
        ];
        self.headings(sheet, 0, &header)?;
        sheet.set_column_width(0, 34)?.set_column_range_width(1, 11, 16)?;
        let (first, last) = self.charge_rows();
        let mut row = 1;
        for (number, model) in (1..).zip(&self.statement.models) {
            sheet.write(row, 0, model.model.as_deref().map_or("(all models)".to_owned(), text))?;
            self.counts(sheet, (row, 1), [number, model.requests, model.unpriced_requests])?;
            for (column, scenario) in (4..).zip(Scenario::ALL) {
                let Some(cost) = model.costs.map(|costs| *costs.of(scenario)) else {
                    sheet.write(row, column, "unpriced")?;
                    continue;
                };
                let formula = format!(
                    "=SUMPRODUCT(({CHARGES}!$A${first}:$A${last}=\"{}\")*({CHARGES}!$E${first}:$E${last}=$B{})*{CHARGES}!${COST}${first}:${COST}${last})",
                    scenario.name(),
                    row + 1
                );
                self.formula(sheet, (row, column), &formula, cost.stated, &self.exact)?;
            }
            self.reported(sheet, (row, 7), model.costs.as_ref())?;
            self.range(sheet, (row, 10), model.costs.as_ref())?;
            sheet.write(row, 12, text(model.unpriced_because.as_deref().unwrap_or_default()))?;
            row += 1;
        }
        self.total(sheet, row, (4, 7), self.statement.models.iter().any(|model| model.costs.is_some()))
    }

    fn batches(&self, sheet: &mut Worksheet) -> Written {
        let header = [
            "Plan",
            "batch",
            "wave",
            "requests",
            "standard",
            "batch",
            "batch with caching",
            "reported standard",
            "reported batch",
            "reported with caching",
            "low",
            "high",
            "at most",
            "unpriced requests",
            "body bytes",
        ];
        self.headings(sheet, 0, &header)?;
        sheet.set_column_width(0, 34)?.set_column_range_width(1, 14, 16)?;
        let mut runs: HashMap<(Scenario, usize, Option<u32>), (usize, usize)> = HashMap::new();
        for (index, charge) in self.statement.charges.iter().enumerate() {
            let run = runs.entry((charge.scenario, charge.plan, charge.batch)).or_insert((index, index));
            run.1 = index;
        }
        let mut row = 1;
        for batch in &self.statement.batches {
            sheet.write(row, 0, text(&self.statement.plans[batch.plan].name))?;
            match batch.batch {
                Some(number) => sheet.write(row, 1, number + 1)?,
                None => sheet.write(row, 1, "all")?,
            };
            self.counts(sheet, (row, 2), [u64::from(batch.wave), batch.requests])?;
            for (column, scenario) in (4..).zip(Scenario::ALL) {
                let Some(cost) = batch.costs.map(|costs| *costs.of(scenario)) else {
                    sheet.write(row, column, "unpriced")?;
                    continue;
                };
                match runs.get(&(scenario, batch.plan, batch.batch)) {
                    Some((first, last)) => {
                        let formula = format!("=SUM({CHARGES}!{COST}{}:{COST}{})", first + 2, last + 2);
                        self.formula(sheet, (row, column), &formula, cost.stated, &self.exact)?;
                    }
                    None => self.usd(sheet, (row, column), cost.stated, &self.exact)?,
                }
            }
            self.reported(sheet, (row, 7), batch.costs.as_ref())?;
            self.range(sheet, (row, 10), batch.costs.as_ref())?;
            match batch.bound {
                Some(bound) => self.usd(sheet, (row, 12), bound, &self.exact)?,
                None => drop(sheet.write(row, 12, "unpriced")?),
            }
            self.counts(sheet, (row, 13), [batch.unpriced_requests, batch.body_bytes.0])?;
            row += 1;
        }
        self.total(sheet, row, (4, 7), self.statement.batches.iter().any(|batch| batch.costs.is_some()))
    }

    /// All charges. The price of each refers to the sheet of prices.
    fn charges(&self, sheet: &mut Worksheet) -> Written {
        let header = [
            "scenario",
            "plan",
            "batch",
            "model",
            "model number",
            "geo",
            "prompt tokens over",
            "kind of token",
            "tokens",
            "USD per million tokens",
            "cost USD",
            "the same one by one",
        ];
        self.headings(sheet, 0, &header)?;
        sheet.set_column_range_width(0, 11, 16)?;
        let models: BTreeMap<Option<&str>, u64> =
            self.statement.models.iter().map(|model| model.model.as_deref()).zip(1..).collect();
        let prices = self.price_cells();
        for (row, charge) in (1..).zip(&self.statement.charges) {
            sheet.write(row, 0, charge.scenario.name())?;
            sheet.write(row, 1, text(&self.statement.plans[charge.plan].name))?;
            match charge.batch {
                Some(batch) => sheet.write(row, 2, batch + 1)?,
                None => sheet.write(row, 2, "all")?,
            };
            sheet.write(row, 3, charge.model.as_deref().map_or("(all models)".to_owned(), text))?;
            self.counts(sheet, (row, 4), [models[&charge.model.as_deref()]])?;
            sheet.write(row, 5, text(charge.geo.as_deref().unwrap_or_default()))?;
            if let Some(over) = charge.prompt_tokens_over {
                self.counts(sheet, (row, 6), [over.0])?;
            }
            sheet.write(row, 7, text(&charge.token_kind))?;
            match (charge.tokens, charge.usd_per_mtok) {
                (Some(tokens), Some(rate)) => {
                    sheet.write_with_format(row, 8, of_tokens(tokens), &self.count)?;
                    let key = price_key(charge);
                    let cell = prices.get(&key).map(|cell| Formula::new(format!("=Prices!{cell}")));
                    match cell {
                        Some(cell) => {
                            sheet.write_with_format(row, 9, cell.set_result(rate.to_string()), &self.rate)?;
                        }
                        None => drop(sheet.write_with_format(row, 9, of_rate(rate), &self.rate)?),
                    }
                    let here = row + 1;
                    let formula = format!("=I{here}*J{here}/1000000");
                    self.formula(sheet, (row, 10), &formula, charge.cost_usd, &self.exact)?;
                }
                _ => self.usd(sheet, (row, 10), charge.cost_usd, &self.exact)?,
            }
            self.usd(sheet, (row, 11), charge.standard_cost_usd, &self.exact)?;
        }
        Ok(())
    }

    fn assumptions(&self, sheet: &mut Worksheet) -> Written {
        self.headings(sheet, 0, &["about", "assumed", "because", "plans"])?;
        sheet.set_column_width(0, 22)?.set_column_range_width(1, 2, 60)?;
        for (row, assumption) in (1..).zip(&self.statement.assumptions) {
            for (column, cell) in (0..).zip([&assumption.key, &assumption.value, &assumption.source]) {
                sheet.write_with_format(row, column, text(cell), &self.wrapped)?;
            }
            let plans: Vec<String> = assumption.plans.iter().map(|plan| (plan + 1).to_string()).collect();
            sheet.write(row, 3, plans.join(", "))?;
        }
        Ok(())
    }

    fn prices(&self, sheet: &mut Worksheet) -> Written {
        let mut header = vec!["model", "priced as", "geo", "prompt tokens over", "scenario"];
        header.extend(crate::charge::KINDS);
        header.extend(["in force since", "source", "read there on", "plans"]);
        self.headings(sheet, 0, &header)?;
        sheet.set_column_range_width(0, 1, 28)?.set_column_range_width(2, 10, 16)?;
        let modes = ["standard", "batch"];
        let rows = self.statement.prices.iter().flat_map(|price| modes.map(|mode| (price, mode)));
        for (row, (price, mode)) in (1..).zip(rows) {
            sheet.write(row, 0, text(&price.model))?;
            sheet.write(row, 1, text(price.priced_as.as_deref().unwrap_or_default()))?;
            sheet.write(row, 2, text(&price.geo))?;
            if let Some(over) = price.prompt_tokens_over {
                self.counts(sheet, (row, 3), [over.0])?;
            }
            sheet.write(row, 4, mode)?;
            for (column, kind) in (5..).zip(crate::charge::KINDS) {
                if let Some(rate) = price.usd_per_mtok[mode].get(kind) {
                    sheet.write_with_format(row, column, of_rate(*rate), &self.rate)?;
                }
            }
            sheet.write(row, 10, text(&price.since))?;
            sheet.write(row, 11, text(&price.source))?;
            sheet.write(row, 12, text(price.checked.as_deref().unwrap_or_default()))?;
            let plans: Vec<String> = price.plans.iter().map(|plan| (plan + 1).to_string()).collect();
            sheet.write(row, 13, plans.join(", "))?;
        }
        Ok(())
    }

    /// Where each price stands on its sheet.
    fn price_cells(&self) -> HashMap<PriceKey<'s>, String> {
        let mut cells = HashMap::new();
        for (index, price) in self.statement.prices.iter().enumerate() {
            for (mode_index, mode) in ["standard", "batch"].into_iter().enumerate() {
                for (column, kind) in ["F", "G", "H", "I", "J"].iter().zip(crate::charge::KINDS) {
                    let cell = format!("${column}${}", 2 * index + mode_index + 2);
                    for plan in &price.plans {
                        let over = price.prompt_tokens_over.map(|over| over.0);
                        let key = (*plan, price.model.as_str(), price.geo.as_str(), over, mode, kind);
                        cells.insert(key, cell.clone());
                    }
                }
            }
        }
        cells
    }

    /// The first and the last row of charges, as formulas name them; a row without any where there are none.
    fn charge_rows(&self) -> (usize, usize) {
        (2, self.statement.charges.len().max(1) + 1)
    }

    fn sum_of_charges(
        &self,
        sheet: &mut Worksheet,
        at: (u32, u16),
        stated: Usd,
        wanted: impl Fn(&crate::Charge) -> bool,
    ) -> Written {
        let charges = &self.statement.charges;
        let bounds = charges.iter().position(&wanted).zip(charges.iter().rposition(&wanted));
        match bounds {
            Some((first, last)) => {
                let formula = format!("=SUM({CHARGES}!{COST}{}:{COST}{})", first + 2, last + 2);
                self.formula(sheet, at, &formula, stated, &self.exact)
            }
            None => self.usd(sheet, at, stated, &self.exact),
        }
    }

    /// Under three columns of formulas and three of rounded amounts.
    fn total(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        (exact, reported): (u16, u16),
        is_priced: bool,
    ) -> Written {
        if !is_priced {
            return Ok(());
        }
        sheet.write_with_format(row, 0, "Total", &self.bold)?;
        for (offset, scenario) in (0..).zip(&self.statement.scenarios) {
            for (column, value, format) in [
                (exact + offset, scenario.cost.stated, &self.exact),
                (reported + offset, scenario.cost.rounded, &self.rounded),
            ] {
                let letter = char::from(b'A' + u8::try_from(column).expect("fewer than 26 columns"));
                self.formula(sheet, (row, column), &format!("=SUM({letter}2:{letter}{row})"), value, format)?;
            }
        }
        Ok(())
    }

    fn headings(&self, sheet: &mut Worksheet, row: u32, names: &[&str]) -> Written {
        for (column, name) in (0..).zip(names) {
            sheet.write_with_format(row, column, *name, &self.heading)?;
        }
        Ok(())
    }

    fn reported(&self, sheet: &mut Worksheet, (row, column): (u32, u16), costs: Option<&Costs>) -> Written {
        for (column, scenario) in (column..).zip(Scenario::ALL) {
            match costs {
                Some(costs) => self.usd(sheet, (row, column), costs.of(scenario).rounded, &self.rounded)?,
                None => drop(sheet.write(row, column, "unpriced")?),
            }
        }
        Ok(())
    }

    /// The range with caching.
    fn range(&self, sheet: &mut Worksheet, (row, column): (u32, u16), costs: Option<&Costs>) -> Written {
        let Some(costs) = costs else { return Ok(()) };
        let range = costs.batch_cached.range;
        self.usd(sheet, (row, column), range.low(), &self.exact)?;
        self.usd(sheet, (row, column + 1), range.high(), &self.exact)
    }

    fn counts<const N: usize>(
        &self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        counts: [u64; N],
    ) -> Written {
        for (column, count) in (column..).zip(counts) {
            sheet.write_with_format(row, column, number(&count.to_string()), &self.count)?;
        }
        Ok(())
    }

    fn usd(&self, sheet: &mut Worksheet, (row, column): (u32, u16), usd: Usd, format: &Format) -> Written {
        sheet.write_with_format(row, column, number(&usd.to_string()), format)?;
        Ok(())
    }

    fn formula(
        &self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        formula: &str,
        value: Usd,
        format: &Format,
    ) -> Written {
        sheet.write_with_format(row, column, Formula::new(formula).set_result(value.to_string()), format)?;
        Ok(())
    }
}

/// Plan, model, region, threshold, standard or batch, kind of token.
type PriceKey<'s> = (usize, &'s str, &'s str, Option<u64>, &'s str, &'s str);

fn price_key(charge: &crate::Charge) -> PriceKey<'_> {
    (
        charge.plan,
        charge.model.as_deref().unwrap_or_default(),
        charge.geo.as_deref().unwrap_or_default(),
        charge.prompt_tokens_over.map(|over| over.0),
        charge.scenario.prices(),
        &charge.token_kind,
    )
}

/// A text that a cell takes.
fn text(text: &str) -> String {
    visible(text).chars().take(TEXT_MAX).collect()
}

/// The number that a cell holds: cells know no other than binary floating point, so this is where exactness ends.
fn number(decimal: &str) -> f64 {
    decimal.parse().expect("a decimal number")
}

fn of_tokens(tokens: ExpectedTokens) -> f64 {
    number(&tokens.to_string())
}

fn of_rate(rate: Rate) -> f64 {
    number(&rate.to_string())
}

fn share(part: Usd, whole: Usd) -> f64 {
    if whole == Usd::ZERO { 0.0 } else { number(&part.to_string()) / number(&whole.to_string()) }
}
