use jiff::civil::Date;

use crate::args::PricesArgs;
use crate::error::CliError;
use crate::exit::Exit;

/// `batchwise prices`: looks into the price book.
pub(crate) fn run(_args: &PricesArgs, _today: Date) -> Result<Exit, CliError> {
    Ok(Exit::Fine)
}
