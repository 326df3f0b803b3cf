//! Orders and refunds.

pub(crate) mod account;
pub(crate) mod address_changes;
pub(crate) mod after_sale;
pub(crate) mod after_sale_buyer;
pub(crate) mod after_sales;
mod amounts;
pub(crate) mod bought_rows;
pub(crate) mod buyer_reviews;
pub(crate) mod exports;
pub(crate) mod history;
pub(crate) mod invoice;
pub(crate) mod invoices;
mod memos;
pub(crate) mod merge;
mod order_search;
pub(crate) mod orders;
pub(crate) mod payments;
pub(crate) mod prices;
pub(crate) mod progress;
pub(crate) mod promises;
pub(crate) mod refund;
pub(crate) mod refund_history;
pub(crate) mod refund_messages;
pub(crate) mod refunds;
pub(crate) mod settlements;
pub(crate) mod snapshots;
pub(crate) mod split;
mod succession;
pub(crate) mod tags;

use std::sync::Arc;

use ecloud_core::{Money, Timestamp};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(crate) use amounts::allocate;
use history::HistoryEntry;
use promises::PromiseExtension;
pub(crate) use refund::{Refund, RefundKind, RefundReason, RefundStatus};
use snapshots::Bought;

use super::Handler;
use super::table::{Mark, Row};
use super::wire::wire_enum;
use crate::protocol::sensitive::Personal;
use crate::snapshot;

/// What does an operation of this domain.
pub(crate) fn handler(operation_id: &str) -> Option<Handler> {
    orders::handler(operation_id)
        .or_else(|| order_search::handler(operation_id))
        .or_else(|| memos::handler(operation_id))
        .or_else(|| tags::handler(operation_id))
        .or_else(|| history::handler(operation_id))
        .or_else(|| snapshots::handler(operation_id))
        .or_else(|| split::handler(operation_id))
        .or_else(|| merge::handler(operation_id))
        .or_else(|| prices::handler(operation_id))
        .or_else(|| promises::handler(operation_id))
        .or_else(|| payments::handler(operation_id))
        .or_else(|| address_changes::handler(operation_id))
        .or_else(|| invoices::handler(operation_id))
        .or_else(|| refunds::handler(operation_id))
        .or_else(|| refund_history::handler(operation_id))
        .or_else(|| refund_messages::handler(operation_id))
        .or_else(|| after_sales::handler(operation_id))
        .or_else(|| settlements::handler(operation_id))
        .or_else(|| account::handler(operation_id))
        .or_else(|| buyer_reviews::handler(operation_id))
        .or_else(|| exports::handler(operation_id))
}

wire_enum! {
    /// How an order came about.
    OrderKind { Normal = "normal", Presale = "presale", GroupBuy = "group_buy" }
}

wire_enum! {
    /// Where an order stands, derived from its payment, fulfilment and refund statuses.
    OrderStatus {
        WaitPayment = "wait_payment",
        Paid = "paid",
        PartlyShipped = "partly_shipped",
        Shipped = "shipped",
        Finished = "finished",
        Closed = "closed",
    }
}

wire_enum! {
    /// Where a line of an order stands.
    LineStatus {
        WaitPayment = "wait_payment",
        Paid = "paid",
        PartlyShipped = "partly_shipped",
        Shipped = "shipped",
        Finished = "finished",
        Closed = "closed",
    }
}

wire_enum! {
    /// Whether a buyer has paid.
    PaymentStatus { Unpaid = "unpaid", Paid = "paid", PartlyRefunded = "partly_refunded", Refunded = "refunded" }
}

wire_enum! {
    /// How far the goods of an order have come.
    FulfilmentStatus { Unshipped = "unshipped", PartlyShipped = "partly_shipped", Shipped = "shipped", Delivered = "delivered" }
}

wire_enum! {
    /// How far the refunds of an order or of a line have come.
    RefundProgress { None = "none", InProgress = "in_progress", PartlyDone = "partly_done", Done = "done" }
}

wire_enum! {
    /// What the platform's risk control says about an order.
    RiskStatus { Clear = "clear", Reviewing = "reviewing", Blocked = "blocked" }
}

