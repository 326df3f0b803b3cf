//! How the platform signs events (Standard Webhooks 1.0), by steps of its own: so what the core verifies is held against the specification,
//! and not against its own signer.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ecloud_core::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// A secret that the platform shares with a receiver. `Debug` doesn't show it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct EventSecret {
    #[serde(with = "crate::snapshot::base64")]
    key: Vec<u8>,
}

impl EventSecret {
    /// Reads `whsec_` and 24 to 64 bytes in base64; `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let key = STANDARD.decode(text.strip_prefix("whsec_")?).ok()?;
        (24..=64).contains(&key.len()).then_some(Self { key })
    }

    fn sign(&self, id: &str, timestamp: &str, body: &[u8]) -> String {
        let mut code = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        code.update(format!("{id}.{timestamp}.").as_bytes());
        code.update(body);
        format!("v1,{}", STANDARD.encode(code.finalize().into_bytes()))
    }
}

impl fmt::Debug for EventSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventSecret(***)")
    }
}

/// The three headers of a delivery, with a signature by each secret; before them those of versions that nobody knows, where they are wanted.
pub(crate) fn headers(
    secrets: &[EventSecret],
    id: &str,
    sent_at: Timestamp,
    body: &[u8],
    other_versions: bool,
) -> HeaderMap {
    let timestamp = sent_at.unix_seconds().to_string();
    let others = ["v1a,bm90IGFuIEVkMjU1MTkgc2lnbmF0dXJl", "v9,?"].into_iter().filter(|_| other_versions);
    let signatures: Vec<String> =
        others.map(str::to_owned).chain(secrets.iter().map(|secret| secret.sign(id, &timestamp, body))).collect();
    [("webhook-id", id), ("webhook-timestamp", &timestamp), ("webhook-signature", &signatures.join(" "))]
        .into_iter()
        .map(|(name, value)| {
            let value = HeaderValue::from_str(value).expect("ids, numbers and base64 are visible ASCII");
            (http::HeaderName::from_static(name), value)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_the_published_ones() {
        let secret = EventSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let sent_at = Timestamp::from_unix_seconds(1_614_265_330);
        let made = headers(&[secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", sent_at, br#"{"test": 2432232314}"#, false);
        assert_eq!(made["webhook-id"], "msg_p5jXN8AQM9LWM0D4loKWxJek");
        assert_eq!(made["webhook-timestamp"], "1614265330");
        assert_eq!(made["webhook-signature"], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_of_another_form_is_none_and_no_debug_shows_one() {
        for text in [
            "",
            "whsec_",
            "whsec_c2hvcnQ=",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
        ] {
            assert!(EventSecret::parse(text).is_none(), "{text}");
        }
        let secret = EventSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        assert_eq!(format!("{secret:?}"), "EventSecret(***)");
    }
}
