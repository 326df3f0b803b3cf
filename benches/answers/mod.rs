//! What the platform answers in these measurements: a stock, one small order, and a page of 100 of ordinary size.

use serde_json::{Value, json};

/// A stock, the smallest of the models that are read often.
pub(crate) fn stock() -> String {
    let stock = json!({
        "sku_id": "I2001-1", "item_id": "I2001", "available": 120, "reserved": 3, "version": 7,
        "modified_at": "2026-11-22T08:30:00.000Z",
    });
    stock.to_string()
}

/// An order of one line that is not paid yet, with nothing in it that may be absent.
pub(crate) fn small_order() -> String {
    order("T1001", "wait_payment", &[line("T1001-1", "I2001", "Mug", 2590)]).to_string()
}

/// A page of 100 paid orders of two lines, each with promotions, payment and receiver.
pub(crate) fn page_of_100() -> String {
    let items: Vec<Value> = (0..100).map(|at| paid_order(&format!("T{}", 1001 + at))).collect();
    json!({"items": items, "next_cursor": "eyJhIjoiVDExMDAiLCJzIjoic2hvcC00MiJ9.5f1c9a"}).to_string()
}

fn yuan(amount: i64) -> Value {
    json!({"amount": amount, "currency": "CNY"})
}

fn line(line_id: &str, item_id: &str, title: &str, price: i64) -> Value {
    json!({
        "line_id": line_id, "item_id": item_id, "sku_id": format!("{item_id}-1"), "title": title,
        "quantity": 1, "shipped_quantity": 0, "refunded_quantity": 0,
        "price": yuan(price), "adjustment": yuan(0), "discount": yuan(0), "allocated_promotion": yuan(0),
        "payment": yuan(price), "refunded": yuan(0), "status": "wait_payment", "refund_status": "none",
    })
}

fn order(order_id: &str, status: &str, lines: &[Value]) -> Value {
    let sum: i64 = lines.iter().filter_map(|line| line["payment"]["amount"].as_i64()).sum();
    json!({
        "order_id": order_id, "shop_id": "shop-42", "buyer_id": "b-7Qm2", "kind": "normal", "status": status,
        "payment_status": "unpaid", "fulfilment_status": "unshipped", "refund_status": "none", "risk_status": "clear",
        "lines": lines,
        "amounts": {
            "goods": yuan(sum), "adjustment": yuan(0), "discount": yuan(0), "promotion": yuan(0),
            "freight": yuan(800), "payment": yuan(sum + 800), "paid": yuan(0), "refunded": yuan(0),
        },
        "deadlines": {"pay_by": "2026-11-23T08:30:00.000Z"},
        "created_at": "2026-11-22T08:30:00.000Z", "modified_at": "2026-11-22T08:30:00.000Z", "version": 1,
    })
}

fn paid_order(order_id: &str) -> Value {
    let sealed = "~1~platform-1~AAECAwQFBgcICQoL3q2-7wABAgMEBQYHCAkKCwwNDg8~";
    let personal = |masked: &str| json!({"masked": masked, "ciphertext": sealed});
    let (first, second) = (format!("{order_id}-1"), format!("{order_id}-2"));
    let mut lines = [line(&first, "I2001", "Mug", 4790), line(&second, "I2002", "Tea towel", 6210)];
    for line in &mut lines {
        line["status"] = "paid".into();
        line["ship_by"] = "2026-11-24T08:31:00.000Z".into();
    }
    lines[0]["sku_outer_id"] = "MUG-RED".into();
    lines[0]["sku_properties"] = json!([{"name": "colour", "value": "red"}]);
    let mut order = order(order_id, "paid", &lines);
    order["payment_status"] = "paid".into();
    order["amounts"]["paid"] = yuan(11800);
    order["promotions"] = json!([
        {"promotion_id": "P31", "name": "Mug week", "kind": "item_discount", "funded_by": "seller", "amount": yuan(180), "line_id": first},
        {"promotion_id": "P32", "name": "5 off from 100", "kind": "platform_coupon", "funded_by": "platform", "amount": yuan(500)},
    ]);
    order["payment_info"] = json!({"method": "wallet", "payment_number": "2026112208310042"});
    order["receiver"] = json!({
        "name": personal("张*"), "phone": personal("138****5678"), "address": personal("文一西路****"),
        "country": "CN", "province": "浙江省", "city": "杭州市", "district": "余杭区",
    });
    order["deadlines"]["ship_by"] = "2026-11-24T08:31:00.000Z".into();
    order["paid_at"] = "2026-11-22T08:31:00.000Z".into();
    order["version"] = 2.into();
    order
}
