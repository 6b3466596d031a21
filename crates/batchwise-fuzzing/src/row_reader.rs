use batchwise_records::Node;
use batchwise_results::{Fate, Reference, ResultRow, Tally, custom_id, flatten, write_joined};

/// Reads a row of results. What was read says the same to a reader of trees, and its result is kept byte for byte; no cell is
/// a formula, and it has one fate.
pub fn row_reader(bytes: &[u8]) {
    let id = custom_id(bytes);
    let row = match ResultRow::read(bytes) {
        Ok(row) => row,
        Err(problem) => return assert!(!problem.to_string().contains('\n')),
    };
    assert_eq!(id.as_deref(), Some(&*row.custom_id));
    let tree: Option<Node<'_>> = serde_json::from_slice(bytes).ok();
    if let Some(tree) = &tree {
        assert_eq!(tree.get("custom_id").and_then(Node::as_str), Some(&*row.custom_id));
        let result = serde_json::from_str::<Node<'_>>(row.outcome.result).ok();
        assert_eq!(tree.get("result"), result.as_ref());
    }
    let at = Reference { input: "requests.jsonl", line: 1, batch: 0 };
    let mut joined = Vec::new();
    write_joined(&mut joined, &at, &row).expect("memory takes everything");
    let joined = ResultRow::read(&joined).expect("what is written is read");
    assert_eq!((&joined.custom_id, &joined.outcome), (&row.custom_id, &row.outcome));
    let cells = flatten(&at, &row).cells;
    let others = cells.iter().enumerate().filter(|(column, _)| *column != 3).map(|(_, cell)| cell);
    assert!(others.into_iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{cells:?}");
    let mut tally = Tally::default();
    let fate = tally.add(&row);
    assert_eq!(Fate::ALL.map(|one| tally.of(one)), Fate::ALL.map(|one| u64::from(one == fate)));
}
