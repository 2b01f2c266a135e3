//! Messages that DHIS2 sends on: SMS (`/api/sms/outbound`) and e-mail (`/api/email/notification`), as the developer
//! manual describes them. Sending is the one thing that is never tried again here: a message whose fate is unknown may
//! have gone out, and the caller knows whether a second one would do harm.

use serde_json::json;

use super::client::Client;

/// Why a message was not sent, or may not have been. No words of the server: they may repeat number and text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Login or rights.
    #[error(
        "DHIS2 does not let this user send messages (status {status}): give it the authority to send SMS \
         (F_MOBILE_SENDSMS) or e-mail (F_SEND_EMAIL)"
    )]
    Denied {
        /// HTTP status.
        status: u16,
    },
    /// It was refused.
    #[error("DHIS2 refused the message (status {status}): check that its SMS gateway or e-mail server is set up")]
    Refused {
        /// HTTP status.
        status: u16,
    },
    /// It was not taken now.
    #[error("DHIS2 takes no message just now: it is tried again")]
    Away,
    /// Nobody knows.
    #[error("DHIS2 did not say whether it sent the message: it is not sent again")]
    Unsure,
}

impl SendError {
    /// Whether it certainly did not go out.
    #[must_use]
    pub fn is_certain(self) -> bool {
        self != Self::Unsure
    }
}

impl Client {
    /// Has an SMS sent to a number.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn send_sms(&self, number: &str, text: &str) -> Result<(), SendError> {
        let body = json!({"message": text, "recipients": [number]}).to_string();
        self.hand_over("/api/sms/outbound", "application/json", body).await
    }

    /// Has an e-mail sent. Its parameters go in the body: what stands in an address ends in the logs of servers.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn send_email(&self, address: &str, subject: &str, text: &str) -> Result<(), SendError> {
        let pairs = [("recipients", address), ("subject", subject), ("message", text)];
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.hand_over("/api/email/notification", "application/x-www-form-urlencoded", form).await
    }

    async fn hand_over(&self, path: &str, media: &'static str, body: String) -> Result<(), SendError> {
        match self.transport().post_once(path, media, body).await {
            Ok(200..=299) => Ok(()),
            // Not let in, or told to come later: nothing was done.
            Ok(status @ (401 | 403)) => Err(SendError::Denied { status }),
            Ok(429 | 503) => Err(SendError::Away),
            Ok(status @ 300..=499) => Err(SendError::Refused { status }),
            Ok(_) => Err(SendError::Unsure),
            Err(true) => Err(SendError::Away),
            Err(false) => Err(SendError::Unsure),
        }
    }
}
