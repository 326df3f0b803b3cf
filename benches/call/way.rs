//! The call, in each of the ways that are compared.

use ecloud::product::Product;
use ecloud::product::inventory::{Inventory, Stock};
use ecloud::trade::Trade;
use ecloud::trade::orders::{Order, OrderPage, OrderStatus, Orders};
use ecloud::transport::HyperTransport;
use ecloud::{Client, QuotaLimit};

use crate::bare::Bare;
use crate::by_hand::{ByHand, Failure};
use crate::server::{ACCESS_TOKEN, APP_KEY, APP_SECRET, PAGE_OF_100, SMALL_ORDER, STOCK};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Job {
    Stock,
    SmallOrder,
    PageOf100,
}

/// A way of asking, ready to be used again and again.
#[derive(Clone)]
pub(crate) enum Way {
    Ecloud { inventory: Box<Inventory>, orders: Orders },
    ByHand(ByHand),
    Bare { stock: Box<Bare>, small_order: Box<Bare>, page_of_100: Box<Bare> },
}

impl Job {
    pub(crate) const ALL: [Self; 3] = [Self::Stock, Self::SmallOrder, Self::PageOf100];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Stock => "stock",
            Self::SmallOrder => "small-order",
            Self::PageOf100 => "page-of-100",
        }
    }
}

impl Way {
    pub(crate) const NAMES: [&'static str; 4] = ["ecloud", "hyper", "by-hand", "bare"];

    pub(crate) fn new(name: &str, address: &str) -> Result<Self, Failure> {
        match name {
            "ecloud" | "hyper" => {
                let mut builder = Client::builder()
                    .endpoint(address)
                    .app(APP_KEY, APP_SECRET)
                    .access_token(ACCESS_TOKEN)
                    .quota(never_reached()?);
                if name == "hyper" {
                    builder = builder.transport(HyperTransport::builder().without_tls().build()?);
                }
                let client = builder.build()?;
                let inventory = Box::new(Product::new(&client).inventory());
                Ok(Self::Ecloud { inventory, orders: Trade::new(&client).orders() })
            }
            "by-hand" => Ok(Self::ByHand(ByHand::new(address)?)),
            "bare" => Ok(Self::Bare {
                stock: Box::new(Bare::new(address, STOCK)?),
                small_order: Box::new(Bare::new(address, SMALL_ORDER)?),
                page_of_100: Box::new(Bare::new(address, PAGE_OF_100)?),
            }),
            other => Err(format!("no way is called {other}").into()),
        }
    }

    /// Makes one call, and answers with how many orders came.
    pub(crate) async fn call(&self, job: Job) -> Result<usize, Failure> {
        match job {
            Job::Stock => self.stock().await.map(|_| 0),
            Job::SmallOrder => self.small_order().await.map(|_| 1),
            Job::PageOf100 => self.page_of_100().await.map(|page| page.items.len()),
        }
    }

    async fn stock(&self) -> Result<Stock, Failure> {
        match self {
            Self::Ecloud { inventory, .. } => Ok(inventory.get("I2001-1").send().await?),
            Self::ByHand(by_hand) => by_hand.get(STOCK, &[]).await,
            Self::Bare { stock, .. } => stock.get().await,
        }
    }

    async fn small_order(&self) -> Result<Order, Failure> {
        match self {
            Self::Ecloud { orders, .. } => Ok(orders.get("T1001").send().await?),
            Self::ByHand(by_hand) => by_hand.get(SMALL_ORDER, &[]).await,
            Self::Bare { small_order, .. } => small_order.get().await,
        }
    }

    async fn page_of_100(&self) -> Result<OrderPage, Failure> {
        match self {
            Self::Ecloud { orders, .. } => Ok(orders.list().status(OrderStatus::Paid).limit(100).send().await?),
            Self::ByHand(by_hand) => by_hand.get("/trade/v1/orders", &[("status", "paid"), ("limit", "100")]).await,
            Self::Bare { page_of_100, .. } => page_of_100.get().await,
        }
    }
}

/// The quota that the server announces, too: it is counted for each call, and nobody waits for it.
fn never_reached() -> Result<QuotaLimit, Failure> {
    QuotaLimit::new(1e6, 2e6).ok_or_else(|| "no limit".into())
}
