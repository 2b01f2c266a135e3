//! One font: what it covers, how far its ink reaches, and its way of turning letters into glyphs. Parsed once; plans
//! of shaping and measures of ink are made on first need and then read without a lock.

use std::{
    ops::Range,
    sync::{Arc, OnceLock},
};

use harfrust::{
    BufferFlags, Direction, FontRef, ShapeOptions, ShapePlan, ShaperData, ShaperInstance, Tag, UnicodeBuffer,
};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::{
    MetadataProvider,
    instance::{Location, Size},
    raw::TableProvider,
};
use unicode_normalization::UnicodeNormalization;
use unicode_script::Script;

use super::{Weight, check::ignorable};
use crate::limits::{FONT_CHARACTERS, SHAPING_PLANS};

/// Bytes of a file of fonts, shared by its faces.
pub(super) type Bytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// How a piece of text is to be shaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) rtl: bool,
    pub(super) script: Script,
}

/// One font, ready to shape and to embed.
pub(super) struct Face {
    pub(super) font: Font,
    bytes: Bytes,
    index: u32,
    shaper: ShaperData,
    instance: ShaperInstance,
    location: Location,
    units_per_em: f32,
    coverage: Arc<Coverage>,
    plans: [OnceLock<(Way, ShapePlan)>; SHAPING_PLANS],
    /// By glyph id.
    measures: Vec<OnceLock<Measure>>,
    /// Glyphs that have neither ink nor width, or the space where the font has none: what tells a character without
    /// showing it.
    blanks: Vec<u32>,
}

/// What is known of a glyph, in ems.
#[derive(Clone, Copy, Default)]
struct Measure {
    /// How far its ink reaches above and below the baseline; `None` if it has none.
    ink: Option<(f32, f32)>,
    /// Width in the font, which is what a reader of the PDF takes for its width.
    advance: f32,
}

/// The characters that a font has, as sorted ranges.
pub(super) struct Coverage(Vec<(u32, u32)>);

impl Coverage {
    /// What the font at `index` has; `None` if it cannot be read, may not be embedded (OpenType 1.9, OS/2 fsType), or
    /// has pictures instead of outlines.
    pub(super) fn read(bytes: &[u8], index: u32) -> Option<Self> {
        let font = FontRef::from_index(bytes, index).ok()?;
        let has = |tag: &[u8; 4]| font.data_for_tag(Tag::new(tag)).is_some();
        let outlines = has(b"glyf") || has(b"CFF ") || has(b"CFF2");
        let pictures = has(b"COLR") || has(b"CBDT") || has(b"sbix") || has(b"SVG ");
        let restricted = font.os2().is_ok_and(|table| table.fs_type() & 0xf == 2);
        if !outlines || pictures || restricted {
            return None;
        }
        let mut characters: Vec<u32> = (font.charmap().mappings())
            .take(FONT_CHARACTERS)
            .filter(|(_, glyph)| glyph.to_u32() != 0)
            .map(|(character, _)| character)
            // Private characters mean something else in every font; two signs stand for what was lost on the way.
            .filter(|character| !matches!(character, 0xe000..=0xf8ff | 0xfffc | 0xfffd | 0xf_0000..))
            .collect();
        characters.sort_unstable();
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for character in characters {
            match ranges.last_mut() {
                Some((_, last)) if character <= last.saturating_add(1) => *last = character,
                _ => ranges.push((character, character)),
            }
        }
        Some(Self(ranges))
    }

    fn has(&self, character: char) -> bool {
        let wanted = u32::from(character);
        let after = self.0.partition_point(|(first, _)| *first <= wanted);
        after.checked_sub(1).and_then(|index| self.0.get(index)).is_some_and(|(_, last)| wanted <= *last)
    }

    /// Whether every character of `text` can be drawn, as it stands, composed, or decomposed (Unicode normalisation
    /// forms C and D, which mean the same).
    pub(super) fn covers(&self, text: &str) -> bool {
        let drawn = |character: char| self.has(character) || ignorable(character);
        text.chars().all(drawn)
            || text.nfc().all(|character| drawn(character) || std::iter::once(character).nfd().all(drawn))
    }
}

