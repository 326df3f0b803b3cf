//! Shipments: shipping an order, or a part of it, and taking that back.

use std::collections::BTreeSet;

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::addresses::default_for;
use super::journey::words;
use super::{
    AddressUse, Parcel, Shipment, ShipmentLine, ShipmentStatus, TrackingAction, TrackingEvent, carriers, journey,
    tracking_subscriptions,
};
use crate::business::product::inventory::{Movement, shift};
use crate::business::trade::progress::keep as keep_order;
use crate::business::trade::refund::GoodsStatus;
use crate::business::trade::refund_history::RefundAction;
use crate::business::trade::{Order, Refund, RefundKind, RiskStatus};
use crate::business::{BatchError, Call, Handler, Shop, encode};
use crate::description::Description;
use crate::platform::Refusal;

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listShipments" => list,
        "listShipmentChanges" => changes,
        "createShipment" => create,
        "batchCreateShipments" => batch_create,
        "getShipment" => get,
        "changeTrackingNumber" => change_tracking_number,
        "cancelShipment" => cancel,
        "setShipmentNote" => set_note,
        _ => return None,
    })
}

/// `listShipments`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let order = call.query.one("order_id");
    let wanted = |shipment: &Shipment| {
        order.is_none_or(|order| shipment.order_id == order) && call.query.wants("status", shipment.status.as_str())
    };
    call.cursor_page(&call.shop.shipments, wanted, |shipment| &**shipment)
}

/// `listShipmentChanges`
pub(crate) fn changes(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let visible = |it: &Shipment| call.shop.shows_change(&it.shipment_id, it.version, it.modified_at, call.now);
    call.changes_page(&call.shop.shipments, visible, |shipment| &***shipment)
}

/// `getShipment`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(&**call.shop.shipment(call.path("shipment_id"))?)
}

/// What is shipped and how.
#[derive(Debug, Deserialize)]
pub(crate) struct ShipmentInput {
    pub(crate) order_id: String,
    pub(crate) carrier_code: String,
    pub(crate) tracking_number: String,
    pub(crate) lines: Option<Vec<ShipmentLineInput>>,
    #[serde(default)]
    pub(crate) extra_parcels: Vec<Parcel>,
    pub(crate) sender_address_id: Option<String>,
    pub(crate) note: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ShipmentLineInput {
    pub(crate) line_id: String,
    pub(crate) quantity: Option<u32>,
}

/// `createShipment`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: ShipmentInput = call.input()?;
    encode(&ship(call.shop, input, call.now)?)
}

#[derive(Deserialize)]
struct ShipmentBatch {
    shipments: Vec<ShipmentInput>,
}

#[derive(Serialize)]
struct ShipmentBatchResult {
    items: Vec<ShipmentResult>,
}

#[derive(Serialize)]
struct ShipmentResult {
    order_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipment: Option<Shipment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<BatchError>,
}

/// `batchCreateShipments`
pub(crate) fn batch_create(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: ShipmentBatch = call.input()?;
    let results = input.shipments.into_iter().map(|input| {
        let order_id = input.order_id.clone();
        // On a copy, since what fails changes nothing.
        let mut shop = call.shop.clone();
        match ship(&mut shop, input, call.now) {
            Ok(shipment) => {
                *call.shop = shop;
                ShipmentResult { order_id, shipment: Some(shipment), error: None }
            }
            Err(refusal) => ShipmentResult { order_id, shipment: None, error: Some(refusal.into()) },
        }
    });
    encode(&ShipmentBatchResult { items: results.collect() })
}

/// Ships an order, or what of it is named.
pub(crate) fn ship(shop: &mut Shop, input: ShipmentInput, now: Timestamp) -> Result<Shipment, Refusal> {
    let shipment = ship_with(shop, input, None, now)?;
    journey::begins(shop, &shipment.shipment_id, now);
    Ok(shipment)
}

