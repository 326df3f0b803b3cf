//! The main job of a shop's backend, from the catalogue to the parcel, with a platform that fails on the way.
//!
//!     cargo run --example quickstart
//!
//! It starts the sandbox in this process, or talks to the platform that `ECLOUD_ENDPOINT`, `ECLOUD_APP_KEY`, `ECLOUD_APP_SECRET` and
//! `ECLOUD_ACCESS_TOKEN` name, for example to `cargo run -p ecloud-sandbox -- --port 8080`.

#![allow(clippy::print_stdout, reason = "a report is printed")]

#[path = "quickstart/rehearsal.rs"]
mod rehearsal;

use std::collections::BTreeMap;
use std::env;
use std::process::ExitCode;

use ecloud::logistics::carriers::Carrier;
use ecloud::logistics::shipments::ShipmentInput;
use ecloud::prelude::*;
use ecloud::product::inventory::{Stock, StockInput};
use ecloud::product::items::{Item, ListingStatus};
use ecloud::trade::orders::{Order, OrderStatus};
use ecloud::types::OrderId;
use ecloud::{Answer, AttemptReason, AttemptRecord, Clock, SystemClock};
use ecloud_sandbox::Sandbox;
use rehearsal::Rehearsal;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nquickstart: {error}");
            let mut cause = std::error::Error::source(&error);
            while let Some(source) = cause {
                eprintln!("  because: {source}");
                cause = source.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Error> {
    let clock = SystemClock::new();
    let platform = Platform::from_environment().await?;
    println!("ecloud quickstart against {}\n", platform.description);

    let rehearsal = Rehearsal::at(&platform.endpoint)?;
    let mut report = Report::default();
    let items = list_products(&platform, &mut report).await?;
    let stock = change_stock(&platform, &items).await?;
    handle_conflict(&platform, stock, &mut report).await?;

    let placed = rehearsal.place_and_pay_order(&items).await?;
    let is_failing = rehearsal.inject_burst().await?;
    ship_paid_orders(&platform, &mut report).await?;
    let faults = if is_failing { Some(rehearsal.end_faults().await?) } else { None };

    println!("\n  in short");
    report.print(placed.as_ref(), faults, clock.monotonic().as_secs_f64());
    Ok(())
}

/// Where the example works: one shop of one platform.
struct Platform {
    description: String,
    endpoint: String,
    product: Product,
    trade: Trade,
    logistics: Logistics,
    /// Stops when it is dropped.
    _sandbox: Option<Sandbox>,
}

impl Platform {
    async fn from_environment() -> Result<Self, Error> {
        let variable = |name: &str| {
            env::var(name)
                .map_err(|_| Error::new(ErrorKind::Configuration, format!("{name} is not set, but ECLOUD_ENDPOINT is")))
        };
        let (builder, endpoint, description, sandbox) = match env::var("ECLOUD_ENDPOINT") {
            Ok(endpoint) => {
                let builder = Client::builder()
                    .endpoint(&endpoint)
                    .app(variable("ECLOUD_APP_KEY")?, variable("ECLOUD_APP_SECRET")?)
                    .access_token(variable("ECLOUD_ACCESS_TOKEN")?);
                (builder, endpoint.clone(), endpoint, None)
            }
            Err(_) => {
                let sandbox = Sandbox::start().await;
                (sandbox.client(), sandbox.endpoint(), "the embedded sandbox".to_owned(), Some(sandbox))
            }
        };
        let client = builder.build()?;
        Ok(Self {
            description,
            endpoint,
            product: Product::new(&client),
            trade: Trade::new(&client),
            logistics: Logistics::new(&client),
            _sandbox: sandbox,
        })
    }
}

/// What is told at the end.
#[derive(Default)]
struct Report {
    pages: usize,
    products: usize,
    conflicts: usize,
    shipped: Vec<OrderId>,
    held_back: usize,
    tracked: usize,
    attempts: usize,
    calls: usize,
    retries: BTreeMap<String, usize>,
}

impl Report {
    /// Counts a call's attempts, and hands over its value.
    fn count<T>(&mut self, answer: Answer<T>) -> T {
        self.count_attempts(answer.meta.earlier_attempts());
        answer.value
    }

    /// Counts a call that came to an answer after these attempts had failed.
    fn count_attempts(&mut self, failed: &[AttemptRecord]) {
        self.calls += 1;
        self.attempts += failed.len() + 1;
        for attempt in failed {
            let met_with = match (attempt.reason, attempt.status) {
                (AttemptReason::Throttled | AttemptReason::Transient, Some(status)) => status.to_string(),
                (reason, _) => reason.to_string(),
            };
            *self.retries.entry(met_with).or_default() += 1;
        }
    }

    fn print(&self, placed: Option<&OrderId>, faults: Option<usize>, seconds: f64) {
        let retries: usize = self.retries.values().sum();
        let by_reason: Vec<_> = self.retries.iter().map(|(reason, count)| format!("{count} × {reason}")).collect();
        let by_reason = if by_reason.is_empty() { String::new() } else { format!(" ({})", by_reason.join(", ")) };
        println!("    products listed     {:>5}   on {} pages", self.products, self.pages);
        println!("    conflicts solved    {:>5}", self.conflicts);
        println!(
            "    orders shipped      {:>5}   and {} held back by the platform",
            self.shipped.len(),
            self.held_back
        );
        println!("    parcels tracked     {:>5}", self.tracked);
        println!("    faults injected     {:>5}", faults.map_or("none".to_owned(), |count| count.to_string()));
        println!("    retries             {retries:>5}{by_reason}");
        println!("    calls, attempts     {:>5} , {}", self.calls, self.attempts);
        println!("    elapsed             {seconds:>5.1} s");
        if let Some(order_id) = placed.filter(|placed| self.shipped.contains(placed)) {
            println!("\n  Order {order_id}, which our own buyer placed on the way, was among them.");
        }
    }
}

/// Lists what is on sale, page by page.
async fn list_products(platform: &Platform, report: &mut Report) -> Result<Vec<Item>, Error> {
    let mut pages = platform.product.items().list().status(ListingStatus::OnSale).page_size(20).pages();
    let mut items = Vec::new();
    while let Some(page) = pages.try_next().await? {
        report.pages += 1;
        items.extend(page.items);
    }
    report.products = items.len();
    let skus: usize = items.iter().map(|item| item.skus.len()).sum();
    println!("  {} products with {skus} SKUs on {} pages", items.len(), report.pages);
    Ok(items)
}

/// Sets the stock of one SKU, under the version that was read.
async fn change_stock(platform: &Platform, items: &[Item]) -> Result<Stock, Error> {
    let sku = items.iter().find_map(|item| item.skus.first());
    let sku = sku.ok_or_else(|| Error::new(ErrorKind::NotFound, "the shop has nothing on sale"))?;
    let inventory = platform.product.inventory();
    let before = inventory.get(&sku.sku_id).send().await?;
    let input = StockInput::new(before.available + 10, before.version);
    let after = inventory.set(&sku.sku_id, input).send().await?;
    println!("  stock of {}: {} -> {}", sku.sku_id, before.available, after.available);
    Ok(after)
}

/// Two programs change the same stock: the second is told, reads again, and decides again.
async fn handle_conflict(platform: &Platform, read: Stock, report: &mut Report) -> Result<(), Error> {
    let inventory = platform.product.inventory();
    // Another program of the shop is faster.
    inventory.set(&read.sku_id, StockInput::new(read.available + 1, read.version)).send().await?;

    let ours = StockInput::new(read.available + 5, read.version);
    match inventory.set(&read.sku_id, ours).send().await {
        Err(error) if error.kind() == ErrorKind::Conflict => {
            let now = inventory.get(&read.sku_id).send().await?;
            let settled = inventory.set(&read.sku_id, StockInput::new(now.available + 5, now.version)).send().await?;
            report.conflicts += 1;
            let code = error.code().unwrap_or("conflict");
            println!("  {code}: read version {} again and settled at {}", now.version, settled.available);
            Ok(())
        }
        other => other.map(drop),
    }
}

/// Ships every paid order, and reads the tracking back.
async fn ship_paid_orders(platform: &Platform, report: &mut Report) -> Result<(), Error> {
    let carrier = choose_carrier(platform).await?;
    let mut paid = platform.trade.orders().list().status(OrderStatus::Paid).limit(20).items();
    while let Some(order) = paid.try_next().await? {
        let number = tracking_number(&carrier, &order);
        let input = ShipmentInput::new(&order.order_id, &carrier.carrier_code, &*number);
        match platform.logistics.shipments().create(input).send_with_meta().await {
            Ok(answer) => {
                report.count(answer);
                report.shipped.push(order.order_id.clone());
            }
            // A business rule: the platform's risk control looks at this order first.
            Err(error) if error.kind() == ErrorKind::Rejected => {
                // The last attempt is the one that was answered.
                report.count_attempts(error.attempts().split_last().map_or(&[], |(_, failed)| failed));
                report.held_back += 1;
                continue;
            }
            Err(error) => return Err(error),
        }
        let tracking = report.count(platform.logistics.tracking().get(&*number).send_with_meta().await?);
        if tracking.order_id == order.order_id && !tracking.events.is_empty() {
            report.tracked += 1;
        }
    }
    println!("  {} paid orders shipped with {}", report.shipped.len(), carrier.name);
    Ok(())
}

/// The first carrier that takes any tracking number, or else the first one.
async fn choose_carrier(platform: &Platform) -> Result<Carrier, Error> {
    let mut carriers = platform.logistics.carriers().list().items();
    let mut first = None;
    while let Some(carrier) = carriers.try_next().await? {
        if carrier.enabled && carrier.tracking_number_pattern.is_none() {
            return Ok(carrier);
        }
        first = first.or(Some(carrier));
    }
    first.ok_or_else(|| Error::new(ErrorKind::NotFound, "the platform works with no carrier"))
}

/// A real backend gets this from the carrier's label.
fn tracking_number(carrier: &Carrier, order: &Order) -> String {
    let digits: String = order.order_id.as_str().chars().filter(char::is_ascii_digit).collect();
    let prefix: String = carrier.carrier_code.as_str().to_uppercase();
    format!("{prefix}{digits:0>12}")
}
