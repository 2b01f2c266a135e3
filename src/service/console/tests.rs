//! The pages as somebody sees them who may open them: filled from the records of the rehearsal, in every language.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use tower::ServiceExt as _;

use crate::{
    access::{Actor, ActorKind, Right, Role},
    batch::{
        Tally,
        feed::{Facilities, Feed},
        system_random,
    },
    clock::{Clock, System},
    config::{NamedTemplate, Setup},
    document::FontPlaces,
    record::Uvci,
    registry::{
        Duplicate, Registry,
        people::{CaseKind, NewCase},
    },
    service::{House, Rooms, frame::Lang, operations::Board},
    work,
};

/// A house whose registry has passed over the records of the rehearsal.
struct World {
    house: House,
    tally: Tally,
    _dir: tempfile::TempDir,
}

fn person(name: &str, rights: &[Right], facilities: Option<&[&str]>) -> Actor {
    let facilities = facilities.map(|uids| uids.iter().map(|uid| (*uid).to_owned()).collect());
    Actor { kind: ActorKind::Person, name: name.to_owned(), rights: rights.to_vec(), facilities }
}

fn everything() -> Actor {
    person("dhis2:amara", &Right::ALL, None)
}

impl World {
    async fn open() -> Self {
        let people = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/people.json");
        Self::open_with(FontPlaces::default(), people).await
    }

    async fn open_with(fonts: FontPlaces, people: PathBuf) -> Self {
        Self::open_dressed(fonts, people, Vec::new()).await
    }

    async fn open_dressed(fonts: FontPlaces, people: PathBuf, templates: Vec<NamedTemplate>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(System);
        let mut setup = Setup::sandbox(dir.path(), clock.now(), &system_random()).unwrap();
        setup.paper.fonts = fonts;
        setup.paper.templates = templates;
        let setup = Arc::new(setup);
        let registry = Registry::open(&setup.registry_url, setup.registry_options.clone()).await.unwrap();
        let feed = Feed::from_file(people, Facilities::new(HashMap::new()));
        let done = work::run(&setup, registry.clone(), feed, None, None, None, "poller", &mut ()).await.unwrap();
        assert!(done.tally.issued > 5 && done.tally.refused > 5, "{:?}", done.tally);
        let publisher = work::publisher(&setup, registry.clone(), setup.service.public.clone());
        publisher.publish(clock.now()).await.unwrap();
        let board = Arc::new(Board::new(Arc::clone(&clock), "sandbox"));
        let house = House::new(Rooms { setup, registry, board, clock, random: system_random() });
        Self { house, tally: done.tally, _dir: dir }
    }

    fn routes(&self, actor: Actor) -> Router {
        super::super::api::Api::new("test", super::endpoints()).routes_for(&self.house, actor)
    }

    async fn ask(&self, actor: &Actor, request: Request<Body>) -> (u16, String) {
        let response = self.routes(actor.clone()).oneshot(request).await.unwrap();
        let (status, to) = (response.status().as_u16(), response.headers().get(header::LOCATION).cloned());
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let body = String::from_utf8(bytes.to_vec()).unwrap();
        // Of a way to another page its address.
        (status, to.map_or(body, |to| to.to_str().unwrap().to_owned()))
    }

    async fn get(&self, path: &str) -> String {
        let (status, body) = self.ask(&everything(), Request::get(path).body(Body::empty()).unwrap()).await;
        assert!(matches!(status, 200 | 303), "{path}: {status} {body}");
        body
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path).header(header::CONTENT_TYPE, super::SENT).body(Body::from(form)).unwrap();
        self.ask(&everything(), request).await
    }

    /// Identifiers of the certificates that stand.
    async fn ids(&self) -> Vec<String> {
        self.house.registry.latest(100).await.unwrap().into_iter().map(|sealed| sealed.id).collect()
    }
}

fn random_part(id: &str) -> String {
    id.parse::<Uvci>().unwrap().opaque().to_owned()
}

fn twice(one: &str, at: Option<&str>, other: &str, there: Option<&str>, doses: &[u8]) -> Duplicate {
    Duplicate {
        tracked_entity: one.to_owned(),
        facility: at.map(str::to_owned),
        other: other.to_owned(),
        other_facility: there.map(str::to_owned),
        doses: doses.to_vec(),
    }
}

