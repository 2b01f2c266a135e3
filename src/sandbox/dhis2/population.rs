//! Inventing people: any number of them, the same for the same seed on every machine. Nobody here exists.
//!
//! [`crowd`] is for tests that count: short names of one script, and nothing that a certificate would be refused
//! for. [`population`] is for rehearsals: names in the scripts that ministries send, and of every twenty people one
//! whose record must be refused, so that a clerk sees what a refusal looks like.

use jiff::{Span, civil::DateTime};

use super::people::{ORG_UNITS, Person, covac};

const GIVEN: [&str; 8] = ["Amaro", "Belise", "Corwin", "Dalia", "Eskil", "Fenna", "Goran", "Hessa"];
const FAMILY: [&str; 8] = ["Vastow", "Ullmark", "Tandari", "Ostrava", "Quillon", "Ramberg", "Solvane", "Marenko"];
const VACCINES: [&str; 5] = ["ASTRAZENECA", "BIONTECHPFIZER", "MODERNA", "GAMALEYA", "SINOPHARM"];
const DOSES: [&str; 3] = ["DOSE1", "DOSE2", "BOOSTER"];

/// Given and family names of one script; the family names say that they are made up, or are words of no family.
const SCRIPTS: [(&[&str], &[&str]); 9] = [
    (&["Amara", "Kwame", "Rui", "Mina"], &["Specimen", "Exemplar", "Sample", "Muster"]),
    (&["José María", "Inés", "Íñigo"], &["Muñoz Íñiguez", "Ejemplo", "D'Ávila"]),
    (&["Thị Hương", "Văn Minh"], &["Nguyễn", "Mẫu"]),
    (&["Зоряна", "Богдан"], &["Зразкова", "Приклад"]),
    (&["Ελένη", "Γιώργος"], &["Παράδειγμα", "Δείγμα"]),
    (&["Łukasz", "Żaneta"], &["Żółć-Przykład", "Wzór"]),
    (&["ສົມຈິດ", "ບຸນມີ"], &["ວົງຕົວຢ່າງ", "ຕົວຢ່າງ"]),
    (&["أمينة", "سامي"], &["نموذج", "المثال"]),
    (&["ஆதவன்", "மீனா"], &["மாதிரி", "எடுத்துக்காட்டு"]),
];

/// SplitMix64: the same rolls for the same seed on every machine.
#[derive(Debug, Clone)]
pub struct Dice(pub u64);

