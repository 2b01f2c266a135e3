//! The ceremony itself: keys, certificates, requests, each read again and checked before anybody relies on it.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;

use super::{
    CeremonyError, Entity, Environment, KeySource, Plan, Role,
    authority::ExistingKey,
    certificate::{self, Body, Extensions, key_id},
    folder::{self, Folder},
    keys,
    plan::Issuance,
    profile,
    rules::after,
    transcript,
};
use crate::{
    clock::Clock,
    keys::{
        Certificate, CertificateError, CertificateRequest, ChainError, KeyKind, MemoryX509Signer, X509Signer, pem,
        refuse, sha256,
    },
    signers::{Passphrase, TokenError, Tokens, Unencrypted, load_private_key},
};

/// A person's word that the plan is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// Name.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// Whether the name was typed; otherwise an option of the command line stood for it.
    pub typed: bool,
}

/// What a ceremony needs beside its plan.
pub struct Circumstances<'a> {
    /// Tells the time.
    pub clock: &'a dyn Clock,
    /// Fills with random bytes; false when the system has none.
    pub random: &'a dyn Fn(&mut [u8]) -> bool,
    /// The passphrase of a key by its name.
    pub passphrase: &'a dyn Fn(&str) -> Option<Passphrase>,
    /// Keys in tokens.
    pub tokens: &'a Tokens,
    /// Who confirmed.
    pub confirmations: Vec<Confirmation>,
    /// Name and text of the ceremony file, which goes beside the transcript.
    pub file: (&'a str, &'a str),
    /// SHA-256 of this program, where it can be read.
    pub program_sha256: Option<[u8; 32]>,
}

impl Circumstances<'_> {
    fn bytes<const N: usize>(&self) -> Result<[u8; N], CeremonyError> {
        let mut bytes = [0; N];
        if (self.random)(&mut bytes) { Ok(bytes) } else { Err(CeremonyError::Random) }
    }
}

/// A certificate or a request that was made.
#[derive(Debug)]
pub struct Item {
    /// What was asked for.
    pub entity: Entity,
    /// The certificate; `None` for a request.
    pub certificate: Option<Certificate>,
    /// Certificate or request in DER.
    pub der: Vec<u8>,
    /// SubjectPublicKeyInfo in DER.
    pub spki: Vec<u8>,
    /// File of the certificate or the request.
    pub file: String,
    /// File of the private key; `None` for a key in a token.
    pub key_file: Option<String>,
}

/// What a ceremony made.
#[derive(Debug)]
pub struct Made {
    /// The folder.
    pub folder: PathBuf,
    /// What is in it.
    pub items: Vec<Item>,
    /// The transcript.
    pub transcript: String,
}

/// The authority during the ceremony.
struct Issuer {
    certificate: Certificate,
    signer: Arc<dyn X509Signer>,
}

/// Holds the ceremony: `out` appears when everything is made and checked.
///
/// # Errors
/// [`CeremonyError`]; what was made until then stays in an unfinished folder, which the next run names.
pub fn run(plan: &Plan, out: &Path, with: &Circumstances<'_>) -> Result<Made, CeremonyError> {
    folder::check(out)?;
    let started = with.clock.now();
    let mut issuer = match &plan.existing {
        Some(existing) => match &existing.key {
            Some(key) => Some(open(plan, &existing.certificate, key, with)?),
            None => None,
        },
        None => None,
    };
    let folder = Folder::begin(out)?;
    let mut items: Vec<Item> = Vec::new();
    let mut keys: HashSet<[u8; 32]> = plan.existing.iter().map(|known| sha256(known.certificate.spki())).collect();
    for entity in &plan.entities {
        let signer = key(plan, entity, &folder, with)?;
        let unfit = |problem| CeremonyError::Unfit { name: entity.name.clone(), problem };
        refuse(signer.spki(), entity.role.key_use()).map_err(unfit)?;
        if !keys.insert(sha256(signer.spki())) {
            return Err(CeremonyError::SameKey { name: entity.name.clone() });
        }
        let item = item(plan, entity, signer.as_ref(), issuer.as_ref(), &folder, with)?;
        if let (Role::Authority, Some(certificate)) = (entity.role, &item.certificate) {
            issuer = Some(Issuer { certificate: certificate.clone(), signer });
        }
        items.push(item);
    }
    let finished = with.clock.now();
    let written = transcript::Transcript { plan, items: &items, with, started, finished };
    let text = written.text();
    folder.write("transcript.txt", text.as_bytes())?;
    folder.write("transcript.json", written.json().as_bytes())?;
    folder.write("ceremony.toml", with.file.1.as_bytes())?;
    folder.finish()?;
    Ok(Made { folder: out.to_owned(), items, transcript: text })
}

