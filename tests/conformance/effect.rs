//! What a write has done, as the platform says afterwards.
//!
//! It follows from the descriptions: what a write answers with is what the operation answers that reads such an object, or stands in the
//! list of such objects; what is deleted isn't there any more. What no rule fits is said in [`SEEN_ELSEWHERE`].

use ecloud_core::{ErrorKind, Method, Shop};
use serde_json::Value;

use crate::description::Description;

/// Writes whose effect another read shows, which answers differently afterwards.
const SEEN_ELSEWHERE: &[(&str, &str)] = &[
    // A deleted item stays in the bin.
    ("product.items.delete", "/product/v1/items/I1000002"),
    ("product.items.cancel_schedule", "/product/v1/items/I1000105"),
    ("product.prices.batch_set", "/product/v1/prices/S1000101-1/history"),
    ("product.barcodes.batch_set", "/product/v1/skus/S1000101-1"),
    ("product.barcodes.generate", "/product/v1/skus/S1000101-1"),
    ("product.barcodes.delete", "/product/v1/skus/S1000103-1"),
];

/// Writes whose effect no operation shows by itself: an upload becomes a medium when it is complete.
const NOT_SEEN: &[&str] = &["product.media.create_upload", "product.media.put_upload_part"];

/// How what was done is seen.
enum Seen {
    /// The operation reads only.
    NothingDone,
    /// By no operation.
    Nowhere,
    /// An operation answers otherwise than before.
    Elsewhere(&'static str, Value),
    /// An operation doesn't find the object any more.
    Gone(Description),
    /// What is answered is what an operation reads.
    Read(Description),
    /// What stands in a member is what an operation reads.
    Member(&'static str, Description),
    /// Each item of a list is what an operation reads.
    Items(&'static str, Description),
    /// Each result of a batch has in a member what an operation reads.
    Results(&'static str, &'static str, Description),
    /// What is answered stands in a list.
    Listed(Description),
}

/// The effect of an operation: how it is seen.
pub(crate) struct Effect {
    described: Description,
    seen: Seen,
}

impl Effect {
    /// Before the operation is called.
    pub(crate) async fn before(shop: &Shop, described: &Description) -> Self {
        let seen = match SEEN_ELSEWHERE.iter().find(|(id, _)| *id == described.id()) {
            Some((_, path)) => Seen::Elsewhere(path, get(shop, path).await.unwrap()),
            None => rule(described).unwrap_or_else(|| panic!("{} does what nobody can see", described.id())),
        };
        Self { described: *described, seen }
    }

    /// After it has answered.
    pub(crate) async fn check(&self, shop: &Shop, answer: &Value) {
        let id = self.described.id();
        match &self.seen {
            Seen::NothingDone | Seen::Nowhere => {}
            Seen::Elsewhere(path, before) => {
                assert_ne!(get(shop, path).await.unwrap(), *before, "{id} has no effect on {path}");
            }
            Seen::Gone(reader) => {
                let path = self.target(reader, answer);
                let status = get(shop, &path).await.expect_err(id);
                assert_eq!(status, 404, "{id}: {path} is still there");
            }
            Seen::Read(reader) => self.same(shop, reader, answer).await,
            Seen::Member(member, reader) => self.same(shop, reader, &answer[*member]).await,
            Seen::Items(items, reader) => {
                for item in answer[*items].as_array().unwrap() {
                    self.same(shop, reader, item).await;
                }
            }
            Seen::Results(results, member, reader) => {
                let results = answer[*results].as_array().unwrap();
                let mut done = results.iter().filter(|result| result["error"].is_null()).peekable();
                assert!(done.peek().is_some(), "{id}: all entries of the example fail: {results:?}");
                for result in done {
                    self.same(shop, reader, &result[*member]).await;
                }
            }
            Seen::Listed(list) => {
                let page = get(shop, &self.target(list, answer)).await.unwrap();
                let items = page["items"].as_array().unwrap();
                assert!(items.contains(answer), "{id}: what it answers doesn't stand in {}", list.id());
            }
        }
    }

    async fn same(&self, shop: &Shop, reader: &Description, object: &Value) {
        let path = self.target(reader, object);
        let read = get(shop, &path).await.unwrap_or_else(|status| panic!("{path} answers {status}"));
        assert_eq!(read, *object, "{} answers with another object than {}", self.described.id(), reader.id());
    }

    /// The path of a read: its parameters are members of the object, or parameters of the write.
    fn target(&self, reader: &Description, object: &Value) -> String {
        let mut path = reader.path().to_owned();
        for (name, _) in reader.path_parameters() {
            let own = || self.described.path_parameters().find(|(own, _)| *own == name).map(|(_, example)| example);
            let value = object[name].as_str().or_else(own).unwrap();
            path = path.replace(&format!("{{{name}}}"), value);
        }
        path
    }
}

/// How the effect of a write is seen, by what is described.
fn rule(write: &Description) -> Option<Seen> {
    if write.is_read() {
        return Some(Seen::NothingDone);
    }
    if NOT_SEEN.contains(&write.id()) {
        return Some(Seen::Nowhere);
    }
    let Some(model) = write.answer() else {
        let mut reads = write.siblings().filter(Description::is_get);
        return reads.find(|read| write.is_deletion() && read.path() == write.path()).map(Seen::Gone);
    };
    if let Some(read) = reader(write, model) {
        return Some(Seen::Read(read));
    }
    for member in write.members(model) {
        let Some(inner) = member.model else { continue };
        if let Some(read) = reader(write, inner) {
            return Some(if member.is_list { Seen::Items(member.name, read) } else { Seen::Member(member.name, read) });
        }
        let results = write.members(inner).filter_map(|part| Some((part.name, reader(write, part.model?)?)));
        if let Some((part, read)) = results.filter(|_| member.is_list).last() {
            return Some(Seen::Results(member.name, part, read));
        }
    }
    let mut lists = write.siblings().filter(|list| list.is_get() && list.is_list() && !list.needs_a_query());
    let lists_it = |list: &Description| {
        let page = list.answer().unwrap_or_default();
        list.members(page).any(|member| member.name == "items" && member.model == Some(model))
            && fits(list, write, model)
    };
    lists.find(lists_it).map(Seen::Listed)
}

/// The operation that reads one object of a model.
fn reader(write: &Description, model: &str) -> Option<Description> {
    let mut reads = write.siblings().filter(|read| read.is_get() && !read.is_list() && !read.needs_a_query());
    reads.find(|read| {
        read.answer() == Some(model) && read.path_parameters().next().is_some() && fits(read, write, model)
    })
}

/// Whether all that a read has to know follows from the write.
fn fits(read: &Description, write: &Description, model: &str) -> bool {
    read.path_parameters().all(|(name, _)| {
        write.members(model).any(|member| member.name == name) || write.path_parameters().any(|(own, _)| own == name)
    })
}

/// Reads a path, or the status with which it is refused.
async fn get(shop: &Shop, path: &str) -> Result<Value, u16> {
    match shop.request(Method::GET, path.to_owned()).send::<Value>().await {
        Ok(value) => Ok(value),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound) => Err(404),
        Err(error) => panic!("{path} can't be read: {error}"),
    }
}

#[test]
fn how_a_write_is_seen_is_known_of_each() {
    let elsewhere = |described: &Description| SEEN_ELSEWHERE.iter().any(|(id, _)| *id == described.id());
    let unknown: Vec<&str> = Description::all()
        .filter(|described| !elsewhere(described) && rule(described).is_none())
        .map(|described| described.id())
        .collect();
    assert!(unknown.is_empty(), "add what shows their effect to SEEN_ELSEWHERE: {unknown:?}");
    let ids: Vec<&str> = Description::all().map(|described| described.id()).collect();
    let told = SEEN_ELSEWHERE.iter().map(|(id, _)| id).chain(NOT_SEEN);
    let stale: Vec<_> = told.filter(|id| !ids.contains(id)).collect();
    assert!(stale.is_empty(), "operations that aren't described any more: {stale:?}");
}
