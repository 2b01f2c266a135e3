//! Document signers: `POST` and `DELETE /signerCertificate`, and WHO's `/trustedCertificate`, which takes the same
//! message with a group, a domain and properties.
//!
//! The order of the checks is the gateway's: form, signature, uploader, country, authority, repeats, key identifier.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    book::{Book, Entry, Kind, thumbprint},
    door::Caller,
    message::{self, Message},
    reply::{Problem, Reply, created, done},
};
use crate::keys::{
    Certificate, Kid,
    der::{self, Reader},
};

/// Domains of trust that WHO's gateway knows.
pub(super) const DOMAINS: [&str; 4] = ["DCC", "IPS-PILGRIMAGE", "DICVP", "PH4H"];

/// Names of properties that an upload may have.
const PROPERTIES: [&str; 10] = [
    "purpose",
    "usergroup",
    "scope",
    "standard",
    "displayName",
    "displayLogo",
    "validFrom",
    "validUntil",
    "pubkey",
    "displayURL",
];

/// Attribute type countryName (RFC 5280 appendix A).
const COUNTRY: &[u8] = &[0x55, 0x04, 0x06];

/// What the checks of a certificate say.
#[derive(Debug)]
enum Refused {
    Exists,
    Missing,
    Other(String),
}

/// What is known when a request for a certificate is judged.
pub(super) struct Desk<'a> {
    pub(super) book: &'a mut Book,
    pub(super) anchor: &'a Certificate,
    pub(super) caller: &'a Caller,
    pub(super) now: Timestamp,
    pub(super) uuid: String,
}

/// Reads a message around a certificate.
fn certificate(body: &[u8]) -> Result<(Message, Certificate), Problem> {
    let message = message::read(body)?;
    let certificate = Certificate::from_der(&message.content).ok();
    // Nothing may stand behind the certificate.
    let certificate = certificate.filter(|certificate| certificate.der().len() == message.content.len());
    let certificate = certificate.ok_or_else(message::not_a_certificate)?;
    if !message.verified {
        let details = "The message must be signed by an onboarded upload certificate";
        return Err(Problem::new(400, "0x009", "CMS signature is invalid", details));
    }
    Ok((message, certificate))
}

/// `POST /signerCertificate`.
pub(super) fn upload(desk: Desk<'_>, body: &[u8]) -> Result<Reply, Problem> {
    let (message, certificate) = certificate(body)?;
    check_new(&desk, &message.signer, &certificate).map_err(|refused| not_added(refused, &certificate))?;
    let kid = certificate.kid().to_string();
    add(desk, &message, &certificate, kid, "DSC".to_owned(), "DCC".to_owned(), BTreeMap::new());
    Ok(created())
}

/// `DELETE /signerCertificate` and its aliases: the entry is marked, and told as deleted for two weeks.
pub(super) fn delete(desk: Desk<'_>, body: &[u8]) -> Result<Reply, Problem> {
    let (message, certificate) = certificate(body)?;
    let checked = check_uploader(&desk, &message.signer)
        .and_then(|()| check_country(&desk.caller.country, &certificate))
        .and_then(|()| {
            let print = thumbprint(certificate.der());
            let found = desk.book.entries.iter_mut().find(|entry| entry.thumbprint == print && entry.deleted.is_none());
            found.ok_or(Refused::Missing)
        });
    match checked {
        Ok(entry) => {
            entry.deleted = Some(desk.now);
            Ok(done())
        }
        Err(Refused::Missing) => {
            let details = "The certificate is not on the list";
            Err(Problem::new(404, "0x005", "The certificate doesn't exists in the database.", details)
                .sent(&thumbprint(certificate.der())))
        }
        Err(Refused::Exists) => Err(Problem::new(500, "0x006", "Upload of Signer Certificate failed", "")),
        Err(Refused::Other(details)) => {
            Err(Problem::new(400, "0x007", POSSIBLE, details).sent(&thumbprint(certificate.der())))
        }
    }
}

/// What the gateway says of every certificate that it does not take.
pub(super) const POSSIBLE: &str = "Possible reasons: Wrong Format, no CMS, not the correct signing alg missing \
                                   attributes, invalid signature, certificate not signed by known CA";

fn not_added(refused: Refused, certificate: &Certificate) -> Problem {
    let sent = thumbprint(certificate.der());
    match refused {
        Refused::Exists => {
            let details = "The certificate is on the list already";
            Problem::new(409, "0x002", "You cant upload an existing certificate.", details).sent(&sent)
        }
        Refused::Missing => Problem::new(500, "0x003", "Upload of Signer Certificate failed", "").sent(&sent),
        Refused::Other(details) => Problem::new(400, "0x004", POSSIBLE, details).sent(&sent),
    }
}

