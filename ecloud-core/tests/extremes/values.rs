//! Values that a header or a member may have, and shouldn't.

use proptest::prelude::*;
use proptest::sample::select;

/// Texts that look like numbers, or don't.
pub(crate) const NUMBERS: &[&str] = &[
    "",
    " ",
    "0",
    "-0",
    "00",
    "1",
    "+1",
    " 1",
    "1 ",
    "1,2",
    "-1",
    "1.5",
    "0x10",
    "1_000",
    "1e3",
    "1e308",
    "1e400",
    "1e-400",
    "-1e400",
    "NaN",
    "nan",
    "-nan",
    "inf",
    "-inf",
    "Infinity",
    "2147483648",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775809",
    "99999999999999999999999999999999999999999",
    "00000000000000000000000000000000000000001",
    "١٢٣",
    "１２",
    "十",
    "soon",
];

/// Texts that look like dates, or don't.
pub(crate) const DATES: &[&str] = &[
    "Sun, 22 Nov 2026 08:30:00 GMT",
    "Sun, 22 Nov 2026 08:30:07 GMT",
    "Sun, 22 Nov 2026 09:30:00 GMT",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "Wed, 31 Dec 1969 23:59:59 GMT",
    "Sat, 01 Jan 1600 00:00:00 GMT",
    "Sat, 01 Jan 0000 00:00:00 GMT",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Sat, 01 Jan 10000 00:00:00 GMT",
    "Sun, 31 Feb 2026 25:61:61 GMT",
    "Sun, 00 Nov 2026 08:30:00 GMT",
    "Sunday, 22-Nov-26 08:30:00 GMT",
    "Sun Nov 22 08:30:00 2026",
    "Sun, 22 Nov 2026 08:30:60 GMT",
    "Sun, 22 Nov 2026 08:30:00 +0800",
    "2026-11-22T08:30:00Z",
    "Sun, 22 Nov ２026 08:30:00 GMT",
];

/// The headers that the client reads, and some that come with them.
pub(crate) const HEADERS: &[&str] = &[
    "retry-after",
    "x-ecloud-retry-after-ms",
    "date",
    "age",
    "content-length",
    "content-type",
    "x-ecloud-quota-group",
    "x-ecloud-quota-rate",
    "x-ecloud-quota-capacity",
    "x-ecloud-quota-remaining",
    "x-ecloud-request-id",
    "x-request-id",
    "x-ecloud-idempotent-replay",
    "link",
    "location",
];

/// Any value of a header: no control character, but any other byte.
pub(crate) fn value() -> impl Strategy<Value = Vec<u8>> {
    let bytes =
        proptest::collection::vec(any::<u8>().prop_filter("sendable", |byte| *byte >= 32 && *byte != 127), 0..40);
    prop_oneof![
        4 => select(NUMBERS).prop_map(Vec::from),
        4 => select(DATES).prop_map(Vec::from),
        2 => any::<u64>().prop_map(|number| number.to_string().into_bytes()),
        2 => (0_u32..100_000).prop_map(|number| number.to_string().into_bytes()),
        1 => any::<f64>().prop_map(|number| number.to_string().into_bytes()),
        1 => bytes,
        1 => Just(b"trade.orders".to_vec()),
        1 => Just("x".repeat(10_000).into_bytes()),
    ]
}

pub(crate) fn headers() -> impl Strategy<Value = Vec<(&'static str, Vec<u8>)>> {
    proptest::collection::vec((select(HEADERS), value()), 0..10)
}

/// Codes that the client acts upon, and others.
const CODES: &[&str] = &[
    "auth.timestamp_skew",
    "auth.replayed",
    "auth.signature_mismatch",
    "idempotency.in_progress",
    "quota.exceeded",
    "request.route_not_found",
    "",
    "\u{0}\u{202e}",
];

fn json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::{Value, json};
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        select(NUMBERS).prop_map(Value::from),
        select(CODES).prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        Just(json!("x".repeat(5000))),
        Just(json!({"string_to_sign": "GET|/|1|"})),
        Just(json!([{"field": "f".repeat(5000), "reason": "\u{7f}"}])),
        Just(json!(vec![json!({"field": "a", "reason": "b"}); 500])),
    ];
    leaf.prop_recursive(3, 20, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map(".{0,8}", inner, 0..5).prop_map(|map| json!(map)),
        ]
    })
}

/// The bodies of errors, right and wrong, and others.
pub(crate) fn body() -> impl Strategy<Value = Vec<u8>> {
    let member = |name| prop_oneof![Just(None), json().prop_map(move |value| Some((name, value)))];
    let error = (
        prop_oneof![3 => select(CODES).prop_map(|code| Some(("code", code.into()))), 1 => member("code")],
        member("message"),
        member("request_id"),
        member("details"),
        member("expected"),
    );
    let envelope = error.prop_map(|(code, message, id, details, expected)| {
        let members = [code, message, id, details, expected].into_iter().flatten();
        let error: serde_json::Map<_, _> = members.map(|(name, value): (&str, _)| (name.to_owned(), value)).collect();
        serde_json::json!({ "error": error }).to_string().into_bytes()
    });
    prop_oneof![
        6 => envelope,
        2 => json().prop_map(|value| value.to_string().into_bytes()),
        1 => proptest::collection::vec(any::<u8>(), 0..300),
        1 => Just(b"[".repeat(10_000)),
        1 => Just(br#"{"error":{"code":"a","code":"b","message":1e999}}"#.to_vec()),
    ]
}
