use std::sync::Arc;

use crate::chance::Chance;
use crate::item::{Item, Outcome, RowError, Usage, Work};
use crate::script::RowFault;

/// The rows of a batch that has ended, one line each, made as they are asked for. Asked again, they are the same.
#[derive(Clone, Debug)]
pub struct Rows {
    items: Arc<Vec<Item>>,
    order: Arc<Vec<u32>>,
    /// From which the ids in the rows follow.
    seed: u64,
    fault: Option<RowFault>,
    /// The row at which the fault is.
    fault_at: usize,
    next: usize,
    is_second: bool,
}

impl Rows {
    pub(crate) fn new((items, order): (Arc<Vec<Item>>, Arc<Vec<u32>>), seed: u64) -> Rows {
        Rows { items, order, seed, fault: None, fault_at: 0, next: 0, is_second: false }
    }

    /// The same rows with a fault after so many of them; by default after half.
    pub(crate) fn with_fault(self, fault: RowFault, rows: Option<u64>) -> Rows {
        let last = self.order.len().saturating_sub(1);
        let at = rows.map_or(self.order.len() / 2, |rows| usize::try_from(rows).unwrap_or(last));
        Rows { fault: Some(fault), fault_at: at.min(last), ..self }
    }

    /// The bytes of all rows, had nothing gone wrong.
    pub fn whole_bytes(&self) -> u64 {
        (0..self.order.len()).map(|place| self.row(place).len() as u64).sum()
    }

    fn row(&self, place: usize) -> String {
        let index = self.order[place];
        let mut chance = Chance::of(self.seed, u64::from(index), 0);
        let item = &self.items[index as usize];
        let result = match (&item.outcome, &item.task) {
            (Outcome::Succeeded(usage), Ok(work)) => succeeded(work, *usage, &mut chance),
            (Outcome::Errored, Err(error)) => errored(error, &mut chance),
            (Outcome::Canceled, _) => r#"{"type":"canceled"}"#.to_owned(),
            _ => r#"{"type":"expired"}"#.to_owned(),
        };
        format!("{{\"custom_id\":\"{}\",\"result\":{result}}}\n", item.custom_id)
    }
}

impl Iterator for Rows {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let is_here = self.fault.is_some() && self.next == self.fault_at;
        if is_here && self.fault == Some(RowFault::Missing) {
            self.next += 1;
        }
        if self.next >= self.order.len() {
            return None;
        }
        let mut row = self.row(self.next);
        match self.fault.filter(|_| is_here) {
            Some(RowFault::CutAtLine) => {
                self.next = self.order.len();
                return None;
            }
            Some(RowFault::CutInLine | RowFault::CutLength | RowFault::CutChunk) => {
                self.next = self.order.len();
                row.truncate((0..=row.len() / 2).rfind(|&end| row.is_char_boundary(end)).unwrap_or_default());
            }
            Some(RowFault::Duplicate) if !self.is_second => self.is_second = true,
            _ => self.next += 1,
        }
        Some(row)
    }
}

/// The shape that was recorded.
fn succeeded(work: &Work, usage: Usage, chance: &mut Chance) -> String {
    let Usage { input, read, written_5m, written_1h, output } = usage;
    let (id, model, written) = (chance.id("msg_"), work.model, written_5m + written_1h);
    let stop_reason = if output == work.max_tokens { "max_tokens" } else { "end_turn" };
    let geo = serde_json::to_string(work.geo.as_deref().unwrap_or("not_available")).unwrap_or_default();
    format!(
        r#"{{"type":"succeeded","message":{{"id":"{id}","type":"message","role":"assistant","model":"{model}","content":[{{"type":"text","text":"A simulated reply."}}],"stop_reason":"{stop_reason}","stop_sequence":null,"usage":{{"input_tokens":{input},"cache_creation_input_tokens":{written},"cache_read_input_tokens":{read},"cache_creation":{{"ephemeral_5m_input_tokens":{written_5m},"ephemeral_1h_input_tokens":{written_1h}}},"output_tokens":{output},"service_tier":"batch","inference_geo":{geo}}}}}}}"#
    )
}

/// The shape that was recorded: the error is nested twice, and only a worker names its call.
fn errored(error: &RowError, chance: &mut Chance) -> String {
    let message = serde_json::to_string(&error.message).unwrap_or_default();
    let request_id =
        if error.by_worker { format!("\"{}\"", chance.id("workerreq_")) } else { "null".to_owned() };
    format!(
        r#"{{"type":"errored","error":{{"type":"error","error":{{"details":{{"error_visibility":"user_facing"}},"type":"{}","message":{message}}},"request_id":{request_id}}}}}"#,
        error.kind
    )
}
