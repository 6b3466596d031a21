use batchwise_findings::Rule;
use batchwise_rules::explain;

use super::unless_closed;
use crate::args::ExplainArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;
use crate::screen;
use crate::screen::Table;

/// `batchwise explain`: one rule with an example and its fix, or a list of all.
pub(crate) fn run(args: &ExplainArgs) -> Result<Exit, CliError> {
    let explained = |rule| {
        let text = screen::reflowed(&screen::shown(explain(rule).trim().to_owned()));
        format!("# {rule}\n\n{}\n", text.trim_end())
    };
    let text = args.rule.map_or_else(list, explained);
    unless_closed(Output::stdout().write_all_with(|out| out.write_all(screen::shown(text).as_bytes())))?;
    Ok(Exit::Fine)
}

fn list() -> String {
    let mut table = Table::new(2);
    Rule::ALL.iter().for_each(|rule| table.row([rule.id(), rule.severity().name()]));
    table.draw(0)
}
