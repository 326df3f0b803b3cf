//! After-sale cases: exchanges, repairs and goods sent again, as the seller, the buyer and time take them on.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ecloud_sandbox::{AfterSaleRequest, AfterSaleWish, Purchase, RefundRequest, Tier};
use serde_json::{Value, json};
use support::{Response, Served};

const SKU: &str = "S1000001-1";
const DAY: Duration = Duration::from_secs(86_400);

fn strategic() -> Served {
    Served::with(|builder| builder.tier(Tier::Strategic).change_delay(Duration::ZERO))
}

/// An order of two pieces that the buyer has received.
fn received(served: &Served) -> String {
    received_of(served, SKU)
}

fn received_of(served: &Served, sku_id: &str) -> String {
    let order_id = served.sandbox.buyer().buy(Purchase::new(sku_id, 2)).unwrap();
    let number = format!("SF{:0>13}", order_id.trim_start_matches('T'));
    let input = json!({"order_id": order_id, "carrier_code": "sf", "tracking_number": number});
    served.post("/logistics/v1/shipments", input).ok();
    served.sandbox.buyer().confirm_receipt(&order_id).unwrap();
    order_id
}

fn opened(served: &Served, wish: AfterSaleWish) -> Value {
    let order_id = received(served);
    let id = served.sandbox.buyer().request_after_sale(&order_id, AfterSaleRequest::new(wish)).unwrap();
    case(served, &id)
}

fn case(served: &Served, id: &str) -> Value {
    served.get(&format!("/trade/v1/after-sales/{id}")).ok()
}

fn id(case: &Value) -> &str {
    case["after_sale_id"].as_str().unwrap()
}

fn act(served: &Served, case: &Value, verb: &str, mut input: Value) -> Response {
    input["version"] = case["version"].clone();
    served.post(&format!("/trade/v1/after-sales/{}/{verb}", id(case)), input)
}

fn parcel(number: u32) -> Value {
    json!({"carrier_code": "sf", "tracking_number": format!("SF77{number:011}")})
}

fn refusal() -> Value {
    json!({"reason": "goods_in_use", "explanation": "It is worn."})
}

/// Two SKUs of one item that can be bought.
fn variants(served: &Served) -> (String, String) {
    let items = served.get("/product/v1/items?page_size=100").ok()["items"].clone();
    let for_sale = |sku: &&Value| sku["status"] == "enabled" && sku["available"].as_i64() >= Some(2);
    let pairs =
        items.as_array().unwrap().iter().filter(|item| item["listing_status"] == "on_sale").filter_map(|item| {
            let skus = item["skus"].as_array().unwrap().iter().filter(for_sale);
            let mut ids = skus.map(|sku| sku["sku_id"].as_str().unwrap().to_owned());
            ids.next().zip(ids.next())
        });
    pairs.into_iter().next().expect("an item comes in variants")
}

fn available(served: &Served, sku_id: &str) -> (i64, i64) {
    let stock = served.get(&format!("/product/v1/inventory/{sku_id}")).ok();
    (stock["available"].as_i64().unwrap(), stock["reserved"].as_i64().unwrap())
}

#[test]
fn goods_are_exchanged_for_those_that_come_back() {
    let served = strategic();
    let (bought, wanted) = variants(&served);
    let order_id = received_of(&served, &bought);
    let request = AfterSaleRequest::new(AfterSaleWish::Exchange).quantity(1).wanted_sku(&wanted);
    let opened = case(&served, &served.sandbox.buyer().request_after_sale(&order_id, request).unwrap());
    assert_eq!((opened["status"].as_str(), opened["quantity"].as_i64()), (Some("wait_seller"), Some(1)));
    assert_eq!((&opened["wanted_sku_id"], &opened["sku_id"]), (&json!(wanted), &json!(bought)));
    let nowhere = act(&served, &opened, "agree", json!({"return_address_id": "A9999999"}));
    assert_eq!(nowhere.refusal(), (404, "logistics.address_not_found".into()));

    let agreed = act(&served, &opened, "agree", json!({})).ok();
    assert_eq!(agreed["status"], "wait_buyer_return");
    assert!(agreed["return_address_id"].is_string(), "the default return address");
    served.sandbox.buyer().return_for_after_sale(id(&opened), "sf", "SF0000000000009").unwrap();
    let returned = case(&served, id(&opened));
    assert_eq!(returned["return_parcel"]["tracking_number"], "SF0000000000009");
    assert_eq!(act(&served, &agreed, "confirm-return", json!({})).refusal(), (409, "trade.after_sale_conflict".into()));
    let confirmed = act(&served, &returned, "confirm-return", json!({})).ok();
    assert_eq!(confirmed["status"], "wait_seller_shipment");

    let before = available(&served, &wanted);
    let wrong = json!({"carrier_code": "sf", "tracking_number": "1"});
    let refused = act(&served, &confirmed, "send-replacement", wrong);
    assert_eq!(refused.refusal(), (422, "logistics.tracking_number_invalid".into()));
    let sent = act(&served, &confirmed, "send-replacement", parcel(1)).ok();
    assert_eq!(
        (sent["status"].as_str(), &sent["replacement"]["carrier_code"]),
        (Some("wait_buyer_receipt"), &json!("sf"))
    );
    assert_eq!(available(&served, &wanted), (before.0 - 1, before.1), "one piece has left the stock");
    served.sandbox.buyer().confirm_after_sale(id(&opened)).unwrap();
    let over = case(&served, id(&opened));
    assert_eq!((over["status"].as_str(), over.get("respond_by")), (Some("succeeded"), None));
    assert_eq!(over["finished_at"], over["modified_at"]);
}

