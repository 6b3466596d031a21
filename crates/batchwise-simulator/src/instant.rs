use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::tz::TimeZone;

/// A moment of the server's time, in whole microseconds, as the API writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(i64);

impl Instant {
    pub(crate) fn of(time: Timestamp) -> Instant {
        Instant(time.as_microsecond())
    }

    pub(crate) fn plus_seconds(self, seconds: u64) -> Instant {
        self.plus_micros(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000_000))
    }

    pub(crate) fn plus_micros(self, micros: i64) -> Instant {
        Instant(self.0.saturating_add(micros))
    }

    /// The whole minutes since 1970.
    pub(crate) fn minute(self) -> i64 {
        self.0.div_euclid(MINUTE)
    }

    /// The beginning of the next minute.
    pub(crate) fn next_minute(self) -> Instant {
        Instant((self.minute() + 1) * MINUTE)
    }

    /// The whole seconds until a later moment, rounded up.
    pub(crate) fn seconds_until(self, later: Instant) -> u64 {
        u64::try_from(later.0 - self.0).unwrap_or_default().div_ceil(1_000_000)
    }

    /// The day in UTC.
    pub(crate) fn day(self) -> Date {
        Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(TimeZone::UTC).date()
    }

    /// As RFC 3339 with microseconds and `Z`.
    pub(crate) fn text(self) -> String {
        Timestamp::from_microsecond(self.0).map_or_else(|_| String::new(), |time| format!("{time:.6}"))
    }

    /// As HTTP writes it, in whole seconds.
    pub(crate) fn http_date(self) -> String {
        let time = Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH);
        DateTimePrinter::new().timestamp_to_rfc9110_string(&time).unwrap_or_default()
    }
}

const MINUTE: i64 = 60_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_the_api_writes_them() {
        let moment = Instant::of("2024-09-24T18:37:24.100435Z".parse().unwrap());
        assert_eq!(moment.text(), "2024-09-24T18:37:24.100435Z");
        assert_eq!(moment.plus_seconds(86_400).text(), "2024-09-25T18:37:24.100435Z");
        assert_eq!(moment.next_minute().text(), "2024-09-24T18:38:00.000000Z");
        assert_eq!(moment.http_date(), "Tue, 24 Sep 2024 18:37:24 GMT");
        assert_eq!(moment.seconds_until(moment.next_minute()), 36);
    }
}
