//! The seal on the paper, looked at with other programs: poppler and OpenSSL check the signature, poppler reads and
//! paints the file as it was printed.

pub mod people;

use jiff::Timestamp;
use vaccert::{
    keys::sha256,
    seal::{DocumentKey, SealError},
    trust::cms::{Believed, CmsError, SignedData},
    verify::Seal,
};

use self::people::{Kind, Ministry};
use crate::support::{
    paper::{self, Shop, run, tool},
    program::Workplace,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-11-22T15:41:16.7Z")
}

fn printed() -> Vec<u8> {
    paper::press().print(&[paper::sheet("Nguyễn", "Thị Minh Khai")]).unwrap()
}

/// What a reader of PDF takes from a sealed file: the bytes that the signature covers, and the signature with the zeros
/// behind it. `None` when the file says nothing that makes sense, or leaves more out than the signature itself.
fn taken(pdf: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let text = String::from_utf8_lossy(pdf);
    let (_, rest) = text.split_once("/ByteRange[")?;
    let numbers: Vec<usize> = rest.split_once(']')?.0.split(' ').filter_map(|number| number.parse().ok()).collect();
    let [0, start, end, length] = numbers[..] else { return None };
    if end.checked_add(length)? != pdf.len() || pdf.get(start) != Some(&b'<') || pdf.get(end - 1) != Some(&b'>') {
        return None;
    }
    let digits = std::str::from_utf8(pdf.get(start + 1..end - 1)?).ok()?;
    let pairs = (0..digits.len()).step_by(2);
    let message: Option<Vec<u8>> = pairs.map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect();
    Some(([pdf.get(..start)?, pdf.get(end..)?].concat(), message?))
}

/// The message without the zeros that fill its place: as long as its outer length says.
fn whole(message: &[u8]) -> &[u8] {
    assert_eq!(message[..2], [0x30, 0x82], "a message of some hundred bytes");
    &message[..4 + usize::from(u16::from_be_bytes([message[2], message[3]]))]
}

/// Whether a reader that believes this certificate finds the file unchanged.
fn holds(pdf: &[u8], ministry: &Ministry) -> bool {
    let Some((covered, message)) = taken(pdf) else { return false };
    let length = match message[..] {
        [0x30, 0x82, high, low, ..] => 4 + usize::from(u16::from_be_bytes([high, low])),
        _ => return false,
    };
    let Some(Ok(read)) = message.get(..length).map(SignedData::read) else { return false };
    read.verify(Believed::Certificate(&ministry.certificate), Some(&covered)).is_ok()
}

#[test]
fn other_programs_find_the_seal_valid_and_over_the_whole_file() {
    let (pdf, shop) = (printed(), Shop::open());
    for kind in [Kind::P256, Kind::Rsa] {
        for chain in [false, true] {
            let ministry = Ministry::new(kind);
            let key = ministry.key(chain).unwrap();
            assert_eq!(key.holder(), "Ministry of Health of Examplia (documents)");
            let sealed = key.seal(&pdf, now()).unwrap();
            assert_eq!(sealed[..pdf.len()], pdf[..], "what was printed stays as it is");
            assert!(holds(&sealed, &ministry));
            let file = shop.keep(&format!("sealed-{kind:?}-{chain}.pdf"), &sealed);

            if let Some(pdfsig) = tool("pdfsig", "poppler-utils") {
                let told = run(&pdfsig, &["-nocert", &file]);
                for expected in [
                    "Signature is Valid",
                    "Total document signed",
                    "ETSI.CAdES.detached",
                    "SHA-256",
                    "Ministry of Health of Examplia (documents)",
                ] {
                    assert!(told.contains(expected), "{expected} is not in:\n{told}");
                }
                assert_eq!(told.matches("Signature #").count(), 1, "{told}");
            }
            if let Some(openssl) = tool("openssl", "openssl") {
                let (covered, message) = taken(&sealed).unwrap();
                let (message, middle) = (whole(&message), ministry.middle_pem());
                let [content, message] = [("covered", covered.as_slice()), ("seal.der", message)]
                    .map(|(name, bytes)| shop.keep(name, bytes));
                // The chain comes in the message, or the reader has it.
                let known = ministry.root_pem() + if chain { "" } else { &middle };
                let known = shop.keep("known.pem", known.as_bytes());
                let mut arguments = vec!["cms", "-verify", "-binary", "-inform", "DER", "-in", &message, "-content"];
                arguments.extend([content.as_str(), "-CAfile", &known, "-purpose", "any", "-attime", "1795362076"]);
                arguments.extend(["-out", "/dev/null"]);
                run(&openssl, &arguments);
                let shown = run(&openssl, &["cms", "-cmsout", "-print", "-inform", "DER", "-in", &message]);
                assert!(shown.contains("signingCertificateV2"), "{shown}");
                // ETSI EN 319 142-1 section 6.3: the time stands in the file, not in the message.
                assert!(!shown.contains("signingTime"), "{shown}");
            }
        }
    }
}

