//! What proves to a plain REST platform who calls: one value for all its security schemes.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::client::{AccessToken, add_cookie};
use crate::dialect::ecloud::encode;
use crate::{Error, ErrorKind};

/// A way to prove who calls, as an API description has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SecurityScheme {
    /// A token in `authorization: Bearer …`: HTTP bearer, OAuth 2, OpenID Connect.
    Bearer,
    /// User and password in `authorization: Basic …` (RFC 7617).
    Basic,
    /// A key under a name.
    ApiKey {
        /// The name of the header, query parameter or cookie.
        name: &'static str,
        /// Where it stands.
        location: KeyLocation,
    },
}

/// Where an API key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyLocation {
    /// In a header.
    Header,
    /// In the query.
    Query,
    /// In a cookie.
    Cookie,
}

/// The schemes that an operation takes: alternatives, each of schemes that are needed together. An empty alternative means that it can be
/// called without any.
pub type Security = &'static [&'static [SecurityScheme]];

/// The credentials of an application: each operation gets what its description asks for.
///
/// ```
/// use ecloud_core::Auth;
///
/// let auth = Auth::bearer("token")?.and(Auth::named_api_key("X-Partner-Key", "key")?);
/// assert_eq!(format!("{auth:?}"), "Auth [bearer, key `X-Partner-Key`]");
/// # Ok::<(), ecloud_core::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Auth {
    credentials: Vec<Credential>,
}

#[derive(Clone)]
enum Credential {
    /// The whole value of `authorization`.
    Bearer(HeaderValue),
    Basic(HeaderValue),
    /// A key, for the scheme of this name or for any.
    Key(Option<String>, String),
}

impl Auth {
    /// No credentials: for platforms that want none.
    pub fn none() -> Self {
        Self::default()
    }

    /// A bearer token; the access token of a shop goes before it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where it's empty or doesn't fit into a header.
    pub fn bearer(token: &str) -> Result<Self, Error> {
        let fits = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        if !fits {
            return Err(Error::new(ErrorKind::Configuration, "bearer token: empty, or not printable ASCII"));
        }
        Ok(Self::of(Credential::Bearer(authorization("Bearer", token)?)))
    }

    /// User and password.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where the user is empty or has a `:`, or one of them holds control characters (RFC 7617), as a
    /// password does that was read from a file with its line break.
    pub fn basic(user: &str, password: &str) -> Result<Self, Error> {
        if user.is_empty() || user.contains(':') {
            return Err(Error::new(ErrorKind::Configuration, "basic auth: the user is empty or has a `:`"));
        }
        if user.chars().chain(password.chars()).any(char::is_control) {
            let message = "basic auth: user or password holds a line break or another control character";
            return Err(Error::new(ErrorKind::Configuration, message));
        }
        let encoded = STANDARD.encode(format!("{user}:{password}"));
        Ok(Self::of(Credential::Basic(authorization("Basic", &encoded)?)))
    }

    /// A key for whatever scheme takes one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where it's empty or doesn't fit into a header.
    pub fn api_key(key: &str) -> Result<Self, Error> {
        Ok(Self::of(Credential::Key(None, check_key(key)?.to_owned())))
    }

    /// A key for the scheme with this name of header, query parameter or cookie, whatever the case of its letters.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where name or key are empty, or the key doesn't fit into a header.
    pub fn named_api_key(name: &str, key: &str) -> Result<Self, Error> {
        if name.is_empty() {
            return Err(Error::new(ErrorKind::Configuration, "api key: no name"));
        }
        Ok(Self::of(Credential::Key(Some(name.to_owned()), check_key(key)?.to_owned())))
    }

