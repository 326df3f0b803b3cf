//! Invoices: applications, what is issued and about how much, credit notes, and what a refund does to them.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ecloud_sandbox::{Grant, InvoiceRequest, Purchase, RefundRequest, Tier};
use serde_json::{Value, json};
use support::{Response, Served};

const SKU: &str = "S1000001-1";
const TAX_NUMBER: &str = "91330100MA27XXXX0K";

fn strategic() -> Served {
    Served::with(|builder| builder.tier(Tier::Strategic))
}

fn order(served: &Served, order_id: &str) -> Value {
    served.get(&format!("/trade/v1/orders/{order_id}")).ok()
}

/// A paid order of three pieces, and the invoice that its buyer applies for.
fn asked(served: &Served) -> (String, String) {
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 3).freight(800)).unwrap();
    let id = ask(served, &order_id);
    (order_id, id)
}

fn ask(served: &Served, order_id: &str) -> String {
    served.sandbox.buyer().request_invoice(order_id, InvoiceRequest::for_person("张伟")).unwrap()
}

fn invoice(served: &Served, id: &str) -> Value {
    served.get(&format!("/trade/v1/invoices/{id}")).ok()
}

fn amounts(served: &Served, order_id: &str) -> Value {
    served.get(&format!("/trade/v1/orders/{order_id}/invoice-amount")).ok()
}

fn issue(served: &Served, id: &str, version: u64, number: u64, amount: &Value) -> Response {
    let number = format!("{number:010}");
    let body = json!({"version": version, "number": number, "kind": "electronic", "amount": amount});
    served.post(&format!("/trade/v1/invoices/{id}/issue"), body)
}

fn red_letter(served: &Served, id: &str, version: u64, number: u64, reissue: bool) -> Response {
    let number = format!("{number:010}");
    let body = json!({"version": version, "number": number, "reason": "refunded", "reissue": reissue});
    served.post(&format!("/trade/v1/invoices/{id}/red-letter"), body)
}

/// The buyer gets so much back for the first line, or all of it.
fn refund(served: &Served, order_id: &str, request: RefundRequest) {
    let refund_id = served.sandbox.buyer().request_refund(order_id, request).unwrap();
    let refund = served.get(&format!("/trade/v1/refunds/{refund_id}")).ok();
    let agreement = json!({"version": refund["version"], "amount": refund["amount"]});
    served.post(&format!("/trade/v1/refunds/{refund_id}/agree"), agreement).ok();
}

#[test]
fn an_invoice_is_about_what_was_paid_and_not_given_back() {
    let served = strategic();
    let (order_id, id) = asked(&served);
    let paid = order(&served, &order_id)["amounts"]["paid"].clone();
    refund(&served, &order_id, RefundRequest::new().amount(100));
    let due = amounts(&served, &order_id);
    let net = paid["amount"].as_i64().unwrap() - 100;
    assert_eq!((&due["paid"], due["invoiceable"]["amount"].as_i64()), (&paid, Some(net)));
    assert_eq!((due["invoiced"]["amount"].as_i64(), due["outdated"].as_bool()), (Some(0), Some(false)));
    assert_eq!(issue(&served, &id, 1, 1, &paid).refusal(), (422, "trade.invoice_amount_mismatch".into()));
    let foreign = json!({"amount": net, "currency": "USD"});
    assert_eq!(issue(&served, &id, 1, 1, &foreign).refusal(), (422, "trade.invoice_amount_mismatch".into()));
    assert_eq!(issue(&served, &id, 2, 1, &due["invoiceable"]).refusal(), (409, "trade.invoice_conflict".into()));
    let issued = issue(&served, &id, 1, 1, &due["invoiceable"]).ok();
    assert_eq!((issued["status"].as_str(), issued["number"].as_str()), (Some("issued"), Some("0000000001")));
    assert_eq!((&issued["amount"], issued["version"].as_u64()), (&due["invoiceable"], Some(2)));
    assert_eq!(issue(&served, &id, 2, 2, &due["invoiceable"]).refusal(), (422, "trade.invoice_not_issuable".into()));
    assert_eq!(amounts(&served, &order_id)["invoiced"], due["invoiceable"]);
}

