/// Why plans make no statement, or none in that format. Each text can follow "cannot report:".
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum StatementError {
    /// The same plan is given twice.
    #[error("{second} is the same plan as {first}: each of its requests would count twice")]
    Twice {
        /// The name of the first.
        first: String,
        /// The name of the second.
        second: String,
    },
    /// A sum would have to round.
    #[error("the numbers of {name} have too many digits to add up exactly")]
    TooManyDigits {
        /// The plan at which that was noticed.
        name: String,
    },
    /// A plan from before kinds of tokens were told.
    #[error("{name} is an older plan that does not tell its tokens by kind: make it again")]
    NoKinds {
        /// The name of the plan.
        name: String,
    },
    /// There is nothing to charge.
    #[error("not one request of {name} has a price, so nothing can be charged for it")]
    NothingPriced {
        /// The name of the plan.
        name: String,
    },
    /// There is nothing to charge for.
    #[error("no request is in a batch, so there is nothing to charge")]
    NothingToCharge,
    /// The day of a plan is in no calendar.
    #[error("{name} is priced on {day}, which is no day: make it again")]
    NoSuchDay {
        /// The name of the plan.
        name: String,
        /// What it says.
        day: String,
    },
    /// A worksheet has no room.
    #[error("a worksheet holds {max} rows, and there would be {rows}: use --format json")]
    TooManyRows {
        /// How many rows there would be.
        rows: usize,
        /// How many may be.
        max: usize,
    },
}
