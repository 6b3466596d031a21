//! What stands in cells.

use batchwise_findings::visible;
use batchwise_units::{ExpectedTokens, Rate, Usd};
use rust_xlsxwriter::{Format, Formula, Worksheet};

use super::{Book, Written};
use crate::{Costs, Scenario};

/// How many characters of a text a cell takes; Excel's limit is 32,767 units of UTF-16.
const TEXT_MAX: usize = 8_000;

impl Book<'_> {
    /// The headings of a table. Those in the first row stay in sight.
    pub(super) fn headings(&self, sheet: &mut Worksheet, row: u32, names: &[&str]) -> Written {
        if row == 0 {
            sheet.set_freeze_panes(1, 0)?;
        }
        for (column, name) in (0..).zip(names) {
            sheet.write_with_format(row, column, *name, &self.heading)?;
        }
        Ok(())
    }

    pub(super) fn reported(
        &self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        costs: Option<&Costs>,
    ) -> Written {
        for (column, scenario) in (column..).zip(Scenario::ALL) {
            match costs {
                Some(costs) => self.usd(sheet, (row, column), costs.of(scenario).rounded, &self.rounded)?,
                None => drop(sheet.write(row, column, "unpriced")?),
            }
        }
        Ok(())
    }

    /// The range with caching.
    pub(super) fn range(
        &self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        costs: Option<&Costs>,
    ) -> Written {
        let Some(costs) = costs else { return Ok(()) };
        let range = costs.batch_cached.range;
        self.usd(sheet, (row, column), range.low(), &self.exact)?;
        self.usd(sheet, (row, column + 1), range.high(), &self.exact)
    }

    pub(super) fn counts<const N: usize>(
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

    pub(super) fn usd(
        &self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        usd: Usd,
        format: &Format,
    ) -> Written {
        sheet.write_with_format(row, column, number(&usd.to_string()), format)?;
        Ok(())
    }

    pub(super) fn formula(
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

/// A text that a cell takes.
pub(super) fn text(text: &str) -> String {
    visible(text).chars().take(TEXT_MAX).collect()
}

/// The number that a cell holds: cells know no other than binary floating point, so this is where exactness ends.
pub(super) fn number(decimal: &str) -> f64 {
    decimal.parse().expect("a decimal number")
}

pub(super) fn of_tokens(tokens: ExpectedTokens) -> f64 {
    number(&tokens.to_string())
}

pub(super) fn of_rate(rate: Rate) -> f64 {
    number(&rate.to_string())
}
