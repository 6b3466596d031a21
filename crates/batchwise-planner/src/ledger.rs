use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

use batchwise_findings::{Finding, Reference, Rule, Severity, Tally, Verdict};
use batchwise_plan::{
    Assumption, Batch, Findings, Fingerprint, Fingerprinting, Input, LeftOut, ModelLine, Plan,
    PriceBookReference, Quote, SCHEMA,
};
use batchwise_prefixes::Place;
use batchwise_records::{Chunk, FieldPath, Flaw, Line, Where};
use batchwise_units::{Bytes, Percent, dollars, places};

use crate::appraisal::{Appraisal, Doubt, Outcome};
use crate::assumptions;
use crate::cache::{Insight, Outlook};
use crate::consumed::RequestUsage;
use crate::ids::{FirstUse, Ids};
use crate::makings::Makings;
use crate::model_totals::ModelTotals;
use crate::notices::Notices;
use crate::quoting::{FateCost, plain_usage};
use crate::slicer::{Cuts, Slicer};
use crate::totals::{Load, Shares, Totals};
use crate::waves::waves;
use crate::{CacheScenario, Context, Marking, Planned, Price, Route, Row, Scratch, Watch};

/// How many different models without a price are told apart: a file may name a million.
const MODELS_MAX: usize = 1_000;

/// Where everything that is known about the workload is added up, line by line in the order of the inputs.
pub(crate) struct Ledger<'c> {
    context: &'c Context<'c>,
    inputs: Vec<Input>,
    ids: Ids<'c>,
    slicer: Slicer<'c>,
    outlook: Outlook<'c>,
    models: BTreeMap<String, ModelTotals>,
    more_models: ModelTotals,
    makings: Makings,
    assumptions: BTreeMap<(String, String, String), u64>,
    /// The requests that ask what earlier ones ask.
    repeated: Totals,
    notices: Notices,
    left_out: Vec<LeftOut>,
    left_out_lines: u64,
    tally: Tally,
    bytes_seen: u64,
    requests_seen: u64,
    lines_seen: u64,
}

impl<'c> Ledger<'c> {
    pub(crate) fn new(context: &'c Context<'c>, scratch: &'c mut dyn Scratch) -> Ledger<'c> {
        Ledger {
            context,
            inputs: Vec::new(),
            ids: Ids::new(scratch),
            slicer: Slicer::new(cuts(context), Shares::of_part(context.estimator)),
            outlook: Outlook::new(context),
            models: BTreeMap::new(),
            more_models: ModelTotals::default(),
            makings: Makings::default(),
            assumptions: BTreeMap::new(),
            repeated: Totals::default(),
            notices: Notices::default(),
            left_out: Vec::new(),
            left_out_lines: 0,
            tally: Tally::default(),
            bytes_seen: 0,
            requests_seen: 0,
            lines_seen: 0,
        }
    }

    pub(crate) fn open_input(&mut self, name: &str) {
        self.ids.open_input(self.lines_seen);
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

    /// # Errors
    /// Those of the storage of the ids.
    pub(crate) fn take(
        &mut self,
        line: &Line<'_>,
        outcome: Outcome,
        watch: &mut dyn Watch,
    ) -> io::Result<()> {
        self.lines_seen += 1;
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
                self.leave_out(line, flaws.into_iter().map(|flaw| flaw.in_line(&file, line)), watch);
            }
            Outcome::Request(mut appraisal) => {
                let remarks = std::mem::take(&mut appraisal.remarks);
                self.take_request(line, &mut appraisal, remarks, watch)?;
            }
        }
        Ok(())
    }