fn check_new(desk: &Desk<'_>, uploader: &Certificate, certificate: &Certificate) -> Result<(), Refused> {
    check_for_country(desk, uploader, certificate)?;
    let print = thumbprint(certificate.der());
    let mut there = desk.book.entries.iter().filter(|entry| entry.deleted.is_none());
    if there.clone().any(|entry| entry.thumbprint == print) {
        return Err(Refused::Exists);
    }
    // The key identifier is the beginning of the thumbprint.
    let beginning = print.get(..16).unwrap_or_default();
    if there.any(|entry| entry.thumbprint.starts_with(beginning)) {
        return Err(Refused::Other("another certificate has the same key identifier".to_owned()));
    }
    Ok(())
}

/// Uploader, country and authority.
fn check_for_country(desk: &Desk<'_>, uploader: &Certificate, certificate: &Certificate) -> Result<(), Refused> {
    check_uploader(desk, uploader)?;
    check_country(&desk.caller.country, certificate)?;
    let country = &desk.caller.country;
    let authorities = desk.book.authorities(country, desk.anchor);
    if authorities.is_empty() {
        return Err(Refused::Other(format!("no CSCA is onboarded for the country {country}")));
    }
    if authorities.iter().all(|authority| certificate.is_issued_by(authority).is_err()) {
        return Err(Refused::Other("the certificate is not signed by an onboarded CSCA of the country".to_owned()));
    }
    Ok(())
}

fn check_uploader(desk: &Desk<'_>, uploader: &Certificate) -> Result<(), Refused> {
    let print = thumbprint(uploader.der());
    let country = &desk.caller.country;
    match desk.book.party(Kind::Upload, country, &print, desk.anchor) {
        Some(_) => Ok(()),
        None => Err(Refused::Other(format!("no upload certificate {print} is onboarded for the country {country}"))),
    }
}

fn check_country(country: &str, certificate: &Certificate) -> Result<(), Refused> {
    let refused = |details: &str| Err(Refused::Other(details.to_owned()));
    match countries(certificate.der()).as_deref() {
        Some([own]) if own == country => Ok(()),
        Some([]) | None => refused("the certificate names no country"),
        Some([_]) => refused("the certificate is of another country than the one that uploads it"),
        Some(_) => refused("the certificate names more than one country"),
    }
}

/// Every country of a certificate's subject.
fn countries(certificate: &[u8]) -> Option<Vec<String>> {
    let outer = Reader::new(certificate).expect(der::SEQUENCE)?;
    let body = Reader::new(outer.content).expect(der::SEQUENCE)?;
    let mut body = Reader::new(body.content);
    body.expect(0xa0);
    body.expect(der::INTEGER)?;
    // Algorithm, issuer, validity; then the subject.
    for _ in 0..3 {
        body.expect(der::SEQUENCE)?;
    }
    let subject = body.expect(der::SEQUENCE)?;
    let mut found = Vec::new();
    let mut sets = Reader::new(subject.content);
    while let Some(set) = sets.any() {
        let mut pairs = Reader::new(set.content);
        while let Some(pair) = pairs.any() {
            let mut pair = Reader::new(pair.content);
            if pair.expect(der::OID)?.content == COUNTRY {
                found.push(String::from_utf8_lossy(pair.any()?.content).into_owned());
            }
        }
    }
    Some(found)
}

fn add(
    desk: Desk<'_>,
    message: &Message,
    certificate: &Certificate,
    kid: String,
    group: String,
    domain: String,
    properties: BTreeMap<String, String>,
) {
    let id = desk.book.next();
    let print = thumbprint(certificate.der());
    // A certificate that comes back takes the place of its deleted row.
    desk.book.entries.retain(|entry| entry.thumbprint != print || entry.deleted.is_none());
    desk.book.entries.push(Entry {
        id,
        country: desk.caller.country.clone(),
        kid,
        thumbprint: print,
        raw: STANDARD.encode(certificate.der()),
        signature: message.detached.clone(),
        since: desk.now,
        deleted: None,
        domain,
        group,
        properties,
        uuid: desk.uuid,
        version: 1,
    });
}

/// A new signature over an entry that stands (`POST /cms-migration`).
pub(super) fn renew(desk: Desk<'_>, id: u64, cms: &str) -> Result<Reply, Problem> {
    let (message, certificate) = match certificate(cms.as_bytes()) {
        Ok(read) => read,
        Err(_) => return Err(super::migration::bad_signature()),
    };
    let other = |details: String| Problem::new(400, "0x004", POSSIBLE, details);
    let found = desk.book.entries.iter().position(|entry| entry.id == id && entry.deleted.is_none());
    let missing = || Problem::new(409, "0x010", "Certificate to be updated does not exist.", "");
    let found = found.ok_or_else(missing)?;
    if let Err(Refused::Other(details)) = check_for_country(&desk, &message.signer, &certificate) {
        return Err(other(details));
    }
    let print = thumbprint(certificate.der());
    let entry = desk.book.entries.get_mut(found).ok_or_else(missing)?;
    if entry.country != desk.caller.country || entry.thumbprint != print {
        return Err(other("the payload is not the one that stands on the list".to_owned()));
    }
    entry.signature = message.detached;
    entry.version = entry.version.saturating_add(1);
    Ok(done())
}

