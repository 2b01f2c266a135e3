//! The parts of a ceremony file that each become a certificate or a request.

use std::path::Path;

use super::{
    Role,
    authority::ExistingAuthority,
    fault::{At, Faults},
    file::Section,
    plan::{Algorithm, Entity, Issuance, KeySource},
    profile::{CLIENT_AUTH, SERVER_AUTH, SIGNER_USAGES},
};
use crate::{keys::SANDBOX_ORGANISATION, signers::TokenUri};

/// What every subject begins with.
pub(super) struct Common {
    pub(super) country: String,
    pub(super) organisation: String,
    pub(super) sandbox: bool,
}

/// Bits of the key usage, by the names of RFC 5280.
pub(super) const DIGITAL_SIGNATURE: u8 = 0x80;
pub(super) const KEY_CERT_SIGN: u8 = 0x04;
pub(super) const CRL_SIGN: u8 = 0x02;

/// Attributes of a subject in their usual order, each with its upper bound (RFC 5280 appendix A.1).
const ATTRIBUTES: [(&str, usize); 6] = [("C", 2), ("ST", 128), ("L", 128), ("O", 64), ("OU", 64), ("CN", 64)];

/// Recommended periods in days: certificate, private key (facts on the trust framework, section 1).
fn recommended(role: Role) -> (i64, Option<i64>) {
    match role {
        Role::Authority => (1_461, Some(365)),
        Role::Signer => (730, Some(183)),
        Role::Tls | Role::Upload => (365, None),
    }
}

/// `[csca]`: an authority to be made or requested, or one that exists.
pub(super) fn authority(
    root: &Section<'_>,
    base: &Path,
    common: &Common,
    faults: &mut Faults,
) -> (Option<ExistingAuthority>, Vec<Entity>) {
    let Some(section) = root.table(faults, "csca") else { return (None, Vec::new()) };
    let certificate = section.text(faults, "certificate");
    if let Some(certificate) = certificate {
        let key = section.text(faults, "private_key");
        let token = token(&section, faults);
        section.finish(faults);
        return (ExistingAuthority::read(&section, base, certificate, key, token, common, faults), Vec::new());
    }
    if let Some(key) = section.text(faults, "private_key") {
        let problem = "names the key of an authority without its certificate: add csca.certificate, or remove it";
        faults.add(key.line, section.setting("private_key"), problem);
    }
    let requested = section.flag(faults, "request").unwrap_or(false);
    let length = section.number(faults, "path_length");
    if let Some(length) = length.filter(|at| at.value != 0) {
        let problem = "must be 0: between the authority and a document signer there is nobody (governance section 3)";
        faults.add(length.line, section.setting("path_length"), problem);
    }
    let entity = entity(&section, Role::Authority, "csca".to_owned(), requested, common, faults);
    section.finish(faults);
    (None, vec![entity])
}

/// `[[signer]]`.
pub(super) fn signer(section: &Section<'_>, number: usize, common: &Common, faults: &mut Faults) -> Entity {
    let name = section.text(faults, "name");
    if let Some(name) = name.as_ref().filter(|name| !is_file_name(&name.value)) {
        let problem = "names files: only small letters, digits and hyphens, 40 at most";
        faults.add(name.line, section.setting("name"), problem);
    }
    let name = name.map_or_else(|| format!("signer-{number}"), |at| at.value);
    let requested = section.flag(faults, "request").unwrap_or(false);
    let made = entity(section, Role::Signer, name, requested, common, faults);
    section.finish(faults);
    made
}

/// `[tls]` and `[upload]`.
pub(super) fn client(section: &Section<'_>, role: Role, common: &Common, faults: &mut Faults) -> Entity {
    let name = if role == Role::Tls { "tls" } else { "upload" };
    let requested = section.flag(faults, "request").unwrap_or(false);
    let made = entity(section, role, name.to_owned(), requested, common, faults);
    section.finish(faults);
    made
}

fn is_file_name(name: &str) -> bool {
    let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    plain && (1..=40).contains(&name.len()) && !name.starts_with('-')
}

fn entity(
    section: &Section<'_>,
    role: Role,
    name: String,
    requested: bool,
    common: &Common,
    faults: &mut Faults,
) -> Entity {
    // What cannot be read gets any value: its fault is noted, and must hide no other.
    let subject = subject(section, role, common, faults);
    let algorithm = section.text(faults, "key").and_then(|at| algorithm(section, role, &at, faults));
    let (days, key_days) = recommended(role);
    let days = section.days(faults, "days").map_or(days, |at| at.value);
    let key_use_days =
        key_days.map(|usual| section.days(faults, "key_use_days").map_or(usual.min(days - 1), |at| at.value));
    let existing = section.flag(faults, "existing_key").unwrap_or(false);
    let key = token(section, faults).map_or(KeySource::File, |uri| KeySource::Token { uri, existing });
    if existing && key == KeySource::File {
        let problem = "needs the name of the key in its token: add token = \"pkcs11:token=LABEL;object=KEY\"";
        faults.add(section.line, section.setting("existing_key"), problem);
    }
    Entity {
        role,
        name,
        subject: subject.unwrap_or_default(),
        algorithm: algorithm.unwrap_or(Algorithm::P256),
        key,
        issuance: match (requested, role) {
            (true, _) => Issuance::Request,
            (false, Role::Signer) => Issuance::Authority,
            (false, _) => Issuance::SelfSigned,
        },
        days,
        key_use_days,
        usages: usages(section, role, faults),
        key_usage: key_usage(section, role, requested, faults),
        line: section.line,
        setting: section.name().to_owned(),
    }
}

