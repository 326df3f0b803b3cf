//! Address changes: buyers ask for other receivers.

use ecloud_core::Timestamp;
use serde_json::Value;

use super::buyer::{Buyer, PlainReceiver};
use super::{ControlError, shown};
use crate::business::Shop;
use crate::business::trade::address_changes::{ask, view, withdraw};
use crate::platform::Refusal;

/// Asks for another receiver of an order; answers with the address change.
pub(super) fn request(
    shop: &mut Shop,
    order_id: &str,
    receiver: &PlainReceiver,
    now: Timestamp,
) -> Result<Value, Refusal> {
    let receiver = receiver.sealed(shop);
    let change = ask(shop, order_id, receiver, now)?;
    shown(&view(shop, &change))
}

/// Withdraws an address change; answers with it.
pub(super) fn take_back(shop: &mut Shop, id: &str, now: Timestamp) -> Result<Value, Refusal> {
    let change = withdraw(shop, id, now)?;
    shown(&view(shop, &change))
}

impl Buyer {
    /// Asks for another receiver of a paid order: name, phone number, and street with house and door. Answers with the identifier of the
    /// address change.
    ///
    /// # Errors
    ///
    /// Where there is no such order, it isn't paid, something of it is shipped, or the seller has still to answer another.
    pub fn request_address_change(
        &self,
        order_id: &str,
        name: impl Into<String>,
        phone: impl Into<String>,
        address: impl Into<String>,
    ) -> Result<String, ControlError> {
        let receiver = PlainReceiver { name: name.into(), phone: phone.into(), address: address.into() };
        self.act(|shop, now| {
            let receiver = receiver.sealed(shop);
            Ok(ask(shop, order_id, receiver, now)?.address_change_id)
        })
    }

    /// Withdraws an address change.
    ///
    /// # Errors
    ///
    /// Where there is no such address change, or it has ended.
    pub fn withdraw_address_change(&self, address_change_id: &str) -> Result<(), ControlError> {
        self.act(|shop, now| withdraw(shop, address_change_id, now).map(drop))
    }
}
