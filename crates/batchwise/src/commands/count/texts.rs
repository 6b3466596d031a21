use std::io::Read;

use batchwise_findings::{Finding, Rule};
use batchwise_planner::{ReadError, Source, count_text, model_traits, text_of, tokenizer_traits};
use batchwise_pricing::Tokenizer;
use batchwise_tokens::ModelTraits;
use batchwise_units::{Estimate, Margin, RangeSum, SharedError, Tokens};

use super::Counter;
use super::text_counts::{CountedText, TextCounts, TokenizerCount};
use crate::commands::unless_closed;
use crate::error::CliError;
use crate::exit::Exit;
use crate::input::Inputs;
use crate::output::Output;
use crate::screen;

/// Counts each input as a text: by itself, and as the only message of a request.
pub(super) fn run(counter: &Counter<'_>, inputs: Inputs, out: Output) -> Result<Exit, CliError> {
    let tokenizers = tokenizers(counter)?;
    let mut texts = Vec::new();
    let mut uncounted_files = 0;
    for source in inputs.sources {
        match count(counter, &tokenizers, source)? {
            Ok(text) => texts.push(text),
            Err(finding) => {
                uncounted_files += 1;
                screen::finding(&finding);
            }
        }
    }
    let counts = TextCounts {
        schema: "batchwise.count-text/1",
        method: counter.method().to_owned(),
        model: counter.args.model.clone(),
        total: total(&tokenizers, &texts, counter.estimator.shared_error()),
        texts,
        uncounted_files,
    };
    unless_closed(out.write_all_with(|out| counts.write(counter.args.format, out)))?;
    Ok(if uncounted_files > 0 { super::exit(Rule::InvalidUtf8.verdict()) } else { Exit::Fine })
}

/// The tokenizer of the model, or all of them.
fn tokenizers(counter: &Counter<'_>) -> Result<Vec<(Tokenizer, ModelTraits)>, CliError> {
    Ok(match &counter.args.model {
        Some(id) => {
            let model = counter.book.find(id).map_err(CliError::TextModel)?;
            vec![(model.tokenizer, model_traits(model))]
        }
        None => Tokenizer::ALL.iter().map(|&tokenizer| (tokenizer, tokenizer_traits(tokenizer))).collect(),
    })
}

fn count(
    counter: &Counter<'_>,
    tokenizers: &[(Tokenizer, ModelTraits)],
    source: Source<'_>,
) -> Result<Result<CountedText, Box<Finding>>, CliError> {
    let Source { name, content } = source;
    let bytes = read(&name, content, counter.book.limits().max_body_upper.value.0)?;
    let counted = text_of(&name, &bytes).map(|text| {
        let count = |(tokenizer, traits): &(Tokenizer, ModelTraits)| {
            let count = count_text(text, counter.estimator.as_ref(), traits);
            TokenizerCount { tokenizer: tokenizer.name(), content: count.content, message: count.message }
        };
        tokenizers.iter().map(count).collect()
    });
    Ok(counted.map(|counts| CountedText { file: name, bytes: bytes.len() as u64, counts }))
}

/// All of a text. What is longer than any request is refused before it fills the memory.
fn read(name: &str, content: impl Read, max: u64) -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    if let Err(source) = content.take(max + 1).read_to_end(&mut bytes) {
        return Err(ReadError { name: name.to_owned(), bytes: bytes.len() as u64, source }.into());
    }
    if bytes.len() as u64 > max {
        return Err(CliError::TextTooLong { path: name.into(), max });
    }
    Ok(bytes)
}

fn total(
    tokenizers: &[(Tokenizer, ModelTraits)],
    texts: &[CountedText],
    shared: SharedError,
) -> Vec<TokenizerCount> {
    let total = |(index, (tokenizer, _)): (usize, &(Tokenizer, ModelTraits))| TokenizerCount {
        tokenizer: tokenizer.name(),
        content: sum(texts.iter().map(|text| text.counts[index].content)).total(shared),
        message: sum(texts.iter().map(|text| text.counts[index].message)).total(shared),
    };
    tokenizers.iter().enumerate().map(total).collect()
}

fn sum(counts: impl Iterator<Item = Estimate<Tokens>>) -> RangeSum<Tokens> {
    let mut sum = RangeSum::default();
    counts.for_each(|count| sum.add(count, Margin::all_of(count)));
    sum
}
