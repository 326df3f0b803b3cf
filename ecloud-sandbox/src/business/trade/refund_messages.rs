//! What buyer and seller write about a refund.

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::refund_history::RefundActor;
use crate::business::table::{Mark, Row};
use crate::business::{Call, Handler, Shop, encode};
use crate::description::Description;
use crate::platform::Refusal;
use crate::protocol::page::Numbered;

/// What one side has written about a refund.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RefundMessage {
    refund_message_id: String,
    refund_id: String,
    author: RefundActor,
    text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    media_ids: Vec<String>,
    created_at: Timestamp,
}

impl Row for RefundMessage {
    fn id(&self) -> &str {
        &self.refund_message_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.created_at
    }

    fn marks(&self) -> Vec<Mark> {
        vec![("refund", self.refund_id.clone().into())]
    }
}

/// What somebody writes about a refund.
#[derive(Debug, Deserialize)]
pub(crate) struct RefundMessageInput {
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) media_ids: Vec<String>,
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listRefundMessages" => list,
        "createRefundMessage" => create,
        _ => return None,
    })
}

/// `listRefundMessages`
fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let refund_id = &call.shop.refund(call.path("refund_id"))?.refund_id;
    let written = call.shop.refund_messages.marked([("refund", refund_id.to_string().into())], None);
    let all: Vec<_> = written.collect();
    encode(&Numbered::of(&call.query)?.cut(&all, |message| &***message))
}

/// `createRefundMessage`
fn create(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: RefundMessageInput = call.input()?;
    let refund_id = call.shop.refund(call.path("refund_id"))?.refund_id.clone();
    encode(&write(call.shop, refund_id, RefundActor::Seller, input, call.now)?)
}

/// Somebody writes about a refund, as long as it hasn't ended.
pub(crate) fn write(
    shop: &mut Shop,
    refund_id: String,
    author: RefundActor,
    input: RefundMessageInput,
    now: Timestamp,
) -> Result<RefundMessage, Refusal> {
    let status = shop.refund(&refund_id)?.status;
    for media_id in &input.media_ids {
        shop.medium(media_id)?;
    }
    Description::get().machine("RefundStatus").operation("createRefundMessage", status.as_str())?;
    let message = RefundMessage {
        refund_message_id: shop.next_id("RM"),
        refund_id,
        author,
        text: input.text,
        media_ids: input.media_ids,
        created_at: now,
    };
    shop.refund_messages.put(message.clone());
    Ok(message)
}
