//! The control interface: what a test does to the platform instead of through it.
//!
//! In Rust it is methods of [`Sandbox`](crate::Sandbox); over HTTP it is `/sandbox/v1/…`, unsigned, and only for this machine.

mod address_change;
mod after_sale;
mod buyer;
mod error;
mod events;
mod faults;
mod http;
mod in_shop;
mod invoice;
mod oauth;
pub(crate) mod operator;
mod payment;
mod scenario;
mod snapshot;
mod traffic;

pub use after_sale::{AfterSaleRequest, AfterSaleWish};
pub use buyer::{Buyer, Purchase, RefundReason, RefundRequest};
pub use error::ControlError;
pub(crate) use http::{answer, route, segments};
pub use invoice::InvoiceRequest;
pub use operator::{AuditVerdict, Carriage, ReviewVerdict};
pub use payment::{Payment, PaymentChannel, PaymentFailure};
pub use scenario::{Scenario, Told};
pub(crate) use snapshot::is_about_snapshots;
pub use traffic::{Traffic, TrafficReport};

use serde::Serialize;
use serde_json::Value;

use crate::business::Shop;
use crate::platform::{Platform, Refusal};
use ecloud_core::Timestamp;

impl Platform {
    /// Does something in one shop, at the platform's own time.
    pub(crate) fn within<T>(
        &self,
        shop_id: &str,
        now: Timestamp,
        act: impl FnOnce(&mut Shop, Timestamp) -> Result<T, Refusal>,
    ) -> Result<T, ControlError> {
        let mut state = self.state();
        let now = now + state.advanced;
        let done = act(state.market.shop(shop_id, now)?, now);
        self.tell(&mut state, now);
        Ok(done?)
    }
}

/// An object of the platform's as its operations answer with it.
fn shown(object: &impl Serialize) -> Result<Value, Refusal> {
    serde_json::to_value(object).map_err(|_| Refusal::invalid("the object can't be shown"))
}