#[tokio::test]
async fn people_who_are_there_twice_are_listed_with_the_way_to_both() {
    let world = World::open().await;
    let (registry, now) = (&world.house.registry, world.house.clock.now());
    assert!(!world.get("/quality").await.contains("registered twice"), "nobody is");
    let (ours, theirs) = ("DiszpKrYNg8", "O6uvpzGd5pu");
    let all = [
        twice("PQfMcpmXeFE", Some(ours), "TedXVuSMU3D", Some(theirs), &[1, 2]),
        twice("Aaaaaaaaaa1", Some(theirs), "Bbbbbbbbbb1", None, &[]),
    ];
    registry.note_duplicates(&all, now).await.unwrap();
    let html = world.get("/quality").await;
    let section = html.split_once("People who may be registered twice").unwrap().1;
    for wanted in
        ["PQfMcpmXeFE", "TedXVuSMU3D", "Aaaaaaaaaa1", "dose 1, 2", "/certificates?q=TedXVuSMU3D", "merge them in DHIS2"]
    {
        assert!(section.contains(wanted), "{wanted}: {section}");
    }
    // Whoever looks for another reason is shown that one alone; and the table holds both.
    assert!(!world.get("/quality?reason=no-such-reason").await.contains("registered twice"));
    let sheet = world.get("/quality.csv?reason=duplicate-person").await;
    let rows: Vec<csv::StringRecord> =
        csv::Reader::from_reader(sheet.as_bytes()).into_records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2, "{sheet}");
    assert_eq!((&rows[1][0], &rows[1][2], &rows[1][5]), ("PQfMcpmXeFE", ours, "TedXVuSMU3D"));
    // Somebody of one facility sees the pairs that one of them belongs to, and no others.
    let nurse = person("dhis2:nurse", Role::Facility.rights(), Some(&[ours]));
    let get = |path: &str| Request::get(path).body(Body::empty()).unwrap();
    let (_, mine) = world.ask(&nurse, get("/quality.csv?reason=duplicate-person")).await;
    assert!(mine.contains("PQfMcpmXeFE") && !mine.contains("Aaaaaaaaaa1"), "{mine}");
    let stranger = person("dhis2:stranger", Role::Facility.rights(), Some(&["aaaaaaaaaaa"]));
    let (_, none) = world.ask(&stranger, get("/quality")).await;
    assert!(!none.contains("PQfMcpmXeFE") && !none.contains("Aaaaaaaaaa1"), "{none}");
    // The next comparison puts its own list in the place of this one, and what stays keeps its day.
    let later = now.checked_add(jiff::SignedDuration::from_hours(48)).unwrap();
    registry.note_duplicates(&all[..1], later).await.unwrap();
    let left = registry.duplicates(None, "", 10).await.unwrap();
    assert_eq!((left.len(), &left[0].0), (1, &all[0]));
    assert_eq!(left[0].1.as_millisecond(), now.as_millisecond());
    registry.note_duplicates(&[], later).await.unwrap();
    assert!(!world.get("/quality").await.contains("registered twice"));
}

#[tokio::test]
async fn every_page_is_whole_in_every_language() {
    let world = World::open().await;
    let ids = world.ids().await;
    let case = NewCase {
        reference: "R-1".to_owned(),
        kind: CaseKind::Name,
        tracked_entity: None,
        certificate: Some(ids[0].clone()),
        text: "<script>alert(1)</script> my name".to_owned(),
    };
    let number = world.house.registry.open_case(&case, &[], world.house.clock.now()).await.unwrap().unwrap();
    let twins = [twice("PQfMcpmXeFE", Some("DiszpKrYNg8"), "TedXVuSMU3D", None, &[1, 2])];
    world.house.registry.note_duplicates(&twins, world.house.clock.now()).await.unwrap();
    let detail = format!("/certificates/{}", random_part(&ids[0]));
    let case = format!("/cases/{number}");
    let pages = [
        "/",
        "/quality",
        "/certificates",
        "/certificates?q=nothing",
        &detail,
        "/revoke",
        "/cases",
        &case,
        "/keys",
        "/paper",
        "/statistics",
        "/audit",
        "/switches",
    ];
    for lang in Lang::ALL {
        for page in pages {
            let between = if page.contains('?') { '&' } else { '?' };
            let html = world.get(&format!("{page}{between}lang={}", lang.code())).await;
            assert!(html.contains(&format!("<html lang=\"{}\" dir=\"{}\">", lang.code(), lang.dir())), "{page}");
            assert!(!html.contains("{{") && !html.contains("<script>"), "{page} {lang:?}");
            // What nobody wrote is said as nothing, and stands between two tags.
            for hollow in
                ["<h1></h1>", "<h2 id=\"needs\"></h2>", "></th>", "<dt></dt>", "></label>", "<button></button>"]
            {
                assert!(!html.contains(hollow), "{page} {lang:?} has {hollow}: {html}");
            }
            assert_eq!(html.matches("<h1>").count(), 1, "{page}");
        }
    }
    let html = world.get(&case).await;
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt; my name"));
}

