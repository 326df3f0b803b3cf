//! Which endpoint an attempt goes to.

use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use super::breaker::{Admission, Health, Ticket, Verdict};
use super::upstream::Upstreams;

/// What a call wants of its endpoint.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wish<'a> {
    /// The only one that it may go to.
    pub(crate) only: Option<usize>,
    /// The one that it would rather stay with.
    pub(crate) stay: Option<usize>,
    /// Those that it has failed at, a bit each.
    pub(crate) tried: u64,
    /// Whether nothing is lost when it fails at an endpoint that may be down.
    pub(crate) may_probe: bool,
    /// The shop that it is for, on this side.
    pub(crate) shop: Option<&'a str>,
}

/// An attempt's endpoint, until it is told how the attempt ended.
#[derive(Debug)]
pub(crate) struct Chosen<'a> {
    upstreams: &'a Upstreams,
    number: usize,
    /// Where health is kept.
    ticket: Option<Ticket>,
}

impl Upstreams {
    /// Chooses an endpoint. `random` gives a number from 0 up to and without 1.
    pub(crate) fn choose(&self, wish: Wish<'_>, now: Duration, random: impl FnOnce() -> f64) -> Chosen<'_> {
        // One alone is used whatever happens, and so is the mirror, which nobody waits for.
        let only = wish.only.or((self.chosen_among() == 1).then_some(0));
        if let Some(number) = only.filter(|number| self.chosen_among() == 1 || *number >= self.chosen_among()) {
            return Chosen { upstreams: self, number, ticket: None };
        }
        let mut health = self.lock();
        let number = only.unwrap_or_else(|| self.pick(&health, wish, now, random));
        let ticket = health[number].begin(now);
        Chosen { upstreams: self, number, ticket: Some(ticket) }
    }

    /// Whether a call that has failed at some has another healthy one to go to.
    pub(crate) fn has_another(&self, tried: u64, now: Duration) -> bool {
        self.chosen_among() > 1 && {
            let health = self.lock();
            (0..self.regular).any(|number| !is_in(tried, number) && health[number].admission(now) == Admission::Open)
        }
    }

    fn pick(&self, health: &[Health], wish: Wish<'_>, now: Duration, random: impl FnOnce() -> f64) -> usize {
        let is_admitted = |number: &usize| match health[*number].admission(now) {
            Admission::Open => true,
            Admission::AsProbe => wish.may_probe,
            Admission::No => false,
        };
        if let Some(stay) = wish.stay.filter(is_admitted) {
            return stay;
        }
        let is_untried = |number: &usize| !is_in(wish.tried, *number);
        let canary = self.is_canary(wish.shop).then_some(self.regular);
        if let Some(canary) = canary.filter(|canary| is_untried(canary) && is_admitted(canary)) {
            return canary;
        }
        let admitted: Vec<usize> = (0..self.regular).filter(is_admitted).collect();
        let untried: Vec<usize> = admitted.iter().copied().filter(is_untried).collect();
        if !admitted.is_empty() {
            return self.by_weight(self.best(if untried.is_empty() { admitted } else { untried }), random);
        }
        // Nobody is healthy, so no rank says who might be back: all are tried in turn.
        let untried: Vec<usize> = (0..self.regular).filter(is_untried).collect();
        self.by_weight(if untried.is_empty() { (0..self.regular).collect() } else { untried }, random)
    }

    /// The best of the candidates: by priority, by zone.
    fn best(&self, mut candidates: Vec<usize>) -> Vec<usize> {
        let rank = |number: &usize| {
            let upstream = &self.all[*number];
            (upstream.weight == 0, upstream.priority, !upstream.is_in_zone)
        };
        let first = candidates.iter().map(rank).min();
        candidates.retain(|number| Some(rank(number)) == first);
        candidates
    }

    /// One of the candidates, by weight, and by lot among those without.
    fn by_weight(&self, candidates: Vec<usize>, random: impl FnOnce() -> f64) -> usize {
        if let [only] = candidates[..] {
            return only;
        }
        let total: f64 = candidates.iter().map(|number| f64::from(self.all[*number].weight)).sum();
        let weight = |number: &usize| if total > 0.0 { f64::from(self.all[*number].weight) } else { 1.0 };
        let mut point = random() * candidates.iter().map(weight).sum::<f64>();
        let chosen = candidates.iter().find(|number| {
            point -= weight(number);
            point < 0.0
        });
        chosen.or(candidates.last()).copied().unwrap_or_default()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Vec<Health>> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Chosen<'_> {
    /// Which one it is.
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// Tells how the attempt ended, in monotonic time. An attempt that is dropped says nothing of its endpoint.
    pub(crate) fn conclude(mut self, verdict: Verdict, now: Duration) {
        // The mirror's clock is its own.
        if verdict == Verdict::Healthy && self.number < self.upstreams.chosen_among() {
            self.upstreams.heard(self.number);
        }
        self.end(verdict, now);
    }

    fn end(&mut self, verdict: Verdict, now: Duration) {
        let Some(ticket) = self.ticket.take() else {
            return;
        };
        let (has_changed, state) = {
            let mut health = self.upstreams.lock();
            let one = &mut health[self.number];
            (one.end(ticket, verdict, &self.upstreams.breaker, now), one.state.name().as_str())
        };
        let address = self.upstreams.get(self.number).address.authority();
        crate::call::metrics::endpoint_state(address, state);
        if has_changed {
            tracing::info!(server.address = address, ecloud.state = state, "an endpoint's breaker has changed");
        }
    }
}

impl Drop for Chosen<'_> {
    fn drop(&mut self) {
        // What says nothing needs no time.
        self.end(Verdict::Unknown, Duration::ZERO);
    }
}

fn is_in(set: u64, number: usize) -> bool {
    set & 1 << number != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::{Endpoint, Endpoints};

    const NOW: Duration = Duration::from_secs(100);

    fn upstreams(endpoints: Endpoints) -> Upstreams {
        Upstreams::new(endpoints, &[], NOW).unwrap()
    }

    fn at(number: usize) -> Endpoint {
        Endpoint::new(format!("https://e{number}.example.com"))
    }

    /// How often each is chosen over all random numbers.
    fn shares(upstreams: &Upstreams, wish: Wish<'_>) -> Vec<usize> {
        let mut counts = vec![0; upstreams.all.len()];
        for point in 0..1_000 {
            let chosen = upstreams.choose(wish, NOW, || f64::from(point) / 1_000.0);
            counts[chosen.number()] += 1;
            chosen.conclude(Verdict::Healthy, NOW);
        }
        counts
    }

    fn fail(upstreams: &Upstreams, number: usize, now: Duration) {
        for _ in 0..5 {
            upstreams
                .choose(Wish { only: Some(number), ..Wish::default() }, now, || 0.0)
                .conclude(Verdict::Failed, now);
        }
    }

    #[test]
    fn weights_share_the_calls_of_the_best_priority_and_zone() {
        let by_weight = upstreams(Endpoints::new([at(1).with_weight(3), at(2), at(3).with_weight(0)]));
        assert_eq!(shares(&by_weight, Wish::default()), [750, 250, 0]);
        assert_eq!(shares(&by_weight, Wish { tried: 0b11, ..Wish::default() }), [0, 0, 1000]);

        let by_zone = Endpoints::new([at(1), at(2).with_zone("east"), at(3).with_zone("east"), at(4).with_priority(1)]);
        let by_zone = upstreams(by_zone.prefer_zone("east"));
        assert_eq!(shares(&by_zone, Wish::default()), [0, 500, 500, 0]);
        assert_eq!(shares(&by_zone, Wish { tried: 0b0110, ..Wish::default() }), [1000, 0, 0, 0]);
        assert_eq!(shares(&by_zone, Wish { tried: 0b0111, ..Wish::default() }), [0, 0, 0, 1000]);
        assert_eq!(shares(&by_zone, Wish { tried: 0b1111, ..Wish::default() }), [0, 500, 500, 0]);
        assert_eq!(shares(&by_zone, Wish { stay: Some(3), ..Wish::default() }), [0, 0, 0, 1000]);
    }

    #[test]
    fn one_that_fails_is_left_alone_and_probed_by_calls_that_can_bear_it() {
        let upstreams = upstreams(Endpoints::new([at(1), at(2).with_priority(1)]));
        fail(&upstreams, 0, NOW);
        assert!(!upstreams.has_another(0b10, NOW) && upstreams.has_another(0b01, NOW));
        assert_eq!(shares(&upstreams, Wish { may_probe: true, ..Wish::default() }), [0, 1000]);

        let later = NOW + Duration::from_secs(10);
        let choose = |may_probe| upstreams.choose(Wish { may_probe, ..Wish::default() }, later, || 0.0);
        assert_eq!(choose(false).number(), 1);
        let probe = choose(true);
        assert_eq!((probe.number(), choose(true).number()), (0, 1));
        drop(probe);
        assert_eq!(choose(true).number(), 0);
        choose(true).conclude(Verdict::Healthy, later);
        choose(true).conclude(Verdict::Healthy, later);
        assert_eq!(choose(false).number(), 0);
    }

    #[test]
    fn where_nobody_is_healthy_calls_are_shared_among_all() {
        let upstreams = upstreams(Endpoints::new([at(1), at(2).with_weight(2), at(3).with_priority(1)]));
        (0..3).for_each(|number| fail(&upstreams, number, NOW));
        let numbers = |tried| {
            let choose = |point: u32| {
                upstreams.choose(Wish { tried, ..Wish::default() }, NOW, || f64::from(point) / 4.0).number()
            };
            [0, 1, 2, 3].map(choose)
        };
        assert_eq!((numbers(0), numbers(0b111), numbers(0b110)), ([0, 1, 1, 2], [0, 1, 1, 2], [0; 4]));
        assert!(!upstreams.has_another(0b001, NOW));
    }

    #[test]
    fn a_canary_has_its_shops_while_it_is_healthy() {
        let upstreams = upstreams(Endpoints::new([at(1)]).with_canary(at(2), 0.4735));
        let side = |shop| shares(&upstreams, Wish { shop, ..Wish::default() });
        assert_eq!(
            (side(Some("shop-1")), side(Some("shop-2")), side(None)),
            (vec![0, 1000], vec![1000, 0], vec![1000, 0])
        );
        fail(&upstreams, 1, NOW);
        assert_eq!(side(Some("shop-1")), [1000, 0]);
    }

    #[test]
    fn the_mirror_is_never_chosen() {
        let upstreams = upstreams(Endpoints::new([at(1), at(2)]).with_mirror(crate::Mirror::new(at(3), 1.0)));
        assert_eq!(shares(&upstreams, Wish { tried: 0b11, ..Wish::default() }), [500, 500, 0]);
        let only = upstreams.choose(Wish { only: Some(2), ..Wish::default() }, NOW, || 0.0);
        assert_eq!(only.number(), 2);
    }
}