/// Body of `POST /trustedCertificate`.
#[derive(Debug, Deserialize)]
struct Trusted {
    cms: String,
    kid: Option<String>,
    group: Option<String>,
    domain: Option<String>,
    #[serde(default)]
    properties: Option<BTreeMap<String, String>>,
}

/// `POST /trustedCertificate` (WHO). Several of its refusals have no code.
pub(super) fn upload_trusted(desk: Desk<'_>, body: &[u8]) -> Result<Reply, Problem> {
    let sent: Trusted = serde_json::from_slice(body).map_err(|_| Problem::bare(400))?;
    let plain = |problem, details: &str| Problem::new(400, "n/a", problem, details);
    let (message, certificate) = match message::read(sent.cms.as_bytes()) {
        Err(_) => return Err(plain("Invalid CMS", "The message cannot be read")),
        Ok(message) => {
            let certificate = Certificate::from_der(&message.content).ok();
            let certificate = certificate.filter(|read| read.der().len() == message.content.len());
            let certificate = certificate.ok_or_else(|| plain("Invalid CMS", "The payload is no certificate"))?;
            (message, certificate)
        }
    };
    if !message.verified {
        return Err(plain("Invalid CMS Signature", "The signature does not match the content"));
    }
    let domain = sent.domain.unwrap_or_else(|| "DCC".to_owned());
    if !DOMAINS.contains(&domain.as_str()) {
        return Err(Problem::new(400, "0x004", POSSIBLE, "the domain is none of this gateway"));
    }
    let properties = sent.properties.unwrap_or_default();
    if let Some(name) = properties.keys().find(|name| !PROPERTIES.contains(&name.as_str())) {
        let details = format!("the property {} is not allowed", name.chars().take(40).collect::<String>());
        return Err(plain("Upload of Signer Certificate failed", &details));
    }
    check_new(&desk, &message.signer, &certificate).map_err(|refused| not_added(refused, &certificate))?;
    let kid = sent.kid.unwrap_or_else(|| Kid::of_certificate(certificate.der()).to_string());
    if desk.book.entries.iter().any(|entry| entry.deleted.is_none() && entry.kid == kid && entry.domain == domain) {
        return Err(not_added(Refused::Other("another certificate has the same key identifier".into()), &certificate));
    }
    let group = sent.group.unwrap_or_else(|| "DSC".to_owned());
    add(desk, &message, &certificate, kid, group, domain, properties);
    Ok(created())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        batch::system_random,
        sandbox::pki::{Country, Workshop},
        trust::cms::{self, Carries},
    };

    /// Two certificates whose hashes begin alike cannot be made, so the row of one is made to look like it.
    #[test]
    fn a_key_identifier_belongs_to_one_certificate() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let workshop = Workshop::new("XX", now, system_random()).unwrap();
        let own = Country::make(&workshop, 1).unwrap();
        let anchor = workshop.make(crate::sandbox::pki::Purpose::Anchor, "TA", Default::default()).unwrap();
        let mut book = Book::default();
        for (kind, made) in [(Kind::Upload, &own.upload), (Kind::Csca, &own.csca)] {
            let signer = anchor.signer().unwrap();
            let signature = super::super::operator::vouch(made.der(), anchor.certificate(), &signer, now).unwrap();
            book.parties.push(super::super::book::Party {
                country: "XX".into(),
                kind,
                thumbprint: thumbprint(made.der()),
                raw: STANDARD.encode(made.der()),
                signature,
                since: now,
                roles: Vec::new(),
                domain: "DCC".into(),
                uuid: String::new(),
            });
        }
        let dsc = &own.signers[0];
        let signer = own.upload.signer().unwrap();
        let message = cms::sign(dsc.der(), Carries::Content, own.upload.certificate(), &signer, now)
            .map(|m| cms::line(&m))
            .unwrap();
        let caller = Caller { country: "XX".into() };
        let send = |book: &mut Book| {
            let desk = Desk { book, anchor: anchor.certificate(), caller: &caller, now, uuid: String::new() };
            upload(desk, message.as_bytes())
        };
        assert!(send(&mut book).is_ok());
        let print = &mut book.entries[0].thumbprint;
        *print = format!("{}{}", &print[..16], "0".repeat(48));
        let refused = format!("{:?}", send(&mut book).unwrap_err());
        assert!(refused.contains("0x004") && refused.contains("same key identifier"), "{refused}");
    }
}
