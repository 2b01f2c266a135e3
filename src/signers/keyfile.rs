//! Private keys at rest: PKCS#8 in PEM (RFC 7468), encrypted by PBES2 (RFC 8018) under a passphrase.
//!
//! Read: whatever OpenSSL writes with AES (`openssl genpkey -aes256`, `openssl pkcs8 -topk8 -v2 aes-256-cbc`,
//! `-scrypt`). Written: scrypt with N = 2^14, r = 8, p = 5 and AES-256-CBC. scrypt costs an attacker memory,
//! not only time; these parameters are the strongest of the OWASP list (Password Storage Cheat Sheet) that
//! OpenSSL reads within its default of 32 MiB, so that a key never depends on this program.

use std::{
    fmt, fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use pkcs8::{
    EncryptedPrivateKeyInfoRef, LineEnding, PrivateKeyInfoRef,
    der::{Decode as _, Encode as _, asn1::OctetStringRef, pem},
    pkcs5::{pbes2, scrypt},
};
use zeroize::Zeroizing;

use super::scheme::{self, SchemeFault};
use crate::limits;

const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";
const PLAIN: &str = "PRIVATE KEY";

/// A passphrase; wiped from memory when dropped, and never shown.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes over a passphrase, exactly as it is. A line end from a file is the caller's to remove.
    #[must_use]
    pub fn new(passphrase: String) -> Self {
        Self(Zeroizing::new(passphrase))
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

/// Whether a key file without a passphrase may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unencrypted {
    /// No: production.
    Refuse,
    /// Yes: the throw-away keys of the sandbox.
    AllowInSandbox,
}

/// How a key file is protected when it is written.
#[derive(Debug)]
pub enum Protection<'a> {
    /// Encrypted under a passphrase of at least 12 characters; `random` comes from the system's generator
    /// (16 bytes of salt, 16 bytes of initialisation vector) and is never used twice.
    Passphrase(&'a Passphrase, [u8; 32]),
    /// By its file mode alone: throw-away keys of the sandbox.
    SandboxOnly,
}

/// What is wrong with a key file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read or written.
    #[error("the key file {} cannot be used ({kind}): check its path and that it belongs to this user", path.display())]
    File {
        /// Path.
        path: PathBuf,
        /// What the system said.
        kind: io::ErrorKind,
    },
    /// Others may read it.
    #[error(
        "the key file {} can be read by others (mode {mode:04o}): chmod 600 it, and replace the key if others had access",
        path.display()
    )]
    Exposed {
        /// Path.
        path: PathBuf,
        /// Permission bits.
        mode: u32,
    },
    /// No private key has this size.
    #[error("the key file {} is larger than {most} bytes: give the file of one private key", path.display(), most = limits::SMALL_FILE_BYTES)]
    TooLarge {
        /// Path.
        path: PathBuf,
    },
    /// Another form of private key.
    #[error("the key file {} holds {form}: convert it with: {command}", path.display())]
    Form {
        /// Path.
        path: PathBuf,
        /// What it holds.
        form: &'static str,
        /// The command that makes it readable.
        command: String,
    },
    /// Something else than a private key.
    #[error("the key file {} holds no private key but '{label}': give the file of the private key", path.display())]
    NotPrivate {
        /// Path.
        path: PathBuf,
        /// Label of the PEM block, or `nothing in PEM`.
        label: String,
    },
    /// Several blocks.
    #[error("the key file {} holds {found} PEM blocks: leave only the private key in it", path.display())]
    Several {
        /// Path.
        path: PathBuf,
        /// How many.
        found: usize,
    },
    /// Not encrypted, outside the sandbox.
    #[error("the key file {} is not encrypted, which only the sandbox allows: encrypt it with: {command}", path.display())]
    Unencrypted {
        /// Path.
        path: PathBuf,
        /// The command that encrypts it.
        command: String,
    },
    /// Encrypted, and no passphrase given.
    #[error("the key file {} is encrypted: give its passphrase", path.display())]
    PassphraseMissing {
        /// Path.
        path: PathBuf,
    },
    /// The passphrase does not open it.
    #[error("the passphrase does not open the key file {}: type it again, or look for the right file", path.display())]
    WrongPassphrase {
        /// Path.
        path: PathBuf,
    },
    /// Encrypted in a way that we lack.
    #[error("the key file {} is encrypted by the unsupported algorithm {oid}: convert it with: {command}", path.display())]
    Cipher {
        /// Path.
        path: PathBuf,
        /// Object identifier.
        oid: String,
        /// The command that makes it readable.
        command: String,
    },
    /// Opening it would cost too much time or memory.
    #[error("the key file {} asks for too much work to be opened: encrypt the key anew with: {command}", path.display())]
    Costly {
        /// Path.
        path: PathBuf,
        /// The command that makes it readable.
        command: String,
    },
    /// PEM or DER is damaged.
    #[error("the key file {} is damaged: restore it from a backup", path.display())]
    Damaged {
        /// Path.
        path: PathBuf,
    },
    /// Nothing is written over a key.
    #[error("there is a file {} already: a key is never overwritten, give another path", path.display())]
    Exists {
        /// Path.
        path: PathBuf,
    },
    /// The passphrase is too short to write a key under it.
    #[error("the passphrase is shorter than {most} characters: take a longer one", most = limits::PASSPHRASE_CHARS)]
    WeakPassphrase,
    /// What should be written is no PKCS#8 private key.
    #[error("this is no PKCS#8 private key: make a new one")]
    NotPkcs8,
}

