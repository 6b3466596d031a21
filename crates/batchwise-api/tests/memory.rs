//! A body is never in memory as a whole. Peaks are `VmHWM` of `/proc`, so this says something on Linux only.
#![cfg(target_os = "linux")]

mod support;

use std::fs;

use batchwise_api::Upload;
use support::clients::{SOON, Spaces, client};
use support::rude::Rude;

const BATCH: &str = r#"{"id":"msgbatch_1","processing_status":"in_progress","request_counts":{"processing":1,"succeeded":0,"errored":0,"canceled":0,"expired":0},"created_at":"2026-11-21T08:00:00Z"}"#;

/// The memory of this process by one of the lines of its status, in bytes.
fn memory(line: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let value = status.lines().find_map(|text| text.strip_prefix(line)).unwrap();
    value.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1_024
}

#[test]
fn an_upload_passes_through_a_few_buffers() {
    const BYTES: u64 = 60_000_000;
    let server = Rude::start(|talk| {
        talk.head().unwrap();
        talk.go_on();
        assert_eq!(talk.take(BYTES), BYTES);
        talk.answer(200, BATCH);
    });
    let mut client = client(&server.url, SOON);
    let before = memory("VmRSS:");
    let mut body = Spaces::ending_after(BYTES);
    let allocated = allocation_counter::measure(|| {
        client.create_batch(Upload { body: &mut body, bytes: BYTES }).unwrap();
    });
    let grown = memory("VmHWM:").saturating_sub(before);
    assert!(grown < 20_000_000, "{grown} bytes more for an upload of {BYTES}");
    assert!(allocated.bytes_max < 2_000_000, "{allocated:?}");
    eprintln!("{grown} bytes more at the peak, {} of them allocated", allocated.bytes_max);
}
