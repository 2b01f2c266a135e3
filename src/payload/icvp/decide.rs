//! WHO's decision tables for yellow cards: ICVP.DT.1 (yellow fever) and ICVP.DT.2 (poliovirus). What they say is
//! the medical validity of the dose; it is no matter of the signature, whose life (`exp`) ends much earlier.

use std::sync::Arc;

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

use super::model::Icvp;
use crate::valueset::{DecisionTable, ValueSets, WhoProduct};

/// Days after a dose against yellow fever until it counts (IHR Annex 7, 2(a)(iv)).
const YELLOW_FEVER_DAYS: i32 = 10;

/// Why a dose does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotValid {
    /// The product is not in WHO's catalogue (rule 1 of both tables; REQ-CC-06).
    NotApproved,
    /// WHO had taken the product off its list before the dose was given.
    ListingEnded {
        /// First day without a listing.
        on: Date,
    },
    /// Yellow fever, given less than 10 days ago (rule 2 of ICVP.DT.1).
    TooRecent {
        /// First day on which it counts.
        from: Date,
    },
    /// The issuer says that it counts from a later day on.
    NotYet {
        /// That day.
        from: Date,
    },
    /// The issuer says that it counted until a day that is over (REQ-DE-23).
    Over {
        /// The last day.
        until: Date,
    },
}

/// Why the tables say nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// The card names the class of the vaccine and no product (G1): whether WHO has approved it cannot be told.
    ClassOnly,
    /// The product is in WHO's catalogue, against a disease for which there is no table.
    NoTable,
}

/// What the tables say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The dose counts.
    Valid,
    /// It does not.
    NotValid(NotValid),
    /// No table can be applied.
    Open(Open),
}

/// Until when a dose counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// For the life of the person vaccinated (REQ-DE-22).
    Life,
    /// To the end of this day (REQ-DE-23).
    Day(Date),
    /// Neither a rule nor the card says it.
    NotStated,
}

/// The medical statement on a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Medical {
    /// The table that was applied.
    pub table: Option<DecisionTable>,
    /// What it says.
    pub outcome: Outcome,
    /// The product in WHO's catalogue.
    pub product: Option<Arc<WhoProduct>>,
    /// ICD-11 code and name of each disease that the vaccine protects from.
    pub diseases: Vec<(String, String)>,
    /// First day on which it counts.
    pub valid_from: Option<Date>,
    /// Last day on which it counts.
    pub valid_until: Until,
    /// The card states days of its own that WHO's rule contradicts: a start before the tenth day, or an end to a
    /// protection for life.
    pub dates_contradict: bool,
}

impl Medical {
    /// Number of the rule in the table that decided.
    #[must_use]
    pub const fn rule(&self) -> Option<u8> {
        match (self.table, self.outcome) {
            (None, _) => None,
            (Some(_), Outcome::NotValid(NotValid::NotApproved | NotValid::ListingEnded { .. })) => Some(1),
            (Some(DecisionTable::YellowFever), Outcome::NotValid(NotValid::TooRecent { .. })) => Some(2),
            (Some(DecisionTable::YellowFever), Outcome::Valid) => Some(3),
            (Some(DecisionTable::Polio), Outcome::Valid) => Some(2),
            // Days of the issuer's own, and open questions, are beyond the tables.
            (Some(_), _) => None,
        }
    }
}

/// The calendar day of a time, as the tables count.
///
/// A card has the day of the dose and neither hour nor zone, and the tables say nothing of zones. Counted is the
/// day in UTC: the countries in which yellow fever is given and asked for lie between five hours behind it and
/// three ahead, and every verifier that is asked at the same moment gives the same answer. Counting by the latest
/// zone on earth would let a card pass up to a day too early, by the earliest refuse a good one up to a day long.
/// The first day itself is told with the verdict, so that an officer far from Greenwich can see it.
#[must_use]
pub fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// Judges the dose of a card on a day by WHO's tables.
#[must_use]
pub fn decide(card: &Icvp, today: Date, sets: &ValueSets) -> Medical {
    let dose = &card.dose;
    let catalogue = sets.who();
    let early = dose.early.as_ref();
    let trade_item = early.and_then(|early| early.trade_item.as_deref());
    let product = catalogue.product(&dose.product).or_else(|| catalogue.product(trade_item?)).cloned();
    let (table, diseases) = match (&product, early) {
        (Some(product), _) => (product.kind.decision, product.kind.diseases.clone()),
        (None, Some(early)) => {
            let code = early.disease.as_deref();
            let by_disease = code.and_then(|code| catalogue.table_of_disease(code));
            let name = |code: &str| (code.to_owned(), catalogue.disease(code).unwrap_or_default().to_owned());
            (by_disease.or_else(|| catalogue.table_of_vaccine(&dose.product)), code.map(name).into_iter().collect())
        }
        (None, None) => (None, Vec::new()),
    };
    let (valid_from, valid_until, dates_contradict) = days(card, table);
    let outcome = outcome(card, today, table, product.as_deref(), (valid_from, valid_until));
    Medical { table, outcome, product, diseases, valid_from, valid_until, dates_contradict }
}

/// From when, until when, and whether the card's own days contradict the rule.
pub(super) fn days(card: &Icvp, table: Option<DecisionTable>) -> (Option<Date>, Until, bool) {
    let (stated_from, stated_until) = (card.dose.valid_from, card.dose.valid_until);
    if table == Some(DecisionTable::YellowFever) {
        let computed = card.dose.date.checked_add(YELLOW_FEVER_DAYS.days()).ok();
        // A start later than the rule's binds its issuer, an earlier one nobody. The protection is for life
        // whatever a card says, also an old one (IHR Annex 7, 2(a)(iii)).
        let contradicts = stated_until.is_some() || stated_from.is_some_and(|from| Some(from) != computed);
        return (computed.max(stated_from), Until::Life, contradicts);
    }
    let until = stated_until.map_or(Until::NotStated, Until::Day);
    (stated_from.or(table.map(|_| card.dose.date)), until, stated_from.is_some_and(|from| from < card.dose.date))
}

fn outcome(
    card: &Icvp,
    today: Date,
    table: Option<DecisionTable>,
    product: Option<&WhoProduct>,
    (from, until): (Option<Date>, Until),
) -> Outcome {
    let not = Outcome::NotValid;
    match product {
        None if card.dose.early.is_none() => return not(NotValid::NotApproved),
        Some(product) if !product.is_listed_on(card.dose.date) => {
            let on = product.withdrawn.unwrap_or(card.dose.date);
            return not(NotValid::ListingEnded { on });
        }
        _ => {}
    }
    if let Some(from) = from.filter(|from| today < *from) {
        let by_rule = table == Some(DecisionTable::YellowFever)
            && card.dose.date.checked_add(YELLOW_FEVER_DAYS.days()).is_ok_and(|computed| today < computed);
        return not(if by_rule { NotValid::TooRecent { from } } else { NotValid::NotYet { from } });
    }
    match until {
        Until::Day(until) if until < today => return not(NotValid::Over { until }),
        _ => {}
    }
    match (product, table) {
        (None, _) => Outcome::Open(Open::ClassOnly),
        (Some(_), None) => Outcome::Open(Open::NoTable),
        (Some(_), Some(_)) => Outcome::Valid,
    }
}
