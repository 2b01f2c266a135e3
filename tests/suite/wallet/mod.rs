//! Passes for the wallets of telephones, taken apart by other programs: Python opens the archive and hashes its files,
//! OpenSSL checks the signatures, zbar reads the code off the paper beside which a pass was made.

pub mod issuers;
#[cfg(feature = "service")]
mod pages;
#[cfg(feature = "service")]
mod program;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::{Value, json};
use vaccert::{
    document::{Language, Sheet},
    wallet::{AppleTerms, Content, GooglePasses, Saved, WalletError},
};

use self::issuers::{Apple, account, google, google_terms, rsa};
use crate::support::paper::{self, Shop, run, tool};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-11-22T16:20:30Z")
}

fn content<'a>(sheet: &'a Sheet, others: &'a [Language]) -> Content<'a> {
    let expires = Some(at("2027-11-21T00:00:00Z"));
    Content { sheet, code: &sheet.code, language: Language::ENGLISH, others, expires, voided: false }
}

/// The archive of a pass as Python sees it: every file by name, and whether the manifest is right about each.
pub fn unpacked(shop: &Shop, pass: &[u8]) -> Option<Value> {
    let python = tool("python3", "python3")?;
    let script = "import sys,zipfile,json,hashlib,base64\n\
        z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None\n\
        files={n: z.read(n) for n in z.namelist()}; assert len(files)==len(z.namelist())\n\
        manifest=json.loads(files['manifest.json'])\n\
        own={n: hashlib.sha1(b).hexdigest() for n,b in files.items() if n not in ('manifest.json','signature')}\n\
        assert manifest==own, (manifest, own)\n\
        print(json.dumps({n: base64.b64encode(b).decode() for n,b in files.items()}))";
    let file = shop.keep("some.pkpass", pass);
    Some(serde_json::from_str(&run(&python, &["-c", script, &file])).unwrap())
}

