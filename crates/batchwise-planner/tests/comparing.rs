//! A comparison says of each variant what a plan says of inputs that are really so.

use std::collections::BTreeMap;
use std::num::NonZero;

use batchwise_findings::{Finding, Rule};
use batchwise_plan::Plan;
use batchwise_planner::{
    CacheScenario, Compared, Context, Inspected, Inspector, OutputExpectation, Region, Source, Terms,
    Variant, VariantSum, compare, plan,
};
use batchwise_pricing::PriceBook;
use batchwise_records::{FieldPath, Flaw, Where};
use batchwise_tokens::Estimator;
use batchwise_units::{Percent, Tokens};
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Both tokenizers, several structures, minima from 512 to 4,096, a tier of prices, a region that cannot be chosen, and
/// one that is retired.
const MODELS: [&str; 8] = [
    "claude-haiku-5-5",
    "claude-opus-5-5",
    "claude-opus-4-7",
    "claude-opus-5",
    "claude-haiku-4-5",
    "claude-sonnet-4-6",
    "claude-opus-4-5",
    "claude-3-haiku-20240307",
];

/// One variant, as a test chooses it.
#[derive(Clone, Debug)]
struct Wish {
    model: Option<&'static str>,
    max_tokens: Option<u64>,
    output: OutputExpectation,
    cache: CacheScenario,
    region: Region,
    beta: bool,
}

fn terms(wish: &Wish, queue: Option<u64>) -> Terms {
    let book = PriceBook::bundled();
    let betas = if wish.beta { vec![book.limits().large_output_header.value.clone()] } else { Vec::new() };
    Terms {
        output: wish.output,
        cache: wish.cache,
        region: wish.region,
        betas,
        allow_unpriced: false,
        queued_requests_max: queue,
        ..Terms::on(date(2026, 11, 21), book)
    }
}

fn some_wish() -> impl Strategy<Value = Wish> {
    let percent = |text: &str| Percent::parse(text).unwrap();
    let model = proptest::option::of(proptest::sample::select(MODELS.as_slice()));
    let max_tokens = proptest::option::of(prop_oneof![Just(10u64), Just(5_000), Just(200_000)]);
    let output = prop_oneof![
        Just(OutputExpectation::Cap),
        Just(OutputExpectation::Tokens(Tokens(300))),
        Just(OutputExpectation::ShareOfCap(percent("12.5%"))),
    ];
    let cache = prop_oneof![
        3 => Just(CacheScenario::Bounds),
        2 => Just(CacheScenario::Best),
        1 => Just(CacheScenario::Ignored),
        1 => Just(CacheScenario::HitRate(percent("85%"))),
        1 => Just(CacheScenario::HitRate(Percent::ZERO)),
    ];
    let region = prop_oneof![Just(Region::Global), Just(Region::Us)];
    (model, max_tokens, output, cache, region, any::<bool>()).prop_map(
        |(model, max_tokens, output, cache, region, beta)| Wish {
            model,
            max_tokens,
            output,
            cache,
            region,
            beta,
        },
    )
}

/// A request whose prompt begins like others' and may be marked.
fn some_request() -> impl Strategy<Value = Value> {
    let model = prop_oneof![8 => proptest::sample::select(MODELS.as_slice()), 1 => Just("nobody-knows")];
    let shared = prop_oneof![Just(0usize), Just(120), Just(700), Just(3_000)];
    let mark = prop_oneof![
        Just(Value::Null),
        Just(json!({"type": "ephemeral"})),
        Just(json!({"type": "ephemeral", "ttl": "1h"})),
    ];
    let geo = prop_oneof![6 => Just(None), 1 => Just(Some("us")), 1 => Just(Some("global"))];
    let max_tokens = prop_oneof![1u64..5_000, Just(100_000), Just(250_000)];
    let extras = (any::<bool>(), any::<bool>(), any::<bool>());
    (model, shared, mark.clone(), mark, geo, max_tokens, extras, "[a-z ]{0,40}[äß漢 ]{0,4}").prop_map(
        |(model, shared, first, second, geo, max_tokens, (tool, server_tool, automatic), tail)| {
            let mut params = json!({
                "model": model,
                "max_tokens": max_tokens,
                "system": [{"type": "text", "text": "A shared rule of the house. ".repeat(shared)}],
                "messages": [{"role": "user", "content": [{"type": "text", "text": format!("{tail}.")}]}],
            });
            if shared == 0 {
                params["system"] = json!("Be brief.");
            } else if !first.is_null() {
                params["system"][0]["cache_control"] = first;
            }
            if !second.is_null() {
                params["messages"][0]["content"][0]["cache_control"] = second;
            }
            if automatic {
                params["cache_control"] = json!({"type": "ephemeral"});
            }
            if let Some(geo) = geo {
                params["inference_geo"] = json!(geo);
            }
            let mut tools = Vec::new();
            if tool {
                tools.push(json!({"name": "look_up", "input_schema": {"type": "object"}}));
            }
            if server_tool && tool {
                tools.push(json!({"type": "web_search_20250305", "name": "web_search"}));
            }
            if !tools.is_empty() {
                params["tools"] = json!(tools);
            }
            params
        },
    )
}

