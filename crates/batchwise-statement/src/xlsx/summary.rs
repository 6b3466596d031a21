use batchwise_units::Usd;
use rust_xlsxwriter::{Formula, Worksheet, XlsxError};

use super::cells::{number, text};
use super::charges::{CHARGES, COST};
use super::{Book, Written};
use crate::Scenario;
use crate::headline::sentences;
use crate::table::has_caching;

impl Book<'_> {
    pub(super) fn summary(&self, sheet: &mut Worksheet) -> Written {
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
}

fn share(part: Usd, whole: Usd) -> f64 {
    if whole == Usd::ZERO { 0.0 } else { number(&part.to_string()) / number(&whole.to_string()) }
}
