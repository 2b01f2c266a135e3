//! One open session with a token: finding the token, logging in, finding keys, signing.

use std::{collections::HashMap, sync::Arc};

use cryptoki::{
    context::Pkcs11,
    error::{Error, RvError},
    mechanism::{
        Mechanism, MechanismType,
        rsa::{PkcsMgfType, PkcsPssParams},
    },
    object::{Attribute, AttributeType, ObjectClass, ObjectHandle},
    session::{Session, UserType},
    slot::{Slot, TokenInfo},
    types::{AuthPin, Ulong},
};

use super::{
    fault::{Called, Fault},
    module::Module,
    public,
};
use crate::{
    keys::{PublicKey, sha256},
    limits::TOKEN_OBJECTS,
    signers::{Pin, TokenError, TokenUri},
};

/// How a signature is made, always over SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    /// ECDSA, `r‖s`.
    Ecdsa,
    /// RSASSA-PSS with a salt of 32 bytes (RFC 8230 section 2).
    RsaPss,
    /// RSASSA-PKCS1-v1.5.
    RsaPkcs1,
}

/// An open session.
pub(super) struct Open {
    pub(super) module: Arc<Module>,
    /// The initialisation of the library that it belongs to.
    pub(super) generation: u64,
    slot: Slot,
    session: Session,
    mechanisms: Vec<MechanismType>,
    /// Keys that were found in this session, by their names.
    keys: HashMap<String, ObjectHandle>,
    token: String,
}

/// A private key as the token has it.
pub(super) struct Found {
    pub(super) handle: ObjectHandle,
    /// SubjectPublicKeyInfo in DER.
    pub(super) spki: Vec<u8>,
}

impl Open {
    /// Opens a session with the token that the name says. `login` gives the PIN, and is asked by one at a time.
    pub(super) fn connect(module: &Arc<Module>, uri: &TokenUri, pin: &Pin) -> Called<Self> {
        let (_guard, context, generation) = module.enter();
        let (slot, info) = find_token(context, uri)?;
        // Sessions are closed by hand: a handle of an earlier initialisation may be another's by now.
        let session = context.open_ro_session_no_drop(slot)?;
        let opened = (|| {
            login(&session, &info, pin)?;
            context.get_mechanism_list(slot).map_err(Fault::from)
        })();
        match opened {
            Ok(mechanisms) => Ok(Self {
                module: Arc::clone(module),
                generation,
                slot,
                session,
                mechanisms,
                keys: HashMap::new(),
                token: uri.token_name(),
            }),
            Err(fault) => {
                let _ = session.close();
                Err(fault)
            }
        }
    }

    /// Ends the session, if its library was not initialised anew since.
    pub(super) fn close(self) {
        let Self { module, generation, session, .. } = self;
        let (_guard, _, now) = module.enter();
        if generation == now {
            let _ = session.close();
        }
    }

    /// The private key of this name and its public half.
    pub(super) fn key(&mut self, uri: &TokenUri) -> Called<Found> {
        let module = Arc::clone(&self.module);
        let _guard = module.enter_again(self.generation)?;
        let mut found = self.private_keys(&template(uri))?;
        let handle = match (found.pop(), found.len()) {
            (Some(handle), 0) => handle,
            (None, _) => {
                let labels = self.labels()?;
                return Err(Fault::Wrong(TokenError::NoKey {
                    token: self.token.clone(),
                    key: uri.key_name(),
                    found: list(labels),
                }));
            }
            (Some(_), more) => {
                let (token, key) = (self.token.clone(), uri.key_name());
                return Err(Fault::Wrong(TokenError::SeveralKeys { token, key, count: more + 1 }));
            }
        };
        let spki = public::read(&self.session, handle, &self.token, &uri.key_name())?;
        self.keys.insert(uri.to_string(), handle);
        Ok(Found { handle, spki })
    }

