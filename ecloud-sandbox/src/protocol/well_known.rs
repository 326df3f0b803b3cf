//! `/.well-known/…` (section 5): unsigned, outside of quota and idempotency.

use http::Method;

use crate::control;
use crate::platform::Request;

/// Whether a request reads the key set that access tokens are verified with: by the route that its path stands for, however it is encoded.
pub(crate) fn is_key_set(request: &Request) -> bool {
    let is_read = request.method == Method::GET || request.method == Method::HEAD;
    is_read && control::segments(request).is_some_and(|segments| segments == [".well-known", "jwks.json"])
}
