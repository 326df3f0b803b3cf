//! What the application makes of events: a copy of each order's status.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use ecloud::event::Event;
use ecloud::logistics::events::LogisticsEvent;
use ecloud::trade::events::TradeEvent;
use ecloud::trade::orders::OrderStatus;

/// An order, as far as events have told.
#[derive(Clone)]
pub(crate) struct Copy {
    pub(crate) version: u64,
    pub(crate) status: OrderStatus,
}

/// Stands for the application's database.
#[derive(Default)]
pub(crate) struct Orders {
    tables: Mutex<Tables>,
}

#[derive(Clone, Default)]
struct Tables {
    orders: BTreeMap<String, Copy>,
    others: BTreeMap<String, u32>,
    transactions: u32,
}

impl Orders {
    /// Writes down what an event tells. Now and then the database can't be reached, and nothing is written.
    pub(crate) async fn take(&self, event: Event<TradeEvent>) -> Result<(), &'static str> {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        tables.transactions += 1;
        if tables.transactions.is_multiple_of(8) {
            return Err("the database can't be reached");
        }
        match event.data {
            TradeEvent::OrderCreated(order)
            | TradeEvent::OrderPaid(order)
            | TradeEvent::OrderChanged(order)
            | TradeEvent::OrderPartlyShipped(order)
            | TradeEvent::OrderShipped(order)
            | TradeEvent::OrderFinished(order)
            | TradeEvent::OrderClosed(order) => {
                let copy = Copy { version: event.version, status: order.status };
                tables.orders.insert(order.order_id.to_string(), copy);
            }
            // Another domain's events come untyped, and can be read as what they are there.
            TradeEvent::Unknown(other) => match other.read_as::<LogisticsEvent>() {
                Ok(LogisticsEvent::ShipmentTracked(parcel)) => tables.count(format!("a parcel {}", parcel.action)),
                _ => tables.count(other.event_type),
            },
            refund => tables.count(refund.event_type().to_owned()),
        }
        Ok(())
    }

    /// All copies, by the order's id.
    pub(crate) fn all(&self) -> BTreeMap<String, Copy> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner).orders.clone()
    }

    /// What else was told, and how often.
    pub(crate) fn others(&self) -> BTreeMap<String, u32> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner).others.clone()
    }
}

impl Tables {
    fn count(&mut self, what: String) {
        *self.others.entry(what).or_default() += 1;
    }
}
