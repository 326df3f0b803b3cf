//! Typed calls of a client that speaks XML, over a sandbox that reads and writes it by itself: what goes over the wire, and what comes of it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use ecloud::prelude::*;
use ecloud::product::items::{ItemInput, ItemPatch, ItemProperty, SkuInput};
use ecloud::transport::{Body, Transport, TransportError};
use ecloud::{Format, ManualClock, QuotaLimit, Shop};
use ecloud_sandbox::{AuditVerdict, Sandbox, Tier};
use http_body_util::BodyExt;

/// One exchange, as it went over the wire.
#[derive(Clone, Debug)]
struct Exchange {
    target: String,
    accept: String,
    content_type: Option<String>,
    sent: String,
    answered: Option<String>,
    received: String,
}

/// The sandbox's own door, with an ear at it.
#[derive(Debug)]
struct Overheard<T> {
    door: T,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
}

async fn collect(body: Body) -> Bytes {
    body.collect().await.unwrap().to_bytes()
}

fn text(headers: &http::HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| value.to_str().unwrap().to_owned())
}

#[async_trait]
impl<T: Transport> Transport for Overheard<T> {
    async fn send(&self, request: http::Request<Body>) -> Result<http::Response<Body>, TransportError> {
        let (head, body) = request.into_parts();
        let sent = collect(body).await;
        let request = http::Request::from_parts(head.clone(), Body::from(sent.clone()));
        let (answer, body) = self.door.send(request).await?.into_parts();
        let received = collect(body).await;
        let exchange = Exchange {
            target: head.uri.path().to_owned(),
            accept: text(&head.headers, "accept").unwrap(),
            content_type: text(&head.headers, "content-type"),
            sent: String::from_utf8(sent.to_vec()).unwrap(),
            answered: text(&answer.headers, "content-type"),
            received: String::from_utf8(received.to_vec()).unwrap(),
        };
        self.exchanges.lock().unwrap().push(exchange);
        Ok(http::Response::from_parts(answer, Body::from(received)))
    }
}

/// A sandbox, a shop that speaks JSON and one that speaks XML, and what went over the wire.
struct Setup {
    sandbox: Sandbox,
    json: Shop,
    xml: Shop,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
}

impl Setup {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200)));
        let sandbox = Sandbox::builder().tier(Tier::Strategic).clock(clock).build();
        let exchanges = Arc::default();
        let door = Overheard { door: sandbox.transport(), exchanges: Arc::clone(&exchanges) };
        let client = sandbox.client().quota(QuotaLimit::STRATEGIC).format(Format::Xml).transport(door).build().unwrap();
        let xml = Shop::from(&client);
        Self { sandbox, json: xml.clone().with_format(Format::Json), xml, exchanges }
    }

    fn last(&self) -> Exchange {
        self.exchanges.lock().unwrap().last().unwrap().clone()
    }
}

const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

fn mug() -> ItemInput {
    let sku = |colour: &str| {
        SkuInput::new(Money::new(2590, Currency::CNY), 120).properties([ItemProperty::new("colour", colour)])
    };
    ItemInput::new(" Mug & <saucer>\r\n", "C110", [sku("red"), sku("blue")])
}

#[tokio::test]
async fn lists_and_objects_are_the_same_in_both_formats() {
    let setup = Setup::new();
    macro_rules! same {
        ($domain:ident, $($call:tt)+) => {{
            let json = $domain::new(&setup.json).$($call)+.send().await.unwrap();
            assert_eq!(setup.last().answered.as_deref(), Some("application/json"));
            let xml = $domain::new(&setup.xml).$($call)+.send().await.unwrap();
            assert_eq!(setup.last().answered.as_deref(), Some("application/xml"));
            assert_eq!(json, xml);
            xml
        }};
    }
    let orders = same!(Trade, orders().list().limit(100));
    same!(Trade, orders().get(&orders.items[0].order_id));
    same!(Trade, refunds().list());
    let items = same!(Product, items().list().page_size(100));
    same!(Product, items().get(&items.items[0].item_id));
    same!(Product, categories().list());
    same!(Product, items().list().keyword("nothing-like-this"));
    let shipments = same!(Logistics, shipments().list());
    same!(Logistics, shipments().get(&shipments.items[0].shipment_id));
    same!(Logistics, carriers().list());
    same!(Logistics, addresses().list());
}

#[tokio::test]
async fn pages_lead_on_in_xml_too() {
    let setup = Setup::new();
    let ids = async |shop: &Shop| {
        let mut orders = Trade::new(shop).orders().list().limit(7).items();
        let mut ids = Vec::new();
        while let Some(order) = orders.try_next().await.unwrap() {
            ids.push(order.order_id);
        }
        ids
    };
    let json = ids(&setup.json).await;
    assert_eq!(ids(&setup.xml).await, json);
    assert!(json.len() > 14);
}

