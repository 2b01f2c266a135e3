//! A ministry that seals its paper and makes passes: the program as it is run, from the configuration to the files.

use std::fs;

use rcgen::{CertificateParams, DnType, KeyPair, KeyUsagePurpose};
use serde_json::{Value, json};
use vaccert::keys::pem;

use super::{
    file,
    issuers::{Apple, ISSUER, PASS_TYPE, TEAM, account, rsa},
    unpacked,
};
use crate::{
    journey::export,
    support::{
        dhis2::people::Person as Row,
        paper::{Shop, run, tool},
        program::Workplace,
    },
};

/// Writes a file that only its owner may read.
fn private(work: &Workplace, name: &str, bytes: impl AsRef<[u8]>) {
    let path = work.write(name, bytes);
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

/// A document key of a rehearsal.
fn document_key(work: &Workplace, until: i32) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::OrganizationName, "vaccert sandbox");
    params.distinguished_name.push(DnType::CommonName, "Paper of the rehearsal");
    params.key_usages = vec![KeyUsagePurpose::ContentCommitment];
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(until, 1, 1);
    work.write("paper.pem", params.self_signed(&key).unwrap().pem());
    private(work, "paper-key.pem", key.serialize_pem());
}

fn ministry() -> (Workplace, Apple, String) {
    let (work, apple) = (Workplace::new(), Apple::new());
    work.run(&["init", "--quiet", "."]).good();
    document_key(&work, 2099);
    private(&work, "pass-key.pem", pem::write("PRIVATE KEY", &apple.key));
    work.write("pass.pem", pem::write("CERTIFICATE", apple.certificate.der()));
    work.write("wwdr.pem", pem::write("CERTIFICATE", apple.intermediate.der()));
    private(&work, "account.json", account(&rsa()));
    let written = fs::read_to_string(work.path("vaccert.toml")).unwrap();
    let config = written.replace("[document]\n", "[document]\nkey = \"paper-key.pem\"\ncertificate = \"paper.pem\"\n")
        + &format!(
            "\n[wallet]\ncolour = \"#004d40\"\n[wallet.apple]\npass_type = \"{PASS_TYPE}\"\nteam = \"{TEAM}\"\n\
         certificate = \"pass.pem\"\nkey = \"pass-key.pem\"\nintermediate = \"wwdr.pem\"\n[wallet.google]\n\
         issuer = \"{ISSUER}\"\nclass = \"certificates\"\naccount = \"account.json\"\n"
        );
    work.write("vaccert.toml", &config);
    let person = Row::new("P0000000001", "Amaro", "Vastow", "1970-01-01").dosed("MODERNA", "DOSE1", "2021-03-01", "B1");
    work.write("export.json", export(&[person]));
    (work, apple, config)
}

#[test]
fn f36_the_paper_that_a_run_writes_is_sealed() {
    let (work, _, config) = ministry();
    let issue = ["issue", "--from", "export.json", "--out", "out", "--quiet", "--formats", "eu-dcc"];
    work.run(&issue).good();
    let id = work.out("out").items().into_values().next().unwrap().1.unwrap();
    let pdf = work.out("out").folder(&id).join("certificate.pdf");
    let bytes = fs::read(&pdf).unwrap();
    assert!(bytes.windows(14).any(|window| window == b"/SubFilter/ETS"), "the paper has no seal");
    if let Some(pdftotext) = tool("pdftotext", "poppler-utils") {
        let text = run(&pdftotext, &["-raw", pdf.to_str().unwrap(), "-"]);
        assert!(text.replace('\n', " ").contains("Paper of the rehearsal"), "the paper names no seal:\n{text}");
    }
    if let Some(pdfsig) = tool("pdfsig", "poppler-utils") {
        let told = run(&pdfsig, &["-nocert", pdf.to_str().unwrap()]);
        for words in ["Signature is Valid", "Total document signed", "Paper of the rehearsal"] {
            assert!(told.contains(words), "{told}");
        }
    }

    let examined = work.run(&["doctor", "--offline", "--sample", "0"]).out;
    for words in
        ["the certificate of the document key ends on 2099-01-01", "the pass certificate of wallet.apple ends on"]
    {
        assert!(examined.contains(words), "{words} is not in:\n{examined}");
    }

    // With a document key whose certificate has ended nothing is handed out unsealed, and the report says why.
    document_key(&work, 2021);
    let later = [issue.as_slice(), &["--files", "pdf"]].concat();
    fs::remove_dir_all(work.out("out").folder(&id)).unwrap();
    let ran = work.run(&later);
    assert!(!pdf.is_file(), "{ran:?}");
    let report = work.out("out").report().to_string();
    assert!(report.contains("paper-not-sealed") && report.contains("ended on 2021-01-01"), "{report}");

    // A key of somebody else, half a key, a key that others can read.
    private(&work, "paper-key.pem", KeyPair::generate().unwrap().serialize_pem());
    let sentence = work.run(&issue).refused(2);
    assert!(sentence.contains("document.key cannot be used") && sentence.contains("does not belong"), "{sentence}");
    work.write("vaccert.toml", config.replace("certificate = \"paper.pem\"\n", ""));
    let sentence = work.run(&issue).refused(2);
    assert!(sentence.contains("document names only one of key and certificate"), "{sentence}");
}