    fn take_request(
        &mut self,
        line: &Line<'_>,
        appraisal: &mut Appraisal,
        remarks: Vec<Flaw>,
        watch: &mut dyn Watch,
    ) -> io::Result<()> {
        self.requests_seen += 1;
        let load = appraisal.load();
        let obstacles = [self.repeated_id(line, appraisal)?, self.refusal(line, appraisal, &load)];
        let obstacles: Vec<Finding> = obstacles.into_iter().flatten().collect();
        let left_out = obstacles.first().map(|finding| finding.rule);
        let mut usage = None;
        if left_out.is_none() {
            usage = self.foresee(line, appraisal, &load);
        }
        let (appraisal, load) = (&*appraisal, appraisal.load());
        watch.row(&Row { file: &self.input().path, line: line.number, appraisal, left_out });
        if left_out.is_some() {
            self.leave_out(line, obstacles, watch);
            self.remark(line, appraisal, remarks, watch);
            return Ok(());
        }
        let input = self.input_index();
        let usage = usage.as_ref().map(|usage| (appraisal.model.as_str(), usage));
        self.slicer.take(input, line, &load, usage);
        if let Some((model, usage)) = usage {
            self.makings.add(model, usage);
        }
        self.input().requests += 1;
        self.model_totals(appraisal).add(appraisal);
        for Assumption { key, value, source } in &appraisal.assumptions {
            *self.assumptions.entry((key.clone(), value.clone(), source.clone())).or_default() += 1;
        }
        let more = [self.unpriced(appraisal), self.large_item(line)];
        let doubts = appraisal.doubts.iter().chain(more.iter().flatten());
        if watch.wants_each() {
            let doubts: Vec<Flaw> = doubts.map(Doubt::as_flaw).collect();
            self.remark(line, appraisal, doubts, watch);
        } else {
            let file = &self.inputs[self.inputs.len() - 1].path;
            doubts.for_each(|doubt| self.notices.note(doubt, || doubt.at().in_line(file, line)));
        }
        self.remark(line, appraisal, remarks, watch);
        if let Some(finding) = self.repeated_content(line, appraisal, &load, watch)? {
            self.tell(finding, watch);
        }
        Ok(())
    }

    /// Finds the batch of a request, and what the cache may do for it there. What it is expected to use, where it has a
    /// price.
    fn foresee(&mut self, line: &Line<'_>, appraisal: &mut Appraisal, load: &Load) -> Option<RequestUsage> {
        let place = Place { input: self.input_index(), line: line.number };
        let profile = appraisal.cache.take();
        let chain = profile.as_ref().map(|profile| &profile.chain);
        let lane = self.context.route.map_or(0, |route| route.lane(place, chain));
        let spot = self.slicer.find(lane, line, load);
        let Price::Known { quote, priced_as, .. } = &appraisal.price else { return None };
        let profile = profile?;
        let plain = FateCost {
            range: quote.batch,
            margin: appraisal.margins.cost.batch,
            at_cap: profile.plain_at_cap,
            usage: plain_usage(&profile.prompt),
        };
        let cost = self.outlook.take(&profile, priced_as, plain, (place, line.content, spot));
        let (warm, cold) = profile
            .cached
            .map_or((plain.usage, plain.usage), |cached| (cached.warm.usage, cached.cold.usage));
        let (hit, miss) = match (&cost, profile.cached, self.context.terms.cache) {
            (Some(cost), ..) => (cost.usage, cost.usage),
            (None, Some(_), CacheScenario::HitRate(_)) => (warm, cold),
            (None, ..) => (plain.usage, plain.usage),
        };
        if let Some(cost) = cost {
            appraisal.set_cached(&cost);
        }
        let row = (profile.region, profile.tier);
        let cap = profile.prompt.output.high();
        Some(RequestUsage { row, plain: plain.usage, hit, miss, cold, warm, cap })
    }

    /// That a request asks what an earlier one asks.
    fn repeated_content(
        &mut self,
        line: &Line<'_>,
        appraisal: &Appraisal,
        load: &Load,
        watch: &dyn Watch,
    ) -> io::Result<Option<Finding>> {
        let Some(key) = appraisal.content_key else { return Ok(None) };
        let Some(first) = self.ids.first_use(key, line.number)? else { return Ok(None) };
        self.repeated.add(load);
        let params = Where::Key(FieldPath::keys(&["params"]));
        let file = &self.input().path;
        let at = match watch.wants_spot(Rule::IdenticalRequest) {
            true => params.in_line(file, line),
            false => params.on_line(file, line),
        };
        let finding = Finding::new(
            Rule::IdenticalRequest,
            format!("`{}` asks exactly what an earlier request asks", appraisal.custom_id),
        )
        .with_help("remove one of them, unless several answers to one question are wanted")
        .about(&appraisal.custom_id, &appraisal.model);
        Ok(Some(Finding { see: self.reference(&first, "asked here before"), ..finding.at(at) }))
    }

