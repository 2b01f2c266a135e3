//! `Trusted_Issuer.json`: an issuer that WHO's network lists by its DID (tng-participant-template,
//! trusted-issuer-onboarding-specification).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;

use crate::record::Country;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TrustedIssuer {
    name: String,
    url: String,
    url_type: String,
    hash: Option<String>,
    #[serde(default)]
    ssl_public_keys: Vec<String>,
    country: String,
}

/// What is wrong with the file, if anything.
pub(super) fn problem(bytes: &[u8]) -> Option<String> {
    let Ok(issuer) = serde_json::from_slice::<TrustedIssuer>(bytes) else {
        return Some("is not the JSON of an issuer: name, url, urlType, hash, sslPublicKeys, country".to_owned());
    };
    let mut problems = Vec::new();
    let mut demand = |holds: bool, problem: &str| {
        if !holds {
            problems.push(problem.to_owned());
        }
    };
    demand((1..=512).contains(&issuer.name.chars().count()), "name needs 1 to 512 characters");
    demand(
        issuer.url.starts_with("did:web:") && issuer.url.len() <= 64,
        "url must be a did:web of at most 64 characters",
    );
    demand(issuer.url_type == "DID", "urlType must be DID");
    demand(issuer.hash.is_none_or(|hash| hash.len() <= 64), "hash has at most 64 characters");
    let short = |key: &String| key.len() <= 2_048 && STANDARD.decode(key).is_ok_and(|der| der.first() == Some(&0x30));
    demand(issuer.ssl_public_keys.iter().all(short), "sslPublicKeys are Base64 of DER, at most 2048 characters each");
    demand(issuer.country.parse::<Country>().is_ok(), "country needs the two capital letters of ISO 3166-1");
    (!problems.is_empty()).then(|| problems.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_named() {
        let good = r#"{"name":"MoH","url":"did:web:example.org","urlType":"DID","hash":"","sslPublicKeys":["MAA="],"country":"TG"}"#;
        assert_eq!(problem(good.as_bytes()), None);
        for (from, to, said) in [
            ("MoH", "", "name needs"),
            ("did:web:example.org", "https://example.org", "did:web"),
            ("\"DID\"", "\"JWKS\"", "urlType"),
            ("MAA=", "!", "sslPublicKeys"),
            ("\"TG\"", "\"TGO\"", "country"),
            ("{", "", "is not the JSON"),
        ] {
            let found = problem(good.replacen(from, to, 1).as_bytes()).unwrap();
            assert!(found.contains(said), "{to}: {found}");
        }
    }
}
