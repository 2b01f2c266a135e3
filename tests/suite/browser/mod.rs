//! Every page of both doors in a real Chromium: without violations that axe finds, without scrolling sideways on a
//! phone, without errors of scripts, and without a request to anybody else. `VACCERT_SCREENSHOTS` names a folder for
//! pictures of the pages, `VACCERT_BROWSER_FULL` asks for every width in both colour schemes.

use std::{
    collections::HashMap,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

use axum::Router;
use serde_json::{Value, json};
use vaccert::{
    access::{Right, Role, TokenText},
    batch::{
        feed::{Facilities, Feed},
        system_random,
    },
    clock::{Clock, System},
    config::Setup,
    record::Uvci,
    registry::{
        External, NewToken, Registry, Vouched,
        people::{CaseKind, NewCase},
    },
    service::{self, Hosts, House, Rooms, operations::Board},
    work,
};

/// Node's folder with the scripts, when everything is there that they need.
fn scripts() -> Option<(PathBuf, String)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let chromium = std::env::var("VACCERT_CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    let node = Command::new("node").arg("--version").output().is_ok_and(|out| out.status.success());
    let installed = ["playwright-core", "axe-core"].iter().all(|name| dir.join("node_modules").join(name).exists());
    if node && installed && Path::new(&chromium).exists() {
        return Some((dir, chromium));
    }
    println!("skipped: the pages are looked at where node, Chromium and `npm ci` in tests/browser are");
    None
}

/// An installation whose registry has passed over the records of the rehearsal, with a case, an account and its token.
async fn house(dir: &Path) -> (House, String, Vec<String>) {
    let clock: Arc<dyn Clock> = Arc::new(System);
    let now = clock.now();
    let setup = Arc::new(Setup::sandbox(dir, now, &system_random()).unwrap());
    let registry = Registry::open(&setup.registry_url, setup.registry_options.clone()).await.unwrap();
    let people = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/people.json");
    let feed = Feed::from_file(people, Facilities::new(HashMap::new()));
    work::run(&setup, registry.clone(), feed, None, None, None, "poller", &mut ()).await.unwrap();
    work::publisher(&setup, registry.clone(), setup.service.public.clone()).publish(now).await.unwrap();
    let sealed = registry.latest(1).await.unwrap().remove(0);
    let case = NewCase {
        reference: "R-2026-1".to_owned(),
        kind: CaseKind::Name,
        tracked_entity: None,
        certificate: Some(sealed.id.clone()),
        text: "My name is written with two letters too many.".to_owned(),
    };
    let number = registry.open_case(&case, &[], now).await.unwrap().unwrap();
    let account = External {
        origin: "dhis2",
        subject: "M5zQapPyTZI".to_owned(),
        called: "amara".to_owned(),
        roles: [Role::Operator, Role::Approver, Role::Auditor, Role::Admin].map(|role| role.name().to_owned()).into(),
        facilities: Vec::new(),
        vouched: Vouched::Everything,
    };
    let account = registry.know_account(&account, now).await.unwrap();
    let text = TokenText::of(&[7; 32]);
    let rights: Vec<String> = Right::ALL.map(|right| right.name().to_owned()).into();
    let token = NewToken {
        id: "browser",
        hash: &text.hash(),
        account: &account.name,
        label: "browser",
        rights: &rights,
        facilities: &[],
        made_by: "dhis2:other",
        expires_at: now + jiff::SignedDuration::from_hours(1),
    };
    assert!(registry.make_token(&token, now).await.unwrap());
    let id = sealed.id.parse::<Uvci>().unwrap();
    let pages = vec![
        format!("/certificates/{}", id.opaque()),
        format!("/certificates?q={}", registry.get(&sealed.id).await.unwrap().unwrap().tracked_entity),
        format!("/cases/{number}"),
    ];
    let board = Arc::new(Board::new(Arc::clone(&clock), "sandbox"));
    let house = House::new(Rooms { setup, registry, board, clock, random: system_random() });
    (house, text.reveal().to_owned(), pages)
}

/// Serves on a port of its own until the test ends.
async fn serve(router: Router) -> String {
    let listener = service::bind(0).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://127.0.0.1:{}", address.port())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_accessible_fits_a_phone_and_asks_nobody_else() {
    let Some((scripts, chromium)) = scripts() else { return };
    let dir = tempfile::tempdir().unwrap();
    let (house, token, pages) = house(dir.path()).await;
    let everybody = serve(service::everybody(&house, Router::new(), Hosts::this_machine())).await;
    let operators = serve(service::operators(&house, Hosts::this_machine())).await;
    let task = json!({
        "chromium": chromium,
        "full": std::env::var_os("VACCERT_BROWSER_FULL").is_some(),
        "screenshots": std::env::var("VACCERT_SCREENSHOTS").ok(),
        "doors": [
            {"name": "everybody", "base": everybody, "more": ["/nothing-here"]},
            {"name": "operators", "base": operators, "more": pages,
             "headers": {"authorization": format!("Bearer {token}")}},
        ],
    });
    let said = tokio::task::spawn_blocking(move || {
        let mut node = Command::new("node")
            .arg("pages.mjs")
            .current_dir(scripts)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        node.stdin.take().unwrap().write_all(task.to_string().as_bytes()).unwrap();
        let out = node.wait_with_output().unwrap();
        assert!(out.status.success(), "the browser's script ended with {:?}", out.status);
        String::from_utf8(out.stdout).unwrap()
    })
    .await
    .unwrap();
    let mut findings: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let looked = findings.pop().unwrap()["looked"].as_u64().unwrap();
    assert!(looked >= 3 * 12, "only {looked} pages were found");
    // A page that is not there is a page as well, with its own status.
    findings.retain(|finding| !finding["where"].as_str().unwrap().contains("/nothing-here"));
    let lines: Vec<String> =
        findings.iter().map(|f| format!("{}: {} {}", f["where"], f["what"], f["detail"])).collect();
    assert!(lines.is_empty(), "{} findings:\n{}", lines.len(), lines.join("\n"));
}
