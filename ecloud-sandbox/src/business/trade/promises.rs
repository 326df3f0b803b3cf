//! Promises: by when orders are to be shipped, more time that buyers grant, and what is late.

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::orders::seen;
use super::progress::keep;
use super::{Order, OrderStatus, RiskStatus};
use crate::business::actor::Actor;
use crate::business::buyer::impossible;
use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, Shop, encode};
use crate::description::Description;
use crate::platform::Refusal;

const HOUR_MILLIS: i64 = 3_600_000;
/// How long a buyer may take to answer an extension.
const ANSWER_WITHIN_MILLIS: i64 = 24 * HOUR_MILLIS;
/// As many hours can be added to the promise of one order.
const MOST_HOURS: u32 = 240;

wire_enum! {
    /// Where an extension stands.
    PromiseExtensionStatus {
        Requested = "requested",
        Agreed = "agreed",
        Refused = "refused",
        Withdrawn = "withdrawn",
        Lapsed = "lapsed",
    }
}

wire_enum! {
    /// Why a seller needs more time.
    PromiseExtensionReason {
        OutOfStock = "out_of_stock",
        MadeToOrder = "made_to_order",
        Weather = "weather",
        Holiday = "holiday",
        Epidemic = "epidemic",
        Other = "other",
    }
}

/// More time to ship an order that its buyer is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PromiseExtension {
    pub(crate) status: PromiseExtensionStatus,
    hours: u32,
    reason: PromiseExtensionReason,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    respond_by: Timestamp,
    requested_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Timestamp>,
}

/// What is promised of an order.
#[derive(Serialize)]
struct Promise<'a> {
    order_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ship_by: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_promised_by: Option<Timestamp>,
    late: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    late_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    collect_by: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deliver_by: Option<Timestamp>,
    lines: Vec<LinePromise<'a>>,
    #[serde(skip_serializing_if = "<[PromiseExtension]>::is_empty")]
    extensions: &'a [PromiseExtension],
    version: u64,
}

/// What is promised of a line.
#[derive(Serialize)]
struct LinePromise<'a> {
    line_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ship_by: Option<Timestamp>,
    waiting: u32,
    late: bool,
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "getPromise" => get,
        "requestPromiseExtension" => request,
        "withdrawPromiseExtension" => withdraw,
        _ => return None,
    })
}

/// `getPromise`
fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    shown(call.shop.order(call.path("order_id"))?, call.now)
}

/// How much more time is asked for.
#[derive(Deserialize)]
pub(crate) struct PromiseExtensionInput {
    pub(crate) version: u64,
    pub(crate) hours: u32,
    pub(crate) reason: PromiseExtensionReason,
    pub(crate) note: Option<String>,
}

/// `requestPromiseExtension`
fn request(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: PromiseExtensionInput = call.input()?;
    let order_id = call.path("order_id").to_owned();
    ask(call.shop, &order_id, input, call.now)?;
    shown(call.shop.order(&order_id)?, call.now)
}

/// Asks the buyer for more time.
pub(crate) fn ask(
    shop: &mut Shop,
    order_id: &str,
    input: PromiseExtensionInput,
    now: Timestamp,
) -> Result<(), Refusal> {
    let mut order = seen(shop, order_id, input.version)?;
    Description::get().machine("OrderStatus").operation("requestPromiseExtension", order.status.as_str())?;
    let Some(next) = order.next_ship_by().filter(|next| order.late_at.is_none() && *next > now) else {
        return Err(Refusal::rule("trade.promise_broken", "the order is late already"));
    };
    if order.open_extension().is_some() {
        return Err(Refusal::rule("trade.promise_extension_open", "the buyer has still to answer an extension"));
    }
    let agreed = order.extensions.iter().filter(|it| it.status == PromiseExtensionStatus::Agreed);
    let hours: u32 = agreed.map(|it| it.hours).sum();
    if hours + input.hours > MOST_HOURS {
        let message = format!("the buyer has granted {hours} hours already; {MOST_HOURS} are the most");
        return Err(Refusal::rule("trade.promise_extension_exceeded", message));
    }
    order.extensions.push(PromiseExtension {
        status: PromiseExtensionStatus::Requested,
        hours: input.hours,
        reason: input.reason,
        note: input.note,
        respond_by: next.min(now.offset_by_millis(ANSWER_WITHIN_MILLIS)),
        requested_at: now,
        finished_at: None,
    });
    order.settle(now);
    keep(shop, order);
    Ok(())
}

