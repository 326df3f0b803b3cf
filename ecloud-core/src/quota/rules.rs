//! Which keys have which limits.

use std::borrow::Cow;
use std::time::Duration;

use super::limit::{QuotaLimit, Shape};

/// How fast a client may call: limits by application, operation group and shop.
///
/// A call waits until each of the limits that apply to it has room: all of them or none is charged. A [`QuotaLimit`] alone is the
/// quota of a platform that counts by group, as ecloud does (protocol section 7).
///
/// ```
/// use std::time::Duration;
///
/// use ecloud_core::{Client, Quota, QuotaLimit};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let per_second = QuotaLimit::window(20, Duration::from_secs(1)).ok_or("no window")?;
/// let per_day = QuotaLimit::daily(100_000, 0, 8 * 60).ok_or("no day")?; // begins at midnight in China
/// let quota = Quota::none()
///     .app(per_day)
///     .each_group(QuotaLimit::ADVANCED)
///     .each_shop_group(per_second)
///     .reserve(Duration::from_millis(100));
/// let client = Client::builder().endpoint("https://open.example.com").app("app-key", "app-secret").quota(quota).build()?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Quota {
    rules: Vec<Rule>,
    spoken_of: QuotaKey,
    reserve: Duration,
}

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum QuotaKey {
    /// All calls of the application.
    App,
    /// Those of one operation group.
    Group,
    /// Those for one shop.
    Shop,
    /// Those of one operation group for one shop.
    ShopGroup,
}

#[derive(Clone, Debug, PartialEq)]
struct Rule {
    key: QuotaKey,
    /// `None` for every group.
    group: Option<Cow<'static, str>>,
    limit: QuotaLimit,
}

/// What the delays of calls on a public network seldom differ by more than.
const RESERVE: Duration = Duration::from_millis(200);

impl Quota {
    /// No limit at all, to be narrowed.
    pub const fn none() -> Self {
        Self { rules: Vec::new(), spoken_of: QuotaKey::Group, reserve: RESERVE }
    }

    /// Limits all calls of the application together. Given twice, both limits hold; so for the others.
    pub fn app(self, limit: QuotaLimit) -> Self {
        self.with(QuotaKey::App, None, limit)
    }

    /// Limits the calls of each operation group.
    pub fn each_group(self, limit: QuotaLimit) -> Self {
        self.with(QuotaKey::Group, None, limit)
    }

    /// Limits the calls of one operation group, in place of what [`each_group`](Self::each_group) says.
    pub fn group(self, group: impl Into<Cow<'static, str>>, limit: QuotaLimit) -> Self {
        self.with(QuotaKey::Group, Some(group.into()), limit)
    }

    /// Limits the calls for each shop. Calls for the client's own shop, which has no id, are counted together.
    pub fn each_shop(self, limit: QuotaLimit) -> Self {
        self.with(QuotaKey::Shop, None, limit)
    }

    /// Limits the calls of each operation group for each shop.
    pub fn each_shop_group(self, limit: QuotaLimit) -> Self {
        self.with(QuotaKey::ShopGroup, None, limit)
    }

    /// Limits the calls of one operation group for each shop, in place of what [`each_shop_group`](Self::each_shop_group) says.
    pub fn shop_group(self, group: impl Into<Cow<'static, str>>, limit: QuotaLimit) -> Self {
        self.with(QuotaKey::ShopGroup, Some(group.into()), limit)
    }

    /// How much later than another a call may arrive that left at the same time; 200 ms unless set.
    ///
    /// The platform counts when calls arrive, the client when they leave. So the client keeps rate × reserve of a bucket's capacity back,
    /// at least one token, and lets nothing leave in the reserve before a window ends. A call that meets with more delay than that
    /// may be refused by the platform, and is tried again.
    pub const fn reserve(mut self, reserve: Duration) -> Self {
        self.reserve = reserve;
        self
    }

    /// Which limit the platform's answers speak of, in their `x-ecloud-quota-*` headers and when they refuse with 429;
    /// [`QuotaKey::Group`] unless set, as ecloud counts. Where there is no such limit, it is the narrowest that applies to the call.
    pub const fn answers_speak_of(mut self, key: QuotaKey) -> Self {
        self.spoken_of = key;
        self
    }

    fn with(mut self, key: QuotaKey, group: Option<Cow<'static, str>>, limit: QuotaLimit) -> Self {
        self.rules.push(Rule { key, group, limit });
        self
    }

    /// The limits of a key; those of a group by name are in place of those of every group.
    pub(super) fn shapes(&self, key: QuotaKey, group: &str) -> Vec<Shape> {
        let of_key = || self.rules.iter().filter(move |rule| rule.key == key);
        let is_named = of_key().any(|rule| rule.group.as_deref() == Some(group));
        let applies = |rule: &&Rule| rule.group.as_deref() == is_named.then_some(group);
        of_key().filter(applies).filter_map(|rule| rule.limit.shape).collect()
    }

    fn has(&self, is_meant: impl Fn(&Rule, Shape) -> bool) -> bool {
        self.rules.iter().any(|rule| rule.limit.shape.is_some_and(|shape| is_meant(rule, shape)))
    }

    pub(super) fn is_unlimited(&self) -> bool {
        !self.has(|_, _| true)
    }

    pub(super) fn is_by_shop(&self) -> bool {
        self.has(|rule, _| matches!(rule.key, QuotaKey::Shop | QuotaKey::ShopGroup))
    }

    /// Whether a limit goes by the wall clock.
    pub(super) fn is_by_clock(&self) -> bool {
        self.has(|_, shape| matches!(shape, Shape::Window(window) if window.phase.is_some()))
    }

    pub(super) fn spoken_of(&self) -> QuotaKey {
        self.spoken_of
    }

    pub(super) fn reserved(&self) -> Duration {
        self.reserve
    }
}

impl Default for Quota {
    /// The tier `standard` for each operation group.
    fn default() -> Self {
        QuotaLimit::STANDARD.into()
    }
}

impl From<QuotaLimit> for Quota {
    /// This limit for each operation group.
    fn from(limit: QuotaLimit) -> Self {
        Self::none().each_group(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(quota: &Quota, key: QuotaKey, group: &str) -> usize {
        quota.shapes(key, group).len()
    }

    #[test]
    fn a_group_by_name_is_in_place_of_every_group() {
        let quota = Quota::none()
            .each_group(QuotaLimit::STANDARD)
            .group("trade.refunds", QuotaLimit::UNLIMITED)
            .group("trade.orders", QuotaLimit::STRATEGIC)
            .group("trade.orders", QuotaLimit::ADVANCED);
        assert_eq!(count(&quota, QuotaKey::Group, "product.items"), 1);
        assert_eq!(count(&quota, QuotaKey::Group, "trade.refunds"), 0);
        assert_eq!(count(&quota, QuotaKey::Group, "trade.orders"), 2);
        assert_eq!(count(&quota, QuotaKey::ShopGroup, "trade.orders"), 0);
    }

    #[test]
    fn what_a_quota_needs_is_known_beforehand() {
        assert!(Quota::none().is_unlimited() && Quota::from(QuotaLimit::UNLIMITED).is_unlimited());
        assert!(!Quota::default().is_unlimited() && !Quota::default().is_by_shop() && !Quota::default().is_by_clock());
        let daily = QuotaLimit::daily(1, 0, 0).unwrap();
        assert!(Quota::none().app(daily).is_by_clock() && Quota::none().shop_group("g", daily).is_by_shop());
        assert!(!Quota::none().each_shop(QuotaLimit::UNLIMITED).is_by_shop());
    }
}
