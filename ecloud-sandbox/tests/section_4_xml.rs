//! Protocol section 4: the same data as XML, byte for byte.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use ecloud_sandbox::Fault;
use serde_json::json;
use support::{Response, Served, Signed};

const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
const MEMO: &str = "/trade/v1/orders/{order}/memo";

trait AsXml {
    fn xml(self, body: &str) -> Self;
    fn wanting_xml(self) -> Self;
}

impl AsXml for Signed {
    fn xml(self, body: &str) -> Self {
        self.body(body.as_bytes()).header("content-type", "application/xml")
    }

    fn wanting_xml(self) -> Self {
        self.header("accept", "application/xml")
    }
}

/// The text of an answer that says it is XML.
fn text(answer: &Response) -> String {
    let text = String::from_utf8(answer.body.clone()).unwrap();
    assert_eq!(answer.header("content-type"), Some("application/xml"), "{text}");
    text.strip_prefix(DECLARATION).unwrap_or_else(|| panic!("no declaration in {text}")).to_owned()
}

/// What stands in the first element of a name.
fn inside<'a>(text: &'a str, name: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("no {name} in {text}"));
    rest.split_once(&format!("</{name}>")).unwrap().0
}

fn refusal(answer: &Response) -> (u16, String) {
    let text = text(answer);
    assert!(text.starts_with("<error><code>"), "{text}");
    assert_eq!(Some(inside(&text, "request_id")), answer.header("x-ecloud-request-id"));
    (answer.status, inside(&text, "code").to_owned())
}

fn memo_path(served: &Served) -> String {
    let order = served.first("/trade/v1/orders?limit=1")["order_id"].as_str().unwrap().to_owned();
    MEMO.replace("{order}", &order)
}

#[test]
fn one_object_has_the_name_of_its_schema_and_its_properties_theirs() {
    let served = Served::start();
    let stock = served.get("/product/v1/inventory/S1000001-1").ok();
    let answer = served.request("GET", "/product/v1/inventory/S1000001-1").wanting_xml().send();
    let expected: String = stock
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("<{name}>{value}</{name}>")
        })
        .collect();
    assert_eq!(text(&answer), format!("<Stock>{expected}</Stock>"));
}

#[test]
fn a_list_is_a_repetition_of_its_property() {
    let served = Served::start();
    let json = served.get("/trade/v1/orders?limit=3").ok();
    let xml = text(&served.request("GET", "/trade/v1/orders?limit=3").wanting_xml().send());
    assert!(xml.starts_with("<OrderPage><items>") && xml.ends_with("</OrderPage>"), "{xml}");
    assert_eq!(xml.matches("<items>").count(), 3);
    assert_eq!(inside(&xml, "next_cursor"), json["next_cursor"].as_str().unwrap());
    assert_eq!(inside(&xml, "order_id"), json["items"][0]["order_id"].as_str().unwrap());
    let empty = served.request("GET", "/product/v1/items?keyword=nothing-like-this").wanting_xml().send();
    assert_eq!(text(&empty), "<ItemPage><page>1</page><page_size>50</page_size><total>0</total></ItemPage>");
}

#[test]
fn a_request_in_xml_is_the_same_request() {
    let served = Served::start();
    let path = memo_path(&served);
    let answer = served
        .request("PUT", &path)
        .wanting_xml()
        .xml("<MemoInput><memo> a &lt; b\r\n&#13;张 </memo></MemoInput>")
        .send();
    assert_eq!(inside(&text(&answer), "memo"), " a &lt; b\n&#13;张 ");
    let json = served.get(path.trim_end_matches("/memo")).ok();
    assert_eq!(json["memo"].as_str(), Some(" a < b\n\r张 "), "{json}");
    let received = served.sandbox.received();
    let body = received.iter().find(|request| request.method == "PUT").unwrap().body.clone().unwrap();
    assert_eq!(body, json!({"memo": " a < b\n\r张 "}));
}

