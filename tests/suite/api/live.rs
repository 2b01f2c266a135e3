//! What verdicts rest on: exchanged without waiting, kept when what comes is worse.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::SignedDuration;
use vaccert::service::{Known, KnownError, Live, Look, Origin, Places};

use super::{Installation, until};

/// Files that take as long to read as they are told to.
struct Slow {
    places: Places,
    version: Arc<AtomicU64>,
    gate: Arc<Mutex<()>>,
    begun: Arc<AtomicU64>,
    reads: Arc<AtomicU64>,
}

impl Origin for Slow {
    fn look(&self) -> Look {
        Look::numbered(self.version.load(Ordering::SeqCst))
    }

    fn read(&self, before: Option<&Known>) -> Result<Known, KnownError> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        let _open = self.gate.lock().unwrap();
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.places.read(before)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::await_holding_lock, reason = "the reader is held up on purpose, and runs on another thread")]
async fn f23_a_refresh_never_blocks_a_verdict() {
    let here = Installation::issued().await;
    let (version, gate) = (Arc::new(AtomicU64::new(1)), Arc::new(Mutex::new(())));
    let (begun, reads) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let slow = Slow {
        begun: Arc::clone(&begun),
        places: Places::of(&here.setup),
        version: Arc::clone(&version),
        gate: Arc::clone(&gate),
        reads: Arc::clone(&reads),
    };
    let live = Live::new(slow);
    let first = live.current().await.unwrap();
    let shut = gate.lock().unwrap();
    version.store(2, Ordering::SeqCst);
    until("the look of every second has begun to read", async || begun.load(Ordering::SeqCst) == 2).await;
    // It hangs for as long as the gate is shut: whoever waited for it would wait for ever.
    let verdicts = async {
        for _ in 0..1_000 {
            assert!(Arc::ptr_eq(&live.current().await.unwrap(), &first));
        }
    };
    tokio::time::timeout(Duration::from_secs(60), verdicts).await.expect("a verdict waits for files to be read");
    drop(shut);
    until("the new state", async || !Arc::ptr_eq(&live.current().await.unwrap(), &first)).await;
    assert_eq!(reads.load(Ordering::SeqCst), 2, "read when it changed, and not otherwise");
}

#[tokio::test]
async fn f23_the_age_of_lists_is_shown_and_past_their_time_nothing_is_green() {
    let here = Installation::issued().await;
    let code = here.code("eu-dcc").await;
    let age = async || {
        let verdict = here.post("/v1/verify", "text/plain", code.clone()).await.json();
        (verdict["verdict"].as_str().unwrap().to_owned(), verdict["issuer"]["list_age_seconds"].as_i64().unwrap())
    };
    let (verdict, young) = age().await;
    assert_eq!(verdict, "accepted");
    here.clock.forward(SignedDuration::from_hours(25));
    let (verdict, older) = age().await;
    // Seconds are cut off, each time by itself.
    assert!(verdict == "accepted" && (25 * 3_600 - 1..=25 * 3_600 + 1).contains(&(older - young)));
    let lists = here.get("/v1/lists", &[]).await.json();
    assert_eq!((lists["state"].as_str(), lists["lists"][0]["age_seconds"].as_i64()), (Some("fresh"), Some(older)));

    here.clock.forward(SignedDuration::from_hours(24 * 31));
    let stale = here.post("/v1/verify", "text/plain", code.clone()).await.json();
    assert_eq!((stale["verdict"].as_str(), stale["reason"].as_str()), (Some("undecided"), Some("list-stale")));
    assert_eq!(here.get("/v1/lists", &[]).await.json()["state"], "stale");
}

#[tokio::test]
async fn a_bundle_that_cannot_be_used_leaves_the_one_before() {
    let here = Installation::issued().await;
    let code = here.code("eu-dcc").await;
    assert_eq!(here.verdict(&code).await.0, "accepted");
    let path = here.setup.service.public.join("trust.json");
    let good = std::fs::read(&path).unwrap();
    let mut bent = good.clone();
    let middle = bent.len() / 2;
    bent[middle] ^= 1;
    for bad in [b"{}".to_vec(), bent, Vec::new()] {
        std::fs::write(&path, bad).unwrap();
        here.house.live().refresh().await;
        assert_eq!(here.verdict(&code).await.0, "accepted");
        let troubles = here.get("/v1/lists", &[]).await.json()["troubles"].clone();
        assert_eq!(troubles.as_array().unwrap().len(), 1, "{troubles}");
    }
    std::fs::remove_file(&path).unwrap();
    here.house.live().refresh().await;
    assert_eq!(here.verdict(&code).await.0, "accepted", "a disk that is away strands nobody");
    std::fs::write(&path, good).unwrap();
    here.house.live().refresh().await;
    assert_eq!(here.get("/v1/lists", &[]).await.json()["troubles"], serde_json::json!([]));
}

#[tokio::test]
async fn what_was_published_counts_within_a_second_or_two() {
    let here = Installation::issued().await;
    let all = here.certificates().await;
    let sealed = all.into_iter().find(|sealed| super::has(sealed, "eu-dcc")).unwrap();
    let code = super::text(&sealed, "eu-dcc");
    assert_eq!(here.verdict(&code).await.0, "accepted");
    let cause = vaccert::registry::Cause::from(vaccert::registry::Reason::Fraud);
    here.registry.revoke(&[sealed.id], &cause, jiff::Timestamp::now()).await.unwrap();
    let dir = here.setup.service.public.clone();
    let publisher = vaccert::work::publisher(&here.setup, here.registry.clone(), dir);
    publisher.publish(jiff::Timestamp::now()).await.unwrap();
    // Nobody tells the service: it looks.
    until("the revocation counts", async || here.verdict(&code).await.1.as_deref() == Some("revoked")).await;
}

#[tokio::test]
async fn f38_verdicts_go_on_with_the_database_away() {
    let here = Installation::issued().await;
    let code = here.code("eu-dcc").await;
    assert_eq!(here.verdict(&code).await.0, "accepted");
    let signers = here.get("/signercertificateStatus", &[]).await;
    assert_eq!(signers.status, 200);
    here.registry.close().await;
    assert_eq!(here.verdict(&code).await.0, "accepted");
    for path in ["/v1/bundle.json", "/v1/rules", "/v1/valuesets", "/v1/revocations/index.json"] {
        assert_eq!(here.get(path, &[]).await.status, 200, "{path}");
    }
    // The order that was read before stays in use.
    here.clock.forward(SignedDuration::from_secs(120));
    assert_eq!(here.get("/signercertificateStatus", &[]).await.bytes, signers.bytes);
}
