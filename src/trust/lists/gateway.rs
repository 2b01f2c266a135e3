//! The trust list of the EU gateway (DGCG) and of its successor at WHO (TNG), and lists of the same shape that
//! carry nothing but kid and certificate (AT, SE).
//!
//! Every entry stands on its own signature: a detached CMS message over the certificate. The operator's trust
//! anchor signs authorities (CSCA) and uploaders (UPLOAD); an uploader signs the document signers (DSC) of its
//! country; the country's authority issued them. All of that is checked, with the country bound in at each step
//! (facts on the trust framework, section 2: "Verification a client must do"). An upload certificate may be the
//! list key itself: then its entries are checked under it.

use std::collections::BTreeMap;

use super::{
    Authenticity, Checks, ListError, ListForm, ListKey, ListOptions, OldUploaders, SkipReason,
    collect::{self, Collector, Noted},
    json::Json,
    text,
};
use crate::{
    keys::{Certificate, ChainError, sha256},
    trust::{
        TrustStore, TrustedKey,
        cms::{Believed, CmsError, SignedData},
        path::{self, Dates, Fault, PathRules, Pool, Reason, Use},
    },
};

/// What an entry is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Signer,
    Uploader,
    Authority,
    /// TLS clients, anchors and whatever else signs neither documents nor entries.
    Other,
}

/// One entry, in the names of the gateway's first interface or of its second (`/trustList/certificate`).
#[derive(Debug, Clone, Copy)]
struct Entry<'j> {
    role: Role,
    country: Option<&'j str>,
    kid: Option<&'j str>,
    certificate: Option<&'j str>,
    /// Certificate and signature are null: what a listing of changes says of a removed entry.
    withdrawn: bool,
    signature: Option<&'j str>,
    thumbprint: Option<&'j str>,
    domain: Option<&'j str>,
    timestamp: Option<&'j str>,
}

/// Whether a value is an entry of such a list.
pub(super) fn is_entry(value: &Json<'_>) -> bool {
    value.get("rawData").is_some() || value.get("certificateType").is_some() || value.get("certificate").is_some()
}

impl<'j> Entry<'j> {
    fn of(value: &'j Json<'_>) -> Self {
        let kind = value.text("certificateType").or_else(|| value.text("group"));
        let is = |names: &[&str]| kind.is_some_and(|kind| names.iter().any(|name| kind.eq_ignore_ascii_case(name)));
        let role = match kind {
            None => Role::Signer,
            _ if is(&["DSC"]) => Role::Signer,
            _ if is(&["UPLOAD", "UP"]) => Role::Uploader,
            _ if is(&["CSCA", "SCA"]) => Role::Authority,
            _ => Role::Other,
        };
        Self {
            role,
            country: value.text("country"),
            kid: value.text("kid"),
            certificate: value.text("rawData").or_else(|| value.text("certificate")),
            withdrawn: value.get("rawData") == Some(&Json::Other) && value.get("signature") == Some(&Json::Other),
            signature: value.text("signature"),
            thumbprint: value.text("thumbprint"),
            domain: value.text("domain"),
            timestamp: value.text("timestamp"),
        }
    }

    fn label(&self, index: usize) -> String {
        match (self.country, self.kid) {
            (Some(country), Some(kid)) => format!("{country} {kid}"),
            (None, Some(kid)) => kid.to_owned(),
            _ => format!("entry {}", index + 1),
        }
    }

    /// The certificate, if what the entry says of it is true.
    fn certificate(&self) -> Result<Certificate, SkipReason> {
        if self.withdrawn {
            return Err(SkipReason::Withdrawn);
        }
        let certificate = collect::certificate(self.certificate, "certificate")?;
        if self.thumbprint.is_some_and(|hex| !text::is_hex_of(hex, &sha256(certificate.der()))) {
            return Err(SkipReason::Thumbprint);
        }
        if let (Some(listed), Some(certified)) = (self.country, certificate.country())
            && !same_country(listed, certified)
        {
            return Err(SkipReason::Country { listed: text::shown(listed), certified: text::shown(certified) });
        }
        Ok(certificate)
    }

