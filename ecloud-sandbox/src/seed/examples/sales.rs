//! Orders of the examples, one in each state, and what has come of them.

use std::sync::Arc;

use ecloud_core::Timestamp;
use serde_json::json;

use crate::business::Shop;
use crate::business::buyer::{self, Basket, Claim};
use crate::business::logistics::Shipment;
use crate::business::logistics::shipments::{ShipmentInput, ship};
use crate::business::logistics::waybills::apply_for;
use crate::business::trade::refund_history::RefundAction;
use crate::business::trade::{Order, OrderKind, PaymentMethod, Refund, RefundKind, RefundReason};
use crate::platform::Refusal;
use crate::seed::some_receiver;

const HOUR_MILLIS: i64 = 3_600_000;

/// `T1000001` waits for payment, `T1000002` is paid, `T1000003` shipped (`H1000001`), `T1000004` finished; `T1000005` is paid, and its buyer
/// wants his money back (`R1000001`); `T1000006` is finished, and its buyer sends the goods back (`R1000002`); `T1000007` was shipped an hour ago, and
/// waits for the carrier (`H1000004`). A parcel of `T1000002` has a waybill: `W1000001`.
pub(super) fn set_out(shop: &mut Shop, now: Timestamp) -> Result<(), Refusal> {
    let ago = |hours: i64| now.offset_by_millis(-hours * HOUR_MILLIS);
    placed(shop, &[("S1000001-1", 1), ("S1000001-2", 1)], ago(2))?;
    paid(shop, &[("S1000001-1", 2), ("S1000001-2", 1)], ago(5))?;
    shipped(shop, &[("S1000001-1", 1)], ago(30))?;
    finished(shop, &[("S1000001-2", 2)], ago(120))?;
    let order = paid(shop, &[("S1000001-1", 1)], ago(8))?;
    claimed(shop, &order, RefundKind::RefundOnly, ago(6))?;
    let order = finished(shop, &[("S1000001-2", 1)], ago(100))?;
    let refund = claimed(shop, &order, RefundKind::ReturnAndRefund, ago(20))?;
    let address = shop.addresses.iter().next().map(|address| address.address_id.clone());
    let refund = refund.agree(shop, address, RefundAction::Agreed, ago(18))?;
    let tracking_number = "SF9000000000017".to_owned();
    let step = buyer::RefundStep::Returns { carrier_code: "sf".to_owned(), tracking_number };
    buyer::go_on(shop, &refund.refund_id, step, ago(10))?;
    shipped(shop, &[("S1000001-1", 1)], ago(2))?;
    waybill(shop, now)
}

/// A waybill of SF Express.
fn waybill(shop: &mut Shop, now: Timestamp) -> Result<(), Refusal> {
    let receiver = some_receiver(&shop.safe);
    let input = json!({
        "parcel_key": "T1000002/0",
        "order_id": "T1000002",
        "carrier_code": "sf",
        "receiver": receiver,
        "contents": [{"name": "Stoneware mug", "quantity": 2}],
        "weight_grams": 840,
    });
    let input = serde_json::from_value(input).map_err(|_| Refusal::invalid("the example doesn't fit its operation"))?;
    apply_for(shop, input, now.offset_by_millis(-HOUR_MILLIS)).map(drop)
}

/// An order that waits for its payment.
pub(super) fn placed(shop: &mut Shop, lines: &[(&str, u32)], at: Timestamp) -> Result<Arc<Order>, Refusal> {
    let basket = Basket {
        buyer_id: "b-0001".to_owned(),
        kind: OrderKind::Normal,
        lines: lines.iter().map(|(sku_id, quantity)| ((*sku_id).to_owned(), *quantity)).collect(),
        receiver: Arc::new(some_receiver(&shop.safe)),
        freight: 800,
        message: None,
        discounts: Vec::new(),
    };
    buyer::place(shop, basket, at)
}

/// An order that was paid half an hour later.
pub(super) fn paid(shop: &mut Shop, lines: &[(&str, u32)], at: Timestamp) -> Result<Arc<Order>, Refusal> {
    let order = placed(shop, lines, at)?;
    buyer::pay(shop, &order.order_id, PaymentMethod::Wallet, at.offset_by_millis(HOUR_MILLIS / 2))
}

/// An order that was shipped whole an hour after it was placed, with SF Express.
pub(super) fn shipped(shop: &mut Shop, lines: &[(&str, u32)], at: Timestamp) -> Result<Shipment, Refusal> {
    let order = paid(shop, lines, at)?;
    let number = order.order_id[1..].parse::<u64>().unwrap_or_default();
    let input = ShipmentInput {
        order_id: order.order_id.clone(),
        carrier_code: "sf".to_owned(),
        tracking_number: format!("SF{:013}", 1_000_000_000_000 + number),
        lines: None,
        extra_parcels: Vec::new(),
        sender_address_id: None,
        note: None,
    };
    ship(shop, input, at.offset_by_millis(HOUR_MILLIS))
}

/// An order whose buyer says that he has received it, two days after it was placed.
pub(super) fn finished(shop: &mut Shop, lines: &[(&str, u32)], at: Timestamp) -> Result<Arc<Order>, Refusal> {
    let shipment = shipped(shop, lines, at)?;
    let order_id = shipment.order_id.clone();
    buyer::confirm(shop, &order_id, at.offset_by_millis(48 * HOUR_MILLIS))
}

/// A refund of an order's first line.
pub(super) fn claimed(shop: &mut Shop, order: &Order, kind: RefundKind, at: Timestamp) -> Result<Refund, Refusal> {
    let claim = Claim {
        order_id: order.order_id.clone(),
        line_id: None,
        kind,
        quantity: None,
        amount: None,
        reason: RefundReason::ChangedMind,
        explanation: Some("请退款".to_owned()),
    };
    buyer::claim(shop, claim, at)
}
