//! Rules, value sets and countries in the forms of the EU's business rule service, which the reference apps read.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value as Json, json};

use super::{Kind, Prepared, RuleItem, ValueSetItem};
use crate::{
    keys::{Signer, sha256, signature_to_der},
    service::Known,
    valueset::{EuSet, ValueSet, ValueSets},
};

/// All of them, ready to be sent.
#[derive(Debug)]
pub(in crate::service) struct Forms {
    pub(super) rules: Prepared,
    pub(super) rules_of: BTreeMap<String, Prepared>,
    /// By country and hash.
    pub(super) rule: HashMap<(String, String), Prepared>,
    pub(super) value_sets: Prepared,
    /// By hash.
    pub(super) value_set: HashMap<String, Prepared>,
    pub(super) countries: Prepared,
    /// Signatures by what they stand over, for the next time: a key in a token signs some dozen a second.
    pub(super) signatures: HashMap<String, String>,
}

/// Signs hashes, and none twice.
struct Sealer<'a> {
    signer: &'a dyn Signer,
    known: &'a HashMap<String, String>,
    made: HashMap<String, String>,
}

impl Sealer<'_> {
    /// The signature over a hash in hexadecimal; `None` while the key is away: the content is good without it.
    fn seal(&mut self, hash: &str) -> Option<&str> {
        if !self.made.contains_key(hash) {
            let text = match self.known.get(hash) {
                Some(text) => text.clone(),
                None => {
                    let signature = self.signer.sign(hash.as_bytes()).ok()?;
                    STANDARD.encode(signature_to_der(self.signer.algorithm(), &signature)?)
                }
            };
            self.made.insert(hash.to_owned(), text);
        }
        self.made.get(hash).map(String::as_str)
    }
}

fn hex(data: &[u8]) -> String {
    sha256(data).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Forms {
    /// Makes them of what verdicts rest on. `own` is the country of this issuer; `known` are signatures of before.
    pub(super) fn new(known: &Known, own: &str, signer: &dyn Signer, before: &HashMap<String, String>) -> Self {
        let mut sealer = Sealer { signer, known: before, made: HashMap::new() };
        let modified = Some(known.pulled_at.unwrap_or(known.made_at));
        let (mut all, mut rule) = (Vec::new(), HashMap::new());
        for text in &known.rules {
            let hash = hex(text.text.as_bytes());
            let prepared = Prepared::new(Kind::NAMED_JSON, text.text.clone(), modified).signed(sealer.seal(&hash));
            rule.insert((text.country.clone(), hash.clone()), prepared);
            let (identifier, version, country) = (text.identifier.clone(), text.version.clone(), text.country.clone());
            all.push(RuleItem { identifier, version, country, hash });
        }
        all.sort_by(|a, b| (&a.country, &a.identifier, &a.version).cmp(&(&b.country, &b.identifier, &b.version)));
        let mut list = |json: String| {
            let hash = hex(json.as_bytes());
            Prepared::new(Kind::JSON, json, modified).signed(sealer.seal(&hash))
        };
        let rules = list(text_of(&all));
        let named: BTreeSet<&str> = all.iter().map(|item| item.country.as_str()).collect();
        let rules_of = named.into_iter().map(|country| {
            let items: Vec<&RuleItem> = all.iter().filter(|item| item.country == country).collect();
            (country.to_owned(), list(text_of(&items)))
        });
        let rules_of = rules_of.collect();
        let countries = list(text_of(&countries(known, own)));

        let mut texts: BTreeMap<String, String> = EuSet::ALL
            .into_iter()
            .map(|set| ValueSets::built_in().eu_set(set))
            .map(|set| (set.value_set.clone(), official(set)))
            .collect();
        texts.extend(known.value_sets.iter().map(|set| (set.id.clone(), set.text.clone())));
        let mut items = Vec::new();
        let mut value_set = HashMap::new();
        for (id, text) in texts {
            let hash = hex(text.as_bytes());
            let prepared = Prepared::new(Kind::NAMED_JSON, text, modified).signed(sealer.seal(&hash));
            value_set.insert(hash.clone(), prepared);
            items.push(ValueSetItem { id, hash });
        }
        let json = text_of(&items);
        let hash = hex(json.as_bytes());
        let value_sets = Prepared::new(Kind::JSON, json, modified).signed(sealer.seal(&hash));
        let signatures = sealer.made;
        Self { rules, rules_of, rule, value_sets, value_set, countries, signatures }
    }
}

/// Lists of texts cannot fail to be written.
fn text_of(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "[]".to_owned())
}

/// The participating countries: as they were pulled, else those whose signers are believed, and our own.
fn countries(known: &Known, own: &str) -> Vec<String> {
    if !known.countries.is_empty() {
        return known.countries.clone();
    }
    let signers = known.knowledge.trust.keys().filter_map(|key| key.country.clone());
    let all: BTreeSet<String> = signers.chain(std::iter::once(own.to_owned())).collect();
    all.into_iter().collect()
}

/// A built-in value set in the form in which the EU publishes value sets.
fn official(set: &ValueSet) -> String {
    let values: Map<String, Json> = set
        .entries()
        .map(|entry| {
            let version = entry.version.clone().unwrap_or_default();
            let (display, system, active) = (&entry.display, &entry.system, entry.active);
            let value =
                json!({"display": display, "lang": "en", "active": active, "version": version, "system": system});
            (entry.code.clone(), value)
        })
        .collect();
    let (id, date) = (&set.value_set, set.date.to_string());
    json!({"valueSetId": id, "valueSetDate": date, "valueSetValues": values}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_value_sets_are_read_back_as_they_are() {
        for set in EuSet::ALL.map(|set| ValueSets::built_in().eu_set(set)) {
            let text = official(set);
            let read = ValueSets::default().with([("set.json", text.as_bytes())]).unwrap();
            let (id, codes) = read.codes_by_id().find(|(id, _)| *id == set.value_set).unwrap();
            let mut codes: Vec<_> = codes.map(str::to_owned).collect();
            let mut expected: Vec<_> = set.entries().map(|entry| entry.code.clone()).collect();
            codes.sort();
            expected.sort();
            assert_eq!((id, codes), (set.value_set.as_str(), expected));
        }
    }
}
