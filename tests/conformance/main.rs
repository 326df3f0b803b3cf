//! Conformance: every operation of every domain, called as its example says through the typed client.
//!
//! The answer has the status and the schema that the description gives it, the client loses nothing of it, the platform doesn't do it
//! twice when it is asked twice, and what it says to have done can be read afterwards.
//!
//! | file | holds |
//! |---|---|
//! | `product/`, `trade/`, `logistics/` | the calls, generated from the descriptions |
//! | `platform` | where the calls go: a sandbox of their own each, or any endpoint (`ECLOUD_CONFORMANCE_ENDPOINT`) |
//! | `description` | what the descriptions say of an operation and its answer |
//! | `effect` | what a write has done |

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod description;
mod effect;
mod logistics;
mod platform;
mod product;
mod trade;

use std::error::Error;

use ecloud_core::{Operation, RawAnswer, Request, Shop};
use serde::Serialize;
use serde::de::DeserializeOwned;

use description::Description;
use effect::Effect;
use platform::Platform;

/// What the calls of a test are made with; a value of an example may be none.
type Made<O> = Result<O, Box<dyn Error>>;

/// Makes a call that answers with data, and judges it.
async fn conforms<O>(id: &str, make: impl FnOnce(Shop) -> Made<O>)
where
    O: Operation,
    O::Output: Serialize + DeserializeOwned,
{
    let platform = Platform::open().await;
    let described = Description::of(id);
    let request = keyed(make(platform.shop()).unwrap().request(), &described);
    let effect = Effect::before(&platform.shop(), &described).await;

    let answer = send(request.clone(), &described).await;
    let value = described.check(&answer.body);
    let text = if answer.body.is_empty() { &b"null"[..] } else { &answer.body };
    let typed: O::Output = serde_json::from_slice(text).unwrap_or_else(|error| panic!("{id} can't be read: {error}"));
    assert_eq!(serde_json::to_value(&typed).unwrap(), value, "{id}: the client's type loses something of the answer");

    effect.check(&platform.shop(), &value).await;
    if described.is_keyed() {
        let again = send(request, &described).await;
        assert!(again.meta.is_idempotent_replay(), "{id} is done again under the same idempotency key");
        assert_eq!(again.body, answer.body, "{id} answers differently under the same idempotency key");
    }
    platform.close().await;
}

/// Makes a call that answers with a file, and judges it.
async fn file_conforms<O: Operation>(id: &str, make: impl FnOnce(Shop) -> Made<O>) {
    let platform = Platform::open().await;
    let described = Description::of(id);
    assert!(described.is_file(), "{id} isn't described as a file");
    let call = make(platform.shop()).unwrap();

    let whole = send(call.request(), &described).await;
    assert!(!whole.body.is_empty(), "{id} answers with an empty file");
    // The stream checks the file's hash, which the answer must have.
    assert!(whole.meta.headers().contains_key("x-ecloud-file-sha256"), "{id} answers with a file without its hash");
    let streamed = call.request().download().bytes(1 << 20).await.unwrap();
    assert_eq!(streamed, whole.body, "{id}: the file's stream is another than its bytes");
    platform.close().await;
}

/// The request under a key of its own, where the operation is one that has a key.
fn keyed(request: Request, described: &Description) -> Request {
    if !described.is_keyed() {
        return request;
    }
    let mut unique = [0; 8];
    getrandom::fill(&mut unique).unwrap();
    request.with_idempotency_key(&format!("conformance-{:x}", u64::from_be_bytes(unique)))
}

async fn send(request: Request, described: &Description) -> RawAnswer {
    let id = described.id();
    let answer = request.send_raw().await.unwrap_or_else(|error| panic!("{id} is refused: {error}"));
    assert_eq!(answer.meta.status(), described.status(), "{id} answers with another status");
    assert!(answer.meta.request_id().is_some(), "{id} answers without a request id");
    answer
}
