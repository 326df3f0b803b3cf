//! A token's header: by which key it claims to be signed, and how.

use serde_json::{Map, Value};

use super::{Algorithm, shown};

/// What of a header is looked at.
pub(super) struct Header {
    pub(super) algorithm: Algorithm,
    pub(super) key_id: String,
}

impl Header {
    /// Reads a header, or says what is wrong with it.
    pub(super) fn read(members: &Map<String, Value>) -> Result<Self, String> {
        // What must be understood and isn't, or changes what the bytes mean, makes the token another thing (RFC 7515, 4.1.11; RFC 7797).
        for name in ["crit", "b64", "zip", "enc"] {
            if members.contains_key(name) {
                return Err(format!("its header has `{name}`, which no access token has"));
            }
        }
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let algorithm = text("alg").ok_or("its header names no algorithm")?;
        let algorithm = Algorithm::named(algorithm)
            .ok_or_else(|| format!("it is signed by `{}`, which is neither EdDSA nor RS256", shown(algorithm)))?;
        let is_access_token = match members.get("typ") {
            None => true,
            Some(kind) => kind.as_str().is_some_and(is_access_token_type),
        };
        if !is_access_token {
            return Err("its `typ` is that of another kind of token".to_owned());
        }
        let key_id = text("kid").filter(|id| !id.is_empty()).ok_or("its header names no key")?.to_owned();
        Ok(Self { algorithm, key_id })
    }
}

/// `JWT`, or what RFC 9068 calls an access token; media types know no case, and may leave out `application/`.
fn is_access_token_type(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    matches!(kind.strip_prefix("application/").unwrap_or(&kind), "jwt" | "at+jwt")
}
