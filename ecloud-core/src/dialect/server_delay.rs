//! How long a server asks to wait, in each of the ways in which servers say it.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};

/// The wait that an answer asks for: `x-ecloud-retry-after-ms` (milliseconds), else `retry-after` (seconds, or an HTTP date that is read
/// against the answer's own `date`). Of a header that comes several times the longest wait counts, which suits them all. `None` where
/// there is none that can be read; a date in the past is no wait.
pub fn server_delay(headers: &HeaderMap) -> Option<Duration> {
    let millis = texts(headers, "x-ecloud-retry-after-ms").filter_map(whole_number).max();
    millis.map(Duration::from_millis).or_else(|| {
        let date = texts(headers, header::DATE.as_str()).next().and_then(|date| httpdate::parse_http_date(date).ok());
        texts(headers, header::RETRY_AFTER.as_str()).filter_map(|asked| retry_after(asked, date)).max()
    })
}

fn texts<'a>(headers: &'a HeaderMap, name: &'static str) -> impl Iterator<Item = &'a str> {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).map(str::trim)
}

/// A number of seconds, or a date that is read against the answer's own.
fn retry_after(asked: &str, date: Option<SystemTime>) -> Option<Duration> {
    if let Some(seconds) = whole_number(asked) {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(asked).ok()?;
    Some(until.duration_since(date?).unwrap_or_default())
}

/// A number of digits alone; one that is too large is the largest.
fn whole_number(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn delay(headers: &[(&'static str, &'static str)]) -> Option<Duration> {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        server_delay(&headers.iter().map(pair).collect())
    }

    #[test]
    fn milliseconds_win_over_seconds() {
        assert_eq!(delay(&[("retry-after", "2")]), Some(Duration::from_secs(2)));
        let both = [("retry-after", "2"), ("x-ecloud-retry-after-ms", "150")];
        assert_eq!(delay(&both), Some(Duration::from_millis(150)));
    }

    #[test]
    fn dates_are_read_against_the_answers_own() {
        let date = ("date", "Sun, 22 Nov 2026 08:30:00 GMT");
        assert_eq!(delay(&[date, ("retry-after", "Sun, 22 Nov 2026 08:30:07 GMT")]), Some(Duration::from_secs(7)));
        assert_eq!(delay(&[date, ("retry-after", "Sun, 22 Nov 2026 08:29:00 GMT")]), Some(Duration::ZERO));
        assert_eq!(delay(&[("retry-after", "Sun, 22 Nov 2026 08:30:07 GMT")]), None);
    }

    #[test]
    fn nonsense_is_no_delay_and_huge_numbers_stay_numbers() {
        for value in ["", "-1", "+5", "1.5", "NaN", "soon", "0x10"] {
            assert_eq!(delay(&[("retry-after", value)]), None, "{value}");
        }
        let huge = delay(&[("retry-after", "99999999999999999999999")]);
        assert_eq!(huge, Some(Duration::from_secs(u64::MAX)));
    }
}
