//! Files in, answers out: every form, in every order, whole and broken.

use std::io::Write;

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;

use super::{filter::tests as write, slices::Place, tar::tests::archive, *};
use crate::{
    keys::{Algorithm, sha256},
    limits,
};

const KID: &str = "HBDru8SfeDE=";

fn kid() -> Kid {
    Kid::new(STANDARD.decode(KID).unwrap())
}

fn other_kid() -> Kid {
    Kid::new([9; 8])
}

/// A certificate whose identifier ends in a number.
fn certificate(number: u32) -> Fingerprints {
    let mut signature = [3; 64];
    signature[..4].copy_from_slice(&number.to_be_bytes());
    Fingerprints::new(Algorithm::Es256, &signature, "XX", &format!("URN:UVCI:01:XX:{number}"))
}

fn hash(number: u32, kind: HashKind) -> Hash {
    *certificate(number).get(kind).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn batch(kid: &str, kind: HashKind, numbers: &[u32]) -> String {
    let entries: Vec<String> =
        numbers.iter().map(|n| format!(r#"{{"hash":"{}"}}"#, STANDARD.encode(hash(*n, kind)))).collect();
    format!(
        r#"{{"country":"XX","expires":"2030-01-01T00:00:00Z","kid":"{kid}","hashType":"{}","entries":[{}]}}"#,
        kind.name(),
        entries.join(",")
    )
}

fn of(files: &[(&str, &[u8])]) -> Result<Revocations, RevocationError> {
    let mut builder = Builder::new();
    for (name, bytes) in files {
        builder.add(name, bytes)?;
    }
    let built = builder.finish()?;
    // The two ways in read the same.
    let mut streamed = Builder::new();
    for (name, bytes) in files {
        streamed.add_reader(name, *bytes)?;
    }
    assert_eq!(streamed.finish()?, built);
    Ok(built)
}

fn of_text(text: &str) -> Result<Revocations, RevocationError> {
    of(&[("list.json", text.as_bytes())])
}

fn status(all: &Revocations, kid: &Kid, number: u32) -> Status {
    all.status(kid, &certificate(number), at("2029-01-01T00:00:00Z"))
}

fn revoked(status: Status) -> bool {
    matches!(status, Status::Revoked(_))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::fast());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

#[test]
fn a_batch_revokes_and_covers_its_kid_alone() {
    for kind in HashKind::ALL.into_iter().filter(|kind| kind.is_eu()) {
        let all = of_text(&batch(KID, kind, &[1, 2])).unwrap();
        assert_eq!(all.len(), 2);
        assert_eq!(status(&all, &kid(), 1), Status::Revoked(Hit { kind, false_hits: 0.0 }));
        assert_eq!(status(&all, &kid(), 3), Status::Clear);
        assert_eq!(status(&all, &other_kid(), 1), Status::Unknown);
    }
    assert_eq!(status(&Revocations::default(), &kid(), 1), Status::Unknown);
}

#[test]
fn a_batch_for_any_kid_revokes_under_any_and_covers_its_country() {
    let all = of_text(&batch("UNKNOWN_KID", HashKind::Uci, &[1])).unwrap();
    assert!(revoked(status(&all, &kid(), 1)) && revoked(status(&all, &other_kid(), 1)));
    assert_eq!(status(&all, &other_kid(), 2), Status::Clear);
    let elsewhere = Fingerprints::new(Algorithm::Es256, &[1; 64], "YY", "URN:UVCI:01:XX:2");
    assert_eq!(all.status(&kid(), &elsewhere, at("2029-01-01T00:00:00Z")), Status::Unknown);
}

#[test]
fn time_ends_the_cover_and_never_the_revocation() {
    let all = of_text(&batch(KID, HashKind::Uci, &[1])).unwrap();
    for (time, other) in [
        ("2029-12-31T23:59:59Z", Status::Clear),
        ("2030-01-01T00:00:00Z", Status::Clear),
        ("2030-01-01T00:00:01Z", Status::Unknown),
    ] {
        assert!(revoked(all.status(&kid(), &certificate(1), at(time))), "{time}");
        assert_eq!(all.status(&kid(), &certificate(2), at(time)), other, "{time}");
    }
}

#[test]
fn a_list_by_a_hash_that_the_certificate_lacks_does_not_cover_it() {
    let all = of_text(&batch(KID, HashKind::Signature, &[1])).unwrap();
    let unsigned = Fingerprints::new(Algorithm::EdDsa, &[1; 64], "XX", "URN:UVCI:01:XX:2");
    assert_eq!(all.status(&kid(), &unsigned, at("2029-01-01T00:00:00Z")), Status::Unknown);
}

#[test]
fn batches_come_one_as_an_array_one_a_line_packed_and_in_any_order_of_members() {
    let (one, two) = (batch(KID, HashKind::Uci, &[1]), batch(KID, HashKind::Signature, &[2]));
    let texts = [
        format!("[{one},{two}]"),
        format!("{one}\n{two}\n"),
        format!("\u{feff} [{one}]\r\n\r\n{two}"),
        format!("[{one}]{two}[]"),
    ];
    for text in texts {
        let all = of_text(&text).unwrap();
        assert!(revoked(status(&all, &kid(), 1)) && revoked(status(&all, &kid(), 2)) && all.len() == 2, "{text}");
        assert_eq!(of(&[("list.json.gz", &gzip(text.as_bytes()))]).unwrap(), all);
    }
    let hash = STANDARD.encode(hash(1, HashKind::Uci));
    let turned = format!(
        r#"{{"entries":[{{"extra":[1],"hash":"{hash}"}}],"more":{{"kid":1}},"hashType":"UCI","kid":"{KID}","expires":"2030-01-01T01:00:00+01:00","country":null}}"#
    );
    assert_eq!(of_text(&turned).unwrap(), of_text(&one).unwrap());
}

#[test]
fn a_broken_list_names_its_place_and_nobody() {
    let good = batch(KID, HashKind::Uci, &[1]);
    let hash = STANDARD.encode(hash(1, HashKind::Uci));
    let member = |member| JsonFault::Member { member };
    let cases = [
        (good.replace("UCI", "uci"), member("hashType")),
        (good.replace("UCI", "IDENTIFIER"), member("hashType")),
        (good.replace("2030-01-01T00:00:00Z", "soon"), member("expires")),
        (good.replace(r#""expires":"2030-01-01T00:00:00Z","#, ""), member("expires")),
        (good.replace(KID, "?"), member("kid")),
        (good.replace(&hash, &hash[1..]), member("hash")),
        (good.replace(&hash, &hash.replace("==", "A=")), member("hash")),
        (good.replace(r#""hash":"#, r#""Hash":"#), member("hash")),
        (good.replace(r#""country""#, r#""kid":"UNKNOWN_KID","country""#), JsonFault::Twice { member: "kid" }),
        (good[..good.len() - 1].to_owned(), JsonFault::Form),
        (good.replace(['[', ']'], ""), JsonFault::Form),
        ("[1]".to_owned(), JsonFault::Form),
        (
            r#"{"more":false,"batches":[{"batchId":"x","country":"XX","deleted":false}]}"#.to_owned(),
            JsonFault::OnlyIndex,
        ),
        (
            r#"[{"batchId":"x","country":"XX","date":"2022-01-01T00:00:00Z","deleted":false}]"#.to_owned(),
            JsonFault::OnlyIndex,
        ),
        (r#"{"certificates":[]}"#.to_owned(), JsonFault::NotAList),
        ("{}".to_owned(), JsonFault::NotAList),
        (format!("[{}", "[".repeat(100_000)), JsonFault::Form),
        (format!(r#"{{"x":{}"#, "[".repeat(100_000)), JsonFault::Form),
    ];
    for (text, wanted) in cases {
        let text = format!("{}\n{text}", batch("UNKNOWN_KID", HashKind::Uci, &[7]));
        for streamed in [false, true] {
            let mut builder = Builder::new();
            let read = if streamed {
                builder.add_reader("list.json", text.as_bytes())
            } else {
                builder.add("list.json", text.as_bytes())
            };
            let error = read.unwrap_err();
            let shown = error.to_string();
            let RevocationError::Json { line, fault, .. } = error else { panic!("{shown}") };
            assert_eq!((line, fault), (2, wanted.clone()), "{shown}");
            assert!(!shown.contains(&hash) && !shown.ends_with('.'), "{shown}");
            // What stood before still revokes.
            assert!(revoked(status(&builder.finish().unwrap(), &kid(), 7)));
        }
    }
}

#[test]
fn what_is_no_list_is_named() {
    for signed in [&b"MIIHiQYJKoZIhvcNAQcCoIIHejCCB3Y"[..], &[0x30, 0x82, 1, 0], b"-----BEGIN CMS-----"] {
        assert!(matches!(of(&[("x", signed)]), Err(RevocationError::Signed { .. })));
    }
    for other in [&b""[..], b"hello", &[0xff; 40], &gzip(&gzip(b"{}")), &gzip(b"")] {
        assert!(matches!(of(&[("x", other)]), Err(RevocationError::Unrecognised { .. })));
    }
    let cut = gzip(&[7; 100]);
    assert!(matches!(of(&[("x", &cut[..12])]), Err(RevocationError::Packed { .. })));
    let cut = gzip(batch(KID, HashKind::Uci, &(0..2000).collect::<Vec<_>>()).as_bytes());
    assert!(matches!(of(&[("x", &cut[..cut.len() / 2])]), Err(RevocationError::Read { .. })));
}

/// The slices of some certificates of our kid as the service makes them, in mode POINT, VECTOR or COORDINATE,
/// with the partition indexes of them.
fn tree(numbers: &[u32], digits: usize, bloom: bool) -> (Vec<(String, Vec<u8>)>, String) {
    let mut parts: BTreeMap<String, Vec<Hash>> = BTreeMap::new();
    for number in numbers {
        let hash = hash(*number, HashKind::Uci);
        let hex = format!("{:02x}{:02x}", hash[0], hash[1]);
        parts.entry(hex[..digits].to_owned()).or_default().push(hash);
    }
    let (mut files, mut indexes) = (Vec::new(), Vec::new());
    for (digits, hashes) in parts {
        let slice = if bloom { write::bloom(&hashes, 1e-12) } else { write::prefixes(&hashes, 6, true) };
        let (partition, chunk) = digits.split_at(digits.len() - 1);
        let digest: String = sha256(&slice).iter().map(|b| format!("{b:02x}")).collect();
        let (id, folder) = match partition {
            "" => ("null".to_owned(), "null"),
            id => (format!("{id:?}"), id),
        };
        indexes.push(format!(
            r#"{{"kid":"{KID}","id":{id},"x":null,"lastUpdated":"2022-01-01T00:00:00.123456Z","expired":"2030-01-01T00:00:00Z",
               "chunks":{{"{chunk}":{{"2030-01-01T00:00:00Z":{{"type":"BLOOMFILTER","version":"1.0","hash":"{digest}"}}}}}}}}"#
        ));
        files.push((format!("{KID}/{folder}/{chunk}/{digest}"), slice));
    }
    (files, format!("[{}]", indexes.join(",")))
}

#[test]
fn a_tree_of_slices_is_read_as_files_and_as_the_services_archive() {
    let (in_it, out_of_it): (Vec<u32>, Vec<u32>) = ((0..300).collect(), (300..600).collect());
    for (digits, bloom) in [(1, true), (2, true), (3, true), (1, false), (2, false), (3, false)] {
        let (files, index) = tree(&in_it, digits, bloom);
        let listed: Vec<_> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
        let all = of(&listed).unwrap();
        let packed = archive(&files);
        assert_eq!(of(&[("slices.tar.gz", &gzip(&packed))]).unwrap(), all);
        assert_eq!(of(&[("slices.tar", &packed)]).unwrap(), all);
        assert_eq!(all.filter_count(), files.len());
        for number in &in_it {
            let Status::Revoked(hit) = status(&all, &kid(), *number) else { panic!("{number} was missed") };
            assert!(!hit.certain() && hit.false_hits < 1e-6 && hit.kind == HashKind::Uci);
        }
        assert!(out_of_it.iter().all(|number| status(&all, &kid(), *number) == Status::Clear));
        assert_eq!(status(&all, &other_kid(), 1), Status::Unknown);

        // With the partitions' index the end of the slices is known too.
        let with_index = [&listed[..], &[("partitions.json", index.as_bytes())]].concat();
        let all = of(&with_index).unwrap();
        assert_eq!((all.missing_slices(), status(&all, &kid(), 400)), (0, Status::Clear));
        assert_eq!(all.status(&kid(), &certificate(400), at("2031-01-01T00:00:00Z")), Status::Unknown);
        assert!(revoked(all.status(&kid(), &certificate(1), at("2031-01-01T00:00:00Z"))));
    }
}

#[test]
fn a_slice_that_an_index_names_and_that_is_missing_leaves_its_part_open() {
    let (files, index) = tree(&(0..300).collect::<Vec<_>>(), 1, true);
    let (missing, there) = files.split_first().unwrap();
    let mut some: Vec<_> = there.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    some.push(("partitions.json", index.as_bytes()));
    let all = of(&some).unwrap();
    assert_eq!(all.missing_slices(), 1);
    let region = Place::of(&missing.0).unwrap().region;
    for number in 300..600 {
        let open = HashKind::ALL[..3].iter().any(|kind| region.holds(&hash(number, *kind)));
        assert_eq!(status(&all, &kid(), number), if open { Status::Unknown } else { Status::Clear });
    }
}

#[test]
fn the_services_index_of_kids_speaks_for_every_kid() {
    let (files, _) = tree(&[1], 1, true);
    let list = |kid: &str| {
        format!(
            r#"[{{"kid":"{kid}","mode":"POINT","hashTypes":["UCI"],"expires":"2030-01-01T00:00:00Z","lastUpdated":"2022-01-01T00:00:00Z"}}]"#
        )
    };
    let all = of(&[(&files[0].0, &files[0].1), ("lists.json", list(KID).as_bytes())]).unwrap();
    assert!(revoked(status(&all, &kid(), 1)));
    assert_eq!((status(&all, &kid(), 2), status(&all, &other_kid(), 2)), (Status::Clear, Status::Clear));
    // A kid in the index whose slices are not there.
    let absent = of(&[("lists.json", list(KID).as_bytes())]).unwrap();
    assert_eq!((status(&absent, &kid(), 2), status(&absent, &other_kid(), 2)), (Status::Unknown, Status::Clear));
    let absent = of(&[("lists.json", list("UNKNOWN_KID").as_bytes())]).unwrap();
    assert_eq!((absent.missing_slices(), status(&absent, &other_kid(), 2)), (1, Status::Unknown));
    // But what a batch covers is covered.
    let text = format!("{}\n{}", list(KID), batch(KID, HashKind::Uci, &[5]));
    assert_eq!(status(&of_text(&text).unwrap(), &kid(), 2), Status::Clear);
}

#[test]
fn a_slice_must_say_where_it_belongs_and_be_what_its_name_promises() {
    let (files, _) = tree(&[1], 1, true);
    let (path, slice) = &files[0];
    let fault = |path: &str, bytes: &[u8]| match of(&[(path, bytes)]) {
        Err(RevocationError::Slice { fault, .. }) => fault,
        other => panic!("{other:?}"),
    };
    assert_eq!(fault("slice.bin", slice), SliceFault::Place);
    assert_eq!(fault(path, &slice[..slice.len() - 1]), SliceFault::Digest);
    assert_eq!(
        fault(&format!("{KID}/null/a/slice"), &slice[..slice.len() - 1]),
        SliceFault::Length { found: slice.len() - 1 }
    );
    assert!(of(&[(&format!("{KID}/null/x/slice"), slice)]).is_ok());
    let nested = archive(&[("a.tar.gz".to_owned(), gzip(slice))]);
    assert!(matches!(of(&[("x.tar", &nested)]), Err(RevocationError::Unrecognised { .. })));
}

#[test]
fn what_a_newer_collection_lost_is_told() {
    let numbers: Vec<u32> = (0..100).collect();
    let old = of_text(&batch(KID, HashKind::Uci, &numbers)).unwrap();
    let new = of_text(&batch(KID, HashKind::Uci, &numbers[3..])).unwrap();
    assert!(old.lost_since(&new, |_, _, _| false).is_nothing());
    assert_eq!(new.lost_since(&old, |_, _, _| false), Lost { entries: 3, filters: 0 });
    let taken_back = hash(1, HashKind::Uci);
    let lost =
        new.lost_since(&old, |by, kind, hash| by == Some(&kid()) && kind == HashKind::Uci && *hash == taken_back);
    assert_eq!(lost.entries, 2);
    // A list for any kid keeps what one for a kid had; the other way round does not.
    let any = of_text(&batch("UNKNOWN_KID", HashKind::Uci, &numbers)).unwrap();
    assert!(any.lost_since(&old, |_, _, _| false).is_nothing());
    assert_eq!(old.lost_since(&any, |_, _, _| false).entries, 100);
    assert!(new.clone().merge(old.clone()).unwrap().lost_since(&old, |_, _, _| false).is_nothing());

    let (files, _) = tree(&[1, 2, 3], 1, false);
    let listed: Vec<_> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    let (whole, less) = (of(&listed).unwrap(), of(&listed[1..]).unwrap());
    assert!(whole.lost_since(&less, |_, _, _| false).is_nothing());
    assert_eq!(less.lost_since(&whole, |_, _, _| false), Lost { entries: 0, filters: 1 });
    let both = less.merge(whole.clone()).unwrap();
    assert_eq!(both, whole);
}

#[test]
fn our_own_list_covers_everyone_though_it_be_empty() {
    let mut builder = Builder::new();
    let until = Until::Time(at("2030-01-01T00:00:00Z"));
    builder.cover(Scope::Everyone, HashKind::Identifier, until).unwrap();
    let empty = builder.finish().unwrap();
    assert!(empty.is_empty());
    assert_eq!(status(&empty, &kid(), 1), Status::Clear);
    assert_eq!(Revocations::decode(&empty.encode().unwrap()).unwrap(), empty);

    let mut builder = Builder::new();
    builder.add_all(empty).unwrap();
    let own = *Fingerprints::of_identifier("urn:uvci:01:xx:1#5").get(HashKind::Identifier).unwrap();
    builder.revoke(None, HashKind::Identifier, vec![own]).unwrap();
    let same = *Fingerprints::of_identifier("urn:uvci:01:xx:1#5").get(HashKind::Identifier).unwrap();
    builder.revoke(None, HashKind::Identifier, vec![same]).unwrap();
    assert!(revoked(status(&builder.finish().unwrap(), &kid(), 1)));
}

#[test]
fn no_hash_is_shown() {
    let text = batch(KID, HashKind::Uci, &[1]);
    let mut builder = Builder::new();
    builder.add("list.json", text.as_bytes()).unwrap();
    assert_eq!(format!("{builder:?}"), "Builder { entries: 1, filters: 0 }");
    assert_eq!(
        format!("{:?}", builder.finish().unwrap()),
        "Revocations { entries: 1, filters: 0, released: 0, missing_slices: 0, .. }"
    );
}

#[test]
fn a_packed_slice_of_endless_zeros_is_refused_soon() {
    let mut bomb = vec![0; limits::REVOCATION_SLICE_BYTES + 4096];
    bomb[1] = 1;
    let read = Builder::new().add("HBDru8SfeDE=/null/a/slice", &gzip(&bomb));
    assert!(matches!(read, Err(RevocationError::Slice { fault: SliceFault::TooLarge, .. })), "{read:?}");
}

#[test]
fn filters_are_not_written_into_a_table() {
    let (files, _) = tree(&[1], 1, true);
    let all = of(&[(&files[0].0, &files[0].1)]).unwrap();
    assert!(matches!(all.encode(), Err(RevocationError::NotATable { .. })));
}

#[test]
fn a_table_has_one_form_only() {
    let all =
        of_text(&format!("[{},{}]", batch(KID, HashKind::Uci, &[1, 2]), batch("UNKNOWN_KID", HashKind::Uci, &[3])));
    let good = all.unwrap().encode().unwrap();
    assert!(Revocations::decode(&good).is_ok());
    for cut in 0..good.len() {
        assert!(Revocations::decode(&good[..cut]).is_err(), "{cut}");
    }
    assert!(Revocations::decode(&[good.clone(), vec![0]].concat()).is_err());
    let mut swapped = good.clone();
    let (first, second) = (good.len() - 32, good.len() - 16);
    swapped[first..second].copy_from_slice(&good[second..]);
    swapped[second..].copy_from_slice(&good[first..second]);
    assert!(matches!(Revocations::decode(&swapped), Err(RevocationError::Table { part: "order" })));
    let mut twice = good.clone();
    twice[first..second].copy_from_slice(&good[second..]);
    assert!(Revocations::decode(&twice).is_err());
    let mut later = good;
    later[4] = 4;
    assert!(matches!(Revocations::decode(&later), Err(RevocationError::TableVersion { version: 4 })));
    // A count beyond the bytes reserves nothing.
    let huge = [&b"VCRT\x01"[..], &[0; 4], &[0, 0, 0, 1, 0, 1], &[0xff; 4]].concat();
    assert!(Revocations::decode(&huge).is_err());
}

/// Kid, kind, hashes and end of a list.
type Part = (Option<Vec<u8>>, usize, Vec<Hash>, Option<i64>);

/// Any collection of lists, as its parts.
fn parts() -> impl Strategy<Value = Vec<Part>> {
    let kid = prop::option::of(prop::sample::select(vec![vec![1; 8], vec![2; 8], vec![2; 3], vec![0xff; 64]]));
    let end = prop::option::of(-10_000_000_000..100_000_000_000_i64);
    prop::collection::vec((kid, 0..4_usize, prop::collection::vec(any::<Hash>(), 0..40), end), 0..12)
}

fn built(parts: &[Part]) -> Revocations {
    let mut builder = Builder::new();
    for (kid, kind, hashes, end) in parts {
        let (kid, kind) = (kid.clone().map(Kid::new), HashKind::ALL[*kind]);
        builder.revoke(kid.as_ref(), kind, hashes.clone()).unwrap();
        let until = end.map_or(Until::Open, |end| Until::Time(Timestamp::from_second(end).unwrap()));
        let scope = kid.map_or(Scope::Country(*b"XX"), Scope::Kid);
        builder.cover(scope, kind, until).unwrap();
    }
    builder.finish().unwrap()
}

proptest! {
    #[test]
    fn decoding_undoes_encoding(parts in parts()) {
        let all = built(&parts);
        let bytes = all.encode().unwrap();
        let again = Revocations::decode(&bytes).unwrap();
        prop_assert_eq!(again.encode().unwrap(), bytes.clone());
        prop_assert!(again.lost_since(&all, |_, _, _| false).is_nothing());
        prop_assert_eq!(of(&[("table", &bytes)]).unwrap(), again);
    }

    #[test]
    fn a_changed_byte_is_refused_or_another_content(parts in parts(), at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let bytes = built(&parts).encode().unwrap();
        let mut changed = bytes.clone();
        changed[at.index(bytes.len())] = to;
        if let Ok(other) = Revocations::decode(&changed) {
            prop_assert_eq!(other.encode().unwrap(), changed);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(
        head in prop::sample::select(vec![&b""[..], b"VCRT\x01", b"\x00\x01", b"\x1f\x8b", b"[{", b"{\"entries\":[{\"hash\":\""]),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let bytes = [head, &bytes].concat();
        let _ = Builder::new().add("HBDru8SfeDE=/null/a/x", &bytes);
        let _ = Builder::new().add_reader("HBDru8SfeDE=/null/a/x", bytes.as_slice());
    }

    #[test]
    fn merging_in_any_order_loses_nothing(parts in parts(), cut in any::<prop::sample::Index>(), number in any::<u32>()) {
        let cut = cut.index(parts.len() + 1);
        let (one, two) = (built(&parts[..cut]), built(&parts[cut..]));
        let whole = built(&parts);
        let (ab, ba) = (one.clone().merge(two.clone()).unwrap(), two.merge(one.clone()).unwrap());
        prop_assert_eq!(ab.encode().unwrap(), whole.encode().unwrap());
        prop_assert_eq!(ba.encode().unwrap(), whole.encode().unwrap());
        prop_assert!(ab.lost_since(&one, |_, _, _| false).is_nothing());
        prop_assert_eq!(status(&ab, &kid(), number), status(&ba, &kid(), number));
    }

    #[test]
    fn json_and_table_say_the_same(numbers in prop::collection::vec(any::<u32>(), 0..60), kind in 0..3_usize, bound in any::<bool>()) {
        let kind = HashKind::ALL[kind];
        let text = batch(if bound { KID } else { "UNKNOWN_KID" }, kind, &numbers);
        let all = of_text(&text).unwrap();
        prop_assert!(numbers.iter().all(|number| revoked(status(&all, &kid(), *number))));
        let again = Revocations::decode(&all.encode().unwrap()).unwrap();
        prop_assert_eq!(again.encode().unwrap(), all.encode().unwrap());
        prop_assert!(numbers.iter().all(|number| revoked(status(&again, &kid(), *number))));
    }
}
