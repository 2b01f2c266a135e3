//! Our own table: every list of a collection in one run of bytes, for the signed bundle. Sixteen bytes an
//! entry, in one form only: what differs in a byte differs in content.
//!
//! All numbers are big-endian. `VCRT`, version 1 (one byte); the number of statements of coverage (u32), each a
//! scope (0; or 1 and two bytes of country; or 2, the length of a kid and the kid), a kind (u8) and an end (0;
//! or 1 and seconds since 1970 as i64); the number of lists (u32), each the length of its kid (u8, 0 for any)
//! and the kid, a kind (u8), the number of hashes (u32) and the hashes. Statements, lists and hashes ascend
//! strictly; nothing follows.
//!
//! Version 2 has lists of health cards besides, at least one: their number (u32), each its kid as above, the number
//! of entries (u32), each the hash of the identifier and 0 for all its cards, or 1 and seconds since 1970 (i64) for
//! those issued before.
//!
//! Version 3 has the lists of health cards as version 2, be there none, and behind them what was revoked once and is
//! no more: the number of lists (u32, at least one), each a kind (u8), the number of hashes (u32) and the hashes.
//! A table is of the lowest version that can say it, which older programs read.

use jiff::Timestamp;

use super::{
    Builder, Revocations, Scope, Until,
    cards::Before,
    error::RevocationError,
    hash::{Hash, HashKind},
};
use crate::{keys::Kid, limits};

const MAGIC: &[u8; 4] = b"VCRT";
const VERSION: u8 = 1;
const VERSION_WITH_CARDS: u8 = 2;
const VERSION_WITH_RELEASED: u8 = 3;

