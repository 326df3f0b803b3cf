//! The buckets of a client.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::bucket::{Bucket, Heard};
use super::moment::Moment;
use super::rules::{Quota, QuotaKey};
use crate::Clock;

/// How many shops may be there before those at rest are looked for.
const FIRST_SWEEP: usize = 64;

/// The buckets of a client: of the application, of each group that was called, and of the shops that aren't at rest.
#[derive(Debug)]
pub(crate) struct Quotas {
    quota: Quota,
    is_unlimited: bool,
    is_by_clock: bool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    app: Option<Box<[Bucket]>>,
    /// By name, each with its number. They are few, so this is faster than a hash.
    groups: Vec<(Box<str>, usize)>,
    /// By number.
    by_group: Vec<Box<[Bucket]>>,
    shops: HashMap<Option<Arc<str>>, OfShop>,
    is_by_shop: bool,
    /// With as many shops those at rest are forgotten.
    sweep_at: usize,
}

#[derive(Debug)]
struct OfShop {
    own: Box<[Bucket]>,
    /// By the group's number.
    by_group: Vec<(usize, Box<[Bucket]>)>,
}

/// Whose quota a call draws on, and how much.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draw<'a> {
    pub(crate) group: &'a str,
    /// `None` for the client's own shop.
    pub(crate) shop: Option<&'a Arc<str>>,
    pub(crate) weight: u32,
}

/// The buckets that a call draws on, in an order that stays.
pub(super) struct Found<'a> {
    app: &'a mut [Bucket],
    group: &'a mut [Bucket],
    shop: &'a mut [Bucket],
    shop_group: &'a mut [Bucket],
}

/// The buckets under their lock.
pub(super) struct Locked<'a> {
    quota: &'a Quota,
    state: MutexGuard<'a, State>,
}

impl Quotas {
    pub(crate) fn new(quota: Quota) -> Self {
        let state = State {
            app: None,
            groups: Vec::new(),
            by_group: Vec::new(),
            shops: HashMap::new(),
            is_by_shop: quota.is_by_shop(),
            sweep_at: FIRST_SWEEP,
        };
        Self { is_unlimited: quota.is_unlimited(), is_by_clock: quota.is_by_clock(), state: Mutex::new(state), quota }
    }

    /// Whether nothing is limited on this side.
    pub(crate) fn is_unlimited(&self) -> bool {
        self.is_unlimited
    }

    /// The moment by the client's clock, which the platform's is `offset_millis` ahead of.
    pub(crate) fn moment(&self, clock: &dyn Clock, offset_millis: i64) -> Moment {
        self.moment_at(clock.monotonic(), clock, offset_millis)
    }

    /// The same, where its monotonic time is known.
    pub(crate) fn moment_at(&self, monotonic: Duration, clock: &dyn Clock, offset_millis: i64) -> Moment {
        let unix_millis = if self.is_by_clock { clock.now().offset_by_millis(offset_millis).unix_millis() } else { 0 };
        Moment { monotonic, unix_millis }
    }

    pub(super) fn lock(&self) -> Locked<'_> {
        Locked { quota: &self.quota, state: self.state.lock().unwrap_or_else(PoisonError::into_inner) }
    }

    /// The platform has refused this, and wants nothing of its key for `pause`.
    pub(crate) fn freeze(&self, draw: Draw<'_>, pause: Duration, now: Moment) {
        for bucket in self.lock().find(draw, now).spoken_of(self.quota.spoken_of()) {
            bucket.freeze(draw.weight, pause, now);
        }
    }

    /// Takes over what the platform says, in an answer to a request that left `round_trip` ago.
    pub(crate) fn learn(&self, draw: Draw<'_>, heard: Heard, round_trip: Duration, now: Moment) {
        let mut locked = self.lock();
        let buckets = locked.find(draw, now).spoken_of(self.quota.spoken_of());
        // Of several buckets the platform means the first.
        if let Some(tokens) = buckets.iter_mut().find_map(Bucket::as_learner) {
            tokens.learn(heard, round_trip, self.quota.reserved(), now);
        }
    }

    /// How long a call that comes now would wait.
    pub(super) fn expected_wait(&self, draw: Draw<'_>, now: Moment) -> Duration {
        if self.is_unlimited {
            return Duration::ZERO;
        }
        self.lock().find(draw, now).iter_mut().map(|bucket| bucket.wait(draw.weight, now)).max().unwrap_or_default()
    }

    /// What was used at `then` has cost less by the draw's weight.
    pub(crate) fn refund(&self, draw: Draw<'_>, then: Moment, now: Moment) {
        if !self.is_unlimited {
            self.lock().find(draw, now).iter_mut().for_each(|bucket| bucket.refund(draw.weight, then, now));
        }
    }
}

