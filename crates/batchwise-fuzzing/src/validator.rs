use batchwise_findings::Rule;
use batchwise_planner::model_traits;
use batchwise_pricing::PriceBook;
use batchwise_records::Request;
use batchwise_rules::{ApiVersion, Circumstances, Subject, inspect};
use batchwise_tokens::{Estimator, bytes};
use jiff::civil::date;

/// Holds a line of a request file to the rules of the API, in each of its versions. However much is wrong with a request,
/// little is said, always the same, and each with a place that can be shown.
pub fn validator(content: &[u8]) {
    let Ok(request) = Request::parse(content) else { return };
    let book = PriceBook::bundled();
    let model = book.find(&request.model).ok();
    let traits =
        model_traits(model.unwrap_or_else(|| book.find("claude-haiku-5-5").expect("it is in the book")));
    let input = bytes().estimate(&request, &traits);
    let subject = Subject { request: &request, model, input: &input, is_in_us: false };
    for &api_version in ApiVersion::ALL {
        let circumstances = Circumstances { book, day: date(2026, 11, 21), api_version, betas: &[] };
        let flaws = inspect(&subject, &circumstances);
        assert!(flaws.len() <= 20 + Rule::ALL.len(), "what is said of a request is limited");
        assert_eq!(flaws, inspect(&subject, &circumstances), "the same request is judged the same");
        let line = crate::line_parser::line(content);
        for flaw in flaws {
            let place = flaw.in_line("any.jsonl", &line).at.expect("a flaw has a place");
            assert!(line.extent.start <= place.bytes.start && place.bytes.end <= line.extent.end);
        }
    }
}
