//! `vaccert access`: accounts and tokens of the service, on its own machine: the first administrator, tokens for
//! programs, and approval by whoever has a token that may.
//!
//! Exit status: 0 done; 3 it cannot be done, and the line says why; 2 usage or configuration; 4 a file cannot be
//! read; 1 the registry failed.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Common, progress::say};
use crate::{
    access::{Actor, ActorKind, LOCAL, Right, Role, Scope, TokenText, is_name, is_uid},
    batch::{RandomError, system_random},
    clock::{Clock, System},
    config::{Books, CONFIG_FILE, ConfigError, environment_variable},
    limits::{ACCESS_PAGE, SMALL_FILE_BYTES, TOKEN_DAYS},
    record::Country,
    registry::{self, Account, Approval, NewToken, Registry, RegistryError, Token},
};

/// Environment variable with the token of whoever approves.
const TOKEN: &str = "VACCERT_TOKEN";
/// Who makes tokens on this machine.
const MACHINE: &str = "machine:access";

/// Arguments of `vaccert access`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "An account that issues certificates (role operator or facility) counts only after two \
    different approvers have approved it. The first administrator can approve; further approvers are proposed on the \
    page People and rights.\n\nExit status: 0 done; 3 it cannot be done, the line says why; 2 usage; 4 a file; \
    1 the registry")]
pub(super) struct AccessArgs {
    #[command(subcommand)]
    command: AccessCommand,
    /// Folder of the sandbox, where there is no configuration
    #[arg(long, global = true, value_name = "DIR", default_value = "vaccert-sandbox")]
    state: PathBuf,
    /// Answer in JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Clone, Subcommand)]
enum AccessCommand {
    /// Make the first administrator, while there is none, and print a token to log in with
    FirstAdmin {
        /// Name: small letters and digits
        name: String,
        /// Days until the token ends
        #[arg(long, value_name = "N", default_value_t = 30)]
        days: u32,
    },
    /// Make, list and revoke tokens
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// List accounts, with their roles and approvals
    Accounts {
        /// Only those that wait for approval
        #[arg(long)]
        pending: bool,
    },
    /// Approve an account, in the name of the approver whose token is in VACCERT_TOKEN or --token-file
    Approve {
        /// Name of the account
        name: String,
        /// File with the approver's token
        #[arg(long, value_name = "FILE")]
        token_file: Option<PathBuf>,
    },
}

#[derive(Debug, Clone, Subcommand)]
enum TokenCommand {
    /// Make a token for an account; it is printed this once
    Make {
        /// Name of the account
        account: String,
        /// What it is for
        #[arg(long, value_name = "TEXT")]
        label: String,
        /// A right that it has at most; may be repeated; default: all of its account
        #[arg(long, value_name = "RIGHT")]
        right: Vec<String>,
        /// Org unit (UID) to which it is bound; may be repeated; default: those of its account
        #[arg(long, value_name = "UID")]
        facility: Vec<String>,
        /// Days until it ends
        #[arg(long, value_name = "N", default_value_t = 90)]
        days: u32,
    },
    /// List tokens: never the tokens themselves
    List {
        /// Only those of this account
        account: Option<String>,
    },
    /// Revoke a token
    Revoke {
        /// Its identifier, as the list shows it
        id: String,
    },
}

/// Why the command did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
enum AccessError {
    #[error("{0:?} cannot be the name of an account: use small letters and digits, at most 64")]
    Name(String),
    #[error("there is an administrator already, or the name is taken: look with vaccert access accounts")]
    NotFirst,
    #[error("{0:?} is no right: give one of {all}", all = Right::ALL.map(Right::name).join(", "))]
    Right(String),
    #[error("{0:?} is no UID of an org unit: a letter, then ten letters or digits")]
    Facility(String),
    #[error("a token lasts 1 to {TOKEN_DAYS} days: correct --days")]
    Days,
    #[error("there is no account {0}, or it is closed: look with vaccert access accounts")]
    NoAccount(String),
    #[error("there is no token {0} that stands: look with vaccert access token list")]
    NoToken(String),
    #[error("nobody says who approves: put the approver's token into {TOKEN} or give --token-file")]
    NoApprover,
    #[error("the token of the approver is unknown, has ended, or may not approve: use another")]
    NotApprover,
    #[error("nobody approves their own account: ask another approver")]
    Own,
    #[error("this approver has approved {0} already: another approver must do so too")]
    Twice(String),
    #[error("{0} does not wait for approval: look with vaccert access accounts")]
    NotPending(String),
    #[error("there is no registry in {}: give --config, or the folder of the sandbox with --state", path.display())]
    NoRegistry { path: PathBuf },
    #[error("{} cannot be read ({kind}): check the path and its permissions", path.display())]
    Read { path: PathBuf, kind: std::io::ErrorKind },
    #[error("the program's runtime cannot be started ({0})")]
    Runtime(std::io::ErrorKind),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error(transparent)]
    Random(#[from] RandomError),
}

impl AccessError {
    fn exit(&self) -> u8 {
        match self {
            Self::Name(_) | Self::Right(_) | Self::Facility(_) | Self::Days | Self::NoApprover | Self::Config(_) => 2,
            Self::Registry(RegistryError::Key { .. }) => 2,
            Self::NotFirst
            | Self::NoAccount(_)
            | Self::NoToken(_)
            | Self::NotApprover
            | Self::Own
            | Self::Twice(_)
            | Self::NotPending(_) => 3,
            Self::NoRegistry { .. } | Self::Read { .. } => 4,
            Self::Runtime(_) | Self::Registry(_) | Self::Random(_) => 1,
        }
    }
}

/// Runs the command.
pub(super) fn run(args: AccessArgs, common: &Common) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let ended = runtime
        .map_err(|error| AccessError::Runtime(error.kind()))
        .and_then(|runtime| runtime.block_on(work(args, common)));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vaccert: {error}");
            ExitCode::from(error.exit())
        }
    }
}

