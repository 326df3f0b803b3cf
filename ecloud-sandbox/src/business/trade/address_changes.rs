//! Address changes: other receivers that buyers ask for once they have paid.

use std::sync::Arc;

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::progress::keep;
use super::{HeldBack, Order, OrderStatus, Receiver, RiskStatus};
use crate::business::buyer::impossible;
use crate::business::due::Due;
use crate::business::table::Row;
use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, Shop, Told, encode};
use crate::description::Description;
use crate::platform::Refusal;

/// How long a seller may take to answer.
const ANSWER_WITHIN_MILLIS: i64 = 24 * 3_600_000;

wire_enum! {
    /// Where an address change stands.
    AddressChangeStatus {
        Requested = "requested",
        Approved = "approved",
        Refused = "refused",
        Withdrawn = "withdrawn",
        Closed = "closed",
    }
}

wire_enum! {
    /// Why a seller refuses another receiver.
    AddressRefusalReason {
        AlreadyPacked = "already_packed",
        AreaNotServed = "area_not_served",
        FreightDiffers = "freight_differs",
        Other = "other",
    }
}

/// Another receiver that a buyer asks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AddressChange {
    pub(crate) address_change_id: String,
    pub(crate) order_id: String,
    buyer_id: String,
    pub(crate) status: AddressChangeStatus,
    /// Shown only as that of the order is: see [`view`].
    #[serde(skip_serializing_if = "crate::snapshot::is_answer")]
    receiver: Receiver,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal_reason: Option<AddressRefusalReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal_note: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    timed_out: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) respond_by: Option<Timestamp>,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Timestamp>,
    pub(crate) modified_at: Timestamp,
    pub(crate) version: u64,
}

impl Row for AddressChange {
    fn id(&self) -> &str {
        &self.address_change_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }
}

impl Told for AddressChange {
    const CREATED: &'static str = "trade.address_change.created";
    const CHANGED: &'static str = "trade.address_change.changed";

    fn version(&self) -> u64 {
        self.version
    }

    fn notice(&self) -> Value {
        json!({
            "address_change_id": self.address_change_id,
            "order_id": self.order_id,
            "status": self.status,
            "respond_by": self.respond_by,
            "modified_at": self.modified_at,
        })
    }
}

/// An address change as it is shown.
#[derive(Serialize)]
pub(crate) struct View<'a> {
    #[serde(flatten)]
    change: &'a AddressChange,
    #[serde(skip_serializing_if = "Option::is_none")]
    receiver: Option<&'a Receiver>,
}

/// An address change, with the receiver while the risk control has nothing against the order.
pub(crate) fn view<'a>(shop: &'a Shop, change: &'a AddressChange) -> View<'a> {
    let shows = shop.orders.get(&change.order_id).is_some_and(|order| order.risk_status == RiskStatus::Clear);
    View { change, receiver: Some(&change.receiver).filter(|_| shows) }
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listAddressChanges" => list,
        "getAddressChange" => get,
        "approveAddressChange" => approve,
        "refuseAddressChange" => refuse,
        _ => return None,
    })
}

/// `listAddressChanges`
fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let order = call.query.one("order_id");
    let wanted = |change: &AddressChange| {
        order.is_none_or(|order| change.order_id == order) && call.query.wants("status", change.status.as_str())
    };
    call.cursor_page(&call.shop.address_changes, wanted, |change| view(call.shop, change))
}

/// `getAddressChange`
fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(&view(call.shop, find(call.shop, call.path("address_change_id"))?))
}

#[derive(Deserialize)]
struct AddressChangeApproval {
    version: u64,
}

/// `approveAddressChange`
fn approve(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: AddressChangeApproval = call.input()?;
    let change = for_change(call, "approveAddressChange", input.version)?;
    let risk_status = call.shop.order(&change.order_id)?.risk_status;
    Description::get().machine("RiskStatus").operation("approveAddressChange", risk_status.as_str())?;
    let change = apply(call.shop, change, call.now)?;
    encode(&view(call.shop, &change))
}

#[derive(Deserialize)]
struct AddressChangeRefusal {
    version: u64,
    reason: AddressRefusalReason,
    note: Option<String>,
}

/// `refuseAddressChange`
fn refuse(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: AddressChangeRefusal = call.input()?;
    let mut change = for_change(call, "refuseAddressChange", input.version)?;
    change.refusal_reason = Some(input.reason);
    change.refusal_note = input.note;
    let change = end(call.shop, change, AddressChangeStatus::Refused, call.now);
    encode(&view(call.shop, &change))
}

