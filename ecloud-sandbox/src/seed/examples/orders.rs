//! Orders of the examples that the operations on single orders and on several at once need.

use ecloud_core::Timestamp;

use super::{catalogue, sales};
use crate::business::Shop;
use crate::business::trade::address_changes;
use crate::business::trade::invoice::apply_for;
use crate::business::trade::invoices::{InvoiceIssue, issued};
use crate::business::trade::progress::keep;
use crate::business::trade::promises::{self, PromiseExtensionInput, PromiseExtensionReason};
use crate::business::trade::tags::tagged;
use crate::platform::Refusal;
use crate::seed::requests::for_person;
use crate::seed::some_receiver;

const HOUR_MILLIS: i64 = 3_600_000;

/// Under numbers from 301: `T1000301` is paid (`PY1000301`), and has the tag `vip`; `T1000302`, too, with the tag `fragile`; `T1000303` waits for its
/// payment. `T1000304` and `T1000305` are paid, and of the second its buyer is asked for more time. `T1000306`, `T1000307` and `T1000308` are
/// paid, the last two by one buyer for one receiver. Of `T1000309` and `T1000310` the buyer asks for another receiver: `AC1000301` and
/// `AC1000302`. Of `T1000311` and `T1000312` he applies for an invoice; the second is issued: `IV1000301` and `IV1000302`.
pub(super) fn set_out(shop: &mut Shop, now: Timestamp) -> Result<(), Refusal> {
    for kind in ["AC", "I", "IV", "PY", "T"] {
        shop.number_from(kind, 301);
    }
    let ago = |minutes: i64| now.offset_by_millis(-minutes * HOUR_MILLIS / 60);
    let item_id = catalogue::on_sale(shop, "Teacup", "TEACUP", &["green", "white"], now)?;
    let sku_ids = [1, 2].map(|variant| format!("S{}-{variant}", &item_id[1..]));
    let lines = [(sku_ids[0].as_str(), 2), (sku_ids[1].as_str(), 1)];

    for (tag, minutes) in [("vip", 300), ("fragile", 295)] {
        let order_id = sales::paid(shop, &lines, ago(minutes))?.order_id.clone();
        let order = tagged(shop, &order_id, vec![tag.to_owned()], ago(minutes - 60))?;
        keep(shop, order);
    }
    sales::placed(shop, &lines, ago(290))?;
    sales::paid(shop, &lines, ago(285))?;
    let order = sales::paid(shop, &lines, ago(280))?;
    debug_assert_eq!(order.order_id, "T1000305");
    let input = PromiseExtensionInput {
        version: order.version,
        hours: 24,
        reason: PromiseExtensionReason::OutOfStock,
        note: None,
    };
    promises::ask(shop, &order.order_id, input, ago(200))?;
    for minutes in [275, 270, 265] {
        sales::paid(shop, &lines, ago(minutes))?;
    }
    for minutes in [260, 255] {
        let order_id = sales::paid(shop, &lines, ago(minutes))?.order_id.clone();
        let receiver = some_receiver(&shop.safe);
        address_changes::ask(shop, &order_id, receiver, ago(minutes - 60))?;
    }
    for minutes in [250, 245] {
        let order_id = sales::paid(shop, &lines, ago(minutes))?.order_id.clone();
        let application = for_person(shop);
        apply_for(shop, &order_id, application, ago(minutes - 60))?;
    }
    let invoice = shop.invoice("IV1000302")?;
    let issue = InvoiceIssue::of(invoice, "26312000000100000302".to_owned(), shop)?;
    issued(shop, "IV1000302", issue, ago(100)).map(drop)
}
