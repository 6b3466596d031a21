use std::fmt;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; nothing need change.
    Note,
    /// A number or an outcome may not be what was expected.
    Warning,
    /// The API or the policy would refuse this, or no honest number can be given for it.
    Error,
}

impl Severity {
    /// The word users see: `error`, `warning` or `note`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What the findings mean for the whole run, from best to worst.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Nothing stands in the way.
    #[default]
    Ok,
    /// Readable and priced, but the API answers it with an error, or a limit or a budget refuses it.
    Refused,
    /// Part of the input could not be read or priced.
    Unusable,
}

impl Verdict {
    /// The word users see: `ok`, `refused` or `unusable`.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Ok => "ok",
            Verdict::Refused => "refused",
            Verdict::Unusable => "unusable",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $name:ident = $id:literal, $severity:ident, $verdict:ident;)+) => {
        /// Everything batchwise can notice. Each rule has a kebab-case id, a section of that name in
        /// `docs/rules.md`, a severity, and a verdict for the run in which it appears.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule { $($(#[doc = $doc])+ $name,)+ }

        impl Rule {
            /// All rules, in the order of `docs/rules.md`.
            pub const ALL: &[Rule] = &[$(Rule::$name,)+];

            /// The stable id, in kebab-case.
            pub fn id(self) -> &'static str {
                match self { $(Rule::$name => $id,)+ }
            }

            /// How much it matters unless the user says otherwise.
            pub fn severity(self) -> Severity {
                match self { $(Rule::$name => Severity::$severity,)+ }
            }

            /// What it means for the run.
            pub fn verdict(self) -> Verdict {
                match self { $(Rule::$name => Verdict::$verdict,)+ }
            }
        }
    };
}

