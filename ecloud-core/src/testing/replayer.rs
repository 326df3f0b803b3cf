//! What plays a recording back.

use std::fmt;
use std::fs::File;
use std::future::poll_fn;
use std::io::Read;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, request};
use http_body::{Body as _, Frame};

use super::matching::{Fit, Matcher, short, target};
use super::reading::{Entry, RecordedContent, RecordedOutcome, read};
use crate::transport::{Body, Transport, TransportError};
use crate::{Error, ErrorKind};

/// The largest body in chunks that is compared, in bytes.
const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// Answers requests with what was recorded.
///
/// Unless [`loose`](Self::loose) is said it is strict: requests come in the order of the lines, with the recorded method, path, query and
/// body; the order of a JSON body's members doesn't matter. Where another one comes, it is refused as
/// [not sent](TransportError::not_sent), in words that say what was expected and what came. Headers aren't compared, nor are secrets
/// in queries, forms and JSON, which another environment has others of.
///
/// A personal value of a request fits its placeholder where the recording's [salt](Self::with_salt) is known. Without it a placeholder
/// fits any value. What comes back out of the recording fits as it is.
///
/// Answers come as they were recorded, at once: placeholders for secrets and personal data, as many zero bytes for bodies that are no
/// text, and the error by which a body broke off. Of a body that was too large to be recorded the line can't be played.
///
/// Clones play the same recording.
#[derive(Clone)]
pub struct Replayer {
    entries: Arc<[Entry]>,
    matcher: Arc<Matcher>,
    is_loose: bool,
    used: Arc<Mutex<Vec<bool>>>,
}

impl Replayer {
    /// Reads a recording from a file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where it can't be read, or is no recording; the message names the line.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        let file = File::open(path).map_err(|error| {
            Error::new(ErrorKind::Configuration, format!("recording: the file can't be opened: {error}"))
        })?;
        Self::from_reader(file)
    }

    /// Reads a recording.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where it can't be read, or is no recording: a line that is cut off, isn't JSON, is of an unknown version,
    /// or is longer than 64 MiB. The message names the line.
    pub fn from_reader(recording: impl Read) -> Result<Self, Error> {
        let entries = read(recording)?;
        let used = Arc::new(Mutex::new(vec![false; entries.len()]));
        Ok(Self { entries: entries.into(), matcher: Arc::new(Matcher::new()), is_loose: false, used })
    }

    /// Answers in any order, by method, path and query alone; bodies aren't compared. Of several that fit each is played once, the last one
    /// from then on.
    #[must_use]
    pub fn loose(mut self) -> Self {
        self.is_loose = true;
        self
    }

    /// Tells personal values of requests apart by the salt that the recording was made with.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where a line was recorded with another one.
    pub fn with_salt(mut self, salt: impl AsRef<[u8]>) -> Result<Self, Error> {
        let check = Arc::make_mut(&mut self.matcher).set_salt(salt.as_ref());
        match self.entries.iter().find(|entry| entry.salt != check) {
            Some(entry) => {
                let message = format!("recording, line {}: it was made with another salt", entry.line);
                Err(Error::new(ErrorKind::Configuration, message))
            }
            None => Ok(self),
        }
    }

    /// Takes what stands under this name for personal, as the recorder did.
    #[must_use]
    pub fn with_redacted(mut self, name: &str) -> Self {
        Arc::make_mut(&mut self.matcher).add_name(name);
        self
    }

    /// What was recorded and not asked for, in the order of the lines: `line 3: GET /trade/v1/orders?page=2`.
    pub fn unused(&self) -> Vec<String> {
        let used = self.used();
        let entries = self.entries.iter().zip(used.iter());
        entries.filter(|(_, used)| !**used).map(|(entry, _)| entry.shown()).collect()
    }

    fn used(&self) -> MutexGuard<'_, Vec<bool>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The line that is next, if this request is the one that was recorded there.
    fn next(&self, head: &request::Parts, body: &[u8]) -> Result<&Entry, String> {
        let mut used = self.used();
        self.matcher.look_through(&head.uri, &head.headers, body);
        let came = self.matcher.shown(head.method.as_str(), &head.uri);
        let next = used.iter().position(|used| !used);
        let Some((next, entry)) = next.and_then(|next| Some((next, self.entries.get(next)?))) else {
            return Err(format!("nothing more was recorded, and {came} came"));
        };
        if self.matcher.target(&entry.request, head.method.as_str(), &head.uri) == Fit::No {
            return Err(format!("{} was expected, and {came} came", entry.shown()));
        }
        self.matcher
            .body(&entry.request.body, &head.headers, body)
            .map_err(|difference| format!("{}: {difference}", entry.shown()))?;
        used[next] = true;
        Ok(entry)
    }

    /// The line that fits best.
    fn best(&self, head: &request::Parts) -> Result<&Entry, String> {
        let mut used = self.used();
        let fit = |entry: &Entry| self.matcher.target(&entry.request, head.method.as_str(), &head.uri);
        let fits: Vec<_> = self.entries.iter().map(fit).collect();
        let best = fits.iter().copied().max().filter(|best| *best != Fit::No);
        let of_best = || (0..fits.len()).filter(|index| Some(fits[*index]) == best);
        let chosen = of_best().find(|index| !used[*index]).or_else(|| of_best().next_back());
        match chosen.and_then(|index| Some((index, self.entries.get(index)?))) {
            Some((index, entry)) => {
                used[index] = true;
                Ok(entry)
            }
            None => {
                let came = self.matcher.shown(head.method.as_str(), &head.uri);
                Err(format!("none of {} recorded exchanges fits {came}", self.entries.len()))
            }
        }
    }
}

