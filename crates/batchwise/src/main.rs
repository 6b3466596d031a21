//! The `batchwise` command: reads, decides, prints.

mod args;
mod commands;
mod error;
mod exit;
mod input;
mod interrupt;
mod output;
mod progress;
mod screen;
mod settings;
mod today;
mod witness;

use std::process::ExitCode;

fn main() -> ExitCode {
    interrupt::exit_cleanly_on_ctrl_c();
    commands::run(args::parse(), today::today()).into()
}
