use batchwise_findings::Rule;
use batchwise_plan::{Assumption, Quote, TokenTotals};
use batchwise_prefixes::PrefixChain;
use batchwise_pricing::{Era, LookupError, Model, PriceBook, Tokenizer};
use batchwise_records::{FieldPath, Flaw, Line, Node, Request, Where, params_text};
use batchwise_tokens::{
    Breakpoint, Estimator, Family, Generation, ImageTier, InputEstimate, ModelTraits, RequestKind,
};
use batchwise_units::{Estimate, Margin, Tokens};
use jiff::civil::date;
use rust_decimal::Decimal;

use crate::cache::CacheProfile;
use crate::ids::IdKey;
use crate::quoting::FateCost;
use crate::totals::Load;
use crate::{CachedPrefix, Context, Inspected, Margins, Prompt, Region, cost_margins, quote};

/// What one request comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appraisal {
    /// The user's name for it.
    pub custom_id: String,
    /// What tells that name from others.
    pub(crate) id_key: IdKey,
    /// What tells its `params` from others, byte by byte, where an inspector looks at requests.
    pub(crate) content_key: Option<IdKey>,
    /// The model as written.
    pub model: String,
    /// What it is made of.
    pub kind: RequestKind,
    /// Prompt and reply.
    pub tokens: TokenTotals,
    /// What it costs, or why nobody can say.
    pub price: Price,
    /// How much of the width of all these ranges is an error of counting the input.
    pub margins: Margins,
    /// Whether the high end of its input is the most it can be: not with tools that run on the server.
    pub bounded: bool,
    /// What the cache may make of it, where it has a price.
    pub(crate) cache: Option<CacheProfile>,
    /// What the numbers rest on.
    pub(crate) assumptions: Vec<Assumption>,
    /// What is odd about it.
    pub(crate) doubts: Vec<Doubt>,
    /// What the inspector says.
    pub(crate) remarks: Vec<Flaw>,
}

/// What a request costs, or why nobody can say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Price {
    /// It has a price.
    Known {
        /// What it costs in each scenario.
        quote: Quote,
        /// The id of the price book's model.
        priced_as: String,
        /// The price tiers that were applied: the threshold of each, `None` for the base.
        tiers: Vec<Option<Tokens>>,
        /// Where it is processed.
        region: Region,
    },
    /// It has none, for this reason.
    Unpriced(Unpriced),
}

/// Why a request has no price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpriced {
    /// What is missing: lowercase, no full stop.
    pub sentence: String,
    /// The field that asks for it.
    pub field: &'static str,
    /// What to do about it.
    pub way_out: &'static str,
}

impl Unpriced {
    fn model(sentence: String) -> Unpriced {
        Unpriced { sentence, field: "params.model", way_out: "correct it, give a price with --pricing" }
    }

    fn region(sentence: String) -> Unpriced {
        Unpriced { sentence, field: "params.inference_geo", way_out: "remove or correct `inference_geo`" }
    }
}

impl Appraisal {
    /// Sets what it costs with caching, by what the cache does for other requests.
    pub(crate) fn set_cached(&mut self, cost: &FateCost) {
        if let Price::Known { quote, .. } = &mut self.price {
            quote.batch_cached = cost.range;
            self.margins.cost.batch_cached = cost.margin;
        }
    }

    /// What it adds to a total.
    pub(crate) fn load(&self) -> Load {
        Load { tokens: self.tokens, quote: self.price.quote(), margins: self.margins, bounded: self.bounded }
    }
}

impl Price {
    /// The quote, where there is a price.
    pub fn quote(&self) -> Option<Quote> {
        match self {
            Price::Known { quote, .. } => Some(*quote),
            Price::Unpriced(_) => None,
        }
    }
}

/// Something odd about a request that many requests are likely to share: it is told once for all of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Doubt {
    pub(crate) rule: Rule,
    pub(crate) message: String,
    pub(crate) help: String,
    pub(crate) field: &'static str,
}

/// What a line turned out to be, and what was made of it where it is a request.
pub(crate) enum Outcome<R = Appraisal> {
    Blank,
    TooLong,
    Flawed(Vec<Flaw>),
    Request(Box<R>),
}

