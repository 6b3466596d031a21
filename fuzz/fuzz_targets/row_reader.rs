#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| batchwise_fuzzing::row_reader(bytes));
