//! TLS to PostgreSQL, with a server and certificates of our own: the right server is connected to, every other one is
//! refused before a name or a password goes over the line, and the sentence says what to do.

use std::{path::PathBuf, process::Command};

use vaccert::registry::{Options, Registry, RegistryError, TlsTrouble};

use crate::support::database::has_server;

/// A server that shows one of its certificates.
struct Server {
    _folder: tempfile::TempDir,
    dir: PathBuf,
    port: String,
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // The server runs as somebody else.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(folder.path(), open).unwrap();
        let dir = folder.path().join("pg");
        let port = script(&["start-tls", dir.to_str().unwrap()]);
        Self { _folder: folder, dir, port }
    }

    fn present(&self, name: &str) {
        script(&["present", self.dir.to_str().unwrap(), name]);
    }

    fn file(&self, name: &str) -> String {
        self.dir.join("tls").join(name).to_str().unwrap().to_owned()
    }

    fn url(&self, host: &str, user: &str, more: &[(&str, &str)]) -> String {
        let more = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(more).finish();
        format!("postgres://{user}@{host}:{}/postgres?{more}", self.port)
    }

    /// Opens the registry as a user with these parameters, over this name of the machine.
    async fn open(&self, host: &str, user: &str, more: &[(&str, &str)]) -> Result<(), RegistryError> {
        let registry = Registry::open(&self.url(host, user, more), Options::default()).await?;
        registry.counts().await?;
        registry.close().await;
        Ok(())
    }

    /// The same, with the right authority.
    async fn checked(&self, host: &str) -> Result<(), RegistryError> {
        self.open(host, "vaccert", &[("sslmode", "verify-full"), ("sslrootcert", &self.file("root.pem"))]).await
    }

    /// Until the server shows what it was told to: it reads its files again a moment later.
    async fn shows(&self, expected: impl Fn(&Result<(), RegistryError>) -> bool) -> Result<(), RegistryError> {
        for _ in 0..100 {
            let found = self.checked("localhost").await;
            if expected(&found) {
                return found;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        self.checked("localhost").await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        script(&["stop", self.dir.to_str().unwrap()]);
    }
}

fn script(args: &[&str]) -> String {
    let done = Command::new("tests/support/postgres.sh").args(args).output().unwrap();
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

fn trouble(found: &Result<(), RegistryError>) -> Option<TlsTrouble> {
    match found {
        Err(RegistryError::Tls { trouble, .. }) => Some(*trouble),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_server_is_connected_to_and_no_other_one() {
    if !has_server() {
        return;
    }
    let server = Server::start();
    let (root, other) = (server.file("root.pem"), server.file("other.pem"));
    server.checked("localhost").await.unwrap();
    // Whoever names an authority wants it held against the server, with or without a word about it.
    server.open("localhost", "vaccert", &[("sslrootcert", &root)]).await.unwrap();
    server.open("localhost", "vaccert", &[("sslmode", "require"), ("sslrootcert", &root)]).await.unwrap();
    for parameters in [
        &[("sslrootcert", other.as_str())][..],
        &[("sslmode", "require"), ("sslrootcert", &other)],
        &[("sslmode", "verify-ca"), ("sslrootcert", &other)],
        &[("sslmode", "verify-full"), ("sslrootcert", &other)],
        // Without an authority of ours none but those of the Web are trusted.
        &[("sslmode", "verify-full")],
    ] {
        let found = server.open("localhost", "vaccert", parameters).await;
        assert_eq!(trouble(&found), Some(TlsTrouble::Issuer), "{parameters:?}: {found:?}");
    }
    // The same machine by another name than that of its certificate.
    let named = server.checked("127.0.0.1").await;
    assert_eq!(trouble(&named), Some(TlsTrouble::Name), "{named:?}");
    server.open("127.0.0.1", "vaccert", &[("sslmode", "verify-ca"), ("sslrootcert", &root)]).await.unwrap();
    // The server takes nobody without TLS.
    let clear = server.open("localhost", "vaccert", &[("sslmode", "disable")]).await;
    assert!(matches!(clear, Err(RegistryError::Denied { .. })), "{clear:?}");

    for (shown, expected, words) in [
        ("othername", TlsTrouble::Name, "another name than the URL has"),
        ("otherroot", TlsTrouble::Issuer, "sslrootcert"),
        ("expired", TlsTrouble::Expired, "has expired; renew it"),
    ] {
        server.present(shown);
        let found = server.shows(|found| trouble(found) == Some(expected)).await;
        assert_eq!(trouble(&found), Some(expected), "{shown}: {found:?}");
        let said = found.unwrap_err().to_string();
        assert!(said.contains(words) && said.contains("postgres://localhost:"), "{said}");
        assert!(!said.ends_with('.') && !said.contains(server.dir.to_str().unwrap()), "{said}");
    }
    // Renewed while the service runs, it is taken again.
    server.present("good");
    server.shows(Result::is_ok).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_ours_logs_in_where_the_server_wants_one() {
    if !has_server() {
        return;
    }
    let server = Server::start();
    let root = server.file("root.pem");
    let base = [("sslmode", "verify-full"), ("sslrootcert", root.as_str())];
    let with = |name: &str| {
        let own = [("sslcert", server.file(&format!("{name}.pem"))), ("sslkey", server.file(&format!("{name}.key")))];
        base.iter().map(|(k, v)| (*k, (*v).to_owned())).chain(own).collect::<Vec<_>>()
    };
    let open = async |more: Vec<(&str, String)>| {
        let more: Vec<(&str, &str)> = more.iter().map(|(k, v)| (*k, v.as_str())).collect();
        server.open("localhost", "certified", &more).await
    };
    open(with("client")).await.unwrap();
    let none = server.open("localhost", "certified", &base).await.unwrap_err();
    assert!(matches!(none, RegistryError::Denied { .. }) && none.to_string().contains("sslcert"), "{none:?}");
    let stranger = open(with("stranger")).await;
    assert_eq!(trouble(&stranger), Some(TlsTrouble::Ours), "{stranger:?}");
    assert!(stranger.unwrap_err().to_string().contains("sslcert and sslkey"));

    // Files that are not there, or are something else, are named by their parameter, not by their path.
    for (parameter, path) in [("sslrootcert", "/nonexistent/root.pem"), ("sslcert", "Cargo.toml")] {
        let mut more = with("client");
        for (name, value) in &mut more {
            if *name == parameter {
                *value = path.to_owned();
            }
        }
        let found = open(more).await.unwrap_err();
        let said = found.to_string();
        assert!(matches!(&found, RegistryError::TlsFile { parameter: named, .. } if *named == parameter), "{said}");
        assert!(!said.contains(path), "{said}");
    }
}
