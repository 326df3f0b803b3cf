//! Moments in time as the platform writes them: RFC 3339, UTC, milliseconds.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const DAY_MILLIS: i64 = 86_400_000;

/// A moment in time, to the millisecond, in UTC.
///
/// On the wire it is RFC 3339 with milliseconds, `2026-11-22T08:30:00.000Z`; any offset and any number of fractional digits
/// are read (finer digits are cut off). It spans the years 0000 to 9999; arithmetic stops at the ends.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp {
    millis: i64,
}

impl Timestamp {
    /// `0000-01-01T00:00:00.000Z`, the earliest moment that the wire form can say.
    pub const MIN: Self = Self { millis: -62_167_219_200_000 };
    /// `9999-12-31T23:59:59.999Z`, the latest moment that the wire form can say.
    pub const MAX: Self = Self { millis: 253_402_300_799_999 };
    /// `1970-01-01T00:00:00.000Z`.
    pub const UNIX_EPOCH: Self = Self { millis: 0 };

    /// A moment in milliseconds since 1970, moved to [`MIN`](Self::MIN) or [`MAX`](Self::MAX) where it lies beyond.
    pub const fn from_unix_millis(millis: i64) -> Self {
        if millis < Self::MIN.millis {
            Self::MIN
        } else if millis > Self::MAX.millis {
            Self::MAX
        } else {
            Self { millis }
        }
    }

    /// A moment in seconds since 1970, moved to [`MIN`](Self::MIN) or [`MAX`](Self::MAX) where it lies beyond.
    pub const fn from_unix_seconds(seconds: i64) -> Self {
        Self::from_unix_millis(seconds.saturating_mul(1000))
    }

    /// Milliseconds since 1970; negative before.
    pub const fn unix_millis(self) -> i64 {
        self.millis
    }

    /// Whole seconds since 1970, rounded down.
    pub const fn unix_seconds(self) -> i64 {
        self.millis.div_euclid(1000)
    }

    /// How long after `earlier` this is, or `None` if it is before.
    pub fn duration_since(self, earlier: Self) -> Option<Duration> {
        u64::try_from(self.millis - earlier.millis).ok().map(Duration::from_millis)
    }

    /// This moment moved by `millis` milliseconds, stopping at the ends.
    #[must_use]
    pub const fn offset_by_millis(self, millis: i64) -> Self {
        Self::from_unix_millis(self.millis.saturating_add(millis))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        self.offset_by_millis(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        self.offset_by_millis(-i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self::UNIX_EPOCH + after,
            Err(before) => Self::UNIX_EPOCH - before.duration(),
        }
    }
}

impl From<Timestamp> for SystemTime {
    fn from(timestamp: Timestamp) -> Self {
        let distance = Duration::from_millis(timestamp.millis.unsigned_abs());
        if timestamp.millis < 0 { UNIX_EPOCH - distance } else { UNIX_EPOCH + distance }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.millis.div_euclid(DAY_MILLIS));
        let millis = self.millis.rem_euclid(DAY_MILLIS);
        let (seconds, millis) = (millis / 1000, millis % 1000);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not a moment in RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a time is written as in RFC 3339, for example 2026-11-22T08:30:00.000Z")]
pub struct ParseTimestampError;

impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text.as_bytes()).ok_or(ParseTimestampError)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Timestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time in RFC 3339")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Visitor)
    }
}

