use crate::SCHEMA;

/// Why a file is not a plan that can be relied on. Each text can follow `cannot read the plan: `.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanReadError {
    /// No JSON at all, or a part of one.
    #[error("{what}: give a complete file that `batchwise plan -o plan.json` wrote")]
    NotJson {
        /// What it is instead, and where that shows.
        what: String,
    },
    /// JSON of another kind.
    #[error("it is {what}, not a plan: {way_out}")]
    NotAPlan {
        /// What it seems to be.
        what: String,
        /// What to do about it.
        way_out: &'static str,
    },
    /// A plan of a version that did not exist when this program was made.
    #[error(
        "`schema` is \"{schema}\", written by a newer version of batchwise: update batchwise, or make the plan again with \
         this one, which writes \"{SCHEMA}\""
    )]
    Newer {
        /// The schema that the file names.
        schema: String,
    },
    /// A field is absent.
    #[error("`{field}` is missing: the file was changed or damaged, so make the plan again")]
    Missing {
        /// The path of the field.
        field: String,
    },
    /// A field occurs twice, and readers disagree about which one counts.
    #[error("`{field}` occurs twice: the file was changed or damaged, so make the plan again")]
    Repeated {
        /// The path of the field.
        field: String,
    },
    /// A field has a value that no plan has.
    #[error(
        "`{field}` is {value} but must be {expected}: the file was changed or damaged, so make the plan again"
    )]
    Wrong {
        /// The path of the field.
        field: String,
        /// The value as JSON, shortened.
        value: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// Two fields contradict each other.
    #[error("`{field}` is {value} but {expected}: the file was changed or damaged, so make the plan again")]
    Contradiction {
        /// The path of the field.
        field: String,
        /// Its value.
        value: String,
        /// What the rest of the plan says.
        expected: String,
    },
}
