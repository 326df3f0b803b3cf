//! A receiver of events on axum: it keeps a copy of a shop's orders, whatever the platform's deliveries go through on their way.
//!
//!     cargo run --example webhook_receiver
//!
//! It starts a sandbox in this process and lets it deliver to a port of this machine: every event twice, in any order, some of them late,
//! some not genuine, some recorded an hour before. The receiver's own database fails now and then, so that events come again. In the end
//! the copy is held against the platform's orders. The clock is a manual one, so hours of retries pass in no time.
//!
//! `webhook_receiver/server.rs` is the part to take along.

#![allow(clippy::print_stdout, reason = "a report is printed")]

#[path = "webhook_receiver/orders.rs"]
mod orders;
#[path = "webhook_receiver/server.rs"]
mod server;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use ecloud::event::{StaleEvents, WebhookHandler, WebhookVerifier};
use ecloud::logistics::shipments::ShipmentInput;
use ecloud::prelude::*;
use ecloud::{ManualClock, Random};
use ecloud_sandbox::{EventFaults, Purchase, RefundRequest, Sandbox};
use orders::Orders;
use server::Tally;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("webhook_receiver: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<bool, Box<dyn Error>> {
    let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_337_400));
    let sandbox = Sandbox::builder().clock(Arc::new(clock.clone())).start().await;

    // The secret is made once, and given to the platform together with the callback's address.
    let (secret, text) = ecloud::event::WebhookSecret::generate(&Random::system())?;
    let verifier = WebhookVerifier::with_clock([secret], Arc::new(clock.clone()))?;
    // A copy of an object wants the newest state alone; who does something at each event leaves `stale_events` as it is.
    let handler = WebhookHandler::new(verifier).stale_events(StaleEvents::Skip);
    let orders = Arc::new(Orders::default());
    let server = server::start(handler, Arc::clone(&orders)).await?;

    sandbox.set_event_faults(
        EventFaults::new()
            .duplicates(1)
            .shuffled()
            .other_versions()
            .forged(0.1)
            .backdated(0.05, Duration::from_secs(3600))
            .held_back(0.3, Duration::from_secs(1200)),
    );
    sandbox.deliver_to(&server.callback, &text)?;
    println!("a sandbox delivers to {}\n", server.callback);

    trade(&sandbox).await?;
    while !all_taken(&sandbox).await {
        clock.advance(Duration::from_secs(300));
    }
    let taken = sandbox.published_events();
    let attempts: u32 = taken.iter().map(|event| event.attempts).sum();
    println!("{} events, {attempts} attempts, each delivered twice", taken.len());
    let tally = server.stop().await;
    print(&tally);
    compare(&sandbox, &orders).await
}

/// What buyers and the seller do: thirty orders, some shipped, some to be paid back, one never paid.
async fn trade(sandbox: &Sandbox) -> Result<(), Box<dyn Error>> {
    let shop = sandbox.client().build()?.for_shop(sandbox.shop_id());
    let (buyer, logistics) = (sandbox.buyer(), Logistics::new(&shop));
    for number in 0..30 {
        let order_id = buyer.buy(Purchase::new("S1000002-1", 1))?;
        if number % 2 == 0 {
            let parcel = ShipmentInput::new(order_id.as_str(), "sf", format!("SF9{number:012}"));
            logistics.shipments().create(parcel).send().await?;
        } else if number % 5 == 0 {
            buyer.request_refund(&order_id, RefundRequest::default())?;
        }
    }
    buyer.place(Purchase::new("S1000002-1", 1))?;
    Ok(())
}

/// Whether nothing is under way any more, once what is due now was delivered.
async fn all_taken(sandbox: &Sandbox) -> bool {
    sandbox.events_rest().await;
    sandbox.published_events().iter().all(|event| event.acknowledged_at.is_some())
}

fn print(tally: &Tally) {
    println!("\n| answered | deliveries |\n|---|---|");
    for (what, count) in tally {
        println!("| {what} | {count} |");
    }
}

/// Holds the copy against the platform.
async fn compare(sandbox: &Sandbox, orders: &Orders) -> Result<bool, Box<dyn Error>> {
    let trade = Trade::new(sandbox.client().build()?.for_shop(sandbox.shop_id()));
    let copies = orders.all();
    let mut differ = 0;
    for (order_id, copy) in &copies {
        let order = trade.orders().get(order_id.as_str()).send().await?;
        differ += u32::from((order.version, &order.status) != (copy.version, &copy.status));
    }
    println!("\n{} orders copied, {differ} of them unlike the platform's; of other kinds were told:", copies.len());
    for (event_type, count) in orders.others() {
        println!("  {count:4} {event_type}");
    }
    Ok(differ == 0 && copies.len() >= 31)
}