/// The address change of the path, if the caller has seen its latest version and `operation` may be done in its status.
fn for_change(call: &Call<'_>, operation: &str, version: u64) -> Result<AddressChange, Refusal> {
    let change = find(call.shop, call.path("address_change_id"))?;
    if change.version != version {
        let message = format!("it has changed since version {version}; it is at {} now", change.version);
        return Err(Refusal::rule("trade.address_change_conflict", message));
    }
    Description::get().machine("AddressChangeStatus").operation(operation, change.status.as_str())?;
    Ok(change.clone())
}

fn find<'a>(shop: &'a Shop, id: &str) -> Result<&'a AddressChange, Refusal> {
    let found = shop.address_changes.get(id).map(|change| &**change);
    found.ok_or_else(|| Refusal::rule("trade.address_change_not_found", "the shop has no such address change"))
}

/// The address change of an order that isn't answered yet.
pub(super) fn open_of<'a>(shop: &'a Shop, order_id: &str) -> Option<&'a AddressChange> {
    let is_open = |it: &&AddressChange| it.order_id == order_id && it.status == AddressChangeStatus::Requested;
    shop.address_changes.iter().map(|change| &**change).find(is_open)
}

/// The buyer asks for another receiver.
pub(crate) fn ask(
    shop: &mut Shop,
    order_id: &str,
    receiver: Receiver,
    now: Timestamp,
) -> Result<AddressChange, Refusal> {
    let order = shop.order(order_id)?;
    let buyer_id = order.buyer_id.clone();
    if order.status != OrderStatus::Paid || order.risk_status != RiskStatus::Clear {
        return Err(impossible("an address change", order.status.as_str()));
    }
    if open_of(shop, order_id).is_some() {
        return Err(impossible("another address change", "that of one that isn't answered"));
    }
    let respond_by = now.offset_by_millis(ANSWER_WITHIN_MILLIS);
    let change = AddressChange {
        address_change_id: shop.next_id("AC"),
        order_id: order_id.to_owned(),
        buyer_id,
        status: AddressChangeStatus::Requested,
        receiver,
        refusal_reason: None,
        refusal_note: None,
        timed_out: false,
        respond_by: Some(respond_by),
        created_at: now,
        finished_at: None,
        modified_at: now,
        version: 1,
    };
    shop.due.insert((respond_by, Due::AddressChange(change.address_change_id.clone())));
    shop.address_changes.put(change.clone());
    Ok(change)
}

/// The buyer wants it no more.
pub(crate) fn withdraw(shop: &mut Shop, id: &str, now: Timestamp) -> Result<AddressChange, Refusal> {
    let change = find(shop, id)?.clone();
    if !change.can("buyer_withdraws") {
        return Err(impossible("buyer_withdraws", change.status.as_str()));
    }
    Ok(end(shop, change, AddressChangeStatus::Withdrawn, now))
}

/// Time has come for an address change that the seller hasn't answered.
pub(crate) fn is_due(shop: &mut Shop, id: &str, at: Timestamp) -> Result<(), Refusal> {
    let mut change = find(shop, id)?.clone();
    if change.can("seller_times_out") {
        change.timed_out = true;
        apply(shop, change, at)?;
    }
    Ok(())
}

/// An order has become what it is: where it can't have another receiver any more, nobody need answer.
pub(super) fn order_moved(shop: &mut Shop, order: &Order) {
    if order.status == OrderStatus::Paid {
        return;
    }
    if let Some(change) = open_of(shop, &order.order_id).cloned() {
        end(shop, change, AddressChangeStatus::Closed, order.modified_at);
    }
}

/// Gives the order the receiver that the buyer asks for.
pub(crate) fn apply(shop: &mut Shop, change: AddressChange, now: Timestamp) -> Result<AddressChange, Refusal> {
    let mut order = Order::clone(shop.order(&change.order_id)?);
    order.receiver = HeldBack { receiver: Arc::new(change.receiver.clone()), hidden: false };
    order.settle(now);
    let change = end(shop, change, AddressChangeStatus::Approved, now);
    keep(shop, order);
    Ok(change)
}

fn end(shop: &mut Shop, mut change: AddressChange, status: AddressChangeStatus, now: Timestamp) -> AddressChange {
    debug_assert!(Description::get().machine("AddressChangeStatus").leads(change.status.as_str(), status.as_str()));
    change.status = status;
    change.respond_by = None;
    change.finished_at = Some(now);
    change.version += 1;
    change.modified_at = change.modified_at.max(now);
    shop.address_changes.put(change.clone());
    change
}

impl AddressChange {
    fn can(&self, event: &str) -> bool {
        Description::get().machine("AddressChangeStatus").event(event, self.status.as_str()).is_some()
    }
}