/// Opens the existing authority's key.
fn open(
    plan: &Plan,
    certificate: &Certificate,
    key: &ExistingKey,
    with: &Circumstances<'_>,
) -> Result<Issuer, CeremonyError> {
    let signer: Arc<dyn X509Signer> = match key {
        ExistingKey::Token(uri) => with.tokens.x509_signer(uri).map_err(in_token("csca"))?,
        ExistingKey::File(path) => {
            let unencrypted = match plan.environment {
                Environment::Sandbox => Unencrypted::AllowInSandbox,
                Environment::Production => Unencrypted::Refuse,
            };
            let pkcs8 = load_private_key(path, (with.passphrase)("csca").as_ref(), unencrypted)?;
            Arc::new(MemoryX509Signer::new(&pkcs8)?)
        }
    };
    // The same key may be encoded in two ways (compressed points): a signature decides.
    let message = b"vaccert key ceremony";
    let spki = signer.spki().to_vec();
    let same = spki == certificate.spki() || key_id(&spki) == key_id(certificate.spki());
    signer.sign(message)?;
    if !same {
        return Err(CeremonyError::OtherAuthority);
    }
    Ok(Issuer { certificate: certificate.clone(), signer })
}

fn in_token(name: &str) -> impl FnOnce(TokenError) -> CeremonyError {
    let name = name.to_owned();
    move |problem| CeremonyError::Token { name, problem }
}

/// Makes the key of an entity and stores it, or finds it in the token.
fn key(
    plan: &Plan,
    entity: &Entity,
    folder: &Folder,
    with: &Circumstances<'_>,
) -> Result<Arc<dyn X509Signer>, CeremonyError> {
    if let KeySource::Token { uri, existing } = &entity.key {
        if !existing {
            return with.tokens.make(uri, keys::in_token(entity.algorithm)).map_err(in_token(&entity.name));
        }
        let signer = with.tokens.x509_signer(uri).map_err(in_token(&entity.name))?;
        let (found, planned) = (KeyKind::of(signer.spki()), entity.algorithm);
        if found.as_ref() != Some(&planned.kind()) {
            let found = found.map_or_else(|| "none that can be read".to_owned(), |kind| kind.to_string());
            return Err(CeremonyError::OtherKind { name: entity.name.clone(), found, planned: planned.name() });
        }
        return Ok(signer);
    }
    let passphrase = (with.passphrase)(&entity.name);
    if passphrase.is_none() && plan.environment == Environment::Production {
        return Err(CeremonyError::NoPassphrase { name: entity.name.clone() });
    }
    let pkcs8 = keys::make(entity.algorithm, &entity.name)?;
    let path = folder.path(&key_file(entity));
    Ok(Arc::new(keys::store(&path, &pkcs8, passphrase.as_ref(), with.bytes()?)?))
}

fn key_file(entity: &Entity) -> String {
    format!("{}.key.pem", entity.name)
}

