//! Old and new signers of one issuer, under a clock that moves: published, waiting, signing, retired, ended.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::{SignedDuration, Timestamp};
use rcgen::{CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, KeyPair};
use vaccert::{
    batch::{Batch, DivocPaper, ListKey, Mode, system_random},
    clock::Clock,
    document::Press,
    issue::{Format, IssueError, Issuer, Record, RecordError, Terms},
    keys::{
        Certificate, KeyUsePeriod, Member, MemorySigner, NotSigning, Publication, Purpose, SetError, Signer, SignerSet,
        SignerState,
    },
    record::{Country, Refusal, Uvci},
    registry::{Options, Registry},
    source::{assess::Assessor, profile::Profile},
    valueset::{VaccineProduct, dhis2::Dhis2Vaccines},
};

use crate::verdicts::{dose, product};

const DAY: i64 = 24;
const RULE: Publication = Publication { period: SignedDuration::from_hours(DAY), first_at_once: false };

/// So many hours after the beginning of these tests.
fn at(hours: i64) -> Timestamp {
    "2026-11-21T12:00:00Z".parse::<Timestamp>().unwrap().checked_add(SignedDuration::from_hours(hours)).unwrap()
}

/// When a certificate begins and ends, and when its key may sign, in hours.
#[derive(Clone, Copy)]
struct Times {
    from: i64,
    until: i64,
    key_until: Option<i64>,
}

const LONG: Times = Times { from: -DAY, until: 730 * DAY, key_until: Some(183 * DAY) };

fn moment(hours: i64) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    let seconds = std::time::Duration::from_secs(at(hours).as_second() as u64);
    parameters.not_before = rcgen::date_time_ymd(1970, 1, 1) + seconds;
    parameters
}

/// The extension as it stands in certificates (RFC 3280 section 4.2.1.4).
pub fn usage_period(content: &[u8]) -> CustomExtension {
    let value = [&[0x30, content.len() as u8], content].concat();
    CustomExtension::from_oid_content(&[2, 5, 29, 16], value)
}

fn bound(tag: u8, hours: i64) -> Vec<u8> {
    let text = at(hours).strftime("%Y%m%d%H%M%SZ").to_string();
    [&[tag, text.len() as u8], text.as_bytes()].concat()
}

fn certificate(times: Times, usages: &[u64], extension: Option<CustomExtension>) -> (Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let mut parameters = subject();
    parameters.not_before = moment(times.from).not_before;
    parameters.not_after = moment(times.until).not_before;
    let oid = |last: &u64| ExtendedKeyUsagePurpose::Other(vec![1, 3, 6, 1, 4, 1, 1847, 2021, 1, *last]);
    parameters.extended_key_usages = usages.iter().map(oid).collect();
    let period = times.key_until.map(|until| usage_period(&bound(0x81, until)));
    parameters.custom_extensions.extend(extension.or(period));
    let made = parameters.self_signed(&key).unwrap();
    (Certificate::from_der(made.der()).unwrap(), key)
}

fn subject() -> CertificateParams {
    let mut subject = rcgen::DistinguishedName::new();
    subject.push(rcgen::DnType::CountryName, rcgen::DnValue::PrintableString("XX".try_into().unwrap()));
    subject.push(rcgen::DnType::OrganizationName, "vaccert sandbox");
    subject.push(rcgen::DnType::CommonName, "Sandbox DSC");
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = subject;
    parameters
}

fn signer(times: Times, usages: &[u64]) -> Arc<dyn Signer> {
    let (certificate, key) = certificate(times, usages, None);
    Arc::new(MemorySigner::new(&key.serialize_der(), certificate).unwrap())
}

fn member(signer: &Arc<dyn Signer>, published: Option<i64>) -> Member {
    Member::new(Arc::clone(signer), Vec::new()).published_at(published.map(at))
}

fn states(set: &SignerSet, hours: i64) -> Vec<&'static str> {
    let name = |member| match set.state(member, at(hours)) {
        SignerState::Unpublished => "unpublished",
        SignerState::Pending { .. } => "pending",
        SignerState::Active { .. } => "active",
        SignerState::Retired { .. } => "retired",
        SignerState::Ended { .. } => "ended",
    };
    set.members().iter().map(name).collect()
}

