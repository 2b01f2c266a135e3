//! From paths to what a verifier knows: trust, revocations, rules, value sets. Nothing is left out silently: a
//! verifier does not go on without a list that it was told to use.

use jiff::Timestamp;

use super::{
    VerifyArgs,
    lists::{self, ListError},
    memory::Memory,
};
use crate::{trust::TrustStore, valueset::ValueSets, verify::Verifier};

/// Everything that verdicts rest on.
pub(super) struct Knowledge {
    pub(super) trust: TrustStore,
}

impl Knowledge {
    /// Reads every path that the call names.
    pub(super) fn load(args: &VerifyArgs, _memory: &mut Memory) -> Result<Self, ListError> {
        Ok(Self { trust: lists::load(&args.trust, &args.list_key, args.trust_unsigned)? })
    }

    /// The value sets in use.
    pub(super) fn value_sets(&self) -> &ValueSets {
        ValueSets::built_in()
    }

    /// A verifier that knows all this.
    pub(super) fn verifier(&self, args: &VerifyArgs, at: Timestamp) -> Verifier<'_> {
        Verifier::new(&self.trust, at).with_payload(args.payload)
    }
}
