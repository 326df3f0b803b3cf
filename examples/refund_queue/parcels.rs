//! Where goods are, how they are brought back, and how others are sent.

use ecloud::logistics::interceptions::{InterceptionInput, InterceptionReason, InterceptionStatus};
use ecloud::logistics::shipments::{Shipment, ShipmentStatus};
use ecloud::logistics::waybills::{ParcelContent, Waybill, WaybillInput, WaybillReceiver};
use ecloud::prelude::*;
use ecloud::trade::after_sales::AfterSale;
use ecloud::trade::orders::Receiver;
use ecloud::types::{CarrierCode, OrderId, OrderLineId, ShipmentId};

use crate::rules::Whereabouts;

/// The shop's parcels.
pub(crate) struct Parcels {
    pub(crate) trade: Trade,
    pub(crate) logistics: Logistics,
    /// Replacements go with this carrier.
    pub(crate) carrier_code: CarrierCode,
}

impl Parcels {
    /// Where the goods of a line are now, by what the carriers say. Where they are in several places, that counts which is farthest away.
    pub(crate) async fn whereabouts(&self, order_id: &OrderId, line_id: &OrderLineId) -> Result<Whereabouts, Error> {
        let mut shipments = self.logistics.shipments().list().order_id(order_id).limit(100).items();
        let mut found = Whereabouts::WithSeller;
        while let Some(shipment) = shipments.try_next().await? {
            if !shipment.lines.iter().any(|line| line.line_id == *line_id) {
                continue;
            }
            match (&shipment.status, &found) {
                (ShipmentStatus::Delivered, _) => return Ok(Whereabouts::WithBuyer),
                (ShipmentStatus::InTransit | ShipmentStatus::Delivering, _) => {
                    found = self.on_its_way(shipment).await?
                }
                (ShipmentStatus::WaitPickup, Whereabouts::WithSeller) => {
                    found = Whereabouts::WaitForPickup(shipment.shipment_id);
                }
                (ShipmentStatus::Lost, Whereabouts::WithSeller) => found = Whereabouts::Lost,
                _ => {}
            }
        }
        Ok(found)
    }

    async fn on_its_way(&self, shipment: Shipment) -> Result<Whereabouts, Error> {
        let asked = self.logistics.interceptions().list().shipment_id(&shipment.shipment_id);
        let mut open = asked.status(InterceptionStatus::Requested).items();
        let is_open = open.try_next().await?.is_some();
        Ok(if is_open { Whereabouts::BeingStopped } else { Whereabouts::OnTheirWay(shipment.shipment_id) })
    }

    /// Asks the carrier to bring a parcel back. That he was asked already, or has just delivered it, the next look tells.
    pub(crate) async fn intercept(&self, shipment_id: ShipmentId) -> Result<(), Error> {
        let input = InterceptionInput::new(shipment_id, InterceptionReason::BuyerRequest);
        match self.logistics.interceptions().create(input).send().await {
            Err(error) if error.kind() == ErrorKind::Rejected => Ok(()),
            other => other.map(drop),
        }
    }

    /// Cancels a shipment that the carrier doesn't have yet. That he has it now, the next look tells.
    pub(crate) async fn take_back(&self, shipment_id: ShipmentId) -> Result<(), Error> {
        match self.logistics.shipments().cancel(shipment_id).send().await {
            Err(error) if error.kind() == ErrorKind::Rejected => Ok(()),
            other => other.map(drop),
        }
    }

    /// The waybill of the parcel that a case's replacement goes in: in every run the same one, since its key is the case's.
    pub(crate) async fn replacement(&self, case: &AfterSale) -> Result<Waybill, Error> {
        let order = self.trade.orders().get(&case.order_id).send().await?;
        let held =
            || Error::new(ErrorKind::Rejected, "the risk control holds the order, so nobody knows where to send it");
        let receiver = waybill_receiver(order.receiver.ok_or_else(held)?);
        let contents = [ParcelContent::new(&case.title, case.quantity)];
        let input = WaybillInput::new(case.after_sale_id.as_str(), &self.carrier_code, receiver, contents);
        self.logistics.waybills().apply(input.order_id(&case.order_id)).send().await
    }
}

/// The receiver goes back as it came, encrypted: nobody here can read it.
fn waybill_receiver(receiver: Receiver) -> WaybillReceiver {
    let Receiver { name, phone, address, country, province, city, district, town, zip, .. } = receiver;
    let mut receiver = WaybillReceiver::new(name, phone, address, country, province, city);
    (receiver.district, receiver.town, receiver.zip) = (district, town, zip);
    receiver
}
