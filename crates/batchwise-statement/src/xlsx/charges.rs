//! The sheet of all charges, of which the other sheets are sums.

use std::collections::{BTreeMap, HashMap};

use rust_xlsxwriter::{Formula, Worksheet};

use super::cells::{of_rate, of_tokens, text};
use super::{Book, Written};
use crate::{Charge, Scenario};

/// The sheet of the charges, to which the others refer, and its column of costs.
pub(super) const CHARGES: &str = "Scenarios";
pub(super) const COST: &str = "K";

impl<'s> Book<'s> {
    /// All charges. The price of each refers to the sheet of prices.
    pub(super) fn charges(&self, sheet: &mut Worksheet) -> Written {
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
                Some(batch) => sheet.write(row, 2, batch)?,
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
                    let is_whole = tokens.as_decimal().is_integer();
                    let format = if is_whole { &self.count } else { &self.fraction };
                    sheet.write_with_format(row, 8, of_tokens(tokens), format)?;
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

    /// The sum of the charges that are wanted, which stand together; `None` where there are none.
    pub(super) fn sum_of_charges(&self, wanted: impl Fn(&Charge) -> bool) -> Option<String> {
        let charges = &self.statement.charges;
        let (first, last) = charges.iter().position(&wanted).zip(charges.iter().rposition(&wanted))?;
        Some(format!("=SUM({})", run(first, last)))
    }

    /// The sum of the charges of a scenario in whose `column` stands what stands in the cell `other`.
    pub(super) fn sum_where(&self, scenario: Scenario, column: char, other: &str) -> String {
        let last = self.statement.charges.len().max(1) + 1;
        let of = |column: &str| format!("{CHARGES}!${column}$2:${column}${last}");
        let (scenarios, others) = (of("A"), of(&column.to_string()));
        format!("=SUMPRODUCT(({scenarios}=\"{}\")*({others}={other})*{})", scenario.name(), of(COST))
    }
}

/// The costs of charges that stand together, as formulas name them.
pub(super) fn run(first: usize, last: usize) -> String {
    format!("{CHARGES}!{COST}{}:{COST}{}", first + 2, last + 2)
}

/// Plan, model, region, threshold, standard or batch, kind of token.
type PriceKey<'s> = (usize, &'s str, &'s str, Option<u64>, &'s str, &'s str);

fn price_key(charge: &Charge) -> PriceKey<'_> {
    (
        charge.plan,
        charge.model.as_deref().unwrap_or_default(),
        charge.geo.as_deref().unwrap_or_default(),
        charge.prompt_tokens_over.map(|over| over.0),
        charge.scenario.prices(),
        &charge.token_kind,
    )
}