/// Reads, counts and prices one line. Depends on nothing but its arguments.
pub(crate) fn appraise(line: &Line<'_>, context: &Context<'_>) -> Outcome {
    read_line(line, |request| {
        let content_key = context.inspector.and_then(|_| content_key(line));
        Appraisal { content_key, ..appraise_request(request, context) }
    })
}

/// What a request asks, as it is written: requests that differ in a space are different.
fn content_key(line: &Line<'_>) -> Option<IdKey> {
    let params = params_text(str::from_utf8(line.content).ok()?)?;
    Some(IdKey::of_content(params.as_bytes()))
}

/// Reads one line and makes something of the request that it is.
pub(crate) fn read_line<R>(line: &Line<'_>, make: impl FnOnce(&mut Request<'_>) -> R) -> Outcome<R> {
    if line.is_cut() {
        return Outcome::TooLong;
    }
    if line.is_blank() {
        return Outcome::Blank;
    }
    match Request::parse(line.content) {
        Ok(mut request) => Outcome::Request(Box::new(make(&mut request))),
        Err(flaws) => Outcome::Flawed(flaws),
    }
}

fn appraise_request(request: &Request<'_>, context: &Context<'_>) -> Appraisal {
    appraise_estimated(request, context, estimate_input(request, context.book, context.estimator))
}

/// Prices a request whose input is estimated already.
pub(crate) fn appraise_estimated(
    request: &Request<'_>,
    context: &Context<'_>,
    (model, mut input): (Result<&Model, LookupError>, InputEstimate),
) -> Appraisal {
    let Valued { tokens, margins, price, mut assumptions, doubts, priced } =
        value(request, context, model.as_ref().copied(), &input);
    if model.is_err() {
        assumptions.push(unknown_tokenizer());
    }
    assumptions.extend(input.assumptions.iter().map(token_assumption));
    let inspected = Inspected { request, model: model.ok(), input: &input, price: &price };
    let remarks = context.inspector.map_or(Vec::new(), |inspector| inspector.inspect(&inspected));
    let errs = margins.input != Margin::none();
    let cache = priced.map(|Priced { model, prompt, prices }| {
        let (chain, blocks) = (PrefixChain::of(request, &model.id), std::mem::take(&mut input.blocks));
        CacheProfile::new(chain, blocks, prompt, prices, errs)
    });
    Appraisal {
        custom_id: request.custom_id.clone().into_owned(),
        id_key: IdKey::of(&request.custom_id),
        content_key: None,
        model: request.model.clone().into_owned(),
        kind: input.kind,
        tokens,
        price,
        margins,
        bounded: input.bounded,
        cache,
        assumptions,
        doubts,
        remarks,
    }
}

/// What a request comes to whose input is known.
pub(crate) struct Valued<'b> {
    pub(crate) tokens: TokenTotals,
    pub(crate) margins: Margins,
    pub(crate) price: Price,
    /// What the price rests on.
    pub(crate) assumptions: Vec<Assumption>,
    pub(crate) doubts: Vec<Doubt>,
    /// What its price follows from, where it has one.
    pub(crate) priced: Option<Priced<'b>>,
}

/// What the price of a request follows from.
pub(crate) struct Priced<'b> {
    pub(crate) model: &'b Model,
    pub(crate) prompt: Prompt,
    pub(crate) prices: (&'b Era, Region, Decimal),
}