/// Reads a private key: its PKCS#8 in DER (`PrivateKeyInfo`, RFC 5958), wiped from memory when dropped.
///
/// # Errors
/// [`KeyFileError`] names what is wrong and, for other forms of key, the command that converts them.
pub fn load_private_key(
    path: &Path,
    passphrase: Option<&Passphrase>,
    unencrypted: Unencrypted,
) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    let damaged = || KeyFileError::Damaged { path: path.to_owned() };
    let bytes = read_private(path)?;
    if bytes.first() == Some(&0x30) {
        let form = "a key in DER";
        let command = convert(path, "-inform DER ");
        return Err(KeyFileError::Form { path: path.to_owned(), form, command });
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| not_private(path, "nothing in PEM"))?;
    let (label, base64) = only_block(path, text)?;
    let document = decode(base64).ok_or_else(damaged)?;
    if label == PLAIN {
        if unencrypted == Unencrypted::Refuse {
            return Err(KeyFileError::Unencrypted { path: path.to_owned(), command: convert(path, "") });
        }
        PrivateKeyInfoRef::from_der(&document).map_err(|_| damaged())?;
        return Ok(document);
    }
    let passphrase = passphrase.ok_or_else(|| KeyFileError::PassphraseMissing { path: path.to_owned() })?;
    scheme::check(&document).map_err(|fault| match fault {
        SchemeFault::Unsupported(oid) => {
            KeyFileError::Cipher { path: path.to_owned(), oid, command: convert(path, "") }
        }
        SchemeFault::Costly => KeyFileError::Costly { path: path.to_owned(), command: convert(path, "") },
        SchemeFault::Broken => damaged(),
    })?;
    let encrypted = EncryptedPrivateKeyInfoRef::try_from(document.as_slice()).map_err(|_| damaged())?;
    let wrong = || KeyFileError::WrongPassphrase { path: path.to_owned() };
    let key = encrypted.decrypt(passphrase.0.as_bytes()).map_err(|error| match error {
        pkcs8::Error::EncryptedPrivateKey(pkcs8::pkcs5::Error::UnsupportedAlgorithm { oid }) => {
            KeyFileError::Cipher { path: path.to_owned(), oid: oid.to_string(), command: convert(path, "") }
        }
        _ => wrong(),
    })?;
    // One wrong passphrase in 256 leaves a padding that looks right; what is inside does not.
    PrivateKeyInfoRef::from_der(key.as_bytes()).map_err(|_| wrong())?;
    Ok(key.to_bytes())
}

