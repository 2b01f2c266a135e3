//! A sample of the program's people, assessed as a run would assess them and signed by nobody: how many doses would
//! become certificates, in which formats, and what stands in the way of the others.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{
    Area, Finding, Options,
    finding::{Notes, count},
    server::{Server, late, within},
};
use crate::{
    batch::feed::Facilities,
    clock::Clock,
    config::{Inspected, Setup},
    issue::{Issuer, reasons::NO_CARD_FOR_DISEASE},
    limits::{DOCTOR_LISTED, DOCTOR_SAMPLE_PEOPLE, DOCTOR_SAMPLE_SECONDS},
    record::{Record, Refusal},
    source::{
        assess::{Assessor, Outcome},
        dhis2::{Dhis2Error, Query},
        model::TrackedEntity,
        profile::Profile,
        reasons::ReasonCode,
    },
    valueset::dhis2::Dhis2Vaccines,
};

/// Reasons that say that nothing was given, so that nothing is lacking.
const NOTHING_GIVEN: [ReasonCode; 5] = [
    ReasonCode::EventEmpty,
    ReasonCode::EventNotCompleted,
    ReasonCode::EventDeleted,
    ReasonCode::EnrollmentCancelled,
    ReasonCode::EnrollmentNotCompleted,
];

/// Looks at a sample.
pub(super) async fn check(
    setup: Option<&Setup>,
    inspected: Option<&Inspected>,
    server: Option<&Server>,
    profile: Option<Profile>,
    options: &Options,
    clock: &dyn Clock,
) -> Vec<Finding> {
    let mut notes = Notes::of(Area::Profile);
    match (inspected, server, profile) {
        _ if options.sample == 0 => notes.not_checked("sample", "no sample was asked for (--sample 0)"),
        (Some(inspected), Some(server), Some(profile)) if !server.org_units.is_empty() => {
            look(&mut notes, setup, inspected, server, profile, options, clock).await;
        }
        (_, Some(_), Some(_)) => notes.not_checked("sample", "there is no org unit under which to look for people"),
        _ => notes.not_checked("sample", "no program of DHIS2 could be read by a profile"),
    }
    notes.into_list()
}

async fn look(
    notes: &mut Notes,
    setup: Option<&Setup>,
    inspected: &Inspected,
    server: &Server,
    profile: Profile,
    options: &Options,
    clock: &dyn Clock,
) {
    let most = usize::try_from(options.sample.min(DOCTOR_SAMPLE_PEOPLE)).unwrap_or(usize::MAX);
    let people = match read(server, &profile, most).await {
        Ok(people) => people,
        Err(Some(error)) => return notes.error("sample", &error, "run vaccert doctor again"),
        Err(None) => return notes.fault("sample", "DHIS2 gave no page of people", late()),
    };
    if people.is_empty() {
        return notes.warning(
            "sample",
            "the user sees nobody in this program under its org units",
            "check the capture org units of the user and the sharing of the program: missing rights look like an \
             empty list",
        );
    }
    let vaccines = match Dhis2Vaccines::built_in().with_overrides(inspected.vaccines.clone()) {
        Ok(vaccines) => vaccines,
        Err(error) => return notes.error("sample", &error, "correct the section [vaccines]"),
    };
    let assessor = match Assessor::new(profile, Arc::new(vaccines), Facilities::default().names()) {
        Ok(assessor) => assessor,
        Err(error) => return notes.error("sample", &error, "correct the section [profile]"),
    };
    let today = clock.latest_today();
    let mut sample = Sample { people: people.len(), ..Sample::default() };
    for person in &people {
        for assessed in assessor.assess(person, today).records {
            sample.add(assessed.outcome);
        }
    }
    sample.tell(notes);
    if let Some(setup) = setup {
        formats(notes, setup, &sample.records, clock);
    }
    details(notes, &sample.records);
}

/// The first people of the program; `Err(None)` when not one page came in time.
async fn read(server: &Server, profile: &Profile, most: usize) -> Result<Vec<TrackedEntity>, Option<Dhis2Error>> {
    let mut query = Query::new(profile.program.clone(), server.org_units.clone());
    query.stage = profile.only_stage().map(str::to_owned);
    query.include_deleted = false;
    query.page_size = server.page_size.unwrap_or(query.page_size).min(u32::try_from(most).unwrap_or(u32::MAX)).max(1);
    let mut people = Vec::new();
    let mut pager = server.client.people(query).map_err(Some)?;
    let pages = async {
        while people.len() < most {
            match within(pager.next_page()).await {
                Some(Ok(Some(page))) => people.extend(page),
                Some(Ok(None)) => break,
                Some(Err(error)) => return Err(Some(error)),
                None => return Err(None),
            }
        }
        Ok(())
    };
    let ended = tokio::time::timeout(Duration::from_secs(DOCTOR_SAMPLE_SECONDS), pages).await;
    people.truncate(most);
    match ended {
        // What came until then is a sample too.
        Err(_) if !people.is_empty() => Ok(people),
        Err(_) => Err(None),
        Ok(Err(error)) => Err(error),
        Ok(Ok(())) => Ok(people),
    }
}

