//! What a failed call of a token means for what to do next.

use std::fmt::Write as _;

use cryptoki::error::{Error, RvError};

use crate::signers::TokenError;

/// Why a call failed, by what helps.
#[derive(Debug, Clone)]
pub(super) enum Fault {
    /// The session is gone: another one may do at once.
    Session(String),
    /// The token is gone: later, perhaps.
    Away(String),
    /// The token does not let us in: never again without somebody who looks.
    Refused(String),
    /// What was asked for is not there, or not like that.
    Wrong(TokenError),
    /// The token is there and cannot do this.
    Failed(String),
}

/// Result of a call.
pub(super) type Called<T> = Result<T, Fault>;

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let code = match error {
            Error::Pkcs11(code, _) => code,
            // Its texts hold a path at most.
            other => return Self::Failed(other.to_string()),
        };
        let name = name(code);
        match code {
            RvError::SessionHandleInvalid
            | RvError::SessionClosed
            | RvError::UserNotLoggedIn
            | RvError::KeyHandleInvalid
            | RvError::ObjectHandleInvalid
            | RvError::OperationActive
            | RvError::OperationNotInitialized => Self::Session(name),
            RvError::CryptokiNotInitialized
            | RvError::DeviceError
            | RvError::DeviceMemory
            | RvError::DeviceRemoved
            | RvError::FunctionFailed
            | RvError::GeneralError
            | RvError::HostMemory
            | RvError::SlotIdInvalid
            | RvError::TokenNotPresent
            | RvError::TokenNotRecognized
            | RvError::VendorDefined(_)
            | RvError::UnknownErrorCode(_) => Self::Away(name),
            RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange => {
                Self::Refused(format!("{name}: the PIN is wrong, and is not tried again"))
            }
            RvError::PinLocked => Self::Refused(format!("{name}: unlock it with the vendor's tool")),
            RvError::PinExpired | RvError::UserPinNotInitialized => {
                Self::Refused(format!("{name}: set a new PIN with the vendor's tool"))
            }
            RvError::SessionCount => Self::Failed(format!("{name}: lower keys.pkcs11.sessions")),
            _ => Self::Failed(name),
        }
    }
}

/// The name that the standard gives a return code.
pub(super) fn name(code: RvError) -> String {
    let number = match code {
        RvError::VendorDefined(number) => return format!("CKR_VENDOR_DEFINED {number:#x}"),
        RvError::UnknownErrorCode(number) => return format!("unknown return code {number:#x}"),
        other => format!("{other:?}"),
    };
    let mut name = String::from("CKR");
    for letter in number.chars() {
        if letter.is_ascii_uppercase() {
            name.push('_');
        }
        let _ = write!(name, "{}", letter.to_ascii_uppercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use cryptoki::context::Function;

    use super::*;

    #[test]
    fn what_helps_follows_from_the_code() {
        let of = |code| Fault::from(Error::Pkcs11(code, Function::Sign));
        assert!(
            matches!(of(RvError::SessionHandleInvalid), Fault::Session(name) if name == "CKR_SESSION_HANDLE_INVALID")
        );
        assert!(matches!(of(RvError::DeviceRemoved), Fault::Away(name) if name == "CKR_DEVICE_REMOVED"));
        assert!(matches!(of(RvError::VendorDefined(0x8000_0001)), Fault::Away(name) if name.ends_with("0x80000001")));
        assert!(matches!(of(RvError::PinIncorrect), Fault::Refused(text) if text.starts_with("CKR_PIN_INCORRECT")));
        assert!(matches!(of(RvError::PinLocked), Fault::Refused(_)));
        assert!(matches!(of(RvError::MechanismInvalid), Fault::Failed(name) if name == "CKR_MECHANISM_INVALID"));
    }
}
