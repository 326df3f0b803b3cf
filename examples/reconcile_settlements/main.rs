//! Statements and the account are reconciled with the seller's own books, to the cent.
//!
//!     cargo run --example reconcile_settlements
//!
//! `reconciliation.rs`, `matching.rs`, `books.rs`, `checkpoint.rs` and `csv.rs` are the part to take along: they know nothing of the sandbox. This
//! file rehearses it against a sandbox in this process: weeks of statements, in the middle of which the platform goes down; then two days of
//! business, and four mistakes in the seller's books, which have to be found. In the end the CSV files are read and added up.

#![allow(clippy::print_stdout, reason = "a report is printed")]

mod bookkeeping;
mod books;
mod checkpoint;
mod csv;
mod matching;
mod reconciliation;
#[path = "../verdict/mod.rs"]
mod verdict;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use books::{Books, Sale, USUAL_FEE};
use checkpoint::Checkpoint;
use ecloud::ManualClock;
use ecloud::logistics::shipments::ShipmentInput;
use ecloud::prelude::*;
use ecloud::product::items::ListingStatus;
use ecloud::trade::account::AccountEntryKind;
use ecloud::trade::refunds::RefundAgreement;
use ecloud_sandbox::{Carriage, Fault, Purchase, RefundRequest, Sandbox, Tier};
use reconciliation::{Failure, Outcome, Reconciliation};
use verdict::Verdict;

const DAY: Duration = Duration::from_secs(24 * 3600);
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let folder = std::env::temp_dir().join(format!("ecloud-reconcile-settlements-{}", std::process::id()));
    let outcome = rehearse(folder.clone()).await;
    let _ = std::fs::remove_dir_all(folder);
    verdict::exit("reconcile_settlements", outcome)
}

async fn rehearse(folder: PathBuf) -> Result<Verdict, Failure> {
    let shop = Business::open(folder).await?;
    let mut verdict = Verdict::default();
    let history = shop.statements().await?;
    let middle = history.get(history.len() / 2).ok_or("there are no statements")?;

    println!("The weeks up to now; in the middle the platform goes down");
    let books = bookkeeping::keep(&shop.trade).await?;
    let lines = format!("/trade/v1/settlements/{middle}/lines");
    shop.sandbox.inject(Fault::status(503).share(1.0, 7).path_prefix(lines));
    let (first, ended) = shop.reconcile(&books).await?;
    verdict.holds("the outage ends the first run", ended.is_some());
    verdict.same("up to there all statements are done", first.statements, history.len() / 2);
    shop.sandbox.clear_faults();

    println!("\nThe second run takes it up");
    let (second, _) = shop.reconcile(&books).await?;
    verdict.same("no statement is left out or done twice", first.statements + second.statements, history.len());
    verdict.holds("the books agree", first.differences.is_empty() && second.differences.is_empty());

    println!("\nTwo days of business, and four mistakes in the books");
    shop.trades().await?;
    let mut books = bookkeeping::keep(&shop.trade).await?;
    let mistakes = shop.make_mistakes(&mut books)?;
    let (third, _) = shop.reconcile(&books).await?;
    verdict.holds("there are new statements", third.statements >= 2);
    let found: BTreeSet<_> = third.differences.iter().map(|it| (it.what, order_of(&it.place).to_owned())).collect();
    verdict.same("each mistake is found, and nothing else", found, mistakes);

    println!("\nNothing has happened since");
    let (fourth, _) = shop.reconcile(&books).await?;
    verdict.same("nothing is done again", (fourth.statements, fourth.differences.len()), (0, 0));

    shop.check_files(&mut verdict).await?;
    Ok(verdict)
}

/// The order that a difference is about.
fn order_of(place: &str) -> &str {
    place.rsplit(' ').next().unwrap_or(place)
}

