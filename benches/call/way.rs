//! The call, in each of the ways that are compared.

use ecloud::trade::Trade;
use ecloud::trade::orders::{Order, OrderPage, OrderStatus, Orders};
use ecloud::transport::HyperTransport;
use ecloud::{Client, QuotaLimit};

use crate::bare::Bare;
use crate::by_hand::{ByHand, Failure};
use crate::server::{ACCESS_TOKEN, APP_KEY, APP_SECRET, PAGE_OF_100, SMALL_ORDER};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Job {
    SmallOrder,
    PageOf100,
}

/// A way of asking, ready to be used again and again.
#[derive(Clone)]
pub(crate) enum Way {
    Ecloud(Orders),
    ByHand(ByHand),
    Bare { small_order: Box<Bare>, page_of_100: Box<Bare> },
}

impl Job {
    pub(crate) const ALL: [Self; 2] = [Self::SmallOrder, Self::PageOf100];

    pub(crate) fn name(self) -> &'static str {
        match self {
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
                Ok(Self::Ecloud(Trade::new(&builder.build()?).orders()))
            }
            "by-hand" => Ok(Self::ByHand(ByHand::new(address)?)),
            "bare" => Ok(Self::Bare {
                small_order: Box::new(Bare::new(address, SMALL_ORDER)?),
                page_of_100: Box::new(Bare::new(address, PAGE_OF_100)?),
            }),
            other => Err(format!("no way is called {other}").into()),
        }
    }

    /// Makes one call, and answers with how many orders came.
    pub(crate) async fn call(&self, job: Job) -> Result<usize, Failure> {
        match job {
            Job::SmallOrder => self.small_order().await.map(|_| 1),
            Job::PageOf100 => self.page_of_100().await.map(|page| page.items.len()),
        }
    }

    async fn small_order(&self) -> Result<Order, Failure> {
        match self {
            Self::Ecloud(orders) => Ok(orders.get("T1001").send().await?),
            Self::ByHand(by_hand) => by_hand.get("/trade/v1/orders/T1001", &[]).await,
            Self::Bare { small_order, .. } => small_order.get().await,
        }
    }

    async fn page_of_100(&self) -> Result<OrderPage, Failure> {
        match self {
            Self::Ecloud(orders) => Ok(orders.list().status(OrderStatus::Paid).limit(100).send().await?),
            Self::ByHand(by_hand) => by_hand.get("/trade/v1/orders", &[("status", "paid"), ("limit", "100")]).await,
            Self::Bare { page_of_100, .. } => page_of_100.get().await,
        }
    }
}

/// The quota that the server announces, too: it is counted for each call, and nobody waits for it.
fn never_reached() -> Result<QuotaLimit, Failure> {
    QuotaLimit::new(1e6, 2e6).ok_or_else(|| "no limit".into())
}