#[test]
fn passes_come_from_the_registry_by_one_command() {
    let (work, _, config) = ministry();
    work.run(&["issue", "--from", "export.json", "--out", "out", "--quiet", "--formats", "eu-dcc"]).good();
    let out = work.out("out");
    let id = out.items().into_values().next().unwrap().1.unwrap();
    let said = work.run(&["document", "pass", &id, "--apple", "mine.pkpass"]).good().out;
    assert!(said.starts_with("mine.pkpass written"), "{said}");
    let code = fs::read_to_string(out.code(&id)).unwrap();
    let told = |name: &str| -> Option<Value> {
        let files = unpacked(&Shop::open(), &fs::read(work.path(name)).unwrap())?;
        Some(serde_json::from_slice(&file(&files, "pass.json")).unwrap())
    };
    if let Some(pass) = told("mine.pkpass") {
        assert_eq!(pass["barcodes"][0]["message"], *vaccert::document::paper_text(code.trim_end()));
        assert_eq!(pass["backgroundColor"], "rgb(0, 77, 64)");
        assert_eq!(pass["generic"]["primaryFields"][0]["value"], "Amaro Vastow");
        assert_eq!(pass["voided"], json!(false));
    }
    // By its random part alone; the link is all that is printed.
    let opaque = out.folder(&id).file_name().unwrap().to_str().unwrap().to_owned();
    let link = work.run(&["document", "pass", &opaque, "--google"]).good().out;
    assert!(link.starts_with("https://pay.google.com/gp/v/save/eyJ") && link.lines().count() == 1, "{link}");

    work.run(&["revoke", &id, "--reason", "error", "--quiet"]).good();
    work.run(&["document", "pass", &id, "--apple", "void.pkpass"]).good();
    if let Some(pass) = told("void.pkpass") {
        assert_eq!(pass["voided"], json!(true));
    }

    let sentence = work.run(&["document", "pass", "URN:UVCI:01:XX:NOBODY", "--google"]).refused(2);
    assert!(sentence.contains("no certificate of the registry has this identifier"), "{sentence}");
    let (before, _) = config.rsplit_once("\n[wallet.google]").unwrap();
    work.write("vaccert.toml", before);
    let sentence = work.run(&["document", "pass", &id, "--google"]).refused(2);
    assert!(sentence.contains("write the section [wallet.google]"), "{sentence}");
    for (from, to, words) in [
        ("#004d40", "green", "wallet.colour is no colour"),
        (TEAM, "XXXXXXXXXX", "wallet.apple.team says XXXXXXXXXX"),
        ("\"wwdr.pem\"", "\"pass.pem\"", "is not the authority that issued"),
    ] {
        work.write("vaccert.toml", before.replace(from, to));
        let sentence = work.run(&["document", "pass", &id, "--apple", "x"]).refused(2);
        assert!(sentence.contains(words), "{sentence}");
    }
    work.write("vaccert.toml", &config);
    #[cfg(unix)]
    {
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        fs::set_permissions(work.path("account.json"), open).unwrap();
        let sentence = work.run(&["document", "pass", &id, "--google"]).refused(2);
        assert!(sentence.contains("wallet.google.account") && sentence.contains("chmod 600"), "{sentence}");
    }
}
