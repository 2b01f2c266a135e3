//! The EU's process: files for the operator's mailbox and the words that go with them (dgc-participating-countries,
//! gateway/OnboardingChecklist.md). Historic since 2023-07-01, and still what national copies of the gateway ask for.

use super::{Certificates, OnboardError, Order, Stage, folder::File, source::pem_of};
use crate::keys::{Certificate, sha256};

pub(super) fn files(order: &Order, certificates: &Certificates) -> Result<Vec<File>, OnboardError> {
    let country = certificates.country().ok_or(OnboardError::Country)?;
    let one = |certificate: &Certificate| pem_of(std::slice::from_ref(certificate));
    let files = [
        ("NB_CSCA.pem", one(&certificates.csca)),
        ("NB_TLS.pem", one(&certificates.tls)),
        ("NB_TLS_CA.pem", pem_of(&certificates.tls_authorities)),
        ("NB_UP.pem", one(&certificates.upload)),
        ("mail.txt", mail(order.stage, &country, certificates)),
        ("NEXT-STEPS.md", steps(order.stage, &country)),
    ];
    Ok(files.into_iter().map(|(name, text)| (name.to_owned(), text)).collect())
}

fn mail(stage: Stage, country: &str, certificates: &Certificates) -> String {
    let line = |name: &str, certificate: &Certificate| {
        let digest: String = sha256(certificate.der()).iter().map(|byte| format!("{byte:02x}")).collect();
        let subject = certificate.details().map(|details| details.subject.to_string()).unwrap_or_default();
        let end = certificate.not_after().to_string();
        let end = end.get(..10).unwrap_or_default();
        format!("{name}\n  subject  {subject}\n  ends     {end}\n  SHA-256  {digest}\n\n")
    };
    format!(
        "Subject: DCC gateway, {environment}: certificates of {country}\n\nDear colleagues,\n\nplease find attached the \
         certificates of {country} for the environment {environment}:\n\n{csca}{tls}{upload}We will confirm the \
         fingerprints by telephone. Please send us the certificate of the trust anchor (DCCG_TA) and the\ncertificate \
         of the gateway's server.\n\nOur contact for questions: NAME, TELEPHONE, FUNCTIONAL MAILBOX\n",
        environment = stage.name().to_uppercase(),
        csca = line("NB_CSCA.pem", &certificates.csca),
        tls = line("NB_TLS.pem", &certificates.tls),
        upload = line("NB_UP.pem", &certificates.upload),
    )
}

fn steps(stage: Stage, country: &str) -> String {
    let channel =
        if matches!(stage, Stage::Test | Stage::Sandbox) { "the operator's functional mailbox" } else { "CIRCABC" };
    format!(
        "# Joining the EU's gateway: {country}, environment {environment}

The EU handed its gateway over to WHO on 2023-07-01: a country that joins today joins WHO's network
(`vaccert gateway onboard --network who`). These files are for gateways that still follow the EU's process.

1. Agree on the participation with the Commission first: without that, no certificate is looked at.
2. Send `NB_CSCA.pem`, `NB_TLS.pem`, `NB_TLS_CA.pem` and `NB_UP.pem` with the text of `mail.txt` through {channel}.
   Each must be valid for three more months at least. The private keys stay with their holders.
3. Somebody who is known to the operator confirms the fingerprints by telephone.
4. Receive the certificate of the trust anchor (DCCG_TA) and of the gateway's server; compare their fingerprints by
   telephone as well.
5. Fetch the trust list with the TLS client certificate: `vaccert gateway pull`.
6. Upload a document signer (`vaccert gateway upload signer-1.pem`), fetch the list again, and look for its kid.
7. Renew each certificate a month before its end. An upload certificate that ends takes every earlier upload with it.
",
        environment = stage.name().to_uppercase(),
    )
}
