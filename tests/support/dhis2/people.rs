//! Invented people in the shape of the COVID-19 registry (COVAC 1.2.0), and a deterministic crowd of them.
//! Nobody here exists; names are drawn from short lists of invented words.

/// UIDs of COVAC 1.2.0 (facts/dhis2.md section 1.2).
pub mod covac {
    pub const PROGRAM: &str = "yDuAzyqYABS";
    pub const STAGE: &str = "a1jCssI2LkW";
    pub const PERSON_TYPE: &str = "MCPQUTHX1Ze";
    pub const GIVEN_NAME: &str = "sB1IHYu2xQT";
    pub const FAMILY_NAME: &str = "ENRjVGxVL6l";
    pub const BIRTH_DATE: &str = "NI0QRzJvQ0k";
    pub const SEX: &str = "oindugucx72";
    pub const NATIONAL_ID: &str = "Ewi7FUfcHAD";
    pub const SYSTEM_ID: &str = "iJ2HySGRDTh";
    pub const VACCINE: &str = "bbnyNYD1wgS";
    pub const DOSE: &str = "LUIsbsm3okG";
    pub const BATCH: &str = "Yp1F4txx8tm";
    pub const EXPIRY: &str = "YTQulAldGOs";
    pub const LAST_DOSE: &str = "DSOWCIdQ8Tr";
    pub const TOTAL_DOSES: &str = "PamkjF1JUnE";
    pub const MANUFACTURER: &str = "rpkH9ZPGJcX";
    pub const NEXT_DATE: &str = "FFWcps4MfuH";
}

/// A country with two districts and their facilities: UID, code, name, path, level.
pub const ORG_UNITS: [(&str, Option<&str>, &str, &str, u8); 7] = [
    ("RootLand001", Some("XX"), "Utopia", "/RootLand001", 1),
    ("NorthDist01", None, "North District", "/RootLand001/NorthDist01", 2),
    ("SouthDist01", None, "South District", "/RootLand001/SouthDist01", 2),
    ("HarbourHC01", Some("HHC"), "Harbour Health Centre", "/RootLand001/NorthDist01/HarbourHC01", 3),
    ("HillClinic1", Some("HC"), "Hill Clinic", "/RootLand001/NorthDist01/HillClinic1", 3),
    ("LakeHospit1", None, "Lake Hospital", "/RootLand001/SouthDist01/LakeHospit1", 3),
    ("MarketPost1", Some("MP"), "Market Health Post", "/RootLand001/SouthDist01/MarketPost1", 3),
];

pub const ROOT: &str = "RootLand001";

/// A person in our own words; `wire` says it in each dialect.
#[derive(Debug, Clone)]
pub struct Person {
    pub uid: String,
    pub org_unit: String,
    pub created: String,
    pub updated: String,
    pub deleted: bool,
    pub potential_duplicate: bool,
    pub attributes: Vec<(String, String)>,
    pub enrollments: Vec<Enrollment>,
}

#[derive(Debug, Clone)]
pub struct Enrollment {
    pub uid: String,
    pub program: String,
    pub org_unit: String,
    pub status: String,
    pub enrolled: String,
    pub deleted: bool,
    pub events: Vec<Event>,
}

#[derive(Debug, Clone)]
pub struct Event {
    pub uid: String,
    pub stage: String,
    pub org_unit: String,
    pub status: String,
    pub occurred: Option<String>,
    pub completed: Option<String>,
    pub updated: String,
    pub deleted: bool,
    pub values: Vec<(String, String)>,
}

impl Person {
    /// A person with both names, a date of birth and one enrollment without events.
    pub fn new(uid: &str, given: &str, family: &str, born: &str) -> Self {
        let at = "2021-03-01T08:00:00.000".to_owned();
        let attribute = |uid: &str, value: &str| (uid.to_owned(), value.to_owned());
        Self {
            uid: uid.to_owned(),
            org_unit: "HarbourHC01".to_owned(),
            created: at.clone(),
            updated: at.clone(),
            deleted: false,
            potential_duplicate: false,
            attributes: vec![
                attribute(covac::GIVEN_NAME, given),
                attribute(covac::FAMILY_NAME, family),
                attribute(covac::BIRTH_DATE, born),
            ],
            enrollments: vec![Enrollment {
                uid: format!("N{}", &uid[1..]),
                program: covac::PROGRAM.to_owned(),
                org_unit: "HarbourHC01".to_owned(),
                status: "ACTIVE".to_owned(),
                enrolled: at,
                deleted: false,
                events: Vec::new(),
            }],
        }
    }