impl Face {
    /// The font at `index` of the file; `None` if it cannot be read or embedded. A variable font is set to `weight`.
    pub(super) fn new(bytes: Bytes, index: u32, weight: Weight) -> Option<Self> {
        let data = (*bytes).as_ref();
        let coverage = Arc::new(Coverage::read(data, index)?);
        let font = FontRef::from_index(data, index).ok()?;
        let variable = font.axes().iter().any(|axis| axis.tag() == Tag::new(b"wght"));
        let wanted = match weight {
            Weight::Regular => 400.0_f32,
            Weight::Bold => 700.0,
        };
        let settings: Vec<(Tag, f32)> = variable.then(|| (Tag::new(b"wght"), wanted)).into_iter().collect();
        let location = font.axes().location(settings.iter().copied());
        let instance = ShaperInstance::from_variations(&font, settings.iter().copied());
        let shaper = ShaperData::new(&font);
        let glyphs = usize::from(font.maxp().ok()?.num_glyphs());
        let em = units_per_em(&font)?;
        let charmap = font.charmap();
        let bare = |glyph: &u32| {
            let measure = measure(&font, &location, em, *glyph);
            measure.ink.is_none() && measure.advance <= f32::EPSILON
        };
        let mut blanks: Vec<u32> =
            BLANKS.iter().filter_map(|blank| Some(charmap.map(*blank)?.to_u32())).filter(bare).collect();
        blanks.sort_unstable();
        blanks.dedup();
        if blanks.is_empty() {
            blanks.extend(charmap.map(' ').map(|space| space.to_u32()));
        }
        let embedded: Vec<_> = settings.iter().map(|(_, value)| (krilla::text::Tag::new(b"wght"), *value)).collect();
        let font = Font::new_variable(Arc::clone(&bytes).into(), index, &embedded)?;
        let measures = std::iter::repeat_with(OnceLock::new).take(glyphs).collect();
        let plans = std::array::from_fn(|_| OnceLock::new());
        Some(Self {
            font,
            bytes,
            index,
            shaper,
            instance,
            location,
            units_per_em: em,
            coverage,
            plans,
            measures,
            blanks,
        })
    }

    /// Whether this face may be tried for `text`.
    pub(super) fn covers(&self, text: &str) -> bool {
        self.coverage.covers(text)
    }

    /// How far the ink of `glyph` reaches above and below the baseline, in ems; both are zero or more.
    pub(super) fn ink(&self, glyph: &KrillaGlyph) -> (f32, f32) {
        let (above, below) = self.measure(glyph.glyph_id.to_u32()).ink.unwrap_or_default();
        ((above + glyph.y_offset).max(0.0), (below - glyph.y_offset).max(0.0))
    }

    /// The width of `glyph` in the font.
    pub(super) fn advance(&self, glyph: &KrillaGlyph) -> f32 {
        self.measure(glyph.glyph_id.to_u32()).advance
    }

    /// A glyph without ink; mostly the same for the same character, and different ones for different characters.
    pub(super) fn blank(&self, character: char) -> u32 {
        let count = u32::try_from(self.blanks.len()).unwrap_or(1).max(1);
        let place = usize::try_from(u32::from(character) % count).unwrap_or_default();
        self.blanks.get(place).copied().unwrap_or_default()
    }

    fn measure(&self, glyph: u32) -> Measure {
        let place = usize::try_from(glyph).ok().and_then(|place| self.measures.get(place));
        let known = place.map(|place| {
            *place.get_or_init(|| {
                let font = FontRef::from_index((*self.bytes).as_ref(), self.index);
                font.map_or_else(
                    |_| Measure::default(),
                    |font| measure(&font, &self.location, self.units_per_em, glyph),
                )
            })
        });
        known.unwrap_or_default()
    }

