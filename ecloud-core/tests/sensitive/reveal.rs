//! Opening fields: in batches, with results of their own, and never off the record.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use ecloud_core::sensitive::audit::{AuditError, AuditMeans, AuditRecord, AuditSink};
use ecloud_core::sensitive::kind::{Name, Phone};
use ecloud_core::sensitive::{FieldKind, RevealItem, Revealer};
use ecloud_core::{Error, ErrorKind, Sensitive, Shop};

use crate::platform::{Platform, sealed, text};

/// Keeps records in memory, up to a number; then it is full.
#[derive(Debug)]
struct Memory {
    records: Mutex<Vec<AuditRecord>>,
    room: usize,
}

impl Memory {
    fn new(room: usize) -> Arc<Self> {
        Arc::new(Self { records: Mutex::default(), room })
    }

    fn records(&self) -> Vec<AuditRecord> {
        self.records.lock().unwrap().clone()
    }
}

#[async_trait]
impl AuditSink for Memory {
    async fn record(&self, record: &AuditRecord) -> Result<(), AuditError> {
        let mut records = self.records.lock().unwrap();
        if records.len() == self.room {
            return Err("the log is full".into());
        }
        records.push(record.clone());
        Ok(())
    }
}

fn phone(number: impl std::fmt::Display) -> RevealItem {
    RevealItem::new(format!("order T{number}"), "receiver.phone", &sealed::<Phone>(number))
}

fn crosses<T: Send>(value: T) -> T {
    value
}

async fn all(shop: &Shop, audit: &Arc<Memory>, items: Vec<RevealItem>) -> Vec<Result<String, Error>> {
    let revealer = Revealer::new(shop, "clerk 17", Arc::clone(audit) as Arc<dyn AuditSink>);
    let results = crosses(revealer.reveal_all("the parcels came back", items)).await;
    results.into_iter().map(|result| result.map(|revealed| revealed.expose().to_owned())).collect()
}

#[tokio::test]
async fn a_batch_is_opened_without_duplicates_a_hundred_at_a_time_and_comes_in_its_order() {
    let (platform, audit) = (Platform::new(), Memory::new(9));
    let numbers: Vec<u32> = (0..250).map(|at| at % 210).rev().collect();
    let results = all(&platform.shop(), &audit, numbers.iter().map(phone).collect()).await;
    let expected: Vec<String> = numbers.iter().map(text).collect();
    assert_eq!(results.into_iter().map(Result::unwrap).collect::<Vec<_>>(), expected);
    let asked: Vec<usize> = platform.reveals().iter().map(|body| body["items"].as_array().unwrap().len()).collect();
    assert_eq!(asked, [100, 100, 10]);
    assert_eq!(platform.reveals()[0]["purpose"], "the parcels came back");
    assert_eq!(platform.reveals()[0]["items"][0]["kind"], "phone");

    let records = audit.records();
    assert_eq!(records.iter().map(|record| record.items.len()).sum::<usize>(), 250, "each field that was named");
    let record = &records[0];
    assert_eq!(
        (&*record.actor, record.shop.as_deref(), record.means),
        ("clerk 17", Some("shop-1"), AuditMeans::Platform)
    );
    assert_eq!((&*record.purpose, record.request_id.as_deref()), ("the parcels came back", Some("r-1")));
    let item = &record.items[0];
    assert_eq!((&*item.field, item.kind, &*item.result), ("receiver.phone", FieldKind::Phone, "revealed"));
    assert!(!format!("{records:?}{}", serde_json::to_string(&records).unwrap()).contains("planted-"));
}

#[tokio::test]
async fn one_text_of_two_kinds_is_asked_for_twice() {
    let (platform, audit) = (Platform::new(), Memory::new(9));
    let name = RevealItem::new("order T1", "receiver.name", &sealed::<Name>(1));
    assert_eq!(all(&platform.shop(), &audit, vec![phone(1), name]).await.len(), 2);
    assert_eq!(platform.reveals()[0]["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn one_refused_field_costs_no_other() {
    let (platform, audit) = (Platform::new(), Memory::new(9));
    let mut results = all(&platform.shop(), &audit, vec![phone(1), phone("refused"), phone(2)]).await;
    let refused = results.remove(1).unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (ErrorKind::Rejected, Some("security.not_openable")));
    assert!(!format!("{refused:?}").contains("13800138000"), "{refused:?}");
    assert_eq!(results.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [text(1), text(2)]);
    let results: Vec<_> = audit.records()[0].items.iter().map(|item| item.result.clone()).collect();
    assert_eq!(results, ["revealed", "security.not_openable", "revealed"]);
}

#[tokio::test]
async fn a_refused_request_is_the_error_of_each_of_its_fields_and_on_the_record() {
    let (platform, audit) = (Platform::new(), Memory::new(9));
    platform.answer_instead(403, r#"{"error":{"code":"auth.scope_denied","message":"no","request_id":"r"}}"#);
    for result in all(&platform.shop(), &audit, vec![phone(1), phone(1), phone(2)]).await {
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Denied, Some("auth.scope_denied")));
        assert_eq!(error.operation(), Some("POST /security/v1/reveal"));
    }
    assert!(audit.records()[0].items.iter().all(|item| item.result == "auth.scope_denied"));
}

