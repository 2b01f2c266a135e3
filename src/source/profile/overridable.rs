//! Settings that a file may override field by field: one definition gives the settings and their override,
//! so that the two can never drift apart.

use std::collections::BTreeMap;

/// A setting that can be overridden.
pub trait Overridable {
    /// What an override file may say about it.
    type Change;

    /// Takes the change over.
    fn apply(&mut self, change: Self::Change);
}

/// A plain value is replaced.
macro_rules! replaced {
    ($($ty:ty),* $(,)?) => {$(
        impl $crate::source::profile::Overridable for $ty {
            type Change = Self;

            fn apply(&mut self, change: Self) {
                *self = change;
            }
        }
    )*};
}

replaced!(
    String,
    bool,
    u8,
    u16,
    Option<u8>,
    Vec<String>,
    Option<String>,
    super::Field,
    crate::source::policy::BirthDateMissing,
    crate::source::policy::BirthDateEstimated,
    crate::source::policy::EarlierDoseMissing,
    crate::source::policy::NoteOrRefuse,
    crate::source::policy::AllowOrRefuse,
    crate::source::policy::SamplePairing,
);

/// A map is extended: the override's entries win, the others stay.
impl<V> Overridable for BTreeMap<String, V> {
    type Change = Self;

    fn apply(&mut self, change: Self) {
        self.extend(change);
    }
}

/// Defines a group of settings and its override, in which every field is optional and has the same name.
macro_rules! overridable {
    ($(#[$meta:meta])* $name:ident, $over:ident {
        $($(#[$field_meta:meta])* $field:ident: $ty:ty,)*
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $ty,)*
        }

        #[doc = concat!("Override of [`", stringify!($name), "`]: a field that is absent stays as it is.")]
        #[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $over {
            $($(#[$field_meta])* pub $field: Option<<$ty as $crate::source::profile::Overridable>::Change>,)*
        }

        impl $crate::source::profile::Overridable for $name {
            type Change = $over;

            fn apply(&mut self, change: $over) {
                $(if let Some(change) = change.$field {
                    $crate::source::profile::Overridable::apply(&mut self.$field, change);
                })*
            }
        }
    };
}

pub(in crate::source) use overridable;
