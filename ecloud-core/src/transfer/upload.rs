//! A file to the platform, in parts (protocol section 11).

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{OnProgress, TransferProgress, UploadFile, UploadSource};
use crate::client::{RawAnswer, Request, Sending};
use crate::{Error, ErrorKind};

/// How many parts are under way together unless it is said.
const AT_ONCE: usize = 4;
/// The largest part that a platform may ask for, in bytes.
const LARGEST_PART: u64 = 8 * 1024 * 1024;

/// The three operations of which an upload is made. Generated code implements it.
pub trait UploadSteps: Send + Sync + 'static {
    /// Begins a session for a file.
    fn create(&self, file: &UploadFile) -> Request;
    /// Sends a part, by the session's id and the part's number from 1. The upload sets the body.
    fn part(&self, upload_id: &str, number: u32) -> Request;
    /// Ends the session, by its id: what comes of it is the resource.
    fn complete(&self, upload_id: &str) -> Request;
}

/// A session that the platform keeps for an upload, for 24 hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UploadSession {
    /// The platform's id of it.
    pub upload_id: String,
    /// Bytes of each part but the last, 1 to 8 MiB.
    pub part_size: u64,
}

/// A file on its way to the platform: a session, its parts a few at a time, and the resource that comes of it.
///
/// Each part is a call of its own with its own retries. What fails is told, and [`send`](Self::send) may be called again: it goes on with the same
/// session, and sends what the platform hasn't acknowledged. The same goes for a future of it that is dropped.
///
/// ```no_run
/// use ecloud_core::transfer::{Upload, UploadFile, UploadSource, UploadSteps};
/// use ecloud_core::{Json, Method, Request, RetrySafety, Shop};
///
/// struct MediaUpload(Shop);
///
/// impl UploadSteps for MediaUpload {
///     fn create(&self, file: &UploadFile) -> Request {
///         self.0.request(Method::POST, "/product/v1/media/uploads").json(file)
///     }
///
///     fn part(&self, upload_id: &str, number: u32) -> Request {
///         let path = "/product/v1/media/uploads/{upload_id}/parts/{number}";
///         let request = self.0.request(Method::PUT, path).path("upload_id", upload_id).path("number", number);
///         request.retry_safety(RetrySafety::Safe)
///     }
///
///     fn complete(&self, upload_id: &str) -> Request {
///         self.0.request(Method::POST, "/product/v1/media/uploads/{upload_id}/complete").path("upload_id", upload_id)
///     }
/// }
///
/// # async fn example(shop: Shop) -> Result<(), ecloud_core::Error> {
/// let mut upload = Upload::<Json>::new(MediaUpload(shop), UploadSource::path("mug.mp4", "video/mp4"));
/// let video = upload.send().await?;
/// # drop(video);
/// # Ok(()) }
/// ```
#[must_use = "an upload does nothing until it is sent"]
pub struct Upload<T> {
    steps: Box<dyn UploadSteps>,
    source: UploadSource,
    at_once: usize,
    on_progress: Option<OnProgress>,
    file: Option<UploadFile>,
    session: Option<UploadSession>,
    /// Parts that were read from the source so far.
    read: u32,
    /// Parts that were read and not acknowledged yet, the first to be sent at the front.
    unacknowledged: VecDeque<Part>,
    acknowledged: u64,
    /// Under which the session was begun, or ended, without an answer: the next try is the same write.
    key: Option<String>,
    output: std::marker::PhantomData<fn() -> T>,
}

/// A part of the file, from 1.
#[derive(Clone)]
struct Part {
    number: u32,
    bytes: Bytes,
}

impl<T: DeserializeOwned> Upload<T> {
    /// An upload of what the source holds. Nothing is read or sent yet.
    pub fn new(steps: impl UploadSteps, source: impl Into<UploadSource>) -> Self {
        Self {
            steps: Box::new(steps),
            source: source.into(),
            at_once: AT_ONCE,
            on_progress: None,
            file: None,
            session: None,
            read: 0,
            unacknowledged: VecDeque::new(),
            acknowledged: 0,
            key: None,
            output: std::marker::PhantomData,
        }
    }

    /// How many parts are under way together, and in memory: 4 unless set, at least 1.
    pub fn at_once(mut self, parts: usize) -> Self {
        self.at_once = parts.max(1);
        self
    }

    /// Calls back after each part that the platform has acknowledged.
    pub fn on_progress(mut self, call: impl FnMut(TransferProgress) + Send + Sync + 'static) -> Self {
        self.on_progress = Some(Box::new(call));
        self
    }

    /// How far it is. The size is known as soon as the source was read for its hash.
    pub fn progress(&self) -> TransferProgress {
        TransferProgress { done: self.acknowledged, total: self.file.as_ref().map(|file| file.size) }
    }

    /// The platform's session, from when it was begun.
    pub fn session(&self) -> Option<&UploadSession> {
        self.session.as_ref()
    }

