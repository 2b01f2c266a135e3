//! WHO's trust list (GDHCN): DID documents of version 1 (one flat list) and version 2 (by domain, participant
//! and usage), facts on the trust framework, section 4.
//!
//! The key is taken from the certificate (`x5c`), because `x` and `y` come with stray and missing zeros; without
//! a certificate they are put right. Authorities (SCA) are kept where they bring their certificate; other usages (DECA,
//! DESC) sign neither documents nor their signers.
//! References to other documents are never followed: a production list points at a development one.

use super::{
    ListError, ListForm, ListOptions, ListSignature, SkipReason,
    collect::{self, Collector, Noted},
    json::Json,
    text,
};
use crate::{
    keys::{Certificate, Kid, PublicKey},
    trust::{
        TrustStore, TrustedKey,
        proof::{self, ProofError},
    },
};

/// Hosts of the environments in which anybody may rehearse.
const REHEARSALS: &[&str] = &["did:web:tng-cdn-dev.who.int", "did:web:tng-cdn-uat.who.int"];

/// Reads a document. `bytes` are the whole document, which its proof is over.
pub(super) fn read(
    bytes: &[u8],
    document: &Json<'_>,
    methods: &[Json<'_>],
    options: &ListOptions<'_>,
    store: &mut TrustStore,
) -> Result<(), ListError> {
    let authenticity = signature(bytes, options).decide(ListForm::Did, options)?;
    if methods.is_empty() {
        return Err(ListError::Empty { form: ListForm::Did });
    }
    let mut collector = Collector::new(options, ListForm::Did);
    collector.made_at(document.get("proof").and_then(|proof| proof.text("created")));
    let rehearsal = is_rehearsal(document.text("id").unwrap_or_default());
    for (index, value) in methods.iter().enumerate() {
        let label = value.as_text().or_else(|| value.text("id"));
        let method = Method::of(value);
        let country = method.as_ref().ok().and_then(Method::country);
        let outcome = method.and_then(|method| method.noted(rehearsal, &collector));
        let label = label.map_or_else(|| format!("entry {}", index + 1), short);
        collector.note_of(&label, country.as_deref(), outcome);
    }
    collector.commit(authenticity, store);
    Ok(())
}

/// The proof of the document, under WHO's production key, which is pinned, or one of the list keys. Keys of the
/// other environments are believed only when the caller gives them.
fn signature(bytes: &[u8], options: &ListOptions<'_>) -> ListSignature {
    let pinned = proof::Environment::Production;
    let mut signers: Vec<(String, PublicKey)> = Vec::new();
    signers.extend(pinned.signer().ok().map(|key| (format!("WHO's key of {pinned}"), key)));
    signers.extend(options.list_keys.iter().filter_map(|key| Some((key.describe(), key.public_key().ok()?))));
    let (names, keys): (Vec<String>, Vec<PublicKey>) = signers.into_iter().unzip();
    match proof::verify(bytes, &keys) {
        Ok(proof) => ListSignature::Verified { by: names.get(proof.key).cloned().unwrap_or_default() },
        // A document that names the pinned key and does not match it was changed.
        Err(ProofError::Mismatch { verification_method, .. })
            if verification_method == pinned.verification_method() =>
        {
            ListSignature::Wrong
        }
        Err(_) => ListSignature::Uncheckable,
    }
}

fn is_rehearsal(id: &str) -> bool {
    REHEARSALS.iter().any(|host| id.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with(':')))
}

/// The last parts of a DID, which tell entries apart: `DCC:PRT:DSC#+6w2r2RfO1M=`.
fn short(id: &str) -> String {
    id.rsplit_once("trustlist:").map_or(id, |(_, rest)| rest).to_owned()
}

/// One verification method.
struct Method<'j> {
    id: &'j str,
    jwk: &'j Json<'j>,
    /// Code of the trust domain, participant and usage, where the document tells them.
    domain: Option<&'j str>,
    participant: Option<&'j str>,
    usage: Option<&'j str>,
}

impl<'j> Method<'j> {
    fn of(value: &'j Json<'j>) -> Result<Self, SkipReason> {
        if value.as_text().is_some() {
            return Err(SkipReason::Reference);
        }
        let id = value.text("id").ok_or(SkipReason::Missing { field: "id" })?;
        let jwk = value.get("publicKeyJwk").ok_or(SkipReason::Missing { field: "publicKeyJwk" })?;
        let code = |name| value.get(name)?.text("code").map(|code: &str| code.strip_prefix('#').unwrap_or(code));
        Ok(Self { id, jwk, domain: code("domain"), participant: code("participant"), usage: code("keyusage") })
    }

    /// The path of the id: its parts after `trustlist`.
    fn path(&self) -> impl DoubleEndedIterator<Item = &'j str> + use<'j> {
        let base = self.id.split_once('#').map_or(self.id, |(base, _)| base);
        base.rsplit_once("trustlist:").map(|(_, path)| path.split(':')).into_iter().flatten()
    }

    /// Whether the key signs documents. The usage and the path must agree where both tell one (`CSCA` and `SCA`
    /// are the same); version 1 tells neither, and has document signers alone.
    fn signs_documents(&self) -> bool {
        let in_path = self.path().nth(2);
        [self.usage, in_path].into_iter().flatten().all(|usage| usage.eq_ignore_ascii_case("DSC"))
    }

