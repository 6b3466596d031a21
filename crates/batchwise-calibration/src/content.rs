use batchwise_records::Request;
use sha2::{Digest, Sha256};

/// What a request asks, whatever its id: two with the same content have the same count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Content([u8; 32]);

impl Content {
    /// The content of a request: all its parameters, in their order.
    pub fn of(request: &Request<'_>) -> Content {
        let params: Vec<_> = request.params.iter().collect();
        Content::of_bytes(&serde_json::to_vec(&params).expect("what was read as JSON can be written as JSON"))
    }

    /// The content that these bytes stand for.
    pub fn of_bytes(bytes: &[u8]) -> Content {
        Content(Sha256::digest(bytes).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(id: &str, text: &str) -> Content {
        let line = format!(
            r#"{{"custom_id":"{id}","params":{{"model":"m","max_tokens":9,"messages":[{{"role":"user","content":"{text}"}}]}}}}"#
        );
        Content::of(&Request::parse(line.as_bytes()).unwrap())
    }

    #[test]
    fn content_is_all_but_the_id() {
        assert_eq!(content("a", "How?"), content("b", "How?"));
        assert_ne!(content("a", "How?"), content("a", "Who?"));
    }
}