    fn key(&self, certificate: &Certificate, list: &str) -> Result<TrustedKey, SkipReason> {
        let mut key = TrustedKey::from_certificate(certificate, list)?;
        if let Some(kid) = self.kid {
            key.kid = collect::kid(kid)?;
        }
        key.country = key.country.or_else(|| self.country.map(text::shown));
        key.domain = self.domain.map(text::shown);
        Ok(key)
    }
}

/// Whether two country codes are one country. The EU writes EL where ISO 3166 has GR.
fn same_country(one: &str, other: &str) -> bool {
    code(one) == code(other)
}

fn code(country: &str) -> String {
    let country = country.trim();
    if country.eq_ignore_ascii_case("EL") { "GR".to_owned() } else { country.to_ascii_uppercase() }
}

/// Reads the entries of a list that is authentic, or accepted, as a whole.
pub(super) fn read_believed(
    entries: &[Json<'_>],
    form: ListForm,
    authenticity: Authenticity,
    options: &ListOptions<'_>,
    store: &mut TrustStore,
) -> Result<(), ListError> {
    let collector = collect(entries, form, options, |_, _| Ok(Vec::new()))?;
    collector.commit(authenticity, store);
    Ok(())
}

/// Reads a list, checking it entry by entry.
pub(super) fn read(
    entries: &[Json<'_>],
    options: &ListOptions<'_>,
    checks: Option<&Checks>,
    store: &mut TrustStore,
) -> Result<(), ListError> {
    let signed = entries.iter().any(|entry| entry.get("signature").is_some());
    let form = if signed || entries.iter().any(|entry| entry.get("certificateType").is_some()) {
        ListForm::Gateway
    } else {
        ListForm::CertificateMirror
    };
    let (mut failed, mut refuted) = (None, false);
    if signed && !options.list_keys.is_empty() {
        let anchored = Anchored::find(entries, options.list_keys, checks);
        let chains = anchored.chains();
        let collector = collect(entries, form, options, |entry, certificate| {
            chains.check(entry, certificate).inspect_err(|reason| {
                refuted |= is_refuted(reason);
                failed.get_or_insert_with(|| reason.clone());
            })
        })?;
        if collector.gathered() > 0 || anchored.any() {
            let by = options.list_keys.iter().map(ListKey::describe).collect::<Vec<_>>().join(", ");
            collector.commit(Authenticity::Entries { by }, store);
            return Ok(());
        }
    }
    match failed {
        // `unsigned` is for a list that cannot be checked, not for one that was, and failed.
        Some(reason) if refuted || !options.unsigned => {
            Err(ListError::NothingAuthentic { entries: entries.len(), reason })
        }
        _ if options.unsigned => read_believed(entries, form, Authenticity::Unsigned, options, store),
        _ => Err(ListError::Unsigned { form }),
    }
}

/// Whether a list key is the signer that the entry names, and its signature does not match all the same.
fn is_refuted(reason: &SkipReason) -> bool {
    matches!(reason, SkipReason::Signature(CmsError::OtherContent | CmsError::Signature(ChainError::Mismatch)))
}

/// Goes through the entries; `check` says whether one may be believed, and what is worth knowing of it.
fn collect<'o>(
    entries: &[Json<'_>],
    form: ListForm,
    options: &ListOptions<'o>,
    mut check: impl FnMut(&Entry<'_>, &Certificate) -> Result<Vec<Fault>, SkipReason>,
) -> Result<Collector<'o>, ListError> {
    if entries.is_empty() {
        return Err(ListError::Empty { form });
    }
    let mut collector = Collector::new(options, form);
    for (index, value) in entries.iter().enumerate() {
        let entry = Entry::of(value);
        collector.made(entry.timestamp);
        let list = collector.name();
        let (mut country, mut remarks, mut custom) = (entry.country.map(str::to_owned), Vec::new(), false);
        let outcome = entry.certificate().and_then(|certificate| {
            country = country.take().or_else(|| certificate.country().map(str::to_owned));
            if entry.role == Role::Other {
                return Ok(Noted::Neither);
            }
            remarks = check(&entry, &certificate)?;
            match entry.role {
                Role::Signer => entry.key(&certificate, list).map(|key| {
                    custom = key.kid != *certificate.kid();
                    Noted::Key(Box::new(key))
                }),
                Role::Authority => collector.authority(certificate, entry.country),
                Role::Uploader | Role::Other => Ok(Noted::Neither),
            }
        });
        let label = entry.label(index);
        if outcome.is_ok() {
            for fault in remarks {
                collector.remark(&label, country.as_deref(), fault.reason.code(), fault.to_string());
            }
            if custom && form == ListForm::Gateway {
                let words = "is listed under a kid that is not the start of its thumbprint".to_owned();
                collector.remark(&label, country.as_deref(), "kid-custom", words);
            }
        }
        collector.note_of(&label, country.as_deref(), outcome);
    }
    Ok(collector)
}

/// Certificates that a list key signed.
#[derive(Debug)]
struct Anchored<'k> {
    list_keys: &'k [ListKey],
    checks: Option<&'k Checks>,
    uploaders: Vec<Certificate>,
    authorities: Vec<Certificate>,
}

impl<'k> Anchored<'k> {
    fn find(entries: &[Json<'_>], list_keys: &'k [ListKey], checks: Option<&'k Checks>) -> Self {
        let mut anchored = Self { list_keys, checks, uploaders: Vec::new(), authorities: Vec::new() };
        for entry in entries.iter().map(Entry::of) {
            let list = match entry.role {
                Role::Uploader => &mut anchored.uploaders,
                Role::Authority => &mut anchored.authorities,
                Role::Signer | Role::Other => continue,
            };
            if let Ok(certificate) = entry.certificate()
                && signed_by_key(&entry, &certificate, list_keys).is_ok()
            {
                list.push(certificate);
            }
        }
        anchored
    }

    fn any(&self) -> bool {
        !self.uploaders.is_empty() || !self.authorities.is_empty()
    }

    /// The same, ready to be asked: authorities by country, since every signer is looked up among its own.
    fn chains(&self) -> Chains<'_> {
        let mut pools: BTreeMap<String, Pool<'_>> = BTreeMap::new();
        for authority in &self.authorities {
            let pool = pools.entry(code(authority.country().unwrap_or_default())).or_default();
            *pool = std::mem::take(pool).with_believed([authority]);
        }
        Chains { anchored: self, pools }
    }
}

/// What stands behind each entry.
struct Chains<'a> {
    anchored: &'a Anchored<'a>,
    pools: BTreeMap<String, Pool<'a>>,
}

