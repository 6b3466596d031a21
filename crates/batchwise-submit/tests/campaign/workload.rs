//! A plan and what it was made of.

use std::io::{self, Cursor, Read};
use std::num::NonZero;

use batchwise_findings::Verdict;
use batchwise_plan::Plan;
use batchwise_planner::{Context, Source, Terms, plan};
use batchwise_pricing::PriceBook;
use batchwise_submit::Inputs;
use jiff::civil::date;

/// A plan of requests that are in memory.
#[derive(Clone, Debug)]
pub(crate) struct Workload {
    pub(crate) plan: Plan,
    pub(crate) texts: Vec<String>,
}

impl Workload {
    /// Requests whose custom_ids begin with the name, in batches of at most so many, of which at most so many are in one wave.
    pub(crate) fn new(name: &str, requests: u64, batch_max: u64, queued_max: Option<u64>) -> Workload {
        let half = requests / 2;
        let texts = vec![lines(name, 0..half), lines(name, half..requests)];
        Workload::of(texts, batch_max, queued_max)
    }

    pub(crate) fn of(texts: Vec<String>, batch_max: u64, queued_max: Option<u64>) -> Workload {
        let book = PriceBook::bundled();
        let mut terms = Terms::on(date(2026, 11, 21), book);
        terms.limits.requests_max = batch_max;
        terms.queued_requests_max = queued_max;
        let estimator = batchwise_tokens::bytes();
        let (estimator, threads) = (&estimator, NonZero::<usize>::MIN);
        let context = Context { book, estimator, terms: &terms, threads, inspector: None, route: None };
        let source = |(index, text): (usize, &String)| Source {
            name: format!("{index}.jsonl"),
            content: Box::new(Cursor::new(text.clone().into_bytes())),
        };
        let sources = texts.iter().enumerate().map(source).collect();
        let plan = plan(sources, &context, &mut Vec::<u8>::new(), &mut Vec::new()).unwrap().plan;
        assert_eq!(plan.verdict, Verdict::Ok);
        Workload { plan, texts }
    }
}

/// Requests with these numbers, of which every seventh names a model that nobody has.
fn lines(name: &str, numbers: std::ops::Range<u64>) -> String {
    numbers.map(|number| line(name, number)).collect()
}

fn line(name: &str, number: u64) -> String {
    let text = "so it goes ".repeat(usize::try_from(number % 5).unwrap());
    // The API finds out only when it is processed.
    let tool = if number % 7 == 6 { r#","tool_choice":{"type":"tool","name":"nobody"}"# } else { "" };
    let ending = ["\n", "\r\n", "\n\n"][usize::try_from(number % 3).unwrap()];
    format!(
        r#"{{"custom_id":"{name}-{number}","params":{{"model":"claude-haiku-4-5","max_tokens":50,"messages":[{{"role":"user","content":"{number} {text}"}}]{tool}}}}}{ending}"#
    )
}

/// The texts as inputs.
impl Inputs for &Workload {
    fn open_at(&mut self, input: u32, start: u64) -> io::Result<Box<dyn Read>> {
        let text = self.texts[input as usize].as_bytes()[usize::try_from(start).unwrap()..].to_vec();
        Ok(Box::new(Cursor::new(text)))
    }
}
