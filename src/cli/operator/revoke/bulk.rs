//! In bulk: what is selected is counted and shown first, and nothing is done unless exactly that is confirmed.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, IsTerminal as _, Write as _},
};

use super::{Desk, Ended, Order, RevokeArgs, RevokeError, names, when};
use crate::{
    clock::Clock,
    limits,
    registry::{Action, Cause, Found, Restored, Selected, Selection},
    work,
};

/// Groups of a breakdown that are named; the others are counted together.
const NAMED: usize = 8;

/// What the arguments select, if they select anything.
pub(super) fn selection(args: &RevokeArgs) -> Result<Option<Selection>, RevokeError> {
    let selection = Selection {
        facility: args.facility.clone(),
        operator: args.operator.clone(),
        lot: args.batch_number.clone(),
        issued_from: when::from("--issued-from", args.issued_from.as_deref())?,
        issued_until: when::until("--issued-to", args.issued_to.as_deref())?,
        given_from: when::day("--given-from", args.given_from.as_deref())?,
        given_until: when::day("--given-to", args.given_to.as_deref())?,
    };
    if selection == Selection::default() {
        return Ok(None);
    }
    work::bulk::check(&selection)?;
    Ok(Some(selection))
}

/// Revokes what a selection selects.
pub(super) async fn revoke(
    desk: &Desk,
    selection: &Selection,
    order: Order,
    confirm: Option<usize>,
) -> Result<Ended, RevokeError> {
    let selected = desk.registry.select(selection, desk.clock.now()).await?;
    show(desk, &selected);
    let found = selected.certificates.len();
    let bare = selection.operator.as_deref().is_some_and(|name| name != work::POLLER && !name.contains(':'));
    if found == 0 && bare {
        desk.tell("Operators are named with what they are: api:NAME, user:NAME or poller");
    }
    if found == 0 || order.dry_run {
        return Ok(Ended::Whole);
    }
    confirmed(found, confirm)?;
    // Whoever confirmed a number confirmed these certificates and no others.
    let again = desk.registry.select(selection, desk.clock.now()).await?;
    if again.digest() != selected.digest() {
        return Err(RevokeError::Changed);
    }
    let bulk = desk.bulk()?;
    let cause = Cause { bulk: Some(bulk.clone()), ..order.cause.clone() };
    let ids: Vec<String> = selected.certificates.into_iter().map(|found| found.id).collect();
    let done = work::bulk::revoke_all(&desk.registry, &ids, &cause, desk.clock.now()).await?;
    let already = ids.len() - done;
    names::write_ids(&ids, &order)?;
    desk.tell(&format!("{done} revoked now, {already} were revoked by somebody else meanwhile"));
    desk.tell(&format!("Group {bulk}; to take it back: vaccert revoke --undo-group {bulk} --reason mistake"));
    desk.tell_published(false);
    Ok(Ended::Whole)
}

/// Takes a bulk back: of the certificates that it revoked, those whose latest record is its own.
pub(super) async fn restore(
    desk: &Desk,
    group: &str,
    order: Order,
    confirm: Option<usize>,
) -> Result<Ended, RevokeError> {
    let (ids, others) = of_group(desk, group).await?;
    desk.tell(&format!("{} certificates were revoked by the group {group} and by nothing since", ids.len()));
    if others > 0 {
        desk.tell(&format!("{others} more of it were revoked again or restored since, and are left as they are"));
    }
    if ids.is_empty() || order.dry_run {
        return Ok(Ended::Whole);
    }
    confirmed(ids.len(), confirm)?;
    if of_group(desk, group).await?.0 != ids {
        return Err(RevokeError::Changed);
    }
    let cause = Cause { bulk: Some(desk.bulk()?), ..order.cause.clone() };
    let (mut done, mut replaced) = (0_usize, 0_usize);
    for chunk in ids.chunks(limits::REGISTRY_BATCH) {
        for answer in desk.registry.restore(chunk, &cause, desk.clock.now()).await? {
            match answer {
                Restored::Done => done += 1,
                Restored::NotRevoked | Restored::Replaced { .. } | Restored::Unknown => replaced += 1,
            }
        }
    }
    names::write_ids(&ids, &order)?;
    desk.tell(&format!("{done} restored, {replaced} left revoked because a newer certificate of the record stands"));
    desk.tell_published(false);
    Ok(if replaced == 0 { Ended::Whole } else { Ended::InPart })
}

