use batchwise_records::ApiVersion;

use crate::count_tokens::TokenCount;
use crate::patience::{Meaning, meaning, named_wait};
use crate::{
    Answer, ApiError, ApiKey, BaseUrl, COUNT_TOKENS_PATH, Clock, HttpRequest, HttpResponse, Pace, Patience,
    Transport, TransportError,
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
}

/// Asks the API, one question at a time.
#[derive(Debug)]
pub struct Client<T, C> {
    transport: T,
    clock: C,
    speaker: Speaker,
    pace: Pace,
    patience: Patience,
    repetitions_left: u32,
}

/// How one attempt ended that did not end the question.
enum Setback {
    Answer(Answer),
    Unreadable,
    Transport(TransportError),
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
        let count: TokenCount = self.ask(COUNT_TOKENS_PATH, body, "a token count")?;
        Ok(count.input_tokens)
    }

    /// Asks a question that may be asked twice.
    fn ask<A: serde::de::DeserializeOwned>(
        &mut self,
        path: &str,
        body: &[u8],
        expected: &'static str,
    ) -> Result<A, ApiError> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            self.pace.wait(&self.clock);
            let (setback, wait) = match self.post(path, body) {
                Ok(response) => match self.read(&response)? {
                    Ok(answer) => return Ok(answer),
                    Err(setback) => (setback, named_wait(&response)),
                },
                Err(error) if error.fault.may_pass() => (Setback::Transport(error), None),
                Err(source) => return Err(ApiError::Unreachable { attempts, source }),
            };
            if let (Setback::Answer(answer), Some(wait)) = (&setback, wait)
                && wait > self.patience.longest_named_wait
            {
                return Err(ApiError::TooLong { seconds: wait.as_secs(), answer: answer.clone() });
            }
            if attempts >= self.patience.attempts_max || self.repetitions_left == 0 {
                return Err(give_up(setback, attempts, expected));
            }
            self.repetitions_left -= 1;
            let chosen = self.patience.wait(attempts, self.clock.chance());
            self.clock.sleep(wait.unwrap_or(chosen));
        }
    }

    fn post(&self, path: &str, body: &[u8]) -> Result<HttpResponse, TransportError> {
        let Speaker { base, key, version, betas } = &self.speaker;
        let mut headers = vec![
            ("content-type", "application/json".to_owned()),
            ("anthropic-version", version.name().to_owned()),
        ];
        if !betas.is_empty() {
            headers.push(("anthropic-beta", betas.join(",")));
        }
        let sent =
            self.transport.send(&HttpRequest { method: "POST", url: base.join(path), key, headers, body });
        sent.map_err(|error| TransportError { detail: key.redact(&error.detail), ..error })
    }

    /// What an answer says: what was asked for, a setback, or a final no.
    fn read<A: serde::de::DeserializeOwned>(
        &self,
        response: &HttpResponse,
    ) -> Result<Result<A, Setback>, ApiError> {
        match response.status {
            200..=299 => Ok(serde_json::from_slice(&response.body).map_err(|_| Setback::Unreadable)),
            status @ 300..=399 => Err(ApiError::Redirected { status }),
            _ => {
                let answer = Answer::of(response, &self.speaker.key);
                match meaning(response, &answer) {
                    Meaning::Passing => Ok(Err(Setback::Answer(answer))),
                    Meaning::NotThis => Err(ApiError::Refused(answer)),
                    Meaning::NotAny => Err(ApiError::Stopped(answer)),
                }
            }
        }
    }
}

fn give_up(setback: Setback, attempts: u32, expected: &'static str) -> ApiError {
    match setback {
        Setback::Answer(answer) => ApiError::Failed { attempts, answer },
        Setback::Unreadable => ApiError::Unreadable { attempts, expected },
        Setback::Transport(source) => ApiError::Unreachable { attempts, source },
    }
}

#[cfg(test)]
mod tests;
