//! Who asks, and for what: HTTP Basic, and the form in the body.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ecloud_core::dialect::ecloud::SigningKey;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use url::form_urlencoded::parse;

use super::OAuthRefusal;
use crate::platform::{App, Request, RequestBody};

/// Names and values that came once each.
#[derive(Debug)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads form-encoded text.
    pub(super) fn read(text: &[u8]) -> Result<Self, OAuthRefusal> {
        let mut fields: Vec<(String, String)> = Vec::new();
        // A field without a value counts as left out (RFC 6749, section 3.1).
        for (name, value) in parse(text).into_owned().filter(|(_, value)| !value.is_empty()) {
            if fields.iter().any(|(other, _)| *other == name) {
                return Err(OAuthRefusal::request(format!("{name} came twice")));
            }
            fields.push((name, value));
        }
        Ok(Self(fields))
    }

    /// Reads the body of a request, which must be a form and say so.
    pub(super) fn of(request: &Request) -> Result<Self, OAuthRefusal> {
        let content_type = request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(OAuthRefusal::request("send a form, with content-type: application/x-www-form-urlencoded"));
        }
        match &request.body {
            RequestBody::Whole(bytes) => Self::read(bytes),
            RequestBody::TooLarge | RequestBody::Incomplete => Err(OAuthRefusal::request("the body can't be read")),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn need(&self, name: &str) -> Result<&str, OAuthRefusal> {
        self.get(name).ok_or_else(|| OAuthRefusal::request(format!("{name} is missing")))
    }
}

/// The application that a request is from.
pub(super) fn application<'a>(apps: &'a [App], request: &Request) -> Result<&'a App, OAuthRefusal> {
    let mut values = request.headers.get_all(AUTHORIZATION).iter();
    let header = values.next().filter(|_| values.next().is_none()).and_then(|value| value.to_str().ok());
    let known = || {
        let (scheme, credentials) = header?.split_once(' ')?;
        let text = STANDARD.decode(credentials.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
        let text = String::from_utf8(text).ok()?;
        let (key, secret) = text.split_once(':')?;
        let (key, secret) = (decoded(key)?, decoded(secret)?);
        // Only a key made of the secret is kept: it is the same if it signs the same.
        let proof = SigningKey::new(secret.as_bytes()).sign("client authentication");
        apps.iter().find(|app| app.app_key == key && app.key.verify("client authentication", proof.as_str()))
    };
    known().ok_or_else(OAuthRefusal::client)
}

/// One form-encoded text.
fn decoded(text: &str) -> Option<String> {
    if text.contains(['&', '=']) {
        return None;
    }
    Some(parse(format!("v={text}").as_bytes()).next()?.1.into_owned())
}
