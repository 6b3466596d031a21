//! What stands in cells.

use batchwise_findings::visible;
use batchwise_units::{ExpectedTokens, Rate, Usd, amount};
use rust_xlsxwriter::{Format, Formula, Worksheet};

use super::{Book, Written};
use crate::cells::Part;
use crate::{Cost, Scenario};

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
        part: Part<'_>,
    ) -> Written {
        for (column, scenario) in (column..).zip(Scenario::ALL) {
            match part.costs {
                Some(costs) => {
                    let Cost { rounded, stated, .. } = *costs.of(scenario);
                    self.rounded_usd(sheet, (row, column), rounded, stated)?;
                }
                None => drop(sheet.write(row, column, part.none())?),
            }
        }
        Ok(())
    }

    /// Stated costs as formulas, one for each scenario; without one where nothing is charged.
    pub(super) fn stated(
        &self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        part: Part<'_>,
        formula: impl Fn(Scenario) -> Option<String>,
    ) -> Written {
        for (column, scenario) in (column..).zip(Scenario::ALL) {
            match (part.costs.map(|costs| costs.of(scenario).stated), formula(scenario)) {
                (None, _) => drop(sheet.write(row, column, part.none())?),
                (Some(usd), None) => self.usd(sheet, (row, column), usd, &self.exact)?,
                (Some(usd), Some(formula)) => {
                    self.formula(sheet, (row, column), &formula, usd, &self.exact)?;
                }
            }
        }
        Ok(())
    }

    /// A rounded amount. The cell holds that number; what is something does not look like nothing.
    pub(super) fn rounded_usd(
        &self,
        sheet: &mut Worksheet,
        at: (u32, u16),
        rounded: Usd,
        exact: Usd,
    ) -> Written {
        if rounded != Usd::ZERO || exact == Usd::ZERO {
            return self.usd(sheet, at, rounded, &self.rounded);
        }
        let shown = amount(rounded, exact, self.statement.places);
        self.usd(sheet, at, rounded, &Format::new().set_num_format(format!("\"{shown}\"")))
    }

    /// The range with caching.
    pub(super) fn range(&self, sheet: &mut Worksheet, (row, column): (u32, u16), part: Part<'_>) -> Written {
        let Some(costs) = part.costs else {
            sheet.write(row, column, part.none())?.write(row, column + 1, part.none())?;
            return Ok(());
        };
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

    pub(super) fn count_formula(
        &self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        formula: &str,
        count: u64,
    ) -> Written {
        let formula = Formula::new(formula).set_result(count.to_string());
        sheet.write_with_format(row, column, formula, &self.count)?;
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

/// The letter of one of the first columns.
pub(super) fn letter(column: u16) -> char {
    char::from(b'A' + u8::try_from(column).expect("fewer than 26 columns"))
}

/// The sum of a column from the row `first` to the one before `row`, both from 0.
pub(super) fn sum(column: u16, first: u32, row: u32) -> String {
    let letter = letter(column);
    format!("=SUM({letter}{}:{letter}{row})", first + 1)
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
