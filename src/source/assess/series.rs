//! What follows for a dose from the other doses of the person: repetitions, contradictions of number and
//! date, the number of a booster, and the total that the certificate shows.
//!
//! Notation of boosters by Implementing Decision (EU) 2021/1073, annex II, as amended by 2021/2301: a dose
//! after a one-dose primary series is 2/1, then 3/1; after a longer one it is n/n, such as 3/3, then 4/4. A
//! primary series is that of the product of the person's first dose.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::dose::Dose;
use crate::source::{
    policy::{EarlierDoseMissing, NoteOrRefuse, Policy},
    profile::DoseCode,
    reasons::{NoteCode, ReasonCode},
};

/// The highest number that a certificate can show (EU DCC schema 1.3.x, `dose_posint`).
const HIGHEST: u8 = 9;

/// Numbers the doses of one person and finds their contradictions, series by series.
pub(super) fn number(doses: &mut [Dose<'_>], policy: &Policy) {
    // Stable: what came in a fixed order stays in it.
    doses.sort_by(|a, b| a.series.cmp(&b.series));
    for series in doses.chunk_by_mut(|a, b| a.series == b.series) {
        number_series(series, policy);
    }
}

fn number_series(doses: &mut [Dose<'_>], policy: &Policy) {
    refuse_repetitions(doses);
    refuse_same_day(doses);
    refuse_order(doses, explicit);
    let first = doses.iter().find(|d| d.is_sound() && d.code == Some(DoseCode::Number(1))).map(Primary::of);
    number_explicit(doses, first, policy);
    number_boosters(doses, first);
    refuse_booster_order(doses, first);
    compare_products(doses, policy);
}

/// Number that the record states.
fn explicit(dose: &Dose<'_>) -> Option<u8> {
    match dose.code {
        Some(DoseCode::Number(n)) if dose.counts => Some(n),
        _ => None,
    }
}

fn is_booster(dose: &Dose<'_>) -> bool {
    dose.counts && dose.code == Some(DoseCode::Booster)
}

/// Length of a primary series, as its product and the record of its dose tell it.
#[derive(Clone, Copy)]
struct Primary {
    of_product: Option<u8>,
    recorded: Option<u8>,
}

impl Primary {
    fn of(dose: &Dose<'_>) -> Self {
        let of_product = dose.product.as_ref().and_then(|p| p.primary_doses).filter(|n| (1..=HIGHEST).contains(n));
        Self { of_product, recorded: dose.recorded_total }
    }

    /// The product's length wins: where a record states a shorter one, a booster must not be made of a dose
    /// that the product's own series needs.
    fn length(self) -> Option<u8> {
        self.of_product.or(self.recorded)
    }
}

/// What a certificate would show of a dose.
type Content<'d> = (Option<Date>, &'d str, Option<&'d str>, Option<u8>, Option<&'d str>);

fn content<'d>(dose: &'d Dose<'_>) -> Content<'d> {
    (dose.date, &dose.product_key, dose.lot.as_deref(), dose.recorded_total, dose.facility)
}

/// One number twice: identical content stands once, and different content stands for nothing. Boosters have
/// no number, and repeat only within a day.
fn refuse_repetitions(doses: &mut [Dose<'_>]) {
    let mut slots: BTreeMap<(DoseCode, Option<Date>), Vec<usize>> = BTreeMap::new();
    for (at, dose) in doses.iter().enumerate().filter(|(_, d)| d.counts) {
        match dose.code {
            Some(code @ DoseCode::Number(_)) => slots.entry((code, None)).or_default().push(at),
            Some(DoseCode::Booster) => slots.entry((DoseCode::Booster, dose.date)).or_default().push(at),
            None => {}
        }
    }
    for ((code, _), places) in slots.into_iter().filter(|(_, places)| places.len() > 1) {
        let members: Vec<&Dose<'_>> = places.iter().filter_map(|&at| doses.get(at)).collect();
        let contents: BTreeSet<Content<'_>> = members.iter().map(|d| content(d)).collect();
        if contents.len() == 1 {
            // The event that was completed first stands, so that a copy made later changes nothing.
            let kept = members.iter().map(|d| (d.completed_at.is_none(), d.completed_at, d.identity())).min();
            let kept = kept.map(|(.., (event, part))| (event.to_owned(), part.map(str::to_owned)));
            for at in places {
                let is_kept = |d: &Dose<'_>| kept.as_ref().is_some_and(|(e, p)| d.identity() == (e, p.as_deref()));
                if let Some(dose) = doses.get_mut(at).filter(|d| !is_kept(d)) {
                    dose.refuse(ReasonCode::DuplicateDose, None);
                    // A copy is no dose of its own.
                    dose.counts = false;
                    dose.repeats = true;
                }
            }
        } else if code != DoseCode::Booster {
            for at in places {
                if let Some(dose) = doses.get_mut(at) {
                    dose.refuse(ReasonCode::ContradictingDoses, Some("dose number"));
                }
            }
        }
    }
}

/// Two doses on one day. The same number twice was dealt with before.
fn refuse_same_day(doses: &mut [Dose<'_>]) {
    let mut days: BTreeMap<Date, Vec<DoseCode>> = BTreeMap::new();
    for dose in doses.iter().filter(|d| d.counts) {
        if let (Some(date), Some(code)) = (dose.date, dose.code) {
            days.entry(date).or_default().push(code);
        }
    }
    let clashes = |codes: &Vec<DoseCode>| {
        codes.len() > 1 && codes.iter().any(|c| *c == DoseCode::Booster || Some(c) != codes.first())
    };
    let days: BTreeSet<Date> = days.into_iter().filter(|(_, codes)| clashes(codes)).map(|(day, _)| day).collect();
    for dose in doses.iter_mut().filter(|d| d.counts && d.code.is_some()) {
        if dose.date.is_some_and(|date| days.contains(&date)) {
            dose.refuse(ReasonCode::DosesSameDay, Some("event date"));
        }
    }
}

/// A higher number dated before a lower one: both are refused, because nobody can tell which is wrong.
fn refuse_order(doses: &mut [Dose<'_>], number: impl Fn(&Dose<'_>) -> Option<u8>) {
    let numbered: Vec<(usize, u8, Date)> =
        doses.iter().enumerate().filter_map(|(at, d)| Some((at, number(d)?, d.date?))).collect();
    let wrong =
        |n: u8, date: Date| numbered.iter().any(|&(_, m, other)| (m < n && other > date) || (m > n && other < date));
    let places: Vec<usize> = numbered.iter().filter(|&&(_, n, date)| wrong(n, date)).map(|&(at, ..)| at).collect();
    for at in places {
        if let Some(dose) = doses.get_mut(at) {
            dose.refuse(ReasonCode::DoseOrder, Some("event date"));
        }
    }
}

/// Numbers and totals of the doses whose number the record states.
fn number_explicit(doses: &mut [Dose<'_>], first: Option<Primary>, policy: &Policy) {
    let recorded: BTreeSet<u8> = doses.iter().filter_map(explicit).collect();
    let sound: BTreeSet<u8> = doses.iter().filter(|d| d.is_sound()).filter_map(explicit).collect();
    for dose in doses.iter_mut() {
        let Some(n) = explicit(dose) else { continue };
        let own = Primary::of(dose);
        let series = first.unwrap_or(own);
        match total(n, own, series) {
            Ok((total, differs)) => {
                dose.number = Some(n);
                dose.total = Some(total);
                if differs {
                    dose.notes.push(NoteCode::TotalDiffers.at(Some("total doses")));
                }
            }
            // Without a product there is a better reason already.
            Err(ReasonCode::TotalDosesUnknown) if dose.product.is_none() => {}
            Err(reason) => dose.refuse(reason, Some("total doses")),
        }
        let before = 1..n.min(series.length().unwrap_or(n).saturating_add(1));
        match policy.earlier_dose_missing {
            EarlierDoseMissing::Allow if !before.clone().all(|m| recorded.contains(&m)) => {
                dose.notes.push(NoteCode::EarlierDose.at(Some("dose number")));
            }
            EarlierDoseMissing::Refuse if !before.clone().all(|m| sound.contains(&m)) => {
                dose.refuse(ReasonCode::EarlierDoseMissing, Some("dose number"));
            }
            _ => {}
        }
    }
}

/// The total that dose `n` shows, and whether the record's differs from the usual one.
fn total(n: u8, own: Primary, series: Primary) -> Result<(u8, bool), ReasonCode> {
    let Some(primary) = series.of_product else {
        return match own.recorded.or(series.recorded) {
            Some(total) if n <= total => Ok((total, false)),
            Some(_) => Err(ReasonCode::DoseExceedsTotal),
            None => Err(ReasonCode::TotalDosesUnknown),
        };
    };
    if n > primary {
        return Ok((if primary == 1 { 1 } else { n }, own.recorded.is_some_and(|t| t != primary && t != n)));
    }
    match own.recorded {
        // The record states the series of this dose's own product, but the person began another one.
        Some(total) if own.of_product == Some(total) && total != primary => Ok((primary, false)),
        Some(total) if n > total => Err(ReasonCode::DoseExceedsTotal),
        Some(total) => Ok((total, total != primary)),
        None => Ok((primary, false)),
    }
}

/// Numbers of boosters, from the sound doses before them.
fn number_boosters(doses: &mut [Dose<'_>], first: Option<Primary>) {
    let mut boosters: Vec<(Date, usize)> =
        doses.iter().enumerate().filter(|(_, d)| is_booster(d)).filter_map(|(at, d)| Some((d.date?, at))).collect();
    boosters.sort_unstable();
    for (date, at) in boosters {
        let found = booster_number(doses, first, date);
        let Some(dose) = doses.get_mut(at) else { continue };
        match found {
            Ok((n, total)) => {
                dose.number = Some(n);
                dose.total = Some(total);
            }
            Err(reason) => dose.refuse(reason, Some("dose number")),
        }
    }
}

fn booster_number(doses: &[Dose<'_>], first: Option<Primary>, date: Date) -> Result<(u8, u8), ReasonCode> {
    let primary = first.ok_or(ReasonCode::BoosterWithoutPrimary)?.length().ok_or(ReasonCode::TotalDosesUnknown)?;
    // An unsound dose before it, or one of unknown date, may have been a dose all the same.
    let unsure = doses.iter().any(|d| d.counts && !d.is_sound() && d.date.is_none_or(|other| other < date));
    let before = || doses.iter().filter(|d| d.is_sound() && d.date.is_some_and(|other| other < date));
    let complete = (1..=primary).all(|m| before().any(|d| explicit(d) == Some(m)));
    if unsure || !complete {
        return Err(ReasonCode::BoosterWithoutPrimary);
    }
    let n = before().filter_map(|d| d.number).max().unwrap_or(primary).max(primary).saturating_add(1);
    if n > HIGHEST {
        return Err(ReasonCode::DoseNumberTooHigh);
    }
    Ok((n, if primary == 1 { 1 } else { n }))
}

/// A stated number that contradicts a booster's place: a primary dose after it, or a later dose with the
/// number that the booster has.
fn refuse_booster_order(doses: &mut [Dose<'_>], first: Option<Primary>) {
    let boosters: Vec<(usize, Date, Option<u8>)> = doses
        .iter()
        .enumerate()
        .filter(|(_, d)| is_booster(d))
        .filter_map(|(at, d)| Some((at, d.date?, d.number)))
        .collect();
    let mut wrong = BTreeSet::new();
    for (at, dose) in doses.iter().enumerate() {
        let (Some(n), Some(date)) = (explicit(dose), dose.date) else { continue };
        let primary = first.unwrap_or(Primary::of(dose)).length().unwrap_or(HIGHEST);
        for &(booster, given, number) in &boosters {
            if given < date && (n <= primary || number.is_some_and(|number| n <= number)) {
                wrong.extend([at, booster]);
            }
        }
    }
    for at in wrong {
        if let Some(dose) = doses.get_mut(at) {
            dose.refuse(ReasonCode::DoseOrder, Some("event date"));
        }
    }
}

/// Each dose carries its own product; where it differs from the one before, the report says so.
fn compare_products(doses: &mut [Dose<'_>], policy: &Policy) {
    let mut by_date: Vec<(Date, usize)> =
        doses.iter().enumerate().filter(|(_, d)| d.is_sound()).filter_map(|(at, d)| Some((d.date?, at))).collect();
    by_date.sort_unstable();
    let pairs = by_date.iter().zip(by_date.iter().skip(1));
    let differing: Vec<usize> = pairs
        .filter(|((_, a), (_, b))| doses.get(*a).map(|d| &d.product_key) != doses.get(*b).map(|d| &d.product_key))
        .map(|(_, &(_, at))| at)
        .collect();
    for at in differing {
        if let Some(dose) = doses.get_mut(at) {
            match policy.mixed_products {
                NoteOrRefuse::Note => dose.notes.push(NoteCode::ProductsDiffer.at(Some("vaccine"))),
                NoteOrRefuse::Refuse => dose.refuse(ReasonCode::MixedProducts, Some("vaccine")),
            }
        }
    }
}
