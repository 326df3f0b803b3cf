//! Bodies: data in the shop's format, and any media type.

use bytes::Bytes;
use http::{HeaderValue, header};
use serde::Serialize;

use super::{Multipart, Request};
use crate::codec::{Writable, json};
use crate::sensitive::Sealer;

impl Request {
    /// Sets a body of data, as [`json`](Self::json) does.
    #[inline]
    pub fn set_json(&mut self, value: &(impl Serialize + ?Sized)) {
        self.set_body(&value);
    }

    fn set_body(&mut self, value: &dyn Writable) {
        let _sealer = Sealer::enter(&self.shop);
        match self.format.write(value) {
            Ok(body) => {
                self.body = body;
                self.headers.insert(header::CONTENT_TYPE, self.format.media_type());
            }
            Err(error) => self.note(format!("the body can't be written: {error}")),
        }
    }

    /// Sets a body of JSON under a media type of its own: `application/vnd.api+json`.
    pub fn set_json_as(&mut self, content_type: &str, value: &(impl Serialize + ?Sized)) {
        let _sealer = Sealer::enter(&self.shop);
        match json::request_body(&value) {
            Ok(body) => self.set_bytes(content_type, body),
            Err(error) => self.note(format!("the body can't be written: {error}")),
        }
    }

    /// Sets a body of text.
    pub fn set_text(&mut self, content_type: &str, text: &str) {
        self.set_bytes(content_type, Bytes::copy_from_slice(text.as_bytes()));
    }

    /// Sets a body of bytes, and says what they are.
    pub fn set_bytes(&mut self, content_type: &str, bytes: impl Into<Bytes>) {
        match HeaderValue::from_str(content_type) {
            Ok(value) => {
                self.headers.insert(header::CONTENT_TYPE, value);
                self.body = bytes.into();
            }
            Err(_) => self.note("the content type is not of the form that headers have"),
        }
    }

    /// Sets a body that is a form in parts (`multipart/form-data`).
    pub fn set_multipart(&mut self, form: Multipart) {
        match form.finish() {
            Ok((content_type, body)) => self.set_bytes(&content_type, body),
            Err(mistake) => self.note(mistake),
        }
    }
}
