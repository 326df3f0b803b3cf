//! The sandbox as a command: a whole ecloud platform on a port of this machine.

mod arguments;

use std::future::Future;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::process::ExitCode;
use std::sync::Arc;

use ecloud_core::Timestamp;
use ecloud_sandbox::{MovedClock, Sandbox, Server};
use serde::Serialize;
use tokio::net::TcpListener;

use arguments::{Arguments, HELP, Parsed};

/// The moment of the reference's examples: 1 March 2026, 08:00 UTC.
const EXAMPLES_AT: Timestamp = Timestamp::from_unix_seconds(1_772_352_000);

fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(Parsed::Run(arguments)) => arguments,
        Ok(Parsed::Help) => return said(print(HELP)),
        Ok(Parsed::Version) => return said(print(concat!("ecloud-sandbox ", env!("CARGO_PKG_VERSION"), "\n"))),
        Err(error) => {
            eprintln!("ecloud-sandbox: {error}\nTry `ecloud-sandbox --help`.");
            return ExitCode::from(2);
        }
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return said(Err(error)),
    };
    said(runtime.block_on(run(arguments)))
}

fn said(outcome: io::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ecloud-sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> io::Result<()> {
    let address = (arguments.host.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)), arguments.port);
    let listener = TcpListener::bind(address).await.map_err(|error| {
        io::Error::new(error.kind(), format!("can't listen on {}:{}: {error}", address.0, address.1))
    })?;
    let mut builder = Sandbox::builder().tier(arguments.tier);
    if let Some(seed) = arguments.seed {
        builder = builder.seed(seed);
    }
    if arguments.examples {
        // A clock that stands still never fills a quota again, which whoever tries thousands of calls would run into.
        builder = builder.examples().clock(Arc::new(MovedClock::starting_at(EXAMPLES_AT)));
    }
    let sandbox = builder.build();
    // Asked for before anything is printed, so that whoever reads the output may end the command at once.
    let asked_to_stop = stop_signal()?;
    let server = sandbox.serve(listener)?;
    let introduction = if arguments.json { json_line(&sandbox, &server)? } else { introduction(&sandbox, &server) };
    print(&introduction)?;
    asked_to_stop.await;
    server.stop().await;
    Ok(())
}

#[derive(Serialize)]
struct Introduction<'a> {
    endpoint: &'a str,
    app_key: &'a str,
    app_secret: &'a str,
    access_token: &'a str,
}

fn json_line(sandbox: &Sandbox, server: &Server) -> io::Result<String> {
    let endpoint = server.endpoint();
    let introduction = Introduction {
        endpoint: &endpoint,
        app_key: sandbox.app_key(),
        app_secret: sandbox.app_secret(),
        access_token: sandbox.access_token(),
    };
    Ok(serde_json::to_string(&introduction)? + "\n")
}

fn introduction(sandbox: &Sandbox, server: &Server) -> String {
    let endpoint = server.endpoint();
    format!(
        "The ecloud sandbox is listening.\n\n  endpoint      {endpoint}\n  app key       {}\n  app secret    {}\n  access token  {}\n  shop          {}\n\n\
         Control it at {endpoint}/sandbox/v1, from this machine only. Stop it with Ctrl-C.\n",
        sandbox.app_key(),
        sandbox.app_secret(),
        sandbox.access_token(),
        sandbox.shop_id(),
    )
}

/// Prints at once, also into a pipe.
fn print(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(text.as_bytes())?;
    output.flush()
}

/// Ends when the command is asked to stop.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends when the command is asked to stop.
#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Where there is no such signal, nobody can send it.
        let _ = tokio::signal::ctrl_c().await;
    })
}