/// Writes a PKCS#8 private key (DER) as PEM: a new file of mode 0600 that appears complete or not at all, and
/// never over another.
///
/// # Errors
/// [`KeyFileError`]; no file is left behind.
pub fn write_private_key(path: &Path, pkcs8_der: &[u8], protection: &Protection<'_>) -> Result<(), KeyFileError> {
    PrivateKeyInfoRef::from_der(pkcs8_der).map_err(|_| KeyFileError::NotPkcs8)?;
    let text = match protection {
        Protection::SandboxOnly => pem::encode_string(PLAIN, LineEnding::LF, pkcs8_der).ok(),
        Protection::Passphrase(passphrase, random) => {
            if passphrase.0.chars().count() < limits::PASSPHRASE_CHARS {
                return Err(KeyFileError::WeakPassphrase);
            }
            encrypt(pkcs8_der, passphrase, *random)
        }
    };
    let text = Zeroizing::new(text.ok_or(KeyFileError::NotPkcs8)?);
    let fail = |error: &io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => KeyFileError::Exists { path: path.to_owned() },
        kind => KeyFileError::File { path: path.to_owned(), kind },
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Made with mode 0600 by `tempfile`, whatever the umask.
    let mut file = tempfile::Builder::new().prefix(".key-").tempfile_in(folder).map_err(|e| fail(&e))?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(|e| fail(&e))?;
    file.persist_noclobber(path).map_err(|e| fail(&e.error))?;
    // The name is on the disk only when the folder is.
    #[cfg(unix)]
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| fail(&e))?;
    Ok(())
}

fn encrypt(pkcs8_der: &[u8], passphrase: &Passphrase, random: [u8; 32]) -> Option<String> {
    let (salt, iv) = random.split_first_chunk::<16>()?;
    let costs = scrypt::Params::new(14, 8, 5).ok()?;
    let parameters = pbes2::Parameters::generate_scrypt_aes256cbc(costs, salt, iv.try_into().ok()?).ok()?;
    let ciphertext = parameters.encrypt(passphrase.0.as_bytes(), pkcs8_der).ok()?;
    let info = EncryptedPrivateKeyInfoRef {
        encryption_algorithm: parameters.into(),
        encrypted_data: OctetStringRef::new(&ciphertext).ok()?,
    };
    pem::encode_string(ENCRYPTED, LineEnding::LF, &info.to_der().ok()?).ok()
}

/// Reads a file that only its owner can read. A link is followed, and what counts is where it leads.
fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    let fail = |e: io::Error| KeyFileError::File { path: path.to_owned(), kind: e.kind() };
    // Before opening: a pipe would block.
    if !fs::metadata(path).map_err(fail)?.is_file() {
        return Err(KeyFileError::File { path: path.to_owned(), kind: io::ErrorKind::InvalidInput });
    }
    let file = fs::File::open(path).map_err(fail)?;
    // Of the opened file, so that nobody changes it in between.
    let found = file.metadata().map_err(fail)?;
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyFileError::Exposed { path: path.to_owned(), mode });
        }
    }
    if found.len() > limits::SMALL_FILE_BYTES {
        return Err(KeyFileError::TooLarge { path: path.to_owned() });
    }
    // All room at once: a growing buffer would leave copies of the key behind.
    let room = usize::try_from(found.len()).unwrap_or(0).saturating_add(1);
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    file.take(limits::SMALL_FILE_BYTES).read_to_end(&mut bytes).map_err(fail)?;
    Ok(bytes)
}

