//! What an entry of the log says.

use std::collections::BTreeMap;

use crate::{
    access::{self, Actor},
    limits,
    registry::{RegistryError, check_key},
};

use super::form::Texts;

/// Words of the log: an enum with the word of each of its values.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$meaning:meta])* $value:ident => $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$meaning])* $value,)+
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$value,)+];

            /// The word in the log, which never changes.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$value => $word,)+
                }
            }

            /// The value of a word.
            #[must_use]
            pub fn read(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == word)
            }
        }
    };
}

words! {
    /// What kind of actor did it.
    ActorKind {
        /// The program by itself: the poller, a nightly task.
        System => "system",
        /// A person with an account, or at the command line.
        User => "user",
        /// An API token.
        Token => "token",
        /// A citizen in a session.
        Citizen => "citizen",
        /// Somebody who did not say who they are, or could not prove it.
        Anybody => "anybody",
    }
}

words! {
    /// What was done.
    Deed {
        /// A certificate was issued, the first of its record.
        Issue => "issue",
        /// A further format was added to a certificate that stands.
        Add => "add",
        /// A certificate was issued in the place of one that said something else.
        Correct => "correct",
        /// A certificate was issued in the place of one that runs out.
        Renew => "renew",
        /// A record was refused at somebody's request.
        Refuse => "refuse",
        /// A certificate was revoked.
        Revoke => "revoke",
        /// A revocation was taken back.
        Undo => "undo",
        /// Somebody logged in.
        Login => "login",
        /// Somebody could not log in.
        LoginFailed => "login-failed",
        /// Somebody logged out.
        Logout => "logout",
        /// An API token was made.
        TokenMade => "token-made",
        /// An API token was ended.
        TokenEnded => "token-ended",
        /// An account was asked for.
        AccountAsked => "account-asked",
        /// An account was made.
        AccountMade => "account-made",
        /// Roles, facility or quota of an account were changed.
        AccountChanged => "account-changed",
        /// An account was closed.
        AccountClosed => "account-closed",
        /// Something that needs two was approved by one of them.
        ApprovalGiven => "approval-given",
        /// Something that needs two was refused.
        ApprovalRefused => "approval-refused",
        /// A quota was used up.
        QuotaReached => "quota-reached",
        /// Somebody issued outside of working hours.
        OffHours => "off-hours",
        /// A feature was switched on or off.
        SwitchSet => "switch-set",
        /// A citizen said that something is wrong.
        CaseOpened => "case-opened",
        /// A case was taken up or answered.
        CaseChanged => "case-changed",
        /// A case was closed.
        CaseClosed => "case-closed",
        /// A citizen was looked up, and a code or link sent.
        CodeSent => "code-sent",
        /// Attempts were used up.
        AttemptsReached => "attempts-reached",
        /// A certificate was handed out.
        Download => "download",
        /// A message was sent to the number or address on record.
        MessageSent => "message-sent",
        /// Lists were published.
        Publish => "publish",
        /// A key signed for the first time.
        KeyUsed => "key-used",
        /// A key was made.
        KeyMade => "key-made",
        /// A key was retired.
        KeyRetired => "key-retired",
        /// Trust lists were taken over by hand.
        TrustChanged => "trust-changed",
        /// Something was exported.
        Export => "export",
        /// The log, the certificates or the doses were examined.
        Examined => "examined",
        /// Counts were sent to DHIS2.
        Push => "push",
        /// Something was written into DHIS2.
        WriteBack => "write-back",
        /// Personal data was removed at the end of a programme.
        Forget => "forget",
    }
}

