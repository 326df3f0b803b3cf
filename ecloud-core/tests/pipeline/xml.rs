//! Requests and answers as XML: what goes over the wire, and what is read of what comes back.

use bytes::Bytes;
use ecloud_core::transport::MemoryTransport;
use ecloud_core::{
    Call, Client, ClientBuilder, ErrorKind, Format, Json, Method, Multipart, Nullable, OperationInfo, Random,
};
use http::{Request, Response};
use serde::{Deserialize, Serialize};

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Order {
    order_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    images: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Nullable::is_absent")]
    memo: Nullable<String>,
}

fn order() -> Order {
    Order { order_id: "T1".into(), ..Order::default() }
}

/// A client whose platform answers each request with what the test makes of it.
fn client(answer: impl Fn(&Request<Bytes>) -> Response<&'static str> + Send + Sync + 'static) -> ClientBuilder {
    Client::builder()
        .endpoint("https://open.example.com")
        .app("demo-app", "secret")
        .access_token("token")
        .random(Random::seeded(1))
        .transport(MemoryTransport::new(move |request| {
            Ok(answer(&request).map(|body| Bytes::from_static(body.as_bytes())))
        }))
}

fn answer(status: u16, content_type: &'static str, body: &'static str) -> Response<&'static str> {
    Response::builder().status(status).header("content-type", content_type).body(body).unwrap()
}

fn header<'a>(request: &'a Request<Bytes>, name: &str) -> &'a str {
    request.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_client_of_xml_asks_for_it_writes_it_and_reads_it() {
    let client = client(|request| {
        assert_eq!(
            (header(request, "accept"), header(request, "content-type")),
            ("application/xml", "application/xml")
        );
        assert_eq!(
            &request.body()[..],
            b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Order><order_id>T1</order_id></Order>"
        );
        answer(200, "application/xml", "<Order><order_id> T2 </order_id></Order>")
    });
    let shop = client.format(Format::Xml).build().unwrap().for_shop("shop-1");
    let read: Order = shop.request(Method::PUT, "/orders/T1").json(&order()).send().await.unwrap();
    assert_eq!(read.order_id, " T2 ");
    let answer = shop.request(Method::PUT, "/orders/T1").json(&order()).send_with_meta::<Order>().await.unwrap();
    assert_eq!(answer.value.order_id, " T2 ");
}

#[tokio::test]
async fn json_is_what_a_client_speaks_unless_it_is_told() {
    let client = client(|request| {
        let accept = header(request, "accept").to_owned();
        assert_eq!(accept, header(request, "content-type"));
        if accept == "application/json" {
            assert_eq!(&request.body()[..], br#"{"order_id":"T1"}"#);
            answer(200, "application/json", r#"{"order_id":"T1"}"#)
        } else {
            answer(200, "application/xml; charset=utf-8", "<Order><order_id>T1</order_id></Order>")
        }
    });
    let client = client.build().unwrap();
    let shop = client.for_shop("shop-1");
    let request = |shop: &ecloud_core::Shop| shop.request(Method::PUT, "/orders/T1");
    assert_eq!(request(&shop).json(&order()).send::<Order>().await.unwrap(), order());
    assert_eq!(request(&shop).with_format(Format::Xml).json(&order()).send::<Order>().await.unwrap(), order());
    let shop = shop.with_format(Format::Xml);
    assert_eq!(request(&shop).json(&order()).send::<Order>().await.unwrap(), order());
    assert_eq!(request(&shop).with_format(Format::Json).json(&order()).send::<Order>().await.unwrap(), order());
}

#[tokio::test]
async fn an_answer_is_read_as_what_it_says_it_is() {
    let client = client(|request| match request.uri().path() {
        "/json" => answer(200, "application/json", r#"{"order_id":"T1"}"#),
        "/xml" => answer(200, "text/xml", "<Order><order_id>T1</order_id></Order>"),
        "/unnamed" => Response::new("<Order><order_id>T1</order_id></Order>"),
        "/html" => answer(200, "text/html", "<Order><order_id>T1</order_id></Order>"),
        _ => answer(200, "application/xml", ""),
    });
    let shop = client.format(Format::Xml).build().unwrap().for_shop("shop-1");
    for path in ["/json", "/xml", "/unnamed"] {
        assert_eq!(shop.request(Method::GET, path).send::<Order>().await.unwrap(), order(), "{path}");
    }
    let refused = shop.request(Method::GET, "/html").send::<Order>().await.unwrap_err();
    assert!(refused.message().contains("`text/html` where XML was asked for"), "{refused}");
    shop.request(Method::DELETE, "/nothing").send::<()>().await.unwrap();
    let any = shop.request(Method::GET, "/xml").send::<Json>().await.unwrap();
    assert_eq!(any, serde_json::json!({"order_id": "T1"}));
}

#[tokio::test]
async fn an_answer_that_is_not_the_xml_expected_says_where_and_shows_no_value() {
    let client =
        client(|_| answer(200, "application/xml", "<Order><memo>13800138000</memo><order_id><x/></order_id></Order>"));
    let shop = client.format(Format::Xml).build().unwrap().for_shop("shop-1");
    let error = shop.request(Method::GET, "/orders/T1").send::<Order>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert_eq!(
        error.message(),
        "the body is not the XML expected: `order_id`: elements where a text is expected; \
         it begins with: <Order><memo>…</memo><order_id><x/></order_id></Order>"
    );
}

#[tokio::test]
async fn an_error_in_xml_is_told_as_one_in_json_is() {
    let client = client(|_| {
        answer(
            422,
            "application/xml",
            "<?xml version=\"1.0\"?>\n<error><code>trade.order_closed</code><message>closed &amp; done</message><request_id>r-9</request_id>\
             <details><field>a</field><reason>one</reason></details><details><field>b</field><reason>two</reason></details></error>",
        )
    });
    let shop = client.format(Format::Xml).build().unwrap().for_shop("shop-1");
    let error = shop.request(Method::GET, "/orders/T1").send::<Order>().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, Some("trade.order_closed")));
    assert_eq!((error.message(), error.request_id()), ("closed & done", Some("r-9")));
    assert_eq!(error.details().iter().map(|detail| &*detail.field).collect::<Vec<_>>(), ["a", "b"]);
    #[derive(Deserialize)]
    #[serde(rename = "error")]
    struct Said {
        code: String,
    }
    assert_eq!(error.body_as::<Said>().unwrap().code, "trade.order_closed");
}

#[tokio::test]
async fn an_error_that_is_no_xml_or_another_document_is_told_by_its_status_and_shows_no_value() {
    for body in
        ["<error><code>x", "<Fault><name>张伟</name></Fault>", "<!DOCTYPE error><error><code>x.y</code></error>"]
    {
        let client = client(move |_| answer(404, "application/xml", body));
        let shop = client.format(Format::Xml).build().unwrap().for_shop("shop-1");
        let error = shop.request(Method::GET, "/orders/T1").send::<Order>().await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, None), "{body}");
        assert!(!error.to_string().contains("张伟"), "{error}");
    }
}

