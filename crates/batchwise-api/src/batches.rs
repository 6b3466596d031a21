use std::io::{self, Read};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::client::json;
use crate::message_batch::Page;
use crate::patience::{Meaning, meaning, named_wait};
use crate::question::{Question, Setback};
use crate::told::request_id;
use crate::upload::Handover;
use crate::{
    Answer, AnswerLength, ApiError, ApiKey, BatchId, BatchPage, Client, Clock, CreateError, HttpBody,
    HttpResponse, MessageBatch, ModelInfo, Told, Transport, TransportError, Upload,
};

/// The path of the endpoints for batches.
const BATCHES_PATH: &str = "/v1/messages/batches";

/// The path of the endpoint that lists models.
const MODELS_PATH: &str = "/v1/models";

/// The most entries that a page of a list may have.
/// Source: the OpenAPI description of the API, of May 2026.
const PAGE_LIMIT_MAX: u32 = 1_000;

/// The most pages of models that are read. There are some dozens of models, so it is there for a server that never ends.
const MODEL_PAGES_MAX: usize = 100;

/// Message Batches. All but [`create_batch`](Client::create_batch) may be asked twice, and are.
impl<T: Transport, C: Clock> Client<T, C> {
    /// Makes a batch: one attempt, over a connection of its own, never repeated, because the API has no key by which
    /// it would know the second for the first. The body is read while it is sent, and only if the API wants it.
    ///
    /// # Errors
    /// [`NotCreated`](CreateError::NotCreated) when it is certain that there is no batch, and
    /// [`Unclear`](CreateError::Unclear) when it is not: then the list tells.
    pub fn create_batch(&mut self, upload: Upload<'_>) -> Result<Told<MessageBatch>, CreateError> {
        let bytes = upload.bytes;
        if bytes == 0 {
            return Err(CreateError::not_created(ApiError::Body("it is empty".to_owned())));
        }
        self.wait_for_turn().map_err(CreateError::not_created)?;
        let mut headers = self.headers();
        headers.push(("content-type", "application/json".to_owned()));
        headers.extend(self.speaker.user_profile.clone().map(|id| ("anthropic-user-profile-id", id)));
        let mut handover = Handover::new(upload);
        let body = HttpBody::Stream { reader: &mut handover, bytes };
        let sent = self.send("POST", BATCHES_PATH, headers, body, AnswerLength::Short);
        let outcome = judge(sent, &handover, &self.speaker.key);
        if outcome.is_ok() {
            self.refill();
        }
        outcome
    }

    /// Asks how far a batch is.
    ///
    /// # Errors
    /// [`NotFound`](ApiError::NotFound) when the API does not know it, or not yet; else as every question.
    pub fn retrieve_batch(&mut self, id: &BatchId) -> Result<Told<MessageBatch>, ApiError> {
        let question = Question::get(path_of(id, ""), "a batch").about_one();
        self.ask_told(&question)
    }

    /// Lists batches of the workspace, the newest first: at most `limit` (1 to 1,000) of those that come after `after`.
    ///
    /// # Errors
    /// As every question.
    pub fn list_batches(&mut self, after: Option<&BatchId>, limit: u32) -> Result<Told<BatchPage>, ApiError> {
        let after = after.map(BatchId::as_str);
        let question = Question::get(page_path(BATCHES_PATH, after, limit), "a list of batches");
        let told: Told<Page<MessageBatch>> = self.ask_told(&question)?;
        let Told { value, retry_after, date, request_id } = told;
        Ok(Told { value: BatchPage::from(value), retry_after, date, request_id })
    }

    /// Tells a batch to stop. What is under way may still be done, and billed.
    ///
    /// # Errors
    /// As of [`retrieve_batch`](Client::retrieve_batch).
    pub fn cancel_batch(&mut self, id: &BatchId) -> Result<Told<MessageBatch>, ApiError> {
        let question = Question::post(path_of(id, "/cancel"), None, "a batch").about_one();
        self.ask_told(&question)
    }

