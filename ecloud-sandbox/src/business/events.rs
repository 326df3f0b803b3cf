//! What of a shop's changes the platform tells: the events of the descriptions' `webhooks`.
//!
//! Nothing announces itself. An event is what a row was and what it has become, so whatever changes an order, a call, a buyer or time,
//! tells the same.

use ecloud_core::Timestamp;
use serde_json::{Map, Value, json};

use super::Shop;
use super::logistics::{Shipment, TrackingAction, TrackingEvent, TrackingSubscription};
use super::product::{Item, Stock};
use super::table::{Change, Row};
use super::trade::{Order, OrderStatus};

/// Something that the platform tells.
#[derive(Clone, Debug)]
pub(crate) struct Happening {
    pub(crate) event_type: &'static str,
    pub(crate) shop_id: String,
    pub(crate) occurred_at: Timestamp,
    /// The object's version after the change.
    pub(crate) version: u64,
    pub(crate) data: Value,
}

impl Shop {
    /// Notes all changes from now on.
    pub(crate) fn watch(&mut self) {
        self.orders.watch();
        self.address_changes.watch();
        self.invoices.watch();
        self.refunds.watch();
        self.after_sales.watch();
        self.items.watch();
        self.stock.watch();
        self.shipments.watch();
        self.tracking_subscriptions.watch();
        self.pickups.watch();
        self.reverse_pickups.watch();
        self.interceptions.watch();
        self.delivery_exceptions.watch();
        self.self_deliveries.watch();
    }

    /// Notes nothing any more.
    pub(crate) fn look_away(&mut self) {
        self.orders.look_away();
        self.address_changes.look_away();
        self.invoices.look_away();
        self.refunds.look_away();
        self.after_sales.look_away();
        self.items.look_away();
        self.stock.look_away();
        self.shipments.look_away();
        self.tracking_subscriptions.look_away();
        self.pickups.look_away();
        self.reverse_pickups.look_away();
        self.interceptions.look_away();
        self.delivery_exceptions.look_away();
        self.self_deliveries.look_away();
    }

    /// What has happened since it was asked last.
    pub(crate) fn take_happenings(&mut self) -> Vec<Happening> {
        let mut told = Vec::new();
        told.extend(self.orders.take_changes().iter().filter_map(of_order));
        told.extend(self.address_changes.take_changes().iter().filter_map(told_of));
        told.extend(self.invoices.take_changes().iter().filter_map(told_of));
        told.extend(self.refunds.take_changes().iter().filter_map(told_of));
        told.extend(self.after_sales.take_changes().iter().filter_map(told_of));
        told.extend(self.items.take_changes().iter().filter_map(of_item));
        told.extend(self.stock.take_changes().iter().filter_map(of_stock));
        told.extend(self.shipments.take_changes().iter().flat_map(of_shipment));
        told.extend(self.tracking_subscriptions.take_changes().iter().filter_map(of_subscription));
        told.extend(self.pickups.take_changes().iter().filter_map(told_of));
        told.extend(self.reverse_pickups.take_changes().iter().filter_map(told_of));
        told.extend(self.interceptions.take_changes().iter().filter_map(told_of));
        told.extend(self.delivery_exceptions.take_changes().iter().filter_map(told_of));
        told.extend(self.self_deliveries.take_changes().iter().filter_map(told_of));
        let shop_id = self.id().to_owned();
        told.into_iter().map(|told| Happening { shop_id: shop_id.clone(), ..told }).collect()
    }
}

/// What is told when it comes to be, and whenever it has changed.
pub(crate) trait Told: Row {
    /// The type of the first event.
    const CREATED: &'static str;
    /// The type of all others.
    const CHANGED: &'static str;

    /// Its version.
    fn version(&self) -> u64;
    /// What events tell of it.
    fn notice(&self) -> Value;
}

fn told_of<T: Told>(Change { before, after }: &Change<T>) -> Option<Happening> {
    let event_type = match before {
        None => T::CREATED,
        Some(before) if before.version() < after.version() => T::CHANGED,
        Some(_) => return None,
    };
    Some(happening(event_type, after.modified_at(), after.version(), after.notice()))
}

fn happening(event_type: &'static str, occurred_at: Timestamp, version: u64, data: Value) -> Happening {
    // What isn't there is absent.
    let members = data.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    let data: Map<String, Value> = members.map(|(name, value)| (name.clone(), value.clone())).collect();
    Happening { event_type, shop_id: String::new(), occurred_at, version, data: data.into() }
}

