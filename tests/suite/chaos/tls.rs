//! TLS by the program: versions, redirection, and a client that says nothing.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt as _,
    process::Command,
    time::Duration,
};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::{Certificate, Client, redirect::Policy, tls::Version};

use crate::{
    replicas::house::{Ministry, ask, ask_with},
    support::{database::Database, dhis2::population::crowd},
};

#[test]
fn tls_of_our_own_serves_redirects_and_refuses_what_is_old() {
    let database = Database::sqlite();
    let ministry = Ministry::open(crowd(3, 2), &database);
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    ministry.work.write("tls.pem", cert.pem());
    let key = ministry.work.write("tls-key.pem", signing_key.serialize_pem());
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let tls = format!(
        "[service.tls]\ncertificate = \"tls.pem\"\nkey = \"tls-key.pem\"\nredirect = \"{free}\"\noperators = true"
    );
    // A key that everybody can read is refused, with what to do.
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let config = ministry.configure("a", &tls);
    let refused = ministry.work.run(&["serve", "--config", &config]);
    assert!(refused.code != Some(0) && refused.err.contains("chmod 600"), "{}", refused.err);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();

    let replica = ministry.start_with("a", &config, &[]);
    let port = replica.everybody.rsplit(':').next().unwrap().to_owned();
    let root = Certificate::from_pem(cert.pem().as_bytes()).unwrap();
    let client = |newest| {
        let builder = Client::builder().tls_certs_only([root.clone()]).redirect(Policy::none());
        builder.max_tls_version(newest).build().unwrap()
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        for version in [Version::TLS_1_2, Version::TLS_1_3] {
            let answer = client(version).get(format!("https://localhost:{port}/healthz")).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            assert!(answer.headers().contains_key("strict-transport-security"), "{answer:?}");
        }
        let answer = client(Version::TLS_1_3).get(format!("http://{free}/verify?x=1")).send().await.unwrap();
        assert_eq!(answer.status(), 308);
        assert_eq!(answer.headers()["location"], format!("https://127.0.0.1:{port}/verify?x=1").as_str());
        let operators = replica.operators.rsplit(':').next().unwrap();
        let answer =
            client(Version::TLS_1_3).get(format!("https://localhost:{operators}/metrics")).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    });
    // Versions before 1.2 get no handshake.
    let old = Command::new("openssl")
        .args(["s_client", "-connect", &format!("127.0.0.1:{port}"), "-tls1_1", "-cipher", "ALL@SECLEVEL=0"])
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert!(!old.status.success() && String::from_utf8_lossy(&old.stdout).contains("no peer certificate"), "{old:?}");
    // Whoever speaks plainly to the TLS port gets nothing, and it goes on for others.
    let answer = ask(&replica.everybody, "GET", "/healthz", "", "");
    assert!(answer.is_err(), "{answer:?}");
    // Nobody is sent to a name that is not ours.
    let evil = ask_with(&free.to_string(), "GET", "/", &[("X-A", "b")], "");
    assert!(evil.unwrap().status == 308);
    let mut stream = TcpStream::connect(free).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
    replica.end();
}

#[test]
fn a_client_that_never_ends_its_head_is_left() {
    let database = Database::sqlite();
    let ministry = Ministry::open(crowd(3, 2), &database);
    let replica = ministry.start("a", "");
    let mut slow = TcpStream::connect(&replica.everybody).unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").unwrap();
    let begun = std::time::Instant::now();
    let ended = loop {
        std::thread::sleep(Duration::from_millis(500));
        slow.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let mut byte = [0];
        match slow.read(&mut byte) {
            Ok(0) => break true,
            Ok(_) => panic!("it answered half a request"),
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            Err(_) => break true,
        }
        if begun.elapsed() > Duration::from_secs(25) {
            break false;
        }
        let _ = slow.write_all(b"x");
    };
    assert!(ended, "it was still waited for after {:?}", begun.elapsed());
    assert_eq!(ask(&replica.everybody, "GET", "/healthz", "", "").unwrap().status, 200);
    replica.end();
}
