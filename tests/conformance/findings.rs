//! What fuzzing found once is replayed for ever, through the same entry points.

#[path = "../fuzz/src/cards.rs"]
mod cards;
#[path = "../fuzz/src/entries.rs"]
mod entries;
#[path = "../fuzz/src/pki.rs"]
mod pki;
#[path = "../fuzz/src/rooms.rs"]
mod rooms;
#[path = "../fuzz/src/seals.rs"]
mod seals;

use crate::workshop::fixtures;

#[test]
fn every_finding_is_handled() {
    let mut count = 0;
    let all = entries::ENTRIES.iter().chain(rooms::ENTRIES).chain(cards::ENTRIES).chain(seals::ENTRIES);
    let all = all.chain(pki::ENTRIES);
    for (target, entry) in all {
        let Ok(files) = std::fs::read_dir(fixtures("findings").join(target)) else { continue };
        for file in files {
            let path = file.unwrap().path();
            println!("{}", path.display());
            entry(&std::fs::read(&path).unwrap());
            count += 1;
        }
    }
    println!("{count} findings replayed");
    assert!(count > 0, "fixtures/findings holds at least the first one");
}

/// The entry point for seals, on a good one, a link and a certificate, whole and cut.
#[test]
fn the_entry_point_for_seals_holds() {
    let draft = crate::vdsnc::seal::Draft::new();
    let link = b"shlink:/eyJ1cmwiOiJodHRwczovL2EuZXhhbXBsZS9iIiwia2V5IjoiayIsImV4cCI6MTcwNDA5NjAwMCwibGFiZWwiOiJMIn0";
    for data in [draft.seal().to_string().into_bytes(), link.to_vec(), draft.csca_der()] {
        for end in (0..data.len()).step_by(7).chain([data.len()]) {
            seals::seals(&data[..end]);
        }
    }
}

/// The entry point for certificates, on a signer under its authority, each cut and changed.
#[test]
fn the_entry_point_for_certificates_holds() {
    let piece = |der: &[u8]| [&u16::try_from(der.len()).unwrap().to_be_bytes()[..], der].concat();
    let [signer, authority] =
        ["es256", "ps256"].map(|name| std::fs::read(fixtures("pki").join(format!("{name}.cert.der"))).unwrap());
    let good = [piece(&signer), piece(&authority), piece(&signer)].concat();
    pki::pki(&good);
    for at in (0..good.len()).step_by(11) {
        pki::pki(&good[..at]);
        let mut changed = good.clone();
        changed[at] ^= 0x41;
        pki::pki(&changed);
    }
}

/// The entry points themselves, on every good case and on every short change of it: a smoke run without libFuzzer.
#[test]
fn the_entry_points_hold_on_the_good_cases() {
    for name in ["good-es256-vaccination", "good-ps256-test", "good-es256-recovery"] {
        let case = crate::workshop::json(&fixtures("cases").join(format!("{name}.json")));
        let text = case["text"].as_str().unwrap();
        let (message, _) = vaccert::envelope::hcert::from_text(text).unwrap();
        for (_, entry) in entries::ENTRIES {
            entry(text.as_bytes());
            entry(&message);
        }
        for layer in 0..6 {
            for cut in [message.len(), message.len() / 2, 3, 0] {
                entries::hcert_layers(&[&[layer], &message[..cut]].concat());
            }
        }
    }
}

/// The same for health cards, on a payload of our own and on every short change of its text.
#[test]
fn the_entry_point_of_cards_holds_on_a_good_payload() {
    let good = br#"{"iss":"https://a.example","nbf":1,"vc":{"type":["https://smarthealth.cards#health-card"],
        "credentialSubject":{"fhirVersion":"4.0.1","fhirBundle":{"resourceType":"Bundle","entry":[
        {"resource":{"resourceType":"Patient","name":[{"text":"A"}]}},{"resource":{"resourceType":"Immunization",
        "status":"completed","occurrenceDateTime":"2021","vaccineCode":{"coding":[{"code":"1"}]}}}]}}}}"#;
    for (_, entry) in cards::ENTRIES {
        entry(good);
        for cut in 0..good.len() {
            entry(&good[..cut]);
        }
        for text in [&b"shc:/5676290952"[..], b"shc:/1/2/5676", b"a.b.c", br#"{"verifiableCredential":["a"]}"#] {
            entry(text);
        }
    }
}

/// The entry point of yellow cards, on cards of every generation and on thousands of changes of them: content, what
/// is written of it, and the verdict over it signed.
#[test]
fn the_entry_point_of_yellow_cards_holds_on_changed_ones() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 16).unwrap()
    };
    let cards = crate::icvp::generations();
    for card in &cards {
        entries::icvp(card);
        for _ in 0..1_500 {
            let mut changed = card.clone();
            for _ in 0..=random() % 3 {
                let at = random() % changed.len();
                match random() % 5 {
                    0 => changed[at] ^= 1 << (random() % 8),
                    1 => changed[at] = u8::try_from(random() % 256).unwrap(),
                    2 => drop(changed.remove(at)),
                    3 => changed.insert(at, changed[random() % changed.len()]),
                    // A piece of another generation.
                    _ => {
                        let other = &cards[random() % cards.len()];
                        let from = random() % other.len();
                        let piece = &other[from..(from + random() % 40).min(other.len())];
                        changed.splice(at..at, piece.iter().copied());
                    }
                }
            }
            entries::icvp(&changed);
        }
    }
}

/// The same for DDCC, on a good one of each kind and on changes of it.
#[test]
fn the_entry_point_of_ddcc_holds_on_good_content() {
    for content in crate::ddcc::good_contents() {
        let bytes = content.encode();
        entries::ddcc(&bytes);
        for at in (0..bytes.len()).step_by(5) {
            let mut changed = bytes.clone();
            changed[at] = changed[at].wrapping_add(1);
            entries::ddcc(&changed);
        }
    }
}
