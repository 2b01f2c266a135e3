//! Verification for people without an app and without script: a form that takes the text of a code or a picture, and
//! the verdict as a page.

use axum::{
    extract::{Request, State},
    response::Response,
};

use super::VerifyError;
use crate::{
    limits::SERVICE_FORM_BYTES,
    service::{House, ServiceError, api::Endpoint, body, page, pages, statement},
};

pub(super) fn form_endpoint() -> Endpoint {
    Endpoint::get("/verify", "showVerifyForm")
        .tag("Pages")
        .summary("The form that takes a code or a picture")
        .gives_media(200, "text/html", "The page")
        .run(async || page(pages::form()))
}

pub(super) fn verdict_endpoint() -> Endpoint {
    Endpoint::post("/verify", "showVerdict")
        .tag("Pages")
        .summary("The verdict on a code, as a page")
        .takes::<Form>("application/x-www-form-urlencoded")
        .gives_media(200, "text/html", "The page")
        .run(verdict)
}

/// What the form sends.
#[derive(schemars::JsonSchema)]
#[schemars(rename = "VerifyForm")]
struct Form {
    /// Text of a code.
    #[expect(dead_code, reason = "the schema alone is used")]
    code: String,
}

async fn verdict(State(house): State<House>, request: Request) -> Result<Response, ServiceError> {
    let bytes = body::read(request, "application/x-www-form-urlencoded", SERVICE_FORM_BYTES).await?;
    let field = url::form_urlencoded::parse(&bytes).find(|(name, _)| name == "code");
    let Some((_, code)) = field else { return Err(ServiceError::FieldMissing { field: "code" }) };
    // A letter or a chat may have broken the code into lines; line ends are no characters of it.
    let code: String = code.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    let known = house.live().current().await.map_err(VerifyError::NotReady)?;
    let now = house.clock.now();
    let judged = statement::judge(&code, &known.knowledge, now);
    Ok(page(pages::verdict(&judged, &code, &known.knowledge.trust, now)))
}