#[tokio::test]
async fn refused_records_are_listed_with_reason_and_remedy_and_as_a_sheet() {
    let world = World::open().await;
    let counts = world.house.registry.refused_counts().await.unwrap();
    let total: u64 = counts.iter().map(|count| count.count).sum();
    // What was deleted, or is an empty event of DHIS2's own making, is nobody's to mend.
    assert!(total > 5 && total <= world.tally.refused, "{total} of {}", world.tally.refused);
    let html = world.get("/quality").await;
    assert!(html.contains(&format!("Records that have no certificate: {total}")), "{html}");
    let code = &counts[0].code;
    let of_code = world.get(&format!("/quality?reason={code}")).await;
    let sheet = world.get(&format!("/quality.csv?reason={code}")).await;
    assert!(of_code.contains(code.as_str()) && sheet.lines().count() > 1);
    let rows: Vec<csv::StringRecord> =
        csv::Reader::from_reader(sheet.as_bytes()).into_records().map(Result::unwrap).collect();
    assert!(rows.iter().any(|row| &row[4] == code) && rows.iter().all(|row| row.len() == 10 && !row[7].is_empty()));
    let other = world.get("/quality?reason=no-such-reason").await;
    assert!(other.contains("No record is refused here."));
}

/// F37: letters that no font here has are told, with the record, the script and the package; nothing of the person is.
#[tokio::test]
async fn f37_a_paper_that_cannot_be_printed_is_a_row_of_the_data_quality_list() {
    let dir = tempfile::tempdir().unwrap();
    let people = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/people.json");
    let text = std::fs::read_to_string(people).unwrap().replacen("\"Amara\"", "\"أمينة\"", 1);
    let people = dir.path().join("people.json");
    std::fs::write(&people, text).unwrap();
    let none = FontPlaces { folders: Vec::new(), system: false };
    let world = World::open_with(none, people).await;
    let html = world.get("/quality?reason=paper-not-drawn").await;
    let sheet = world.get("/quality.csv?reason=paper-not-drawn").await;
    for said in ["C0vENEyuq1m", "paper-not-drawn", "given: Arabic, fonts-noto-core"] {
        assert!(html.contains(said), "{said}: {html}");
        assert!(sheet.contains(said), "{said}: {sheet}");
    }
    // Of these the certificate is there, and not counted among those that are not.
    let all = world.get("/quality").await;
    assert!(all.contains("Certificates that cannot be printed: "), "{all}");
    assert!(html.contains("vaccert document fonts"), "{html}");
    assert!(!html.contains("أمينة") && !sheet.contains("أمينة"));
    // A record whose letters are all there is in no row.
    assert!(
        world.get("/quality.csv").await.matches("paper-not-drawn").count() == sheet.matches("paper-not-drawn").count()
    );

    // The certificate stands, and whoever asks for its paper is told the same.
    let certificates = world.house.registry.list_by_person("C0vENEyuq1m").await.unwrap();
    let certificate = certificates.iter().find(|one| one.sealed.is_some()).unwrap();
    let desk = world.house.desk().unwrap();
    let held = desk.open(&certificate.id, &everything()).await.unwrap();
    let error = desk.print(&[&held], &crate::document::Order::default()).await.unwrap_err().to_string();
    assert!(error.contains("U+0623") && error.contains("Arabic") && error.contains("fonts-noto-core"), "{error}");
}

