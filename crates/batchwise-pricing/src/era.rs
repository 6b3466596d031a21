use batchwise_units::Tokens;
use jiff::civil::Date;

use crate::Rates;

/// The prices of a model from one day on, until the next era starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Era {
    /// The first day, inclusive.
    pub from: Date,
    /// The last day, inclusive, of a price that ended without a successor.
    pub to: Option<Date>,
    /// The page that states the price; for an overlay, the file it is from.
    pub source: String,
    /// The newest day on which the source was read. `None` only in an overlay that does not say.
    pub checked: Option<Date>,
    /// The numbers that no page lists, as `batch.cache_read`: a listed number times a documented
    /// multiplier. Holds for the tiers too.
    pub derived: Vec<String>,
    /// What to know about these prices.
    pub notes: Vec<String>,
    /// Why the usual relations between the prices do not hold.
    pub exception: Option<String>,
    /// Why there is no tier where the prices that this era replaces have one. Only in an overlay.
    pub no_tier: Option<String>,
    /// The prices of a request whose prompt is in no tier.
    pub base: Prices,
    /// Prices of long prompts, by rising threshold.
    pub tiers: Vec<Tier>,
}

/// What a request costs sent alone, and in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Prices {
    /// Sent alone.
    pub standard: Rates,
    /// Sent in a batch: half of `standard`, unless the era states an exception.
    pub batch: Rates,
}

/// The prices of requests with a long prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tier {
    /// A prompt with strictly more tokens than this is in the tier.
    pub prompt_over: Tokens,
    /// The prices of the whole request, output included.
    pub prices: Prices,
}

impl Era {
    /// The prices of a request whose prompt, cache reads and writes included, is `prompt` tokens long. A
    /// tier reprices the whole request, not only the tokens above its threshold.
    pub fn for_prompt(&self, prompt: Tokens) -> &Prices {
        self.tier_for(prompt).map_or(&self.base, |tier| &tier.prices)
    }

    /// The tier of a request whose prompt is `prompt` tokens long. The threshold itself is not in the tier.
    pub fn tier_for(&self, prompt: Tokens) -> Option<&Tier> {
        self.tiers.iter().rfind(|tier| tier.prompt_over < prompt)
    }

    /// The base prices with no threshold, then each tier with its own.
    pub fn levels(&self) -> impl Iterator<Item = (Option<Tokens>, &Prices)> {
        let tiers = self.tiers.iter().map(|tier| (Some(tier.prompt_over), &tier.prices));
        std::iter::once((None, &self.base)).chain(tiers)
    }
}
