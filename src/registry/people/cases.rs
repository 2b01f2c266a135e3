//! Cases: what citizens say is wrong with a certificate, and what an operator decided.

use jiff::Timestamp;

use super::{
    super::{
        Registry, RegistryError,
        audit::{By, Deed, Entry, ObjectKind},
        check_key,
        sql::{Row, Tx, Value},
    },
    Allowance,
};
use crate::limits;

const NEW: &str = "INSERT INTO citizen_case (reference, kind, state, tracked_entity, certificate, text, made_at, \
     changed_at) VALUES ($1, $2, 'open', $3, $4, $5, $6, $6)";
const BY_REFERENCE: &str = "SELECT number, reference, kind, state, tracked_entity, certificate, text, made_at, \
     changed_at FROM citizen_case WHERE reference = $1";
const BY_NUMBER: &str = "SELECT number, reference, kind, state, tracked_entity, certificate, text, made_at, \
     changed_at FROM citizen_case WHERE number = $1";
const OF_STATE: &str = "SELECT number, reference, kind, state, tracked_entity, certificate, text, made_at, \
     changed_at FROM citizen_case WHERE state = $1 AND number > $2 ORDER BY number LIMIT $3";
const ALL: &str = "SELECT number, reference, kind, state, tracked_entity, certificate, text, made_at, \
     changed_at FROM citizen_case WHERE number > $1 ORDER BY number LIMIT $2";
const OF_PERSON: &str = "SELECT number, reference, kind, state, tracked_entity, certificate, text, made_at, \
     changed_at FROM citizen_case WHERE tracked_entity = $1 ORDER BY number DESC LIMIT $2";
const STEP: &str =
    "INSERT INTO citizen_case_step (citizen_case, state, operator, note, at) VALUES ($1, $2, $3, $4, $5)";
const STEPS: &str = "SELECT state, operator, note, at FROM citizen_case_step WHERE citizen_case = $1 ORDER BY number";
const DECIDE: &str = "UPDATE citizen_case SET state = $2, changed_at = $3 WHERE number = $1";
const COUNT: &str = "SELECT count(*) FROM citizen_case WHERE state = 'open'";

/// What somebody says is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaseKind {
    /// The name.
    Name,
    /// A date.
    Date,
    /// The dose or the vaccine.
    Dose,
    /// This is somebody else.
    NotMe,
    /// This dose was never given.
    NotVaccinated,
    /// A certificate is missing.
    Missing,
    /// A certificate of somebody else looks false.
    LooksFalse,
    /// Something else.
    Other,
}

impl CaseKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Name,
        Self::Date,
        Self::Dose,
        Self::NotMe,
        Self::NotVaccinated,
        Self::Missing,
        Self::LooksFalse,
        Self::Other,
    ];

    /// The word in the database and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Date => "date",
            Self::Dose => "dose",
            Self::NotMe => "not-me",
            Self::NotVaccinated => "not-vaccinated",
            Self::Missing => "missing",
            Self::LooksFalse => "looks-false",
            Self::Other => "other",
        }
    }

    /// The kind of this word.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// How far a case has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaseState {
    /// It waits for an operator.
    Open,
    /// An operator has answered, and may do more.
    Answered,
    /// Nothing more is to be done.
    Closed,
}

impl CaseState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Answered, Self::Closed];

    /// The word in the database and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Answered => "answered",
            Self::Closed => "closed",
        }
    }

    /// The state of this word.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// A case that somebody opens.
#[derive(Clone, PartialEq, Eq)]
pub struct NewCase {
    /// How the citizen calls it: random, because it is shown to whoever has it.
    pub reference: String,
    /// What is wrong.
    pub kind: CaseKind,
    /// The person whom it is about, if that is known.
    pub tracked_entity: Option<String>,
    /// The certificate, if that is known.
    pub certificate: Option<String>,
    /// The words of whoever opened it. Personal data.
    pub text: String,
}