#[test]
fn numbers_objects_and_lists_are_read_by_the_schema() {
    let served = Served::start();
    let create = served.request("POST", "/product/v1/items").wanting_xml().xml(
        "<?xml version='1.0' encoding='utf-8'?>\n<!-- a mug -->\n<ItemInput xmlns='urn:x'>\n  <title>Mug</title>\n  \
         <skus><price><amount>2590</amount><currency>CNY</currency></price><available> 120 </available>\
         <properties><name>colour</name><value>red</value></properties></skus>\n  <category_id>C110</category_id>\n  \
         <skus><available>7</available><price><currency>CNY</currency><amount>2690</amount></price>\
         <properties><name>colour</name><value>blue</value></properties></skus>\n</ItemInput>\n",
    );
    let answer = create.send();
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    let id = inside(&text(&answer), "item_id").to_owned();
    let item = served.get(&format!("/product/v1/items/{id}")).ok();
    assert_eq!(item["skus"].as_array().unwrap().len(), 2);
    assert_eq!(item["skus"][1]["price"]["amount"], 2690);
    let patch = served.request("PATCH", &format!("/product/v1/items/{id}")).wanting_xml();
    let answer = patch.xml("<ItemPatch><title>Large mug</title><version>1</version></ItemPatch>").send();
    assert_eq!((answer.status, inside(&text(&answer), "title")), (200, "Large mug"));
}

#[test]
fn what_does_not_fit_the_schema_is_refused_as_in_json() {
    let served = Served::start();
    let said = |body: &str| {
        let answer = served.request("POST", "/product/v1/inventory/S1000001-1/adjust").wanting_xml().xml(body).send();
        assert_eq!(refusal(&answer), (400, "request.invalid".to_owned()), "{body}");
        let text = text(&answer);
        (inside(&text, "field").to_owned(), inside(&text, "reason").to_owned())
    };
    let pair = |field: &str, reason: &str| (field.to_owned(), reason.to_owned());
    assert_eq!(said("<StockAdjustment><delta>one</delta></StockAdjustment>"), pair("delta", "must be of type integer"));
    assert_eq!(said("<StockAdjustment><delta>01</delta></StockAdjustment>"), pair("delta", "must be of type integer"));
    assert_eq!(
        said("<StockAdjustment><delta><a/></delta></StockAdjustment>"),
        pair("delta", "must be of type integer")
    );
    assert_eq!(said("<StockAdjustment/>"), pair("delta", "is required"));
    assert_eq!(said("<StockAdjustment><delta>1</delta><x/></StockAdjustment>"), pair("x", "is unknown here"));
    let twice = "<StockAdjustment><delta>1</delta><delta>1</delta></StockAdjustment>";
    assert_eq!(said(twice), pair("delta", "may stand only once"));
}

#[test]
fn an_absent_required_list_is_an_empty_one() {
    let served = Served::start();
    let answer = served.request("POST", "/trade/v1/orders/batch-get").wanting_xml().xml("<OrderBatch/>").send();
    assert_eq!(refusal(&answer), (400, "request.invalid".into()));
    // The description wants at least one; the list itself is not missing.
    assert_eq!(inside(&text(&answer), "reason"), "must have at least 1 entries");
}

#[test]
fn a_personal_field_in_the_clear_is_refused_as_in_json() {
    let served = Served::start();
    let order = memo_path(&served).replace("/memo", "/receiver");
    let body = "<ReceiverInput><name>张伟</name></ReceiverInput>";
    let answer = served.request("PUT", &order).wanting_xml().xml(body).send();
    assert_eq!(refusal(&answer), (422, "security.plaintext_refused".into()));
}

#[test]
fn what_is_no_data_is_refused() {
    let served = Served::start();
    let path = memo_path(&served);
    let deep = format!("<MemoInput>{}{}</MemoInput>", "<a>".repeat(64), "</a>".repeat(64));
    let attributes: String = (0..33).map(|number| format!(" a{number}=''")).collect();
    let many = format!("<MemoInput{attributes}><memo>a</memo></MemoInput>");
    for body in [
        "<!DOCTYPE MemoInput><MemoInput><memo>a</memo></MemoInput>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><MemoInput><memo>&b;</memo></MemoInput>",
        "<MemoInput><memo>&b;</memo></MemoInput>",
        "<MemoInput><memo>a & b</memo></MemoInput>",
        "<MemoInput><memo>&#1;</memo></MemoInput>",
        "<MemoInput><memo>\u{1}</memo></MemoInput>",
        "<MemoInput><memo>&#xfffe;</memo></MemoInput>",
        "<MemoInput><?php?><memo>a</memo></MemoInput>",
        " <?xml version='1.0'?><MemoInput><memo>a</memo></MemoInput>",
        "<?xml version='1.1'?><MemoInput><memo>a</memo></MemoInput>",
        "<?xml version='1.0' encoding='GBK'?><MemoInput><memo>a</memo></MemoInput>",
        "<memo>a</memo>",
        "<OrderMemo><memo>a</memo></OrderMemo>",
        "<MemoInput><memo>a</memo></MemoInput><MemoInput/>",
        "<MemoInput><memo>a</memo></MemoInput>a",
        "<MemoInput>a<memo>a</memo></MemoInput>",
        "<MemoInput><memo>a</memo>a</MemoInput>",
        "<MemoInput><memo>a</MemoInput></memo>",
        "<MemoInput><memo>a</memo>",
        "<MemoInput a='1' a='2'><memo>a</memo></MemoInput>",
        "<MemoInput a='&b;'><memo>a</memo></MemoInput>",
        "<MemoInput><memo>]]></memo></MemoInput>",
        "<1/>",
        "{}",
        &deep,
        &many,
    ] {
        let answer = served.request("PUT", &path).wanting_xml().xml(body).send();
        assert_eq!(refusal(&answer), (400, "request.invalid".to_owned()), "{body}");
    }
    let latin = served.request("PUT", &path).wanting_xml().body(b"<MemoInput><memo>\xe9</memo></MemoInput>");
    let answer = latin.header("content-type", "application/xml").send();
    assert_eq!(refusal(&answer), (400, "request.invalid".into()));
}