/// Ships an order with the carrier that it names, or with this one; nothing moves the shipment yet.
pub(super) fn ship_with(
    shop: &mut Shop,
    input: ShipmentInput,
    carrier: Option<carriers::Carrier>,
    now: Timestamp,
) -> Result<Shipment, Refusal> {
    let mut order = Order::clone(shop.order(&input.order_id)?);
    let machines = Description::get();
    machines.machine("OrderStatus").operation("createShipment", order.status.as_str())?;
    machines.machine("RiskStatus").operation("createShipment", order.risk_status.as_str())?;
    debug_assert_eq!(order.risk_status, RiskStatus::Clear, "the description lets only clear orders be shipped");

    let lines = lines_of(&order, input.lines)?;
    let carrier = match carrier {
        Some(carrier) => carrier,
        None => carriers::find(shop, &input.carrier_code)?,
    };
    let main = Parcel { tracking_number: input.tracking_number.clone(), weight_grams: None, volume_cm3: None };
    let parcels: Vec<Parcel> = std::iter::once(main).chain(input.extra_parcels).collect();
    check_numbers(shop, &carrier, &parcels, None)?;
    let sender_address_id = match input.sender_address_id {
        Some(address_id) => Some(shop.address(&address_id)?.address_id.clone()),
        None => default_for(shop, AddressUse::Sender),
    };

    let shipment_id = shop.next_id("H");
    for shipped in &lines {
        let line = order.line_mut(&shipped.line_id)?;
        line.shipped_quantity += shipped.quantity;
        line.reserved = line.reserved.saturating_sub(shipped.quantity);
        let refund_id = line.refund_id.clone().filter(|_| line.refund_open);
        shift(shop, &shipped.sku_id, Movement::Ship, shipped.quantity, now)?;
        goods_have_left(shop, refund_id.as_deref(), now)?;
    }
    let bought: u32 = order.lines.iter().map(|line| line.quantity).sum();
    let held: u32 = lines.iter().map(|line| line.quantity).sum();
    order.shipment_ids.push(shipment_id.clone());
    order.delivered = false;
    order.settle(now);
    keep_order(shop, order);

    let shipment = Shipment {
        shipment_id: shipment_id.clone(),
        order_id: input.order_id,
        carrier_code: carrier.carrier_code.to_owned(),
        carrier_name: carrier.name.to_owned(),
        tracking_number: input.tracking_number,
        status: ShipmentStatus::WaitPickup,
        partial: held < bought,
        lines,
        parcels,
        sender_address_id,
        note: input.note,
        created_at: now,
        picked_up_at: None,
        delivered_at: None,
        cancelled_at: None,
        modified_at: now,
        version: 1,
        events: vec![TrackingEvent {
            occurred_at: now,
            action: TrackingAction::Shipped,
            place: None,
            next_place: None,
            description: words(TrackingAction::Shipped, false).into(),
        }],
    };
    for parcel in &shipment.parcels {
        shop.track(&parcel.tracking_number, &shipment_id);
        tracking_subscriptions::shipped(shop, carrier.carrier_code, &parcel.tracking_number, now);
    }
    shop.shipments.put(shipment.clone());
    Ok(shipment)
}

/// What is to be shipped: what is named, or all that waits.
fn lines_of(order: &Order, named: Option<Vec<ShipmentLineInput>>) -> Result<Vec<ShipmentLine>, Refusal> {
    let named = match named {
        Some(named) => named,
        None => {
            let waiting = order.lines.iter().filter(|line| line.waiting() > 0);
            waiting.map(|line| ShipmentLineInput { line_id: line.line_id.clone(), quantity: None }).collect()
        }
    };
    let mut seen = BTreeSet::new();
    let mut lines = Vec::new();
    for (index, ShipmentLineInput { line_id, quantity }) in named.into_iter().enumerate() {
        if !seen.insert(line_id.clone()) {
            return Err(Refusal::invalid_field(format!("lines[{index}].line_id"), "stands there twice"));
        }
        let line = order.line(&line_id)?;
        let quantity = quantity.unwrap_or(line.waiting());
        if quantity == 0 || quantity > line.waiting() {
            let message = format!("{} pieces of line {line_id} wait to be shipped", line.waiting());
            return Err(Refusal::rule("trade.line_not_shippable", message));
        }
        lines.push(ShipmentLine {
            line_id,
            item_id: line.item_id().clone(),
            sku_id: line.sku_id().clone(),
            title: line.title().clone(),
            quantity,
        });
    }
    Ok(lines)
}

