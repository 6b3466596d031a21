use batchwise_units::Usd;
use rust_xlsxwriter::{Formula, Worksheet, XlsxError};

use super::cells::{letter, number, sum, text};
use super::lines::{Count, PART};
use super::{Book, Written};
use crate::headline::sentences;
use crate::{Scenario, TagRow};

/// Where a part's requests are counted, when they stand behind its name.
const COUNTS: [(u16, Count); 2] = [(1, Count::Requests), (2, Count::Unpriced)];

/// How many arguments a function of a spreadsheet takes: Excel's limit is 255.
const ARGUMENTS_MAX: usize = 250;

impl Book<'_> {
    pub(super) fn summary(&self, sheet: &mut Worksheet) -> Written {
        let statement = self.statement;
        sheet.set_column_width(0, 34)?.set_column_range_width(1, 13, 16)?;
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
        let plans = row + 1;
        row = self.plan_table(sheet, plans)?;
        self.tag_tables(sheet, row + 1, plans)
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
            match self.sum_of_charges(|charge| charge.scenario == scenario.scenario) {
                Some(formula) => self.formula(sheet, (row, 2), &formula, cost.stated, &self.exact)?,
                None => self.usd(sheet, (row, 2), cost.stated, &self.exact)?,
            }
            self.usd(sheet, (row, 3), cost.range.high(), &self.exact)?;
            self.rounded_usd(sheet, (row, 6), cost.rounded, cost.stated)?;
            if let Some(saved) = &scenario.saved {
                let here = row + 1;
                self.formula(sheet, (row, 4), &format!("=C{first}-C{here}"), saved.stated, &self.exact)?;
                let share = share(saved.stated, self.statement.scenarios[0].cost.stated);
                let formula = format!("=IF(C{first}=0,\"-\",E{here}/C{first})");
                let formula = Formula::new(formula).set_result(share);
                sheet.write_with_format(row, 5, formula, &self.percent)?;
                self.rounded_usd(sheet, (row, 7), saved.rounded, saved.stated)?;
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
        if !self.statement.has_caching() {
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
            let here = format!("$A{}", row + 1);
            for (column, scenario) in (1..).zip(Scenario::ALL) {
                let (cost, formula) = (kind.of(scenario), self.sum_where(scenario, 'H', &here));
                self.formula(sheet, (row, column), &formula, cost.stated, &self.exact)?;
                self.rounded_usd(sheet, (row, column + 3), cost.rounded, cost.stated)?;
            }
            row += 1;
        }
        if let Some(costs) = self.statement.costs().filter(|_| row > top + 1) {
            sheet.write_with_format(row, 0, "Total", &self.bold)?;
            for (column, scenario) in (1..).zip(Scenario::ALL) {
                let (cost, sum) = (costs.of(scenario), |column| sum(column, top + 1, row));
                self.formula(sheet, (row, column), &sum(column), cost.stated, &self.exact)?;
                self.formula(sheet, (row, column + 3), &sum(column + 3), cost.rounded, &self.rounded)?;
            }
            row += 1;
        }
        Ok(row)
    }

    fn plan_table(&self, sheet: &mut Worksheet, top: u32) -> Result<u32, XlsxError> {
        let header: Vec<&str> =
            ["Plan"].into_iter().chain(PART).chain(["verdict", "prices of", "sha256"]).collect();
        self.headings(sheet, top, &header)?;
        let mut row = top + 1;
        for (index, plan) in self.statement.plans.iter().enumerate() {
            let part = plan.part();
            sheet.write(row, 0, text(&plan.name))?;
            self.counts(sheet, (row, 1), [plan.requests, plan.unpriced_requests])?;
            self.stated(sheet, (row, 3), part, |scenario| {
                self.sum_of_charges(|charge| (charge.scenario, charge.plan) == (scenario, index))
            })?;
            self.reported(sheet, (row, 6), part)?;
            self.range(sheet, (row, 9), part)?;
            sheet.write(row, 11, plan.verdict)?.write(row, 12, text(&plan.priced_on))?;
            sheet.write(row, 13, plan.sha256.to_string())?;
            row += 1;
        }
        self.total(sheet, (top + 1, row), &COUNTS, 3)?;
        Ok(row + 1)
    }

    /// By each tag: what its plans cost, of which the table begins at the row `plans`.
    fn tag_tables(&self, sheet: &mut Worksheet, top: u32, plans: u32) -> Written {
        let mut row = top;
        for rows in self.statement.tags.chunk_by(|one, other| one.key == other.key) {
            let title = format!("Tag {}", text(&rows[0].key));
            let header: Vec<&str> = [title.as_str()].into_iter().chain(PART).collect();
            self.headings(sheet, row, &header)?;
            let first = row + 1;
            row = first;
            for tag in rows {
                let part = tag.part();
                sheet.write(row, 0, text(tag.name()))?;
                self.counts(sheet, (row, 1), [tag.requests, tag.unpriced_requests])?;
                self.stated(sheet, (row, 3), part, |scenario| {
                    self.sum_of_plans(tag, 3 + scenario as u16, plans)
                })?;
                self.reported(sheet, (row, 6), part)?;
                self.range(sheet, (row, 9), part)?;
                row += 1;
            }
            self.total(sheet, (first, row), &COUNTS, 3)?;
            row += 2;
        }
        Ok(())
    }

    /// The sum of a column over the plans that have a tag; `None` where a formula takes no so long list.
    fn sum_of_plans(&self, tag: &TagRow, column: u16, plans: u32) -> Option<String> {
        let column = letter(column);
        let rows = (plans + 2..).zip(&self.statement.plans);
        let of_it = rows.filter(|(_, plan)| plan.tags.get(&tag.key) == tag.value.as_ref());
        let cells: Vec<String> = of_it.map(|(row, _)| format!("{column}{row}")).collect();
        (cells.len() <= ARGUMENTS_MAX).then(|| format!("=SUM({})", cells.join(",")))
    }
}

/// Of what is saved, or `-` where nothing is paid.
fn share(part: Usd, whole: Usd) -> String {
    match whole == Usd::ZERO {
        true => "-".to_owned(),
        false => (number(&part.to_string()) / number(&whole.to_string())).to_string(),
    }
}
