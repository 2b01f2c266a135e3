//! Why something did not work with a gateway.

use super::{Endpoint, problem::Problem, transport::TransportError};
use crate::trust::cms::CmsWriteError;

/// Why something did not work with a gateway. No variant tells a secret or what was sent.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// No answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// No answer to something that is not sent twice by itself.
    #[error("{endpoint} may or may not have arrived: {source}; run the command again, a repeat does no harm")]
    MayHaveArrived {
        /// What was sent.
        endpoint: Endpoint,
        /// What happened.
        source: TransportError,
    },
    /// The gateway, or something in front of it, refuses.
    #[error("{0}")]
    Refused(Box<Problem>),
    /// Success, in a form that the interface does not have.
    #[error(
        "{endpoint} was answered in another form than the interface has ({part}): check that gateway.url is a gateway's"
    )]
    Unexpected {
        /// What was asked for.
        endpoint: Endpoint,
        /// What cannot be read.
        part: &'static str,
    },
    /// More than any gateway has.
    #[error("{endpoint} was answered with more than {limit} {what}, which no gateway has: tell the operator")]
    TooMany {
        /// What was asked for.
        endpoint: Endpoint,
        /// Of what.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// An argument that no request can carry.
    #[error("{what} {rule}")]
    Argument {
        /// Which.
        what: &'static str,
        /// What it has to be.
        rule: &'static str,
    },
    /// The upload key.
    #[error("what is uploaded cannot be signed: {0}")]
    Signing(#[from] CmsWriteError),
    /// The connection cannot be prepared.
    #[error("{setting} {problem}")]
    Setting {
        /// Name of the setting.
        setting: &'static str,
        /// What is wrong with it, and what to do.
        problem: String,
    },
}

impl GatewayError {
    /// Whether the gateway could not be reached at all, or did not answer as one.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::Transport(_) | Self::MayHaveArrived { .. } | Self::Unexpected { .. } => true,
            Self::Refused(problem) => matches!(problem.status, 300..=399 | 502..=504),
            _ => false,
        }
    }

    /// Stable code for reports and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Transport(_) => "unreachable",
            Self::MayHaveArrived { .. } => "no-answer",
            Self::Refused(_) => "refused",
            Self::Unexpected { .. } => "other-form",
            Self::TooMany { .. } => "too-many",
            Self::Argument { .. } => "argument",
            Self::Signing(_) => "signing",
            Self::Setting { .. } => "setting",
        }
    }

    /// Status of the refusal, if it is one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(problem) => Some(problem.status),
            _ => None,
        }
    }
}
