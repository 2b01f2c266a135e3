//! The section `[wallet]`: which passes are made, and with which keys. Everything is read and checked at start.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Deserialize;
use zeroize::Zeroizing;

use super::{ConfigError, file::File, keys, signers::Loader};
use crate::{
    limits::{EMBLEM_BYTES, SMALL_FILE_BYTES},
    wallet::{ApplePasses, AppleTerms, Face, GooglePasses, GoogleTerms, Picture, Wallet},
};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WalletSection {
    /// Colour of passes, as in `#103b6d`.
    colour: Option<String>,
    /// PNG or JPEG for the icon.
    emblem: Option<PathBuf>,
    apple: Option<AppleSection>,
    google: Option<GoogleSection>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AppleSection {
    pass_type: String,
    team: String,
    /// Who issues; the issuer's name where it is not set.
    organisation: Option<String>,
    certificate: PathBuf,
    /// A key file, or the name of a key in a token (`pkcs11:…`).
    key: PathBuf,
    /// The certificate that issued the pass certificate (Apple Worldwide Developer Relations).
    intermediate: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GoogleSection {
    issuer: String,
    class: String,
    /// Who issues; the issuer's name where it is not set.
    organisation: Option<String>,
    /// Key file (JSON) of the service account.
    account: PathBuf,
}

/// The passes of a configuration; its language is the paper's and set with it.
pub(super) fn build(file: &File, base: &Path, loader: &Loader<'_>) -> Result<Wallet, ConfigError> {
    let Some(section) = &file.wallet else { return Ok(Wallet::default()) };
    let face = face(section, base)?;
    let named = |name: &Option<String>| name.clone().unwrap_or_else(|| file.issuer_name().to_owned());
    let apple = section.apple.as_ref().map(|apple| {
        let (signer, certificate, _) = loader.x509(&apple.key, &apple.certificate, "wallet.apple.key")?;
        let intermediate = keys::certificate(&base.join(&apple.intermediate))?;
        let terms = AppleTerms {
            pass_type: apple.pass_type.clone(),
            team: apple.team.clone(),
            organisation: named(&apple.organisation),
            face: face.clone(),
        };
        Ok::<_, ConfigError>(Arc::new(ApplePasses::new(terms, signer, certificate, intermediate)?))
    });
    let google = section.google.as_ref().map(|google| {
        let terms = GoogleTerms {
            issuer: google.issuer.clone(),
            class: google.class.clone(),
            organisation: named(&google.organisation),
            face: face.clone(),
        };
        let account = private_file(&base.join(&google.account), "wallet.google.account")?;
        Ok::<_, ConfigError>(Arc::new(GooglePasses::new(terms, &account)?))
    });
    Ok(Wallet { apple: apple.transpose()?, google: google.transpose()?, ..Wallet::default() })
}

fn face(section: &WalletSection, base: &Path) -> Result<Face, ConfigError> {
    let mut face = Face::default();
    if let Some(text) = &section.colour {
        let problem = || ConfigError::Setting {
            setting: "wallet.colour",
            problem: "is no colour: write # and six hexadecimal digits, as in \"#103b6d\"".into(),
        };
        let digits = text.strip_prefix('#').filter(|rest| rest.len() == 6 && rest.is_ascii()).ok_or_else(problem)?;
        for (at, part) in face.colour.iter_mut().enumerate() {
            let two = digits.get(2 * at..2 * at + 2).unwrap_or_default();
            *part = u8::from_str_radix(two, 16).map_err(|_| problem())?;
        }
    }
    if let Some(path) = &section.emblem {
        let path = base.join(path);
        let size = fs::metadata(&path).map_err(ConfigError::file(&path))?.len();
        if usize::try_from(size).unwrap_or(usize::MAX) > EMBLEM_BYTES {
            let problem = format!("{} has more than {EMBLEM_BYTES} bytes: give a smaller picture", path.display());
            return Err(ConfigError::Setting { setting: "wallet.emblem", problem });
        }
        face.emblem = Some(Picture::read(&fs::read(&path).map_err(ConfigError::file(&path))?)?);
    }
    Ok(face)
}

/// A file that holds a key, and that nobody but its owner may read.
fn private_file(path: &Path, setting: &'static str) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
    let found = fs::metadata(path).map_err(ConfigError::file(path))?;
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o077 != 0 {
        let shown = path.display();
        let problem = format!("{shown} can be read by others: chmod 600 it, and replace the key if others had access");
        return Err(ConfigError::Setting { setting, problem });
    }
    if found.len() > SMALL_FILE_BYTES {
        let problem = format!("{} is too large to hold a key", path.display());
        return Err(ConfigError::Setting { setting, problem });
    }
    Ok(Zeroizing::new(fs::read(path).map_err(ConfigError::file(path))?))
}
