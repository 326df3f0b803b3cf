//! A day's paid orders are shipped, each once, though the job is interrupted twice.
//!
//!     cargo run --example process_orders
//!
//! `order_desk.rs`, `decision.rs`, `journal.rs` and `labels.rs` are the part to take along: they know nothing of the sandbox. This file rehearses a
//! day against a sandbox in this process: buyers buy, ask for other addresses and for their money, the risk control looks at orders, the
//! platform goes down, and the answer of a batch of shipments gets lost. In the end orders, shipments, waybills and labels are held against each
//! other.

#![allow(clippy::print_stdout, reason = "a report is printed")]

mod books;
mod decision;
mod journal;
mod labels;
mod order_desk;
#[path = "../verdict/mod.rs"]
mod verdict;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use books::Books;
use ecloud::prelude::*;
use ecloud::product::items::ListingStatus;
use ecloud::trade::orders::{OrderStatus, RefundProgress};
use ecloud::trade::refunds::RefundAgreement;
use ecloud::types::CarrierCode;
use ecloud::{Clock, ManualClock};
use ecloud_sandbox::{Fault, Purchase, RefundRequest, ReviewVerdict, Sandbox, Tier};
use journal::Journal;
use labels::Labels;
use order_desk::{Failure, OrderDesk, Outcome};
use verdict::Verdict;

/// Whom the day's goods go to. None of it may stand in a file that the job writes.
const RECEIVER: [&str; 3] = ["欧阳小雨", "18877771111", "人民路1号302室"];

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let folder = std::env::temp_dir().join(format!("ecloud-process-orders-{}", std::process::id()));
    let outcome = rehearse(folder.clone()).await;
    let _ = std::fs::remove_dir_all(folder);
    verdict::exit("process_orders", outcome)
}

async fn rehearse(folder: PathBuf) -> Result<Verdict, Failure> {
    let day = Day::begins(folder).await?;
    let mut verdict = Verdict::default();
    let orders = day.buyers_come(0..40)?;
    day.buyers_change_their_minds(&orders).await?;

    println!("The first run, in which the platform goes down before a label is printed");
    day.sandbox.inject(Fault::status(503).share(1.0, 7).operation("logistics.waybills.print_data"));
    let (first, ended) = day.run().await?;
    verdict.holds("the outage ends the first run", ended.is_some());
    verdict.holds("all waiting orders are found", first.found > 40);
    verdict.same("nothing is shipped without a label", day.books().await?.shipments.len(), 0);
    day.sandbox.clear_faults();

    println!(
        "\nMeanwhile one whose parcel has a waybill moves, another wants his money back, a clerk gives a waybill back, five buy"
    );
    let [moved, retaken] = day.what_has_waybills_changes().await?;
    day.buyers_come(40..45)?;
    day.clock.advance(Duration::from_secs(600));

    println!("\nThe second run ships a batch, and the answer gets lost");
    day.sandbox
        .inject(Fault::dropped_connection().after_effect().share(1.0, 7).operation("logistics.shipments.batch_create"));
    let (second, ended) = day.run().await?;
    verdict.holds("the lost answer ends the second run", ended.is_some());
    verdict.same("the second run finds those who came meanwhile", second.found, 5);
    verdict.same("the waybill of who moved is given back", second.given_back, 1);
    let shipped_unknowingly = day.books().await?.shipments.len();
    verdict.holds("parcels were shipped all the same", shipped_unknowingly > 0);
    day.sandbox.clear_faults();

    println!("\nThe third run ships the rest");
    let (third, ended) = day.run().await?;
    verdict.holds("the third run comes to its end", ended.is_none());
    let books = day.books().await?;
    verdict.same("what was shipped isn't shipped again", books.shipments.len(), shipped_unknowingly + third.shipped);
    for order_id in [&moved, &retaken] {
        verdict.same(&format!("{order_id} is shipped under another waybill"), books.shipments_of(order_id).count(), 1);
    }

    println!(
        "\nRefunds are agreed to and withdrawn, the risk control comes to its verdicts, three buy, and two buy just now"
    );
    day.what_was_open_ends(&orders).await?;
    day.buyers_come(45..48)?;
    day.clock.advance(Duration::from_secs(600));
    day.buyers_come(48..50)?;
    let (fourth, _) = day.run().await?;
    verdict.same("those are found whose changes have settled", fourth.found, 3);
    verdict.same("what was held for a reason that is over is shipped, too", fourth.shipped, 3 + 2);
    verdict.same("a waybill that nobody needs is given back", fourth.given_back, 1);

    println!("\nTen minutes later");
    day.clock.advance(Duration::from_secs(600));
    let (fifth, _) = day.run().await?;
    verdict.same("nobody is lost who came just now", (fifth.found, fifth.shipped), (2, 2));

    println!("\nNothing has happened since");
    let (sixth, _) = day.run().await?;
    verdict.same("nothing is found or shipped", (sixth.found, sixth.shipped), (0, 0));

    let books = day.books().await?;
    books.check(&mut verdict);
    books.check_files(&day.folder, &RECEIVER, &mut verdict)?;
    println!("\n{books}");
    Ok(verdict)
}

