//! National forms: what the apps of single countries load, as measured on the mirrors of 2023 (facts on the EU
//! DCC, section 8). None of them carries a signature inside the file.

use super::{
    ListError, ListForm, ListOptions, ListSignature, SkipReason,
    collect::{self, Collector, Noted},
    json::Json,
    text,
};
use crate::{
    keys::{PublicKey, Purpose, sha256},
    trust::{TrustStore, TrustedKey},
};

/// Poland: an array of `identyfikator` (SHA-256 of the certificate, hexadecimal), `identyfikatorKlucza` (kid)
/// and `certyfikat`.
pub(super) fn polish(entries: &[Json<'_>], options: &ListOptions<'_>, store: &mut TrustStore) -> Result<(), ListError> {
    let authenticity = ListSignature::Uncheckable.decide(ListForm::PolishMirror, options)?;
    let mut collector = Collector::new(options, ListForm::PolishMirror);
    for (index, entry) in entries.iter().enumerate() {
        let kid = entry.text("identyfikatorKlucza");
        let list = collector.name();
        let key = || {
            let certificate = collect::certificate(entry.text("certyfikat"), "certyfikat")?;
            let hash = entry.text("identyfikator");
            if hash.is_some_and(|hex| !text::is_hex_of(hex, &sha256(certificate.der()))) {
                return Err(SkipReason::Thumbprint);
            }
            let mut key = TrustedKey::from_certificate(&certificate, list)?;
            if let Some(kid) = kid {
                key.kid = collect::kid(kid)?;
            }
            Ok(Some(key))
        };
        let outcome = key();
        collector.note(&kid.map_or_else(|| format!("entry {}", index + 1), str::to_owned), outcome);
    }
    collector.commit(authenticity, store);
    Ok(())
}

/// The Netherlands: `eu_keys` (and `nl_keys`), kid to keys with `subjectPk`, `ian` (country) and `keyUsage`
/// letters. No dates. `cl_keys` are for domestic passes of another scheme.
pub(super) fn dutch(
    document: &Json<'_>,
    eu_keys: &Json<'_>,
    options: &ListOptions<'_>,
    store: &mut TrustStore,
) -> Result<(), ListError> {
    let form = ListForm::DutchMirror;
    let authenticity = ListSignature::Uncheckable.decide(form, options)?;
    let mut collector = Collector::new(options, form);
    let groups = [Some(eu_keys), document.get("nl_keys")];
    for (kid, keys) in groups.into_iter().flatten().filter_map(Json::as_map).flatten() {
        each(&mut collector, kid, keys, |entry, kid, list| {
            let spki = decoded(entry, "subjectPk")?;
            let mut key = TrustedKey::bare(PublicKey::from_spki(&spki)?, collect::kid(kid)?, list);
            key.country = entry.text("ian").filter(|country| country.len() == 2).map(text::shown);
            let letters = entry.get("keyUsage").and_then(Json::as_list).unwrap_or_default();
            let letters: Vec<&str> = letters.iter().map(|letter| letter.as_text().unwrap_or("?")).collect();
            key.purposes = purposes(&letters)?;
            Ok(key)
        });
    }
    finish(collector, form, authenticity, store)
}

/// Forms that are one object from kid to entry: France and Italy (one object each), Switzerland (an array).
pub(super) fn by_kid(
    members: &[(std::borrow::Cow<'_, str>, Json<'_>)],
    options: &ListOptions<'_>,
    store: &mut TrustStore,
) -> Result<(), ListError> {
    let is_swiss = |entry: &Json<'_>| entry.get("alg").is_some() && entry.get("use").is_some();
    let swiss = |value: &Json<'_>| value.as_list().is_some_and(|list| list.iter().any(is_swiss));
    let french = |value: &Json<'_>| value.get("publicKeyPem").is_some();
    let form = if members.iter().any(|(_, value)| french(value)) {
        ListForm::KeyMirror
    } else if members.iter().any(|(_, value)| swiss(value)) {
        ListForm::SwissMirror
    } else {
        return Err(ListError::Unknown);
    };
    let authenticity = ListSignature::Uncheckable.decide(form, options)?;
    let mut collector = Collector::new(options, form);
    for (kid, value) in members {
        match (form, value.as_list()) {
            (ListForm::KeyMirror, None) => {
                let key = french_key(value, kid, collector.name());
                collector.note(kid, key.map(Some));
            }
            (ListForm::SwissMirror, Some(_)) => each(&mut collector, kid, value, swiss_key),
            _ => collector.note(kid, Err::<Noted, _>(SkipReason::Missing { field: "key" })),
        }
    }
    finish(collector, form, authenticity, store)
}

/// `publicKeyPem` is the SubjectPublicKeyInfo in base64 without PEM's frame. There is no certificate, so nothing
/// tells usages.
fn french_key(entry: &Json<'_>, kid: &str, list: &str) -> Result<TrustedKey, SkipReason> {
    let spki = decoded(entry, "publicKeyPem")?;
    let mut key = TrustedKey::bare(PublicKey::from_spki(&spki)?, collect::kid(kid)?, list);
    let time = |field| {
        let moment = entry.text(field).ok_or(SkipReason::Missing { field })?.parse();
        moment.map_err(|_| SkipReason::Missing { field })
    };
    key.not_before = Some(time("notBefore")?);
    key.not_after = Some(time("notAfter")?);
    let subject = entry.text("subject").unwrap_or_default();
    let country = subject.split(',').find_map(|part| part.trim().strip_prefix("C="));
    key.country = country.filter(|country| country.len() == 2).map(text::shown);
    Ok(key)
}

/// Parts of a JWK in plain base64. `RS256` stands for PS256, as the signatures themselves show; `use` is `sig`
/// or usage letters, of which `l` is for passes that are valid in Switzerland alone.
fn swiss_key(entry: &Json<'_>, kid: &str, list: &str) -> Result<TrustedKey, SkipReason> {
    let key = match entry.text("crv") {
        Some(curve) => PublicKey::from_coordinates(curve, &decoded(entry, "x")?, &decoded(entry, "y")?)?,
        None => PublicKey::from_modulus(&decoded(entry, "n")?, &decoded(entry, "e")?)?,
    };
    let mut key = TrustedKey::bare(key, collect::kid(kid)?, list);
    let usage = entry.text("use").ok_or(SkipReason::Missing { field: "use" })?;
    if usage != "sig" {
        let letters: Vec<&str> = usage.split("").filter(|letter| !letter.is_empty()).collect();
        key.purposes = purposes(&letters)?;
    }
    Ok(key)
}

/// Usages by letter: none means any. Letters that are not known restrict a key to something that is not checked
/// here, so a key with nothing else serves nothing.
fn purposes(letters: &[&str]) -> Result<Vec<Purpose>, SkipReason> {
    let known = letters.iter().filter_map(|letter| match *letter {
        "t" => Some(Purpose::Test),
        "v" => Some(Purpose::Vaccination),
        "r" => Some(Purpose::Recovery),
        _ => None,
    });
    let known: Vec<Purpose> = known.collect();
    if known.is_empty() && !letters.is_empty() {
        return Err(SkipReason::Usage { usage: text::shown(&letters.concat()) });
    }
    Ok(known)
}

fn decoded(entry: &Json<'_>, field: &'static str) -> Result<Vec<u8>, SkipReason> {
    let text = entry.text(field).ok_or(SkipReason::Missing { field })?;
    text::base64(text).ok_or(SkipReason::NotBase64 { field })
}

/// Notes every key under one kid.
fn each(
    collector: &mut Collector<'_>,
    kid: &str,
    keys: &Json<'_>,
    read: impl Fn(&Json<'_>, &str, &str) -> Result<TrustedKey, SkipReason>,
) {
    match keys.as_list() {
        Some(keys) => {
            for key in keys {
                let outcome = read(key, kid, collector.name());
                collector.note(kid, outcome.map(Some));
            }
        }
        None => collector.note(kid, Err::<Noted, _>(SkipReason::Missing { field: "list of keys" })),
    }
}

fn finish(
    collector: Collector<'_>,
    form: ListForm,
    authenticity: super::Authenticity,
    store: &mut TrustStore,
) -> Result<(), ListError> {
    if collector.entries() == 0 {
        return Err(ListError::Empty { form });
    }
    collector.commit(authenticity, store);
    Ok(())
}
