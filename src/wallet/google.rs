//! A pass for Google's wallet: a generic object in a JWT that the ministry's service account signs, and the link by
//! which a telephone saves it.
//!
//! Source: Google Wallet developer documentation, "Generic pass: GenericObject" and "Working with JWTs". A link holds the
//! whole pass; Google calls 1,800 characters of a token safe, beyond which browsers and messengers may cut it. What is
//! longer goes to Google by `POST https://walletobjects.googleapis.com/walletobjects/v1/jwt`, which answers with a link.

use std::{fmt, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{Content, Face, WalletError, apple::w3c, content::Line};
use crate::{
    document::Language,
    keys::{MemoryX509Signer, X509Algorithm, X509Signer, pem},
    limits::{WALLET_ISSUER_DIGITS, WALLET_LINK_CHARS},
};

/// Where a link leads.
const SAVE: &str = "https://pay.google.com/gp/v/save/";

/// Who makes passes for Google's wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoogleTerms {
    /// Identifier of the issuer, a number that Google gives.
    pub issuer: String,
    /// What stands behind the issuer in the identifier of the class, such as `certificates`.
    pub class: String,
    /// Who issues, as the wallet shows it.
    pub organisation: String,
    /// How passes look.
    pub face: Face,
}

/// Makes passes for Google's wallet. Make one, and share it between threads.
pub struct GooglePasses {
    terms: GoogleTerms,
    email: String,
    signer: Arc<dyn X509Signer>,
}

/// What a telephone gets. Personal data: a token holds the whole pass.
#[derive(Clone, PartialEq, Eq)]
pub enum Saved {
    /// A link that saves the pass.
    Link(String),
    /// The pass is too long for a link: a signed token for Google's interface, which makes a link of it.
    Token(String),
}

impl fmt::Debug for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link(link) => write!(f, "Link({} characters)", link.len()),
            Self::Token(token) => write!(f, "Token({} characters)", token.len()),
        }
    }
}

/// The key file of a service account, as the Google Cloud console writes it.
#[derive(Deserialize)]
struct Account {
    #[serde(rename = "type")]
    kind: String,
    client_email: String,
    private_key: String,
}

/// How much of the certificate a pass shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// All that the paper says.
    Whole,
    /// What it is, whose, and until when; the code says the rest.
    Front,
    /// What it is and whose.
    Bare,
}

