use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;

use batchwise_findings::{Finding, Rule, Severity, Tally, Verdict};
use batchwise_plan::{
    Assumption, Findings, Fingerprint, Fingerprinting, Input, LeftOut, ModelLine, Plan, PriceBookReference,
    Quote, RatesUsed, SCHEMA, TokenTotals,
};
use batchwise_pricing::{Era, Rates, TokenKind};
use batchwise_records::{Chunk, FieldPath, Flaw, Line, Where};
use batchwise_units::{Bytes, Tokens};

use crate::appraisal::{Appraisal, Doubt, Outcome};
use crate::assumptions;
use crate::notices::Notices;
use crate::slicer::{Load, Slicer};
use crate::{Context, Price, Region, Row, Watch};

/// How many flaws of one line are looked up in its text; to find one means to read the line again.
const LOCATED_MAX: usize = 20;

/// How many different models are told apart. The price book has far fewer; a file may name a million.
const MODELS_MAX: usize = 1_000;

/// Where everything that is known about the workload is added up, line by line in the order of the inputs.
pub(crate) struct Ledger<'c> {
    context: &'c Context<'c>,
    inputs: Vec<Input>,
    ids: HashMap<[u8; 16], FirstUse>,
    slicer: Slicer,
    models: BTreeMap<String, ModelTotals>,
    assumptions: BTreeMap<(String, String, String), u64>,
    notices: Notices,
    left_out: Vec<LeftOut>,
    tally: Tally,
    bytes_seen: u64,
    requests_seen: u64,
}

/// Where a `custom_id` was used first.
#[derive(Clone, Copy)]
struct FirstUse {
    input: u32,
    line: u32,
}

#[derive(Default)]
struct ModelTotals {
    requests: u64,
    unpriced_requests: u64,
    unpriced_because: Option<String>,
    tokens: TokenTotals,
    quote: Quote,
    priced_as: Option<String>,
    rows: BTreeSet<(Region, Option<Tokens>)>,
}

