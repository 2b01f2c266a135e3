//! From every format to every other, by way of the hub [`super::core`]. Each format reads itself into a
//! [`CoreDataSet`] (`to_core` of its room); [`convert`] writes one as the content of another format and lists,
//! element by element, what did not fit.
//!
//! | core data set | EU DCC | DIVOC | SMART Health Card | VDS-NC | ICVP (G3) |
//! |---|---|---|---|---|---|
//! | `name` | `nam.fn`, `.gn`, `.fnt`, `.gnt` | `credentialSubject.name` | `Patient.name` | `pid.n` (39) | `n` |
//! | `birthDate` | `dob` | `.dob` | `Patient.birthDate` | `pid.dob` | `dob` (a full date) |
//! | `sex` | - | `.gender` | `Patient.gender` | `pid.sex` | `s` |
//! | `identifier` | - | `.id` | `Patient.identifier` | `pid.i`, `.ai`; `.dn`, `.dt` | `id`, `dt` |
//! | `nationality` | - | `.nationality` | - | - | `nt` (alpha-3) |
//! | `guardian` | - | - | - | - | `gn` |
//! | `certificate.issuer` | `is` | `issuer` (an address) | envelope | `hdr.is` (alpha-3) | `vx.is` |
//! | `certificate.hcid` | `ci` | `evidence.certificateId` | - | `uvci` (12) | - |
//! | `certificate.period` | envelope | `.effectiveStart`, `.effectiveUntil` | envelope | - | envelope |
//! | `vaccination.vaccine` | `vp` (SNOMED, ATC) | `.icd11Code`, `.prophylaxis` | `vaccineCode` | `ve.des` (ICD-11) | by product |
//! | `vaccination.brand` | `mp` | `.vaccine` | `vaccineCode` | `ve.nam` | `vp` (WHO product) |
//! | `vaccination.manufacturer` | - | `.manufacturer` | `manufacturer` | - | by product |
//! | `vaccination.maholder` | `ma` | - | - | - | - |
//! | `vaccination.lot` | - | `.batch` | `lotNumber` | `vd.lot` | `bo` |
//! | `vaccination.date` | `dt` | `.date` | `occurrenceDateTime` | `vd.dvc` | `dv` |
//! | `vaccination.dose` | `dn` | `.dose` | - | `vd.seq` | - |
//! | `vaccination.totalDoses` | `sd` | `.totalDoses` | - | - | - |
//! | `vaccination.country` | `co` (alpha-2) | `.facility.address` | - | `vd.ctr` (alpha-3) | - |
//! | `vaccination.centre` | - | `.facility.name` | `performer` | `vd.adm` (20) | - |
//! | `vaccination.practitioner` | - | `.verifier.name` | - | - | `cn` |
//! | `vaccination.disease` | `tg` | by vaccine | by vaccine | `ve.dis` | by product |
//! | `vaccination.nextDose` | - | - | - | `vd.dvn` | - |
//!
//! DDCC is the core data set itself. What an envelope says (its times, its issuer, its key) is for the new signer
//! to say and no loss, and neither is the version of the source's schema.
//!
//! Nothing is guessed. A name that its source did not divide is never divided at a blank: where a family name is
//! needed the whole name stands there, as ICAO Doc 9303 part 3 has it for undivided names, and the loss is listed.
//! A code goes over when a table says so ([`codes`]); what the target requires and nobody knows is left out and
//! listed. Of several events, a target with room for one takes the latest.
//!
//! Sources: WHO DDCC 1.0.1 structure maps and concept maps, with their errors mended (the files of
//! `value-sets/who/concept-maps` name each); EU DCC schema 1.3; DIVOC credentials v2; SMART Health Cards vaccination
//! guide; ICAO VDS-NC report 1.4; WHO ICVP requirements of April 2026.

