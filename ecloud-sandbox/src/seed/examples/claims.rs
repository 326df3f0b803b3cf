//! What comes after a sale, in the examples: refunds, after-sale cases and reviews.

use ecloud_core::Timestamp;

use super::{catalogue, sales};
use crate::business::Shop;
use crate::business::trade::RefundKind;
use crate::business::trade::after_sale::{AfterSaleKind, AfterSaleReason, AfterSaleRefusalNote, AfterSaleStatus};
use crate::business::trade::after_sale_buyer::{self, AfterSaleStep, Complaint};
use crate::business::trade::buyer_reviews::{self, BuyerRating, BuyerReviewInput};
use crate::business::trade::refund::RefusalReason;
use crate::business::trade::refund_history::RefundActor;
use crate::business::trade::refund_messages::{self, RefundMessageInput};
use crate::platform::Refusal;

const HOUR_MILLIS: i64 = 3_600_000;

/// Under numbers from 401: `R1000401`, `R1000402` and `R1000403` wait for the seller; the buyer of the third has written a message.
/// Of the orders `T1000404` to `T1000407`, which are finished, `AS1000001` waits for the seller's answer, `AS1000002` for his look at the
/// returned goods, `AS1000003` for what he is to send again, and `AS1000004` is refused.
/// `T1000408` and `T1000409` are finished; `BR1000001` reviews the buyer of `T1000407`.
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
    refund_messages::write(shop, "R1000403".to_owned(), RefundActor::Buyer, message, ago(4))?;
    after_sales(shop, &lines, now)?;
    sales::finished(shop, &lines, ago(99))?;
    sales::finished(shop, &lines, ago(98))?;
    let review = BuyerReviewInput {
        order_id: "T1000407".to_owned(),
        line_id: "T1000407-1".to_owned(),
        rating: BuyerRating::Positive,
        text: Some("Answers quickly.".to_owned()),
    };
    buyer_reviews::write(shop, review, ago(30)).map(drop)
}

fn after_sales(shop: &mut Shop, lines: &[(&str, u32)], now: Timestamp) -> Result<(), Refusal> {
    let ago = |hours: i64| now.offset_by_millis(-hours * HOUR_MILLIS);
    let mut open = |kind, reason, hours| {
        let order_id = sales::finished(shop, lines, ago(hours))?.order_id.clone();
        let complaint = Complaint {
            order_id,
            line_id: None,
            kind,
            quantity: None,
            wanted_sku_id: None,
            reason,
            explanation: Some("请换货".to_owned()),
        };
        after_sale_buyer::open(shop, complaint, ago(40))
    };
    open(AfterSaleKind::Exchange, AfterSaleReason::Damaged, 104)?;
    let returned = open(AfterSaleKind::Exchange, AfterSaleReason::WrongGoods, 103)?;
    let missing = open(AfterSaleKind::Resend, AfterSaleReason::MissingGoods, 102)?;
    let mut refused = open(AfterSaleKind::Repair, AfterSaleReason::Quality, 101)?;

    let returned = returned.agree(shop, Some("A1000001".to_owned()), ago(39));
    let tracking_number = "SF9000000000025".to_owned();
    let step = AfterSaleStep::Returns { carrier_code: "sf".to_owned(), tracking_number };
    after_sale_buyer::go_on(shop, &returned.after_sale_id, step, ago(20))?;
    missing.agree(shop, None, ago(38));
    refused.refusal = Some(AfterSaleRefusalNote {
        reason: RefusalReason::GoodsInUse,
        explanation: "It has fallen from the wall.".to_owned(),
        media_ids: Vec::new(),
        refused_at: ago(37),
    });
    refused.go_to(shop, AfterSaleStatus::Refused, ago(37));
    Ok(())
}
