//! The `batchwise` command: reads, decides, prints.

mod args;
mod commands;
mod comparison;
mod csv_record;
mod error;
mod exact;
mod execution;
mod exit;
mod input;
mod interrupt;
mod network;
mod output;
mod plan_file;
mod policy_file;
mod progress;
mod results;
mod sample;
mod scratch_file;
mod screen;
mod settings;
mod stamps;
mod steady_file;
mod today;
mod witness;

use std::process::ExitCode;

fn main() -> ExitCode {
    interrupt::exit_cleanly_on_ctrl_c();
    let cli = args::parse();
    if cli.ascii {
        screen::take_ascii_only();
    }
    // A panic is a bug of ours; its message has been printed. The caller still gets the code for an error.
    std::panic::catch_unwind(|| commands::run(&cli, today::today())).unwrap_or(exit::Exit::Unusable).into()
}
