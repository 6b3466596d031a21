use std::collections::BTreeMap;
use std::num::NonZero;

use batchwise_findings::{Finding, Rule, Tally, Verdict};
use batchwise_plan::{Assumption, Findings};
use batchwise_pricing::{LookupError, PriceBook};
use batchwise_records::{Chunk, Line, Request, Where};
use batchwise_tokens::{Estimator, RequestKind};
use batchwise_units::{Estimate, Margin, RangeSum, SharedError, Tokens};

use crate::appraisal::{self, Doubt, Outcome, estimate_input, read_line};
use crate::ledger::findings;
use crate::notices::Notices;
use crate::reading::read_in_order;
use crate::{ReadError, Source, Watch, assumptions};

/// How many different models that nobody knows are told apart: a file may name a million.
const MODELS_MAX: usize = 1_000;

/// What counting depends on beside the inputs.
pub struct CountContext<'c> {
    /// Which models there are, and which tokenizer each has. Its prices do not matter.
    pub book: &'c PriceBook,
    /// Who counts tokens.
    pub estimator: &'c dyn Estimator,
    /// How many threads count. The numbers do not depend on it.
    pub threads: NonZero<usize>,
}

/// The input of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedRequest {
    /// The user's name for it.
    pub custom_id: String,
    /// The model as written.
    pub model: String,
    /// What it is made of.
    pub kind: RequestKind,
    /// Its input. Of a model that nobody knows, the range spans both tokenizers.
    pub tokens: Estimate<Tokens>,
    /// How much of the width of that range is an error of counting.
    margin: Margin<Tokens>,
    /// Whether the price book knows the model, and so its tokenizer.
    pub model_known: bool,
    /// Whether the high end is the most it can be: not with tools that run on the server.
    pub bounded: bool,
    assumptions: Vec<batchwise_tokens::Assumption>,
    doubts: Vec<Doubt>,
}

/// One request and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct CountedRow<'r> {
    /// The input's name.
    pub file: &'r str,
    /// Line number, counted from 1.
    pub line: u64,
    /// What it comes to.
    pub request: &'r CountedRequest,
}

/// What some requests come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CountSum {
    /// How many there are.
    pub requests: u64,
    /// Their input. Errors of counting cancel as far as they are independent.
    pub tokens: Estimate<Tokens>,
    /// How many name a model that nobody knows: their range spans both tokenizers.
    pub unknown_model_requests: u64,
    /// How many may get input that nobody can know: for them no high end is a bound.
    pub unbounded_requests: u64,
}

/// A sum to which requests are still added.
#[derive(Default)]
struct OpenSum {
    requests: u64,
    tokens: RangeSum<Tokens>,
    unknown_model_requests: u64,
    unbounded_requests: u64,
}

impl OpenSum {
    fn add(&mut self, request: &CountedRequest) {
        self.requests += 1;
        self.tokens.add(request.tokens, request.margin);
        self.unknown_model_requests += u64::from(!request.model_known);
        self.unbounded_requests += u64::from(!request.bounded);
    }

    fn close(&self, shared: SharedError) -> CountSum {
        CountSum {
            requests: self.requests,
            tokens: self.tokens.total(shared),
            unknown_model_requests: self.unknown_model_requests,
            unbounded_requests: self.unbounded_requests,
        }
    }
}

/// One input and what its requests come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileCount {
    /// As the user named it; `-` is standard input.
    pub name: String,
    /// Its readable requests.
    pub sum: CountSum,
    /// How many of its lines are no requests and not counted; blank lines are none of them.
    pub uncounted_lines: u64,
}

/// The input of a workload, without prices.
#[derive(Clone, Debug)]
pub struct Count {
    /// By input, in their order.
    pub files: Vec<FileCount>,
    /// By model as written, in order of the name. Beyond a thousand, names that nobody knows are one.
    pub models: Vec<(String, CountSum)>,
    /// By kind, from the easiest to count to the hardest; kinds that do not occur are left out.
    pub kinds: Vec<(RequestKind, CountSum)>,
    /// All readable requests.
    pub total: CountSum,
    /// How many lines are no requests and not counted.
    pub uncounted_lines: u64,
    /// What the numbers rest on.
    pub assumptions: Vec<Assumption>,
    /// How much was found to be wrong.
    pub findings: Findings,
    /// What that means for the run.
    pub verdict: Verdict,
}

