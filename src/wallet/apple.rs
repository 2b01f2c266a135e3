//! A pass for Apple's wallet: a ZIP archive with `pass.json`, pictures, texts in other languages, a manifest with the
//! SHA-1 of each file, and the signature of the pass certificate over the manifest.
//!
//! Source: Apple developer documentation, Wallet Passes: "Pass" (keys of `pass.json`), "Creating the Source for a Pass"
//! (pictures, `.lproj` folders), "Building a Pass" (manifest, detached PKCS#7 signature with the signing time, and the
//! intermediate certificate, WWDR, beside the pass certificate).

use std::{fmt, sync::Arc};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    Content, Face, WalletError,
    content::Line,
    picture::{ICON, LOGO},
};
use crate::{
    archive,
    keys::{Certificate, X509Signer, sha256},
    trust::cms::{self, States},
};

/// `userId`, by which the subject of a pass certificate names its pass type.
const USER_ID: &str = "0.9.2342.19200300.100.1.1";

/// Who makes passes for Apple's wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppleTerms {
    /// Identifier of the kind of pass, as registered with Apple, such as `pass.org.example.health`.
    pub pass_type: String,
    /// Identifier of the team, ten letters and digits.
    pub team: String,
    /// Who issues, as the wallet shows it.
    pub organisation: String,
    /// How passes look.
    pub face: Face,
}

/// Makes passes for Apple's wallet. Make one, and share it between threads.
pub struct ApplePasses {
    terms: AppleTerms,
    signer: Arc<dyn X509Signer>,
    certificate: Certificate,
    chain: [Certificate; 1],
}