#[tokio::test]
async fn the_paper_is_shown_in_every_layout_and_chosen_language() {
    let world = World::open().await;
    let page = world.get("/paper?language=fr&size=letter").await;
    for layout in crate::document::Layout::all() {
        let name = layout.name();
        assert!(page.contains(&format!("/paper/{name}.pdf?size=letter&amp;lang=fr")), "{name}: {page}");
        for ending in ["pdf", "png"] {
            let request = Request::get(format!("/paper/{name}.{ending}?lang=fr")).body(Body::empty()).unwrap();
            let response = world.routes(everything()).oneshot(request).await.unwrap();
            assert_eq!(response.status(), 200, "{name}.{ending}");
            let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
            assert!(bytes.starts_with(if ending == "pdf" { b"%PDF" } else { b"\x89PNG" }), "{name}.{ending}");
        }
    }
    for none in ["/paper/poster.pdf", "/paper/plain.gif", "/paper/plain"] {
        let (status, _) = world.ask(&everything(), Request::get(none).body(Body::empty()).unwrap()).await;
        assert_eq!(status, 404, "{none}");
    }
}

#[tokio::test]
async fn the_ministrys_own_form_is_shown_where_there_is_one() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("template.toml");
    // Half as many dots as the example has: what is looked at here is the same.
    let template = std::fs::read_to_string(home.join("template/template.toml")).unwrap();
    std::fs::write(&path, template.replace("drawn = \"picture\"", "drawn = \"picture\"\ndots = 150")).unwrap();
    std::fs::copy(home.join("template/background.pdf"), dir.path().join("background.pdf")).unwrap();
    let kind = Some(crate::document::Kind::Vaccination);
    let named = NamedTemplate { setting: "document.templates.vaccination", kind, path };
    let world = World::open_dressed(FontPlaces::default(), home.join("demo/people.json"), vec![named]).await;
    let page = world.get("/paper").await;
    let (own, plain) = (page.find("/paper/national.pdf").unwrap(), page.find("/paper/plain.pdf").unwrap());
    assert!(own < plain && page.contains("own PDF"), "{page}");
    for ending in ["pdf", "png"] {
        let request = Request::get(format!("/paper/national.{ending}")).body(Body::empty()).unwrap();
        let response = world.routes(everything()).oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200, "national.{ending}");
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert!(bytes.starts_with(if ending == "pdf" { b"%PDF" } else { b"\x89PNG" }), "national.{ending}");
    }
    let bare = World::open().await;
    assert!(!bare.get("/paper").await.contains("/paper/national"));
    let (status, _) = bare.ask(&everything(), Request::get("/paper/national.pdf").body(Body::empty()).unwrap()).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn a_health_worker_sees_the_refused_records_of_the_own_facility_alone() {
    let world = World::open().await;
    let counts = world.house.registry.refused_counts().await.unwrap();
    let own = counts.iter().find_map(|count| count.facility.clone()).unwrap();
    let nurse = person("dhis2:nurse", Role::Facility.rights(), Some(&[&own]));
    let get = |path: String| Request::get(path).body(Body::empty()).unwrap();
    let (_, mine) = world.ask(&nurse, get("/quality.csv".to_owned())).await;
    let facilities: Vec<String> =
        csv::Reader::from_reader(mine.as_bytes()).into_records().map(|row| row.unwrap()[2].to_owned()).collect();
    assert!(!facilities.is_empty() && facilities.iter().all(|facility| *facility == own), "{facilities:?}");
    // Asking for another's leads back to the own one.
    let other = counts.iter().find(|count| count.facility.is_some() && count.facility.as_ref() != Some(&own));
    if let Some(other) = other.and_then(|count| count.facility.clone()) {
        let (_, asked) = world.ask(&nurse, get(format!("/quality.csv?facility={other}"))).await;
        assert!(!asked.contains(&other), "{asked}");
    }
    let stranger = person("dhis2:stranger", Role::Facility.rights(), Some(&["aaaaaaaaaaa"]));
    let (_, nothing) = world.ask(&stranger, get("/quality.csv".to_owned())).await;
    assert_eq!(nothing.lines().count(), 1, "{nothing}");
}

