//! Certificates of nobody, by which an issuer tries its own key from end to end.
//!
//! In the sandbox a specimen is an ordinary certificate of the invented person of this file; the sandbox's key
//! marks it. In production the key is real, so the specimen must never be green anywhere: it is issued to `SPECIMEN,
//! NOT VALID`, and its token ends at second 42 of the year 1970, long before it begins. Readers of the field take that
//! end for a specimen's mark (facts on failures, F11), and no clock makes it green: after second 42 it has expired,
//! and until then it has not begun. A verifier that knows the key therefore finds signature, trust, key usage and
//! content good and answers `expired`, which is what a canary looks for.
//!
//! Linked data (`divoc`) knows no end of validity, so that a specimen of it would be good for ever: none is signed.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date, tz::Offset};

use super::{Format, Issuer, Record, RecordError, eu_dcc, hcert, icvp, reasons, whole_second};
use crate::{
    envelope::hcert::{ToBeSigned, write_token},
    issue::{Envelope, IssueError, NotIssued, ddcc, divoc},
    record::{Country, PartialDate, Person, PersonName, Provenance, Reason, Refusal, Sex, Uvci, VaccinationRecord},
    valueset::{DecisionTable, VaccineProduct, ValueSets},
    verify,
};

/// The second at which the token of a specimen ends.
pub const EXPIRY: Timestamp = Timestamp::constant(42, 0);

/// Family name of the person who does not exist.
pub const FAMILY: &str = "SPECIMEN";
/// Given name of the same.
pub const GIVEN: &str = "NOT VALID";

/// Why there is no specimen of linked data.
const NO_SPECIMEN: Reason = (
    "no-specimen",
    "this format knows no end of validity, so a specimen under a real key would be good for ever",
    "rehearse it in the sandbox",
);

/// Product of a specimen against COVID-19, by our key.
const COVID_PRODUCT: &str = "comirnaty";
/// Days between the dose of a specimen and the day of the check: longer than any waiting period.
const DAYS_AGO: i32 = 60;

/// The record of nobody that fits a format. `None` when the value sets that are compiled in hold no product for it.
#[must_use]
pub fn record(format: Format, country: Country, issuer: &str, now: Timestamp) -> Option<Record> {
    let sets = ValueSets::built_in();
    let today = Offset::UTC.to_datetime(now).date();
    let date = today.checked_sub(jiff::Span::new().days(DAYS_AGO)).ok()?;
    let product = match format {
        Format::Icvp => Arc::new(yellow_fever(sets, date)?),
        Format::EuDcc | Format::Ddcc | Format::Divoc | Format::DivocCwt => Arc::clone(sets.product(COVID_PRODUCT)?),
    };
    let total = product.primary_doses.unwrap_or(1);
    Some(Record::Vaccination(Box::new(VaccinationRecord {
        provenance: Provenance {
            tracked_entity: String::new(),
            event: String::new(),
            updated_at: None,
            facility: None,
        },
        person: Person {
            name: PersonName {
                family: Some(FAMILY.to_owned()),
                given: Some(GIVEN.to_owned()),
                ..PersonName::default()
            },
            birth_date: Some(PartialDate::Day(jiff::civil::date(1900, 1, 1))),
            sex: Some(Sex::Female),
            identifier: None,
            nationality: Some(country),
            document: None,
            guardian: None,
        },
        product,
        lot: Some(FAMILY.to_owned()),
        date,
        dose: 1,
        total_doses: total,
        country,
        centre: Some(FAMILY.to_owned()),
        practitioner: None,
        clinician: Some(FAMILY.to_owned()),
        next_dose: None,
        issuer: issuer.to_owned(),
    })))
}

/// A yellow fever vaccine that WHO lists on this day.
fn yellow_fever(sets: &ValueSets, on: Date) -> Option<VaccineProduct> {
    let fits = |table: Option<DecisionTable>| table == Some(DecisionTable::YellowFever);
    let product =
        sets.who().products().iter().find(|product| fits(product.kind.decision) && product.is_listed_on(on))?;
    product.ids.first().map(|id| product.to_product(&id.id))
}

impl Issuer {
    /// Signs a certificate of nobody that no clock makes green; see the head of this file.
    ///
    /// # Errors
    /// [`RecordError::Refused`] for linked data, and where the settings allow no such certificate;
    /// [`RecordError::Issuer`] when the key may not sign or fails.
    pub fn specimen(
        &self,
        format: Format,
        country: Country,
        issuer: &str,
        id: &Uvci,
        now: Timestamp,
    ) -> Result<Envelope, RecordError> {
        let refused = |refusal: Refusal| RecordError::Refused(vec![NotIssued { format, refusal }]);
        let record = record(format, country, issuer, now)
            .ok_or_else(|| refused(Refusal::of(reasons::PRODUCT_INCOMPLETE, Some("vaccine"))))?;
        let member = self.signers.select(super::purpose(&record), now).map_err(IssueError::NotSigning)?;
        let signer = member.signer();
        let draft = match format {
            Format::EuDcc => eu_dcc::draft(&record, id, &self.terms),
            Format::Ddcc => ddcc::draft(&record, id),
            Format::Icvp => icvp::draft(&record, &self.terms, now),
            Format::DivocCwt => divoc::draft(&record, id, &self.terms, now),
            Format::Divoc => Err(Refusal::of(NO_SPECIMEN, None)),
        }
        .map_err(refused)?;
        if let Some(purpose) = draft.purpose.filter(|purpose| !member.serves(*purpose)) {
            return Err(IssueError::Purpose { kid: signer.kid().clone(), purpose }.into());
        }
        let issued_at = whole_second(now);
        let payload = write_token(&self.country, issued_at, EXPIRY, draft.sub_claim, &draft.content);
        let message = ToBeSigned::new(signer.algorithm(), signer.kid(), payload);
        // The rehearsal: the verifier must find the end, and nothing but the end.
        let faults = verify::inspect(message.payload(), self.key(signer.kid())?, now);
        if faults != [verify::Reason::Expired] {
            let other = faults.iter().find(|fault| **fault != verify::Reason::Expired);
            let found = other.map_or("not expired", |fault| fault.code());
            return Err(refused(Refusal::of(reasons::VERIFIER_WOULD_REFUSE, None).with(found)));
        }
        Ok(hcert::sign(format, hcert::Unsigned::new(message, EXPIRY, Arc::clone(signer)), issued_at)?)
    }
}
