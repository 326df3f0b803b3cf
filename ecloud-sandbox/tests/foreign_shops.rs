//! One shop neither sees nor touches what another has: each operation is called as its example says, but by another shop.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use ecloud_sandbox::Grant;
use serde_json::Value;
use support::{Response, Served, described};

/// An identifier of the first shop: letters, the shop's number, a count of six digits.
fn names_the_first_shops(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        let digits = word.trim_start_matches(|c: char| c.is_ascii_uppercase());
        digits.len() == 7 && digits.len() < word.len() && digits.starts_with('1') && digits.parse::<u32>().is_ok()
    })
}

fn operations() -> impl Iterator<Item = &'static Value> {
    described::operations().filter(|operation| !operation["id"].as_str().unwrap().starts_with("security."))
}

fn id(operation: &Value) -> &str {
    operation["operation_id"].as_str().unwrap()
}

fn call(served: &Served, operation: &Value, token: &str) -> Response {
    let request = served.request(operation["method"].as_str().unwrap(), &described::example_target(operation));
    let request = request.token(token);
    match &operation["body"] {
        Value::Null => request.send(),
        body if body["content_type"] == "application/json" => request.json(&body["example"]).send(),
        body => request.body(b"example").header("content-type", body["content_type"].as_str().unwrap()).send(),
    }
}

/// All that the lists of the first shop hold.
fn lists(served: &Served) -> Vec<Value> {
    let is_list =
        |operation: &&Value| operation["method"] == "GET" && !operation["path"].as_str().unwrap().contains('{');
    operations().filter(is_list).map(|operation| call(served, operation, served.sandbox.access_token()).ok()).collect()
}

/// What of an answer isn't just the refusal of one of many.
fn granted(answer: &Value) -> Vec<&Value> {
    match answer["items"].as_array() {
        Some(items) => items.iter().filter(|item| item.get("error").is_none()).collect(),
        None => vec![answer],
    }
}

#[test]
fn no_operation_shows_or_changes_anything_of_another_shop() {
    let served = Served::of_examples();
    let token = served.sandbox.issue_token(Grant::new("other-shop"));
    let before = lists(&served);
    let mut refused = 0;
    for operation in operations() {
        let answer = call(&served, operation, &token);
        let target = described::example_target(operation);
        let by_path = names_the_first_shops(target.split('?').next().unwrap());
        match answer.status {
            404 => {
                assert!(answer.code().ends_with("_not_found") && answer.code() != "request.route_not_found");
                refused += 1;
            }
            // Ciphertexts are a shop's own, too; and what the path names is looked for once the body is sound.
            400 => assert!(operation["body"]["example"].to_string().contains("ciphertext"), "{}", id(operation)),
            status if status < 300 => {
                assert!(!by_path, "{}: {status}", id(operation));
                let body = if answer.body.is_empty() { Value::Null } else { answer.json() };
                for granted in granted(&body) {
                    assert!(!names_the_first_shops(&granted.to_string()), "{} answers with {granted}", id(operation));
                }
            }
            status => assert!(!by_path, "{}: {status} {}", id(operation), String::from_utf8_lossy(&answer.body)),
        }
    }
    assert!(refused > 80, "{refused} operations were refused");
    assert_eq!(lists(&served), before);
}
