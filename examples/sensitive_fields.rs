//! Personal fields: what is shown, how they are sent encrypted, and how one is opened on the record.
//!
//!     cargo run --example sensitive_fields
//!
//! It starts the sandbox in this process, writes its audit log to a directory of its own below the system's for temporary files, and ends by
//! itself.

#![allow(clippy::print_stdout, reason = "a report is printed")]

use std::path::Path;
use std::sync::Arc;

use ecloud::Sensitive;
use ecloud::logistics::addresses::{AddressInput, AddressUse};
use ecloud::prelude::*;
use ecloud::sensitive::audit::{self, AuditFile};
use ecloud::sensitive::{RevealItem, Revealer};
use ecloud::trade::orders::Order;
use ecloud_sandbox::{Purchase, Sandbox};

type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let sandbox = Sandbox::start().await;
    let client = sandbox.client().build()?;
    // The shop's id is bound to each ciphertext, so it is the one that the platform knows it by.
    let shop = client.for_shop(sandbox.shop_id());

    send_encrypted(&sandbox, &shop).await?;
    let order = place_order(&sandbox, &shop).await?;
    let directory = std::env::temp_dir().join(format!("ecloud-sensitive-fields-{}", std::process::id()));
    std::fs::create_dir_all(&directory)?;
    let shown = open_on_the_record(&sandbox, &shop, &order, &directory.join("reveals.jsonl")).await;
    std::fs::remove_dir_all(&directory)?;
    shown
}

/// A new return address: its fields leave encrypted, or not at all.
async fn send_encrypted(sandbox: &Sandbox, shop: &Shop) -> Result<(), Failure> {
    let input = new_address();
    let addresses = Logistics::new(shop).addresses();
    println!("a plain field shows its mask:   {} {}", input.name, input.phone);
    if let Err(error) = addresses.create(input).send().await {
        println!("without data keys:              {error}");
    }

    shop.data_keys().load().await?;
    addresses.create(new_address()).send().await?;
    println!("with data keys it is sent as:   {}", last_phone(sandbox));
    // The platform reads what older keys have sealed, so a rotation needs no care.
    sandbox.rotate_data_key();
    shop.data_keys().refresh().await?;
    addresses.create(new_address()).send().await?;
    println!("after a rotation:               {}\n", last_phone(sandbox));
    Ok(())
}

fn new_address() -> AddressInput {
    let name = Sensitive::plain("欧阳修");
    let (phone, street) = (Sensitive::plain("13800138000"), Sensitive::plain("文一西路969号"));
    AddressInput::new([AddressUse::Return], name, phone, street, "CN", "浙江省", "杭州市")
}

/// The telephone number of the request that came in last, as the platform got it.
fn last_phone(sandbox: &Sandbox) -> String {
    let received = sandbox.received();
    let body = received.iter().rev().find(|request| request.method == "POST").and_then(|request| request.body.as_ref());
    body.map_or_else(String::new, |body| body["phone"]["ciphertext"].to_string())
}

async fn place_order(sandbox: &Sandbox, shop: &Shop) -> Result<Order, Failure> {
    let purchase = Purchase::new("S1000001-1", 1).receiver("王小雨", "18877771111-1234", "人民路1号");
    let order_id = sandbox.buyer().buy(purchase)?;
    Ok(Trade::new(shop).orders().get(&*order_id).send().await?)
}

/// The parcel came back, and somebody has to call the buyer.
async fn open_on_the_record(sandbox: &Sandbox, shop: &Shop, order: &Order, log: &Path) -> Result<(), Failure> {
    let receiver = order.receiver.as_ref().ok_or("the order has no receiver")?;
    println!("an order shows:                 {} {}", receiver.name, receiver.phone);
    let object = format!("order {}", order.order_id);
    let items = vec![
        RevealItem::new(&*object, "receiver.name", &receiver.name),
        RevealItem::new(&*object, "receiver.phone", &receiver.phone),
        RevealItem::new(&*object, "receiver.phone", &receiver.phone),
    ];
    let revealer = Revealer::new(shop, "clerk 17", Arc::new(AuditFile::open(log)?));
    for revealed in revealer.reveal_all("the parcel came back", items).await {
        let revealed = revealed?;
        // Nothing but `expose` gives the text; this prints its length instead.
        println!("opened a {}, shown as {revealed}: {} bytes", revealed.kind(), revealed.expose().len());
    }

    let summary = audit::verify(log)?;
    println!("\nthe audit log has {} record, its chain is whole", summary.records);
    let recorded: usize = sandbox.reveals().iter().map(|reveal| reveal.fields.len()).sum();
    println!("the platform's own record has {recorded} fields, each once");
    std::fs::write(log, std::fs::read_to_string(log)?.replace("clerk 17", "clerk 18"))?;
    match audit::verify(log) {
        Ok(_) => Err("a forged log was taken for a true one".into()),
        Err(fault) => {
            println!("after somebody has changed it:  {fault}");
            Ok(())
        }
    }
}
