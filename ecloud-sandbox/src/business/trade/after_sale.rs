//! What a buyer wants instead of his money, and how far that comes.

use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::refund::{RefusalReason, ReturnParcel};
use crate::business::due::Due;
use crate::business::logistics::AddressUse;
use crate::business::logistics::addresses::default_for;
use crate::business::table::{Mark, Row};
use crate::business::wire::wire_enum;
use crate::business::{Shop, Told, trade::Order};
use crate::description::Description;
use crate::platform::Refusal;

const DAY_MILLIS: i64 = 86_400_000;

wire_enum! {
    /// What a buyer wants instead of his money.
    AfterSaleKind { Exchange = "exchange", Repair = "repair", Resend = "resend" }
}

wire_enum! {
    /// Why a buyer opens an after-sale case.
    AfterSaleReason {
        WrongGoods = "wrong_goods",
        WrongSize = "wrong_size",
        Damaged = "damaged",
        Quality = "quality",
        NotAsDescribed = "not_as_described",
        MissingGoods = "missing_goods",
        Other = "other",
    }
}

wire_enum! {
    /// Where an after-sale case stands.
    AfterSaleStatus {
        WaitSeller = "wait_seller",
        WaitBuyerReturn = "wait_buyer_return",
        WaitSellerReceipt = "wait_seller_receipt",
        WaitSellerShipment = "wait_seller_shipment",
        WaitBuyerReceipt = "wait_buyer_receipt",
        Refused = "refused",
        Succeeded = "succeeded",
        Closed = "closed",
    }
}

/// An after-sale case of one line of an order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AfterSale {
    pub(crate) after_sale_id: String,
    pub(crate) order_id: String,
    pub(crate) line_id: String,
    pub(crate) item_id: String,
    pub(crate) sku_id: String,
    pub(crate) buyer_id: String,
    pub(crate) title: String,
    pub(crate) kind: AfterSaleKind,
    pub(crate) status: AfterSaleStatus,
    pub(crate) quantity: u32,
    pub(crate) wanted_sku_id: String,
    pub(crate) reason: AfterSaleReason,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) explanation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refusal: Option<AfterSaleRefusalNote>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) return_address_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) return_parcel: Option<ReturnParcel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) replacement: Option<ReplacementParcel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) close_note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) respond_by: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) finished_at: Option<Timestamp>,
    pub(crate) modified_at: Timestamp,
    pub(crate) version: u64,
}

/// What a seller answered when he refused.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AfterSaleRefusalNote {
    pub(crate) reason: RefusalReason,
    pub(crate) explanation: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) media_ids: Vec<String>,
    pub(crate) refused_at: Timestamp,
}

/// A parcel that goes to the buyer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ReplacementParcel {
    pub(crate) carrier_code: String,
    pub(crate) tracking_number: String,
    pub(crate) sent_at: Timestamp,
}

impl Row for AfterSale {
    fn id(&self) -> &str {
        &self.after_sale_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }

    fn marks(&self) -> Vec<Mark> {
        let sent = self.replacement.iter().map(|parcel| ("sent", parcel.tracking_number.clone().into()));
        sent.chain([("line", self.line_id.clone().into())]).collect()
    }
}

impl Told for AfterSale {
    const CREATED: &'static str = "trade.after_sale.created";
    const CHANGED: &'static str = "trade.after_sale.changed";

    fn version(&self) -> u64 {
        self.version
    }

    fn notice(&self) -> Value {
        json!({
            "after_sale_id": self.after_sale_id,
            "order_id": self.order_id,
            "line_id": self.line_id,
            "kind": self.kind,
            "status": self.status,
            "respond_by": self.respond_by,
            "modified_at": self.modified_at,
        })
    }
}

impl AfterSaleStatus {
    /// How long the one whose turn it is may take.
    fn patience_millis(self) -> Option<i64> {
        match self {
            Self::WaitSeller => Some(2 * DAY_MILLIS),
            Self::WaitSellerShipment => Some(3 * DAY_MILLIS),
            Self::WaitBuyerReturn | Self::Refused => Some(7 * DAY_MILLIS),
            Self::WaitSellerReceipt | Self::WaitBuyerReceipt => Some(10 * DAY_MILLIS),
            Self::Succeeded | Self::Closed => None,
        }
    }

    /// Whether nothing more happens to the case.
    pub(crate) fn has_ended(self) -> bool {
        Description::get().machine("AfterSaleStatus").ends_in(self.as_str())
    }
}

impl AfterSale {
    /// Whether the description lets something happen to it in its status.
    pub(crate) fn can(&self, event: &str) -> bool {
        Description::get().machine("AfterSaleStatus").event(event, self.status.as_str()).is_some()
    }

    /// Whether the buyer sends something back first.
    pub(crate) fn returns_goods(&self) -> bool {
        self.kind != AfterSaleKind::Resend
    }

    /// The seller agrees, or says nothing for too long.
    pub(crate) fn agree(mut self, shop: &mut Shop, return_address_id: Option<String>, now: Timestamp) -> Self {
        let next = if self.returns_goods() {
            self.return_address_id = return_address_id;
            AfterSaleStatus::WaitBuyerReturn
        } else {
            AfterSaleStatus::WaitSellerShipment
        };
        self.go_to(shop, next, now)
    }

    /// Moves on to another status, and keeps it.
    pub(crate) fn go_to(mut self, shop: &mut Shop, status: AfterSaleStatus, now: Timestamp) -> Self {
        debug_assert!(Description::get().machine("AfterSaleStatus").leads(self.status.as_str(), status.as_str()));
        self.status = status;
        self.respond_by = status.patience_millis().map(|millis| now.offset_by_millis(millis));
        if status.has_ended() {
            self.finished_at = Some(now);
        }
        self.version += 1;
        self.modified_at = self.modified_at.max(now);
        if let Some(at) = self.respond_by {
            shop.due.insert((at, Due::AfterSale(self.after_sale_id.clone())));
        }
        shop.after_sales.put(self.clone());
        self
    }
}

/// Time has come for a case whose next step nobody took.
pub(crate) fn is_due(shop: &mut Shop, after_sale_id: &str, at: Timestamp) -> Result<(), Refusal> {
    let case = AfterSale::clone(shop.after_sale(after_sale_id)?);
    if case.respond_by.is_none_or(|deadline| deadline > at) {
        return Ok(());
    }
    match case.status {
        AfterSaleStatus::WaitSeller if case.can("seller_times_out") => {
            let address = default_for(shop, AddressUse::Return);
            case.agree(shop, address, at);
        }
        AfterSaleStatus::WaitSellerReceipt if case.can("seller_times_out") => {
            case.go_to(shop, AfterSaleStatus::WaitSellerShipment, at);
        }
        AfterSaleStatus::WaitBuyerReceipt if case.can("buyer_times_out") => {
            case.go_to(shop, AfterSaleStatus::Succeeded, at);
        }
        _ if case.can("seller_times_out") || case.can("buyer_times_out") => {
            case.go_to(shop, AfterSaleStatus::Closed, at);
        }
        _ => {}
    }
    Ok(())
}

/// Whether a case of a line of an order hasn't ended.
pub(crate) fn is_open(shop: &Shop, order: &Order, line_id: &str) -> bool {
    let of_line = |case: &AfterSale| case.order_id == order.order_id && case.line_id == line_id;
    let mut cases = shop.after_sales.marked([("line", line_id.to_owned().into())], None);
    cases.any(|case| of_line(case) && !case.status.has_ended())
}
