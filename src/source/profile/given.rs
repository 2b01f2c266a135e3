//! The second kind of rule in a profile: a data element that is true says which dose of which vaccine was given,
//! as routine immunization registries record it. One event may say so of many doses.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Field, Overridable, overridable};

overridable! {
    /// One dose that an event may record: "this data element is true, which means product and dose". Where the
    /// details of the dose come from is told here, or for all doses of the kind under `antigens`; each of them is
    /// looked for in the event, then among the attributes of the person, then in the other stages of the
    /// enrollment.
    #[derive(Default)]
    GivenRule, GivenRuleOverride {
        /// The data element that is true when the dose was given.
        data_element: Field,
        /// What was given: key of a kind of vaccine (`value-sets/vaccine-kinds.json`), or of a product.
        product: String,
        /// Number of the dose, from 1 to 9.
        dose: u8,
        /// Doses of the series, where the product does not tell.
        total: Option<u8>,
        /// Doses of one series must not contradict each other; absent: the product is the series.
        series: String,
        /// Whether the same dose may rightly be recorded on several days, as in campaigns.
        repeats: bool,
        /// The data element that says why the dose was not given: filled in together with the other it is a
        /// contradiction.
        not_given: Field,
        /// Batch or lot number.
        lot: Field,
        /// Which product it was, as a code.
        exact: Field,
        /// Name of the clinician.
        clinician: Field,
        /// Expiry date of the batch.
        expiry: Field,
    }
}

impl GivenRule {
    /// What tells this dose from the others of an event: the UID of its data element.
    #[must_use]
    pub fn part(&self) -> &str {
        &self.data_element.uid
    }
}

impl Overridable for Vec<GivenRule> {
    type Change = Vec<GivenRuleOverride>;

    /// A rule for a data element that has one changes that rule in what it names; any other is a rule of its own.
    fn apply(&mut self, change: Self::Change) {
        for rule in change {
            let uid = rule.data_element.as_ref().map_or("", |field| field.uid.as_str());
            match self.iter_mut().find(|known| !uid.is_empty() && known.data_element.uid == uid) {
                Some(known) => known.apply(rule),
                None => {
                    let mut new = GivenRule::default();
                    new.apply(rule);
                    self.push(new);
                }
            }
        }
    }
}

/// Where the details of all doses of one kind of vaccine come from; a rule's own details win.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Antigen {
    /// Batch or lot number.
    pub lot: Field,
    /// Which product it was, as a code.
    pub exact: Field,
    /// Name of the clinician.
    pub clinician: Field,
    /// Expiry date of the batch.
    pub expiry: Field,
    /// Which product the country used, and when: where no code says it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub used: Vec<Used>,
}

/// The one product of its kind that a country used for a time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Used {
    /// Id in WHO's catalogue, key of a product, or a code that the configuration maps to one.
    pub product: String,
    /// First day, as `YYYY-MM-DD`; absent: from the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Last day; absent: to this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

impl Used {
    /// Whether it was the product in use on a day.
    #[must_use]
    pub fn on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_for_a_known_data_element_changes_it_and_another_is_new() {
        #[derive(Deserialize)]
        struct Rules {
            given: Vec<GivenRuleOverride>,
        }
        let read = |text: &str| toml::from_str::<Rules>(text).unwrap().given;
        let mut rules = Vec::<GivenRule>::new();
        rules.apply(read("[[given]]\ndata_element = \"a\"\nproduct = \"yellow-fever\"\ndose = 1\ntotal = 1"));
        rules.apply(read("[[given]]\ndata_element = \"a\"\nlot = \"l\"\n[[given]]\ndata_element = \"b\"\ndose = 2"));
        assert_eq!(rules.len(), 2);
        assert_eq!((rules[0].product.as_str(), rules[0].dose, rules[0].lot.uid.as_str()), ("yellow-fever", 1, "l"));
        assert_eq!((rules[1].part(), rules[1].dose), ("b", 2));
        assert!(toml::from_str::<Rules>("[[given]]\ndata_elment = \"a\"").is_err());
    }

    #[test]
    fn a_product_is_in_use_from_its_first_to_its_last_day() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let used = Used { product: "p".into(), from: Some(day("2015-01-01")), until: Some(day("2020-12-31")) };
        assert!(used.on(day("2015-01-01")) && used.on(day("2020-12-31")));
        assert!(!used.on(day("2014-12-31")) && !used.on(day("2021-01-01")));
        assert!(Used { product: "p".into(), from: None, until: None }.on(day("1990-01-01")));
    }
}
