//! Parameters in every style, read by the `url` crate.

use ecloud_core::sensitive::kind::Phone;
use ecloud_core::{ListStyle, Method, ObjectStyle, OperationInfo, Sensitive};
use serde::Serialize;
use serde_json::json;

use super::{READ, Unwritable, expected, pairs, refusal, sent, url};

const LIST: &OperationInfo = &OperationInfo::new("carts.list", Method::GET, "/carts");
const NONE: &[&str] = &[];

#[tokio::test]
async fn a_list_in_the_path_is_one_segment_with_commas_between_its_values() {
    let request = sent(READ, |request| request.set_path_list("id", &["a,b", "c/d", "é"])).await;
    assert_eq!(request.uri().path(), "/v2/carts/a%2Cb,c%2Fd,%C3%A9");
    let request = sent(READ, |request| request.set_path_list("id", &[1, 2])).await;
    assert_eq!(url(&request).path_segments().unwrap().next_back(), Some("1,2"));
    let error = refusal(READ, |request| request.set_path_list("id", NONE)).await;
    assert!(error.message().contains("`id` is empty"), "{error}");
}

#[tokio::test]
async fn a_template_may_end_with_a_slash_and_have_no_other_empty_segment() {
    const SLASH: &OperationInfo = &OperationInfo::new("carts.list", Method::GET, "/carts/{id}/");
    const ROOT: &OperationInfo = &OperationInfo::new("root.get", Method::GET, "/");
    const TWO: &OperationInfo = &OperationInfo::new("carts.list", Method::GET, "/carts//");
    const WITHIN: &OperationInfo = &OperationInfo::new("carts.list", Method::GET, "/carts//lines");
    assert_eq!(sent(SLASH, |request| request.set_path("id", &7)).await.uri().path(), "/v2/carts/7/");
    assert_eq!(sent(ROOT, |_| {}).await.uri().path(), "/v2/");
    for info in [TWO, WITHIN] {
        assert!(refusal(info, |_| {}).await.message().contains("empty segment"));
    }
}

#[tokio::test]
async fn a_list_joined_by_a_delimiter_is_one_pair() {
    for (style, query, delimiter) in [
        (ListStyle::Comma, "name=a%2Cb,c%20d,e%7Cf", ","),
        (ListStyle::Space, "name=a%2Cb%20c%20d%20e%7Cf", " "),
        (ListStyle::Pipe, "name=a%2Cb%7Cc%20d%7Ce%7Cf", "|"),
        (ListStyle::Tab, "name=a%2Cb%09c%20d%09e%7Cf", "\t"),
    ] {
        let request = sent(LIST, |request| request.push_query_list("name", style, &["a,b", "c d", "e|f"])).await;
        assert_eq!(request.uri().query(), Some(query), "{style:?}");
        assert_eq!(pairs(&request), [("name".to_owned(), ["a,b", "c d", "e|f"].join(delimiter))], "{style:?}");
    }
}

#[tokio::test]
async fn an_empty_list_adds_no_pair() {
    let request = sent(LIST, |request| {
        request.push_query_list("a", ListStyle::Comma, NONE);
        request.push_query_object("b", ObjectStyle::Comma, &json!({}));
        request.push_query_object("c", ObjectStyle::Deep, &json!({"list": []}));
        request.set_header_list("x-list", NONE);
    })
    .await;
    assert_eq!((request.uri().query(), request.headers().get("x-list")), (None, None));
}

#[tokio::test]
async fn a_list_by_repetition_keeps_brackets_in_its_name() {
    let request = sent(LIST, |request| {
        for id in [3, 1] {
            request.push_query("id[]", &id);
        }
    })
    .await;
    assert_eq!(pairs(&request), expected([("id[]", "3"), ("id[]", "1")]));
}

#[derive(Serialize)]
struct Filter {
    status: &'static str,
    limit: u32,
    after: Option<&'static str>,
    tags: Vec<&'static str>,
}

const FILTER: Filter = Filter { status: "paid & sent", limit: 2, after: None, tags: Vec::new() };

#[tokio::test]
async fn an_object_is_pairs_of_its_own_one_pair_or_pairs_with_their_way() {
    let filter = Filter { tags: vec!["a", "b"], ..FILTER };
    let request = sent(LIST, |request| request.push_query_object("filter", ObjectStyle::Form, &filter)).await;
    assert_eq!(pairs(&request), expected([("limit", "2"), ("status", "paid & sent"), ("tags", "a"), ("tags", "b")]));

    let comma = json!({"r": 100, "g": null, "name": "a,b"});
    let request = sent(LIST, |request| request.push_query_object("color", ObjectStyle::Comma, &comma)).await;
    assert_eq!(request.uri().query(), Some("color=name,a%2Cb,r,100"));

    let request = sent(LIST, |request| request.push_query_object("filter", ObjectStyle::Deep, &filter)).await;
    let pairs_of_way =
        [("filter[limit]", "2"), ("filter[status]", "paid & sent"), ("filter[tags][0]", "a"), ("filter[tags][1]", "b")];
    assert_eq!(pairs(&request), expected(pairs_of_way));
}

#[tokio::test]
async fn what_is_nested_in_an_object_is_named_by_its_way() {
    let value = json!({"a": {"b": {"c": true}, "d": [{"e": 1.5}, null]}, "f": null});
    let request = sent(LIST, |request| request.push_query_object("q", ObjectStyle::Deep, &value)).await;
    assert_eq!(pairs(&request), expected([("q[a][b][c]", "true"), ("q[a][d][0][e]", "1.5")]));
    let request = sent(LIST, |request| request.push_query_object("q", ObjectStyle::Form, &value)).await;
    assert_eq!(pairs(&request), expected([("a[b][c]", "true"), ("a[d][0][e]", "1.5")]));
}

