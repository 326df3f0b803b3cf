//! Data keys, and fields in the clear.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{BatchError, Call, Handler, encode};
use crate::platform::Refusal;
use crate::protocol::data_keys::{DataKey, Reveal};
use crate::protocol::sensitive::Kind;

#[derive(Serialize)]
struct DataKeyList {
    items: Vec<DataKey>,
}

/// What does an operation of section 9.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listDataKeys" => data_keys,
        "revealFields" => reveal,
        _ => return None,
    })
}

/// `listDataKeys`
pub(crate) fn data_keys(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(&DataKeyList { items: call.security.list(call.app_key, call.now) })
}

#[derive(Deserialize)]
struct RevealInput {
    purpose: String,
    items: Vec<SealedField>,
}

#[derive(Deserialize)]
struct SealedField {
    ciphertext: String,
    kind: String,
}

#[derive(Serialize)]
struct RevealResult {
    items: Vec<RevealedField>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum RevealedField {
    Plaintext(String),
    Error(BatchError),
}

/// `revealFields`
pub(crate) fn reveal(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: RevealInput = call.input()?;
    let mut fields = Vec::new();
    let mut items = Vec::new();
    for SealedField { ciphertext, kind } in input.items {
        let parsed: Option<Kind> = kind.parse().ok();
        let opened = parsed.and_then(|kind| call.shop.safe.open(kind, &ciphertext));
        fields.push((kind, opened.is_some()));
        items.push(match opened {
            Some(personal) => RevealedField::Plaintext(personal.text().to_owned()),
            None => {
                let reason = "the ciphertext doesn't open as this kind of field of this shop";
                RevealedField::Error(Refusal::rule("security.ciphertext_refused", reason).into())
            }
        });
    }
    call.security.record(Reveal {
        at: call.now,
        app_key: call.app_key.to_owned(),
        shop_id: call.shop.id().to_owned(),
        purpose: input.purpose,
        fields,
    });
    encode(&RevealResult { items })
}
