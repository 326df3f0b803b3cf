//! The examples of the descriptions: each operation, called as its example says, in the shop where the examples play, succeeds and
//! answers as described.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use ecloud_core::{ManualClock, Timestamp};
use serde_json::Value;
use support::{Response, Served, described};

/// The moment of the examples, as `SandboxBuilder::examples` sets it.
const NOW: Timestamp = Timestamp::from_unix_millis(1_772_352_000_000);

fn call(operation: &Value) -> Response {
    let clock = ManualClock::new(NOW);
    let mut served = Served::with(|builder| builder.examples().clock(Arc::new(clock.clone())));
    served.clock = clock;
    let target = described::example_target(operation);
    let request = served.request(operation["method"].as_str().unwrap(), &target);
    let answer = match &operation["body"] {
        Value::Null => request.send(),
        body if body["content_type"] == "application/json" => {
            assert!(!body["example"].is_null(), "the body has no example");
            request.json(&body["example"]).send()
        }
        body => request.body(b"example").header("content-type", body["content_type"].as_str().unwrap()).send(),
    };
    served.stop();
    answer
}

#[test]
fn each_operation_called_as_its_example_says_succeeds_and_answers_as_described() {
    let mut failed = Vec::new();
    let of_domains = |operation: &&Value| !operation["id"].as_str().unwrap().starts_with("security.");
    for operation in described::operations().filter(of_domains) {
        let id = operation["operation_id"].as_str().unwrap();
        match catch_unwind(AssertUnwindSafe(|| call(operation))) {
            Ok(answer) if answer.status < 300 => {}
            Ok(answer) => failed.push(format!("{id}: {} {}", answer.status, String::from_utf8_lossy(&answer.body))),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned();
                failed.push(format!("{id}: {}", text.unwrap_or_else(|| "panics".to_owned())));
            }
        }
    }
    assert!(failed.is_empty(), "{} examples don't work:\n{}", failed.len(), failed.join("\n"));
}