pub fn file(files: &Value, name: &str) -> Vec<u8> {
    let text = files[name].as_str().unwrap_or_else(|| panic!("{name} is missing"));
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

fn said(pass: &[u8], shop: &Shop) -> Option<Value> {
    Some(serde_json::from_slice(&file(&unpacked(shop, pass)?, "pass.json")).unwrap())
}

#[test]
fn a_pass_for_apple_holds_what_the_paper_says_under_a_signature() {
    let (apple, shop) = (Apple::new(), Shop::open());
    let sheet = paper::sheet("Nguyễn", "Thị Minh Khai");
    let french = [Language::FRENCH];
    let pass = apple.passes().make(&content(&sheet, &french), now()).unwrap();
    assert_eq!(pass, apple.passes().make(&content(&sheet, &french), now()).unwrap(), "RSA: the same bytes");
    let Some(files) = unpacked(&shop, &pass) else { return };

    let told: Value = serde_json::from_slice(&file(&files, "pass.json")).unwrap();
    assert_eq!(told["formatVersion"], 1);
    assert_eq!(told["passTypeIdentifier"], issuers::PASS_TYPE);
    assert_eq!(told["teamIdentifier"], issuers::TEAM);
    assert_eq!(
        told["barcodes"],
        json!([{
            "format": "PKBarcodeFormatQR", "message": sheet.code, "messageEncoding": "iso-8859-1", "altText": sheet.id
        }])
    );
    assert_eq!((&told["voided"], &told["expirationDate"]), (&json!(false), &json!("2027-11-21T00:00:00Z")));
    let generic = &told["generic"];
    assert_eq!(generic["primaryFields"][0]["value"], "Thị Minh Khai Nguyễn");
    assert_eq!(generic["secondaryFields"][0]["value"], "2 of 2");
    assert_eq!(generic["auxiliaryFields"][0]["value"], "1990-05-01");
    // It is a specimen, and says so where nobody overlooks it.
    assert_eq!(told["logoText"], "SPECIMEN – NOT VALID");
    let back = generic["backFields"].to_string();
    for row in &sheet.rows {
        assert!(back.contains(&row.value.in_words(Language::ENGLISH)), "{}: {back}", row.field);
    }
    // Names of fields are unique on a pass, and the serial number tells nothing.
    let mut keys: Vec<&str> = Vec::new();
    for part in ["headerFields", "primaryFields", "secondaryFields", "auxiliaryFields", "backFields"] {
        keys.extend(generic[part].as_array().unwrap().iter().map(|field| field["key"].as_str().unwrap()));
    }
    let all = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), all);
    let serial = told["serialNumber"].as_str().unwrap();
    assert!(serial.len() == 22 && !sheet.id.contains(serial));

    // Pictures of the sizes that Apple asks for.
    for (name, side) in [("icon", 29_u32), ("icon@2x", 58), ("icon@3x", 87), ("logo", 50), ("logo@2x", 100)] {
        let bytes = file(&files, &format!("{name}.png"));
        shop.keep(&format!("{name}.png"), &bytes);
        let read = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().unwrap();
        assert_eq!((read.info().width, read.info().height), (side, side), "{name}");
    }

    // Other languages: only what differs.
    let strings = file(&files, "fr.lproj/pass.strings");
    let units: Vec<u16> = strings.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    let strings = String::from_utf16(&units).unwrap();
    assert!(
        strings.starts_with('\u{feff}') && strings.contains("\"Date of birth\" = \"Date de naissance\";"),
        "{strings}"
    );
    assert!(strings.contains("\"2 of 2\" = \""), "{strings}");

    let Some(openssl) = tool("openssl", "openssl") else { return };
    let [manifest, signature] = ["manifest.json", "signature"].map(|name| shop.keep(name, &file(&files, name)));
    let root = shop.keep("apple.pem", vaccert::keys::pem::write("CERTIFICATE", apple.root.der()).as_bytes());
    let verify = ["cms", "-verify", "-binary", "-inform", "DER", "-in", &signature, "-content", &manifest];
    let trusted = ["-CAfile", &root, "-purpose", "any", "-out", "/dev/null"];
    run(&openssl, &[verify.as_slice(), &trusted].concat());
    let shown = run(&openssl, &["cms", "-cmsout", "-print", "-inform", "DER", "-in", &signature]);
    assert!(shown.contains("signingTime") && shown.contains("Nov 22 16:20:30 2026"), "{shown}");
    // One byte of the manifest more, and the signature holds no more.
    let mut other = file(&files, "manifest.json");
    other.push(b' ');
    let other = shop.keep("other.json", &other);
    let mut verify = verify;
    verify[8] = &other;
    let output = std::process::Command::new(&openssl).args(verify).args(trusted).output().unwrap();
    assert!(!output.status.success());
}

#[test]
fn the_code_of_a_pass_is_the_one_on_the_paper() {
    let Some(pdftoppm) = tool("pdftoppm", "poppler-utils") else { return };
    let Some(zbarimg) = tool("zbarimg", "zbar-tools") else { return };
    let (apple, shop, key) = (Apple::new(), Shop::open(), rsa());
    let sheet = paper::sheet("Müller", "Anna");
    let pdf = shop.keep("paper.pdf", &paper::press().print(std::slice::from_ref(&sheet)).unwrap());
    let picture = shop.path("paper");
    run(&pdftoppm, &["-gray", "-singlefile", "-r", "300", &pdf, &picture]);
    let picture = format!("{picture}.pgm");
    let printed = run(&zbarimg, &["-q", "--raw", "-Sdisable", "-Sqrcode.enable", &picture]);
    let printed = printed.trim_end_matches('\n');
    let Some(told) = said(&apple.passes().make(&content(&sheet, &[]), now()).unwrap(), &shop) else { return };
    assert_eq!(told["barcodes"][0]["message"], printed);
    let saved = google(&key).make(&content(&sheet, &[]), now()).unwrap();
    assert_eq!(
        claims(&saved)["payload"]["genericObjects"][0]["barcode"],
        json!({ "type": "QR_CODE", "value": printed })
    );
}

fn token(saved: &Saved) -> &str {
    match saved {
        Saved::Link(link) => link.strip_prefix("https://pay.google.com/gp/v/save/").unwrap(),
        Saved::Token(token) => token,
    }
}

