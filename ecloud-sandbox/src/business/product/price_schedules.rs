//! Prices that are planned: set when their time comes, and taken back when it is over.

use bytes::Bytes;
use ecloud_core::{Money, Timestamp};
use serde::{Deserialize, Serialize};

use super::prices::{Cause, PriceReason, set};
use super::skus::{check_price, find};
use super::{ListingStatus, Sku};
use crate::business::due::Due;
use crate::business::wire::wire_enum;
use crate::business::{BatchError, Call, Handler, Row, Shop, encode};
use crate::description::Description;
use crate::platform::Refusal;

/// How far ahead a price may be planned, in milliseconds: 90 days.
const LONGEST_PLAN_MILLIS: i64 = 90 * 86_400_000;

/// What does an operation on scheduled price changes.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listPriceSchedules" => list,
        "createPriceSchedule" => create,
        "cancelPriceSchedule" => cancel,
        _ => return None,
    })
}

wire_enum! {
    /// How far a scheduled price change is.
    PriceScheduleStatus {
        Scheduled = "scheduled",
        InForce = "in_force",
        Done = "done",
        Lapsed = "lapsed",
        Cancelled = "cancelled",
    }
}

/// A price that is planned for a time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PriceSchedule {
    price_schedule_id: String,
    sku_id: String,
    status: PriceScheduleStatus,
    price: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    list_price: Option<Money>,
    apply_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    revert_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lapse: Option<BatchError>,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    modified_at: Timestamp,
    version: u64,
    /// What the variant cost before, while the price is in force.
    #[serde(skip_serializing_if = "crate::snapshot::is_answer")]
    before: Option<(Money, Option<Money>)>,
}

impl Row for PriceSchedule {
    fn id(&self) -> &str {
        &self.price_schedule_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }
}

impl PriceSchedule {
    /// Goes on to another status, and answers with what it has become.
    fn go_to(mut self, shop: &mut Shop, status: PriceScheduleStatus, now: Timestamp) -> Self {
        self.status = status;
        let ended = Description::get().machine("PriceScheduleStatus").ends_in(status.as_str());
        self.ended_at = ended.then_some(now);
        self.modified_at = now;
        self.version += 1;
        shop.price_schedules.put(self.clone());
        self
    }

    /// Brings back what the variant cost before, unless it was given another price meanwhile.
    fn revert(&mut self, shop: &mut Shop, now: Timestamp) {
        let Some((before, sku)) = self.before.take().zip(shop.skus.get(&self.sku_id).cloned()) else { return };
        if (sku.price, sku.list_price) == (self.price, self.list_price) {
            let cause = Cause { reason: PriceReason::Reverted, schedule: Some(&self.price_schedule_id) };
            set(shop, Sku::clone(&sku), before, cause, now);
        }
    }
}

/// A price and when it is to be set.
#[derive(Debug, Deserialize)]
pub(crate) struct PriceScheduleInput {
    pub(crate) sku_id: String,
    pub(crate) price: Money,
    pub(crate) list_price: Option<Money>,
    pub(crate) apply_at: Timestamp,
    pub(crate) revert_at: Option<Timestamp>,
}

/// `listPriceSchedules`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let sku_id = call.query.one("sku_id");
    let wanted = |schedule: &PriceSchedule| {
        sku_id.is_none_or(|sku_id| schedule.sku_id == sku_id) && call.query.wants("status", schedule.status.as_str())
    };
    call.cursor_page(&call.shop.price_schedules, wanted, |schedule| &**schedule)
}

/// `createPriceSchedule`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: PriceScheduleInput = call.input()?;
    encode(&add(call.shop, input, call.now)?)
}