    /// Turns the part `range` of `text` into glyphs, in the order in which they are seen. `None` if the font lacks a
    /// glyph for a letter, or has one without ink.
    pub(super) fn shape(&self, text: &str, range: Range<usize>, way: Way) -> Option<Vec<KrillaGlyph>> {
        let font = FontRef::from_index((*self.bytes).as_ref(), self.index).ok()?;
        let shaper = self.shaper.shaper(&font).instance(Some(&self.instance)).build();
        let script = script_tag(way.script);
        let direction = if way.rtl { Direction::RightToLeft } else { Direction::LeftToRight };

        let mut buffer = UnicodeBuffer::new();
        for (offset, character) in text.get(range.clone())?.char_indices() {
            // Positions are in the whole text, so that a glyph knows the letters it stands for.
            buffer.add(character, u32::try_from(range.start + offset).ok()?);
        }
        // What stands beside decides on the form of a letter that joins.
        buffer.set_pre_context(text.get(..range.start)?);
        buffer.set_post_context(text.get(range.end..)?);
        buffer.set_direction(direction);
        buffer.set_script(script);
        // A dotted circle would be a letter that nobody wrote.
        buffer.set_flags(BufferFlags::DO_NOT_INSERT_DOTTED_CIRCLE);
        let make = || ShapePlan::new(&shaper, direction, Some(script), None, &[]);
        let shaped = match self.plan(way, &make) {
            Some(plan) => shaper.shape(buffer, ShapeOptions::new().plan(Some(plan))),
            None => shaper.shape(buffer, ShapeOptions::new().plan(Some(&make()))),
        };
        self.glyphs(text, range, way.rtl, &shaped)
    }

    /// The plan of this way, made on first need. `None` when all places are taken by other ways.
    fn plan(&self, way: Way, make: &dyn Fn() -> ShapePlan) -> Option<&ShapePlan> {
        self.plans.iter().find_map(|place| {
            let (of, plan) = place.get_or_init(|| (way, make()));
            (*of == way).then_some(plan)
        })
    }

    fn glyphs(
        &self,
        text: &str,
        range: Range<usize>,
        rtl: bool,
        shaped: &harfrust::GlyphBuffer,
    ) -> Option<Vec<KrillaGlyph>> {
        let em = |units: i32| float(units) / self.units_per_em;
        let (infos, positions) = (shaped.glyph_infos(), shaped.glyph_positions());
        let mut glyphs: Vec<KrillaGlyph> = Vec::with_capacity(infos.len());
        let (mut start, mut end) = (range.end, range.end);
        let mut inked = true;
        // From the last letter of the text to the first: the letters of a glyph end where those of the next begin.
        for step in 0..infos.len() {
            let index = if rtl { step } else { infos.len() - 1 - step };
            let (info, position) = (infos.get(index)?, positions.get(index)?);
            let cluster = usize::try_from(info.cluster).ok()?;
            if cluster != start {
                if !inked {
                    return None;
                }
                (start, end) = (cluster, start);
                inked =
                    text.get(start..end)?.chars().all(|character| character.is_whitespace() || ignorable(character));
            }
            if info.glyph_id == 0 {
                return None;
            }
            inked = inked || self.measure(info.glyph_id).ink.is_some();
            glyphs.push(KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                em(position.x_advance),
                em(position.x_offset),
                em(position.y_offset),
                em(position.y_advance),
                start..end,
                None,
            ));
        }
        if !rtl {
            glyphs.reverse();
        }
        // Every letter has its glyph.
        (inked && start == range.start).then_some(glyphs)
    }
}

/// Characters whose glyphs have no ink.
const BLANKS: [char; 8] =
    ['\u{200b}', '\u{200c}', '\u{200d}', '\u{200e}', '\u{200f}', '\u{34f}', '\u{2060}', '\u{feff}'];

fn units_per_em(font: &FontRef<'_>) -> Option<f32> {
    let units = font.head().ok()?.units_per_em();
    (units > 0).then(|| f32::from(units))
}

fn measure(font: &FontRef<'_>, location: &Location, units_per_em: f32, glyph: u32) -> Measure {
    let metrics = font.glyph_metrics(Size::unscaled(), location);
    let ink = metrics.bounds(glyph.into()).filter(|ink| ink.x_max > ink.x_min && ink.y_max > ink.y_min);
    Measure {
        ink: ink.map(|ink| (ink.y_max / units_per_em, -ink.y_min / units_per_em)),
        advance: metrics.advance_width(glyph.into()).unwrap_or_default() / units_per_em,
    }
}

fn script_tag(script: Script) -> harfrust::Script {
    let tag = script.short_name().as_bytes().first_chunk::<4>().copied().unwrap_or(*b"Zyyy");
    harfrust::Script::from_iso15924_tag(Tag::new(&tag)).unwrap_or(harfrust::script::COMMON)
}

/// Units of a font as a number with a fraction; exact up to 2²³.
fn float(units: i32) -> f32 {
    let high = i16::try_from(units.div_euclid(256)).unwrap_or(i16::MAX);
    let low = i16::try_from(units.rem_euclid(256)).unwrap_or_default();
    f32::from(high) * 256.0 + f32::from(low)
}
