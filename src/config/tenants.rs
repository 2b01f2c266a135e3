//! `[[tenant]]`: further installations that one service runs, each with a whole configuration of its own.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{ConfigError, Setup};
use crate::limits::TENANTS;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TenantSection {
    name: String,
    config: PathBuf,
    hosts: Vec<String>,
}

/// A further installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its name in messages to operators.
    pub name: String,
    /// Its configuration file.
    pub config: PathBuf,
    /// The names under which it is asked.
    pub hosts: Vec<String>,
}

fn wrong(problem: String) -> ConfigError {
    ConfigError::Setting { setting: "tenant", problem }
}

/// The sections of a file; relative paths start at its folder.
pub(super) fn build(sections: Vec<TenantSection>, own: &[String], base: &Path) -> Result<Vec<Tenant>, ConfigError> {
    if sections.len() > TENANTS {
        return Err(wrong(format!("stands {} times: run at most {TENANTS} in one service", sections.len())));
    }
    let mut tenants: Vec<Tenant> = Vec::new();
    for TenantSection { name, config, hosts } in sections {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
            return Err(wrong(
                "has a name that is empty, too long, or has other signs than letters, digits, - _ .".into(),
            ));
        }
        if tenants.iter().any(|known| known.name == name) {
            return Err(wrong(format!("{name} stands twice: give each a name of its own")));
        }
        if hosts.is_empty() {
            return Err(wrong(format!("{name} has no hosts: name at least one, by which it is found")));
        }
        let hosts: Vec<String> = hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        for (at, host) in hosts.iter().enumerate() {
            let is_host = !host.is_empty() && host.len() <= 253 && host.chars().all(plain);
            if !is_host {
                return Err(wrong(format!("{name} has a host that is none: give a name without a port")));
            }
            let taken = own.iter().any(|known| known.eq_ignore_ascii_case(host))
                || tenants.iter().any(|known| known.hosts.contains(host))
                || hosts.iter().take(at).any(|known| known == host);
            if taken {
                return Err(wrong(format!(
                    "{name} has the host {host}, which stands twice: a name leads to one tenant"
                )));
            }
        }
        tenants.push(Tenant { name, config: base.join(config), hosts });
    }
    Ok(tenants)
}

impl Setup {
    /// The tenants of this installation with their configurations, each read and checked: no two share a registry, a
    /// key or a folder of published lists, this installation included.
    ///
    /// # Errors
    /// [`ConfigError`] names the tenant or the setting of its file.
    pub fn load_tenants(&self) -> Result<Vec<(Tenant, Self)>, ConfigError> {
        let mut all: Vec<(Tenant, Self)> = Vec::new();
        for tenant in &self.tenants {
            let setup = Self::load(&tenant.config)?;
            let name = &tenant.name;
            if !setup.tenants.is_empty() {
                return Err(wrong(format!("{name} has tenants of its own: name them all in the main file")));
            }
            for (other, known) in std::iter::once(("the main file", self))
                .chain(all.iter().map(|(tenant, setup)| (tenant.name.as_str(), setup)))
            {
                if let Some(shared) = shared(&setup, known) {
                    return Err(wrong(format!("{name} has the same {shared} as {other}: give each its own")));
                }
            }
            all.push((tenant.clone(), setup));
        }
        Ok(all)
    }
}

/// What two installations must not share.
fn shared(one: &Setup, other: &Setup) -> Option<&'static str> {
    if place(&one.registry_url) == place(&other.registry_url) {
        return Some("registry");
    }
    let keys = |setup: &Setup| -> Vec<Vec<u8>> {
        let signers = setup.signers.members().iter().map(|member| member.signer().certificate());
        let list = std::iter::once(setup.list_key.signer.certificate());
        signers.chain(list).map(|certificate| certificate.spki().to_vec()).collect()
    };
    let known = keys(other);
    if keys(one).iter().any(|key| known.contains(key)) {
        return Some("key");
    }
    let folder = |setup: &Setup| real(&setup.service.public);
    (folder(one) == folder(other)).then_some("folder service.public")
}

/// One text for one database, however its path is written.
fn place(url: &str) -> String {
    let path = url.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path));
    match path {
        None if url.contains("://") => url.split(['?', '#']).next().unwrap_or(url).to_owned(),
        path => real(Path::new(path.unwrap_or(url))).to_string_lossy().into_owned(),
    }
}

/// A path without links and dots, as far as it exists.
fn real(path: &Path) -> PathBuf {
    if let Ok(found) = fs::canonicalize(path) {
        return found;
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) if !parent.as_os_str().is_empty() => real(parent).join(name),
        _ => std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Tenant>, String> {
        #[derive(Deserialize)]
        struct Only {
            tenant: Vec<TenantSection>,
        }
        let only: Only = toml::from_str(text).map_err(|e| e.message().to_owned())?;
        build(only.tenant, &["main.example.org".to_owned()], Path::new("/etc/vaccert")).map_err(|e| e.to_string())
    }

    #[test]
    fn tenants_are_told_apart_by_name_and_host() {
        let tenant = |name: &str, hosts: &str| {
            format!("[[tenant]]\nname = \"{name}\"\nconfig = \"{name}/vaccert.toml\"\nhosts = {hosts}\n")
        };
        let two =
            read(&(tenant("togo", "[\"Togo.example.org\"]") + &tenant("benin", "[\"benin.example.org\"]"))).unwrap();
        assert_eq!(two[0].hosts, ["togo.example.org"]);
        assert_eq!(two[1].config, Path::new("/etc/vaccert/benin/vaccert.toml"));
        for (text, part) in [
            (tenant("a", "[]"), "no hosts"),
            (tenant("a", "[\"MAIN.example.org\"]"), "stands twice"),
            (tenant("a", "[\"x.org\", \"X.org\"]"), "stands twice"),
            (tenant("a", "[\"x.org\"]") + &tenant("b", "[\"x.org\"]"), "stands twice"),
            (tenant("a", "[\"x.org\"]") + &tenant("a", "[\"y.org\"]"), "stands twice"),
            (tenant("a", "[\"x.org:8080\"]"), "without a port"),
            (tenant("a b", "[\"x.org\"]"), "name"),
        ] {
            let error = read(&text).unwrap_err();
            assert!(error.starts_with("tenant ") && error.contains(part), "{error}");
        }
    }

    #[test]
    fn a_database_is_the_same_however_its_path_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let at = |tail: &str| format!("{}/{tail}", dir.path().display());
        assert_eq!(place(&at("registry.db")), place(&format!("sqlite:{}", at("./registry.db"))));
        assert!(place(&at("x/../registry.db")).ends_with("registry.db"));
        assert_ne!(place(&at("a.db")), place(&at("b.db")));
        assert_eq!(place("postgres://h/a?sslmode=require"), place("postgres://h/a"));
        assert_ne!(place("postgres://h/a"), place("postgres://h/b"));
    }
}