impl Chains<'_> {
    /// Whether an entry may be believed, and what is worth knowing of it.
    fn check(&self, entry: &Entry<'_>, certificate: &Certificate) -> Result<Vec<Fault>, SkipReason> {
        let anchored = self.anchored;
        if entry.role != Role::Signer {
            signed_by_key(entry, certificate, anchored.list_keys)?;
            return match anchored.checks {
                Some(checks) => fit(entry.role, certificate, checks),
                None => Ok(Vec::new()),
            };
        }
        let country = certificate.country().or(entry.country).unwrap_or_default();
        let mut remarks = self.uploaded(entry, certificate, country)?;
        match anchored.checks {
            None => self.issued(certificate, country)?,
            Some(checks) if self.pools.is_empty() && !checks.need_authorities => {}
            Some(checks) => {
                let nobody = Pool::default();
                let pool = self.pools.get(&code(country)).unwrap_or(&nobody);
                let country = text::shown(country);
                if pool.is_empty() {
                    return Err(SkipReason::NoAuthority { country });
                }
                let found = path::find(certificate, pool, &PathRules::for_list(checks.at));
                let found = found.map_err(|source| SkipReason::Path { country, source: Box::new(source) })?;
                remarks.extend(found.remarks);
            }
        }
        Ok(remarks)
    }

    /// Whether an uploader of the country signed the entry.
    fn uploaded(&self, entry: &Entry<'_>, certificate: &Certificate, country: &str) -> Result<Vec<Fault>, SkipReason> {
        let message = message(entry)?;
        let signed = SignedData::read(&message).map_err(SkipReason::Signature)?;
        let of_country = |other: Option<&str>| other.is_some_and(|other| same_country(other, country));
        let uploaders = self.anchored.uploaders.iter().filter(|uploader| of_country(uploader.country()));
        // An upload certificate given as list key is bound to its country too; a bare key has none.
        let given = self.anchored.list_keys.iter();
        let given = given.filter(|key| key.country().is_none() || of_country(key.country()));
        let believed = uploaders.map(Believed::Certificate).chain(given.map(ListKey::believed));
        let by = by_one_of(believed, &signed, certificate.der()).map_err(|error| match error {
            CmsError::OtherSigner => SkipReason::Uploader { country: text::shown(country) },
            other => SkipReason::Signature(other),
        })?;
        let (Some(checks), Believed::Certificate(uploader)) = (self.anchored.checks, by) else {
            return Ok(Vec::new());
        };
        match fit(Role::Uploader, uploader, checks) {
            Ok(remarks) => Ok(remarks),
            Err(SkipReason::Unfit { fault }) => {
                let expired = matches!(fault.reason, Reason::Expired { .. });
                let in_time = || signed.signing_time().is_some_and(|time| path::date_fault(uploader, time).is_none());
                if expired && checks.old_uploaders == OldUploaders::AcceptedIfSignedInTime && in_time() {
                    // The words of a remark are about the entry; the uploader's own row says that it has expired.
                    return Ok(Vec::new());
                }
                Err(SkipReason::UploaderUnfit { country: text::shown(country), reason: fault.reason })
            }
            Err(other) => Err(other),
        }
    }

    /// Where the list has authorities, the country's own must have issued the certificate.
    fn issued(&self, certificate: &Certificate, country: &str) -> Result<(), SkipReason> {
        if self.anchored.authorities.is_empty() {
            return Ok(());
        }
        let mut closest = None;
        for authority in &self.anchored.authorities {
            if authority.country().is_some_and(|other| same_country(other, country)) {
                match certificate.is_issued_by(authority) {
                    Ok(()) => return Ok(()),
                    Err(error) if closest.is_none() || error != ChainError::OtherIssuer => closest = Some(error),
                    Err(_) => {}
                }
            }
        }
        let country = text::shown(country);
        Err(match closest {
            Some(source) => SkipReason::Issuer { country, source },
            None => SkipReason::NoAuthority { country },
        })
    }
}

