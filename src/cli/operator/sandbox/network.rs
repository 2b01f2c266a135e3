//! The way over the wire and back: the signer goes up to the gateway, everybody's come down, and what was issued is
//! verified with nothing but the list that came down.

use std::{fs, sync::Arc};

use super::{CliError, Folder, SandboxError};
use crate::{
    batch::write_public,
    clock::{Clock, System},
    config::{GatewaySettings, Setup},
    gateway::{Client, Http, HttpOptions, Part, Patience, Placed, UploadKey},
    limits::SMALL_FILE_BYTES,
    trust::lists::{self, ListKey, ListOptions},
    verify::{Assembly, Decision, Knowledge},
};

/// Uploads the signer and pulls the trust list, as `vaccert gateway` and `vaccert trust` do.
pub(super) async fn rehearse(folder: &Folder, setup: &Setup, say: &dyn Fn(&str)) -> Result<Knowledge, CliError> {
    let settings = GatewaySettings::load(&folder.config())?;
    let (identity, roots) = (settings.tls_identity()?, settings.tls_roots()?);
    let http = Http::new(&HttpOptions::new(&settings.url, &identity, roots.as_deref())).map_err(SandboxError::from)?;
    let client = Client::new(Box::new(http), Arc::new(System), settings.network, Patience::default(), 0);

    let (certificate, signer) = settings.upload()?;
    let own = setup.signer.certificate();
    let key = UploadKey::new(certificate, signer);
    let placed = client.upload_signer(own, &key, settings.domain.as_deref()).await.map_err(SandboxError::from)?;
    let how = match placed {
        Placed::Created => "Uploaded the signer to the gateway",
        Placed::WasThere => "The signer is on the gateway since an earlier start",
    };
    say(&format!("6. {how}: {}", own.kid()));

    let list = client.trust_list(Part::Whole, None).await.map_err(SandboxError::from)?;
    let unwritable = |_| SandboxError::File { path: folder.list(), kind: std::io::ErrorKind::InvalidData };
    write_public(&folder.list(), &list.to_json().map_err(unwritable)?)?;
    let knowledge = read(folder)?;
    if knowledge.trust.candidates(own.kid()).is_empty() {
        return Err(SandboxError::NotListed { kid: own.kid().to_string() }.into());
    }
    let mut countries: Vec<&str> = knowledge.trust.keys().filter_map(|key| key.country.as_deref()).collect();
    countries.sort_unstable();
    countries.dedup();
    say(&format!(
        "7. Pulled the trust list: {} signers of {} countries, each checked up to the gateway's anchor: {}",
        knowledge.trust.len(),
        countries.len(),
        folder.list().display()
    ));
    Ok(knowledge)
}

/// Reads the list from the disk, as a verifier would that was not there when it was pulled.
fn read(folder: &Folder) -> Result<Knowledge, CliError> {
    let file = |path: &std::path::Path| {
        fs::read(path).map_err(|error| SandboxError::File { path: path.to_owned(), kind: error.kind() })
    };
    let (anchor, list) = (folder.anchor().0, folder.list());
    let list_keys = ListKey::read(&file(&anchor)?).map_err(SandboxError::from)?;
    let name = list.display().to_string();
    let options = ListOptions { name: &name, list_keys: &list_keys, unsigned: false };
    let mut assembly = Assembly::default();
    lists::read(&file(&list)?, &options, &mut assembly.trust).map_err(SandboxError::from)?;
    assembly.finish().map_err(|error| CliError::Load(error.into()))
}

/// Verifies every code of the folder. Gives how many there are.
pub(super) fn verify(folder: &Folder, knowledge: &Knowledge) -> Result<u64, CliError> {
    let verifier = knowledge.verifier(System.now());
    let (mut good, mut bad) = (0, 0);
    for path in folder.codes()? {
        let failed = |error: std::io::Error| SandboxError::File { path: path.clone(), kind: error.kind() };
        let small = fs::metadata(&path).map_err(failed)?.len() <= SMALL_FILE_BYTES;
        let text = if small { fs::read_to_string(&path).map_err(failed)? } else { String::new() };
        if verifier.judge(&text).verdict == Decision::Accepted {
            good += 1;
        } else {
            bad += 1;
        }
    }
    match (good, bad) {
        (0, 0) => Err(SandboxError::Nothing.into()),
        (good, 0) => Ok(good),
        (good, bad) => Err(SandboxError::Refused { bad, of: good + bad }.into()),
    }
}
