//! `Timestamp` as the types of the date crates, each behind the feature of its name.

use super::Timestamp;

/// A moment before the year 0 or after 9999, which [`Timestamp`] can't say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the moment lies outside the years 0000 to 9999")]
pub struct OutOfRange;

/// A moment in milliseconds, if it is within the range of [`Timestamp`].
fn within_range(millis: i64) -> Result<Timestamp, OutOfRange> {
    let moment = Timestamp::from_unix_millis(millis);
    if moment.unix_millis() == millis { Ok(moment) } else { Err(OutOfRange) }
}

#[cfg(feature = "jiff")]
impl From<Timestamp> for jiff::Timestamp {
    fn from(moment: Timestamp) -> Self {
        // jiff spans the years -9999 to 9999, but for the last hours of the last day.
        Self::from_millisecond(moment.unix_millis()).unwrap_or(Self::MAX)
    }
}

#[cfg(feature = "jiff")]
impl TryFrom<jiff::Timestamp> for Timestamp {
    type Error = OutOfRange;

    /// Cuts off what is finer than a millisecond.
    fn try_from(moment: jiff::Timestamp) -> Result<Self, OutOfRange> {
        within_range(moment.as_millisecond())
    }
}

#[cfg(feature = "chrono")]
impl From<Timestamp> for chrono::DateTime<chrono::Utc> {
    fn from(moment: Timestamp) -> Self {
        // chrono spans some 260,000 years on either side.
        Self::from_timestamp_millis(moment.unix_millis()).unwrap_or(Self::MAX_UTC)
    }
}

#[cfg(feature = "chrono")]
impl TryFrom<chrono::DateTime<chrono::Utc>> for Timestamp {
    type Error = OutOfRange;

    /// Cuts off what is finer than a millisecond.
    fn try_from(moment: chrono::DateTime<chrono::Utc>) -> Result<Self, OutOfRange> {
        within_range(moment.timestamp_millis())
    }
}

#[cfg(feature = "time")]
impl From<Timestamp> for time::OffsetDateTime {
    fn from(moment: Timestamp) -> Self {
        Self::UNIX_EPOCH + time::Duration::milliseconds(moment.unix_millis())
    }
}

#[cfg(feature = "time")]
impl TryFrom<time::OffsetDateTime> for Timestamp {
    type Error = OutOfRange;

    /// Cuts off what is finer than a millisecond.
    fn try_from(moment: time::OffsetDateTime) -> Result<Self, OutOfRange> {
        let millis = moment.unix_timestamp_nanos().div_euclid(1_000_000);
        i64::try_from(millis).map_err(|_| OutOfRange).and_then(within_range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENTS: [i64; 4] = [-62_167_219_200_000, -1, 0, 1_795_336_200_123];

    #[cfg(feature = "jiff")]
    #[test]
    fn jiff_reads_the_same_moment() {
        for moment in MOMENTS.map(Timestamp::from_unix_millis) {
            let there: jiff::Timestamp = moment.into();
            assert_eq!(moment.to_string().parse::<jiff::Timestamp>().unwrap(), there);
            assert_eq!(Timestamp::try_from(there), Ok(moment));
        }
        assert_eq!(Timestamp::try_from(jiff::Timestamp::MIN), Err(OutOfRange));
    }

    #[cfg(feature = "chrono")]
    #[test]
    fn chrono_reads_the_same_moment() {
        for moment in MOMENTS.map(Timestamp::from_unix_millis) {
            let there: chrono::DateTime<chrono::Utc> = moment.into();
            assert_eq!(moment.to_string().parse::<chrono::DateTime<chrono::Utc>>().unwrap(), there);
            assert_eq!(Timestamp::try_from(there), Ok(moment));
        }
        assert_eq!(Timestamp::try_from(chrono::DateTime::<chrono::Utc>::MIN_UTC), Err(OutOfRange));
    }

    #[cfg(feature = "time")]
    #[test]
    fn time_reads_the_same_moment() {
        for moment in MOMENTS.map(Timestamp::from_unix_millis) {
            let there: time::OffsetDateTime = moment.into();
            assert_eq!(Timestamp::try_from(there), Ok(moment));
        }
        let leap = time::Date::from_calendar_date(2024, time::Month::February, 29).unwrap().midnight().assume_utc();
        assert_eq!(Timestamp::try_from(leap).unwrap().to_string(), "2024-02-29T00:00:00.000Z");
    }
}
