//! Every event that the descriptions have is told, and none that they haven't; each is of the form that is described.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use ecloud_core::{ManualClock, Method, Shop, Timestamp};
use ecloud_sandbox::{
    AfterSaleRequest, AfterSaleWish, AuditVerdict, Carriage, InvoiceRequest, Purchase, RefundRequest, Sandbox,
};
use serde_json::{Value, json};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const HOUR: Duration = Duration::from_secs(3600);

fn documents() -> Vec<Value> {
    let texts =
        [include_str!("../api/product.json"), include_str!("../api/trade.json"), include_str!("../api/logistics.json")];
    texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
}

async fn write(shop: &Shop, method: Method, path: String, body: Value) -> Value {
    shop.request(method, path).json(&body).send().await.unwrap()
}

/// Lets something happen of every kind, and gives the bodies of all events that were told, in the order of time.
async fn all_that_happens() -> Vec<Value> {
    let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_337_400));
    let sandbox = Sandbox::builder().clock(Arc::new(clock.clone())).build();
    sandbox.keep_events(SECRET).unwrap();
    let (buyer, shop) = (sandbox.buyer(), sandbox.client().build().unwrap().for_shop(sandbox.shop_id()));
    let number = |count: u32| format!("SF9{count:012}");

    let item = json!({"title": "Mug", "category_id": "C110", "skus": [
        {"properties": [{"name": "colour", "value": "red"}], "price": {"amount": 2590, "currency": "CNY"}, "available": 9}
    ]});
    let item = write(&shop, Method::POST, "/product/v1/items".into(), item).await;
    let item_id = item["item_id"].as_str().unwrap();
    sandbox.audit_item(item_id, AuditVerdict::Reject { reason: "blurred".into() }).unwrap();
    let patch = json!({"version": 2, "title": "Mug with a lid"});
    write(&shop, Method::PATCH, format!("/product/v1/items/{item_id}"), patch).await;

    // In two parts, one of them with a wrong number, one taken back and sent again.
    let order_id = buyer.buy(Purchase::new("S1000001-1", 2)).unwrap();
    let order: Value = shop.request(Method::GET, format!("/trade/v1/orders/{order_id}")).send().await.unwrap();
    let part = json!([{"line_id": order["lines"][0]["line_id"], "quantity": 1}]);
    let ship = |count: u32, lines: Value| {
        let mut input = json!({"order_id": order_id, "carrier_code": "sf", "tracking_number": number(count)});
        if !lines.is_null() {
            input["lines"] = lines;
        }
        write(&shop, Method::POST, "/logistics/v1/shipments".into(), input)
    };
    let first = ship(1, part).await;
    let first_id = first["shipment_id"].as_str().unwrap();
    let corrected = json!({"version": 1, "carrier_code": "sf", "tracking_number": number(2)});
    write(&shop, Method::PUT, format!("/logistics/v1/shipments/{first_id}/tracking-number"), corrected).await;
    let second = ship(3, Value::Null).await;
    let cancel = format!("/logistics/v1/shipments/{}/cancel", second["shipment_id"].as_str().unwrap());
    let _: Value = shop.request(Method::POST, cancel).send().await.unwrap();
    ship(4, Value::Null).await;
    sandbox.carry(first_id, Carriage::PickUp).unwrap();
    clock.advance(48 * HOUR);
    buyer.confirm_receipt(&order_id).unwrap();
    let after_sale_id = buyer.request_after_sale(&order_id, AfterSaleRequest::new(AfterSaleWish::Repair)).unwrap();
    buyer.withdraw_after_sale(&after_sale_id).unwrap();

    let order_id = buyer.buy(Purchase::new("S1000001-1", 1)).unwrap();
    let refund_id = buyer.request_refund(&order_id, RefundRequest::default()).unwrap();
    buyer.withdraw_refund(&refund_id).unwrap();
    let change_id = buyer.request_address_change(&order_id, "张伟", "13800138000", "文三路1号").unwrap();
    buyer.withdraw_address_change(&change_id).unwrap();
    let invoice_id = buyer.request_invoice(&order_id, InvoiceRequest::for_person("张伟")).unwrap();
    buyer.withdraw_invoice(&invoice_id).unwrap();
    parcels_go_other_ways(&sandbox, &shop, &clock).await;
    buyer.place(Purchase::new("S1000001-1", 1)).unwrap();
    clock.advance(25 * HOUR);
    sandbox.events().iter().map(|delivery| serde_json::from_slice(&delivery.body).unwrap()).collect()
}

