//! The secret that two sides of a webhook share.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use base64::Engine;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::digest::CtOutput;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{Error, ErrorKind, Random};

/// Platforms print secrets with and without the padding.
const SECRETS: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// How long a secret is, in bytes (Standard Webhooks 1.0, "Signature scheme").
const LENGTH: RangeInclusive<usize> = 24..=64;
const PREFIX: &str = "whsec_";

/// A webhook's secret, as a keyed HMAC state: the key is worked in once, and the secret itself is not kept.
///
/// It is written `whsec_` and 24 to 64 bytes in base64; the prefix and the padding may be left out. Each callback should have a secret of its own.
/// `Debug` shows `WebhookSecret(***)`.
///
/// ```
/// use ecloud_core::event::WebhookSecret;
///
/// let secret: WebhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse()?;
/// assert_eq!(format!("{secret:?}"), "WebhookSecret(***)");
/// assert!("whsec_dG9vIHNob3J0".parse::<WebhookSecret>().is_err());
/// # Ok::<(), ecloud_core::Error>(())
/// ```
#[derive(Clone)]
pub struct WebhookSecret {
    state: Hmac<Sha256>,
}

impl WebhookSecret {
    /// The secret that these 24 to 64 bytes are.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for fewer or more.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        if !LENGTH.contains(&bytes.len()) {
            let message = format!("a webhook's secret has 24 to 64 bytes, not {}", bytes.len());
            return Err(Error::new(ErrorKind::Configuration, message));
        }
        // HMAC takes keys of any length (RFC 2104, section 2).
        Ok(Self {
            state: Hmac::new_from_slice(bytes).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length")),
        })
    }

    /// A new secret of 32 random bytes, in the form in which it is handed over. It is shown this once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where the operating system has no randomness to give.
    pub fn generate(random: &Random) -> Result<(Self, String), Error> {
        let draw =
            || random.bytes().map_err(|error| Error::new(ErrorKind::Configuration, "no randomness").with_source(error));
        let bytes = Zeroizing::new([draw()?, draw()?].concat());
        Ok((Self::from_bytes(&bytes)?, format!("{PREFIX}{}", SECRETS.encode(&*bytes))))
    }

    /// The authentication code of a delivery; comparing two takes the same time wherever they differ.
    pub(super) fn code(&self, id: &str, timestamp: &str, body: &[u8]) -> CtOutput<Hmac<Sha256>> {
        let mut state = self.state.clone();
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            state.update(part);
        }
        state.finalize()
    }
}

impl FromStr for WebhookSecret {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |message: &'static str| Error::new(ErrorKind::Configuration, message);
        if ["whsk_", "whpk_"].iter().any(|prefix| text.starts_with(prefix)) {
            return Err(wrong("this is an Ed25519 key (`v1a`); only shared secrets (`whsec_`, `v1`) are supported"));
        }
        let encoded = text.strip_prefix(PREFIX).unwrap_or(text);
        let bytes = SECRETS.decode(encoded).map_err(|_| wrong("a webhook's secret is `whsec_` and base64"))?;
        Self::from_bytes(&Zeroizing::new(bytes))
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: &[u8] = b"0123456789abcdefghijklmn";

    #[test]
    fn prefix_and_padding_may_be_left_out() {
        let code = |text: &str| text.parse::<WebhookSecret>().unwrap().code("a", "1", b"").into_bytes();
        let expected = WebhookSecret::from_bytes(&[BYTES, b"o"].concat()).unwrap().code("a", "1", b"").into_bytes();
        let encoded = "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ubw";
        for text in
            [format!("whsec_{encoded}=="), format!("whsec_{encoded}"), format!("{encoded}=="), encoded.to_owned()]
        {
            assert_eq!(code(&text), expected);
        }
    }

    #[test]
    fn a_wrong_secret_is_a_configuration_error_that_does_not_show_it() {
        let long = "QUFB".repeat(22);
        for text in ["", "whsec_", "whsec_dG9vIHNob3J0", "whsec_張", "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1u!", &long]
        {
            let error = text.parse::<WebhookSecret>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(!format!("{error:?}").contains("MDEy") && !format!("{error:?}").contains("dG9v"), "{error:?}");
        }
        let key = "whpk_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=".parse::<WebhookSecret>().unwrap_err();
        assert!(key.to_string().contains("Ed25519"), "{key}");
    }

    #[test]
    fn a_generated_secret_is_read_back_and_is_no_other() {
        let random = Random::seeded(7);
        let (secret, text) = WebhookSecret::generate(&random).unwrap();
        let (other, _) = WebhookSecret::generate(&random).unwrap();
        let read: WebhookSecret = text.parse().unwrap();
        assert!(text.starts_with("whsec_") && read.code("a", "1", b"") == secret.code("a", "1", b""));
        assert!(secret.code("a", "1", b"") != other.code("a", "1", b""));
    }
}
