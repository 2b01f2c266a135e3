//! Invented people in the shape of the COVID-19 registry (COVAC 1.2.0), in our own words.
//! Nobody here exists.

pub use super::population::{Dice, crowd};

/// UIDs of COVAC 1.2.0, WHO's metadata package for the COVID-19 vaccination registry.
pub mod covac {
    /// The program.
    pub const PROGRAM: &str = "yDuAzyqYABS";
    /// Its only stage.
    pub const STAGE: &str = "a1jCssI2LkW";
    /// Tracked entity type of a person.
    pub const PERSON_TYPE: &str = "MCPQUTHX1Ze";
    /// Attribute: given name.
    pub const GIVEN_NAME: &str = "sB1IHYu2xQT";
    /// Attribute: family name.
    pub const FAMILY_NAME: &str = "ENRjVGxVL6l";
    /// Attribute: date of birth.
    pub const BIRTH_DATE: &str = "NI0QRzJvQ0k";
    /// Attribute: sex.
    pub const SEX: &str = "oindugucx72";
    /// Attribute: national identity number.
    pub const NATIONAL_ID: &str = "Ewi7FUfcHAD";
    /// Attribute: number that the system gives.
    pub const SYSTEM_ID: &str = "iJ2HySGRDTh";
    /// Attribute: telephone number, as it is dialled in the country.
    pub const PHONE: &str = "fctSQp5nAYl";
    /// Data element: vaccine.
    pub const VACCINE: &str = "bbnyNYD1wgS";
    /// Data element: dose.
    pub const DOSE: &str = "LUIsbsm3okG";
    /// Data element: batch.
    pub const BATCH: &str = "Yp1F4txx8tm";
    /// Data element: expiry date of the batch.
    pub const EXPIRY: &str = "YTQulAldGOs";
    /// Data element: whether this is the last dose.
    pub const LAST_DOSE: &str = "DSOWCIdQ8Tr";
    /// Data element: doses of the course.
    pub const TOTAL_DOSES: &str = "PamkjF1JUnE";
    /// Data element: manufacturer.
    pub const MANUFACTURER: &str = "rpkH9ZPGJcX";
    /// Data element: suggested date of the next dose.
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

/// The country itself.
pub const ROOT: &str = "RootLand001";

/// A person in our own words; `wire` says it in each dialect.
#[derive(Debug, Clone)]
pub struct Person {
    /// UID.
    pub uid: String,
    /// UID of the facility that registered her.
    pub org_unit: String,
    /// Server's local time of registration.
    pub created: String,
    /// Server's local time of the last change of the person itself.
    pub updated: String,
    /// Deleted softly.
    pub deleted: bool,
    /// Flagged as a possible duplicate.
    pub potential_duplicate: bool,
    /// UID and value.
    pub attributes: Vec<(String, String)>,
    /// Enrollments.
    pub enrollments: Vec<Enrollment>,
}

/// A person in a program.
#[derive(Debug, Clone)]
pub struct Enrollment {
    /// UID.
    pub uid: String,
    /// UID of the program.
    pub program: String,
    /// UID of the facility.
    pub org_unit: String,
    /// `ACTIVE`, `COMPLETED`, `CANCELLED`.
    pub status: String,
    /// When it began.
    pub enrolled: String,
    /// Deleted softly.
    pub deleted: bool,
    /// What happened.
    pub events: Vec<Event>,
}

/// Something that happened or shall happen: a dose.
#[derive(Debug, Clone)]
pub struct Event {
    /// UID.
    pub uid: String,
    /// UID of the program stage.
    pub stage: String,
    /// UID of the facility.
    pub org_unit: String,
    /// `COMPLETED`, `ACTIVE`, `SCHEDULE`, …
    pub status: String,
    /// When it happened.
    pub occurred: Option<String>,
    /// When it was completed.
    pub completed: Option<String>,
    /// When it was last changed.
    pub updated: String,
    /// Deleted softly.
    pub deleted: bool,
    /// Data element and value.
    pub values: Vec<(String, String)>,
}

impl Person {
    /// A person with both names, a date of birth and one enrollment without events.
    #[must_use]
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
                uid: format!("N{}", uid.get(1..).unwrap_or_default()),
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
    #[must_use]
    pub fn with(mut self, attribute: &str, value: &str) -> Self {
        self.attributes.push((attribute.to_owned(), value.to_owned()));
        self
    }

    /// Adds a completed dose to the first enrollment.
    #[must_use]
    pub fn dosed(mut self, vaccine: &str, dose: &str, day: &str, batch: &str) -> Self {
        let values = [
            (covac::VACCINE, vaccine),
            (covac::MANUFACTURER, vaccine),
            (covac::DOSE, dose),
            (covac::TOTAL_DOSES, "2"),
            (covac::BATCH, batch),
        ];
        let uid = self.next_event();
        let at = format!("{day}T00:00:00.000");
        let event = Event {
            uid,
            stage: covac::STAGE.to_owned(),
            org_unit: self.org_unit.clone(),
            status: "COMPLETED".to_owned(),
            occurred: Some(at.clone()),
            completed: Some(at.clone()),
            updated: at,
            deleted: false,
            values: values.map(|(de, value)| (de.to_owned(), value.to_owned())).to_vec(),
        };
        self.push(event);
        self
    }

    /// Adds the event without data that every enrollment begins with (the stage has autoGenerateEvent).
    #[must_use]
    pub fn scheduled(mut self) -> Self {
        let event = Event {
            uid: self.next_event(),
            stage: covac::STAGE.to_owned(),
            org_unit: self.org_unit.clone(),
            status: "SCHEDULE".to_owned(),
            occurred: None,
            completed: None,
            updated: self.updated.clone(),
            deleted: false,
            values: Vec::new(),
        };
        self.push(event);
        self
    }

    /// UID of the event that comes next in the first enrollment.
    fn next_event(&self) -> String {
        let number = self.enrollments.first().map_or(0, |enrollment| enrollment.events.len()) + 1;
        format!("E{}{number}", self.uid.get(2..).unwrap_or_default())
    }

    fn push(&mut self, event: Event) {
        if let Some(first) = self.enrollments.first_mut() {
            first.events.push(event);
        }
    }

    /// All events of all enrollments.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.enrollments.iter().flat_map(|e| &e.events)
    }
}