/// Everybody whom the job deals with.
struct Business {
    sandbox: Sandbox,
    clock: ManualClock,
    start: Timestamp,
    trade: Trade,
    logistics: Logistics,
    /// SKUs that buyers buy.
    goods: Vec<String>,
    folder: PathBuf,
}

impl Business {
    async fn open(folder: PathBuf) -> Result<Self, Failure> {
        let start = Timestamp::from_unix_seconds(1_795_336_200);
        let clock = ManualClock::new(start);
        let sandbox = Sandbox::builder().tier(Tier::Strategic).clock(Arc::new(clock.clone())).start().await;
        let shop = sandbox.client().build()?.for_shop(sandbox.shop_id());
        let mut goods = Vec::new();
        let mut items = Product::new(&shop).items().list().status(ListingStatus::OnSale).page_size(100).items();
        while let Some(item) = items.try_next().await? {
            goods.extend(item.skus.into_iter().filter(|sku| sku.available > 50).map(|sku| sku.sku_id.into()));
        }
        std::fs::create_dir_all(&folder)?;
        Ok(Self { sandbox, clock, start, trade: Trade::new(&shop), logistics: Logistics::new(&shop), goods, folder })
    }

    async fn statements(&self) -> Result<Vec<String>, Error> {
        let mut list = self.trade.settlements().list().limit(100).items();
        let mut ids = Vec::new();
        while let Some(settlement) = list.try_next().await? {
            ids.push(settlement.settlement_id.into());
        }
        Ok(ids)
    }

    /// The job as a process of its own, and what it says.
    async fn reconcile(&self, books: &Books) -> Result<(Outcome, Option<Failure>), Failure> {
        let mut job = Reconciliation {
            trade: self.trade.clone(),
            checkpoint: Checkpoint::open(&self.folder.join("checkpoint.json"))?,
            folder: self.folder.clone(),
        };
        let mut outcome = Outcome::default();
        let ended = job.run(books, &mut outcome).await.err();
        let Outcome { statements, lines, entries, total, differences } = &outcome;
        let total = Money::new(*total, Currency::CNY);
        println!("  {statements} statements, {lines} lines, {entries} entries of the account: {total}");
        for difference in differences {
            println!("  {difference}");
        }
        if let Some(error) = &ended {
            println!("  ended by {error}");
        }
        Ok((outcome, ended))
    }

    /// On each of two days buyers receive their orders, and some of them get money back, before the receipt and after it.
    async fn trades(&self) -> Result<(), Failure> {
        let buyer = self.sandbox.buyer();
        for day in 0..2_usize {
            for number in 0..10_usize {
                let sku = |index: usize| self.goods.get(index % self.goods.len()).map_or("", String::as_str);
                let purchase = Purchase::new(sku(number), 3).and(sku(number + 30), 1).freight(800);
                let order_id = buyer.buy(purchase)?;
                if number % 4 == 1 {
                    self.pay_back(&buyer.request_refund(&order_id, RefundRequest::new().amount(333))?).await?;
                }
                let parcel = format!("SF9{day}{number:011}");
                let shipment = self.logistics.shipments().create(ShipmentInput::new(&*order_id, "sf", parcel));
                let shipment = shipment.send().await?;
                for carriage in [Carriage::PickUp, Carriage::SetOut, Carriage::Deliver] {
                    self.sandbox.carry(shipment.shipment_id.as_str(), carriage)?;
                }
                self.clock.advance(MINUTE);
                buyer.confirm_receipt(&order_id)?;
                self.clock.advance(MINUTE);
                if number % 5 == 2 {
                    self.pay_back(&buyer.request_refund(&order_id, RefundRequest::new().amount(1_250))?).await?;
                }
            }
            self.clock.advance(DAY);
        }
        Ok(())
    }

    async fn pay_back(&self, refund_id: &str) -> Result<(), Error> {
        let refund = self.trade.refunds().get(refund_id).send().await?;
        let agreement = RefundAgreement::new(refund.version, refund.amount);
        self.trade.refunds().agree(refund_id, agreement).send().await.map(drop)
    }

