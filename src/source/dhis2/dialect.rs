//! Every difference between the dialects of the Tracker API, in one table. Pure functions: a request in our
//! words becomes a path and parameters in the server's words.
//!
//! Two choices hold for all dialects. `fields` is always sent, because the defaults differ and leave out
//! enrollments from 2.41 on. Lists are ordered by creation, ascending, not by change: the place of a row then
//! never moves while we turn pages, so that a person who is edited meanwhile cannot push another person
//! over the edge of a page (rows that enter the list are seen twice at worst). `updatedAt` would also be
//! unknown to 2.39 and older (dhis2-core pull request 16113), `createdAt` is not.

use std::str::FromStr;

use super::error::Dhis2Error;

/// A dialect of the Tracker API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `/api/trackedEntityInstances`: 2.33 to 2.35, and what else a server has up to 2.41.
    Legacy,
    /// `/api/tracker` of 2.36 to 2.40.
    V36,
    /// `/api/tracker` of 2.41.
    V41,
    /// `/api/tracker` of 2.42, 2.43 and later; the legacy endpoints are gone.
    V42,
}

/// The words of one dialect.
struct Words {
    people_path: &'static str,
    people_fields: &'static str,
    people_order: &'static str,
    org_units: &'static str,
    separator: &'static str,
    mode: &'static str,
    changed_since: &'static str,
    ids: &'static str,
    event_ids: &'static str,
    events_path: &'static str,
    event_fields: &'static str,
    /// Servers that count all rows unless told otherwise.
    no_totals: bool,
}

const LEGACY: Words = Words {
    people_path: "/api/trackedEntityInstances",
    people_fields: "trackedEntityInstance,orgUnit,lastUpdated,deleted,potentialDuplicate,attributes[attribute,code,value],\
                    enrollments[enrollment,program,status,orgUnit,enrollmentDate,deleted,attributes[attribute,code,value],\
                    events[event,programStage,status,orgUnit,orgUnitName,eventDate,completedDate,lastUpdated,deleted,\
                    dataValues[dataElement,value]]]",
    people_order: "created:asc",
    org_units: "ou",
    separator: ";",
    mode: "ouMode",
    changed_since: "lastUpdatedStartDate",
    ids: "trackedEntityInstance",
    event_ids: "event",
    events_path: "/api/events",
    event_fields: "event,trackedEntityInstance",
    no_totals: true,
};

const PEOPLE_FIELDS: &str = "trackedEntity,orgUnit,updatedAt,deleted,potentialDuplicate,attributes[attribute,code,value],\
                    enrollments[enrollment,program,status,orgUnit,enrolledAt,deleted,attributes[attribute,code,value],\
                    events[event,programStage,status,orgUnit,orgUnitName,occurredAt,completedAt,updatedAt,deleted,\
                    dataValues[dataElement,value]]]";

const V36: Words = Words {
    people_path: "/api/tracker/trackedEntities",
    people_fields: PEOPLE_FIELDS,
    people_order: "createdAt:asc",
    org_units: "orgUnit",
    separator: ";",
    mode: "ouMode",
    changed_since: "updatedAfter",
    ids: "trackedEntity",
    event_ids: "event",
    events_path: "/api/tracker/events",
    event_fields: "event,trackedEntity",
    no_totals: false,
};

const V41: Words = Words {
    // `orgUnitName` is unknown from 2.41 on.
    people_fields: "trackedEntity,orgUnit,updatedAt,deleted,potentialDuplicate,attributes[attribute,code,value],\
                    enrollments[enrollment,program,status,orgUnit,enrolledAt,deleted,attributes[attribute,code,value],\
                    events[event,programStage,status,orgUnit,occurredAt,completedAt,updatedAt,deleted,\
                    dataValues[dataElement,value]]]",
    org_units: "orgUnits",
    separator: ",",
    mode: "orgUnitMode",
    ids: "trackedEntities",
    event_ids: "events",
    ..V36
};

/// Query parameters, not yet encoded.
pub(super) type Params = Vec<(&'static str, String)>;

/// A list of people in our words.
#[derive(Debug, Clone)]
pub(super) struct PeopleRequest<'a> {
    pub(super) program: &'a str,
    pub(super) org_units: &'a [String],
    pub(super) updated_after: Option<&'a str>,
    pub(super) ids: &'a [String],
    pub(super) include_deleted: bool,
    pub(super) ordered: bool,
    pub(super) page: u32,
    pub(super) page_size: u32,
}

