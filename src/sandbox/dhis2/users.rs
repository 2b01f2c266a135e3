//! Who may come in, and what they may do (`/api/me`, Basic and personal access tokens).

use axum::http::{HeaderMap, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{PASSWORD, Refusal, TOKEN, USER, metadata, wire};

/// A user of the server.
#[derive(Clone)]
pub struct User {
    /// UID.
    pub id: String,
    /// Name for logging in.
    pub name: String,
    /// Password.
    pub password: String,
    /// Personal access token, where she has one.
    pub token: Option<String>,
    /// First name and surname.
    pub display_name: String,
    /// UID and name of her user groups.
    pub groups: Vec<(String, String)>,
    /// UIDs of her capture org units; `None` for those of the options.
    pub org_units: Option<Vec<String>>,
    /// Authorities of her user roles.
    pub authorities: Vec<String>,
    /// Whether the program is shared with her for writing data.
    pub writes: bool,
    /// Disabled by an administrator.
    pub disabled: bool,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "User({})", self.id)
    }
}

impl User {
    /// A user with a password, in these groups (UID and name), who may read.
    #[must_use]
    pub fn new(id: &str, name: &str, password: &str, groups: &[(&str, &str)]) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            password: password.to_owned(),
            token: None,
            display_name: name.to_owned(),
            groups: groups.iter().map(|(uid, name)| ((*uid).to_owned(), (*name).to_owned())).collect(),
            org_units: None,
            authorities: vec!["F_EXPORT_DATA".to_owned()],
            writes: false,
            disabled: false,
        }
    }

    /// The user whom every server has ([`USER`], [`PASSWORD`], [`TOKEN`]): she may read the program, and no more.
    #[must_use]
    pub fn reader() -> Self {
        Self { token: Some(TOKEN.to_owned()), ..Self::new("UserReader1", USER, PASSWORD, &[]) }
    }

    /// With more authorities.
    #[must_use]
    pub fn with(mut self, authorities: &[&str]) -> Self {
        self.authorities.extend(authorities.iter().map(|&authority| authority.to_owned()));
        self
    }

    /// Who may write data of the program.
    #[must_use]
    pub fn writing(mut self) -> Self {
        self.writes = true;
        self
    }

    /// With capture org units of her own.
    #[must_use]
    pub fn at(mut self, org_units: &[&str]) -> Self {
        self.org_units = Some(org_units.iter().map(|&unit| unit.to_owned()).collect());
        self
    }

    /// Whether one of her roles gives this authority.
    #[must_use]
    pub fn may(&self, authority: &str) -> bool {
        self.authorities.iter().any(|own| own == authority || own == "ALL")
    }

    /// `/api/me`, before `fields` takes its pick.
    pub(super) fn me(&self, default_org_units: &[String]) -> Value {
        let mine = self.org_units.as_deref().unwrap_or(default_org_units);
        let units: Vec<Value> = metadata::org_units()
            .into_iter()
            .filter(|unit| mine.iter().any(|mine| wire::text(unit, "id") == mine))
            .collect();
        let groups: Vec<Value> =
            self.groups.iter().map(|(id, name)| json!({"id": id, "name": name, "displayName": name})).collect();
        json!({
            "id": self.id, "username": self.name, "displayName": self.display_name, "name": self.display_name,
            "userGroups": groups, "organisationUnits": units, "authorities": self.authorities,
            "userRoles": [{"id": "RoleReader1", "name": "Reader"}],
        })
    }
}

/// `/api/users/{id}`: a user as somebody sees her who may see users (authority `F_USER_VIEW`), before `fields` takes its
/// pick.
pub(super) fn shown(users: &[User], by: &User, id: &str, default_org_units: &[String]) -> Result<Value, Refusal> {
    if !by.may("F_USER_VIEW") {
        return Err(Refusal(403, None, "Access is denied, requires one Authority from [F_USER_VIEW]".to_owned()));
    }
    let found = users.iter().find(|user| user.id == id);
    let found = found.ok_or_else(|| Refusal(404, Some("E1005"), format!("User with id {id} could not be found.")))?;
    let mut shown = found.me(default_org_units);
    if let Some(members) = shown.as_object_mut() {
        members.remove("authorities");
        members.insert("disabled".to_owned(), found.disabled.into());
    }
    Ok(shown)
}

/// Who sends a request; or the server's message of refusal.
pub(super) fn authorized<'u>(users: &'u [User], headers: &HeaderMap) -> Result<&'u User, &'static str> {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or("Unauthorized")?;
    let user = match sent.split_once(' ') {
        Some(("Basic", login)) => {
            let login = STANDARD.decode(login).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let login = login.ok_or("Unauthorized")?;
            let (name, password) = login.split_once(':').ok_or("Unauthorized")?;
            users.iter().find(|user| user.name == name && user.password == password)
        }
        Some(("ApiToken", token)) => users.iter().find(|user| user.token.as_deref() == Some(token)),
        _ => None,
    };
    let user = user.ok_or("Unauthorized")?;
    if user.disabled { Err("Account disabled") } else { Ok(user) }
}
