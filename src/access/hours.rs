//! Office hours: the days and the time of day, in the zone of the house, at which certificates are issued on request.
//! Whoever issues outside of them is looked at (failures F04 and F05: nights and weekends).

use jiff::{Timestamp, ToSpan, civil::Time, civil::Weekday, tz::TimeZone};

/// When the house is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    /// The zone in which days and times are meant.
    pub zone: TimeZone,
    /// When it opens.
    pub from: Time,
    /// When it closes; an earlier time than `from` means the next day.
    pub to: Time,
    /// The days on which it opens.
    pub days: Vec<Weekday>,
}

impl Hours {
    /// Whether the house is open at this moment.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        let here = self.zone.to_datetime(now);
        let (day, time) = (here.weekday(), here.time());
        if self.from < self.to {
            return self.days.contains(&day) && time >= self.from && time < self.to;
        }
        // A shift over midnight belongs to the day on which it began.
        let began_today = self.days.contains(&day) && time >= self.from;
        began_today || (self.days.contains(&day.previous()) && time < self.to)
    }

    /// When it opens next: at most eight days from now, and `None` while it is open or if it never does.
    #[must_use]
    pub fn opens(&self, now: Timestamp) -> Option<Timestamp> {
        if self.is_open(now) {
            return None;
        }
        let today = self.zone.to_datetime(now).date();
        (0..8).find_map(|ahead| {
            let day = today.checked_add(ahead.days()).ok()?;
            let opens = self.zone.to_timestamp(day.to_datetime(self.from)).ok()?;
            (self.days.contains(&day.weekday()) && opens > now).then_some(opens)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(zone: &str, from: (i8, i8), to: (i8, i8)) -> Hours {
        use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
        Hours {
            zone: TimeZone::posix(zone).unwrap(),
            from: Time::new(from.0, from.1, 0, 0).unwrap(),
            to: Time::new(to.0, to.1, 0, 0).unwrap(),
            days: vec![Monday, Tuesday, Wednesday, Thursday, Friday],
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_zone_of_the_house_decides() {
        // Lagos is an hour before Greenwich: 06:59 and 07:00 there.
        let lagos = hours("WAT-1", (7, 0), (19, 0));
        assert!(!lagos.is_open(at("2026-11-20T05:59:59Z")));
        assert!(lagos.is_open(at("2026-11-20T06:00:00Z")));
        assert!(lagos.is_open(at("2026-11-20T17:59:59Z")));
        assert!(!lagos.is_open(at("2026-11-20T18:00:00Z")));
        // Saturday there, although it is Friday still in Greenwich.
        assert!(!lagos.is_open(at("2026-11-20T23:30:00Z")));
        assert_eq!(lagos.opens(at("2026-11-20T18:00:00Z")), Some(at("2026-11-23T06:00:00Z")));
        assert_eq!(lagos.opens(at("2026-11-20T05:00:00Z")), Some(at("2026-11-20T06:00:00Z")));
        assert_eq!(lagos.opens(at("2026-11-20T12:00:00Z")), None);
    }

    #[test]
    fn summer_time_moves_the_hours_with_it() {
        let bern = hours("CET-1CEST,M3.5.0,M10.5.0/3", (8, 0), (17, 0));
        assert!(bern.is_open(at("2026-07-01T06:00:00Z")) && !bern.is_open(at("2026-07-01T15:00:00Z")));
        assert!(!bern.is_open(at("2026-12-01T06:30:00Z")) && bern.is_open(at("2026-12-01T15:59:00Z")));
    }

    #[test]
    fn a_shift_over_midnight_belongs_to_the_day_on_which_it_began() {
        let night = hours("UTC0", (20, 0), (4, 0));
        // Friday night, also on Saturday morning; not Saturday night; not Sunday night's end on Monday morning.
        assert!(night.is_open(at("2026-11-20T20:00:00Z")) && night.is_open(at("2026-11-21T03:59:59Z")));
        assert!(!night.is_open(at("2026-11-21T04:00:00Z")) && !night.is_open(at("2026-11-21T22:00:00Z")));
        assert!(!night.is_open(at("2026-11-23T02:00:00Z")) && night.is_open(at("2026-11-24T02:00:00Z")));
    }

    #[test]
    fn a_house_that_never_opens_says_so() {
        let never = Hours { days: Vec::new(), ..hours("UTC0", (8, 0), (9, 0)) };
        assert!(!never.is_open(at("2026-11-20T08:30:00Z")));
        assert_eq!(never.opens(at("2026-11-20T08:30:00Z")), None);
    }
}