/// Everybody whom the job deals with.
struct Day {
    sandbox: Sandbox,
    clock: ManualClock,
    start: Timestamp,
    trade: Trade,
    logistics: Logistics,
    carrier_code: CarrierCode,
    /// SKUs that buyers buy.
    goods: Vec<String>,
    folder: PathBuf,
}

impl Day {
    async fn begins(folder: PathBuf) -> Result<Self, Failure> {
        let start = Timestamp::from_unix_seconds(1_795_336_200);
        let clock = ManualClock::new(start);
        // Changes are told up to two minutes late, as the platform may.
        let builder = Sandbox::builder().tier(Tier::Strategic).change_delay(Duration::from_secs(120));
        let sandbox = builder.clock(Arc::new(clock.clone())).start().await;
        let shop = sandbox.client().build()?.for_shop(sandbox.shop_id());
        std::fs::create_dir_all(folder.join("labels"))?;

        let mut goods = Vec::new();
        let mut items = Product::new(&shop).items().list().status(ListingStatus::OnSale).page_size(100).items();
        while let Some(item) = items.try_next().await? {
            goods.extend(item.skus.into_iter().filter(|sku| sku.available > 50).map(|sku| sku.sku_id.into()));
        }
        let logistics = Logistics::new(&shop);
        let mut carriers = logistics.carriers().list().waybills(true).items();
        let mut carrier_code = None;
        while let Some(carrier) = carriers.try_next().await? {
            carrier_code = carrier_code.or(carrier.enabled.then_some(carrier.carrier_code));
        }
        let carrier_code = carrier_code.ok_or("no carrier gives waybills")?;
        Ok(Self { sandbox, clock, start, trade: Trade::new(&shop), logistics, carrier_code, goods, folder })
    }

    /// The job as a process of its own: it knows of earlier runs what stands in its journal.
    async fn run(&self) -> Result<(Outcome, Option<Failure>), Failure> {
        let mut desk = OrderDesk {
            trade: self.trade.clone(),
            logistics: self.logistics.clone(),
            carrier_code: self.carrier_code.clone(),
            journal: Journal::open(self.folder.join("journal.json"))?,
            labels: Labels { folder: self.folder.join("labels") },
        };
        let mut outcome = Outcome::default();
        let ended = desk.run(self.clock.now(), &mut outcome).await.err();
        let Outcome { found, readdressed, given_back, shipped, waiting } = &outcome;
        println!(
            "  {found} orders found, {readdressed} readdressed, {given_back} waybills given back, {shipped} parcels shipped"
        );
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for why in waiting.values() {
            *reasons.entry(why).or_default() += 1;
        }
        for (why, count) in reasons {
            println!("  {count:3} wait: {why}");
        }
        if let Some(error) = &ended {
            println!("  ended by {error}");
        }
        Ok((outcome, ended))
    }

