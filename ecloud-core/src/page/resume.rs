//! Where a walk over pages stands, to be kept and taken up again.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::client::Request;
use crate::dialect::ecloud::body_digest;
use crate::{Error, ErrorKind};

/// Where a walk over pages stands: a short text that can be stored. It holds the page that comes next, and a fingerprint of the
/// operation and its filters, so that it is refused where they differ. It isn't signed: take it from nobody whom you wouldn't let choose
/// what is asked for.
///
/// ```
/// let token: ecloud_core::ResumeToken = "0123456789abcdef.c.b3BhcXVl".parse()?;
/// assert_eq!(token.to_string(), "0123456789abcdef.c.b3BhcXVl");
/// # Ok::<(), ecloud_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResumeToken {
    fingerprint: String,
    next: Next,
}

/// The page that comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The first page, as the caller asked for it.
    First,
    /// The page behind this cursor.
    Cursor(String),
    /// The page of this number.
    Number(u32),
    /// The page with this many items before it.
    Offset(u64),
    /// The page at this path and query, below the client's endpoint.
    Url(String),
}

impl ResumeToken {
    pub(super) fn new(request: &Request, next: Next) -> Self {
        Self { fingerprint: fingerprint(request), next }
    }

    /// The page to go on from, if the token belongs to this operation with these filters.
    pub(super) fn next_for(&self, request: &Request) -> Result<Next, Error> {
        if self.fingerprint != fingerprint(request) {
            let message = "the resume token belongs to another operation, or to other filters";
            return Err(Error::new(ErrorKind::Paging, message));
        }
        Ok(self.next.clone())
    }
}

/// 64 bits of a digest over operation, path and filters; what says where in the list one stands is left out.
fn fingerprint(request: &Request) -> String {
    let own = request.paging().map(|paging| [paging.parameter]);
    let places = own.as_ref().map_or(&["cursor", "page"][..], |own| own);
    body_digest(request.identity(places).as_bytes()).as_str()[..16].to_owned()
}

/// A path and query that were written as base64url.
fn target(text: &str) -> Option<String> {
    let target = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    (target.starts_with('/') && target.bytes().all(|byte| byte.is_ascii_graphic())).then_some(target)
}

impl fmt::Display for ResumeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.next {
            Next::First => write!(f, "{}.f.", self.fingerprint),
            Next::Cursor(cursor) => write!(f, "{}.c.{cursor}", self.fingerprint),
            Next::Number(number) => write!(f, "{}.n.{number}", self.fingerprint),
            Next::Offset(offset) => write!(f, "{}.o.{offset}", self.fingerprint),
            Next::Url(target) => write!(f, "{}.u.{}", self.fingerprint, URL_SAFE_NO_PAD.encode(target)),
        }
    }
}

impl FromStr for ResumeToken {
    type Err = Error;

    /// Reads what `Display` wrote.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Paging`] for a text that is no token.
    fn from_str(text: &str) -> Result<Self, Error> {
        let refused = || Error::new(ErrorKind::Paging, "not a resume token");
        let mut parts = text.splitn(3, '.');
        let (Some(fingerprint), Some(style), Some(place)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(refused());
        };
        if fingerprint.len() != 16 {
            return Err(refused());
        }
        let next = match style {
            "f" if place.is_empty() => Next::First,
            "c" if !place.is_empty() => Next::Cursor(place.to_owned()),
            "n" => Next::Number(place.parse().map_err(|_| refused())?),
            "o" => Next::Offset(place.parse().map_err(|_| refused())?),
            "u" => Next::Url(target(place).ok_or_else(refused)?),
            _ => return Err(refused()),
        };
        Ok(Self { fingerprint: fingerprint.to_owned(), next })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_place() -> impl Strategy<Value = Next> {
        prop_oneof![
            Just(Next::First),
            ".{1,20}".prop_map(Next::Cursor),
            any::<u32>().prop_map(Next::Number),
            any::<u64>().prop_map(Next::Offset),
            "/[!-~]{0,20}".prop_map(Next::Url),
        ]
    }

    proptest! {
        #[test]
        fn any_place_comes_back_from_its_text(next in any_place()) {
            let token = ResumeToken { fingerprint: "0123456789abcdef".to_owned(), next };
            prop_assert_eq!(token.to_string().parse::<ResumeToken>().unwrap(), token);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "([0-9a-f]{16}[.][cnoufx][.])?.{0,20}") {
            if let Ok(token) = text.parse::<ResumeToken>() {
                prop_assert_eq!(token.to_string().parse::<ResumeToken>().unwrap(), token);
            }
        }
    }
}