#[test]
fn f36_a_file_that_was_changed_says_so() {
    let (pdf, ministry, shop) = (printed(), Ministry::new(Kind::P256), Shop::open());
    let sealed = ministry.key(true).unwrap().seal(&pdf, now()).unwrap();
    let (covered, message) = taken(&sealed).unwrap();
    let hole = sealed.windows(11).position(|window| window == b"/Contents<3").unwrap() + 9;
    let hole = hole..hole + sealed.len() - covered.len();
    let used = hole.start + 1 + 2 * whole(&message).len();
    // Every byte of what was appended, and some of every part of what was printed.
    for at in (0..pdf.len()).step_by(31).chain(pdf.len()..sealed.len()) {
        let mut changed = sealed.clone();
        changed[at] ^= 0x01;
        if hole.contains(&at) {
            // Its own digits are not covered by a signature. Where they mean another message, that one is refused, or
            // it says the same of the same bytes; the zeros behind it mean nothing.
            if at < used && holds(&changed, &ministry) {
                let (still, _) = taken(&changed).unwrap();
                assert_eq!(sha256(&still), sha256(&covered), "byte {at}");
            }
        } else {
            assert!(!holds(&changed, &ministry), "byte {at} of {} can be changed", sealed.len());
        }
    }
    let (read, other) = (SignedData::read(whole(&message)).unwrap(), Ministry::new(Kind::P256));
    let foreign = read.verify(Believed::Certificate(&other.certificate), Some(&covered));
    assert_eq!(foreign, Err(CmsError::OtherSigner));

    // A second update behind the seal, which shows another page: the way in which such files were edited.
    let Some(pdfsig) = tool("pdfsig", "poppler-utils") else { return };
    let mut longer = sealed.clone();
    longer.extend(b"999 0 obj\n<<>>\nendobj\n");
    let mut middle = sealed.clone();
    middle[pdf.len() / 2] ^= 0x10;
    for (name, bytes) in [("longer", longer), ("middle", middle)] {
        let told = run(&pdfsig, &["-nocert", &shop.keep(&format!("changed-{name}.pdf"), &bytes)]);
        let fine = told.contains("Signature is Valid") && told.contains("Total document signed");
        assert!(!fine, "{name}:\n{told}");
    }
}

/// F36: whoever verifies an uploaded PDF is told that the page around the code was changed.
#[test]
fn f36_the_verifier_of_a_file_says_when_its_seal_is_broken() {
    let (pdf, work) = (printed(), Workplace::new());
    for kind in [Kind::P256, Kind::Rsa] {
        let sealed = Ministry::new(kind).key(true).unwrap().seal(&pdf, now()).unwrap();
        assert_eq!(Seal::of_pdf(&pdf), Seal::Unknown, "what has no seal says nothing");
        assert_eq!(Seal::of_pdf(&sealed), Seal::Whole);
        // Mail adds line ends behind a file.
        assert_eq!(Seal::of_pdf(&[&sealed[..], b"\r\n"].concat()), Seal::Whole);
        let mut longer = sealed.clone();
        longer.extend(b"999 0 obj\n<<>>\nendobj\n");
        assert_eq!(Seal::of_pdf(&longer), Seal::Broken);
        let tail = pdf.len()..pdf.len() + 40;
        for at in (0..pdf.len()).step_by(997).chain(tail) {
            let mut changed = sealed.clone();
            changed[at] ^= 0x01;
            assert_eq!(Seal::of_pdf(&changed), Seal::Broken, "byte {at}");
        }
        // Whoever takes the seal away leaves a file without one; a signature that cannot be read says nothing either.
        assert_eq!(Seal::of_pdf(&sealed[..pdf.len()]), Seal::Unknown);

        // As officers get it: the code is judged as ever, and the page around it is not to be believed.
        let mut edited = sealed.clone();
        let at = edited.windows(5).position(|window| window == b"/Lang").unwrap() + 1;
        edited[at] = b'l';
        for (name, bytes, told) in
            [("sealed.pdf", &sealed, false), ("edited.pdf", &edited, true), ("bare.pdf", &pdf, false)]
        {
            work.write(name, bytes);
            let ran = work.run(&["verify", name]);
            assert!(ran.out.contains("\"verdict\""), "{ran:?}");
            assert_eq!(ran.out.contains("\"seal-broken\""), told, "{name}: {ran:?}");
        }
    }
}

