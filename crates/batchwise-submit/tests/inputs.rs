//! Bodies and sums from inputs that are those of the plan, or are not.

#[path = "campaign/workload.rs"]
mod workload;

use std::io::{self, Cursor, Read};

use batchwise_plan::{Fingerprint, request_lines};
use batchwise_results::{IdSum, custom_id};
use batchwise_submit::{BodyStream, CHANGED, Inputs, survey};
use proptest::prelude::*;
use workload::Workload;

/// The body of a batch, built in the obvious way.
fn obvious(workload: &Workload, batch: usize) -> Vec<u8> {
    let slices = &workload.plan.batches[batch].slices;
    let bytes = |slice: &batchwise_plan::Slice| {
        let range = usize::try_from(slice.start).unwrap()..usize::try_from(slice.end).unwrap();
        workload.texts[slice.input as usize].as_bytes()[range].to_vec()
    };
    let lines: Vec<Vec<u8>> = slices
        .iter()
        .flat_map(|slice| request_lines(&bytes(slice)).map(<[u8]>::to_vec).collect::<Vec<_>>())
        .collect();
    [b"{\"requests\":[", &lines.join(&b","[..])[..], b"]}"].concat()
}

/// Reads in pieces of so many bytes, to an error or the end.
fn read(mut stream: BodyStream<'_>, piece: usize) -> (Vec<u8>, Option<io::Error>) {
    let (mut whole, mut buffer) = (Vec::new(), vec![0; piece]);
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return (whole, None),
            Ok(length) => whole.extend_from_slice(&buffer[..length]),
            Err(error) => return (whole, Some(error)),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_body_is_its_lines_and_commas(requests in 1u64..30, batch_max in 1u64..9, piece in 1usize..500) {
        let workload = Workload::new("r", requests, batch_max, None);
        let sums = survey(&workload.plan, &mut &workload).unwrap();
        for (index, batch) in workload.plan.batches.iter().enumerate() {
            let mut inputs = &workload;
            let (body, error) = read(BodyStream::new(&mut inputs, batch), piece);
            prop_assert!(error.is_none());
            prop_assert_eq!(&body, &obvious(&workload, index));
            prop_assert_eq!(Fingerprint::of(&body), batch.body_sha256);
            prop_assert_eq!(body.len() as u64, batch.body_bytes.0);
            let parsed: serde_json::Value = serde_json::from_slice(&body).unwrap();
            let mut sum = IdSum::default();
            parsed["requests"].as_array().unwrap().iter().for_each(|one| sum.add(one["custom_id"].as_str().unwrap()));
            prop_assert_eq!(sum, sums[index]);
        }
    }

    /// Any change of any byte is seen by the survey; and a body with it never comes to its end.
    #[test]
    fn changed_inputs_are_never_sent(place in 0usize..10_000, cut in any::<bool>(), piece in 1usize..500) {
        let workload = Workload::new("r", 9, 4, None);
        let mut changed = workload.clone();
        let text = &mut changed.texts[place % 2];
        let place = place / 2 % text.len();
        match cut {
            true => text.truncate(place),
            false => text.insert(place, 'x'),
        }
        prop_assert!(survey(&changed.plan, &mut &changed).is_err());
        for (index, batch) in changed.plan.batches.iter().enumerate() {
            let right = obvious(&workload, index);
            let mut inputs = &changed;
            let (body, error) = read(BodyStream::new(&mut Short(&mut inputs), batch), piece);
            match error {
                None => prop_assert_eq!(&body, &right),
                Some(error) => {
                    prop_assert_eq!(error.to_string(), CHANGED);
                    let is_whole = body == right;
                    prop_assert!(!is_whole);
                }
            }
        }
    }
}

/// Inputs that may have become shorter than the plan says.
struct Short<'i>(&'i mut &'i Workload);

impl Inputs for Short<'_> {
    fn open_at(&mut self, input: u32, start: u64) -> io::Result<Box<dyn Read>> {
        let text = self.0.texts[input as usize].as_bytes();
        let from = usize::try_from(start).unwrap().min(text.len());
        Ok(Box::new(Cursor::new(text[from..].to_vec())))
    }
}

#[test]
fn what_is_wrong_with_an_input_is_told() {
    let workload = Workload::new("r", 4, 2, None);
    let complaint = |change: fn(&mut Vec<String>)| {
        let mut changed = workload.clone();
        change(&mut changed.texts);
        survey(&workload.plan, &mut &changed).unwrap_err().to_string()
    };
    let complaints = [
        complaint(|texts| texts[1].push('\n')),
        complaint(|texts| texts[0].truncate(100)),
        complaint(|texts| texts[0] = texts[0].replace("so it goes", "so it went")),
        complaint(|texts| texts[1] = texts[1].replace("custom_id", "custom_ix")),
    ];
    insta::assert_snapshot!(complaints.join("\n"), @"
    1.jsonl has changed since the plan was made (it has more than its 292 bytes): make the plan again
    0.jsonl has changed since the plan was made (it has 100 of its 248 bytes): make the plan again
    0.jsonl has changed since the plan was made (its SHA-256 begins with e850e18d3912, then with 389ec8e2ac99): make the plan again
    1.jsonl has changed since the plan was made (its SHA-256 begins with 5df862e27202, then with c06e3e94dea6): make the plan again
    ");
}

#[test]
fn a_byte_order_mark_is_before_the_first_request() {
    let text = format!("\u{feff}{}", Workload::new("r", 1, 1, None).texts[1]);
    let workload = Workload::of(vec![text.clone()], 1, None);
    let sums = survey(&workload.plan, &mut &workload).unwrap();
    let mut expected = IdSum::default();
    expected.add(&custom_id(text.trim_start_matches('\u{feff}').as_bytes()).unwrap());
    assert_eq!(sums, [expected]);
    let mut inputs = &workload;
    let (body, error) = read(BodyStream::new(&mut inputs, &workload.plan.batches[0]), 7);
    assert!(error.is_none() && body == obvious(&workload, 0));
}