fn selected(set: &SignerSet, hours: i64) -> Result<usize, NotSigning> {
    let chosen = set.select(Purpose::Vaccination, at(hours))?;
    Ok(set.members().iter().position(|member| std::ptr::eq(member, chosen)).unwrap())
}

#[test]
fn a_successor_is_published_waits_and_takes_over_by_itself() {
    let (old, new) = (signer(LONG, &[]), signer(Times { from: 0, ..LONG }, &[]));
    let set = SignerSet::new(vec![member(&old, Some(-50 * DAY)), member(&new, None)], RULE).unwrap();
    assert_eq!((states(&set, 1), selected(&set, 1)), (vec!["active", "unpublished"], Ok(0)));
    assert_eq!(set.unpublished(at(1)).count(), 1);
    set.learn(new.kid(), at(2));
    // What is learned later changes nothing.
    set.learn(new.kid(), at(9));
    for hours in [2, 3, 25] {
        assert_eq!((states(&set, hours), selected(&set, hours)), (vec!["active", "pending"], Ok(0)), "{hours}");
    }
    for hours in [26, 27, 100 * DAY] {
        assert_eq!((states(&set, hours), selected(&set, hours)), (vec!["retired", "active"], Ok(1)), "{hours}");
        assert_eq!(set.certificates(at(hours)).len(), 2, "what it signed must still verify");
    }
    // Both keys are over; the certificates live on, and then end.
    assert_eq!(states(&set, 183 * DAY), ["retired", "retired"]);
    assert!(matches!(selected(&set, 183 * DAY), Err(NotSigning::KeyUseOver { .. })));
    assert_eq!(states(&set, 730 * DAY), ["ended", "ended"]);
    assert!(set.certificates(at(730 * DAY)).is_empty());
    assert!(matches!(selected(&set, 730 * DAY), Err(NotSigning::Over { .. })));
}

#[test]
fn a_first_key_waits_in_production_and_not_in_a_sandbox() {
    let only = signer(LONG, &[]);
    let set = SignerSet::new(vec![member(&only, None)], RULE).unwrap();
    let error = selected(&set, 0).unwrap_err();
    assert!(matches!(error, NotSigning::Unpublished { hours: 24, .. }), "{error}");
    assert!(error.to_string().contains("publish_hours = 0"), "{error}");
    set.learn(only.kid(), at(0));
    let error = selected(&set, 23).unwrap_err();
    assert!(matches!(&error, NotSigning::Pending { from, .. } if *from == at(24)), "{error}");
    assert_eq!(selected(&set, 24), Ok(0));

    let sandbox = Publication { first_at_once: true, ..RULE };
    let set = SignerSet::new(vec![member(&only, None)], sandbox).unwrap();
    assert_eq!((selected(&set, 0), states(&set, 0)), (Ok(0), vec!["active"]));
    // But a second one waits: that is what is rehearsed.
    let second = signer(Times { from: 0, ..LONG }, &[]);
    let set = SignerSet::new(vec![member(&only, Some(0)), member(&second, Some(1))], sandbox).unwrap();
    assert_eq!((selected(&set, 2), selected(&set, 25)), (Ok(0), Ok(1)));
    // And where the rule is switched off, the newer certificate signs, published or not.
    let none = Publication { period: SignedDuration::ZERO, first_at_once: false };
    let set = SignerSet::new(vec![member(&second, None), member(&only, None)], none).unwrap();
    assert_eq!(selected(&set, 0), Ok(0));
}