/// Whether bytes say of themselves that they are a table.
pub(super) fn looks_like(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

fn number(kind: HashKind) -> u8 {
    match kind {
        HashKind::Signature => 0,
        HashKind::Uci => 1,
        HashKind::CountryCodeUci => 2,
        HashKind::Identifier => 3,
    }
}

impl Revocations {
    /// The lists and what they cover as one table.
    ///
    /// # Errors
    /// [`RevocationError::NotATable`] when there are filters: their files are carried as they came.
    pub fn encode(&self) -> Result<Vec<u8>, RevocationError> {
        let beside = self.filter_count() + self.filtered.len() + self.missing_slices();
        if beside > 0 {
            return Err(RevocationError::NotATable { count: beside });
        }
        let mut out = Vec::with_capacity(self.len().saturating_mul(16).saturating_add(1024));
        out.extend(MAGIC);
        let version = match (self.released_len(), self.cards.0.is_empty()) {
            (0, true) => VERSION,
            (0, false) => VERSION_WITH_CARDS,
            _ => VERSION_WITH_RELEASED,
        };
        out.push(version);
        let stated = self.covered.iter().flat_map(|(scope, all)| all.iter().map(move |(kind, end)| (scope, kind, end)));
        let stated: Vec<_> = stated.filter_map(|(scope, kind, end)| Some((scope, kind, (*end)?))).collect();
        put_count(&mut out, stated.len());
        for (scope, kind, until) in stated {
            match scope {
                Scope::Everyone => out.push(0),
                Scope::Country(code) => {
                    out.push(1);
                    out.extend(code);
                }
                Scope::Kid(kid) => {
                    out.push(2);
                    put_kid(&mut out, Some(kid));
                }
            }
            out.push(number(kind));
            match until {
                Until::Open => out.push(0),
                Until::Time(end) => {
                    out.push(1);
                    out.extend(end.as_second().to_be_bytes());
                }
            }
        }
        let mut lists: Vec<_> = self.tables().filter(|(.., table)| table.len() > 0).collect();
        lists.sort_by_key(|(kid, kind, _)| (*kid, *kind));
        put_count(&mut out, lists.len());
        for (kid, kind, table) in lists {
            put_kid(&mut out, kid);
            out.push(number(kind));
            put_count(&mut out, table.len());
            table.iter().for_each(|hash| out.extend(hash));
        }
        if version != VERSION {
            put_count(&mut out, self.cards.0.len());
        }
        for (kid, list) in &self.cards.0 {
            put_kid(&mut out, Some(kid));
            put_count(&mut out, list.len());
            for (rid, before) in list {
                out.extend(rid);
                match before {
                    Before::Always => out.push(0),
                    Before::Time(end) => {
                        out.push(1);
                        out.extend(end.as_second().to_be_bytes());
                    }
                }
            }
        }
        if version == VERSION_WITH_RELEASED {
            let released: Vec<_> = self.released.iter().filter(|(_, table)| table.len() > 0).collect();
            put_count(&mut out, released.len());
            for (kind, table) in released {
                out.push(number(kind));
                put_count(&mut out, table.len());
                table.iter().for_each(|hash| out.extend(hash));
            }
        }
        Ok(out)
    }

    /// Reads a table. The hashes are copied once.
    ///
    /// # Errors
    /// [`RevocationError::Table`] and [`RevocationError::TableVersion`]; [`RevocationError::TooMany`].
    pub fn decode(bytes: &[u8]) -> Result<Self, RevocationError> {
        decode(bytes)
    }
}

/// Counts stay below 2³² by [`limits::REVOCATION_ENTRIES`].
fn put_count(out: &mut Vec<u8>, count: usize) {
    out.extend(u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes());
}

/// Kids have at most [`limits::REVOCATION_KID_BYTES`].
fn put_kid(out: &mut Vec<u8>, kid: Option<&Kid>) {
    let bytes = kid.map_or(&[][..], Kid::as_bytes);
    out.push(u8::try_from(bytes.len()).unwrap_or(u8::MAX));
    out.extend(bytes);
}

/// What is left of a table.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, count: usize, part: &'static str) -> Result<&'a [u8], RevocationError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(RevocationError::Table { part })?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, part: &'static str) -> Result<[u8; N], RevocationError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(RevocationError::Table { part })?;
        self.0 = rest;
        Ok(*taken)
    }

    fn byte(&mut self, part: &'static str) -> Result<u8, RevocationError> {
        self.array::<1>(part).map(|[byte]| byte)
    }

    fn count(&mut self, part: &'static str) -> Result<usize, RevocationError> {
        usize::try_from(u32::from_be_bytes(self.array(part)?)).map_err(|_| RevocationError::Table { part })
    }

    fn kind(&mut self, part: &'static str) -> Result<HashKind, RevocationError> {
        let found = self.byte(part)?;
        HashKind::ALL.into_iter().find(|kind| number(*kind) == found).ok_or(RevocationError::Table { part })
    }

    fn kid(&mut self, part: &'static str) -> Result<Option<Kid>, RevocationError> {
        match usize::from(self.byte(part)?) {
            0 => Ok(None),
            length if length <= limits::REVOCATION_KID_BYTES => Ok(Some(Kid::new(self.take(length, part)?))),
            _ => Err(RevocationError::Table { part }),
        }
    }
}

