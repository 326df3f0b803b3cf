//! Where in a list a request stands, for walks over pages.

use std::fmt::{Display, Write};

use url::Url;

use super::Request;
use crate::dialect::ecloud::{body_digest, encode, is_pchar};
use crate::dialect::{KeyLocation, SecurityScheme};
use crate::endpoint::Address;
use crate::page::Paging;
use crate::{Error, ErrorKind};

impl Request {
    /// How its list is paged, on a platform that isn't ecloud.
    pub(crate) fn paging(&self) -> Option<&'static Paging> {
        self.paging
    }

    /// The value of the first query pair of this name, as encoded.
    pub(crate) fn query_value(&self, name: &str) -> Option<&str> {
        let name = encoded(name);
        self.query.split('&').find_map(|pair| value_of(pair, &name))
    }

    /// Removes all query pairs of this name, and adds one.
    pub(crate) fn replace_query(&mut self, name: &str, value: &dyn Display) {
        let encoded = encoded(name);
        let is_other = |pair: &&str| !pair.is_empty() && value_of(pair, &encoded).is_none();
        self.query = self.query.split('&').filter(is_other).collect::<Vec<_>>().join("&");
        self.push_query(name, value);
    }

    /// What tells this request from others: operation, path, query without the pairs of these names, and the body, if there is one: that of
    /// a search holds what is searched for.
    pub(crate) fn identity(&self, without: &[&str]) -> String {
        let without: Vec<String> = without.iter().map(|name| encoded(name)).collect();
        let name = |pair: &str| pair.split('=').next().unwrap_or_default().to_owned();
        let mut pairs: Vec<_> = self.query.split('&').filter(|pair| !without.contains(&name(pair))).collect();
        pairs.sort_unstable();
        let mut identity = format!("{} {} {}", self.operation, self.path, pairs.join("&"));
        if !self.body.is_empty() {
            let _ = write!(identity, " {}", body_digest(&self.body).as_str());
        }
        identity
    }

    /// Its path and query, below the client's endpoint.
    pub(crate) fn target(&self) -> String {
        if self.query.is_empty() { self.path.to_string() } else { format!("{}?{}", self.path, self.query) }
    }

    /// Takes the path and the whole query from a target.
    pub(crate) fn set_target(&mut self, target: &str) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        self.path = path.to_owned().into();
        self.query = query.to_owned();
        self.ends_with_slash = path.len() > 1 && path.ends_with('/');
    }

    /// The target of an address that this request's answer named. It may be relative to this request's own.
    ///
    /// Keys that the platform repeats in it are left out, as they are added when a request is sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Paging`] where the address isn't below one of the client's endpoints; it isn't shown, as it may hold anything.
    pub(crate) fn target_of(&self, address: &str) -> Result<String, Error> {
        let upstreams = &self.shop.client().inner.upstreams;
        let refused = || {
            let message =
                "the next page's address isn't below an endpoint of the client: credentials don't go elsewhere";
            self.error(Error::new(ErrorKind::Paging, message))
        };
        let below = |endpoint: &Address| {
            let here = Url::parse(&format!("{endpoint}{}", self.target())).ok()?;
            let next = here.join(address).ok()?;
            let is_there = next.origin() == here.origin() && next.username().is_empty() && next.password().is_none();
            let path = next.path().strip_prefix(endpoint.prefix()).filter(|path| is_there && path.starts_with('/'));
            path.map(with_pchars).map(|path| (path, next))
        };
        // A relative address fits the first, an absolute one that which gave it.
        let (mut target, next) = upstreams.addresses().find_map(below).ok_or_else(refused)?;
        let keys: Vec<String> = self.query_keys().map(encoded).collect();
        let is_kept = |pair: &&str| !pair.is_empty() && keys.iter().all(|key| value_of(pair, key).is_none());
        for (at, pair) in next.query().unwrap_or_default().split('&').filter(is_kept).enumerate() {
            target.push(if at == 0 { '?' } else { '&' });
            target.push_str(pair);
        }
        Ok(target)
    }

    /// The names of the keys that go into the query.
    fn query_keys(&self) -> impl Iterator<Item = &'static str> {
        self.security.unwrap_or_default().iter().copied().flatten().filter_map(|scheme| match *scheme {
            SecurityScheme::ApiKey { name, location: KeyLocation::Query } => Some(name),
            _ => None,
        })
    }
}

/// The value of a pair, if it has this name.
fn value_of<'a>(pair: &'a str, name: &str) -> Option<&'a str> {
    pair.strip_prefix(name)?.strip_prefix('=')
}

fn encoded(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    encode(name, &mut text);
    text
}

/// A path in which all that isn't allowed there is percent-encoded; URL libraries let more pass.
fn with_pchars(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for character in path.chars() {
        match u8::try_from(character) {
            Ok(byte) if byte == b'/' || is_pchar(byte) => text.push(character),
            Ok(byte) if byte.is_ascii() => _ = write!(text, "%{byte:02X}"),
            _ => encode(character.encode_utf8(&mut [0; 4]), &mut text),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{Method, Response};
    use proptest::prelude::*;

    use super::*;
    use crate::Client;
    use crate::dialect::Rest;
    use crate::transport::MemoryTransport;

    fn request(path: &'static str) -> Request {
        let client = Client::builder()
            .endpoint("https://shop.example.com/api")
            .dialect(Rest::new())
            .transport(MemoryTransport::new(|_| Ok(Response::new(Bytes::new()))))
            .build()
            .unwrap();
        client.for_shop("shop-1").request(Method::GET, path)
    }

    #[test]
    fn names_are_compared_as_they_are_written_and_whole() {
        let mut request = request("/orders").query("page[number]", 3).query("page[number]x", 4).query("page", 5);
        assert_eq!(request.query_value("page[number]"), Some("3"));
        assert_eq!(request.query_value("number"), None);
        request.replace_query("page[number]", &6);
        assert_eq!(request.target(), "/orders?page%5Bnumber%5Dx=4&page=5&page%5Bnumber%5D=6");
        assert!(request.identity(&["page[number]"]).ends_with("/orders page%5Bnumber%5Dx=4&page=5"));
    }

    proptest! {
        #[test]
        fn whatever_the_address_it_leads_below_the_endpoint_or_nowhere(
            address in r"((https?:)?//(shop|evil)\.example\.com(:443|:80)?)?(/api)?([/.%?#&=\[\]@\\: |é]|2[eEfF]|\.\.|[a-z]){0,16}",
        ) {
            let request = request("/orders/7/lines");
            if let Ok(target) = request.target_of(&address) {
                let mut next = request.clone();
                next.set_target(&target);
                prop_assert_eq!(next.target(), target.clone());
                let target = crate::endpoint::target(&next.path, &next.query).unwrap();
                let uri = next.shop.client().inner.upstreams.addresses().next().unwrap().uri(&target).unwrap().to_string();
                // Read once more, as servers and proxies do, it still leads there.
                let read = Url::parse(&uri).unwrap();
                prop_assert_eq!(read.origin().ascii_serialization(), "https://shop.example.com");
                prop_assert!(read.path().starts_with("/api/"), "{} -> {}", address, uri);
                prop_assert!(read.fragment().is_none() && read.username().is_empty());
            }
        }
    }
}