#[tokio::test]
async fn what_xml_cannot_carry_is_refused_before_anything_is_sent() {
    let client = client(|_| panic!("nothing is sent"));
    let shop = client.format(Format::Xml).build().unwrap().for_shop("shop-1");
    let mut refused = Vec::new();
    for order in [
        Order { memo: Nullable::Null, ..order() },
        Order { images: Some(Vec::new()), ..order() },
        Order { order_id: "a\u{1}".into(), ..order() },
    ] {
        refused.push(shop.request(Method::PATCH, "/orders/T1").json(&order).send::<Order>().await.unwrap_err());
    }
    let json = serde_json::json!({"order_id": "T1"});
    refused.push(shop.request(Method::PATCH, "/orders/T1").json(&json).send::<Order>().await.unwrap_err());
    let late = shop.request(Method::PATCH, "/orders/T1").json(&order()).with_format(Format::Json);
    refused.push(late.send::<Order>().await.unwrap_err());
    let said: Vec<_> = refused.iter().map(|error| (error.kind(), error.message())).collect();
    let kind = ErrorKind::InvalidRequest;
    assert_eq!(
        said,
        [
            (kind, "the body can't be written: XML can't carry it: `memo`: null, which has no form in XML"),
            (
                kind,
                "the body can't be written: XML can't carry it: `images`: \
                 an empty list where none means something else; XML can't tell them apart"
            ),
            (kind, "the body can't be written: XML can't carry it: `order_id`: a character that XML can't carry"),
            (
                kind,
                "the body can't be written: XML can't carry it: `the whole body`: \
                 a value without a name for the root element: a document is a struct"
            ),
            (kind, "the format is said after the body was written"),
        ]
    );
}

#[tokio::test]
async fn files_forms_bytes_and_media_types_of_their_own_are_what_they_are() {
    const INFO: &OperationInfo = &OperationInfo::new("a.b.c", Method::POST, "/own").accept("application/pdf");
    let client = client(|request| match request.uri().path() {
        "/own" => {
            assert_eq!(
                (header(request, "accept"), header(request, "content-type")),
                ("application/pdf", "application/json")
            );
            answer(200, "application/pdf", "%PDF")
        }
        _ => answer(200, "text/plain", Box::leak(header(request, "content-type").to_owned().into_boxed_str())),
    });
    let shop = client.format(Format::Xml).build().unwrap().for_shop("shop-1");
    let mut request = Call::new(&shop).request(INFO);
    request.set_json(&order());
    assert_eq!(request.send_as::<String>().await.unwrap(), "%PDF");

    let bytes = shop.request(Method::POST, "/any").body("image/png", &b"\x89"[..]).with_format(Format::Json);
    assert_eq!(bytes.send_as::<String>().await.unwrap(), "image/png");

    let plain = |change: &dyn Fn(&mut ecloud_core::Request)| {
        let mut request = shop.request(Method::POST, "/any");
        change(&mut request);
        request.send_as::<String>()
    };
    let own = plain(&|request| request.set_json_as("application/vnd.api+json", &order())).await.unwrap();
    assert_eq!(own, "application/vnd.api+json");
    assert_eq!(plain(&|request| request.set_bytes("image/png", &b"\x89"[..])).await.unwrap(), "image/png");
    assert_eq!(plain(&|request| request.set_text("text/csv", "a,b")).await.unwrap(), "text/csv");
    let form = plain(&|request| request.set_form(&serde_json::json!({"a": 1}), &[])).await.unwrap();
    assert_eq!(form, "application/x-www-form-urlencoded");
    let multipart = plain(&|request| request.set_multipart(Multipart::new())).await.unwrap();
    assert!(multipart.starts_with("multipart/form-data"), "{multipart}");
}