    /// Signs with the key of this name, which must still be the one with this public half.
    pub(super) fn sign(&mut self, uri: &TokenUri, spki: &[u8], scheme: Scheme, message: &[u8]) -> Called<Vec<u8>> {
        let handle = match self.keys.get(&uri.to_string()) {
            Some(handle) => *handle,
            None => {
                // It was found before. Some libraries show the token that was taken out, and nothing in it.
                let found = self.key(uri).map_err(|fault| match fault {
                    Fault::Wrong(TokenError::NoKey { key, .. }) => Fault::Away(format!("it holds no key {key} now")),
                    other => other,
                })?;
                // One key may be written in two ways.
                if found.spki != spki && PublicKey::from_spki(&found.spki).ok() != PublicKey::from_spki(spki).ok() {
                    self.keys.clear();
                    return Err(Fault::Away(format!("its key {} is another than before", uri.key_name())));
                }
                found.handle
            }
        };
        let _guard = self.module.enter_again(self.generation)?;
        let digest = sha256(message);
        let offers = |mechanism: MechanismType| self.mechanisms.contains(&mechanism);
        let sign = |mechanism: &Mechanism<'_>, data: &[u8]| Ok(self.session.sign(mechanism, handle, data)?);
        match scheme {
            // The digest is ours: most tokens have no other, and the message need not travel.
            Scheme::Ecdsa if offers(MechanismType::ECDSA) => sign(&Mechanism::Ecdsa, &digest),
            Scheme::Ecdsa if offers(MechanismType::ECDSA_SHA256) => sign(&Mechanism::EcdsaSha256, message),
            Scheme::Ecdsa => Err(self.lacks("CKM_ECDSA and CKM_ECDSA_SHA256")),
            Scheme::RsaPss if offers(MechanismType::SHA256_RSA_PKCS_PSS) => {
                sign(&Mechanism::Sha256RsaPkcsPss(pss()), message)
            }
            Scheme::RsaPss if offers(MechanismType::RSA_PKCS_PSS) => sign(&Mechanism::RsaPkcsPss(pss()), &digest),
            Scheme::RsaPss => Err(self.lacks("CKM_SHA256_RSA_PKCS_PSS and CKM_RSA_PKCS_PSS")),
            Scheme::RsaPkcs1 if offers(MechanismType::SHA256_RSA_PKCS) => sign(&Mechanism::Sha256RsaPkcs, message),
            Scheme::RsaPkcs1 if offers(MechanismType::RSA_PKCS) => {
                sign(&Mechanism::RsaPkcs, &[DIGEST_INFO, digest.as_slice()].concat())
            }
            Scheme::RsaPkcs1 => Err(self.lacks("CKM_SHA256_RSA_PKCS and CKM_RSA_PKCS")),
        }
    }

    /// Makes a key pair of this name, which never leaves the token.
    pub(super) fn make(&mut self, uri: &TokenUri, bits: Option<u16>) -> Called<Found> {
        let token = || self.token.clone();
        let Some(label) = uri.object.clone() else { return Err(Fault::Wrong(TokenError::NoLabel { token: token() })) };
        let module = Arc::clone(&self.module);
        {
            let (_guard, context) = module.enter_again(self.generation)?;
            if !self.private_keys(&[Attribute::Label(label.clone().into_bytes())])?.is_empty() {
                return Err(Fault::Wrong(TokenError::Exists { token: token(), key: label }));
            }
            // Both halves find each other by the identifier.
            let id = uri.id.clone().unwrap_or_else(|| sha256(label.as_bytes()).iter().copied().take(8).collect());
            let label = label.into_bytes();
            let mut public = vec![
                Attribute::Token(true),
                Attribute::Private(false),
                Attribute::Verify(true),
                Attribute::Label(label.clone()),
                Attribute::Id(id.clone()),
            ];
            let private = [
                Attribute::Token(true),
                Attribute::Private(true),
                Attribute::Sensitive(true),
                Attribute::Extractable(false),
                Attribute::Sign(true),
                Attribute::Label(label),
                Attribute::Id(id),
            ];
            let mechanism = match bits {
                None => {
                    public.push(Attribute::EcParams(public::P256.to_vec()));
                    Mechanism::EccKeyPairGen
                }
                Some(bits) => {
                    public.push(Attribute::ModulusBits(Ulong::try_from(usize::from(bits))?));
                    public.push(Attribute::PublicExponent(vec![1, 0, 1]));
                    Mechanism::RsaPkcsKeyPairGen
                }
            };
            // The login is the application's, so this session has it too.
            let writing = context.open_rw_session_no_drop(self.slot)?;
            let made = writing.generate_key_pair(&mechanism, &public, &private);
            let _ = writing.close();
            made?;
        }
        self.key(uri)
    }

