//! Every reason why a record of a source is not issued, and every remark on one that is: the stable codes of
//! `report.json`, with their meaning and their remedy. `vaccert reasons` prints these tables.

use crate::record::Refusal;

macro_rules! reasons {
    ($(#[$meta:meta])* $name:ident, $table:ident, $table_doc:literal:
     $($variant:ident $code:literal $meaning:literal $remedy:literal;)*) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $(#[doc = $meaning] $variant,)*
        }

        impl $name {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable code in kebab-case.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// What is wrong, in one sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }

            /// What to do about it, in one sentence.
            #[must_use]
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* }
            }

            /// The entry of a report, in the table's words.
            #[must_use]
            pub fn at(self, field: Option<&str>) -> Refusal {
                Refusal::new(self.code(), field, self.meaning(), self.remedy())
            }
        }

        #[doc = $table_doc]
        pub const $table: &[(&str, &str, &str)] = &[$(($code, $meaning, $remedy)),*];
    };
}

reasons! {
    /// Why a record is refused (facts on completed vaccination records, section 3). None of the sentences holds
    /// personal data, nor a value of the record.
    ReasonCode, REASONS, "All reasons for a refusal: code, meaning, remedy.":

    EventDeleted "event-deleted"
        "the person, the enrollment or the event was deleted in DHIS2"
        "nothing to do if that was meant; a certificate issued for it earlier is listed for revocation";
    EventUnidentified "event-unidentified"
        "the event has no usable UID, so it could not be told from another"
        "export the data again with the events' UIDs";
    PersonUnidentified "person-unidentified"
        "the person has no UID, so a certificate could not be told from another's"
        "export the data again with the people's UIDs";
    TooManyEvents "too-many-events"
        "the person has more events than one person can have"
        "find out which import wrote them and delete the surplus events";
    EnrollmentCancelled "enrollment-cancelled"
        "the enrollment that holds the event was cancelled"
        "reopen the enrollment if what the event says did happen";
    EnrollmentNotCompleted "enrollment-not-completed"
        "the enrollment is not completed, and the policy asks for that"
        "complete the enrollment, or set policy.require_completed_enrollment to false";
    EventNotCompleted "event-not-completed"
        "the status of the event is not one that counts as done"
        "complete the event in DHIS2, or add its status to policy.accept_statuses";
    EventEmpty "event-empty"
        "the event holds no data: DHIS2 makes such events by itself on enrollment"
        "nothing to do if nothing happened; otherwise enter what did";
    ContradictingValues "contradicting-values"
        "the record holds two different values for one field"
        "correct the field so that it has one value";
    ValueTooLong "value-too-long"
        "the value is longer than any that a certificate could hold"
        "shorten the value";
    ValueControlCharacters "value-control-characters"
        "the value holds control characters or broken text"
        "type the value again";
    PotentialDuplicate "potential-duplicate"
        "DHIS2 marks the person as a possible duplicate, and the policy refuses these"
        "merge the duplicates or dismiss the mark";
    NameMissing "name-missing"
        "the person has neither a family name nor a given name"
        "enter the name";
    NameUnreadable "name-unreadable"
        "the name holds no letter"
        "enter the name, and leave the part that the person does not have empty";
    BirthDateMissing "birth-date-missing"
        "the date of birth is missing"
        "enter it, or set policy.birth_date_missing to allow";
    BirthDateUnreadable "birth-date-unreadable"
        "the date of birth is not a date of the calendar"
        "enter it as YYYY-MM-DD";
    BirthDateImplausible "birth-date-implausible"
        "the date of birth lies before 1900 or in the future"
        "correct the date of birth";
    BirthDateEstimated "birth-date-estimated"
        "the date of birth is an estimate, and the policy refuses these"
        "find out the date and remove the mark, or set policy.birth_date_estimated to year";
    VaccineMissing "vaccine-missing"
        "the event does not say which vaccine was given"
        "enter the vaccine";
    VaccinePlaceholder "vaccine-placeholder"
        "the vaccine code is a placeholder of COVAC 1.0.0 that names no product"
        "map the code to a product in the configuration";
    VaccineUnknown "vaccine-unknown"
        "the vaccine code names no product that is known"
        "correct the vaccine, or map the code to a product in the configuration";
    VaccineAmbiguous "vaccine-ambiguous"
        "the vaccine code may mean several products"
        "enter the manufacturer or the brand, or map the code to one product in the configuration";
    ManufacturerUnknown "manufacturer-unknown"
        "the manufacturer code is not known"
        "correct the manufacturer, or map the code to its products in the configuration";
    ManufacturerContradicts "manufacturer-contradicts"
        "the manufacturer does not make this vaccine"
        "correct the vaccine or the manufacturer";
    BrandUnknown "brand-unknown"
        "the brand code names no product that is known"
        "correct the brand, or map the code to a product in the configuration";
    BrandContradicts "brand-contradicts"
        "the brand is not of this vaccine"
        "correct the vaccine or the brand";
    VaccineOtherDisease "vaccine-other-disease"
        "the vaccine protects against another disease than the one this profile certifies"
        "correct the vaccine, or use the profile of the right program";
    DoseNumberMissing "dose-number-missing"
        "the event does not say which dose it was"
        "enter the dose number";
    DoseNumberUnknown "dose-number-unknown"
        "the dose number is no code that the profile knows"
        "correct it, or map the code under values.dose of the profile";
    DoseNumberTooHigh "dose-number-too-high"
        "the number of the dose is above nine, the highest that a certificate can show"
        "correct the dose numbers of this person";
    DateMissing "date-missing"
        "the event has no date"
        "enter the date of vaccination";
    DateUnreadable "date-unreadable"
        "the date of the event is not a date of the calendar"
        "enter it as YYYY-MM-DD";
    DateInFuture "date-in-future"
        "the dose is dated in the future"
        "correct the date of vaccination";
    DateBeforeBirth "date-before-birth"
        "the dose is dated before the person's birth"
        "correct the date of vaccination or the date of birth";
    DateBeforeProduct "date-before-product"
        "the dose is dated before this product was given to anyone"
        "correct the date of vaccination or the vaccine";
    TotalDosesUnknown "total-doses-unknown"
        "neither the record nor the product says how many doses the series has"
        "enter the total number of doses";
    DoseExceedsTotal "dose-exceeds-total"
        "the number of the dose is above the recorded total, although the series of this product is longer"
        "correct the dose number or the total number of doses";
    DuplicateDose "duplicate-dose"
        "the same dose is recorded twice with the same content; the other event stands"
        "delete this event";
    ContradictingDoses "contradicting-doses"
        "the same dose number is recorded twice with different content"
        "find out which event is right, and correct or delete the other";
    DosesSameDay "doses-same-day"
        "two doses are dated on the same day"
        "correct the date of one of them, or delete the one that was not given";
    DoseOrder "dose-order"
        "a later dose is dated before an earlier one"
        "correct the dates or the dose numbers";
    EarlierDoseMissing "earlier-dose-missing"
        "an earlier dose of the series is not in the registry, and the policy asks for it"
        "enter the earlier dose, or set policy.earlier_dose_missing to allow";
    BoosterWithoutPrimary "booster-without-primary"
        "the booster's number cannot be told: the registry holds no complete and sound series of doses before it"
        "enter or correct the doses before it";
    MixedProducts "mixed-products"
        "the product differs from that of the dose before, and the policy refuses this"
        "correct the vaccine, or set policy.mixed_products to note";
    NoDoseGiven "no-dose-given"
        "the event records none of the doses that the profile knows"
        "nothing to do if none of these was given; a dose of another vaccine needs a rule under profile.given";
    GivenUnreadable "given-unreadable"
        "the value that should say whether the dose was given means neither yes nor no"
        "correct the value, or add it to values.yes or values.no of the profile";
    GivenAndNotGiven "given-and-not-given"
        "the event says that the dose was given, and also why it was not"
        "correct one of the two";
    NoLongerSaid "no-longer-recorded"
        "the event does not say any more what a certificate was issued for"
        "record it again if it did happen; otherwise delete the event in DHIS2 or revoke the certificate";
    LotMissing "lot-missing"
        "the batch number of the dose is missing"
        "enter it, or set policy.lot_missing to allow";
    LotNotMapped "lot-not-mapped"
        "the registry has no field that tells the batch number of this dose"
        "name the attribute or data element under lot of the rule or of profile.antigens, or set policy.lot_missing to allow";
    ProductMissing "product-missing"
        "only the kind of vaccine is recorded, and nothing says which product it was on that day"
        "enter the product, or state under used of profile.antigens which product the country used and when";
    ProductNotMapped "product-not-mapped"
        "only the kind of vaccine is recorded, and the registry has no field that tells the product"
        "name the field under exact of the rule or of profile.antigens, or state under used which product the country used and when";
    ProductOtherKind "product-other-kind"
        "the product is not of the kind of vaccine that the registry records"
        "correct the product, or the dose that is ticked";
    ClinicianMissing "clinician-missing"
        "the name of the clinician is missing"
        "enter it, or set policy.clinician_missing to allow";
    ClinicianNotMapped "clinician-not-mapped"
        "the registry has no field that tells the clinician"
        "name the attribute or data element under clinician of the rule, of profile.antigens or of profile.data_elements, or set policy.clinician_missing to allow";
    TestKindMissing "test-type-missing"
        "the result does not say which type of test it was"
        "enter the type of test";
    TestKindUnknown "test-type-unknown"
        "the type of test is no code that the profile knows"
        "correct it, or map the code under values.test_kind of the profile";
    TestKindSerology "test-type-serology"
        "a test for antibodies says nothing about an infection now, and no certificate can state it"
        "nothing to do if that is what it was; otherwise correct the type of test";
    TestKindSequencing "test-type-sequencing"
        "sequencing describes a virus that another test has found, and no certificate can state it"
        "nothing to do if that is what it was; otherwise correct the type of test";
    TestDeviceMissing "test-device-missing"
        "the device of the rapid antigen test is missing"
        "enter it, and map its data element under lab.device of the profile";
    TestDeviceUnknown "test-device-unknown"
        "the device of the rapid antigen test is not on the EU's list"
        "correct it: the list has numbers, such as 1232";
    TestResultMissing "test-result-missing"
        "the event has no result"
        "enter the result";
    TestResultUnknown "test-result-unknown"
        "the result is no code that the profile knows, and no guess is made of what it means"
        "correct it, or map the code under values.test_result of the profile";
    TestResultNotKnown "test-result-not-known"
        "the result is recorded as unknown"
        "enter the result once it is known";
    TestInconclusive "test-inconclusive"
        "the test gave no clear answer"
        "nothing to do; the result of a new test is a record of its own";
    TestInvalid "test-invalid"
        "the test failed"
        "nothing to do; the result of a new test is a record of its own";
    TestNotPerformed "test-not-performed"
        "the test was not performed"
        "nothing to do if that is so; otherwise correct the result";
    ResultInFuture "result-in-future"
        "the result is dated in the future"
        "correct the date of the result";
    SampleMissing "sample-missing"
        "the enrollment holds no sample that the result could be of"
        "enter the request of this test with the date of its sample";
    SampleUndated "sample-undated"
        "a sample of the enrollment has no date, and may be the one of this result"
        "enter the date of every sample of this person";
    SampleDateUnreadable "sample-date-unreadable"
        "the date of a sample is not a date of the calendar"
        "enter it as YYYY-MM-DD, or as YYYY-MM-DDTHH:MM";
    SampleAmbiguous "sample-ambiguous"
        "the enrollment holds several samples from before the result, and nothing tells which one it is of"
        "keep each test in an enrollment of its own, record the date of the sample with the result, or set policy.sample_pairing to in-order where laboratories answer each request once and in order";
    SampleNotCompleted "sample-not-completed"
        "the event of the sample is not completed"
        "complete the event of the sample in DHIS2, or add its status to policy.accept_statuses";
    SampleAfterResult "sample-after-result"
        "the sample was taken after the date of the result"
        "correct the date of the sample or of the result";
    SampleTooOld "sample-too-old"
        "the sample is older at the time of the result than the policy allows"
        "check both dates; enter the request of this test if it is missing, or raise policy.sample_days";
    SampleInFuture "sample-in-future"
        "the sample is dated in the future"
        "correct the date of the sample";
    SampleBeforeBirth "sample-before-birth"
        "the sample is dated before the person's birth"
        "correct the date of the sample or the date of birth";
    SampleBeforeTests "sample-before-tests"
        "the sample is dated before there was any test for this disease"
        "correct the date of the sample";
    SampleTimeUnknown "sample-time-unknown"
        "a test certificate states the time of the sample, and the record gives only its day, or no time zone"
        "record the time, or set constants.sample_time (such as 12:00) and constants.utc_offset (such as +05:30) of the profile";
    DuplicateTest "duplicate-test"
        "the same result is recorded twice; the other event stands"
        "delete this event";
    ContradictingTests "contradicting-tests"
        "two results of one day contradict each other"
        "find out which result is right, and correct or delete the other";
    RecoveryTooEarly "recovery-too-early"
        "a recovery is certified from some days after the positive sample on, and these have not passed"
        "run again later; policy.recovery_from_days has the number of days";
    RecoveryFirstUnclear "recovery-first-unclear"
        "another positive result of this person has no date, and may have been the first of this infection"
        "enter the date of that result";
}