/// Label and Base64 of the only PEM block of the file, if it is a private key in PKCS#8; text around it is
/// left out (RFC 7468 section 2 allows it).
fn only_block<'a>(path: &Path, text: &'a str) -> Result<(&'a str, &'a str), KeyFileError> {
    const BEGIN: &str = "-----BEGIN ";
    let labels: Vec<(usize, &str)> = text
        .match_indices(BEGIN)
        .map(|(at, _)| {
            let rest = text.get(at + BEGIN.len()..).unwrap_or("");
            (at, rest.split_once("-----").map_or("", |(label, _)| label))
        })
        .collect();
    let form = |form| KeyFileError::Form { path: path.to_owned(), form, command: convert(path, "") };
    for (_, label) in &labels {
        match *label {
            "EC PRIVATE KEY" | "EC PARAMETERS" => return Err(form("an EC key in the form of SEC 1")),
            "RSA PRIVATE KEY" => return Err(form("an RSA key in the form of PKCS#1")),
            "DSA PRIVATE KEY" | "OPENSSH PRIVATE KEY" => return Err(not_private(path, label)),
            _ => {}
        }
    }
    let damaged = || KeyFileError::Damaged { path: path.to_owned() };
    match labels[..] {
        [] => Err(not_private(path, "nothing in PEM")),
        [(at, label @ (ENCRYPTED | PLAIN))] => {
            let (begin, end) = (format!("{BEGIN}{label}-----"), format!("-----END {label}-----"));
            let body = text.get(at + begin.len()..).ok_or_else(damaged)?;
            let (base64, _) = body.split_once(&end).ok_or_else(damaged)?;
            Ok((label, base64))
        }
        [(_, label)] => Err(not_private(path, label)),
        _ => Err(KeyFileError::Several { path: path.to_owned(), found: labels.len() }),
    }
}

/// Base64 with line ends anywhere: not every program writes lines of 64 characters.
fn decode(base64: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut dense = Zeroizing::new(Vec::with_capacity(base64.len()));
    dense.extend(base64.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(dense.len())]);
    let length = STANDARD.decode_slice(&*dense, &mut bytes).ok()?;
    bytes.truncate(length);
    Some(bytes)
}

fn not_private(path: &Path, label: &str) -> KeyFileError {
    let label = label.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(40).collect();
    KeyFileError::NotPrivate { path: path.to_owned(), label }
}

/// The OpenSSL command that turns any private key into a file that we read, as a shell takes it.
fn convert(path: &Path, form: &str) -> String {
    let [from, to] = ["", ".pk8.pem"].map(|suffix| {
        let name = format!("{}{suffix}", path.display());
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b));
        if plain { name } else { format!("'{}'", name.replace('\'', "'\\''")) }
    });
    format!("openssl pkcs8 -topk8 -v2 aes-256-cbc {form}-in {from} -out {to} && chmod 600 {to}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A valid file with every byte changed in turn: refused or read, never a panic.
    #[test]
    fn a_damaged_encrypted_key_never_panics() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        let passphrase = Passphrase::new("correct horse battery".into());
        let key = rcgen::KeyPair::generate().unwrap().serialize_der();
        let schemes = [
            pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(9, &[1; 16], [2; 16]).unwrap(),
            pbes2::Parameters::generate_scrypt_aes256cbc(scrypt::Params::new(2, 1, 1).unwrap(), &[1; 16], [2; 16])
                .unwrap(),
            pbes2::Parameters::scrypt_aes256gcm(scrypt::Params::new(2, 1, 1).unwrap(), &[1; 16], [2; 12]).unwrap(),
        ];
        for parameters in schemes {
            let ciphertext = parameters.encrypt(passphrase.0.as_bytes(), &key).unwrap();
            let encrypted_data = OctetStringRef::new(&ciphertext).unwrap();
            let info = EncryptedPrivateKeyInfoRef { encryption_algorithm: parameters.into(), encrypted_data };
            let der = info.to_der().unwrap();
            let load = |der: &[u8]| {
                let text = pem::encode_string(ENCRYPTED, LineEnding::CRLF, der).unwrap();
                let _ = fs::remove_file(&path);
                let mut options = fs::OpenOptions::new();
                options.write(true).create_new(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                options.open(&path).unwrap().write_all(text.as_bytes()).unwrap();
                load_private_key(&path, Some(&passphrase), Unencrypted::Refuse)
            };
            assert_eq!(*load(&der).unwrap(), key);
            for at in 0..der.len() {
                for mask in [0x01, 0x10, 0x80, 0xff] {
                    let mut damaged = der.clone();
                    damaged[at] ^= mask;
                    let _ = load(&damaged);
                }
                assert!(load(&der[..at]).is_err());
            }
        }
    }
}
