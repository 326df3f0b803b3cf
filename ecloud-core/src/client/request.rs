//! A request under construction: what an operation becomes, and the way around operations that don't exist yet.

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Answer, Client, Format, FromAnswer, RawAnswer, Sending, Shop};
use crate::call::{self, Outgoing, Route};
use crate::dialect::Security;
use crate::dialect::ecloud::{SignatureTrace, encode, is_idempotency_key, is_pchar, is_tag};
use crate::endpoint::target;
use crate::error::redact;
use crate::page::Paging;
use crate::transfer::Download;
use crate::{Clock, Error, ErrorKind, OperationInfo, RetryPolicy, RetrySafety, Tag, Timestamp};

/// What every call has, whatever its operation: the shop it acts for, and its options.
#[derive(Clone, Debug)]
pub struct Call {
    shop: Shop,
    timeout: Option<Duration>,
    retry: Option<Arc<RetryPolicy>>,
    tag: Option<Box<str>>,
    idempotency_key: Option<Box<str>>,
}

impl Call {
    /// A call for a shop, with the client's options.
    pub fn new(shop: &Shop) -> Self {
        Self { shop: shop.clone(), timeout: None, retry: None, tag: None, idempotency_key: None }
    }

    /// The shop that it acts for.
    pub fn shop(&self) -> &Shop {
        &self.shop
    }

    /// Limits the whole call, waits and retries included.
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = Some(timeout);
    }

    /// Says when failed attempts are tried again, instead of the client's policy.
    pub fn set_retry(&mut self, policy: RetryPolicy) {
        self.retry = Some(Arc::new(policy));
    }

    /// Colours the call's traffic with a routing tag: 1 to 64 of `[0-9a-zA-Z._-]`.
    pub fn set_tag(&mut self, tag: impl Into<String>) {
        self.tag = Some(tag.into().into());
    }

    /// Sets the key under which the write is done once: 1 to 128 of `[0-9a-zA-Z._:-]`.
    pub fn set_idempotency_key(&mut self, key: impl Into<String>) {
        self.idempotency_key = Some(key.into().into());
    }

    /// The request of an operation, without its parameters.
    pub fn request(&self, info: &'static OperationInfo) -> Request {
        let mut request = Request::new(self.shop.clone(), info.id.into(), info.method.clone(), info.path.into());
        request.retry = info.retry;
        request.shop_token = if info.needs_shop { ShopToken::Required } else { ShopToken::Unused };
        request.quota = info.quota_group.map(|group| (group.into(), info.quota_weight));
        request.info = Some(info);
        request.security = info.security;
        request.idempotency_header = info.idempotency_header;
        request.paging = info.paging;
        request.ends_with_slash = info.path.ends_with('/');
        if let Some(accept) = info.accept {
            request.format = Format::Json;
            match HeaderValue::from_str(accept) {
                Ok(accept) => _ = request.headers.insert(header::ACCEPT, accept),
                Err(_) => request.note("the media type asked for is not of the form that headers have"),
            }
        }
        request.timeout = self.timeout;
        request.policy = self.retry.clone();
        if let Some(tag) = &self.tag {
            request.set_tag(tag);
        }
        if let Some(key) = &self.idempotency_key {
            request.set_idempotency_key(key);
        }
        request
    }
}

/// Whether the shop's access token goes with the request.
#[derive(Clone, Copy, PartialEq)]
enum ShopToken {
    /// The operation acts for a shop.
    Required,
    /// Nobody knows: it goes along if there is one, and the platform says if it is missing.
    Optional,
    /// The operation acts for no shop.
    Unused,
}

