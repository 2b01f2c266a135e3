//! Printing: what became of each thing, for people and for machines; what would be sent.

use std::process::ExitCode;

use serde::Serialize;
use serde_json::json;

use super::Sending;
use crate::gateway::{Finding, GatewayError, Method, Request};

/// What became of one thing.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Item {
    /// File, identifier or key.
    pub(super) item: String,
    /// One word: `uploaded`, `there already`, `refused`, …
    pub(super) status: &'static str,
    /// Why, and what to do.
    pub(super) reason: Option<String>,
    /// What the checks before sending found.
    pub(super) findings: Vec<Finding>,
    /// What the gateway calls it, where it made a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    #[serde(skip)]
    failed: bool,
    #[serde(skip)]
    unreachable: bool,
}

impl Item {
    pub(super) fn done(item: &str, status: &'static str, findings: Vec<Finding>) -> Self {
        let (reason, id) = (None, None);
        Self { item: item.to_owned(), status, reason, findings, id, failed: false, unreachable: false }
    }

    /// Nothing was sent, because it would be refused.
    pub(super) fn held_back(item: &str, findings: Vec<Finding>) -> Self {
        let reason = Some("the gateway would refuse it; --force sends it all the same".to_owned());
        let id = None;
        Self { item: item.to_owned(), status: "not sent", reason, findings, id, failed: true, unreachable: false }
    }

    /// What a call came to: an error belongs to its thing, and the others go on.
    pub(super) fn of(item: &str, findings: Vec<Finding>, outcome: Result<&'static str, GatewayError>) -> Self {
        match outcome {
            Ok(status) => Self::done(item, status, findings),
            Err(error) => Self {
                item: item.to_owned(),
                status: "failed",
                reason: Some(error.to_string()),
                findings,
                id: None,
                failed: true,
                unreachable: error.is_unreachable(),
            },
        }
    }

    pub(super) fn failed(item: &str, status: &'static str, reason: String) -> Self {
        let (findings, id) = (Vec::new(), None);
        Self { item: item.to_owned(), status, reason: Some(reason), findings, id, failed: true, unreachable: false }
    }

    /// With the name that the gateway made.
    pub(super) fn named(mut self, id: Option<String>) -> Self {
        self.id = id;
        self
    }

    pub(super) fn is_unreachable(&self) -> bool {
        self.unreachable
    }
}

/// Whether the findings let a thing be sent.
pub(super) fn may_send(findings: &[Finding], sending: Sending) -> bool {
    sending.force || !findings.iter().any(|finding| finding.blocks)
}

/// Prints what became of all things and gives the exit status: 0 all well, 1 something failed, 4 not reached.
pub(super) fn items(address: &str, items: &[Item], json: bool, quiet: bool) -> ExitCode {
    if json {
        println!("{}", json!({"gateway": address, "items": items}));
    } else {
        if !quiet && !items.is_empty() {
            println!("{address}");
        }
        for item in items {
            let id = item.id.as_ref().map(|id| format!(" as {id}")).unwrap_or_default();
            let reason = item.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            let line = format!("  {}  {}{id}{reason}", item.item, item.status);
            if item.failed || !quiet {
                println!("{line}");
            }
            for finding in item.findings.iter().filter(|finding| finding.blocks || !quiet) {
                let word = if finding.blocks { "would be refused" } else { "remark" };
                println!("    {word} ({}): {}", finding.code, finding.message);
            }
        }
    }
    if items.iter().any(Item::is_unreachable) {
        ExitCode::from(4)
    } else if items.iter().any(|item| item.failed) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// What would be sent, as text: verb, path, headers, body.
pub(super) fn request(url: &str, request: &Request) -> String {
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Delete => "DELETE",
    };
    let mut text = format!("{method} {}{}\n", url.trim_end_matches('/'), request.path);
    for (name, value) in &request.headers {
        text += &format!("{name}: {value}\n");
    }
    if let Some(body) = &request.body {
        text += &format!("Content-Type: {}\n\n{}\n", body.content_type, body.text);
    }
    text
}
