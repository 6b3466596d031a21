use serde_json::{Value, json};

use crate::Pool;
use crate::pool::example;

/// A file of requests as benchmarks read it, made of real text and always the same for its shape and seed.
#[derive(Clone, Debug)]
pub struct Workload {
    /// What the requests look like.
    pub shape: Shape,
    /// The file: one request per line.
    pub jsonl: String,
}

/// What requests look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Short tickets in six languages, all behind the same system prompt and tool of `tickets.jsonl`.
    Tickets,
    /// Conversations of about 12 kB in several turns.
    Chats,
    /// Single documents of about 500 kB.
    Documents,
}

impl Shape {
    /// All shapes.
    pub const ALL: [Shape; 3] = [Shape::Tickets, Shape::Chats, Shape::Documents];

    /// What the shape is called in a benchmark.
    pub fn name(self) -> &'static str {
        match self {
            Shape::Tickets => "tickets",
            Shape::Chats => "chats",
            Shape::Documents => "documents",
        }
    }
}

impl Workload {
    /// At least `bytes` bytes of requests.
    ///
    /// # Panics
    /// When a file of `examples/data` is missing.
    pub fn new(shape: Shape, bytes: usize, seed: u64) -> Workload {
        let mut requests: Box<dyn FnMut(usize) -> Value> = match shape {
            Shape::Tickets => {
                let mut pool = Pool::of(&["tickets.jsonl"], seed);
                let file = example("tickets.jsonl");
                let first: Value = serde_json::from_str(file.lines().next().unwrap_or_default())
                    .expect("examples are JSONL");
                Box::new(move |_| ticket(&first["params"], &mut pool))
            }
            Shape::Chats => {
                let mut pool = Pool::of(&["tickets.jsonl", "models.jsonl", "contracts.jsonl"], seed);
                Box::new(move |index| chat(index, &mut pool))
            }
            Shape::Documents => {
                let mut pool = Pool::of(&["contracts.jsonl", "models.jsonl"], seed);
                Box::new(move |_| document(&mut pool))
            }
        };
        let mut jsonl = String::with_capacity(bytes + 1_000_000);
        for index in 0.. {
            if jsonl.len() >= bytes {
                break;
            }
            let request =
                json!({"custom_id": format!("{}-{index}", shape.name()), "params": requests(index)});
            jsonl.push_str(&request.to_string());
            jsonl.push('\n');
        }
        Workload { shape, jsonl }
    }
}

fn ticket(example: &Value, pool: &mut Pool) -> Value {
    let mut params = example.clone();
    params["messages"] = json!([{"role": "user", "content": pool.text(330)}]);
    params
}

fn chat(index: usize, pool: &mut Pool) -> Value {
    let turns = [1, 3, 5, 7][index % 4];
    let messages: Vec<Value> = (0..turns)
        .map(|turn| {
            let role = if turn % 2 == 0 { "user" } else { "assistant" };
            json!({"role": role, "content": [{"type": "text", "text": pool.text(12_000 / turns)}]})
        })
        .collect();
    json!({
        "model": "claude-sonnet-4-6", "max_tokens": 2048, "messages": messages,
        "system": "You are a careful assistant. Answer in the user's language.",
    })
}

fn document(pool: &mut Pool) -> Value {
    let text = json!({"type": "text", "media_type": "text/plain", "data": pool.text(500_000)});
    let cached = json!({"type": "ephemeral", "ttl": "1h"});
    let content = json!([
        {"type": "document", "source": text, "title": "Document 1", "cache_control": cached},
        {"type": "text", "text": "List every contradiction with a literal quotation of both passages."},
    ]);
    json!({"model": "claude-sonnet-5-5", "max_tokens": 8192, "messages": [{"role": "user", "content": content}]})
}

#[cfg(test)]
mod tests {
    use super::*;
    use batchwise_records::Request;

    #[test]
    fn workloads_are_valid_and_always_the_same() {
        for (shape, requests, each) in
            [(Shape::Tickets, 900, 2_200), (Shape::Chats, 160, 12_500), (Shape::Documents, 4, 500_000)]
        {
            let workload = Workload::new(shape, 2_000_000, 7);
            assert_eq!(workload.jsonl, Workload::new(shape, 2_000_000, 7).jsonl);
            assert_ne!(workload.jsonl, Workload::new(shape, 2_000_000, 8).jsonl);
            assert!(workload.jsonl.lines().all(|line| Request::parse(line.as_bytes()).is_ok()));
            let actual = workload.jsonl.lines().count();
            assert!(actual.abs_diff(requests) * 10 <= requests, "{} {actual}", shape.name());
            let mean = workload.jsonl.len() / actual;
            assert!(mean.abs_diff(each) * 10 <= each, "{} {mean}", shape.name());
        }
    }
}
