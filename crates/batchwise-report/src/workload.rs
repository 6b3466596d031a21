use batchwise_units::{dollars, grouped, places};

use crate::{CheckReport, saved};

/// What the report is about, in a line: `3 requests in 1 batch, up to $0.0151, 50.0 % less than one by one (2
/// lines left out)`.
///
/// The cost is that of what could be read and priced; what is missing from it is told behind it. Without a bound or a
/// price for some requests there is no "up to".
pub fn workload(report: &CheckReport) -> String {
    let requests = number(report.requests, "request", "requests");
    let batches = number(report.batches, "batch", "batches");
    let missing = missing(report);
    let missing = if missing.is_empty() { missing } else { format!(" ({missing})") };
    format!("{requests} in {batches}{}{missing}", cost(report))
}

fn cost(report: &CheckReport) -> String {
    let Some(quote) = report.quote else { return String::new() };
    let (likely, bound) = (quote.batch_cached.likely(), quote.batch_bound);
    let places = places(likely.into_iter().chain([bound]));
    let likely = likely.map(|likely| format!(", likely {}", dollars(likely, places))).unwrap_or_default();
    // What is a bound stays one when it is rounded.
    let bound = dollars(bound.rounded_up(places), places);
    let saved = saved(&quote).map(|saved| format!(", {saved}")).unwrap_or_default();
    match report.unbounded_requests + report.unpriced_requests {
        0 => format!("{likely}, up to {bound}{saved}"),
        _ => format!("{likely}, {bound} and more{saved}"),
    }
}

fn missing(report: &CheckReport) -> String {
    let told = [
        (report.left_out_lines, number(report.left_out_lines, "line left out", "lines left out")),
        (report.unpriced_requests, format!("{} without a price", grouped(report.unpriced_requests))),
        (report.unbounded_requests, format!("{} without a bound", grouped(report.unbounded_requests))),
    ];
    let told = told.into_iter().filter(|(count, _)| *count > 0).map(|(_, text)| text);
    told.collect::<Vec<String>>().join(", ")
}

fn number(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check_report::tests_support::report;
    use batchwise_plan::Quote;
    use batchwise_units::{Estimate, Usd};

    #[test]
    fn what_is_missing_from_the_cost_is_told() {
        let usd = |text| Usd::parse(text).unwrap();
        let cost = Estimate::new(usd("1"), usd("2"), usd("3"));
        let standard = cost + cost;
        let quote = Quote { standard, batch: cost, batch_cached: cost, batch_bound: usd("3.4901") };
        let sound = report(&[]);
        assert_eq!(workload(&sound), "3 requests in 1 batch");
        let priced = CheckReport { quote: Some(quote), ..sound.clone() };
        assert_eq!(
            workload(&priced),
            "3 requests in 1 batch, likely $2.00, up to $3.50, 50.0 % less than one by one"
        );
        let partly = CheckReport { left_out_lines: 1, unpriced_requests: 1_200, ..priced.clone() };
        let told = "3 requests in 1 batch, likely $2.00, $3.50 and more, 50.0 % less than one by one (1 line left out, 1,200 \
                    without a price)";
        assert_eq!(workload(&partly), told);
        let open = CheckReport { unbounded_requests: 2, ..priced };
        assert_eq!(
            workload(&open),
            "3 requests in 1 batch, likely $2.00, $3.50 and more, 50.0 % less than one by one (2 without a bound)"
        );
    }
}
