//! The compact form of a JWS (RFC 7515, section 7.1): three parts in base64url with dots between them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::{TOKEN_LIMIT, strict_json};

/// A token taken apart; nothing is decoded yet.
pub(super) struct Compact<'a> {
    header: &'a str,
    payload: &'a str,
    #[cfg(feature = "jwt")]
    pub(super) signing_input: &'a str,
    #[cfg(feature = "jwt")]
    signature: &'a str,
}

impl<'a> Compact<'a> {
    /// Takes a token apart; `None` where it is too long or isn't of the form. An opaque token with two dots is of the form: its header
    /// tells.
    pub(super) fn split(token: &'a str) -> Option<Self> {
        if token.len() > TOKEN_LIMIT {
            return None;
        }
        let (signing_input, signature) = token.rsplit_once('.')?;
        let (header, payload) = signing_input.split_once('.')?;
        let is_whole = !header.is_empty() && !payload.is_empty() && !payload.contains('.');
        #[cfg(not(feature = "jwt"))]
        let _ = signature;
        is_whole.then_some(Self {
            header,
            payload,
            #[cfg(feature = "jwt")]
            signing_input,
            #[cfg(feature = "jwt")]
            signature,
        })
    }

    /// The header: a JSON object.
    pub(super) fn header(&self) -> Option<Map<String, Value>> {
        strict_json::object(&decode(self.header)?)
    }

    /// The payload: a JSON object.
    pub(super) fn payload(&self) -> Option<Map<String, Value>> {
        strict_json::object(&decode(self.payload)?)
    }

    #[cfg(feature = "jwt")]
    pub(super) fn signature(&self) -> Option<Vec<u8>> {
        decode(self.signature)
    }
}

/// base64url without padding, and in the one way in which it can be written: bits that no byte needs are zero.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}