    /// An amount is mistyped, a refund forgotten, a fee agreed that the platform doesn't know, and a sale booked that never was. What the job has
    /// to find of them.
    fn make_mistakes(&self, books: &mut Books) -> Result<BTreeSet<(&'static str, String)>, Failure> {
        let mut mistakes = BTreeSet::new();
        let today = |sale: &Sale| sale.paid.amount > 0 && sale.ended_at.is_some_and(|at| at > self.start);
        let mut sales = books.sales.iter_mut().filter(|(_, sale)| today(sale) && sale.repayments.is_empty());
        let (order_id, sale) = sales.next().ok_or("nothing was sold")?;
        sale.paid.amount += 1_000;
        mistakes.insert(("the payment", order_id.to_string()));
        let (order_id, sale) = sales.next().ok_or("too little was sold")?;
        sale.fee_basis_points = USUAL_FEE - 50;
        mistakes.insert(("the fee", order_id.to_string()));

        let mut later = books.sales.iter_mut().filter(|(_, sale)| {
            sale.ended_at.is_some_and(|end| end > self.start && sale.repayments.values().any(|it| it.paid_at > end))
        });
        let (order_id, sale) = later.next().ok_or("nothing was refunded")?;
        sale.repayments.clear();
        mistakes.insert(("a sale or refund", order_id.to_string()));

        let (paid, ended_at) = (Money::new(5_000, Currency::CNY), Some(self.start + MINUTE));
        let sale = Sale { paid, ended_at, fee_basis_points: USUAL_FEE, repayments: BTreeMap::new() };
        books.sales.insert("T9999999".into(), sale);
        mistakes.insert(("a line", "T9999999".to_owned()));
        Ok(mistakes)
    }

    /// The files, added up, come to what the account has; and each order and refund stands in one of them.
    async fn check_files(&self, verdict: &mut Verdict) -> Result<(), Failure> {
        let (mut keys, mut files, mut rows) = (BTreeSet::new(), BTreeSet::new(), 0);
        let (mut amount, mut fees) = (0, 0);
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| extension != "csv") {
                continue;
            }
            files.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
            for row in read_rows(&path)? {
                let [order, refund, commission, net] =
                    [3, 4, 7, 8].map(|column| row.get(column).cloned().unwrap_or_default());
                amount += cents(&net)?;
                fees += cents(&commission)?;
                keys.insert((order, refund));
                rows += 1;
            }
        }
        let statements: BTreeSet<_> = self.statements().await?.into_iter().collect();
        verdict.same("each statement has its file", files, statements);
        verdict.same("each order and refund stands there once", keys.len(), rows);
        let balance = self.trade.account().get_balance().send().await?;
        verdict.same("the files come to what the account has", amount, balance.available.amount);
        let mut kept = 0;
        for kind in [AccountEntryKind::Commission, AccountEntryKind::CommissionReturn] {
            let mut flow = self.trade.account().list_flow().kind(kind).limit(100).items();
            while let Some(entry) = flow.try_next().await? {
                kept -= entry.amount.amount;
            }
        }
        verdict.same("the files' fees are what the platform kept", fees, kept);
        println!("\n{rows} rows in {} files come to {}", self.statements().await?.len(), balance.available);
        Ok(())
    }
}

/// The rows of a file without its first; the last column, which may be in quotes, is left out.
fn read_rows(path: &Path) -> Result<Vec<Vec<String>>, Failure> {
    let text = std::fs::read_to_string(path)?;
    let mut lines = text.lines();
    if lines.next() != Some(csv::HEADER) {
        return Err(format!("{} doesn't begin with the columns' names", path.display()).into());
    }
    Ok(lines.map(|line| line.splitn(12, ',').take(11).map(str::to_owned).collect()).collect())
}

/// `-12.34` as -1234.
fn cents(decimal: &str) -> Result<i64, Failure> {
    Ok(decimal.replace('.', "").parse()?)
}
