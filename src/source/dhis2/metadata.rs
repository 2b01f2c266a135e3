//! What a tracker program looks like: its attributes, stages, data elements and option sets.
//!
//! The same types are built from a server's answers (`/api/programs/{uid}`, `/api/optionSets`) and from an
//! exported metadata package, where every object is a list of its own and everything else refers to it by
//! UID. One assembling function (`package`) serves both. Option codes carry meaning, option UIDs never do: the same UID
//! has stood for different vaccines in different package versions.

use std::collections::BTreeSet;

use super::package::WirePackage;
use crate::limits;

/// A tracker program with everything that a mapping needs to know of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProgramMetadata {
    /// UID.
    pub id: String,
    /// Code, where it has one.
    pub code: Option<String>,
    /// Name.
    pub name: String,
    /// OPEN, AUDITED, PROTECTED or CLOSED.
    pub access_level: Option<String>,
    /// UID of the tracked entity type that the program enrolls.
    pub tracked_entity_type: Option<String>,
    /// Whether the asking user may read the program's data; only a live server tells.
    pub data_read: Option<bool>,
    /// The same of the people of that entity type.
    pub people_read: Option<bool>,
    /// Attributes in the program's order.
    pub attributes: Vec<MetaAttribute>,
    /// Stages in the program's order.
    pub stages: Vec<MetaStage>,
    /// The option sets that the attributes and data elements use, each once, ordered by UID.
    pub option_sets: Vec<OptionSet>,
}

/// A tracked entity attribute as one program uses it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetaAttribute {
    /// UID.
    pub id: String,
    /// Code, where it has one.
    pub code: Option<String>,
    /// Name; empty where a package refers to the attribute without defining it.
    pub name: String,
    /// Label on the form.
    pub form_name: Option<String>,
    /// TEXT, DATE, AGE, …
    pub value_type: String,
    /// UID of the option set that its values come from.
    pub option_set: Option<String>,
    /// No two people share a value.
    pub unique: bool,
    /// The program demands a value.
    pub mandatory: bool,
}

/// A program stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetaStage {
    /// UID.
    pub id: String,
    /// Name.
    pub name: String,
    /// An enrollment may hold several events of it.
    pub repeatable: bool,
    /// Whether the asking user may read its events; only a live server tells.
    pub data_read: Option<bool>,
    /// Data elements in the stage's order.
    pub data_elements: Vec<MetaElement>,
}

/// A data element as one stage uses it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetaElement {
    /// UID.
    pub id: String,
    /// Code, where it has one.
    pub code: Option<String>,
    /// Name; empty where a package refers to the element without defining it.
    pub name: String,
    /// Label on the form.
    pub form_name: Option<String>,
    /// TEXT, DATE, BOOLEAN, …
    pub value_type: String,
    /// UID of the option set that its values come from.
    pub option_set: Option<String>,
}

/// A closed list of codes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OptionSet {
    /// UID.
    pub id: String,
    /// Code, where it has one.
    pub code: Option<String>,
    /// Name.
    pub name: String,
    /// Options in the set's order.
    pub options: Vec<MetaOption>,
}

/// One option. Records store its code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetaOption {
    /// UID. Never match by it.
    pub id: String,
    /// The code that records hold.
    pub code: String,
    /// Name.
    pub name: String,
}

/// Why metadata cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// Too large.
    #[error(
        "The metadata has {bytes} bytes and the limit is {limit}; export the one program and what it needs, not the whole server"
    )]
    TooLarge {
        /// Bytes given.
        bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// Not JSON, or not the JSON of a metadata export.
    #[error(
        "The metadata is not a DHIS2 metadata export (line {line}, column {column}); export it again with /api/programs/UID/metadata.json"
    )]
    NotMetadata {
        /// Line of the fault, from 1.
        line: usize,
        /// Column of the fault, from 1.
        column: usize,
    },
    /// No tracker program in it: some published packages of COVAC 1.2.0 hold only aggregate data.
    #[error(
        "The metadata holds no tracker program (a program with registration); take the tracker package (type TRK), not the aggregate one"
    )]
    NoTrackerProgram,
    /// The wanted program is not in it.
    #[error("The metadata does not hold the tracker program {program}, only {}; name one of these", .held.join(", "))]
    NoSuchProgram {
        /// UID asked for.
        program: String,
        /// UIDs that are there.
        held: Vec<String>,
    },
}

impl ProgramMetadata {
    /// Reads the tracker programs of an exported metadata package: all of them, or the one asked for.
    ///
    /// # Errors
    /// When the bytes are too many, are not a metadata export, or hold no (such) tracker program.
    pub fn from_package(bytes: &[u8], program_uid: Option<&str>) -> Result<Vec<Self>, MetadataError> {
        if bytes.len() > limits::DHIS2_METADATA_BYTES {
            return Err(MetadataError::TooLarge { bytes: bytes.len(), limit: limits::DHIS2_METADATA_BYTES });
        }
        let package: WirePackage = serde_json::from_slice(bytes)
            .map_err(|e| MetadataError::NotMetadata { line: e.line(), column: e.column() })?;
        let all = package.assemble();
        if all.is_empty() {
            return Err(MetadataError::NoTrackerProgram);
        }
        match program_uid {
            None => Ok(all),
            Some(uid) if all.iter().any(|p| p.id == uid) => Ok(all.into_iter().filter(|p| p.id == uid).collect()),
            Some(uid) => Err(MetadataError::NoSuchProgram {
                program: uid.to_owned(),
                held: all.into_iter().map(|p| p.id).collect(),
            }),
        }
    }