/// A pickup, an interception, a failed delivery, a delivery by the seller, returned goods that a carrier fetches, and a parcel that is followed.
async fn parcels_go_other_ways(sandbox: &Sandbox, shop: &Shop, clock: &ManualClock) {
    let buyer = sandbox.buyer();
    let post = |path: String, body: Value| write(shop, Method::POST, format!("/logistics/v1/{path}"), body);
    let cancel = |path: String| shop.request(Method::POST, format!("/logistics/v1/{path}/cancel")).send::<Value>();
    let text = |object: &Value, field: &str| object[field].as_str().unwrap().to_owned();
    let list = |path: &str, name: &'static str, value: &str| {
        shop.request(Method::GET, format!("/logistics/v1/{path}")).query(name, value).send::<Value>()
    };
    let slot_id = text(&list("pickup-slots", "carrier_code", "sf").await.unwrap()["items"][3], "slot_id");

    let order_id = buyer.buy(Purchase::new("S1000001-1", 1)).unwrap();
    let input = json!({"order_id": order_id, "carrier_code": "sf", "tracking_number": "SF9000000000021"});
    let shipment_id = text(&post("shipments".into(), input).await, "shipment_id");
    let input = json!({"carrier_code": "sf", "slot_id": slot_id, "shipment_ids": [shipment_id]});
    let pickup = post("pickups".into(), input).await;
    cancel(format!("pickups/{}", text(&pickup, "pickup_id"))).await.unwrap();
    sandbox.carry(&shipment_id, Carriage::PickUp).unwrap();
    let interception = json!({"shipment_id": shipment_id, "reason": "other"});
    let interception = post("interceptions".into(), interception).await;
    cancel(format!("interceptions/{}", text(&interception, "interception_id"))).await.unwrap();
    sandbox.carry(&shipment_id, Carriage::SetOut).unwrap();
    sandbox.carry(&shipment_id, Carriage::Fail).unwrap();
    let exceptions = list("delivery-exceptions", "shipment_id", &shipment_id).await.unwrap();
    let path = format!("delivery-exceptions/{}/resolve", text(&exceptions["items"][0], "delivery_exception_id"));
    post(path, json!({"version": 1, "resolution": "return_to_sender"})).await;

    let order_id = buyer.buy(Purchase::new("S1000001-1", 1)).unwrap();
    let delivery = post("self-deliveries".into(), json!({"order_id": order_id})).await;
    cancel(format!("self-deliveries/{}", text(&delivery, "self_delivery_id"))).await.unwrap();

    let input = json!({"order_id": order_id, "carrier_code": "sf", "tracking_number": "SF9000000000022"});
    post("shipments".into(), input).await;
    clock.advance(40 * HOUR);
    buyer.confirm_receipt(&order_id).unwrap();
    let refund_id = buyer.request_refund(&order_id, RefundRequest::new().returns_goods()).unwrap();
    let path = format!("/trade/v1/refunds/{refund_id}");
    let refund: Value = shop.request(Method::GET, path.clone()).send().await.unwrap();
    let agreement = json!({"version": refund["version"], "amount": refund["amount"]});
    write(shop, Method::POST, format!("{path}/agree"), agreement).await;
    let slot_id = text(&list("pickup-slots", "carrier_code", "sf").await.unwrap()["items"][3], "slot_id");
    let input = json!({"refund_id": refund_id, "carrier_code": "sf", "slot_id": slot_id});
    let pickup = post("reverse-pickups".into(), input).await;
    cancel(format!("reverse-pickups/{}", text(&pickup, "reverse_pickup_id"))).await.unwrap();

    post("tracking-subscriptions".into(), json!({"carrier_code": "sf", "tracking_number": "SF9000000000023"})).await;
}

#[tokio::test]
async fn what_is_told_is_what_is_described() {
    let documents = documents();
    let described = |event: &Value| {
        let of_type = |document: &&Value| {
            let events = document["events"].as_array().unwrap();
            events.iter().find(|described| described["type"] == event["type"]).cloned()
        };
        documents.iter().find_map(|document| Some((document, of_type(&document)?)))
    };
    let (mut told, mut newest) = (BTreeSet::new(), BTreeMap::<String, u64>::new());
    for event in all_that_happens().await {
        let Some((document, description)) = described(&event) else { panic!("nobody described {event}") };
        let mut schema = description["schema"].clone();
        schema["schemas"] = document["schemas"].clone();
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        assert!(validator.is_valid(&event["data"]), "{event}: {:?}", validator.iter_errors(&event["data"]).next());
        let named = document["schemas"][schema["$ref"].as_str().unwrap().trim_start_matches("#/schemas/")].clone();
        for name in event["data"].as_object().unwrap().keys() {
            assert!(named["properties"].get(name).is_some(), "`{name}` of {event} isn't described");
        }
        let (object, id) = (&description["object"], description["object"]["id"].as_str().unwrap());
        let object = format!("{} {}", object["kind"], event["data"][id].as_str().unwrap());
        let version = event["version"].as_u64().unwrap();
        let before = newest.insert(object, version).unwrap_or_default();
        assert!(version > before, "version {version} after {before}: {event}");
        told.insert(event["type"].as_str().unwrap().to_owned());
    }
    let all = documents.iter().flat_map(|document| document["events"].as_array().unwrap());
    let all: BTreeSet<String> = all.map(|event| event["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(told, all);
}
