//! Snapshots: what a buyer was shown of what he bought.

use std::sync::Arc;

use bytes::Bytes;
use ecloud_core::{Money, Timestamp};
use serde::{Deserialize, Serialize, Serializer};

use super::bought_rows;
use crate::business::product::{Item, Property, Sku};
use crate::business::{Call, Handler, encode};
use crate::platform::Refusal;
use crate::snapshot;

/// An item and its variant as they were when a line was bought. Thousands of lines share them, so no line has a copy of what they say.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Bought {
    #[serde(rename = "bought_item", deserialize_with = "bought_rows::shared::deserialize")]
    pub(crate) item: Arc<Item>,
    #[serde(rename = "bought_sku", deserialize_with = "bought_rows::shared::deserialize")]
    pub(crate) sku: Arc<Sku>,
    #[serde(rename = "bought_at")]
    pub(crate) at: Timestamp,
}

/// In a snapshot, what a line has of it; else what a line shows of it.
impl Serialize for Bought {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { item, sku, at } = self;
        if snapshot::is_kept() {
            return KeptBought { bought_item: item, bought_sku: sku, bought_at: *at }.serialize(serializer);
        }
        let shown = ShownBought {
            item_id: &item.item_id,
            sku_id: &sku.sku_id,
            item_outer_id: item.outer_id.as_deref(),
            sku_outer_id: sku.outer_id.as_deref(),
            title: &item.title,
            sku_properties: &sku.properties,
            image: sku.image.as_ref().or_else(|| item.images.first()).map(String::as_str),
        };
        shown.serialize(serializer)
    }
}

#[derive(Serialize)]
struct KeptBought<'a> {
    #[serde(serialize_with = "bought_rows::shared::serialize")]
    bought_item: &'a Arc<Item>,
    #[serde(serialize_with = "bought_rows::shared::serialize")]
    bought_sku: &'a Arc<Sku>,
    bought_at: Timestamp,
}

#[derive(Serialize)]
struct ShownBought<'a> {
    item_id: &'a str,
    sku_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    item_outer_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sku_outer_id: Option<&'a str>,
    title: &'a str,
    #[serde(skip_serializing_if = "<[Property]>::is_empty")]
    sku_properties: &'a [Property],
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
}

/// What is shown of it.
#[derive(Serialize)]
struct LineSnapshot<'a> {
    order_id: &'a str,
    line_id: &'a str,
    item_id: &'a str,
    sku_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    item_outer_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sku_outer_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    barcode: Option<&'a str>,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subtitle: Option<&'a str>,
    category_id: &'a str,
    category_path: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    brand: Option<&'a str>,
    #[serde(skip_serializing_if = "<[Property]>::is_empty")]
    properties: &'a [Property],
    #[serde(skip_serializing_if = "<[Property]>::is_empty")]
    sku_properties: &'a [Property],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    images: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight_grams: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ship_within_hours: Option<u32>,
    price: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    list_price: Option<Money>,
    item_version: u64,
    sku_version: u64,
    taken_at: Timestamp,
}

/// What does an operation on snapshots.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "getLineSnapshot" => get,
        _ => return None,
    })
}

/// `getLineSnapshot`
fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let order = call.shop.order(call.path("order_id"))?;
    let line = order.line(call.path("line_id"))?;
    let Bought { item, sku, at } = &line.bought;
    let category = call.shop.categories.iter().find(|category| category.category_id == item.category_id);
    encode(&LineSnapshot {
        order_id: &order.order_id,
        line_id: &line.line_id,
        item_id: &item.item_id,
        sku_id: &sku.sku_id,
        item_outer_id: item.outer_id.as_deref(),
        sku_outer_id: sku.outer_id.as_deref(),
        barcode: sku.barcode.as_deref(),
        title: &item.title,
        subtitle: item.subtitle.as_deref(),
        category_id: &item.category_id,
        category_path: category.map_or(&[], |category| &category.path),
        brand: item.brand.as_deref(),
        properties: &item.properties,
        sku_properties: &sku.properties,
        images: &item.images,
        image: sku.image.as_deref(),
        description: item.description.as_deref(),
        weight_grams: item.weight_grams,
        ship_within_hours: item.ship_within_hours,
        price: sku.price,
        list_price: sku.list_price,
        item_version: item.version,
        sku_version: sku.version,
        taken_at: *at,
    })
}
