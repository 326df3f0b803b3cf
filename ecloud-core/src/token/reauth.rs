//! The end of a shop's authorisation.

use std::fmt;

use crate::{Error, ErrorKind, Timestamp};

/// A shop has to authorise the application again: nothing that this side can do gives another token.
///
/// It is told once, when it is found out; calls for the shop end with [`ErrorKind::ReauthRequired`] from then on, as soon as the old
/// token has ended too.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReauthRequired {
    /// The application's key.
    pub app: String,
    /// What the shop is called on this side.
    pub shop: String,
    /// Why.
    pub reason: ReauthReason,
    /// When it was found out.
    pub at: Timestamp,
    /// Until when the old access token is still served; `None` where it has ended.
    pub served_until: Option<Timestamp>,
}

/// Why a shop has to authorise the application again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReauthReason {
    /// The platform refused the refresh token (`invalid_grant`): spent, revoked, or of an authorisation that was taken back.
    Refused,
    /// The refresh token, or an authorisation that no refresh extends, has ended.
    Expired,
    /// The access token has ended, and no refresh token came with it.
    NoRefreshToken,
}

impl fmt::Display for ReauthReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => "the platform refused the refresh token",
            Self::Expired => "the authorisation has ended",
            Self::NoRefreshToken => "the access token has ended and there is no refresh token",
        })
    }
}

impl ReauthReason {
    /// The error of calls.
    pub(super) fn error(self, shop: &str) -> Error {
        Error::new(ErrorKind::ReauthRequired, format!("shop `{shop}` has to authorise the application again: {self}"))
    }
}

/// The error of a shop that nothing is stored for.
pub(super) fn not_authorised(shop: &str) -> Error {
    let message = format!("shop `{shop}` has not authorised the application: no token is stored for it");
    Error::new(ErrorKind::ReauthRequired, message)
}
