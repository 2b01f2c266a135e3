//! `report.json` as the page needs it: the counts, and the first refused records.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};

use crate::{limits::SERVICE_ROWS, record::Refusal};

/// A report.
#[derive(Debug, Deserialize)]
pub(super) struct Report {
    pub(super) records: u64,
    pub(super) issued: u64,
    pub(super) refused: u64,
    #[serde(default)]
    pub(super) unchanged: u64,
    /// The first refused records; the others are read and let go.
    #[serde(rename = "items", deserialize_with = "first_refused")]
    pub(super) refusals: Vec<Item>,
}

/// A record of it.
#[derive(Debug, Deserialize)]
pub(super) struct Item {
    pub(super) record: String,
    pub(super) event: String,
    status: Status,
    #[serde(default)]
    pub(super) reasons: Vec<Refusal>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Issued,
    Refused,
    Unchanged,
}

fn first_refused<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Item>, D::Error> {
    struct Items;

    impl<'de> Visitor<'de> for Items {
        type Value = Vec<Item>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of records")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
            let mut refused = Vec::new();
            while let Some(item) = items.next_element::<Item>()? {
                if item.status == Status::Refused && refused.len() < SERVICE_ROWS {
                    refused.push(item);
                }
            }
            Ok(refused)
        }
    }
    deserializer.deserialize_seq(Items)
}