/// The name of a key in a token.
pub(super) fn token(section: &Section<'_>, faults: &mut Faults) -> Option<TokenUri> {
    let at = section.text(faults, "token")?;
    match TokenUri::parse(&at.value) {
        Ok(uri) => Some(uri),
        Err(error) => {
            faults.add(at.line, section.setting("token"), error.to_string());
            None
        }
    }
}

fn algorithm(section: &Section<'_>, role: Role, at: &At<String>, faults: &mut Faults) -> Option<Algorithm> {
    let mut refuse = |problem: String| {
        faults.add(at.line, section.setting("key"), problem);
        None
    };
    let found = match at.value.as_str() {
        "P-256" => Algorithm::P256,
        "RSA-2048" => Algorithm::Rsa2048,
        "RSA-3072" => Algorithm::Rsa3072,
        "RSA-4096" => Algorithm::Rsa4096,
        "P-384" | "P-521" => {
            let why = "document signers must be on P-256, and WHO's published checks refuse ecdsa-with-SHA384";
            return refuse(format!("{} cannot be used: {why}; take \"P-256\"", at.value));
        }
        other => return refuse(format!("'{other}' is no kind of key: take \"P-256\", \"RSA-3072\" or \"RSA-4096\"")),
    };
    match (role, found) {
        (Role::Signer, Algorithm::Rsa4096) => refuse(
            "a signature of 4096 bits makes codes that no camera reads: take \"P-256\", or \"RSA-3072\" at most".into(),
        ),
        (Role::Authority | Role::Tls | Role::Upload, Algorithm::Rsa2048) => {
            refuse("is shorter than the 3072 bits that gateways ask for: take \"P-256\" or \"RSA-3072\"".into())
        }
        _ => Some(found),
    }
}

/// Subject: country and organisation of the ceremony, the common name, and what `subject` adds or replaces.
fn subject(
    section: &Section<'_>,
    role: Role,
    common: &Common,
    faults: &mut Faults,
) -> Option<Vec<(&'static str, String)>> {
    let own = section.table(faults, "subject");
    let mut given = |name: &'static str| own.as_ref().and_then(|own| own.texts(faults, name));
    let mut values: Vec<(&'static str, At<Vec<String>>)> = Vec::new();
    for (name, _) in ATTRIBUTES {
        values.extend(given(name).map(|at| (name, at)));
    }
    if let Some(own) = &own {
        own.finish(faults);
    }
    let common_name = section.text(faults, "common_name");
    let has_name = values.iter().any(|(name, _)| *name == "CN");
    match (common_name, has_name) {
        (Some(at), false) => values.push(("CN", At { value: vec![at.value], line: at.line })),
        (Some(at), true) => {
            faults.add(at.line, section.setting("common_name"), "stands beside subject.CN: give one of the two")
        }
        (None, true) => {}
        (None, false) => {
            let problem = format!("is missing: name the {role}, such as \"Health DSC 2027-1 of Exampleland\"");
            faults.add(section.line, section.setting("common_name"), problem);
        }
    }
    let line = section.line;
    let mut fill = |name: &'static str, value: &str| {
        if !values.iter().any(|(known, _)| *known == name) && !value.is_empty() {
            values.push((name, At { value: vec![value.to_owned()], line }));
        }
    };
    fill("C", &common.country);
    if common.sandbox {
        fill("OU", &common.organisation);
    } else {
        fill("O", &common.organisation);
    }
    if common.sandbox {
        values.retain(|(name, _)| *name != "O");
        values.push(("O", At { value: vec![SANDBOX_ORGANISATION.to_owned()], line }));
    }
    let mut subject = Vec::new();
    let before = faults.0.len();
    for (name, most) in ATTRIBUTES {
        for (_, at) in values.iter().filter(|(known, _)| *known == name) {
            check_attribute(section, role, (name, most), at, common, faults);
            subject.extend(at.value.iter().map(|value| (name, value.clone())));
        }
    }
    (faults.0.len() == before && subject.iter().any(|(name, _)| *name == "CN")).then_some(subject)
}

