//! Lists in pages and by changes: trust lists, and revocation batches with the trap of the whole second.

use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::world::{answer, at, client, id, now, with_header};
use crate::gateway::{BEGINNING, ItemType, ListEntry, Network, Part, Request, Snapshot};

fn entry(kid: &str) -> ListEntry {
    ListEntry {
        kid: Some(kid.into()),
        country: Some("XX".into()),
        certificate_type: Some("DSC".into()),
        signature: Some("s".into()),
        raw_data: Some("r".into()),
        ..ListEntry::default()
    }
}

fn json_of(entries: &[ListEntry]) -> String {
    serde_json::to_string(entries).unwrap()
}

fn parameter(request: &Request, name: &str) -> usize {
    request.query.iter().find(|(known, _)| *known == name).map_or(0, |(_, value)| value.parse().unwrap())
}

#[tokio::test]
async fn parts_of_the_trust_list_have_their_addresses() {
    let (client, asked) = client(Network::Eu, now(), |_, _| Ok(answer(200, "[]")));
    for part in [Part::Whole, Part::Of(ItemType::Upload), Part::OfCountry(ItemType::Csca, "PT")] {
        client.trust_list(part, None).await.unwrap();
    }
    client.trust_list(Part::OfCountry(ItemType::Dsc, "p/"), None).await.unwrap_err();
    let paths: Vec<_> = asked.lock().unwrap().iter().map(|request| request.path.clone()).collect();
    assert_eq!(paths, ["/trustList", "/trustList/UPLOAD", "/trustList/CSCA/PT"]);
}

#[tokio::test]
async fn pages_are_asked_for_until_the_last_one() {
    let all: Vec<ListEntry> = (0..25).map(|n| entry(&format!("k{n:02}"))).collect();
    let served = all.clone();
    let (pages, asked) = client(Network::Eu, now(), move |_, request| {
        let (page, size) = (parameter(request, "page"), parameter(request, "pagesize"));
        Ok(answer(200, json_of(served.chunks(size).nth(page).unwrap_or_default())))
    });
    for (size, questions) in [(10, 3), (25, 2), (100, 1)] {
        asked.lock().unwrap().clear();
        let list = pages.trust_list(Part::Whole, Some(size)).await.unwrap();
        assert_eq!(list.entries, all);
        assert_eq!(asked.lock().unwrap().len(), questions, "{size}");
    }
    // A gateway that knows of no pages gives everything each time, whatever the size.
    for count in [7, 10, 25] {
        let whole: Vec<ListEntry> = all.iter().take(count).cloned().collect();
        let served = json_of(&whole);
        let (pageless, asked) = client(Network::Eu, now(), move |_, _| Ok(answer(200, &served)));
        assert_eq!(pageless.trust_list(Part::Whole, Some(10)).await.unwrap().entries, whole);
        assert!(asked.lock().unwrap().len() <= 2);
    }
}

#[tokio::test]
async fn an_entry_that_moves_between_pages_is_there_once() {
    let pages = [vec![entry("a"), entry("b")], vec![entry("b"), entry("c")], vec![]];
    let (client, _) = client(Network::Eu, now(), move |number, _| Ok(answer(200, json_of(&pages[number]))));
    let list = client.trust_list(Part::Whole, Some(2)).await.unwrap();
    assert_eq!(list.entries, [entry("a"), entry("b"), entry("c")]);
}

#[tokio::test]
async fn changes_are_enough_within_the_window_and_only_there() {
    let old = Snapshot { entries: vec![entry("a"), entry("b"), entry("c")], asked_at: None };
    let gone = ListEntry { signature: None, raw_data: None, thumbprint: None, ..entry("b") };
    let renewed = ListEntry { signature: Some("t".into()), ..entry("c") };
    let changes = json_of(&[gone, renewed.clone(), entry("d")]);
    let whole = json_of(&[entry("w")]);
    for (network, ago, changed) in [
        (Network::Eu, Some(SignedDuration::from_hours(24)), true),
        (Network::Eu, Some(SignedDuration::from_hours(24 * 7)), false),
        (Network::Eu, Some(SignedDuration::from_hours(-1)), false),
        (Network::Eu, None, false),
        (Network::Who, Some(SignedDuration::from_hours(1)), false),
    ] {
        let (changes, whole) = (changes.clone(), whole.clone());
        let (client, asked) = client(network, now(), move |_, request| {
            let body = if request.headers.is_empty() { &whole } else { &changes };
            Ok(with_header(answer(200, body), "date", "Sun, 22 Nov 2026 12:00:30 GMT"))
        });
        let asked_at = ago.map(|ago| now().checked_sub(ago).unwrap());
        let new = client.trust_list_since(Some(Snapshot { asked_at, ..old.clone() })).await.unwrap();
        if changed {
            assert_eq!(new.entries, [entry("a"), renewed.clone(), entry("d")]);
            let since = asked.lock().unwrap()[0].headers[0].clone();
            assert_eq!(since, ("If-Modified-Since", "2026-11-21T11:50:00Z".to_owned()));
        } else {
            assert_eq!(new.entries, [entry("w")]);
        }
        assert_eq!(new.asked_at, Some(at("2026-11-22T12:00:30Z")), "the gateway's own time goes on");
    }
}

