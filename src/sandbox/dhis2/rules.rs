//! What each version refuses (DHIS2 documentation and source, versions 2.35 to 2.43). Stricter than the real servers in one point: a
//! parameter that a version does not know is refused instead of ignored, so that no client can rely on it.

use super::people::{ORG_UNITS, covac};
use super::wire::Family;

/// Why a request is refused: status, DHIS2 error code, message.
#[derive(Debug)]
pub(super) struct Refusal(pub(super) u16, pub(super) Option<&'static str>, pub(super) String);

/// A list as the server understood it.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Listing {
    pub(super) program: Option<String>,
    pub(super) stage: Option<String>,
    /// Every org unit that the request covers.
    pub(super) org_units: Vec<&'static str>,
    pub(super) ids: Vec<String>,
    pub(super) updated_after: Option<String>,
    pub(super) with_deleted: bool,
    pub(super) order: Option<(String, bool)>,
    pub(super) fields: Option<String>,
    /// `None`: all rows at once.
    pub(super) page: Option<(usize, usize)>,
    pub(super) totals: bool,
}

impl Listing {
    /// The list itself, whichever page of it was asked for and whatever is told of each row.
    pub(super) fn whole(&self) -> Self {
        Self { fields: None, page: None, totals: false, ..self.clone() }
    }
}

/// The value of a parameter.
type Lookup<'a, 'p> = &'a dyn Fn(&str) -> Option<&'p str>;

/// The entries of a list parameter, by its old and its new names.
type ListOf<'a> = &'a dyn Fn(&[&str], &[&str]) -> Vec<String>;

const SHARED: &[&str] = &["program", "includeDeleted", "order", "fields", "page", "pageSize", "totalPages", "filter"];
const LEGACY_PEOPLE: &[&str] = &[
    "trackedEntityType",
    "ou",
    "ouMode",
    "lastUpdatedStartDate",
    "lastUpdatedEndDate",
    "lastUpdatedDuration",
    "programStatus",
    "eventStatus",
    "eventStartDate",
    "eventEndDate",
    "trackedEntityInstance",
    "skipPaging",
    "attribute",
    "query",
];
const V36_PEOPLE: &[&str] = &[
    "trackedEntityType",
    "orgUnit",
    "ouMode",
    "updatedAfter",
    "updatedBefore",
    "updatedWithin",
    "programStatus",
    "eventStatus",
    "eventOccurredAfter",
    "eventOccurredBefore",
    "trackedEntity",
    "skipPaging",
    "attribute",
    "query",
];
const V41_PEOPLE: &[&str] = &["orgUnits", "orgUnitMode", "trackedEntities", "paging"];
const V42_PEOPLE: &[&str] = &[
    "trackedEntityType",
    "orgUnits",
    "orgUnitMode",
    "updatedAfter",
    "updatedBefore",
    "updatedWithin",
    "programStatus",
    "enrollmentStatus",
    "eventStatus",
    "eventOccurredAfter",
    "eventOccurredBefore",
    "trackedEntities",
    "paging",
];
const LEGACY_EVENTS: &[&str] = &[
    "programStage",
    "orgUnit",
    "ouMode",
    "lastUpdatedStartDate",
    "lastUpdatedEndDate",
    "lastUpdatedDuration",
    "programStatus",
    "status",
    "startDate",
    "endDate",
    "event",
    "skipPaging",
    "trackedEntityInstance",
];
const V36_EVENTS: &[&str] = &[
    "programStage",
    "orgUnit",
    "ouMode",
    "updatedAfter",
    "updatedBefore",
    "updatedWithin",
    "programStatus",
    "status",
    "occurredAfter",
    "occurredBefore",
    "event",
    "skipPaging",
    "trackedEntity",
];
const V42_EVENTS: &[&str] = &[
    "programStage",
    "orgUnit",
    "orgUnitMode",
    "updatedAfter",
    "updatedBefore",
    "updatedWithin",
    "enrollmentStatus",
    "status",
    "occurredAfter",
    "occurredBefore",
    "events",
    "paging",
    "trackedEntity",
];

