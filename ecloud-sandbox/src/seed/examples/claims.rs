//! What comes after a sale, in the examples: refunds.

use ecloud_core::Timestamp;

use super::{catalogue, sales};
use crate::business::Shop;
use crate::business::trade::RefundKind;
use crate::business::trade::refund_history::RefundActor;
use crate::business::trade::refund_messages::{self, RefundMessageInput};
use crate::platform::Refusal;

const HOUR_MILLIS: i64 = 3_600_000;

/// Under numbers from 401: `R1000401`, `R1000402` and `R1000403` wait for the seller; the buyer of the third has written a message.
pub(super) fn set_out(shop: &mut Shop, now: Timestamp) -> Result<(), Refusal> {
    for kind in ["I", "T", "H", "R"] {
        shop.number_from(kind, 401);
    }
    let ago = |hours: i64| now.offset_by_millis(-hours * HOUR_MILLIS);
    let item_id = catalogue::on_sale(shop, "Frame", "FRAME", &["oak"], now)?;
    let sku_id = format!("S{}-1", &item_id[1..]);
    let lines = [(sku_id.as_str(), 1)];

    for hours in [9, 8, 7] {
        let order = sales::paid(shop, &lines, ago(hours))?;
        sales::claimed(shop, &order, RefundKind::RefundOnly, ago(hours - 2))?;
    }
    let message = RefundMessageInput { text: "边框有划痕。".to_owned(), media_ids: Vec::new() };
    refund_messages::write(shop, "R1000403".to_owned(), RefundActor::Buyer, message, ago(4)).map(drop)
}
