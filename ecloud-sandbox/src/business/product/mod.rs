//! What a shop sells: items, their variants and their stock, in the platform's categories.

pub(crate) mod audits;
pub(crate) mod barcodes;
pub(crate) mod brand_authorizations;
pub(crate) mod brands;
pub(crate) mod categories;
mod category_prediction;
pub(crate) mod category_profiles;
mod category_rules;
pub(crate) mod inventory;
pub(crate) mod items;
pub(crate) mod ledger;
pub(crate) mod listing;
pub(crate) mod media;
pub(crate) mod price_schedules;
pub(crate) mod prices;
pub(crate) mod reservations;
pub(crate) mod skus;
mod validation;

use ecloud_core::{Money, Timestamp};
use serde::{Deserialize, Serialize};

use super::Handler;
use super::table::Row;
use super::wire::wire_enum;

/// What does an operation of this domain.
pub(crate) fn handler(operation_id: &str) -> Option<Handler> {
    items::handler(operation_id)
        .or_else(|| listing::handler(operation_id))
        .or_else(|| audits::handler(operation_id))
        .or_else(|| validation::handler(operation_id))
        .or_else(|| skus::handler(operation_id))
        .or_else(|| inventory::handler(operation_id))
        .or_else(|| reservations::handler(operation_id))
        .or_else(|| ledger::handler(operation_id))
        .or_else(|| categories::handler(operation_id))
        .or_else(|| category_prediction::handler(operation_id))
        .or_else(|| media::handler(operation_id))
        .or_else(|| prices::handler(operation_id))
        .or_else(|| price_schedules::handler(operation_id))
        .or_else(|| brands::handler(operation_id))
        .or_else(|| brand_authorizations::handler(operation_id))
        .or_else(|| barcodes::handler(operation_id))
}

wire_enum! {
    /// Whether buyers see an item.
    ListingStatus { Draft = "draft", OnSale = "on_sale", Deleted = "deleted" }
}

wire_enum! {
    /// Whether the platform allows an item.
    AuditStatus { Pending = "pending", Approved = "approved", Rejected = "rejected", Banned = "banned" }
}

wire_enum! {
    /// When an order takes its pieces from the stock.
    StockDeduction { AtOrder = "at_order", AtPayment = "at_payment" }
}

wire_enum! {
    /// Whether a SKU can be bought.
    SkuStatus { Enabled = "enabled", Disabled = "disabled" }
}

/// A name and a value, such as colour red.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Property {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// A product; its variants and their stock have tables of their own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) item_id: String,
    pub(crate) shop_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) outer_id: Option<String>,
    pub(crate) title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subtitle: Option<String>,
    pub(crate) category_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) brand: Option<String>,
    pub(crate) listing_status: ListingStatus,
    pub(crate) audit_status: AuditStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) audit_reason: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) properties: Vec<Property>,
    /// The names of its variants, in the order in which they were created.
    #[serde(skip_serializing_if = "crate::snapshot::is_answer")]
    pub(crate) sku_ids: Vec<String>,
    /// How many variants it has ever had, so that no name is given twice.
    #[serde(skip_serializing_if = "crate::snapshot::is_answer")]
    pub(crate) skus_made: usize,
    pub(crate) stock_deduction: StockDeduction,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) images: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) weight_grams: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ship_within_hours: Option<u32>,
    pub(crate) created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) listed_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) publish_at: Option<Timestamp>,
    pub(crate) modified_at: Timestamp,
    pub(crate) version: u64,
}

/// A variant of an item.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Sku {
    pub(crate) sku_id: String,
    pub(crate) item_id: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) properties: Vec<Property>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) outer_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) barcode: Option<String>,
    pub(crate) price: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) list_price: Option<Money>,
    pub(crate) status: SkuStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) image: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) modified_at: Timestamp,
    pub(crate) version: u64,
}

/// How many pieces of a variant there are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stock {
    pub(crate) sku_id: String,
    pub(crate) item_id: String,
    /// Pieces that can be sold.
    pub(crate) available: u32,
    /// Pieces that orders hold and that aren't shipped yet.
    pub(crate) reserved: u32,
    pub(crate) version: u64,
    pub(crate) modified_at: Timestamp,
}

/// A category of the platform's, the same for all shops.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Category {
    pub(crate) category_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parent_id: Option<String>,
    pub(crate) name: String,
    pub(crate) path: Vec<String>,
    pub(crate) leaf: bool,
    pub(crate) enabled: bool,
}

impl Row for Item {
    fn id(&self) -> &str {
        &self.item_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }
}

impl Row for Sku {
    fn id(&self) -> &str {
        &self.sku_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }
}

impl Row for Stock {
    fn id(&self) -> &str {
        &self.sku_id
    }

    fn created_at(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }
}