#[derive(Default)]
struct Sample {
    people: usize,
    records: Vec<Record>,
    refused: usize,
    nothing: usize,
    reasons: BTreeMap<String, (usize, Refusal)>,
}

impl Sample {
    fn add(&mut self, outcome: Outcome) {
        let reasons = match outcome {
            Outcome::Record(record) => return self.records.push(record),
            Outcome::Refused(reasons) | Outcome::Withdrawn(reasons) => reasons,
        };
        if reasons.iter().any(|reason| NOTHING_GIVEN.iter().any(|code| code.code() == reason.code)) {
            self.nothing += 1;
            return;
        }
        self.refused += 1;
        for mut reason in reasons {
            // The field names the attribute of the first such record; the table's words fit all.
            reason.field = None;
            self.reasons.entry(reason.code.clone()).or_insert((0, reason)).0 += 1;
        }
    }

    fn tell(&self, notes: &mut Notes) {
        let all = self.records.len() + self.refused;
        let found = format!(
            "of {} looked at, {} could be issued and {} would be refused ({} hold nothing to certify)",
            count(self.people, "person", "people"),
            count(self.records.len(), "record", "records"),
            self.refused,
            count(self.nothing, "event", "events")
        );
        let remedy = "see the reasons below; vaccert reasons explains every code";
        match (self.records.len(), self.refused) {
            (0, 0) => notes.warning("sample", found, "complete events in DHIS2, or correct stage under [profile]"),
            (0, _) => notes.fault("sample", found, remedy),
            (_, refused) if refused * 5 > all => notes.warning("sample", found, remedy),
            _ => notes.ok("sample", found),
        }
        let mut reasons: Vec<&(usize, Refusal)> = self.reasons.values().collect();
        reasons.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.code.cmp(&b.1.code)));
        for (number, reason) in reasons.into_iter().take(DOCTOR_LISTED) {
            notes.advice("sample-refused", format!("{number}x {}: {}", reason.code, reason.message), &reason.remedy);
        }
    }
}

/// In how many of the records each format would be issued: the mapping runs, no key signs.
fn formats(notes: &mut Notes, setup: &Setup, records: &[Record], clock: &dyn Clock) {
    let issuer = match Issuer::of_set(Arc::clone(&setup.signers), setup.country.as_str(), setup.terms.clone()) {
        Ok(issuer) if !records.is_empty() => issuer.with_linked_data(setup.linked_data.clone()),
        _ => return,
    };
    let now = clock.now();
    for &format in &setup.formats {
        let mut refused: BTreeMap<String, (usize, Refusal)> = BTreeMap::new();
        for record in records {
            if let Err(not) = issuer.digest(record, format, now) {
                refused.entry(not.refusal.code.clone()).or_insert((0, not.refusal)).0 += 1;
            }
        }
        let lost: usize = refused.values().map(|(number, _)| number).sum();
        let good = records.len() - lost.min(records.len());
        let found = format!("{format}: {good} of {}", count(records.len(), "record", "records"));
        match refused.values().max_by_key(|(number, _)| *number) {
            None => notes.ok("formats", found),
            // Yellow cards are for other diseases than a COVID-19 program records: nothing is wrong with that.
            Some((_, reason)) if reason.code == NO_CARD_FOR_DISEASE.0 => {
                notes.note("formats", format!("{found}: {}", reason.message));
            }
            Some((number, reason)) => {
                let found = format!("{found}; {number}x {}", reason.code);
                if good == 0 {
                    notes.warning("formats", found, &reason.remedy);
                } else {
                    notes.advice("formats", found, &reason.remedy);
                }
            }
        }
    }
}

/// Products seen, and what certificates of other formats would like to have.
fn details(notes: &mut Notes, records: &[Record]) {
    let doses: Vec<_> = records.iter().filter_map(Record::vaccination).collect();
    if doses.is_empty() {
        return;
    }
    let mut products: BTreeMap<&str, usize> = BTreeMap::new();
    for dose in &doses {
        *products.entry(dose.product.id.as_str()).or_default() += 1;
    }
    let mut products: Vec<(&str, usize)> = products.into_iter().collect();
    products.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let words: Vec<String> = products.iter().map(|(id, number)| format!("{id} {number}")).collect();
    notes.note("products", super::metadata::listed(&words));
    let lacking = |name: &'static str, what: &str, remedy: &str, lacks: usize, notes: &mut Notes| {
        let found = format!("{lacks} of {} have no {what}", count(doses.len(), "dose", "doses"));
        if lacks == 0 {
            notes.ok(name, format!("every dose has its {what}"));
        } else {
            notes.advice(name, found, remedy);
        }
    };
    let lots = doses.iter().filter(|dose| dose.lot.is_none()).count();
    lacking("batch-numbers", "batch number", "record it in DHIS2: DDCC and yellow cards need it", lots, notes);
    let births = doses.iter().filter(|dose| dose.person.birth_date.is_none()).count();
    lacking("birth-dates", "date of birth", "record it in DHIS2: a border officer compares it", births, notes);
}
