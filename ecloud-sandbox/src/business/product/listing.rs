//! Whether buyers see an item: put on sale at once or at a time, taken off, deleted and brought back.

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::Deserialize;

use super::items::{answer, check_version, keep};
use super::{Item, ListingStatus, category_rules};
use crate::business::due::Due;
use crate::business::{BatchError, Call, Handler, Shop, encode};
use crate::description::Description;
use crate::platform::Refusal;

/// How far ahead an item may be planned to go on sale, in milliseconds: 90 days.
const LONGEST_PLAN_MILLIS: i64 = 90 * 86_400_000;

/// What does an operation on the listing of items.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "publishItem" => publish,
        "unpublishItem" => unpublish,
        "deleteItem" => delete,
        "recoverItem" => recover,
        "scheduleItem" => schedule,
        "cancelItemSchedule" => cancel_schedule,
        "batchGetItems" => batch_get,
        "batchPublishItems" => batch_publish,
        "batchUnpublishItems" => batch_unpublish,
        _ => return None,
    })
}

/// `publishItem`
pub(crate) fn publish(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let item_id = call.path("item_id").to_owned();
    let item = put_on_sale(call.shop, &item_id, call.now)?;
    encode(&answer(call.shop, &item))
}

/// `unpublishItem`
pub(crate) fn unpublish(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let item_id = call.path("item_id").to_owned();
    let item = take_off(call.shop, &item_id, call.now)?;
    encode(&answer(call.shop, &item))
}

/// Puts an item on sale, if the platform allows it.
fn put_on_sale(shop: &mut Shop, item_id: &str, now: Timestamp) -> Result<Item, Refusal> {
    let mut item = in_state(shop, item_id, "publishItem")?;
    Description::get().machine("AuditStatus").operation("publishItem", item.audit_status.as_str())?;
    category_rules::check_publishable(shop, &item)?;
    item.listing_status = ListingStatus::OnSale;
    item.listed_at = Some(now);
    item.publish_at = None;
    Ok(keep(shop, item, now))
}

/// Takes an item off sale.
fn take_off(shop: &mut Shop, item_id: &str, now: Timestamp) -> Result<Item, Refusal> {
    let mut item = in_state(shop, item_id, "unpublishItem")?;
    item.listing_status = ListingStatus::Draft;
    Ok(keep(shop, item, now))
}

/// The item, if its listing status allows the operation.
fn in_state(shop: &Shop, item_id: &str, operation: &str) -> Result<Item, Refusal> {
    let item = Item::clone(shop.item(item_id)?);
    Description::get().machine("ListingStatus").operation(operation, item.listing_status.as_str())?;
    Ok(item)
}

/// `deleteItem`
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let mut item = in_state(call.shop, call.path("item_id"), "deleteItem")?;
    item.listing_status = ListingStatus::Deleted;
    item.publish_at = None;
    keep(call.shop, item, call.now);
    Ok(None)
}

/// `recoverItem`
pub(crate) fn recover(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let mut item = in_state(call.shop, call.path("item_id"), "recoverItem")?;
    item.listing_status = ListingStatus::Draft;
    let item = keep(call.shop, item, call.now);
    encode(&answer(call.shop, &item))
}

#[derive(Deserialize)]
struct ItemSchedule {
    version: u64,
    publish_at: Timestamp,
}

/// `scheduleItem`
pub(crate) fn schedule(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: ItemSchedule = call.input()?;
    let mut item = Item::clone(call.shop.item(call.path("item_id"))?);
    check_version(&item, input.version)?;
    let machines = Description::get();
    machines.machine("ListingStatus").operation("scheduleItem", item.listing_status.as_str())?;
    machines.machine("AuditStatus").operation("scheduleItem", item.audit_status.as_str())?;
    if input.publish_at <= call.now || input.publish_at > call.now.offset_by_millis(LONGEST_PLAN_MILLIS) {
        let message = "the time isn't ahead, or is more than 90 days away";
        return Err(Refusal::rule("product.schedule_time_invalid", message));
    }
    let item = plan(call.shop, &mut item, input.publish_at, call.now);
    encode(&answer(call.shop, &item))
}

/// Plans that an item goes on sale at a time.
pub(crate) fn plan(shop: &mut Shop, item: &mut Item, publish_at: Timestamp, now: Timestamp) -> Item {
    item.publish_at = Some(publish_at);
    shop.due.insert((publish_at, Due::Publishing(item.item_id.clone())));
    keep(shop, item.clone(), now)
}

/// `cancelItemSchedule`
pub(crate) fn cancel_schedule(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let mut item = in_state(call.shop, call.path("item_id"), "cancelItemSchedule")?;
    if item.publish_at.take().is_none() {
        return Err(Refusal::rule("product.item_not_scheduled", "nothing is planned for the item"));
    }
    keep(call.shop, item, call.now);
    Ok(None)
}

/// The time has come that was planned for an item; the plan lapses where the item can't go on sale.
pub(crate) fn publishing_is_due(shop: &mut Shop, item_id: &str, at: Timestamp) -> Result<(), Refusal> {
    let mut item = Item::clone(shop.item(item_id)?);
    if item.publish_at != Some(at) {
        return Ok(());
    }
    item.publish_at = None;
    let machines = Description::get();
    let event = "publishing_is_due";
    let listing = machines.machine("ListingStatus").event(event, item.listing_status.as_str());
    let audit = machines.machine("AuditStatus").event(event, item.audit_status.as_str());
    if listing.is_some() && audit.is_some() && category_rules::check_publishable(shop, &item).is_ok() {
        item.listing_status = ListingStatus::OnSale;
        item.listed_at = Some(at);
    }
    keep(shop, item, at);
    Ok(())
}

#[derive(Deserialize)]
struct ItemIds {
    item_ids: Vec<String>,
}

/// `batchGetItems`
pub(crate) fn batch_get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    each(call, |shop, item_id, _| shop.item(item_id).map(|item| Item::clone(item)))
}

/// `batchPublishItems`
pub(crate) fn batch_publish(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    each(call, put_on_sale)
}

/// `batchUnpublishItems`
pub(crate) fn batch_unpublish(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    each(call, take_off)
}

/// Does something with each item that the body names.
fn each(
    call: &mut Call<'_>,
    mut what: impl FnMut(&mut Shop, &str, Timestamp) -> Result<Item, Refusal>,
) -> Result<Option<Bytes>, Refusal> {
    let input: ItemIds = call.input()?;
    let mut results = Vec::new();
    for item_id in input.item_ids {
        let done = what(call.shop, &item_id, call.now);
        results.push(match done {
            Ok(item) => serde_json::json!({"item_id": item_id, "item": answer(call.shop, &item)}),
            Err(refusal) => serde_json::json!({"item_id": item_id, "error": BatchError::from(refusal)}),
        });
    }
    encode(&serde_json::json!({"items": results}))
}
