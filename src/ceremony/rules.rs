//! Rules about a plan as a whole: periods that fit into each other, names that differ, people who hold the keys.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::{
    Role,
    fault::{At, Faults},
    plan::{Entity, Environment, Issuance, KeySource, Plan},
    profile::day_of,
};

/// How far in the future a ceremony may let certificates begin, in days.
const AHEAD_DAYS: i64 = 90;

pub(super) fn check(plan: &mut Plan, start_line: usize, now: Timestamp, faults: &mut Faults) {
    start(plan, start_line, now, faults);
    what_is_made(plan, faults);
    for entity in &plan.entities {
        periods(entity, faults);
    }
    shell(plan, faults);
    names(plan, faults);
    people(plan, faults);
    plan.remarks = remarks(plan);
}

fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

/// The end of a period; the last moment that there is when the calendar ends before.
pub(super) fn after(start: Timestamp, count: i64) -> Timestamp {
    start.checked_add(days(count)).unwrap_or(Timestamp::MAX)
}

fn start(plan: &Plan, line: usize, now: Timestamp, faults: &mut Faults) {
    if plan.start < after(now, -1) {
        let problem = format!(
            "lies in the past ({}): certificates are not dated back; remove it to begin now",
            day_of(plan.start)
        );
        faults.add(line, "start", problem);
    }
    if plan.start > after(now, AHEAD_DAYS) {
        faults.add(
            line,
            "start",
            format!("lies more than {AHEAD_DAYS} days ahead: hold the ceremony later, or check the clock"),
        );
    }
}

fn what_is_made(plan: &Plan, faults: &mut Faults) {
    if plan.entities.is_empty() {
        faults.add(0, "file", "asks for nothing: add [csca], [[signer]], [tls] or [upload]");
    }
    let issues = plan.existing.as_ref().is_some_and(|existing| existing.key.is_some())
        || plan.new_authority().is_some_and(|authority| authority.issuance == Issuance::SelfSigned);
    for signer in plan.entities.iter().filter(|entity| entity.issuance == Issuance::Authority) {
        if !issues {
            let problem = "there is no authority to issue it: describe [csca] (with private_key or token if it exists), \
                           or write request = true for an authority elsewhere";
            faults.add(signer.line, signer.setting.clone(), problem);
        }
    }
    for entity in plan.entities.iter().filter(|entity| entity.issuance == Issuance::Authority) {
        if entity.role == Role::Signer && plan.existing.as_ref().is_some_and(|existing| existing.request_only()) {
            faults.add(entity.line, entity.setting.clone(), "the authority's key is elsewhere: write request = true");
        }
    }
}

fn periods(entity: &Entity, faults: &mut Faults) {
    if entity.issuance == Issuance::Request {
        return;
    }
    let mut refuse =
        |setting: &str, problem: String| faults.add(entity.line, format!("{}.{setting}", entity.setting), problem);
    let (least, most) = entity.role.lifetime_days();
    if entity.days <= least || entity.days >= most {
        let role = entity.role.with_article();
        refuse(
            "days",
            format!("{} days: {role} is valid for more than {least} and fewer than {most} days", entity.days),
        );
    }
    if let (Some(used), Some(most)) = (entity.key_use_days, entity.role.key_use_days()) {
        if used > most {
            refuse(
                "key_use_days",
                format!("{used} days: the private key of a {} signs for {most} days at most", entity.role),
            );
        }
        if used >= entity.days {
            refuse(
                "key_use_days",
                format!("{used} days: the certificate must outlive what its key signed, so more than {used} days"),
            );
        }
    }
}

/// The shell model: nothing outlives what it is signed with (governance section 3).
fn shell(plan: &Plan, faults: &mut Faults) {
    let (end, signs_until) = match (&plan.existing, plan.new_authority()) {
        (Some(existing), _) => (existing.certificate.not_after(), existing.certificate.signs_until()),
        (None, Some(authority)) => {
            (after(plan.start, authority.days), after(plan.start, authority.key_use_days.unwrap_or(authority.days)))
        }
        (None, None) => return,
    };
    let issued = plan.entities.iter().filter(|entity| entity.issuance == Issuance::Authority);
    let mut any = false;
    for entity in issued {
        any = true;
        let until = after(plan.start, entity.days);
        if until > end {
            let fits = end.duration_since(plan.start).as_hours().div_euclid(24);
            let problem = format!(
                "valid until {}, longer than the authority ({}): {} or renew the authority first",
                day_of(until),
                day_of(end),
                if fits > 0 { format!("take {fits} days at most,") } else { String::new() }
            );
            faults.add(entity.line, format!("{}.days", entity.setting), problem);
        }
    }
    if any && plan.start > signs_until {
        let problem = format!("its key may sign until {} only: make a new authority", day_of(signs_until));
        faults.add(0, "csca", problem);
    }
}

