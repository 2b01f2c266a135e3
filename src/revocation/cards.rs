//! Health cards that their issuer took back: one list for each of its keys, naming cards by the identifier `rid`
//! that they carry (SMART Health Cards Framework 1.4.0, "Revocation"). An entry may end in a time: then it names
//! the cards issued before it.
//!
//! A card without a `rid` cannot be named, so that a list says nothing of it.

use std::collections::{BTreeMap, btree_map::Entry};

use jiff::Timestamp;

use super::{
    Hit, Lost, Status,
    hash::{CardPrint, Hash, HashKind, of_rid},
};
use crate::keys::Kid;

/// Which cards of an identifier are revoked. The later, the more; all of them is the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Before {
    /// Those issued before this time.
    Time(Timestamp),
    /// All.
    Always,
}

/// Revoked cards by the hash of their identifier.
pub(super) type CardList = BTreeMap<Hash, Before>;

/// The lists by kid of the issuer's key, which for health cards is the text of its thumbprint.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Cards(pub(super) BTreeMap<Kid, CardList>);

impl Cards {
    /// What the list of a key says of a card; a key without a list says nothing.
    pub(super) fn status(&self, kid: &Kid, card: &CardPrint) -> Status {
        let (Some(list), Some(rid)) = (self.0.get(kid), card.rid) else { return Status::Unknown };
        let revoked = match list.get(&rid) {
            None => false,
            Some(Before::Always) => true,
            Some(Before::Time(end)) => card.issued < *end,
        };
        if revoked { Status::Revoked(Hit { kind: HashKind::Identifier, false_hits: 0.0 }) } else { Status::Clear }
    }

    /// Adds entries to a key's list. Of two entries for one identifier the one that revokes more holds. Gives how
    /// many are new.
    pub(super) fn add(&mut self, kid: &Kid, entries: impl IntoIterator<Item = (Hash, Before)>) -> usize {
        let list = self.0.entry(kid.clone()).or_default();
        let mut new = 0;
        for (rid, before) in entries {
            match list.entry(rid) {
                Entry::Vacant(slot) => {
                    slot.insert(before);
                    new += 1;
                }
                Entry::Occupied(mut known) => {
                    let most = before.max(*known.get());
                    known.insert(most);
                }
            }
        }
        new
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.0.values().map(BTreeMap::len).sum()
    }

    /// What is lost when these lists take the place of `older`.
    pub(super) fn lost_since(&self, older: &Self, mut released: impl FnMut(&Kid, &Hash) -> bool) -> Lost {
        let mut lost = Lost::default();
        for (kid, list) in &older.0 {
            let ours = self.0.get(kid);
            for (rid, before) in list {
                let kept = ours.and_then(|ours| ours.get(rid)).is_some_and(|ours| ours >= before);
                lost.entries += usize::from(!kept && !released(kid, rid));
            }
        }
        lost
    }
}