/// Reads a table.
pub(super) fn decode(bytes: &[u8]) -> Result<Revocations, RevocationError> {
    let wrong = |part| RevocationError::Table { part };
    let mut rest = Rest(bytes);
    if &rest.array("mark")? != MAGIC {
        return Err(wrong("mark"));
    }
    let version = rest.byte("version")?;
    match version {
        VERSION | VERSION_WITH_CARDS | VERSION_WITH_RELEASED => {}
        version => return Err(RevocationError::TableVersion { version }),
    }
    let mut builder = Builder::new();
    let part = "coverage";
    let mut last = None;
    for _ in 0..rest.count(part)? {
        let scope = match rest.byte(part)? {
            0 => Scope::Everyone,
            1 => Scope::Country(rest.array(part)?),
            2 => Scope::Kid(rest.kid(part)?.ok_or(wrong(part))?),
            _ => return Err(wrong(part)),
        };
        let this = (scope, rest.kind(part)?);
        if last.as_ref().is_some_and(|last| *last >= this) {
            return Err(wrong(part));
        }
        let until = match rest.byte(part)? {
            0 => Until::Open,
            1 => {
                let seconds = i64::from_be_bytes(rest.array(part)?);
                Until::Time(Timestamp::from_second(seconds).map_err(|_| wrong(part))?)
            }
            _ => return Err(wrong(part)),
        };
        builder.cover(this.0.clone(), this.1, until)?;
        last = Some(this);
    }
    let part = "lists";
    let mut last = None;
    for _ in 0..rest.count(part)? {
        let this = (rest.kid(part)?, rest.kind(part)?);
        if last.as_ref().is_some_and(|last| *last >= this) {
            return Err(wrong(part));
        }
        let count = rest.count(part)?;
        let bytes = rest.take(count.checked_mul(16).ok_or(wrong(part))?, part)?;
        let (hashes, _) = bytes.as_chunks::<16>();
        if hashes.is_empty() || !hashes.is_sorted_by(|a, b| a < b) {
            return Err(wrong("order"));
        }
        builder.revoke(this.0.as_ref(), this.1, Vec::<Hash>::from(hashes))?;
        last = Some(this);
    }
    if version != VERSION {
        cards(&mut rest, &mut builder, version)?;
    }
    let named = if version == VERSION_WITH_RELEASED { released(&mut rest, &mut builder)? } else { 0 };
    if !rest.0.is_empty() {
        return Err(wrong("end"));
    }
    let table = builder.finish()?;
    // What is revoked cannot be released as well: one of the two would be a lie.
    if table.released_len() != named { Err(wrong("released")) } else { Ok(table) }
}

/// What was revoked once and is no more; gives how many entries that is.
fn released(rest: &mut Rest<'_>, builder: &mut Builder) -> Result<usize, RevocationError> {
    let part = "released";
    let wrong = || RevocationError::Table { part };
    let (mut last, mut named) = (None, 0);
    for _ in 0..rest.count(part)? {
        let kind = rest.kind(part)?;
        let count = rest.count(part)?;
        let bytes = rest.take(count.checked_mul(16).ok_or_else(wrong)?, part)?;
        let (hashes, _) = bytes.as_chunks::<16>();
        if hashes.is_empty() || !hashes.is_sorted_by(|a, b| a < b) || last.is_some_and(|last| last >= kind) {
            return Err(wrong());
        }
        named += hashes.len();
        builder.release(kind, Vec::<Hash>::from(hashes))?;
        last = Some(kind);
    }
    if named == 0 { Err(wrong()) } else { Ok(named) }
}

/// The lists of health cards.
fn cards(rest: &mut Rest<'_>, builder: &mut Builder, version: u8) -> Result<(), RevocationError> {
    let part = "cards";
    let wrong = RevocationError::Table { part };
    let count = rest.count(part)?;
    if count == 0 && version == VERSION_WITH_CARDS {
        return Err(wrong);
    }
    let mut last_kid = None;
    for _ in 0..count {
        let kid = rest.kid(part)?.filter(|kid| last_kid.as_ref().is_none_or(|last| last < kid));
        let kid = kid.ok_or(RevocationError::Table { part })?;
        let mut entries: Vec<(Hash, Before)> = Vec::new();
        for _ in 0..rest.count(part)? {
            let rid: Hash = rest.array(part)?;
            let before = match rest.byte(part)? {
                0 => Before::Always,
                1 => {
                    let end = Timestamp::from_second(i64::from_be_bytes(rest.array(part)?));
                    Before::Time(end.map_err(|_| RevocationError::Table { part })?)
                }
                _ => return Err(wrong),
            };
            if entries.last().is_some_and(|(last, _)| *last >= rid) {
                return Err(wrong);
            }
            entries.push((rid, before));
        }
        builder.revoke_cards(&kid, entries)?;
        last_kid = Some(kid);
    }
    Ok(())
}
