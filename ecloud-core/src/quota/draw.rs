//! The quota in callers' own hands.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::line::{Line, Turn, WaitsTooLong, pass};
use super::moment::Moment;
use super::table::Draw;
use crate::client::{Client, Inner, Shop};
use crate::{Error, ErrorKind};

/// What would be drawn from a client's quota: for callers who send by other means, or want to know before they call.
///
/// Calls of the client draw on it by themselves. All futures are cancel-safe: dropped before they complete, they give their place and what
/// they had taken back to whoever comes next.
///
/// ```
/// use ecloud_core::Client;
///
/// # async fn example(client: Client) {
/// let draw = client.quota("trade.orders").weight(5);
/// println!("{:?} to wait", draw.expected_wait());
/// let permit = draw.wait().await;
/// // Send the request by other means; it turns out to have cost 3.
/// permit.settle(3);
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "it draws nothing by itself"]
pub struct QuotaDraw {
    client: Client,
    group: Cow<'static, str>,
    shop: Option<Arc<str>>,
    weight: u32,
}

/// Quota that was drawn. It is charged, also where this is dropped, since most requests that were let through are sent.
#[derive(Debug)]
#[must_use = "drop it once the request has left, or settle what it cost"]
pub struct QuotaPermit {
    draw: QuotaDraw,
    taken: Moment,
}

impl QuotaDraw {
    pub(crate) fn new(client: Client, group: Cow<'static, str>) -> Self {
        Self { client, group, shop: None, weight: 1 }
    }

    /// Draws for this shop; for the client's own unless set.
    pub fn shop(mut self, shop: &Shop) -> Self {
        self.shop = shop.shared_id();
        self
    }

    /// Draws this much, in tokens or points; 1 unless set. More than a limit ever holds goes when it is full.
    pub fn weight(mut self, weight: u32) -> Self {
        self.weight = weight;
        self
    }

    /// The quota, if it is there now; `None` takes nothing.
    pub fn try_now(&self) -> Option<QuotaPermit> {
        let now = self.moment();
        match Line::new(&self.inner().quota, self.draw()).ask(now, Duration::ZERO) {
            Ok(Turn::Now) => Some(self.permit(now)),
            Ok(Turn::In(_)) | Err(_) => None,
        }
    }

    /// The quota, as soon as it is there, however long that takes.
    pub async fn wait(&self) -> QuotaPermit {
        loop {
            // Without a deadline no wait is too long, so there is one round.
            if let Ok(permit) = self.until(None).await {
                return permit;
            }
        }
    }

    /// The quota, if it is there within `patience`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Throttled`], with the wait in [`Error::retry_after`]: at once where it is known to be longer, and where the platform asks
    /// for a pause meanwhile, or several limits apply, perhaps later. Nothing was taken.
    pub async fn deadline(&self, patience: Duration) -> Result<QuotaPermit, Error> {
        self.until(Some(self.inner().clock.monotonic().saturating_add(patience))).await.map_err(|WaitsTooLong(wait)| {
            let message = format!("the quota group `{}` has no room within {} ms", self.group, patience.as_millis());
            Error::new(ErrorKind::Throttled, message).with_retry_after(Some(wait))
        })
    }

    /// How long a draw that is made now would wait, if nothing changes: where several limits apply, at least the longest of their waits.
    pub fn expected_wait(&self) -> Duration {
        self.inner().quota.expected_wait(self.draw(), self.moment())
    }

    async fn until(&self, deadline: Option<Duration>) -> Result<QuotaPermit, WaitsTooLong> {
        let client = self.inner();
        let taken = pass(&client.quota, self.draw(), &*client.clock, client.upstreams.clock_offset(), deadline).await?;
        Ok(self.permit(taken))
    }

    fn permit(&self, taken: Moment) -> QuotaPermit {
        QuotaPermit { draw: self.clone(), taken }
    }

    fn draw(&self) -> Draw<'_> {
        Draw { group: &self.group, shop: self.shop.as_ref(), weight: self.weight }
    }

    fn moment(&self) -> Moment {
        let client = self.inner();
        client.quota.moment(&*client.clock, client.upstreams.clock_offset().load(Ordering::Relaxed))
    }

    fn inner(&self) -> &Inner {
        &self.client.inner
    }
}

impl QuotaPermit {
    /// Says what the request has cost in fact; what was drawn beyond it is given back. A cost above the weight changes nothing.
    pub fn settle(self, cost: u32) {
        let unused = Draw { weight: self.draw.weight.saturating_sub(cost), ..self.draw.draw() };
        self.draw.inner().quota.refund(unused, self.taken, self.draw.moment());
    }

    /// Gives all of it back: the request was never sent.
    pub fn give_back(self) {
        self.settle(0);
    }
}