/// Reads `YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm)`. A leap second counts as the second after it.
fn parse(text: &[u8]) -> Option<Timestamp> {
    let number = |range: std::ops::Range<usize>| -> Option<i64> {
        text.get(range)?
            .iter()
            .try_fold(0_i64, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
    };
    let mark = |at: usize, allowed: &[u8]| text.get(at).filter(|byte| allowed.contains(byte)).map(|_| ());

    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    mark(4, b"-")?;
    mark(7, b"-")?;
    mark(10, b"Tt ")?;
    mark(13, b":")?;
    mark(16, b":")?;
    let in_range = (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !in_range {
        return None;
    }

    let mut rest = &text[19..];
    let mut millis = 0;
    if let [b'.', fraction @ ..] = rest {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return None;
        }
        for place in 0..3 {
            millis = millis * 10 + fraction[..digits].get(place).map_or(0, |byte| i64::from(byte - b'0'));
        }
        rest = &fraction[digits..];
    }
    let offset_minutes = match rest {
        b"Z" | b"z" => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] if [h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit()) => {
            let digit = |byte: &u8| i64::from(byte - b'0');
            let (hours, minutes) = (digit(h1) * 10 + digit(h2), digit(m1) * 10 + digit(m2));
            if hours > 23 || minutes > 59 {
                return None;
            }
            let distance = hours * 60 + minutes;
            if *sign == b'-' { -distance } else { distance }
        }
        _ => return None,
    };

    let days = days_from_civil(year, month, day);
    let seconds = days * 86_400 + hour * 3600 + (minute - offset_minutes) * 60 + second;
    Some(Timestamp::from_unix_millis(seconds * 1000 + millis))
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar (Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms"): years begin in March, so that the leap day comes last, and repeat every 400 years.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The date of a day counted from 1970-01-01: the inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_moments_read_and_print() {
        for (text, millis) in [
            ("1970-01-01T00:00:00.000Z", 0),
            ("2026-11-22T08:30:00.000Z", 1_795_336_200_000),
            ("2000-02-29T23:59:59.999Z", 951_868_799_999),
            ("1969-12-31T23:59:59.999Z", -1),
            ("0000-01-01T00:00:00.000Z", Timestamp::MIN.millis),
            ("9999-12-31T23:59:59.999Z", Timestamp::MAX.millis),
        ] {
            let moment: Timestamp = text.parse().unwrap();
            assert_eq!(moment.unix_millis(), millis, "{text}");
            assert_eq!(moment.to_string(), text);
        }
    }

    #[test]
    fn offsets_and_fractions_are_understood() {
        let same = "2026-11-22T08:30:00.120Z".parse::<Timestamp>().unwrap();
        for text in ["2026-11-22T16:30:00.12+08:00", "2026-11-22t08:30:00.1209999z", "2026-11-22 03:30:00.120-05:00"] {
            assert_eq!(text.parse(), Ok(same), "{text}");
        }
        let leap = "2016-12-31T23:59:60Z".parse::<Timestamp>().unwrap();
        assert_eq!(leap.to_string(), "2017-01-01T00:00:00.000Z");
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "2026",
            "2026-11-22",
            "2026-11-22T08:30:00",
            "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T08:30:00.Z",
            "2026-11-22T08:30:00+0800",
            "2026-11-22T08:30:00Zx",
            "2026-11-22T08:30:00+24:00",
            "-026-11-22T08:30:00Z",
            "２026-11-22T08:30:00Z",
            "1795336200",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(ParseTimestampError), "{text}");
        }
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        assert_eq!(Timestamp::MAX + Duration::MAX, Timestamp::MAX);
        assert_eq!(Timestamp::MIN - Duration::MAX, Timestamp::MIN);
        assert_eq!(Timestamp::from_unix_seconds(i64::MAX), Timestamp::MAX);
        assert_eq!(Timestamp::UNIX_EPOCH.duration_since(Timestamp::MAX), None);
    }

    proptest! {
        #[test]
        fn every_moment_survives_its_text(millis in Timestamp::MIN.millis..=Timestamp::MAX.millis) {
            let moment = Timestamp::from_unix_millis(millis);
            prop_assert_eq!(moment.to_string().parse(), Ok(moment));
            prop_assert_eq!(Timestamp::from(SystemTime::from(moment)), moment);
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,40}") {
            let _ = text.parse::<Timestamp>();
        }
    }
}