    /// Adds an attribute.
    pub fn with(mut self, attribute: &str, value: &str) -> Self {
        self.attributes.push((attribute.to_owned(), value.to_owned()));
        self
    }

    /// Adds a completed dose to the first enrollment.
    pub fn dosed(mut self, vaccine: &str, dose: &str, day: &str, batch: &str) -> Self {
        let values = [
            (covac::VACCINE, vaccine),
            (covac::MANUFACTURER, vaccine),
            (covac::DOSE, dose),
            (covac::TOTAL_DOSES, "2"),
            (covac::BATCH, batch),
        ];
        let number = self.enrollments[0].events.len() + 1;
        let at = format!("{day}T00:00:00.000");
        let event = Event {
            uid: format!("E{}{number}", &self.uid[2..]),
            stage: covac::STAGE.to_owned(),
            org_unit: self.org_unit.clone(),
            status: "COMPLETED".to_owned(),
            occurred: Some(at.clone()),
            completed: Some(at.clone()),
            updated: at,
            deleted: false,
            values: values.map(|(de, value)| (de.to_owned(), value.to_owned())).to_vec(),
        };
        self.enrollments[0].events.push(event);
        self
    }

    /// Adds the event without data that every enrollment begins with (the stage has autoGenerateEvent).
    pub fn scheduled(mut self) -> Self {
        let number = self.enrollments[0].events.len() + 1;
        self.enrollments[0].events.push(Event {
            uid: format!("E{}{number}", &self.uid[2..]),
            stage: covac::STAGE.to_owned(),
            org_unit: self.org_unit.clone(),
            status: "SCHEDULE".to_owned(),
            occurred: None,
            completed: None,
            updated: self.updated.clone(),
            deleted: false,
            values: Vec::new(),
        });
        self
    }

    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.enrollments.iter().flat_map(|e| &e.events)
    }
}

const GIVEN: [&str; 8] = ["Amaro", "Belise", "Corwin", "Dalia", "Eskil", "Fenna", "Goran", "Hessa"];
const FAMILY: [&str; 8] = ["Vastow", "Ullmark", "Tandari", "Ostrava", "Quillon", "Ramberg", "Solvane", "Marenko"];
const VACCINES: [&str; 5] = ["ASTRAZENECA", "BIONTECHPFIZER", "MODERNA", "GAMALEYA", "SINOPHARM"];

/// SplitMix64: the same crowd for the same seed on every machine.
pub struct Dice(pub u64);

impl Dice {
    /// A number below `sides`.
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % sides
    }

    fn one_of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.roll(list.len() as u64) as usize]
    }
}

/// `count` invented people, each created a minute after the one before. Of twenty, about two have no dose yet,
/// one is deleted, one has a deleted event; the others have one to three completed doses.
pub fn crowd(count: usize, seed: u64) -> Vec<Person> {
    let mut dice = Dice(seed);
    let start: jiff::civil::DateTime = "2021-03-01T08:00:00".parse().unwrap();
    (0..count)
        .map(|index| {
            let born = format!("{}-{:02}-{:02}", 1930 + dice.roll(75), 1 + dice.roll(12), 1 + dice.roll(28));
            let uid = format!("P{index:010}");
            let mut person = Person::new(&uid, dice.one_of(&GIVEN), dice.one_of(&FAMILY), &born)
                .with(covac::SEX, dice.one_of(&["MALE", "FEMALE"]))
                .with(covac::NATIONAL_ID, &format!("X{:09}", dice.roll(1_000_000_000)))
                .with(covac::SYSTEM_ID, &format!("EPI_{index:08}"));
            let at = start.checked_add(jiff::Span::new().minutes(index as i64)).unwrap();
            person.created = format!("{at}.000");
            person.updated = person.created.clone();
            person.org_unit = ORG_UNITS[3 + dice.roll(4) as usize].0.to_owned();
            let vaccine = dice.one_of(&VACCINES);
            let kind = dice.roll(20);
            let doses = if kind < 2 { 0 } else { 1 + dice.roll(3) as usize };
            for (number, name) in ["DOSE1", "DOSE2", "BOOSTER"].into_iter().take(doses).enumerate() {
                let day = start.date().checked_add(jiff::Span::new().days(30 * number as i64)).unwrap();
                let batch = format!("B{:05}", dice.roll(100_000));
                person = person.dosed(vaccine, name, &day.to_string(), &batch);
            }
            if kind == 2 {
                person.deleted = true;
                person.enrollments[0].deleted = true;
            }
            if let (3, Some(event)) = (kind, person.enrollments[0].events.last_mut()) {
                event.deleted = true;
            }
            person.scheduled()
        })
        .collect()
}
