//! What happens by itself when its time comes: orders time out, parcels travel, the platform looks at items.

use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::Shop;
use super::actor::Actor;
use super::logistics::{delivery_exceptions, interceptions, journey, pickups, reverse_pickups, tracking_subscriptions};
use super::product::items::{Verdict, judge};
use super::product::{brand_authorizations, listing, price_schedules, reservations};
use super::trade::{address_changes, after_sale, exports, orders, payments, promises, refund, settlements};
use super::traffic::{self, Errand};
use crate::platform::Refusal;

/// Something that time brings, and to what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Due {
    /// A buyer comes by himself.
    Arrival,
    /// A buyer who came by himself goes on with his order.
    Errand(String, Errand),
    /// An order must be paid.
    Payment(String),
    /// An order must be shipped, or its buyer must have answered an extension.
    Promise(String),
    /// An order counts as received.
    Receipt(String),
    /// The seller must have answered an address change.
    AddressChange(String),
    /// Money that a buyer gets back has arrived.
    Payout(String),
    /// The one whose turn it is in a refund must act.
    Refund(String),
    /// The one whose turn it is in an after-sale case must act.
    AfterSale(String),
    /// A day has ended in which something was earned or refunded.
    Settlement,
    /// An export of orders has its turn, or is written.
    Export(String),
    /// The platform has looked at an item.
    Audit(String),
    /// An item is to be put on sale.
    Publishing(String),
    /// The platform decides on an application for a brand, or what it approved is over.
    BrandAuthorization(String),
    /// A planned price is to be set, or goes back.
    PriceSchedule(String),
    /// A reservation of stock runs out.
    Reservation(String),
    /// The next thing happens to a shipment on its way.
    Journey(String, u8),
    /// A carrier has come to the shop.
    Pickup(String),
    /// A carrier has come to a buyer for returned goods.
    ReversePickup(String),
    /// A carrier says whether he could stop a shipment.
    Interception(String),
    /// The next thing happens to a parcel that is followed.
    Subscription(String, u8),
    /// A carrier tries again to deliver a shipment: he sets out, or he is out and delivers.
    Redelivery(String, bool),
}

impl Shop {
    /// Lets everything happen whose time has come, each at its own moment.
    ///
    /// What is no longer possible, because somebody acted in between, doesn't happen.
    pub(crate) fn catch_up(&mut self, now: Timestamp) -> Result<(), Refusal> {
        let shop = &mut *self.acting(Actor::Platform);
        while let Some((at, due)) = shop.due.pop(now) {
            match due {
                Due::Arrival => traffic::arrival_is_due(shop, at),
                Due::Errand(order_id, errand) => traffic::errand_is_due(shop, order_id, errand, at),
                Due::Payment(order_id) => orders::payment_is_due(shop, &order_id, at)?,
                Due::Promise(order_id) => promises::is_due(shop, &order_id, at)?,
                Due::Receipt(order_id) => orders::receipt_is_due(shop, &order_id, at)?,
                Due::AddressChange(id) => address_changes::is_due(shop, &id, at)?,
                Due::Payout(payment_id) => payments::is_due(shop, &payment_id, at)?,
                Due::Refund(refund_id) => refund::is_due(shop, &refund_id, at)?,
                Due::AfterSale(after_sale_id) => after_sale::is_due(shop, &after_sale_id, at)?,
                Due::Settlement => settlements::day_has_ended(shop, at),
                Due::Export(order_export_id) => exports::is_due(shop, &order_export_id, at)?,
                Due::Audit(item_id) => {
                    judge(shop, &item_id, Verdict::Approve, at)?;
                }
                Due::Publishing(item_id) => listing::publishing_is_due(shop, &item_id, at)?,
                Due::BrandAuthorization(id) => brand_authorizations::is_due(shop, &id, at)?,
                Due::PriceSchedule(id) => price_schedules::is_due(shop, &id, at)?,
                Due::Reservation(reservation_id) => reservations::expiry_is_due(shop, &reservation_id, at)?,
                Due::Journey(shipment_id, step) => journey::goes_on(shop, &shipment_id, step, now)?,
                Due::Subscription(id, step) => tracking_subscriptions::goes_on(shop, &id, step, at)?,
                Due::Pickup(pickup_id) => pickups::is_due(shop, &pickup_id, at)?,
                Due::ReversePickup(id) => reverse_pickups::is_due(shop, &id, at)?,
                Due::Interception(id) => interceptions::is_due(shop, &id, at)?,
                Due::Redelivery(shipment_id, out) => delivery_exceptions::redelivers(shop, &shipment_id, out, at)?,
            }
        }
        Ok(())
    }
}