words! {
    /// To what it was done.
    ObjectKind {
        /// A certificate, by its identifier.
        Certificate => "certificate",
        /// A record: `UID of the person/key of the event`.
        Record => "record",
        /// A person, by the UID in the source.
        Person => "person",
        /// A facility, by its UID.
        Facility => "facility",
        /// An account, by its name or number.
        Account => "account",
        /// An API token, by its name or number.
        Token => "token",
        /// Something that needs two, by its number.
        Approval => "approval",
        /// A case, by its number.
        Case => "case",
        /// A feature switch, by its name.
        Switch => "switch",
        /// A key, by its kid in base64.
        Key => "key",
        /// A published or exported list.
        List => "list",
        /// A data set of DHIS2, by its UID.
        DataSet => "data-set",
        /// A tenant, by its name.
        Tenant => "tenant",
    }
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct By {
    /// What kind of actor.
    pub kind: ActorKind,
    /// Stable name of the account or token, such as `user:amara` or `api:clinic`, or of the part of the program; of a
    /// citizen at most something opaque. Never what somebody typed who could not prove to be
    /// that user: people type passwords into the field for the name.
    pub name: Option<String>,
}

impl By {
    /// The program by itself: `poller`, `nightly`, …
    #[must_use]
    pub fn system(part: &str) -> Self {
        Self { kind: ActorKind::System, name: Some(part.to_owned()) }
    }

    /// A person with an account.
    #[must_use]
    pub fn user(name: &str) -> Self {
        Self { kind: ActorKind::User, name: Some(name.to_owned()) }
    }

    /// An API token, by its name.
    #[must_use]
    pub fn token(name: &str) -> Self {
        Self { kind: ActorKind::Token, name: Some(name.to_owned()) }
    }

    /// A citizen, of whom nothing is told.
    #[must_use]
    pub fn citizen() -> Self {
        Self { kind: ActorKind::Citizen, name: None }
    }

    /// Somebody unknown.
    #[must_use]
    pub fn anybody() -> Self {
        Self { kind: ActorKind::Anybody, name: None }
    }

    /// The actor of an [`Origin::operator`](crate::registry::Origin::operator), under that very name: `api:NAME` or
    /// `token:NAME`, `user:NAME` or another prefix of people's accounts, a part of the program without a prefix, or
    /// nobody who was named, which is the program too.
    #[must_use]
    pub fn operator(operator: Option<&str>) -> Self {
        let Some(name) = operator else { return Self::system("vaccert") };
        match name.split_once(':').map(|(prefix, _)| prefix) {
            None => Self::system(name),
            Some("api" | "token") => Self::token(name),
            Some("citizen") => Self { kind: ActorKind::Citizen, name: Some(name.to_owned()) },
            Some(_) => Self::user(name),
        }
    }
}

impl From<&Actor> for By {
    fn from(actor: &Actor) -> Self {
        let kind = match actor.kind {
            access::ActorKind::Token => ActorKind::Token,
            access::ActorKind::Person => ActorKind::User,
            access::ActorKind::Citizen => ActorKind::Citizen,
            access::ActorKind::System => ActorKind::System,
        };
        Self { kind, name: Some(actor.name.clone()).filter(|name| !name.is_empty()) }
    }
}

/// An entry of the log, still to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    by: By,
    deed: Deed,
    object: Option<(ObjectKind, String)>,
    record: Option<(String, String)>,
    reason: Option<String>,
    request: Option<String>,
    details: BTreeMap<&'static str, serde_json::Value>,
}

impl Entry {
    /// Somebody did something.
    #[must_use]
    pub fn new(by: By, deed: Deed) -> Self {
        Self { by, deed, object: None, record: None, reason: None, request: None, details: BTreeMap::new() }
    }

    /// To this.
    #[must_use]
    pub fn to(mut self, kind: ObjectKind, id: impl Into<String>) -> Self {
        self.object = Some((kind, id.into()));
        self
    }

    /// It concerns this record of the source: UID of the person, and key of the event.
    #[must_use]
    pub fn of(mut self, person: &str, event: &str) -> Self {
        self.record = Some((person.to_owned(), event.to_owned()));
        self
    }

    /// Why: a stable word, or the sentence of an operator, at most
    /// [`AUDIT_REASON_CHARS`](limits::AUDIT_REASON_CHARS) characters.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// At this HTTP request.
    #[must_use]
    pub fn at(mut self, request: impl Into<String>) -> Self {
        self.request = Some(request.into());
        self
    }

