//! What writes a session to a file.

use std::error::Error as _;
use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use http::{HeaderName, Request, Response};

use super::exchange::Exchange;
use super::line::Line;
use super::redaction::Redactor;
use crate::transport::{Body, Transport, TransportError};
use crate::{Clock, Error, ErrorKind, Random};

/// The most of a body that is recorded unless it is said, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

/// Records every exchange of another transport as a line of JSON, secrets and personal data replaced.
///
/// What is replaced, by what, and the format of the lines says [the module](super). Bodies pass through as they come; a copy of
/// them is kept until the exchange has ended, up to a [limit](Self::with_body_limit). Lines are written when exchanges end: when the
/// answer's last byte was read, when the answer is dropped, or when there is none. Writing is synchronous and short.
///
/// Recording never breaks a call: what goes wrong with the file is kept and told by [`finish`](Self::finish), and nothing more is written.
/// Clones write to the same file.
///
/// ```no_run
/// use ecloud_core::testing::Recorder;
/// use ecloud_core::transport::Transport;
///
/// # fn example(transport: impl Transport) -> Result<(), ecloud_core::Error> {
/// let recorder = Recorder::to_file(transport, "orders.jsonl")?.with_salt("tests of orders").with_redacted("pet_name");
/// let client = ecloud_core::Client::builder()
///     .endpoint("https://open.example.com")
///     .app("key", "secret")
///     .transport(recorder.clone())
///     .build()?;
/// // … calls …
/// let lines = recorder.finish()?;
/// # Ok(()) }
/// ```
pub struct Recorder<T> {
    transport: Arc<T>,
    rules: Arc<Rules>,
    tape: Arc<Mutex<Tape>>,
}

/// How exchanges are recorded.
#[derive(Clone)]
pub(super) struct Rules {
    pub(super) redactor: Redactor,
    pub(super) body_limit: usize,
    pub(super) clock: Option<Arc<dyn Clock>>,
}

/// Where lines are written.
pub(super) struct Tape {
    writer: Box<dyn Write + Send>,
    lines: u64,
    /// What went wrong. Nothing is written after it, since the last line may be half a one.
    failure: Option<String>,
}

impl<T: Transport> Recorder<T> {
    /// Records to a writer. Each line is one call of `write_all`.
    pub fn new(transport: T, writer: impl Write + Send + 'static) -> Self {
        // Without a salt of one's own placeholders are this recorder's alone, and nobody can try out whose they are.
        let (salt, failure) = match Random::system().bytes() {
            Ok(salt) => (salt, None),
            Err(error) => ([0; 16], Some(format!("no salt can be drawn: {error}"))),
        };
        let rules = Rules { redactor: Redactor::new(&salt), body_limit: BODY_LIMIT, clock: None };
        let tape = Tape { writer: Box::new(writer), lines: 0, failure };
        Self { transport: Arc::new(transport), rules: Arc::new(rules), tape: Arc::new(Mutex::new(tape)) }
    }

    /// Records to the end of a file, which is made where there is none, on Unix for its owner alone.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where the file can't be opened.
    pub fn to_file(transport: T, path: impl AsRef<Path>) -> Result<Self, Error> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|error| {
            Error::new(ErrorKind::Configuration, format!("recording: the file can't be opened: {error}"))
        })?;
        Ok(Self::new(transport, file))
    }

    /// Makes placeholders with this salt, so that a value has the same one in every recording with it; unless set, with one drawn by
    /// the operating system.
    ///
    /// Whoever knows the salt can try out whether a placeholder is a certain number's, so it is as secret as the data are guessable.
    /// The file holds no salt, only a check by which [`Replayer::with_salt`](super::Replayer::with_salt) knows the right one.
    #[must_use]
    pub fn with_salt(mut self, salt: impl AsRef<[u8]>) -> Self {
        self.rules_mut().redactor.set_salt(salt.as_ref());
        let mut tape = self.tape.lock().unwrap_or_else(PoisonError::into_inner);
        if tape.lines == 0 {
            // That none could be drawn matters no more.
            tape.failure = None;
        }
        drop(tape);
        self
    }

    /// Replaces what stands under this name too, in JSON, XML, queries and forms, whatever its style: `nick_name` is `nickName`, too.
    #[must_use]
    pub fn with_redacted(mut self, name: &str) -> Self {
        self.rules_mut().redactor.add_name(name);
        self
    }

    /// Records this header too; what looks personal in it is replaced. Headers whose names are those of secrets stay replaced.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName) -> Self {
        self.rules_mut().redactor.add_header(name);
        self
    }

    /// The largest body that is recorded, in bytes; 1 MiB unless set. Of a larger one the line says that it was larger.
    #[must_use]
    pub fn with_body_limit(mut self, bytes: usize) -> Self {
        self.rules_mut().body_limit = bytes;
        self
    }

    /// Records when each exchange began, and how long it took in milliseconds; unless set, no times are recorded.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.rules_mut().clock = Some(clock);
        self
    }

    /// Flushes what was written, and tells how many lines that are. Exchanges that haven't ended aren't among them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] with the first thing that went wrong with the file; everything after it isn't recorded.
    pub fn finish(&self) -> Result<u64, Error> {
        let mut tape = self.tape.lock().unwrap_or_else(PoisonError::into_inner);
        if tape.failure.is_none() {
            let flushed = tape.writer.flush();
            tape.note(flushed);
        }
        match &tape.failure {
            Some(failure) => Err(Error::new(ErrorKind::Configuration, format!("recording: {failure}"))),
            None => Ok(tape.lines),
        }
    }

    fn rules_mut(&mut self) -> &mut Rules {
        Arc::make_mut(&mut self.rules)
    }
}

impl Tape {
    /// Writes a line.
    pub(super) fn write(&mut self, line: &Line) {
        if self.failure.is_some() {
            return;
        }
        let written = serde_json::to_vec(line).map_err(io::Error::from).and_then(|mut text| {
            text.push(b'\n');
            self.writer.write_all(&text)
        });
        self.lines += u64::from(written.is_ok());
        self.note(written);
    }

    fn note(&mut self, written: io::Result<()>) {
        if let Err(error) = written {
            self.failure = Some(format!("the file can't be written: {error}"));
        }
    }
}

#[async_trait]
impl<T: Transport> Transport for Recorder<T> {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let (head, body) = request.into_parts();
        let mut exchange = Exchange::new(self.rules.clone(), self.tape.clone(), &head);
        let body = exchange.copy_request(body);
        match self.transport.send(Request::from_parts(head, body)).await {
            Ok(answer) => {
                let (head, body) = answer.into_parts();
                let body = exchange.copy_answer(&head, body);
                Ok(Response::from_parts(head, body))
            }
            Err(error) => {
                let message = error.source().map_or_else(|| error.to_string(), ToString::to_string);
                exchange.fail(error.is_outcome_unknown(), message);
                Err(error)
            }
        }
    }
}

impl<T> Clone for Recorder<T> {
    fn clone(&self) -> Self {
        Self { transport: self.transport.clone(), rules: self.rules.clone(), tape: self.tape.clone() }
    }
}

impl<T: fmt::Debug> fmt::Debug for Recorder<T> {
    /// Neither the salt nor what was recorded.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recorder").field(&self.transport).finish()
    }
}