#[test]
fn a_refund_after_the_invoice_takes_a_credit_note_and_another_invoice() {
    let served = strategic();
    let (order_id, id) = asked(&served);
    let first = amounts(&served, &order_id)["invoiceable"].clone();
    issue(&served, &id, 1, 1, &first).ok();
    refund(&served, &order_id, RefundRequest::new().amount(500));
    let due = amounts(&served, &order_id);
    assert_eq!((due["outdated"].as_bool(), &due["invoiced"]), (Some(true), &first));
    assert_eq!(red_letter(&served, &id, 2, 1, true).refusal(), (422, "trade.invoice_number_taken".into()));
    let cancelled = red_letter(&served, &id, 2, 2, true).ok();
    assert_eq!(cancelled["status"], "red_lettered");
    assert_eq!(cancelled["credit_note"]["amount"]["amount"].as_i64().unwrap(), -first["amount"].as_i64().unwrap());
    assert_eq!(red_letter(&served, &id, 3, 3, false).refusal(), (422, "trade.invoice_not_cancellable".into()));

    let again = invoice(&served, cancelled["replaced_by"].as_str().unwrap());
    assert_eq!((again["replaces"].as_str(), again["status"].as_str()), (Some(&*id), Some("requested")));
    assert_eq!((&again["person_name"]["masked"], again.get("number")), (&cancelled["person_name"]["masked"], None));
    let again_id = again["invoice_id"].as_str().unwrap();
    assert_eq!(
        issue(&served, again_id, 1, 2, &due["invoiceable"]).refusal(),
        (422, "trade.invoice_number_taken".into())
    );
    issue(&served, again_id, 1, 3, &due["invoiceable"]).ok();
    assert_eq!(amounts(&served, &order_id)["outdated"], false);
    assert_eq!(invoice(&served, &id), cancelled, "a credit note is the end");
}

#[test]
fn what_is_given_back_as_a_whole_needs_no_invoice() {
    let served = strategic();
    let whole = || {
        let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 1)).unwrap();
        let id = ask(&served, &order_id);
        (order_id, id)
    };
    let (order_id, id) = whole();
    refund(&served, &order_id, RefundRequest::new());
    let closed = invoice(&served, &id);
    assert_eq!((closed["status"].as_str(), closed["version"].as_u64()), (Some("closed"), Some(2)));
    let nothing = served.sandbox.buyer().request_invoice(&order_id, InvoiceRequest::for_person("张伟"));
    assert_eq!(nothing.unwrap_err().code(), "sandbox.impossible");

    let (order_id, id) = whole();
    issue(&served, &id, 1, 1, &amounts(&served, &order_id)["invoiceable"]).ok();
    refund(&served, &order_id, RefundRequest::new());
    assert_eq!(
        (invoice(&served, &id)["status"].clone(), amounts(&served, &order_id)["outdated"].clone()),
        (json!("issued"), json!(true))
    );
    assert_eq!(red_letter(&served, &id, 2, 2, true).refusal(), (422, "trade.nothing_to_invoice".into()));
    let cancelled = red_letter(&served, &id, 2, 2, false).ok();
    assert_eq!((cancelled["status"].as_str(), cancelled.get("replaced_by")), (Some("red_lettered"), None));
}

