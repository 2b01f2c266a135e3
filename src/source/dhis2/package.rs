//! Metadata as DHIS2 writes it: nested in full by the API, by references in a package. Everything is read
//! tolerantly here and assembled into the types of [`super::metadata`].

use std::collections::HashMap;

use serde::Deserialize;

use super::metadata::{MetaAttribute, MetaElement, MetaOption, MetaStage, OptionSet, ProgramMetadata};

/// A metadata export, and any answer of the metadata API that is a named list.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WirePackage {
    programs: Vec<WireProgram>,
    program_stages: Vec<WireStage>,
    tracked_entity_attributes: Vec<WireField>,
    data_elements: Vec<WireField>,
    option_sets: Vec<WireOptionSet>,
    options: Vec<WireOption>,
}

/// A program: nested in full by the API, by references in a package.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireProgram {
    id: String,
    code: Option<String>,
    #[serde(default)]
    name: Option<String>,
    access_level: Option<String>,
    program_type: Option<String>,
    tracked_entity_type: Option<WireRef>,
    #[serde(default)]
    access: Option<WireAccess>,
    #[serde(default)]
    program_tracked_entity_attributes: Vec<WireProgramAttribute>,
    #[serde(default)]
    program_stages: Vec<WireStage>,
}

#[derive(Deserialize)]
struct WireRef {
    id: String,
    #[serde(default)]
    access: Option<WireAccess>,
}

#[derive(Clone, Deserialize)]
struct WireAccess {
    data: Option<WireDataAccess>,
}

impl WireAccess {
    /// Whether the asking user may read data.
    fn reads(access: Option<&Self>) -> Option<bool> {
        access.and_then(|access| access.data.as_ref()).and_then(|data| data.read)
    }
}

