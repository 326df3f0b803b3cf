//! Routing tags: which lane of the platform traffic takes.

use std::fmt;
use std::future::Future;

use http::HeaderValue;

use crate::dialect::ecloud::is_tag;
use crate::{Error, ErrorKind};

tokio::task_local! {
    static SCOPE: Tag;
}

/// A routing tag (`x-ecloud-tag`): it colours traffic, so that gateways lead it to another lane.
///
/// A call takes its own tag ([`Request::with_tag`](crate::Request::with_tag)), else that of the scope in which it is sent, else the
/// client's ([`ClientBuilder::tag`](crate::ClientBuilder::tag)). All attempts of a call have the same, and so has its copy to a mirror.
///
/// ```
/// use ecloud_core::{Json, Method, Shop, Tag};
///
/// # async fn example(shop: Shop) -> Result<(), ecloud_core::Error> {
/// let order: Json = Tag::new("blue")?
///     .scope(async { shop.request(Method::GET, "/trade/v1/orders/T1001").send().await })
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Tag(HeaderValue);

impl Tag {
    /// A tag of 1 to 64 of `[0-9a-zA-Z._-]`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for any other text.
    pub fn new(text: impl AsRef<str>) -> Result<Self, Error> {
        let text = text.as_ref();
        match HeaderValue::from_str(text) {
            Ok(value) if is_tag(text) => Ok(Self(value)),
            _ => Err(Error::new(ErrorKind::Configuration, "tag: not 1 to 64 of [0-9a-zA-Z._-]")),
        }
    }

    /// The tag's text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// Runs a future whose calls have this tag, unless they have their own.
    ///
    /// A call takes the tag when it is sent, and a stream of pages with each page: in tasks that the future spawns there is none.
    /// Dropping the future ends what it does, as without the tag.
    pub async fn scope<F: Future>(self, future: F) -> F::Output {
        SCOPE.scope(self, future).await
    }

    /// Runs a function whose calls have this tag, unless they have their own.
    pub fn sync_scope<T>(self, function: impl FnOnce() -> T) -> T {
        SCOPE.sync_scope(self, function)
    }

    /// The tag of the scope that this is run in.
    pub fn of_scope() -> Option<Self> {
        SCOPE.try_with(Self::clone).ok()
    }

    pub(crate) fn into_value(self) -> HeaderValue {
        self.0
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({:?})", self.as_str())
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
