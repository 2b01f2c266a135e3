//! Every rule that a ceremony file can break, each with its line and its remedy, and all at once.

use vaccert::ceremony::{Fault, Plan};

use super::PRODUCTION;
use crate::support::program::Workplace;

const NOW: &str = "2026-11-22T09:30:00Z";

fn faults(text: &str) -> Vec<Fault> {
    match Plan::read(text, std::path::Path::new(""), NOW.parse().unwrap()) {
        Ok(_) => Vec::new(),
        Err(faults) => faults,
    }
}

#[test]
fn the_good_file_is_good() {
    assert_eq!(faults(PRODUCTION), []);
    assert_eq!(faults(vaccert::ceremony::EXAMPLE), []);
}

/// What is replaced in the good file, by what; the setting at fault; a part of what is said.
const CASES: &[(&str, &str, &str, &str)] = &[
    // Countries.
    ("country = \"TG\"", "country = \"tg\"", "country", "two capital letters"),
    ("country = \"TG\"", "country = \"QQ\"", "country", "has not assigned"),
    ("country = \"TG\"", "", "country", "is missing"),
    ("[tls]", "[tls]\nsubject = { C = \"BJ\" }", "tls.subject.C", "another country than 'TG'"),
    ("[tls]", "[tls]\nsubject = { C = [\"TG\", \"BJ\"] }", "tls.subject.C", "has 2 values"),
    // Names.
    ("\"Health DSC 1\"", "\"\"", "signer[1].common_name", "is empty"),
    ("common_name = \"Health DSC 1\"", "", "signer[1].common_name", "is missing"),
    ("\"Health DSC 1\"", "\"health dsc 2\"", "signer[2].common_name", "names two certificates"),
    (
        "\"Health DSC 1\"",
        "\"A name that is far too long for what X.509 allows as a common name\"",
        "signer[1].subject.CN",
        "longer than 64",
    ),
    ("name = \"rsa\"", "name = \"signer-1\"", "signer[2].name", "names two certificates"),
    ("name = \"rsa\"", "name = \"../rsa\"", "signer[2].name", "only small letters"),
    ("\"TLS client 1\"", "\"TLS, client 1\"", "tls.subject.CN", "holds a comma"),
    ("[tls]", "[tls]\nsubject = { CN = \"x\" }", "tls.common_name", "stands beside subject.CN"),
    ("[tls]", "[tls]\nsubject = { X = \"x\" }", "tls.subject.X", "is no setting of this place"),
    // Keys.
    ("key = \"RSA-2048\"", "key = \"RSA-4096\"", "signer[2].key", "no camera reads"),
    ("key = \"RSA-2048\"", "key = \"RSA-1024\"", "signer[2].key", "is no kind of key"),
    ("key = \"RSA-2048\"", "key = \"P-384\"", "signer[2].key", "must be on P-256"),
    ("[csca]", "[csca]\nkey = \"RSA-2048\"", "csca.key", "shorter than the 3072 bits"),
    ("[upload]", "[upload]\nkey = \"RSA-2048\"", "upload.key", "shorter than the 3072 bits"),
    // Periods.
    ("[csca]", "[csca]\ndays = 729", "csca.days", "more than 729 and fewer than 1464 days"),
    ("[csca]", "[csca]\ndays = 1464", "csca.days", "more than 729 and fewer than 1464 days"),
    ("[csca]", "[csca]\nkey_use_days = 367", "csca.key_use_days", "366 days at most"),
    ("name = \"rsa\"", "name = \"rsa\"\ndays = 732", "signer[2].days", "fewer than 732"),
    ("name = \"rsa\"", "name = \"rsa\"\nkey_use_days = 185", "signer[2].key_use_days", "184 days at most"),
    ("name = \"rsa\"", "name = \"rsa\"\ndays = 100\nkey_use_days = 100", "signer[2].key_use_days", "must outlive"),
    ("[tls]", "[tls]\ndays = 364", "tls.days", "more than 364"),
    ("[tls]", "[tls]\ndays = 732", "tls.days", "fewer than 732"),
    ("[tls]", "[tls]\ndays = 0", "tls.days", "no number of days"),
    ("[tls]", "[tls]\ndays = \"many\"", "tls.days", "a text stands here, but it takes a whole number"),
    ("title", "start = 2026-11-20T00:00:00Z\ntitle", "start", "lies in the past"),
    ("title", "start = 2027-03-01T00:00:00Z\ntitle", "start", "lies more than 90 days ahead"),
    ("title", "start = 2026-12-01\ntitle", "start", "a time with offset"),
    // Path, usages, key usage.
    ("[csca]", "[csca]\npath_length = 1", "csca.path_length", "must be 0"),
    ("[csca]", "[csca]\nusages = [\"tls-client\"]", "csca.usages", "has no extended key usages"),
    ("usages = [\"vaccination\"]", "usages = [\"1.3.6.1.4.1.0.1847.2021.1.2\"]", "signer[2].usages", "a zero too many"),
    ("usages = [\"vaccination\"]", "usages = [\"tls-client\"]", "signer[2].usages", "no usage of a document signer"),
    ("usages = [\"vaccination\"]", "usages = [\"test\", \"test\"]", "signer[2].usages", "twice"),
    ("[tls]", "[tls]\nusages = [\"tls-server\"]", "tls.usages", "lacks \"tls-client\""),
    ("[tls]", "[tls]\nusages = [\"tls-client\", \"test\"]", "tls.usages", "no usage of a TLS client"),
    ("[upload]", "[upload]\nusages = [\"test\"]", "upload.usages", "has no extended key usages"),
    ("[tls]", "[tls]\nkey_usage = [\"digitalSignature\"]", "tls.key_usage", "needs keyCertSign as well"),
    (
        "[tls]",
        "[tls]\nkey_usage = [\"digitalSignature\", \"keyCertSign\", \"cRLSign\"]",
        "tls.key_usage",
        "must not have cRLSign",
    ),
    ("[csca]", "[csca]\nkey_usage = [\"cRLSign\"]", "csca.key_usage", "needs keyCertSign"),
    (
        "[csca]",
        "[csca]\nkey_usage = [\"keyCertSign\", \"digitalSignature\"]",
        "csca.key_usage",
        "more than a national authority",
    ),
    ("[upload]", "[upload]\nkey_usage = [\"keyEncipherment\"]", "upload.key_usage", "is not used"),
    (
        "name = \"rsa\"",
        "name = \"rsa\"\nkey_usage = [\"digitalSignature\", \"keyCertSign\"]",
        "signer[2].key_usage",
        "more than a document signer",
    ),
    // Who issues, who takes part.
    ("[csca]\ncommon_name = \"Health CSCA 1\"", "", "signer[1]", "no authority to issue it"),
    ("[csca]", "[csca]\nrequest = true", "signer[1]", "no authority to issue it"),
    ("holds = [\"csca\"]", "", "csca", "nobody holds this key"),
    ("holds = [\"csca\"]", "holds = [\"csca\", \"upload\"]", "participant[2].holds", "held by two people"),
    ("holds = [\"csca\"]", "holds = [\"csca\", \"dsc\"]", "participant[1].holds", "is no key of this ceremony"),
    ("role = \"operator\"", "role = \"operator\"\nconfirms = false", "participant", "at least two people must confirm"),
    ("name = \"Bo Sample\"", "name = \"Ana Example\"", "participant[2].name", "takes part twice"),
    ("http://pki.example.org/csca.crl", "ldap://pki", "crl_distribution_point", "must begin with http://"),
    ("\"Ministère de la Santé\"", "\"vaccert sandbox\"", "organisation", "mark of the sandbox"),
    ("environment = \"production\"", "environment = \"prod\"", "environment", "neither"),
    ("title = ", "titel = ", "titel", "is no setting of this place, which has: country"),
    ("[csca]", "[csca]\ncertificate = \"nowhere.pem\"", "csca.certificate", "cannot be read"),
    ("[csca]", "[csca]\nprivate_key = \"a.pem\"", "csca.private_key", "without its certificate"),
];

