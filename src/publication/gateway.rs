//! Batches for the EU gateway, to the letter (facts on the trust framework, section 3). What goes over the wire, and
//! its signature, is the gateway room's; what is to go is told here.

use jiff::{Timestamp, tz::Offset};
use serde_json::json;

use crate::{
    batch::exact,
    issue::Format,
    keys::Kid,
    registry::{GatewayBatch, GatewayWork, Registry, RegistryError},
    revocation::HashKind,
};

/// The kind of hash that batches are made of: the identifier letter by letter. A hash of the signature would do no
/// more, and a verifier that takes the wrong half of it would miss the certificate (failure F25).
pub const KIND: HashKind = HashKind::Uci;

/// Plans batches for what the log says since the last time, and gives what is to be done at the gateway now: uploads,
/// then deletions; each is to be noted when it is done ([`Registry::note_uploaded`], [`Registry::note_deleted`]). At
/// most `limit` of both.
///
/// # Errors
/// The registry's.
pub async fn pending_gateway_work(
    registry: &Registry,
    limit: u32,
    now: Timestamp,
) -> Result<Vec<GatewayWork>, RegistryError> {
    let eu = Format::EuDcc.name();
    let hash_of = |id: &str, envelope: &crate::registry::ListedEnvelope| (envelope.format == eu).then(|| exact(id));
    registry.plan_gateway(KIND.name(), hash_of, now).await?;
    registry.gateway_work(limit).await
}

/// The JSON of a batch, for the issuer `country` (ISO 3166-1 alpha-2).
#[must_use]
pub fn payload(batch: &GatewayBatch, country: &str) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let entries: Vec<_> = batch.hashes.iter().map(|hash| json!({"hash": STANDARD.encode(hash)})).collect();
    // To the second and with its zone, as the gateway's own dates are; a second later than the last certificate ends.
    let end = Timestamp::from_second(batch.expires_at.as_second().saturating_add(1)).unwrap_or(batch.expires_at);
    json!({
        "country": country,
        "expires": Offset::UTC.to_datetime(end).strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "kid": Kid::new(batch.kid.as_slice()).to_string(),
        "hashType": batch.hash_kind,
        "entries": entries,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_what_the_gateway_asks_for() {
        let batch = GatewayBatch {
            number: 1,
            kid: vec![0x1c, 0x10, 0xeb, 0xbb, 0xc4, 0x9f, 0x0d, 0xe1],
            hash_kind: KIND.name().to_owned(),
            expires_at: "2027-01-01T00:00:00.5Z".parse().unwrap(),
            hashes: vec![exact("URN:UVCI:V1:AE:8KST0RH057HI8XKW3M8K2NAD06")],
            begun_at: None,
        };
        let json: serde_json::Value = serde_json::from_str(&payload(&batch, "XX")).unwrap();
        let expected = json!({
            "country": "XX", "expires": "2027-01-01T00:00:01Z", "kid": "HBDru8SfDeE=", "hashType": "UCI",
            // The example of the facts.
            "entries": [{"hash": "6WSb8R/8lDysIHW4A4J5qQ=="}],
        });
        assert_eq!(json, expected);
        assert!(!format!("{batch:?}").contains("6WSb"));
    }
}
