//! Versions `x.y.z` of rules, schemas and engines, ordered part by part.

use std::{fmt, str::FromStr};

/// A version of three numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Version {
    /// First number.
    pub major: u32,
    /// Second number.
    pub minor: u32,
    /// Third number.
    pub patch: u32,
}

impl Version {
    /// The version of these three numbers.
    #[must_use]
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }
}

/// A text is not a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a version is one to three numbers with points between, such as 1.0.0")]
pub struct VersionError;

impl FromStr for Version {
    type Err = VersionError;

    /// Reads one to three numbers; those that are missing are 0.
    fn from_str(text: &str) -> Result<Self, VersionError> {
        let mut numbers = text.split('.').map(|part| {
            let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            part.parse().ok().filter(|_| digits).ok_or(VersionError)
        });
        let major = numbers.next().ok_or(VersionError)??;
        let minor = numbers.next().transpose()?.unwrap_or(0);
        let patch = numbers.next().transpose()?.unwrap_or(0);
        numbers.next().map_or(Ok(Self { major, minor, patch }), |_| Err(VersionError))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number_and_not_by_digit() {
        let version = |text: &str| text.parse::<Version>().ok();
        assert!(version("1.0.100") > version("1.0.99"));
        assert!(version("1.10.0") > version("1.9.250"));
        assert!(version("2.0.0") > version("1.300.0"));
        assert_eq!(version("1.3"), Some(Version::new(1, 3, 0)));
        for wrong in ["", "1.", "a", "1.0.0.0", "+1.0.0", "1.0.0-beta", "99999999999.0.0"] {
            assert_eq!(version(wrong), None, "{wrong}");
        }
    }
}