#[test]
fn each_fault_is_named_with_its_setting_its_line_and_a_remedy() {
    for (good, bad, setting, said) in CASES {
        assert!(PRODUCTION.contains(good), "{good}");
        let text = PRODUCTION.replacen(good, bad, 1);
        let found = faults(&text);
        let at = |fault: &&Fault| fault.setting == *setting && fault.problem.contains(said);
        let fault = found.iter().find(at).unwrap_or_else(|| panic!("{bad}: {setting}, {said}: {found:?}"));
        assert!(!fault.problem.ends_with('.'), "{fault}");
        if fault.line > 0 && !bad.is_empty() {
            let line = text.lines().nth(fault.line - 1).unwrap_or_default();
            let key = setting.rsplit('.').next().unwrap();
            assert!(line.contains(key) || line.starts_with('[') || line.contains("name"), "{fault}: {line}");
        }
    }
}

#[test]
fn nothing_outlives_its_authority() {
    let text = PRODUCTION
        .replace("[csca]", "[csca]\ndays = 730\nkey_use_days = 366")
        .replace("Health DSC 1\"", "Health DSC 1\"\ndays = 731");
    let found = faults(&text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].setting, "signer[1].days");
    assert!(
        found[0].problem.contains("longer than the authority") && found[0].problem.contains("take 730 days at most"),
        "{}",
        found[0]
    );
}