    /// Sends the file and hands back what came of it.
    ///
    /// # Errors
    ///
    /// Those of the three operations, by which the platform also says that the hash isn't that of what came; [`ErrorKind::File`] where the source
    /// can't be read; [`ErrorKind::InvalidRequest`] where it is longer or shorter than it said; [`ErrorKind::InvalidResponse`] where the platform
    /// asks for parts of no size, or larger than 8 MiB.
    pub async fn send(&mut self) -> Result<T, Error> {
        let session = self.begin().await?;
        self.send_parts(&session).await?;
        let request = self.steps.complete(&session.upload_id);
        self.write_once(request).await?.json()
    }

    async fn begin(&mut self) -> Result<UploadSession, Error> {
        let file = match &self.file {
            Some(file) => file.clone(),
            None => self.file.insert(self.source.describe().await?).clone(),
        };
        if let Some(session) = &self.session {
            return Ok(session.clone());
        }
        let request = self.steps.create(&file);
        let answer = self.write_once(request).await?;
        let session: UploadSession = answer.json()?;
        if !(1..=LARGEST_PART).contains(&session.part_size) {
            return Err(answer.unexpected("the platform asks for parts of no size, or larger than 8 MiB"));
        }
        if u32::try_from(file.size.div_ceil(session.part_size)).is_err() {
            return Err(answer.unexpected("the platform asks for more parts than can be numbered"));
        }
        Ok(self.session.insert(session).clone())
    }

    /// Sends what isn't acknowledged, a few parts at a time.
    async fn send_parts(&mut self, session: &UploadSession) -> Result<(), Error> {
        let size = self.file.as_ref().map_or(0, |file| file.size);
        let count = u32::try_from(size.div_ceil(session.part_size)).unwrap_or(u32::MAX);
        let mut under_way: Vec<(u32, Sending<()>)> = Vec::new();
        loop {
            while under_way.len() < self.at_once {
                let sent = |part: &&Part| !under_way.iter().any(|(number, _)| *number == part.number);
                let part = match self.unacknowledged.iter().find(sent) {
                    Some(part) => part.clone(),
                    None if self.read < count => self.read_part(session, size).await?,
                    None => break,
                };
                let mut request = self.steps.part(&session.upload_id, part.number);
                request.set_bytes("application/octet-stream", part.bytes.clone());
                under_way.push((part.number, request.send_as()));
            }
            if under_way.is_empty() {
                return self.is_all_read().await;
            }
            let (number, outcome) = first(&mut under_way).await;
            outcome?;
            self.acknowledge(number);
        }
    }

    /// Takes the next part out of the source, and keeps it until it is acknowledged.
    async fn read_part(&mut self, session: &UploadSession, size: u64) -> Result<Part, Error> {
        let before = u64::from(self.read) * session.part_size;
        let length = session.part_size.min(size - before);
        let bytes = self.source.next_part(usize::try_from(length).unwrap_or(usize::MAX)).await?;
        if bytes.len() as u64 != length {
            let message = format!("the source ended after {} of {size} bytes", before + bytes.len() as u64);
            return Err(Error::new(ErrorKind::InvalidRequest, message));
        }
        self.read += 1;
        let part = Part { number: self.read, bytes };
        self.unacknowledged.push_back(part.clone());
        Ok(part)
    }

    async fn is_all_read(&mut self) -> Result<(), Error> {
        if self.source.next_part(1).await?.is_empty() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidRequest, "the source is longer than the platform was told"))
    }

    fn acknowledge(&mut self, number: u32) {
        let Some(at) = self.unacknowledged.iter().position(|part| part.number == number) else { return };
        let part = self.unacknowledged.remove(at);
        self.acknowledged += part.map_or(0, |part| part.bytes.len() as u64);
        let progress = self.progress();
        if let Some(on_progress) = &mut self.on_progress {
            on_progress(progress);
        }
    }

    /// Sends a write under one key until there is an answer: it is done once, however often that is tried.
    async fn write_once(&mut self, request: Request) -> Result<RawAnswer, Error> {
        let key = match &self.key {
            Some(key) => key.clone(),
            None => self.key.insert(request.draw_key()?).clone(),
        };
        let outcome = request.with_idempotency_key(&key).send_raw().await;
        // A refusal is kept under its key by the platform, so another try needs another one.
        if !outcome.as_ref().is_err_and(Error::is_outcome_unknown) {
            self.key = None;
        }
        outcome
    }
}

/// The first of the calls that ends, which is taken out.
async fn first<T>(calls: &mut Vec<(u32, Sending<T>)>) -> (u32, Result<T, Error>) {
    let (at, outcome) = poll_fn(|context| {
        for (at, (_, call)) in calls.iter_mut().enumerate() {
            if let Poll::Ready(outcome) = Pin::new(call).poll(context) {
                return Poll::Ready((at, outcome));
            }
        }
        Poll::Pending
    })
    .await;
    (calls.swap_remove(at).0, outcome)
}

impl<T> fmt::Debug for Upload<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("source", &self.source)
            .field("acknowledged", &self.acknowledged)
            .finish_non_exhaustive()
    }
}