    /// The line of a first use.
    fn reference(&self, first: &FirstUse, label: &str) -> Option<Reference> {
        let (file, label) = (self.inputs[first.input].path.clone(), label.to_owned());
        first.line.map(|line| Reference { file, line, column: None, label, excerpt: None })
    }

    /// What all requests together cost that ask what earlier ones ask.
    fn repetitions(&self) -> Option<Finding> {
        let (repeated, unpriced) = (self.repeated.requests, self.repeated.unpriced_requests);
        if repeated == 0 {
            return None;
        }
        let cost = match self.repeated.quote(Shares::of_part(self.context.estimator)) {
            None => "nobody knows what they cost".to_owned(),
            Some(quote) => {
                let Quote { batch, .. } = quote;
                let places = places([batch.low(), batch.high()].into_iter().chain(batch.likely()));
                let shown = |usd| dollars(usd, places);
                let likely = batch.likely().map(|likely| format!("likely {}, ", shown(likely)));
                let (likely, low, high) =
                    (likely.unwrap_or_default(), shown(batch.low()), shown(batch.high()));
                let more = if self.repeated.unbounded_requests > 0 { " and more" } else { "" };
                format!("as batches they cost {likely}{low} to {high}{more} without caching")
            }
        };
        let unpriced =
            if unpriced == 0 { String::new() } else { format!(", {unpriced} of them without a price") };
        let message =
            format!("requests that ask exactly what an earlier one asks: {repeated}{unpriced}; {cost}");
        Some(Finding::new(Rule::IdenticalRequests, message).with_help("remove them to save that"))
    }

    /// Tells what is odd about a request that stays in its batch.
    fn remark(&mut self, line: &Line<'_>, appraisal: &Appraisal, flaws: Vec<Flaw>, watch: &mut dyn Watch) {
        for flaw in flaws {
            let file = &self.input().path;
            let finding = match watch.wants_spot(flaw.rule) {
                true => flaw.in_line(file, line),
                false => flaw.on_line(file, line),
            };
            self.tell(finding.about(&appraisal.custom_id, &appraisal.model), watch);
        }
    }

    /// Names without a price are told apart only up to a number; those with one are the book's own.
    fn model_totals(&mut self, appraisal: &Appraisal) -> &mut ModelTotals {
        let name = &appraisal.model;
        let unpriced = matches!(appraisal.price, Price::Unpriced(_));
        if unpriced && self.models.len() >= MODELS_MAX && !self.models.contains_key(name) {
            return &mut self.more_models;
        }
        self.models.entry(name.clone()).or_default()
    }

    fn repeated_id(&mut self, line: &Line<'_>, appraisal: &Appraisal) -> io::Result<Option<Finding>> {
        let Some(first) = self.ids.first_use(appraisal.id_key, line.number)? else { return Ok(None) };
        let file = &self.inputs[first.input].path;
        let place = first.line.map_or("an earlier line".to_owned(), |line| format!("{file}:{line}"));
        let see = self.reference(&first, "first used here");
        let finding = Finding::new(
            Rule::DuplicateCustomId,
            format!("`{}` names two requests; {place} is the first", appraisal.custom_id),
        )
        .with_help("results come back by `custom_id`, so each must be unique in the workload")
        .about(&appraisal.custom_id, &appraisal.model);
        let at = Where::Value(FieldPath::keys(&["custom_id"])).in_line(&self.input().path, line);
        Ok(Some(Finding { see, ..finding.at(at) }))
    }