impl Family {
    fn knows(self, events: bool, name: &str) -> bool {
        let lists: &[&[&str]] = match (self, events) {
            (Self::Legacy, false) => &[LEGACY_PEOPLE],
            (Self::Legacy, true) => &[LEGACY_EVENTS],
            (Self::Tracker(..=40), false) => &[V36_PEOPLE],
            (Self::Tracker(..=40), true) => &[V36_EVENTS],
            (Self::Tracker(41), false) => &[V36_PEOPLE, V41_PEOPLE],
            (Self::Tracker(41), true) => &[V36_EVENTS, V42_EVENTS],
            (Self::Tracker(_), false) => &[V42_PEOPLE],
            (Self::Tracker(_), true) => &[V42_EVENTS],
        };
        SHARED.contains(&name) || lists.iter().any(|list| list.contains(&name))
    }

    /// What a broken rule costs: 409 up to 2.40, 400 from 2.41 on.
    fn refusal(self, message: impl Into<String>) -> Refusal {
        Refusal(if matches!(self, Self::Tracker(41..)) { 400 } else { 409 }, None, message.into())
    }

    fn may_order_by(self, name: &str) -> bool {
        match self {
            Self::Legacy => ["created", "lastUpdated", "trackedEntity", "inactive", "ouname"].contains(&name),
            // `updatedAt` and `trackedEntity` have no column in 2.39 and older.
            Self::Tracker(..=39) => {
                ["createdAt", "createdAtClient", "updatedAtClient", "enrolledAt", "inactive"].contains(&name)
            }
            Self::Tracker(_) => [
                "createdAt",
                "createdAtClient",
                "enrolledAt",
                "inactive",
                "trackedEntity",
                "updatedAt",
                "updatedAtClient",
            ]
            .contains(&name),
        }
    }

    /// Reads the parameters of a list of people or events, by all rules of the version.
    pub(super) fn listing(
        self,
        events: bool,
        params: &[(String, String)],
        page_limit: usize,
    ) -> Result<Listing, Refusal> {
        let bad = |message: String| Err(Refusal(400, None, message));
        for (at, (name, value)) in params.iter().enumerate() {
            if !self.knows(events, name) {
                return bad(format!("Unknown parameter {name}"));
            }
            if value.is_empty() || params.iter().take(at).any(|(other, _)| other == name) {
                return bad(format!("Parameter {name} is empty or given twice"));
            }
        }
        let get = |name: &str| params.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let first = |names: &[&str]| names.iter().find_map(|n| get(n));
        let flag = |name: &str| match get(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Refusal(400, None, format!("Value of {name} is not a boolean"))),
        };
        let new = matches!(self, Self::Tracker(41..));

        let mut listing = Listing {
            program: get("program").map(str::to_owned),
            stage: get("programStage").map(str::to_owned),
            with_deleted: flag("includeDeleted")?,
            fields: get("fields").map(str::to_owned),
            totals: if self == Self::Legacy { get("totalPages") != Some("false") } else { flag("totalPages")? },
            ..Listing::default()
        };
        // Lists: `;` where the parameter is the old one, `,` where it is the new one.
        let list = |old: &[&str], new: &[&str]| -> Vec<String> {
            let cut = |text: &str, at| text.split(at).map(str::to_owned).collect();
            first(new).map(|t| cut(t, ',')).or_else(|| first(old).map(|t| cut(t, ';'))).unwrap_or_default()
        };
        listing.ids = if events {
            list(&["event"], &["events"])
        } else {
            list(&["trackedEntityInstance", "trackedEntity"], &["trackedEntities"])
        };

