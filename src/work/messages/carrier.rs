//! Hands a message over: to DHIS2, or in a rehearsal to a file that shows it.

use std::{io::Write, path::PathBuf, sync::Arc};

use jiff::Timestamp;

use super::Text;
use crate::{
    source::dhis2::{Client, SendError},
    work::people::Contact,
};

/// Why a message did not go out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CarryError {
    /// DHIS2.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The file.
    #[error("the file of messages cannot be written ({0}): make room, or name another with messages.file")]
    File(std::io::ErrorKind),
    /// Messages are switched off.
    #[error("messages are switched off: set messages.via")]
    Off,
    /// A number where an address is needed, or the other way round.
    #[error("this person has no address of the kind that messages go to: see messages.via")]
    Kind,
}

impl CarryError {
    /// Whether the message certainly did not go out.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        !matches!(self, Self::Send(error) if !error.is_certain())
    }

    /// Whether it may go out later without anybody doing anything.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self, Self::Send(SendError::Away))
    }

    /// Whether no message goes out just now, whoever it is for.
    #[must_use]
    pub fn is_for_everybody(&self) -> bool {
        matches!(self, Self::Send(SendError::Away | SendError::Denied { .. }) | Self::File(_))
    }
}

/// By what messages go out.
#[derive(Debug, Clone)]
pub enum Carrier {
    /// By nothing.
    Off,
    /// By DHIS2 as SMS.
    Sms(Arc<Client>),
    /// By DHIS2 as e-mail.
    Email(Arc<Client>),
    /// Into a file that only its owner can read: in a rehearsal there is nobody to call.
    File(PathBuf),
}

impl Carrier {
    /// Hands a message over, once.
    ///
    /// # Errors
    /// [`CarryError`].
    pub async fn carry(&self, to: &Contact, text: &Text, now: Timestamp) -> Result<(), CarryError> {
        match (self, to) {
            (Self::Off, _) => Err(CarryError::Off),
            (Self::Sms(client), Contact::Telephone(number)) => Ok(client.send_sms(number, &text.body).await?),
            (Self::Email(client), Contact::Email(address)) => {
                Ok(client.send_email(address, &text.subject, &text.body).await?)
            }
            (Self::Sms(_) | Self::Email(_), _) => Err(CarryError::Kind),
            (Self::File(path), to) => {
                let line = format!("{now:.0} to {}: {}\n", to.address(), text.body);
                let path = path.clone();
                let write = move || append(&path, line.as_bytes());
                let written = tokio::task::spawn_blocking(write).await;
                written
                    .unwrap_or_else(|_| Err(std::io::ErrorKind::Other.into()))
                    .map_err(|e| CarryError::File(e.kind()))
            }
        }
    }
}

fn append(path: &std::path::Path, line: &[u8]) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(line)
}