#[test]
fn an_application_is_rejected_or_withdrawn_and_made_again() {
    let served = strategic();
    let (order_id, id) = asked(&served);
    let twice = served.sandbox.buyer().request_invoice(&order_id, InvoiceRequest::for_person("张伟"));
    assert_eq!(twice.unwrap_err().code(), "sandbox.impossible");
    let reject = |version: u64| {
        let body = json!({"version": version, "reason": "kind_not_offered", "note": "Ask for one on paper."});
        served.post(&format!("/trade/v1/invoices/{id}/reject"), body)
    };
    assert_eq!(reject(9).refusal(), (409, "trade.invoice_conflict".into()));
    let rejected = reject(1).ok();
    assert_eq!(
        (rejected["status"].as_str(), rejected["rejection_reason"].as_str()),
        (Some("rejected"), Some("kind_not_offered"))
    );
    assert_eq!(reject(2).refusal(), (422, "trade.invoice_not_rejectable".into()));
    let paper = InvoiceRequest::for_person("张伟").paper();
    let again = served.sandbox.buyer().request_invoice(&order_id, paper).unwrap();
    let due = amounts(&served, &order_id)["invoiceable"].clone();
    assert_eq!(issue(&served, &again, 1, 1, &due).refusal(), (422, "trade.invoice_kind_mismatch".into()));
    served.sandbox.buyer().withdraw_invoice(&again).unwrap();
    assert_eq!(invoice(&served, &again)["status"], "withdrawn");
    assert!(served.sandbox.buyer().withdraw_invoice(&again).is_err());
    let unpaid = served.sandbox.buyer().place(Purchase::new(SKU, 1)).unwrap();
    let nothing = served.sandbox.buyer().request_invoice(&unpaid, InvoiceRequest::for_person("张伟"));
    assert_eq!(nothing.unwrap_err().code(), "sandbox.impossible");
}

#[test]
fn titles_of_persons_are_sealed_and_those_of_companies_plain() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 1)).unwrap();
    let person = InvoiceRequest::for_person("李雷").email("li.lei@example.com");
    assert!(!format!("{person:?}").contains("李雷"));
    let id = served.sandbox.buyer().request_invoice(&order_id, person).unwrap();
    let answer = served.get(&format!("/trade/v1/invoices/{id}"));
    let text = String::from_utf8(answer.body.clone()).unwrap();
    assert!(!text.contains("李雷") && !text.contains("li.lei"), "{text}");
    let told = answer.ok();
    assert_eq!(
        (told["holder"].as_str(), told["email"]["masked"].as_str()),
        (Some("person"), Some("l****@example.com"))
    );
    served.control("POST", &format!("/invoices/{id}/withdraw"), None).ok();

    let company = |kind: &str, tax_number: &str| {
        let company = json!({"title": "Kiln Ltd", "tax_number": tax_number, "bank_name": "Bank", "bank_account": "6222020200112233445"});
        let body = json!({"kind": kind, "company": company});
        served.control("POST", &format!("/orders/{order_id}/invoices"), Some(body))
    };
    assert_eq!(company("electronic_special", "91-33").refusal(), (400, "request.invalid".into()));
    let special = json!({"kind": "electronic_special", "person_name": "李雷"});
    let for_a_person = served.control("POST", &format!("/orders/{order_id}/invoices"), Some(special));
    assert_eq!(for_a_person.refusal(), (400, "request.invalid".into()));
    let asked = company("electronic_special", TAX_NUMBER);
    assert_eq!(asked.status, 201);
    let told = invoice(&served, asked.ok()["invoice_id"].as_str().unwrap());
    assert_eq!(
        (told["company"]["title"].as_str(), told["company"]["tax_number"].as_str()),
        (Some("Kiln Ltd"), Some(TAX_NUMBER))
    );
    assert_eq!((told["company"]["bank_account"]["masked"].as_str(), told.get("person_name")), (Some("****3445"), None));
}