#[test]
fn each_kind_of_certificate_has_its_signer() {
    let (doses, tests) = (signer(LONG, &[2]), signer(LONG, &[1]));
    let set = SignerSet::new(vec![member(&doses, Some(-48)), member(&tests, Some(-48))], RULE).unwrap();
    assert_eq!(set.select(Purpose::Vaccination, at(0)).unwrap().certificate(), doses.certificate());
    assert_eq!(set.select(Purpose::Test, at(0)).unwrap().certificate(), tests.certificate());
    assert_eq!(states(&set, 0), ["active", "active"]);
    // A newer key for tests alone retires nobody else.
    let newer = signer(Times { from: 0, ..LONG }, &[1]);
    let all = [&doses, &tests, &newer].map(|one| member(one, Some(-48)));
    let set = SignerSet::new(all.into(), RULE).unwrap();
    assert_eq!(states(&set, 0), ["active", "retired", "active"]);
    // One certificate for all, narrowed by the configuration.
    let any = signer(LONG, &[]);
    let narrowed = Member::new(Arc::clone(&any), vec![Purpose::Test]).published_at(Some(at(-48)));
    assert!(narrowed.serves(Purpose::Test) && !narrowed.serves(Purpose::Vaccination));
    let set = SignerSet::new(vec![narrowed, member(&doses, Some(-48))], RULE).unwrap();
    assert_eq!(set.select(Purpose::Vaccination, at(0)).unwrap().certificate(), doses.certificate());
    assert_eq!(set.select(Purpose::Test, at(0)).unwrap().certificate(), any.certificate());
    let wide = Member::new(Arc::clone(&doses), vec![Purpose::Test]);
    assert!(matches!(SignerSet::new(vec![wide], RULE), Err(SetError::Usage { purpose: Purpose::Test, .. })));
    let twice = vec![member(&doses, None), member(&doses, None)];
    assert!(matches!(SignerSet::new(twice, RULE), Err(SetError::Twice { .. })));
    assert!(matches!(SignerSet::new(Vec::new(), RULE), Err(SetError::Empty)));

    // Records of a kind that nobody may sign are an error of the issuer, not of the record.
    let set = Arc::new(SignerSet::single(tests));
    let issuer = Issuer::of_set(set, "XX", Terms::default()).unwrap();
    let error = prepare(&issuer, 0).unwrap_err();
    assert!(matches!(error, IssueError::Purpose { purpose: Purpose::Vaccination, .. }), "{error}");
}

fn prepare(issuer: &Issuer, hours: i64) -> Result<Option<Timestamp>, IssueError> {
    let record = Record::Vaccination(Box::new(dose(product("comirnaty"))));
    let id = Uvci::from_random(Country::SANDBOX, [9; 16]);
    match issuer.prepare(&record, &id, &[Format::EuDcc], at(hours)) {
        Ok(prepared) => Ok(issuer.seal(prepared)?.envelopes[0].expires_at),
        Err(RecordError::Issuer(error)) => Err(error),
        Err(refused) => panic!("{refused}"),
    }
}

#[test]
fn the_issuer_stops_before_it_would_sign_past_the_end() {
    let year = SignedDuration::from_hours(365 * DAY);
    let month = SignedDuration::from_hours(30 * DAY);
    let times = Times { from: -DAY, until: 400 * DAY, key_until: Some(380 * DAY) };
    let one = signer(times, &[]);
    let terms = Terms { validity: year, least_validity: month, ..Terms::default() };
    let issuer = Issuer::new(Arc::clone(&one), "XX", terms.clone()).unwrap();
    // A whole year; then cut short by the certificate; then not worth the way to the office.
    assert_eq!(prepare(&issuer, 0).unwrap(), Some(at(365 * DAY)));
    assert_eq!(prepare(&issuer, 35 * DAY).unwrap(), Some(at(400 * DAY)));
    assert_eq!(prepare(&issuer, 370 * DAY).unwrap(), Some(at(400 * DAY)));
    let error = prepare(&issuer, 370 * DAY + 1).unwrap_err();
    assert!(matches!(error, IssueError::EndsSoon { least: 30, .. }), "{error}");
    // The strict reading: none is cut short.
    let strict = Terms { least_validity: year, ..terms.clone() };
    let strict = Issuer::new(Arc::clone(&one), "XX", strict).unwrap();
    assert_eq!(prepare(&strict, 35 * DAY).unwrap(), Some(at(400 * DAY)));
    assert!(matches!(prepare(&strict, 35 * DAY + 1), Err(IssueError::EndsSoon { .. })));
    // The end of the key's use is an end of its own.
    let lax = Terms { least_validity: SignedDuration::ZERO, ..terms };
    let lax = Issuer::new(one, "XX", lax).unwrap();
    assert!(prepare(&lax, 380 * DAY - 1).is_ok());
    let error = prepare(&lax, 380 * DAY).unwrap_err();
    assert!(matches!(&error, IssueError::NotSigning(NotSigning::KeyUseOver { .. })), "{error}");
    assert!(error.to_string().contains("private key usage period"), "{error}");
}