rules! {
    /// No input holds a single request.
    NoRequests = "no-requests", Error, Unusable;
    /// A line is not UTF-8.
    InvalidUtf8 = "invalid-utf8", Error, Unusable;
    /// A line is not one JSON value.
    InvalidJson = "invalid-json", Error, Unusable;
    /// A line is JSON, but not an object.
    NotAnObject = "not-an-object", Error, Unusable;
    /// A required key is absent.
    MissingKey = "missing-key", Error, Unusable;
    /// A key beside `custom_id` and `params`: the API refuses the whole batch.
    UnknownKey = "unknown-key", Error, Unusable;
    /// A value of a type or in a range that the API does not accept.
    WrongValue = "wrong-value", Error, Unusable;
    /// One object has the same key twice; readers disagree about which one counts.
    DuplicateKey = "duplicate-key", Error, Unusable;
    /// A `custom_id` with characters outside `[a-zA-Z0-9_-]`.
    CustomIdPattern = "custom-id-pattern", Error, Refused;
    /// A `custom_id` that is empty or longer than 64 characters.
    CustomIdLength = "custom-id-length", Error, Refused;
    /// Two requests of the workload share a `custom_id`.
    DuplicateCustomId = "duplicate-custom-id", Error, Refused;
    /// A request that no batch can hold.
    RequestTooLarge = "request-too-large", Error, Refused;
    /// A request that alone may cost more than a batch is allowed to.
    RequestOverBudget = "request-over-budget", Error, Refused;
    /// A model that the price book does not know, where only its tokens were asked for.
    UnknownModel = "unknown-model", Warning, Ok;
    /// Requests for which the price book has no price.
    Unpriced = "unpriced", Error, Unusable;
    /// The same, where the user allowed it.
    UnpricedAllowed = "unpriced-allowed", Warning, Ok;
    /// The model no longer answers on the day of the plan. Like every error below that is about the API's answer, it leaves
    /// the request in its batch and in the numbers: the API takes the batch and answers the row with an error.
    RetiredModel = "retired-model", Error, Refused;
    /// `max_tokens` is above what the model can produce: the API will answer those rows with an error.
    MaxTokensOverLimit = "max-tokens-over-limit", Error, Refused;
    /// A prompt that is certainly longer than the model's context window.
    ContextWindowExceeded = "context-window-exceeded", Error, Refused;
    /// A request above the size limit of single requests, which may hold in batches too.
    LargeItem = "large-item", Warning, Ok;
    /// Requests whose estimated prompt lies on both sides of a price tier.
    PriceTierStraddled = "price-tier-straddled", Warning, Ok;
    /// Input that nobody can know beforehand: of tools or state on the server, or of content or parameters that are
    /// not known.
    UnboundedInput = "unbounded-input", Warning, Ok;
    /// A request that asks exactly what an earlier one asks.
    IdenticalRequest = "identical-request", Note, Ok;
    /// What all such requests cost together.
    IdenticalRequests = "identical-requests", Note, Ok;
    /// The price book is much older than the day it is used for.
    StalePriceBook = "stale-price-book", Warning, Ok;
    /// `stream: true`.
    Stream = "stream", Error, Refused;
    /// `speed`, which asks for fast mode.
    Speed = "speed", Error, Refused;
    /// `fallbacks`.
    Fallbacks = "fallbacks", Error, Refused;
    /// A parameter that the API does not have.
    UnknownParameter = "unknown-parameter", Error, Refused;
    /// A parameter that older documentation says a batch refuses.
    DoubtfulParameter = "doubtful-parameter", Warning, Ok;
    /// A parameter of which it is not known whether a batch accepts it.
    UnfamiliarParameter = "unfamiliar-parameter", Note, Ok;
    /// A parameter that changes nothing in a batch.
    IgnoredParameter = "ignored-parameter", Note, Ok;
    /// A feature whose beta header is not among those the batch will be sent with.
    BetaNeeded = "beta-needed", Warning, Ok;
    /// `temperature`, `top_p` or `top_k` where the version of the API or the model refuses them.
    SamplingParameters = "sampling-parameters", Error, Refused;
    /// `inference_geo` for a model that refuses it.
    InferenceGeo = "inference-geo", Error, Refused;
    /// A model that batches do not take.
    NonBatchModel = "non-batch-model", Error, Refused;
    /// A model whose retirement is announced.
    RetiringModel = "retiring-model", Warning, Ok;
    /// Thinking switched off where that is impossible.
    ThinkingAlwaysOn = "thinking-always-on", Error, Refused;
    /// A form of thinking in which the model has not been seen to answer.
    ThinkingForm = "thinking-form", Warning, Ok;
    /// A thinking budget that leaves no token for the reply.
    ThinkingBudget = "thinking-budget", Warning, Ok;
    /// `tool_choice` `any` or `tool` for a model that refuses it.
    ForcedToolChoice = "forced-tool-choice", Error, Refused;
    /// `tool_choice` names a tool that is not there.
    UnknownToolChoice = "unknown-tool-choice", Error, Refused;
    /// A tool call without its result, or the other way round.
    ToolPairing = "tool-pairing", Warning, Ok;
    /// More messages than one request may have.
    TooManyMessages = "too-many-messages", Error, Refused;
    /// A role that is neither `user` nor `assistant` nor `system`.
    MessageRole = "message-role", Warning, Ok;
    /// A message or a text block without content.
    EmptyMessage = "empty-message", Warning, Ok;
    /// A `document` block directly in a message of the assistant.
    AssistantDocument = "assistant-document", Error, Refused;
    /// Citations in a text block of a message of the user.
    UserCitations = "user-citations", Error, Refused;
    /// A prompt that is probably longer than the model's context window.
    ContextWindowLikelyExceeded = "context-window-likely-exceeded", Warning, Ok;
    /// A prompt that may be longer than the model's context window.
    ContextWindowPossible = "context-window-possible", Note, Ok;
    /// A prompt that is a little above a price tier.
    PriceTierJustAbove = "price-tier-just-above", Note, Ok;
    /// More cache breakpoints than a request may have, or an automatic one that contradicts the last.
    CacheBreakpoints = "cache-breakpoints", Error, Refused;
    /// A cache breakpoint of five minutes before one of an hour.
    CacheTtlOrder = "cache-ttl-order", Error, Refused;
    /// Cache breakpoints that are certainly below the model's minimum, so that nothing is cached.
    CacheBreakpointInert = "cache-breakpoint-inert", Warning, Ok;
    /// Cache breakpoints that may be below the model's minimum.
    CacheBreakpointDoubtful = "cache-breakpoint-doubtful", Note, Ok;
    /// A cache that lives five minutes, in a batch.
    CacheTtlShort = "cache-ttl-short", Note, Ok;
    /// A long prefix that requests share and do not mark.
    CacheUnmarked = "cache-unmarked", Note, Ok;
    /// Prompts that would share a long prefix, were it not for something small that differs early.
    CacheAlmostShared = "cache-almost-shared", Note, Ok;
    /// Breakpoints that cost more than they save.
    CacheCostsMore = "cache-costs-more", Warning, Ok;
    /// A shared prefix that is kept five minutes where an hour pays.
    CacheLifetime = "cache-lifetime", Note, Ok;
    /// A prefix that is to be written ahead, but kept five minutes only.
    CachePrimedLifetime = "cache-primed-lifetime", Error, Refused;
    /// An image with more pixels or bytes than the API accepts.
    ImageTooLarge = "image-too-large", Error, Refused;
    /// More images than a request may have.
    TooManyImages = "too-many-images", Error, Refused;
    /// An image or a document that is fetched when the request runs.
    UrlMedia = "url-media", Note, Ok;
    /// A batch body above 256,000,000 bytes, where "256 MB" may already end.
    BodyOverSafeLimit = "body-over-safe-limit", Warning, Ok;
    /// The policy file cannot be used.
    PolicyInvalid = "policy-invalid", Error, Unusable;
    /// The workload is over a budget of the policy, or nobody knows.
    PolicyBudget = "policy-budget", Error, Refused;
    /// A batch is over a budget of the policy, or nobody knows.
    PolicyBatchBudget = "policy-batch-budget", Error, Refused;
    /// A request is over a budget of the policy, or nobody knows.
    PolicyRequestBudget = "policy-request-budget", Error, Refused;
    /// The workload costs more than a baseline by more than the policy allows, or nobody knows.
    PolicyIncrease = "policy-increase", Error, Refused;
    /// A model that the policy does not allow.
    PolicyModel = "policy-model", Error, Refused;
    /// `max_tokens` is above what the policy allows for the model.
    PolicyMaxTokens = "policy-max-tokens", Error, Refused;
    /// The workload has more requests, bytes or batches than the policy allows.
    PolicyLimit = "policy-limit", Error, Refused;
    /// A breakpoint whose lifetime is not the one the policy wants.
    PolicyCacheTtl = "policy-cache-ttl", Error, Refused;
    /// An exception of the policy is past its last day.
    PolicyExceptionExpired = "policy-exception-expired", Warning, Ok;
    /// An exception of the policy excuses nothing.
    PolicyExceptionUnused = "policy-exception-unused", Warning, Ok;
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_errors_turn_the_verdict() {
        for rule in Rule::ALL {
            assert_eq!(rule.severity() == Severity::Error, rule.verdict() != Verdict::Ok, "{rule}");
        }
    }

    #[test]
    fn every_rule_has_a_section_in_the_docs() {
        let docs = include_str!("../../../docs/rules.md");
        let sections: Vec<&str> = docs.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        let ids: Vec<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        assert_eq!(sections, ids);
    }
}