impl std::fmt::Debug for NewCase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewCase").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// A case.
#[derive(Clone, PartialEq, Eq)]
pub struct Case {
    /// Its number.
    pub number: i64,
    /// How the citizen calls it.
    pub reference: String,
    /// What is wrong.
    pub kind: CaseKind,
    /// How far it has come.
    pub state: CaseState,
    /// The person whom it is about.
    pub tracked_entity: Option<String>,
    /// The certificate.
    pub certificate: Option<String>,
    /// The words of the citizen. Personal data.
    pub text: String,
    /// When it was opened.
    pub made_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Case")
            .field("number", &self.number)
            .field("kind", &self.kind)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// What became of a case, once.
#[derive(Clone, PartialEq, Eq)]
pub struct CaseStep {
    /// Into which state it came.
    pub state: CaseState,
    /// Who decided.
    pub operator: String,
    /// What the operator wrote.
    pub note: String,
    /// When.
    pub at: Timestamp,
}

impl std::fmt::Debug for CaseStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CaseStep").field("state", &self.state).field("at", &self.at).finish_non_exhaustive()
    }
}

/// Somebody did something to a case.
fn about(by: By, deed: Deed, case: &Case) -> Entry {
    let entry = Entry::new(by, deed).to(ObjectKind::Case, case.number.to_string()).with("kind", case.kind.as_str());
    match &case.certificate {
        Some(id) => entry.with("certificate", id.as_str()),
        None => entry,
    }
}

impl Registry {
    /// Opens a case, if these allowances are there; its number. The log gets a row with its number, kind and
    /// certificate in the same transaction, and nothing of what was written.
    ///
    /// # Errors
    /// A key or text of impossible size, or the database.
    pub async fn open_case(
        &self,
        case: &NewCase,
        wanted: &[(Allowance, &[u8])],
        now: Timestamp,
    ) -> Result<Option<i64>, RegistryError> {
        check_key(0, "reference", &case.reference)?;
        for (field, key) in [("tracked entity", &case.tracked_entity), ("identifier", &case.certificate)] {
            if let Some(key) = key {
                check_key(0, field, key)?;
            }
        }
        if case.text.chars().count() > limits::CASE_CHARS || case.text.contains('\0') {
            return Err(RegistryError::Key { index: 0, field: "text of the case" });
        }
        let mut tx = self.write().await?;
        if !self.spend_in(&mut tx, wanted, now).await? {
            return Ok(None);
        }
        let values = [
            Value::Text(&case.reference),
            Value::Text(case.kind.as_str()),
            Value::OptText(case.tracked_entity.as_deref()),
            Value::OptText(case.certificate.as_deref()),
            Value::Text(&case.text),
            Value::Int(now.as_millisecond()),
        ];
        tx.run(NEW, &values).await.map_err(self.say())?;
        let opened = self.one_case(&mut tx, BY_REFERENCE, Value::Text(&case.reference)).await?;
        if let Some(opened) = &opened {
            // Of whom nothing is known is nobody's citizen.
            let by = if case.tracked_entity.is_some() { By::citizen() } else { By::anybody() };
            self.witness(&mut tx, &[about(by, Deed::CaseOpened, opened)], now).await?;
        }
        tx.commit().await.map_err(self.say())?;
        Ok(opened.map(|case| case.number))
    }