/// Prices a request by the book and the terms of `context`, which need not be those of its own model.
pub(crate) fn value<'b>(
    request: &Request<'_>,
    context: &Context<'b>,
    model: Result<&'b Model, &LookupError>,
    input: &InputEstimate,
) -> Valued<'b> {
    let terms = context.terms;
    let output = terms.output.reply(Tokens(request.max_tokens));
    let mut assumptions = Vec::new();
    let mut doubts = Vec::new();
    if !input.bounded {
        doubts.push(unbounded());
    }
    let mut tokens = TokenTotals { input: input.total, cache_marked: Estimate::default(), output };
    let mut margins = Margins::default();
    if model.is_ok() {
        margins.input = input.margin();
    }
    let mut priced = None;
    let price = model.map_err(|error| Unpriced::model(error.to_string())).and_then(|model| {
        let era = price_of(model, context)?;
        let region = region_of(request, model, terms.region, &mut assumptions)?;
        doubts.extend(doubts_about(request, model, era, tokens, context));
        assumptions.extend(unconfirmed_minimum(model, &input.breakpoints));
        let surcharge = if region == Region::Us { context.book.geo_us() } else { Decimal::ONE };
        let prompt = Prompt {
            input: tokens.input,
            output: tokens.output,
            prefixes: input.breakpoints.iter().map(prefix).collect(),
            cache_minimum: model.min_cacheable,
        };
        tokens.cache_marked = prompt.cache_marked();
        let quote = quote(&prompt, era, surcharge, terms.cache);
        margins.cache_marked = input.margin_of(tokens.cache_marked);
        // Where the count has nothing but bounds, so has the cost.
        if margins.input != Margin::none() {
            margins.cost = cost_margins(&prompt, era, surcharge, terms.cache, &quote);
        }
        priced = Some(Priced { model, prompt, prices: (era, region, surcharge) });
        Ok(Price::Known { quote, priced_as: model.id.clone(), tiers: tiers(era, tokens.input), region })
    });
    let price = price.unwrap_or_else(Price::Unpriced);
    Valued { tokens, margins, price, assumptions, doubts, priced }
}

fn price_of<'b>(model: &'b Model, context: &Context<'_>) -> Result<&'b Era, Unpriced> {
    if !model.batch_supported {
        return Err(Unpriced::model(format!("`{}` cannot be used in batches", model.id)));
    }
    model.on(context.terms.day).map_err(|error| Unpriced::model(error.to_string()))
}

fn prefix(breakpoint: &Breakpoint) -> CachedPrefix {
    CachedPrefix { tokens: breakpoint.prefix, ttl: breakpoint.ttl }
}

/// The tiers that hold at the ends of the prompt's estimate, in rising order.
fn tiers(era: &Era, prompt: Estimate<Tokens>) -> Vec<Option<Tokens>> {
    let at = |tokens| era.tier_for(tokens).map(|tier| tier.prompt_over);
    let mut tiers = vec![at(prompt.low()), at(prompt.high())];
    tiers.extend(prompt.likely().map(at));
    tiers.sort();
    tiers.dedup();
    tiers
}

fn region_of(
    request: &Request<'_>,
    model: &Model,
    default: Region,
    assumptions: &mut Vec<Assumption>,
) -> Result<Region, Unpriced> {
    match request.params.get("inference_geo") {
        None | Some(Node::Null) if default == Region::Us && !model.inference_geo => {
            assumptions.push(Assumption {
                key: "region".to_owned(),
                value: format!("`{}` cannot be bound to a region; priced as global", model.id),
                source: "https://platform.claude.com/docs/en/about-claude/pricing, read 2026-08-21"
                    .to_owned(),
            });
            Ok(Region::Global)
        }
        None | Some(Node::Null) => Ok(default),
        Some(_) if !model.inference_geo => Err(Unpriced::region(format!(
            "the API refuses `inference_geo` for `{}`, so the request has no price",
            model.id
        ))),
        Some(Node::String(geo)) if geo == "us" => Ok(Region::Us),
        Some(Node::String(geo)) if geo == "global" => Ok(Region::Global),
        Some(other) => Err(Unpriced::region(format!(
            "no price is known for `inference_geo` {}: it is \"global\" or \"us\"",
            short(other)
        ))),
    }
}

fn doubts_about(
    request: &Request<'_>,
    model: &Model,
    era: &Era,
    tokens: TokenTotals,
    context: &Context<'_>,
) -> Vec<Doubt> {
    let retired = model.is_retired_on(context.terms.day).then(|| retired(model));
    let window = (tokens.input.low() > model.context_window).then(|| too_long(model));
    let output = over_output_limit(request.max_tokens, model, context);
    let low = era.tier_for(tokens.input.low());
    let straddled = era.tier_for(tokens.input.high()).filter(|high| Some(*high) != low);
    let straddled = straddled.map(|tier| Doubt {
        rule: Rule::PriceTierStraddled,
        message: format!(
            "the prompt may or may not exceed {} tokens, above which every token of a `{}` request costs more",
            tier.prompt_over, model.id
        ),
        help: "shorten the prompt to stay below with certainty; until then the range holds both prices".to_owned(),
        field: "params.messages",
    });
    [retired, window, output, straddled].into_iter().flatten().collect()
}