#[test]
fn a_sealed_file_reads_and_shows_as_it_was_printed() {
    let (pdf, shop) = (printed(), Shop::open());
    let sealed = Ministry::new(Kind::Rsa).key(true).unwrap().seal(&pdf, now()).unwrap();
    let files = [shop.keep("before.pdf", &pdf), shop.keep("after.pdf", &sealed)];
    if let Some(pdftotext) = tool("pdftotext", "poppler-utils") {
        let [before, after] = files.each_ref().map(|file| run(&pdftotext, &["-enc", "UTF-8", "-raw", file, "-"]));
        assert!(before == after && before.contains("Nguyễn"), "{after}");
    }
    if let Some(pdftoppm) = tool("pdftoppm", "poppler-utils") {
        let [before, after] = ["before", "after"].map(|name| {
            let picture = shop.path(name);
            run(&pdftoppm, &["-gray", "-singlefile", "-r", "100", &format!("{picture}.pdf"), &picture]);
            std::fs::read(format!("{picture}.pgm")).unwrap()
        });
        assert_eq!(before, after);
    }
    if let Some(pdfinfo) = tool("pdfinfo", "poppler-utils") {
        let [before, after] = files.each_ref().map(|file| {
            let told = run(&pdfinfo, &[file]);
            let kept = |line: &&str| !line.starts_with("File size") && !line.starts_with("Form");
            told.lines().filter(kept).map(str::to_owned).collect::<Vec<_>>()
        });
        assert_eq!(before, after);
        assert!(after.iter().any(|line| line.starts_with("Tagged") && line.ends_with("yes")), "{after:?}");
        let structure = |file: &String| run(&pdfinfo, &["-struct-text", file]);
        assert_eq!(structure(&files[0]), structure(&files[1]));
    }
    if let Some(verapdf) = tool_if_there("verapdf") {
        for flavour in ["2a", "ua1"] {
            let told = run(&verapdf, &["--flavour", flavour, "--format", "text", &files[1]]);
            assert!(told.contains("PASS"), "{flavour}: {told}");
        }
    }
}

/// A program that few machines have, and no package brings.
fn tool_if_there(name: &str) -> Option<std::path::PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// What PDF/A-2 and PDF/UA-1 ask of a field and its page, where no checker is at hand.
#[test]
fn the_field_keeps_what_the_paper_promises() {
    let sealed = Ministry::new(Kind::P256).key(false).unwrap().seal(&printed(), now()).unwrap();
    let text = String::from_utf8_lossy(&sealed);
    let (_, update) = text.rsplit_once("%%EOF\n").map(|(before, _)| before).unwrap().rsplit_once("%%EOF").unwrap();
    // No extent, so no appearance (ISO 19005-2 section 6.3.3); printed and never hidden (section 6.3.2).
    assert!(update.contains("/Rect[0 0 0 0]/F 132"), "{update}");
    // A name for whoever does not see it, and the order of the structure (ISO 14289-1 section 7.18).
    assert!(update.contains("/TU(") && update.contains("/Tabs /S"), "{update}");
    assert!(update.contains("/SigFlags 3") && update.contains("/DocMDP"), "{update}");
    // ISO 19005-2 section 6.1.3: every table belongs to a trailer with the identifier of the file.
    let identifiers: Vec<&str> = text.split("/ID[").skip(1).map(|rest| rest.split_once(')').unwrap().0).collect();
    assert!(identifiers.len() == 2 && identifiers[0] == identifiers[1], "{identifiers:?}");
    assert!(update.contains("/M(D:20261122154116+00'00')"), "{update}");
}

