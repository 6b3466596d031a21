use batchwise_records::ApiVersion;
use serde::de::DeserializeOwned;

use crate::count_tokens::TokenCount;
use crate::patience::{Meaning, meaning};
use crate::question::{Miss, Question, Setback};
use crate::{
    Answer, AnswerLength, ApiError, ApiKey, BaseUrl, COUNT_TOKENS_PATH, Clock, HttpBody, HttpRequest,
    HttpResponse, Pace, Patience, Transport, TransportError,
};

/// To whom requests go, in whose name and how.
#[derive(Clone, Debug)]
pub struct Speaker {
    /// Where the API is.
    pub base: BaseUrl,
    /// In whose name.
    pub key: ApiKey,
    /// In which version.
    pub version: ApiVersion,
    /// With which beta headers.
    pub betas: Vec<String>,
    /// In which workspace, for a key that may act in several: `wrkspc_…`.
    pub workspace: Option<String>,
    /// For which user profile batches are made: `uprof_…`.
    pub user_profile: Option<String>,
}

/// Asks the API, one question at a time.
#[derive(Debug)]
pub struct Client<T, C> {
    pub(crate) transport: T,
    pub(crate) clock: C,
    pub(crate) speaker: Speaker,
    pace: Pace,
    patience: Patience,
    repetitions_left: u32,
}

impl<T: Transport, C: Clock> Client<T, C> {
    /// A client that has asked nothing yet.
    pub fn new(transport: T, clock: C, speaker: Speaker, pace: Pace, patience: Patience) -> Client<T, C> {
        Client { transport, clock, speaker, pace, patience, repetitions_left: patience.repetitions_max }
    }

    /// Asks how many input tokens the API counts for a body of
    /// [`count_tokens_body`](crate::count_tokens_body). Costs nothing and changes nothing, so it is asked again
    /// after every failure that may pass.
    ///
    /// # Errors
    /// When the API refuses, or gives no usable answer however often it is asked.
    pub fn count_tokens(&mut self, body: &[u8]) -> Result<u64, ApiError> {
        let question = Question::post(COUNT_TOKENS_PATH.to_owned(), Some(body), "a token count");
        let count: TokenCount = self.ask(&question, json)?;
        Ok(count.input_tokens)
    }

    /// Asks a question that may be asked twice.
    pub(crate) fn ask<A>(
        &mut self,
        question: &Question<'_>,
        read: impl Fn(&mut HttpResponse) -> Result<A, Setback>,
    ) -> Result<A, ApiError> {
        self.pursue(question, &mut 0, read)
    }

    /// Asks until there is an answer, counting the attempts.
    pub(crate) fn pursue<A>(
        &mut self,
        question: &Question<'_>,
        attempts: &mut u32,
        read: impl Fn(&mut HttpResponse) -> Result<A, Setback>,
    ) -> Result<A, ApiError> {
        loop {
            self.wait_for_turn()?;
            *attempts += 1;
            let setback = match self.attempt(question, &read) {
                Ok(answer) => {
                    self.refill();
                    return Ok(answer);
                }
                Err(Miss::Final(error)) => return Err(error),
                Err(Miss::Passing(setback)) => setback,
            };
            if let Setback::Answer(answer, Some(wait)) = &setback
                && *wait > self.patience.longest_named_wait
            {
                return Err(ApiError::TooLong { seconds: wait.as_secs(), answer: answer.clone() });
            }
            if *attempts >= self.patience.attempts_max || self.repetitions_left == 0 || !setback.may_pass() {
                return Err(setback.give_up(*attempts, question.expected));
            }
            self.repetitions_left -= 1;
            let chosen = self.patience.wait(*attempts, self.clock.chance());
            self.clock.sleep(setback.named_wait().unwrap_or(chosen));
            self.stop_if_interrupted()?;
        }
    }

    /// Waits as the pace wants it.
    pub(crate) fn wait_for_turn(&mut self) -> Result<(), ApiError> {
        match self.pace.wait(&self.clock) {
            true => self.stop_if_interrupted(),
            false => Ok(()),
        }
    }

    fn stop_if_interrupted(&self) -> Result<(), ApiError> {
        if self.clock.interrupted() { Err(ApiError::Interrupted) } else { Ok(()) }
    }

    /// Each success gives back one repetition, so that who works all day never runs out of them, and an API that
    /// only fails is left alone soon.
    pub(crate) fn refill(&mut self) {
        self.repetitions_left = self.patience.repetitions_max.min(self.repetitions_left.saturating_add(1));
    }

    fn attempt<A>(
        &self,
        question: &Question<'_>,
        read: impl Fn(&mut HttpResponse) -> Result<A, Setback>,
    ) -> Result<A, Miss> {
        let body = question.body.map_or(HttpBody::Empty, HttpBody::Bytes);
        let mut headers = self.headers();
        if question.body.is_some() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        let sent = self.send(question.method, &question.path, headers, body, question.answer);
        let mut response = sent.map_err(|error| Miss::Passing(Setback::Transport(error)))?;
        match response.status {
            200..=299 => {
                read(&mut response).map_err(|setback| Miss::Passing(setback.redacted(&self.speaker.key)))
            }
            status @ 300..=399 => Err(Miss::Final(ApiError::Redirected { status })),
            _ => Err(self.refusal(&mut response, question.may_be_missing)),
        }
    }

    /// What a no means for a question that may be asked twice.
    fn refusal(&self, response: &mut HttpResponse, may_be_missing: bool) -> Miss {
        let answer = Answer::of(response, &self.speaker.key);
        if may_be_missing && answer.status == 404 && answer.kind.as_deref() == Some("not_found_error") {
            return Miss::Final(ApiError::NotFound(answer));
        }
        match meaning(response, &answer) {
            Meaning::Passing => Miss::Passing(Setback::Answer(answer, crate::patience::named_wait(response))),
            Meaning::NotThis => Miss::Final(ApiError::Refused(answer)),
            Meaning::NotAny => Miss::Final(ApiError::Stopped(answer)),
        }
    }

    /// The headers of every request.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let Speaker { version, betas, workspace, .. } = &self.speaker;
        let mut headers = vec![("anthropic-version", version.name().to_owned())];
        if !betas.is_empty() {
            headers.push(("anthropic-beta", betas.join(",")));
        }
        headers.extend(workspace.clone().map(|id| ("anthropic-workspace-id", id)));
        headers
    }

    /// Sends one request, once.
    pub(crate) fn send<'r>(
        &'r self,
        method: &'static str,
        path: &str,
        headers: Vec<(&'static str, String)>,
        body: HttpBody<'r>,
        answer: AnswerLength,
    ) -> Result<HttpResponse, TransportError> {
        let Speaker { base, key, .. } = &self.speaker;
        let sent =
            self.transport.send(HttpRequest { method, url: base.join(path), key, headers, body, answer });
        sent.map_err(|error| TransportError { detail: key.redact(&error.detail), ..error })
    }
}

/// The whole body of an answer as what it should be.
pub(crate) fn json<A: DeserializeOwned>(response: &mut HttpResponse) -> Result<A, Setback> {
    let text = response.text().map_err(Setback::Transport)?;
    serde_json::from_slice(&text).map_err(|_| Setback::Unreadable)
}

#[cfg(test)]
mod tests;
