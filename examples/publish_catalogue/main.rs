//! A catalogue is published: pictures, items, prices; and published again without a change.
//!
//!     cargo run --example publish_catalogue
//!
//! `publisher.rs`, `images.rs` and `catalogue.rs` are the part to take along: they know nothing of the sandbox. This file rehearses them against
//! a sandbox in this process. The platform goes down in the middle of the first run, takes one item for what it isn't allowed to be, and the
//! seller changes his catalogue. The clock is a manual one, so that nobody waits for the platform's audits.

#![allow(clippy::print_stdout, reason = "a report is printed")]

mod catalogue;
mod images;
mod photographs;
mod publisher;
#[path = "../verdict/mod.rs"]
mod verdict;

use std::error::Error as StdError;
use std::process::ExitCode;
use std::sync::Arc;

use catalogue::{Catalogue, Entry};
use ecloud::ManualClock;
use ecloud::prelude::*;
use ecloud::product::items::{Item, ListingStatus};
use ecloud_sandbox::{AuditVerdict, Fault, Sandbox, Tier};
use photographs::Folder;
use publisher::{Outcome, Publisher};
use verdict::Verdict;

type Failure = Box<dyn StdError>;

/// Wrong in the catalogue: one item lacks what its category wants to know, the other has no picture.
const FAULTY: [&str; 2] = ["HAT-STRAW", "LAMP-01"];
/// What the platform doesn't like at first.
const BOASTFUL: &str = "TEA-LJ";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    verdict::exit("publish_catalogue", rehearse().await)
}

async fn rehearse() -> Result<Verdict, Failure> {
    let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200));
    let sandbox = Sandbox::builder().tier(Tier::Strategic).clock(Arc::new(clock.clone())).start().await;
    let shop = sandbox.client().build()?.for_shop(sandbox.shop_id());
    let mut catalogue = Catalogue::read(include_str!("catalogue.json"))?;
    let files = catalogue.items.iter().flat_map(|entry| &entry.images).map(String::as_str);
    let folder = Folder::with(files)?;
    let publisher =
        Publisher { product: Product::new(&shop), clock: Arc::new(clock), photographs: folder.path().to_owned() };
    let mut verdict = Verdict::default();

    println!("The first run, in which an answer gets lost and then the platform goes down");
    sandbox.inject(Fault::dropped_connection().after_effect().next(1).operation("product.items.create"));
    sandbox.inject(Fault::status(503).share(1.0, 7).operation("product.items.batch_get"));
    let mut first = Outcome::default();
    let broken_off = publisher.run(&catalogue, &mut first).await;
    report(&first, broken_off.as_ref().err());
    verdict.holds("the outage ends the first run", broken_off.is_err());
    verdict.same("all pictures are sent", first.uploaded, 5);

    // The platform is back, and its people look at what was created.
    sandbox.clear_faults();
    let tea = find(&publisher.product, BOASTFUL).await?.ok_or("the first run didn't come as far as the tea")?;
    let verdict_on_tea = AuditVerdict::Reject { reason: "a claim about health".to_owned() };
    sandbox.audit_item(tea.item_id.as_str(), verdict_on_tea)?;

    println!("\nThe second run takes it up");
    let second = run(&publisher, &catalogue).await?;
    verdict.same("nothing is sent or created twice", (second.uploaded, second.created), (0, 0));
    verdict.same("what the platform allows is on sale", second.published, 2);
    verdict.holds("the tea is told as refused", second.refused.contains_key(BOASTFUL));

    println!("\nThe third run finds nothing to do");
    let writes = writes(&sandbox);
    let third = run(&publisher, &catalogue).await?;
    verdict.same("it does nothing", third, Outcome { refused: second.refused, ..Outcome::default() });
    verdict.same("it writes nothing", self::writes(&sandbox), writes);

    println!("\nThe seller rewords the tea, and lowers the price of a mug");
    for entry in &mut catalogue.items {
        if entry.outer_id == BOASTFUL {
            entry.description = "<p>Picked before the rain.</p>".to_owned();
        }
        for variant in entry.skus.iter_mut().filter(|variant| variant.outer_id == "MUG-ARC-BLUE") {
            variant.price = 7900;
        }
    }
    let fourth = run(&publisher, &catalogue).await?;
    verdict.same("one text and one price change", (fourth.updated, fourth.repriced), (1, 1));
    verdict.same("the tea is on sale", fourth.published, 1);

    compare(&publisher.product, &catalogue, &mut verdict).await?;
    Ok(verdict)
}

async fn run(publisher: &Publisher, catalogue: &Catalogue) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::default();
    publisher.run(catalogue, &mut outcome).await?;
    report(&outcome, None);
    Ok(outcome)
}

fn report(outcome: &Outcome, ended_by: Option<&Error>) {
    let Outcome { uploaded, created, updated, published, repriced, refused } = outcome;
    println!(
        "  {uploaded} pictures sent, {created} items created, {updated} changed, {published} put on sale, {repriced} prices set"
    );
    for (code, why) in refused {
        println!("  look at {code}: {why}");
    }
    if let Some(error) = ended_by {
        println!("  ended by {error}");
    }
}

/// So many requests of the platform's own record have changed something.
fn writes(sandbox: &Sandbox) -> usize {
    let reads = |operation: &str| operation.ends_with("batch_get") || operation.ends_with("validate");
    let received = sandbox.received();
    received.iter().filter(|it| it.method != "GET" && !it.operation.as_deref().is_some_and(reads)).count()
}

/// Holds the shop against the catalogue, item by item.
async fn compare(product: &Product, catalogue: &Catalogue, verdict: &mut Verdict) -> Result<(), Failure> {
    for entry in &catalogue.items {
        let code = &entry.outer_id;
        let item = find(product, code).await?;
        if FAULTY.contains(&code.as_str()) {
            verdict.holds(&format!("{code} is not there"), item.is_none());
            continue;
        }
        let item = item.ok_or_else(|| format!("{code} is missing"))?;
        verdict.same(&format!("{code} is on sale"), &item.listing_status, &ListingStatus::OnSale);
        verdict.same(&format!("{code} has its text"), item.description.as_ref(), Some(&entry.description));
        verdict.same(&format!("{code} has its pictures"), item.images.len(), entry.images.len());
        verdict.same(&format!("{code} has its prices"), prices(&item), wanted_prices(entry));
        for url in &item.images {
            let media_id = url.rsplit('/').next().unwrap_or_default();
            let file = product.media().file(media_id).download().bytes(10_000_000).await?;
            verdict
                .holds(&format!("{url} is a PNG file"), file.starts_with(b"\x89PNG") && file.ends_with(b"\xaeB`\x82"));
        }
    }
    Ok(())
}

/// The only item with this code, drafts included.
async fn find(product: &Product, code: &str) -> Result<Option<Item>, Failure> {
    let mut items = product.items().list().page_size(100).items();
    let mut found = None;
    while let Some(item) = items.try_next().await? {
        if item.outer_id.as_deref() == Some(code) && found.replace(item).is_some() {
            return Err(format!("{code} is there twice").into());
        }
    }
    Ok(found)
}

fn prices(item: &Item) -> Vec<(&str, i64)> {
    let mut prices: Vec<_> =
        item.skus.iter().map(|sku| (sku.outer_id.as_deref().unwrap_or_default(), sku.price.amount)).collect();
    prices.sort_unstable();
    prices
}

fn wanted_prices(entry: &Entry) -> Vec<(&str, i64)> {
    let mut prices: Vec<_> = entry.skus.iter().map(|variant| (variant.outer_id.as_str(), variant.price)).collect();
    prices.sort_unstable();
    prices
}
