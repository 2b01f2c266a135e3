//! Requests to the letter, refusals in words, patience.

use serde_json::{Value as Json, json};

use super::world::{Use, World, answer, batch, client, id, now, report, rule, with_header};
use crate::{
    gateway::{GatewayError, Method, Network, Placed, Removed, TransportError},
    trust::cms::{Believed, SignedData},
};

fn broken() -> TransportError {
    TransportError::Broken { host: "h".into() }
}

/// The message in the body: one line of base64, one signer, the content attached.
fn opened(text: &str, world: &World) -> Vec<u8> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    assert!(!text.contains(['\n', '\r', ' ']));
    let bytes = STANDARD.decode(text).unwrap();
    let signed = SignedData::read(&bytes).unwrap();
    signed.verify(Believed::Certificate(&world.upload.certificate), None).unwrap();
    assert_eq!(signed.certificates().collect::<Vec<_>>(), [world.upload.certificate.der()]);
    assert_eq!(signed.signing_time(), Some(now()));
    signed.content().unwrap().to_vec()
}

#[tokio::test]
async fn a_signer_certificate_goes_up_as_each_network_wants_it() {
    let world = World::new();
    let key = world.upload.upload_key();
    let signer = &world.signer.certificate;
    let (eu, asked) = client(Network::Eu, now(), |_, _| Ok(answer(201, "")));
    assert_eq!(eu.upload_signer(signer, &key, None).await.unwrap(), Placed::Created);
    let request = asked.lock().unwrap().remove(0);
    assert_eq!((request.method, request.path.as_str()), (Method::Post, "/signerCertificate"));
    assert_eq!(request.headers, [("Content-Encoding", "base64".to_owned())]);
    let body = request.body.unwrap();
    assert_eq!(body.content_type, "application/cms");
    assert_eq!(opened(&body.text, &world), signer.der());

    let (who, asked) = client(Network::Who, now(), |_, _| Ok(answer(201, "")));
    who.upload_signer(signer, &key, Some("IPS-PILGRIMAGE")).await.unwrap();
    who.upload_signer(signer, &key, None).await.unwrap();
    let domains = ["IPS-PILGRIMAGE", "DCC"];
    for (request, domain) in asked.lock().unwrap().iter().zip(domains) {
        assert_eq!(request.path, "/trustedCertificate");
        let body = request.body.clone().unwrap();
        assert_eq!(body.content_type, "application/json");
        let sent: Json = serde_json::from_str(&body.text).unwrap();
        assert_eq!((&sent["group"], &sent["domain"]), (&json!("DSC"), &json!(domain)));
        assert_eq!(opened(sent["cms"].as_str().unwrap(), &world), signer.der());
        assert_eq!(sent.as_object().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn a_repeat_is_success_and_said_as_such() {
    let world = World::new();
    let key = world.upload.upload_key();
    for network in [Network::Eu, Network::Who] {
        let (there, _) = client(network, now(), |_, _| Ok(report(409, "0x002", "exists")));
        assert_eq!(there.upload_signer(&world.signer.certificate, &key, None).await.unwrap(), Placed::WasThere);
        let (gone, _) = client(network, now(), |_, _| Ok(report(404, "0x005", "")));
        assert_eq!(gone.remove_signer(&world.signer.certificate, &key).await.unwrap(), Removed::WasNotThere);
    }
    let (gone, _) = client(Network::Eu, now(), |_, _| Ok(report(404, "0x270", "")));
    assert_eq!(gone.remove_rule("VR-XX-0001", &key).await.unwrap(), Removed::WasNotThere);
    let (gone, _) = client(Network::Eu, now(), |_, _| Ok(answer(410, "")));
    assert_eq!(gone.remove_batch(&id(1), &key).await.unwrap(), Removed::WasNotThere);
}

#[tokio::test]
async fn a_page_that_says_404_is_no_success() {
    let world = World::new();
    let (wrong, _) = client(Network::Eu, now(), |_, _| Ok(answer(404, "<html>no such site</html>")));
    let error = wrong.remove_rule("VR-XX-0001", &world.upload.upload_key()).await.unwrap_err();
    assert!(error.to_string().contains("nothing at this address"), "{error}");
}

#[tokio::test]
async fn a_delete_that_a_load_balancer_refuses_goes_by_the_alias() {
    let world = World::new();
    let key = world.upload.upload_key();
    for status in [400, 403, 405, 411, 501] {
        let (client, asked) = client(Network::Eu, now(), move |_, request| match request.method {
            Method::Delete => Ok(answer(status, "<html>not allowed</html>")),
            _ => Ok(answer(204, "")),
        });
        assert_eq!(client.remove_signer(&world.signer.certificate, &key).await.unwrap(), Removed::Gone);
        client.remove_rule("VR-XX-0001", &key).await.unwrap();
        client.remove_batch(&id(1), &key).await.unwrap();
        let asked = asked.lock().unwrap();
        let paths: Vec<_> = asked.iter().map(|request| (request.method, request.path.as_str())).collect();
        assert_eq!(
            paths,
            [
                (Method::Delete, "/signerCertificate"),
                (Method::Post, "/signerCertificate/delete"),
                (Method::Delete, "/rules"),
                (Method::Post, "/rules/delete"),
                (Method::Delete, "/revocation-list"),
                (Method::Post, "/revocation-list/delete"),
            ]
        );
        assert_eq!(asked[0].body, asked[1].body);
        assert_eq!(asked[0].headers, asked[1].headers);
        assert_eq!(opened(&asked[3].body.as_ref().unwrap().text, &world), b"VR-XX-0001");
        let wanted = format!("{{\"batchId\":\"{}\"}}", id(1));
        assert_eq!(opened(&asked[5].body.as_ref().unwrap().text, &world), wanted.as_bytes());
    }
    // The gateway's own refusal is final.
    let (client, asked) = client(Network::Eu, now(), |_, _| Ok(report(400, "0x007", "")));
    client.remove_signer(&world.signer.certificate, &key).await.unwrap_err();
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn rules_and_batches_go_up_byte_for_byte() {
    let world = World::new();
    let key = world.upload.upload_key();
    let (client, asked) = client(Network::Eu, now(), |_, request| {
        Ok(match request.path.as_str() {
            "/revocation-list" => with_header(answer(201, ""), "etag", &format!("W/\"{}\"", id(7))),
            _ => answer(201, ""),
        })
    });
    let rule = format!(" {}\n", rule("1.0.0", "2026-12-01T00:00:00Z"));
    client.upload_rule(rule.as_bytes(), &key).await.unwrap();
    let batch = batch(3).to_string();
    assert_eq!(client.upload_batch(batch.as_bytes(), &key).await.unwrap(), id(7));
    let asked = asked.lock().unwrap();
    for (request, path, content) in [(&asked[0], "/rules", &rule), (&asked[1], "/revocation-list", &batch)] {
        let body = request.body.as_ref().unwrap();
        assert_eq!((request.path.as_str(), body.content_type), (path, "application/cms-text"));
        assert_eq!(opened(&body.text, &world), content.as_bytes());
    }
}

#[tokio::test]
async fn a_batch_without_an_identifier_is_told() {
    let world = World::new();
    let (client, _) = client(Network::Eu, now(), |_, _| Ok(answer(201, "")));
    let error = client.upload_batch(b"{}", &world.upload.upload_key()).await.unwrap_err();
    assert!(matches!(error, GatewayError::Unexpected { part: "the header ETag", .. }), "{error}");
}

#[tokio::test]
async fn questions_are_asked_again_and_uploads_never() {
    let world = World::new();
    let key = world.upload.upload_key();
    let (reads, asked) = client(Network::Eu, now(), |number, _| match number {
        0 => Err(broken()),
        1 => Ok(answer(503, "busy")),
        _ => Ok(answer(200, r#"["PT"]"#)),
    });
    assert_eq!(reads.countries().await.unwrap(), ["PT"]);
    assert_eq!(asked.lock().unwrap().len(), 3);

    let (tired, asked) = client(Network::Eu, now(), |_, _| Ok(answer(502, "")));
    let error = tired.countries().await.unwrap_err();
    assert!(error.is_unreachable() && error.to_string().contains("behind its load balancer"), "{error}");
    assert_eq!(asked.lock().unwrap().len(), 3);

    let (lost, asked) = client(Network::Eu, now(), |_, _| Err(broken()));
    let error = lost.upload_signer(&world.signer.certificate, &key, None).await.unwrap_err();
    assert!(error.to_string().contains("may or may not have arrived"), "{error}");
    let (busy, again) = client(Network::Eu, now(), |_, _| Ok(answer(503, "")));
    busy.upload_rule(b"{}", &key).await.unwrap_err();
    assert_eq!((asked.lock().unwrap().len(), again.lock().unwrap().len()), (1, 1));
}

#[tokio::test]
async fn a_delete_whose_answer_was_lost_is_gone_the_second_time() {
    let world = World::new();
    let (client, _) = client(Network::Eu, now(), |number, _| match number {
        0 => Err(broken()),
        _ => Ok(report(404, "0x005", "")),
    });
    let removed = client.remove_signer(&world.signer.certificate, &world.upload.upload_key()).await.unwrap();
    assert_eq!(removed, Removed::Gone);
}

#[tokio::test]
async fn a_wait_that_is_asked_for_is_kept_or_told() {
    for (value, tries) in [("0", 3), ("Sun, 22 Nov 2026 12:00:00 GMT", 3), ("999", 1), ("nonsense", 3)] {
        let (client, asked) =
            client(Network::Eu, now(), move |_, _| Ok(with_header(answer(429, ""), "retry-after", value)));
        let error = client.countries().await.unwrap_err();
        assert!(error.to_string().contains("too often"), "{error}");
        assert_eq!(asked.lock().unwrap().len(), tries, "{value}");
    }
}

#[tokio::test]
async fn the_gateways_clock_is_seen() {
    let (client, _) =
        client(Network::Eu, now(), |_, _| Ok(with_header(answer(200, "[]"), "date", "Sun, 22 Nov 2026 12:05:00 GMT")));
    assert_eq!(client.skew(), None);
    client.countries().await.unwrap();
    assert_eq!(client.skew(), Some(jiff::SignedDuration::from_mins(5)));
}

#[tokio::test]
async fn a_key_that_is_not_the_certificates_sends_nothing() {
    let world = World::new();
    let stranger = super::world::Holder::new(Use::Upload, "XX", None, (2026, 2028));
    let key = crate::gateway::UploadKey::new(world.upload.certificate.clone(), Box::new(stranger.signer()));
    let (client, asked) = client(Network::Eu, now(), |_, _| Ok(answer(201, "")));
    let error = client.upload_signer(&world.signer.certificate, &key, None).await.unwrap_err();
    assert!(matches!(error, GatewayError::Signing(_)), "{error}");
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn arguments_that_no_request_can_carry_send_nothing() {
    let key = World::new().upload.upload_key();
    let (client, asked) = client(Network::Eu, now(), |_, _| Ok(answer(200, "{}")));
    let errors = [
        client.rules("pt").await.unwrap_err(),
        client.rules("../x").await.unwrap_err(),
        client.value_set("../../trustList").await.unwrap_err(),
        client.revocation_batch("ABCD").await.unwrap_err(),
        client.remove_rule("VR-XX-1", &key).await.unwrap_err(),
        client.remove_batch("x", &key).await.unwrap_err(),
        client.issuers(&["P".to_owned()]).await.unwrap_err(),
    ];
    assert!(errors.iter().all(|error| matches!(error, GatewayError::Argument { .. })), "{errors:?}");
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn other_servers_and_other_forms_are_no_gateways() {
    for body in ["<html>", "{}", "null", "[1]", r#"["Portugal"]"#, r#"["p"]"#, ""] {
        let (client, _) = client(Network::Eu, now(), move |_, _| Ok(answer(200, body)));
        let error = client.countries().await.unwrap_err();
        assert!(error.is_unreachable() && error.to_string().contains("gateway.url"), "{body}: {error}");
    }
    let (client, _) = client(Network::Eu, now(), |_, _| Ok(answer(200, r#"["../secret"]"#)));
    client.value_sets().await.unwrap_err();
}

#[tokio::test]
async fn value_sets_come_as_they_are_or_as_a_text() {
    let set = r#"{"valueSetId":"x","valueSetDate":"2021-04-27","valueSetValues":{}}"#;
    let (plain, asked) = client(Network::Eu, now(), move |_, _| Ok(answer(200, set)));
    assert_eq!(plain.value_set("vaccine-mah-manf").await.unwrap(), set.as_bytes());
    assert_eq!(asked.lock().unwrap()[0].path, "/valuesets/vaccine-mah-manf");
    let text = serde_json::to_string(set).unwrap();
    let (quoted, _) = client(Network::Eu, now(), move |_, _| Ok(answer(200, &text)));
    assert_eq!(quoted.value_set("x").await.unwrap(), set.as_bytes());
    let (none, _) = client(Network::Eu, now(), |_, _| Ok(report(404, "0x100", "")));
    assert!(none.value_set("x").await.unwrap_err().to_string().contains("no value set of this name"));
}
