//! Faults that a test asks for: what goes wrong, how often, and to which requests.

use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::dice::Dice;
use crate::platform::{Cut, Pace};
use crate::snapshot::{Part, Record, SnapshotError, Writer};

/// Something that goes wrong on purpose.
///
/// A fault happens to the next request unless [`next`](Self::next) or [`share`](Self::share) says otherwise, and to any request
/// unless [`method`](Self::method), [`path_prefix`](Self::path_prefix) or [`operation`](Self::operation) narrows it. Of several
/// faults that fit a request, the one that was injected first happens.
///
/// ```
/// use ecloud_sandbox::Fault;
/// use std::time::Duration;
///
/// // A third of all calls to ship an order fail with 503 after the shipment was made.
/// let fault = Fault::status(503)
///     .retry_after(Duration::from_millis(20))
///     .after_effect()
///     .operation("logistics.shipments.create")
///     .share(0.33, 7);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub(crate) harm: Harm,
    pub(crate) after_effect: bool,
    pub(crate) when: When,
    pub(crate) only: Only,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Harm {
    /// An error answer, with or without a body of the protocol's form.
    Status { status: StatusCode, retry_after: Option<Duration>, bare: bool },
    /// The answer comes late.
    Delay(Duration),
    /// The answer ends too early, or never begins.
    Cut(Cut),
    /// The body comes slowly.
    Pace(Pace),
}

/// How often it happens.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum When {
    /// To the next so many requests that fit.
    Next(u32),
    /// To this share of the requests that fit, by dice of this seed.
    Share {
        #[serde(with = "crate::snapshot::exact")]
        share: f64,
        seed: u64,
    },
}

/// Which requests it happens to; what is absent fits all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Only {
    pub(crate) method: Option<String>,
    pub(crate) path_prefix: Option<String>,
    pub(crate) operation: Option<String>,
}

impl Fault {
    fn new(harm: Harm) -> Self {
        Self { harm, after_effect: false, when: When::Next(1), only: Only::default() }
    }

    /// An answer with this status, instead of doing what was asked. A number that is no status counts as 500.
    pub fn status(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::new(Harm::Status { status, retry_after: None, bare: false })
    }

    /// The real answer, but only after this time. Meanwhile the request is under way: its idempotency key answers
    /// `idempotency.in_progress`.
    pub fn delay(delay: Duration) -> Self {
        Self::new(Harm::Delay(delay))
    }

    /// No answer: the connection closes.
    pub fn dropped_connection() -> Self {
        Self::new(Harm::Cut(Cut::Connection))
    }

    /// The real answer, but the connection closes after `after` bytes of its body. The wiremock door closes the connection at once.
    pub fn cut_body(after: usize) -> Self {
        Self::new(Harm::Cut(Cut::Body { after }))
    }

    /// The real answer, its body in pieces of `bytes` bytes with a `pause` before each. The wiremock door waits as long before it
    /// sends all of it.
    pub fn slow_body(bytes: usize, pause: Duration) -> Self {
        Self::new(Harm::Pace(Pace { bytes: bytes.max(1), pause }))
    }

    /// Says in `x-ecloud-retry-after-ms` how long to wait; only of use with [`status`](Self::status).
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> Self {
        if let Harm::Status { retry_after, .. } = &mut self.harm {
            *retry_after = Some(delay);
        }
        self
    }

    /// Leaves the error's body out, as a gateway in front of the platform might; only of use with [`status`](Self::status).
    #[must_use]
    pub fn without_body(mut self) -> Self {
        if let Harm::Status { bare, .. } = &mut self.harm {
            *bare = true;
        }
        self
    }

    /// The operation takes effect first; only its answer is lost or replaced. Without this, an error status or a dropped connection
    /// comes instead of the effect.
    #[must_use]
    pub fn after_effect(mut self) -> Self {
        self.after_effect = true;
        self
    }

    /// Happens to the next `count` requests that fit.
    #[must_use]
    pub fn next(mut self, count: u32) -> Self {
        self.when = When::Next(count);
        self
    }

    /// Happens to this share of the requests that fit, between 0 and 1, by dice that follow from `seed`.
    #[must_use]
    pub fn share(mut self, share: f64, seed: u64) -> Self {
        self.when = When::Share { share: share.clamp(0.0, 1.0), seed };
        self
    }

    /// Only to requests with this method.
    #[must_use]
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.only.method = Some(method.into());
        self
    }

    /// Only to requests whose path begins like this.
    #[must_use]
    pub fn path_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.only.path_prefix = Some(prefix.into());
        self
    }

    /// Only to calls of this operation, for example `trade.orders.list`.
    #[must_use]
    pub fn operation(mut self, id: impl Into<String>) -> Self {
        self.only.operation = Some(id.into());
        self
    }

    /// Whether the effect of the request is left out.
    pub(crate) fn replaces_effect(&self) -> bool {
        !self.after_effect && matches!(self.harm, Harm::Status { .. } | Harm::Cut(Cut::Connection))
    }
}

/// A fault that was injected, and how often it has happened.
#[derive(Clone, Debug, PartialEq)]
pub struct InjectedFault {
    /// Names it among the injected faults.
    pub id: u64,
    /// The fault.
    pub fault: Fault,
    /// How often it has happened.
    pub happened: u64,
}

/// All injected faults, in the order in which they were injected.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    injected: Vec<(InjectedFault, Dice)>,
    next_id: u64,
}

impl Faults {
    pub(crate) fn inject(&mut self, fault: Fault) -> u64 {
        self.next_id += 1;
        let dice = match fault.when {
            When::Share { seed, .. } => Dice::for_purpose(seed, "faults"),
            When::Next(_) => Dice::new(0),
        };
        self.injected.push((InjectedFault { id: self.next_id, fault, happened: 0 }, dice));
        self.next_id
    }