/// A request under construction.
///
/// What is wrong with a parameter comes to light when it is sent: the call then fails with [`ErrorKind::InvalidRequest`] and nothing
/// leaves.
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request {
    pub(super) shop: Shop,
    pub(super) operation: Cow<'static, str>,
    method: Method,
    /// The path before its parameters are filled in; `None` where it was put together at run time, and may have anything in it.
    template: Option<&'static str>,
    pub(super) path: Cow<'static, str>,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) format: Format,
    retry: Option<RetrySafety>,
    policy: Option<Arc<RetryPolicy>>,
    shop_token: ShopToken,
    quota: Option<(Cow<'static, str>, u32)>,
    /// The operation, where it is a described one: it says which scope and role a token needs.
    info: Option<&'static OperationInfo>,
    timeout: Option<Duration>,
    tag: Option<HeaderValue>,
    idempotency_key: Option<HeaderValue>,
    idempotency_header: Option<&'static str>,
    pub(super) security: Option<Security>,
    pub(super) paging: Option<&'static Paging>,
    /// Whether the operation's path ends with `/`, which a path by hand must not.
    pub(super) ends_with_slash: bool,
    /// The first thing that is wrong with it.
    mistake: Option<Cow<'static, str>>,
}

impl Request {
    fn new(shop: Shop, operation: Cow<'static, str>, method: Method, path: Cow<'static, str>) -> Self {
        let template = match path {
            Cow::Borrowed(path) => Some(path),
            Cow::Owned(_) => None,
        };
        Self {
            format: shop.format(),
            shop,
            operation,
            method,
            template,
            path,
            query: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            retry: None,
            shop_token: ShopToken::Optional,
            quota: None,
            info: None,
            timeout: None,
            policy: None,
            tag: None,
            idempotency_key: None,
            idempotency_header: None,
            security: None,
            paging: None,
            ends_with_slash: false,
            mistake: None,
        }
    }

    pub(super) fn custom(shop: Shop, method: Method, path: Cow<'static, str>) -> Self {
        let operation = format!("{method} {path}").into();
        Self::new(shop, operation, method, path)
    }

    /// Fills in a path parameter: `{name}` in the path becomes the value, percent-encoded.
    pub fn path(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.set_path(name, &value);
        self
    }

    /// Adds a query pair; a name may be given several times.
    pub fn query(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.push_query(name, &value);
        self
    }

    /// Adds a header that isn't the protocol's own.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.set_header(name, &value);
        self
    }

    /// How the request and its answer are written, instead of as the shop says. It comes before the body.
    #[cfg(feature = "xml")]
    #[cfg_attr(docsrs, doc(cfg(feature = "xml")))]
    pub fn with_format(mut self, format: Format) -> Self {
        let is_written = self.headers.get(header::CONTENT_TYPE) == Some(&self.format.media_type());
        if self.format != format && is_written {
            self.note("the format is said after the body was written");
        }
        self.format = format;
        self
    }

    /// Sets a body of data: JSON, unless the client writes XML.
    pub fn json(mut self, value: &(impl Serialize + ?Sized)) -> Self {
        self.set_json(value);
        self
    }

    /// Sets a body of bytes, and says what they are.
    pub fn body(mut self, content_type: &str, bytes: impl Into<Bytes>) -> Self {
        self.set_bytes(content_type, bytes);
        self
    }

    /// Says which quota group the call draws on, and what it costs; without this it waits for no quota on this side.
    pub fn quota(mut self, group: impl Into<Cow<'static, str>>, weight: u32) -> Self {
        self.quota = Some((group.into(), weight));
        self
    }

    /// Says whether the call may be sent twice, where its method doesn't tell.
    pub fn retry_safety(mut self, safety: RetrySafety) -> Self {
        self.retry = Some(safety);
        self
    }

    /// Limits the whole call, waits and retries included.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Says when failed attempts are tried again, instead of the client's policy.
    pub fn with_retry(mut self, policy: RetryPolicy) -> Self {
        self.policy = Some(Arc::new(policy));
        self
    }

    /// Colours the call's traffic with a routing tag: 1 to 64 of `[0-9a-zA-Z._-]`.
    pub fn with_tag(mut self, tag: &str) -> Self {
        self.set_tag(tag);
        self
    }

    /// Sets the key under which the write is done once: 1 to 128 of `[0-9a-zA-Z._:-]`. Without it one is drawn for each call.
    pub fn with_idempotency_key(mut self, key: &str) -> Self {
        self.set_idempotency_key(key);
        self
    }

    /// Fills in a path parameter, as [`path`](Self::path) does.
    pub fn set_path(&mut self, name: &str, value: &dyn fmt::Display) {
        let mut encoded = String::new();
        let mut writer = Encoder { text: &mut encoded };
        let written = write!(writer, "{value}");
        if written.is_err() {
            encoded.clear();
        }
        self.fill_path(name, encoded);
    }

    /// Fills in a path parameter with what is encoded already.
    pub(super) fn fill_path(&mut self, name: &str, encoded: String) {
        // URL libraries drop such a segment even when it is encoded, and the call would reach another route.
        if matches!(encoded.as_str(), "" | "." | "..") {
            return self.note(format!("the path parameter `{name}` is empty, `.` or `..`"));
        }
        let is_named = |at: usize| self.path[at + 1..].strip_prefix(name).is_some_and(|rest| rest.starts_with('}'));
        let place = self.path.match_indices('{').map(|(at, _)| at).find(|at| is_named(*at));
        match place {
            Some(at) => {
                let (before, after) = (&self.path[..at], &self.path[at + name.len() + 2..]);
                self.path = [before, &encoded, after].concat().into();
            }
            None => self.note(format!("the path has no parameter `{name}`")),
        }
    }

    /// Adds a query pair, as [`query`](Self::query) does.
    pub fn push_query(&mut self, name: &str, value: &dyn fmt::Display) {
        if !self.query.is_empty() {
            self.query.push('&');
        }
        encode(name, &mut self.query);
        self.query.push('=');
        let mut writer = Encoder { text: &mut self.query };
        if write!(writer, "{value}").is_err() {
            self.note(format!("the query parameter `{name}` can't be written"));
        }
    }

    /// Adds a query pair whose value is encoded already.
    pub(super) fn push_encoded(&mut self, name: &str, value: &str) {
        if !self.query.is_empty() {
            self.query.push('&');
        }
        encode(name, &mut self.query);
        self.query.push('=');
        self.query.push_str(value);
    }

    fn set_tag(&mut self, tag: &str) {
        match HeaderValue::from_str(tag) {
            Ok(value) if is_tag(tag) => self.tag = Some(value),
            _ => self.note("the tag is not 1 to 64 of [0-9a-zA-Z._-]"),
        }
    }

    fn set_idempotency_key(&mut self, key: &str) {
        match HeaderValue::from_str(key) {
            Ok(value) if is_idempotency_key(key) => self.idempotency_key = Some(value),
            _ => self.note("the idempotency key is not 1 to 128 of [0-9a-zA-Z._:-]"),
        }
    }

    /// Whether the operation wants its idempotency key in this header.
    pub(super) fn is_idempotency_header(&self, name: &HeaderName) -> bool {
        self.idempotency_header.is_some_and(|own| name.as_str().eq_ignore_ascii_case(own))
    }

    pub(super) fn note(&mut self, mistake: impl Into<Cow<'static, str>>) {
        self.mistake.get_or_insert(mistake.into());
    }

    /// The platform's time, as far as it is known.
    pub(crate) fn platform_time(&self) -> Timestamp {
        let client = self.shop.client();
        client.inner.clock.now().offset_by_millis(client.clock_offset_millis())
    }

    /// An error that names this request's operation.
    pub(crate) fn error(&self, error: Error) -> Error {
        error.of_call(self.operation.clone(), None, Vec::new())
    }

    /// Asks for whatever media type the answer has, unless the operation names one.
    pub(crate) fn accept_anything(&mut self) {
        self.headers.entry(header::ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    }

    /// The clock of the request's client.
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        self.shop.client().inner.clock.clone()
    }

    /// A number from 0 to 1 by the randomness of the request's client.
    pub(crate) fn fraction(&self) -> f64 {
        self.shop.client().inner.random.fraction()
    }

    /// An idempotency key, for a caller who sends the same write more than once.
    pub(crate) fn draw_key(&self) -> Result<String, Error> {
        let drawn = self.shop.client().inner.random.hex().map_err(call::no_randomness)?;
        Ok(String::from_utf8_lossy(&drawn).into_owned())
    }

    /// The same request of another client.
    pub(super) fn of_client(mut self, client: &Client) -> Self {
        self.shop = self.shop.of_client(client.clone());
        self
    }

    /// What would be signed for the request now, without sending it: under a nonce of its own, by the corrected clock. Print what comes of
    /// it; [its page](SignatureTrace) says what is shown, and what isn't.
    ///
    /// An operation of a domain crate has [the same](crate::Operation::explain).
    ///
    /// ```
    /// use ecloud_core::{Client, Method};
    ///
    /// # fn main() -> Result<(), ecloud_core::Error> {
    /// let client = Client::builder().endpoint("https://open.example.com").app("demo-app", "demo-secret").build()?;
    /// let shop = client.for_shop("shop-1").access_token("token");
    /// let request = shop.request(Method::GET, "/trade/v1/orders").query("keyword", "Zhang").query("limit", 50);
    ///
    /// let trace = request.explain()?;
    /// assert_eq!((trace.path(), trace.key_fingerprint()), ("/trade/v1/orders", "56b3112384c2f0e5"));
    /// assert!(trace.string_to_sign().ends_with("&keyword=Zhang&limit=50"));
    /// // What is printed has the shape of what may be personal, and no more.
    /// assert!(trace.to_string().ends_with("&keyword=Xxxxx&limit=50"));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of a request that can't be sent; [`ErrorKind::Configuration`] where the client's dialect signs nothing.
    pub fn explain(&self) -> Result<SignatureTrace, Error> {
        let completed = self.clone().complete();
        completed.and_then(|(client, outgoing)| call::explain(&client, outgoing)).map_err(|error| self.error(error))
    }

    /// Sends the request and reads its answer as JSON, or in the format that it says it has; an empty body reads as `()`.
    ///
    /// The request is complete before the future exists. Any [`ErrorKind`] may come of it.
    pub fn send<T: DeserializeOwned>(self) -> Sending<T> {
        Sending::new(self.start(), |answer| read(&answer))
    }

    /// Sends the request, reads its answer as [`send`](Self::send) does and hands it over with its metadata.
    pub fn send_with_meta<T: DeserializeOwned>(self) -> Sending<Answer<T>> {
        Sending::new(self.start(), |answer| Ok(Answer { value: read(&answer)?, meta: answer.meta }))
    }

    /// Sends the request and hands over the answer's bytes.
    pub fn send_raw(self) -> Sending<RawAnswer> {
        Sending::new(self.start(), Ok)
    }

    /// Sends the request and reads its answer as a whole, by status and headers too.
    pub fn send_as<T: FromAnswer>(self) -> Sending<T> {
        Sending::new(self.start(), |answer| T::from_answer(&answer))
    }

    /// Sends the request, reads its answer as a whole and hands it over with its metadata.
    pub fn send_as_with_meta<T: FromAnswer>(self) -> Sending<Answer<T>> {
        Sending::new(self.start(), |answer| Ok(Answer { value: T::from_answer(&answer)?, meta: answer.meta }))
    }

    /// The answer as a file of any size: nothing is sent until the download is polled.
    pub fn download(self) -> Download {
        Download::new(self)
    }

    fn start(self) -> call::Pipeline {
        let (operation, template, method) = (self.operation.clone(), self.template, self.method.clone());
        match self.complete() {
            Ok((client, outgoing)) => call::execute(client, outgoing),
            Err(error) => {
                let shown = call::shown(&operation, template, &method).to_owned();
                call::refuse(shown, error.of_call(operation, None, Vec::new()))
            }
        }
    }

    /// Checks what was noted, and what can only be seen now.
    pub(super) fn complete(self) -> Result<(std::sync::Arc<super::Inner>, Outgoing), Error> {
        let refused = |mistake: Cow<'static, str>| Err(Error::new(ErrorKind::InvalidRequest, mistake));
        if let Some(mistake) = self.mistake {
            return refused(mistake);
        }
        let whole = &*self.path;
        check_path(whole.strip_suffix('/').filter(|path| self.ends_with_slash && !path.is_empty()).unwrap_or(whole))?;
        let access_token = if self.shop_token == ShopToken::Unused { None } else { self.shop.token()? };
        let is_needed = self.shop_token == ShopToken::Required && self.shop.client().inner.dialect.needs_access_token();
        let takes_token = self.shop_token != ShopToken::Unused && self.shop.takes_token();
        if is_needed && access_token.is_none() && !takes_token {
            let hint = "no access token: set one on the shop (`for_shop(id).access_token(token)`) or on the client";
            return Err(Error::new(ErrorKind::Configuration, hint));
        }
        let client = self.shop.client().inner.clone();
        let is_read = self.method == Method::GET || self.method == Method::HEAD;
        let safety = match (self.retry, is_read) {
            (Some(safety), _) => safety,
            (None, true) => RetrySafety::Safe,
            (None, false) if self.idempotency_key.is_some() => RetrySafety::Keyed,
            (None, false) => client.dialect.write_safety(),
        };
        // Nothing that proves who calls is part of the request that is kept, compared and shown.
        let secret =
            self.security.and_then(|security| client.dialect.query_credentials(security, access_token.as_ref()));
        let target = match secret {
            None => target(&self.path, &self.query)?,
            Some(secret) if self.query.is_empty() => target(&self.path, &secret)?,
            Some(secret) => target(&self.path, &format!("{}&{secret}", self.query))?,
        };
        let tag = self.tag.or_else(|| Tag::of_scope().or_else(|| client.tag.clone()).map(Tag::into_value));
        let outgoing = Outgoing {
            target,
            route: Route::Choice,
            operation: self.operation,
            method: self.method,
            template: self.template,
            headers: self.headers,
            body: self.body,
            body_digest: None,
            format: self.format,
            is_read,
            safety,
            quota: self.quota,
            info: self.info,
            shop: self.shop.shared_id(),
            timeout: self.timeout.unwrap_or(client.call_timeout),
            retry: self.policy,
            access_token,
            takes_token,
            tag,
            idempotency_key: self.idempotency_key,
            idempotency_header: self.idempotency_header,
            security: self.security,
        };
        Ok((client, outgoing))
    }
}