fn check_attribute(
    section: &Section<'_>,
    role: Role,
    (name, most): (&'static str, usize),
    at: &At<Vec<String>>,
    common: &Common,
    faults: &mut Faults,
) {
    let setting = section.setting(&format!("subject.{name}"));
    let mut refuse = |problem: String| faults.add(at.line, setting.clone(), problem);
    if matches!(name, "C" | "CN") && at.value.len() != 1 {
        refuse(format!("has {} values: a subject has exactly one {name}", at.value.len()));
    }
    for value in &at.value {
        if name == "C" && *value != common.country && !common.country.is_empty() {
            refuse(format!("'{value}' is another country than '{}', for which this ceremony is", common.country));
        }
        if value.chars().count() > most {
            refuse(format!("is longer than {most} characters, which X.509 allows for {name}: shorten it"));
        }
        // The gateway reads the name of the client from a header, split at these (facts, section 2).
        if role == Role::Tls && value.contains([',', '=']) {
            refuse(format!(
                "'{value}' holds a comma or an equals sign, at which gateways cut the name of a TLS client: leave it out"
            ));
        }
        if !common.sandbox && value == SANDBOX_ORGANISATION {
            refuse("is the mark of the sandbox: give the real name".into());
        }
    }
}

fn usages(section: &Section<'_>, role: Role, faults: &mut Faults) -> Vec<String> {
    let given = section.texts(faults, "usages");
    let oid = |text: &str| match text {
        "tls-client" => CLIENT_AUTH.to_owned(),
        "tls-server" => SERVER_AUTH.to_owned(),
        other => SIGNER_USAGES.iter().find(|(name, _)| *name == other).map_or(other, |(_, oid)| oid).to_owned(),
    };
    let Some(At { value, line }) = given else {
        return match role {
            Role::Signer => SIGNER_USAGES.iter().map(|(_, oid)| (*oid).to_owned()).collect(),
            Role::Tls => vec![CLIENT_AUTH.to_owned()],
            Role::Authority | Role::Upload => Vec::new(),
        };
    };
    let usages: Vec<String> = value.iter().map(|text| oid(text)).collect();
    let mut refuse = |problem: String| faults.add(line, section.setting("usages"), problem);
    for (at, usage) in usages.iter().enumerate() {
        let signer = SIGNER_USAGES.iter().any(|(_, known)| known == usage);
        let tls = usage == CLIENT_AUTH || usage == SERVER_AUTH;
        if usages.iter().take(at).any(|earlier| earlier == usage) {
            refuse(format!("names {usage} twice: name each usage once"));
        }
        match role {
            Role::Signer if usage.starts_with("1.3.6.1.4.1.0.1847.") => refuse(format!(
                "{usage} is the mistyped form with a zero too many: write \"test\", \"vaccination\" or \"recovery\""
            )),
            Role::Signer if !signer => {
                refuse(format!(
                    "'{usage}' is no usage of a document signer: write \"test\", \"vaccination\" or \"recovery\""
                ));
            }
            Role::Tls if !tls => refuse(format!("'{usage}' is no usage of a TLS client: write \"tls-client\"")),
            Role::Authority | Role::Upload => {
                refuse("this certificate has no extended key usages: remove the setting".into())
            }
            _ => {}
        }
    }
    if role == Role::Tls && !usages.iter().any(|usage| usage == CLIENT_AUTH) {
        refuse("lacks \"tls-client\", without which the gateway refuses the connection".into());
    }
    usages
}

fn key_usage(section: &Section<'_>, role: Role, requested: bool, faults: &mut Faults) -> u8 {
    let usual = match role {
        Role::Authority => KEY_CERT_SIGN | CRL_SIGN,
        // Self-signed TLS certificates vouch for themselves (dgc-overview issue 32).
        Role::Tls if !requested => DIGITAL_SIGNATURE | KEY_CERT_SIGN,
        Role::Signer | Role::Tls | Role::Upload => DIGITAL_SIGNATURE,
    };
    let Some(At { value, line }) = section.texts(faults, "key_usage") else { return usual };
    let mut refuse = |problem: String| faults.add(line, section.setting("key_usage"), problem);
    let mut bits = 0;
    for name in &value {
        match name.as_str() {
            "digitalSignature" => bits |= DIGITAL_SIGNATURE,
            "keyCertSign" => bits |= KEY_CERT_SIGN,
            "cRLSign" => bits |= CRL_SIGN,
            other => refuse(format!(
                "'{other}' is not used in this trust framework: take digitalSignature, keyCertSign or cRLSign"
            )),
        }
    }
    let needed = match role {
        Role::Authority => KEY_CERT_SIGN,
        _ => usual,
    };
    if bits & needed != needed {
        let why = match role {
            Role::Authority => "an authority needs keyCertSign",
            Role::Tls if bits & DIGITAL_SIGNATURE != 0 => {
                "a self-signed TLS certificate needs keyCertSign as well, or the gateway's TLS refuses it"
            }
            _ => "digitalSignature is needed",
        };
        refuse(format!("{why}; leave the setting out for the right value"));
    }
    if bits & !usual != 0 && role != Role::Tls {
        refuse(format!("says more than {} may have; leave the setting out for the right value", role.with_article()));
    } else if role == Role::Tls && bits & CRL_SIGN != 0 {
        refuse("a TLS client must not have cRLSign; leave the setting out for the right value".into());
    }
    bits
}