/// A list of changed events in our words. One org unit: the parameter is singular in every version.
#[derive(Debug, Clone)]
pub(super) struct EventsRequest<'a> {
    pub(super) program: &'a str,
    pub(super) stage: Option<&'a str>,
    pub(super) org_unit: &'a str,
    pub(super) updated_after: &'a str,
    pub(super) include_deleted: bool,
    pub(super) ordered: bool,
    pub(super) page: u32,
    pub(super) page_size: u32,
}

impl Dialect {
    /// All dialects, oldest first.
    pub const ALL: [Self; 4] = [Self::Legacy, Self::V36, Self::V41, Self::V42];

    /// The dialect of a server version.
    ///
    /// # Errors
    /// Below 2.33 there is none.
    pub fn of(version: &ServerVersion) -> Result<Self, Dhis2Error> {
        match version.minor {
            33..=35 => Ok(Self::Legacy),
            36..=40 => Ok(Self::V36),
            41 => Ok(Self::V41),
            42.. => Ok(Self::V42),
            _ => Err(Dhis2Error::UnsupportedVersion { version: version.to_string() }),
        }
    }

    /// Whether a server of this dialect may still have the legacy endpoints (2.36 to 2.41 do).
    #[must_use]
    pub fn may_fall_back(self) -> bool {
        matches!(self, Self::V36 | Self::V41)
    }

    /// Whether a changed event moves the time stamp of its person. Documented from 2.41 on only.
    #[must_use]
    pub fn person_moves_with_event(self) -> bool {
        matches!(self, Self::V41 | Self::V42)
    }

    fn words(self) -> &'static Words {
        match self {
            Self::Legacy => &LEGACY,
            Self::V36 => &V36,
            Self::V41 | Self::V42 => &V41,
        }
    }

    /// Path of the list of people.
    pub(super) fn people_path(self) -> &'static str {
        self.words().people_path
    }

    /// Path of the list of events.
    pub(super) fn events_path(self) -> &'static str {
        self.words().events_path
    }

    /// Parameters of a list of people.
    pub(super) fn people_params(self, request: &PeopleRequest<'_>) -> Params {
        let words = self.words();
        let mut params = vec![
            ("program", request.program.to_owned()),
            (words.org_units, request.org_units.join(words.separator)),
            (words.mode, "DESCENDANTS".to_owned()),
        ];
        if !request.ids.is_empty() {
            params.push((words.ids, request.ids.join(words.separator)));
        }
        if let Some(after) = request.updated_after {
            params.push((words.changed_since, after.to_owned()));
        }
        if request.include_deleted {
            params.push(("includeDeleted", "true".to_owned()));
        }
        if request.ordered {
            params.push(("order", words.people_order.to_owned()));
        }
        params.push(("fields", words.people_fields.to_owned()));
        paging(&mut params, words, request.page, request.page_size);
        params
    }

    /// Parameters of a list of changed events.
    pub(super) fn event_params(self, request: &EventsRequest<'_>) -> Params {
        let words = self.words();
        let mut params = vec![
            ("program", request.program.to_owned()),
            ("orgUnit", request.org_unit.to_owned()),
            (words.mode, "DESCENDANTS".to_owned()),
            (words.changed_since, request.updated_after.to_owned()),
        ];
        if let Some(stage) = request.stage {
            params.push(("programStage", stage.to_owned()));
        }
        if request.include_deleted {
            params.push(("includeDeleted", "true".to_owned()));
        }
        if request.ordered {
            params.push(("order", words.people_order.to_owned()));
        }
        params.push(("fields", words.event_fields.to_owned()));
        paging(&mut params, words, request.page, request.page_size);
        params
    }

    /// Parameters of a list that holds one event, deleted or not, if it lies under this org unit.
    pub(super) fn event_by_id_params(self, program: &str, org_unit: &str, event: &str) -> Params {
        let words = self.words();
        let mut params = vec![
            ("program", program.to_owned()),
            ("orgUnit", org_unit.to_owned()),
            (words.mode, "DESCENDANTS".to_owned()),
            (words.event_ids, event.to_owned()),
            ("includeDeleted", "true".to_owned()),
            ("fields", words.event_fields.to_owned()),
        ];
        paging(&mut params, words, 1, 1);
        params
    }
}

