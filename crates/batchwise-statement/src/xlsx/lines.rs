//! The sheets of models and batches.

use std::collections::HashMap;

use rust_xlsxwriter::Worksheet;

use super::cells::text;
use super::charges::{CHARGES, COST};
use super::{Book, Written};
use crate::Scenario;

impl Book<'_> {
    pub(super) fn models(&self, sheet: &mut Worksheet) -> Written {
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

    pub(super) fn batches(&self, sheet: &mut Worksheet) -> Written {
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
}
