//! Whether a login of DHIS2 is right, and whose it is (`/api/me`): for people who log in here with the account that
//! they have there. Their credentials are used for this one question and kept nowhere.

use reqwest::Client as Http;
use serde::Deserialize;
use url::Url;

use super::{
    auth::Auth,
    client::{Client, ClientOptions, connection, is_uid},
    error::Dhis2Error,
    transport::{Retry, Transport},
};
use crate::{limits, source::model::OrgUnit};

/// The user's name stood in `userCredentials` until 2.37.
const FIELDS: &str = "id,username,email,openId,disabled,userCredentials[username,openId,disabled],\
                      userGroups[id,name,displayName],organisationUnits[id,code,name,path,level]";

/// Asks one server whose login something is.
#[derive(Debug)]
pub struct Login {
    http: Http,
    base: Url,
    retry: Retry,
}

/// A user of DHIS2.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// UID, the same for ever.
    pub id: String,
    /// Name, where the server tells it.
    pub name: Option<String>,
    /// UIDs and names of the groups that the user is in.
    pub groups: Vec<String>,
    /// Org units for data capture.
    pub org_units: Vec<OrgUnit>,
    /// By what other systems may know the same person: e-mail address, and subject at the provider of identities. Users
    /// can change their own address in DHIS2. Personal data.
    pub known_as: Vec<String>,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User").field("id", &self.id).field("groups", &self.groups).finish_non_exhaustive()
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Said {
    id: String,
    username: Option<String>,
    email: Option<String>,
    open_id: Option<String>,
    disabled: bool,
    user_credentials: Option<Credentials>,
    user_groups: Vec<Group>,
    organisation_units: Vec<OrgUnit>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Credentials {
    username: Option<String>,
    open_id: Option<String>,
    disabled: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Group {
    id: String,
    name: Option<String>,
    display_name: Option<String>,
}

impl Login {
    /// For the server of these options; the credentials in them are not used.
    ///
    /// # Errors
    /// When an option is unusable.
    pub fn new(options: &ClientOptions) -> Result<Self, Dhis2Error> {
        let (http, base) = connection(options)?;
        Ok(Self { http, base, retry: options.retry })
    }

    /// Whose login this is; `None` when the server does not take it.
    ///
    /// # Errors
    /// When the server cannot be asked, or says something else.
    pub async fn whose(&self, auth: Auth) -> Result<Option<User>, Dhis2Error> {
        let Ok(transport) = Transport::new(self.http.clone(), self.base.clone(), auth, self.retry, 0) else {
            // Credentials that no header can carry are nobody's.
            return Ok(None);
        };
        let fields = vec![("fields", FIELDS.to_owned())];
        match transport.get("/api/me", &fields, limits::DHIS2_METADATA_BYTES).await {
            Ok(said) => Ok(user(said)),
            // Some versions and proxies lead to their page for logins instead of saying 401.
            Err(Dhis2Error::Credentials { .. } | Dhis2Error::LoginRedirect { .. } | Dhis2Error::Forbidden { .. }) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

impl Client {
    /// What the server says now of a user of this UID: her groups and org units, or `None` when there is no such user any
    /// more or she is disabled. Asked with the credentials of this client, which must be allowed to see users.
    ///
    /// # Errors
    /// When the server cannot be asked, does not show users to this client, or says something else; or for no UID.
    pub async fn user(&self, uid: &str) -> Result<Option<User>, Dhis2Error> {
        if !is_uid(uid) {
            return Err(Dhis2Error::NotAUid { what: "user" });
        }
        let fields = vec![("fields", FIELDS.to_owned())];
        match self.get(&format!("/api/users/{uid}"), &fields, limits::DHIS2_METADATA_BYTES).await {
            Ok(said) => Ok(user(said)),
            // The code E1005 says of objects of every kind that they are not there, or not for this client.
            Err(Dhis2Error::NotFound { .. } | Dhis2Error::OwnershipDenied { status: 404, .. }) => {
                // A server that is being started answers 404 to everything: then nobody is gone.
                self.me().await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// The user who is meant; `None` for nobody, and for one who is disabled.
fn user(said: Said) -> Option<User> {
    let inner = said.user_credentials.unwrap_or_default();
    if said.id.is_empty() || said.disabled || inner.disabled {
        return None;
    }
    let name = said.username.or(inner.username);
    let known_as = [said.email, said.open_id, inner.open_id];
    let groups = said.user_groups.into_iter().flat_map(|group| {
        let Group { id, name, display_name } = group;
        [Some(id), name, display_name].into_iter().flatten().filter(|word| !word.is_empty())
    });
    Some(User {
        id: said.id,
        name: name.filter(|name| !name.is_empty()),
        groups: groups.collect(),
        org_units: said.organisation_units,
        known_as: known_as.into_iter().flatten().filter(|told| !told.is_empty()).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<User> {
        user(serde_json::from_str(json).unwrap())
    }

    #[test]
    fn the_name_is_found_in_every_version() {
        let new = read(
            r#"{"id": "xE7jOejl9FI", "username": "admin", "userGroups": [{"id": "q3Nh5xhJEy2", "name": "COVAC"}]}"#,
        );
        let old = read(
            r#"{"id": "xE7jOejl9FI", "userCredentials": {"username": "admin"}, "userGroups": [{"id": "q3Nh5xhJEy2", "displayName": "COVAC"}]}"#,
        );
        assert_eq!(new, old);
        let user = new.unwrap();
        assert_eq!(
            (user.name.as_deref(), user.groups),
            (Some("admin"), vec!["q3Nh5xhJEy2".to_owned(), "COVAC".to_owned()])
        );
        assert_eq!(read("{}"), None, "without a UID it is nobody");
        assert_eq!(read(r#"{"id": "xE7jOejl9FI", "disabled": true}"#), None);
        assert_eq!(read(r#"{"id": "xE7jOejl9FI", "userCredentials": {"disabled": true}}"#), None);
        let known = read(r#"{"id": "xE7jOejl9FI", "email": "a@example.org", "userCredentials": {"openId": "a7"}}"#);
        let known = known.unwrap();
        assert_eq!(known.known_as, ["a@example.org", "a7"]);
        assert!(!format!("{known:?}").contains("example"), "no address in a log");
        assert_eq!(read(r#"{"id": "xE7jOejl9FI"}"#).unwrap().name, None);
    }
}
