//! What a verifier knows, put together from bundles and single lists: trust, revocations, rules, value sets.

use super::Verifier;
use crate::{
    revocation::{Builder, RevocationError, Revocations},
    rules::{CodeList, CodeLists, RuleSet, RuleSetError},
    trust::{
        TrustStore,
        bundle::{self, Bundle},
    },
    valueset::{EuSet, ValueSets},
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
        bundle::add_to(&mut self.trust, bundle, name);
        Ok(())
    }

    /// The whole, ready to be asked.
    ///
    /// # Errors
    /// [`KnowledgeError`] when the parts together are over a bound.
    pub fn finish(self) -> Result<Knowledge, KnowledgeError> {
        // Only rules look codes up in lists; without rules they would be memory for nothing.
        let code_lists = if self.rules.is_empty() { CodeLists::default() } else { code_lists(ValueSets::built_in()) };
        Ok(Knowledge { trust: self.trust, revocations: self.revocations.finish()?, rules: self.rules, code_lists })
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
        Verifier::new(&self.trust, at).with_revocations(&self.revocations, false)
    }
}

fn code_lists(sets: &ValueSets) -> CodeLists {
    EuSet::ALL
        .into_iter()
        .map(|set| (set.id(), CodeList::from_iter(sets.eu_set(set).entries().map(|entry| entry.code.as_str()))))
        .collect()
}
