//! Identifier and status of certificates into fields of their records in DHIS2.
//!
//! The audit log says what has changed: every row of an issue or revocation behind the mark names a record, whose
//! fields are made to say what the registry says now. What they say already is left alone, so that a turn that was
//! killed is done again without harm, and so that our own writing, which the next poll sees as a change of the record,
//! leads to nothing: the content of the certificate is the same, nothing is issued, and no row is written.
//!
//! A field that holds something that is not ours is never written over. What DHIS2 refuses for good is told in the audit
//! log, with a code, and does not hold up the others; a server that is away does, and one that lets this user write
//! nothing: then the mark stays, and nothing is forgotten when the right is given.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{ReturnsError, WriteBackOptions};
use crate::{
    limits::WRITE_BACK_ROWS,
    registry::{
        Certificate, Registry,
        audit::{By, Deed, Entry, ObjectKind},
    },
    source::{
        dhis2::{Client, EventPlace, Written, is_uid},
        model::{Enrollment, Event, TrackedEntity},
    },
};

/// The status of a certificate that stands.
pub const STATUS_VALID: &str = "valid";
/// The status where none stands any more.
pub const STATUS_REVOKED: &str = "revoked";

/// Name of the mark in the registry.
const MARK: &str = "write-back";
/// Begin of every identifier of ours.
const OURS: &str = "URN:UVCI:";
/// Words of the log that change what the fields say.
const DEEDS: [&str; 5] = ["issue", "correct", "renew", "revoke", "undo"];

/// What a write-back works with.
pub struct WriteBack<'a> {
    /// The server.
    pub client: &'a Client,
    /// The registry.
    pub registry: &'a Registry,
    /// UID of the program.
    pub program: &'a str,
    /// Org units under which people are looked for.
    pub org_units: &'a [String],
    /// The fields.
    pub options: &'a WriteBackOptions,
}

impl std::fmt::Debug for WriteBack<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WriteBack({:?}, {:?})", self.registry, self.options)
    }
}

/// What a turn did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WrittenBack {
    /// Records whose fields were written.
    pub written: u64,
    /// Records whose fields said it already.
    pub unchanged: u64,
    /// Records that could not be written, by the code of the reason.
    pub refused: BTreeMap<&'static str, u64>,
    /// Number of the last row of the log that was worked through.
    pub through: u64,
}

impl WrittenBack {
    /// In a line.
    #[must_use]
    pub fn summary(&self) -> String {
        let refused: Vec<String> = self.refused.iter().map(|(code, count)| format!("{count} {code}")).collect();
        let refused = if refused.is_empty() { String::new() } else { format!("; not written: {}", refused.join(", ")) };
        format!("{} records written, {} said it already{refused}", self.written, self.unchanged)
    }
}

/// What became of one record.
enum Fate {
    Written,
    Unchanged,
    /// Code, and what the server says.
    Refused(&'static str, String),
}

/// One turn: works through what the log tells behind the mark, at most [`WRITE_BACK_ROWS`] rows.
///
/// # Errors
/// The registry's, or a server that cannot be asked: then the mark stays where it was.
pub async fn write_back(with: &WriteBack<'_>, now: Timestamp) -> Result<WrittenBack, ReturnsError> {
    let registry = with.registry;
    let mark = registry.watermark(MARK).await?.and_then(|mark| mark.parse::<u64>().ok()).unwrap_or(0);
    let rows = registry.audit_records(mark, WRITE_BACK_ROWS).await?;
    let mut done = WrittenBack { through: rows.last().map_or(mark, |row| row.number), ..WrittenBack::default() };
    // Each record once, however often it changed.
    let mut records: BTreeMap<(String, String), String> = BTreeMap::new();
    for row in rows.iter().filter(|row| DEEDS.contains(&row.action.as_str())) {
        let Some(id) = &row.object else { continue };
        if let Some(certificate) = registry.get(id).await? {
            let event =
                certificate.event.split_once(crate::record::PART).map_or(certificate.event.as_str(), |(e, _)| e);
            records.insert((certificate.tracked_entity.clone(), event.to_owned()), id.clone());
        }
    }
    for ((person, event), id) in records {
        if !is_uid(&person) || !is_uid(&event) {
            // It came from elsewhere: a file, or another program by the API.
            continue;
        }
        match with.record(&person, &event).await? {
            Fate::Written => done.written += 1,
            Fate::Unchanged => done.unchanged += 1,
            Fate::Refused(code, said) => {
                *done.refused.entry(code).or_default() += 1;
                let mut entry = Entry::new(By::system(MARK), Deed::WriteBack)
                    .to(ObjectKind::Certificate, id)
                    .of(&person, &event)
                    .because(code);
                if !said.is_empty() {
                    entry = entry.with("server", said);
                }
                registry.audit(&entry, now).await?;
            }
        }
    }
    if done.through > mark {
        // Texts are compared byte by byte.
        registry.set_watermark(MARK, &format!("{:020}", done.through), false).await?;
    }
    Ok(done)
}

/// A field, what it says, and what it is to say.
struct Wanted<'a> {
    field: &'a str,
    value: String,
    is_status: bool,
}

