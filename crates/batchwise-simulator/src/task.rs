use batchwise_findings::Severity;
use batchwise_planner::model_traits;
use batchwise_prefixes::PrefixChain;
use batchwise_pricing::Model;
use batchwise_records::{ApiVersion, Node, Object, Request, parameter};
use batchwise_rules::{Circumstances, Subject, inspect};
use batchwise_tokens::InputEstimate;
use batchwise_units::{Estimate, Tokens};

use crate::desk::{Desk, Terms, cut};
use crate::item::{Prefix, RowError, Work};
use crate::refusal::ours;

impl Desk {
    /// What is to be done for a request, or what the API finds wrong with it once it looks: the first mistake only.
    /// First come those whose texts were recorded, then what else we know that the API refuses, in our words.
    pub(crate) fn task(&self, params: &Object<'_>, text: &[u8], terms: &Terms) -> Result<Work, RowError> {
        find_recorded_mistake(params, terms.version)?;
        let name = params.get("model").and_then(Node::as_str).unwrap_or_default();
        let model = self.model(name, terms.day).ok_or_else(|| RowError::no_model(&cut(name)))?;
        check_max_tokens(params, model, terms)?;
        check_tool_choice(params)?;
        let request = Request::parse(text).map_err(|flaws| in_our_words(&flaws[0].message))?;
        if params.iter().any(|(key, value)| matches!(key, "messages" | "system") && has_url_media(value)) {
            return Err(RowError::in_work(NO_DOWNLOAD));
        }
        let input = self.estimator.estimate(&request, &model_traits(model));
        self.check_by_rules(&request, model, &input, terms)?;
        if input.total.low() > model.context_window {
            return Err(in_our_words("the prompt is longer than the model's context window"));
        }
        Ok(work(&request, model, &input))
    }

    fn check_by_rules(
        &self,
        request: &Request<'_>,
        model: &Model,
        input: &InputEstimate,
        terms: &Terms,
    ) -> Result<(), RowError> {
        let circumstances = Circumstances {
            book: self.book,
            day: terms.day,
            api_version: terms.version,
            betas: &terms.betas,
        };
        let is_in_us = request.params.get("inference_geo").and_then(Node::as_str) == Some("us");
        let subject = Subject { request, model: Some(model), input, is_in_us };
        let flaws = inspect(&subject, &circumstances);
        let refused = flaws.iter().find(|flaw| flaw.rule.severity() == Severity::Error);
        refused.map_or(Ok(()), |flaw| Err(in_our_words(&flaw.message)))
    }
}

fn in_our_words(message: &str) -> RowError {
    RowError::invalid(ours(&cut(message)))
}

const NO_DOWNLOAD: &str = "Unable to download the file. Please verify the URL and try again.";

fn find_recorded_mistake(params: &Object<'_>, version: ApiVersion) -> Result<(), RowError> {
    for key in ["model", "messages", "max_tokens"] {
        if params.get(key).is_none() {
            return Err(RowError::invalid(format!("{key}: Field required")));
        }
    }
    if params.get("messages").and_then(Node::as_array).is_some_and(<[Node<'_>]>::is_empty) {
        return Err(RowError::invalid("messages: at least one message is required"));
    }
    let removed =
        |key: &str| version >= ApiVersion::V2026_10_21 && matches!(key, "temperature" | "top_p" | "top_k");
    if let Some((key, _)) = params.iter().find(|(key, _)| parameter(key).is_none() || removed(key)) {
        return Err(RowError::invalid(format!("{}: Extra inputs are not permitted", cut(key))));
    }
    if params.get("stream").and_then(Node::as_bool) == Some(true) {
        return Err(RowError::invalid("\"stream=True\" is not supported in the Message Batches API"));
    }
    Ok(())
}

fn check_max_tokens(params: &Object<'_>, model: &Model, terms: &Terms) -> Result<(), RowError> {
    let Some(asked) = params.get("max_tokens").and_then(Node::as_u64) else { return Ok(()) };
    if asked == 0 {
        return Err(RowError::invalid("max_tokens: must be greater than or equal to 1"));
    }
    let has_beta = terms.betas.iter().any(|beta| beta == LONG_OUTPUT);
    let max = model.max_output_batch_beta.filter(|_| has_beta).unwrap_or(model.max_output).0;
    if asked > max {
        let id = &model.id;
        return Err(RowError::invalid(format!(
            "max_tokens: {asked} > {max}, which is the maximum allowed number of output tokens for {id}"
        )));
    }
    Ok(())
}

/// The beta header under which some models write longer replies in batches.
const LONG_OUTPUT: &str = "output-300k-2026-03-24";

fn check_tool_choice(params: &Object<'_>) -> Result<(), RowError> {
    let name_of = |node: &Node<'_>| node.get("name").and_then(Node::as_str).map(str::to_owned);
    let Some(wanted) = params.get("tool_choice").and_then(name_of) else { return Ok(()) };
    let tools = params.get("tools").and_then(Node::as_array).unwrap_or_default();
    if tools.iter().any(|tool| name_of(tool).as_deref() == Some(&wanted)) {
        return Ok(());
    }
    Err(RowError::invalid(format!("Tool '{}' not found in provided tools", cut(&wanted))))
}

/// Whether an image or a document is to be fetched. The simulator fetches nothing, so that fails.
fn has_url_media(node: &Node<'_>) -> bool {
    match node {
        Node::Array(nodes) => nodes.iter().any(has_url_media),
        Node::Object(object) => {
            let kind = |key| object.get(key).and_then(Node::as_str);
            let source = object.get("source").and_then(|source| source.get("type")).and_then(Node::as_str);
            let is_media = matches!(kind("type"), Some("image" | "document"));
            (is_media && source == Some("url")) || object.get("content").is_some_and(has_url_media)
        }
        _ => false,
    }
}

fn work(request: &Request<'_>, model: &'static Model, input: &InputEstimate) -> Work {
    let total = figure(input.total);
    Work {
        model: &model.id,
        input: total,
        max_tokens: request.max_tokens,
        geo: request.params.get("inference_geo").and_then(Node::as_str).map(Box::from),
        prefixes: prefixes(&PrefixChain::of(request, &model.id), input, model, total),
    }
}

fn prefixes(chain: &PrefixChain, input: &InputEstimate, model: &Model, total: u64) -> Box<[Prefix]> {
    if chain.marks().is_empty() {
        return Box::default();
    }
    let blocks = chain.blocks().iter().zip(&input.blocks).enumerate();
    let looked_at = blocks.filter(|(index, _)| chain.looks_at(*index));
    let prefixes = looked_at.map(|(index, (block, size))| Prefix {
        hash: block.prefix,
        tokens: figure(*size).min(total),
        mark: chain.marks().iter().find(|mark| mark.block == index).map(|mark| mark.ttl),
    });
    prefixes.filter(|prefix| model.min_cacheable.is_some_and(|minimum| prefix.tokens >= minimum.0)).collect()
}

/// The likely number of an estimate; where there is none, as with what the server adds by itself, the least.
pub(crate) fn figure(estimate: Estimate<Tokens>) -> u64 {
    estimate.likely().unwrap_or(estimate.low()).0
}