#[tokio::test]
async fn a_certificate_is_found_revoked_and_restored_with_its_account_in_the_log() {
    let world = World::open().await;
    let id = world.ids().await[0].clone();
    let detail = format!("/certificates/{}", random_part(&id));
    let quoted: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
    assert_eq!(world.get(&format!("/certificates?q={quoted}")).await, detail);
    let held = world.house.registry.get(&id).await.unwrap().unwrap();
    let found = world.get(&format!("/certificates?q={}", held.tracked_entity)).await;
    assert!(found.contains(&detail), "{found}");
    let event = held.event.split('#').next().unwrap();
    assert!(world.get(&format!("/certificates?q={event}")).await.contains(&detail));
    let html = world.get(&detail).await;
    assert!(html.contains("/revoke\"") && html.contains("Date of birth") && !html.contains("/restore\""), "{html}");

    let revoke = format!("{detail}/revoke");
    let (_, without) = world.post(&revoke, &[("cause", "fraud"), ("why-revoke", "")]).await;
    assert!(without.contains("This was not done."), "{without}");
    let (_, done) = world.post(&revoke, &[("cause", "fraud"), ("why-revoke", "File 12")]).await;
    assert!(done.contains("Revoked. The next published lists say so.") && done.contains("/restore\""), "{done}");
    let log = world.get("/audit").await;
    // Notes stay out of the log, for people write names into them; they are in the certificate's history.
    assert!(log.contains("fraud") && log.contains("dhis2:amara") && !log.contains("File 12"), "{log}");
    assert!(world.get(&detail).await.contains("File 12"));
    let (_, done) = world.post(&format!("{detail}/restore"), &[("why-restore", "Wrong file")]).await;
    assert!(done.contains("The certificate counts again."), "{done}");
    let (status, _) = world.post(&revoke, &[("cause", "superseded"), ("why-revoke", "x")]).await;
    assert_eq!(status, 200, "a reason that is the program's own is refused on the page");
    let sheet = world.get("/audit.csv").await;
    assert!(sheet.contains("fraud") && sheet.contains("export"), "{sheet}");
    assert!(world.get(&format!("/audit?object={quoted}")).await.contains("fraud"));
}

#[tokio::test]
async fn f05_a_selection_is_revoked_only_with_its_exact_number() {
    let world = World::open().await;
    let ids = world.ids().await;
    let facility = world.house.registry.get(&ids[0]).await.unwrap().unwrap().origin.facility.unwrap();
    let mut of_facility = 0;
    for id in &ids {
        let origin = world.house.registry.get(id).await.unwrap().unwrap().origin;
        of_facility += usize::from(origin.facility.as_ref() == Some(&facility));
    }
    let fields = [("facility", facility.as_str()), ("cause", "fraud"), ("reason", "Inspection 7")];
    let (_, shown) = world.post("/revoke/window", &fields).await;
    assert!(shown.contains(&format!("Certificates selected: {of_facility}")), "{shown}");
    let (right, other) = (of_facility.to_string(), (of_facility + 1).to_string());
    let (_, wrong) = world.post("/revoke/window", &[&fields[..], &[("confirm", &other)]].concat()).await;
    assert!(wrong.contains("The number is not the one above."), "{wrong}");
    assert_eq!(world.ids().await.len(), ids.len(), "nothing was done");
    let (_, done) = world.post("/revoke/window", &[&fields[..], &[("confirm", &right)]].concat()).await;
    assert!(done.contains(&format!("Revoked now: {of_facility}")), "{done}");
    assert_eq!(world.ids().await.len(), ids.len() - of_facility);
    let (_, everybody) = world.post("/revoke/window", &[("cause", "fraud"), ("reason", "x")]).await;
    assert!(everybody.contains("days alone would select everybody"), "{everybody}");
}

