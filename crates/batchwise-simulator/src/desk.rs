use std::collections::HashSet;
use std::io::Read;

use batchwise_pricing::{Model, PriceBook};
use batchwise_records::{ApiVersion, Node, Object};
use batchwise_tokens::{Estimator, claude};
use jiff::civil::Date;

use crate::frame::{FrameError, not_json, read_frame};
use crate::item::Item;
use crate::refusal::Refusal;
use crate::settings::Account;

/// Reads bodies. It knows no batch, so several bodies can be read at once.
pub(crate) struct Desk {
    pub(crate) book: &'static PriceBook,
    pub(crate) estimator: Box<dyn Estimator>,
    account: Account,
}

/// What a body is read for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) version: ApiVersion,
    pub(crate) betas: Vec<String>,
    pub(crate) day: Date,
}

impl Desk {
    pub(crate) fn new(account: Account) -> Desk {
        Desk { book: PriceBook::bundled(), estimator: Box::new(claude()), account }
    }

    /// The longest body that is read.
    pub(crate) fn body_bytes_max(&self) -> u64 {
        self.account.body_bytes_max
    }

    /// The model of that name, if it answers on that day. Names that nobody knows may be many, so no time is spent on
    /// guesses about them.
    pub(crate) fn model(&self, name: &str, day: Date) -> Option<&'static Model> {
        let mut models = self.book.models().iter();
        models
            .find(|model| model.names().any(|known| known == name))
            .filter(|model| !model.is_retired_on(day))
    }

    /// Reads the body of a new batch, one request at a time. The first mistake of its frame refuses all of it; what is
    /// wrong within `params` only fails that request.
    pub(crate) fn read_batch(&self, body: &mut dyn Read, terms: &Terms) -> Result<Vec<Item>, BodyError> {
        let mut items = Vec::new();
        let mut refusal = None;
        let frame = read_frame(body, &mut |index, text| {
            let node: Node<'_> = serde_json::from_slice(text).map_err(not_json)?;
            // What comes after the first mistake must still be JSON, or that is the mistake that counts.
            if refusal.is_none() && index < self.account.batch_requests_max {
                match self.read_item(index, &node, text, terms) {
                    Ok(item) => items.push(item),
                    Err(first) => refusal = Some(first),
                }
            }
            Ok(())
        })?;
        if let Some(key) = frame.unknown_key {
            return Err(refuse(Refusal::invalid(format!("{}: Extra inputs are not permitted", cut(&key)))));
        }
        match (frame.has_requests, frame.is_list, frame.items) {
            (false, ..) => return Err(refuse(Refusal::invalid("requests: Field required"))),
            (_, false, _) => return Err(refuse(Refusal::invalid_in_our_words("requests: not a list"))),
            (_, _, 0) => return Err(refuse(Refusal::invalid(NO_ITEMS))),
            (_, _, count) if count > self.account.batch_requests_max => {
                let max = self.account.batch_requests_max;
                let message = format!("requests: {count} requests, more than {max}");
                return Err(refuse(Refusal::invalid_in_our_words(&message)));
            }
            _ => (),
        }
        refusal.or_else(|| repeated_id(&items)).map_or(Ok(items), |refusal| Err(refuse(refusal)))
    }

    fn read_item(&self, index: usize, node: &Node<'_>, text: &[u8], terms: &Terms) -> Result<Item, Refusal> {
        let field = |name: &str, complaint: &str| {
            Err(Refusal::invalid(format!("requests.{index}{name}: {complaint}")))
        };
        let ours = |name: &str, complaint: &str| {
            Err(Refusal::invalid_in_our_words(&format!("requests.{index}{name}: {complaint}")))
        };
        let Node::Object(request) = node else { return ours("", "not an object") };
        let custom_id = match request.get("custom_id") {
            None => return field(".custom_id", "Field required"),
            Some(Node::String(id)) => id,
            Some(_) => return ours(".custom_id", "not a string"),
        };
        if custom_id.chars().count() > 64 {
            return field(".custom_id", "String should have at most 64 characters");
        }
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if custom_id.is_empty() || !custom_id.bytes().all(is_letter) {
            return field(".custom_id", "String should match pattern '^[a-zA-Z0-9_-]{1,64}$'");
        }
        let params = match request.get("params") {
            None => return field(".params", "Field required"),
            Some(Node::Object(params)) => params,
            Some(_) => return ours(".params", "not an object"),
        };
        if let Some(key) = unknown_key(request) {
            return field(&format!(".{}", cut(key)), "Extra inputs are not permitted");
        }
        Ok(Item::new(custom_id, self.task(params, text, terms)))
    }
}

/// Why a body gives no batch.
#[derive(Debug)]
pub(crate) enum BodyError {
    Refused(Box<Refusal>),
    /// The client went away in the middle.
    Broken,
}

fn refuse(refusal: Refusal) -> BodyError {
    BodyError::Refused(Box::new(refusal))
}

impl From<FrameError> for BodyError {
    fn from(error: FrameError) -> BodyError {
        match error {
            FrameError::Json(why) => refuse(bad_json(&why)),
            FrameError::TooLong => refuse(Refusal::too_large()),
            FrameError::Broken => BodyError::Broken,
        }
    }
}

/// The beginning was recorded, not what follows the colon.
pub(crate) fn bad_json(why: &str) -> Refusal {
    Refusal::invalid(format!("The request body is not valid JSON: {why}"))
}

const NO_ITEMS: &str = "requests: List should have at least 1 item after validation, not 0";

fn unknown_key<'o>(request: &'o Object<'_>) -> Option<&'o str> {
    request.iter().map(|(key, _)| key).find(|key| !matches!(*key, "custom_id" | "params"))
}

fn repeated_id(items: &[Item]) -> Option<Refusal> {
    let mut seen: HashSet<&str> = HashSet::with_capacity(items.len());
    let twice = items.iter().find(|item| !seen.insert(&item.custom_id))?;
    Some(Refusal::invalid(format!(
        "requests: custom_id's must be unique within a batch. Duplicate custom_id found: {}",
        twice.custom_id
    )))
}

/// A name of the client's, so short that it can be kept.
pub(crate) fn cut(name: &str) -> String {
    name.chars().take(NAME_CHARACTERS_MAX).collect()
}

const NAME_CHARACTERS_MAX: usize = 200;