#[test]
fn all_faults_come_at_once_and_in_the_order_of_the_file() {
    let place = Workplace::new();
    let text = PRODUCTION
        .replace("country = \"TG\"", "country = \"Togo\"")
        .replace("key = \"RSA-2048\"", "key = \"RSA-512\"")
        .replace("[upload]", "[upload]\ndays = 9\ncolour = \"red\"");
    place.write("bad.toml", &text);
    let ran = place.run(&["keys", "ceremony", "bad.toml", "--dry-run"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let lines: Vec<&str> = ran.err.lines().collect();
    assert_eq!(lines[0], "vaccert: bad.toml has 4 faults that must be mended before anything is made:", "{ran:?}");
    assert!(lines[1].starts_with("  line 3, country: "), "{lines:#?}");
    assert!(lines[2].contains(", signer[2].key: 'RSA-512' is no kind of key"), "{lines:#?}");
    assert!(
        lines.iter().any(|line| line.contains(", upload.days: 9 days: an upload certificate is valid for more than")),
        "{lines:#?}"
    );
    assert!(lines.iter().any(|line| line.contains("upload.colour: is no setting of this place")), "{lines:#?}");
    assert_eq!(lines.len(), 5, "{lines:#?}");
    assert!(!place.path("ceremony").exists());
}

#[test]
fn what_is_no_ceremony_file_is_said() {
    let place = Workplace::new();
    assert!(place.run(&["keys", "ceremony", "none.toml"]).refused(4).contains("none.toml cannot be read"));
    place.write("binary.toml", [0xff, 0xfe, 0x00]);
    assert!(place.run(&["keys", "ceremony", "binary.toml"]).refused(4).contains("is no text"));
    place.write("large.toml", "#".repeat(2_000_000));
    assert!(place.run(&["keys", "ceremony", "large.toml"]).refused(4).contains("is no text of at most"));
    place.write("broken.toml", "title = \"a\ncountry = = 1\n");
    let ran = place.run(&["keys", "ceremony", "broken.toml"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("line 1, TOML: ") && ran.err.contains("line 2, TOML: "), "{ran:?}");
}

#[test]
fn authorities_that_may_not_issue_are_refused() {
    let place = Workplace::new();
    let file = |certificate: &str| {
        PRODUCTION.replace(
            "[csca]\ncommon_name = \"Health CSCA 1\"",
            &format!("[csca]\ncertificate = \"{certificate}\"\nprivate_key = \"k.pem\""),
        )
    };
    let make = |name: &str, more: &[&str]| {
        let out = format!("{name}.pem");
        let base = ["req", "-x509", "-newkey", "ec", "-nodes", "-days", "1000", "-keyout", "raw.pem", "-out", &out];
        super::accepted(&place, &[&base, more].concat());
        Plan::read(&file(&out), &place.path(""), NOW.parse().unwrap())
    };
    let p256 = ["-pkeyopt", "ec_paramgen_curve:prime256v1"];
    let ca = ["-addext", "keyUsage=critical,keyCertSign"];
    let cases: &[(&str, Vec<&str>, &str)] = &[
        ("country", [&p256[..], &["-subj", "/C=BJ/CN=A"], &ca].concat(), "but this ceremony is for TG"),
        (
            "leaf",
            [&p256[..], &["-subj", "/C=TG/CN=A", "-addext", "basicConstraints=critical,CA:FALSE"], &ca].concat(),
            "is no authority",
        ),
        (
            "usage",
            [&p256[..], &["-subj", "/C=TG/CN=A", "-addext", "keyUsage=critical,digitalSignature"]].concat(),
            "may not sign certificates",
        ),
        (
            "identifier",
            [&p256[..], &["-subj", "/C=TG/CN=A", "-addext", "subjectKeyIdentifier=none"], &ca].concat(),
            "no subject key identifier",
        ),
        (
            "explicit",
            [&p256[..], &["-pkeyopt", "ec_param_enc:explicit", "-subj", "/C=TG/CN=A"], &ca].concat(),
            "writes its curve out",
        ),
        ("hash", [&p256[..], &["-sha1", "-subj", "/C=TG/CN=A"], &ca].concat(), "signed with ecdsa-with-SHA1"),
        ("sandbox", [&p256[..], &["-subj", "/C=TG/O=vaccert sandbox/CN=A"], &ca].concat(), "is a sandbox certificate"),
    ];
    for (name, more, said) in cases {
        let faults = make(name, more).unwrap_err();
        assert!(
            faults.iter().any(|fault| fault.setting == "csca.certificate" && fault.problem.contains(said)),
            "{name}: {faults:?}"
        );
    }
    // A short-lived authority cannot issue signers that outlive it; a key that everybody has cannot issue at all.
    let plan = make("short", &[&p256[..], &["-subj", "/C=TG/CN=A", "-days", "100"], &ca].concat());
    let faults = plan.unwrap_err();
    assert!(faults.iter().any(|fault| fault.problem.contains("longer than the authority")), "{faults:?}");
    std::fs::copy("fixtures/pki/es256.cert.der", place.path("known.pem")).unwrap();
    let faults = Plan::read(&file("known.pem"), &place.path(""), NOW.parse().unwrap()).unwrap_err();
    assert!(faults.iter().any(|fault| fault.problem.contains("the key is published")), "{faults:?}");
}

#[test]
fn inspect_names_what_breaks_a_profile() {
    let place = Workplace::new();
    let make = [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/C=TG/C=BJ/CN=Old TLS",
        "-days",
        "90",
        "-keyout",
        "raw.pem",
        "-out",
        "tls.pem",
        "-addext",
        "basicConstraints=CA:FALSE",
        "-addext",
        "keyUsage=digitalSignature",
        "-addext",
        "extendedKeyUsage=clientAuth",
    ];
    super::accepted(&place, &make);
    let ran = place.run(&["keys", "inspect", "tls.pem"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    for said in [
        "tls.pem: certificate, judged as TLS client",
        "REFUSED          country: the subject has the countries [\"TG\", \"BJ\"]",
        "key: an RSA key of 2048 bits is too short for a TLS client certificate",
        "lifetime: valid for 90 days",
        "key-usage: the key usage is not critical",
        "key-usage: a self-signed TLS certificate needs keyCertSign as well",
    ] {
        assert!(ran.out.contains(said), "{said}\n{}", ran.out);
    }
    super::accepted(&place, &["pkey", "-in", "raw.pem", "-pubout", "-out", "public.pem"]);
    let ran = place.run(&["keys", "inspect", "public.pem", "--role", "upload"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    place.run(&["keys", "inspect", "public.pem"]).good();
    assert!(
        place.run(&["keys", "inspect", "raw.pem"]).refused(4).contains("holds a private key, which is not looked at")
    );
    assert!(place.run(&["keys", "inspect", "none.pem"]).refused(4).contains("none.pem cannot be read"));
    place.write("x.pem", "hello");
    assert!(
        place.run(&["keys", "inspect", "x.pem"]).refused(4).contains("holds no certificate, request or public key")
    );
}