/// Lines of requests; a few ids are used twice, and a few lines are no requests.
fn text(requests: &[Value], wish: Option<&Wish>) -> String {
    let mut text = String::new();
    for (number, params) in requests.iter().enumerate() {
        let mut params = params.clone();
        if let Some(model) = wish.and_then(|wish| wish.model) {
            params["model"] = json!(model);
        }
        if let Some(max_tokens) = wish.and_then(|wish| wish.max_tokens) {
            params["max_tokens"] = json!(max_tokens);
        }
        let id = if number % 7 == 6 { number - 3 } else { number };
        text.push_str(&json!({"custom_id": format!("id-{id}"), "params": params}).to_string());
        text.push('\n');
        if number % 5 == 4 {
            text.push_str("\nnot a request\n");
        }
    }
    text
}

fn sources(text: &str) -> Vec<Source<'_>> {
    vec![Source { name: "requests.jsonl".to_owned(), content: Box::new(text.as_bytes()) }]
}

fn context<'c>(terms: &'c Terms, estimator: &'c dyn Estimator, threads: usize) -> Context<'c> {
    let threads = NonZero::new(threads).unwrap();
    Context { book: PriceBook::bundled(), estimator, terms, threads, inspector: None, route: None }
}

fn planned(text: &str, terms: &Terms, estimator: &dyn Estimator) -> Plan {
    let mut findings: Vec<Finding> = Vec::new();
    let context = context(terms, estimator, 1);
    plan(sources(text), &context, &mut Vec::<u8>::new(), &mut findings).unwrap().plan
}

fn compared(
    text: &str,
    base: &Terms,
    wishes: &[(Wish, Terms)],
    inspector: Option<&dyn Inspector>,
    (estimator, threads): (&dyn Estimator, usize),
) -> Compared {
    let book = PriceBook::bundled();
    let variants: Vec<Variant<'_>> = wishes
        .iter()
        .map(|(wish, terms)| Variant {
            model: wish.model.map(|model| book.find(model).unwrap()),
            max_tokens: wish.max_tokens,
            terms,
            inspector,
        })
        .collect();
    let mut findings: Vec<Finding> = Vec::new();
    let context = context(base, estimator, threads);
    compare(sources(text), &context, &variants, &mut Vec::<u8>::new(), &mut findings).unwrap()
}

/// That a variant comes to what a plan says.
fn assert_same(variant: &VariantSum, plan: &Plan, about: &dyn std::fmt::Debug) {
    assert_eq!(
        (variant.requests, variant.unpriced_requests, variant.unbounded_requests),
        (plan.requests, plan.unpriced_requests, plan.unbounded_requests),
        "{about:?}"
    );
    assert_eq!(variant.tokens, plan.tokens, "{about:?}");
    assert_eq!(variant.quote, plan.quote, "{about:?}");
    let told = [
        Rule::RetiredModel,
        Rule::MaxTokensOverLimit,
        Rule::ContextWindowExceeded,
        Rule::PriceTierStraddled,
        Rule::UnboundedInput,
        Rule::Unpriced,
    ];
    let by_plan: BTreeMap<Rule, u64> =
        told.into_iter().filter_map(|rule| Some((rule, *plan.findings.rules.get(rule.id())?))).collect();
    assert_eq!(variant.rules, by_plan, "{about:?}");
}