/// Plans a price for a time.
pub(crate) fn add(shop: &mut Shop, input: PriceScheduleInput, now: Timestamp) -> Result<PriceSchedule, Refusal> {
    find(shop, &input.sku_id)?;
    let latest = now.offset_by_millis(LONGEST_PLAN_MILLIS);
    let ahead = now < input.apply_at && input.apply_at <= latest;
    if !ahead || input.revert_at.is_some_and(|revert_at| revert_at <= input.apply_at || revert_at > latest) {
        let message = "the time isn't ahead, is more than 90 days away, or the end isn't after it";
        return Err(Refusal::rule("product.schedule_time_invalid", message));
    }
    check_price(shop, input.price, input.list_price)?;
    let waits = |other: &PriceSchedule| other.status == PriceScheduleStatus::Scheduled;
    let same = |other: &PriceSchedule| other.sku_id == input.sku_id && other.apply_at == input.apply_at;
    if shop.price_schedules.iter().any(|other| waits(other) && same(other)) {
        let message = "another price is scheduled for the SKU at the same time";
        return Err(Refusal::rule("product.price_schedule_exists", message));
    }
    let schedule = PriceSchedule {
        price_schedule_id: shop.next_id("PS"),
        sku_id: input.sku_id,
        status: PriceScheduleStatus::Scheduled,
        price: input.price,
        list_price: input.list_price,
        apply_at: input.apply_at,
        revert_at: input.revert_at,
        lapse: None,
        created_at: now,
        ended_at: None,
        modified_at: now,
        version: 1,
        before: None,
    };
    shop.due.insert((schedule.apply_at, Due::PriceSchedule(schedule.price_schedule_id.clone())));
    shop.price_schedules.put(schedule.clone());
    Ok(schedule)
}

/// `cancelPriceSchedule`
pub(crate) fn cancel(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let found = call.shop.price_schedules.get(call.path("price_schedule_id"));
    let not_found = || Refusal::rule("product.price_schedule_not_found", "the shop has no such scheduled price change");
    let mut schedule = PriceSchedule::clone(found.ok_or_else(not_found)?);
    let machine = Description::get().machine("PriceScheduleStatus");
    machine.operation("cancelPriceSchedule", schedule.status.as_str())?;
    schedule.revert(call.shop, call.now);
    encode(&schedule.go_to(call.shop, PriceScheduleStatus::Cancelled, call.now))
}

/// The time has come that was planned for a price, or it is over.
pub(crate) fn is_due(shop: &mut Shop, price_schedule_id: &str, at: Timestamp) -> Result<(), Refusal> {
    let Some(mut schedule) = shop.price_schedules.get(price_schedule_id).map(|found| PriceSchedule::clone(found))
    else {
        return Ok(());
    };
    let machine = Description::get().machine("PriceScheduleStatus");
    if machine.event("price_change_is_due", schedule.status.as_str()).is_some() {
        apply(shop, schedule, at);
    } else if machine.event("price_reversion_is_due", schedule.status.as_str()).is_some() {
        schedule.revert(shop, at);
        schedule.go_to(shop, PriceScheduleStatus::Done, at);
    }
    Ok(())
}

fn apply(shop: &mut Shop, mut schedule: PriceSchedule, at: Timestamp) {
    let sku = match priceable(shop, &schedule.sku_id) {
        Ok(sku) => sku,
        Err(refusal) => {
            schedule.lapse = Some(refusal.into());
            schedule.go_to(shop, PriceScheduleStatus::Lapsed, at);
            return;
        }
    };
    let before = (sku.price, sku.list_price);
    let cause = Cause { reason: PriceReason::Scheduled, schedule: Some(&schedule.price_schedule_id) };
    set(shop, sku, (schedule.price, schedule.list_price), cause, at);
    let Some(revert_at) = schedule.revert_at else {
        schedule.go_to(shop, PriceScheduleStatus::Done, at);
        return;
    };
    schedule.before = Some(before);
    shop.due.insert((revert_at, Due::PriceSchedule(schedule.price_schedule_id.clone())));
    schedule.go_to(shop, PriceScheduleStatus::InForce, at);
}

/// The variant, if its item can still be sold some day.
fn priceable(shop: &Shop, sku_id: &str) -> Result<Sku, Refusal> {
    let sku = find(shop, sku_id)?;
    if shop.item(&sku.item_id)?.listing_status == ListingStatus::Deleted {
        return Err(Refusal::rule("product.item_not_editable", "the item is deleted"));
    }
    Ok(Sku::clone(sku))
}

/// When the next price of a variant is set, and which.
pub(super) fn next(shop: &Shop, sku_id: &str) -> Option<(Timestamp, Money)> {
    let waits = |it: &PriceSchedule| it.sku_id == sku_id && it.status == PriceScheduleStatus::Scheduled;
    let waiting = shop.price_schedules.iter().filter(|it| waits(it)).map(|it| (it.apply_at, it.price));
    waiting.min_by_key(|(at, _)| *at)
}