/// The certificates of a bulk whose latest record is its own, and how many more it had.
async fn of_group(desk: &Desk, group: &str) -> Result<(Vec<String>, usize), RevokeError> {
    let (mut ids, mut others, mut after, mut any) = (Vec::new(), 0, 0, false);
    loop {
        let page = desk.registry.revocations_of(group, after, 10_000).await?;
        let Some(last) = page.last() else { break };
        after = last.number;
        any = true;
        for record in page.into_iter().filter(|record| record.action == Action::Revoke) {
            match desk.registry.latest_revocation(&record.id).await? {
                Some(latest) if latest.number == record.number => ids.push(record.id),
                _ => others += 1,
            }
        }
    }
    if any { Ok((ids, others)) } else { Err(RevokeError::NoGroup { name: group.chars().take(80).collect() }) }
}

/// Goes on only with the exact number: given as an option, or typed at a terminal.
fn confirmed(found: usize, confirm: Option<usize>) -> Result<(), RevokeError> {
    match confirm {
        Some(said) if said == found => Ok(()),
        Some(said) => Err(RevokeError::OtherNumber { said, found }),
        None if std::io::stdin().is_terminal() => {
            eprint!("Type {found} to go on, anything else to leave it: ");
            let _ = std::io::stderr().flush();
            let mut typed = String::new();
            let _ = std::io::stdin().lock().read_line(&mut typed);
            let same = typed.trim().parse() == Ok(found);
            if same { Ok(()) } else { Err(RevokeError::NotConfirmed { found }) }
        }
        None => Err(RevokeError::NotConfirmed { found }),
    }
}

/// Counts, and where the certificates come from.
fn show(desk: &Desk, selected: &Selected) {
    let all = &selected.certificates;
    desk.tell(&format!("{} certificates are selected", all.len()));
    breakdown(desk, "facility", all, |found| found.origin.facility.clone());
    breakdown(desk, "operator", all, |found| found.origin.operator.clone());
    breakdown(desk, "batch number", all, |found| found.origin.lot.clone());
    let issued = all.iter().map(|found| found.issued_at);
    if let (Some(first), Some(last)) = (issued.clone().min(), issued.max()) {
        desk.tell(&format!("  issued from {first} to {last}"));
    }
    let given = all.iter().filter_map(|found| found.origin.given_on);
    if let (Some(first), Some(last)) = (given.clone().min(), given.max()) {
        desk.tell(&format!("  given from {first} to {last}"));
    }
    if selected.unknown > 0 {
        desk.tell(&format!(
            "{} more certificates may belong to it: of these it is not on record, because they were issued before it \
             was kept or their source does not tell it; they are not selected",
            selected.unknown
        ));
    }
    if selected.signing > 0 {
        desk.tell(&format!(
            "{} more are being signed at this moment and are not selected: run the command again afterwards",
            selected.signing
        ));
    }
}

fn breakdown(desk: &Desk, what: &str, all: &[Found], of: impl Fn(&Found) -> Option<String>) {
    let mut counts: BTreeMap<Option<String>, usize> = BTreeMap::new();
    for found in all {
        *counts.entry(of(found)).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (name, count) in counts.iter().take(NAMED) {
        desk.tell(&format!("  {count:>8}  {what} {}", name.as_deref().unwrap_or("not on record")));
    }
    let rest: usize = counts.iter().skip(NAMED).map(|(_, count)| count).sum();
    if rest > 0 {
        desk.tell(&format!("  {rest:>8}  of {} others", counts.len() - NAMED));
    }
}