    /// Buyers buy; every third buys two SKUs.
    fn buyers_come(&self, numbers: std::ops::Range<usize>) -> Result<Vec<String>, Failure> {
        let [name, phone, address] = RECEIVER;
        let sku = |number: usize| self.goods.get(number % self.goods.len()).map_or("", String::as_str);
        let mut orders = Vec::new();
        for number in numbers {
            let purchase = Purchase::new(sku(number), 2).buyer(format!("b-{number}")).receiver(name, phone, address);
            let purchase = if number % 3 == 0 { purchase.and(sku(number + 50), 1) } else { purchase };
            orders.push(self.sandbox.buyer().buy(purchase)?);
        }
        Ok(orders)
    }

    /// Three want another receiver, three their money for something, and the risk control looks at two.
    async fn buyers_change_their_minds(&self, orders: &[String]) -> Result<(), Failure> {
        let (buyer, [name, phone, _]) = (self.sandbox.buyer(), RECEIVER);
        for order_id in orders.iter().skip(1).take(3) {
            buyer.request_address_change(order_id, name, phone, "中山路88号")?;
        }
        for (number, line) in [(4, 1), (6, 1), (9, 2)] {
            let order_id = &orders[number];
            buyer.request_refund(order_id, RefundRequest::new().line(format!("{order_id}-{line}")))?;
        }
        for number in [5, 7] {
            self.sandbox.review_order(&orders[number], ReviewVerdict::Start)?;
        }
        Ok(())
    }

    /// Three orders have their waybills, but aren't shipped: that of one who moves, that of one who wants his money back, and one whose waybill
    /// a clerk gives back by hand. The first and the last are to be shipped all the same.
    async fn what_has_waybills_changes(&self) -> Result<[String; 2], Failure> {
        let mut waybills = self.logistics.waybills().list().created_from(self.start).items();
        let mut unshipped = Vec::new();
        while let Some(waybill) = waybills.try_next().await? {
            let order_id = waybill.order_id.ok_or("a waybill without an order")?;
            let order = self.trade.orders().get(&order_id).send().await?;
            if order.status == OrderStatus::Paid && order.refund_status == RefundProgress::None {
                unshipped.push((order, waybill.waybill_id));
            }
        }
        let [(moves, _), (gives_up, _), (retaken, waybill_id), ..] = unshipped.as_slice() else {
            return Err("too few orders have waybills".into());
        };
        let (buyer, [name, phone, _]) = (self.sandbox.buyer(), RECEIVER);
        buyer.request_address_change(moves.order_id.as_str(), name, phone, "解放路7号")?;
        for line in &gives_up.lines {
            let all_of_it = RefundRequest::new().line(line.line_id.as_str());
            buyer.request_refund(gives_up.order_id.as_str(), all_of_it)?;
        }
        self.logistics.waybills().cancel(waybill_id).send().await?;
        Ok([moves.order_id.to_string(), retaken.order_id.to_string()])
    }

    /// Of the refunds one is withdrawn, the others are agreed to; one order passes the risk control, the other doesn't.
    async fn what_was_open_ends(&self, orders: &[String]) -> Result<(), Failure> {
        let mut refunds = self.trade.refunds().list().created_from(self.start).limit(100).items();
        while let Some(refund) = refunds.try_next().await? {
            if refund.order_id.as_str() == orders[6] {
                self.sandbox.buyer().withdraw_refund(refund.refund_id.as_str())?;
            } else {
                let agreement = RefundAgreement::new(refund.version, refund.amount);
                self.trade.refunds().agree(&refund.refund_id, agreement).send().await?;
            }
        }
        self.sandbox.review_order(&orders[5], ReviewVerdict::Pass)?;
        Ok(self.sandbox.review_order(&orders[7], ReviewVerdict::Fail)?)
    }

    async fn books(&self) -> Result<Books, Error> {
        Books::read(&self.trade, &self.logistics, self.start).await
    }
}
