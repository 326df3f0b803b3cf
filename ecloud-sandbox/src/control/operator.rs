//! What the platform's own people and the carriers do.

use serde::Deserialize;
use serde_json::{Value, json};

use super::shown;
use crate::business::Shop;
use crate::business::buyer::{self, impossible};
use crate::business::logistics::{TrackingAction, journey, waybills};
use crate::business::product::items::{self, Verdict};
use crate::platform::Refusal;
use ecloud_core::Timestamp;

/// What the platform's look at an item ends with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", tag = "verdict", deny_unknown_fields)]
pub enum AuditVerdict {
    /// It is allowed. Time brings that by itself, a minute after the item was created or changed.
    Approve,
    /// It is not allowed as it is.
    Reject {
        /// Why not.
        reason: String,
    },
    /// It is not allowed at all, and taken off sale.
    Ban {
        /// Why not.
        reason: String,
    },
}

/// What the platform's risk control does with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewVerdict {
    /// It begins to look at the order, which can't be shipped meanwhile.
    Start,
    /// It has nothing against the order.
    Pass,
    /// It finds a fraud.
    Fail,
}

/// What a carrier does with a shipment. Time brings the usual way by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Carriage {
    /// He picks it up.
    PickUp,
    /// He sets out on the last way.
    SetOut,
    /// He couldn't deliver it.
    Fail,
    /// He delivers it.
    Deliver,
    /// He brings it back to the sender.
    Return,
    /// He loses it.
    Lose,
}

impl From<Carriage> for TrackingAction {
    fn from(carriage: Carriage) -> Self {
        match carriage {
            Carriage::PickUp => Self::PickedUp,
            Carriage::SetOut => Self::OutForDelivery,
            Carriage::Fail => Self::Failed,
            Carriage::Deliver => Self::Delivered,
            Carriage::Return => Self::Returned,
            Carriage::Lose => Self::Lost,
        }
    }
}

pub(crate) fn audit(shop: &mut Shop, item_id: &str, verdict: AuditVerdict, now: Timestamp) -> Result<Value, Refusal> {
    let verdict = match verdict {
        AuditVerdict::Approve => Verdict::Approve,
        AuditVerdict::Reject { reason } => Verdict::Reject(reason),
        AuditVerdict::Ban { reason } => Verdict::Ban(reason),
    };
    let possible = items::judge(shop, item_id, verdict, now)?;
    let item = shop.item(item_id)?;
    if !possible {
        return Err(impossible("the platform's verdict", item.audit_status.as_str()));
    }
    Ok(json!({"item_id": item.item_id, "audit_status": item.audit_status, "listing_status": item.listing_status}))
}

pub(crate) fn review(
    shop: &mut Shop,
    order_id: &str,
    verdict: ReviewVerdict,
    now: Timestamp,
) -> Result<Value, Refusal> {
    let review = match verdict {
        ReviewVerdict::Start => buyer::Review::Starts,
        ReviewVerdict::Pass => buyer::Review::Passes,
        ReviewVerdict::Fail => buyer::Review::Fails,
    };
    shown(&*buyer::review(shop, order_id, review, now)?)
}

pub(crate) fn carry(shop: &mut Shop, shipment_id: &str, carriage: Carriage, now: Timestamp) -> Result<Value, Refusal> {
    let action = TrackingAction::from(carriage);
    let possible = journey::happens(shop, shipment_id, action, now)?;
    let shipment = shop.shipment(shipment_id)?;
    if possible { shown(&**shipment) } else { Err(impossible(action.as_str(), shipment.status.as_str())) }
}

pub(crate) fn print(shop: &mut Shop, waybill_id: &str, now: Timestamp) -> Result<Value, Refusal> {
    let possible = waybills::printed(shop, waybill_id, now)?;
    let waybill = shop.waybill(waybill_id)?;
    if possible { shown(&**waybill) } else { Err(impossible("printed", waybill.status.as_str())) }
}
