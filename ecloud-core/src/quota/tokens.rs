//! The shape that fills at a rate: token bucket and leaky bucket.

use std::time::Duration;

use super::limit::Limit;

/// A bucket of tokens, which are handed out in the order in which they are asked for: whoever comes when there are none takes them in
/// advance, which puts the bucket into debt, and waits until they would be there.
///
/// At any time `tokens + held` is at most what the platform's bucket holds, less what is on its way there; so whoever goes while it is at
/// least his weight isn't refused. It is kept by never filling beyond `usable - held`, where `usable` lacks of the capacity what may
/// overtake each other on the way (rate × reserve).
#[derive(Debug)]
pub(super) struct Tokens {
    limit: Limit,
    usable: f64,
    /// Below zero by what was taken in advance.
    tokens: f64,
    /// What was taken and has not left yet.
    held: f64,
    /// When `tokens` was right, in monotonic time; ahead of now while nothing fills.
    at: Duration,
    /// By how much all who wait were put off so far.
    put_off: Duration,
}

/// Tokens that were taken in advance: when they are there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    at: Duration,
    /// What `put_off` was.
    put_off: Duration,
}

impl Tokens {
    pub(super) fn new(limit: Limit, reserve: Duration, now: Duration) -> Self {
        let usable = usable(limit, reserve);
        Self { limit, usable, tokens: usable, held: 0.0, at: now, put_off: Duration::ZERO }
    }

    /// How long until `weight` tokens are there for who comes now. It is to be filled to now.
    pub(super) fn wait(&self, weight: f64) -> Duration {
        self.time_for(self.needed(weight) - self.tokens)
    }

    /// Takes `weight` tokens, which are there after `wait`.
    pub(super) fn take(&mut self, weight: f64, wait: Duration, now: Duration) -> Place {
        self.tokens -= weight;
        self.held += weight;
        Place { at: now.saturating_add(wait), put_off: self.put_off }
    }

    /// How long until what was taken may leave.
    pub(super) fn ready_in(&self, place: Place, weight: f64, now: Duration) -> Duration {
        let put_off = self.put_off.saturating_sub(place.put_off);
        let due = place.at.saturating_add(put_off).saturating_sub(now);
        // Who had to wait for other buckets, too, may come late, with others; by then it has to be there in fact.
        due.max(self.time_for(self.needed(weight) - (self.tokens + self.held)))
    }

    /// What was taken has left.
    pub(super) fn leave(&mut self, weight: f64) {
        self.held = (self.held - weight).max(0.0);
    }

    /// What was taken is not used: whoever comes next may have it. Those behind keep their times.
    pub(super) fn give_back(&mut self, weight: f64) {
        self.leave(weight);
        self.refund(weight);
    }

    /// What was taken and has left costs less by `weight`.
    pub(super) fn refund(&mut self, weight: f64) {
        self.tokens = (self.tokens + weight).min(self.usable - self.held);
    }

    /// Takes `weight` tokens that leave at once.
    pub(super) fn spend(&mut self, weight: f64) {
        self.tokens -= weight;
    }

    pub(super) fn fill(&mut self, now: Duration) {
        if now > self.at {
            let passed = (now - self.at).as_secs_f64();
            self.tokens = (self.tokens + passed * self.limit.rate).min(self.usable - self.held);
            self.at = now;
        }
    }

    /// Nothing fills for `extension`, until `until`; and then there are `left` tokens at most.
    pub(super) fn freeze(&mut self, left: f64, until: Duration, extension: Duration) {
        self.tokens = self.tokens.min(left - self.held);
        self.at = self.at.max(until);
        self.put_off = self.put_off.saturating_add(extension);
    }

    /// Takes over the platform's figures; false where they are known. It is to be filled to now.
    pub(super) fn learn(&mut self, limit: Limit, reserve: Duration, longest: Duration) -> bool {
        if self.limit == limit {
            return false;
        }
        // What the bucket lacked of being full it still lacks, so that a larger one opens at once by its whole difference.
        let spent = self.usable - self.tokens;
        let debt_before = self.time_for(-self.tokens);
        self.limit = limit;
        self.usable = usable(limit, reserve);
        self.tokens = self.usable - spent;
        // Those who wait have their times by the old rate: where it falls, they are put off by what the last of them lacks.
        let put_off = self.time_for(-self.tokens).saturating_sub(debt_before).min(longest);
        self.put_off = self.put_off.saturating_add(put_off);
        true
    }

    /// The platform holds `left` tokens at most.
    pub(super) fn lower(&mut self, left: f64) {
        self.tokens = self.tokens.min(left - self.held);
    }

    pub(super) fn rate(&self) -> f64 {
        self.limit.rate
    }

    pub(super) fn is_full(&self) -> bool {
        self.tokens >= self.usable
    }

    /// More than the bucket holds is never there: it is let through when the bucket is full, and paid for afterwards.
    fn needed(&self, weight: f64) -> f64 {
        weight.min(self.usable)
    }

    fn time_for(&self, missing: f64) -> Duration {
        if missing <= 0.0 {
            return Duration::ZERO;
        }
        Duration::try_from_secs_f64(missing / self.limit.rate).unwrap_or(Duration::MAX)
    }
}

/// The capacity without the reserve, and at least one token.
fn usable(limit: Limit, reserve: Duration) -> f64 {
    (limit.capacity - (limit.rate * reserve.as_secs_f64()).max(1.0)).max(1.0)
}