    /// Whether the participant is one of WHO's test codes (XXA, XXH, XXJ, XCL: facts, sections 0 and 1). Kosovo
    /// (XKX) is none.
    fn is_test_participant(&self) -> bool {
        let in_path = || if self.path().nth(1).is_some() { self.path().nth(1) } else { self.path().next() };
        let code = self.participant.or_else(in_path).unwrap_or_default().to_ascii_uppercase();
        code.len() == 3 && (code.starts_with("XX") || code == "XCL")
    }

    /// Country of the certificate, or else the participant's code, which has three letters.
    fn country(&self) -> Option<String> {
        let certified = self.certificate().ok().flatten().and_then(|leaf| leaf.country().map(str::to_owned));
        certified.or_else(|| self.participant.map(str::to_owned))
    }

    /// Whether the key is a certificate authority's.
    fn signs_signers(&self) -> bool {
        let in_path = self.path().nth(2);
        let mut told = [self.usage, in_path].into_iter().flatten().peekable();
        let is_one = |usage: &str| usage.eq_ignore_ascii_case("SCA") || usage.eq_ignore_ascii_case("CSCA");
        told.peek().is_some() && told.all(is_one)
    }

    fn certificate(&self) -> Result<Option<Certificate>, SkipReason> {
        let leaf = self.jwk.get("x5c").and_then(Json::as_list).and_then(<[Json<'_>]>::first);
        leaf.map(|leaf| collect::certificate(leaf.as_text(), "x5c")).transpose()
    }

    fn noted(&self, rehearsal: bool, collector: &Collector<'_>) -> Result<Noted, SkipReason> {
        if self.signs_documents() {
            return self.key(rehearsal, collector.name()).map(|key| Noted::Key(Box::new(key)));
        }
        // Without its certificate nothing can be said of an authority.
        let Some(certificate) = self.certificate()?.filter(|_| self.signs_signers()) else { return Ok(Noted::Neither) };
        self.agrees_with(&certificate)?;
        let mut noted = collector.authority(certificate, None)?;
        if let Noted::Authority(authority) = &mut noted {
            authority.sandbox |= rehearsal || is_rehearsal(self.id) || self.is_test_participant();
        }
        Ok(noted)
    }

    fn key(&self, rehearsal: bool, list: &str) -> Result<TrustedKey, SkipReason> {
        let certificate = self.certificate()?;
        let kid = self.kid(certificate.as_ref())?;
        let mut key = match &certificate {
            Some(certificate) => {
                self.agrees_with(certificate)?;
                TrustedKey::from_certificate(certificate, list)?
            }
            None => TrustedKey::bare(jwk_key(self.jwk)?, kid.clone(), list),
        };
        key.kid = kid;
        key.domain = self.domain.map(text::shown);
        key.sandbox |= rehearsal || is_rehearsal(self.id) || self.is_test_participant();
        Ok(key)
    }

    /// The kid is the fragment: base64 as it is, or percent-encoded. Custom kids are legal and may be any text.
    fn kid(&self, certificate: Option<&Certificate>) -> Result<Kid, SkipReason> {
        let fragment = self.id.split_once('#').map(|(_, fragment)| fragment).filter(|fragment| !fragment.is_empty());
        match fragment.or_else(|| self.jwk.text("kid")) {
            Some(kid) => {
                let kid = text::percent_decoded(kid).unwrap_or_else(|| kid.to_owned());
                collect::opaque_kid(text::base64(&kid).unwrap_or_else(|| kid.into_bytes()))
            }
            None => certificate.map(|c| c.kid().clone()).ok_or(SkipReason::Missing { field: "kid" }),
        }
    }

    /// The numbers beside a certificate must be its key: which of two keys a list means must not depend on who
    /// reads it. Curves without a name (`UNKNOWN CURVE`) have no numbers that could be compared.
    fn agrees_with(&self, certificate: &Certificate) -> Result<(), SkipReason> {
        let told = match (self.jwk.text("kty"), self.jwk.text("crv")) {
            (Some("EC"), Some("P-256")) => self.jwk.text("x").zip(self.jwk.text("y")),
            (Some("RSA"), _) => self.jwk.text("n").zip(self.jwk.text("e")),
            _ => None,
        };
        let Some((first, second)) = told else { return Ok(()) };
        let numbers = text::base64(first).zip(text::base64(second)).ok_or(SkipReason::NotBase64 { field: "x, y" })?;
        if certificate.holds_numbers(&numbers.0, &numbers.1) { Ok(()) } else { Err(SkipReason::OtherKey) }
    }
}

/// The key of a JWK's numbers, whatever zeros they have.
pub(super) fn jwk_key(jwk: &Json<'_>) -> Result<PublicKey, SkipReason> {
    let number = |field: &'static str| {
        let text = jwk.text(field).ok_or(SkipReason::Missing { field })?;
        text::base64(text).ok_or(SkipReason::NotBase64 { field })
    };
    Ok(match jwk.text("kty") {
        Some("RSA") => PublicKey::from_modulus(&number("n")?, &number("e")?)?,
        _ => {
            let curve = jwk.text("crv").ok_or(SkipReason::Missing { field: "crv" })?;
            PublicKey::from_coordinates(curve, &number("x")?, &number("y")?)?
        }
    })
}