fn retired(model: &Model) -> Doubt {
    let since = model.retires_on.map(|day| day.to_string()).unwrap_or_default();
    let replacement = model.replacement.as_deref().map(|id| format!(", such as `{id}`")).unwrap_or_default();
    Doubt {
        rule: Rule::RetiredModel,
        message: format!("`{}` was retired on {since}: the API answers its requests with an error", model.id),
        help: format!("use a current model{replacement}"),
        field: "params.model",
    }
}

fn too_long(model: &Model) -> Doubt {
    Doubt {
        rule: Rule::ContextWindowExceeded,
        message: format!(
            "the prompt is longer than the {} tokens that `{}` can read: the API answers with an error",
            model.context_window, model.id
        ),
        help: "shorten the prompt, or use a model with a larger context window".to_owned(),
        field: "params.messages",
    }
}

/// A beta header raises the output limit of batches for some models.
fn over_output_limit(max_tokens: u64, model: &Model, context: &Context<'_>) -> Option<Doubt> {
    let header = &context.book.limits().large_output_header.value;
    let with_beta = model.max_output_batch_beta.filter(|_| context.terms.betas.contains(header));
    let limit = with_beta.unwrap_or(model.max_output);
    if max_tokens <= limit.0 {
        return None;
    }
    let beta = model.max_output_batch_beta.filter(|beta| max_tokens <= beta.0);
    let beta = beta.map(|_| format!(", or send the batch with --beta {header}")).unwrap_or_default();
    Some(Doubt {
        rule: Rule::MaxTokensOverLimit,
        message: format!(
            "`max_tokens` is above the {limit} that `{}` can write; the API answers with an error",
            model.id
        ),
        help: format!("lower `max_tokens`{beta}"),
        field: "params.max_tokens",
    })
}

pub(crate) fn unbounded() -> Doubt {
    Doubt {
        rule: Rule::UnboundedInput,
        message: "tools or state on the server, or content or parameters that are not known, add input that nobody can \
                  know: the high end is no bound"
            .to_owned(),
        help: "results and fees of such tools (web search: $10 per 1,000) are not in the quote".to_owned(),
        field: "params",
    }
}

/// What the token estimators need to know about a model of the price book.
///
/// Models with a context window above 200,000 tokens take PDFs of up to 600 pages, others 100.
/// Source: <https://platform.claude.com/docs/en/build-with-claude/pdf-support>, read 2026-08-22.
pub fn model_traits(model: &Model) -> ModelTraits {
    let long = model.context_window > Tokens(200_000);
    ModelTraits {
        family: family(model.tokenizer),
        generation: generation(model),
        keeps_thinking: keeps_thinking(model),
        trailing_blanks_are_free: model.id == "claude-opus-5",
        frame: model.frame_tokens,
        image_tier: match model.image_tier {
            batchwise_pricing::ImageTier::Standard => ImageTier::Standard,
            batchwise_pricing::ImageTier::High => ImageTier::High,
        },
        tool_prompt_auto: model.tool_prompt_auto_none,
        tool_prompt_any: model.tool_prompt_any_tool,
        pdf_pages_max: if long { 600 } else { 100 },
        context_window: model.context_window,
    }
}

/// The generation of a model, by its tokenizer and the day of its launch: Opus 4.6 came out on 2026-02-05 and
/// Sonnet 4.5, the first of its generation, on 2025-09-29. Of the newer tokenizer only Opus 4.7 has a frame of its
/// own.
fn generation(model: &Model) -> Generation {
    match model.tokenizer {
        Tokenizer::Claude47 if model.frame_tokens.is_some() => Generation::Claude47,
        Tokenizer::Claude47 => Generation::Claude48,
        Tokenizer::PreClaude47 if model.released >= date(2026, 2, 5) => Generation::Claude46,
        Tokenizer::PreClaude47 if model.released >= date(2025, 9, 29) => Generation::Claude45,
        Tokenizer::PreClaude47 => Generation::Claude3,
    }
}

/// Opus keeps earlier thinking from 4.5 on, every other model from 4.6 on.
fn keeps_thinking(model: &Model) -> bool {
    let opus = model.family == "opus" && model.released >= date(2025, 11, 24);
    opus || generation(model) >= Generation::Claude46
}