    fn refusal(&mut self, line: &Line<'_>, appraisal: &Appraisal, load: &Load) -> Option<Finding> {
        let refusal = self.slicer.refusal(Bytes::of(line.content), load);
        if refusal == Some(Rule::RequestTooLarge) {
            return Some(self.too_large(line));
        }
        let (terms, max) = (self.context.terms, self.context.terms.limits.usd_max?);
        let (reason, help) = match load.quote {
            // That it has no price is an error of its own then.
            None if !terms.allow_unpriced => return None,
            None => (
                format!("has no price, so it cannot be held to ${max} per batch"),
                "give it a price with --pricing",
            ),
            Some(_) if !load.bounded => (
                format!("may get input that nobody can know, so it cannot be held to ${max} per batch"),
                "plan such requests in a file of their own, without --max-usd",
            ),
            Some(quote) if refusal.is_some() => (
                format!("may cost ${}, above the ${max} that a batch may", quote.batch_bound),
                "lower its `max_tokens`, shorten its prompt, or raise --max-usd",
            ),
            Some(_) => return None,
        };
        let message = format!("`{}` {reason}", appraisal.custom_id);
        let finding = Finding::new(Rule::RequestOverBudget, message).with_help(help);
        let finding = finding.about(&appraisal.custom_id, &appraisal.model);
        Some(finding.at(Where::Line.in_line(&self.input().path, line)))
    }

    fn large_item(&self, line: &Line<'_>) -> Option<Doubt> {
        let max = self.context.book.limits().item_warning.value;
        (Bytes::of(line.content) > max).then(|| Doubt {
            rule: Rule::LargeItem,
            message: format!("the request has more than {max} bytes, the limit of a request sent by itself"),
            help: "whether a batch may hold it is not documented; make it smaller to be sure".to_owned(),
            field: "params",
        })
    }

    fn too_large(&mut self, line: &Line<'_>) -> Finding {
        let max = self.context.terms.limits.body_bytes_max;
        let message = format!(
            "the request has {} bytes; with its envelope no batch of {max} bytes holds it",
            line.content_bytes
        );
        Finding::new(Rule::RequestTooLarge, message)
            .with_help("make it smaller, for example by referring to uploaded files by id")
            .at(Where::Line.in_line(&self.input().path, line))
    }

