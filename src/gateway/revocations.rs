//! Revocation batches: the list of what changed since a time, each batch by its identifier, our own up and away.
//!
//! The list comes in pages, and the next page is asked for by the date of the last entry of the one before. Pages cut
//! through an instant in which many batches changed (the gateway's own nightly clean-up gives one date to all that it
//! removes), and the gateway compares with "later than": asking by the last date loses the rest of that instant, and
//! asking by the whole second, as the reference client does, never ends when a page is full of one second. Here the
//! last instant is asked for again until nothing new comes of it, and only then stepped over.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Batch, Client, Endpoint, GatewayError, Uploaders,
    client::{CMS_TEXT, Removed, UploadKey, country as country_code, parse},
    reject::{Reject, Rejected, shown},
    transport::{Method, Request},
    trust_list::whole_seconds,
};
use crate::limits::{GATEWAY_ERROR_BYTES, GATEWAY_LIST_BYTES, GATEWAY_MESSAGE_BYTES, GATEWAY_PAGES};

/// When the service began: what the first question asks since (facts on the trust framework, section 2).
pub const BEGINNING: &str = "2021-06-01T00:00:00Z";

/// A batch as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedBatch {
    /// Identifier, a UUID in small letters.
    pub batch_id: String,
    /// Country.
    pub country: String,
    /// When it was made or removed.
    pub date: Timestamp,
    /// Whether it was removed: taken back by its country, or past its end.
    #[serde(default)]
    pub deleted: bool,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    more: bool,
    #[serde(default)]
    batches: Vec<RawBatch>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawBatch {
    batch_id: Option<String>,
    country: Option<String>,
    date: Option<String>,
    #[serde(default)]
    deleted: Option<bool>,
}

/// What changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Batches by their last state, in the order in which they changed.
    pub batches: Vec<ListedBatch>,
    /// Date of the newest change; `None` when there was none.
    pub newest: Option<Timestamp>,
    /// Instants with more changes than a page has, of which some may be missing until the next full listing.
    pub crowded: usize,
    /// Entries that cannot be used.
    pub rejected: Vec<Rejected>,
}

/// The least by which dates of a gateway differ.
const STEP: SignedDuration = SignedDuration::from_micros(1);

/// `^[0-9a-f]{8}-…{12}$`: small letters alone, and safe in a path.
pub(super) fn is_batch_id(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let small = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.iter().all(|part| part.bytes().all(small))
}

impl RawBatch {
    fn read(self) -> Result<ListedBatch, Rejected> {
        let country = self.country.unwrap_or_default();
        let item = self.batch_id.unwrap_or_default();
        let rejected =
            |member| Rejected { country: shown(&country), item: shown(&item), reason: Reject::Name { member } };
        if !is_batch_id(&item) {
            return Err(rejected("batchId"));
        }
        if country_code(&country).is_err() {
            return Err(rejected("country"));
        }
        let date = self.date.and_then(|date| date.parse().ok()).ok_or_else(|| rejected("date"))?;
        Ok(ListedBatch { batch_id: item, country, date, deleted: self.deleted.unwrap_or(false) })
    }
}

