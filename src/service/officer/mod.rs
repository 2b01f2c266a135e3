//! `/officer`: the page that a border officer installs. It scans and verifies in the browser, by the verifier as
//! WebAssembly (`src/wasm`) and a signed bundle in the browser's storage; the server is asked for newer lists and for
//! nothing else, and learns nothing of whom the officer checks.
//!
//! | file | what it knows |
//! |---|---|
//! | `bundle` | everything that verdicts rest on, in one signed file |
//! | `files` | the files of the page, and the version that they are together |
//! | `page.html`, `web/` | the page and its scripts, which no tool has to build |
//! | `verifier.wasm` | made by `src/wasm/build` from the source of this very version |

mod bundle;
mod files;
#[cfg(test)]
mod tests;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    House, KnownError, ServiceError,
    api::Endpoint,
    error::{Fails, Fault},
    frame::{Frame, Lang, Words, words},
    html::{
        Html,
        Slot::{Html as Made, Text},
        fill,
    },
    published::{Kind, Prepared},
    typed,
};
use crate::{
    config::{Environment, OfficerOptions, PastLists},
    trust::bundle::BundleError,
    verify::checkpoint::fingerprint,
};

static WORDS: Words = words!("officer");

const PAGE: &str = include_str!("page.html");
const OPTION: &str = include_str!("option.html");

/// Own scripts, their workers and WebAssembly; answers of this host alone.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; \
                      img-src 'self'; media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// The camera for this page, and nothing else of the device.
const PERMISSIONS: &str = "camera=(self), microphone=(), geolocation=(), usb=(), payment=()";

