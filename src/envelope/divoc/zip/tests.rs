//! Archives as the field makes them, and as an attacker would.

use proptest::prelude::*;

use super::*;

/// An archive as CoWIN's server writes it: sizes of 0 first, a data descriptor behind the data.
fn streamed(content: &[u8], signed_descriptor: bool) -> Vec<u8> {
    let packed = flate::deflate(Frame::Bare, content);
    let sizes = |crc: u32, packed: usize, unpacked: usize| {
        let mut out = crc.to_le_bytes().to_vec();
        out.extend(u32::try_from(packed).unwrap().to_le_bytes());
        out.extend(u32::try_from(unpacked).unwrap().to_le_bytes());
        out
    };
    let truth = sizes(checksum(content), packed.len(), content.len());
    let mut out = b"PK\x03\x04\x14\x00\x08\x00\x08\x00\x12\x34\x56\x78".to_vec();
    out.extend(sizes(0, 0, 0));
    out.extend([16, 0, 0, 0]);
    out.extend(NAME);
    out.extend(&packed);
    if signed_descriptor {
        out.extend(b"PK\x07\x08");
    }
    out.extend(&truth);
    let directory_at = u32::try_from(out.len()).unwrap();
    out.extend(b"PK\x01\x02\x14\x00\x14\x00\x08\x00\x08\x00\x12\x34\x56\x78");
    out.extend(&truth);
    out.extend([16, 0]);
    out.extend([0; 16]);
    out.extend(NAME);
    out.extend(b"PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00\x3e\x00\x00\x00");
    out.extend(directory_at.to_le_bytes());
    out.extend([0, 0]);
    out
}

proptest! {
    #[test]
    fn reading_undoes_writing(content in prop::collection::vec(any::<u8>(), 0..3000)) {
        let archive = write(&content).unwrap();
        prop_assert_eq!(&archive, &write(&content).unwrap());
        prop_assert_eq!(read(&archive).unwrap(), content.clone());
        prop_assert_eq!(read(&streamed(&content, true)).unwrap(), content.clone());
        prop_assert_eq!(read(&streamed(&content, false)).unwrap(), content);
    }

    #[test]
    fn no_cut_and_no_rider_is_read(content in prop::collection::vec(any::<u8>(), 0..300), at in any::<prop::sample::Index>()) {
        let archive = write(&content).unwrap();
        prop_assert!(read(&archive[..at.index(archive.len())]).is_err());
        let mut longer = archive.clone();
        longer.insert(at.index(archive.len() + 1), 0);
        prop_assert!(read(&longer).is_err());
    }

    #[test]
    fn a_changed_byte_changes_nothing_or_is_refused(
        content in "[a-z{}:,\"]{20,200}", at in any::<prop::sample::Index>(), bit in 0u8..8, with_descriptor in any::<bool>(),
    ) {
        let mut archive = if with_descriptor { streamed(content.as_bytes(), true) } else { write(content.as_bytes()).unwrap() };
        let at = at.index(archive.len());
        archive[at] ^= 1 << bit;
        if let Ok(found) = read(&archive) {
            prop_assert_eq!(found, content.into_bytes());
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
        let _ = read(&[b"PK\x03\x04".as_slice(), &bytes].concat());
    }
}

#[test]
fn bombs_and_oddities_are_named() {
    assert_eq!(write(&vec![0; DIVOC_TEXT_BYTES + 1]), Err(ZipError::TooLarge));
    assert_eq!(read(&streamed(&vec![0; DIVOC_TEXT_BYTES + 1], true)), Err(ZipError::TooLarge));
    assert_eq!(read(&streamed(&vec![7; DIVOC_TEXT_BYTES], true)).unwrap().len(), DIVOC_TEXT_BYTES);
    assert_eq!(read(b""), Err(ZipError::NotZip));
    assert_eq!(read(b"PK\x03\x04"), Err(ZipError::Damaged { part: "end" }));

    let archive = write(b"{\"a\":1}").unwrap();
    let directory = archive.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    let end = archive.len() - END_BYTES;
    let with = |at: usize, value: u8| {
        let mut changed = archive.clone();
        changed[at] = value;
        read(&changed)
    };
    assert_eq!(with(directory + 8, 1), Err(ZipError::Feature { feature: "encryption or patches" }));
    assert_eq!(with(directory + 10, 12), Err(ZipError::Feature { feature: "a compression other than DEFLATE" }));
    assert_eq!(with(10 - 2, 0), Err(ZipError::Contradiction { what: "compression" }));
    assert_eq!(with(directory + 16, archive[directory + 16] ^ 1), Err(ZipError::Contradiction { what: "size" }));
    assert_eq!(with(directory + CENTRAL_BYTES, b'C'), Err(ZipError::Name));
    assert_eq!(with(LOCAL_BYTES, b'C'), Err(ZipError::Contradiction { what: "name" }));
    assert_eq!(with(end + 8, 2), Err(ZipError::Entries { count: 2 }));
    assert_eq!(with(end + 4, 1), Err(ZipError::Feature { feature: "several volumes" }));
    assert_eq!(with(end + 20, 1), Err(ZipError::Feature { feature: "a comment" }));
    let mut lying = archive.clone();
    for header in [14, directory + 16] {
        lying[header] ^= 1;
    }
    assert_eq!(read(&lying), Err(ZipError::Checksum));
    let mut small = archive.clone();
    for header in [22, directory + 24] {
        small[header] -= 1;
    }
    assert_eq!(read(&small), Err(ZipError::Contradiction { what: "size" }));
}

#[test]
fn a_stored_entry_is_read() {
    let content = b"{}";
    let mut archive = write(content).unwrap();
    let packed = usize::from(archive[18]);
    let from = LOCAL_BYTES + NAME.len();
    archive.splice(from..from + packed, content.iter().copied());
    let directory = archive.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    let end = archive.len() - END_BYTES;
    for (at, value) in [(8, 0), (18, 2), (directory + 10, 0), (directory + 20, 2)] {
        archive[at] = value;
    }
    archive[end + 16] = u8::try_from(directory).unwrap();
    assert_eq!(read(&archive).unwrap(), content);
}
