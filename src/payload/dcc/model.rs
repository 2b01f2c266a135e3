//! Wire names of the EU DCC (schema 1.3.3). Fields keep the text of the wire: what a certificate says is
//! shown and compared as it stands.

use std::fmt;

/// A certificate: one person, one event.
#[derive(Clone, PartialEq, Eq)]
pub struct Dcc {
    /// `ver`: version of the schema.
    pub version: String,
    /// `nam`: the name.
    pub name: Name,
    /// `dob`: `YYYY-MM-DD`, `YYYY-MM`, `YYYY` or empty.
    pub birth_date: String,
    /// `v`, `t` or `r`.
    pub entry: Entry,
}

/// `nam`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Name {
    /// `fn`: family name as written at home.
    pub family: Option<String>,
    /// `gn`: given names as written at home.
    pub given: Option<String>,
    /// `fnt`: family name by ICAO 9303, `A-Z<`.
    pub family_standard: Option<String>,
    /// `gnt`: given names by ICAO 9303.
    pub given_standard: Option<String>,
}

/// The one event of a certificate.
#[derive(Clone, PartialEq, Eq)]
pub enum Entry {
    /// `v`.
    Vaccination(Vaccination),
    /// `t`.
    Test(Test),
    /// `r`.
    Recovery(Recovery),
}

/// An entry of `v`.
#[derive(Clone, PartialEq, Eq)]
pub struct Vaccination {
    /// `tg`: disease or agent targeted.
    pub disease: String,
    /// `vp`: vaccine or prophylaxis.
    pub prophylaxis: String,
    /// `mp`: medicinal product.
    pub product: String,
    /// `ma`: marketing authorisation holder or manufacturer.
    pub holder: String,
    /// `dn`: number of the dose.
    pub dose: i64,
    /// `sd`: doses in the series.
    pub total_doses: i64,
    /// `dt`: date.
    pub date: String,
    /// `co`: country.
    pub country: String,
    /// `is`: issuer.
    pub issuer: String,
    /// `ci`: certificate identifier.
    pub id: String,
}

/// An entry of `t`.
#[derive(Clone, PartialEq, Eq)]
pub struct Test {
    /// `tg`: disease or agent targeted.
    pub disease: String,
    /// `tt`: type of test.
    pub kind: String,
    /// `nm`: name of a NAAT test.
    pub test_name: Option<String>,
    /// `ma`: device of a rapid antigen test.
    pub device: Option<String>,
    /// `sc`: date and time of the sample.
    pub sampled_at: String,
    /// `tr`: result.
    pub result: String,
    /// `tc`: testing centre.
    pub centre: Option<String>,
    /// `co`: country.
    pub country: String,
    /// `is`: issuer.
    pub issuer: String,
    /// `ci`: certificate identifier.
    pub id: String,
}

/// An entry of `r`.
#[derive(Clone, PartialEq, Eq)]
pub struct Recovery {
    /// `tg`: disease or agent targeted.
    pub disease: String,
    /// `fr`: date of the first positive result.
    pub first_positive: String,
    /// `co`: country.
    pub country: String,
    /// `is`: issuer.
    pub issuer: String,
    /// `df`: valid from.
    pub valid_from: String,
    /// `du`: valid until.
    pub valid_until: String,
    /// `ci`: certificate identifier.
    pub id: String,
}

impl Entry {
    /// Certificate identifier.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Vaccination(v) => &v.id,
            Self::Test(t) => &t.id,
            Self::Recovery(r) => &r.id,
        }
    }

    /// Country of the event.
    #[must_use]
    pub fn country(&self) -> &str {
        match self {
            Self::Vaccination(v) => &v.country,
            Self::Test(t) => &t.country,
            Self::Recovery(r) => &r.country,
        }
    }

    /// Body that answers for the certificate.
    #[must_use]
    pub fn issuer(&self) -> &str {
        match self {
            Self::Vaccination(v) => &v.issuer,
            Self::Test(t) => &t.issuer,
            Self::Recovery(r) => &r.issuer,
        }
    }
}

impl fmt::Debug for Dcc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Personal data never reaches a log through `{:?}`.
        write!(f, "Dcc({}, {})", self.version, self.entry.id())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Name(…)")
    }
}

macro_rules! id_only {
    ($($kind:ident),*) => {$(
        impl fmt::Debug for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($kind), "({})"), self.id)
            }
        }
    )*};
}
id_only!(Vaccination, Test, Recovery);

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({})", self.id())
    }
}