#[test]
fn an_answer_that_xml_cannot_carry_is_415_and_still_there_as_json() {
    let served = Served::start();
    let path = memo_path(&served);
    let set = || served.request("PUT", &path).json(&json!({"memo": "a\u{1}"})).key("k-1");
    let refused = set().wanting_xml().send();
    assert_eq!(refusal(&refused), (415, "request.unsupported_media_type".into()));
    let done = set().send();
    assert_eq!((done.status, done.header("x-ecloud-idempotent-replay")), (200, Some("true")));
    let get = served.request("GET", path.trim_end_matches("/memo")).wanting_xml().send();
    assert_eq!(refusal(&get), (415, "request.unsupported_media_type".into()));
}

#[test]
fn errors_are_xml_from_the_first_check_on() {
    let served = Served::start();
    let get = |target: &str| served.request("GET", target).wanting_xml();
    assert_eq!(refusal(&get("/trade/v1/orders/none").send()), (404, "trade.order_not_found".into()));
    assert_eq!(refusal(&get("/trade/v1/orders").app("nobody", "x").send()), (401, "auth.app_unknown".into()));
    assert_eq!(
        refusal(&get("/trade/v1/orders").header("x-ecloud-nonce", "short").send()),
        (400, "request.invalid".into())
    );
    let forged = get("/trade/v1/orders").app(served.sandbox.app_key(), "wrong").send();
    assert_eq!(refusal(&forged), (401, "auth.signature_mismatch".into()));
    assert!(inside(&text(&forged), "expected").starts_with("<string_to_sign>GET|"));
    served.sandbox.inject(Fault::status(503));
    assert_eq!(refusal(&get("/trade/v1/orders").send()), (503, "server.unavailable".into()));
    let other = served.request("GET", "/trade/v1/orders").header("accept", "text/xml").send();
    assert_eq!(other.refusal(), (415, "request.unsupported_media_type".into()));
}

#[test]
fn an_error_that_quotes_what_xml_cannot_carry_is_told_all_the_same() {
    let served = Served::start();
    let answer =
        served.request("PUT", &memo_path(&served)).wanting_xml().json(&json!({"a\u{1}<": 1, "memo": "a"})).send();
    assert_eq!(refusal(&answer), (400, "request.invalid".into()));
    assert_eq!(inside(&text(&answer), "field"), "a\u{fffd}&lt;");
}

#[test]
fn a_replay_is_in_the_format_asked_for() {
    let served = Served::start();
    let adjust = "/product/v1/inventory/S1000001-1/adjust";
    let take = || served.request("POST", adjust).json(&json!({"delta": -1})).key("k-1");
    let first = take().send().ok();
    let again = take().wanting_xml().send();
    assert_eq!(again.header("x-ecloud-idempotent-replay"), Some("true"));
    assert_eq!(inside(&text(&again), "available"), first["available"].to_string());
    // The body's own format is part of the request.
    let other =
        served.request("POST", adjust).xml("<StockAdjustment><delta>-1</delta></StockAdjustment>").key("k-1").send();
    assert_eq!(other.refusal(), (409, "idempotency.conflict".into()));

    let refused =
        || served.request("POST", adjust).xml("<StockAdjustment><delta>-99999999</delta></StockAdjustment>").key("k-2");
    assert_eq!(refusal(&refused().wanting_xml().send()), (422, "product.stock_insufficient".into()));
    let again = refused().send();
    assert_eq!(
        (again.refusal(), again.header("x-ecloud-idempotent-replay")),
        ((422, "product.stock_insufficient".into()), Some("true"))
    );
}