impl fmt::Debug for Request {
    /// An allow-list: query, headers and body may hold anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("operation", &self.operation).finish_non_exhaustive()
    }
}

/// Reads the answer of a success, in the format that it says it has.
pub(super) fn read<T: DeserializeOwned>(answer: &RawAnswer) -> Result<T, Error> {
    let asked = answer.meta.format;
    let format = match Format::of_answer(&answer.meta.headers, asked) {
        Some(format) => format,
        None if answer.body.is_empty() => asked,
        None => {
            let content_type = answer.meta.headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
            let shown = redact(&String::from_utf8_lossy(content_type.unwrap_or_default()));
            let reason = format!("the answer is `{shown}` where {} was asked for", asked.name());
            return Err(call::unreadable(answer, reason));
        }
    };
    format.read(&answer.body).map_err(|reason| call::unreadable(answer, reason))
}

/// Headers that the pipeline, the dialect or the transport sets.
pub(super) fn is_reserved(name: &HeaderName) -> bool {
    let by_client = [
        header::ACCEPT,
        header::AUTHORIZATION,
        header::CONNECTION,
        header::CONTENT_LENGTH,
        header::CONTENT_TYPE,
        header::HOST,
        header::TRANSFER_ENCODING,
        header::USER_AGENT,
    ];
    by_client.contains(name) || name.as_str().starts_with("x-ecloud-") || name.as_str() == "idempotency-key"
}

