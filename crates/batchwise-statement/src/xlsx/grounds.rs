//! The sheets of assumptions and prices.

use rust_xlsxwriter::Worksheet;

use super::cells::{of_rate, text};
use super::{Book, Written};
use crate::cells::numbers;

impl Book<'_> {
    pub(super) fn assumptions(&self, sheet: &mut Worksheet) -> Written {
        self.headings(sheet, 0, &["about", "assumed", "because", "plans"])?;
        sheet.set_column_width(0, 22)?.set_column_range_width(1, 2, 60)?;
        for (row, assumption) in (1..).zip(&self.statement.assumptions) {
            for (column, cell) in (0..).zip([&assumption.key, &assumption.value, &assumption.source]) {
                sheet.write_with_format(row, column, text(cell), &self.wrapped)?;
            }
            sheet.write(row, 3, assumption.numbers())?;
        }
        Ok(())
    }

    pub(super) fn prices(&self, sheet: &mut Worksheet) -> Written {
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
            sheet.write(row, 13, numbers(&price.plans))?;
        }
        Ok(())
    }
}
