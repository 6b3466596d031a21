use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use batchwise_simulator::{Server, Settings, Simulator};
use jiff::Timestamp;

use crate::args::SimulateArgs;
use crate::error::CliError;
use crate::exit::Exit;

/// `batchwise simulate`: serves until the process is interrupted.
pub(crate) fn run(args: &SimulateArgs) -> Result<Exit, CliError> {
    let mut settings = args.faults.as_deref().map_or_else(|| Ok(Settings::default()), read)?;
    settings.processing.poll_seconds = shortened(settings.processing.poll_seconds, args.time_scale);
    let address = args.listen;
    if !address.ip().is_loopback() && !args.allow_remote {
        return Err(CliError::Remote { address });
    }
    let listener = TcpListener::bind(address).map_err(|source| CliError::Listen { address, source })?;
    let address = listener.local_addr().map_err(|source| CliError::Listen { address, source })?;
    let server = Server::new(Simulator::new(settings, args.seed), clock(args.time_scale));
    eprintln!("listening on http://{address}");
    server.serve(&listener).map_err(|source| CliError::Listen { address, source })?;
    Ok(Exit::Fine)
}

fn read(path: &Path) -> Result<Settings, CliError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| CliError::FaultsFile { path: path.to_owned(), source })?;
    Settings::parse(&text).map_err(|source| CliError::Faults { path: path.to_owned(), source })
}

/// The time, which begins now and passes `scale` times as fast.
fn clock(scale: f64) -> impl Fn() -> Timestamp + Send + Sync + 'static {
    let (start, begun) = (Timestamp::now(), Instant::now());
    move || start.checked_add(begun.elapsed().mul_f64(scale)).unwrap_or(Timestamp::MAX)
}

/// How many real seconds a wait of so many seconds is, rounded up.
fn shortened(seconds: u64, scale: f64) -> u64 {
    let wait = Duration::from_secs(seconds).div_f64(scale);
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