/// The path as it will be sent: whole, and readable in one way only.
fn check_path(path: &str) -> Result<(), Error> {
    let Some(fault) = fault_of(path) else {
        return Ok(());
    };
    let reason = match path.split_once('{') {
        Some((_, rest)) => {
            format!("the path parameter `{}` has no value", rest.split('}').next().unwrap_or(rest)).into()
        }
        None => Cow::Borrowed(fault),
    };
    Err(Error::new(ErrorKind::InvalidRequest, reason))
}

/// The first thing that is wrong with a path, in which braces are wrong, too.
fn fault_of(path: &str) -> Option<&'static str> {
    let Some(rest) = path.strip_prefix('/') else {
        return Some("the path doesn't begin with `/`");
    };
    for segment in rest.as_bytes().split(|byte| *byte == b'/').filter(|_| !rest.is_empty()) {
        if !segment.iter().all(|byte| is_pchar(*byte)) {
            return Some("the path has a character that must be percent-encoded; give it as a path parameter");
        }
        if is_dots(segment) {
            return Some("the path has an empty segment, or one that is `.` or `..`");
        }
    }
    None
}

/// Whether a segment is nothing but at most two dots: `%2e` is a dot to URL libraries, and they drop such a segment.
fn is_dots(segment: &[u8]) -> bool {
    let mut rest = segment;
    for _ in 0..2 {
        rest = match rest {
            [b'.', rest @ ..] | [b'%', b'2', b'e' | b'E', rest @ ..] => rest,
            _ => break,
        };
    }
    rest.is_empty()
}

/// Percent-encodes what is written to it.
pub(super) struct Encoder<'a> {
    pub(super) text: &'a mut String,
}

impl Write for Encoder<'_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        encode(piece, self.text);
        Ok(())
    }
}