/// A gateway with batches that changed at these times, paged as it does: later than the header, in order.
fn batches(dates: Vec<Timestamp>, page: usize) -> impl Fn(usize, &Request) -> super::world::Served {
    move |_, request| {
        let since: Timestamp = request.headers[0].1.parse().unwrap();
        let mut later: Vec<(Timestamp, usize)> =
            dates.iter().copied().enumerate().map(|(n, date)| (date, n)).filter(|(date, _)| *date > since).collect();
        later.sort();
        if later.is_empty() {
            return Ok(answer(204, ""));
        }
        let more = later.len() > page;
        let batches: Vec<_> = later
            .iter()
            .take(page)
            .map(|(date, n)| json!({"batchId": id(*n), "country": "XX", "date": date.to_string(), "deleted": n % 7 == 0}))
            .collect();
        Ok(answer(200, json!({"more": more, "batches": batches}).to_string()))
    }
}

#[tokio::test]
async fn the_first_question_asks_since_the_beginning_and_none_is_lost_between_pages() {
    let start = at("2026-01-01T00:00:00Z");
    let spread = |count: i64, step: i64| -> Vec<Timestamp> {
        (0..count).map(|n| start.checked_add(SignedDuration::from_millis(n / step * 10)).unwrap()).collect()
    };
    // One a moment; three a moment, which pages cut through; with moments of whole seconds.
    for dates in [spread(47, 1), spread(47, 3), spread(47, 9)] {
        let count = dates.len();
        let (client, asked) = client(Network::Eu, now(), batches(dates.clone(), 10));
        let changes = client.revocation_changes(at(BEGINNING)).await.unwrap();
        assert_eq!(changes.batches.len(), count);
        assert_eq!((changes.newest, changes.crowded), (dates.last().copied(), 0));
        assert_eq!(changes.batches.iter().filter(|batch| batch.deleted).count(), count.div_ceil(7));
        assert_eq!(asked.lock().unwrap()[0].headers, [("If-Modified-Since", BEGINNING.to_owned())]);
        assert!(asked.lock().unwrap().len() < 30);
    }
}

#[tokio::test]
async fn a_moment_with_more_batches_than_a_page_ends_and_is_told() {
    let moment = at("2026-01-01T04:00:00Z");
    let mut dates = vec![moment; 25];
    dates.push(at("2026-01-02T00:00:00Z"));
    let (client, asked) = client(Network::Eu, now(), batches(dates, 10));
    let changes = client.revocation_changes(at(BEGINNING)).await.unwrap();
    assert_eq!(changes.crowded, 1);
    assert_eq!(changes.batches.len(), 11, "ten of the crowded moment, and what came after it");
    assert!(asked.lock().unwrap().len() < 10);
}

#[tokio::test]
async fn a_gateway_that_promises_more_for_ever_is_not_asked_for_ever() {
    let page = json!({"more": true, "batches": [
        {"batchId": id(1), "country": "XX", "date": "2026-01-01T00:00:00Z", "deleted": false}]});
    let body = page.to_string();
    let (same, asked) = client(Network::Eu, now(), move |_, _| Ok(answer(200, &body)));
    let changes = same.revocation_changes(at(BEGINNING)).await.unwrap();
    assert_eq!(changes.batches.len(), 1);
    assert!(changes.crowded > 0 && asked.lock().unwrap().len() < 6);
    let (empty, _) = client(Network::Eu, now(), |_, _| Ok(answer(200, r#"{"more":true,"batches":[]}"#)));
    assert!(empty.revocation_changes(at(BEGINNING)).await.unwrap().batches.is_empty());
    // New ones without an end.
    let counter = Mutex::new(0usize);
    let (endless, _) = client(Network::Eu, now(), move |_, _| {
        let mut number = counter.lock().unwrap();
        *number += 1;
        let date =
            at("2022-01-01T00:00:00Z").checked_add(SignedDuration::from_secs(i64::try_from(*number).unwrap())).unwrap();
        let page = json!({"more": true, "batches": [
            {"batchId": id(*number), "country": "XX", "date": date.to_string(), "deleted": false}]});
        Ok(answer(200, page.to_string()))
    });
    let error = endless.revocation_changes(at(BEGINNING)).await.unwrap_err();
    assert!(error.to_string().contains("more than 1000 pages"), "{error}");
}

#[tokio::test]
async fn entries_that_name_nothing_are_told_and_the_others_used() {
    let page = json!({"more": false, "batches": [
        {"batchId": id(1), "country": "XX", "date": "2026-01-01T00:00:00.123456Z", "deleted": null},
        {"batchId": "../../x", "country": "XX", "date": "2026-01-01T00:00:00Z", "deleted": false},
        {"batchId": id(0xabc).to_uppercase(), "country": "XX", "date": "2026-01-01T00:00:00Z", "deleted": false},
        {"batchId": id(3), "country": "xx", "date": "2026-01-01T00:00:00Z", "deleted": false},
        {"batchId": id(4), "country": "XX", "date": "yesterday", "deleted": false},
        {}]});
    let body = page.to_string();
    let (client, _) = client(Network::Eu, now(), move |_, _| Ok(answer(200, &body)));
    let changes = client.revocation_changes(at(BEGINNING)).await.unwrap();
    assert_eq!(changes.batches.len(), 1);
    assert_eq!(changes.newest, Some(at("2026-01-01T00:00:00.123456Z")));
    assert_eq!(changes.rejected.len(), 5);
}

#[tokio::test]
async fn a_removed_batch_is_none_and_an_unknown_one_an_error() {
    let (gone, asked) = client(Network::Eu, now(), |_, _| Ok(answer(410, "")));
    assert_eq!(gone.revocation_batch(&id(1)).await.unwrap(), None);
    assert_eq!(asked.lock().unwrap()[0].path, format!("/revocation-list/{}", id(1)));
    let (unknown, _) = client(Network::Eu, now(), |_, _| Ok(answer(404, "")));
    assert!(unknown.revocation_batch(&id(1)).await.unwrap_err().to_string().contains("no batch of this identifier"));
}
