//! SMS and e-mail as the server hands them on (`/api/sms/outbound`, `/api/email/notification`; dhis2-core
//! `SmsOutboundController`, `EmailController`): kept here, so that a test can read what a person would get.

use serde_json::{Value, json};

use super::{rules::Refusal, users::User, wire};

/// A message that was handed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// By e-mail, or else by SMS.
    pub mail: bool,
    /// Numbers or addresses.
    pub recipients: Vec<String>,
    /// Subject of an e-mail.
    pub subject: String,
    /// Text.
    pub text: String,
}

/// What is set up for sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gateways {
    /// An SMS gateway.
    pub sms: bool,
    /// A mail server.
    pub mail: bool,
}

fn forbidden(authority: &str) -> Refusal {
    Refusal(403, None, format!("Access is denied, requires one Authority from [{authority}]"))
}

fn ok(text: &str) -> Value {
    json!({"httpStatus": "OK", "httpStatusCode": 200, "status": "OK", "message": text})
}

/// `POST /api/sms/outbound`, with a body of JSON or with parameters.
pub(super) fn sms(
    gateways: Gateways,
    user: &User,
    params: &[(String, String)],
    body: Option<&Value>,
) -> Result<(Message, Value), Refusal> {
    if !user.may("F_MOBILE_SENDSMS") {
        return Err(forbidden("F_MOBILE_SENDSMS"));
    }
    let (recipients, text) = match body {
        Some(body) => {
            let list = body.get("recipients").and_then(Value::as_array).into_iter().flatten();
            (list.filter_map(Value::as_str).map(str::to_owned).collect(), wire::text(body, "message").to_owned())
        }
        None => {
            let get = |name: &str| params.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default();
            (vec![get("recipient")].into_iter().filter(|one| !one.is_empty()).collect::<Vec<_>>(), get("message"))
        }
    };
    if recipients.is_empty() {
        return Err(Refusal(409, None, "Recipient must be specified".to_owned()));
    }
    if text.is_empty() {
        return Err(Refusal(409, None, "Message must be specified".to_owned()));
    }
    if !gateways.sms {
        return Err(Refusal(500, None, "No default gateway configured".to_owned()));
    }
    Ok((Message { mail: false, recipients, subject: String::new(), text }, ok("SMS sent")))
}

/// `POST /api/email/notification` with parameters, in the address or as a form.
pub(super) fn mail(gateways: Gateways, user: &User, params: &[(String, String)]) -> Result<(Message, Value), Refusal> {
    if !user.may("F_SEND_EMAIL") {
        return Err(forbidden("F_SEND_EMAIL"));
    }
    let get = |name: &str| params.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).filter(|v| !v.is_empty());
    let missing = |name: &str| Refusal(400, None, format!("Required request parameter '{name}' is not present"));
    let recipients = get("recipients").ok_or_else(|| missing("recipients"))?;
    let text = get("message").ok_or_else(|| missing("message"))?;
    if !gateways.mail {
        return Err(Refusal(409, None, "SMTP server not configured".to_owned()));
    }
    let recipients = recipients.split(',').map(str::to_owned).collect();
    let subject = get("subject").unwrap_or_else(|| "DHIS 2".to_owned());
    Ok((Message { mail: true, recipients, subject, text }, ok("Email sent")))
}
