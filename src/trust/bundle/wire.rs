//! The payload of a bundle in CBOR: an array whose first item is the version of the layout.

use jiff::Timestamp;
use minicbor::{Encoder, encode::Error};

use super::{BundledList, Contents, Environment};
use crate::{
    envelope::hcert::cbor::Value,
    keys::{Certificate, Kid, PublicKey, Purpose},
    limits::BUNDLE_ITEMS,
    trust::{Authority, TrustedKey},
};

type Out = Encoder<Vec<u8>>;
type Wrote = Result<(), Error<std::convert::Infallible>>;

/// Bits of what a key may sign.
const PURPOSES: [(Purpose, i64); 3] = [(Purpose::Test, 1), (Purpose::Vaccination, 2), (Purpose::Recovery, 4)];
const UNRELATED: i64 = 1;
const SANDBOX: i64 = 2;

/// The contents as CBOR.
pub(super) fn encode(contents: &Contents) -> Result<Vec<u8>, Error<std::convert::Infallible>> {
    let mut out = Encoder::new(Vec::with_capacity(contents.revocations.len() + 64 * 1024));
    out.array(10)?
        .bool(contents.environment == Environment::Sandbox)?
        .u64(contents.sequence)?
        .i64(contents.made_at.as_second())?
        .i64(contents.valid_until.as_second())?;
    out.array(size(contents.certificates.len()))?;
    for certificate in &contents.certificates {
        out.bytes(certificate)?;
    }
    out.array(size(contents.lists.len()))?;
    for list in &contents.lists {
        out.array(4)?.str(&list.name)?;
        time(&mut out, list.made_at)?;
        out.array(size(list.keys.len()))?;
        for key in &list.keys {
            write_key(&mut out, key)?;
        }
        out.array(size(list.authorities.len()))?;
        for authority in &list.authorities {
            out.array(3)?.bytes(authority.certificate.der())?;
            text(&mut out, authority.country.as_deref())?;
            out.bool(authority.sandbox)?;
        }
    }
    out.bytes(&contents.revocations)?;
    for texts in [&contents.rules, &contents.value_sets] {
        out.array(size(texts.len()))?;
        for text in texts {
            out.str(text)?;
        }
    }
    text(&mut out, contents.products.as_deref())?;
    Ok(out.into_writer())
}

fn size(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn time(out: &mut Out, time: Option<Timestamp>) -> Wrote {
    match time {
        Some(time) => out.i64(time.as_second())?,
        None => out.null()?,
    };
    Ok(())
}

fn text(out: &mut Out, text: Option<&str>) -> Wrote {
    match text {
        Some(text) => out.str(text)?,
        None => out.null()?,
    };
    Ok(())
}

fn write_key(out: &mut Out, key: &TrustedKey) -> Wrote {
    let purposes = PURPOSES.iter().filter(|(purpose, _)| key.purposes.contains(purpose)).map(|(_, bit)| bit).sum();
    let marks = if key.unrelated_usages { UNRELATED } else { 0 } + if key.sandbox { SANDBOX } else { 0 };
    out.array(9)?.bytes(key.kid.as_bytes())?.bytes(&key.key.to_spki())?;
    text(out, key.country.as_deref())?;
    time(out, key.not_before)?;
    time(out, key.not_after)?;
    out.i64(purposes)?.i64(marks)?;
    text(out, key.domain.as_deref())?;
    text(out, key.issuer.as_deref())
}

/// Reads contents; `None` when they are not of this layout. A key that this program cannot use is left out: a
/// later version may have bundled it for later verifiers.
pub(super) fn decode(payload: &[u8]) -> Option<Contents> {
    let Value::Array(items) = Value::read_bounded(payload, BUNDLE_ITEMS).ok()? else { return None };
    let mut items = items.into_iter();
    let environment = match items.next()? {
        Value::Bool(true) => Environment::Sandbox,
        Value::Bool(false) => Environment::Production,
        _ => return None,
    };
    let Value::Int(sequence) = items.next()? else { return None };
    let made_at = moment(&items.next()?)??;
    let valid_until = moment(&items.next()?)??;
    let mut contents = Contents::new(environment, u64::try_from(sequence).ok()?, made_at, valid_until);
    contents.certificates =
        array(items.next()?)?.iter().map(|v| v.as_bytes().map(<[u8]>::to_vec)).collect::<Option<_>>()?;
    for list in array(items.next()?)? {
        let mut parts = array(list)?.into_iter();
        let name = parts.next()?.as_text()?.to_owned();
        let made_at = moment(&parts.next()?)?;
        let keys = array(parts.next()?)?.into_iter().filter_map(|key| read_key(key, &name)).collect();
        let authorities = parts.next().map_or(Some(Vec::new()), array)?;
        let authorities = authorities.into_iter().filter_map(|authority| read_authority(authority, &name)).collect();
        if parts.next().is_some() {
            return None;
        }
        contents.lists.push(BundledList { made_at, name, keys, authorities });
    }
    contents.revocations = items.next()?.as_bytes()?.to_vec();
    contents.rules = texts(items.next()?)?;
    contents.value_sets = texts(items.next()?)?;
    contents.products = optional(&items.next()?)?;
    items.next().is_none().then_some(contents)
}

fn array(value: Value<'_>) -> Option<Vec<Value<'_>>> {
    match value {
        Value::Array(items) => Some(items),
        _ => None,
    }
}

fn texts(value: Value<'_>) -> Option<Vec<String>> {
    array(value)?.iter().map(|text| text.as_text().map(str::to_owned)).collect()
}

/// A text or null.
fn optional(value: &Value<'_>) -> Option<Option<String>> {
    match value {
        Value::Null => Some(None),
        other => other.as_text().map(|text| Some(text.to_owned())),
    }
}

/// A time in seconds or null.
fn moment(value: &Value<'_>) -> Option<Option<Timestamp>> {
    match value {
        Value::Null => Some(None),
        Value::Int(seconds) => Timestamp::from_second(*seconds).ok().map(Some),
        _ => None,
    }
}

fn read_authority(value: Value<'_>, list: &str) -> Option<Authority> {
    let [der, country, sandbox] = <[Value<'_>; 3]>::try_from(array(value)?).ok()?;
    let mut authority = Authority::of(Certificate::from_der(der.as_bytes()?).ok()?, list).ok()??;
    authority.country = optional(&country)?;
    authority.sandbox |= sandbox != Value::Bool(false);
    Some(authority)
}

fn read_key(value: Value<'_>, list: &str) -> Option<TrustedKey> {
    let [kid, spki, country, from, until, purposes, marks, domain, issuer] =
        <[Value<'_>; 9]>::try_from(array(value)?).ok()?;
    let mut key = TrustedKey::bare(PublicKey::from_spki(spki.as_bytes()?).ok()?, Kid::new(kid.as_bytes()?), list);
    key.country = optional(&country)?;
    key.not_before = moment(&from)?;
    key.not_after = moment(&until)?;
    let (Value::Int(bits), Value::Int(marks)) = (purposes, marks) else { return None };
    key.purposes = PURPOSES.iter().filter(|(_, bit)| bits & bit != 0).map(|(purpose, _)| *purpose).collect();
    key.unrelated_usages = marks & UNRELATED != 0;
    key.sandbox = marks & SANDBOX != 0;
    key.domain = optional(&domain)?;
    key.issuer = optional(&issuer)?;
    Some(key)
}
