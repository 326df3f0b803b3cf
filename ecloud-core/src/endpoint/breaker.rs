//! Whether an endpoint is healthy, from how the attempts there end.

use std::time::Duration;

/// When an endpoint is left alone, for how long, and what brings it back.
///
/// What counts as a failure: no connection, a connection that broke off, no answer within the attempt's time (or within at least half of
/// it, where the call was over before), and the statuses 502, 503 and
/// 504. A 500 counts neither way, as it is one operation's trouble more often than the endpoint's; any other answer is a sign of health, a
/// refusal too.
///
/// After its pause an endpoint is half open: one call at a time is sent there as a probe (a read, or a write with an idempotency key), and
/// all others go elsewhere. The first failure ends it for twice as long as before, up to a longest pause; a number of successes in a row
/// brings the endpoint back. The pause is the short one again only for an endpoint that has been healthy for at least as long as its last
/// pause was, so that one that comes and goes is asked ever more rarely.
#[derive(Clone, Debug)]
#[must_use]
pub struct Breaker {
    failures: u32,
    successes: u32,
    pause: Duration,
    longest_pause: Duration,
}

impl Default for Breaker {
    /// 5 failures in a row, a pause of 10 seconds at first and 5 minutes at most, 2 successes to come back.
    fn default() -> Self {
        Self { failures: 5, successes: 2, pause: Duration::from_secs(10), longest_pause: Duration::from_secs(300) }
    }
}

impl Breaker {
    /// After how many failures in a row an endpoint is left alone; 5 unless set, at least 1.
    pub const fn with_failures(mut self, failures: u32) -> Self {
        self.failures = if failures == 0 { 1 } else { failures };
        self
    }

    /// How many probes in a row have to succeed before an endpoint is back; 2 unless set, at least 1.
    pub const fn with_successes(mut self, successes: u32) -> Self {
        self.successes = if successes == 0 { 1 } else { successes };
        self
    }

    /// How long an endpoint is left alone at first, and at most; 10 seconds and 5 minutes unless set.
    pub fn with_pause(mut self, first: Duration, longest: Duration) -> Self {
        (self.pause, self.longest_pause) = (first, longest.max(first));
        self
    }
}

/// What an attempt says of its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Healthy,
    Failed,
    /// Nothing: it was dropped, say, or had less time than the endpoint may take.
    Unknown,
}

/// How one endpoint fares.
#[derive(Debug)]
pub(super) struct Health {
    pub(super) state: State,
    /// Which state it is: what an attempt of an earlier one says comes too late.
    term: u32,
    /// The last pause; zero before the first.
    pause: Duration,
    healthy_since: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Closed { failures: u32 },
    Open { until: Duration },
    HalfOpen { successes: u32, is_probed: bool },
}

/// Whether a call may be sent to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    Open,
    /// As a probe, one at a time.
    AsProbe,
    No,
}

/// An attempt under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket {
    term: u32,
    is_probe: bool,
}

impl Health {
    pub(super) fn new(now: Duration) -> Self {
        Self { state: State::Closed { failures: 0 }, term: 0, pause: Duration::ZERO, healthy_since: now }
    }

    pub(super) fn admission(&self, now: Duration) -> Admission {
        match self.state {
            State::Closed { .. } => Admission::Open,
            State::Open { until } if until > now => Admission::No,
            State::Open { .. } | State::HalfOpen { is_probed: false, .. } => Admission::AsProbe,
            State::HalfOpen { is_probed: true, .. } => Admission::No,
        }
    }

    /// An attempt goes to it, admitted or, where nobody is, in spite of that.
    pub(super) fn begin(&mut self, now: Duration) -> Ticket {
        let is_probe = self.admission(now) == Admission::AsProbe;
        if is_probe {
            let successes = if let State::HalfOpen { successes, .. } = self.state { successes } else { 0 };
            if matches!(self.state, State::Open { .. }) {
                self.term = self.term.wrapping_add(1);
            }
            self.state = State::HalfOpen { successes, is_probed: true };
        }
        Ticket { term: self.term, is_probe }
    }

    /// The attempt has ended. Whether the endpoint's state has changed with it.
    pub(super) fn end(&mut self, ticket: Ticket, verdict: Verdict, breaker: &Breaker, now: Duration) -> bool {
        if ticket.term != self.term {
            return false;
        }
        match (self.state, verdict) {
            (State::Closed { failures }, Verdict::Failed) if failures + 1 >= breaker.failures => {
                if now.saturating_sub(self.healthy_since) >= self.pause {
                    self.pause = Duration::ZERO;
                }
                self.open(breaker, now);
                true
            }
            (State::Closed { failures }, Verdict::Failed) => {
                self.state = State::Closed { failures: failures + 1 };
                false
            }
            (State::Closed { .. }, Verdict::Healthy) => {
                self.state = State::Closed { failures: 0 };
                false
            }
            (State::HalfOpen { .. }, Verdict::Failed) if ticket.is_probe => {
                self.open(breaker, now);
                true
            }
            (State::HalfOpen { successes, is_probed }, Verdict::Healthy) => {
                self.succeed(successes + 1, is_probed && !ticket.is_probe, breaker, now)
            }
            // Sent there since nobody was healthy, and answered.
            (State::Open { .. }, Verdict::Healthy) => self.succeed(1, false, breaker, now),
            (State::HalfOpen { successes, .. }, _) if ticket.is_probe => {
                self.state = State::HalfOpen { successes, is_probed: false };
                false
            }
            _ => false,
        }
    }

