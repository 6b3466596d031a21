use std::io::{self, Write};

use batchwise_plan::Quote;
use batchwise_units::{Estimate, Usd};

use crate::comparison::{Comparison, Row};
use crate::csv_record;

/// Tidy CSV: for each row of the matrix one line for each amount, exact. What is unknown is an empty cell, never a zero.
pub(super) fn write(comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    let before = ["row"].into_iter().chain(comparison.keys.iter().copied());
    let after = [
        "status",
        "requests",
        "unpriced_requests",
        "refused_requests",
        "amount",
        "unit",
        "low",
        "likely",
        "high",
        "unbounded_requests",
    ];
    csv_record::write(&mut *out, before.chain(after))?;
    for (number, row) in comparison.rows.iter().enumerate() {
        let conditions =
            comparison.keys.iter().map(|key| row.what_if.get(key).map_or("as it is", |text| text));
        let mut start = vec![number.to_string()];
        start.extend(conditions.map(csv_record::plain));
        start.push(row.status.to_owned());
        start.extend(
            [row.requests, row.unpriced_requests, row.refused_requests].map(|count| count.to_string()),
        );
        for (amount, unit, ends) in amounts(row) {
            let line = start.iter().cloned().chain([amount.to_owned(), unit.to_owned()]).chain(ends);
            let line = line.chain([row.unbounded_requests.to_string()]);
            csv_record::write(&mut *out, line)?;
        }
    }
    Ok(())
}

fn amounts(row: &Row) -> [(&'static str, &'static str, [String; 3]); 6] {
    let usd = |of: fn(Quote) -> Estimate<Usd>| csv_record::ends(row.quote.map(of));
    let most = row.quote.map(|quote| quote.batch_bound.to_string()).unwrap_or_default();
    [
        ("input", "token", csv_record::ends(Some(row.tokens.input))),
        ("output", "token", csv_record::ends(Some(row.tokens.output))),
        ("standard", "USD", usd(|quote| quote.standard)),
        ("batch", "USD", usd(|quote| quote.batch)),
        ("batch_cached", "USD", usd(|quote| quote.batch_cached)),
        ("batch_bound", "USD", [String::new(), String::new(), most]),
    ]
}
