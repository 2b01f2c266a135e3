//! The page in a real browser: scanner, camera, picture; good, revoked, altered and foreign certificates; a bundle
//! changed on its way; the server gone; a clock set back; three languages.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{browser, node, root};
use crate::{
    journey::export,
    support::{dhis2::population::crowd, program::Workplace},
};

struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The service, and the address for everybody.
fn serve(work: &Workplace) -> (Service, String) {
    let arguments = ["serve", "--no-sync", "--listen", "127.0.0.1:0", "--operator-listen", "127.0.0.1:0"];
    let mut child = work.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let address = loop {
        let mut line = String::new();
        assert!(said.read_line(&mut line).unwrap() > 0, "the service ended early");
        if line.starts_with("For everybody") {
            break line.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
        }
    };
    std::thread::spawn(move || said.lines().count());
    (Service(child), address)
}

fn get(address: &str, path: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    std::io::Read::read_to_end(&mut stream, &mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), head.to_ascii_lowercase(), body.to_owned())
}

/// A film of codes side by side, as a camera gives it: YUV4MPEG2, five pixels a module on a light ground.
fn film(codes: &[&str], path: &Path) {
    let (width, height, scale) = (1280_usize, 720_usize, 5_usize);
    let mut luma = vec![215_u8; width * height];
    let symbols: Vec<_> =
        codes.iter().map(|code| fast_qr::QRBuilder::new(*code).ecl(fast_qr::ECL::M).build().unwrap()).collect();
    let used: usize = symbols.iter().map(|symbol| symbol.size * scale).sum();
    let space = (width - used) / (symbols.len() + 1);
    let mut left = space;
    for symbol in symbols {
        let side = symbol.size * scale;
        let top = (height - side) / 2;
        for y in 0..side {
            for x in 0..side {
                let dark = symbol[y / scale][x / scale].value();
                luma[(top + y) * width + left + x] = if dark { 35 } else { 225 };
            }
        }
        left += side + space;
    }
    let mut file = format!("YUV4MPEG2 W{width} H{height} F15:1 Ip A1:1 C420jpeg\n").into_bytes();
    for _ in 0..2 {
        file.extend_from_slice(b"FRAME\n");
        file.extend_from_slice(&luma);
        file.extend(std::iter::repeat_n(128_u8, width * height / 2));
    }
    std::fs::write(path, file).unwrap();
}

/// A place where a crowd was issued certificates: identifier and text of each, person by person.
fn issued(seed: u64) -> (Workplace, Vec<Vec<(String, PathBuf)>>) {
    let mut work = Workplace::new();
    work.set("LOGNAME", "alice");
    let people = crowd(6, seed);
    work.write("export.json", export(&people));
    work.run(&["init"]).good();
    work.run(&[
        "issue",
        "--from",
        "export.json",
        "--out",
        "out",
        "--files",
        "txt,png",
        "--formats",
        "eu-dcc",
        "--quiet",
    ])
    .good();
    let out = work.out("out");
    let items = out.items();
    let found = people.iter().map(|person| {
        let ids = person.events().filter_map(|event| items.get(&event.uid).and_then(|(_, id)| id.clone()));
        ids.map(|id| (id.clone(), out.code(&id))).collect::<Vec<_>>()
    });
    let found = found.filter(|all| !all.is_empty()).collect();
    (work, found)
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap().trim_end().to_owned()
}

#[test]
fn the_page_is_open_to_everybody_and_keeps_to_its_own_host() {
    let (work, _) = issued(3);
    let (_service, address) = serve(&work);
    let (status, head, page) = get(&address, "/officer");
    assert_eq!(status, 200);
    for part in [
        "script-src 'self' 'wasm-unsafe-eval'",
        "connect-src 'self'",
        "permissions-policy: camera=(self)",
        "default-src 'none'",
    ] {
        assert!(head.contains(part), "{part} is not in {head}");
    }
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("{{"), "{page}");
    let (_, _, french) = get(&address, "/officer?lang=fr");
    assert!(french.contains("lang=\"fr\"") && french.contains("Contrôle des certificats"));
    for (path, media) in [
        ("/officer/page.js", "text/javascript"),
        ("/officer/verifier.wasm", "application/wasm"),
        ("/officer/manifest.webmanifest", "application/manifest+json"),
        ("/officer/words/lo.json", "application/json"),
        ("/officer/settings.json", "application/json"),
    ] {
        let (status, head, _) = get(&address, path);
        assert!(status == 200 && head.contains(media), "{path}: {status} {head}");
    }
    let (_, _, keeper) = get(&address, "/officer/sw.js");
    assert!(keeper.contains("/officer/words/am.json") && !keeper.contains("{{"), "{keeper}");
    for path in ["/officer/none.js", "/officer/words/de.json", "/officer/..%2fpage.html"] {
        assert_eq!(get(&address, path).0, 404, "{path}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one session of one officer, from the first page to the last")]