#[async_trait]
impl Transport for Replayer {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let (head, body) = request.into_parts();
        let refused = |why: String| TransportError::not_sent(format!("replay: {why}"));
        let entry = if self.is_loose {
            self.best(&head).map_err(refused)?
        } else {
            let body = whole(body).await?;
            self.next(&head, &body).map_err(refused)?
        };
        entry.play().map_err(|error| error.unwrap_or_else(|why| refused(format!("{}: {why}", entry.shown()))))
    }
}

impl Entry {
    fn shown(&self) -> String {
        let request = &self.request;
        format!("line {}: {}", self.line, target(&request.method, &request.path, &request.query))
    }

    /// The recorded answer, the recorded error, or why it can't be played.
    fn play(&self) -> Result<Response<Body>, Result<TransportError, String>> {
        match &self.outcome {
            RecordedOutcome::Failed(error) => Err(Ok(error.to_transport_error())),
            RecordedOutcome::Answered { status, headers, body, cut } => {
                let bytes = match body {
                    RecordedContent::Bytes(bytes) => bytes.clone(),
                    RecordedContent::Zeros(length) => vec![0; *length].into(),
                    RecordedContent::Omitted(why) => {
                        return Err(Err(format!("its body isn't recorded: {}", short(why))));
                    }
                };
                let body = match cut {
                    None => Body::from(bytes),
                    Some(error) => {
                        Body::new(CutOff { beginning: Some(bytes), error: Some(error.to_transport_error()) })
                    }
                };
                let mut answer = Response::new(body);
                *answer.status_mut() = *status;
                answer.headers_mut().clone_from(headers);
                Ok(answer)
            }
        }
    }
}

/// All bytes of a request's body.
async fn whole(body: Body) -> Result<Bytes, TransportError> {
    let mut chunks = match body.try_into_bytes() {
        Ok(bytes) => return Ok(bytes),
        Err(chunks) => chunks,
    };
    let mut whole = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut chunks).poll_frame(context)).await {
        if let Ok(chunk) = frame?.into_data() {
            if whole.len() + chunk.len() > LARGEST_BODY {
                return Err(TransportError::not_sent("replay: the request's body is larger than 64 MiB"));
            }
            whole.extend_from_slice(&chunk);
        }
    }
    Ok(whole.into())
}

/// A body that breaks off as it did when it was recorded.
struct CutOff {
    beginning: Option<Bytes>,
    error: Option<TransportError>,
}

impl http_body::Body for CutOff {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        let beginning = self.beginning.take().filter(|bytes| !bytes.is_empty());
        let next = beginning.map(|bytes| Ok(Frame::data(bytes))).or_else(|| self.error.take().map(Err));
        Poll::Ready(next)
    }
}

impl fmt::Debug for Replayer {
    /// How much was recorded, not what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replayer").field("exchanges", &self.entries.len()).finish_non_exhaustive()
    }
}
