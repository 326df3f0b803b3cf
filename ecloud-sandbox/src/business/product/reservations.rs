//! Reservations: pieces that the shop itself holds back for a while.

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::inventory::{Movement, find, shift};
use crate::business::due::Due;
use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, Row, Shop, encode};
use crate::description::Description;
use crate::platform::Refusal;

/// What does an operation on reservations.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "reserveInventory" => reserve,
        "releaseInventory" => release,
        "listReservations" => list,
        _ => return None,
    })
}

wire_enum! {
    /// Whether a reservation holds its pieces.
    ReservationStatus { Held = "held", Released = "released", Expired = "expired" }
}

/// Pieces of a variant that are held back for a while.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Reservation {
    pub(crate) reservation_id: String,
    sku_id: String,
    quantity: u32,
    status: ReservationStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    created_at: Timestamp,
    expires_by: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    modified_at: Timestamp,
    version: u64,
}

impl Row for Reservation {
    fn id(&self) -> &str {
        &self.reservation_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }
}

/// What is to be reserved.
#[derive(Deserialize)]
pub(crate) struct ReservationInput {
    pub(crate) quantity: u32,
    pub(crate) minutes: i64,
    pub(crate) reference: Option<String>,
}

/// `reserveInventory`
pub(crate) fn reserve(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: ReservationInput = call.input()?;
    let sku_id = call.path("sku_id").to_owned();
    encode(&hold(call.shop, &sku_id, input, call.now)?)
}

/// Holds pieces of a variant until the reservation is released or expires.
pub(crate) fn hold(
    shop: &mut Shop,
    sku_id: &str,
    input: ReservationInput,
    now: Timestamp,
) -> Result<Reservation, Refusal> {
    find(shop, sku_id)?;
    shift(shop, sku_id, Movement::Hold, input.quantity, now)?;
    let reservation = Reservation {
        reservation_id: shop.next_id("RV"),
        sku_id: sku_id.to_owned(),
        quantity: input.quantity,
        status: ReservationStatus::Held,
        reference: input.reference,
        created_at: now,
        expires_by: now.offset_by_millis(input.minutes * 60_000),
        ended_at: None,
        modified_at: now,
        version: 1,
    };
    shop.due.insert((reservation.expires_by, Due::Reservation(reservation.reservation_id.clone())));
    shop.reservations.put(reservation.clone());
    Ok(reservation)
}

/// `releaseInventory`
pub(crate) fn release(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let found = call.shop.reservations.get(call.path("reservation_id"));
    let not_found = || Refusal::rule("product.reservation_not_found", "the shop has no such reservation");
    let reservation = Reservation::clone(found.ok_or_else(not_found)?);
    Description::get().machine("ReservationStatus").operation("releaseInventory", reservation.status.as_str())?;
    encode(&end(call.shop, reservation, ReservationStatus::Released, Movement::LetGo, call.now)?)
}

/// A reservation's time has run out.
pub(crate) fn expiry_is_due(shop: &mut Shop, reservation_id: &str, at: Timestamp) -> Result<(), Refusal> {
    let Some(reservation) = shop.reservations.get(reservation_id).map(|found| Reservation::clone(found)) else {
        return Ok(());
    };
    let machine = Description::get().machine("ReservationStatus");
    if machine.event("reservation_expires", reservation.status.as_str()).is_some() {
        end(shop, reservation, ReservationStatus::Expired, Movement::Expire, at)?;
    }
    Ok(())
}

fn end(
    shop: &mut Shop,
    mut reservation: Reservation,
    status: ReservationStatus,
    movement: Movement,
    now: Timestamp,
) -> Result<Reservation, Refusal> {
    shift(shop, &reservation.sku_id, movement, reservation.quantity, now)?;
    reservation.status = status;
    reservation.ended_at = Some(now);
    reservation.modified_at = now;
    reservation.version += 1;
    shop.reservations.put(reservation.clone());
    Ok(reservation)
}

/// `listReservations`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let sku_id = call.query.one("sku_id");
    let wanted = |reservation: &Reservation| {
        sku_id.is_none_or(|sku_id| reservation.sku_id == sku_id)
            && call.query.wants("status", reservation.status.as_str())
    };
    call.cursor_page(&call.shop.reservations, wanted, |reservation| &**reservation)
}
