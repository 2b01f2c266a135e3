//! What a verifier knows, put together from bundles and single lists: trust, revocations, rules, value sets.

use super::Verifier;
use crate::{
    revocation::{Builder, RevocationError, Revocations},
    rules::{CodeLists, RuleSet, RuleSetError},
    trust::{
        TrustStore,
        bundle::{self, Bundle},
    },
    valueset::{ValueSetFileError, ValueSets, WhoCatalogue},
};

/// Everything that verdicts rest on.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    /// Whom to believe.
    pub trust: TrustStore,
    /// What issuers took back.
    pub revocations: Revocations,
    /// Rules of countries of arrival.
    pub rules: RuleSet,
    /// Codes of the value sets that rules look up.
    pub code_lists: CodeLists,
    /// Value sets from files, laid over the built-in ones; `None` where there is no file.
    value_sets: Option<ValueSets>,
}

/// Why a part of a bundle or list cannot be used. The others would leave a gap that nobody sees, so none is.
#[derive(Debug, thiserror::Error)]
pub enum KnowledgeError {
    /// Revocations.
    #[error(transparent)]
    Revocation(#[from] RevocationError),
    /// Rules.
    #[error(transparent)]
    Rules(#[from] RuleSetError),
    /// Value sets.
    #[error(transparent)]
    ValueSets(#[from] ValueSetFileError),
}

/// Knowledge while it is put together.
#[derive(Debug, Default)]
pub struct Assembly {
    /// Whom to believe.
    pub trust: TrustStore,
    /// What issuers took back.
    pub revocations: Builder,
    /// Rules of countries of arrival.
    pub rules: RuleSet,
    /// Value sets from files, with their names; later ones are laid over earlier ones.
    pub value_sets: Vec<(String, Vec<u8>)>,
}

impl Assembly {
    /// Adds everything that a bundle holds. `name` is what verdicts call it.
    ///
    /// # Errors
    /// [`KnowledgeError`] when a part of it cannot be read.
    pub fn add_bundle(&mut self, bundle: &Bundle, name: &str) -> Result<(), KnowledgeError> {
        if !bundle.contents.revocations.is_empty() {
            self.revocations.add_all(Revocations::decode(&bundle.contents.revocations)?)?;
        }
        for rules in &bundle.contents.rules {
            self.rules.merge(RuleSet::parse(rules.as_bytes())?)?;
        }
        let sets = bundle.contents.value_sets.iter();
        self.value_sets.extend(sets.map(|text| (name.to_owned(), text.clone().into_bytes())));
        if let Some(products) = &bundle.contents.products {
            self.add_products(name, products)?;
        }
        bundle::add_to(&mut self.trust, bundle, name);
        Ok(())
    }

    /// Adds a catalogue of vaccine products to be laid over the built-in one. What is in it is read by
    /// [`Assembly::finish`], with the value sets.
    ///
    /// # Errors
    /// [`KnowledgeError::ValueSets`] when the text is no catalogue: read as value sets it would mean nothing.
    pub fn add_products(&mut self, name: &str, text: &str) -> Result<(), KnowledgeError> {
        if !WhoCatalogue::looks_like(text.as_bytes()) {
            return Err(ValueSetFileError::NotACatalogue { name: name.to_owned() }.into());
        }
        self.value_sets.push((name.to_owned(), text.as_bytes().to_vec()));
        Ok(())
    }

    /// The whole, ready to be asked.
    ///
    /// # Errors
    /// [`KnowledgeError`] when the parts together are over a bound.
    pub fn finish(self) -> Result<Knowledge, KnowledgeError> {
        let files = self.value_sets.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
        let value_sets = if self.value_sets.is_empty() { None } else { Some(ValueSets::built_in().with(files)?) };
        // Only rules look codes up in lists; without rules they would be memory for nothing.
        let code_lists = if self.rules.is_empty() {
            CodeLists::default()
        } else {
            let sets = value_sets.as_ref().unwrap_or_else(|| ValueSets::built_in());
            sets.codes_by_id().map(|(id, codes)| (id, codes.collect())).collect()
        };
        let revocations = self.revocations.finish()?;
        Ok(Knowledge { trust: self.trust, revocations, rules: self.rules, code_lists, value_sets })
    }
}

impl Knowledge {
    /// What one bundle holds. `name` is what verdicts call it.
    ///
    /// # Errors
    /// [`KnowledgeError`] when a part of it cannot be read.
    pub fn of_bundle(bundle: &Bundle, name: &str) -> Result<Self, KnowledgeError> {
        let mut assembly = Assembly::default();
        assembly.add_bundle(bundle, name)?;
        assembly.finish()
    }

    /// A verifier that knows all this, but for rules: those need a country of arrival.
    #[must_use]
    pub fn verifier(&self, at: jiff::Timestamp) -> Verifier<'_> {
        Verifier::new(&self.trust, at).with_revocations(&self.revocations, false).with_value_sets(self.value_sets())
    }

    /// The value sets in use.
    #[must_use]
    pub fn value_sets(&self) -> &ValueSets {
        self.value_sets.as_ref().unwrap_or_else(|| ValueSets::built_in())
    }
}