/// The whole oracle: each variant against a plan of rewritten lines.
fn check(
    requests: &[Value],
    wishes: Vec<Wish>,
    queue: Option<u64>,
    estimator: &dyn Estimator,
    threads: usize,
) {
    let wishes: Vec<(Wish, Terms)> =
        wishes.into_iter().map(|wish| (wish.clone(), terms(&wish, queue))).collect();
    let base = &wishes[0].1;
    let own = text(requests, None);
    let compared = compared(&own, base, &wishes, None, (estimator, threads));
    assert_eq!(compared.plan, planned(&own, base, estimator), "the workload as it is");
    for ((wish, terms), variant) in wishes.iter().zip(&compared.variants) {
        assert_same(variant, &planned(&text(requests, Some(wish)), terms, estimator), wish);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_variant_is_a_plan_of_rewritten_requests(
        requests in proptest::collection::vec(some_request(), 0..14),
        wishes in proptest::collection::vec(some_wish(), 1..6),
        queue in prop_oneof![Just(None), Just(Some(4u64))],
        threads in 1usize..4,
    ) {
        check(&requests, wishes, queue, &batchwise_tokens::bytes(), threads);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn so_it_is_with_the_vocabularies_of_claude(
        requests in proptest::collection::vec(some_request(), 1..8),
        wishes in proptest::collection::vec(some_wish(), 2..5),
    ) {
        check(&requests, wishes, None, &batchwise_tokens::claude(), 1);
    }
}

const AS_IT_IS: Wish = Wish {
    model: None,
    max_tokens: None,
    output: OutputExpectation::Cap,
    cache: CacheScenario::Bounds,
    region: Region::Global,
    beta: false,
};

fn request(model: &str, max_tokens: u64, text: &str) -> Value {
    json!({"model": model, "max_tokens": max_tokens, "messages": [{"role": "user", "content": text}]})
}

#[test]
fn every_model_counts_for_itself() {
    let requests = [request("claude-haiku-4-5", 100, "The quick brown fox jumps over the lazy dog. ")];
    let wishes = MODELS
        .map(|model| Wish { model: Some(model), ..AS_IT_IS })
        .map(|wish| (wish.clone(), terms(&wish, None)));
    let estimator = batchwise_tokens::claude();
    let compared = compared(&text(&requests, None), &terms(&AS_IT_IS, None), &wishes, None, (&estimator, 1));
    let likely = |model: &str| {
        let place = MODELS.iter().position(|name| *name == model).unwrap();
        compared.variants[place].tokens.input.likely().unwrap()
    };
    assert_eq!(likely("claude-haiku-4-5"), compared.plan.tokens.input.likely().unwrap());
    assert!(likely("claude-opus-5-5") > likely("claude-haiku-4-5"), "the newer tokenizer counts more");
    assert_ne!(likely("claude-opus-4-7"), likely("claude-opus-5-5"), "one has a frame of its own");
}

#[test]
fn what_a_model_would_not_answer_is_counted() {
    let requests = [request("claude-haiku-5-5", 100_000, "a"), request("claude-haiku-5-5", 9, "b")];
    let wishes =
        [("claude-haiku-4-5", None), ("claude-3-haiku-20240307", None), ("claude-haiku-4-5", Some(64_000))]
            .map(|(model, max_tokens)| Wish { model: Some(model), max_tokens, ..AS_IT_IS })
            .map(|wish| (wish.clone(), terms(&wish, None)));
    let estimator = batchwise_tokens::bytes();
    let compared = compared(&text(&requests, None), &terms(&AS_IT_IS, None), &wishes, None, (&estimator, 1));
    let [over, retired, lowered] = &compared.variants[..] else { panic!("three variants") };
    assert_eq!(over.refused_requests, 1);
    assert_eq!(over.rules, [(Rule::MaxTokensOverLimit, 1)].into());
    assert_eq!(retired.refused_requests, 2);
    assert_eq!(retired.rules[&Rule::RetiredModel], 2);
    assert_eq!(lowered.refused_requests, 0);
    assert!(lowered.rules.is_empty());
}

/// Says of each request whose model begins with `claude-opus` that it is refused, and counts how often it is asked.
#[derive(Default)]
struct NoOpus(std::sync::atomic::AtomicUsize);

impl Inspector for NoOpus {
    fn inspect(&self, inspected: &Inspected<'_>) -> Vec<Flaw> {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let at = Where::Value(FieldPath::keys(&["params", "model"]));
        let flaw = Flaw { rule: Rule::SamplingParameters, at, message: String::new(), help: None };
        if inspected.request.model.starts_with("claude-opus") { vec![flaw.clone(), flaw] } else { Vec::new() }
    }
}

#[test]
fn an_inspector_sees_each_variant_that_it_could_tell_apart() {
    let requests = [request("claude-haiku-5-5", 10, "a"), request("claude-opus-5", 10, "b")];
    let opus = Wish { model: Some("claude-opus-5-5"), ..AS_IT_IS };
    let long = Wish { output: OutputExpectation::Tokens(Tokens(5)), ..opus.clone() };
    let wishes = [AS_IT_IS, opus, long].map(|wish| (wish.clone(), terms(&wish, None)));
    let (inspector, estimator) = (NoOpus::default(), batchwise_tokens::bytes());
    let text = text(&requests, None);
    let compared = compared(&text, &wishes[0].1.clone(), &wishes, Some(&inspector), (&estimator, 1));
    let refused: Vec<u64> = compared.variants.iter().map(|variant| variant.refused_requests).collect();
    assert_eq!(refused, [1, 2, 2], "each request once, however much is said about it");
    assert_eq!(inspector.0.into_inner(), 4, "the reply's length makes no difference to it");
}

#[test]
fn nothing_that_has_no_price_costs_nothing() {
    let geo = |text: &str| {
        let mut request = request("claude-haiku-5-5", 10, text);
        request["inference_geo"] = json!("us");
        request
    };
    let wishes =
        [Wish { model: Some("claude-haiku-4-5"), ..AS_IT_IS }].map(|wish| (wish.clone(), terms(&wish, None)));
    let estimator = batchwise_tokens::bytes();
    let text = text(&[geo("a"), geo("b")], None);
    let compared = compared(&text, &terms(&AS_IT_IS, None), &wishes, None, (&estimator, 1));
    let variant = &compared.variants[0];
    assert_eq!((variant.quote, variant.unpriced_requests), (None, 2));
    assert!(variant.unpriced_because.as_ref().unwrap().contains("inference_geo"));
}
