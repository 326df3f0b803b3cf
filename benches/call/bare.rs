//! The lower bound: the least that a signed call can cost on reqwest.
//!
//! Nobody would maintain it: it makes this one call and no other, so its canonical form is a fixed text with two gaps, its address is
//! parsed, its token encoded and its header names known beforehand.

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use reqwest::{Request, Url};
use serde::de::DeserializeOwned;
use sha2::Sha256;

use crate::by_hand::{Failure, client, encoded, lower_hex, nonce, read, unix_seconds};
use crate::server::{ACCESS_TOKEN, APP_KEY, APP_SECRET};

/// One call, and all of it that is the same each time.
#[derive(Clone)]
pub(crate) struct Bare {
    http: reqwest::Client,
    url: Url,
    authorization: HeaderValue,
    encoded_authorization: String,
    /// The signed query pairs, which sort behind the headers.
    query: String,
    key: Hmac<Sha256>,
}

impl Bare {
    /// The call of `target`, whose query has no name before another that it sorts behind.
    pub(crate) fn new(base: &str, target: &str) -> Result<Self, Failure> {
        let authorization = format!("Bearer {ACCESS_TOKEN}");
        let mut pairs: Vec<&str> = target.split_once('?').map_or(Vec::new(), |(_, query)| query.split('&').collect());
        pairs.sort_unstable();
        Ok(Self {
            http: client()?,
            url: format!("{base}{target}").parse()?,
            authorization: HeaderValue::from_str(&authorization)?,
            encoded_authorization: encoded(&authorization),
            query: pairs.iter().map(|pair| format!("&{pair}")).collect(),
            key: Hmac::new_from_slice(APP_SECRET.as_bytes())?,
        })
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let timestamp = unix_seconds()?.to_string();
        let nonce = nonce()?;
        let (path, token, query) = (self.url.path(), &self.encoded_authorization, &self.query);
        let text = format!(
            "GET|{path}|{timestamp}|:authorization={token}&:x-ecloud-app-key={APP_KEY}&:x-ecloud-nonce={nonce}{query}"
        );
        let mut state = self.key.clone();
        state.update(text.as_bytes());
        let signature = lower_hex(&state.finalize().into_bytes());
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::AUTHORIZATION, self.authorization.clone());
        headers.insert(HeaderName::from_static("x-ecloud-app-key"), HeaderValue::from_static(APP_KEY));
        headers.insert(HeaderName::from_static("x-ecloud-timestamp"), HeaderValue::from_str(&timestamp)?);
        headers.insert(HeaderName::from_static("x-ecloud-nonce"), HeaderValue::from_str(&nonce)?);
        headers.insert(HeaderName::from_static("x-ecloud-signature"), HeaderValue::from_str(&signature)?);
        let mut request = Request::new(Method::GET, self.url.clone());
        *request.headers_mut() = headers;
        read(self.http.execute(request).await?).await
    }
}