#[test]
fn a_picture_is_attached_to_an_issued_invoice_and_stays() {
    let served = Served::with(|builder| builder.tier(Tier::Strategic));
    let part = b"picture of an invoice";
    let sha256 = {
        use sha2::{Digest, Sha256};
        support::hex(&Sha256::digest(part))
    };
    let upload = |media_type: &str| {
        let file = json!({"file_name": "invoice", "media_type": media_type, "size": part.len(), "sha256": sha256});
        let session = served.post("/product/v1/media/uploads", file).ok()["upload_id"].clone();
        let path = format!("/product/v1/media/uploads/{}", session.as_str().unwrap());
        let part = served.request("PUT", &format!("{path}/parts/1")).body(part);
        assert_eq!(part.header("content-type", "application/octet-stream").send().status, 204);
        served.request("POST", &format!("{path}/complete")).send().ok()["media_id"].clone()
    };
    let (picture, video) = (upload("image/png"), upload("video/mp4"));
    let (order_id, id) = asked(&served);
    let attach = |version: u64, media_id: &Value| {
        let body = json!({"version": version, "media_id": media_id});
        served.write("PUT", &format!("/trade/v1/invoices/{id}/file"), body)
    };
    assert_eq!(attach(1, &picture).refusal(), (422, "trade.invoice_not_attachable".into()));
    issue(&served, &id, 1, 1, &amounts(&served, &order_id)["invoiceable"]).ok();
    assert_eq!(attach(2, &json!("none")).refusal(), (404, "product.medium_not_found".into()));
    assert_eq!(attach(2, &video).refusal(), (422, "trade.invoice_file_unsuitable".into()));
    assert_eq!(attach(1, &picture).refusal(), (409, "trade.invoice_conflict".into()));
    let attached = attach(2, &picture).ok();
    assert_eq!((&attached["media_id"], attached["version"].as_u64()), (&picture, Some(3)));
    let delete = |media_id: &Value| {
        served.request("DELETE", &format!("/product/v1/media/{}", media_id.as_str().unwrap())).send()
    };
    assert_eq!(delete(&picture).refusal(), (422, "product.medium_in_use".into()));
    assert_eq!(delete(&video).status, 204);
}

#[test]
fn an_order_with_an_invoice_is_not_split_and_changed_invoices_are_listed() {
    let served = strategic();
    let (order_id, id) = asked(&served);
    let split = || {
        let lines = json!([{"line_id": format!("{order_id}-1"), "quantity": 1}]);
        let body = json!({"version": order(&served, &order_id)["version"], "lines": lines});
        served.post(&format!("/trade/v1/orders/{order_id}/split"), body)
    };
    assert_eq!(split().refusal(), (422, "trade.order_has_requests".into()));
    let from = served.clock_now();
    served.clock.advance(Duration::from_secs(600));
    issue(&served, &id, 1, 1, &amounts(&served, &order_id)["invoiceable"]).ok();
    assert_eq!(split().refusal(), (422, "trade.order_has_requests".into()));
    red_letter(&served, &id, 2, 2, false).ok();
    assert_eq!(split().status, 201);
    served.clock.advance(Duration::from_secs(600));
    let changes =
        served.get(&format!("/trade/v1/invoices/changes?modified_from={}", from + Duration::from_secs(1))).ok();
    let mine: Vec<&Value> =
        changes["items"].as_array().unwrap().iter().filter(|it| it["order_id"] == order_id.as_str()).collect();
    assert_eq!((mine.len(), mine[0]["status"].as_str()), (1, Some("red_lettered")));
}

#[test]
fn the_seeded_shop_has_some_of_each_and_another_shop_none_of_them() {
    let served = strategic();
    for status in ["requested", "issued", "red_lettered", "rejected"] {
        assert_eq!(served.first(&format!("/trade/v1/invoices?status={status}"))["status"], status);
    }
    let (order_id, id) = asked(&served);
    assert_eq!(served.first(&format!("/trade/v1/invoices?order_id={order_id}"))["invoice_id"], id.as_str());
    let token = served.sandbox.issue_token(Grant::new("shop-2"));
    let theirs = served.request("GET", &format!("/trade/v1/invoices/{id}")).token(&token).send();
    assert_eq!(theirs.refusal(), (404, "trade.invoice_not_found".into()));
}
