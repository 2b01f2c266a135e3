//! When the sample of a result was taken. Case surveillance keeps the samples in a stage of their own, without a
//! link to the results and often without a time of day: which sample a result is of follows from the dates alone
//! where only one can be meant, and is refused where it does not.

use std::collections::BTreeMap;

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::Offset,
};

use super::{
    Assessor,
    event::{EnrollmentKey, Found, here, is_completed, own_date},
    text::{Picked, calendar_date},
};
use crate::{
    record::PartialDate,
    source::{policy::SamplePairing, reasons::ReasonCode},
};

/// A day, and where the record tells it the time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    pub(super) day: Date,
    clock: Option<Clock>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Clock {
    /// In the country's time.
    Local(Time),
    /// With its zone.
    Exact(Timestamp),
}

impl Moment {
    /// Reads a date, or a date with a time. DHIS2 writes midnight where it knows no time, so midnight is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        let Some(PartialDate::Day(day)) = calendar_date(text) else { return None };
        let rest = text.trim().get(11..).unwrap_or("");
        if rest.is_empty() {
            return Some(Self { day, clock: None });
        }
        let zoned = rest.contains(['Z', 'z', '+', '-']);
        let clock = if zoned {
            Clock::Exact(text.trim().replacen(' ', "T", 1).parse().ok()?)
        } else {
            Clock::Local(rest.parse().ok()?)
        };
        let midnight =
            rest.bytes().take_while(|b| !matches!(b, b'Z' | b'z' | b'+' | b'-')).all(|b| b"0:.".contains(&b));
        Some(Self { day, clock: Some(clock).filter(|_| !midnight) })
    }

    /// The time that a certificate states: as recorded, else at the hour that the country's policy says. `None`
    /// where the zone or the hour is not known.
    pub(super) fn time(self, assessor: &Assessor) -> Option<Timestamp> {
        let local = match self.clock {
            Some(Clock::Exact(time)) => return Some(time),
            Some(Clock::Local(clock)) => clock,
            None => assessor.sample_time?,
        };
        assessor.utc_offset?.to_timestamp(DateTime::from_parts(self.day, local)).ok()
    }
}

/// A time of day as `HH:MM`.
pub(super) fn time_of_day(text: &str) -> Option<Time> {
    let (hours, minutes) = two_numbers(text)?;
    Time::new(hours, minutes, 0, 0).ok()
}

/// An offset from UTC as `+HH:MM` or `-HH:MM`; places on earth are 12 hours behind to 14 ahead.
pub(super) fn offset(text: &str) -> Option<Offset> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = two_numbers(rest)?;
    if hours > 14 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (i32::from(hours) * 3_600 + i32::from(minutes) * 60)).ok()
}

fn two_numbers(text: &str) -> Option<(i8, i8)> {
    let (first, second) = text.split_once(':')?;
    let number =
        |part: &str| (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok()).flatten();
    Some((number(first)?, number(second)?))
}

/// A sample of an enrollment.
struct Sample {
    /// When it was taken; `None` where its record does not say it, or not legibly.
    taken: Result<Moment, ReasonCode>,
    /// Day of the request.
    asked: Option<Date>,
    completed: bool,
}

/// The samples of a person, by enrollment.
pub(super) struct Samples<'a>(BTreeMap<EnrollmentKey<'a>, Vec<Sample>>);

/// A result that asks for its sample.
pub(super) struct Asking<'a> {
    pub(super) enrollment: EnrollmentKey<'a>,
    /// Day of the result.
    pub(super) on: Date,
}

/// Which sample a result is of, or why that cannot be told, with the first day that it may have been taken on.
pub(super) type Answer = Result<Moment, (ReasonCode, Option<Date>)>;

