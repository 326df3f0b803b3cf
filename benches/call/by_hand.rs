//! The baseline: what a careful engineer writes on reqwest for the reads of one platform.
//!
//! Its URL, headers, canonical form, signature, time limit, status check and decoding are all there; it doesn't retry, wait for
//! quota, correct its clock, bound the answer's size, trace, or tell errors apart.

use std::error::Error;
use std::fmt::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use serde::de::DeserializeOwned;
use sha2::Sha256;

use crate::server::{ACCESS_TOKEN, APP_KEY, APP_SECRET};

pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// The platform, as far as it is needed.
#[derive(Clone)]
pub(crate) struct ByHand {
    http: reqwest::Client,
    base: String,
    authorization: String,
    key: Hmac<Sha256>,
}

/// reqwest with the settings that the protocol asks for, and that the SDK has too.
pub(crate) fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .user_agent("by-hand/1.0")
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(15))
        .build()
}

impl ByHand {
    pub(crate) fn new(base: &str) -> Result<Self, Failure> {
        Ok(Self {
            http: client()?,
            base: base.to_owned(),
            authorization: format!("Bearer {ACCESS_TOKEN}"),
            key: Hmac::new_from_slice(APP_SECRET.as_bytes())?,
        })
    }

    /// Reads `path`, with these query pairs.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T, Failure> {
        let mut url = format!("{}{path}", self.base);
        for (at, (name, value)) in query.iter().enumerate() {
            url.push(if at == 0 { '?' } else { '&' });
            url.push_str(&encoded(name));
            url.push('=');
            url.push_str(&encoded(value));
        }
        let timestamp = unix_seconds()?.to_string();
        let nonce = nonce()?;
        let signature = self.sign("GET", path, query, &timestamp, &nonce);
        let request = self
            .http
            .get(&url)
            .header("accept", "application/json")
            .header("authorization", &self.authorization)
            .header("x-ecloud-app-key", APP_KEY)
            .header("x-ecloud-timestamp", &timestamp)
            .header("x-ecloud-nonce", &nonce)
            .header("x-ecloud-signature", &signature);
        read(request.send().await?).await
    }

    fn sign(&self, method: &str, path: &str, query: &[(&str, &str)], timestamp: &str, nonce: &str) -> String {
        let mut pairs: Vec<(String, String)> =
            query.iter().map(|(name, value)| (encoded(name), encoded(value))).collect();
        let headers =
            [("authorization", &*self.authorization), ("x-ecloud-app-key", APP_KEY), ("x-ecloud-nonce", nonce)];
        for (name, value) in headers {
            pairs.push((format!(":{name}"), encoded(value)));
        }
        pairs.sort();
        let mut text = format!("{method}|{path}|{timestamp}|");
        for (at, (name, value)) in pairs.iter().enumerate() {
            if at > 0 {
                text.push('&');
            }
            text.push_str(name);
            text.push('=');
            text.push_str(value);
        }
        let mut state = self.key.clone();
        state.update(text.as_bytes());
        lower_hex(&state.finalize().into_bytes())
    }
}

/// Takes in an answer, and decodes it as the SDK does: checked for UTF-8 once, and read as text.
pub(crate) async fn read<T: DeserializeOwned>(response: reqwest::Response) -> Result<T, Failure> {
    let status = response.status();
    let body = response.bytes().await?;
    let text = std::str::from_utf8(&body)?;
    if !status.is_success() {
        return Err(format!("{status}: {text}").into());
    }
    Ok(serde_json::from_str(text)?)
}

pub(crate) fn nonce() -> Result<String, Failure> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)?;
    Ok(lower_hex(&random))
}

pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

pub(crate) fn lower_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

#[expect(clippy::disallowed_methods, reason = "by hand there is no other clock")]
pub(crate) fn unix_seconds() -> Result<u64, Failure> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}
