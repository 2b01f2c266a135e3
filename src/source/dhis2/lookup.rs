//! Metadata look-ups: programs, option sets, org units; asked in chunks and remembered.

use std::collections::{BTreeSet, HashMap};

use serde::Deserialize;

use super::client::{Client, ProgramSummary, is_uid};
use super::error::Dhis2Error;
use super::metadata::{OptionSet, ProgramMetadata};
use super::package::{WirePackage, WireProgram};
use crate::limits;
use crate::source::model::OrgUnit;

/// UIDs in one `filter=id:in:[…]`: keeps the request line well under the 8 KB that Tomcat and proxies take.
const UIDS_AT_ONCE: usize = 100;

const PROGRAM_FIELDS: &str = "id,code,name,accessLevel,programType,trackedEntityType[id,access[data[read]]],access[data[read]],\
     programTrackedEntityAttributes[mandatory,valueType,trackedEntityAttribute[id,code,name,formName,valueType,unique,optionSet[id]]],\
     programStages[id,name,repeatable,access[data[read]],programStageDataElements[dataElement[id,code,name,formName,valueType,optionSet[id]]]]";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrgUnitList {
    organisation_units: Vec<OrgUnit>,
}

#[derive(Deserialize)]
struct ProgramList {
    programs: Vec<ProgramSummary>,
}

impl Client {
    /// The tracker programs that the user may see.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn programs(&self) -> Result<Vec<ProgramSummary>, Dhis2Error> {
        let params = vec![
            ("filter", "programType:eq:WITH_REGISTRATION".to_owned()),
            ("fields", "id,code,name".to_owned()),
            ("paging", "false".to_owned()),
        ];
        let list: ProgramList = self.get("/api/programs", &params, limits::DHIS2_METADATA_BYTES).await?;
        Ok(list.programs)
    }

    /// One tracker program with its option sets.
    ///
    /// # Errors
    /// When the server cannot be asked, has no such program or does not show it, or it is no tracker program.
    pub async fn program(&self, uid: &str) -> Result<ProgramMetadata, Dhis2Error> {
        if !is_uid(uid) {
            return Err(Dhis2Error::NotAUid { what: "program" });
        }
        let known = self.cache().programs.get(uid).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let params = vec![("fields", PROGRAM_FIELDS.to_owned())];
        let wire: WireProgram =
            self.get(&format!("/api/programs/{uid}"), &params, limits::DHIS2_METADATA_BYTES).await?;
        let mut program =
            WirePackage::of_program(wire).assemble().pop().ok_or(super::metadata::MetadataError::NoTrackerProgram)?;
        let sets: Vec<String> = program.option_set_uids().into_iter().collect();
        program.option_sets = self.option_sets(&sets).await?;
        let mut cache = self.cache();
        make_room(&mut cache.programs);
        cache.programs.insert(uid.to_owned(), program.clone());
        Ok(program)
    }

    /// Option sets with their options, ordered by UID; those that the server does not show are left out.
    ///
    /// # Errors
    /// When the server cannot be asked, or a UID is none.
    pub async fn option_sets(&self, uids: &[String]) -> Result<Vec<OptionSet>, Dhis2Error> {
        let wanted = distinct(uids, "option set")?;
        let mut found: HashMap<String, OptionSet> = {
            let cache = self.cache();
            wanted.iter().filter_map(|uid| Some((uid.to_string(), cache.option_sets.get(*uid)?.clone()))).collect()
        };
        let missing: Vec<&str> = wanted.iter().copied().filter(|uid| !found.contains_key(*uid)).collect();
        for chunk in missing.chunks(UIDS_AT_ONCE) {
            let params = by_uid(chunk, "id,code,name,options[id,code,name]");
            let package: WirePackage = self.get("/api/optionSets", &params, limits::DHIS2_METADATA_BYTES).await?;
            let mut cache = self.cache();
            for set in package.into_option_sets() {
                make_room(&mut cache.option_sets);
                cache.option_sets.insert(set.id.clone(), set.clone());
                found.insert(set.id.clone(), set);
            }
        }
        Ok(wanted.iter().filter_map(|uid| found.remove(*uid)).collect())
    }

    /// Org units by UID; those that the server does not show are left out.
    ///
    /// # Errors
    /// When the server cannot be asked, or a UID is none.
    pub async fn org_units(&self, uids: &[String]) -> Result<HashMap<String, OrgUnit>, Dhis2Error> {
        let wanted = distinct(uids, "org unit")?;
        let mut found = HashMap::new();
        let mut missing = Vec::new();
        {
            let cache = self.cache();
            for uid in wanted {
                match cache.org_units.get(uid) {
                    Some(Some(unit)) => drop(found.insert(uid.to_owned(), unit.clone())),
                    Some(None) => {}
                    None => missing.push(uid),
                }
            }
        }
        for chunk in missing.chunks(UIDS_AT_ONCE) {
            let params = by_uid(chunk, "id,code,name,path,level");
            let list: OrgUnitList = self.get("/api/organisationUnits", &params, limits::DHIS2_METADATA_BYTES).await?;
            let mut told: HashMap<String, OrgUnit> =
                list.organisation_units.into_iter().map(|unit| (unit.id.clone(), unit)).collect();
            let mut cache = self.cache();
            for uid in chunk {
                let unit = told.remove(*uid);
                make_room(&mut cache.org_units);
                cache.org_units.insert((*uid).to_owned(), unit.clone());
                if let Some(unit) = unit {
                    found.insert((*uid).to_owned(), unit);
                }
            }
        }
        Ok(found)
    }
}

fn distinct<'u>(uids: &'u [String], what: &'static str) -> Result<BTreeSet<&'u str>, Dhis2Error> {
    uids.iter().map(|uid| if is_uid(uid) { Ok(uid.as_str()) } else { Err(Dhis2Error::NotAUid { what }) }).collect()
}

fn by_uid(uids: &[&str], fields: &str) -> Vec<(&'static str, String)> {
    vec![
        ("filter", format!("id:in:[{}]", uids.join(","))),
        ("fields", fields.to_owned()),
        ("paging", "false".to_owned()),
    ]
}

fn make_room<T>(cache: &mut HashMap<String, T>) {
    if cache.len() >= limits::DHIS2_CACHE_ENTRIES {
        cache.clear();
    }
}