/// Reads one entry: `rid` or `rid.SECONDS`.
pub(super) fn entry(text: &str) -> Option<(Hash, Before)> {
    let (rid, before) = match text.split_once('.') {
        None => (text, Before::Always),
        Some((rid, seconds)) => {
            let plain = !seconds.is_empty() && seconds.bytes().all(|byte| byte.is_ascii_digit());
            let seconds = seconds.parse().ok().filter(|_| plain)?;
            (rid, Before::Time(Timestamp::from_second(seconds).ok()?))
        }
    };
    let alphabet = rid.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    ((1..=24).contains(&rid.len()) && alphabet).then(|| (of_rid(rid), before))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::revocation::{Builder, Fingerprints, Revocations};

    const LIST: &[u8] = br#"{"kid":"3Kfdg","method":"rid","ctr":1,"rids":["AQPCj4wwk6Mt","lHKzqFUMjhs.1636977600"]}"#;

    fn list(text: &[u8]) -> Revocations {
        let mut builder = Builder::new();
        builder.add("crl.json", text).unwrap();
        builder.finish().unwrap()
    }

    fn status(lists: &Revocations, kid: &str, rid: Option<&str>, issued: &str) -> Status {
        let issued = issued.parse().unwrap();
        lists.status(&Kid::new(kid), &Fingerprints::of_card(rid, issued), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_example_of_the_specification() {
        let lists = list(LIST);
        let (before, at) = ("2021-11-15T11:59:59.999Z", "2021-11-15T12:00:00Z");
        let revoked = |status| matches!(status, Status::Revoked(hit) if hit.certain());
        assert!(revoked(status(&lists, "3Kfdg", Some("AQPCj4wwk6Mt"), "2030-01-01T00:00:00Z")));
        assert!(revoked(status(&lists, "3Kfdg", Some("lHKzqFUMjhs"), before)));
        assert_eq!(status(&lists, "3Kfdg", Some("lHKzqFUMjhs"), at), Status::Clear);
        assert_eq!(status(&lists, "3Kfdg", Some("other"), before), Status::Clear);
        assert_eq!(status(&lists, "3Kfdg", None, before), Status::Unknown);
        assert_eq!(status(&lists, "other", Some("AQPCj4wwk6Mt"), before), Status::Unknown);
        assert_eq!(lists.len(), 2);
        assert!(!lists.is_empty());
        assert!(list(br#"{"kid":"a","method":"rid","ctr":1,"rids":[]}"#).is_empty());
    }

    #[test]
    fn a_list_grows_and_never_forgets() {
        let older = list(LIST);
        let newer = list(br#"{"kid":"3Kfdg","method":"rid","ctr":2,"rids":["lHKzqFUMjhs.1636977601"]}"#);
        assert_eq!(newer.lost_since(&older, |_, _, _| false).entries, 1);
        assert_eq!(older.lost_since(&newer, |_, _, _| false).entries, 1);
        assert!(newer.lost_since(&older, |_, kind, _| kind == HashKind::Identifier).is_nothing());
        let both = newer.clone().merge(older.clone()).unwrap();
        assert_eq!(both, older.clone().merge(newer.clone()).unwrap());
        assert!(both.lost_since(&older, |_, _, _| false).is_nothing());
        assert!(both.lost_since(&newer, |_, _, _| false).is_nothing());
        assert_eq!(both.len(), 2);
    }

    #[test]
    fn other_entries_and_methods_are_refused() {
        for text in [
            r#"{"kid":"a","method":"rid","ctr":1,"rids":["a.b"]}"#,
            r#"{"kid":"a","method":"rid","ctr":1,"rids":["a."]}"#,
            r#"{"kid":"a","method":"rid","ctr":1,"rids":[""]}"#,
            r#"{"kid":"a","method":"rid","ctr":1,"rids":["a b"]}"#,
            r#"{"kid":"a","method":"rid","ctr":1,"rids":["1234567890123456789012345"]}"#,
            r#"{"kid":"a","method":"rid","ctr":1,"rids":["a.-5"]}"#,
            r#"{"kid":"a","method":"rid","ctr":1,"rids":["a.99999999999999999999"]}"#,
            r#"{"kid":"a","method":"rid","ctr":1,"rids":[1]}"#,
            r#"{"kid":"a","method":"hmac","ctr":1,"rids":["a"]}"#,
            r#"{"kid":"a","rids":["a"]}"#,
            r#"{"method":"rid","rids":["a"]}"#,
            r#"{"kid":"","method":"rid","rids":["a"]}"#,
            r#"{"kid":"a","method":"rid","rids":["a"],"rids":[]}"#,
        ] {
            assert!(Builder::new().add("crl.json", text.as_bytes()).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_table_carries_the_lists(
            entries in prop::collection::vec(("[A-Za-z0-9_-]{1,24}", prop::option::of(0_i64..4_000_000_000)), 0..40),
            kids in prop::collection::vec("[a-z]{1,40}", 1..4),
        ) {
            let rids: Vec<String> = entries.iter().map(|(rid, end)| match end {
                Some(end) => format!("{rid}.{end}"),
                None => rid.clone(),
            }).collect();
            let mut builder = Builder::new();
            for kid in &kids {
                let text = serde_json::json!({"kid": kid, "method": "rid", "ctr": "7", "rids": rids});
                builder.add("crl.json", text.to_string().as_bytes()).unwrap();
            }
            let lists = builder.finish().unwrap();
            let table = lists.encode().unwrap();
            prop_assert_eq!(&Revocations::decode(&table).unwrap(), &lists);
            for (rid, end) in &entries {
                let issued = Timestamp::from_second(end.unwrap_or(9_000_000_000) - 1).unwrap();
                let print = Fingerprints::of_card(Some(rid), issued);
                let found = lists.status(&Kid::new(kids[0].as_str()), &print, issued);
                prop_assert!(matches!(found, Status::Revoked(_)), "{rid}");
            }
            for cut in 0..table.len() {
                prop_assert!(Revocations::decode(&table[..cut]).is_err());
            }
        }

        #[test]
        fn any_entry_is_read_or_refused(text in "\\PC{0,40}") {
            let _ = entry(&text);
        }
    }
}