#[test]
fn repaired_goods_leave_no_stock_and_missing_ones_come_without_a_return() {
    let served = strategic();
    let repair = opened(&served, AfterSaleWish::Repair);
    act(&served, &repair, "agree", json!({})).ok();
    served.sandbox.buyer().return_for_after_sale(id(&repair), "sf", "SF0000000000009").unwrap();
    let repaired = act(&served, &case(&served, id(&repair)), "confirm-return", json!({})).ok();
    let before = available(&served, SKU);
    act(&served, &repaired, "send-replacement", parcel(1)).ok();
    assert_eq!(available(&served, SKU), before);

    let resend = opened(&served, AfterSaleWish::Resend);
    let before = available(&served, SKU);
    let agreed = act(&served, &resend, "agree", json!({})).ok();
    assert_eq!((agreed["status"].as_str(), agreed.get("return_address_id")), (Some("wait_seller_shipment"), None));
    act(&served, &agreed, "send-replacement", parcel(2)).ok();
    assert_eq!(available(&served, SKU), (before.0 - 2, before.1));
}

#[test]
fn what_isn_t_there_can_t_be_sent_again() {
    let served = strategic();
    let agreed = act(&served, &opened(&served, AfterSaleWish::Resend), "agree", json!({})).ok();
    let stock = served.get(&format!("/product/v1/inventory/{SKU}")).ok();
    let less = json!({"available": 1, "version": stock["version"]});
    served.write("PUT", &format!("/product/v1/inventory/{SKU}"), less).ok();
    let refused = act(&served, &agreed, "send-replacement", parcel(1));
    assert_eq!(refused.refusal(), (422, "product.stock_insufficient".into()));
    assert_eq!(case(&served, id(&agreed)), agreed, "what failed has changed nothing");
}

#[test]
fn no_step_is_taken_out_of_turn() {
    let served = strategic();
    let waiting = opened(&served, AfterSaleWish::Exchange);
    for (verb, input, code) in [
        ("confirm-return", json!({}), "trade.after_sale_return_not_confirmable"),
        ("send-replacement", parcel(1), "trade.replacement_not_sendable"),
        ("close", json!({}), "trade.after_sale_not_closable"),
    ] {
        assert_eq!(act(&served, &waiting, verb, input).refusal(), (422, code.into()), "{verb}");
    }
    let buyer = served.sandbox.buyer();
    assert!(buyer.confirm_after_sale(id(&waiting)).is_err() && buyer.ask_again(id(&waiting)).is_err());
    let agreed = act(&served, &waiting, "agree", json!({})).ok();
    assert_eq!(act(&served, &agreed, "agree", json!({})).refusal(), (422, "trade.after_sale_not_agreeable".into()));
    assert_eq!(act(&served, &agreed, "refuse", refusal()).refusal(), (422, "trade.after_sale_not_refusable".into()));
    let closed = act(&served, &agreed, "close", json!({"note": "Settled by phone."})).ok();
    assert_eq!((closed["status"].as_str(), closed["close_note"].as_str()), (Some("closed"), Some("Settled by phone.")));
    assert!(buyer.withdraw_after_sale(id(&waiting)).is_err());
    assert_eq!(served.get("/trade/v1/after-sales/AS9999999").refusal(), (404, "trade.after_sale_not_found".into()));
}

#[test]
fn a_refusal_is_proved_and_the_buyer_may_ask_again() {
    let served = strategic();
    let waiting = opened(&served, AfterSaleWish::Repair);
    let mut unknown = refusal();
    unknown["media_ids"] = json!(["M9999999"]);
    assert_eq!(act(&served, &waiting, "refuse", unknown).refusal(), (404, "product.medium_not_found".into()));
    let refused = act(&served, &waiting, "refuse", refusal()).ok();
    assert_eq!((refused["status"].as_str(), &refused["refusal"]["reason"]), (Some("refused"), &json!("goods_in_use")));
    let order_id = waiting["order_id"].as_str().unwrap();
    let again = AfterSaleRequest::new(AfterSaleWish::Repair);
    assert!(served.sandbox.buyer().request_after_sale(order_id, again).is_err(), "one at a time");
    assert!(served.sandbox.buyer().request_refund(order_id, RefundRequest::new()).is_err(), "goods or money");
    served.control("POST", &format!("/after-sales/{}/ask-again", id(&waiting)), None).ok();
    assert_eq!(case(&served, id(&waiting))["status"], "wait_seller");
    served.sandbox.buyer().withdraw_after_sale(id(&waiting)).unwrap();
    assert!(served.sandbox.buyer().request_refund(order_id, RefundRequest::new()).is_ok());
}

