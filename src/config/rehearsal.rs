//! The configuration that `vaccert sandbox` writes: the commented template with the addresses of its own servers in it.

use std::path::Path;

use jiff::Timestamp;

use super::{ConfigError, sandbox, template};
use crate::{batch::Random, gateway::Network};

/// First line of the file, by which the command knows its own.
pub const MARK: &str = "# Written by vaccert sandbox, at each of its starts. Copy the file before you change it.\n";

/// What stands where in a rehearsal. Paths start at the folder of the file.
#[derive(Debug, Clone, Copy)]
pub struct Rehearsal<'a> {
    /// Address of the rehearsal DHIS2.
    pub dhis2_url: &'a str,
    /// Its user.
    pub dhis2_user: &'a str,
    /// File with the user's password.
    pub dhis2_password_file: &'a str,
    /// Address of the rehearsal gateway.
    pub gateway_url: &'a str,
    /// Whose rules it keeps.
    pub network: Network,
    /// Root of the gateway's server certificate.
    pub gateway_ca: &'a str,
    /// The operator's trust anchor.
    pub trust_anchor: &'a str,
    /// Certificate and key of the TLS client.
    pub tls: (&'a str, &'a str),
    /// Certificate and key that sign uploads.
    pub upload: (&'a str, &'a str),
}

/// The text of the file.
#[must_use]
pub fn text(rehearsal: &Rehearsal<'_>) -> String {
    let quoted = |text: &str| toml::Value::from(text).to_string();
    let text = template::text(Some(rehearsal.dhis2_url), None)
        .replace("# user = \"vaccert\"", &format!("user = {}", quoted(rehearsal.dhis2_user)))
        .replace(
            "# password_file = \"/run/secrets/dhis2-password\"",
            &format!("password_file = {}", quoted(rehearsal.dhis2_password_file)),
        );
    let rows = [
        ("network", rehearsal.network.name()),
        ("environment", "sandbox"),
        ("url", rehearsal.gateway_url),
        ("tls_certificate", rehearsal.tls.0),
        ("tls_key", rehearsal.tls.1),
        ("tls_ca", rehearsal.gateway_ca),
        ("upload_certificate", rehearsal.upload.0),
        ("upload_key", rehearsal.upload.1),
        ("csca_certificate", CSCA),
        ("trust_anchor", rehearsal.trust_anchor),
        ("state", "pulled"),
    ];
    let rows: String = rows.iter().map(|(name, value)| format!("{name} = {}\n", quoted(value))).collect();
    let public = match rehearsal.network {
        Network::Eu => String::new(),
        Network::Who => format!(
            "\n# The public one.\n[[trust]]\nname = \"public\"\nkind = \"url\"\nurl = {}\nlist_key = [{}]\nca_file = {}\n",
            quoted(&format!("{}/v2/trustlist/did.json", rehearsal.gateway_url)),
            quoted(rehearsal.trust_anchor),
            quoted(rehearsal.gateway_ca),
        ),
    };
    format!(
        "{MARK}{text}\n# The gateway of the rehearsal, which refuses what the real one refuses.\n[gateway]\n{rows}\n# Its \
         list, as vaccert trust pull fetches it.\n[[trust]]\nname = \"gateway\"\nkind = \"gateway\"\nexpect_own = \
         true\n{public}{RETURNS}"
    )
}

/// What may go back into the DHIS2 of the rehearsal, which has the data set and the fields for it.
const RETURNS: &str = "
# What goes back into DHIS2: counts by facility, and the certificate into the record it came from. The DHIS2 of the
# rehearsal has these fields, and its user the rights.
# [dhis2.push]
# data_set = \"VaccCounts1\"
# issued = \"VaccIssued1\"
# revoked = \"VaccRevoke1\"
# refused = \"VaccRefuse1\"
# standing = \"VaccStands1\"
# [dhis2.write_back]
# certificate_element = \"VaccertDe01\"
# status_element = \"VaccertDe02\"
";

/// The country's authority, among the keys that [`keys`] makes.
pub const CSCA: &str = "keys/csca.pem";
/// Its document signer.
pub const SIGNER: &str = "keys/dsc.pem";

/// Makes authority, signer and key for linked data in the folder `keys` of `dir`, where they are not there yet.
///
/// # Errors
/// When the folder cannot be written.
pub fn keys(dir: &Path, now: Timestamp, random: &Random) -> Result<(), ConfigError> {
    let keys = dir.join("keys");
    if !sandbox::certificate_path(&keys, sandbox::SIGNER).exists() {
        sandbox::make_keys(&keys, now, random)?;
    }
    sandbox::make_named_key(&keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_a_configuration_with_everything_in_it() {
        let rehearsal = Rehearsal {
            dhis2_url: "http://127.0.0.1:8444/hmis",
            dhis2_user: "reader",
            dhis2_password_file: "dhis2-password",
            gateway_url: "https://localhost:8443",
            network: Network::Who,
            gateway_ca: "gateway/server-ca.pem",
            trust_anchor: "gateway/anchor.pem",
            tls: ("keys/tls.pem", "keys/tls-key.pem"),
            upload: ("keys/upload.pem", "keys/upload-key.pem"),
        };
        let text = text(&rehearsal);
        assert!(text.starts_with(MARK));
        let parsed: toml::Table = text.parse().unwrap();
        let told = |section: &str, name: &str| parsed[section][name].as_str().unwrap().to_owned();
        assert_eq!(parsed["environment"].as_str(), Some("sandbox"));
        assert_eq!(told("dhis2", "url"), rehearsal.dhis2_url);
        assert_eq!(told("dhis2", "user"), "reader");
        assert_eq!(told("dhis2", "password_file"), "dhis2-password");
        assert_eq!(told("gateway", "network"), "who");
        assert_eq!(told("gateway", "url"), rehearsal.gateway_url);
        assert_eq!(told("keys", "signer_certificate"), SIGNER);
        assert_eq!(told("keys", "list_certificate"), CSCA);
        let lists = parsed["trust"].as_array().unwrap();
        let kinds: Vec<_> = lists.iter().map(|list| list["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["gateway", "url"]);
        assert_eq!(lists[1]["url"].as_str(), Some("https://localhost:8443/v2/trustlist/did.json"));
    }
}
