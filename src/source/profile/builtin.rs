//! The profiles that come with the program: facts of published packages, as data.

use super::Profile;

macro_rules! profiles {
    ($($name:literal),* $(,)?) => {
        /// Names of the built-in profiles: other programs, national derivatives of COVAC, then its packages, oldest
        /// first. Where a program
        /// or its data speak equally for several of them, the last one wins.
        pub const BUILT_IN_NAMES: &[&str] = &[$($name),*];

        const TEXTS: &[(&str, &str)] = &[$(($name, include_str!(concat!("builtin/", $name, ".toml")))),*];
    };
}

profiles!(
    "c19-cs-1.0.2",
    "imm-eir-2.40",
    "hisp-vietnam",
    "covac-1.0.0",
    "covac-1.1.0",
    "covac-1.1.x",
    "covac-1.2.0-2.35",
    "covac-1.2.0",
);

/// Every built-in profile. A test holds that each of them reads.
pub(super) fn all() -> Vec<Profile> {
    TEXTS.iter().filter_map(|(name, text)| Profile::from_toml(name, text).ok()).collect()
}