#[cfg(test)]
mod cases;
pub mod codes;
mod dcc;
mod ddcc;
mod divoc;
mod elements;
mod icvp;
mod ledger;
mod shc;
pub mod system;
#[cfg(test)]
mod tests;
mod vdsnc;

use super::core::{CoreDataSet, Event, Loss};
use crate::record::names::NameError;
use ledger::Ledger;

/// A format to convert into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// EU Digital COVID Certificate: the content of sub-claim 1.
    EuDcc,
    /// WHO DDCC: the content of sub-claim 3 or 4.
    Ddcc,
    /// DIVOC: the credential without its proof.
    Divoc,
    /// SMART Health Card: its FHIR bundle.
    Shc,
    /// ICAO VDS-NC: its `data`, without the signature.
    VdsNc,
    /// WHO ICVP, generation 3: the content of sub-claim -6.
    Icvp,
}

impl Target {
    /// Every target.
    pub const ALL: [Self; 6] = [Self::EuDcc, Self::Ddcc, Self::Divoc, Self::Shc, Self::VdsNc, Self::Icvp];

    /// Stable code, the one that verdicts use for the format.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::EuDcc => "eu-dcc",
            Self::Ddcc => "ddcc",
            Self::Divoc => "divoc",
            Self::Shc => "shc",
            Self::VdsNc => "vds-nc",
            Self::Icvp => "icvp",
        }
    }

    /// The target with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.code() == code)
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// Why a certificate cannot be said in another format at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConvertError {
    /// No event.
    #[error("the certificate states no vaccination, test or recovery that could be converted")]
    NoEvent,
    /// The target has no such event.
    #[error("{target} cannot state a {event}: choose another format")]
    NoSuchEvent {
        /// The target.
        target: Target,
        /// `vaccination`, `test` or `recovery`.
        event: &'static str,
    },
    /// The target is for COVID-19 alone.
    #[error("{target} states nothing but COVID-19: choose another format")]
    OtherDisease {
        /// The target.
        target: Target,
    },
    /// No letter in the name.
    #[error("the certificate has no name that {target} could carry")]
    NameMissing {
        /// The target.
        target: Target,
    },
    /// The name has no form in Latin letters, which the target requires.
    #[error("{target} needs the name in Latin letters: {error}")]
    Name {
        /// The target.
        target: Target,
        /// Why there is none.
        error: NameError,
    },
    /// An element without which the target says nothing.
    #[error("the certificate lacks {element}, without which {target} says nothing")]
    Missing {
        /// The target.
        target: Target,
        /// Name of the element in the core data set.
        element: &'static str,
    },
    /// The product is in no catalogue of WHO.
    #[error("{target} names a product by WHO's catalogue, and this certificate does not: choose another format")]
    NotInCatalogue {
        /// The target.
        target: Target,
    },
}

/// Says the certificate in another format: the content without envelope and signature, and what was lost.
///
/// # Errors
/// [`ConvertError`] when the target cannot say what the certificate says.
pub fn convert(core: &CoreDataSet, to: Target) -> Result<(serde_json::Value, Vec<Loss>), ConvertError> {
    let latest = elements::latest(&core.events).ok_or(ConvertError::NoEvent)?;
    let mut ledger = Ledger::new(to);
    let payload = match to {
        Target::EuDcc => dcc::write(core, latest, &mut ledger),
        Target::Ddcc => ddcc::write(core, latest, &mut ledger),
        Target::Divoc => divoc::write(core, latest, &mut ledger),
        Target::Shc => shc::write(core, &mut ledger),
        Target::VdsNc => vdsnc::write(core, latest, &mut ledger),
        Target::Icvp => icvp::write(core, latest, &mut ledger),
    }?;
    Ok((payload, ledger.into_losses()))
}

/// Name of the kind of an event.
fn kind(event: &Event) -> &'static str {
    match event {
        Event::Vaccination(_) => "vaccination",
        Event::Test(_) => "test",
        Event::Recovery(_) => "recovery",
    }
}
