//! The program itself: the first administrator, approvals and tokens on its machine, and a service with two tenants.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

use serde_json::Value;

use crate::support::program::Workplace;

/// A running service, ended when it is dropped.
struct Service {
    child: Child,
    operators: String,
}

impl Service {
    fn start(work: &Workplace) -> Self {
        let arguments = ["serve", "--no-sync", "--listen", "127.0.0.1:0", "--operator-listen", "127.0.0.1:0"];
        let child = work.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        // Ended and waited for when it is dropped, also by a panic on the way.
        let mut service = Self { child, operators: String::new() };
        let mut said = BufReader::new(service.child.stdout.take().unwrap());
        loop {
            let mut line = String::new();
            assert!(said.read_line(&mut line).unwrap() > 0, "the service ended early");
            if line.starts_with("For operators") {
                line.split("http://").nth(1).unwrap().split('/').next().unwrap().clone_into(&mut service.operators);
            }
            if line.starts_with("Ctrl-C") {
                return service;
            }
        }
    }

    /// Status and body of `GET /v1/me` under a name, with a token.
    fn me(&self, host: &str, token: &str) -> (u16, String) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let asked = client.get(format!("http://{}/v1/me", self.operators)).header("host", host).bearer_auth(token);
            let answer = asked.send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn exit(work: &Workplace, arguments: &[&str]) -> (Option<i32>, String) {
    let output = work.command(arguments).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_machine_makes_the_first_administrator_and_every_mistake_has_its_exit_code() {
    let mut work = Workplace::new();
    assert_eq!(exit(&work, &["access", "accounts"]).0, Some(4), "there is no registry yet");
    work.run(&["init"]).good();
    let (code, made) = exit(&work, &["access", "first-admin", "amina", "--json"]);
    assert_eq!(code, Some(0), "{made}");
    let made: Value = serde_json::from_str(&made).unwrap();
    let token = made["token"].as_str().unwrap().to_owned();
    assert!(token.starts_with("vct_") && token.len() == 47);
    assert_eq!(exit(&work, &["access", "first-admin", "badr"]).0, Some(3), "there is one");
    for (arguments, expected) in [
        (vec!["access", "first-admin", "Amina B"], 2),
        (vec!["access", "token", "make", "nobody", "--label", "x"], 3),
        (vec!["access", "token", "make", "amina", "--label", "x", "--right", "fly"], 2),
        (vec!["access", "token", "make", "amina", "--label", "x", "--days", "0"], 2),
        (vec!["access", "token", "revoke", "t000000000000"], 3),
        (vec!["access", "approve", "amina"], 2),
    ] {
        assert_eq!(exit(&work, &arguments).0, Some(expected), "{arguments:?}");
    }
    let (_, second) = exit(&work, &["access", "token", "make", "amina", "--label", "report", "--right", "operate"]);
    assert!(second.starts_with("vct_") && second.trim_end().len() == 47, "the token alone, for a script");
    let (_, list) = exit(&work, &["access", "token", "list", "--json"]);
    assert_eq!(list.lines().count(), 2);
    assert!(!list.contains(&token) && !list.contains(second.trim_end()));
    // An approver says who approves by a token that may.
    work.set("VACCERT_TOKEN", second.trim_end());
    assert_eq!(exit(&work, &["access", "approve", "amina"]).0, Some(3), "this token may not approve");
    work.set("VACCERT_TOKEN", &token);
    assert_eq!(exit(&work, &["access", "approve", "amina"]).0, Some(3), "she does not wait");
    assert_eq!(exit(&work, &["access", "approve", "nobody"]).0, Some(3));
    let id = made["id"].as_str().unwrap();
    assert_eq!(exit(&work, &["access", "token", "revoke", id]).0, Some(0));
    assert_eq!(exit(&work, &["access", "approve", "nobody"]).0, Some(3), "a revoked token says nothing");
}

#[test]
fn one_service_runs_two_tenants_and_refuses_what_they_would_share() {
    let work = Workplace::new();
    for dir in ["main", "togo"] {
        work.run(&["init", dir]).good();
    }
    let main = std::fs::read_to_string(work.path("main/vaccert.toml")).unwrap();
    let with = |config: &str, host: &str| {
        format!("{main}\n[[tenant]]\nname = \"togo\"\nconfig = \"{config}\"\nhosts = [\"{host}\"]\n")
    };
    let serve = ["--config", "main/vaccert.toml", "serve", "--no-sync", "--listen", "127.0.0.1:0"];
    for (text, part) in [
        (with("vaccert.toml", "togo.example.org"), "tenants of its own"),
        (with("missing.toml", "togo.example.org"), "missing.toml"),
    ] {
        work.write("main/vaccert.toml", text);
        let output = work.command(&serve).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && said.contains(part), "{said}");
    }
    // The same keys under another name.
    work.write("copy/vaccert.toml", &main);
    std::fs::create_dir_all(work.path("copy/keys")).unwrap();
    for entry in std::fs::read_dir(work.path("main/keys")).unwrap() {
        let from = entry.unwrap().path();
        std::fs::copy(&from, work.path("copy/keys").join(from.file_name().unwrap())).unwrap();
    }
    work.write("main/vaccert.toml", with("../copy/vaccert.toml", "togo.example.org"));
    let output = work.command(&serve).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && said.contains("the same key"), "{said}");

    work.write("vaccert.toml", with("togo/vaccert.toml", "togo.example.org").replace("\"keys/", "\"main/keys/"));
    let token = |config: &str| {
        let (code, text) = exit(&work, &["--config", config, "access", "first-admin", "amina"]);
        assert_eq!(code, Some(0), "{config}");
        text.trim_end().to_owned()
    };
    let (of_main, of_togo) = (token("vaccert.toml"), token("togo/vaccert.toml"));
    let service = Service::start(&work);
    let status = |host: &str, token: &str| service.me(host, token).0;
    assert_eq!(status("localhost", &of_main), 200, "{:?}", service.me("localhost", &of_main));
    assert_eq!(status("togo.example.org", &of_togo), 200);
    assert_eq!(status("togo.example.org", &of_main), 401);
    assert_eq!(status("localhost", &of_togo), 401);
}
