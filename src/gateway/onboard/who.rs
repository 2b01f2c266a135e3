//! WHO's network: the folder of a participant, and what people do with it (smart-trust, onboarding checklist;
//! tng-participant-template).

use super::{Certificates, Network, OnboardError, Order, Stage, countries::alpha3, folder::File, source::pem_of};

/// WHO's robot that collects submissions.
fn bot(stage: Stage) -> &'static str {
    if stage == Stage::Prod { "tng-bot" } else { "tng-bot-dev" }
}

pub(super) fn files(order: &Order, certificates: &Certificates) -> Result<Vec<File>, OnboardError> {
    let country = certificates.country().ok_or(OnboardError::Country)?;
    let code = alpha3(&country).ok_or(OnboardError::Country)?;
    let mut files = Vec::new();
    for (at, domain) in order.domains.iter().enumerate() {
        let plain = domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if domain.is_empty() || !plain {
            return Err(OnboardError::Domain { name: domain.clone() });
        }
        let mut add = |name: &str, text: String| files.push((format!("onboarding/{domain}/{name}"), text));
        add("SCA/SCA.pem", pem_of(std::slice::from_ref(&certificates.csca)));
        // One TLS client and one uploader serve every domain.
        if at == 0 {
            add("TLS/TLS.pem", pem_of(std::slice::from_ref(&certificates.tls)));
            add("TLS/CA.pem", pem_of(&certificates.tls_authorities));
            add("UP/UP.pem", pem_of(std::slice::from_ref(&certificates.upload)));
        }
    }
    files.push(("NEXT-STEPS.md".to_owned(), steps(order, &code)));
    Ok(files)
}

fn steps(order: &Order, code: &str) -> String {
    let (lower, bot) = (order.stage.name(), bot(order.stage));
    let stage = lower.to_uppercase();
    let host = Network::Who.url(order.stage).unwrap_or("https://127.0.0.1:8443");
    let repository = format!("tng-participant-{lower}-{}", code.to_lowercase());
    format!(
        "# Joining WHO's network: {code}, environment {stage}

The folder `onboarding/` holds certificates only. No private key ever leaves its holder. Each environment (DEV, UAT,
PROD) has keys of its own and a repository of its own.

1. On GitHub, make a **private** repository whose name contains {code}, such as `{repository}`.
2. Clone WHO's template into it, and copy `onboarding/` over the one there:

       git clone https://github.com/WorldHealthOrganization/tng-participant-template {repository}
       cp -R onboarding {repository}/

3. Invite the user `{bot}` to the repository with the role Write.
4. Everybody who will sign makes a GPG key (RSA, 4096 bits) for an e-mail address that GitHub has verified:

       gpg --full-generate-key
       gpg --armor --export YOU@example.org > public-key.asc

5. Check the folder once more, commit it, and **sign a tag**; the tag is what WHO verifies:

       vaccert gateway onboard --check {repository} --environment {lower}
       cd {repository}
       git add onboarding && git commit -m \"Certificates of {code}\"
       git tag -s v1.0.0 -m \"Certificates of {code}\"
       git push && git push --tags
       git verify-tag v1.0.0

6. Mail the address of the repository and `public-key.asc` to gdhcn-support@who.int.
7. When WHO writes that the country is listed, describe the gateway ({host}) in vaccert.toml and look whether it
   answers and knows you:

       vaccert gateway status
       vaccert gateway pull

8. Upload a document signer, look for it in the list, and take it off again as a test:

       vaccert gateway upload signer-1.pem
       vaccert gateway revoke signer-1.pem

9. Note the ends of validity in `transcript.txt` of the ceremony: renew a month before each. An upload certificate that
   ends takes every earlier upload with it.
"
    )
}
