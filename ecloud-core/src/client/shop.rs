//! A client as one shop uses it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use http::Method;

use super::{AccessToken, Client, Format, Request};
use crate::{Error, ErrorKind};

/// A client as one shop uses it: cheap to make and to clone.
#[derive(Clone)]
pub struct Shop {
    client: Client,
    id: Option<Arc<str>>,
    token: Token,
    format: Format,
}

#[derive(Clone)]
enum Token {
    OfClient,
    Own(AccessToken),
    Malformed,
}

impl Shop {
    pub(super) fn new(client: Client, id: Option<String>) -> Self {
        let format = client.inner.format;
        Self { client, id: id.map(Into::into), token: Token::OfClient, format }
    }

    /// The shop's access token, instead of the client's.
    ///
    /// A token with characters that no token has (a line break from a file, say) makes each call fail with
    /// [`ErrorKind::Configuration`] before it is sent.
    #[must_use]
    pub fn access_token(mut self, token: impl AsRef<str>) -> Self {
        self.token = AccessToken::new(token.as_ref()).map_or(Token::Malformed, Token::Own);
        self
    }

    /// How its requests and answers are written, instead of as the client says; for one call, too:
    /// `Trade::new(shop.clone().with_format(Format::Xml))`.
    #[cfg(feature = "xml")]
    #[cfg_attr(docsrs, doc(cfg(feature = "xml")))]
    #[must_use]
    pub fn with_format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// What the shop is called on this side; `None` for the client's own shop.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The id, to be kept as a key.
    pub(crate) fn shared_id(&self) -> Option<Arc<str>> {
        self.id.clone()
    }

    /// The same shop of another client.
    pub(super) fn of_client(mut self, client: Client) -> Self {
        self.client = client;
        self
    }

    /// The client behind it.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// A call of an operation that no domain crate has yet; it goes through the same pipeline as all others.
    ///
    /// `path` is sent as it is, but for parameters in braces, which [`Request::path`] fills in.
    ///
    /// ```no_run
    /// # async fn example(shop: ecloud_core::Shop) -> Result<(), ecloud_core::Error> {
    /// use ecloud_core::Method;
    ///
    /// let gift: serde_json::Value = shop
    ///     .request(Method::POST, "/trade/v1/orders/{order_id}/gifts")
    ///     .path("order_id", "T1001")
    ///     .query("notify", true)
    ///     .json(&serde_json::json!({"sku_id": "S1"}))
    ///     .send()
    ///     .await?;
    /// # Ok(()) }
    /// ```
    pub fn request(&self, method: Method, path: impl Into<Cow<'static, str>>) -> Request {
        Request::custom(self.clone(), method, path.into())
    }

    /// Whether its token comes from the client's [`Tokens`](crate::Tokens).
    pub(crate) fn takes_token(&self) -> bool {
        matches!(self.token, Token::OfClient) && self.id.is_some() && self.client.inner.tokens.is_some()
    }

    /// The token, as far as it is known without waiting.
    pub(crate) fn token(&self) -> Result<Option<AccessToken>, Error> {
        match &self.token {
            Token::Own(token) => Ok(Some(token.clone())),
            Token::OfClient => Ok(match (&self.client.inner.tokens, &self.id) {
                (Some(tokens), Some(id)) => tokens.ready(id),
                _ => self.client.inner.access_token.clone(),
            }),
            Token::Malformed => {
                Err(Error::new(ErrorKind::Configuration, "access token: empty, or not made of [A-Za-z0-9._~+/=-]"))
            }
        }
    }
}

impl From<&Shop> for Shop {
    fn from(shop: &Shop) -> Self {
        shop.clone()
    }
}

impl From<Client> for Shop {
    /// The shop of the client's own access token.
    fn from(client: Client) -> Self {
        Self::new(client, None)
    }
}

impl From<&Client> for Shop {
    /// The shop of the client's own access token.
    fn from(client: &Client) -> Self {
        Self::new(client.clone(), None)
    }
}

impl fmt::Debug for Shop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shop").field("id", &self.id()).finish_non_exhaustive()
    }
}
