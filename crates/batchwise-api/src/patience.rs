use std::time::Duration;

use crate::{Answer, HttpResponse};

/// How often and how long a question that nobody pays for is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// The most attempts for one question, the first included.
    pub attempts_max: u32,
    /// The most repetitions in store, so that a broken API is not asked for hours. Each success gives one back.
    pub repetitions_max: u32,
    /// The wait after the first failure. It doubles each time, and half of it is up to chance.
    pub first_wait: Duration,
    /// The longest wait of our own choice.
    pub longest_wait: Duration,
    /// The longest wait that is accepted when the API names one.
    pub longest_named_wait: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            attempts_max: 6,
            repetitions_max: 100,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(30),
            longest_named_wait: Duration::from_secs(300),
        }
    }
}

impl Patience {
    /// The wait before the next attempt after `failed` failed ones, by `chance` from 0 to 1.
    pub(crate) fn wait(&self, failed: u32, chance: f64) -> Duration {
        let doubled = self.first_wait.saturating_mul(1 << failed.saturating_sub(1).min(16));
        doubled.min(self.longest_wait).mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
    }
}

/// What an answer that is no success means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Another time it may go.
    Passing,
    /// Not this request.
    NotThis,
    /// Not any request.
    NotAny,
}

/// Limits that no waiting lifts before the month ends or somebody pays.
const SPENT: [&str; 2] = ["enforced_spend_limit_reached", "contract_spend_limit_reached"];

/// A limit of growth, which passes after the time that the answer names.
const RAMP: &str = "ramp_limit_exceeded";

/// Codes of 400 that are about the organization, its encryption key or the API key. Their relatives of 503,
/// `cmek_key_unreachable` and `cmek_context_unavailable`, pass.
/// Source: the official Python SDK 2.11.0, `_error_classes.py` and the classes' descriptions.
const BARRED: [&str; 4] = [
    "claude_code_key_creator_not_member",
    "cmek_key_disabled",
    "cmek_key_network_blocked",
    "organization_on_hold",
];

/// How messages begin that are about the account although their status is 400.
/// Source: refusals seen in 2026, for which no code is documented.
const ABOUT_THE_ACCOUNT: [&str; 2] = ["You have reached your specified", "Your credit balance is too low"];

/// What an answer means, by its status and its code. Only where the API gives no code, its message decides.
pub(crate) fn meaning(response: &HttpResponse, answer: &Answer) -> Meaning {
    let spent = answer.code.as_deref().is_some_and(|code| SPENT.contains(&code));
    let barred = answer.code.as_deref().is_some_and(|code| BARRED.contains(&code));
    let endless = answer.code.as_deref() == Some(RAMP) && named_wait(response).is_none();
    let account = ABOUT_THE_ACCOUNT.iter().any(|start| answer.message.starts_with(start));
    let final_word = response.header("x-should-retry") == Some("false");
    match answer.status {
        _ if spent || barred || endless => Meaning::NotAny,
        408 | 409 | 429 | 500.. if final_word => Meaning::NotAny,
        408 | 409 | 429 | 500.. => Meaning::Passing,
        400 | 413 | 422 if account => Meaning::NotAny,
        400 | 422 if answer.kind.is_some() => Meaning::NotThis,
        413 => Meaning::NotThis,
        // An unknown model; any other 404 means that the endpoint is not there.
        404 if answer.kind.is_some() && answer.message.starts_with("model:") => Meaning::NotThis,
        _ => Meaning::NotAny,
    }
}

/// The wait that an answer names, in milliseconds or seconds.
pub(crate) fn named_wait(response: &HttpResponse) -> Option<Duration> {
    let number =
        |name| response.header(name)?.trim().parse::<f64>().ok().filter(|wait| (0.0..=1e9).contains(wait));
    let milliseconds = number("retry-after-ms").map(|wait| wait / 1000.0);
    milliseconds.or_else(|| number("retry-after")).map(Duration::from_secs_f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ApiKey;

    #[track_caller]
    fn check(status: u16, error: &str, expected: Meaning) {
        check_with(Vec::new(), status, error, expected);
    }

    #[track_caller]
    fn check_with(headers: Vec<(String, String)>, status: u16, error: &str, expected: Meaning) {
        let body = format!(r#"{{"type":"error","error":{error}}}"#).into_bytes();
        let mut response = HttpResponse::new(status, headers, body);
        let answer = Answer::of(&mut response, &ApiKey::new("sk-secret").unwrap());
        assert_eq!(meaning(&response, &answer), expected, "{status} {error}");
    }

    #[test]
    fn the_status_tells_whether_to_go_on() {
        let error = |kind: &str, message: &str| format!(r#"{{"type":"{kind}","message":"{message}"}}"#);
        let bad = "invalid_request_error";
        check(400, &error(bad, "messages.0: bad"), Meaning::NotThis);
        check(400, &error(bad, "Your credit balance is too low to access the API."), Meaning::NotAny);
        check(400, &error(bad, "You have reached your specified API usage limits."), Meaning::NotAny);
        check(400, "\"gateway\"", Meaning::NotAny); // not the API's own words
        check(401, &error("authentication_error", "API key is invalid."), Meaning::NotAny);
        check(402, &error("billing_error", ""), Meaning::NotAny);
        check(403, &error("permission_error", ""), Meaning::NotAny);
        check(404, &error("not_found_error", "model: claude-nobody"), Meaning::NotThis);
        check(404, &error("not_found_error", "Not found"), Meaning::NotAny);
        check(413, "{}", Meaning::NotThis); //              sent by what stands in front of the API
        for status in [408, 409, 429, 500, 502, 503, 504, 529] {
            check(status, &error("some_error", ""), Meaning::Passing);
        }
    }

    #[test]
    fn a_code_says_more_than_the_status() {
        let error = |code: &str| {
            format!(r#"{{"type":"some_error","message":"","details":{{"error_code":"{code}"}}}}"#)
        };
        for code in SPENT {
            check(429, &error(code), Meaning::NotAny);
        }
        for code in BARRED {
            check(400, &error(code), Meaning::NotAny);
        }
        check(400, &error("new"), Meaning::NotThis);
        check(402, &error("linked_organization_spend_limit_reached"), Meaning::NotAny);
        check(503, &error("cmek_key_unreachable"), Meaning::Passing);
        check(429, &error(RAMP), Meaning::NotAny); //       it names no time after which it passes
        check_with(vec![("retry-after".to_owned(), "60".to_owned())], 429, &error(RAMP), Meaning::Passing);
    }

    #[test]
    fn waits_double_up_to_a_limit_and_are_half_chance() {
        let waits =
            |chance| [1, 2, 3, 9, 99].map(|failed| Patience::default().wait(failed, chance).as_millis());
        assert_eq!(waits(0.0), [250, 500, 1_000, 15_000, 15_000]);
        assert_eq!(waits(1.0), [500, 1_000, 2_000, 30_000, 30_000]);
    }

    #[test]
    fn waits_are_read_from_both_headers() {
        let named = |headers: &[(&str, &str)]| {
            let headers =
                headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            named_wait(&HttpResponse::new(429, headers, ""))
        };
        assert_eq!(named(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
        assert_eq!(named(&[("retry-after", "7"), ("retry-after-ms", "20")]), Some(Duration::from_millis(20)));
        assert_eq!(named(&[("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")]), None);
        assert_eq!(named(&[("retry-after", "-1")]), None);
        assert_eq!(named(&[]), None);
    }
}
