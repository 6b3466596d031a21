//! The sheets of models and batches.

use std::collections::HashMap;

use rust_xlsxwriter::{Format, Worksheet};

use super::cells::{sum, text};
use super::charges::run;
use super::{Book, Written};
use crate::cells::Part;
use crate::{BatchRow, Scenario};

/// The columns that a part has behind its names.
pub(super) const PART: [&str; 10] = [
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
];

impl Book<'_> {
    pub(super) fn models(&self, sheet: &mut Worksheet) -> Written {
        let header: Vec<&str> = ["Model", "number"].into_iter().chain(PART).chain(["why unpriced"]).collect();
        self.headings(sheet, 0, &header)?;
        sheet.set_column_width(0, 34)?.set_column_range_width(1, 11, 16)?;
        let mut row = 1;
        for (number, model) in (1..).zip(&self.statement.models) {
            let part = model.part();
            sheet.write(row, 0, text(model.name()))?;
            self.counts(sheet, (row, 1), [number, model.requests, model.unpriced_requests])?;
            let here = format!("$B{}", row + 1);
            self.stated(sheet, (row, 4), part, |scenario| Some(self.sum_where(scenario, 'E', &here)))?;
            self.reported(sheet, (row, 7), part)?;
            self.range(sheet, (row, 10), part)?;
            sheet.write(row, 12, text(model.unpriced_because.as_deref().unwrap_or_default()))?;
            row += 1;
        }
        self.total(sheet, (1, row), &[(2, Count::Requests), (3, Count::Unpriced)], 4)
    }

    pub(super) fn batches(&self, sheet: &mut Worksheet) -> Written {
        let names = ["Plan", "batch", "wave"].into_iter();
        let header: Vec<&str> = names.chain(PART).chain(["at most", "body bytes"]).collect();
        self.headings(sheet, 0, &header)?;
        sheet.set_column_width(0, 34)?.set_column_range_width(1, 14, 16)?;
        let mut runs: HashMap<(Scenario, usize, Option<u32>), (usize, usize)> = HashMap::new();
        for (index, charge) in self.statement.charges.iter().enumerate() {
            let run = runs.entry((charge.scenario, charge.plan, charge.batch)).or_insert((index, index));
            run.1 = index;
        }
        let mut row = 1;
        for batch in &self.statement.batches {
            let part = batch.part();
            sheet.write(row, 0, text(&self.statement.plans[batch.plan].name))?;
            match batch.batch {
                Some(number) => sheet.write(row, 1, number)?,
                None => sheet.write(row, 1, "all")?,
            };
            let counts = [u64::from(batch.wave), batch.requests, batch.unpriced_requests];
            self.counts(sheet, (row, 2), counts)?;
            self.stated(sheet, (row, 5), part, |scenario| {
                let (first, last) = runs.get(&(scenario, batch.plan, batch.batch))?;
                Some(format!("=SUM({})", run(*first, *last)))
            })?;
            self.reported(sheet, (row, 8), part)?;
            self.range(sheet, (row, 11), part)?;
            match batch.bound {
                Some(bound) => self.usd(sheet, (row, 13), bound, self.of_bound(batch))?,
                None => drop(sheet.write(row, 13, part.none())?),
            }
            self.counts(sheet, (row, 14), [batch.body_bytes.0])?;
            row += 1;
        }
        self.total(sheet, (1, row), &[(3, Count::Requests), (4, Count::Unpriced), (14, Count::Bytes)], 5)?;
        let all = self.statement.sum_of(&self.statement.batches);
        match all.bound {
            None => Ok(()),
            Some(bound) => self.formula(sheet, (row, 13), &sum(13, 1, row), bound, self.of_bound(&all)),
        }
    }

    /// How a bound is shown: as such only where it is one.
    fn of_bound(&self, batch: &BatchRow) -> &Format {
        if batch.is_bounded() { &self.exact } else { &self.no_bound }
    }

    /// A last line below the rows from `first` to before `row`: sums of counts, of three columns of stated costs from `exact` on
    /// and three of rounded ones, and the range of all, which is not the sum of those of the lines.
    pub(super) fn total(
        &self,
        sheet: &mut Worksheet,
        (first, row): (u32, u32),
        counts: &[(u16, Count)],
        exact: u16,
    ) -> Written {
        sheet.write_with_format(row, 0, "Total", &self.bold)?;
        let sum = |column: u16| sum(column, first, row);
        for (column, count) in counts {
            self.count_formula(sheet, (row, *column), &sum(*column), self.count_of(*count))?;
        }
        let costs = self.statement.costs();
        let Some(costs) = &costs else { return Ok(()) };
        let whole = Part { requests: self.statement.requests, costs: Some(costs) };
        self.stated(sheet, (row, exact), whole, |scenario| Some(sum(exact + scenario as u16)))?;
        for (column, scenario) in (exact + 3..).zip(Scenario::ALL) {
            self.formula(sheet, (row, column), &sum(column), costs.of(scenario).rounded, &self.rounded)?;
        }
        self.range(sheet, (row, exact + 6), whole)
    }

    fn count_of(&self, count: Count) -> u64 {
        match count {
            Count::Requests => self.statement.requests,
            Count::Unpriced => self.statement.unpriced_requests,
            Count::Bytes => {
                let bytes = self.statement.batches.iter().map(|batch| batch.body_bytes.0);
                bytes.fold(0, u64::saturating_add)
            }
        }
    }
}

/// What is counted in a column.
#[derive(Clone, Copy)]
pub(super) enum Count {
    Requests,
    Unpriced,
    Bytes,
}
