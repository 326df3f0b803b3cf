//! A file as a stream of its parts.

use std::fmt;
use std::future::poll_fn;
use std::io::Read;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::{FusedStream, Stream};
use http::{HeaderValue, StatusCode};
use sha2::{Digest, Sha256};

use super::content_range::ContentRange;
use super::{OnProgress, TransferProgress};
use crate::client::{RawAnswer, Request, Sending};
use crate::codec::hex;
use crate::{Error, ErrorKind};

/// Bytes of a part unless it is said.
const PART: u64 = 1024 * 1024;
/// The SHA-256 of the whole file, in lower-case hexadecimal digits.
const SHA256: &str = "x-ecloud-file-sha256";

/// A file as a stream of its parts, each a call of its own that asks for a range.
///
/// So a connection that breaks off costs a part, not the file, and no more than a part is in memory. Where the platform says the SHA-256 of the
/// file, the stream ends with an error instead of its end if that isn't what came: **what was read until then isn't the file.** A file that changes
/// while it is read is noticed with the next part.
///
/// Made by [`Request::download`] and by generated operations whose answer is a file. Dropping a future of it loses nothing, as the request stays
/// under way with the stream.
///
/// ```no_run
/// # async fn example(shop: ecloud_core::Shop) -> Result<(), ecloud_core::Error> {
/// use ecloud_core::Method;
///
/// let mut file = shop.request(Method::GET, "/trade/v1/exports/{id}/file").path("id", "E1").download();
/// while let Some(part) = file.try_next().await? {
///     println!("{} of {:?} bytes", file.progress().done, file.progress().total);
///     # drop(part);
/// }
/// # Ok(()) }
/// ```
#[must_use = "a download does nothing until it is polled"]
pub struct Download {
    request: Request,
    part_size: u64,
    /// Bytes that were handed out, or were there before.
    position: u64,
    digest: Sha256,
    /// What the first answer said of the whole file.
    file: Option<WholeFile>,
    under_way: Option<Sending<RawAnswer>>,
    has_ended: bool,
    on_progress: Option<OnProgress>,
}

/// What doesn't change from part to part.
struct WholeFile {
    size: u64,
    sha256: Option<HeaderValue>,
}

impl Download {
    pub(crate) fn new(mut request: Request) -> Self {
        request.accept_anything();
        Self {
            request,
            part_size: PART,
            position: 0,
            digest: Sha256::new(),
            file: None,
            under_way: None,
            has_ended: false,
            on_progress: None,
        }
    }

    /// How many bytes a part has: 1 MiB unless set, at least 1. Each part is a call, and costs as much quota as one.
    pub fn part_size(mut self, bytes: u32) -> Self {
        self.part_size = u64::from(bytes.max(1));
        self
    }

    /// Calls back after each part.
    pub fn on_progress(mut self, call: impl FnMut(TransferProgress) + Send + Sync + 'static) -> Self {
        self.on_progress = Some(Box::new(call));
        self
    }

