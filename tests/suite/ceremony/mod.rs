//! Key ceremonies as a ministry holds them: one file in, keys and certificates out, and OpenSSL judges them.

mod known;
mod onboarding;
mod openssl;
mod refusals;
mod runs;
mod tokens;

use std::process::{Command, Output};

use crate::support::program::{Ran, Workplace};

/// A ceremony of a production environment, in which two people confirm.
pub const PRODUCTION: &str = r#"
title = "Keys of Togo"
country = "TG"
organisation = "Ministère de la Santé"
environment = "production"
crl_distribution_point = "http://pki.example.org/csca.crl"

[csca]
common_name = "Health CSCA 1"
[[signer]]
common_name = "Health DSC 1"
[[signer]]
name = "rsa"
common_name = "Health DSC 2"
key = "RSA-2048"
usages = ["vaccination"]
[tls]
common_name = "TLS client 1"
[upload]
common_name = "Upload 1"

[[participant]]
name = "Ana Example"
role = "ceremony leader"
holds = ["csca"]
[[participant]]
name = "Bo Sample"
role = "operator"
holds = ["signer-1", "rsa", "tls", "upload"]
"#;

/// What the two people type.
pub const NAMES: &str = "Ana Example\nBo Sample\n";

/// Passphrase options for these keys, from files in the workplace.
pub fn passphrases(place: &Workplace, keys: &[&str]) -> Vec<String> {
    let one = |key: &&str| {
        place.write(&format!("{key}.pass"), format!("correct horse {key}\n"));
        format!("--passphrase-file={key}={key}.pass")
    };
    keys.iter().map(one).collect()
}

/// Runs `vaccert` with something typed at it.
pub fn typed(place: &Workplace, arguments: &[&str], input: &str) -> Ran {
    use std::io::Write;
    let mut command = place.command(arguments);
    command
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    Ran::of(arguments, &child.wait_with_output().unwrap())
}

/// Holds the production ceremony in `keys/`.
pub fn hold(place: &Workplace, file: &str, keys: &[&str]) -> Ran {
    place.write("ceremony.toml", file);
    let options = passphrases(place, keys);
    let mut arguments = vec!["keys", "ceremony", "ceremony.toml", "--out", "keys"];
    arguments.extend(options.iter().map(String::as_str));
    typed(place, &arguments, NAMES)
}

/// Runs OpenSSL in the workplace.
pub fn openssl(place: &Workplace, arguments: &[&str]) -> Output {
    Command::new("openssl").args(arguments).current_dir(place.path("")).output().expect("openssl is installed")
}

/// Runs OpenSSL, which must be content; gives what it said.
#[track_caller]
pub fn accepted(place: &Workplace, arguments: &[&str]) -> String {
    let output = openssl(place, arguments);
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "openssl {}: {said}", arguments.join(" "));
    said
}
