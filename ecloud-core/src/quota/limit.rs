//! How fast calls may go: the shapes in which platforms say it.

use std::time::Duration;

/// How fast calls may go, for one key: a bucket of tokens that fills at a rate (protocol section 7), or a count that begins anew.
///
/// Several of them, for several keys, make a [`Quota`](super::Quota). Each is counted in the weights of the calls: tokens, points or
/// calls, as the platform sees it.
///
/// What the platform says in its `x-ecloud-quota-*` headers replaces the figures of a bucket as soon as it is heard. Rates are believed
/// from one token a day to 10⁹ a second, capacities up to 10¹².
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuotaLimit {
    pub(super) shape: Option<Shape>,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    Tokens(Limit),
    Window(WindowLimit),
}

/// A rate in tokens a second, and how many tokens the bucket holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limit {
    pub(crate) rate: f64,
    pub(crate) capacity: f64,
}

/// So much in each stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WindowLimit {
    pub(super) count: u32,
    /// In milliseconds, at least 1.
    pub(super) length: i64,
    /// Where one of the windows begins, in Unix milliseconds; `None` where the first call opens a window.
    pub(super) phase: Option<i64>,
}

const HOUR: i64 = 60 * 60 * 1000;
const DAY: i64 = 24 * HOUR;

impl QuotaLimit {
    /// The tier `standard`: 20 tokens a second, 40 at once.
    pub const STANDARD: Self = Self::of(20.0, 40.0);
    /// The tier `advanced`: 100 tokens a second, 200 at once.
    pub const ADVANCED: Self = Self::of(100.0, 200.0);
    /// The tier `strategic`: 500 tokens a second, 1000 at once.
    pub const STRATEGIC: Self = Self::of(500.0, 1000.0);
    /// No limit on this side: the platform refuses what is too much, and the client tries again.
    pub const UNLIMITED: Self = Self { shape: None };

    const fn of(rate: f64, capacity: f64) -> Self {
        Self { shape: Some(Shape::Tokens(Limit { rate, capacity })) }
    }

    /// A token bucket: `rate` tokens a second, `capacity` at once; `None` unless both are finite, the rate above 0 and the capacity at
    /// least 1.
    pub fn new(rate: f64, capacity: f64) -> Option<Self> {
        let limit = Limit { rate, capacity };
        limit.is_sound().then_some(Self { shape: Some(Shape::Tokens(limit)) })
    }

    /// A leaky bucket: it takes `points`, of which `leak` drain away each second; each call adds its cost. `None` as for
    /// [`new`](Self::new).
    ///
    /// Seen from the room that is left, it is a token bucket. A call that turns out cheaper than it was weighed gets the difference
    /// back by [`QuotaPermit::settle`](super::QuotaPermit::settle).
    pub fn leaky_bucket(points: f64, leak: f64) -> Option<Self> {
        Self::new(leak, points)
    }

    /// A fixed window: `count` in each window of `length`, which the first call opens. `None` unless the count is above 0 and the
    /// length from 1 ms to 366 days; what is below a millisecond is cut off.
    ///
    /// On this side the window is longer by the [reserve](super::Quota::reserve), since the platform's begins when the call arrives.
    pub fn window(count: u32, length: Duration) -> Option<Self> {
        Self::windows(count, length, None)
    }

    /// A fixed window that goes by the clock: as [`window`](Self::window), but a window begins at each multiple of `length` since
    /// 1970-01-01 00:00 UTC, by the platform's clock as far as it is known.
    ///
    /// What leaves within the [reserve](super::Quota::reserve) before the end of a window counts in the next one, too.
    pub fn clock_window(count: u32, length: Duration) -> Option<Self> {
        Self::windows(count, length, Some(0))
    }

    /// A daily counter: `count` a day, which begins at `reset_hour` (0 to 23) in a time zone `utc_offset_minutes` east of Greenwich (-1440 to
    /// 1440; China is at 480). `None` where one of them is outside, or the count is 0.
    ///
    /// It counts what this client sends: what another process has used of the day, or this one before it was started again, it doesn't
    /// know.
    pub fn daily(count: u32, reset_hour: u8, utc_offset_minutes: i16) -> Option<Self> {
        let is_real = reset_hour < 24 && (-1440..=1440).contains(&utc_offset_minutes);
        let phase = i64::from(reset_hour) * HOUR - i64::from(utc_offset_minutes) * 60_000;
        Self::windows(count, Duration::from_millis(DAY.unsigned_abs()), Some(phase)).filter(|_| is_real)
    }

    fn windows(count: u32, length: Duration, phase: Option<i64>) -> Option<Self> {
        let length = i64::try_from(length.as_millis()).ok()?;
        let is_real = count > 0 && (1..=366 * DAY).contains(&length);
        is_real.then_some(Self { shape: Some(Shape::Window(WindowLimit { count, length, phase })) })
    }
}

impl Limit {
    fn is_sound(self) -> bool {
        self.rate.is_finite() && self.capacity.is_finite() && self.rate > 0.0 && self.capacity >= 1.0
    }

    /// What an answer says of its key, if it can be believed: a rate that is next to nothing would hold up all calls for good, and with
    /// them the answers that could say better.
    pub(super) fn believed(rate: &str, capacity: &str) -> Option<Self> {
        let limit = Self { rate: rate.trim().parse().ok()?, capacity: capacity.trim().parse().ok()? };
        let is_credible = (1.0 / 86_400.0..=1e9).contains(&limit.rate) && (1.0..=1e12).contains(&limit.capacity);
        is_credible.then_some(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_limit_is_refused() {
        for (rate, capacity) in
            [(0.0, 1.0), (-1.0, 1.0), (f64::NAN, 1.0), (f64::INFINITY, 1.0), (1.0, 0.9), (1.0, f64::NAN)]
        {
            assert_eq!(QuotaLimit::new(rate, capacity), None, "{rate} {capacity}");
        }
        assert_eq!(QuotaLimit::window(0, Duration::from_secs(1)), None);
        assert_eq!(QuotaLimit::window(1, Duration::from_micros(999)), None);
        assert_eq!(QuotaLimit::clock_window(1, Duration::MAX), None);
        assert_eq!(QuotaLimit::daily(1, 24, 0), None);
        assert_eq!(QuotaLimit::daily(1, 0, 1441), None);
        assert_eq!(QuotaLimit::leaky_bucket(40.0, 2.0), QuotaLimit::new(2.0, 40.0));
    }

    #[test]
    fn rates_of_next_to_nothing_and_of_everything_are_not_believed() {
        for (rate, capacity) in [
            ("0", "40"),
            ("-20", "40"),
            ("1e-300", "40"),
            ("1e300", "40"),
            ("NaN", "40"),
            ("inf", "40"),
            ("20", "0"),
            ("20", "1e300"),
        ] {
            assert_eq!(Limit::believed(rate, capacity), None, "{rate} {capacity}");
        }
        assert_eq!(Limit::believed("0.0056", " 20"), Some(Limit { rate: 0.0056, capacity: 20.0 }));
    }

    proptest! {
        #[test]
        fn whatever_is_believed_is_sound(rate in ".{0,12}", capacity in "-?[0-9.eE+naNif]{0,12}") {
            for limit in [Limit::believed(&rate, &capacity), Limit::believed(&capacity, "40"), Limit::believed("20", &capacity)] {
                prop_assert!(limit.is_none_or(Limit::is_sound));
            }
        }
    }
}