impl GooglePasses {
    /// Takes the key file (JSON) of the service account that Google admitted for this issuer.
    ///
    /// # Errors
    /// [`WalletError`] says what is wrong, and quotes nothing of the file.
    pub fn new(terms: GoogleTerms, account: &[u8]) -> Result<Self, WalletError> {
        let wrong = |setting, problem| Err(WalletError::Setting { setting, problem });
        let digits = terms.issuer.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || !(1..=WALLET_ISSUER_DIGITS).contains(&terms.issuer.len()) {
            return wrong(
                "wallet.google.issuer",
                "is no issuer identifier: give the number of the Google Pay & Wallet console",
            );
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if terms.class.is_empty() || terms.class.len() > 64 || !terms.class.bytes().all(plain) {
            return wrong(
                "wallet.google.class",
                "is no name of a class: letters, digits, dots, hyphens and underscores",
            );
        }
        let fault = |problem| WalletError::Account { problem };
        let account: Account = serde_json::from_slice(account)
            .map_err(|_| fault("it is no JSON with the fields type, client_email and private_key"))?;
        if account.kind != "service_account" {
            return Err(fault("it is not of a service account"));
        }
        let mail = |byte: u8| byte.is_ascii_graphic() && !b"\"\\".contains(&byte);
        if !account.client_email.contains('@') || !account.client_email.bytes().all(mail) {
            return Err(fault("its client_email is no address"));
        }
        let text = Zeroizing::new(account.private_key);
        let key = pem::blocks(&text).into_iter().find(|block| block.label == "PRIVATE KEY").and_then(|block| block.der);
        let key = Zeroizing::new(key.ok_or(fault("its private_key is no key"))?);
        let signer = MemoryX509Signer::new(&key).map_err(|_| fault("its private_key cannot be read"))?;
        if signer.algorithm() != X509Algorithm::RsaSha256 {
            return Err(fault("its private_key is none of RSA"));
        }
        Ok(Self { terms, email: account.client_email, signer: Arc::new(signer) })
    }

    /// The pass of a certificate: a link where it fits into one. Of one that would be too long for a link the table is
    /// left out, and then the end and the colour, before it is given as a token: the code, which counts, says it all.
    ///
    /// # Errors
    /// [`WalletError`].
    pub fn make(&self, content: &Content<'_>, at: Timestamp) -> Result<Saved, WalletError> {
        let fits = |token: &String| token.len() <= WALLET_LINK_CHARS;
        for extent in [Extent::Whole, Extent::Front, Extent::Bare] {
            let unsigned = self.unsigned(content, extent, at)?;
            // What is too long without its signature is not signed: that is what costs.
            if !fits(&unsigned) {
                continue;
            }
            let token = self.signed(unsigned)?;
            if fits(&token) {
                return Ok(Saved::Link(format!("{SAVE}{token}")));
            }
        }
        Ok(Saved::Token(self.signed(self.unsigned(content, Extent::Whole, at)?)?))
    }

    /// Head and claims of the token.
    fn unsigned(&self, content: &Content<'_>, extent: Extent, at: Timestamp) -> Result<String, WalletError> {
        let mut payload = json!({ "genericObjects": [self.object(content, extent)?] });
        if let (Extent::Whole, Some(payload)) = (extent, payload.as_object_mut()) {
            // Made where it is not there yet.
            payload.insert("genericClasses".to_owned(), json!([{ "id": self.class() }]));
        }
        let claims = json!({
            "iss": self.email,
            "aud": "google",
            "typ": "savetowallet",
            "iat": at.as_second(),
            "payload": payload,
        });
        let header = json!({ "alg": "RS256", "typ": "JWT" });
        let mut token = URL_SAFE_NO_PAD.encode(header.to_string());
        token.push('.');
        token.push_str(&URL_SAFE_NO_PAD.encode(claims.to_string()));
        Ok(token)
    }

    /// The token (RFC 7515 section 7.1, RS256).
    fn signed(&self, mut token: String) -> Result<String, WalletError> {
        let signature = self.signer.sign(token.as_bytes())?;
        token.push('.');
        token.push_str(&URL_SAFE_NO_PAD.encode(signature));
        Ok(token)
    }

    fn class(&self) -> String {
        format!("{}.{}", self.terms.issuer, self.terms.class)
    }

    fn object(&self, content: &Content<'_>, extent: Extent) -> Result<Value, WalletError> {
        let [red, green, blue] = self.terms.face.colour;
        let mut object = json!({
            "id": format!("{}.{}", self.terms.issuer, content.serial()),
            "classId": self.class(),
            "cardTitle": said(content, |language| content.heading(language), extent),
            "header": said(content, |_| content.name(), extent),
            "barcode": { "type": "QR_CODE", "value": content.text()? },
        });
        let Some(fields) = object.as_object_mut() else { return Ok(object) };
        if content.voided {
            fields.insert("state".to_owned(), json!("INACTIVE"));
        }
        if extent == Extent::Bare {
            return Ok(object);
        }
        fields.insert("hexBackgroundColor".to_owned(), json!(format!("#{red:02x}{green:02x}{blue:02x}")));
        if let Some(expires) = content.expires {
            fields.insert("validTimeInterval".to_owned(), json!({ "end": { "date": w3c(expires) } }));
        }
        if extent == Extent::Whole {
            fields.insert("subheader".to_owned(), said(content, |language| content.description(language), extent));
            let module =
                |line: Line| json!({ "id": line.key, "header": line.label.unwrap_or_default(), "body": line.value });
            let mut modules = vec![module(content.birth(content.language))];
            modules.extend(content.back(content.language).into_iter().map(module));
            modules.push(json!({ "id": "organisation", "header": "", "body": self.terms.organisation }));
            fields.insert("textModulesData".to_owned(), Value::Array(modules));
        }
        Ok(object)
    }
}

/// A text with its translations (`LocalizedString`).
fn said(content: &Content<'_>, text: impl Fn(Language) -> String, extent: Extent) -> Value {
    let one = |language: Language| json!({ "language": language.tag(), "value": text(language) });
    let default = one(content.language);
    let others = content.others.iter().filter(|other| text(**other) != text(content.language));
    let others: Vec<Value> = others.map(|other| one(*other)).collect();
    if extent == Extent::Whole && !others.is_empty() {
        json!({ "defaultValue": default, "translatedValues": others })
    } else {
        json!({ "defaultValue": default })
    }
}

impl fmt::Debug for GooglePasses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GooglePasses({})", self.class())
    }
}