impl ApplePasses {
    /// Takes the pass certificate with its key, and the intermediate certificate that issued it (Apple Worldwide
    /// Developer Relations).
    ///
    /// # Errors
    /// [`WalletError`] says what does not fit together, and what to do.
    pub fn new(
        terms: AppleTerms,
        signer: Arc<dyn X509Signer>,
        certificate: Certificate,
        intermediate: Certificate,
    ) -> Result<Self, WalletError> {
        let wrong = |setting, problem| Err(WalletError::Setting { setting, problem });
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        if !terms.pass_type.starts_with("pass.") || !terms.pass_type.bytes().all(plain) {
            return wrong(
                "wallet.apple.pass_type",
                "is no pass type: give it as registered, such as pass.org.example.health",
            );
        }
        if terms.team.len() != 10 || !terms.team.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return wrong(
                "wallet.apple.team",
                "is no team identifier: give the ten letters and digits of your membership",
            );
        }
        if terms.organisation.trim().is_empty() {
            return wrong("wallet.apple.organisation", "is empty: give the name that the wallet shows");
        }
        let kid = || certificate.kid().to_string();
        if certificate.spki() != signer.spki() {
            return Err(WalletError::OtherKey { kid: kid() });
        }
        let details = certificate.details().map_err(|_| WalletError::Damaged { kid: kid() })?;
        for (setting, label, said) in
            [("wallet.apple.pass_type", USER_ID, &terms.pass_type), ("wallet.apple.team", "OU", &terms.team)]
        {
            let found = details.subject.all(label).next().unwrap_or("nothing");
            if found != said {
                return Err(WalletError::OtherPassType { setting, found: found.to_owned(), said: said.clone() });
            }
        }
        if certificate.is_issued_by(&intermediate).is_err() {
            return Err(WalletError::OtherAuthority { issuer: details.issuer.to_string() });
        }
        Ok(Self { terms, signer, certificate, chain: [intermediate] })
    }

    /// The pass certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Whether passes can be made at this time.
    ///
    /// # Errors
    /// [`WalletError::NotYet`], [`WalletError::Expired`].
    pub fn may_sign(&self, at: Timestamp) -> Result<(), WalletError> {
        let kid = || self.certificate.kid().to_string();
        if at < self.certificate.not_before() {
            return Err(WalletError::NotYet { kid: kid(), from: self.certificate.not_before() });
        }
        if at > self.certificate.not_after() {
            return Err(WalletError::Expired { kid: kid(), until: self.certificate.not_after() });
        }
        Ok(())
    }

    /// The pass of a certificate. `at` is when it is made, which its signature states to the second.
    ///
    /// # Errors
    /// [`WalletError`].
    pub fn make(&self, content: &Content<'_>, at: Timestamp) -> Result<Vec<u8>, WalletError> {
        self.may_sign(at)?;
        let mut files: Vec<(String, Vec<u8>)> = vec![("pass.json".to_owned(), self.description(content)?)];
        for (times, suffix) in [(1, ""), (2, "@2x"), (3, "@3x")] {
            files.push((format!("icon{suffix}.png"), self.terms.face.icon(ICON * times)?));
            files.push((format!("logo{suffix}.png"), self.terms.face.icon(LOGO * times)?));
        }
        for other in content.others.iter().filter(|other| **other != content.language) {
            let strings = strings(&content.translations(*other));
            files.push((format!("{}.lproj/pass.strings", other.tag()), strings));
        }
        let manifest: Map<String, Value> = files
            .iter()
            .map(|(name, bytes)| {
                let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes);
                let hash: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
                (name.clone(), Value::String(hash))
            })
            .collect();
        let manifest = Value::Object(manifest).to_string().into_bytes();
        let signature = cms::sign_digest(
            &sha256(&manifest),
            States::Time(at),
            &self.certificate,
            &self.chain,
            self.signer.as_ref(),
        )?;
        files.push(("manifest.json".to_owned(), manifest));
        files.push(("signature".to_owned(), signature));
        archive::stored(&files).ok_or(WalletError::TooLarge)
    }

    /// `pass.json`: a generic pass.
    fn description(&self, content: &Content<'_>) -> Result<Vec<u8>, WalletError> {
        let (sheet, language, face) = (content.sheet, content.language, &self.terms.face);
        let fields = |lines: Vec<Line>| lines.into_iter().map(field).collect::<Vec<_>>();
        let mut pass = json!({
            "formatVersion": 1,
            "passTypeIdentifier": self.terms.pass_type,
            "teamIdentifier": self.terms.team,
            "organizationName": self.terms.organisation,
            "serialNumber": content.serial(),
            "description": content.description(language),
            "logoText": content.heading(language),
            "backgroundColor": rgb(face.colour),
            "foregroundColor": rgb(face.ink()),
            "labelColor": rgb(face.ink()),
            "barcodes": [{
                "format": "PKBarcodeFormatQR",
                "message": content.text()?,
                "messageEncoding": "iso-8859-1",
                "altText": sheet.id,
            }],
            "voided": content.voided,
            "generic": {
                "primaryFields": fields(vec![content.holder(language)]),
                "secondaryFields": fields(content.front(language)),
                "auxiliaryFields": fields(vec![content.birth(language)]),
                "backFields": fields(content.back(language)),
            },
        });
        let mut set = |pointer: &str, key: &str, value: Value| {
            if let Some(Value::Object(object)) = pass.pointer_mut(pointer) {
                object.insert(key.to_owned(), value);
            }
        };
        if !sheet.subject.is_empty() {
            set("/generic", "headerFields", json!([{ "key": "subject", "value": sheet.subject.in_words(language) }]));
        }
        if let Some(expires) = content.expires {
            set("", "expirationDate", json!(w3c(expires)));
        }
        Ok(pass.to_string().into_bytes())
    }
}

impl fmt::Debug for ApplePasses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApplePasses({}, {})", self.terms.pass_type, self.certificate.kid())
    }
}

/// A field. Values that look like telephone numbers or addresses stay text: batch numbers do.
fn field(line: Line) -> Value {
    let mut field = json!({ "key": line.key, "value": line.value, "dataDetectorTypes": [] });
    if let (Some(label), Some(object)) = (line.label, field.as_object_mut()) {
        object.insert("label".to_owned(), Value::String(label));
    }
    field
}

fn rgb([red, green, blue]: [u8; 3]) -> String {
    format!("rgb({red}, {green}, {blue})")
}

/// A time to the second, as W3C's note on date and time formats has it.
pub(super) fn w3c(at: Timestamp) -> String {
    jiff::tz::Offset::UTC.to_datetime(at).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Texts in another language: `"here" = "there";` a line, in UTF-16 with a mark of its order, which every version of
/// the system reads.
fn strings(pairs: &[(String, String)]) -> Vec<u8> {
    let quoted = |text: &str| {
        let mut out = String::with_capacity(text.len() + 2);
        for c in text.chars() {
            match c {
                '"' | '\\' => out.extend(['\\', c]),
                '\n' => out.push_str("\\n"),
                '\r' => {}
                _ => out.push(c),
            }
        }
        out
    };
    let mut text = String::from('\u{feff}');
    for (here, there) in pairs {
        text.push_str(&format!("\"{}\" = \"{}\";\n", quoted(here), quoted(there)));
    }
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
