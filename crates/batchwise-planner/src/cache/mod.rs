//! What the prompt cache does to a workload: what each request shares with others, and what that costs.

mod advice;
mod analysis;
mod fate_sum;
mod marking;
mod outlook;
mod price_row;
mod profile;
mod route;

pub(crate) use analysis::Insight;
pub(crate) use outlook::{Outlook, Spot, by_scenario};
pub(crate) use profile::{CacheProfile, CacheStakes, of_all_blocks};

pub use marking::Marking;
pub use route::Route;
