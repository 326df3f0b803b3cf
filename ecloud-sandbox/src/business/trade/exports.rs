//! Exports of orders: jobs that write a file.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::Order;
use crate::business::due::Due;
use crate::business::table::Row;
use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, Shop, encode};
use crate::description::Description;
use crate::platform::Refusal;

/// The longest window of orders.
const LONGEST_WINDOW: Duration = Duration::from_secs(90 * 86_400);
/// So many exports of a shop may be under way.
const MOST_UNDER_WAY: usize = 3;
/// How long an export waits for its turn, in milliseconds.
const QUEUED_MILLIS: i64 = 2_000;
/// How long a hundred orders take, in milliseconds.
const HUNDRED_MILLIS: i64 = 1_000;

wire_enum! {
    /// How far an export is.
    OrderExportStatus {
        Queued = "queued",
        Running = "running",
        Succeeded = "succeeded",
        Failed = "failed",
        Cancelled = "cancelled",
    }
}

/// An export of orders into a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OrderExport {
    pub(crate) order_export_id: String,
    pub(crate) status: OrderExportStatus,
    created_from: Timestamp,
    created_to: Timestamp,
    total: u32,
    done: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Timestamp>,
    modified_at: Timestamp,
    #[serde(skip_serializing_if = "crate::snapshot::is_answer", with = "crate::snapshot::base64")]
    file: Bytes,
}

impl Row for OrderExport {
    fn id(&self) -> &str {
        &self.order_export_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }
}

/// Which orders are exported.
#[derive(Deserialize)]
pub(crate) struct OrderExportInput {
    pub(crate) created_from: Timestamp,
    pub(crate) created_to: Timestamp,
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listOrderExports" => list,
        "startOrderExport" => start,
        "getOrderExport" => get,
        "cancelOrderExport" => cancel,
        "downloadOrderExport" => download,
        _ => return None,
    })
}

/// `listOrderExports`
fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    call.cursor_page(&call.shop.exports, |_| true, |export| &**export)
}

/// `startOrderExport`
fn start(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: OrderExportInput = call.input()?;
    encode(&begin(call.shop, input, call.now)?)
}

/// `getOrderExport`
fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(&find(call.shop, call.path("order_export_id"))?)
}

/// `cancelOrderExport`
fn cancel(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let mut export = find(call.shop, call.path("order_export_id"))?;
    Description::get().machine("OrderExportStatus").operation("cancelOrderExport", export.status.as_str())?;
    export.status = OrderExportStatus::Cancelled;
    export.finished_at = Some(call.now);
    export.modified_at = call.now;
    encode(&*call.shop.exports.put(export))
}

/// `downloadOrderExport`
fn download(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let export = find(call.shop, call.path("order_export_id"))?;
    Description::get().machine("OrderExportStatus").operation("downloadOrderExport", export.status.as_str())?;
    Ok(Some(export.file))
}

fn find(shop: &Shop, order_export_id: &str) -> Result<OrderExport, Refusal> {
    let found = shop.exports.get(order_export_id);
    let missing = || Refusal::rule("trade.order_export_not_found", "the shop has no such export");
    found.map(|export| OrderExport::clone(export)).ok_or_else(missing)
}

/// Begins an export: it waits for its turn.
pub(crate) fn begin(shop: &mut Shop, input: OrderExportInput, now: Timestamp) -> Result<OrderExport, Refusal> {
    let length = input.created_to.duration_since(input.created_from);
    if length.is_none_or(|length| length.is_zero() || length > LONGEST_WINDOW) {
        let message = "the window is empty, or longer than 90 days";
        return Err(Refusal::rule("trade.export_window_invalid", message));
    }
    let under_way = |export: &OrderExport| export.finished_at.is_none();
    if shop.exports.iter().filter(|export| under_way(export)).count() >= MOST_UNDER_WAY {
        let message = format!("{MOST_UNDER_WAY} exports of the shop haven't ended");
        return Err(Refusal::rule("trade.too_many_exports", message));
    }
    let mut export = OrderExport {
        order_export_id: shop.next_id("E"),
        status: OrderExportStatus::Queued,
        created_from: input.created_from,
        created_to: input.created_to,
        total: 0,
        done: 0,
        size: None,
        created_at: now,
        finished_at: None,
        modified_at: now,
        file: Bytes::new(),
    };
    export.total = u32::try_from(export.orders(shop).count()).unwrap_or(u32::MAX);
    shop.due.insert((now.offset_by_millis(QUEUED_MILLIS), Due::Export(export.order_export_id.clone())));
    shop.exports.put(export.clone());
    Ok(export)
}

/// Time brings an export its turn, or its end.
pub(crate) fn is_due(shop: &mut Shop, order_export_id: &str, now: Timestamp) -> Result<(), Refusal> {
    let mut export = find(shop, order_export_id)?;
    let machine = Description::get().machine("OrderExportStatus");
    let status = export.status.as_str();
    if machine.event("platform_begins_export", status).is_some() {
        export.status = OrderExportStatus::Running;
        let takes = HUNDRED_MILLIS * i64::from(export.total.div_ceil(100).max(1));
        shop.due.insert((now.offset_by_millis(takes), Due::Export(export.order_export_id.clone())));
    } else if machine.event("platform_ends_export", status).is_some() {
        let (file, lines) = export.write(shop);
        export.done = lines;
        export.size = Some(file.len() as u64);
        export.file = file;
        export.status = OrderExportStatus::Succeeded;
        export.finished_at = Some(now);
    } else {
        // It was cancelled meanwhile.
        return Ok(());
    }
    export.modified_at = now;
    shop.exports.put(export);
    Ok(())
}

impl OrderExport {
    /// The orders that it is about, oldest first.
    fn orders<'a>(&'a self, shop: &'a Shop) -> impl Iterator<Item = &'a Order> {
        let wanted = |order: &&Order| (self.created_from..self.created_to).contains(&order.created_at);
        shop.orders.oldest_first(None).map(|order| &**order).filter(wanted)
    }

    /// The file, and how many orders stand in it.
    fn write(&self, shop: &Shop) -> (Bytes, u32) {
        let mut text = "order_id,status,buyer_id,created_at,paid_at,payment,refunded,currency\r\n".to_owned();
        let mut lines = 0;
        for order in self.orders(shop) {
            let paid_at = order.paid_at.map(|at| at.to_string()).unwrap_or_default();
            let amounts = &order.amounts;
            let _ = write!(
                text,
                "{},{},{},{},{paid_at},{},{},{}\r\n",
                order.order_id,
                order.status.as_str(),
                order.buyer_id,
                order.created_at,
                amounts.payment.amount,
                amounts.refunded.amount,
                shop.currency,
            );
            lines += 1;
        }
        (text.into(), lines)
    }
}