async fn work(args: AccessArgs, common: &Common) -> Result<(), AccessError> {
    let registry = open(&args, common).await?;
    let done = act(&registry, args, common.quiet).await;
    registry.close().await;
    done
}

async fn open(args: &AccessArgs, common: &Common) -> Result<Registry, AccessError> {
    let beside = PathBuf::from(CONFIG_FILE);
    let config = common.config.clone().or_else(|| beside.is_file().then_some(beside));
    let books = match config {
        Some(path) => Books::load(&path)?,
        None => sandbox(&args.state)?,
    };
    Ok(Registry::open(&books.url, books.options).await?)
}

fn sandbox(state: &Path) -> Result<Books, AccessError> {
    let path = state.join("registry.sqlite");
    if !path.is_file() {
        return Err(AccessError::NoRegistry { path: state.to_owned() });
    }
    let url = path.to_string_lossy().into_owned();
    Ok(Books { country: Country::SANDBOX.to_string(), url, options: registry::Options::default() })
}

async fn act(registry: &Registry, args: AccessArgs, quiet: bool) -> Result<(), AccessError> {
    let (now, json) = (System.now(), args.json);
    match args.command {
        AccessCommand::FirstAdmin { name, days } => first_admin(registry, &name, days, now, json, quiet).await,
        AccessCommand::Accounts { pending } => accounts(registry, pending, json).await,
        AccessCommand::Approve { name, token_file } => approve(registry, &name, token_file.as_deref(), now, json).await,
        AccessCommand::Token { command } => match command {
            TokenCommand::Make { account, label, right, facility, days } => {
                let wanted = Wanted { account: &account, label: &label, right, facility, days };
                let made = make(registry, wanted, now).await?;
                print_made(&made, json, quiet);
                Ok(())
            }
            TokenCommand::List { account } => tokens(registry, account.as_deref(), now, json).await,
            TokenCommand::Revoke { id } => {
                if !registry.revoke_token(&id, MACHINE, now).await? {
                    return Err(AccessError::NoToken(id));
                }
                tell(json, &json!({"id": id, "state": "revoked"}), || format!("The token {id} is revoked."));
                Ok(())
            }
        },
    }
}

