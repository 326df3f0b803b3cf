//! How goods get to their buyers: carriers, shipments, tracking, addresses and waybills.

pub(crate) mod addresses;
pub(crate) mod carrier_choice;
pub(crate) mod carrier_tariffs;
pub(crate) mod carriers;
pub(crate) mod delivery_exceptions;
pub(crate) mod freight_templates;
pub(crate) mod interceptions;
pub(crate) mod journey;
mod pickup_slots;
pub(crate) mod pickups;
pub(crate) mod regions;
pub(crate) mod reverse_pickups;
pub(crate) mod self_deliveries;
pub(crate) mod shipments;
pub(crate) mod tracking;
mod tracking_reports;
pub(crate) mod tracking_subscriptions;
pub(crate) mod warehouses;
pub(crate) mod waybill_accounts;
mod waybill_batches;
pub(crate) mod waybill_children;
pub(crate) mod waybill_templates;
mod waybill_updates;
pub(crate) mod waybills;

use std::borrow::Cow;

use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

pub(crate) use carriers::Carrier;
pub(crate) use delivery_exceptions::DeliveryException;
pub(crate) use freight_templates::FreightTemplate;
pub(crate) use interceptions::Interception;
pub(crate) use pickups::Pickup;
pub(crate) use reverse_pickups::ReversePickup;
pub(crate) use self_deliveries::SelfDelivery;
pub(crate) use tracking_subscriptions::TrackingSubscription;
pub(crate) use warehouses::Warehouse;
pub(crate) use waybill_accounts::{WaybillAccount, WaybillEntry};
pub(crate) use waybill_templates::WaybillTemplate;
pub(crate) use waybills::Waybill;

use super::Handler;
use super::table::Row;
use super::trade::Region;
use super::wire::wire_enum;
use crate::protocol::sensitive::Personal;

/// What does an operation of this domain.
pub(crate) fn handler(operation_id: &str) -> Option<Handler> {
    addresses::handler(operation_id)
        .or_else(|| carriers::handler(operation_id))
        .or_else(|| shipments::handler(operation_id))
        .or_else(|| tracking::handler(operation_id))
        .or_else(|| tracking_subscriptions::handler(operation_id))
        .or_else(|| waybills::handler(operation_id))
        .or_else(|| waybill_templates::handler(operation_id))
        .or_else(|| waybill_accounts::handler(operation_id))
        .or_else(|| warehouses::handler(operation_id))
        .or_else(|| freight_templates::handler(operation_id))
        .or_else(|| regions::handler(operation_id))
        .or_else(|| pickups::handler(operation_id))
        .or_else(|| reverse_pickups::handler(operation_id))
        .or_else(|| interceptions::handler(operation_id))
        .or_else(|| delivery_exceptions::handler(operation_id))
        .or_else(|| self_deliveries::handler(operation_id))
}

wire_enum! {
    /// How far a shipment has come.
    ShipmentStatus {
        WaitPickup = "wait_pickup",
        InTransit = "in_transit",
        Delivering = "delivering",
        Delivered = "delivered",
        Returned = "returned",
        Lost = "lost",
        Cancelled = "cancelled",
    }
}

wire_enum! {
    /// What happened to a parcel.
    TrackingAction {
        Shipped = "shipped",
        PickedUp = "picked_up",
        Arrived = "arrived",
        Departed = "departed",
        OutForDelivery = "out_for_delivery",
        Failed = "failed",
        Delivered = "delivered",
        Returned = "returned",
        Lost = "lost",
        Cancelled = "cancelled",
    }
}

wire_enum! {
    /// What an address of a shop is used for.
    AddressUse { Sender = "sender", Return = "return" }
}

/// What went to a carrier under one tracking number.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Shipment {
    pub(crate) shipment_id: String,
    pub(crate) order_id: String,
    pub(crate) carrier_code: String,
    pub(crate) carrier_name: String,
    pub(crate) tracking_number: String,
    pub(crate) status: ShipmentStatus,
    pub(crate) partial: bool,
    pub(crate) lines: Vec<ShipmentLine>,
    pub(crate) parcels: Vec<Parcel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sender_address_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    pub(crate) created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) picked_up_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delivered_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cancelled_at: Option<Timestamp>,
    pub(crate) modified_at: Timestamp,
    pub(crate) version: u64,
    /// What has happened to it, oldest first.
    #[serde(skip_serializing_if = "crate::snapshot::is_answer")]
    pub(crate) events: Vec<TrackingEvent>,
}

/// Some pieces of one line of an order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ShipmentLine {
    pub(crate) line_id: String,
    pub(crate) item_id: String,
    pub(crate) sku_id: String,
    pub(crate) title: String,
    pub(crate) quantity: u32,
}

/// One parcel of a shipment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Parcel {
    pub(crate) tracking_number: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) weight_grams: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) volume_cm3: Option<u32>,
}

/// One thing that happened to a parcel.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TrackingEvent {
    pub(crate) occurred_at: Timestamp,
    pub(crate) action: TrackingAction,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_place: Option<String>,
    pub(crate) description: Cow<'static, str>,
}

/// An address of a shop.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Address {
    pub(crate) address_id: String,
    pub(crate) uses: Vec<AddressUse>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) default_for: Vec<AddressUse>,
    pub(crate) name: Personal,
    pub(crate) phone: Personal,
    pub(crate) address: Personal,
    #[serde(flatten)]
    pub(crate) region: Region,
    pub(crate) created_at: Timestamp,
    pub(crate) modified_at: Timestamp,
    pub(crate) version: u64,
}

impl Row for Shipment {
    fn id(&self) -> &str {
        &self.shipment_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }
}

impl Row for Address {
    fn id(&self) -> &str {
        &self.address_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }
}
