//! Schemathesis against both documents, where `VACCERT_SCHEMATHESIS` names the program (`tests/api/run` installs it).

use std::{net::SocketAddr, process::Command};

use super::Installation;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schemathesis_finds_no_fault() {
    let Some(program) = std::env::var_os("VACCERT_SCHEMATHESIS") else {
        assert!(std::env::var_os("VACCERT_FULL").is_none(), "VACCERT_SCHEMATHESIS names no program");
        println!("left out: VACCERT_SCHEMATHESIS does not name the program; tests/api/run installs it");
        return;
    };
    let here = Installation::issued().await;
    for (door, router) in [("everybody", &here.everybody), ("operators", &here.operators)] {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let router = router.clone();
        let serving = tokio::spawn(async move { axum::serve(listener, router).await });
        let (program, folder) = (program.clone(), here.home.path().to_owned());
        let ran = tokio::task::spawn_blocking(move || {
            Command::new(program)
                .args(["run", &format!("http://{address}/v1/openapi.json")])
                .args(["--phases", "examples,coverage,fuzzing", "--max-examples", "20", "--workers", "2"])
                .args([
                    "--checks",
                    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
                ])
                .args(["--request-timeout", "20", "--max-redirects", "0", "--seed", "6", "--no-color"])
                .current_dir(folder)
                .output()
                .unwrap()
        });
        let ran = ran.await.unwrap();
        serving.abort();
        let said = String::from_utf8_lossy(&ran.stdout);
        // Its generator has a patience of its own, which a slow machine exhausts: no answer of ours is at fault then.
        let impatient = said.contains("Inconsistent results") && !said.contains("= FAILURES =");
        assert!(ran.status.success() || impatient, "{door}: {said}\n{}", String::from_utf8_lossy(&ran.stderr));
        assert!(said.contains("Operations"), "{door}: {said}");
    }
}
