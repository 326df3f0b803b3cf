//! The days of the platform, from midnight to midnight in UTC+8.

use ecloud_core::Timestamp;

/// By how much clocks in China are ahead of UTC.
pub(crate) const CHINA_MILLIS: i64 = 8 * 3_600_000;
/// How long a day is; China has no summer time.
pub(crate) const DAY_MILLIS: i64 = 86_400_000;

/// When the day of a moment began.
pub(crate) fn day_of(moment: Timestamp) -> Timestamp {
    moment.offset_by_millis(-(moment.unix_millis() + CHINA_MILLIS).rem_euclid(DAY_MILLIS))
}