impl Locked<'_> {
    /// The buckets that a call draws on, made if need be.
    pub(super) fn find(&mut self, draw: Draw<'_>, now: Moment) -> Found<'_> {
        let Self { quota, state } = self;
        let make = |key| {
            let shapes = quota.shapes(key, draw.group);
            shapes.into_iter().map(|shape| Bucket::new(shape, quota.reserved(), now)).collect::<Box<[_]>>()
        };
        let state = &mut **state;
        let group = match state.groups.binary_search_by(|(name, _)| (**name).cmp(draw.group)) {
            Ok(at) => state.groups[at].1,
            Err(at) => {
                state.groups.insert(at, (draw.group.into(), state.by_group.len()));
                state.by_group.push(make(QuotaKey::Group));
                state.by_group.len() - 1
            }
        };
        let (shop, shop_group) = if state.is_by_shop {
            if state.shops.len() >= state.sweep_at {
                sweep(&mut state.shops, &mut state.sweep_at, now);
            }
            let new = || OfShop { own: make(QuotaKey::Shop), by_group: Vec::new() };
            let OfShop { own, by_group } = state.shops.entry(draw.shop.cloned()).or_insert_with(new);
            let at = by_group.iter().position(|(of, _)| *of == group).unwrap_or_else(|| {
                by_group.push((group, make(QuotaKey::ShopGroup)));
                by_group.len() - 1
            });
            (&mut own[..], &mut by_group[at].1[..])
        } else {
            (&mut [][..], &mut [][..])
        };
        let app = state.app.get_or_insert_with(|| make(QuotaKey::App));
        Found { app, group: &mut state.by_group[group], shop, shop_group }
    }
}

/// Forgets the shops whose buckets are as if they had never been used. The next time is when as many again have come, so it costs each
/// shop that comes the same.
fn sweep(shops: &mut HashMap<Option<Arc<str>>, OfShop>, sweep_at: &mut usize, now: Moment) {
    let is_at_rest = |buckets: &mut [Bucket]| buckets.iter_mut().all(|bucket| bucket.is_at_rest(now));
    shops.retain(|_, shop| {
        !(is_at_rest(&mut shop.own) && shop.by_group.iter_mut().all(|(_, buckets)| is_at_rest(buckets)))
    });
    *sweep_at = (2 * shops.len()).max(FIRST_SWEEP);
    shops.shrink_to(*sweep_at);
}

impl<'a> Found<'a> {
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Bucket> {
        let Self { app, group, shop, shop_group } = self;
        app.iter_mut().chain(group.iter_mut()).chain(shop.iter_mut()).chain(shop_group.iter_mut())
    }

    /// The buckets of a key, or else the narrowest that there are.
    fn spoken_of(self, key: QuotaKey) -> &'a mut [Bucket] {
        let meant = match key {
            QuotaKey::App => !self.app.is_empty(),
            QuotaKey::Group => !self.group.is_empty(),
            QuotaKey::Shop => !self.shop.is_empty(),
            QuotaKey::ShopGroup => !self.shop_group.is_empty(),
        };
        match key {
            QuotaKey::App if meant => self.app,
            QuotaKey::Group if meant => self.group,
            QuotaKey::Shop if meant => self.shop,
            QuotaKey::ShopGroup if meant => self.shop_group,
            _ => [self.shop_group, self.shop, self.group, self.app]
                .into_iter()
                .find(|buckets| !buckets.is_empty())
                .unwrap_or_default(),
        }
    }
}

#[cfg(test)]
impl Quotas {
    /// How many shops have buckets.
    pub(super) fn shops(&self) -> usize {
        self.lock().state.shops.len()
    }

    /// What the shops' buckets take, names not counted: those are the shops' own.
    pub(super) fn bytes(&self) -> usize {
        let state = &self.lock().state;
        let buckets = |of: &[Bucket]| size_of_val(of);
        let of_shop = |shop: &OfShop| {
            let lists = shop.by_group.capacity() * size_of::<(usize, Box<[Bucket]>)>();
            buckets(&shop.own) + lists + shop.by_group.iter().map(|(_, of)| buckets(of)).sum::<usize>()
        };
        // The table is at least half empty after it has grown, and has a byte of its own an entry.
        let entry = size_of::<(Option<Arc<str>>, OfShop)>() + 1;
        state.shops.capacity() * 8 / 7 * entry + state.shops.values().map(of_shop).sum::<usize>()
    }
}