/// One answer: JSON, or a line.
fn tell(json: bool, value: &Value, line: impl FnOnce() -> String) {
    if json {
        say!("{value}");
    } else {
        say!("{}", line());
    }
}

/// The whole name of an account, which may be given without its beginning.
fn whole(name: &str) -> Result<String, AccessError> {
    if name.contains(':') && !name.starts_with(LOCAL) {
        return Ok(name.to_owned());
    }
    let short = name.strip_prefix(LOCAL).unwrap_or(name);
    if is_name(short) { Ok(format!("{LOCAL}{short}")) } else { Err(AccessError::Name(name.to_owned())) }
}

struct Wanted<'a> {
    account: &'a str,
    label: &'a str,
    right: Vec<String>,
    facility: Vec<String>,
    days: u32,
}

struct Made {
    account: String,
    id: String,
    text: TokenText,
    expires_at: Timestamp,
}

async fn make(registry: &Registry, wanted: Wanted<'_>, now: Timestamp) -> Result<Made, AccessError> {
    let account = whole(wanted.account)?;
    if let Some(wrong) = wanted.right.iter().find(|name| Right::read(name).is_none()) {
        return Err(AccessError::Right(wrong.clone()));
    }
    if let Some(wrong) = wanted.facility.iter().find(|unit| !is_uid(unit)) {
        return Err(AccessError::Facility(wrong.clone()));
    }
    if !(1..=TOKEN_DAYS).contains(&wanted.days) {
        return Err(AccessError::Days);
    }
    let all = || Right::ALL.map(|right| right.name().to_owned()).to_vec();
    let rights = if wanted.right.is_empty() { all() } else { wanted.right };
    let lasts = SignedDuration::from_hours(24 * i64::from(wanted.days));
    let expires_at = now.checked_add(lasts).map_err(|_| AccessError::Days)?;
    let (mut secret, mut id) = ([0; 32], [0; 6]);
    let random = system_random();
    random(&mut secret)?;
    random(&mut id)?;
    let text = TokenText::of(&secret);
    let id: String = std::iter::once("t".to_owned()).chain(id.iter().map(|byte| format!("{byte:02x}"))).collect();
    let new = NewToken {
        id: &id,
        hash: &text.hash(),
        account: &account,
        label: wanted.label,
        rights: &rights,
        facilities: &wanted.facility,
        made_by: MACHINE,
        expires_at,
    };
    if !registry.make_token(&new, now).await? {
        return Err(AccessError::NoAccount(account));
    }
    Ok(Made { account, id, text, expires_at })
}

fn print_made(made: &Made, json: bool, quiet: bool) {
    let Made { account, id, text, expires_at } = made;
    let value = json!({"account": account, "id": id, "token": text.reveal(), "expires_at": expires_at.to_string()});
    if !json && !quiet {
        eprintln!("Token {id} of {account}, until {}. It is shown only this once:", day(*expires_at));
    }
    tell(json, &value, || text.reveal().to_owned());
}

async fn first_admin(
    registry: &Registry,
    name: &str,
    days: u32,
    now: Timestamp,
    json: bool,
    quiet: bool,
) -> Result<(), AccessError> {
    let account = whole(name)?;
    if !account.starts_with(LOCAL) {
        return Err(AccessError::Name(name.to_owned()));
    }
    if !(1..=TOKEN_DAYS).contains(&days) {
        return Err(AccessError::Days);
    }
    // Who may approve the next ones; nothing is issued by it.
    let roles = [Role::Approver.name().to_owned()];
    if !registry.make_first_admin(&account, &roles, now).await? {
        return Err(AccessError::NotFirst);
    }
    let wanted = Wanted { account: &account, label: "first login", right: vec![], facility: vec![], days };
    let made = make(registry, wanted, now).await?;
    print_made(&made, json, quiet);
    if !json && !quiet {
        eprintln!(
            "Log in with it on the operators' page /login. Propose a second approver there first: an account that \
             issues needs two."
        );
    }
    Ok(())
}