    /// Removes a batch that has ended, and its results. One that is gone when it is asked for the second time is
    /// removed: the answer to the first was lost.
    ///
    /// # Errors
    /// As of [`retrieve_batch`](Client::retrieve_batch).
    pub fn delete_batch(&mut self, id: &BatchId) -> Result<(), ApiError> {
        let question = Question::get(path_of(id, ""), "a word that the batch is removed").about_one();
        let question = Question { method: "DELETE", ..question };
        let mut attempts = 0;
        match self.pursue(&question, &mut attempts, json::<Deleted>) {
            Ok(Deleted { .. }) => Ok(()),
            Err(ApiError::NotFound(_)) if attempts > 1 => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Opens the results of a batch that has ended: rows of JSON in any order, as long as they are. They come from
    /// the base URL, whatever address the API names.
    ///
    /// A connection that breaks gives an error in the middle of reading; that rows are missing, only their number tells.
    ///
    /// # Errors
    /// [`NotFound`](ApiError::NotFound) when there are no results, or not yet; else as every question.
    pub fn batch_results(&mut self, id: &BatchId) -> Result<Box<dyn Read + Send>, ApiError> {
        let question = Question::get(path_of(id, "/results"), "results").about_one();
        let question = Question { answer: AnswerLength::Long, ..question };
        self.ask(&question, |response| Ok(std::mem::replace(&mut response.body, Box::new(io::empty()))))
    }

    /// All models that the key may use.
    ///
    /// # Errors
    /// As every question.
    pub fn models(&mut self) -> Result<Vec<ModelInfo>, ApiError> {
        let expected = "a list of models";
        let mut models = Vec::new();
        let mut after: Option<String> = None;
        for page in 1..=MODEL_PAGES_MAX {
            let path = page_path(MODELS_PATH, after.as_deref(), PAGE_LIMIT_MAX);
            let part: Page<ModelInfo> = self.ask(&Question::get(path, expected), json)?;
            let last = part.last_id.or_else(|| part.data.last().map(|model| model.id.clone()));
            let is_last = !part.has_more || part.data.is_empty();
            models.extend(part.data);
            match last {
                _ if is_last => return Ok(models),
                Some(last) if after.as_ref() != Some(&last) && page < MODEL_PAGES_MAX => after = Some(last),
                _ => break,
            }
        }
        Err(ApiError::Unreadable { attempts: 1, expected })
    }

    fn ask_told<A: DeserializeOwned>(&mut self, question: &Question<'_>) -> Result<Told<A>, ApiError> {
        let key = self.speaker.key.clone();
        self.ask(question, |response| told(response, &key))
    }
}

/// What the API says when it has removed a batch.
#[derive(Deserialize)]
struct Deleted {
    #[serde(rename = "id")]
    _id: BatchId,
}

fn told<A: DeserializeOwned>(response: &mut HttpResponse, key: &ApiKey) -> Result<Told<A>, Setback> {
    let value = json(response)?;
    Ok(Told::of(response, key, value))
}

/// The path of one batch; an id needs no escapes.
fn path_of(id: &BatchId, end: &str) -> String {
    format!("{BATCHES_PATH}/{id}{end}")
}

fn page_path(path: &str, after: Option<&str>, limit: u32) -> String {
    let limit = limit.clamp(1, PAGE_LIMIT_MAX);
    match after {
        Some(id) => format!("{path}?limit={limit}&after_id={}", escaped(id)),
        None => format!("{path}?limit={limit}"),
    }
}

/// A text as a value of a query.
fn escaped(text: &str) -> String {
    let piece = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(piece).collect()
}

/// What became of a batch, by what was answered and how much of the body was handed over. The API makes a batch of a
/// whole body only.
fn judge(
    sent: Result<HttpResponse, TransportError>,
    body: &Handover<'_>,
    key: &ApiKey,
) -> Result<Told<MessageBatch>, CreateError> {
    if let Some(failure) = body.failure() {
        return Err(CreateError::not_created(ApiError::Body(key.redact(failure))));
    }
    match sent {
        Ok(response) => judge_answer(response, body.is_whole(), key),
        Err(source) if body.is_whole() => {
            Err(CreateError::Unclear { detail: source.detail, request_id: None })
        }
        Err(source) => Err(CreateError::not_created(ApiError::Unreachable { attempts: 1, source })),
    }
}

fn judge_answer(
    mut response: HttpResponse,
    is_whole: bool,
    key: &ApiKey,
) -> Result<Told<MessageBatch>, CreateError> {
    let unclear = |response: &HttpResponse, detail: String| {
        Err(CreateError::Unclear { detail, request_id: request_id(response, key) })
    };
    match response.status {
        200..=299 if !is_whole => {
            unclear(&response, "the server says yes to a body that it has not got".to_owned())
        }
        200..=299 => match told(&mut response, key) {
            Ok(batch) => Ok(batch),
            Err(Setback::Transport(error)) => unclear(&response, key.redact(&error.detail)),
            Err(_) => unclear(&response, "the server says yes with something that is no batch".to_owned()),
        },
        400..=407 | 409..=499 => Err(refusal(response, key)),
        status @ 300..=399 if !is_whole => Err(CreateError::not_created(ApiError::Redirected { status })),
        status @ 300..=399 => unclear(&response, format!("the server answers {status}, a redirect")),
        // 408, 5xx, and what HTTP does not know.
        _ if !is_whole => Err(refusal(response, key)),
        _ => {
            let answer = Answer::of(&mut response, key);
            Err(CreateError::Unclear { request_id: answer.request_id.clone(), detail: answer.to_string() })
        }
    }
}

/// A no, after which there is no batch.
fn refusal(mut response: HttpResponse, key: &ApiKey) -> CreateError {
    let retry_after = named_wait(&response);
    let answer = Answer::of(&mut response, key);
    let error = match meaning(&response, &answer) {
        Meaning::Passing => ApiError::Failed { attempts: 1, answer },
        Meaning::NotThis => ApiError::Refused(answer),
        Meaning::NotAny => ApiError::Stopped(answer),
    };
    CreateError::NotCreated { error, retry_after }
}

#[cfg(test)]
mod tests;