/// The numbers are the carrier's, no two alike, and no other shipment that isn't cancelled has one of them.
fn check_numbers(
    shop: &Shop,
    carrier: &carriers::Carrier,
    parcels: &[Parcel],
    own: Option<&str>,
) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    for parcel in parcels {
        let number = &parcel.tracking_number;
        carrier.check_number(number)?;
        if !seen.insert(number) {
            return Err(Refusal::invalid_field("extra_parcels", "must have numbers of their own"));
        }
        check_free(shop, carrier.carrier_code, number, own)?;
    }
    Ok(())
}

/// Whether a shipment that isn't cancelled, except for this one, has a number of a carrier.
pub(super) fn has_number(shop: &Shop, carrier_code: &str, number: &str, own: Option<&str>) -> bool {
    let mut shipments = shop.tracking.get(number).into_iter().flatten().filter_map(|id| shop.shipments.get(id));
    shipments.any(|other| {
        other.carrier_code == carrier_code
            && other.status != ShipmentStatus::Cancelled
            && Some(other.shipment_id.as_str()) != own
    })
}

/// No shipment but this one, nor what was sent in an after-sale case, has a number of a carrier.
pub(crate) fn check_free(shop: &Shop, carrier_code: &str, number: &str, own: Option<&str>) -> Result<(), Refusal> {
    let mut replacements = shop
        .after_sales
        .marked([("sent", number.to_owned().into())], None)
        .filter_map(|case| case.replacement.as_ref());
    if has_number(shop, carrier_code, number, own)
        || replacements.any(|it| it.carrier_code == carrier_code && it.tracking_number == number)
    {
        return Err(Refusal::rule("logistics.tracking_number_taken", "another parcel has this tracking number"));
    }
    Ok(())
}

/// Where the buyer has asked for his money back meanwhile, the goods are on their way now.
fn goods_have_left(shop: &mut Shop, refund_id: Option<&str>, now: Timestamp) -> Result<(), Refusal> {
    let Some(refund_id) = refund_id else { return Ok(()) };
    let mut refund = Refund::clone(shop.refund(refund_id)?);
    if refund.goods_status == GoodsStatus::Unshipped {
        refund.goods_status = GoodsStatus::NotReceived;
        refund.note(RefundAction::GoodsShipped, now);
        shop.refunds.put(refund);
    }
    Ok(())
}

/// Where the buyer has asked for his money alone, the goods are with the seller again, as the carrier never had them.
fn goods_have_stayed(shop: &mut Shop, refund_id: Option<&str>, now: Timestamp) -> Result<(), Refusal> {
    let Some(refund_id) = refund_id else { return Ok(()) };
    let mut refund = Refund::clone(shop.refund(refund_id)?);
    if refund.kind == RefundKind::RefundOnly && refund.goods_status == GoodsStatus::NotReceived {
        refund.goods_status = GoodsStatus::Unshipped;
        refund.touch(now);
        shop.refunds.put(refund);
    }
    Ok(())
}

#[derive(Deserialize)]
struct TrackingNumberInput {
    version: u64,
    carrier_code: String,
    tracking_number: String,
}

