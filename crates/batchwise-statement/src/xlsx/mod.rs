//! A workbook whose amounts are formulas over tokens and prices.

mod cells;
mod charges;
mod grounds;
mod lines;
mod summary;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use crate::{Statement, StatementError};
use charges::CHARGES;

/// How many rows a worksheet has.
const ROWS_MAX: usize = 1_048_576;

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
    let rows = rows(statement);
    if rows > ROWS_MAX {
        return Err(StatementError::TooManyRows { rows, max: ROWS_MAX });
    }
    Ok(Book::new(statement).write().expect("a statement within the limits makes a workbook"))
}

/// At least as many rows as the longest sheet has.
fn rows(statement: &Statement) -> usize {
    let tables = [statement.caveats.len(), statement.token_kinds.len(), statement.cache_scenarios.len()];
    let summary = tables.into_iter().sum::<usize>() + 4 * statement.tags.len() + statement.plans.len();
    let sheets = [
        statement.charges.len(),
        statement.batches.len(),
        statement.models.len(),
        statement.assumptions.len(),
        2 * statement.prices.len(),
        summary,
    ];
    sheets.into_iter().max().unwrap_or_default() + 20
}

struct Book<'s> {
    statement: &'s Statement,
    heading: Format,
    bold: Format,
    wrapped: Format,
    exact: Format,
    rounded: Format,
    /// Of what can be more than it says.
    no_bound: Format,
    count: Format,
    fraction: Format,
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
            no_bound: Format::new().set_num_format(format!("$#,##0.{places}######\" and more\"")),
            count: Format::new().set_num_format("#,##0"),
            fraction: Format::new().set_num_format("#,##0.0000"),
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
}
