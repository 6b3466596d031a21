use crate::{line_parser, plan_reader, policy_reader, row_reader, validator};

/// Something that reads what users give us.
pub struct Target {
    /// Its name, which is that of its folder in `fuzz/corpus` and of its file in `fuzz/fuzz_targets`.
    pub name: &'static str,
    /// Takes any bytes. Panics where a promise is broken.
    pub feed: fn(&[u8]),
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "line_parser", feed: line_parser },
    Target { name: "validator", feed: validator },
    Target { name: "policy_reader", feed: policy_reader },
    Target { name: "plan_reader", feed: plan_reader },
    Target { name: "row_reader", feed: row_reader },
];
