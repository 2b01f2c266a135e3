//! What can go wrong when somebody logs in, and with accounts, approvals and tokens.

use crate::{
    batch::BatchError,
    registry::RegistryError,
    service::{Fails, Fault},
};

/// Why a login or a change of accounts was not taken. No sentence tells whether a user exists.
#[derive(Debug, thiserror::Error)]
pub(in crate::service) enum AccessError {
    #[error("this request comes from another site than ours, or does not say where from: open our page and try there")]
    CrossSite,
    #[error("name and password, or the token, were not accepted: check them and try again")]
    Refused,
    #[error("too many logins have failed: wait {} minutes and try again", retry_after.div_ceil(60))]
    Throttled { retry_after: u64 },
    #[error("your login is right, and gives you no role here: ask whoever runs DHIS2 or the accounts to add one")]
    NoRole,
    #[error("your account is closed here: ask whoever looks after the accounts")]
    Closed,
    #[error("DHIS2, which knows who you are, does not answer: try again in a few minutes")]
    Dhis2Away,
    #[error("there is no login by DHIS2 here: use a token, or the other way to log in")]
    NoDhis2,
    #[error("there is no login by a provider of identities here: use the other way to log in")]
    NoProvider,
    #[error("the provider of identities does not answer as it should: try again in a few minutes")]
    ProviderAway,
    #[error("what the provider of identities sent back was not accepted: begin the login again")]
    ProviderRefused,
    #[error("this login took too long, or was begun in another browser: begin it again")]
    LoginStale,
    #[error("the content of the request is not the JSON that is expected (line {line}, column {column}): correct it")]
    Json { line: usize, column: usize },
    #[error("the form lacks the field {field}: fill it in and send it again")]
    Field { field: &'static str },
    #[error(
        "the name of an account has 1 to 64 small letters, digits, and . - _ between them, and is none of our own: \
         choose another"
    )]
    Name,
    #[error("a role must be one of verifier, facility, operator, approver, auditor, admin, and one at least is needed")]
    Role,
    #[error(
        "a role facility needs org units, each a UID of DHIS2 (a letter, then ten letters or digits), at most {}",
        crate::limits::ACCESS_FACILITIES
    )]
    Facility,
    #[error("a right must be one that exists and that the account has, and one at least is needed")]
    Right,
    #[error("a token lasts 1 to {} days, and not longer than the token that asks for it", crate::limits::TOKEN_DAYS)]
    Days,
    #[error(
        "the label of a token has 1 to {} characters and no line ends: shorten it",
        crate::limits::TOKEN_LABEL_CHARS
    )]
    Label,
    #[error(
        "a token for somebody else's account that issues is made on the machine of the service alone \
         (vaccert access token make): have its holder make it"
    )]
    OthersToken,
    #[error("nobody proposes or closes their own account: ask another administrator")]
    Own,
    #[error("nobody approves an account of their own, by whichever of their accounts: ask another approver")]
    OwnApproval,
    #[error(
        "you have approved this account already, by this account of yours or another: another person must do so too"
    )]
    Twice,
    #[error("this account does not wait for approval: look at it again")]
    NotPending,
    #[error("the roles of this account come from elsewhere: change its groups there")]
    Foreign,
    #[error("there is no such account: look at the list")]
    NoAccount,
    #[error("there is no such token of yours that still stands: look at the list")]
    NoToken,
    #[error("there is no such alert that is open: look at the list")]
    NoAlert,
    #[error("this alert is about you: somebody else must look at it")]
    OwnAlert,
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error("the system gives no random bytes: check /dev/urandom")]
    Random,
    #[error("a secret of this installation cannot be read: {0}")]
    Secret(BatchError),
}

/// Seconds to wait for something that is away.
const AWAY: u64 = 30;

/// Whether a failure of the registry passes by itself.
fn passes(error: &RegistryError) -> bool {
    matches!(
        error,
        RegistryError::Locked { .. }
            | RegistryError::Unreachable { .. }
            | RegistryError::Full { .. }
            | RegistryError::ReadOnly { .. }
            | RegistryError::Denied { .. }
            | RegistryError::Tls { .. }
            | RegistryError::Open { .. }
    )
}

impl Fails for AccessError {
    fn fault(&self) -> Fault {
        match self {
            Self::CrossSite | Self::NoRole | Self::Closed | Self::OthersToken | Self::Own | Self::OwnApproval => {
                Fault::Forbidden
            }
            Self::OwnAlert => Fault::Forbidden,
            Self::Refused | Self::ProviderRefused | Self::LoginStale => Fault::Unauthorized,
            Self::Throttled { retry_after } => Fault::TooMany { retry_after: *retry_after },
            Self::Dhis2Away | Self::ProviderAway => Fault::Unavailable { retry_after: AWAY },
            Self::NoDhis2 | Self::NoProvider | Self::NoAccount | Self::NoToken | Self::NoAlert => Fault::NotFound,
            Self::Json { .. } | Self::Field { .. } => Fault::Bad,
            Self::Name | Self::Role | Self::Facility | Self::Right | Self::Days | Self::Label => Fault::Unprocessable,
            Self::Twice | Self::NotPending | Self::Foreign => Fault::Conflict,
            Self::Registry(RegistryError::Key { .. }) => Fault::Unprocessable,
            Self::Registry(error) if passes(error) => Fault::Unavailable { retry_after: AWAY },
            Self::Secret(BatchError::Registry(error)) if passes(error) => Fault::Unavailable { retry_after: AWAY },
            Self::Registry(_) | Self::Random | Self::Secret(_) => Fault::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::CrossSite => "cross-site",
            Self::Refused => "login-refused",
            Self::Throttled { .. } => "too-many-logins",
            Self::NoRole => "no-role",
            Self::Closed => "account-closed",
            Self::Dhis2Away => "dhis2-away",
            Self::NoDhis2 | Self::NoProvider => "no-such-login",
            Self::ProviderAway => "provider-away",
            Self::ProviderRefused => "provider-refused",
            Self::LoginStale => "login-stale",
            Self::Json { .. } => "json",
            Self::Field { .. } => "field-missing",
            Self::Name => "account-name",
            Self::Role => "role",
            Self::Facility => "facility",
            Self::Right => "right",
            Self::Days => "days",
            Self::Label => "label",
            Self::OthersToken => "others-token",
            Self::Own => "own-account",
            Self::OwnApproval => "own-approval",
            Self::Twice => "approved-twice",
            Self::NotPending => "not-pending",
            Self::Foreign => "foreign-account",
            Self::NoAccount => "no-account",
            Self::NoToken => "no-token",
            Self::NoAlert => "no-alert",
            Self::OwnAlert => "own-alert",
            Self::Registry(_) | Self::Secret(_) => "registry",
            Self::Random => "random",
        }
    }
}