impl<'a> Samples<'a> {
    /// The samples that were not deleted.
    pub(super) fn of(assessor: &Assessor, all: &[Found<'a>]) -> Self {
        let profile = assessor.profile();
        let lab = &profile.lab;
        let mut samples: BTreeMap<EnrollmentKey<'a>, Vec<Sample>> = BTreeMap::new();
        let stage = Some(lab.sample_stage.as_str()).filter(|stage| !stage.is_empty() && **stage != *profile.stage);
        for found in all.iter().filter(|f| !f.withdrawn && stage.is_some_and(|stage| f.is_of(stage))) {
            let completed = is_completed(profile, found.event);
            let taken = match here(&lab.sample_date, found.event) {
                Picked::One(text) => Moment::read(text).ok_or(ReasonCode::SampleDateUnreadable),
                Picked::Several => Err(ReasonCode::SampleDateUnreadable),
                // Asked for, and not taken so far.
                Picked::Absent if !completed => continue,
                Picked::Absent => Err(ReasonCode::SampleUndated),
            };
            let asked = own_date(found.event).day().ok().flatten();
            samples.entry(found.key).or_default().push(Sample { taken, asked, completed });
        }
        Self(samples)
    }

    /// The sample of each result, in the order of the questions.
    pub(super) fn answers(&self, questions: &[Asking<'a>], pairing: SamplePairing) -> Vec<Answer> {
        let mut order: Vec<usize> = (0..questions.len()).collect();
        order.sort_by_key(|&at| questions.get(at).map(|q| (q.enrollment, q.on)));
        let mut answers: Vec<Answer> = questions.iter().map(|_| Err((ReasonCode::SampleMissing, None))).collect();
        let mut taken: BTreeMap<EnrollmentKey<'a>, Vec<(Date, Moment)>> = BTreeMap::new();
        for at in order {
            let Some(question) = questions.get(at) else { continue };
            let earlier = taken.entry(question.enrollment).or_default();
            // Results of one day cannot take a sample from each other.
            let gone = |moment: &Moment| {
                pairing == SamplePairing::InOrder
                    && earlier.iter().any(|(on, taken)| *on < question.on && taken == moment)
            };
            let answer = self.answer(question, gone);
            if let Ok(moment) = &answer {
                earlier.push((question.on, *moment));
            }
            if let Some(place) = answers.get_mut(at) {
                *place = answer;
            }
        }
        answers
    }

    fn answer(&self, question: &Asking<'a>, gone: impl Fn(&Moment) -> bool) -> Answer {
        let none = Vec::new();
        let samples = self.0.get(&question.enrollment).unwrap_or(&none);
        let mut moments: BTreeMap<Moment, bool> = BTreeMap::new();
        let mut unclear = None;
        for sample in samples {
            match &sample.taken {
                Ok(moment) if moment.day <= question.on && !gone(moment) => {
                    // One of several requests of one moment is enough.
                    *moments.entry(*moment).or_default() |= sample.completed;
                }
                Ok(_) => {}
                Err(reason) if sample.asked.is_none_or(|asked| asked <= question.on) => unclear = Some(*reason),
                Err(_) => {}
            }
        }
        let first = moments.keys().next().map(|moment| moment.day);
        if let Some(reason) = unclear {
            return Err((reason, None));
        }
        match (moments.len(), moments.pop_first()) {
            (1, Some((moment, true))) => Ok(moment),
            (1, Some((_, false))) => Err((ReasonCode::SampleNotCompleted, first)),
            (0, _) | (_, None) if samples.iter().any(|s| s.taken.is_ok_and(|m| m.day > question.on)) => {
                Err((ReasonCode::SampleAfterResult, None))
            }
            (0, _) | (_, None) => Err((ReasonCode::SampleMissing, None)),
            _ => Err((ReasonCode::SampleAmbiguous, first)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_moment_is_a_day_and_the_time_that_is_told() {
        let read = |text: &str| Moment::read(text).map(|m| (m.day.to_string(), m.clock));
        let day = "2021-03-01".to_owned();
        let half_past = Time::new(9, 30, 0, 0).unwrap();
        for none in ["2021-03-01", " 2021-03-01 ", "2021-03-01T00:00:00.000", "2021-03-01T00:00:00.000+0000"] {
            assert_eq!(read(none), Some((day.clone(), None)), "{none}");
        }
        for local in ["2021-03-01T09:30", "2021-03-01T09:30:00.000", "2021-03-01 09:30:00"] {
            assert_eq!(read(local), Some((day.clone(), Some(Clock::Local(half_past)))), "{local}");
        }
        let exact = Clock::Exact("2021-03-01T04:00:00Z".parse().unwrap());
        for zoned in ["2021-03-01T09:30:00+05:30", "2021-03-01T09:30:00.000+0530", "2021-03-01T04:00:00Z"] {
            assert_eq!(read(zoned).unwrap().1, Some(exact), "{zoned}");
        }
        for wrong in ["2021-03", "01.03.2021", "2021-03-01T25:00", "2021-03-01Tnoon", "2021-02-30", ""] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times_and_offsets_have_one_form() {
        assert_eq!(time_of_day("12:00"), Time::new(12, 0, 0, 0).ok());
        for wrong in ["24:00", "12", "1:00", "12:60", "noon", "12:00:00", ""] {
            assert_eq!(time_of_day(wrong), None, "{wrong}");
        }
        assert_eq!(offset("+05:30").unwrap().seconds(), 19_800);
        assert_eq!(offset("-03:00").unwrap().seconds(), -10_800);
        assert_eq!(offset("+00:00").unwrap().seconds(), 0);
        for wrong in ["05:30", "+5:30", "+15:00", "+05:60", "UTC", "Z", "+", ""] {
            assert_eq!(offset(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_harm(text in any::<String>(), tail in "[-T 0-9:.Zz+]{0,16}") {
            let _ = (Moment::read(&text), Moment::read(&format!("2021-03-01{tail}")), time_of_day(&tail), offset(&tail));
        }
    }
}