#[test]
fn time_takes_the_steps_that_nobody_takes() {
    let served = strategic();
    let silent = opened(&served, AfterSaleWish::Exchange);
    served.clock.advance(2 * DAY);
    assert_eq!(case(&served, id(&silent))["status"], "wait_buyer_return", "silence is consent");
    served.clock.advance(7 * DAY);
    assert_eq!(case(&served, id(&silent))["status"], "closed", "the goods never came");

    let returned = opened(&served, AfterSaleWish::Exchange);
    act(&served, &returned, "agree", json!({})).ok();
    served.sandbox.buyer().return_for_after_sale(id(&returned), "sf", "SF0000000000009").unwrap();
    served.clock.advance(10 * DAY);
    assert_eq!(case(&served, id(&returned))["status"], "wait_seller_shipment");
    served.clock.advance(3 * DAY);
    assert_eq!(case(&served, id(&returned))["status"], "closed", "the seller sent nothing");

    let sent = act(&served, &opened(&served, AfterSaleWish::Resend), "agree", json!({})).ok();
    act(&served, &sent, "send-replacement", parcel(1)).ok();
    served.clock.advance(10 * DAY);
    assert_eq!(case(&served, id(&sent))["status"], "succeeded");
}

#[test]
fn what_was_not_received_is_neither_exchanged_nor_what_was_not_shipped_resent() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 1)).unwrap();
    let ask = |wish| served.sandbox.buyer().request_after_sale(&order_id, AfterSaleRequest::new(wish));
    assert!(ask(AfterSaleWish::Resend).is_err(), "nothing was shipped");
    let input = json!({"order_id": order_id, "carrier_code": "sf", "tracking_number": "SF0000000000001"});
    served.post("/logistics/v1/shipments", input).ok();
    assert!(ask(AfterSaleWish::Exchange).is_err(), "nothing was received");
    assert!(ask(AfterSaleWish::Resend).is_ok());
}

#[test]
fn cases_are_listed_by_kind_and_by_what_has_changed() {
    let served = strategic();
    let from = served.clock_now();
    let first = opened(&served, AfterSaleWish::Resend);
    served.clock.advance(Duration::from_secs(60));
    let second = opened(&served, AfterSaleWish::Repair);
    served.clock.advance(Duration::from_secs(60));
    act(&served, &first, "agree", json!({})).ok();
    served.clock.advance(Duration::from_secs(60));
    let page = served.get(&format!("/trade/v1/after-sales/changes?modified_from={from}")).ok();
    let ids: Vec<&str> = page["items"].as_array().unwrap().iter().map(id).collect();
    assert_eq!(ids, [id(&first), id(&second)]);
    let order = first["order_id"].as_str().unwrap();
    let list =
        |filter: &str| served.get(&format!("/trade/v1/after-sales?order_id={order}&{filter}")).ok()["items"].clone();
    assert_eq!(list("kind=resend&kind=repair").as_array().unwrap().len(), 1);
    assert!(list("kind=repair").as_array().unwrap().is_empty());
    assert!(list("status=wait_seller").as_array().unwrap().is_empty());
}

#[test]
fn a_replacement_and_a_shipment_never_have_the_same_number() {
    let served = strategic();
    let resend = || act(&served, &opened(&served, AfterSaleWish::Resend), "agree", json!({})).ok();
    let (first, second) = (resend(), resend());
    let ship = |order: &str, number: &str| {
        served.post(
            "/logistics/v1/shipments",
            json!({"order_id": order, "carrier_code": "sf", "tracking_number": number}),
        )
    };
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 1)).unwrap();
    let taken = || (422, "logistics.tracking_number_taken".to_owned());

    let shipped = format!("SF{:0>13}", first["order_id"].as_str().unwrap().trim_start_matches('T'));
    let of_shipment = json!({"carrier_code": "sf", "tracking_number": shipped});
    assert_eq!(act(&served, &first, "send-replacement", of_shipment).refusal(), taken());
    act(&served, &first, "send-replacement", parcel(1)).ok();
    assert_eq!(act(&served, &second, "send-replacement", parcel(1)).refusal(), taken());
    let number = parcel(1)["tracking_number"].as_str().unwrap().to_owned();
    assert_eq!(ship(&order_id, &number).refusal(), taken());
    let shipment = ship(&order_id, "SF7700000000009").ok();
    let path = format!("/logistics/v1/shipments/{}/tracking-number", shipment["shipment_id"].as_str().unwrap());
    let corrected = json!({"version": 1, "carrier_code": "sf", "tracking_number": number});
    assert_eq!(served.write("PUT", &path, corrected).refusal(), taken());
    act(&served, &second, "send-replacement", parcel(2)).ok();
}