    /// These credentials and others, for platforms with several schemes.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.credentials.extend(other.credentials);
        self
    }

    fn of(credential: Credential) -> Self {
        Self { credentials: vec![credential] }
    }

    /// The credential for a scheme. A key of the scheme's own name goes before one for any.
    fn find(&self, scheme: SecurityScheme) -> Option<&Credential> {
        let is_named = |credential: &&Credential| match (credential, scheme) {
            (Credential::Bearer(_), SecurityScheme::Bearer) | (Credential::Basic(_), SecurityScheme::Basic) => true,
            (Credential::Key(Some(own), _), SecurityScheme::ApiKey { name, .. }) => own.eq_ignore_ascii_case(name),
            _ => false,
        };
        let is_any = |credential: &&Credential| {
            matches!((credential, scheme), (Credential::Key(None, _), SecurityScheme::ApiKey { .. }))
        };
        self.credentials.iter().find(is_named).or_else(|| self.credentials.iter().find(is_any))
    }

    /// The schemes to satisfy: the first alternative that can be; else none, if that will do; else those of all alternatives that can.
    fn chosen(&self, security: Option<Security>, token: bool) -> Vec<SecurityScheme> {
        let has =
            |scheme: &SecurityScheme| (token && *scheme == SecurityScheme::Bearer) || self.find(*scheme).is_some();
        let Some(alternatives) = security else {
            // Nobody says where a key would go.
            return [SecurityScheme::Bearer, SecurityScheme::Basic].into_iter().find(has).into_iter().collect();
        };
        let is_satisfied = |schemes: &&&[SecurityScheme]| !schemes.is_empty() && schemes.iter().all(has);
        if let Some(schemes) = alternatives.iter().find(is_satisfied) {
            return schemes.to_vec();
        }
        if alternatives.iter().any(|schemes| schemes.is_empty()) {
            return Vec::new();
        }
        let mut schemes: Vec<SecurityScheme> = Vec::new();
        for scheme in alternatives.iter().copied().flatten().filter(|scheme| has(scheme)) {
            if !schemes.contains(scheme) {
                schemes.push(*scheme);
            }
        }
        schemes
    }

    /// Adds what goes into headers.
    pub(super) fn authorize(
        &self,
        security: Option<Security>,
        token: Option<&AccessToken>,
        headers: &mut HeaderMap,
    ) -> Result<(), Error> {
        // Where two schemes want one header, the first has it: it is written last.
        for scheme in self.chosen(security, token.is_some()).into_iter().rev() {
            match (scheme, token, self.find(scheme)) {
                (SecurityScheme::Bearer, Some(token), _) => {
                    headers.insert(header::AUTHORIZATION, token.bearer().clone());
                }
                (_, _, Some(Credential::Bearer(value) | Credential::Basic(value))) => {
                    headers.insert(header::AUTHORIZATION, value.clone());
                }
                (SecurityScheme::ApiKey { name, location }, _, Some(Credential::Key(_, key))) => {
                    add_key(headers, name, location, key)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What goes into the query, encoded.
    pub(super) fn query(&self, security: Option<Security>, token: bool) -> Option<String> {
        let mut query = String::new();
        for scheme in self.chosen(security, token) {
            if let SecurityScheme::ApiKey { name, location: KeyLocation::Query } = scheme
                && let Some(Credential::Key(_, key)) = self.find(scheme)
            {
                if !query.is_empty() {
                    query.push('&');
                }
                encode(name, &mut query);
                query.push('=');
                encode(key, &mut query);
            }
        }
        (!query.is_empty()).then_some(query)
    }
}

impl fmt::Debug for Auth {
    /// The kinds, never the credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Auth [")?;
        for (index, credential) in self.credentials.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            match credential {
                Credential::Bearer(_) => f.write_str("bearer")?,
                Credential::Basic(_) => f.write_str("basic")?,
                Credential::Key(None, _) => f.write_str("key")?,
                Credential::Key(Some(name), _) => write!(f, "key `{name}`")?,
            }
        }
        f.write_str("]")
    }
}

/// Adds a key where it belongs, unless that is the query.
fn add_key(headers: &mut HeaderMap, name: &str, location: KeyLocation, key: &str) -> Result<(), Error> {
    match location {
        KeyLocation::Header => {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unfit())?;
            headers.insert(name, sensitive(key)?);
        }
        KeyLocation::Cookie if !add_cookie(headers, name, key) => {
            return Err(Error::new(ErrorKind::Configuration, "api key: not of the form that cookies have"));
        }
        KeyLocation::Cookie | KeyLocation::Query => {}
    }
    Ok(())
}

fn unfit() -> Error {
    Error::new(ErrorKind::Configuration, "api key: empty, or its name or value doesn't fit into a header")
}

/// Keys may have spaces within: some platforms want `Token …` in a header.
fn check_key(key: &str) -> Result<&str, Error> {
    let fits = key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if fits && !key.is_empty() && key.trim() == key { Ok(key) } else { Err(unfit()) }
}

fn sensitive(text: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(text).map_err(|_| unfit())?;
    value.set_sensitive(true);
    Ok(value)
}

fn authorization(scheme: &str, credential: &str) -> Result<HeaderValue, Error> {
    sensitive(&format!("{scheme} {credential}"))
}
