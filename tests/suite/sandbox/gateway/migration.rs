//! An upload certificate that ends: everything that was signed with it is signed again.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use vaccert::sandbox::{
    gateway::{Network, Participant},
    pki::{Key, Made, Purpose, Workshop},
};

use super::{Site, country, now, own, signed};

const RULE: &str = r#"{"Identifier":"VR-XX-0001","Type":"Acceptance","Country":"XX","Version":"1.0.0","SchemaVersion":"1.3.0","Engine":"CERTLOGIC","EngineVersion":"1.0.0","CertificateType":"Vaccination","Description":[{"lang":"en","desc":"At least one dose must have been given."}],"ValidFrom":"2026-11-25T10:00:00Z","ValidTo":"2027-06-01T00:00:00Z","AffectedFields":["v.0.dn"],"Logic":{">":[{"var":"payload.v.0.dn"},0]}}"#;
const BATCH: &str = r#"{"country":"XX","expires":"2027-01-01T00:00:00Z","kid":"UNKNOWN_KID","hashType":"UCI","entries":[{"hash":"6WSb8R/8lDysIHW4A4J5qQ=="}]}"#;

fn successor() -> Made {
    let workshop = Workshop::new("XX", now(), vaccert::batch::system_random()).unwrap();
    workshop.make(Purpose::Upload, "The next upload certificate", Key::P256).unwrap()
}

impl Site {
    async fn renew(&self, package: &Value, cms: String) -> (u16, String) {
        let body = json!({"cms": cms, "entityId": package["entityId"], "type": package["type"]});
        let (status, code, _) = self.post("/cms-migration", "application/json", body.to_string()).await;
        (status, code)
    }
}

#[tokio::test]
async fn what_was_uploaded_is_signed_again_byte_for_byte() {
    let site = Site::open(Network::Eu).await;
    let neighbour = country("XA", 1);
    site.gateway.publish(&neighbour).unwrap();
    let (dsc, old) = (&site.own.signers[0], &site.own.upload);
    assert_eq!(site.post("/signerCertificate", "application/cms", own(dsc.der(), old)).await.0, 201);
    assert_eq!(site.post("/rules", "application/cms", own(RULE.as_bytes(), old)).await.0, 201);
    assert_eq!(site.post("/revocation-list", "application/cms", own(BATCH.as_bytes(), old)).await.0, 201);

    let packages = site.list("/cms-migration").await;
    let kinds: Vec<&str> = packages.iter().map(|package| package["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["DSC", "REVOCATION_LIST", "VALIDATION_RULE"], "the own ones alone");
    assert_eq!(packages[0]["cms"], STANDARD.encode(dsc.der()));

    let new = successor();
    let contents: [&[u8]; 3] = [dsc.der(), BATCH.as_bytes(), RULE.as_bytes()];
    for (package, content) in packages.iter().zip(contents) {
        let stranger = site.renew(package, signed(content, &new)).await;
        assert_eq!(stranger, (400, "0x004".to_owned()), "not onboarded yet: {}", package["type"]);
    }
    let participant = Participant {
        country: "XX".to_owned(),
        authentication: Vec::new(),
        upload: vec![new.der().to_vec()],
        csca: Vec::new(),
        roles: Vec::new(),
    };
    site.gateway.onboard(&participant).unwrap();
    let other = BATCH.replace("UCI", "SIGNATURE");
    assert_eq!(site.renew(&packages[1], own(other.as_bytes(), &new)).await, (400, "0x022".to_owned()));
    assert_eq!(site.renew(&packages[2], own(b"{}", &new)).await, (400, "0x032".to_owned()));
    let another = own(site.own.signers[1].der(), &new);
    assert_eq!(site.renew(&packages[0], another).await, (400, "0x004".to_owned()));
    for (package, content) in packages.iter().zip(contents) {
        let mut unknown = package.clone();
        unknown["entityId"] = json!(999);
        let code = ["0x010", "0x020", "0x030"][packages.iter().position(|p| p == package).unwrap()];
        assert_eq!(site.renew(&unknown, signed(content, &new)).await, (409, code.to_owned()));
        assert_eq!(site.renew(package, "nonsense".to_owned()).await, (400, "0x260".to_owned()));
        assert_eq!(site.renew(package, signed(content, &new)).await, (204, String::new()), "{}", package["type"]);
    }
    let listed = site.list("/trustList/DSC/XX").await;
    let bytes = STANDARD.decode(listed[0]["signature"].as_str().unwrap()).unwrap();
    assert!(bytes.windows(new.der().len()).any(|part| part == new.der()), "the new certificate is in it");
    assert_eq!(Site::open(Network::Who).await.get("/cms-migration").await.0, 404);
}
