use std::io::{self, Write};

use batchwise_units::Estimate;

/// Writes one line of CSV.
pub(crate) fn write<T: AsRef<[u8]>>(
    out: &mut dyn Write,
    cells: impl IntoIterator<Item = T>,
) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new().buffer_capacity(512).from_writer(out);
    writer.write_record(cells)?;
    writer.flush()
}

/// The low, likely and high cells of an estimate. What is unknown is an empty cell, never a zero.
pub(crate) fn ends<T: Copy + Ord + ToString>(estimate: Option<Estimate<T>>) -> [String; 3] {
    let cell = |value: Option<T>| value.map(|value| value.to_string()).unwrap_or_default();
    [
        cell(estimate.map(|estimate| estimate.low())),
        cell(estimate.and_then(|estimate| estimate.likely())),
        cell(estimate.map(|estimate| estimate.high())),
    ]
}

/// A text that no spreadsheet takes for a formula. A `custom_id` never is one: its letters are limited.
pub(crate) fn plain(text: &str) -> String {
    if text == "-" { text.to_owned() } else { batchwise_results::plain_cell(text) }
}