#[tokio::test]
async fn f05_a_list_is_revoked_with_a_line_for_each() {
    let world = World::open().await;
    let ids = world.ids().await;
    let list = format!("id,name\n{},x\n{},x\nJane Doe,x\nURN:UVCI:01:XX:ABC,y\n", ids[0], random_part(&ids[1]));
    let send = async |number: &str| {
        let mut body = String::new();
        for (name, value) in [("list-cause", "error"), ("list-reason", "Sheet 3"), ("number", number)] {
            body += &format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        }
        body += &format!(
            "--b\r\nContent-Disposition: form-data; name=\"list\"; filename=\"a.csv\"\r\n\
             Content-Type: text/csv\r\n\r\n{list}\r\n--b--\r\n"
        );
        let request = Request::post("/revoke/list").header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
        world.ask(&everything(), request.body(Body::from(body)).unwrap()).await.1
    };
    let wrong = send("3").await;
    assert!(wrong.contains("The file has 4 identifiers."), "{wrong}");
    assert_eq!(world.ids().await.len(), ids.len());
    let done = send("4").await;
    assert!(done.contains("Revoked now: 2") && done.contains("no identifier") && !done.contains("Jane"), "{done}");
    assert_eq!(world.ids().await.len(), ids.len() - 2);
}

#[tokio::test]
async fn figures_add_up_and_switches_tell_who_set_them() {
    let world = World::open().await;
    let html = world.get("/statistics").await;
    assert!(html.contains("<svg") && html.contains(&format!(">{}<", world.tally.issued)), "{html}");
    let sheet = world.get("/statistics.csv").await;
    let sum = |by: &str, column: usize| -> u64 {
        let rows = csv::Reader::from_reader(sheet.as_bytes()).into_records().map(Result::unwrap).collect::<Vec<_>>();
        rows.iter()
            .filter(|row| row[0].trim_start_matches('\u{feff}') == by)
            .map(|r| r[column].parse::<u64>().unwrap())
            .sum()
    };
    assert_eq!(sum("day", 3), world.tally.issued);
    assert_eq!(sum("facility", 3), world.tally.issued);
    assert_eq!(sum("day", 5), sum("facility", 5));

    let (_, refused) = world.post("/switches", &[("name", "read-only"), ("state", "on")]).await;
    assert!(refused.contains("Say why this is done."), "{refused}");
    assert!(world.house.registry.switches().await.unwrap().is_empty());
    let fields = [("name", "read-only"), ("state", "on"), ("why-read-only", "Move of the database")];
    assert_eq!(world.post("/switches", &fields).await, (303, "/switches".to_owned()));
    assert!(world.house.registry.is_read_only().await.unwrap(), "every replica heeds it");
    let html = world.get("/switches").await;
    assert!(html.contains("Move of the database") && html.contains("dhis2:amara"), "{html}");
    assert_eq!(world.post("/switches", &[("name", "other"), ("state", "on")]).await.0, 400);
}

#[tokio::test]
async fn a_case_is_answered_and_the_answer_stays() {
    let world = World::open().await;
    let case = NewCase {
        reference: "R-2".to_owned(),
        kind: CaseKind::NotVaccinated,
        tracked_entity: Some("PQfMcpmXeFE".to_owned()),
        certificate: None,
        text: "I never had this dose".to_owned(),
    };
    let number = world.house.registry.open_case(&case, &[], world.house.clock.now()).await.unwrap().unwrap();
    let path = format!("/cases/{number}");
    assert!(world.get("/").await.contains("Cases that wait for an answer: 1"));
    let (_, empty) = world.post(&path, &[("state", "closed"), ("note", " ")]).await;
    assert!(empty.contains("Write an answer.") && empty.contains("href=\"#note\""), "{empty}");
    assert_eq!(world.post(&path, &[("state", "closed"), ("note", "We looked: revoked.")]).await.0, 303);
    let html = world.get(&path).await;
    assert!(html.contains("We looked: revoked.") && html.contains("closed"), "{html}");
    assert!(world.get("/cases").await.contains("No case is in this state."));
    assert_eq!(world.post("/cases/99999", &[("state", "closed"), ("note", "x")]).await.0, 404);
}

#[tokio::test]
async fn what_somebody_may_not_do_is_not_offered() {
    let world = World::open().await;
    let id = world.ids().await[0].clone();
    let auditor = person("dhis2:auditor", Role::Auditor.rights(), None);
    for path in ["/".to_owned(), format!("/certificates/{}", random_part(&id)), "/switches".to_owned()] {
        let (_, html) = world.ask(&auditor, Request::get(&path).body(Body::empty()).unwrap()).await;
        let forms: Vec<&str> = html.split("<form").skip(1).filter(|form| form.contains("method=\"post\"")).collect();
        assert!(forms.iter().all(|form| form.contains("action=\"/logout\"")), "{path}: {forms:?}");
    }
}
