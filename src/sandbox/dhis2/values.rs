//! Aggregate data values (`POST /api/dataValueSets`): a value is replaced and never added, and what the server does
//! not take is told as a conflict. Up to 2.37 the import summary stands alone and the status is 200; from 2.38 on it
//! stands in a `WebMessage`, and a conflict makes the status 409.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{people::ORG_UNITS, rules::Refusal, users::User};

/// A data set of the server.
#[derive(Debug, Clone)]
pub struct DataSet {
    /// UID.
    pub id: String,
    /// `Daily`, `Weekly` or `Monthly`.
    pub period_type: String,
    /// UIDs of its data elements.
    pub elements: Vec<String>,
    /// UIDs of the category option combos of its elements, the default one first.
    pub option_combos: Vec<String>,
    /// UIDs of the org units that it is assigned to.
    pub org_units: Vec<String>,
}

impl DataSet {
    /// A daily one for counts of certificates, at every facility ([`COUNTS`], [`COUNTED`]).
    #[must_use]
    pub fn counts() -> Self {
        Self {
            id: COUNTS.to_owned(),
            period_type: "Daily".to_owned(),
            elements: COUNTED.map(str::to_owned).to_vec(),
            option_combos: vec!["HllvX50cXC0".to_owned()],
            org_units: ORG_UNITS.iter().map(|unit| unit.0.to_owned()).collect(),
        }
    }
}

/// UID of a data set for counts of certificates.
pub const COUNTS: &str = "VaccCounts1";
/// UIDs of its data elements: issued, revoked, refused, standing.
pub const COUNTED: [&str; 4] = ["VaccIssued1", "VaccRevoke1", "VaccRefuse1", "VaccStands1"];

/// Data element, period, org unit, category option combo.
pub type Key = (String, String, String, String);

/// What the server has, by its key.
pub type Values = BTreeMap<Key, String>;

/// Whether a text is a period of a type, by the ISO forms of DHIS2 (`20261121`, `2026W47`, `202611`).
fn is_period(text: &str, kind: &str) -> bool {
    let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
    match kind {
        "Daily" => {
            let day = (text.get(..4), text.get(4..6), text.get(6..));
            let (Some(year), Some(month), Some(date)) = day else { return false };
            digits(text, 8) && format!("{year}-{month}-{date}").parse::<jiff::civil::Date>().is_ok()
        }
        "Weekly" => text.split_once('W').is_some_and(|(year, week)| {
            digits(year, 4) && !week.starts_with('0') && week.parse().is_ok_and(|w: u8| (1..=53).contains(&w))
        }),
        _ => digits(text, 6) && text.get(4..).is_some_and(|m| m.parse().is_ok_and(|m: u8| (1..=12).contains(&m))),
    }
}

