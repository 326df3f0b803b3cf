//! Answers that aren't one value of data: nothing, text, bytes, one of several by status.

use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::RawAnswer;
use crate::Error;
use crate::call;

/// What can be read from an answer as a whole: its status, headers and body.
///
/// Generated enums of answers by status implement it, and so may types of your own; a body that is JSON needs none of it, but
/// [`Request::send`](crate::Request::send).
pub trait FromAnswer: Sized {
    /// Reads a success.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse) where the answer isn't what was promised.
    fn from_answer(answer: &RawAnswer) -> Result<Self, Error>;
}

impl FromAnswer for () {
    /// Whatever the body is, it isn't read.
    fn from_answer(_: &RawAnswer) -> Result<Self, Error> {
        Ok(())
    }
}

impl FromAnswer for Bytes {
    fn from_answer(answer: &RawAnswer) -> Result<Self, Error> {
        Ok(answer.body.clone())
    }
}

impl FromAnswer for String {
    /// The body as UTF-8.
    fn from_answer(answer: &RawAnswer) -> Result<Self, Error> {
        Self::from_utf8(answer.body.to_vec()).map_err(|_| answer.unexpected("the text is not UTF-8"))
    }
}

impl FromAnswer for RawAnswer {
    fn from_answer(answer: &RawAnswer) -> Result<Self, Error> {
        Ok(answer.clone())
    }
}

impl<T: DeserializeOwned> FromAnswer for Option<T> {
    /// JSON, or nothing where the body is empty.
    fn from_answer(answer: &RawAnswer) -> Result<Self, Error> {
        if answer.body.is_empty() { Ok(None) } else { answer.json() }
    }
}

impl RawAnswer {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.meta.status()
    }

    /// Reads the body as JSON, or in the format that it says it has; an empty one reads as null.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse) where it isn't a value of that type.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        super::request::read(self)
    }

    /// The error that this answer isn't what was promised; `message` is shown as it is.
    pub fn unexpected(&self, message: &'static str) -> Error {
        call::unreadable(self, message)
    }
}
