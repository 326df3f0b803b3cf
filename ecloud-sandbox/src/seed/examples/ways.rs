//! What happens to parcels of the examples besides the usual: pickups, interceptions, delivery exceptions, self-deliveries.

use ecloud_core::Timestamp;

use super::{catalogue, sales};
use crate::business::Shop;
use crate::business::logistics::interceptions::{self, InterceptionInput, InterceptionReason};
use crate::business::logistics::pickups::{self, PickupInput};
use crate::business::logistics::reverse_pickups::{self, ReversePickupInput};
use crate::business::logistics::self_deliveries::{self, Courier, SelfDeliveryInput};
use crate::business::logistics::{TrackingAction, journey};
use crate::business::trade::RefundKind;
use crate::business::trade::refund_history::RefundAction;
use crate::platform::Refusal;
use crate::protocol::sensitive::Kind;

const MINUTE_MILLIS: i64 = 60_000;
/// The first slot of the day after the examples.
const SLOT: &str = "sf-20260302-09";

/// Under numbers from 601: `H1000601` waits in the pickup `PU1000001`, `H1000602` for one; `H1000603` is in transit, `H1000604` too, with the
/// interception `IC1000001`; `H1000605` couldn't be delivered (`DX1000001`). `T1000606` is paid, `T1000607` too, with the self-delivery
/// `SD1000001`; `T1000608` is on its way with a courier (`SD1000002`). `R1000601` and `R1000602` wait for the buyer to send goods back; a
/// carrier is sent for those of the first (`RP1000001`).
pub(super) fn set_out(shop: &mut Shop, now: Timestamp) -> Result<(), Refusal> {
    for kind in ["I", "T", "H", "R"] {
        shop.number_from(kind, 601);
    }
    let ago = |minutes: i64| now.offset_by_millis(-minutes * MINUTE_MILLIS);
    let item_id = catalogue::on_sale(shop, "Lunch box", "BOX", &["grey"], now)?;
    let sku_id = format!("S{}-1", &item_id[1..]);
    let lines = [(sku_id.as_str(), 1)];

    let waiting = sales::shipped(shop, &lines, ago(100))?.shipment_id;
    debug_assert_eq!(waiting, "H1000601");
    sales::shipped(shop, &lines, ago(95))?;
    let pickup = PickupInput {
        carrier_code: "sf".to_owned(),
        slot_id: SLOT.to_owned(),
        address_id: None,
        shipment_ids: vec![waiting],
    };
    pickups::add(shop, pickup, ago(20))?;

    under_way(shop, &lines, ago(400))?;
    let shipment_id = under_way(shop, &lines, ago(390))?;
    let interception = InterceptionInput { shipment_id, reason: InterceptionReason::WrongAddress, note: None };
    interceptions::add(shop, interception, ago(30))?;
    let failed = under_way(shop, &lines, ago(1_500))?;
    journey::happens(shop, &failed, TrackingAction::OutForDelivery, ago(300))?;
    journey::happens(shop, &failed, TrackingAction::Failed, ago(200))?;

    sales::paid(shop, &lines, ago(90))?;
    self_delivery(shop, &lines, ago(85))?;
    let delivery = self_delivery(shop, &lines, ago(80))?;
    let courier = Courier {
        name: shop.safe.personal(Kind::Name, "王强"),
        phone: shop.safe.personal(Kind::Phone, "13700137000"),
    };
    self_deliveries::set_out(shop, delivery, courier, ago(15))?;

    let refund_id = returnable(shop, &lines, ago(6_000))?;
    debug_assert_eq!(refund_id, "R1000601");
    returnable(shop, &lines, ago(5_990))?;
    let fetched = ReversePickupInput { refund_id, carrier_code: "sf".to_owned(), slot_id: SLOT.to_owned() };
    reverse_pickups::add(shop, fetched, ago(10)).map(drop)
}

/// A shipment that the carrier has picked up an hour after it was shipped.
fn under_way(shop: &mut Shop, lines: &[(&str, u32)], at: Timestamp) -> Result<String, Refusal> {
    let shipment_id = sales::shipped(shop, lines, at)?.shipment_id;
    journey::happens(shop, &shipment_id, TrackingAction::PickedUp, at.offset_by_millis(120 * MINUTE_MILLIS))?;
    Ok(shipment_id)
}

/// A paid order that the seller is to deliver himself.
fn self_delivery(
    shop: &mut Shop,
    lines: &[(&str, u32)],
    at: Timestamp,
) -> Result<self_deliveries::SelfDelivery, Refusal> {
    let order_id = sales::paid(shop, lines, at)?.order_id.clone();
    let input = SelfDeliveryInput { order_id, note: None };
    self_deliveries::add(shop, input, at.offset_by_millis(40 * MINUTE_MILLIS))
}

/// A refund whose goods the buyer is to send back.
fn returnable(shop: &mut Shop, lines: &[(&str, u32)], at: Timestamp) -> Result<String, Refusal> {
    let order = sales::finished(shop, lines, at)?;
    let claimed_at = at.offset_by_millis(3_000 * MINUTE_MILLIS);
    let refund = sales::claimed(shop, &order, RefundKind::ReturnAndRefund, claimed_at)?;
    let agreed_at = claimed_at.offset_by_millis(60 * MINUTE_MILLIS);
    Ok(refund.agree(shop, Some("A1000001".to_owned()), RefundAction::Agreed, agreed_at)?.refund_id)
}
