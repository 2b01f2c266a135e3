//! Links into DHIS2, to the page on which a clerk mends a record.

use crate::{
    registry::SourceSeen,
    service::{House, ServiceError},
};

use super::ConsoleError;

/// Where DHIS2 shows a person.
pub(super) struct Capture(SourceSeen);

impl Capture {
    /// The DHIS2 of an installation; `None` before it was first read.
    pub(super) async fn of(house: &House) -> Result<Option<Self>, ServiceError> {
        Ok(house.registry.source_seen().await.map_err(ConsoleError::from)?.map(Self))
    }

    /// The page of a person: in the app Tracker Capture, and from 2.42 on, which has it no more, in Capture.
    pub(super) fn person(&self, person: &str, facility: Option<&str>) -> Option<String> {
        let uid = |text: &str| crate::source::dhis2::is_uid(text);
        let Self(SourceSeen { address: base, version, program }) = self;
        if !uid(person) || !uid(program) {
            return None;
        }
        let minor: u32 = version.strip_prefix("2.")?.split(['.', '-']).next()?.parse().ok()?;
        let unit = facility.filter(|unit| uid(unit));
        Some(if minor < 42 {
            let unit = unit.map(|unit| format!("&ou={unit}")).unwrap_or_default();
            format!("{base}/dhis-web-tracker-capture/index.html#/dashboard?tei={person}&program={program}{unit}")
        } else {
            let unit = unit.map(|unit| format!("&orgUnitId={unit}")).unwrap_or_default();
            format!("{base}/dhis-web-capture/index.html#/enrollment?teiId={person}&programId={program}{unit}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_app_is_the_one_that_the_version_has() {
        let link = |version: &str, person: &str| {
            let address = "https://d.example/dhis".to_owned();
            let (version, program) = (version.to_owned(), "yDuAzyqYABS".to_owned());
            Capture(SourceSeen { address, version, program }).person(person, Some("DiszpKrYNg8"))
        };
        let old = link("2.40.3", "PQfMcpmXeFE").unwrap();
        assert_eq!(
            old,
            "https://d.example/dhis/dhis-web-tracker-capture/index.html#/dashboard?tei=PQfMcpmXeFE\
             &program=yDuAzyqYABS&ou=DiszpKrYNg8"
        );
        assert!(link("2.41-SNAPSHOT", "PQfMcpmXeFE").unwrap().contains("tracker-capture"));
        assert!(link("2.42.0", "PQfMcpmXeFE").unwrap().contains("dhis-web-capture/index.html#/enrollment?teiId="));
        assert_eq!(link("2.42.0", "no uid"), None);
        assert_eq!(link("three", "PQfMcpmXeFE"), None);
    }
}
