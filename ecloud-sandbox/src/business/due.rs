//! What happens by itself when its time comes: orders time out, parcels travel, the platform looks at items.

use ecloud_core::Timestamp;

use super::Shop;
use super::logistics::{delivery_exceptions, interceptions, journey, pickups, reverse_pickups};
use super::product::items::{Verdict, judge};
use super::product::{listing, reservations};
use super::trade::{after_sale, exports, orders, refund, settlements};
use crate::platform::Refusal;

/// Something that time brings, and to what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    /// An order must be paid.
    Payment(String),
    /// An order counts as received.
    Receipt(String),
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
    /// A carrier tries again to deliver a shipment: he sets out, or he is out and delivers.
    Redelivery(String, bool),
}

impl Shop {
    /// Lets everything happen whose time has come, each at its own moment.
    ///
    /// What is no longer possible, because somebody acted in between, doesn't happen.
    pub(crate) fn catch_up(&mut self, now: Timestamp) -> Result<(), Refusal> {
        while let Some((at, due)) = self.due.pop(now) {
            match due {
                Due::Payment(order_id) => orders::payment_is_due(self, &order_id, at)?,
                Due::Receipt(order_id) => orders::receipt_is_due(self, &order_id, at)?,
                Due::Refund(refund_id) => refund::is_due(self, &refund_id, at)?,
                Due::AfterSale(after_sale_id) => after_sale::is_due(self, &after_sale_id, at)?,
                Due::Settlement => settlements::day_has_ended(self, at),
                Due::Export(order_export_id) => exports::is_due(self, &order_export_id, at)?,
                Due::Audit(item_id) => {
                    judge(self, &item_id, Verdict::Approve, at)?;
                }
                Due::Publishing(item_id) => listing::publishing_is_due(self, &item_id, at)?,
                Due::Reservation(reservation_id) => reservations::expiry_is_due(self, &reservation_id, at)?,
                Due::Journey(shipment_id, step) => journey::goes_on(self, &shipment_id, step, now)?,
                Due::Pickup(pickup_id) => pickups::is_due(self, &pickup_id, at)?,
                Due::ReversePickup(id) => reverse_pickups::is_due(self, &id, at)?,
                Due::Interception(id) => interceptions::is_due(self, &id, at)?,
                Due::Redelivery(shipment_id, out) => delivery_exceptions::redelivers(self, &shipment_id, out, at)?,
            }
        }
        Ok(())
    }
}
