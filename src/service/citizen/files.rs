//! Files of certificates: for whoever has the session, and for nobody else.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderValue, Uri, header},
    response::{IntoResponse as _, Redirect, Response},
};

use super::{
    CitizenError,
    mine::{held, named, named_so},
    session::Session,
    shown::is_usable,
};
use crate::{
    archive,
    batch::Part,
    document::Order,
    issue::Format,
    limits,
    service::{House, ServiceError, api::Endpoint, typed},
    wallet::{PKPASS, Saved},
    work::{self, desk::Held},
};

/// Name of a pass for Apple's wallet.
pub(super) const PASS: &str = "certificate.pkpass";

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/me/all.zip", "readAll")
            .tag("Citizens")
            .summary("Every certificate of a session that counts, as a PDF each")
            .citizen()
            .gives_media(200, "application/zip", "The archive")
            .run(all),
        ordered(Endpoint::get("/me/all.pdf", "printAll"))
            .tag("Citizens")
            .summary("Every certificate of a session that counts, on paper in one PDF")
            .citizen()
            .gives_media(200, "application/pdf", "The paper")
            .run(all_printed),
        Endpoint::get("/me/c/{name}/google-wallet", "saveInGoogleWallet")
            .tag("Citizens")
            .summary("Leads to Google, with the pass of a certificate")
            .citizen()
            .path_parameter("name", "The certificate, as this session calls it")
            .gives_nothing(303, "To Google, or back where the certificate is too long for that")
            .run(google),
        ordered(Endpoint::get("/me/c/{name}/{file}", "readMine"))
            .tag("Citizens")
            .summary("A file of a certificate")
            .citizen()
            .path_parameter("name", "The certificate, as this session calls it")
            .path_parameter("file", "Such as certificate.pdf, eu-dcc.txt or eu-dcc.png")
            .gives_media(200, "application/pdf", "The paper")
            .gives_media(200, "image/png", "A code as a picture")
            .gives_media(200, "image/svg+xml", "A code as a drawing")
            .gives_media(200, "text/plain", "A code as text")
            .gives_media(200, "application/json", "A document")
            .gives_media(200, PKPASS, "A pass for Apple's wallet")
            .run(file),
    ]
}

/// What can be chosen of the paper.
fn ordered(endpoint: Endpoint) -> Endpoint {
    endpoint
        .query::<String>("layout", "Of the paper: plain, fold, card or yellow")
        .query::<String>("size", "Of the paper: a4 or letter")
        .query::<String>("lang", "Of the paper: tag of its language")
}

/// What is chosen of the paper.
fn order(house: &House, uri: &Uri) -> Result<Order, CitizenError> {
    let mut order = Order::default();
    for (name, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        work::choose(&mut order, &house.setup.paper.look, &name, &value).map_err(|_| CitizenError::Nothing)?;
    }
    Ok(order)
}

/// The file's type, and whether it is for keeping and not for showing.
fn kind(part: Part) -> (&'static str, bool) {
    match part {
        Part::Text(Format::Divoc) | Part::FhirDocument => ("application/json", true),
        Part::Archive => ("application/zip", true),
        Part::Text(_) => ("text/plain; charset=utf-8", false),
        Part::Png(_) => ("image/png", false),
        Part::Svg(_) => ("image/svg+xml", false),
        Part::Pdf => ("application/pdf", true),
    }
}

/// Marks an answer as a file to keep. Its name holds nothing of a person.
fn keep(response: &mut Response, name: &str) {
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
}

async fn file(
    State(house): State<House>,
    session: Session,
    path: Result<Path<(String, String)>, PathRejection>,
    uri: Uri,
) -> Result<Response, ServiceError> {
    let Ok(Path((name, file))) = path else { return Err(CitizenError::Nothing.into()) };
    let part = Part::all().into_iter().find(|part| part.file_name() == file);
    let held = named_so(&house, &session, &name).await?;
    if !is_usable(&held) {
        return Err(CitizenError::Nothing.into());
    }
    let desk = house.desk().map_err(CitizenError::from)?;
    if file == PASS {
        // Opened by the wallet and not kept as a file.
        return Ok(typed(PKPASS, desk.apple_pass(&held).await.map_err(CitizenError::from)?));
    }
    let part = part.ok_or(CitizenError::Nothing)?;
    let order = order(&house, &uri)?;
    let bytes = match part {
        Part::Pdf if order != Order::default() => desk.print(&[&held], &order).await,
        _ => desk.draw(&held, part).await,
    };
    let bytes = bytes.map_err(CitizenError::from)?;
    let (media, kept) = kind(part);
    let mut response = typed(media, bytes.to_vec());
    if kept {
        keep(&mut response, part.file_name());
    }
    Ok(response)
}

async fn google(
    State(house): State<House>,
    session: Session,
    name: Result<Path<String>, PathRejection>,
) -> Result<Response, ServiceError> {
    let held = named(&house, &session, name).await?;
    if !is_usable(&held) {
        return Err(CitizenError::Nothing.into());
    }
    let desk = house.desk().map_err(CitizenError::from)?;
    let mut response = match desk.google_pass(&held).await.map_err(CitizenError::from)? {
        Saved::Link(link) => Redirect::to(&link).into_response(),
        Saved::Token(_) => Redirect::to("/me?note=google-long").into_response(),
    };
    // Google learns what the pass says, and not from which page.
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

async fn all_printed(State(house): State<House>, session: Session, uri: Uri) -> Result<Response, ServiceError> {
    let desk = house.desk().map_err(CitizenError::from)?;
    let order = order(&house, &uri)?;
    let all: Vec<_> = held(&house, &session).await?.into_iter().flat_map(|(_, held)| held).collect();
    let usable: Vec<&Held> = all.iter().filter(|held| is_usable(held)).take(limits::CITIZEN_FILES).collect();
    // One that cannot be drawn, because of letters that no font here has, must not take the others with it.
    let mut printable = Vec::with_capacity(usable.len());
    for held in usable {
        if desk.print(&[held], &order).await.is_ok() {
            printable.push(held);
        }
    }
    if printable.is_empty() {
        return Err(CitizenError::Nothing.into());
    }
    let bytes = desk.print(&printable, &order).await.map_err(CitizenError::from)?;
    let mut response = typed("application/pdf", bytes.to_vec());
    keep(&mut response, "certificates.pdf");
    Ok(response)
}

async fn all(State(house): State<House>, session: Session) -> Result<Response, ServiceError> {
    let desk = house.desk().map_err(CitizenError::from)?;
    let usable: Vec<_> = held(&house, &session).await?.into_iter().flat_map(|(_, held)| held).collect();
    let mut files = Vec::new();
    for held in usable.iter().filter(|held| is_usable(held)).take(limits::CITIZEN_FILES) {
        // A paper that cannot be drawn, because of letters that no font here has, is left out; its code is there.
        if let Ok(bytes) = desk.draw(held, Part::Pdf).await {
            files.push((format!("certificate-{}.pdf", files.len() + 1), bytes));
        } else if let Some(format) = held.issued.formats().first().copied()
            && let Ok(bytes) = desk.draw(held, Part::Png(format)).await
        {
            files.push((format!("certificate-{}.png", files.len() + 1), bytes));
        }
    }
    let archive = archive::stored(&files).filter(|_| !files.is_empty()).ok_or(CitizenError::Nothing)?;
    let mut response = typed("application/zip", archive);
    keep(&mut response, "certificates.zip");
    Ok(response)
}
