//! One certificate in the form that is asked for.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, Uri, header},
    response::Response,
};

use super::{
    error::CertificateError,
    handlers::{self, Answer, Id},
    negotiate::{Form, Wanted},
    wire,
};
use crate::{
    access::Actor,
    document::Order,
    issue::Format,
    service::{House, ServiceError, error::Sent, typed},
    work::desk::{Desk, DeskError, Held, Standing},
};

/// A browser's own PDF viewer is a page with styles and scripts, which the policy of our pages stops.
const PDF_POLICY: &str = "frame-ancestors 'none'";

pub(super) async fn fetch(State(house): State<House>, actor: Actor, path: Id, uri: Uri, headers: HeaderMap) -> Answer {
    let wanted = Wanted::of(&uri, &headers, &house.setup.paper.look)?;
    let desk = handlers::desk(&house)?;
    let held = desk.open(&handlers::id(path)?, &actor).await?;
    if wanted.form != Form::Json && !matches!(held.standing, Standing::Valid | Standing::Expired) {
        return Err(CertificateError::Gone { word: held.standing.word() }.into());
    }
    let tag = tag(&held, wanted);
    let mut response = if is_known(&headers, &tag) {
        Sent::Nothing.with(Response::default())
    } else {
        give(desk, &held, wanted).await?
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept, Authorization, Cookie"));
    Ok(response)
}

async fn give(desk: &Desk, held: &Held, wanted: Wanted) -> Answer {
    let Wanted { form, format, order } = wanted;
    if form == Form::Json {
        let value = wire::Certificate::of(held, true);
        let bytes = serde_json::to_vec(&value).map_err(|_| ServiceError::Worker)?;
        return Ok(typed(form.media(), bytes));
    }
    if form == Form::Pkpass {
        let mut response = typed(form.media(), desk.apple_pass(held).await?);
        name(&mut response, &format!("attachment; filename=\"{}.pkpass\"", held.issued.id.opaque()));
        return Ok(response);
    }
    let own = held.issued.formats();
    let none = || DeskError::NoForm { forms: own.iter().map(|format| format.name().to_owned()).collect() };
    let format: Format =
        format.or_else(|| own.first().copied()).filter(|format| own.contains(format)).ok_or_else(none)?;
    if form == Form::Text {
        // Without the line end that a file has: whoever reads the text reads a code.
        let text = held.issued.envelope(format).ok_or_else(none)?.text.clone();
        return Ok(typed("text/plain; charset=utf-8", text));
    }
    let part = form.part(format).ok_or_else(none)?;
    let bytes = match form {
        Form::Pdf if order != Order::default() => desk.print(&[held], &order).await?,
        _ => desk.draw(held, part).await?,
    };
    let mut response = typed(form.media(), bytes.to_vec());
    if form == Form::Pdf {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PDF_POLICY));
        name(&mut response, &format!("inline; filename=\"{}.pdf\"", held.issued.id.opaque()));
    }
    Ok(response)
}

/// Names a file by the random part of its identifier, which tells nothing of a person.
fn name(response: &mut Response, disposition: &str) {
    if let Ok(value) = HeaderValue::from_str(disposition) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
}

/// Names this state of this form.
fn tag(held: &Held, wanted: Wanted) -> String {
    let format = wanted.format.map_or("", Format::name);
    format!(
        "\"{}-{}{}{format}{}\"",
        held.stamp(),
        wanted.form.media().len(),
        wanted.form.media().rsplit('/').next().unwrap_or(""),
        ordered(&wanted.order)
    )
}

/// Tells one order of paper from another; nothing where nothing was ordered.
fn ordered(order: &Order) -> String {
    if *order == Order::default() {
        return String::new();
    }
    crate::keys::sha256(format!("{order:?}").as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether the client has it (RFC 9110, section 13.1.2).
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let sent = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = sent.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}