/// What the estimators assume of a model of which nothing is known but its tokenizer.
pub fn tokenizer_traits(tokenizer: Tokenizer) -> ModelTraits {
    ModelTraits {
        family: family(tokenizer),
        generation: match tokenizer {
            Tokenizer::PreClaude47 => Generation::Claude45,
            Tokenizer::Claude47 => Generation::Claude48,
        },
        keeps_thinking: true,
        trailing_blanks_are_free: false,
        frame: None,
        image_tier: match tokenizer {
            Tokenizer::PreClaude47 => ImageTier::Standard,
            Tokenizer::Claude47 => ImageTier::High,
        },
        tool_prompt_auto: None,
        tool_prompt_any: None,
        pdf_pages_max: 600,
        context_window: Tokens(1_000_000),
    }
}

fn family(tokenizer: Tokenizer) -> Family {
    match tokenizer {
        Tokenizer::PreClaude47 => Family::PreClaude47,
        Tokenizer::Claude47 => Family::Claude47,
    }
}

/// The model of a request, where the price book knows it, and the request's input.
pub(crate) fn estimate_input<'b>(
    request: &Request<'_>,
    book: &'b PriceBook,
    estimator: &dyn Estimator,
) -> (Result<&'b Model, LookupError>, InputEstimate) {
    let model = book.find(&request.model);
    let input = match model {
        Ok(model) => estimator.estimate(request, &model_traits(model)),
        Err(_) => estimate_unknown(request, estimator),
    };
    (model, input)
}

/// The longest frame of any model. Source: recorded observations of Opus 4.7, 2026-11.
const OPUS_47_FRAME: Tokens = Tokens(12);

/// A model nobody knows may count as either family does, and have the longer frames of Opus 4.7: the range spans
/// all of them.
fn estimate_unknown(request: &Request<'_>, estimator: &dyn Estimator) -> InputEstimate {
    let old = estimator.estimate(request, &tokenizer_traits(Tokenizer::PreClaude47));
    let new = tokenizer_traits(Tokenizer::Claude47);
    let framed = ModelTraits { generation: Generation::Claude47, frame: Some(OPUS_47_FRAME), ..new.clone() };
    let [new, framed] = [new, framed].map(|traits| estimator.estimate(request, &traits));
    let low = old.total.low().min(new.total.low());
    let high = old.total.high().max(new.total.high()).max(framed.total.high());
    let total = match new.total.likely() {
        Some(likely) => Estimate::new(low, likely, high),
        None => Estimate::between(low, high),
    };
    InputEstimate { total, has_bounds: true, ..new }
}

pub(crate) fn unknown_tokenizer() -> Assumption {
    Assumption {
        key: "tokenizer".to_owned(),
        value: "the model is unknown; its tokens lie between the two known tokenizers".to_owned(),
        source: "no model of that name in the price book".to_owned(),
    }
}

pub(crate) fn token_assumption(assumption: &batchwise_tokens::Assumption) -> Assumption {
    Assumption {
        key: assumption.key().to_owned(),
        value: assumption.value().to_string(),
        source: assumption.source().to_string(),
    }
}

fn unconfirmed_minimum(model: &Model, breakpoints: &[Breakpoint]) -> Option<Assumption> {
    let minimum = model
        .min_cacheable
        .filter(|_| !breakpoints.is_empty() && model.is_unconfirmed("min_cacheable_tokens"))?;
    Some(Assumption {
        key: "cache-minimum".to_owned(),
        value: format!("`{}` caches prefixes from {minimum} tokens on, like its predecessors", model.id),
        source: "not confirmed for this model".to_owned(),
    })
}

/// A value in a message, cut to a readable length.
fn short(node: &Node<'_>) -> String {
    let json = node.to_compact_json();
    match json.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &json[..end]),
        None => json,
    }
}

impl Doubt {
    /// The same about one request.
    pub(crate) fn as_flaw(&self) -> Flaw {
        let (message, help) = (self.message.clone(), Some(self.help.clone()));
        Flaw { rule: self.rule, at: self.at(), message, help }
    }

    /// Where the doubt arises in a line.
    pub(crate) fn at(&self) -> Where {
        Where::Value(FieldPath::keys(&self.field.split('.').collect::<Vec<_>>()))
    }
}
