//! A body is never in memory as a whole.

mod support;

use std::io::Read;

use batchwise_simulator::{Settings, Simulator};
use support::{BATCHES, head, request};

const ITEMS: usize = 400;
const TEXT_BYTES: usize = 40_000;

#[test]
fn a_body_passes_through_a_few_buffers() {
    let mut simulator = Simulator::new(Settings::default(), 1);
    let call = simulator.begin(&head("POST", BATCHES), "2026-11-21T08:00:00Z".parse().unwrap());
    let reader = simulator.body_reader();
    let line = request("a", &format!(r#","system":"{}""#, "a ".repeat(TEXT_BYTES / 2)));
    // An unknown model: nothing is counted, which would only take time.
    let line =
        line.replace("claude-haiku-4-5", "claude-nobody").replace(r#""a","params""#, r#""IDENT","params""#);
    let item = |index: usize| {
        format!("{}{}", if index > 0 { "," } else { "" }, line.replace("IDENT", &format!("r{index}")))
    };
    let mut body = Pieces {
        next: 0,
        piece: |index| match index {
            0 => Some(r#"{"requests":["#.to_owned()),
            index if index <= ITEMS => Some(item(index - 1)),
            index if index == ITEMS + 1 => Some("]}".to_owned()),
            _ => None,
        },
        left: Vec::new(),
    };
    let mut content = None;
    let memory = allocation_counter::measure(|| content = Some(reader.read(&call, &mut body)));
    assert!(memory.bytes_max < 2_000_000, "{memory:?} for {} bytes", ITEMS * TEXT_BYTES);
    let reply = simulator.answer(call, content.unwrap(), "2026-11-21T08:00:00Z".parse().unwrap());
    assert!(reply.body.into_text().contains(r#""processing":400,"#));
}

/// A body that is made as it is read.
struct Pieces<F> {
    next: usize,
    piece: F,
    left: Vec<u8>,
}

impl<F: Fn(usize) -> Option<String>> Read for Pieces<F> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left.is_empty() {
            self.left = (self.piece)(self.next).unwrap_or_default().into_bytes();
            self.next += 1;
        }
        let count = buffer.len().min(self.left.len());
        buffer[..count].copy_from_slice(&self.left[..count]);
        self.left.drain(..count);
        Ok(count)
    }
}
