//! What the command was called with.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use ecloud_sandbox::Tier;

pub(crate) const HELP: &str = "\
A whole ecloud open platform on a port of this machine, with a demo shop.

Usage: ecloud-sandbox [options]

  --port <number>   port to listen on; 0 picks a free one (default: 8080)
  --host <address>  IP address to listen on (default: 127.0.0.1)
  --tier <name>     tier of the demo application: standard, advanced, strategic (default: standard)
  --seed <number>   seed of the demo shop and its credentials (default: 1)
  --examples        the shop of the reference's examples, at their time (2026-03-01T08:00:00Z), instead of the demo shop
  --restore <file>  go on from a file that was saved, with the seed, the tier and the shop that it was saved with
  --save <file>     save everything to this file when the command is asked to stop (Ctrl-C, SIGTERM)
  --json            print endpoint and credentials as one line of JSON
  -h, --help        print this
  -V, --version     print the version
";

/// How the sandbox is to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub(crate) port: u16,
    pub(crate) host: Option<IpAddr>,
    pub(crate) tier: Option<Tier>,
    pub(crate) seed: Option<u64>,
    pub(crate) examples: bool,
    pub(crate) restore: Option<PathBuf>,
    pub(crate) save: Option<PathBuf>,
    pub(crate) json: bool,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Parsed {
    Run(Arguments),
    Help,
    Version,
}

/// Arguments that say nothing sensible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ArgumentError(String);

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Arguments {
    pub(crate) fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Parsed, ArgumentError> {
        let mut parsed = Self {
            port: 8080,
            host: None,
            tier: None,
            seed: None,
            examples: false,
            restore: None,
            save: None,
            json: false,
        };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let (name, mut value) = match argument.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name.to_owned(), Some(value.to_owned())),
                _ => (argument, None),
            };
            let mut value = || value.take().or_else(|| arguments.next());
            match name.as_str() {
                "--port" => parsed.port = read(&name, value())?,
                "--host" => parsed.host = Some(read(&name, value())?),
                "--tier" => parsed.tier = Some(read(&name, value())?),
                "--seed" => parsed.seed = Some(read(&name, value())?),
                "--restore" => parsed.restore = Some(read(&name, value())?),
                "--save" => parsed.save = Some(read(&name, value())?),
                "--examples" => parsed.examples = true,
                "--json" => parsed.json = true,
                "-h" | "--help" => return Ok(Parsed::Help),
                "-V" | "--version" => return Ok(Parsed::Version),
                other => return Err(ArgumentError(format!("unknown argument `{other}`"))),
            }
        }
        parsed.check()?;
        Ok(Parsed::Run(parsed))
    }

    /// A sandbox that goes on is as it was started: to be told otherwise would be to be passed over in silence.
    fn check(&self) -> Result<(), ArgumentError> {
        let told = [("--tier", self.tier.is_some()), ("--seed", self.seed.is_some()), ("--examples", self.examples)];
        match told.into_iter().find(|(_, is_told)| *is_told && self.restore.is_some()) {
            Some((name, _)) => Err(ArgumentError(format!("`{name}` can't be said of a sandbox that is restored"))),
            None => Ok(()),
        }
    }
}

fn read<T: std::str::FromStr>(name: &str, value: Option<String>) -> Result<T, ArgumentError>
where
    T::Err: fmt::Display,
{
    let value = value.ok_or_else(|| ArgumentError(format!("`{name}` needs a value")))?;
    value.parse().map_err(|error| ArgumentError(format!("`{name} {value}`: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Parsed, ArgumentError> {
        Arguments::parse(arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn arguments_say_how_to_run() {
        let Ok(Parsed::Run(run)) = parse(&["--port", "0", "--json", "--tier=strategic", "--seed", "7", "--examples"])
        else {
            panic!()
        };
        assert_eq!((run.port, run.json, run.tier, run.seed), (0, true, Some(Tier::Strategic), Some(7)));
        assert!(run.examples);
        let Ok(Parsed::Run(run)) = parse(&["--restore", "a b", "--save=c"]) else { panic!() };
        assert_eq!((run.restore, run.save), (Some("a b".into()), Some("c".into())));
        assert_eq!(parse(&["-h"]), Ok(Parsed::Help));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (arguments, named) in [
            (&["--porrt", "1"][..], "--porrt"),
            (&["--port"], "--port"),
            (&["--port", "70000"], "70000"),
            (&["--tier", "gold"], "gold"),
            (&["8080"], "8080"),
            (&["--restore"], "--restore"),
            (&["--restore", "a", "--seed", "2"], "--seed"),
            (&["--examples", "--restore=a"], "--examples"),
        ] {
            let error = parse(arguments).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
