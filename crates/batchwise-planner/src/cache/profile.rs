use batchwise_prefixes::PrefixChain;
use batchwise_pricing::Era;
use batchwise_units::{Estimate, Margin, Tokens, Usd};
use rust_decimal::Decimal;

use crate::quoting::{Fate, FateCost, cost_of_fate, plain_at_cap};
use crate::{Prompt, Region};

/// What of one request matters to the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CacheProfile {
    pub(crate) chain: PrefixChain,
    /// The tokens of the prompt up to the end of each block.
    pub(crate) sizes: Vec<Estimate<Tokens>>,
    pub(crate) stakes: CacheStakes,
}

/// What the cache can do to the cost of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CacheStakes {
    pub(crate) prompt: Prompt,
    pub(crate) region: Region,
    pub(crate) surcharge: Decimal,
    /// The threshold of the price tier at the likely length of the prompt, else at its longest.
    pub(crate) tier: Option<Tokens>,
    /// Whether the ranges hold errors of counting; else they are bounds.
    errs: bool,
    /// Without caching, with the likely input and the longest reply.
    pub(crate) plain_at_cap: Option<Usd>,
    /// With caching; `None` where the request marks nothing that is long enough.
    pub(crate) cached: Option<CachedCosts>,
}

/// What a request costs whose prompt is cached, at the two extremes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CachedCosts {
    /// Nothing is found.
    pub(crate) cold: FateCost,
    /// All is found.
    pub(crate) warm: FateCost,
    /// The block of the last breakpoint.
    pub(crate) last_block: Option<usize>,
}

impl CacheProfile {
    pub(crate) fn new(
        chain: PrefixChain,
        sizes: Vec<Estimate<Tokens>>,
        prompt: Prompt,
        prices: (&Era, Region, Decimal),
        errs: bool,
    ) -> CacheProfile {
        let sizes = of_all_blocks(sizes, &chain, prompt.input);
        let stakes = CacheStakes::new(&chain, prompt, prices, errs);
        CacheProfile { chain, sizes, stakes }
    }

    /// What the request costs when it finds the prompt up to the end of a block, if that is long enough to be cached.
    pub(crate) fn when_found(&self, block: Option<usize>, costs: &CachedCosts, era: &Era) -> FateCost {
        self.stakes.when_found(block, &self.sizes, costs, era)
    }

    /// What the request costs under a fate.
    pub(crate) fn cost(&self, fate: Fate, era: &Era) -> FateCost {
        self.stakes.cost(fate, era)
    }

    /// Whether the prompt up to the end of a block is likely to be long enough to be cached.
    pub(crate) fn is_long_enough(&self, block: usize) -> bool {
        let minimum = self.stakes.prompt.cache_minimum;
        minimum.is_some_and(|minimum| self.sizes[block].likely_or_high() >= minimum)
    }
}

/// The sizes of all blocks of a chain.
pub(crate) fn of_all_blocks(
    mut sizes: Vec<Estimate<Tokens>>,
    chain: &PrefixChain,
    whole: Estimate<Tokens>,
) -> Vec<Estimate<Tokens>> {
    debug_assert_eq!(chain.blocks().len(), sizes.len(), "an estimate knows the blocks of its prompt");
    sizes.resize(chain.blocks().len(), whole);
    sizes
}

impl CacheStakes {
    pub(crate) fn new(
        chain: &PrefixChain,
        prompt: Prompt,
        (era, region, surcharge): (&Era, Region, Decimal),
        errs: bool,
    ) -> CacheStakes {
        let length = prompt.input.likely_or_high();
        let is_marked = prompt.cache_marked() != Estimate::default();
        let cached = is_marked.then(|| CachedCosts {
            cold: settled(cost_of_fate(&prompt, era, surcharge, Fate::Writes), errs),
            warm: settled(cost_of_fate(&prompt, era, surcharge, Fate::Reads), errs),
            last_block: chain.marks().last().map(|mark| mark.block),
        });
        CacheStakes {
            tier: era.tier_for(length).map(|tier| tier.prompt_over),
            plain_at_cap: plain_at_cap(&prompt, era, surcharge),
            prompt,
            region,
            surcharge,
            errs,
            cached,
        }
    }

    /// What the request, whose blocks end at `sizes`, costs when it finds the prompt up to the end of a block, if that is
    /// long enough to be cached.
    pub(crate) fn when_found(
        &self,
        block: Option<usize>,
        sizes: &[Estimate<Tokens>],
        costs: &CachedCosts,
        era: &Era,
    ) -> FateCost {
        match block {
            None => costs.cold,
            found if found == costs.last_block => costs.warm,
            Some(block) => self.cost(Fate::ReadsUpTo(sizes[block]), era),
        }
    }

    /// What the request costs under a fate.
    pub(crate) fn cost(&self, fate: Fate, era: &Era) -> FateCost {
        settled(cost_of_fate(&self.prompt, era, self.surcharge, fate), self.errs)
    }
}

/// Where the count has nothing but bounds, so has the cost.
fn settled(cost: FateCost, errs: bool) -> FateCost {
    if errs { cost } else { FateCost { margin: Margin::none(), ..cost } }
}