impl Wanted<'_> {
    /// What is to be done with a field that says this.
    fn judge(&self, found: Option<&str>) -> Judged {
        let found = found.unwrap_or_default().trim();
        let ours = if self.is_status {
            matches!(found, STATUS_VALID | STATUS_REVOKED)
        } else {
            found.split_whitespace().all(|part| part.starts_with(OURS))
        };
        match () {
            () if found == self.value => Judged::Same,
            () if found.is_empty() || ours => Judged::Write,
            () => Judged::Taken,
        }
    }
}

#[derive(PartialEq, Eq)]
enum Judged {
    Same,
    Write,
    Taken,
}

impl WriteBack<'_> {
    async fn record(&self, person: &str, event: &str) -> Result<Fate, ReturnsError> {
        let certificates = self.registry.list_by_person(person).await?;
        let signed: Vec<&Certificate> = certificates.iter().filter(|one| one.sealed.is_some()).collect();
        let Some(found) = self.client.person(self.program, self.org_units, person).await? else {
            return Ok(Fate::Refused("write-back-no-person", String::new()));
        };
        let place = place_of(&found, self.program, event);
        let Some((enrollment, dose)) = place else {
            return Ok(Fate::Refused("write-back-no-event", String::new()));
        };
        let of_event: Vec<&Certificate> = signed.iter().copied().filter(|one| is_of(one, event)).collect();
        let in_event = self.event_fields(&of_event);
        let in_person = self.person_fields(&signed);
        let (mut to_event, mut to_person) = (Vec::new(), Vec::new());
        for (wanted, out, found) in [
            (&in_event, &mut to_event, event_values(dose)),
            (&in_person, &mut to_person, person_values(&found, enrollment)),
        ] {
            for one in wanted {
                match one.judge(found.get(one.field).copied()) {
                    Judged::Same => {}
                    Judged::Write => out.push((one.field, one.value.as_str())),
                    Judged::Taken => return Ok(Fate::Refused("write-back-field-taken", String::new())),
                }
            }
        }
        if to_event.is_empty() && to_person.is_empty() {
            return Ok(Fate::Unchanged);
        }
        let written = if to_event.is_empty() {
            Written::Done
        } else {
            let place = EventPlace { program: self.program, person, enrollment: &enrollment.enrollment, event: dose };
            self.client.write_event(place, &to_event).await?
        };
        let written = match written {
            Written::Done if !to_person.is_empty() => {
                self.client.write_attributes(self.program, person, enrollment, &to_person).await?
            }
            other => other,
        };
        Ok(match written {
            Written::Done => Fate::Written,
            Written::Refused { code, message } => {
                Fate::Refused("write-back-refused", format!("{} {message}", code.unwrap_or_default()).trim().to_owned())
            }
        })
    }

    /// What the data elements of an event are to say: every certificate of it that stands, or that none does any more.
    fn event_fields(&self, of_event: &[&Certificate]) -> Vec<Wanted<'_>> {
        let mut standing: Vec<&str> = of_event.iter().filter(|one| one.stands()).map(|one| one.id.as_str()).collect();
        standing.sort_unstable();
        let latest = of_event.last().map(|one| one.id.as_str());
        let options = self.options;
        wanted(&options.certificate_element, &options.status_element, &standing, latest)
    }

    /// What the attributes of a person are to say: her latest certificate that stands, or that none does any more.
    fn person_fields(&self, signed: &[&Certificate]) -> Vec<Wanted<'_>> {
        let standing: Vec<&str> =
            signed.iter().rev().filter(|one| one.stands()).map(|one| one.id.as_str()).take(1).collect();
        let latest = signed.last().map(|one| one.id.as_str());
        let options = self.options;
        wanted(&options.certificate_attribute, &options.status_attribute, &standing, latest)
    }
}