#[derive(Clone, Deserialize)]
struct WireDataAccess {
    read: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireProgramAttribute {
    #[serde(default)]
    mandatory: Option<bool>,
    /// Some packages repeat it here although they leave the attribute itself out.
    value_type: Option<String>,
    tracked_entity_attribute: Option<WireField>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireStage {
    id: String,
    name: Option<String>,
    repeatable: Option<bool>,
    #[serde(default)]
    access: Option<WireAccess>,
    program_stage_data_elements: Option<Vec<WireStageElement>>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireStageElement {
    data_element: Option<WireField>,
}

/// A tracked entity attribute or a data element; with nothing but its UID it is a reference.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireField {
    id: String,
    code: Option<String>,
    name: Option<String>,
    form_name: Option<String>,
    value_type: Option<String>,
    option_set: Option<WireOptionSet>,
    unique: Option<bool>,
}

#[derive(Clone, Deserialize)]
struct WireOptionSet {
    id: String,
    code: Option<String>,
    name: Option<String>,
    #[serde(default)]
    options: Vec<WireOption>,
}

#[derive(Clone, Deserialize)]
struct WireOption {
    id: String,
    code: Option<String>,
    name: Option<String>,
}

impl WirePackage {
    /// A package of one program and no lists, as the API answers it.
    pub(super) fn of_program(program: WireProgram) -> Self {
        Self { programs: vec![program], ..Self::default() }
    }

    /// The option sets, with their options.
    pub(super) fn into_option_sets(self) -> Vec<OptionSet> {
        let options: HashMap<&str, &WireOption> = self.options.iter().map(|o| (o.id.as_str(), o)).collect();
        self.option_sets.iter().map(|s| option_set(s, &options)).collect()
    }

    /// Follows every reference and builds the tracker programs.
    pub(super) fn assemble(self) -> Vec<ProgramMetadata> {
        let stages: HashMap<&str, &WireStage> = self.program_stages.iter().map(|s| (s.id.as_str(), s)).collect();
        let fields: HashMap<&str, &WireField> =
            self.tracked_entity_attributes.iter().chain(&self.data_elements).map(|f| (f.id.as_str(), f)).collect();
        let options: HashMap<&str, &WireOption> = self.options.iter().map(|o| (o.id.as_str(), o)).collect();
        let sets: HashMap<&str, &WireOptionSet> = self.option_sets.iter().map(|s| (s.id.as_str(), s)).collect();

        self.programs
            .iter()
            // An event program without registration holds no people.
            .filter(|p| p.program_type.as_deref() != Some("WITHOUT_REGISTRATION"))
            .map(|p| {
                let mut program = program(p, &stages, &fields);
                program.option_sets = program
                    .option_set_uids()
                    .iter()
                    .filter_map(|uid| sets.get(uid.as_str()))
                    .map(|s| option_set(s, &options))
                    .collect();
                program
            })
            .collect()
    }
}

fn program(
    wire: &WireProgram,
    stages: &HashMap<&str, &WireStage>,
    fields: &HashMap<&str, &WireField>,
) -> ProgramMetadata {
    let attributes = wire.program_tracked_entity_attributes.iter().filter_map(|link| {
        let named = link.tracked_entity_attribute.as_ref()?;
        let full = definition(named, fields);
        Some(MetaAttribute {
            id: full.id.clone(),
            code: full.code.clone(),
            name: full.name.clone().unwrap_or_default(),
            form_name: full.form_name.clone(),
            value_type: full.value_type.clone().or_else(|| link.value_type.clone()).unwrap_or_default(),
            option_set: full.option_set.as_ref().map(|s| s.id.clone()),
            unique: full.unique.unwrap_or(false),
            mandatory: link.mandatory.unwrap_or(false),
        })
    });
    let stages = wire.program_stages.iter().map(|named| {
        // The API nests the stage; a package only refers to it.
        let full = if named.program_stage_data_elements.is_some() {
            named
        } else {
            stages.get(named.id.as_str()).copied().unwrap_or(named)
        };
        let links = full.program_stage_data_elements.iter().flatten();
        let elements = links.filter_map(|link| link.data_element.as_ref()).map(|named| {
            let full = definition(named, fields);
            MetaElement {
                id: full.id.clone(),
                code: full.code.clone(),
                name: full.name.clone().unwrap_or_default(),
                form_name: full.form_name.clone(),
                value_type: full.value_type.clone().unwrap_or_default(),
                option_set: full.option_set.as_ref().map(|s| s.id.clone()),
            }
        });
        MetaStage {
            id: full.id.clone(),
            name: full.name.clone().unwrap_or_default(),
            repeatable: full.repeatable.unwrap_or(false),
            data_read: WireAccess::reads(named.access.as_ref()),
            data_elements: elements.collect(),
        }
    });
    ProgramMetadata {
        id: wire.id.clone(),
        code: wire.code.clone(),
        name: wire.name.clone().unwrap_or_default(),
        access_level: wire.access_level.clone(),
        tracked_entity_type: wire.tracked_entity_type.as_ref().map(|t| t.id.clone()),
        data_read: WireAccess::reads(wire.access.as_ref()),
        people_read: WireAccess::reads(wire.tracked_entity_type.as_ref().and_then(|kind| kind.access.as_ref())),
        attributes: attributes.collect(),
        stages: stages.collect(),
        option_sets: Vec::new(),
    }
}

/// The definition behind a reference, or the reference itself where it is already complete or stands alone.
fn definition<'a>(named: &'a WireField, fields: &HashMap<&str, &'a WireField>) -> &'a WireField {
    if named.value_type.is_some() { named } else { fields.get(named.id.as_str()).copied().unwrap_or(named) }
}

fn option_set(wire: &WireOptionSet, options: &HashMap<&str, &WireOption>) -> OptionSet {
    let resolve = |named: &WireOption| {
        let full = if named.code.is_some() { Some(named) } else { options.get(named.id.as_str()).copied() }?;
        Some(MetaOption { id: full.id.clone(), code: full.code.clone()?, name: full.name.clone().unwrap_or_default() })
    };
    OptionSet {
        id: wire.id.clone(),
        code: wire.code.clone(),
        name: wire.name.clone().unwrap_or_default(),
        // An option without a code cannot be told apart in a record and is left out.
        options: wire.options.iter().filter_map(resolve).collect(),
    }
}
