//! The parameters of a Messages request, and what people write in their place.

use std::sync::LazyLock;

use batchwise_records::{PARAMETERS, parameter};

/// What is known about the name of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The API has it, or another rule speaks about it.
    Known,
    /// The API does not have it; this says what to do.
    Foreign(&'static str),
    /// The API does not have it, but one of almost the same name.
    Misspelt(&'static str),
    /// The API has it outside batches.
    Untried,
    /// Nobody here has heard of it.
    Unheard,
}

/// Arguments of clients, which never reach the API by themselves, and parameters of other vendors.
const FOREIGN: &[(&str, &str)] = &[
    ("extra_body", "move what is in it into `params`: only the client's own calls unpack it"),
    ("extra_headers", "remove it: a batch has one set of headers, those of the call that creates it"),
    ("extra_query", "remove it: only the client's own calls understand it"),
    ("betas", "remove it: beta names belong into the `anthropic-beta` header of the whole batch"),
    ("stop", "write `stop_sequences`"),
    ("max_completion_tokens", "write `max_tokens`"),
    ("max_output_tokens", "write `max_tokens`"),
    ("max_tokens_to_sample", "write `max_tokens`"),
    ("functions", "write `tools`"),
    ("function_call", "write `tool_choice`"),
    ("response_format", "write `output_config` with a `format`"),
    ("reasoning_effort", "write `output_config` with an `effort`"),
    ("prompt", "write `messages`"),
    ("instructions", "write `system`"),
    ("frequency_penalty", "remove it"),
    ("presence_penalty", "remove it"),
    ("logit_bias", "remove it"),
    ("logprobs", "remove it"),
    ("seed", "remove it"),
    ("n", "remove it, and write a request for each reply"),
];

/// Shorter names are near too many others.
const GUESSED_LETTERS_MIN: usize = 4;

/// Longer names are no slip of any parameter.
const GUESSED_LETTERS_MAX: usize = 32;

/// What is known about a parameter of that name.
pub(crate) fn standing(name: &str) -> Standing {
    if let Some(parameter) = parameter(name) {
        return if parameter.tried_in_batches { Standing::Known } else { Standing::Untried };
    }
    if let Some((_, way_out)) = FOREIGN.iter().find(|(foreign, _)| *foreign == name) {
        return Standing::Foreign(way_out);
    }
    let Some(written) = Letters::of(name) else { return Standing::Unheard };
    match KNOWN_LETTERS.iter().find(|(_, known)| written.is_slip_of(known)) {
        Some((meant, _)) => Standing::Misspelt(meant),
        None => Standing::Unheard,
    }
}

static KNOWN_LETTERS: LazyLock<Vec<(&str, Letters)>> = LazyLock::new(|| {
    let tried = PARAMETERS.iter().filter(|parameter| parameter.tried_in_batches);
    tried.filter_map(|parameter| Some((parameter.name, Letters::of(parameter.name)?))).collect()
});

/// The letters and digits of a name, in lower case. A line may have millions of names, so they take no memory.
struct Letters {
    all: [u8; GUESSED_LETTERS_MAX],
    count: usize,
}

impl Letters {
    /// Nothing, where there are too few, too many, or others than those of ASCII.
    fn of(name: &str) -> Option<Letters> {
        let mut letters = Letters { all: [0; GUESSED_LETTERS_MAX], count: 0 };
        if name.len() > 2 * GUESSED_LETTERS_MAX || !name.is_ascii() {
            return None;
        }
        for byte in name.bytes().filter(u8::is_ascii_alphanumeric) {
            *letters.all.get_mut(letters.count)? = byte.to_ascii_lowercase();
            letters.count += 1;
        }
        (letters.count >= GUESSED_LETTERS_MIN).then_some(letters)
    }

    /// Whether two names are the same or differ in one letter: changed, missing, added, or swapped with its neighbour.
    fn is_slip_of(&self, known: &Letters) -> bool {
        let (mut short, mut long) = (&self.all[..self.count], &known.all[..known.count]);
        if short.len() > long.len() {
            (short, long) = (long, short);
        }
        if long.len() - short.len() > 1 {
            return false;
        }
        let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
        let (short, long) = (&short[same..], &long[same..]);
        if short.len() < long.len() {
            return *short == long[1..];
        }
        match (short, long) {
            ([a, b, short @ ..], [c, d, long @ ..]) if a == d && b == c => short == long,
            ([_, short @ ..], [_, long @ ..]) => short == long,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised() {
        let meant = |name| match standing(name) {
            Standing::Misspelt(meant) => Some(meant),
            _ => None,
        };
        assert_eq!(meant("maxTokens"), Some("max_tokens"));
        assert_eq!(meant("stop_sequence"), Some("stop_sequences"));
        assert_eq!(meant("messges"), Some("messages"));
        assert_eq!(meant("temperatrue"), Some("temperature"));
        assert_eq!(meant("systen"), Some("system"));
        assert_eq!(meant("Model"), Some("model"));
        assert_eq!(meant("tool"), Some("tools"));
        assert_eq!([meant("envelope"), meant("toolz2"), meant("x"), meant("")], [None; 4]);
        assert_eq!([meant("messagés"), meant("max_tokens_of_it"), meant("ytool")], [None, None, None]);
    }

    #[test]
    fn every_known_parameter_is_known() {
        assert!(FOREIGN.iter().all(|(foreign, _)| matches!(standing(foreign), Standing::Foreign(_))));
        assert_eq!(standing("container"), Standing::Untried);
        assert_eq!(standing("envelope"), Standing::Unheard);
        assert_eq!(standing(&"max_tokens".repeat(10_000)), Standing::Unheard);
    }
}