    /// The fault that happens to a request, if one does.
    pub(crate) fn strike(&mut self, method: &str, path: &str, operation: Option<&str>) -> Option<Fault> {
        for (injected, dice) in &mut self.injected {
            let happens = injected.fault.only.fits(method, path, operation)
                && match injected.fault.when {
                    When::Next(count) => injected.happened < u64::from(count),
                    When::Share { share, .. } => dice.happens(share),
                };
            if happens {
                injected.happened += 1;
                return Some(injected.fault.clone());
            }
        }
        None
    }

    pub(crate) fn list(&self) -> Vec<InjectedFault> {
        self.injected.iter().map(|(injected, _)| injected.clone()).collect()
    }

    /// Takes one fault out; whether there was one.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.injected.len();
        self.injected.retain(|(injected, _)| injected.id != id);
        self.injected.len() < before
    }

    pub(crate) fn clear(&mut self) {
        self.injected.clear();
    }
}

impl Only {
    fn fits(&self, method: &str, path: &str, operation: Option<&str>) -> bool {
        self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.path_prefix.as_deref().is_none_or(|prefix| path.starts_with(prefix))
            && self.operation.as_deref().is_none_or(|wanted| operation == Some(wanted))
    }
}

/// What goes wrong, as a member of a row of a saved platform.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum HarmRow {
    Status { status: u16, retry_after: Option<Duration>, bare: bool },
    Delay(Duration),
    DroppedConnection,
    CutBody { after: usize },
    SlowBody { bytes: usize, pause: Duration },
}

/// A fault as such a row, and the dice that it throws.
#[derive(Serialize, Deserialize)]
struct FaultRow {
    id: u64,
    happened: u64,
    harm: HarmRow,
    after_effect: bool,
    when: When,
    only: Only,
    dice: Dice,
}

impl FaultRow {
    fn of((injected, dice): &(InjectedFault, Dice)) -> Self {
        let InjectedFault { id, fault: Fault { harm, after_effect, when, only }, happened } = injected.clone();
        let harm = match harm {
            Harm::Status { status, retry_after, bare } => {
                HarmRow::Status { status: status.as_u16(), retry_after, bare }
            }
            Harm::Delay(delay) => HarmRow::Delay(delay),
            Harm::Cut(Cut::Connection) => HarmRow::DroppedConnection,
            Harm::Cut(Cut::Body { after }) => HarmRow::CutBody { after },
            Harm::Pace(Pace { bytes, pause }) => HarmRow::SlowBody { bytes, pause },
        };
        Self { id, happened, harm, after_effect, when, only, dice: dice.clone() }
    }

    fn read(self) -> (InjectedFault, Dice) {
        let Self { id, happened, harm, after_effect, when, only, dice } = self;
        let fault = match harm {
            HarmRow::Status { status, retry_after, bare } => {
                let fault = Fault::status(status);
                let fault = retry_after.map_or_else(|| fault.clone(), |delay| fault.clone().retry_after(delay));
                if bare { fault.without_body() } else { fault }
            }
            HarmRow::Delay(delay) => Fault::delay(delay),
            HarmRow::DroppedConnection => Fault::dropped_connection(),
            HarmRow::CutBody { after } => Fault::cut_body(after),
            HarmRow::SlowBody { bytes, pause } => Fault::slow_body(bytes, pause),
        };
        (InjectedFault { id, fault: Fault { after_effect, when, only, ..fault }, happened }, dice)
    }
}

impl Part for Faults {
    fn save(&self, writer: &mut Writer<'_>) -> Result<(), SnapshotError> {
        let Self { injected, next_id } = self;
        writer.row("faults", next_id)?;
        writer.rows("fault", injected.iter().map(FaultRow::of))
    }

    fn restore(&mut self, record: &Record<'_>) -> Result<bool, SnapshotError> {
        match record.kind() {
            "faults" => self.next_id = record.read()?,
            "fault" => self.injected.push(record.read::<FaultRow>()?.read()),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_happens_as_often_as_it_says() {
        let mut faults = Faults::default();
        faults.inject(Fault::status(503).next(2));
        let struck = (0..5).filter(|_| faults.strike("GET", "/a", None).is_some()).count();
        assert_eq!((struck, faults.list()[0].happened), (2, 2));
    }

    #[test]
    fn a_share_follows_from_its_seed() {
        let run = |seed| {
            let mut faults = Faults::default();
            faults.inject(Fault::status(503).share(0.3, seed));
            (0..100).map(|_| faults.strike("GET", "/a", None).is_some()).collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        assert!((15..45).contains(&run(1).iter().filter(|struck| **struck).count()));
    }

    #[test]
    fn a_fault_happens_only_to_requests_that_fit() {
        let mut faults = Faults::default();
        faults.inject(
            Fault::dropped_connection().method("POST").path_prefix("/trade/").operation("trade.orders.close").next(9),
        );
        assert!(faults.strike("GET", "/trade/v1", Some("trade.orders.close")).is_none());
        assert!(faults.strike("POST", "/product/v1", Some("trade.orders.close")).is_none());
        assert!(faults.strike("POST", "/trade/v1", None).is_none());
        assert!(faults.strike("POST", "/trade/v1", Some("trade.orders.close")).is_some());
    }

    #[test]
    fn the_fault_that_was_injected_first_happens_first() {
        let mut faults = Faults::default();
        let first = faults.inject(Fault::status(500));
        faults.inject(Fault::status(502));
        assert_eq!(faults.strike("GET", "/", None), Some(Fault::status(500)));
        assert_eq!(faults.strike("GET", "/", None), Some(Fault::status(502)));
        assert!(faults.remove(first) && !faults.remove(first));
    }
}