/// `changeTrackingNumber`
pub(crate) fn change_tracking_number(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: TrackingNumberInput = call.input()?;
    let mut shipment = for_change(call, "changeTrackingNumber")?;
    check_version(&shipment, input.version)?;
    let carrier = carriers::find(call.shop, &input.carrier_code)?;
    let before = std::mem::replace(&mut shipment.parcels[0].tracking_number, input.tracking_number.clone());
    check_numbers(call.shop, &carrier, &shipment.parcels, Some(&shipment.shipment_id))?;
    call.shop.untrack(&before, &shipment.shipment_id);
    call.shop.track(&input.tracking_number, &shipment.shipment_id);
    tracking_subscriptions::shipped(call.shop, carrier.carrier_code, &input.tracking_number, call.now);
    shipment.tracking_number = input.tracking_number;
    shipment.carrier_code = carrier.carrier_code.to_owned();
    shipment.carrier_name = carrier.name.to_owned();
    shipment.version += 1;
    shipment.modified_at = call.now;
    call.shop.shipments.put(shipment.clone());
    encode(&shipment)
}

#[derive(Deserialize)]
struct ShipmentNote {
    version: u64,
    note: String,
}

/// `setShipmentNote`
pub(crate) fn set_note(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: ShipmentNote = call.input()?;
    let mut shipment = Shipment::clone(call.shop.shipment(call.path("shipment_id"))?);
    check_version(&shipment, input.version)?;
    shipment.note = Some(input.note).filter(|note| !note.is_empty());
    shipment.version += 1;
    shipment.modified_at = call.now;
    call.shop.shipments.put(shipment.clone());
    encode(&shipment)
}

fn check_version(shipment: &Shipment, seen: u64) -> Result<(), Refusal> {
    if shipment.version == seen {
        return Ok(());
    }
    let message = format!("the shipment has changed since version {seen}; it is at {} now", shipment.version);
    Err(Refusal::rule("logistics.shipment_conflict", message))
}

/// `cancelShipment`
pub(crate) fn cancel(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let mut shipment = for_change(call, "cancelShipment")?;
    let mut order = Order::clone(call.shop.order(&shipment.order_id)?);
    Description::get().machine("OrderStatus").operation("cancelShipment", order.status.as_str())?;
    if shipment.lines.iter().any(|shipped| order.line(&shipped.line_id).is_ok_and(|line| line.closed)) {
        return Err(Refusal::rule("logistics.shipment_not_cancellable", "a line that it holds has ended"));
    }
    for shipped in &shipment.lines {
        let line = order.line_mut(&shipped.line_id)?;
        line.shipped_quantity -= shipped.quantity;
        line.reserved += shipped.quantity;
        let refund_id = line.refund_id.clone().filter(|_| line.refund_open && line.shipped_quantity == 0);
        goods_have_stayed(call.shop, refund_id.as_deref(), call.now)?;
        shift(call.shop, &shipped.sku_id, Movement::TakeBack, shipped.quantity, call.now)?;
    }
    order.shipment_ids.retain(|id| *id != shipment.shipment_id);
    order.delivered = false;
    order.settle(call.now);
    keep_order(call.shop, order);

    shipment.status = ShipmentStatus::Cancelled;
    shipment.cancelled_at = Some(call.now);
    shipment.events.push(TrackingEvent {
        occurred_at: call.now,
        action: TrackingAction::Cancelled,
        place: None,
        next_place: None,
        description: words(TrackingAction::Cancelled, false).into(),
    });
    shipment.version += 1;
    shipment.modified_at = call.now;
    call.shop.shipments.put(shipment.clone());
    encode(&shipment)
}

/// The shipment of the path, if `operation` may be done in its status.
fn for_change(call: &Call<'_>, operation: &str) -> Result<Shipment, Refusal> {
    let shipment = call.shop.shipment(call.path("shipment_id"))?;
    Description::get().machine("ShipmentStatus").operation(operation, shipment.status.as_str())?;
    Ok(Shipment::clone(shipment))
}