impl Dice {
    /// A number below `sides`; 0 when there are none.
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)).checked_rem(sides).unwrap_or(0)
    }

    /// One of a list, if it has any.
    fn any<'l, T>(&mut self, list: &'l [T]) -> Option<&'l T> {
        let sides = u64::try_from(list.len()).unwrap_or(u64::MAX);
        usize::try_from(self.roll(sides)).ok().and_then(|at| list.get(at))
    }

    fn word(&mut self, list: &[&'static str]) -> &'static str {
        self.any(list).copied().unwrap_or_default()
    }
}

/// The first registration.
fn start() -> DateTime {
    jiff::civil::date(2021, 3, 1).at(8, 0, 0, 0)
}

/// A person registered `index` minutes after the first one, somewhere in the country, with a given and a family name
/// of these lists.
fn registered(index: usize, names: (&[&'static str], &[&'static str]), dice: &mut Dice) -> Person {
    let born = format!("{}-{:02}-{:02}", 1930 + dice.roll(75), 1 + dice.roll(12), 1 + dice.roll(28));
    let (given, family) = (dice.word(names.0), dice.word(names.1));
    let mut person = Person::new(&format!("P{index:010}"), given, family, &born)
        .with(covac::SEX, dice.word(&["MALE", "FEMALE"]))
        .with(covac::NATIONAL_ID, &format!("X{:09}", dice.roll(1_000_000_000)))
        .with(covac::SYSTEM_ID, &format!("EPI_{index:08}"));
    let minutes = i64::try_from(index).unwrap_or(i64::MAX);
    let at = Span::new().try_minutes(minutes).and_then(|span| start().checked_add(span)).unwrap_or(start());
    person.created = format!("{at}.000");
    person.updated = person.created.clone();
    if let Some(facility) = ORG_UNITS.get(3..).and_then(|facilities| dice.any(facilities)) {
        person.org_unit = facility.0.to_owned();
    }
    person
}

/// The day of a dose, a month after the one before.
fn day(number: i64) -> String {
    start().date().saturating_add(Span::new().days(30 * number)).to_string()
}

/// `count` invented people, each created a minute after the one before. Of twenty, about two have no dose yet,
/// one is deleted, one has a deleted event; the others have one to three completed doses.
#[must_use]
pub fn crowd(count: usize, seed: u64) -> Vec<Person> {
    let mut dice = Dice(seed);
    (0..count)
        .map(|index| {
            let mut person = registered(index, (&GIVEN, &FAMILY), &mut dice);
            let vaccine = dice.word(&VACCINES);
            let kind = dice.roll(20);
            let doses = if kind < 2 { 0 } else { 1 + dice.roll(3) };
            for (number, name) in (0..).zip(DOSES).take(usize::try_from(doses).unwrap_or(0)) {
                let batch = format!("B{:05}", dice.roll(100_000));
                person = person.dosed(vaccine, name, &day(number), &batch);
            }
            if let Some(enrollment) = person.enrollments.first_mut() {
                enrollment.deleted = kind == 2;
                if let (3, Some(event)) = (kind, enrollment.events.last_mut()) {
                    event.deleted = true;
                }
            }
            person.deleted = kind == 2;
            person.scheduled()
        })
        .collect()
}

/// `count` invented people for a rehearsal, with names in nine scripts. Everybody has one or two completed doses;
/// one in twenty has a record that must be refused: no name, a vaccine that no list knows, a dose before birth, or a
/// dose without its number.
#[must_use]
pub fn population(count: usize, seed: u64) -> Vec<Person> {
    let mut dice = Dice(seed);
    (0..count)
        .map(|index| {
            // The scripts take turns, so that every one is there among the first few.
            let script = SCRIPTS.iter().cycle().nth(index % SCRIPTS.len());
            let mut person = registered(index, script.copied().unwrap_or((&GIVEN, &FAMILY)), &mut dice);
            // The shelf holds what the built-in mappings name in full.
            let vaccine = dice.word(&["ASTRAZENECA", "BIONTECHPFIZER", "MODERNA", "SINOPHARM"]);
            let doses = 1 + usize::try_from(dice.roll(2)).unwrap_or(0);
            for (number, name) in (0..).zip(DOSES).take(doses) {
                let batch = format!("SPECIMEN{:04}", dice.roll(10_000));
                person = person.dosed(vaccine, name, &day(number), &batch);
            }
            if let Some(number) = telephone(index) {
                person = person.with(covac::PHONE, &number);
            }
            if index % 20 == 19 {
                spoil(&mut person, dice.roll(4));
            }
            person
        })
        .collect()
}

/// The number of a person of a rehearsal, as it is dialled in the country: of every five people two share one, as
/// families do, and of every ten one has none.
fn telephone(index: usize) -> Option<String> {
    let own = if index % 5 == 1 { index - 1 } else { index };
    (index % 10 != 7).then(|| format!("070 {:03} {:04}", own / 10_000 % 1_000, own % 10_000))
}

/// Makes the record one that must be refused.
fn spoil(person: &mut Person, how: u64) {
    let named = |uid: &str| [covac::GIVEN_NAME, covac::FAMILY_NAME].contains(&uid);
    let events = person.enrollments.iter_mut().flat_map(|enrollment| &mut enrollment.events);
    match how {
        0 => person.attributes.retain(|(uid, _)| !named(uid)),
        1 => {
            for event in events {
                event.values.retain(|(element, _)| element != covac::MANUFACTURER);
                for (_, value) in event.values.iter_mut().filter(|(element, _)| element == covac::VACCINE) {
                    "COVAXIMAGINARY".clone_into(value);
                }
            }
        }
        2 => {
            for event in events {
                event.occurred = Some("1899-12-31T00:00:00.000".to_owned());
            }
        }
        _ => {
            for event in events {
                event.values.retain(|(element, _)| element != covac::DOSE);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_invents_the_same_people() {
        let told = |people: Vec<Person>| format!("{people:?}");
        assert_eq!(told(population(60, 7)), told(population(60, 7)));
        assert_ne!(told(population(60, 7)), told(population(60, 8)));
        assert_ne!(told(crowd(60, 7)), told(crowd(60, 8)));
    }

    #[test]
    fn a_population_has_every_script_and_one_refusal_in_twenty() {
        let people = population(100, 1);
        let names: String = people.iter().flat_map(|p| &p.attributes).map(|(_, value)| value.as_str()).collect();
        for letter in ['S', 'ñ', 'ễ', 'р', 'ρ', 'ó', 'ຕ', 'م', 'ம'] {
            assert!(names.contains(letter), "{letter}");
        }
        let whole = |person: &&Person| {
            person.attributes.iter().any(|(uid, _)| uid == covac::FAMILY_NAME)
                && person.events().all(|event| {
                    let told = |element: &str| event.values.iter().find(|(e, _)| e == element).map(|(_, v)| v.as_str());
                    told(covac::DOSE).is_some()
                        && told(covac::VACCINE) != Some("COVAXIMAGINARY")
                        && event.occurred.as_deref().is_some_and(|day| day.starts_with("20"))
                })
        };
        assert_eq!(people.iter().filter(whole).count(), 95);
    }

    #[test]
    fn a_crowd_of_any_size_keeps_its_uids_apart() {
        let people = crowd(500, 3);
        let mut uids: Vec<&str> = people.iter().flat_map(|p| p.events()).map(|e| e.uid.as_str()).collect();
        let all = uids.len();
        uids.sort_unstable();
        uids.dedup();
        assert_eq!(uids.len(), all);
    }
}
