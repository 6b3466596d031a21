use std::io::{self, Write};

use batchwise_units::{Estimate, Tokens};
use serde::Serialize;

use crate::args::CountFormat;
use crate::csv_record;
use crate::screen;
use crate::screen::{Table, grouped, harmless, token_cells, wrapped};

/// The counts of some texts.
#[derive(Serialize)]
pub(super) struct TextCounts {
    pub(super) schema: &'static str,
    pub(super) method: String,
    /// The model they are for; null when none was named.
    pub(super) model: Option<String>,
    pub(super) texts: Vec<CountedText>,
    /// Of all texts, each a message of its own.
    pub(super) total: Vec<TokenizerCount>,
    /// How many files could not be read as text, and are not counted.
    pub(super) uncounted_files: u64,
}

/// One text and its tokens.
#[derive(Serialize)]
pub(super) struct CountedText {
    pub(super) file: String,
    pub(super) bytes: u64,
    /// By the tokenizer of the model, or by each, where no model was named.
    pub(super) counts: Vec<TokenizerCount>,
}

/// The tokens of text by one tokenizer.
#[derive(Clone, Copy, Serialize)]
pub(super) struct TokenizerCount {
    pub(super) tokenizer: &'static str,
    pub(super) content: Estimate<Tokens>,
    pub(super) message: Estimate<Tokens>,
}

impl TextCounts {
    /// Writes the counts in that format.
    pub(super) fn write(&self, format: CountFormat, out: &mut dyn Write) -> io::Result<()> {
        match format {
            CountFormat::Human => out.write_all(screen::shown(draw(self)).as_bytes()),
            CountFormat::Csv => write_csv(self, out),
            CountFormat::Json | CountFormat::Jsonl => {
                serde_json::to_writer_pretty(&mut *out, self)?;
                out.write_all(b"\n")
            }
        }
    }
}

const COLUMNS: [&str; 9] = [
    "file",
    "tokenizer",
    "content_low",
    "content_likely",
    "content_high",
    "message_low",
    "message_likely",
    "message_high",
    "method",
];

fn write_csv(counts: &TextCounts, out: &mut dyn Write) -> io::Result<()> {
    csv_record::write(&mut *out, COLUMNS)?;
    for text in &counts.texts {
        for count in &text.counts {
            let mut cells = vec![csv_record::plain(&text.file), count.tokenizer.to_owned()];
            cells.extend(csv_record::ends(Some(count.content)));
            cells.extend(csv_record::ends(Some(count.message)));
            cells.push(counts.method.to_owned());
            csv_record::write(&mut *out, cells)?;
        }
    }
    Ok(())
}

/// The counts of texts for people.
fn draw(counts: &TextCounts) -> String {
    let TextCounts { method, model, texts, total, uncounted_files, .. } = counts;
    let model = model.as_ref().map(|model| format!(" for {}", harmless(model))).unwrap_or_default();
    let mut table = Table::new(1);
    table.row(["", "low", "likely", "high"]);
    for text in texts {
        table.row([harmless(&text.file)]);
        add_rows(&mut table, &text.counts);
    }
    if texts.len() > 1 {
        table.row([format!("Total of {} texts", grouped(texts.len() as u64))]);
        add_rows(&mut table, total);
    }
    let head = wrapped(&format!("Input tokens{model}, estimated by `{method}`"), "");
    let uncounted = match uncounted_files {
        0 => String::new(),
        1 => "\n1 file is no text and was not counted\n".to_owned(),
        files => format!("\n{} files are no texts and were not counted\n", grouped(*files)),
    };
    format!("{head}\n{}{uncounted}", table.draw(0))
}

/// Which tokenizer it was is told only where there are several.
fn add_rows(table: &mut Table, counts: &[TokenizerCount]) {
    for count in counts {
        let tokenizer = if counts.len() > 1 { format!(", {}", count.tokenizer) } else { String::new() };
        for (what, tokens) in [("text", count.content), ("single user message", count.message)] {
            let [low, likely, high] = token_cells(tokens);
            table.row([format!("  {what}{tokenizer}"), low, likely, high]);
        }
    }
}