wire_enum! {
    /// What sort of promotion it is.
    PromotionKind {
        ItemDiscount = "item_discount",
        OrderDiscount = "order_discount",
        ShopCoupon = "shop_coupon",
        PlatformCoupon = "platform_coupon",
        Gift = "gift",
    }
}

wire_enum! {
    /// Who pays for a promotion.
    PromotionFunder { Seller = "seller", Platform = "platform" }
}

wire_enum! {
    /// By what means a buyer paid.
    PaymentMethod { Wallet = "wallet", BankCard = "bank_card", BankTransfer = "bank_transfer", Credit = "credit" }
}

wire_enum! {
    /// A coloured flag.
    OrderFlag { Red = "red", Yellow = "yellow", Green = "green", Blue = "blue", Purple = "purple" }
}

wire_enum! {
    /// Why an order was closed.
    CloseReason {
        OutOfStock = "out_of_stock",
        BuyerRequest = "buyer_request",
        BuyerUnreachable = "buyer_unreachable",
        PriceError = "price_error",
        PaymentTimeout = "payment_timeout",
        Refunded = "refunded",
        Split = "split",
        Merged = "merged",
        Other = "other",
    }
}

impl CloseReason {
    /// Whether only the platform closes an order for it.
    fn is_platforms(self) -> bool {
        matches!(self, Self::PaymentTimeout | Self::Refunded | Self::Split | Self::Merged)
    }
}

/// What one buyer bought at one time. Statuses and sums follow from the rest: see [`Order::settle`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) order_id: String,
    pub(crate) shop_id: String,
    pub(crate) buyer_id: String,
    pub(crate) kind: OrderKind,
    pub(crate) status: OrderStatus,
    pub(crate) payment_status: PaymentStatus,
    pub(crate) fulfilment_status: FulfilmentStatus,
    pub(crate) refund_status: RefundProgress,
    pub(crate) risk_status: RiskStatus,
    pub(crate) lines: Vec<Line>,
    pub(crate) amounts: Amounts,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) promotions: Vec<Promotion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) payment_info: Option<PaymentInfo>,
    #[serde(skip_serializing_if = "HeldBack::is_hidden")]
    pub(crate) receiver: HeldBack,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) buyer_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) memo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) flag: Option<OrderFlag>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) shipment_ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) close_reason: Option<CloseReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) close_note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) split_from: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) split_into: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) merged_from: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) merged_into: Option<String>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) receipt_delay_days: u32,
    pub(crate) deadlines: Deadlines,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) late_at: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) paid_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) shipped_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) finished_at: Option<Timestamp>,
    pub(crate) modified_at: Timestamp,
    pub(crate) version: u64,
    /// All its parcels have reached the buyer, or he says so.
    #[serde(skip_serializing_if = "crate::snapshot::is_answer")]
    pub(crate) delivered: bool,
    /// More time that the buyer was asked for, oldest first.
    #[serde(skip_serializing_if = "crate::snapshot::is_answer")]
    pub(crate) extensions: Vec<PromiseExtension>,
    /// What has happened to it, oldest first.
    #[serde(skip_serializing_if = "crate::snapshot::is_answer")]
    pub(crate) history: Vec<HistoryEntry>,
}

/// Some pieces of one variant in an order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) line_id: String,
    /// What was bought, as it was then.
    #[serde(flatten)]
    pub(crate) bought: Bought,
    pub(crate) quantity: u32,
    pub(crate) shipped_quantity: u32,
    pub(crate) refunded_quantity: u32,
    pub(crate) price: Money,
    pub(crate) adjustment: Money,
    pub(crate) discount: Money,
    pub(crate) allocated_promotion: Money,
    pub(crate) payment: Money,
    pub(crate) refunded: Money,
    pub(crate) status: LineStatus,
    pub(crate) refund_status: RefundProgress,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refund_id: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) gift: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ship_by: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) shipped_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) finished_at: Option<Timestamp>,
    /// By when it had to be shipped before any extension.
    #[serde(skip_serializing_if = "crate::snapshot::is_answer")]
    pub(crate) promised_by: Option<Timestamp>,
    /// Within how many hours of the payment it is to be shipped.
    #[serde(skip_serializing_if = "crate::snapshot::is_answer")]
    pub(crate) ship_within_hours: u32,
    /// Whether its pieces are taken from the stock when it is paid, not when it is placed.
    #[serde(skip_serializing_if = "crate::snapshot::is_answer")]
    pub(crate) taken_at_payment: bool,
    /// How many pieces of the stock are reserved for it.
    #[serde(skip_serializing_if = "crate::snapshot::is_answer")]
    pub(crate) reserved: u32,
    /// Whether a refund of it is open.
    #[serde(skip_serializing_if = "crate::snapshot::is_answer")]
    pub(crate) refund_open: bool,
    /// Whether it ended without a sale.
    #[serde(skip_serializing_if = "crate::snapshot::is_answer")]
    pub(crate) closed: bool,
}

