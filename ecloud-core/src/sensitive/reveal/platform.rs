//! `POST /security/v1/reveal`

use http::Method;
use serde::{Deserialize, Deserializer, Serialize};
use zeroize::Zeroizing;

use super::plan::again;
use crate::error::redact;
use crate::sensitive::key_ring::erase;
use crate::sensitive::{FieldKind, Revealed};
use crate::{Error, ErrorKind, Shop};

#[derive(Serialize)]
struct Question<'a> {
    purpose: &'a str,
    items: Vec<Asked<'a>>,
}

#[derive(Serialize)]
struct Asked<'a> {
    ciphertext: &'a str,
    kind: &'static str,
}

#[derive(Deserialize)]
struct Answer {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    #[serde(default, deserialize_with = "zeroizing")]
    plaintext: Option<Zeroizing<String>>,
    #[serde(default)]
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

fn zeroizing<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Zeroizing<String>>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Zeroizing::new))
}

/// Has the platform open at most a hundred fields. The results stand in the order asked, one for one.
pub(super) async fn reveal(
    shop: &Shop,
    purpose: &str,
    asked: &[(FieldKind, &str)],
) -> (Option<String>, Vec<Result<Revealed, Error>>) {
    let items = asked.iter().map(|(kind, ciphertext)| Asked { ciphertext, kind: kind.as_str() }).collect();
    let request = shop
        .request(Method::POST, "/security/v1/reveal")
        .quota("security.reveal", 1)
        .json(&Question { purpose, items });
    let answer = match request.send_raw().await {
        Ok(answer) => answer,
        Err(error) => {
            let results = asked.iter().map(|_| Err(again(&error))).collect();
            return (error.request_id().map(str::to_owned), results);
        }
    };
    let request_id = answer.meta.request_id().map(redact);
    let read: Result<Answer, _> = serde_json::from_slice(&answer.body);
    let status = answer.meta.status();
    erase(answer.body);
    let results = match read {
        Ok(Answer { items }) if items.len() == asked.len() => {
            asked.iter().zip(items).map(|((kind, _), item)| item.result(*kind)).collect()
        }
        // What serde says could repeat a text.
        _ => asked.iter().map(|_| Err(unreadable().with_answer(status, request_id.as_deref()))).collect(),
    };
    (request_id, results)
}

impl Item {
    fn result(self, kind: FieldKind) -> Result<Revealed, Error> {
        match (self.plaintext, self.error) {
            (Some(text), None) => Ok(Revealed::new(kind, text)),
            (None, Some(refusal)) => {
                Err(Error::new(ErrorKind::Rejected, redact(&refusal.message)).with_code(redact(&refusal.code)))
            }
            _ => Err(unreadable()),
        }
    }
}

fn unreadable() -> Error {
    Error::new(ErrorKind::InvalidResponse, "the platform's answer is not one result for each field")
}
