use crate::Statement;

/// The statement as JSON with the schema `batchwise.report/1`: two spaces, one newline at the end.
pub fn json(statement: &Statement) -> Vec<u8> {
    let mut json = serde_json::to_vec_pretty(statement).expect("a statement is always JSON");
    json.push(b'\n');
    json
}
