//! Wire names of VDS-NC messages (ICAO technical report "VDS for Non-Constrained environments", data of the World
//! Health Organization for vaccinations and of CAPSCA for tests). Fields keep the text of the wire.

use std::fmt;

/// A message and its header.
#[derive(Clone, PartialEq, Eq)]
pub struct VdsNc {
    /// `hdr.is`: issuing state or organization, by Doc 9303-3.
    pub issuer: String,
    /// `hdr.v`.
    pub version: u64,
    /// `msg`.
    pub message: Message,
}

/// `msg`, by the type in the header.
#[derive(Clone, PartialEq, Eq)]
pub enum Message {
    /// `icao.vacc`.
    Vaccination(VaccinationProof),
    /// `icao.test`.
    Test(TestProof),
}

/// `msg` of `icao.vacc`.
#[derive(Clone, PartialEq, Eq)]
pub struct VaccinationProof {
    /// `uvci`: identifier, at most 12 characters.
    pub id: String,
    /// `pid`.
    pub person: Person,
    /// `ve`: at least one.
    pub events: Vec<VaccinationEvent>,
}

/// `pid` of either kind.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// `n`: name in the form of Doc 9303-3, primary and secondary identifier parted by two spaces; at most 39
    /// characters, cut where it is longer.
    pub name: String,
    /// `dob`: `YYYY-MM-DD`, or without day, or without month. A vaccination may lack it where it has `i`.
    pub birth_date: Option<String>,
    /// `sex`: `M`, `F` or `X` (Doc 9303-4 section 4.1.1.1). Vaccinations alone.
    pub sex: Option<String>,
    /// `i` of a vaccination (number of the travel document), `dn` of a test.
    pub document_number: Option<String>,
    /// `dt` of a test: `P`, `A`, `C`, `I`, `AC`, `V` or `D`.
    pub document_type: Option<String>,
    /// `ai`: another number, of the issuer's choice. Vaccinations alone.
    pub additional: Option<String>,
}

/// An entry of `ve`: a vaccine with its doses.
#[derive(Clone, PartialEq, Eq)]
pub struct VaccinationEvent {
    /// `des`: vaccine or prophylaxis, extension code of ICD-11.
    pub vaccine: String,
    /// `nam`: product.
    pub product: String,
    /// `dis`: disease, ICD-11.
    pub disease: Option<String>,
    /// `vd`: at least one.
    pub doses: Vec<Dose>,
}

/// An entry of `vd`.
#[derive(Clone, PartialEq, Eq)]
pub struct Dose {
    /// `dvc`: day of the dose, `YYYY-MM-DD`.
    pub date: String,
    /// `seq`: number of the dose.
    pub number: u32,
    /// `ctr`: country, three letters.
    pub country: String,
    /// `adm`: administering centre.
    pub centre: Option<String>,
    /// `lot`.
    pub lot: String,
    /// `dvn`: day of the next dose.
    pub next: Option<String>,
}

/// `msg` of `icao.test`.
#[derive(Clone, PartialEq, Eq)]
pub struct TestProof {
    /// `utci`: identifier, at most 12 characters.
    pub id: String,
    /// `pid`.
    pub person: Person,
    /// `sp.spn`: testing facility.
    pub centre: String,
    /// `sp.ctr`: country, three letters.
    pub country: String,
    /// `dat.sc`: when the sample was taken, RFC 3339.
    pub sampled_at: String,
    /// `dat.ri`: when the report was issued, RFC 3339.
    pub reported_at: String,
    /// `tr.tc`: `molecular(PCR)`, `molecular(other)`, `antigen` or `antibody`.
    pub kind: String,
    /// `tr.r`: `positive`, `negative`, `normal` or `abnormal`.
    pub result: String,
    /// `tr.m`: `nasopharyngeal`, `oropharyngeal`, `saliva`, `blood` or `other`.
    pub method: Option<String>,
    /// `opt`: data of the issuer's choice.
    pub optional: Option<String>,
}

macro_rules! without_content {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}

// Whose certificate it is, and what it says, never reaches a log.
without_content!(VdsNc, Message, VaccinationProof, Person, VaccinationEvent, Dose, TestProof);