/// Makes the certificate or the request of an entity, and reads it again from the disk.
fn item(
    plan: &Plan,
    entity: &Entity,
    signer: &dyn X509Signer,
    issuer: Option<&Issuer>,
    folder: &Folder,
    with: &Circumstances<'_>,
) -> Result<Item, CeremonyError> {
    let subject = certificate::name(&entity.subject);
    let until = after(plan.start, entity.days);
    let own_id = key_id(signer.spki());
    let issuer_details = issuer.map(|issuer| issuer.certificate.details()).transpose();
    let issuer_details = issuer_details.map_err(|error| reread(entity, &error.to_string()))?;
    let issuer_id = issuer_details.and_then(|details| details.extensions.subject_key_id);
    let by_authority = entity.issuance == Issuance::Authority;
    let extensions = Extensions {
        key_usage: entity.key_usage,
        authority: entity.role == Role::Authority,
        usages: &entity.usages,
        issuer_key_id: match entity.issuance {
            Issuance::Authority => issuer_id.as_deref(),
            Issuance::SelfSigned => Some(&own_id),
            Issuance::Request => None,
        },
        signs: entity
            .key_use_days
            .filter(|_| entity.issuance != Issuance::Request)
            .map(|days| (plan.start, after(plan.start, days))),
        crl_address: plan.crl_address.as_deref().filter(|_| by_authority),
    };
    if entity.issuance == Issuance::Request {
        let der = certificate::request(&subject, &extensions, signer)?;
        return finish_request(entity, der, signer, folder);
    }
    let name = || CeremonyError::NoAuthority { name: entity.name.clone() };
    let (issuer_name, issuing): (&[u8], &dyn X509Signer) = if by_authority {
        let issuer = issuer.ok_or_else(name)?;
        (issuer.certificate.subject_der().ok_or_else(name)?, issuer.signer.as_ref())
    } else {
        (&subject, signer)
    };
    let body = Body {
        serial: with.bytes()?,
        issuer: issuer_name,
        subject: &subject,
        from: plan.start,
        until,
        spki: signer.spki(),
        extensions,
    };
    let der = body.sign(issuing)?;
    let file = format!("{}.pem", entity.name);
    folder.write(&file, pem::write("CERTIFICATE", &der).as_bytes())?;
    let again = block(&folder.read(&file)?).ok_or_else(|| reread(entity, "the file is damaged"))?;
    let certificate =
        Certificate::from_der(&again).map_err(|error: CertificateError| reread(entity, &error.to_string()))?;
    if again != der || certificate.spki() != signer.spki() {
        return Err(reread(entity, "it is not what was signed"));
    }
    let issuer = if by_authority { issuer.map(|issuer| &issuer.certificate) } else { Some(&certificate) };
    let breaches = profile::breaches(&certificate, entity.role, issuer, plan.start);
    if !breaches.is_empty() {
        return Err(CeremonyError::SelfCheck { name: entity.name.clone(), breaches });
    }
    Ok(made(entity, Some(certificate), der, signer, file))
}

fn finish_request(
    entity: &Entity,
    der: Vec<u8>,
    signer: &dyn X509Signer,
    folder: &Folder,
) -> Result<Item, CeremonyError> {
    let file = format!("{}.csr.pem", entity.name);
    folder.write(&file, pem::write("CERTIFICATE REQUEST", &der).as_bytes())?;
    let again = block(&folder.read(&file)?).ok_or_else(|| reread(entity, "the file is damaged"))?;
    let request =
        CertificateRequest::from_der(&again).map_err(|error: ChainError| reread(entity, &error.to_string()))?;
    if request.spki != signer.spki() {
        return Err(reread(entity, "it is for another key"));
    }
    Ok(made(entity, None, der, signer, file))
}

fn made(
    entity: &Entity,
    certificate: Option<Certificate>,
    der: Vec<u8>,
    signer: &dyn X509Signer,
    file: String,
) -> Item {
    let key_file = (entity.key == KeySource::File).then(|| key_file(entity));
    Item { entity: entity.clone(), certificate, der, spki: signer.spki().to_vec(), file, key_file }
}

fn reread(entity: &Entity, problem: &str) -> CeremonyError {
    CeremonyError::Reread { name: entity.name.clone(), problem: problem.to_owned() }
}

fn block(bytes: &[u8]) -> Option<Vec<u8>> {
    pem::blocks(std::str::from_utf8(bytes).ok()?).into_iter().next()?.der
}