async fn accounts(registry: &Registry, pending: bool, json: bool) -> Result<(), AccessError> {
    let mut after = String::new();
    loop {
        let page = registry.accounts(pending, &after, ACCESS_PAGE).await?;
        for account in &page {
            tell(json, &account_json(account), || account_line(account));
        }
        match page.last() {
            Some(last) if u32::try_from(page.len()).is_ok_and(|many| many == ACCESS_PAGE) => {
                after.clone_from(&last.name);
            }
            _ => break,
        }
    }
    Ok(())
}

fn account_json(account: &Account) -> Value {
    json!({
        "name": account.name, "origin": account.origin, "roles": account.roles, "facilities": account.facilities,
        "effective_roles": account.effective(), "state": account.state.as_str(),
        "proposed_by": account.proposed_by, "approved_by": account.approvers,
        "approvals_missing": account.approvals_missing(),
    })
}

fn account_line(account: &Account) -> String {
    let missing = match account.approvals_missing() {
        0 => String::new(),
        more => format!(", {more} approvals missing"),
    };
    format!("{}  {}  {}{missing}", account.name, account.state.as_str(), account.roles.join(","))
}

async fn tokens(registry: &Registry, account: Option<&str>, now: Timestamp, json: bool) -> Result<(), AccessError> {
    let account = account.map(whole).transpose()?;
    for token in registry.tokens(account.as_deref(), ACCESS_PAGE).await? {
        tell(json, &token_json(&token, now), || token_line(&token, now));
    }
    Ok(())
}

fn state(token: &Token, now: Timestamp) -> &'static str {
    match token.revoked_at {
        Some(_) => "revoked",
        None if token.stands(now) => "stands",
        None => "expired",
    }
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

fn token_json(token: &Token, now: Timestamp) -> Value {
    json!({
        "id": token.id, "account": token.account, "label": token.label, "rights": token.rights,
        "facilities": token.facilities, "made_by": token.made_by, "expires_at": token.expires_at.to_string(),
        "used_on": token.used_on.map(day), "state": state(token, now),
    })
}

fn token_line(token: &Token, now: Timestamp) -> String {
    let used = token.used_on.map_or_else(|| "never used".to_owned(), |at| format!("used {}", day(at)));
    let Token { id, account, label, .. } = token;
    format!("{id}  {account}  {}  until {}  {used}  {label}", state(token, now), day(token.expires_at))
}

async fn approve(
    registry: &Registry,
    name: &str,
    token_file: Option<&Path>,
    now: Timestamp,
    json: bool,
) -> Result<(), AccessError> {
    let name = whole(name)?;
    let text = match token_file {
        Some(path) => secret(path)?,
        None => environment_variable(TOKEN).ok_or(AccessError::NoApprover)?,
    };
    let text = TokenText::read(text.trim()).ok_or(AccessError::NotApprover)?;
    let (token, account) = registry.token(&text.hash(), now).await?.ok_or(AccessError::NotApprover)?;
    let scope = Scope { rights: &token.rights, facilities: &token.facilities };
    let actor = Actor::of_account(&account.name, ActorKind::Token, &account.effective(), &[], Some(scope));
    if !actor.may(Right::Approve) {
        return Err(AccessError::NotApprover);
    }
    let done = match registry.approve_account(&name, &actor.name, now).await? {
        Approval::Active => "active",
        Approval::OneMore => "pending",
        Approval::Own => return Err(AccessError::Own),
        Approval::Twice => return Err(AccessError::Twice(name)),
        Approval::NotPending => return Err(AccessError::NotPending(name)),
        Approval::Unknown => return Err(AccessError::NoAccount(name)),
    };
    tell(json, &json!({"name": name, "state": done, "approved_by": actor.name}), || match done {
        "active" => format!("{name} is approved, and all of its roles count now."),
        _ => format!("{name} is approved by {}; another approver must do so too.", actor.name),
    });
    Ok(())
}

fn secret(path: &Path) -> Result<String, AccessError> {
    let failed = |error: std::io::Error| AccessError::Read { path: path.to_owned(), kind: error.kind() };
    if std::fs::metadata(path).map_err(failed)?.len() > SMALL_FILE_BYTES {
        return Err(AccessError::NotApprover);
    }
    std::fs::read_to_string(path).map_err(failed)
}
