//! The command `ecloud-codegen`.
#![forbid(unsafe_code)]

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use ecloud_codegen::command;
use ecloud_codegen::report::Terminal;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    match command::run_on(Terminal::of_stderr(), &arguments, &mut io::stdout().lock(), &mut io::stderr().lock()) {
        Ok(outcome) => ExitCode::from(outcome.status()),
        // A reader that has seen enough (`| head`) is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