    fn succeed(&mut self, successes: u32, is_probed: bool, breaker: &Breaker, now: Duration) -> bool {
        if successes >= breaker.successes {
            self.healthy_since = now;
            self.term = self.term.wrapping_add(1);
            self.state = State::Closed { failures: 0 };
            return true;
        }
        let was_open = matches!(self.state, State::Open { .. });
        self.state = State::HalfOpen { successes, is_probed };
        was_open
    }

    fn open(&mut self, breaker: &Breaker, now: Duration) {
        self.pause =
            if self.pause.is_zero() { breaker.pause } else { self.pause.saturating_mul(2).min(breaker.longest_pause) };
        self.term = self.term.wrapping_add(1);
        self.state = State::Open { until: now.saturating_add(self.pause) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// One attempt that ends at once.
    fn attempt(health: &mut Health, verdict: Verdict, at: u32) -> bool {
        let ticket = health.begin(SECOND * at);
        health.end(ticket, verdict, &Breaker::default(), SECOND * at)
    }

    fn opened_at(at: u32) -> Health {
        let mut health = Health::new(Duration::ZERO);
        let changes = (0..5).filter(|_| attempt(&mut health, Verdict::Failed, at)).count();
        assert_eq!(changes, 1);
        health
    }

    #[test]
    fn only_failures_in_a_row_open_it() {
        let mut health = Health::new(Duration::ZERO);
        for _ in 0..100 {
            (0..4).for_each(|_| assert!(!attempt(&mut health, Verdict::Failed, 1)));
            attempt(&mut health, Verdict::Healthy, 1);
        }
        (0..4).for_each(|_| _ = attempt(&mut health, Verdict::Failed, 1));
        attempt(&mut health, Verdict::Unknown, 1);
        assert_eq!(health.admission(SECOND), Admission::Open);
        assert!(attempt(&mut health, Verdict::Failed, 1));
        assert_eq!(health.state, State::Open { until: SECOND * 11 });
    }

    #[test]
    fn after_its_pause_one_probe_at_a_time_brings_it_back() {
        let mut health = opened_at(0);
        assert_eq!(health.admission(SECOND * 10), Admission::AsProbe);
        let probe = health.begin(SECOND * 10);
        assert_eq!(health.admission(SECOND * 10), Admission::No);
        assert!(!health.end(probe, Verdict::Healthy, &Breaker::default(), SECOND * 10));
        assert_eq!(health.admission(SECOND * 10), Admission::AsProbe);
        assert!(attempt(&mut health, Verdict::Healthy, 11));
        assert_eq!(health.state, State::Closed { failures: 0 });
    }

    #[test]
    fn a_dropped_probe_makes_room_for_another() {
        let mut health = opened_at(0);
        attempt(&mut health, Verdict::Unknown, 10);
        assert_eq!(health.admission(SECOND * 10), Admission::AsProbe);
    }

    #[test]
    fn pauses_double_while_probes_fail_and_for_one_that_comes_and_goes() {
        let mut health = opened_at(0);
        let mut pauses = Vec::new();
        let mut now = 0;
        for _ in 0..7 {
            let State::Open { until } = health.state else { panic!("not open") };
            pauses.push((until - SECOND * now).as_secs());
            now = u32::try_from(until.as_secs()).unwrap_or_default();
            assert!(attempt(&mut health, Verdict::Failed, now));
        }
        assert_eq!(pauses, [10, 20, 40, 80, 160, 300, 300]);

        let back = |health: &mut Health, at| (0..2).for_each(|_| _ = attempt(health, Verdict::Healthy, at));
        back(&mut health, now + 300);
        (0..5).for_each(|_| _ = attempt(&mut health, Verdict::Failed, now + 301));
        assert_eq!(health.state, State::Open { until: SECOND * (now + 601) });
        back(&mut health, now + 601);
        (0..5).for_each(|_| _ = attempt(&mut health, Verdict::Failed, now + 901));
        assert_eq!(health.state, State::Open { until: SECOND * (now + 911) });
    }

    #[test]
    fn what_attempts_of_an_earlier_state_say_comes_too_late() {
        let mut health = Health::new(Duration::ZERO);
        let late: Vec<Ticket> = (0..8).map(|_| health.begin(SECOND)).collect();
        (0..5).for_each(|_| _ = attempt(&mut health, Verdict::Failed, 1));
        for (ticket, verdict) in late.into_iter().zip([Verdict::Failed, Verdict::Healthy].into_iter().cycle()) {
            assert!(!health.end(ticket, verdict, &Breaker::default(), SECOND * 9));
        }
        assert_eq!(health.state, State::Open { until: SECOND * 11 });
    }

    #[test]
    fn an_answer_from_one_that_nobody_else_could_replace_counts() {
        let mut health = opened_at(0);
        assert!(attempt(&mut health, Verdict::Healthy, 5));
        assert!(attempt(&mut health, Verdict::Healthy, 5));
        assert_eq!(health.state, State::Closed { failures: 0 });
    }
}
