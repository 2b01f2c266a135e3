//! The name of a key in a token: a PKCS#11 URI (RFC 7512), which stands in a configuration wherever the path of a key
//! file may stand, as in `pkcs11:token=vaccert;object=dsc-2026`.
//!
//! A token is named by its label or serial number, never by its slot: slots change their numbers at every start.
//! Secrets do not stand in configurations, so `pin-value` is refused; `pin-source` names a file.

use std::{fmt, path::PathBuf};

/// The beginning of every such name.
const SCHEME: &str = "pkcs11:";

/// Longest URI that is read, in bytes; ours have about 100.
const URI_BYTES: usize = crate::limits::TOKEN_URI_BYTES;

/// What a key in a token is called, and where the token is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenUri {
    /// Label of the token.
    pub token: Option<String>,
    /// Serial number of the token.
    pub serial: Option<String>,
    /// Manufacturer of the token.
    pub manufacturer: Option<String>,
    /// Model of the token.
    pub model: Option<String>,
    /// Label of the key (`CKA_LABEL`).
    pub object: Option<String>,
    /// Identifier of the key (`CKA_ID`).
    pub id: Option<Vec<u8>>,
    /// The library that speaks to the token.
    pub module_path: Option<PathBuf>,
    /// File that holds the PIN.
    pub pin_source: Option<PathBuf>,
}

/// Why a text names no key in a token. No value of the text is repeated: a PIN may stand there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// Not of the scheme.
    #[error("does not begin with pkcs11: as the name of a key in a token does (pkcs11:token=LABEL;object=KEY)")]
    Scheme,
    /// Too long.
    #[error("is longer than {URI_BYTES} bytes, which no name of a key is")]
    TooLong,
    /// A part without `=`, or with a damaged `%xx`.
    #[error("has a part that is not of the form NAME=VALUE with %xx for other characters: {part}")]
    Form {
        /// Which part: its number, from 1.
        part: usize,
    },
    /// A part that means nothing here.
    #[error(
        "has the part {name:?}, which is not known here: use token, serial, manufacturer, model, object and id, and \
         behind a question mark module-path and pin-source"
    )]
    Unknown {
        /// Its name.
        name: String,
    },
    /// A part that comes twice.
    #[error("has the part {name} twice: remove one")]
    Twice {
        /// Its name.
        name: &'static str,
    },
    /// A PIN in a configuration.
    #[error(
        "holds a PIN (pin-value), which a configuration must not: put it into a file that only this user can read, name \
         that with pin-source, and change the PIN if others have seen it"
    )]
    PinValue,
    /// A slot.
    #[error("names a slot, whose number changes at every start: name the token by token (its label) or serial")]
    Slot,
    /// Another type of object.
    #[error("names an object that is no private key: leave type out, or write type=private")]
    Type,
    /// No token.
    #[error("names no token: add token=LABEL, or serial=NUMBER")]
    NoToken,
    /// No key.
    #[error("names no key: add object=LABEL, or id=%xx… with the bytes of its CKA_ID")]
    NoKey,
}

impl TokenUri {
    /// Whether a text is meant as such a name.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        text.get(..SCHEME.len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
    }

    /// Reads a name.
    ///
    /// # Errors
    /// [`UriError`].
    pub fn parse(text: &str) -> Result<Self, UriError> {
        if text.len() > URI_BYTES {
            return Err(UriError::TooLong);
        }
        if !Self::is_meant(text) {
            return Err(UriError::Scheme);
        }
        let rest = text.get(SCHEME.len()..).unwrap_or_default();
        let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
        let mut uri = Self::default();
        let mut typed = None;
        let parts = path.split(';').chain(query.into_iter().flat_map(|query| query.split('&')));
        for (place, part) in parts.enumerate().filter(|(_, part)| !part.is_empty()) {
            let form = || UriError::Form { part: place + 1 };
            let (name, value) = part.split_once('=').ok_or_else(form)?;
            let bytes = decoded(value).ok_or_else(form)?;
            let value = || String::from_utf8(bytes.clone()).map_err(|_| form());
            match name {
                "token" => once(&mut uri.token, "token", value()?)?,
                "serial" => once(&mut uri.serial, "serial", value()?)?,
                "manufacturer" => once(&mut uri.manufacturer, "manufacturer", value()?)?,
                "model" => once(&mut uri.model, "model", value()?)?,
                "object" => once(&mut uri.object, "object", value()?)?,
                "id" => once(&mut uri.id, "id", bytes)?,
                "type" => once(&mut typed, "type", value()?)?,
                "module-path" => once(&mut uri.module_path, "module-path", value()?.into())?,
                "pin-source" => {
                    let value = value()?;
                    // A file: URI without a host (RFC 8089), or a path.
                    let value = value.strip_prefix("file://").or(value.strip_prefix("file:")).unwrap_or(&value);
                    once(&mut uri.pin_source, "pin-source", value.into())?;
                }
                "pin-value" => return Err(UriError::PinValue),
                "slot-id" | "slot-description" | "slot-manufacturer" => return Err(UriError::Slot),
                other => return Err(UriError::Unknown { name: other.chars().take(40).collect() }),
            }
        }
        if typed.is_some_and(|typed| typed != "private") {
            return Err(UriError::Type);
        }
        if uri.token.is_none() && uri.serial.is_none() {
            return Err(UriError::NoToken);
        }
        if uri.object.is_none() && uri.id.is_none() {
            return Err(UriError::NoKey);
        }
        Ok(uri)
    }

    /// The token's name, for messages: its label, or else its serial number.
    #[must_use]
    pub fn token_name(&self) -> String {
        self.token.as_ref().or(self.serial.as_ref()).cloned().unwrap_or_default()
    }

    /// The key's name, for messages: its label, or else its identifier in hexadecimal.
    #[must_use]
    pub fn key_name(&self) -> String {
        let hex = || self.id.iter().flatten().map(|byte| format!("{byte:02x}")).collect();
        self.object.clone().unwrap_or_else(hex)
    }
}

