//! However many runs come upon one record at the same time, it is signed once.

use std::{
    collections::BTreeSet,
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::stream;
use vaccert::{
    batch::{Batch, Direct, DivocPaper, Mode, Report, Status, system_random},
    clock::{Clock as _, Fixed, System},
    document::Press,
    issue::{Format, Issuer, Terms},
    keys::{Algorithm, Certificate, MemorySigner, Signer, SignerError},
    record::Refusal,
    registry::{Options, Registry},
    signers::sandbox::{self, SignerKey, Validity},
    source::{assess::Assessor, file::read_people_from, model::TrackedEntity, profile::Profile},
    valueset::{VaccineProduct, dhis2::Dhis2Vaccines},
};

use crate::{
    journey::export,
    support::{
        database::{Database, on_each},
        dhis2::people::Person,
        program::Workplace,
    },
};

/// A sandbox signer that counts, and takes long enough for others to come by.
struct Counting {
    signer: MemorySigner,
    signatures: Arc<AtomicUsize>,
}

impl Signer for Counting {
    fn algorithm(&self) -> Algorithm {
        self.signer.algorithm()
    }

    fn certificate(&self) -> &Certificate {
        self.signer.certificate()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.signatures.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(30));
        self.signer.sign(message)
    }
}

fn vaccine(code: Option<&str>, _: Option<&str>, _: Option<&str>) -> Result<Arc<VaccineProduct>, Refusal> {
    Ok(Dhis2Vaccines::built_in().resolve(code, None, None).unwrap())
}

/// One person with one dose.
fn person() -> Person {
    Person::new("P0000000001", "Amaro", "Vastow", "1970-01-01").dosed("MODERNA", "DOSE1", "2021-03-01", "B00001")
}

fn people() -> Vec<TrackedEntity> {
    let mut people = Vec::new();
    let text = export(&[person()]);
    let read = read_people_from(text.as_bytes(), "export.json", |person| {
        people.push(person);
        std::ops::ControlFlow::Continue(())
    });
    assert_eq!(read.unwrap().malformed, 0);
    people
}

/// A run as the command line builds it, with the registry and the owner of its own.
fn batch(signer: &Arc<Counting>, registry: Registry, press: &Arc<Press>, number: usize) -> Batch {
    let mut profile = Profile::by_name("covac-1.2.0").unwrap();
    profile.constants.country = Some("XX".to_owned());
    profile.constants.issuer = Some("Ministry of Health".to_owned());
    let signer: Arc<dyn Signer> = signer.clone();
    Batch {
        assessor: Assessor::new(profile, Arc::new(vaccine), Arc::new(|_: &str| None)).unwrap(),
        issuer: Arc::new(Issuer::new(signer, "XX", Terms::default()).unwrap()),
        formats: vec![Format::EuDcc],
        registry,
        outputs: None,
        press: Arc::clone(press),
        seal: None,
        wallet: None,
        divoc_paper: DivocPaper::default(),
        clock: Arc::new(System),
        random: system_random(),
        owner: format!("run {number}").into(),
        operator: "test".into(),
        reason: None,
        request: None,
        follower: None,
    }
}

async fn a_hundred_runs(database: Database) {
    let validity = Validity::recommended(System.now()).unwrap();
    let made = sandbox::make(SignerKey::P256, &validity, [[1; 16], [2; 16]]).unwrap().signer;
    let certificate = Certificate::from_der(&made.certificate_der).unwrap();
    let signatures = Arc::new(AtomicUsize::new(0));
    let signer = MemorySigner::new(&made.private_key, certificate).unwrap();
    let signer = Arc::new(Counting { signer, signatures: Arc::clone(&signatures) });
    let press = Arc::new(Press::standard().unwrap());
    let (people, options) = (people(), Options::default());
    // Some share their connections, some do not.
    let mut registries = Vec::new();
    for _ in 0..4 {
        registries.push(Registry::open(&database.url, options.clone()).await.unwrap());
    }
    let mut runs = tokio::task::JoinSet::new();
    for number in 0..100 {
        let batch = batch(&signer, registries[number % 4].clone(), &press, number);
        let people = people.clone();
        runs.spawn(async move {
            let mut report = Report::new(None).unwrap();
            batch.run(stream::iter([Ok(people)]), &mut report, &mut ()).await.unwrap();
            *report.tally()
        });
    }
    let tallies = runs.join_all().await;
    let sum = |of: fn(&vaccert::batch::Tally) -> u64| tallies.iter().map(of).sum::<u64>();
    assert_eq!((sum(|t| t.issued), sum(|t| t.unchanged), sum(|t| t.refused)), (1, 99, 0));
    assert_eq!(signatures.load(Ordering::SeqCst), 1, "one signature");
    let counts = registries[0].counts().await.unwrap();
    assert_eq!((counts.released, counts.intended, counts.abandoned, counts.revoked), (1, 0, 0, 0));
    assert_eq!(registries[0].list_by_person("P0000000001").await.unwrap().len(), 1);
}