/// Why the officer's page gets no lists.
#[derive(Debug, thiserror::Error)]
pub(super) enum OfficerError {
    /// Nothing to go by yet.
    #[error("there is no trust bundle yet: {0}")]
    NotReady(std::sync::Arc<KnownError>),
    /// The list key, or what is to be signed.
    #[error("the bundle for officers cannot be signed: {0}")]
    Sign(#[from] BundleError),
    /// Revocations that cannot be put into it.
    #[error("the bundle for officers cannot be made: {0}")]
    Revocations(#[from] crate::revocation::RevocationError),
    /// A worker was lost.
    #[error("the bundle for officers was not made: try again")]
    Worker,
    /// No such file.
    #[error("the officer's page has no such file: open /officer")]
    Nothing,
}

impl Fails for OfficerError {
    fn fault(&self) -> Fault {
        match self {
            Self::NotReady(_) | Self::Sign(_) | Self::Worker => Fault::Unavailable { retry_after: 30 },
            Self::Revocations(_) => Fault::Internal,
            Self::Nothing => Fault::NotFound,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotReady(_) => "no-bundle-yet",
            Self::Sign(_) | Self::Worker => "unavailable",
            Self::Revocations(_) => "internal",
            Self::Nothing => "not-found",
        }
    }
}

/// What the page has to know of its installation.
#[derive(Debug, Serialize, JsonSchema)]
struct Settings {
    /// `production` or `sandbox`.
    environment: &'static str,
    /// The keys that may sign the bundle.
    list_keys: Vec<ListKey>,
    /// Address of the bundle.
    bundle: &'static str,
    /// What the installation asks of every device.
    policy: Policy,
}

/// A list key.
#[derive(Debug, Serialize, JsonSchema)]
struct ListKey {
    /// SubjectPublicKeyInfo in DER, base64.
    spki: String,
    /// SHA-256 of it in groups of four hexadecimal digits, to be compared by eye.
    fingerprint: String,
}

/// What an installation asks of every device.
#[derive(Debug, Serialize, JsonSchema)]
struct Policy {
    /// Age in hours from which on lists are shown in amber.
    amber_hours: u16,
    /// `undecided` or `stop`.
    past_lists: &'static str,
    /// Minutes without use until the screen is locked.
    lock_after: u16,
    /// Initials and year of birth in place of the person.
    minimal: bool,
    /// Undecided where no revocation list speaks for the issuer.
    revocations: bool,
    /// Country of arrival, two letters.
    country: Option<String>,
}

/// The routes; none where the configuration switches the page off.
pub(super) fn endpoints(options: &OfficerOptions) -> Vec<Endpoint> {
    if !options.enabled {
        return Vec::new();
    }
    let get = |path, id| Endpoint::get(path, id).tag("Officers").open();
    let made = bundle::Made::default();
    vec![
        get("/officer", "showOfficer")
            .summary("The officer's page, which verifies in the browser and without a network")
            .query::<String>("lang", "Language of the page")
            .gives_media(200, "text/html", "The page")
            .run(page),
        get("/officer/settings.json", "readOfficerSettings")
            .summary("What the officer's page has to know of this installation")
            .gives::<Settings>(200, "Environment, keys of the lists, policy")
            .run(settings),
        get("/officer/bundle.json", "readOfficerBundle")
            .summary("Everything that verdicts rest on, in one signed file")
            .about(
                "Own keys and revocations, and every list, rule and value set that this installation has pulled, \
                 signed with the list key. Signed anew every hour, so that its age tells when a device was connected.",
            )
            .header("If-None-Match", "Tag of the bundle that the client has")
            .gives_media(200, "application/json", "The bundle")
            .gives_nothing(304, "The client has it")
            .run(move |State(house): State<House>, headers: HeaderMap| {
                let made = made.clone();
                async move { Ok::<_, ServiceError>(made.current(&house).await?.answer(&headers)) }
            }),
        get("/officer/words/{file}", "readOfficerWords")
            .summary("The words of the officer's page in a language")
            .path_parameter("file", "Language, such as `fr.json`")
            .gives_media(200, "application/json", "Texts by key")
            .run(words_of),
        get("/officer/{file}", "readOfficerFile")
            .summary("A file of the officer's page")
            .path_parameter("file", "Its name")
            .gives_media(200, "application/octet-stream", "The file")
            .run(file),
    ]
}

async fn page(frame: Frame) -> Response {
    let lang = frame.lang();
    let speech = frame.speech(&WORDS);
    let option = |one: Lang| {
        let chosen = if one == lang { "selected" } else { "data-other" };
        fill(OPTION, &[("code", Text(one.code())), ("name", Text(one.own_name())), ("chosen", Text(chosen))])
    };
    let languages: Html = Lang::ALL.into_iter().map(option).collect();
    let slots = [("lang", Text(lang.code())), ("dir", Text(lang.dir())), ("languages", Made(&languages))];
    let mut response = typed("text/html; charset=utf-8", speech.fill(PAGE, &slots).into_string());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(HeaderName::from_static("permissions-policy"), HeaderValue::from_static(PERMISSIONS));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language, cookie"));
    response
}

async fn settings(State(house): State<House>) -> axum::Json<Settings> {
    let setup = &house.setup;
    let OfficerOptions { amber_hours, past_lists, lock_minutes, minimal, require_revocations, .. } = setup.officer;
    let key = setup.list_key.signer.certificate().public_key().ok().map(|key| key.to_spki());
    let key = key.map(|spki| ListKey { spki: STANDARD.encode(&spki), fingerprint: fingerprint(&spki) });
    axum::Json(Settings {
        environment: match setup.environment {
            Environment::Sandbox => "sandbox",
            Environment::Production => "production",
        },
        list_keys: key.into_iter().collect(),
        bundle: "/officer/bundle.json",
        policy: Policy {
            amber_hours,
            past_lists: match past_lists {
                PastLists::Undecided => "undecided",
                PastLists::Stop => "stop",
            },
            lock_after: lock_minutes,
            minimal,
            revocations: require_revocations,
            country: setup.officer.country.as_ref().map(ToString::to_string),
        },
    })
}

async fn words_of(Path(file): Path<String>, headers: HeaderMap) -> Result<Response, ServiceError> {
    Ok(files::words(&file).ok_or(OfficerError::Nothing)?.answer(&headers))
}

async fn file(Path(file): Path<String>, headers: HeaderMap) -> Result<Response, ServiceError> {
    let mut response = files::file(&file).ok_or(OfficerError::Nothing)?.answer(&headers);
    // A worker has the policy of its own answer, and not that of its page.
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    if file == files::KEEPER_NAME {
        // It lies below the page that it is to keep.
        response
            .headers_mut()
            .insert(HeaderName::from_static("service-worker-allowed"), HeaderValue::from_static("/officer"));
    }
    Ok(response)
}