/// `withdrawPromiseExtension`
fn withdraw(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let mut order = Order::clone(call.shop.order(call.path("order_id"))?);
    let missing = || Refusal::rule("trade.promise_extension_not_found", "no extension was ever asked for");
    let status = order.extensions.last().ok_or_else(missing)?.status;
    Description::get().machine("PromiseExtensionStatus").operation("withdrawPromiseExtension", status.as_str())?;
    order.end_extension(PromiseExtensionStatus::Withdrawn, call.now);
    order.settle(call.now);
    shown(&keep(call.shop, order), call.now)
}

/// The buyer answers the extension that he is asked for.
pub(crate) fn answer(shop: &mut Shop, order_id: &str, agrees: bool, now: Timestamp) -> Result<(), Refusal> {
    let mut acting = shop.acting(Actor::Buyer);
    let mut order = Order::clone(acting.order(order_id)?);
    let event = if agrees { "buyer_agrees_to_extension" } else { "buyer_refuses_extension" };
    let Some(extension) = order.open_extension() else { return Err(impossible(event, "that of no open extension")) };
    let hours = i64::from(extension.hours);
    if agrees {
        for line in order.lines.iter_mut().filter(|line| line.waiting() > 0) {
            line.ship_by = line.ship_by.map(|at| at.offset_by_millis(hours * HOUR_MILLIS));
        }
        order.deadlines.ship_by = order.lines.iter().filter_map(|line| line.ship_by).max();
    }
    let status = if agrees { PromiseExtensionStatus::Agreed } else { PromiseExtensionStatus::Refused };
    order.end_extension(status, now);
    order.settle(now);
    keep(&mut acting, order);
    Ok(())
}

/// Time has come for an extension that the buyer hasn't answered, or for a promise to be broken.
pub(crate) fn is_due(shop: &mut Shop, order_id: &str, at: Timestamp) -> Result<(), Refusal> {
    let mut order = Order::clone(shop.order(order_id)?);
    let lapses = order.open_extension().is_some_and(|extension| extension.respond_by <= at);
    if lapses {
        order.end_extension(PromiseExtensionStatus::Lapsed, at);
    }
    let broken = order.breaks_at().filter(|breaks_at| *breaks_at <= at && order.risk_status == RiskStatus::Clear);
    order.late_at = order.late_at.or(broken);
    if lapses || broken.is_some() {
        order.settle(at);
        keep(shop, order);
    }
    Ok(())
}

impl Order {
    /// When the next of its waiting lines has to be shipped.
    fn next_ship_by(&self) -> Option<Timestamp> {
        self.lines.iter().filter(|line| line.waiting() > 0).filter_map(|line| line.ship_by).min()
    }

    /// When its promise breaks unless something of it is shipped; `None` where it can't break any more.
    pub(super) fn breaks_at(&self) -> Option<Timestamp> {
        self.next_ship_by().filter(|_| self.late_at.is_none() && self.waits_to_be_shipped())
    }

    fn waits_to_be_shipped(&self) -> bool {
        matches!(self.status, OrderStatus::Paid | OrderStatus::PartlyShipped)
    }

    /// The extension that the buyer has still to answer.
    fn open_extension(&self) -> Option<&PromiseExtension> {
        self.extensions.last().filter(|extension| extension.status == PromiseExtensionStatus::Requested)
    }

    /// When the buyer must have answered the open extension.
    pub(super) fn extension_lapses_at(&self) -> Option<Timestamp> {
        self.open_extension().map(|extension| extension.respond_by)
    }

    fn end_extension(&mut self, status: PromiseExtensionStatus, now: Timestamp) {
        if let Some(extension) = self.extensions.last_mut() {
            extension.status = status;
            extension.finished_at = Some(now);
        }
    }

    /// An extension that is still open lapses once nothing waits to be shipped.
    pub(super) fn settle_promise(&mut self, now: Timestamp) {
        if self.open_extension().is_some() && !self.waits_to_be_shipped() {
            self.end_extension(PromiseExtensionStatus::Lapsed, now);
        }
    }
}

fn shown(order: &Order, now: Timestamp) -> Result<Option<Bytes>, Refusal> {
    let promise_of = |line: &'_ super::Line| {
        let waiting = if order.waits_to_be_shipped() { line.waiting() } else { 0 };
        (waiting, waiting > 0 && line.ship_by.is_some_and(|at| at <= now))
    };
    let lines = order.lines.iter().map(|line| {
        let (waiting, late) = promise_of(line);
        LinePromise { line_id: &line.line_id, ship_by: line.ship_by, waiting, late }
    });
    encode(&Promise {
        order_id: &order.order_id,
        ship_by: order.deadlines.ship_by,
        first_promised_by: order.lines.iter().filter_map(|line| line.promised_by).max(),
        late: order.late_at.is_some(),
        late_at: order.late_at,
        collect_by: order.deadlines.collect_by,
        deliver_by: order.deadlines.deliver_by,
        lines: lines.collect(),
        extensions: &order.extensions,
        version: order.version,
    })
}