impl Client {
    /// Everything that changed since a time.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn revocation_changes(&self, since: Timestamp) -> Result<Changes, GatewayError> {
        let endpoint = Endpoint::RevocationList;
        let mut cursor = since;
        let mut known: HashMap<String, ListedBatch> = HashMap::new();
        let mut changes = Changes::default();
        for _ in 0..GATEWAY_PAGES {
            let request = Request::get("/revocation-list").header("If-Modified-Since", cursor.to_string());
            let answer = self.call(endpoint, &request, GATEWAY_LIST_BYTES).await?;
            if answer.status == 204 || answer.body.trim_ascii().is_empty() {
                return Ok(changes.finished(known));
            }
            let page: Page = parse(endpoint, &answer.body)?;
            let (more, empty, mut fresh, mut last) = (page.more, page.batches.is_empty(), 0, cursor);
            for raw in page.batches {
                match raw.read() {
                    Ok(batch) => {
                        last = last.max(batch.date);
                        // A batch that is removed while we read comes again, later.
                        let before = known.get(&batch.batch_id);
                        if before.is_none_or(|before| before.date < batch.date || before.deleted != batch.deleted) {
                            fresh += 1;
                            known.insert(batch.batch_id.clone(), batch);
                        }
                    }
                    Err(rejected) if !changes.rejected.contains(&rejected) => changes.rejected.push(rejected),
                    Err(_) => {}
                }
            }
            if !more || empty {
                return Ok(changes.finished(known));
            }
            let again = last.checked_sub(STEP).unwrap_or(last);
            if fresh > 0 {
                cursor = again.max(cursor);
            } else if again > cursor {
                cursor = again;
            } else if last > cursor {
                changes.crowded += 1;
                cursor = last;
            } else {
                // More is promised and nothing comes.
                changes.crowded += 1;
                return Ok(changes.finished(known));
            }
        }
        Err(GatewayError::TooMany { endpoint, what: "pages", limit: GATEWAY_PAGES })
    }

    /// Whether this client may read batches: the question that reading begins with, of which the answer is not used.
    ///
    /// # Errors
    /// [`GatewayError::Refused`] with the reason.
    pub async fn may_read_revocations(&self) -> Result<(), GatewayError> {
        // Of a minute ago by the gateway's clock, so that it is never in its future.
        let since = self.its_now().checked_sub(SignedDuration::from_mins(1)).unwrap_or(Timestamp::UNIX_EPOCH);
        let request = Request::get("/revocation-list").header("If-Modified-Since", whole_seconds(since));
        self.call(Endpoint::RevocationList, &request, GATEWAY_LIST_BYTES).await.map(|_| ())
    }

    /// A signed batch, as it is there; `None` when it was removed since it was listed.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn revocation_batch(&self, id: &str) -> Result<Option<String>, GatewayError> {
        let endpoint = Endpoint::RevocationBatch;
        if !is_batch_id(id) {
            return Err(GatewayError::Argument { what: "the batch", rule: "is a UUID in small letters" });
        }
        // The message has a media type of its own; one that asks for anything gets it.
        let request = Request::get(format!("/revocation-list/{id}")).header("Accept", "application/cms-text, */*");
        match self.call(endpoint, &request, GATEWAY_MESSAGE_BYTES).await {
            Ok(answer) => {
                let text = String::from_utf8(answer.body);
                text.map(Some).map_err(|_| GatewayError::Unexpected { endpoint, part: "the text of the batch" })
            }
            Err(GatewayError::Refused(problem)) if problem.status == 410 => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The request by which a batch is uploaded; nothing is sent.
    ///
    /// # Errors
    /// When the upload key fails.
    pub fn batch_upload(&self, batch: &[u8], key: &UploadKey) -> Result<Request, GatewayError> {
        let message = key.message(batch, self.now())?;
        Ok(Request::with_body(Method::Post, "/revocation-list", CMS_TEXT, message))
    }

    /// Uploads a batch; gives the identifier that the gateway made for it.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn upload_batch(&self, batch: &[u8], key: &UploadKey) -> Result<String, GatewayError> {
        let endpoint = Endpoint::RevocationUpload;
        let request = self.batch_upload(batch, key)?;
        let answer = self.call(endpoint, &request, GATEWAY_ERROR_BYTES).await?;
        let tag = answer.header("etag").unwrap_or_default();
        let id = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"').to_ascii_lowercase();
        // Without it the batch could never be taken back.
        if is_batch_id(&id) { Ok(id) } else { Err(GatewayError::Unexpected { endpoint, part: "the header ETag" }) }
    }

    /// Takes a batch away.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn remove_batch(&self, id: &str, key: &UploadKey) -> Result<Removed, GatewayError> {
        if !is_batch_id(id) {
            return Err(GatewayError::Argument { what: "the batch", rule: "is a UUID in small letters" });
        }
        let message = key.message(format!("{{\"batchId\":\"{id}\"}}").as_bytes(), self.now())?;
        let request = Request::with_body(Method::Delete, "/revocation-list", CMS_TEXT, message);
        self.remove(Endpoint::RevocationDelete, request).await
    }
}

impl Changes {
    fn finished(mut self, known: HashMap<String, ListedBatch>) -> Self {
        self.batches = known.into_values().collect();
        self.batches.sort_by(|a, b| (a.date, &a.batch_id).cmp(&(b.date, &b.batch_id)));
        self.newest = self.batches.iter().map(|batch| batch.date).max();
        self
    }
}

/// Opens a downloaded batch: signed by an uploader of the country that lists it, by the schema, and of that country.
///
/// # Errors
/// [`Reject`] says why it does not count.
pub fn open_batch(uploaders: &Uploaders, country: &str, message: &str, now: Timestamp) -> Result<Batch, Reject> {
    let content = uploaders.open(country, message, now)?;
    let batch = Batch::read(&content)?;
    if batch.country != country {
        return Err(Reject::Differs { member: "country", listed: shown(country), signed: batch.country });
    }
    Ok(batch)
}