/// Whether a certificate may serve as what the anchor signed it for. An authority that has expired stays listed with
/// its dates: what it issued is judged by them.
fn fit(role: Role, certificate: &Certificate, checks: &Checks) -> Result<Vec<Fault>, SkipReason> {
    let rules = match role {
        Role::Authority => PathRules::new(Use::Certificates, Dates::AuthoritiesAt(checks.at)),
        _ => PathRules::new(Use::Messages, Dates::At(checks.at)),
    };
    let itself = path::find(certificate, &Pool::new([certificate]), &rules);
    itself.map(|found| found.remarks).map_err(|none| SkipReason::Unfit { fault: none.first().clone() })
}

fn message(entry: &Entry<'_>) -> Result<Vec<u8>, SkipReason> {
    let signature = entry.signature.ok_or(SkipReason::NoSignature)?;
    text::base64(signature).ok_or(SkipReason::NotBase64 { field: "signature" })
}

/// Whether a list key signed the entry itself.
fn signed_by_key(entry: &Entry<'_>, certificate: &Certificate, list_keys: &[ListKey]) -> Result<(), SkipReason> {
    let message = message(entry)?;
    let signed = SignedData::read(&message).map_err(SkipReason::Signature)?;
    let by = by_one_of(list_keys.iter().map(ListKey::believed), &signed, certificate.der());
    by.map(|_| ()).map_err(SkipReason::Signature)
}

/// Which of these signed `content`; otherwise the error that says most.
fn by_one_of<'b>(
    believed: impl Iterator<Item = Believed<'b>>,
    signed: &SignedData<'_>,
    content: &[u8],
) -> Result<Believed<'b>, CmsError> {
    let mut closest = CmsError::OtherSigner;
    for signer in believed {
        match signed.verify(signer, Some(content)) {
            Ok(()) => return Ok(signer),
            Err(CmsError::OtherSigner) => {}
            Err(error) => closest = error,
        }
    }
    Err(closest)
}
