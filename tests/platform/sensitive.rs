//! Personal fields from end to end: encrypted on the way out, read by a platform with a cipher of its own, opened on the record.

use std::path::PathBuf;
use std::sync::Arc;

use ecloud::logistics::addresses::{AddressInput, AddressUse};
use ecloud::prelude::*;
use ecloud::sensitive::audit::{self, AuditFile};
use ecloud::sensitive::{RevealItem, Revealer};
use ecloud::{RetryPolicy, Sensitive};
use ecloud_sandbox::{Fault, Grant, Purchase, Sandbox};

use crate::secrets::Shown;
use crate::{client, sandbox};

const NAME: &str = "欧阳植入";
const PHONE: &str = "13912345678";
const STREET: &str = "植入路八百八十八号";

/// A place for an audit log, gone when the test is over.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("ecloud-sensitive-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&directory);
        std::fs::create_dir_all(&directory).unwrap();
        Self(directory)
    }

    fn log(&self) -> PathBuf {
        self.0.join("reveals.jsonl")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn shop(sandbox: &Sandbox) -> Shop {
    client(sandbox).for_shop(sandbox.shop_id())
}

fn input() -> AddressInput {
    let (name, phone, address) = (Sensitive::plain(NAME), Sensitive::plain(PHONE), Sensitive::plain(STREET));
    AddressInput::new([AddressUse::Return], name, phone, address, "CN", "浙江省", "杭州市")
}

fn order(sandbox: &Sandbox, phone: &str) -> String {
    sandbox.buyer().buy(Purchase::new("S1000001-1", 1).receiver(NAME, phone, STREET)).unwrap()
}

#[tokio::test]
async fn a_plain_receiver_is_encrypted_on_the_way_out_and_read_by_the_platform_also_after_a_rotation() {
    let (sandbox, _clock) = sandbox().await;
    let shop = shop(&sandbox);
    let addresses = Logistics::new(&shop).addresses();
    let refused = addresses.create(input()).send().await.unwrap_err();
    assert!(refused.message().contains("data_keys().load()"), "{refused}");
    assert!(sandbox.received().is_empty(), "nothing left");

    shop.data_keys().load().await.unwrap();
    let created = addresses.create(input()).send().await.unwrap();
    assert_eq!(created.phone.masked(), Some("139****5678"));
    let held = input();
    addresses.create(held.clone()).send().await.unwrap();
    sandbox.rotate_data_key();
    addresses.create(input()).send().await.expect("retired keys stay readable");
    shop.data_keys().refresh().await.unwrap();
    addresses.create(held).send().await.unwrap();
    addresses.create(input()).send().await.unwrap();
    let text = format!("{:?}", sandbox.received());
    assert!([NAME, PHONE, STREET].iter().all(|planted| !text.contains(planted)));
}

#[tokio::test]
async fn a_write_that_is_sent_again_under_its_key_is_done_once() {
    let (sandbox, _clock) = sandbox().await;
    let shop = shop(&sandbox);
    shop.data_keys().load().await.unwrap();
    let addresses = Logistics::new(&shop).addresses();
    let input = input();
    sandbox.inject(Fault::dropped_connection().after_effect().next(1));
    let create = || addresses.create(input.clone()).with_idempotency_key("address-1");
    let lost = create().with_retry(RetryPolicy::none()).send().await.unwrap_err();
    assert!(lost.is_outcome_unknown(), "{lost}");
    create().send().await.expect("the same request to the byte, and no conflict");
    let count = addresses.list().send().await.unwrap().items.iter().filter(|address| address.city == "杭州市").count();
    create().send().await.unwrap();
    assert_eq!(
        addresses.list().send().await.unwrap().items.iter().filter(|address| address.city == "杭州市").count(),
        count
    );
}

#[tokio::test]
async fn a_batch_of_250_with_duplicates_is_revealed_and_recorded_on_both_sides() {
    let (sandbox, _clock) = sandbox().await;
    let (shop, place) = (shop(&sandbox), Place::new("batch"));
    let trade = Trade::new(&shop);
    let mut items = Vec::new();
    let mut expected = Vec::new();
    for number in 0..125 {
        let phone = format!("139{:08}", number % 50);
        let order_id = order(&sandbox, &phone);
        let receiver = trade.orders().get(&*order_id).send().await.unwrap().receiver.unwrap();
        items.push(RevealItem::new(format!("order {order_id}"), "receiver.phone", &receiver.phone));
        items.push(RevealItem::new(format!("order {order_id}"), "receiver.name", &receiver.name));
        expected.extend([phone, NAME.to_owned()]);
    }
    let revealer = Revealer::new(&shop, "clerk 17", Arc::new(AuditFile::open(place.log()).unwrap()));
    let results = revealer.reveal_all("the parcels came back", items).await;
    let revealed: Vec<String> = results.into_iter().map(|result| result.unwrap().expose().to_owned()).collect();
    assert_eq!(revealed, expected);

    let reveals = sandbox.reveals();
    assert_eq!(reveals.iter().map(|reveal| reveal.fields.len()).collect::<Vec<_>>(), [51], "50 phones, one name");
    assert_eq!(reveals[0].purpose, "the parcels came back");
    assert_eq!(audit::verify(place.log()).unwrap().records, 1);
    let log = std::fs::read_to_string(place.log()).unwrap();
    assert!(log.contains("clerk 17") && !log.contains(NAME) && !log.contains("13900000001"));
    std::fs::write(place.log(), log.replace("clerk 17", "clerk 18")).unwrap();
    assert_eq!(audit::verify(place.log()).unwrap_err().line, 1);
}

#[tokio::test]
async fn a_token_without_the_scope_reveals_nothing_and_that_is_on_the_record() {
    let (sandbox, _clock) = sandbox().await;
    let (shop, place) = (shop(&sandbox), Place::new("scope"));
    let order_id = order(&sandbox, PHONE);
    let receiver = Trade::new(&shop).orders().get(&*order_id).send().await.unwrap().receiver.unwrap();
    let token = sandbox.issue_token(Grant::new(sandbox.shop_id()).scopes(["trade:read"]));
    let limited = shop.access_token(token);
    let revealer = Revealer::new(&limited, "clerk 17", Arc::new(AuditFile::open(place.log()).unwrap()));
    let item = RevealItem::new(format!("order {order_id}"), "receiver.phone", &receiver.phone);
    let denied = revealer.reveal("curiosity", item).await.unwrap_err();
    assert_eq!((denied.kind(), denied.code()), (ErrorKind::Denied, Some("auth.scope_denied")));
    assert_eq!(limited.data_keys().load().await.unwrap_err().kind(), ErrorKind::Denied);
    assert!(std::fs::read_to_string(place.log()).unwrap().contains("auth.scope_denied"));
    assert!(sandbox.reveals().is_empty());
}

#[tokio::test]
async fn with_the_grant_answers_open_here_also_after_a_rotation() {
    let (sandbox, clock) = sandbox().await;
    let (shop, place) = (shop(&sandbox), Place::new("grant"));
    sandbox.grant_data_keys(true);
    shop.data_keys().load().await.unwrap();
    let revealer = Revealer::new(&shop, "clerk 17", Arc::new(AuditFile::open(place.log()).unwrap()));
    for round in 0..2 {
        let order_id = order(&sandbox, PHONE);
        let receiver = Trade::new(&shop).orders().get(&*order_id).send().await.unwrap().receiver.unwrap();
        let item = RevealItem::new(format!("order {order_id}"), "receiver.phone", &receiver.phone);
        assert_eq!(revealer.reveal("to call", item).await.unwrap().expose(), PHONE, "round {round}");
        sandbox.rotate_data_key();
        clock.advance(std::time::Duration::from_secs(60));
    }
    assert!(sandbox.reveals().is_empty(), "the platform wasn't asked");
    assert_eq!(audit::verify(place.log()).unwrap().records, 2);
}

/// Sends and reveals personal fields, and shows all that can be shown of it. The test of planted secrets looks through what is shown.
pub(crate) async fn show_everything(shown: &Shown) {
    let (sandbox, _clock) = sandbox().await;
    let (shop, place) = (shop(&sandbox), Place::new("planted"));
    let addresses = Logistics::new(&shop).addresses();
    shown.note(input());
    shown.note_error(&addresses.create(input()).send().await.unwrap_err());
    shown.note(serde_json::to_string(&input()).unwrap_err().to_string());
    shop.data_keys().load().await.unwrap();
    let create = addresses.create(input());
    shown.note((&create, shop.data_keys()));
    let created = create.send_with_meta().await.unwrap();
    shown.note(&created);
    let revealer = Revealer::new(&shop, "clerk 17", Arc::new(AuditFile::open(place.log()).unwrap()));
    for broken in [false, true] {
        if broken {
            std::fs::remove_dir_all(&place.0).unwrap();
        }
        let items = [
            RevealItem::new("address", "phone", &created.value.phone),
            RevealItem::new("address", "phone", &Sensitive::<ecloud::sensitive::kind::Phone>::plain(PHONE)),
        ];
        shown.note((&revealer, &items));
        for result in revealer.reveal_all("a test", items).await {
            match result {
                Ok(revealed) => shown.note((&revealed, revealed.exposed(), revealed.to_string())),
                Err(error) => shown.note_error(&error),
            }
        }
    }
    shown.note(sandbox.received());
}