reasons! {
    /// What is worth knowing about a dose that is issued all the same.
    NoteCode, NOTES, "All notes: code, meaning, remedy.":

    EarlierDose "earlier-dose-not-recorded"
        "an earlier dose of the series is not in the registry"
        "nothing to do if it was given elsewhere";
    TotalDiffers "total-doses-differ"
        "the recorded total differs from the usual series of this product"
        "check the total number of doses";
    TotalIgnored "total-doses-ignored"
        "the recorded total is not a whole number from 1 to 9, and the usual series of the product was taken"
        "correct the total number of doses";
    ProductsDiffer "products-differ"
        "the product differs from that of the dose before"
        "nothing to do if that was meant";
    BirthDateAbsent "birth-date-left-out"
        "the certificate shows no date of birth because the record has none"
        "enter the date of birth";
    BirthYearOnly "birth-year-only"
        "the certificate shows the year of birth alone because the date is an estimate"
        "find out the date and remove the mark";
    NameCut "name-cut"
        "the name has more than the 80 characters that a certificate shows, and its end is left out there"
        "decide which names the person goes by, as in the passport, and shorten the value";
    FacilityUnknown "facility-unknown"
        "the name of the facility is not known"
        "hand in the list of org units";
    FieldLeftOut "field-left-out"
        "the value of this optional field cannot be used and was left out"
        "correct the value";
    DoseAfterExpiry "dose-after-expiry"
        "the dose is dated after the expiry date of its batch"
        "check the date, the batch and its expiry date";
    PersonMarkedDuplicate "person-marked-duplicate"
        "DHIS2 marks the person as a possible duplicate"
        "merge the duplicates or dismiss the mark";
    SameInfection "same-infection"
        "an earlier positive result is of the same infection, and the recovery is certified by that one"
        "nothing to do";
    RecoveryOver "recovery-over"
        "the days for which this recovery counts have passed"
        "nothing to do; the certificate shows from when to when it counted";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_kebab() {
        let all: Vec<_> = REASONS.iter().chain(NOTES).collect();
        let unique: BTreeSet<_> = all.iter().map(|(code, ..)| code).collect();
        assert_eq!(unique.len(), all.len());
        for (code, meaning, remedy) in all {
            assert!(code.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{code}");
            assert!(!meaning.ends_with('.') && !remedy.ends_with('.'), "{code}");
        }
    }

    #[test]
    fn an_entry_says_what_the_table_says() {
        for (reason, (code, meaning, remedy)) in ReasonCode::ALL.iter().zip(REASONS) {
            let entry = reason.at(Some("field"));
            assert_eq!(
                (entry.code.as_str(), entry.message.as_str(), entry.remedy.as_str()),
                (*code, *meaning, *remedy)
            );
        }
    }
}
