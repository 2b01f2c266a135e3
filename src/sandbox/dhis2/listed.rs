//! Which rows a list has, and in which order: found once for all of its pages. A server with an index does as much; one
//! that sorted a million people for each page of a hundred would be asked ten thousand times for what it just knew.

use std::sync::Arc;

use super::{people::Person, rules::Listing, wire::Family};

/// Places of a row: person, enrollment, event. For a list of people the last two mean nothing.
pub(super) type Row = (usize, usize, usize);

/// The rows of the list that was asked for last.
#[derive(Default)]
pub(super) struct LastListed(Option<(Asked, Arc<[Row]>)>);

/// What tells one list from another; which page of it and which fields does not.
#[derive(PartialEq)]
struct Asked {
    family: Family,
    events: bool,
    listing: Listing,
}

impl LastListed {
    /// The people have changed.
    pub(super) fn forget(&mut self) {
        self.0 = None;
    }

    /// The rows of a list, all pages of it.
    pub(super) fn rows(&mut self, people: &[Person], family: Family, events: bool, listing: &Listing) -> Arc<[Row]> {
        let asked = Asked { family, events, listing: listing.whole() };
        match &self.0 {
            Some((last, rows)) if *last == asked => Arc::clone(rows),
            _ => {
                let rows = sorted(people, family, events, listing);
                // A list that is not read in pages is not asked for again.
                if listing.page.is_some() && listing.ids.is_empty() {
                    self.0 = Some((asked, Arc::clone(&rows)));
                }
                rows
            }
        }
    }
}

fn sorted(people: &[Person], family: Family, events: bool, asked: &Listing) -> Arc<[Row]> {
    let mut rows: Vec<(String, Row)> = Vec::new();
    for (at, person) in people.iter().enumerate() {
        if events {
            rows.extend(matching_events(person, asked).map(|(key, e, n)| (key, (at, e, n))));
        } else if matches(family, person, asked) {
            rows.push((sort_key(family, person, asked), (at, 0, 0)));
        }
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    if asked.order.as_ref().is_some_and(|(_, ascending)| !ascending) {
        rows.reverse();
    }
    rows.into_iter().map(|(_, row)| row).collect()
}

fn matches(family: Family, person: &Person, asked: &Listing) -> bool {
    (asked.with_deleted || !person.deleted)
        && asked.org_units.contains(&person.org_unit.as_str())
        && (asked.ids.is_empty() || asked.ids.contains(&person.uid))
        && asked.updated_after.as_deref().is_none_or(|after| family.updated(person) >= after)
        && asked.program.as_deref().is_none_or(|p| person.enrollments.iter().any(|e| e.program == p))
}

fn sort_key(family: Family, person: &Person, asked: &Listing) -> String {
    match asked.order.as_ref().map(|(name, _)| name.as_str()) {
        Some("created" | "createdAt" | "createdAtClient") => person.created.clone(),
        Some("lastUpdated" | "updatedAt" | "updatedAtClient") => family.updated(person).to_owned(),
        // Without an order, rows come in none that a client may rely on.
        _ => person.uid.chars().rev().collect(),
    }
}

fn matching_events<'a>(person: &'a Person, asked: &'a Listing) -> impl Iterator<Item = (String, usize, usize)> + 'a {
    person.enrollments.iter().enumerate().flat_map(move |(e, enrollment)| {
        enrollment.events.iter().enumerate().filter_map(move |(n, event)| {
            let wanted = (asked.with_deleted || !event.deleted)
                && (asked.ids.is_empty() || asked.ids.contains(&event.uid))
                && asked.program.as_deref().is_none_or(|p| enrollment.program == p)
                && asked.stage.as_deref().is_none_or(|s| event.stage == s)
                && asked.org_units.contains(&event.org_unit.as_str())
                && asked.updated_after.as_deref().is_none_or(|after| event.updated.as_str() >= after);
            wanted.then(|| (event.uid.clone(), e, n))
        })
    })
}