#[test]
fn the_period_of_a_key_is_read_or_nobody_signs_with_it() {
    let both = [bound(0x80, 5), bound(0x81, 10)].concat();
    let (dsc, key) = certificate(LONG, &[], Some(usage_period(&both)));
    assert_eq!((dsc.signs_from(), dsc.signs_until()), (at(5), at(10)));
    let period = KeyUsePeriod::Between { from: Some(at(5)), until: Some(at(10)) };
    assert_eq!(dsc.profile().unwrap().key_use, period);
    let one: Arc<dyn Signer> = Arc::new(MemorySigner::new(&key.serialize_der(), dsc).unwrap());
    let issuer = Issuer::new(one, "XX", Terms::default()).unwrap();
    assert!(matches!(prepare(&issuer, 4), Err(IssueError::NotSigning(NotSigning::NotYet { .. }))));
    assert!(prepare(&issuer, 5).is_ok());
    assert!(matches!(prepare(&issuer, 10), Err(IssueError::NotSigning(NotSigning::KeyUseOver { .. }))));

    assert_eq!(
        certificate(Times { key_until: None, ..LONG }, &[], None).0.profile().unwrap().key_use,
        KeyUsePeriod::Unlimited
    );
    let other_order = [bound(0x81, 10), bound(0x80, 5)].concat();
    for broken in [&[][..], &[0x81, 1, b'2'], &[0x82, 0], &other_order, &[bound(0x81, 10), vec![5, 0]].concat()] {
        let (dsc, key) = certificate(LONG, &[], Some(usage_period(broken)));
        assert_eq!(dsc.profile().unwrap().key_use, KeyUsePeriod::Unreadable, "{broken:?}");
        let one: Arc<dyn Signer> = Arc::new(MemorySigner::new(&key.serialize_der(), dsc).unwrap());
        let error = Issuer::new(one, "XX", Terms::default()).unwrap_err();
        assert!(matches!(error, IssueError::Extensions { .. }), "{error}");
    }
}

/// A clock that the test moves, by hours.
struct Moved(AtomicI64);

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        at(self.0.load(Ordering::SeqCst))
    }
}

fn vaccine(code: Option<&str>, _: Option<&str>, _: Option<&str>) -> Result<Arc<VaccineProduct>, Refusal> {
    Ok(Dhis2Vaccines::built_in().resolve(code, None, None).unwrap())
}

