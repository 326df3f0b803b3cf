//! What an upload sends: bytes, a file, a stream.

use std::fmt;
use std::fs;
use std::future::poll_fn;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::Poll;

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::save::failed;
use crate::codec::hex;
use crate::{Error, ErrorKind, File};

/// As much of a file is read for its hash before other tasks of the thread have a turn, in bytes.
const TURN: usize = 1024 * 1024;

/// A file as the platform is told of it before its content comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UploadFile {
    /// Its name.
    pub file_name: String,
    /// Its media type, `image/png`.
    pub media_type: String,
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 of its content, 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// What an upload sends.
///
/// A [`File`](crate::File) of memory is one, too: `UploadSource::from(file)`.
pub struct UploadSource {
    file_name: String,
    media_type: String,
    content: Content,
    /// Size and digest, where they are known.
    known: Option<(u64, String)>,
}

enum Content {
    Bytes(Bytes),
    Path(PathBuf),
    Opened(fs::File),
    Stream(Chunks),
}

/// A stream, and what of it came beyond the last part.
struct Chunks {
    stream: Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send + Sync>>,
    gathered: BytesMut,
    has_ended: bool,
}

impl UploadSource {
    /// Bytes, under a name and a media type (`image/png`).
    pub fn bytes(file_name: impl Into<String>, media_type: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self::new(file_name.into(), media_type.into(), Content::Bytes(bytes.into()))
    }

    /// A file on this machine, under its own name. It is read twice, once for its hash and once to be sent, on the thread that sends it, and
    /// mustn't change meanwhile.
    pub fn path(path: impl Into<PathBuf>, media_type: impl Into<String>) -> Self {
        let path = path.into();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Self::new(name, media_type.into(), Content::Path(path))
    }

    /// A stream, whose size in bytes and SHA-256 (64 hexadecimal digits) have to be known beforehand, as the platform asks for them first.
    pub fn stream(
        file_name: impl Into<String>,
        media_type: impl Into<String>,
        size: u64,
        sha256: impl Into<String>,
        stream: impl Stream<Item = io::Result<Bytes>> + Send + Sync + 'static,
    ) -> Self {
        let chunks = Chunks { stream: Box::pin(stream), gathered: BytesMut::new(), has_ended: false };
        let known = Some((size, sha256.into().to_ascii_lowercase()));
        Self { known, ..Self::new(file_name.into(), media_type.into(), Content::Stream(chunks)) }
    }

    /// Another name for the platform.
    #[must_use]
    pub fn named(mut self, file_name: impl Into<String>) -> Self {
        self.file_name = file_name.into();
        self
    }

    fn new(file_name: String, media_type: String, content: Content) -> Self {
        Self { file_name, media_type, content, known: None }
    }

    /// What the platform is told; a file is read for it, once.
    pub(super) async fn describe(&mut self) -> Result<UploadFile, Error> {
        let (size, sha256) = match (&self.known, &self.content) {
            (Some(known), _) => known.clone(),
            (None, Content::Path(path)) => digest_of(path).await.map_err(failed)?,
            (None, Content::Bytes(bytes)) => (bytes.len() as u64, digits(&Sha256::digest(bytes))),
            (None, Content::Opened(_) | Content::Stream(_)) => (0, String::new()),
        };
        if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Error::new(ErrorKind::InvalidRequest, "the stream's SHA-256 is not 64 hexadecimal digits"));
        }
        self.known = Some((size, sha256.clone()));
        Ok(UploadFile { file_name: self.file_name.clone(), media_type: self.media_type.clone(), size, sha256 })
    }

    /// The next bytes: as many as are asked for, fewer only at the end.
    ///
    /// What was taken in is kept when the future is dropped.
    pub(super) async fn next_part(&mut self, size: usize) -> Result<Bytes, Error> {
        if let Content::Path(path) = &self.content {
            self.content = Content::Opened(fs::File::open(path).map_err(failed)?);
        }
        match &mut self.content {
            Content::Bytes(bytes) => Ok(bytes.split_to(size.min(bytes.len()))),
            Content::Opened(file) => read_up_to(file, size).map_err(failed),
            Content::Stream(chunks) => chunks.take(size).await.map_err(failed),
            Content::Path(_) => Ok(Bytes::new()),
        }
    }
}

impl Chunks {
    async fn take(&mut self, size: usize) -> io::Result<Bytes> {
        while self.gathered.len() < size && !self.has_ended {
            match poll_fn(|context| self.stream.as_mut().poll_next(context)).await {
                Some(chunk) => self.gathered.extend_from_slice(&chunk?),
                None => self.has_ended = true,
            }
        }
        Ok(self.gathered.split_to(size.min(self.gathered.len())).freeze())
    }
}

/// Size and digest of a file, which other tasks don't wait for.
async fn digest_of(path: &Path) -> io::Result<(u64, String)> {
    let mut file = fs::File::open(path)?;
    let mut digest = Sha256::new();
    let mut size = 0;
    loop {
        let bytes = read_up_to(&mut file, TURN)?;
        if bytes.is_empty() {
            return Ok((size, digits(&digest.finalize())));
        }
        digest.update(&bytes);
        size += bytes.len() as u64;
        let mut has_yielded = false;
        poll_fn(|context| {
            if std::mem::replace(&mut has_yielded, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}

/// As many bytes as are asked for, fewer only at the end of the file.
fn read_up_to(file: &mut fs::File, size: usize) -> io::Result<Bytes> {
    let mut bytes = Vec::with_capacity(size);
    file.take(size as u64).read_to_end(&mut bytes)?;
    Ok(bytes.into())
}

fn digits(digest: &[u8]) -> String {
    let mut text = [0; 64];
    hex::write_lower(digest, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

impl From<File> for UploadSource {
    fn from(file: File) -> Self {
        Self::bytes(file.name(), file.content_type(), file.bytes().clone())
    }
}

impl fmt::Debug for UploadSource {
    /// Its name and size, never its content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.known.as_ref().map(|(size, _)| size);
        f.debug_struct("UploadSource").field("file_name", &self.file_name).field("size", &size).finish_non_exhaustive()
    }
}