fn of_order(Change { before, after }: &Change<Order>) -> Option<Happening> {
    use OrderStatus::{Closed, Finished, Paid, PartlyShipped, Shipped, WaitPayment};
    let event_type = match before.as_ref().map(|before| (before.status, before.version)) {
        None => "trade.order.created",
        Some((_, version)) if version == after.version => return None,
        Some((status, _)) if status == after.status => "trade.order.changed",
        Some((status, _)) => match after.status {
            Paid if status == WaitPayment => "trade.order.paid",
            // A shipment was cancelled.
            Paid | WaitPayment => "trade.order.changed",
            PartlyShipped => "trade.order.partly_shipped",
            Shipped => "trade.order.shipped",
            Finished => "trade.order.finished",
            Closed => "trade.order.closed",
        },
    };
    let data = json!({
        "order_id": after.order_id,
        "buyer_id": after.buyer_id,
        "status": after.status,
        "refund_status": after.refund_status,
        "payment": after.amounts.payment,
        "close_reason": after.close_reason,
        "modified_at": after.modified_at,
    });
    Some(happening(event_type, after.modified_at, after.version, data))
}

fn of_item(Change { before, after }: &Change<Item>) -> Option<Happening> {
    let event_type = match before {
        None => "product.item.created",
        Some(before) if before.version == after.version => return None,
        Some(before) if before.audit_status == after.audit_status || after.audit_status.as_str() == "pending" => {
            "product.item.changed"
        }
        Some(_) => "product.item.audited",
    };
    let data = json!({
        "item_id": after.item_id,
        "audit_status": after.audit_status,
        "audit_reason": after.audit_reason,
        "listing_status": after.listing_status,
        "modified_at": after.modified_at,
    });
    Some(happening(event_type, after.modified_at, after.version, data))
}

fn of_stock(Change { before, after }: &Change<Stock>) -> Option<Happening> {
    let changed = before.as_ref().is_some_and(|before| before.version < after.version);
    let data = json!({
        "sku_id": after.sku_id,
        "item_id": after.item_id,
        "available": after.available,
        "reserved": after.reserved,
        "modified_at": after.modified_at,
    });
    changed.then(|| happening("product.stock.changed", after.modified_at, after.version, data))
}

/// One event for each thing that has happened to the parcel: time may have brought several at once, a version each.
fn of_shipment(Change { before, after }: &Change<Shipment>) -> Vec<Happening> {
    let known = before.as_ref().map_or(0, |before| before.events.len());
    let new = after.events.get(known..).unwrap_or_default();
    if new.is_empty() && before.as_ref().is_some_and(|before| before.version < after.version) {
        let data = shipment_data(after);
        return vec![happening("logistics.shipment.changed", after.modified_at, after.version, data)];
    }
    let tell = |(index, event): (usize, &TrackingEvent)| {
        let (event_type, data) = match event.action {
            TrackingAction::Shipped => ("logistics.shipment.created", shipment_data(after)),
            TrackingAction::Cancelled => ("logistics.shipment.cancelled", shipment_data(after)),
            TrackingAction::Delivered => ("logistics.shipment.signed", tracking_data(after, event)),
            _ => ("logistics.shipment.tracked", tracking_data(after, event)),
        };
        let later = (new.len() - 1 - index) as u64;
        happening(event_type, event.occurred_at, after.version.saturating_sub(later), data)
    };
    new.iter().enumerate().map(tell).collect()
}

/// A subscription is told of where something new has happened to its parcel.
fn of_subscription(Change { before, after }: &Change<TrackingSubscription>) -> Option<Happening> {
    let known = before.as_ref().map_or(0, |before| before.events.len());
    let event = after.events.get(known)?;
    Some(happening("logistics.tracking.updated", event.occurred_at, after.version, after.update(event)))
}

fn shipment_data(shipment: &Shipment) -> Value {
    json!({
        "shipment_id": shipment.shipment_id,
        "order_id": shipment.order_id,
        "status": shipment.status,
        "carrier_code": shipment.carrier_code,
        "tracking_number": shipment.tracking_number,
        "modified_at": shipment.modified_at,
    })
}

fn tracking_data(shipment: &Shipment, event: &TrackingEvent) -> Value {
    json!({
        "shipment_id": shipment.shipment_id,
        "order_id": shipment.order_id,
        "carrier_code": shipment.carrier_code,
        "tracking_number": shipment.tracking_number,
        "action": event.action,
        "place": event.place,
        "next_place": event.next_place,
    })
}