#[test]
fn a_hundred_runs_in_one_process_make_one_signature() {
    on_each(a_hundred_runs);
}

/// A signer during whose first signature something else happens.
struct Interrupted {
    signer: Arc<Counting>,
    meanwhile: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Signer for Interrupted {
    fn algorithm(&self) -> Algorithm {
        self.signer.algorithm()
    }

    fn certificate(&self) -> &Certificate {
        self.signer.certificate()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let meanwhile = self.meanwhile.lock().unwrap().take();
        if let Some(meanwhile) = meanwhile {
            meanwhile();
        }
        self.signer.sign(message)
    }
}

/// A counter whose machine stops for a minute while it signs: somebody else issues, and that is what is handed out.
async fn overtaken_while_signing(database: Database) {
    let validity = Validity::recommended(System.now()).unwrap();
    let made = sandbox::make(SignerKey::P256, &validity, [[1; 16], [2; 16]]).unwrap().signer;
    let certificate = Certificate::from_der(&made.certificate_der).unwrap();
    let signatures = Arc::new(AtomicUsize::new(0));
    let signer = MemorySigner::new(&made.private_key, certificate).unwrap();
    let signer = Arc::new(Counting { signer, signatures: Arc::clone(&signatures) });
    let press = Arc::new(Press::standard().unwrap());
    let registry = database.open().await;
    let assessed = |batch: &Batch| batch.assessor.assess(&people()[0], batch.clock.latest_today()).records;

    // Its own way to the database, since it runs while the one that signs stands still.
    let database = Arc::new(database);
    let same = Arc::clone(&database);
    let mut other = batch(&signer, registry.clone(), &press, 2);
    other.clock = Arc::new(Fixed(System.now() + jiff::SignedDuration::from_secs(60)));
    let records = assessed(&other);
    let meanwhile = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let done = runtime.block_on(async {
            other.registry = same.open().await;
            other.issue_assessed(records, Mode::First).await.unwrap()
        });
        assert!(matches!(&done[..], [Direct::Done(item)] if item.status == Status::Issued), "{done:?}");
    };
    let slow = Interrupted { signer: Arc::clone(&signer), meanwhile: Mutex::new(Some(Box::new(meanwhile))) };
    let mut batch = batch(&signer, registry.clone(), &press, 1);
    batch.issuer = Arc::new(Issuer::new(Arc::new(slow), "XX", Terms::default()).unwrap());
    let records = assessed(&batch);
    let done = batch.issue_assessed(records, Mode::First).await.unwrap();
    let rows = registry.list_by_person("P0000000001").await.unwrap();
    assert_eq!(rows.len(), 1, "{rows:?}");
    let [Direct::Done(item)] = &done[..] else { panic!("{done:?}") };
    assert_eq!((item.status, item.uvci.as_deref()), (Status::Unchanged, Some(rows[0].id.as_str())), "{item:?}");
    assert_eq!(signatures.load(Ordering::SeqCst), 2, "the one that came too late never left");
}

#[test]
fn whoever_is_overtaken_while_signing_hands_out_what_the_other_issued() {
    on_each(overtaken_while_signing);
}

/// Four processes with one configuration, each with its own folder.
async fn four_processes(database: Database) {
    let mut work = Workplace::new();
    work.run(&["init", "--quiet", "."]).good();
    let config = std::fs::read_to_string(work.path("vaccert.toml")).unwrap();
    work.write("vaccert.toml", config.replace("url = \"registry.sqlite\"", "url_env = \"REGISTRY\""));
    work.set("REGISTRY", &database.url);
    work.write("export.json", export(&[person()]));
    let outs = ["a", "b", "c", "d"];
    let runs: Vec<_> = outs
        .iter()
        .map(|out| {
            let mut run = work.command(&["issue", "--from", "export.json", "--out", out, "--files", "txt", "--quiet"]);
            run.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for run in runs {
        let output = run.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let mut codes = BTreeSet::new();
    let mut issued = 0;
    for out in outs {
        let out = work.out(out);
        let [records, new, refused, unchanged] = out.counts();
        assert_eq!((records, refused, new + unchanged), (1, 0, 1));
        issued += new;
        codes.extend(out.codes().iter().map(|path| std::fs::read_to_string(path).unwrap()));
        work.verify(&out.trust(), &out.codes(), &[]).accepted(&["sandbox"]);
    }
    assert_eq!((issued, codes.len()), (1, 1), "one signature, and every folder has that certificate");
    let registry = database.open().await;
    let counts = registry.counts().await.unwrap();
    assert_eq!((counts.released, counts.intended, counts.revoked), (1, 0, 0));
    let rows = registry.list_by_person("P0000000001").await.unwrap();
    assert_eq!(rows.len(), 1);
}

#[test]
fn four_processes_on_one_registry_make_one_signature() {
    on_each(four_processes);
}