/// Counts the input tokens of all `sources`, in their order, as one workload. What needs a price, a batch or
/// a unique `custom_id` to be decided is not looked at.
///
/// Memory does not grow with the inputs: only the longest lines count (those under way at once are some
/// megabytes, or one line).
///
/// # Errors
/// When an input cannot be read to its end. A line that is no request is no error: it is told to `watch`, not
/// counted, and turns the verdict.
pub fn count(
    sources: Vec<Source<'_>>,
    context: &CountContext<'_>,
    watch: &mut dyn Watch,
    on_row: &mut dyn FnMut(&CountedRow<'_>),
) -> Result<Count, ReadError> {
    let mut counter = Counter::default();
    for mut source in sources {
        counter.open_input(&source.name);
        read_in_order(
            &source.name,
            &mut source.content,
            context.threads,
            |line| read_line(line, |request| count_request(request, context)),
            |chunk, outcomes| {
                counter.take_chunk(chunk, outcomes, watch, on_row);
                Ok::<(), ReadError>(())
            },
        )?;
    }
    Ok(counter.close(context, watch))
}

/// Depends on nothing but its arguments.
fn count_request(request: &Request<'_>, context: &CountContext<'_>) -> CountedRequest {
    let (model, input) = estimate_input(request, context.book, context.estimator);
    let unknown = model.as_ref().err().map(unknown_model);
    let unbounded = (!input.bounded).then(unbounded);
    CountedRequest {
        custom_id: request.custom_id.clone().into_owned(),
        model: request.model.clone().into_owned(),
        kind: input.kind,
        tokens: input.total,
        // What spans both tokenizers is no error of counting.
        margin: if model.is_ok() { input.margin() } else { Margin::none() },
        model_known: model.is_ok(),
        bounded: input.bounded,
        assumptions: input.assumptions,
        doubts: [unknown, unbounded].into_iter().flatten().collect(),
    }
}

fn unknown_model(error: &LookupError) -> Doubt {
    Doubt {
        rule: Rule::UnknownModel,
        message: error.about_the_name(),
        help: "its range spans both tokenizers of Claude; correct the name, or describe the model with --pricing"
            .to_owned(),
        field: "params.model",
    }
}

fn unbounded() -> Doubt {
    let help = "what such tools and content add is not in the counts".to_owned();
    Doubt { help, ..appraisal::unbounded() }
}

/// An input that is being counted.
struct OpenFile {
    name: String,
    sum: OpenSum,
    uncounted_lines: u64,
}

/// Where the counts are added up, line by line in the order of the inputs.
#[derive(Default)]
struct Counter {
    files: Vec<OpenFile>,
    models: BTreeMap<String, OpenSum>,
    more_models: OpenSum,
    kinds: BTreeMap<RequestKind, OpenSum>,
    total: OpenSum,
    assumptions: BTreeMap<batchwise_tokens::Assumption, u64>,
    notices: Notices,
    tally: Tally,
    bytes_seen: u64,
}

impl Counter {
    fn open_input(&mut self, name: &str) {
        self.files.push(OpenFile { name: name.to_owned(), sum: OpenSum::default(), uncounted_lines: 0 });
    }

    fn take_chunk(
        &mut self,
        chunk: &Chunk,
        outcomes: Vec<Outcome<CountedRequest>>,
        watch: &mut dyn Watch,
        on_row: &mut dyn FnMut(&CountedRow<'_>),
    ) {
        for (line, outcome) in chunk.lines().zip(outcomes) {
            match outcome {
                Outcome::Blank => (),
                Outcome::TooLong => self.leave_out(vec![too_long(self.file(), &line)], watch),
                Outcome::Flawed(flaws) => {
                    let file = self.file();
                    let findings = flaws.into_iter().map(|flaw| flaw.in_line(file, &line)).collect();
                    self.leave_out(findings, watch);
                }
                Outcome::Request(request) => {
                    on_row(&CountedRow { file: self.file(), line: line.number, request: &request });
                    self.add(&line, &request);
                }
            }
        }
        self.bytes_seen += chunk.extent_bytes();
        watch.progress(self.bytes_seen, self.total.requests);
    }

    fn add(&mut self, line: &Line<'_>, request: &CountedRequest) {
        self.input().sum.add(request);
        self.model(request).add(request);
        self.kinds.entry(request.kind).or_default().add(request);
        self.total.add(request);
        for assumption in &request.assumptions {
            *self.assumptions.entry(*assumption).or_default() += 1;
        }
        let file = &self.files[self.files.len() - 1].name;
        for doubt in &request.doubts {
            self.notices.note(doubt, || doubt.at().in_line(file, line));
        }
    }

    fn leave_out(&mut self, findings: Vec<Finding>, watch: &mut dyn Watch) {
        self.input().uncounted_lines += 1;
        for finding in findings {
            self.tell(finding, 1, watch);
        }
    }

    fn tell(&mut self, finding: Finding, requests: u64, watch: &mut dyn Watch) {
        self.tally.count(finding.rule, requests);
        watch.finding(finding);
    }

    fn input(&mut self) -> &mut OpenFile {
        self.files.last_mut().expect("an input is open")
    }

    fn file(&self) -> &str {
        &self.files.last().expect("an input is open").name
    }

    fn model(&mut self, request: &CountedRequest) -> &mut OpenSum {
        let name = &request.model;
        if !request.model_known && self.models.len() >= MODELS_MAX && !self.models.contains_key(name) {
            return &mut self.more_models;
        }
        self.models.entry(name.clone()).or_default()
    }

    fn close(mut self, context: &CountContext<'_>, watch: &mut dyn Watch) -> Count {
        for (finding, requests) in std::mem::take(&mut self.notices).into_findings() {
            self.tell(finding, requests, watch);
        }
        if self.total.requests == 0 && self.tally.verdict() == Verdict::Ok {
            let finding = no_requests(&self.files);
            self.tell(finding, 1, watch);
        }
        let assumptions = self.all_assumptions(context);
        let more = (self.more_models.requests > 0).then(|| ("(more models)".to_owned(), self.more_models));
        let whole = context.estimator.shared_error_of_whole();
        let of_part = |parts: usize| if parts == 1 { whole } else { context.estimator.shared_error() };
        let of_file = of_part(self.files.len());
        let of_model = of_part(self.models.len() + usize::from(more.is_some()));
        let of_kind = of_part(self.kinds.len());
        let file = |OpenFile { name, sum, uncounted_lines }| FileCount {
            name,
            sum: sum.close(of_file),
            uncounted_lines,
        };
        Count {
            uncounted_lines: self.files.iter().map(|file| file.uncounted_lines).sum(),
            files: self.files.into_iter().map(file).collect(),
            models: self
                .models
                .into_iter()
                .chain(more)
                .map(|(name, sum)| (name, sum.close(of_model)))
                .collect(),
            kinds: self.kinds.into_iter().map(|(kind, sum)| (kind, sum.close(of_kind))).collect(),
            total: self.total.close(whole),
            assumptions,
            findings: findings(&self.tally),
            verdict: self.tally.verdict(),
        }
    }

    fn all_assumptions(&self, context: &CountContext<'_>) -> Vec<Assumption> {
        let unknown = self.total.unknown_model_requests;
        let unknown = (unknown > 0).then(|| (appraisal::unknown_tokenizer(), unknown));
        let taken =
            self.assumptions.iter().map(|(taken, count)| (appraisal::token_assumption(taken), *count));
        let counted =
            unknown.into_iter().chain(taken).map(|(taken, count)| assumptions::of_requests(taken, count));
        let estimator = context.estimator;
        let mut all = assumptions::input_tokens(estimator);
        all.push(assumptions::totals(estimator));
        all.extend(counted);
        all
    }
}

fn too_long(file: &str, line: &Line<'_>) -> Finding {
    let message = format!("the line has {} bytes, more than any batch can hold", line.content_bytes);
    Finding::new(Rule::RequestTooLarge, message)
        .with_help("make it smaller, for example by referring to uploaded files by id")
        .at(Where::Line.in_line(file, line))
}

fn no_requests(files: &[OpenFile]) -> Finding {
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    Finding::new(Rule::NoRequests, format!("there is no request in {}", names.join(", ")))
        .with_help("write one request per line; --text counts a plain text")
}
