//! What goes wrong with events on purpose.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::dice::Dice;

/// What goes wrong with all events from now on, until another is set.
///
/// ```
/// use ecloud_sandbox::EventFaults;
/// use std::time::Duration;
///
/// // Everything comes three times and in any order, and every fifth delivery isn't genuine.
/// let faults = EventFaults::new().duplicates(2).shuffled().forged(0.2);
/// // Half of the events come an hour late, after those that followed them.
/// let late = EventFaults::new().held_back(0.5, Duration::from_secs(3600));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventFaults {
    pub(crate) duplicates: u32,
    pub(crate) shuffled: bool,
    pub(crate) forged: f64,
    pub(crate) other_versions: bool,
    pub(crate) held_back: (f64, Duration),
    pub(crate) backdated: (f64, Duration),
}

impl EventFaults {
    /// Nothing goes wrong.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every delivery is made so many times more, 100 at most.
    #[must_use]
    pub fn duplicates(mut self, count: u32) -> Self {
        self.duplicates = count.min(100);
        self
    }

    /// What is due at the same moment comes in any order.
    #[must_use]
    pub fn shuffled(mut self) -> Self {
        self.shuffled = true;
        self
    }

    /// This share of the deliveries, from 0 to 1, has a wrong signature.
    #[must_use]
    pub fn forged(mut self, share: f64) -> Self {
        self.forged = share;
        self
    }

    /// Every delivery has signatures of versions that no receiver knows, before those that count.
    #[must_use]
    pub fn other_versions(mut self) -> Self {
        self.other_versions = true;
        self
    }

    /// This share of the events is first sent `delay` after it happened.
    #[must_use]
    pub fn held_back(mut self, share: f64, delay: Duration) -> Self {
        self.held_back = (share, delay);
        self
    }

    /// This share of the deliveries says that it was sent `age` ago, as one that somebody has recorded would.
    #[must_use]
    pub fn backdated(mut self, share: f64, age: Duration) -> Self {
        self.backdated = (share, age);
        self
    }

    pub(super) fn forges(&self, dice: &mut Dice) -> bool {
        self.forged > 0.0 && dice.happens(self.forged)
    }

    pub(super) fn hold_back(&self, dice: &mut Dice) -> Duration {
        chance(self.held_back, dice)
    }

    pub(super) fn backdate(&self, dice: &mut Dice) -> Duration {
        chance(self.backdated, dice)
    }
}

fn chance((share, duration): (f64, Duration), dice: &mut Dice) -> Duration {
    if share > 0.0 && dice.happens(share) { duration } else { Duration::ZERO }
}

/// What goes wrong, as a member of a row of a saved platform.
#[derive(Serialize, Deserialize)]
pub(super) struct EventFaultsRow {
    duplicates: u32,
    shuffled: bool,
    #[serde(with = "crate::snapshot::exact")]
    forged: f64,
    other_versions: bool,
    #[serde(with = "crate::snapshot::exact")]
    held_back: f64,
    held_back_by: Duration,
    #[serde(with = "crate::snapshot::exact")]
    backdated: f64,
    backdated_by: Duration,
}

impl From<&EventFaults> for EventFaultsRow {
    fn from(faults: &EventFaults) -> Self {
        let EventFaults { duplicates, shuffled, forged, other_versions, held_back, backdated } = *faults;
        let ((held_back, held_back_by), (backdated, backdated_by)) = (held_back, backdated);
        Self { duplicates, shuffled, forged, other_versions, held_back, held_back_by, backdated, backdated_by }
    }
}

impl From<EventFaultsRow> for EventFaults {
    fn from(row: EventFaultsRow) -> Self {
        let EventFaultsRow { duplicates, shuffled, forged, other_versions, .. } = row;
        let (held_back, backdated) = ((row.held_back, row.held_back_by), (row.backdated, row.backdated_by));
        Self { shuffled, forged, other_versions, held_back, backdated, ..Self::default() }.duplicates(duplicates)
    }
}