impl Line {
    pub(crate) fn item_id(&self) -> &String {
        &self.bought.item.item_id
    }

    pub(crate) fn sku_id(&self) -> &String {
        &self.bought.sku.sku_id
    }

    pub(crate) fn title(&self) -> &String {
        &self.bought.item.title
    }

    /// Pieces that still wait to be shipped.
    pub(crate) fn waiting(&self) -> u32 {
        if self.closed { 0 } else { self.quantity - self.shipped_quantity - self.refunded_quantity }
    }

    /// What the buyer could still get back for it, in the minor unit.
    pub(crate) fn refundable(&self) -> i64 {
        self.payment.amount - self.refunded.amount
    }
}

/// What an order costs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Amounts {
    pub(crate) goods: Money,
    pub(crate) adjustment: Money,
    pub(crate) discount: Money,
    pub(crate) promotion: Money,
    pub(crate) freight: Money,
    pub(crate) payment: Money,
    pub(crate) paid: Money,
    pub(crate) refunded: Money,
}

/// A promotion that took something off an order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Promotion {
    pub(crate) promotion_id: String,
    pub(crate) name: String,
    pub(crate) kind: PromotionKind,
    pub(crate) funded_by: PromotionFunder,
    pub(crate) amount: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line_id: Option<String>,
}

/// How a buyer paid.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PaymentInfo {
    pub(crate) method: PaymentMethod,
    pub(crate) payment_number: String,
}

/// Whom goods go to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Receiver {
    pub(crate) name: Personal,
    pub(crate) phone: Personal,
    pub(crate) address: Personal,
    #[serde(flatten)]
    pub(crate) region: Region,
}

/// The part of an address that isn't personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Region {
    pub(crate) country: String,
    pub(crate) province: String,
    pub(crate) city: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) district: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) town: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) zip: Option<String>,
}

impl Receiver {
    /// Whether it is the same person at the same place.
    fn is_as(&self, other: &Self) -> bool {
        let texts =
            |receiver: &Self| [&receiver.name, &receiver.phone, &receiver.address].map(|it| it.text().to_owned());
        self.region == other.region && texts(self) == texts(other)
    }
}

/// A receiver who is shown only while the risk control has nothing against the order.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct HeldBack {
    #[serde(deserialize_with = "shared")]
    pub(crate) receiver: Arc<Receiver>,
    pub(crate) hidden: bool,
}

fn shared<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<Receiver>, D::Error> {
    Receiver::deserialize(deserializer).map(Arc::new)
}

impl Serialize for HeldBack {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !snapshot::is_kept() {
            return Receiver::serialize(&self.receiver, serializer);
        }
        let mut fields = serializer.serialize_struct("HeldBack", 2)?;
        fields.serialize_field("receiver", &*self.receiver)?;
        fields.serialize_field("hidden", &self.hidden)?;
        fields.end()
    }
}

impl HeldBack {
    fn is_hidden(&self) -> bool {
        self.hidden && !snapshot::is_kept()
    }
}

/// Until when what has to happen to an order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Deadlines {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pay_by: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ship_by: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) collect_by: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deliver_by: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) confirm_by: Option<Timestamp>,
}

impl Row for Order {
    fn id(&self) -> &str {
        &self.order_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }

    fn marks(&self) -> Vec<Mark> {
        vec![("status", self.status.as_str().into()), ("buyer", self.buyer_id.clone().into())]
    }
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}