fn names(plan: &Plan, faults: &mut Faults) {
    let (mut files, mut subjects) = (HashSet::new(), HashSet::new());
    if let Some(existing) = &plan.existing {
        files.insert("csca".to_owned());
        if let Ok(details) = existing.certificate.details() {
            subjects.extend(details.subject.all("CN").map(str::to_lowercase));
        }
    }
    let mut tokens = HashSet::new();
    for entity in &plan.entities {
        if !files.insert(entity.name.clone()) {
            let problem = format!("'{}' names two certificates: give each its own name", entity.name);
            faults.add(entity.line, format!("{}.name", entity.setting), problem);
        }
        if !entity.common_name().is_empty() && !subjects.insert(entity.common_name().to_lowercase()) {
            let problem = format!("'{}' names two certificates: common names must differ", entity.common_name());
            faults.add(entity.line, format!("{}.common_name", entity.setting), problem);
        }
        if let KeySource::Token { uri, .. } = &entity.key
            && !tokens.insert((uri.token_name(), uri.key_name()))
        {
            let problem = "is the key of another certificate: every certificate has a key of its own";
            faults.add(entity.line, format!("{}.token", entity.setting), problem);
        }
    }
}

fn people(plan: &Plan, faults: &mut Faults) {
    let known = |held: &str| {
        plan.entities.iter().any(|entity| entity.name == held) || (held == "csca" && plan.existing.is_some())
    };
    let mut holders: HashSet<&str> = HashSet::new();
    for (at, person) in plan.participants.iter().enumerate() {
        for held in &person.holds {
            let setting = format!("participant[{}].holds", at + 1);
            if !known(held) {
                faults.add(person.line, setting, format!("'{held}' is no key of this ceremony"));
            } else if !holders.insert(held) {
                faults.add(
                    person.line,
                    setting,
                    format!("'{held}' is held by two people: a passphrase has one holder"),
                );
            }
        }
    }
    if plan.environment == Environment::Sandbox {
        return;
    }
    let confirming = plan.participants.iter().filter(|person| person.confirms).count();
    if confirming < 2 {
        let problem = "at least two people must confirm a production ceremony: add [[participant]] with name and role";
        faults.add(0, "participant", problem);
    }
    for entity in plan.entities.iter().filter(|entity| entity.key == KeySource::File) {
        if !holders.contains(entity.name.as_str()) {
            let problem = format!("nobody holds this key: add \"{}\" to the holds of a participant", entity.name);
            faults.add(entity.line, entity.setting.clone(), problem);
        }
    }
}

pub(super) fn crl_address(at: &At<String>, faults: &mut Faults) {
    let mut refuse = |problem: &str| faults.add(at.line, "crl_distribution_point", problem);
    if !at.value.is_ascii() || at.value.contains(' ') || at.value.len() > 512 {
        refuse("is no address: give plain letters without spaces, such as http://pki.example.org/csca.crl");
    } else if !at.value.starts_with("http://") && !at.value.starts_with("https://") {
        refuse("must begin with http:// (lists are signed, and https would need the list to be opened)");
    }
}

fn remarks(plan: &Plan) -> Vec<String> {
    let mut remarks = Vec::new();
    if !plan.country.is_assigned() && plan.environment == Environment::Production {
        remarks.push(format!("{} is a test code: good for a gateway's test environments, for no border", plan.country));
    }
    for entity in &plan.entities {
        if entity.role == Role::Signer && entity.usages.is_empty() {
            remarks.push(format!("{}: without usages it may sign tests, vaccinations and recoveries", entity.name));
        }
        if entity.role == Role::Signer && entity.algorithm != super::Algorithm::P256 {
            remarks.push(format!("{}: RSA signatures make codes twice as large; P-256 is recommended", entity.name));
        }
    }
    if let Some(authority) = plan.new_authority().filter(|entity| entity.issuance == Issuance::SelfSigned) {
        let signer = plan.entities.iter().filter(|entity| entity.issuance == Issuance::Authority).map(|e| e.days).max();
        let used = authority.key_use_days.unwrap_or(authority.days);
        if signer.is_some_and(|days| used + days > authority.days) {
            remarks
                .push("csca: signers made at the end of its key's use will have to be shorter than these".to_owned());
        }
    }
    let both = |person: &&super::Participant| {
        let holds = |role: Role| plan.entities.iter().any(|e| e.role == role && person.holds.contains(&e.name));
        (holds(Role::Authority) || (plan.existing.is_some() && person.holds.iter().any(|held| held == "csca")))
            && holds(Role::Signer)
    };
    if let Some(person) = plan.participants.iter().find(both) {
        remarks.push(format!("{} alone holds the authority's key and a signer's: two people are safer", person.name));
    }
    remarks
}
