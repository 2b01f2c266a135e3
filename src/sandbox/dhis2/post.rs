//! Requests that write: which of them there are in which version, and where each goes.

use axum::http::{HeaderMap, Method, header};
use serde_json::Value;

use super::{
    Inner, Reply,
    faults::{Fault, json_text, message, misbehaviour, page},
    messages,
    rules::Refusal,
    users::User,
    values, writes,
};

/// What a request that writes comes to.
#[expect(clippy::too_many_arguments, reason = "the parts of one HTTP request")]
pub(super) fn take(
    inner: &mut Inner,
    user: &User,
    method: &Method,
    path: &str,
    mut params: Vec<(String, String)>,
    headers: &HeaderMap,
    body: &[u8],
    fault: Option<&Fault>,
) -> Reply {
    let Inner { options, values, messages, .. } = inner;
    let minor = options.minor();
    if let Some(ready) = fault.and_then(|f| misbehaviour(f, options, minor)) {
        return Reply::Ready(ready);
    }
    let new = minor >= 36 && !options.legacy_only;
    let now = options.server_date();
    let sent = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let is_json = sent.starts_with("application/json");
    if sent.starts_with("application/x-www-form-urlencoded") {
        params.extend(url::form_urlencoded::parse(body).into_owned());
    }
    let json = || {
        let text = format!("Content-Type '{sent}' is not supported");
        if is_json { values::body(body) } else { Err(Refusal(415, None, text)) }
    };
    let taken = match (method.as_str(), path) {
        ("POST", "/api/dataValueSets") => {
            json().and_then(|body| values::import(&options.data_sets, values, minor, user, &params, &body))
        }
        ("POST", "/api/sms/outbound") => {
            let body = if is_json { values::body(body).map(Some) } else { Ok(None) };
            body.and_then(|body| messages::sms(options.gateways, user, &params, body.as_ref())).map(
                |(message, told)| {
                    messages.push(message);
                    (200, told)
                },
            )
        }
        ("POST", "/api/email/notification") => {
            messages::mail(options.gateways, user, &params).map(|(message, told)| {
                messages.push(message);
                (200, told)
            })
        }
        ("POST", "/api/tracker") if new => json().and_then(|body| {
            writes::import(&mut options.people, user, options.certificate_fields, &params, &body, &now)
        }),
        ("PUT", path) if minor <= 41 => match path.strip_prefix("/api/events/").and_then(|rest| rest.split_once('/')) {
            Some(ids) => json().and_then(|body| {
                let told =
                    writes::event_value(&mut options.people, user, options.certificate_fields, ids, &body, &now)?;
                let status = told.get("httpStatusCode").and_then(Value::as_u64).unwrap_or(200);
                Ok((u16::try_from(status).unwrap_or(500), told))
            }),
            None => return Reply::Ready(page(404)),
        },
        ("POST" | "PUT", _) => return Reply::Ready(page(404)),
        _ => Err(Refusal(405, None, format!("Request method '{method}' is not supported"))),
    };
    match taken {
        Ok((200, value)) => Reply::Json(value),
        Ok((status, value)) => Reply::Ready(json_text(status, value.to_string())),
        Err(Refusal(status, code, text)) => Reply::Ready(message(status, code, &text)),
    }
}