fn claims(saved: &Saved) -> Value {
    let part = token(saved).split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[test]
fn a_pass_for_google_is_a_signed_token_in_a_link_as_long_as_it_fits() {
    let (key, shop) = (rsa(), Shop::open());
    let mut sheet = paper::sheet("Nguyễn", "Thị Minh Khai");
    let french = [Language::FRENCH];
    for (characters, link, whole) in [(60, true, false), (541, true, false), (1_038, false, true)] {
        sheet.code = paper::code(characters);
        let saved = google(&key).make(&content(&sheet, &french), now()).unwrap();
        let claims = claims(&saved);
        assert_eq!(matches!(saved, Saved::Link(_)), link, "{characters} characters give {saved:?}");
        assert!(token(&saved).len() <= 1_800 || !link);
        assert_eq!((&claims["aud"], &claims["typ"]), (&json!("google"), &json!("savetowallet")));
        assert_eq!(claims["iss"], "passes@examplia.iam.gserviceaccount.com");
        assert_eq!(claims["iat"], now().as_second());
        let object = &claims["payload"]["genericObjects"][0];
        assert_eq!(object["classId"], "3388000000012345678.certificates");
        assert!(object["id"].as_str().unwrap().starts_with("3388000000012345678."));
        assert_eq!(object["barcode"]["value"], sheet.code);
        assert_eq!(object["header"]["defaultValue"]["value"], "Thị Minh Khai Nguyễn");
        assert_eq!(object["cardTitle"]["defaultValue"]["value"], "SPECIMEN – NOT VALID");
        let ends = object.get("validTimeInterval").map(|period| period["end"]["date"].as_str().unwrap());
        assert!(ends.is_none_or(|end| end == "2027-11-21T00:00:00Z") && (ends.is_some() || characters == 541));
        assert_eq!(object.get("textModulesData").is_some(), whole, "{object}");
        if whole {
            assert_eq!(object["subheader"]["translatedValues"][0]["language"], "fr");
            assert_eq!(claims["payload"]["genericClasses"][0]["id"], object["classId"]);
        }
        assert!(!format!("{saved:?}").contains("eyJ"), "{saved:?}");

        let Some(openssl) = tool("openssl", "openssl") else { continue };
        let (signed, signature) = token(&saved).rsplit_once('.').unwrap();
        let signature = shop.keep("signature", &URL_SAFE_NO_PAD.decode(signature).unwrap());
        let (signed, public) =
            (shop.keep("signed", signed.as_bytes()), shop.keep("public.pem", key.public_key_pem().as_bytes()));
        let told = run(&openssl, &["dgst", "-sha256", "-verify", &public, "-signature", &signature, &signed]);
        assert_eq!(told.trim(), "Verified OK");
    }
}

#[test]
fn a_pass_of_what_was_taken_back_says_so() {
    let (apple, key, shop) = (Apple::new(), rsa(), Shop::open());
    let mut sheet = paper::sheet("Müller", "Anna");
    sheet.specimen = false;
    let void = Content { voided: true, expires: None, ..content(&sheet, &[]) };
    let saved = google(&key).make(&void, now()).unwrap();
    assert_eq!(claims(&saved)["payload"]["genericObjects"][0]["state"], "INACTIVE");
    let Some(told) = said(&apple.passes().make(&void, now()).unwrap(), &shop) else { return };
    assert_eq!((&told["voided"], told.get("expirationDate")), (&json!(true), None));
    assert_eq!(told["logoText"], "Vaccination certificate");
    // The same certificate keeps its place in the wallet, another one has its own.
    let whole = said(&apple.passes().make(&content(&sheet, &[]), now()).unwrap(), &shop).unwrap();
    assert_eq!(told["serialNumber"], whole["serialNumber"]);
    let mut other = sheet.clone();
    other.id = "URN:UVCI:01:XX:AAAAU0C3YXDJ2TEK9HK6HXYMB#N".into();
    let other = said(&apple.passes().make(&content(&other, &[]), now()).unwrap(), &shop).unwrap();
    assert_ne!(told["serialNumber"], other["serialNumber"]);
}

#[test]
fn nobodys_name_is_translated() {
    let (apple, shop) = (Apple::new(), Shop::open());
    // A word of the paper as a name.
    let sheet = paper::sheet("Date of birth", "Disease");
    let french = [Language::FRENCH];
    let pass = apple.passes().make(&content(&sheet, &french), now()).unwrap();
    let Some(files) = unpacked(&shop, &pass) else { return };
    let bytes = file(&files, "fr.lproj/pass.strings");
    let units: Vec<u16> = bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    let strings = String::from_utf16(&units).unwrap();
    assert!(!strings.contains("\"Date of birth\" =") && !strings.contains("\"Disease\" ="), "{strings}");
}

#[test]
fn who_cannot_make_passes_is_told_why_and_what_to_do() {
    let apple = Apple::new();
    let said = |terms: AppleTerms| apple.with(terms, apple.intermediate.clone()).unwrap_err().to_string();
    let terms = Apple::terms;
    for (wrong, words) in [
        (AppleTerms { pass_type: "org.example".into(), ..terms() }, "wallet.apple.pass_type is no pass type"),
        (
            AppleTerms { pass_type: "pass.org.example.other".into(), ..terms() },
            "names pass.org.example.health where wallet.apple.pass_type says pass.org.example.other",
        ),
        (AppleTerms { team: "A1".into(), ..terms() }, "wallet.apple.team is no team identifier"),
        (AppleTerms { team: "ZZZZZZZZZZ".into(), ..terms() }, "names A1B2C3D4E5 where wallet.apple.team says"),
        (AppleTerms { organisation: " ".into(), ..terms() }, "wallet.apple.organisation is empty"),
    ] {
        let sentence = said(wrong);
        assert!(sentence.contains(words), "{sentence}");
    }
    let other = apple.with(terms(), apple.root.clone()).unwrap_err().to_string();
    assert!(other.contains("is not the authority that issued the pass certificate"), "{other}");
    let sheet = paper::sheet("Müller", "Anna");
    let refused = |time: &str| apple.passes().make(&content(&sheet, &[]), at(time)).unwrap_err().to_string();
    assert!(refused("2025-06-01T00:00:00Z").contains("is valid from 2026-01-01T00:00:00Z"));
    assert!(refused("2100-06-01T00:00:00Z").contains("ended on 2099-01-01T00:00:00Z: renew it"));
    // An archive is no text.
    let archive = Sheet { code: String::new(), archive: Some(vec![80, 75]), ..sheet.clone() };
    assert!(matches!(apple.passes().make(&content(&archive, &[]), now()), Err(WalletError::NoText)));

    let key = rsa();
    let good = account(&key);
    let without = |name: &str| {
        let mut json: Value = serde_json::from_slice(&good).unwrap();
        json.as_object_mut().unwrap().remove(name);
        json.to_string().into_bytes()
    };
    let with = |name: &str, value: &str| {
        let mut json: Value = serde_json::from_slice(&good).unwrap();
        json[name] = json!(value);
        json.to_string().into_bytes()
    };
    let ec = vaccert::keys::pem::write("PRIVATE KEY", &rcgen::KeyPair::generate().unwrap().serialize_der());
    for (file, words) in [
        (b"{}".to_vec(), "it is no JSON with the fields"),
        (without("client_email"), "it is no JSON with the fields"),
        (with("type", "authorized_user"), "it is not of a service account"),
        (with("client_email", "nobody"), "its client_email is no address"),
        (with("private_key", "secret-text"), "its private_key is no key"),
        (with("private_key", &ec), "its private_key is none of RSA"),
    ] {
        let sentence = GooglePasses::new(google_terms(), &file).unwrap_err().to_string();
        assert!(sentence.contains(words) && !sentence.contains("secret-text"), "{sentence}");
    }
    for (issuer, class, words) in
        [("abc", "c", "wallet.google.issuer"), ("", "c", "wallet.google.issuer"), ("1", "a b", "wallet.google.class")]
    {
        let mut terms = google_terms();
        (terms.issuer, terms.class) = (issuer.into(), class.into());
        let sentence = GooglePasses::new(terms, &good).unwrap_err().to_string();
        assert!(sentence.contains(words), "{sentence}");
    }
}
