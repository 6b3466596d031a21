use batchwise_units::{Estimate, Tokens};

/// Adds up the tokens of requests.
///
/// The total is end by end: as low as if every request were at its low end, and as high as if every one were
/// at its high end. It has a likely value as long as every part has one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenTally {
    sum: Estimate<Tokens>,
}

impl TokenTally {
    /// Adds one request.
    pub fn add(&mut self, tokens: Estimate<Tokens>) {
        self.sum += tokens;
    }

    /// What was added comes to.
    pub fn total(&self) -> Estimate<Tokens> {
        self.sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_without_a_likely_value_leaves_the_total_without_one() {
        let mut tally = TokenTally::default();
        tally.add(Estimate::new(Tokens(1), Tokens(2), Tokens(4)));
        tally.add(Estimate::exactly(Tokens(10)));
        assert_eq!(tally.total(), Estimate::new(Tokens(11), Tokens(12), Tokens(14)));
        tally.add(Estimate::between(Tokens(0), Tokens(5)));
        assert_eq!(tally.total(), Estimate::between(Tokens(11), Tokens(19)));
    }
}
