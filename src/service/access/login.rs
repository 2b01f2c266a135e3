//! Logging in and out at a browser: the page `/login`, with the ways that this installation has.

use axum::{
    extract::{Query, RawQuery, Request, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};

use super::{
    dhis2,
    error::AccessError,
    oidc,
    presented::{self, Presented, cookie, is_local, is_same_site, login},
    session::{self, Proof},
    views::{asked, form},
};
use crate::{
    access::TokenText,
    registry::{
        AccountState, Token,
        audit::{By, Deed, Entry},
    },
    service::{
        House, ServiceError,
        api::Endpoint,
        frame::{
            Frame, Words,
            form::{Field, Kind, summary},
            words,
        },
        html::{
            Html,
            Slot::{Html as Made, Text},
            fill,
        },
    },
};

/// The words of logins and accounts.
pub(super) static WORDS: Words = words!("access");

const PAGE: &str = include_str!("../pages/access/login.html");
const BY_DHIS2: &str = include_str!("../pages/access/login_dhis2.html");
const BY_PROVIDER: &str = include_str!("../pages/access/login_provider.html");
const BY_TOKEN: &str = include_str!("../pages/access/login_token.html");
const TOLD: &str = include_str!("../pages/access/told.html");

/// Longest way back to a page, in bytes.
const NEXT: usize = 512;

/// The endpoints.
pub(super) fn endpoints() -> Vec<Endpoint> {
    let tag = "Login";
    vec![
        Endpoint::get("/login", "showLogin")
            .tag(tag)
            .summary("The page for logging in")
            .open()
            .query::<String>("next", "Path of the page that was wanted")
            .gives_media(200, "text/html", "The page")
            .run(show),
        Endpoint::post("/login", "logIn")
            .tag(tag)
            .summary("Log in with the name and password of DHIS2, or with a token")
            .about("Of our own page alone. Every refusal takes the same time and says the same.")
            .open()
            .takes_media("application/x-www-form-urlencoded")
            .gives_nothing(303, "Logged in: the way to the page that was wanted")
            .gives_media(401, "text/html", "The page again, with what is wrong")
            .run(log_in),
        Endpoint::post("/logout", "logOut")
            .tag(tag)
            .summary("End the session")
            .open()
            .gives_nothing(303, "Logged out: the way to the page for logging in")
            .run(log_out),
        Endpoint::get("/login/provider", "beginProviderLogin")
            .tag(tag)
            .summary("Log in by the provider of identities (OpenID Connect)")
            .open()
            .query::<String>("next", "Path of the page that was wanted")
            .gives_nothing(303, "The way to the provider")
            .run(to_provider),
        Endpoint::get(oidc::BACK, "endProviderLogin")
            .tag(tag)
            .summary("Where the provider sends the browser back to")
            .open()
            .query::<String>("code", "Of the provider")
            .query::<String>("state", "Of the login that was begun")
            .gives_nothing(303, "Logged in: the way to the page that was wanted")
            .run(from_provider),
    ]
}

/// A way on this site, and nowhere else.
fn safe_next(text: &str) -> &str {
    let path = text.strip_prefix('/').is_some_and(|rest| !rest.starts_with(['/', '\\']));
    let plain = text.len() <= NEXT && text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if path && plain { text } else { "/" }
}

async fn show(State(house): State<House>, frame: Frame, RawQuery(query): RawQuery) -> Response {
    let next = asked(query.as_deref(), "next").unwrap_or_default();
    let out = asked(query.as_deref(), "out").is_some();
    page(&house, &frame, safe_next(&next), "", if out { Some(("told", "login.out", "")) } else { None })
}

/// The page; `told` is a class, a key of its words, and a field.
fn page(house: &House, frame: &Frame, next: &str, name: &str, told: Option<(&str, &str, &str)>) -> Response {
    let speech = frame.speech(&WORDS);
    let access = &house.setup.access;
    let error = |field: &str| told.filter(|(_, _, of)| *of == field).map(|(_, key, _)| speech.say(key));
    let told_html = match told {
        Some(("told", key, _)) => fill(TOLD, &[("text", Text(speech.say(key)))]),
        Some((_, key, field)) => summary(frame, &[(field, speech.say(key))]),
        None => Html::default(),
    };
    let by_dhis2 = access.dhis2.as_ref().map(|_| {
        let user = Field {
            value: name,
            error: error("name"),
            kind: Kind::Line { autocomplete: "username", mode: "text" },
            ..Field::line("name", speech.say("login.name"))
        };
        let kind = Kind::Password { autocomplete: "current-password" };
        let password = Field { kind, ..Field::line("password", speech.say("login.password")) };
        let slots = [("next", Text(next)), ("name", Made(&user.html())), ("password", Made(&password.html()))];
        speech.fill(BY_DHIS2, &slots)
    });
    let by_provider = access.oidc.as_ref().map(|options| {
        let provider = if options.name.is_empty() { speech.say("login.provider") } else { &options.name };
        let encoded: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let address = format!("/login/provider?next={encoded}");
        let label = speech.with("login.with", &[("name", provider)]);
        speech.fill(BY_PROVIDER, &[("address", Text(&address)), ("label", Text(&label))])
    });
    let token = Field {
        hint: speech.say("login.token.hint"),
        error: error("token"),
        kind: Kind::Password { autocomplete: "off" },
        ..Field::line("token", speech.say("login.token"))
    };
    let by_token = speech.fill(BY_TOKEN, &[("next", Text(next)), ("token", Made(&token.html()))]);
    let body = speech.fill(
        PAGE,
        &[
            ("told", Made(&told_html)),
            ("provider", Made(&by_provider.unwrap_or_default())),
            ("dhis2", Made(&by_dhis2.unwrap_or_default())),
            ("token", Made(&by_token)),
        ],
    );
    frame.page(speech.say("login.title"), &body)
}

/// A page with the status of an error.
pub(super) fn with_status(page: Response, error: AccessError) -> Response {
    let (mut parts, body) = page.into_parts();
    let told = ServiceError::from(error).into_response();
    parts.status = told.status();
    if let Some(wait) = told.headers().get(header::RETRY_AFTER) {
        parts.headers.insert(header::RETRY_AFTER, wait.clone());
    }
    Response::from_parts(parts, body)
}

fn on(next: &str, cookies: &[HeaderValue]) -> Response {
    let mut response = Redirect::to(next).into_response();
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    response
}

async fn log_in(State(house): State<House>, frame: Frame, request: Request) -> Result<Response, ServiceError> {
    let headers = request.headers().clone();
    // Else another site could log somebody in under an account of its own.
    if !is_same_site(request.method(), &headers) {
        return Err(AccessError::CrossSite.into());
    }
    let block = super::block(request.extensions());
    let fields = form(request).await?;
    let get = |name: &str| fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
    let next = safe_next(get("next")).to_owned();
    let (token, name) = (get("token").trim().to_owned(), get("name").trim().to_owned());
    let (field, found) = if token.is_empty() {
        ("name", by_dhis2(&house, &name, get("password").to_owned(), block).await.map(|account| (account, None)))
    } else {
        ("token", by_token(&house, &token).await.map(|token| (token.account.clone(), Some(token))))
    };
    let now = house.clock.now();
    match found {
        Ok((account, token)) => {
            let proof = token.as_ref().map_or(Proof::Dhis2, Proof::Token);
            let cookie = session::begin(&house, &headers, &account, proof, now).await?;
            Ok(on(&next, &[cookie]))
        }
        Err(error) => {
            let key = match error {
                AccessError::Refused => "login.refused",
                AccessError::Throttled { .. } => "login.throttled",
                AccessError::NoRole => "login.no-role",
                AccessError::Closed => "login.closed",
                AccessError::Dhis2Away => "login.away",
                other => return Err(other.into()),
            };
            Ok(with_status(page(&house, &frame, &next, &name, Some(("error", key, field))), error))
        }
    }
}

async fn by_dhis2(house: &House, name: &str, password: String, block: Option<String>) -> Result<String, AccessError> {
    let Presented::Dhis2 { auth, name, whole } = login(name, password) else { return Err(AccessError::Refused) };
    let account = dhis2::login(house, dhis2::Try { auth, name, whole, block }, house.clock.now()).await?;
    if account.effective().is_empty() { Err(AccessError::NoRole) } else { Ok(account.name) }
}

async fn by_token(house: &House, text: &str) -> Result<Token, AccessError> {
    let now = house.clock.now();
    let found = match TokenText::read(text) {
        Some(text) => house.registry.token(&text.hash(), now).await?,
        None => None,
    };
    let Some((token, account)) = found else {
        house.registry.audit(&Entry::new(By::anybody(), Deed::LoginFailed).because("token"), now).await?;
        return Err(AccessError::Refused);
    };
    match account.state {
        AccountState::Closed => Err(AccessError::Closed),
        _ if account.effective().is_empty() => Err(AccessError::NoRole),
        _ => Ok(token),
    }
}

async fn log_out(State(house): State<House>, request: Request) -> Result<Response, ServiceError> {
    let headers = request.headers().clone();
    if !is_same_site(request.method(), &headers) {
        return Err(AccessError::CrossSite.into());
    }
    let name = if is_local(&headers) { presented::LOCAL_COOKIE } else { presented::COOKIE };
    if let Some(cookie) = cookie(&headers, name) {
        let ended = house.registry.end_session(&session::hash(&cookie), house.clock.now()).await;
        ended.map_err(AccessError::from)?;
    }
    Ok(on("/login?out=1", &[session::forget(&headers)]))
}

async fn to_provider(
    State(house): State<House>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, ServiceError> {
    let next = asked(query.as_deref(), "next").unwrap_or_default();
    let begun = oidc::begin(&house, &headers, safe_next(&next), house.clock.now()).await?;
    Ok(on(&begun.address, &[begun.cookie]))
}

async fn from_provider(
    State(house): State<House>,
    headers: HeaderMap,
    sent: Result<Query<oidc::Back>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, ServiceError> {
    let Query(sent) = sent.map_err(|_| AccessError::LoginStale)?;
    let now = house.clock.now();
    let oidc::LoggedIn { account, renewal, wanted } = oidc::finish(&house, &headers, sent, now).await?;
    if account.effective().is_empty() {
        return Err(AccessError::NoRole.into());
    }
    let proof = Proof::Provider(renewal.as_deref());
    let cookie = session::begin(&house, &headers, &account.name, proof, now).await?;
    Ok(on(safe_next(&wanted), &[cookie, oidc::forget(&headers)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_stays_on_this_site() {
        for good in ["/", "/users", "/certificates?person=ImspTQPwCqd"] {
            assert_eq!(safe_next(good), good);
        }
        for bad in ["", "users", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "/é", "/a\\b"]
        {
            assert_eq!(safe_next(bad), "/", "{bad}");
        }
        assert_eq!(safe_next(&format!("/{}", "x".repeat(NEXT))), "/");
    }
}
