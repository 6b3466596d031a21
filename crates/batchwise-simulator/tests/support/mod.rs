//! A simulator, its time, and short ways to call it.
#![allow(dead_code, reason = "each test file uses a part of this")]

use batchwise_simulator::{Head, Reply, Settings, Simulator};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

pub(crate) const BATCHES: &str = "/v1/messages/batches";

/// A simulator and its time, which moves only when it is told to.
pub(crate) struct Stage {
    pub(crate) simulator: Simulator,
    pub(crate) now: Timestamp,
}

/// A status, and the body as it came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Stage {
    pub(crate) fn new(settings: &str) -> Stage {
        Stage::seeded(settings, 1)
    }

    pub(crate) fn seeded(settings: &str, seed: u64) -> Stage {
        let settings = Settings::parse(settings).unwrap();
        Stage { simulator: Simulator::new(settings, seed), now: "2026-11-21T08:00:00Z".parse().unwrap() }
    }

    pub(crate) fn pass(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    pub(crate) fn reply(&mut self, method: &str, target: &str, body: &str) -> Reply {
        self.reply_to(&head(method, target), body)
    }

    pub(crate) fn reply_to(&mut self, head: &Head, body: &str) -> Reply {
        self.simulator.handle(head, &mut body.as_bytes(), self.now)
    }

    pub(crate) fn call(&mut self, method: &str, target: &str, body: &str) -> Said {
        let reply = self.reply(method, target, body);
        Said { status: reply.status, text: reply.body.into_text() }
    }

    /// Makes a batch of these requests and tells its id.
    pub(crate) fn create(&mut self, requests: &[String]) -> String {
        let said = self.call("POST", BATCHES, &batch(requests));
        assert_eq!(said.status, 200, "{}", said.text);
        said.json()["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn retrieve(&mut self, id: &str) -> Value {
        self.call("GET", &format!("{BATCHES}/{id}"), "").json()
    }

    /// The rows of a batch that has ended, in their order.
    pub(crate) fn rows(&mut self, id: &str) -> Vec<Value> {
        let said = self.call("GET", &format!("{BATCHES}/{id}/results"), "");
        assert_eq!(said.status, 200, "{}", said.text);
        said.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Said {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// Status, type and message of an error.
    pub(crate) fn error(&self) -> String {
        let error = &self.json()["error"];
        format!("{} {}: {}", self.status, error["type"].as_str().unwrap(), error["message"].as_str().unwrap())
    }
}

/// What a current client sends.
pub(crate) fn head(method: &str, target: &str) -> Head {
    head_with(method, target, &[("authorization", "Bearer key"), ("anthropic-version", "2026-10-21")])
}

pub(crate) fn head_with(method: &str, target: &str, headers: &[(&str, &str)]) -> Head {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Head::new(method, target, headers)
}

pub(crate) fn batch(requests: &[String]) -> String {
    format!("{{\"requests\":[{}]}}", requests.join(","))
}

/// A request with these members of `params` beside a short message.
pub(crate) fn request(id: &str, params: &str) -> String {
    format!(
        r#"{{"custom_id":"{id}","params":{{"model":"claude-haiku-4-5","max_tokens":500,"messages":[{{"role":"user","content":"How many legs has a spider?"}}]{params}}}}}"#
    )
}

/// As many requests as asked for, `r0` and so on.
pub(crate) fn requests(count: usize) -> Vec<String> {
    (0..count).map(|index| request(&format!("r{index}"), "")).collect()
}
