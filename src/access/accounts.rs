//! From the names of roles in an account to what its holder may do, and the names that accounts may have.

use super::{Actor, ActorKind, Right, Role};

/// Longest name of a local account, in characters.
const NAME: usize = 64;
/// How the names of local accounts begin; those of others begin with whence they come: `dhis2:`, `oidc:`. What has no
/// such beginning is a part of the program itself.
pub const LOCAL: &str = "user:";

/// Whether a local account may have this name, after its beginning: small letters and digits, with `.`, `-` and `_`
/// between them.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.len() <= NAME && name.starts_with(plain) && name.chars().all(|c| plain(c) || matches!(c, '.' | '-' | '_'))
}

/// Whether a text has the form of a DHIS2 UID: a letter, then ten letters or digits.
#[must_use]
pub fn is_uid(text: &str) -> bool {
    text.len() == 11
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric())
}

/// The bounds of a token, which narrow what its account may do.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// Names of rights.
    pub rights: &'a [String],
    /// UIDs of org units; empty means those of the account.
    pub facilities: &'a [String],
}

impl Actor {
    /// Whoever acts for an account with these roles and org units, within `scope` if they came with a token.
    ///
    /// An account that may issue because it is a facility, and for no other reason, is bound to its org units.
    #[must_use]
    pub fn of_account(
        name: &str,
        kind: ActorKind,
        roles: &[&str],
        facilities: &[String],
        scope: Option<Scope<'_>>,
    ) -> Self {
        let roles: Vec<Role> = roles.iter().filter_map(|name| Role::read(name)).collect();
        let is = |role| roles.contains(&role);
        let allowed = |right: &Right| scope.is_none_or(|scope| scope.rights.iter().any(|name| name == right.name()));
        let has = |right: &Right| roles.iter().any(|role| role.rights().contains(right));
        let rights = Right::ALL.into_iter().filter(|right| has(right) && allowed(right)).collect();
        let own = (is(Role::Facility) && !is(Role::Operator)).then(|| facilities.to_vec());
        let facilities = match (own, scope.map(|scope| scope.facilities).filter(|units| !units.is_empty())) {
            (None, None) => None,
            (Some(own), None) => Some(own),
            (None, Some(units)) => Some(units.to_vec()),
            (Some(own), Some(units)) => Some(units.iter().filter(|unit| own.contains(unit)).cloned().collect()),
        };
        Self { kind, name: name.to_owned(), rights, facilities }
    }

    /// As [`Actor::covers`], where the place of the facility in the tree is known: the UIDs from the root down,
    /// separated and led by `/`. A district's own are the facilities below it too.
    #[must_use]
    pub fn covers_path(&self, path: &str) -> bool {
        match &self.facilities {
            None => true,
            Some(bound) => path.split('/').any(|unit| !unit.is_empty() && bound.iter().any(|own| own == unit)),
        }
    }
}

impl Role {
    /// The role of this name.
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Its stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Citizen => "citizen",
            Self::Verifier => "verifier",
            Self::Facility => "facility",
            Self::Operator => "operator",
            Self::Approver => "approver",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
        }
    }

    /// Whether certificates are issued by it: two people must approve such an account (failure F03).
    #[must_use]
    pub const fn issues(self) -> bool {
        matches!(self, Self::Facility | Self::Operator)
    }

    /// The roles that an account can have: all but the citizen's, which is a session and no account.
    #[must_use]
    pub const fn of_accounts() -> [Self; 6] {
        [Self::Verifier, Self::Facility, Self::Operator, Self::Approver, Self::Auditor, Self::Admin]
    }
}

impl Right {
    /// The right of this name.
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn actor(roles: &[&str], units: &[&str], scope: Option<(&[&str], &[&str])>) -> Actor {
        let (rights, facilities) = scope.map(|(r, f)| (texts(r), texts(f))).unwrap_or_default();
        let scope = scope.map(|_| Scope { rights: &rights, facilities: &facilities });
        Actor::of_account("amina", ActorKind::Person, roles, &texts(units), scope)
    }

    #[test]
    fn no_role_that_keeps_the_house_can_issue_and_the_auditor_changes_nothing() {
        let changes =
            [Right::Issue, Right::Correct, Right::Revoke, Right::Cases, Right::Approve, Right::Accounts, Right::Switch];
        for right in changes {
            assert!(!Role::Auditor.rights().contains(&right), "{right:?}");
        }
        for role in Role::ALL {
            let signs = role.rights().iter().any(|right| matches!(right, Right::Issue | Right::Correct));
            assert_eq!(signs, role.issues(), "{role:?}");
            assert_eq!(Role::read(role.name()), Some(role));
        }
        assert!(!Role::Admin.rights().contains(&Right::Approve), "who proposes does not approve");
        assert!(Role::Citizen.rights().is_empty());
        for right in Right::ALL {
            assert_eq!(Right::read(right.name()), Some(right));
        }
    }

    #[test]
    fn a_facility_is_bound_and_an_operator_is_not() {
        let clinic = actor(&["facility"], &["ImspTQPwCqd"], None);
        assert!(clinic.covers(Some("ImspTQPwCqd")) && !clinic.covers(Some("O6uvpzGd5pu")) && !clinic.covers(None));
        assert!(clinic.covers_path("/Root0000000/ImspTQPwCqd/O6uvpzGd5pu") && !clinic.covers_path("/O6uvpzGd5pu"));
        assert!(!clinic.covers_path("") && !clinic.covers_path("/"));
        assert!(!actor(&["facility"], &[], None).covers(Some("ImspTQPwCqd")), "no org unit means none, not all");
        assert!(actor(&["facility", "operator"], &["ImspTQPwCqd"], None).covers(None));
        assert_eq!(actor(&["auditor", "facility"], &[], None).facilities, Some(Vec::new()));
    }

    #[test]
    fn a_token_has_never_more_than_its_account() {
        let narrow = actor(&["facility"], &["ImspTQPwCqd"], Some((&["read", "revoke"], &["O6uvpzGd5pu"])));
        assert_eq!(narrow.rights, [Right::Read]);
        assert_eq!(narrow.facilities, Some(Vec::new()));
        let one = actor(&["operator"], &[], Some((&["issue"], &["O6uvpzGd5pu"])));
        assert_eq!((one.rights.clone(), one.facilities), (vec![Right::Issue], Some(texts(&["O6uvpzGd5pu"]))));
        assert!(actor(&["citizen", "no-such-role"], &[], None).rights.is_empty());
    }

    #[test]
    fn names_look_like_nobody_else() {
        for good in ["amina", "clinic-7", "a", "0x", "j.doe_2"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "Amina", "dhis2:amina", "-a", "a b", "é", "a\n", &"x".repeat(65)] {
            assert!(!is_name(bad), "{bad}");
        }
        assert!(is_uid("ImspTQPwCqd") && !is_uid("0mspTQPwCqd") && !is_uid("ImspTQPwCq") && !is_uid("ImspTQPwC,d"));
    }
}