    /// The option set with this UID.
    #[must_use]
    pub fn option_set(&self, uid: &str) -> Option<&OptionSet> {
        self.option_sets.iter().find(|s| s.id == uid)
    }

    /// UIDs of the option sets that attributes and data elements refer to.
    pub(super) fn option_set_uids(&self) -> BTreeSet<String> {
        let of_attributes = self.attributes.iter().filter_map(|a| a.option_set.clone());
        let elements = self.stages.iter().flat_map(|s| &s.data_elements);
        of_attributes.chain(elements.filter_map(|e| e.option_set.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKAGE: &str = r#"{
        "package": {"type": "TRK"},
        "programs": [
            {"id": "prog0000001", "name": "Register", "accessLevel": "PROTECTED", "programType": "WITH_REGISTRATION",
             "trackedEntityType": {"id": "type0000001"}, "programStages": [{"id": "stage000001"}],
             "programTrackedEntityAttributes": [
                {"mandatory": true, "valueType": "TEXT", "trackedEntityAttribute": {"id": "attr0000001"}},
                {"mandatory": false, "valueType": "DATE", "trackedEntityAttribute": {"id": "attr0000002"}}]},
            {"id": "prog0000002", "name": "Anonymous", "programType": "WITHOUT_REGISTRATION"}],
        "programStages": [{"id": "stage000001", "name": "Dose", "repeatable": true,
            "programStageDataElements": [{"dataElement": {"id": "elem0000001"}}]}],
        "trackedEntityAttributes": [{"id": "attr0000001", "code": "SEX", "name": "Sex", "valueType": "TEXT",
            "unique": false, "optionSet": {"id": "set00000001"}}],
        "dataElements": [{"id": "elem0000001", "code": null, "name": "Vaccine", "formName": "Vaccine given",
            "valueType": "TEXT", "optionSet": {"id": "set00000002"}}],
        "optionSets": [
            {"id": "set00000001", "code": "SEX", "name": "Sex", "options": [{"id": "opt00000002"}, {"id": "opt00000001"}]},
            {"id": "set00000002", "name": "Vaccines", "options": [{"id": "opt00000003"}, {"id": "missing0001"}]},
            {"id": "set00000003", "name": "Unused", "options": []}],
        "options": [
            {"id": "opt00000001", "code": "MALE", "name": "Male"}, {"id": "opt00000002", "code": "FEMALE", "name": "Female"},
            {"id": "opt00000003", "code": "MODERNA", "name": "Moderna"}]
    }"#;

    #[test]
    fn a_package_is_followed_through_its_references() {
        let programs = ProgramMetadata::from_package(PACKAGE.as_bytes(), None).unwrap();
        assert_eq!(programs.len(), 1, "a program without registration is no tracker program");
        let program = &programs[0];
        assert_eq!(program.access_level.as_deref(), Some("PROTECTED"));
        assert_eq!(program.tracked_entity_type.as_deref(), Some("type0000001"));
        assert_eq!(program.attributes[0].code.as_deref(), Some("SEX"));
        assert!(program.attributes[0].mandatory);
        assert_eq!(program.attributes[1].name, "", "referred to, not defined");
        assert_eq!(program.attributes[1].value_type, "DATE", "told by the link");
        assert!(program.stages[0].repeatable);
        assert_eq!(program.stages[0].data_elements[0].form_name.as_deref(), Some("Vaccine given"));
        let codes: Vec<_> =
            program.option_set("set00000001").unwrap().options.iter().map(|o| o.code.as_str()).collect();
        assert_eq!(codes, ["FEMALE", "MALE"], "in the order of the set");
        assert_eq!(program.option_set("set00000002").unwrap().options.len(), 1);
        assert!(program.option_set("set00000003").is_none(), "only sets in use");
    }

    #[test]
    fn what_is_missing_is_named() {
        let of = |text: &str, uid| ProgramMetadata::from_package(text.as_bytes(), uid).unwrap_err();
        assert_eq!(of("{}", None), MetadataError::NoTrackerProgram);
        assert!(matches!(of("<html>", None), MetadataError::NotMetadata { line: 1, .. }));
        let error = of(PACKAGE, Some("prog0000009"));
        assert!(error.to_string().contains("prog0000001"), "{error}");
        assert_eq!(ProgramMetadata::from_package(PACKAGE.as_bytes(), Some("prog0000001")).unwrap().len(), 1);
    }
}
