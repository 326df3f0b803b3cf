//! What a shop says about its buyers.

use std::time::Duration;

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::OrderStatus;
use crate::business::table::{Mark, Row};
use crate::business::wire::wire_enum;
use crate::business::{BatchError, Call, Handler, Shop, encode};
use crate::platform::Refusal;

/// How long after the receipt a buyer can be reviewed.
const REVIEWABLE: Duration = Duration::from_secs(15 * 86_400);

wire_enum! {
    /// What a shop thinks of a buyer.
    BuyerRating { Positive = "positive", Neutral = "neutral", Negative = "negative" }
}

/// What a shop says about the buyer of one line of an order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BuyerReview {
    buyer_review_id: String,
    order_id: String,
    line_id: String,
    item_id: String,
    buyer_id: String,
    rating: BuyerRating,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    created_at: Timestamp,
}

impl Row for BuyerReview {
    fn id(&self) -> &str {
        &self.buyer_review_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.created_at
    }

    fn marks(&self) -> Vec<Mark> {
        vec![("line", self.line_id.clone().into())]
    }
}

/// What a shop is to say about a buyer.
#[derive(Debug, Deserialize)]
pub(crate) struct BuyerReviewInput {
    pub(crate) order_id: String,
    pub(crate) line_id: String,
    pub(crate) rating: BuyerRating,
    pub(crate) text: Option<String>,
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listBuyerReviews" => list,
        "createBuyerReview" => create,
        "batchCreateBuyerReviews" => batch_create,
        "getBuyerReview" => get,
        _ => return None,
    })
}

/// `listBuyerReviews`
fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let (order, buyer) = (call.query.one("order_id"), call.query.one("buyer_id"));
    let wanted = |review: &BuyerReview| {
        order.is_none_or(|order| review.order_id == order)
            && buyer.is_none_or(|buyer| review.buyer_id == buyer)
            && call.query.wants("rating", review.rating.as_str())
    };
    call.cursor_page(&call.shop.buyer_reviews, wanted, |review| &**review)
}

/// `createBuyerReview`
fn create(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: BuyerReviewInput = call.input()?;
    encode(&write(call.shop, input, call.now)?)
}

#[derive(Deserialize)]
struct BuyerReviewBatch {
    items: Vec<BuyerReviewInput>,
}

#[derive(Serialize)]
struct BuyerReviewResults {
    items: Vec<BuyerReviewResult>,
}

#[derive(Serialize)]
struct BuyerReviewResult {
    line_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    review: Option<BuyerReview>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<BatchError>,
}

/// `batchCreateBuyerReviews`
fn batch_create(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: BuyerReviewBatch = call.input()?;
    let mut items = Vec::new();
    for input in input.items {
        let line_id = input.line_id.clone();
        items.push(match write(call.shop, input, call.now) {
            Ok(review) => BuyerReviewResult { line_id, review: Some(review), error: None },
            Err(refusal) => BuyerReviewResult { line_id, review: None, error: Some(refusal.into()) },
        });
    }
    encode(&BuyerReviewResults { items })
}

/// `getBuyerReview`
fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let found = call.shop.buyer_reviews.get(call.path("buyer_review_id"));
    encode(&**found.ok_or_else(|| Refusal::rule("trade.review_not_found", "the shop has no such review"))?)
}

/// A shop reviews the buyer of a line that it has sold.
pub(crate) fn write(shop: &mut Shop, input: BuyerReviewInput, now: Timestamp) -> Result<BuyerReview, Refusal> {
    let order = shop.order(&input.order_id)?;
    let line = order.line(&input.line_id)?;
    let in_time = order.finished_at.is_some_and(|at| now < at + REVIEWABLE);
    if order.status != OrderStatus::Finished || line.closed || !in_time {
        let message = "the order isn't finished, was finished more than 15 days ago, or the line was closed";
        return Err(Refusal::rule("trade.line_not_reviewable", message));
    }
    if shop.buyer_reviews.marked([("line", line.line_id.clone().into())], None).next().is_some() {
        return Err(Refusal::rule("trade.review_exists", "the shop has reviewed the line's buyer before"));
    }
    let review = BuyerReview {
        buyer_review_id: String::new(),
        order_id: order.order_id.clone(),
        line_id: line.line_id.clone(),
        item_id: line.item_id().clone(),
        buyer_id: order.buyer_id.clone(),
        rating: input.rating,
        text: input.text,
        created_at: now,
    };
    let review = BuyerReview { buyer_review_id: shop.next_id("BR"), ..review };
    shop.buyer_reviews.put(review.clone());
    Ok(review)
}