    fn lacks(&self, needed: &'static str) -> Fault {
        Fault::Wrong(TokenError::Mechanism { token: self.token.clone(), needed })
    }

    fn private_keys(&self, wanted: &[Attribute]) -> Called<Vec<ObjectHandle>> {
        let template = [&[Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Token(true)], wanted].concat();
        Ok(self.session.iter_objects(&template)?.take(TOKEN_OBJECTS).collect::<Result<_, _>>()?)
    }

    /// Labels of the private keys, to help whoever mistyped one.
    fn labels(&self) -> Called<Vec<String>> {
        let mut labels = Vec::new();
        for handle in self.private_keys(&[])?.into_iter().take(20) {
            for attribute in self.session.get_attributes(handle, &[AttributeType::Label])? {
                if let Attribute::Label(label) = attribute {
                    labels.push(shown(&String::from_utf8_lossy(&label)));
                }
            }
        }
        Ok(labels)
    }
}

/// The beginning of every DigestInfo of SHA-256 (RFC 8017 section 9.2, note 1).
const DIGEST_INFO: &[u8] =
    &[0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

fn pss() -> PkcsPssParams {
    PkcsPssParams { hash_alg: MechanismType::SHA256, mgf: PkcsMgfType::MGF1_SHA256, s_len: Ulong::from(32) }
}

fn template(uri: &TokenUri) -> Vec<Attribute> {
    let label = uri.object.as_ref().map(|label| Attribute::Label(label.as_bytes().to_vec()));
    label.into_iter().chain(uri.id.clone().map(Attribute::Id)).collect()
}

/// The slot of the only token that the name fits.
fn find_token(context: &Pkcs11, uri: &TokenUri) -> Called<(Slot, TokenInfo)> {
    let mut fitting = Vec::new();
    let mut labels = Vec::new();
    for slot in context.get_slots_with_token()? {
        // A slot whose token cannot be asked is none of ours.
        let Ok(info) = context.get_token_info(slot) else { continue };
        let fits =
            |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted.trim() == is.trim());
        if fits(&uri.token, info.label())
            && fits(&uri.serial, info.serial_number())
            && fits(&uri.manufacturer, info.manufacturer_id())
            && fits(&uri.model, info.model())
        {
            fitting.push((slot, info));
        } else if info.token_initialized() {
            labels.push(shown(info.label()));
        }
    }
    match (fitting.pop(), fitting.len()) {
        (Some(only), 0) => Ok(only),
        (None, _) => Err(Fault::Wrong(TokenError::NoToken { wanted: uri.token_name(), found: list(labels) })),
        (Some((_, last)), more) => {
            let serials = fitting.iter().map(|(_, info)| info).chain([&last]);
            let serials = serials.map(|info| shown(info.serial_number())).collect();
            let (wanted, count) = (uri.token_name(), more + 1);
            Err(Fault::Wrong(TokenError::SeveralTokens { wanted, count, found: list(serials) }))
        }
    }
}

/// Logs in, unless this application is logged in already. The caller sees to it that a refused PIN is never tried
/// again; the last try before the token locks itself is never ours.
fn login(session: &Session, info: &TokenInfo, pin: &Pin) -> Called<()> {
    if info.user_pin_locked() {
        return Err(Fault::Refused("its PIN is locked: unlock it with the vendor's tool".to_owned()));
    }
    if info.user_pin_final_try() {
        let text = "one wrong PIN more locks it: log in once with the vendor's tool, which resets the count";
        return Err(Fault::Refused(text.to_owned()));
    }
    let secret = AuthPin::new(pin.expose().into());
    let pin = (!info.protected_authentication_path()).then_some(&secret);
    match session.login(UserType::User, pin) {
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// A name from a token, as a message can show it.
fn shown(name: &str) -> String {
    name.trim().chars().filter(|letter| !letter.is_control()).take(32).collect()
}

fn list(names: Vec<String>) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