impl<'c> Ledger<'c> {
    pub(crate) fn new(context: &'c Context<'c>) -> Ledger<'c> {
        Ledger {
            context,
            inputs: Vec::new(),
            ids: HashMap::new(),
            slicer: Slicer::new(context.terms.limits),
            models: BTreeMap::new(),
            assumptions: BTreeMap::new(),
            notices: Notices::default(),
            left_out: Vec::new(),
            tally: Tally::default(),
            bytes_seen: 0,
            requests_seen: 0,
        }
    }

    pub(crate) fn open_input(&mut self, name: &str) {
        self.inputs.push(Input {
            path: name.to_owned(),
            bytes: 0,
            sha256: Fingerprint::of(b""),
            requests: 0,
        });
    }

    pub(crate) fn close_input<R: Read>(&mut self, content: &Fingerprinting<R>) {
        let input = self.input();
        input.bytes = content.length();
        input.sha256 = content.fingerprint();
    }

    pub(crate) fn tell_progress(&mut self, chunk: &Chunk, watch: &mut dyn Watch) {
        self.bytes_seen += chunk.extent_bytes();
        watch.progress(self.bytes_seen, self.requests_seen);
    }

    pub(crate) fn take(&mut self, line: &Line<'_>, outcome: Outcome, watch: &mut dyn Watch) {
        match outcome {
            Outcome::Blank => {
                let input = self.input_index();
                self.slicer.take_blank(input, line);
            }
            Outcome::TooLong => {
                let finding = self.too_large(line);
                self.leave_out(line, [finding], watch);
            }
            Outcome::Flawed(flaws) => {
                let file = self.input().path.clone();
                let located = |(count, flaw): (usize, Flaw)| {
                    if count < LOCATED_MAX { flaw.in_line(&file, line) } else { flaw.unlocated(&file, line) }
                };
                self.leave_out(line, flaws.into_iter().enumerate().map(located), watch);
            }
            Outcome::Request(appraisal) => self.take_request(line, &appraisal, watch),
        }
    }

    fn take_request(&mut self, line: &Line<'_>, appraisal: &Appraisal, watch: &mut dyn Watch) {
        self.requests_seen += 1;
        watch.row(&Row { file: &self.inputs[self.inputs.len() - 1].path, line: line.number, appraisal });
        let quote = appraisal.price.quote();
        let obstacles: Vec<Finding> =
            [self.repeated_id(line, appraisal), self.refusal(line, appraisal, quote)]
                .into_iter()
                .flatten()
                .collect();
        if !obstacles.is_empty() {
            return self.leave_out(line, obstacles, watch);
        }
        let input = self.input_index();
        self.slicer.take(input, line, Load { tokens: appraisal.tokens, quote });
        self.input().requests += 1;
        self.model_totals(&appraisal.model).add(appraisal);
        for Assumption { key, value, source } in &appraisal.assumptions {
            *self.assumptions.entry((key.clone(), value.clone(), source.clone())).or_default() += 1;
        }
        let unpriced = self.unpriced(appraisal);
        let file = &self.inputs[self.inputs.len() - 1].path;
        for doubt in appraisal.doubts.iter().chain(&unpriced) {
            self.notices.note(doubt, || doubt.at().in_line(file, line));
        }
    }

    fn model_totals(&mut self, model: &str) -> &mut ModelTotals {
        let full = self.models.len() >= MODELS_MAX && !self.models.contains_key(model);
        self.models.entry(if full { "(more models)" } else { model }.to_owned()).or_default()
    }

    fn repeated_id(&mut self, line: &Line<'_>, appraisal: &Appraisal) -> Option<Finding> {
        let key = Fingerprint::of(appraisal.custom_id.as_bytes()).first_half();
        let here =
            FirstUse { input: self.input_index(), line: u32::try_from(line.number).unwrap_or(u32::MAX) };
        let first = match self.ids.entry(key) {
            Entry::Vacant(free) => {
                free.insert(here);
                return None;
            }
            Entry::Occupied(taken) => *taken.get(),
        };
        let first_file = &self.inputs[first.input as usize].path;
        Some(Finding {
            rule: Rule::DuplicateCustomId,
            message: format!(
                "`{}` names two requests; {first_file}:{} is the first",
                appraisal.custom_id, first.line
            ),
            at: Some(Where::Value(FieldPath::keys(&["custom_id"])).in_line(&self.input().path, line)),
            help: Some("results come back by `custom_id`, so each must be unique in the workload".to_owned()),
        })
    }

    fn refusal(&mut self, line: &Line<'_>, appraisal: &Appraisal, quote: Option<Quote>) -> Option<Finding> {
        match self.slicer.refusal(Bytes::of(line.content), quote)? {
            Rule::RequestTooLarge => Some(self.too_large(line)),
            rule => {
                let usd_max = self.context.terms.limits.usd_max.unwrap_or_default();
                let cost = match quote {
                    Some(quote) => {
                        format!("may cost ${}, above the ${usd_max} that a batch may", quote.batch_bound)
                    }
                    None => format!("has no price, so it cannot be held to ${usd_max} per batch"),
                };
                Some(Finding {
                    rule,
                    message: format!("`{}` {cost}", appraisal.custom_id),
                    at: Some(Where::Line.in_line(&self.input().path, line)),
                    help: Some("lower its `max_tokens`, shorten it, or raise --max-usd".to_owned()),
                })
            }
        }
    }

    fn too_large(&mut self, line: &Line<'_>) -> Finding {
        let max = self.context.terms.limits.body_bytes_max;
        Finding {
            rule: Rule::RequestTooLarge,
            message: format!(
                "the request has {} bytes; with its envelope no batch of {max} bytes holds it",
                line.content_bytes
            ),
            at: Some(Where::Line.in_line(&self.input().path, line)),
            help: Some("make it smaller, for example by referring to uploaded files by id".to_owned()),
        }
    }

    fn unpriced(&self, appraisal: &Appraisal) -> Option<Doubt> {
        let Price::Unpriced(reason) = &appraisal.price else { return None };
        let allowed = self.context.terms.allow_unpriced;
        Some(Doubt {
            rule: if allowed { Rule::UnpricedAllowed } else { Rule::Unpriced },
            message: reason.clone(),
            help: "correct it, give a price with --pricing, or plan without it with --allow-unpriced"
                .to_owned(),
            field: "params.model",
        })
    }

    fn leave_out(
        &mut self,
        line: &Line<'_>,
        findings: impl IntoIterator<Item = Finding>,
        watch: &mut dyn Watch,
    ) {
        let input = self.input_index();
        let mut first = None;
        for finding in findings {
            first.get_or_insert(finding.rule);
            self.tell(finding, watch);
        }
        self.left_out.push(LeftOut {
            input,
            line: line.number,
            start: line.extent.start,
            end: line.extent.end,
            rule: first.expect("what is left out has a finding").id(),
        });
    }

    fn tell(&mut self, finding: Finding, watch: &mut dyn Watch) {
        self.tally.count(finding.rule);
        watch.finding(finding);
    }

    fn input(&mut self) -> &mut Input {
        self.inputs.last_mut().expect("an input is open")
    }

    fn input_index(&self) -> u32 {
        u32::try_from(self.inputs.len() - 1).expect("fewer than 2^32 inputs")
    }

    /// Adds everything up.
    pub(crate) fn close(mut self, watch: &mut dyn Watch) -> Plan {
        for finding in std::mem::take(&mut self.notices).into_findings() {
            self.tell(finding, watch);
        }
        let batches = std::mem::replace(&mut self.slicer, Slicer::new(self.context.terms.limits)).finish();
        for finding in self.about_the_whole(&batches) {
            self.tell(finding, watch);
        }
        let (mut tokens, mut quote) = (TokenTotals::default(), Quote::default());
        for batch in &batches {
            tokens += batch.tokens;
            quote += batch.quote;
        }
        let terms = self.context.terms;
        Plan {
            schema: SCHEMA,
            verdict: self.tally.verdict().name(),
            priced_on: terms.day.to_string(),
            price_book: PriceBookReference {
                version: self.context.book.version_label(),
                sha256: self.context.book.sha256().to_owned(),
            },
            requests: batches.iter().map(|batch| batch.requests).sum(),
            unpriced_requests: batches.iter().map(|batch| batch.unpriced_requests).sum(),
            left_out_lines: self.left_out.len() as u64,
            tokens,
            quote,
            savings: quote.savings(),
            models: self.model_lines(),
            limits: terms.limits,
            batches,
            assumptions: self.all_assumptions(),
            findings: findings(&self.tally),
            inputs: self.inputs,
            left_out: self.left_out,
        }
    }

    fn about_the_whole(&self, batches: &[batchwise_plan::Batch]) -> Vec<Finding> {
        let finding = |rule, message: String, help: &str| Finding {
            rule,
            message,
            at: None,
            help: Some(help.to_owned()),
        };
        let mut findings = Vec::new();
        if batches.is_empty() && self.tally.verdict() == Verdict::Ok {
            let names: Vec<&str> = self.inputs.iter().map(|input| input.path.as_str()).collect();
            let message = format!("there is no request in {}", names.join(", "));
            findings.push(finding(
                Rule::NoRequests,
                message,
                "the API refuses an empty batch; write one request per line",
            ));
        }
        let safe = self.context.book.limits().max_body.value;
        let large = batches.iter().filter(|batch| batch.body_bytes > safe).count();
        if large > 0 {
            let message = format!(
                "{large} of {} bodies exceed {safe} bytes, where \"256 MB\" may already end",
                batches.len()
            );
            findings.push(finding(Rule::BodyOverSafeLimit, message, "leave --max-bytes at 256MB to be safe"));
        }
        findings.extend(self.stale_book());
        findings
    }

    fn stale_book(&self) -> Option<Finding> {
        const FRESH_DAYS: i32 = 60;
        let (version, day) = (self.context.book.version(), self.context.terms.day);
        let age = (day - version).get_days();
        (age > FRESH_DAYS).then(|| Finding {
            rule: Rule::StalePriceBook,
            message: format!("the price book is of {version}, {age} days before the day of the plan, {day}"),
            at: None,
            help: Some("update batchwise, or give current prices with --pricing".to_owned()),
        })
    }

    fn model_lines(&self) -> Vec<ModelLine> {
        let line = |(model, totals): (&String, &ModelTotals)| ModelLine {
            model: model.clone(),
            priced_as: totals.priced_as.clone(),
            unpriced_because: totals.unpriced_because.clone(),
            requests: totals.requests,
            unpriced_requests: totals.unpriced_requests,
            tokens: totals.tokens,
            quote: totals.quote,
            rates: self.rates_used(totals),
        };
        self.models.iter().map(line).collect()
    }

    fn rates_used(&self, totals: &ModelTotals) -> Vec<RatesUsed> {
        let model = totals.priced_as.as_deref().and_then(|id| self.context.book.find(id).ok());
        let Some(era) = model.and_then(|model| model.on(self.context.terms.day).ok()) else {
            return Vec::new();
        };
        totals.rows.iter().map(|&(region, over)| self.rates_row(era, region, over)).collect()
    }

    fn rates_row(&self, era: &Era, region: Region, over: Option<Tokens>) -> RatesUsed {
        let tier = era.tiers.iter().find(|tier| Some(tier.prompt_over) == over);
        let prices = tier.map_or(&era.base, |tier| &tier.prices);
        let list = |rates: Rates| {
            let rates = if region == Region::Us { rates.times(self.context.book.geo_us()) } else { rates };
            TokenKind::ALL.into_iter().map(|kind| (kind.name(), rates.of(kind))).collect()
        };
        RatesUsed {
            prompt_tokens_over: over,
            geo: region.name(),
            usd_per_mtok: [("standard", list(prices.standard)), ("batch", list(prices.batch))].into(),
            since: era.from.to_string(),
            source: era.source.clone(),
            checked: era.checked.map(|day| day.to_string()).unwrap_or_default(),
        }
    }

    fn all_assumptions(&self) -> Vec<Assumption> {
        let counted = self.assumptions.iter().map(|((key, value, source), count)| Assumption {
            key: key.clone(),
            value: format!("{value} ({count} request{})", if *count == 1 { "" } else { "s" }),
            source: source.clone(),
        });
        let used: BTreeSet<&str> =
            self.models.values().filter_map(|totals| totals.priced_as.as_deref()).collect();
        let standing = assumptions::standing(self.context);
        standing
            .into_iter()
            .chain(assumptions::unconfirmed_prices(self.context, &used))
            .chain(counted)
            .collect()
    }
}

impl ModelTotals {
    fn add(&mut self, appraisal: &Appraisal) {
        self.requests += 1;
        self.tokens += appraisal.tokens;
        match &appraisal.price {
            Price::Known { quote, priced_as, tiers, region } => {
                self.quote += *quote;
                self.priced_as.get_or_insert_with(|| priced_as.clone());
                self.rows.extend(tiers.iter().map(|&tier| (*region, tier)));
            }
            Price::Unpriced(reason) => {
                self.unpriced_requests += 1;
                self.unpriced_because.get_or_insert_with(|| reason.clone());
            }
        }
    }
}

fn findings(tally: &Tally) -> Findings {
    Findings {
        error: tally.of(Severity::Error),
        warning: tally.of(Severity::Warning),
        note: tally.of(Severity::Note),
        rules: tally.rules().map(|(rule, count)| (rule.id(), count)).collect(),
    }
}