        if listing.program.as_deref().is_some_and(|p| p != covac::PROGRAM) {
            return Err(self.refusal("Program does not exist"));
        }
        if listing.program.is_some() && get("trackedEntityType").is_some() {
            return Err(self.refusal("Program and tracked entity cannot be specified simultaneously"));
        }
        if !events && listing.program.is_none() && get("trackedEntityType").is_none() && listing.ids.is_empty() {
            return Err(self.refusal("Either Program, Tracked entity type or Tracked entities should be specified"));
        }
        if events && listing.program.is_none() && matches!(self, Self::Tracker(43..)) {
            return bad("Program is mandatory".to_owned());
        }
        let window: [&[&str]; 3] =
            [&["eventStatus"], &["eventOccurredAfter", "eventStartDate"], &["eventOccurredBefore", "eventEndDate"]];
        let given = window.iter().filter(|names| first(names).is_some()).count();
        if given % 3 != 0 {
            return Err(self.refusal("Event status, occurred after and occurred before must be given together"));
        }
        let since = first(&["updatedAfter", "lastUpdatedStartDate"]);
        if since.is_some() && first(&["updatedWithin", "lastUpdatedDuration"]).is_some() {
            return Err(self
                .refusal("Last updated from and/or to and last updated duration cannot be specified simultaneously"));
        }
        if since.is_some_and(|time| time.parse::<jiff::civil::DateTime>().is_err()) {
            return bad("Value is not a valid date".to_owned());
        }
        listing.updated_after = since.map(str::to_owned);

        self.org_units(events, &get, &list, new, &mut listing)?;

        if let Some(order) = get("order") {
            let (name, direction) = order.split_once(':').unwrap_or((order, "asc"));
            if !self.may_order_by(name) || !["asc", "desc"].contains(&direction) {
                return bad(format!("order parameter is invalid: cannot order by {name}"));
            }
            listing.order = Some((name.to_owned(), direction == "asc"));
        }

        if get("paging").is_some() && get("skipPaging").is_some() {
            return bad("Paging can either be enabled or disabled, use paging".to_owned());
        }
        let number = |name: &str, default: usize| match get(name).map(str::parse::<usize>) {
            None => Ok(default),
            Some(Ok(n)) if n > 0 => Ok(n),
            Some(_) => Err(Refusal(400, None, format!("{name} must be a positive number"))),
        };
        let paged = !flag("skipPaging")? && get("paging") != Some("false");
        if !paged && new && (get("page").is_some() || get("pageSize").is_some() || listing.totals) {
            return bad("Paging cannot be disabled with isPaging=false while also requesting a page".to_owned());
        }
        let size = number("pageSize", 50)?;
        if size > page_limit && matches!(self, Self::Tracker(39..)) {
            return bad(format!("Invalid page size: {size}. It must not exceed the system limit of {page_limit}"));
        }
        listing.page = if paged { Some((number("page", 1)?, size)) } else { None };
        Ok(listing)
    }

    fn org_units<'p>(
        self,
        events: bool,
        get: Lookup<'_, 'p>,
        list: ListOf<'_>,
        new: bool,
        listing: &mut Listing,
    ) -> Result<(), Refusal> {
        let named = if events {
            get("orgUnit").map(str::to_owned).into_iter().collect()
        } else {
            list(&["ou", "orgUnit"], &["orgUnits"])
        };
        let default = if !named.is_empty() {
            "SELECTED"
        } else if new {
            "ACCESSIBLE"
        } else {
            ""
        };
        let mode = get("orgUnitMode").or_else(|| get("ouMode")).unwrap_or(default);
        let everywhere = ["ALL", "ACCESSIBLE", "CAPTURE"].contains(&mode);
        if !everywhere && !["SELECTED", "CHILDREN", "DESCENDANTS", ""].contains(&mode) {
            return Err(Refusal(400, None, "Value of the org unit mode is not valid".to_owned()));
        }
        if everywhere && new && !named.is_empty() {
            return Err(Refusal(400, None, format!("orgUnitMode {mode} cannot be used with orgUnits")));
        }
        if !everywhere && named.is_empty() {
            return Err(self.refusal("At least one organisation unit must be specified"));
        }
        for uid in &named {
            let Some(unit) = ORG_UNITS.iter().find(|u| u.0 == uid) else {
                return Err(self.refusal(format!("Organisation unit does not exist: {uid}")));
            };
            let under =
                |path: &str| path == unit.3 || (mode == "DESCENDANTS" && path.starts_with(&format!("{}/", unit.3)));
            listing.org_units.extend(ORG_UNITS.iter().filter(|u| under(u.3)).map(|u| u.0));
        }
        if everywhere {
            listing.org_units = ORG_UNITS.iter().map(|u| u.0).collect();
        }
        Ok(())
    }
}