fn paging(params: &mut Params, words: &Words, page: u32, page_size: u32) {
    params.push(("page", page.to_string()));
    params.push(("pageSize", page_size.to_string()));
    if words.no_totals {
        params.push(("totalPages", "false".to_owned()));
    }
}

impl FromStr for Dialect {
    type Err = Dhis2Error;

    /// Reads the name used in the configuration: `legacy`, `v36`, `v41`, `v42`, in any case.
    fn from_str(name: &str) -> Result<Self, Dhis2Error> {
        match name.to_ascii_lowercase().as_str() {
            "legacy" => Ok(Self::Legacy),
            "v36" => Ok(Self::V36),
            "v41" => Ok(Self::V41),
            "v42" => Ok(Self::V42),
            _ => Err(Dhis2Error::Option { name: "dialect", rule: "is one of legacy, v36, v41, v42" }),
        }
    }
}

/// Version of a server: `2.MINOR.PATCH`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerVersion {
    /// 41 in 2.41.0.
    pub minor: u16,
    /// 0 in 2.41.0.
    pub patch: u16,
}

impl std::fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "2.{}.{}", self.minor, self.patch)
    }
}

impl FromStr for ServerVersion {
    type Err = Dhis2Error;

    /// Reads `2.41.0`, `2.38.7-SNAPSHOT`, `2.40.3.1`, `2.36-EMBARGOED`, and the short forms `42.1` and `42`.
    fn from_str(text: &str) -> Result<Self, Dhis2Error> {
        let unknown = || Dhis2Error::UnsupportedVersion { version: super::answer::clean(text, 40) };
        let core = text.trim().split(['-', '+', ' ']).next().unwrap_or_default();
        let mut numbers = core.split('.').map(|n| n.parse::<u16>());
        let mut next = || numbers.next().transpose().map_err(|_| unknown());
        let (minor, patch) = match (next()?, next()?, next()?) {
            (Some(2), Some(minor), patch) => (minor, patch.unwrap_or(0)),
            (Some(minor), patch, _) if minor >= 30 => (minor, patch.unwrap_or(0)),
            _ => return Err(unknown()),
        };
        Ok(Self { minor, patch })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn people(dialect: Dialect) -> Vec<(&'static str, String)> {
        let org_units = ["ImspTQPwCqd".to_owned(), "O6uvpzGd5pu".to_owned()];
        let request = PeopleRequest {
            program: "yDuAzyqYABS",
            org_units: &org_units,
            updated_after: Some("2026-01-01T00:00:00.000"),
            ids: &org_units,
            include_deleted: true,
            ordered: true,
            page: 3,
            page_size: 50,
        };
        dialect.people_params(&request).into_iter().filter(|(name, _)| *name != "fields").collect()
    }

    #[test]
    fn each_dialect_has_its_own_words_for_people() {
        let text = |d| {
            let pairs: Vec<_> = people(d).into_iter().map(|(n, v)| format!("{n}={v}")).collect();
            format!("{}?{}", d.people_path(), pairs.join("&"))
        };
        assert_eq!(
            text(Dialect::Legacy),
            "/api/trackedEntityInstances?program=yDuAzyqYABS&ou=ImspTQPwCqd;O6uvpzGd5pu&ouMode=DESCENDANTS\
             &trackedEntityInstance=ImspTQPwCqd;O6uvpzGd5pu&lastUpdatedStartDate=2026-01-01T00:00:00.000\
             &includeDeleted=true&order=created:asc&page=3&pageSize=50&totalPages=false"
        );
        assert_eq!(
            text(Dialect::V36),
            "/api/tracker/trackedEntities?program=yDuAzyqYABS&orgUnit=ImspTQPwCqd;O6uvpzGd5pu&ouMode=DESCENDANTS\
             &trackedEntity=ImspTQPwCqd;O6uvpzGd5pu&updatedAfter=2026-01-01T00:00:00.000&includeDeleted=true\
             &order=createdAt:asc&page=3&pageSize=50"
        );
        let new = "/api/tracker/trackedEntities?program=yDuAzyqYABS&orgUnits=ImspTQPwCqd,O6uvpzGd5pu\
             &orgUnitMode=DESCENDANTS&trackedEntities=ImspTQPwCqd,O6uvpzGd5pu&updatedAfter=2026-01-01T00:00:00.000\
             &includeDeleted=true&order=createdAt:asc&page=3&pageSize=50";
        assert_eq!(text(Dialect::V41), new);
        assert_eq!(text(Dialect::V42), new);
    }

    #[test]
    fn fields_are_always_sent_and_spelt_in_the_dialect() {
        for dialect in Dialect::ALL {
            let fields = dialect.words().people_fields;
            assert_eq!(fields.matches('[').count(), fields.matches(']').count(), "{dialect:?}");
            assert!(!fields.contains(' '), "{dialect:?}");
            assert_eq!(fields.contains("orgUnitName"), matches!(dialect, Dialect::Legacy | Dialect::V36));
            assert_eq!(fields.contains("eventDate"), dialect == Dialect::Legacy);
            assert_eq!(fields.contains("occurredAt"), dialect != Dialect::Legacy);
        }
    }

    #[test]
    fn events_take_one_org_unit_in_every_dialect() {
        for dialect in Dialect::ALL {
            let params = dialect.event_params(&EventsRequest {
                program: "yDuAzyqYABS",
                stage: Some("a1jCssI2LkW"),
                org_unit: "ImspTQPwCqd",
                updated_after: "2026-01-01",
                include_deleted: true,
                ordered: false,
                page: 1,
                page_size: 10,
            });
            assert!(params.contains(&("orgUnit", "ImspTQPwCqd".to_owned())), "{dialect:?}");
            assert!(params.contains(&("programStage", "a1jCssI2LkW".to_owned())), "{dialect:?}");
            assert!(params.iter().all(|(n, _)| *n != "order"), "{dialect:?}");
        }
    }

    #[test]
    fn one_event_is_asked_for_in_the_words_of_each_dialect() {
        for (dialect, name) in
            [(Dialect::Legacy, "event"), (Dialect::V36, "event"), (Dialect::V41, "events"), (Dialect::V42, "events")]
        {
            let params = dialect.event_by_id_params("yDuAzyqYABS", "ImspTQPwCqd", "E0000000001");
            assert!(params.contains(&(name, "E0000000001".to_owned())), "{dialect:?}");
            assert!(params.contains(&("includeDeleted", "true".to_owned())), "{dialect:?}");
        }
    }

    #[test]
    fn versions_are_read_in_every_spelling() {
        let cases = [
            ("2.33.9", Dialect::Legacy),
            ("2.35-SNAPSHOT", Dialect::Legacy),
            ("2.36.0", Dialect::V36),
            ("2.38.7-SNAPSHOT", Dialect::V36),
            ("2.40.3.1", Dialect::V36),
            ("2.41.0", Dialect::V41),
            ("41", Dialect::V41),
            ("42.1", Dialect::V42),
            ("2.43.0-rc1", Dialect::V42),
            (" 2.44 ", Dialect::V42),
        ];
        for (text, dialect) in cases {
            let version: ServerVersion = text.parse().unwrap();
            assert_eq!(Dialect::of(&version).unwrap(), dialect, "{text}");
        }
        for text in ["", "two", "2", "3.1", "2.x", "2.41.b", "2.99999999", "-1"] {
            assert!(text.parse::<ServerVersion>().is_err(), "{text}");
        }
        assert!(Dialect::of(&"2.32.4".parse().unwrap()).is_err());
        assert_eq!("V41".parse::<Dialect>().unwrap(), Dialect::V41);
        assert!("2.41".parse::<Dialect>().is_err());
    }

    proptest! {
        #[test]
        fn a_version_reads_back(minor in 30_u16.., patch in any::<u16>(), rest in "(-[A-Z]{1,8})?") {
            let version = ServerVersion { minor, patch };
            prop_assert_eq!(format!("{version}{rest}").parse::<ServerVersion>().unwrap(), version);
            prop_assert_eq!(format!("{minor}.{patch}").parse::<ServerVersion>().unwrap(), version);
        }

        #[test]
        fn no_version_text_is_too_odd(text in any::<String>()) {
            let _ = text.parse::<ServerVersion>();
        }
    }
}