    /// What else: a text, number or truth by its name. No personal data.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.details.insert(name, value.into());
        self
    }

    /// Refuses what cannot be kept. `index` is its place among those that are written together.
    pub(super) fn check(&self, index: usize) -> Result<(), RegistryError> {
        let short = [
            ("actor", self.by.name.as_deref()),
            ("object", self.object.as_ref().map(|(_, id)| id.as_str())),
            ("record", self.record.as_ref().map(|(person, _)| person.as_str())),
            ("record", self.record.as_ref().map(|(_, event)| event.as_str())),
            ("request", self.request.as_deref()),
        ];
        for (field, text) in short {
            text.map_or(Ok(()), |text| check_key(index, field, text))?;
        }
        let reason = self.reason.as_deref().unwrap_or("-");
        let long = reason.chars().count() > limits::AUDIT_REASON_CHARS;
        if long || reason.is_empty() || reason.chars().any(char::is_control) {
            return Err(RegistryError::Key { index, field: "reason" });
        }
        Ok(())
    }

    pub(super) fn columns(&self) -> Columns<'_> {
        let details = (!self.details.is_empty()).then(|| {
            // A map with names in order; writing values of JSON does not fail.
            let text = serde_json::to_string(&self.details).unwrap_or_default();
            if text.len() > limits::AUDIT_DETAILS_BYTES { r#"{"cut":true}"#.to_owned() } else { text }
        });
        let record = self.record.as_ref().map(|(person, event)| format!("{person}/{event}"));
        Columns { entry: self, record, details }
    }
}

/// An entry as its columns have it.
pub(super) struct Columns<'a> {
    entry: &'a Entry,
    record: Option<String>,
    details: Option<String>,
}

impl Columns<'_> {
    /// In the order of the form.
    pub(super) fn texts(&self) -> Texts<'_> {
        let Entry { by, deed, object, reason, request, .. } = self.entry;
        [
            Some(by.kind.as_str()),
            by.name.as_deref(),
            Some(deed.as_str()),
            object.as_ref().map(|(kind, _)| kind.as_str()),
            object.as_ref().map(|(_, id)| id.as_str()),
            self.record.as_deref(),
            reason.as_deref(),
            request.as_deref(),
            self.details.as_deref(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_and_read_back() {
        let mut words: Vec<&str> = Deed::ALL.iter().map(|deed| deed.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Deed::ALL.len());
        assert!(Deed::ALL.iter().all(|deed| Deed::read(deed.as_str()) == Some(*deed)));
        assert_eq!(Deed::read("destroy"), None);
    }

    #[test]
    fn operators_are_actors() {
        assert_eq!(By::operator(Some("user:amara")), By::user("user:amara"));
        assert_eq!(By::operator(Some("dhis2:nurse")), By::user("dhis2:nurse"));
        assert_eq!(By::operator(Some("api:clinic:7")), By::token("api:clinic:7"));
        assert_eq!(By::operator(Some("poller")), By::system("poller"));
        assert_eq!(By::operator(Some("citizen:9")).kind, ActorKind::Citizen);
        assert_eq!(By::operator(None), By::system("vaccert"));
        assert_eq!(By::from(&Actor::system("nightly")), By::system("nightly"));
    }

    #[test]
    fn what_cannot_be_kept_is_refused() {
        let entry = || Entry::new(By::user("amara"), Deed::Login);
        assert!(entry().check(0).is_ok());
        let field = |entry: Entry| match entry.check(3) {
            Err(RegistryError::Key { index: 3, field }) => field,
            other => panic!("{other:?}"),
        };
        assert_eq!(field(Entry::new(By::user(""), Deed::Login)), "actor");
        assert_eq!(field(entry().to(ObjectKind::Key, "x".repeat(300))), "object");
        assert_eq!(field(entry().of("a\nb", "c")), "record");
        assert_eq!(field(entry().because("")), "reason");
        assert_eq!(field(entry().because("two\nlines")), "reason");
        assert_eq!(field(entry().because("é".repeat(limits::AUDIT_REASON_CHARS + 1))), "reason");
        assert!(entry().because("é".repeat(limits::AUDIT_REASON_CHARS)).check(0).is_ok());
        assert_eq!(field(entry().at("\0")), "request");
    }

    #[test]
    fn details_have_their_names_in_order_and_are_bounded() {
        let entry = Entry::new(By::anybody(), Deed::Export).with("to", 7).with("from", "x").with("all", true);
        assert_eq!(entry.columns().texts()[8], Some(r#"{"all":true,"from":"x","to":7}"#));
        let entry = entry.with("much", "x".repeat(limits::AUDIT_DETAILS_BYTES));
        assert_eq!(entry.columns().texts()[8], Some(r#"{"cut":true}"#));
    }
}