    /// Goes on behind what is there already: it is read to its end, counts for the hash, and isn't asked for again.
    ///
    /// # Errors
    ///
    /// Those of the reader.
    pub fn continue_after(mut self, mut received: impl Read) -> std::io::Result<Self> {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match received.read(&mut buffer) {
                Ok(0) => return Ok(self),
                Ok(count) => {
                    self.digest.update(&buffer[..count]);
                    self.position += count as u64;
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// How far it is. The size is known from the first part on.
    pub fn progress(&self) -> TransferProgress {
        TransferProgress { done: self.position, total: self.file.as_ref().map(|file| file.size) }
    }

    /// The next part; `None` at the end, when the hash was compared.
    ///
    /// # Errors
    ///
    /// Those of the operation; [`ErrorKind::InvalidResponse`] where a part isn't what was asked for, the file changes while it is read, or its
    /// hash isn't the one that the platform says; [`ErrorKind::ResponseTooLarge`] where the platform knows no ranges and the whole file is larger
    /// than the client's limit of an answer. After an error the stream has ended; [`continue_after`](Self::continue_after) goes on.
    pub async fn try_next(&mut self) -> Result<Option<Bytes>, Error> {
        poll_fn(|context| self.poll_part(context)).await.transpose()
    }

    /// All that is still to come in memory, at most so many bytes.
    ///
    /// # Errors
    ///
    /// Those of [`try_next`](Self::try_next), and [`ErrorKind::ResponseTooLarge`] as soon as it is known that there is more.
    pub async fn bytes(mut self, limit: usize) -> Result<Bytes, Error> {
        let before = self.position;
        let mut whole = BytesMut::new();
        while let Some(part) = self.try_next().await? {
            let size = self.progress().total.unwrap_or_default() - before;
            if size > limit as u64 || part.len() > limit.saturating_sub(whole.len()) {
                let message = format!("the file is larger than the limit of {limit} bytes");
                return Err(self.request.error(Error::new(ErrorKind::ResponseTooLarge, message)));
            }
            whole.extend_from_slice(&part);
        }
        Ok(whole.freeze())
    }

    /// The same download from the first byte on, with nothing done yet.
    pub(super) fn begun_anew(self) -> Self {
        let Self { request, part_size, on_progress, .. } = self;
        Self { part_size, on_progress, ..Self::new(request) }
    }

    fn poll_part(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        if self.under_way.is_none() && self.file.as_ref().is_some_and(|file| file.size == self.position) {
            self.has_ended = true;
            return Poll::Ready(self.compare_hash().err().map(Err));
        }
        let under_way = self.under_way.get_or_insert_with(|| {
            let last = self.position.saturating_add(self.part_size - 1);
            self.request.clone().header("range", &format!("bytes={}-{last}", self.position)).send_raw()
        });
        let answered = ready!(Pin::new(under_way).poll(context));
        self.under_way = None;
        let part = match answered {
            Ok(answer) => self.take(&answer).map_err(|reason| answer.unexpected(reason)),
            Err(error) => self.end_of(error),
        };
        match part {
            Ok(part) if part.is_empty() => self.poll_part(context),
            Ok(part) => Poll::Ready(Some(Ok(part))),
            Err(error) => {
                self.has_ended = true;
                Poll::Ready(Some(Err(error)))
            }
        }
    }

    /// Takes a part in, or says what is wrong with it. Only an empty file has a part without bytes.
    fn take(&mut self, answer: &RawAnswer) -> Result<Bytes, &'static str> {
        let is_part = answer.status() == StatusCode::PARTIAL_CONTENT.as_u16();
        let sha256 = answer.meta.headers().get(SHA256).cloned();
        let length = answer.body.len() as u64;
        let (part, size) = if is_part {
            let range = ContentRange::of(answer.meta.headers()).ok_or("it is a part, and doesn't say which")?;
            if range.part != Some((self.position, length)) {
                return Err("it is another part than the one asked for");
            }
            (answer.body.clone(), range.total)
        } else {
            // No range is known there: it is the whole file, of which the beginning may be there already.
            let known = usize::try_from(self.position).ok().filter(|known| *known <= answer.body.len());
            (answer.body.slice(known.ok_or(CHANGED)?..), length)
        };
        self.learn(WholeFile { size, sha256 })?;
        self.digest.update(&part);
        self.position += part.len() as u64;
        let progress = self.progress();
        if let Some(on_progress) = &mut self.on_progress {
            on_progress(progress);
        }
        Ok(part)
    }

    /// No part is there any more: the end of a file that is empty, or all of which was there before.
    fn end_of(&mut self, error: Error) -> Result<Bytes, Error> {
        let is_behind = error.status() == Some(StatusCode::RANGE_NOT_SATISFIABLE.as_u16());
        let headers = error.headers().filter(|_| is_behind);
        let at_its_end = headers.and_then(ContentRange::of) == Some(ContentRange { part: None, total: self.position });
        if !at_its_end {
            return Err(error);
        }
        let sha256 = headers.and_then(|headers| headers.get(SHA256)).cloned();
        self.learn(WholeFile { size: self.position, sha256 })
            .map_err(|reason| self.request.error(Error::new(ErrorKind::InvalidResponse, reason)))?;
        Ok(Bytes::new())
    }

    /// Remembers what the first answer says, and compares what the others say.
    fn learn(&mut self, said: WholeFile) -> Result<(), &'static str> {
        let Some(file) = &mut self.file else {
            let is_long_enough = said.size >= self.position;
            self.file = Some(said);
            return is_long_enough.then_some(()).ok_or(CHANGED);
        };
        let is_another = matches!((&file.sha256, &said.sha256), (Some(one), Some(other)) if one != other);
        if file.size != said.size || is_another {
            return Err(CHANGED);
        }
        file.sha256 = file.sha256.take().or(said.sha256);
        Ok(())
    }

    fn compare_hash(&self) -> Result<(), Error> {
        let Some(said) = self.file.as_ref().and_then(|file| file.sha256.as_ref()) else { return Ok(()) };
        let mut digits = [0; 64];
        hex::write_lower(&self.digest.clone().finalize(), &mut digits);
        if said.as_bytes().eq_ignore_ascii_case(&digits) {
            return Ok(());
        }
        let reason = "the file's SHA-256 is not the one that the platform says: it was changed on its way";
        Err(self.request.error(Error::new(ErrorKind::InvalidResponse, reason)))
    }
}

const CHANGED: &str = "the file has changed since its first part was read";

impl Stream for Download {
    type Item = Result<Bytes, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_part(context)
    }
}

// What is under way is boxed; nothing is pinned here.
impl Unpin for Download {}

impl FusedStream for Download {
    fn is_terminated(&self) -> bool {
        self.has_ended
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("request", &self.request)
            .field("progress", &self.progress())
            .finish_non_exhaustive()
    }
}
