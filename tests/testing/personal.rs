//! A recording of a session that sends and reveals personal fields holds neither them nor the keys.

use async_trait::async_trait;
use ecloud::logistics::Logistics;
use ecloud::logistics::addresses::{AddressInput, AddressUse};
use ecloud::sensitive::audit::{AuditError, AuditRecord, AuditSink};
use ecloud::sensitive::{RevealItem, Revealer};
use ecloud::{Method, Sensitive};
use ecloud_sandbox::Sandbox;

use super::*;

#[derive(Debug)]
struct Nowhere;

#[async_trait]
impl AuditSink for Nowhere {
    async fn record(&self, _: &AuditRecord) -> Result<(), AuditError> {
        Ok(())
    }
}

#[tokio::test]
async fn neither_texts_nor_data_keys_are_recorded() {
    let sandbox = Sandbox::builder().build();
    let recording = Recording::default();
    let recorder = Recorder::new(sandbox.transport(), recording.clone()).with_salt(SALT);
    let client = sandbox.client().transport(recorder.clone()).build().unwrap();
    let shop = client.for_shop(sandbox.shop_id());
    shop.data_keys().load().await.unwrap();
    let input = AddressInput::new(
        [AddressUse::Return],
        Sensitive::plain("欧阳植入"),
        Sensitive::plain("13912345678"),
        Sensitive::plain("植入路八百八十八号"),
        "CN",
        "浙江省",
        "杭州市",
    );
    let created = Logistics::new(&shop).addresses().create(input).send().await.unwrap();
    let revealer = Revealer::new(&shop, "clerk 17", Arc::new(Nowhere));
    let item = |field: &str| RevealItem::new("address", field, &created.address);
    let revealed = revealer.reveal("a test", item("address")).await.unwrap();
    assert_eq!(revealed.expose(), "植入路八百八十八号");
    assert_eq!(recorder.finish().unwrap(), 3);

    let off_the_record = sandbox.client().build().unwrap().for_shop(sandbox.shop_id());
    let keys: ecloud::Json = off_the_record.request(Method::GET, "/security/v1/data-keys").send().await.unwrap();
    let key = keys["items"][0]["key"].as_str().unwrap().to_owned();
    let text = recording.text();
    for planted in ["欧阳", "13912345678", "植入路", &*key, created.phone.ciphertext().unwrap()] {
        assert!(!text.contains(planted), "{planted} is recorded");
    }
    assert!(text.contains("/security/v1/reveal") && text.contains("/security/v1/data-keys"));
}