    fn unpriced(&self, appraisal: &Appraisal) -> Option<Doubt> {
        let Price::Unpriced(reason) = &appraisal.price else { return None };
        let allowed = self.context.terms.allow_unpriced;
        Some(Doubt {
            rule: if allowed { Rule::UnpricedAllowed } else { Rule::Unpriced },
            message: reason.sentence.clone(),
            help: format!("{}, or plan without it with --allow-unpriced", reason.way_out),
            field: reason.field,
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
        let rule = first.expect("what is left out has a finding").id();
        self.left_out_lines += 1;
        match self.left_out.last_mut() {
            Some(run) if run.input == input && run.end == line.extent.start && run.rule == rule => {
                run.lines += 1;
                run.end = line.extent.end;
            }
            _ => self.left_out.push(LeftOut {
                input,
                first_line: line.number,
                lines: 1,
                start: line.extent.start,
                end: line.extent.end,
                rule: rule.into(),
            }),
        }
    }

    fn tell(&mut self, finding: Finding, watch: &mut dyn Watch) {
        self.tally.count(finding.rule, finding.requests);
        watch.finding(finding);
    }

    fn input(&mut self) -> &mut Input {
        self.inputs.last_mut().expect("an input is open")
    }

    fn input_index(&self) -> u32 {
        u32::try_from(self.inputs.len() - 1).expect("fewer than 2^32 inputs")
    }

    /// Adds everything up.
    pub(crate) fn close(mut self, watch: &mut dyn Watch) -> Planned {
        for (finding, requests) in std::mem::take(&mut self.notices).into_findings() {
            self.tally.count(finding.rule, requests);
            watch.finding(finding);
        }
        let shares = Shares::of_part(self.context.estimator);
        let batches = std::mem::replace(&mut self.slicer, Slicer::new(cuts(self.context), shares)).finish();
        for finding in self.about_the_whole(&batches) {
            self.tell(finding, watch);
        }
        let files: Vec<String> = self.inputs.iter().map(|input| input.path.clone()).collect();
        let insight = self.outlook.close(self.shares_by_model().requests, &files);
        let (cache, marking) = match insight {
            None => (None, Marking::default()),
            Some(Insight { analysis, marking, findings }) => {
                findings.into_iter().for_each(|finding| self.tell(finding, watch));
                (Some(analysis), marking)
            }
        };
        let route = Route::wanted(&self.outlook);
        let whole = self.whole();
        let quote = whole.quote(self.shares_by_model());
        let Context { book, terms, .. } = *self.context;
        let plan = Plan {
            schema: SCHEMA,
            verdict: self.tally.verdict(),
            priced_on: terms.day.to_string(),
            price_book: PriceBookReference {
                version: book.version_label(),
                sha256: book.sha256().to_owned(),
                overlays: book.overlay_labels().to_vec(),
            },
            tags: terms.tags.clone(),
            api_version: Some(terms.api_version.to_string()),
            betas: terms.betas.clone(),
            requests: whole.requests,
            unpriced_requests: whole.unpriced_requests,
            unbounded_requests: whole.unbounded_requests,
            left_out_lines: self.left_out_lines,
            tokens: whole.tokens(Shares::of_whole(self.context.estimator)),
            quote,
            savings: quote.map(|quote| quote.savings()),
            models: self.model_lines(),
            limits: terms.limits,
            assumptions: self.all_assumptions(),
            findings: findings(&self.tally),
            waves: waves(&batches, self.context),
            what_if: quote.map(|_| self.makings.what_if(terms)),
            cache,
            batches,
            inputs: self.inputs,
            left_out: self.left_out,
        };
        Planned { plan, marking, route }
    }

    /// What the requests of one model share, and the cost of all. Where there is one model, it is the whole workload;
    /// beside others, its prices give it another weight than it has in the workload.
    fn shares_by_model(&self) -> Shares {
        match self.models.len() + usize::from(!self.more_models.is_empty()) {
            1 => Shares::of_whole(self.context.estimator),
            _ => Shares::of_part(self.context.estimator),
        }
    }

    /// All requests in the batches. Their ranges are not the sums of those of the models or batches, in which
    /// errors have cancelled already.
    fn whole(&self) -> Totals {
        let mut whole = Totals::default();
        self.models.values().chain([&self.more_models]).for_each(|model| whole.merge(model.totals()));
        whole
    }

    fn about_the_whole(&self, batches: &[Batch]) -> Vec<Finding> {
        let finding = |rule, message: String, help: &str| Finding::new(rule, message).with_help(help);
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
        findings.extend(self.repetitions());
        findings
    }

    fn stale_book(&self) -> Option<Finding> {
        let day = self.context.terms.day;
        let age = self.context.book.stale_days_on(day)?;
        let version = self.context.book.version();
        let message = format!("the price book is of {version}, {age} days before the day of the plan, {day}");
        let finding = Finding::new(Rule::StalePriceBook, message);
        Some(finding.with_help("update batchwise, or give current prices with --pricing"))
    }

    fn model_lines(&self) -> Vec<ModelLine> {
        let (shares, book, day) = (self.shares_by_model(), self.context.book, self.context.terms.day);
        let more = (!self.more_models.is_empty()).then_some(("(more models)", &self.more_models));
        let models = self.models.iter().map(|(model, totals)| (model.as_str(), totals)).chain(more);
        models.map(|(model, totals)| totals.line(model, shares, book, day)).collect()
    }

    fn all_assumptions(&self) -> Vec<Assumption> {
        let counted = self.assumptions.iter().map(|((key, value, source), count)| {
            let (key, value, source) = (key.clone(), value.clone(), source.clone());
            assumptions::of_requests(Assumption { key, value, source }, *count)
        });
        let used: BTreeSet<&str> = self.models.values().filter_map(ModelTotals::priced_as).collect();
        let standing = assumptions::standing(self.context);
        standing
            .into_iter()
            .chain(assumptions::unconfirmed_prices(self.context, &used))
            .chain(assumptions::own_exceptions(self.context, &used))
            .chain(assumptions::queue(self.context, self.requests_seen))
            .chain(counted)
            .collect()
    }
}

fn cuts<'c>(context: &'c Context<'c>) -> Cuts<'c> {
    let Context { terms, route, .. } = *context;
    let hit_rate = match terms.cache {
        CacheScenario::HitRate(hit_rate) => hit_rate,
        _ => Percent::ZERO,
    };
    Cuts { limits: terms.limits, queued_max: terms.queued_requests_max, route, hit_rate }
}

pub(crate) fn findings(tally: &Tally) -> Findings {
    Findings {
        error: tally.of(Severity::Error),
        warning: tally.of(Severity::Warning),
        note: tally.of(Severity::Note),
        rules: tally.rules().map(|(rule, count)| (rule.id().into(), count)).collect(),
    }
}