#[tokio::test]
async fn what_is_no_object_stands_under_the_parameters_own_name() {
    let request = sent(LIST, |request| {
        request.push_query_object("form", ObjectStyle::Form, &json!([1, {"a": 2}]));
        request.push_query_object("comma", ObjectStyle::Comma, &json!([1, null, 2]));
        request.push_query_object("deep", ObjectStyle::Deep, &json!("x"));
        request.push_query_object("none", ObjectStyle::Comma, &json!(null));
    })
    .await;
    assert_eq!(pairs(&request), expected([("form", "1"), ("form[a]", "2"), ("comma", "1,2"), ("deep", "x")]));
}

#[tokio::test]
async fn a_parameter_with_content_is_json_text() {
    let request = sent(LIST, |request| request.push_query_json("filter", &FILTER)).await;
    let (name, value) = pairs(&request).remove(0);
    assert_eq!(name, "filter");
    assert_eq!(value, r#"{"status":"paid & sent","limit":2,"after":null,"tags":[]}"#);
}

#[tokio::test]
async fn headers_and_lists_in_headers_go_as_they_are() {
    let request = sent(LIST, |request| {
        request.set_header("X-Shop-Locale", &"zh_CN");
        request.set_header_list("x-expand", &["lines", "a b"]);
        request.set_header("x-page", &3);
    })
    .await;
    let headers = request.headers();
    assert_eq!(
        (&headers["x-shop-locale"], &headers["x-expand"], &headers["x-page"]),
        (&"zh_CN".parse().unwrap(), &"lines,a b".parse().unwrap(), &"3".parse().unwrap())
    );
}

#[tokio::test]
async fn headers_of_the_client_and_values_that_fit_none_are_refused_and_not_shown() {
    const PAY: &OperationInfo =
        &OperationInfo::new("orders.pay", Method::POST, "/pay").idempotency_header("PayPal-Request-Id");
    for name in ["authorization", "Content-Length", "accept", "host", "paypal-request-id"] {
        let error = refusal(PAY, |request| request.set_header(name, &"x")).await;
        assert!(error.message().contains("is set by the client"), "{name}: {error}");
    }
    for value in ["planted\r\nx-evil: 1", "planted\0", "planted\u{7f}"] {
        for error in [
            refusal(LIST, |request| request.set_header("x-note", &value)).await,
            refusal(LIST, |request| request.set_header_list("x-note", &["a", value])).await,
        ] {
            assert!(!format!("{error} {error:?}").contains("planted"), "{error:?}");
        }
    }
}

#[tokio::test]
async fn cookies_share_one_header_and_their_values_are_encoded() {
    let request = sent(LIST, |request| {
        request.push_cookie("lang", &"zh");
        request.push_cookie("cart", &"a;b=\"c\", 张");
    })
    .await;
    let all: Vec<_> = request.headers().get_all("cookie").iter().collect();
    assert_eq!(all, ["lang=zh; cart=a%3Bb%3D%22c%22%2C%20%E5%BC%A0"]);
    assert!(all[0].is_sensitive());
    refusal(LIST, |request| request.push_cookie("a b", &"c")).await;
}

#[tokio::test]
async fn values_that_can_not_be_written_are_refused_in_every_place() {
    refusal(READ, |request| request.set_path("id", &Unwritable)).await;
    refusal(READ, |request| request.set_path_list("id", &[Unwritable])).await;
    refusal(LIST, |request| request.push_query("q", &Unwritable)).await;
    refusal(LIST, |request| request.push_query_list("q", ListStyle::Comma, &[Unwritable])).await;
    refusal(LIST, |request| request.set_header("x-q", &Unwritable)).await;
    refusal(LIST, |request| request.set_header_list("x-q", &[Unwritable])).await;
    refusal(LIST, |request| request.push_cookie("q", &Unwritable)).await;
    let numbered = std::collections::BTreeMap::from([(vec![1], 2)]);
    refusal(LIST, |request| request.push_query_object("q", ObjectStyle::Deep, &numbered)).await;
    refusal(LIST, |request| request.push_query_json("q", &numbered)).await;
}

#[tokio::test]
async fn a_mere_mask_is_refused_in_the_query_too() {
    let phone: Sensitive<Phone> = serde_json::from_str(r#"{"masked":"138****8000"}"#).unwrap();
    for error in [
        refusal(LIST, |request| request.push_query_object("q", ObjectStyle::Deep, &phone)).await,
        refusal(LIST, |request| request.push_query_json("q", &phone)).await,
    ] {
        assert!(error.message().contains("a masked phone can't be sent"), "{error}");
    }
}

#[tokio::test]
async fn the_media_type_asked_for_is_json_unless_the_operation_says_another() {
    const PDF: &OperationInfo = &OperationInfo::new("labels.get", Method::GET, "/label").accept("application/pdf");
    const BROKEN: &OperationInfo = &OperationInfo::new("labels.get", Method::GET, "/label").accept("a\nb");
    assert_eq!(sent(LIST, |_| {}).await.headers()["accept"], "application/json");
    let request = sent(PDF, |_| {}).await;
    let all: Vec<_> = request.headers().get_all("accept").iter().collect();
    assert_eq!(all, ["application/pdf"]);
    refusal(BROKEN, |_| {}).await;
}