fn wanted<'a>(
    certificate: &'a Option<String>,
    status: &'a Option<String>,
    standing: &[&str],
    latest: Option<&str>,
) -> Vec<Wanted<'a>> {
    let word = if standing.is_empty() { STATUS_REVOKED } else { STATUS_VALID };
    let ids = if standing.is_empty() { latest.unwrap_or_default().to_owned() } else { standing.join(" ") };
    let certificate = certificate.as_deref().map(|field| Wanted { field, value: ids, is_status: false });
    let status = status.as_deref().map(|field| Wanted { field, value: word.to_owned(), is_status: true });
    certificate.into_iter().chain(status).collect()
}

fn is_of(certificate: &Certificate, event: &str) -> bool {
    certificate.event == event
        || certificate.event.strip_prefix(event).is_some_and(|rest| rest.starts_with(crate::record::PART))
}

/// The event of a person with its enrollment, if neither is deleted.
fn place_of<'a>(person: &'a TrackedEntity, program: &str, event: &str) -> Option<(&'a Enrollment, &'a Event)> {
    if person.deleted {
        return None;
    }
    let mut of_program = person
        .enrollments
        .iter()
        .filter(|enrollment| !enrollment.deleted && enrollment.program.as_deref().is_none_or(|of| of == program));
    of_program.find_map(|enrollment| {
        Some((enrollment, enrollment.events.iter().find(|one| one.event == event && !one.deleted)?))
    })
}

fn event_values(event: &Event) -> BTreeMap<&str, &str> {
    let values = event.data_values.iter();
    values.filter_map(|value| Some((value.data_element.as_str(), value.value.as_deref()?))).collect()
}

fn person_values<'a>(person: &'a TrackedEntity, enrollment: &'a Enrollment) -> BTreeMap<&'a str, &'a str> {
    let values = person.attributes.iter().chain(&enrollment.attributes);
    values.filter_map(|value| Some((value.attribute.as_str(), value.value.as_deref()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_empty_or_ours_is_written_over() {
        let id = Wanted { field: "F", value: "URN:UVCI:01:XX:B#2".into(), is_status: false };
        let judged = |found| match id.judge(found) {
            Judged::Same => "same",
            Judged::Write => "write",
            Judged::Taken => "taken",
        };
        assert_eq!(judged(None), "write");
        assert_eq!(judged(Some(" ")), "write");
        assert_eq!(judged(Some("URN:UVCI:01:XX:A#1")), "write");
        assert_eq!(judged(Some("URN:UVCI:01:XX:A#1 URN:UVCI:01:XX:C#3")), "write");
        assert_eq!(judged(Some("URN:UVCI:01:XX:B#2")), "same");
        assert_eq!(judged(Some("see paper card 17")), "taken");
        assert_eq!(judged(Some("URN:UVCI:01:XX:A#1 and a note")), "taken");
        let status = Wanted { field: "S", value: STATUS_VALID.into(), is_status: true };
        assert!(status.judge(Some(STATUS_REVOKED)) == Judged::Write);
        assert!(status.judge(Some("lost")) == Judged::Taken);
    }
}
