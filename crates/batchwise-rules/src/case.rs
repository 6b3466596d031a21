//! A request for the unit tests of rules, with what its input is said to come to.

use batchwise_findings::Rule;
use batchwise_pricing::{PriceBook, SourceFile};
use batchwise_records::{Flaw, Request};
use batchwise_tokens::{Breakpoint, CacheTtl, InputEstimate, RequestKind};
use batchwise_units::{Estimate, Tokens};
use jiff::civil::{Date, date};

use crate::{ApiVersion, Circumstances, Subject, inspect};

pub(crate) struct Case {
    line: String,
    input: InputEstimate,
    is_in_us: bool,
    day: Date,
    api_version: ApiVersion,
    betas: Vec<String>,
    book: PriceBook,
}

/// A sound request, but for these members of `params`, which replace the usual ones.
pub(crate) fn case(members: &str) -> Case {
    let usual = [
        ("model", "\"claude-opus-5-5\""),
        ("max_tokens", "1000"),
        ("messages", r#"[{"role":"user","content":"hi"}]"#),
    ];
    let missing = usual.iter().filter(|(key, _)| !members.contains(&format!("\"{key}\":")));
    let mut all: Vec<String> = missing.map(|(key, value)| format!("\"{key}\":{value}")).collect();
    all.extend((!members.is_empty()).then(|| members.to_owned()));
    Case {
        line: format!(r#"{{"custom_id":"a","params":{{{}}}}}"#, all.join(",")),
        input: InputEstimate {
            kind: RequestKind::default(),
            total: Estimate::new(Tokens(10), Tokens(11), Tokens(12)),
            breakpoints: Vec::new(),
            blocks: Vec::new(),
            assumptions: Vec::new(),
            has_bounds: false,
            bounded: true,
        },
        is_in_us: false,
        day: date(2026, 11, 21),
        api_version: ApiVersion::default(),
        betas: Vec::new(),
        book: PriceBook::bundled().clone(),
    }
}

/// A sound request for that model, but for these members.
pub(crate) fn case_of(model: &str, members: &str) -> Case {
    let comma = if members.is_empty() { "" } else { "," };
    case(&format!("\"model\":\"{model}\"{comma}{members}"))
}

/// A sound request with one message of the user, which has these blocks.
pub(crate) fn case_with_blocks(blocks: &str) -> Case {
    case(&format!(r#""messages":[{{"role":"user","content":[{blocks}]}}]"#))
}

impl Case {
    pub(crate) fn old_version(self) -> Case {
        Case { api_version: ApiVersion::V2023_06_01, ..self }
    }

    pub(crate) fn on(self, day: Date) -> Case {
        Case { day, ..self }
    }

    pub(crate) fn beta(mut self, beta: &str) -> Case {
        self.betas.push(beta.to_owned());
        self
    }

    pub(crate) fn tokens(mut self, [low, likely, high]: [u64; 3]) -> Case {
        self.input.total = Estimate::new(Tokens(low), Tokens(likely), Tokens(high));
        self
    }

    /// Processed in the United States.
    pub(crate) fn in_us(self) -> Case {
        Case { is_in_us: true, ..self }
    }

    /// With tools that run on the server.
    pub(crate) fn unbounded(mut self) -> Case {
        self.input.bounded = false;
        self
    }

    /// With prices of one's own.
    pub(crate) fn overlaid(self, overlay: &str) -> Case {
        let file = SourceFile { path: "mine.toml".to_owned(), text: overlay.to_owned() };
        Case { book: self.book.overlaid(&[file]).expect("an overlay loads"), ..self }
    }

    /// One breakpoint more, with the low and the high end of its prefix.
    pub(crate) fn breakpoint(mut self, ttl: CacheTtl, [low, high]: [u64; 2]) -> Case {
        let prefix = Estimate::new(Tokens(low), Tokens(low), Tokens(high));
        self.input.breakpoints.push(Breakpoint { prefix, ttl });
        self
    }

    pub(crate) fn flaws(&self) -> Vec<Flaw> {
        let request = Request::parse(self.line.as_bytes()).expect(&self.line);
        let model = self.book.find(&request.model).ok();
        let subject = Subject { request: &request, model, input: &self.input, is_in_us: self.is_in_us };
        let Case { day, api_version, ref betas, .. } = *self;
        inspect(&subject, &Circumstances { book: &self.book, day, api_version, betas })
    }

    /// What that rule says.
    pub(crate) fn said(&self, rule: Rule) -> Vec<String> {
        self.flaws().into_iter().filter(|flaw| flaw.rule == rule).map(|flaw| flaw.message).collect()
    }

    /// How often that rule speaks.
    pub(crate) fn count(&self, rule: Rule) -> usize {
        self.said(rule).len()
    }
}
