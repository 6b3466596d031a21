//! Turns request files and a price book into a plan.
//!
//! [`plan`] reads [`Source`]s, and what it needs to know stands in a [`Context`]: the prices, the token
//! estimator, and the [`Terms`]. It opens no file, asks no clock and calls no network: equal arguments
//! give equal plans, whatever the number of threads. A flawed file is an ordinary input, so it returns a
//! plan and tells a [`Watch`] what it found. [`count`](count()) and [`count_text`] need neither prices nor terms: they
//! count tokens and nothing else; [`sample`](sample()) counts a sample of the texts. [`compare`](compare()) makes a plan and
//! tells what the workload would come to under other conditions, in one pass.

mod appraisal;
mod assumptions;
mod cache;
mod candidates;
mod compare;
mod consumed;
mod count;
mod ids;
mod inspector;
mod ledger;
mod makings;
mod margins;
mod model_totals;
mod notices;
mod pipeline;
mod planner;
mod quoting;
mod reading;
mod remark;
mod sample;
mod scratch;
mod slicer;
mod terms;
mod text_count;
mod totals;
mod watch;
mod waves;

pub use appraisal::{Appraisal, Price, Unpriced, model_traits, tokenizer_traits};
pub use cache::{Marking, Route};
pub use compare::{Compared, Variant, VariantSum, compare};
pub use count::{Count, CountContext, CountSum, CountedRequest, CountedRow, FileCount, count};
pub use inspector::{Inspected, Inspector};
pub use margins::{CostMargins, Margins};
pub use planner::{Context, PlanError, Planned, ReadError, Source, plan};
pub use quoting::{CachedPrefix, Prompt, cost_margins, quote};
pub use remark::{RemarkContext, RemarkError, Remarks, remark};
pub use sample::{SampleContext, sample};
pub use scratch::{IDS_IN_MEMORY, Scratch};
pub use terms::{CacheScenario, OutputExpectation, Region, Terms};
pub use text_count::{TextCount, count_text, text_of};
pub use watch::{Row, Watch};