#[tokio::test]
async fn answers_that_do_not_match_the_fields_reveal_nothing() {
    let platform = Platform::new();
    for body in [
        r#"{"items":[]}"#,
        r#"{"items":[{"plaintext":"planted-1"},{"plaintext":"planted-2"}]}"#,
        r#"{"items":[{"plaintext":{"planted-1":1}}]}"#,
        r#"{"items":[{}]}"#,
        r#"{"items":[{"plaintext":"planted-1","error":{}}]}"#,
        "planted-1",
        "",
    ] {
        platform.answer_instead(200, body);
        let error = all(&platform.shop(), &Memory::new(9), vec![phone(1)]).await.remove(0).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{body}");
        assert!(!format!("{error:?}{error}").contains("planted-1"), "{error:?}");
    }
}

#[tokio::test]
async fn what_has_no_ciphertext_is_refused_here() {
    let (platform, audit) = (Platform::new(), Memory::new(9));
    let masked: Sensitive<Phone> = serde_json::from_str(r#"{"masked":"138****8000"}"#).unwrap();
    let withheld: Sensitive<Phone> = serde_json::from_str("{}").unwrap();
    for (field, said) in
        [(masked, "masked"), (withheld, "withheld"), (Sensitive::plain("13800138000"), "plain already")]
    {
        let item = RevealItem::new("order T1", "receiver.phone", &field);
        let error = all(&platform.shop(), &audit, vec![item]).await.remove(0).unwrap_err();
        assert!(error.kind() == ErrorKind::InvalidRequest && error.message().contains(said), "{error}");
    }
    assert!(platform.reveals().is_empty() && audit.records().is_empty());
}

#[tokio::test]
async fn nothing_is_revealed_to_nobody_or_without_a_purpose() {
    let (platform, audit) = (Platform::new(), Memory::new(9));
    for (actor, purpose) in [("", "a purpose"), (" ", "a purpose"), ("clerk", ""), ("clerk", "\t")] {
        let revealer = Revealer::new(&platform.shop(), actor, Arc::clone(&audit) as Arc<dyn AuditSink>);
        let error = revealer.reveal(purpose, phone(1)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
    assert!(platform.reveals().is_empty());
}

#[tokio::test]
async fn where_the_record_fails_nothing_is_revealed_and_nothing_more_is_asked() {
    let (platform, audit) = (Platform::new(), Memory::new(1));
    let results = all(&platform.shop(), &audit, (0..250).map(phone).collect()).await;
    let revealed = results.iter().filter(|result| result.is_ok()).count();
    assert_eq!((revealed, platform.reveals().len()), (100, 2), "the first hundred are on the record");
    for error in results.into_iter().filter_map(Result::err) {
        assert_eq!(error.kind(), ErrorKind::Audit);
        assert!(!format!("{error:?}").contains("planted-"));
    }
}

#[tokio::test]
async fn what_a_data_key_opens_costs_no_request() {
    let (platform, audit) = (Platform::new(), Memory::new(9));
    let shop = platform.shop();
    shop.data_keys().load().await.unwrap();
    let own = shop.data_keys().seal(&Sensitive::<Phone>::plain("13800138000")).unwrap();
    let items = vec![phone(1), RevealItem::new("address A1", "phone", &own)];
    let results = all(&shop, &audit, items).await;
    assert_eq!(results.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [text(1), "13800138000".into()]);
    assert_eq!(platform.reveals()[0]["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        audit.records().iter().map(|record| record.means).collect::<Vec<_>>(),
        [AuditMeans::DataKey, AuditMeans::Platform]
    );

    let other = platform.client().for_shop("shop-2");
    other.data_keys().load().await.unwrap();
    let error = all(&other, &audit, vec![RevealItem::new("a", "b", &own)]).await.remove(0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest, "it belongs to another shop");
    assert_eq!(platform.reveals().len(), 1);
}

#[tokio::test]
async fn an_unknown_key_id_fetches_the_keys_again_at_a_bounded_rate() {
    let (platform, audit) = (Platform::new(), Memory::new(99));
    let (shop, elsewhere) = (platform.shop(), platform.shop());
    shop.data_keys().load().await.unwrap();
    platform.rotate();
    elsewhere.data_keys().load().await.unwrap();
    let new = elsewhere.data_keys().seal(&Sensitive::<Phone>::plain("13800138000")).unwrap();
    let new = RevealItem::new("address A1", "phone", &new);

    let fetched = platform.fetches();
    all(&shop, &audit, vec![phone(1)]).await;
    assert_eq!((platform.fetches(), platform.reveals().len()), (fetched, 1), "they were fetched just now");
    platform.clock.advance(Duration::from_secs(31));
    let opened = all(&shop, &audit, vec![new, phone(2)]).await;
    assert_eq!(opened[0].as_ref().unwrap(), "13800138000");
    assert_eq!(platform.fetches(), fetched + 1, "the rotated key is known now");
    for _ in 0..3 {
        platform.clock.advance(Duration::from_secs(31));
        all(&shop, &audit, vec![phone(3)]).await;
    }
    assert_eq!(platform.fetches(), fetched + 1, "the platform's own key is known to be none of ours");
}

#[tokio::test]
async fn what_is_shown_of_a_batch_is_masked() {
    let (platform, audit) = (Platform::new(), Memory::new(9));
    let revealer = Revealer::new(&platform.shop(), "clerk 17", audit as Arc<dyn AuditSink>);
    let item = phone(1);
    let revealed = revealer.reveal("a purpose", item.clone()).await.unwrap();
    let shown = format!("{revealer:?} {item:?} {revealed:?} {revealed} {:?}", revealed.exposed());
    assert!(!shown.contains("planted-") && !shown.contains("AAAA"), "{shown}");
}