#[tokio::test]
async fn an_item_is_created_and_changed_byte_for_byte() {
    let setup = Setup::new();
    let items = Product::new(&setup.xml);
    let item = items.items().create(mug()).send().await.unwrap();
    let wire = setup.last();
    assert_eq!((wire.accept.as_str(), wire.content_type.as_deref()), ("application/xml", Some("application/xml")));
    let sku = |colour: &str| {
        format!(
            "<skus><properties><name>colour</name><value>{colour}</value></properties>\
             <price><amount>2590</amount><currency>CNY</currency></price><available>120</available></skus>"
        )
    };
    assert_eq!(
        wire.sent,
        format!(
            "{DECLARATION}<ItemInput><title> Mug &amp; &lt;saucer&gt;&#13;\n</title><category_id>C110</category_id>{}{}</ItemInput>",
            sku("red"),
            sku("blue")
        )
    );
    assert!(
        wire.received.starts_with(&format!("{DECLARATION}<Item><audit_status>pending</audit_status>")),
        "{}",
        wire.received
    );
    assert_eq!((item.title.as_str(), item.skus.len()), (" Mug & <saucer>\r\n", 2));

    let patch = ItemPatch::new(item.version).title("Large mug");
    let changed = items.items().update(&item.item_id, patch).send().await.unwrap();
    assert_eq!(
        setup.last().sent,
        format!("{DECLARATION}<ItemPatch><version>{}</version><title>Large mug</title></ItemPatch>", item.version)
    );
    assert_eq!((changed.title.as_str(), changed.version), ("Large mug", item.version + 1));
    assert_eq!(Product::new(&setup.json).items().get(&item.item_id).send().await.unwrap(), changed);

    items.items().delete(&item.item_id).send().await.unwrap();
    assert_eq!((setup.last().answered, setup.last().received.as_str()), (None, ""));
}

#[tokio::test]
async fn errors_are_told_alike_in_both_formats() {
    let setup = Setup::new();
    let mut told = Vec::new();
    for shop in [&setup.json, &setup.xml] {
        let unknown = Trade::new(shop).orders().get("none").send().await.unwrap_err();
        let empty = ItemInput::new("", "C110", []);
        let invalid = Product::new(shop).items().create(empty).send().await.unwrap_err();
        assert!(!invalid.details().is_empty());
        told.push([unknown, invalid].map(|error| {
            let (kind, code) = (error.kind(), error.code().map(str::to_owned));
            let details = error.details().to_vec();
            (kind, code, error.message().to_owned(), error.status(), details, error.request_id().is_some())
        }));
    }
    assert_eq!(told[0], told[1]);
    assert!(setup.last().received.starts_with(&format!("{DECLARATION}<error><code>request.invalid</code>")));
}

#[tokio::test]
async fn a_replay_is_the_same_data_in_the_other_format() {
    let setup = Setup::new();
    let created = Product::new(&setup.xml).items().create(mug()).send().await.unwrap();
    setup.sandbox.audit_item(created.item_id.as_str(), AuditVerdict::Approve).unwrap();
    let publish =
        |shop: &Shop| Product::new(shop).items().publish(&created.item_id).with_idempotency_key("k-1").send_with_meta();
    let first = publish(&setup.json).await.unwrap();
    let again = publish(&setup.xml).await.unwrap();
    assert!(!first.meta.is_idempotent_replay() && again.meta.is_idempotent_replay());
    assert_eq!(setup.last().answered.as_deref(), Some("application/xml"));
    assert_eq!(first.value, again.value);
}

#[tokio::test]
async fn what_xml_cannot_carry_never_leaves() {
    let setup = Setup::new();
    let order = Trade::new(&setup.json).orders().list().limit(1).send().await.unwrap().items.remove(0);
    let before = setup.exchanges.lock().unwrap().len();
    let memo = ecloud::trade::orders::MemoInput::new("a\u{1}");
    let error = Trade::new(&setup.xml).orders().set_memo(&order.order_id, memo.clone()).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.message().ends_with("`memo`: a character that XML can't carry"), "{error}");
    assert_eq!(setup.exchanges.lock().unwrap().len(), before);

    // Written as JSON it is there, and an answer in XML is refused by the platform.
    Trade::new(&setup.json).orders().set_memo(&order.order_id, memo).send().await.unwrap();
    let error = Trade::new(&setup.xml).orders().get(&order.order_id).send().await.unwrap_err();
    assert_eq!((error.status(), error.code()), (Some(415), Some("request.unsupported_media_type")));
    assert_eq!(setup.last().target, format!("/trade/v1/orders/{}", order.order_id));
}

#[tokio::test]
async fn both_formats_go_over_real_http() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.client().format(Format::Xml).build().unwrap();
    let (xml, json) = (Shop::from(&client), Shop::from(&client).with_format(Format::Json));
    let carriers = Logistics::new(&xml).carriers().list().send_with_meta().await.unwrap();
    assert_eq!(carriers.meta.headers()["content-type"], "application/xml");
    assert_eq!(Logistics::new(&json).carriers().list().send().await.unwrap(), carriers.value);
}