#[tokio::test]
async fn a_running_program_changes_over_and_a_later_one_remembers() {
    let folder = tempfile::tempdir().unwrap();
    let url = folder.path().join("registry.sqlite");
    let url = url.to_str().unwrap();
    let clock = Arc::new(Moved(AtomicI64::new(0)));
    let (old, new) = (signer(LONG, &[]), signer(Times { from: 0, ..LONG }, &[]));
    let list_key = ListKey { signer: Arc::clone(&old), validity: SignedDuration::from_hours(DAY) };
    let start = async |signers: &[&Arc<dyn Signer>]| {
        let members = signers.iter().map(|one| member(one, None)).collect();
        let set = Arc::new(SignerSet::new(members, RULE).unwrap());
        let told: Arc<dyn Clock> = clock.clone();
        let mut profile = Profile::by_name("covac-1.2.0").unwrap();
        profile.constants.country = Some("XX".to_owned());
        profile.constants.issuer = Some("Ministry of Health".to_owned());
        Batch {
            assessor: Assessor::new(profile, Arc::new(vaccine), Arc::new(|_: &str| None)).unwrap(),
            issuer: Arc::new(Issuer::of_set(set, "XX", Terms::default()).unwrap()),
            formats: vec![Format::EuDcc],
            registry: Registry::open(url, Options::default()).await.unwrap(),
            outputs: None,
            press: Arc::new(Press::standard().unwrap()),
            seal: None,
            wallet: None,
            divoc_paper: DivocPaper::default(),
            clock: told,
            random: system_random(),
            owner: "run".into(),
            operator: "test".into(),
            reason: None,
            request: None,
            follower: None,
        }
    };
    let issue = async |batch: &Batch, event: &str| {
        let mut record = dose(product("comirnaty"));
        record.provenance.event = event.to_owned();
        let answers = batch.issue(vec![record], Mode::First).await.map_err(|error| error.to_string())?;
        assert!(answers[0].is_certified(), "{answers:?}");
        let stands = batch.registry.list_by_person("person").await.unwrap();
        let one = stands.into_iter().find(|certificate| certificate.event == event).unwrap();
        Ok::<Vec<u8>, String>(one.sealed.unwrap().envelopes[0].kid.clone())
    };
    let carried = async |batch: &Batch| {
        let path = batch.publish(folder.path(), &list_key).await.unwrap();
        vaccert::trust::bundle::read(std::fs::read(path).unwrap(), &[]).unwrap().contents.certificates
    };

    // A first key: published by the run that wants to sign, and refused until a day has passed.
    let batch = start(&[&old]).await;
    let error = issue(&batch, "event0").await.unwrap_err();
    assert!(error.contains("never published"), "{error}");
    assert!(batch.announce(folder.path(), &list_key).await.unwrap().is_some());
    assert!(batch.announce(folder.path(), &list_key).await.unwrap().is_none(), "once");
    let error = issue(&batch, "event0").await.unwrap_err();
    assert!(error.contains("2026-11-22T12:00:00Z"), "{error}");
    drop(batch);
    clock.0.store(23, Ordering::SeqCst);
    let batch = start(&[&old]).await;
    assert!(issue(&batch, "event0").await.is_err(), "a restart does not shorten it");
    clock.0.store(24, Ordering::SeqCst);
    assert_eq!(issue(&batch, "event0").await.unwrap(), old.kid().as_bytes());

    // Its successor: in the bundle at once, waiting, and then it signs, without a restart.
    clock.0.store(100, Ordering::SeqCst);
    let batch = start(&[&old, &new]).await;
    assert!(batch.announce(folder.path(), &list_key).await.unwrap().is_some());
    assert_eq!(carried(&batch).await, [old.certificate().der().to_vec(), new.certificate().der().to_vec()]);
    clock.0.store(123, Ordering::SeqCst);
    assert_eq!(issue(&batch, "event1").await.unwrap(), old.kid().as_bytes());
    clock.0.store(124, Ordering::SeqCst);
    assert_eq!(issue(&batch, "event2").await.unwrap(), new.kid().as_bytes());
    // The old one is gone from the configuration, and what it signed still verifies.
    let batch = start(&[&new]).await;
    assert_eq!(issue(&batch, "event3").await.unwrap(), new.kid().as_bytes());
    assert_eq!(carried(&batch).await.len(), 2);
}

#[tokio::test]
async fn a_key_that_signed_before_there_was_a_rule_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let url = folder.path().join("registry.sqlite");
    let registry = Registry::open(url.to_str().unwrap(), Options::default()).await.unwrap();
    assert!(registry.published_signers().await.unwrap().is_empty());
    registry.remember_signer("b2xk", "certificate").await.unwrap();
    registry.publish_signers(&["bmV3".to_owned()], at(1)).await.unwrap();
    registry.publish_signers(&["bmV3".to_owned(), "b2xk".to_owned()], at(2)).await.unwrap();
    let published = registry.published_signers().await.unwrap();
    assert_eq!(published["bmV3"], at(1));
    // A record of its own counts from then on: it was published again, and by then for a long time.
    assert_eq!(published["b2xk"], Timestamp::UNIX_EPOCH);
}