#[test]
fn the_same_file_key_and_time_give_the_same_bytes() {
    let pdf = printed();
    let ministry = Ministry::new(Kind::Rsa);
    let [one, two] = [0; 2].map(|_| ministry.key(true).unwrap().seal(&pdf, now()).unwrap());
    assert_eq!(one, two);
    // ECDSA draws a number: the signature differs, and nothing else does.
    let key = Ministry::new(Kind::P256).key(true).unwrap();
    let [one, two] = [0; 2].map(|_| key.seal(&pdf, now()).unwrap());
    assert_ne!(one, two);
    assert_eq!(taken(&one).unwrap().0, taken(&two).unwrap().0);
    let later = key.seal(&pdf, at("2026-11-22T15:41:17Z")).unwrap();
    assert_ne!(taken(&one).unwrap().0, taken(&later).unwrap().0);
}

#[test]
fn who_must_not_seal_is_told_why_and_what_to_do() {
    let said = |result: Result<DocumentKey, SealError>| result.unwrap_err().to_string();
    let ministry = Ministry::new(Kind::P256);
    let key = ministry.key(true).unwrap();
    let refused = |time: &str| key.seal(&printed(), at(time)).unwrap_err().to_string();
    assert!(refused("2025-12-31T23:59:59Z").contains("is valid from 2026-01-01T00:00:00Z"));
    let late = refused("2028-01-01T00:00:01Z");
    assert!(late.contains("ended on 2028-01-01T00:00:00Z: have a new one issued"), "{late}");
    assert!(key.seal(&printed(), at("2026-01-01T00:00:00Z")).is_ok());

    let wrong = said(Ministry::with_usage(&["keyEncipherment"], &[]).key(false));
    assert!(wrong.contains("(its key usage is keyEncipherment): have one issued"), "{wrong}");
    for usage in ["digitalSignature", "nonRepudiation"] {
        assert!(Ministry::with_usage(&[usage], &[]).key(false).is_ok(), "{usage}");
    }
    // A certificate of a web server is none for documents; one of document signing is (RFC 9336).
    let server = Ministry::with_usage(&["digitalSignature"], &["1.3.6.1.5.5.7.3.1"]);
    assert!(said(server.key(false)).contains("for other purposes (extended key usage 1.3.6.1.5.5.7.3.1)"));
    assert!(Ministry::with_usage(&["digitalSignature"], &["1.3.6.1.5.5.7.3.36"]).key(false).is_ok());

    let other = Ministry::new(Kind::P256);
    let mixed = DocumentKey::new(ministry.signer(), other.certificate.clone(), Vec::new());
    assert!(said(mixed).contains("does not belong to the document key"));
    let chain = vec![ministry.root.clone(), ministry.middle.clone()];
    let turned = said(DocumentKey::new(ministry.signer(), ministry.certificate.clone(), chain));
    assert!(turned.contains("certificate number 2 in the file of the document key did not issue"), "{turned}");
    let chain = vec![ministry.root.clone(); 8];
    let long = said(DocumentKey::new(ministry.signer(), ministry.certificate.clone(), chain));
    assert!(long.contains("there are 9 certificates") && long.contains("at most 8"), "{long}");
}

#[test]
fn only_what_was_printed_is_sealed_and_once() {
    let key = Ministry::new(Kind::P256).key(true).unwrap();
    let sealed = key.seal(&printed(), now()).unwrap();
    assert!(matches!(key.seal(&sealed, now()), Err(SealError::Sealed)));
    for foreign in [b"".as_slice(), b"%PDF-1.7", b"%PDF-2.0\n%%EOF", &printed()[..10_000], &[0; 1_000]] {
        let error = key.seal(foreign, now()).unwrap_err();
        assert!(matches!(error, SealError::Foreign { .. }), "{error}");
    }
}
