//! Parameters by what they add to the input beside what the request itself shows.

use batchwise_records::{ParameterInput, parameter};

use super::*;

impl Walk<'_> {
    /// Silence is no bound: a parameter that nobody knows may add anything.
    pub(super) fn parameters(&mut self, params: &Object<'_>) {
        for (name, value) in params.iter() {
            let input = parameter(name).map_or(ParameterInput::Unclear, |parameter| parameter.input);
            let assumption = match input {
                ParameterInput::Shown => continue,
                ParameterInput::KeptElsewhere if *value == Node::Bool(false) => continue,
                ParameterInput::KeptElsewhere => Assumption::ServerState,
                ParameterInput::Unclear => Assumption::ParameterUnknown,
            };
            if *value != Node::Null {
                self.bounded = false;
                self.assume(assumption);
            }
        }
    }
}
