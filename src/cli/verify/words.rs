//! What each reason and warning code means to an officer, and what to do next.

/// Cause and next step of a reason code.
pub(super) fn reason(code: &str) -> (&'static str, &'static str) {
    match code {
        "text-too-long" | "base45-invalid" | "compression-invalid" | "cose-invalid" => (
            "This is no certificate, or it was not read completely",
            "Scan it again; if it stays so, ask for another copy",
        ),
        "not-compressed" => {
            ("The code is not built as certificates are", "Do not rely on it; ask for another document")
        }
        "inflates-too-large" => ("The code is built to overload the reader", "Do not rely on it; report it"),
        "unknown-version" => ("The code is of a version that this program does not know", "Update the program"),
        "algorithm-unsupported" | "algorithm-missing" | "algorithm-key-mismatch" => {
            ("The signature is of a kind that no issuer of these certificates uses", "Do not rely on it")
        }
        "kid-missing" => ("The certificate does not say which key signed it", "Do not rely on it"),
        "issuer-unknown" => {
            ("No list has the key that signed this certificate", "Update the trust list, or check by other means")
        }
        "signature-invalid" => {
            ("The signature does not match: forged or altered", "Do not rely on it; follow your procedure")
        }
        "content-invalid" => {
            ("The content is not a certificate of the EU schema", "Do not rely on it; ask for another copy")
        }
        "not-yet-valid" => {
            ("The certificate is not valid yet", "Check the date of this device, then the certificate's")
        }
        "expired" => ("The certificate has expired", "The holder needs a renewed certificate"),
        "issue-time-missing" | "expiry-missing" => {
            ("The certificate does not say from when or until when it is valid", "Do not rely on it")
        }
        "signer-not-yet-valid" | "signer-expired" => {
            ("The key that signed is not valid at this time", "The holder needs a renewed certificate")
        }
        "key-usage" => ("The key may not sign certificates of this kind", "Do not rely on it; report it"),
        "revoked" => ("The issuer has revoked this certificate", "The holder should ask the issuer for a new one"),
        "list-stale" => ("The trust list is older than its issuer allows", "Update the trust list and check again"),
        "check-incomplete" => ("A check could not be made", "Check by other means"),
        _ => ("The certificate is not accepted", "Check by other means"),
    }
}

/// A warning in words.
pub(super) fn warning(code: &str) -> &str {
    match code {
        "sandbox" => "SANDBOX: a specimen from a rehearsal, worth nothing at a border",
        "issuer-not-signer" => "the country in the certificate is not the signer's",
        "issued-before-signer" => "issued before the signer's certificate began",
        "expires-after-signer" => "expires after the signer's certificate",
        "unknown-test-result" => "the test result has an unknown code: do not take it for negative",
        other => other,
    }
}