/// Takes what can be taken; the status and the answer.
pub(super) fn import(
    sets: &[DataSet],
    kept: &mut Values,
    minor: u16,
    user: &User,
    params: &[(String, String)],
    body: &Value,
) -> Result<(u16, Value), Refusal> {
    if !user.may("F_DATAVALUE_ADD") {
        let text = "Access is denied, requires one Authority from [F_DATAVALUE_ADD]";
        return Err(Refusal(403, None, text.to_owned()));
    }
    let get = |name: &str| params.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    let known = ["dryRun", "async", "importStrategy", "skipAudit", "force", "idScheme", "dataElementIdScheme"];
    if let Some((name, _)) = params.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        return Err(Refusal(400, None, format!("Unknown parameter {name}")));
    }
    let rows = body.get("dataValues").and_then(Value::as_array);
    let Some(rows) = rows else { return Err(Refusal(400, None, "Body is not a data value set".to_owned())) };
    let dry = get("dryRun") == Some("true");
    let whole = |name: &str| body.get(name).and_then(Value::as_str);
    let (mut imported, mut updated, mut ignored) = (0_u32, 0_u32, 0_u32);
    let mut conflicts = Vec::new();
    let mut conflict = |code: &str, object: &str, text: String, index: usize| {
        conflicts.push(if minor >= 38 {
            json!({"object": object, "value": text, "errorCode": code, "indexes": [index], "objects": {}})
        } else {
            json!({"object": object, "value": text})
        });
    };
    let set = whole("dataSet").map(|id| (id, sets.iter().find(|set| set.id == id)));
    if let Some((id, None)) = set {
        conflict("E7600", id, format!("Data set not found or not accessible: `{id}`"), 0);
        ignored = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    } else {
        for (index, row) in rows.iter().enumerate() {
            let own = |name: &str| row.get(name).and_then(Value::as_str).or_else(|| whole(name)).unwrap_or_default();
            let (element, period, unit) = (own("dataElement"), own("period"), own("orgUnit"));
            let value = own("value");
            let of = sets.iter().find(|set| set.elements.iter().any(|e| e == element));
            let Some(of) = of.filter(|of| set.is_none_or(|(id, _)| of.id == id)) else {
                let text = format!("Data element not found or not accessible: `{element}`");
                conflict("E7610", element, text, index);
                ignored += 1;
                continue;
            };
            let default = of.option_combos.first().map_or("HllvX50cXC0", String::as_str);
            let combo = match own("categoryOptionCombo") {
                "" => default,
                combo => combo,
            };
            let refused = if !is_period(period, &of.period_type) {
                Some(("E7611", period, format!("Period not valid: `{period}`")))
            } else if !ORG_UNITS.iter().any(|known| known.0 == unit) {
                Some(("E7612", unit, format!("Organisation unit not found or not accessible: `{unit}`")))
            } else if !of.org_units.iter().any(|assigned| assigned == unit) {
                let text = format!(
                    "Data element: `{element}` must be assigned through data sets to organisation unit: `{unit}`"
                );
                Some(("E7644", element, text))
            } else if !of.option_combos.is_empty() && !of.option_combos.iter().any(|known| known == combo) {
                let text = format!("Category option combo not found or not accessible: `{combo}`");
                Some(("E7613", combo, text))
            } else if value.parse::<u64>().is_err() {
                let text = format!(
                    "Value must match data element's `{element}` type constraints: Data value is not a zero or positive integer"
                );
                Some(("E7619", element, text))
            } else {
                None
            };
            if let Some((code, object, text)) = refused {
                conflict(code, object, text, index);
                ignored += 1;
                continue;
            }
            let key = (element.to_owned(), period.to_owned(), unit.to_owned(), combo.to_owned());
            let there = kept.contains_key(&key);
            if there {
                updated += 1
            } else {
                imported += 1
            }
            if !dry {
                kept.insert(key, value.to_owned());
            }
        }
    }
    let status = match (ignored, imported + updated) {
        (0, _) => "SUCCESS",
        (_, 0) => "ERROR",
        _ => "WARNING",
    };
    let summary = json!({
        "responseType": "ImportSummary", "status": status,
        "description": if status == "ERROR" { "The import process failed" } else { "Import process completed successfully" },
        "importOptions": {"dryRun": dry, "async": false, "importStrategy": get("importStrategy").unwrap_or("CREATE_AND_UPDATE")},
        "importCount": {"imported": imported, "updated": updated, "ignored": ignored, "deleted": 0},
        "conflicts": conflicts, "dataSetComplete": "false",
    });
    if minor < 38 {
        return Ok((200, summary));
    }
    let (code, reason, word, text) = match status {
        "SUCCESS" => (200, "OK", "OK", "Import was successful."),
        "WARNING" => (409, "Conflict", "WARNING", "One more conflicts encountered, please check import summary."),
        _ => (409, "Conflict", "ERROR", "An error occurred, please check import summary."),
    };
    let told = json!({
        "httpStatus": reason, "httpStatusCode": code, "status": word, "message": text, "response": summary,
    });
    Ok((code, told))
}

/// The body of a request as an object of JSON.
pub(super) fn body(bytes: &[u8]) -> Result<Value, Refusal> {
    let read = serde_json::from_slice::<Value>(bytes).ok().filter(Value::is_object);
    read.ok_or_else(|| Refusal(400, None, "Body is not a JSON object".to_owned()))
}