fn f23_an_officer_scans_with_and_without_the_server() {
    let (Some(chromium), Some(mut node)) = (browser(), node()) else { return };
    let (work, found) = issued(5);
    // Two certificates of one person, and one of another.
    let at = found.iter().position(|all| all.len() > 1).expect("nobody has two certificates");
    let (revoked, good) = (&found[at][0], &found[at][1]);
    let companion = &found[(at + 1) % found.len()][0];
    work.run(&["revoke", &revoked.0, "--reason", "fraud", "--note", "case 1"]).good();
    // The same person of another installation, whose key no list has.
    let (_other, strangers) = issued(5);
    let mut tampered = text(&good.1).into_bytes();
    let place = tampered.len() - 40;
    tampered[place] = if tampered[place] == b'7' { b'8' } else { b'7' };
    // What else is printed on a sheet or hangs on the wall behind it.
    let poster = "https://health.example.org/travel";
    let (film_path, poster_path) = (work.path("film.y4m"), work.path("poster.y4m"));
    film(&[poster, &text(&good.1)], &film_path);
    film(&[poster], &poster_path);
    let shots = std::env::var_os("VACCERT_SCREENSHOTS").map_or_else(|| work.path("shots"), PathBuf::from);
    std::fs::create_dir_all(&shots).unwrap();
    let other_key = json!({"spki": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEa5hUNwUzF1YVzTZw8ywTuIQLdmI5t+7iNZHJYX2rJ5SfeNpmZv9mL4Wk0mIhtkyUd9DbBvHlYWqEV0b8zMvJUQ==", "fingerprint": "0000 1111"});

    let (service, address) = serve(&work);
    let begun = Instant::now();
    while get(&address, "/officer/bundle.json").0 != 200 {
        assert!(begun.elapsed() < Duration::from_secs(60), "no bundle was published");
        std::thread::sleep(Duration::from_millis(100));
    }
    let mut child = node
        .arg(root().join("tests/browser/officer.mjs"))
        .current_dir(root().join("tests/browser"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut to, mut from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()).lines());
    let task = json!({
        "base": format!("http://{address}"), "chromium": chromium, "video": film_path, "poster": poster_path, "shots": shots,
        "picture": good.1.with_extension("png"), "other_key": other_key,
        "codes": {"good": text(&good.1), "revoked": text(&revoked.1), "tampered": String::from_utf8(tampered).unwrap(),
                  "unknown": text(&strangers[0][0].1), "nonsense": "THIS IS NO CERTIFICATE AT ALL"},
        "companion": text(&companion.1),
    });
    writeln!(to, "{task}").unwrap();
    let mut heard = |what: &str| -> Value {
        let line = from.next().unwrap_or_else(|| panic!("the browser ended before {what}")).unwrap();
        serde_json::from_str::<Value>(&line).unwrap()[what].clone()
    };
    let online = heard("online");
    let verdict = |value: &Value| value["verdict"].as_str().unwrap_or_default().to_owned();
    let wedge = &online["wedge"];
    for (name, expected) in [
        ("good", "accepted"),
        ("revoked", "rejected"),
        ("tampered", "rejected"),
        ("unknown", "undecided"),
        ("nonsense", "rejected"),
    ] {
        assert_eq!(verdict(&wedge[name]), expected, "{name}: {}", wedge[name]);
        assert_eq!(wedge[name]["focused"], true, "{name}: the verdict has not the focus");
    }
    let holder = &wedge["good"];
    assert!(
        !holder["names"][0].as_str().unwrap().is_empty() && holder["standardised"][0].as_str().unwrap().contains('<')
    );
    assert!(wedge["revoked"]["all"].as_str().unwrap().contains("The issuer has revoked this certificate"));
    for name in ["tampered", "unknown"] {
        assert_eq!(wedge[name]["names"], json!([]), "{name} shows a name that nobody vouches for");
    }
    assert_eq!(online["torn"][0], true, "half a code was judged");
    assert_eq!(verdict(&online["torn"][1]), "accepted", "{}", online["torn"]);
    for key in ["focus_elsewhere", "picture", "more"] {
        assert_eq!(verdict(&online[key]), "accepted", "{key}: {}", online[key]);
    }
    // One person's best certificate counts, and of two people none hides the other's refusal.
    assert_eq!(online["more"]["names"], holder["names"], "{}", online["more"]);
    let both = &online["both"];
    assert_eq!((verdict(both), both["names"].as_array().unwrap().len()), ("rejected".to_owned(), 2), "{both}");
    assert_eq!(online["camera_stayed_off"], true, "the scanner's Enter pressed a button");
    for seen in online["camera"].as_array().unwrap() {
        assert_eq!((verdict(seen), &seen["names"]), ("accepted".to_owned(), &holder["names"]), "{seen}");
    }
    // A sheet with no certificate on it is told to be none.
    let other = &online["poster"];
    assert!(verdict(other) == "rejected" && other["all"].as_str().unwrap().contains("not a certificate"), "{other}");
    let minimal = online["minimal"]["all"].as_str().unwrap();
    assert!(
        !minimal.contains(holder["standardised"][0].as_str().unwrap().split(' ').next_back().unwrap()),
        "{minimal}"
    );
    let tampered = &online["tampered_bundle"];
    assert!(tampered["notice"].as_str().unwrap().contains("refused"), "{tampered}");
    assert_eq!((tampered["verdict"].as_str(), &tampered["age"][0]), (Some("accepted"), &tampered["age"][1]));
    let other = &online["other_key"];
    assert!(other["notice"].as_str().unwrap().contains("0000 1111") && other["verdict"] == "accepted", "{other}");
    assert_eq!(online["elsewhere"], json!([]), "the page asked somebody else");
    // Nothing of a person is kept.
    let kept = online["kept"].to_string();
    assert_eq!(online["kept"]["database"], json!(["bundle", "seen", "settings"]));
    assert!(!kept.contains("HC1:") && !kept.contains(holder["names"][0].as_str().unwrap()), "{kept}");
    let milliseconds: Vec<i64> =
        online["camera"].as_array().unwrap().iter().map(|seen| seen["milliseconds"].as_i64().unwrap()).collect();
    let weight: i64 = online["weights"].as_object().unwrap().values().filter_map(Value::as_i64).sum();
    println!("camera frame to verdict: {milliseconds:?} ms; bytes that the page fetched: {weight}");

    drop(service);
    writeln!(to, "stopped").unwrap();
    let offline = heard("offline");
    for seen in [&offline["wedge"], &offline["camera"], &offline["ar"]["good"], &offline["lo"]["good"]] {
        assert_eq!(verdict(seen), "accepted", "{seen}");
    }
    assert_eq!((offline["ar"]["direction"].as_str(), offline["lo"]["direction"].as_str()), (Some("rtl"), Some("ltr")));
    let within = |key: &str, range: std::ops::RangeInclusive<char>| {
        let all = format!("{}{}", offline[key]["page"], offline[key]["tampered"]["all"]);
        all.chars().filter(|c| range.contains(c)).count() > 100
    };
    assert!(within("ar", '\u{600}'..='\u{6ff}') && within("lo", '\u{e80}'..='\u{eff}'));
    // F27: a clock that was set back has a reason of its own, and nothing is green.
    let set_back = &offline["set_back"];
    assert_eq!(verdict(&set_back["result"]), "undecided", "{set_back}");
    assert!(set_back["notice"].as_str().unwrap().contains("behind"), "{set_back}");
    assert_eq!(offline["errors"], json!([]), "the page's scripts failed");
    assert!(child.wait().unwrap().success());
}