fn once<T>(slot: &mut Option<T>, name: &'static str, value: T) -> Result<(), UriError> {
    slot.replace(value).map_or(Ok(()), |_| Err(UriError::Twice { name }))
}

/// The bytes of a value, `%xx` decoded (RFC 3986 section 2.1); `None` when a `%` is followed by anything else.
fn decoded(value: &str) -> Option<Vec<u8>> {
    let mut bytes = value.bytes();
    let mut out = Vec::with_capacity(value.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let mut digit = || char::from(bytes.next()?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            out.push(digit()? * 16 + digit()?);
        } else {
            out.push(byte);
        }
    }
    Some(out)
}

impl fmt::Display for TokenUri {
    /// The URI, with everything but letters, digits and `-._~/` encoded.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn put(f: &mut fmt::Formatter<'_>, before: &str, name: &str, value: &[u8]) -> fmt::Result {
            write!(f, "{before}{name}=")?;
            for byte in value {
                if byte.is_ascii_alphanumeric() || b"-._~/".contains(byte) {
                    write!(f, "{}", char::from(*byte))?;
                } else {
                    write!(f, "%{byte:02X}")?;
                }
            }
            Ok(())
        }
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.to_string_lossy().into_owned());
        let text = |text: &Option<String>| text.as_ref().map(|text| text.as_bytes().to_vec());
        let attributes = [
            ("token", text(&self.token)),
            ("serial", text(&self.serial)),
            ("manufacturer", text(&self.manufacturer)),
            ("model", text(&self.model)),
            ("object", text(&self.object)),
            ("id", self.id.clone()),
        ];
        let mut before = SCHEME;
        for (name, value) in attributes {
            if let Some(value) = value {
                put(f, before, name, &value)?;
                before = ";";
            }
        }
        let mut before = "?";
        for (name, value) in [("module-path", path(&self.module_path)), ("pin-source", path(&self.pin_source))] {
            if let Some(value) = value {
                put(f, before, name, value.as_bytes())?;
                before = "&";
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_read() {
        let uri = TokenUri::parse(
            "PKCS11:token=Health%20HSM;serial=0042;object=dsc-2026;id=%01%AF;type=private?module-path=/usr/lib/p11.so&pin-source=file:/run/pin",
        )
        .unwrap();
        assert_eq!((uri.token.as_deref(), uri.serial.as_deref()), (Some("Health HSM"), Some("0042")));
        assert_eq!((uri.object.as_deref(), uri.id.as_deref()), (Some("dsc-2026"), Some(&[1, 0xaf][..])));
        assert_eq!(uri.module_path, Some("/usr/lib/p11.so".into()));
        assert_eq!(uri.pin_source, Some("/run/pin".into()));
        assert_eq!((uri.token_name(), uri.key_name()), ("Health HSM".to_owned(), "dsc-2026".to_owned()));
        assert_eq!(TokenUri::parse("pkcs11:serial=1;id=%0a").unwrap().key_name(), "0a");
    }

    #[test]
    fn what_is_wrong_is_said_and_no_value_is_repeated() {
        for (text, expected) in [
            ("keys/dsc.pem", UriError::Scheme),
            ("pkcs11:token=a;object", UriError::Form { part: 2 }),
            ("pkcs11:token=a;object=%4", UriError::Form { part: 2 }),
            ("pkcs11:token=%ff;object=a", UriError::Form { part: 1 }),
            ("pkcs11:token=a;objekt=b", UriError::Unknown { name: "objekt".to_owned() }),
            ("pkcs11:token=a;token=b;object=c", UriError::Twice { name: "token" }),
            ("pkcs11:token=a;object=c?pin-value=123456", UriError::PinValue),
            ("pkcs11:slot-id=0;object=c", UriError::Slot),
            ("pkcs11:token=a;object=c;type=cert", UriError::Type),
            ("pkcs11:object=c", UriError::NoToken),
            ("pkcs11:token=a", UriError::NoKey),
        ] {
            let error = TokenUri::parse(text).unwrap_err();
            assert_eq!(error, expected, "{text}");
            assert!(!error.to_string().contains("123456") && !error.to_string().ends_with('.'), "{error}");
        }
        assert_eq!(TokenUri::parse(&format!("pkcs11:token={}", "a".repeat(URI_BYTES))), Err(UriError::TooLong));
    }

    proptest! {
        #[test]
        fn reading_undoes_writing(
            token in "\\PC{1,20}",
            object in prop::option::of("\\PC{0,20}"),
            id in prop::collection::vec(any::<u8>(), 0..20),
            module in prop::option::of("/[a-z ä?&;]{0,20}"),
        ) {
            let module_path = module.map(PathBuf::from);
            let uri = TokenUri { token: Some(token), object, id: Some(id), module_path, ..TokenUri::default() };
            prop_assert_eq!(TokenUri::parse(&uri.to_string()), Ok(uri));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "(pkcs11:)?\\PC{0,60}") {
            let _ = TokenUri::parse(&text);
        }
    }
}