    /// Cases after a number, of one state or of all, at most `limit`, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn cases(&self, state: Option<CaseState>, after: i64, limit: u32) -> Result<Vec<Case>, RegistryError> {
        let mut tx = self.read().await?;
        let page = [Value::Int(after), Value::Int(i64::from(limit))];
        let rows = match state {
            Some(state) => tx.fetch(OF_STATE, &[&[Value::Text(state.as_str())], &page[..]].concat()).await,
            None => tx.fetch(ALL, &page).await,
        };
        rows.map_err(self.say())?.iter().map(|row| self.case(row)).collect()
    }

    /// The cases about a person, the newest first, at most `limit`.
    ///
    /// # Errors
    /// The database's.
    pub async fn cases_of(&self, tracked_entity: &str, limit: u32) -> Result<Vec<Case>, RegistryError> {
        check_key(0, "tracked entity", tracked_entity)?;
        let mut tx = self.read().await?;
        let values = [Value::Text(tracked_entity), Value::Int(i64::from(limit))];
        let rows = tx.fetch(OF_PERSON, &values).await.map_err(self.say())?;
        rows.iter().map(|row| self.case(row)).collect()
    }

    /// A case with what became of it, the oldest step first.
    ///
    /// # Errors
    /// The database's.
    pub async fn case_by_number(&self, number: i64) -> Result<Option<(Case, Vec<CaseStep>)>, RegistryError> {
        let mut tx = self.read().await?;
        let Some(case) = self.one_case(&mut tx, BY_NUMBER, Value::Int(number)).await? else { return Ok(None) };
        let rows = tx.fetch(STEPS, &[Value::Int(number)]).await.map_err(self.say())?;
        let steps = rows.iter().map(|row| self.step(row)).collect::<Result<_, _>>()?;
        Ok(Some((case, steps)))
    }

    /// Brings a case into a state, with a note. `false` when there is no such case. Who decided, and from which state
    /// into which, stands in the log in the same transaction; the note, which may name people, does not. What a
    /// decision leads to (a correction, a revocation) has rows of its own, about the certificate that this row names.
    ///
    /// # Errors
    /// A text of impossible size, or the database.
    pub async fn decide_case(
        &self,
        number: i64,
        state: CaseState,
        operator: &str,
        note: &str,
        now: Timestamp,
    ) -> Result<bool, RegistryError> {
        check_key(0, "operator", operator)?;
        if note.chars().count() > limits::CASE_CHARS || note.contains('\0') {
            return Err(RegistryError::Key { index: 0, field: "note" });
        }
        let at = Value::Int(now.as_millisecond());
        let mut tx = self.write().await?;
        let Some(before) = self.one_case(&mut tx, BY_NUMBER, Value::Int(number)).await? else { return Ok(false) };
        let values = [Value::Int(number), Value::Text(state.as_str()), at];
        tx.run(DECIDE, &values).await.map_err(self.say())?;
        let values = [Value::Int(number), Value::Text(state.as_str()), Value::Text(operator), Value::Text(note), at];
        tx.run(STEP, &values).await.map_err(self.say())?;
        let deed = if state == CaseState::Closed { Deed::CaseClosed } else { Deed::CaseChanged };
        let entry = about(By::operator(Some(operator)), deed, &before)
            .with("from", before.state.as_str())
            .with("to", state.as_str());
        self.witness(&mut tx, &[entry], now).await?;
        tx.commit().await.map_err(self.say())?;
        Ok(true)
    }

    /// How many cases wait for an operator.
    ///
    /// # Errors
    /// The database's.
    pub async fn open_cases(&self) -> Result<u64, RegistryError> {
        let mut tx = self.read().await?;
        let rows = tx.fetch(COUNT, &[]).await.map_err(self.say())?;
        let count = rows.first().map_or(Ok(0), |row| row.int(0)).map_err(self.say())?;
        u64::try_from(count).map_err(|_| self.row("count"))
    }

    async fn one_case(&self, tx: &mut Tx, sql: &'static str, key: Value<'_>) -> Result<Option<Case>, RegistryError> {
        let rows = tx.fetch(sql, &[key]).await.map_err(self.say())?;
        rows.first().map(|row| self.case(row)).transpose()
    }

    fn case(&self, row: &Row) -> Result<Case, RegistryError> {
        let say = self.say();
        Ok(Case {
            number: row.int(0).map_err(&say)?,
            reference: row.text(1).map_err(&say)?,
            kind: CaseKind::read(&row.text(2).map_err(&say)?).ok_or_else(|| self.row("kind"))?,
            state: CaseState::read(&row.text(3).map_err(&say)?).ok_or_else(|| self.row("state"))?,
            tracked_entity: row.opt_text(4).map_err(&say)?,
            certificate: row.opt_text(5).map_err(&say)?,
            text: row.text(6).map_err(&say)?,
            made_at: self.time(row.int(7).map_err(&say)?, "made_at")?,
            changed_at: self.time(row.int(8).map_err(&say)?, "changed_at")?,
        })
    }

    fn step(&self, row: &Row) -> Result<CaseStep, RegistryError> {
        let say = self.say();
        Ok(CaseStep {
            state: CaseState::read(&row.text(0).map_err(&say)?).ok_or_else(|| self.row("state"))?,
            operator: row.text(1).map_err(&say)?,
            note: row.text(2).map_err(&say)?,
            at: self.time(row.int(3).map_err(&say)?, "at")?,
        })
    }
}
