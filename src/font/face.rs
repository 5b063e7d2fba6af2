//! One face: its characters, its glyphs' widths and ink, shaping.

use super::{Apart, File, Role};
use crate::script::Direction;
use harfrust::{Buffer, Feature, ShapeOptions, ShapePlan, ShapePlanKey, ShaperFont};
use serde::{Deserialize, Serialize};
use skrifa::charmap::{Charmap, MapVariant};
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::{BoundingBox, GlyphMetrics};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::raw::tables::glyf::Glyph;
use skrifa::raw::{FontData, FontRead, TableProvider};
use skrifa::string::StringId;
use skrifa::{FontRef, GlyphId, MetadataProvider};
use std::borrow::Cow;
use std::sync::{Arc, OnceLock, RwLock};

/// Top of the em square of Chinese fonts above the baseline, thousandths of an em.
const EM_TOP: f64 = 880.0;

/// Plans that are kept: a book has a few scripts and features.
const PLANS: usize = 64;

/// A face of [`super::Fonts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FaceId(pub u8);

/// One font face. Its data live as long as the program.
pub struct Face {
    /// The PostScript name.
    pub name: Cow<'static, str>,
    /// The family.
    pub family: Cow<'static, str>,
    /// Bold.
    pub bold: bool,
    /// Italic.
    pub italic: bool,
    /// Roles that it takes by default.
    roles: [Option<Role>; 2],
    /// Whether it stands in for every other.
    pub(super) fallback: bool,
    /// The font file; of a font that is carried, the rest of it ([`Apart::rest`]).
    pub(super) data: &'static [u8],
    /// A font that is carried.
    apart: Option<&'static Apart>,
    /// A font that is carried is opened when a character is first looked for in it: most books use five of thirteen.
    opened: OnceLock<Opened>,
    /// What was found out of how to shape a script, a language, a direction with some features: to find it out takes many times
    /// longer than to shape a word.
    plans: RwLock<Vec<Arc<ShapePlan>>>,
}

/// A font that was opened.
struct Opened {
    /// Whether it holds Chinese characters.
    chinese: bool,
    /// Font units to the em.
    units: u16,
    font: FontRef<'static>,
    charmap: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
    shaper: harfrust::Font,
}

impl Opened {
    /// `None` where the bytes are no usable font.
    fn of(data: &'static [u8]) -> Option<Opened> {
        let font = FontRef::from_index(data, 0).ok()?;
        let charmap = font.charmap();
        if !charmap.has_map() || font.outline_glyphs().format().is_none() {
            return None;
        }
        // Whoever cuts it takes for granted that they are there.
        font.maxp().ok()?;
        font.hmtx().ok()?;
        Some(Opened {
            chinese: charmap.map('一').is_some(),
            units: font.head().ok().map(|head| head.units_per_em()).filter(|units| *units > 0)?,
            metrics: font.glyph_metrics(Size::unscaled(), LocationRef::default()),
            shaper: harfrust::Font::new(data, 0)?,
            charmap,
            font,
        })
    }
}

/// A glyph of shaped text. Lengths in thousandths of an em.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shaped {
    /// The glyph.
    pub glyph: u16,
    /// Byte of the text at which its cluster begins.
    pub cluster: usize,
    /// Advance.
    pub advance: f64,
    /// Offset to the right.
    pub x: f64,
    /// Offset upwards.
    pub y: f64,
}

impl Face {
    /// A face of `fonts/`.
    pub(super) fn carried(file: &'static File) -> Face {
        Face {
            name: file.name.into(),
            family: file.family.into(),
            bold: file.bold,
            italic: file.italic,
            roles: file.roles,
            fallback: file.fallback,
            data: file.font.rest,
            apart: Some(&file.font),
            opened: OnceLock::new(),
            plans: RwLock::default(),
        }
    }

    /// A face of a file that a manifest names. `None` where the bytes are no usable font.
    pub(crate) fn from_file(bytes: Vec<u8>) -> Option<Face> {
        // The font is named once a run and needed until its end.
        let data: &'static [u8] = Box::leak(bytes.into_boxed_slice());
        let opened = Opened::of(data)?;
        let name = |id| opened.font.localized_strings(id).english_or_first().map(|name| name.to_string());
        let style = opened.font.attributes();
        let face = Face {
            name: name(StringId::POSTSCRIPT_NAME)?.chars().filter(|c| c.is_ascii_graphic() && !"()<>[]{}/%#".contains(*c)).collect(),
            family: name(StringId::TYPOGRAPHIC_FAMILY_NAME).or_else(|| name(StringId::FAMILY_NAME))?.into(),
            bold: style.weight.value() >= 600.0,
            italic: style.style != skrifa::attribute::Style::Normal,
            roles: [None; 2],
            fallback: false,
            data,
            apart: None,
            opened: opened.into(),
            plans: RwLock::default(),
        };
        // Browsers refuse a font whose characters are mapped beyond its last glyph, and skera (0.9) stops at one.
        let glyphs = u32::from(face.glyph_count());
        face.opened().charmap.mappings().all(|(_, glyph)| glyph.to_u32() < glyphs).then_some(face)
    }

    #[expect(clippy::expect_used, reason = "a font that is carried is the program's own, and a test opens each")]
    fn opened(&self) -> &Opened {
        self.opened.get_or_init(|| Opened::of(self.data).expect("a font of fonts/ can be used"))
    }

    /// Whether it takes a role by default.
    pub fn takes(&self, role: Role) -> bool {
        self.roles.contains(&Some(role))
    }

    /// Whether it holds Chinese characters.
    pub fn chinese(&self) -> bool {
        self.opened().chinese
    }

    /// Font units to the em.
    pub fn units(&self) -> u16 {
        self.opened().units
    }

    /// The glyph of a character.
    pub fn glyph(&self, c: char) -> Option<u16> {
        self.opened().charmap.map(c).and_then(|glyph| u16::try_from(glyph.to_u32()).ok()).filter(|glyph| *glyph != 0)
    }

    fn mille(&self, units: f32) -> f64 {
        f64::from(units) * 1000.0 / f64::from(self.units())
    }

    /// The advance of a glyph, in thousandths of an em.
    pub fn advance(&self, glyph: u16) -> f64 {
        self.opened().metrics.advance_width(GlyphId::new(glyph.into())).map_or(0.0, |width| self.mille(width))
    }

    /// Whether a glyph is as wide as its em, or has no width of its own.
    pub fn fills_em(&self, glyph: u16) -> bool {
        let advance = self.advance(glyph);
        advance <= 1.0 || advance >= 990.0
    }

    /// The box around a glyph's ink, in font units. `None` where it has none.
    fn bounds(&self, glyph: u16) -> Option<BoundingBox> {
        let Some(apart) = self.apart else { return self.opened().metrics.bounds(GlyphId::new(glyph.into())) };
        let outline = Glyph::read(FontData::new(apart.outline(glyph))).ok()?;
        let [x_min, y_min, x_max, y_max] = [outline.x_min(), outline.y_min(), outline.x_max(), outline.y_max()].map(f32::from);
        Some(BoundingBox { x_min, y_min, x_max, y_max })
    }

    /// Left and right of a glyph's ink, in thousandths of an em. `None` where it has none.
    pub fn ink(&self, glyph: u16) -> Option<(f64, f64)> {
        let bounds = self.bounds(glyph)?;
        (bounds.x_max > bounds.x_min).then(|| (self.mille(bounds.x_min), self.mille(bounds.x_max)))
    }

    /// Whether its outlines are TrueType's.
    pub fn is_truetype(&self) -> bool {
        self.opened().font.glyf().is_ok()
    }

    /// How many glyphs it has.
    fn glyph_count(&self) -> u16 {
        self.opened().font.maxp().map_or(0, |maxp| maxp.num_glyphs())
    }

    /// The font file, with these glyphs' outlines at the least; some tables need not be in it.
    pub(super) fn file_with(&self, glyphs: impl IntoIterator<Item = u16>, without: &[&[u8; 4]]) -> Cow<'static, [u8]> {
        self.apart.map_or(Cow::Borrowed(self.data), |apart| Cow::Owned(apart.with(glyphs, without)))
    }

    /// Draws a glyph's outline in font units.
    pub fn draw(&self, glyph: u16, pen: &mut impl OutlinePen) {
        // A glyph whose outline is damaged stays blank: its character was found, and its width is kept.
        if let Some(apart) = self.apart {
            let _ = apart.draw(&self.opened().font, glyph, pen);
        } else if let Some(outline) = self.opened().font.outline_glyphs().get(GlyphId::new(glyph.into())) {
            let _ = outline.draw(DrawSettings::unhinted(Size::unscaled(), LocationRef::default()), pen);
        }
    }

    /// Top and bottom of a glyph's ink, from the top of its em square, in thousandths of an em. `None` where it has none.
    pub fn ink_down(&self, glyph: u16) -> Option<(f64, f64)> {
        let bounds = self.bounds(glyph)?;
        (bounds.y_max > bounds.y_min).then(|| (EM_TOP - self.mille(bounds.y_max), EM_TOP - self.mille(bounds.y_min)))
    }

    /// The glyph that the font's own features put in the place of a character's in a column and a language (`vert`, `locl`).
    /// `None` where it is the ordinary one.
    pub(super) fn column_form(&self, c: char, language: &str) -> Option<u16> {
        let glyph = self.glyph(c)?;
        let (found, ..) = self.shape_one(c, Direction::Vertical, language, &[])?;
        (found != glyph && found != 0).then_some(found)
    }

    /// How far the font moves a full-width mark along the line when it sets it at half width, dropping the blank on one side
    /// (`halt`; `vhal` in columns), thousandths of an em. `None` where it does not know how.
    pub(super) fn half(&self, c: char, direction: Direction, language: &str) -> Option<f64> {
        let tag = match direction {
            Direction::Horizontal => harfrust::Tag::new(b"halt"),
            Direction::Vertical => harfrust::Tag::new(b"vhal"),
        };
        let (glyph, advance, place) = self.shape_one(c, direction, language, &[])?;
        let (same, half, moved) = self.shape_one(c, direction, language, &[Feature::new(tag, 1, ..)])?;
        let halved = glyph == same && (advance - 1000.0).abs() < 1.0 && (half - 500.0).abs() < 1.0;
        halved.then_some(moved - place)
    }

    /// One character shaped: its glyph, its advance and how far it is moved, both along the line, in thousandths of an em.
    fn shape_one(&self, c: char, direction: Direction, language: &str, features: &[Feature]) -> Option<(u16, f64, f64)> {
        let mut buffer = Buffer::new();
        buffer.push_str(c.encode_utf8(&mut [0; 4]));
        buffer.guess_segment_properties();
        if let Some(script) = harfrust::Script::from_iso15924_tag(harfrust::Tag::new(b"Hani")) {
            buffer.set_script(Some(script));
        }
        if let Ok(language) = language.parse::<harfrust::Language>() {
            buffer.set_language(Some(language));
        }
        buffer.set_direction(match direction {
            Direction::Horizontal => harfrust::Direction::LeftToRight,
            Direction::Vertical => harfrust::Direction::TopToBottom,
        });
        self.shape_buffer(&mut buffer, features)?;
        let ([info], [position]) = (buffer.glyph_infos(), buffer.glyph_positions()) else { return None };
        let scale = 1000.0 / f64::from(self.units());
        let (advance, offset) = match direction {
            Direction::Horizontal => (position.x_advance, position.x_offset),
            // Down is less.
            Direction::Vertical => (-position.y_advance, -position.y_offset),
        };
        Some((u16::try_from(info.glyph_id).ok()?, f64::from(advance) * scale, f64::from(offset) * scale))
    }

    /// The glyphs that a language replaces, and by which.
    pub(super) fn replacements(&self, language: &str) -> std::collections::BTreeMap<u16, u16> {
        super::locale::replacements(&self.opened().font, language)
    }

    /// The glyph of a character with a variation selector, where the font tells the two apart.
    pub fn variant(&self, c: char, selector: char) -> Option<u16> {
        match self.opened().charmap.map_variant(c, selector)? {
            MapVariant::UseDefault => self.glyph(c),
            MapVariant::Variant(glyph) => u16::try_from(glyph.to_u32()).ok(),
        }
    }

    /// Shapes text of one direction.
    pub fn shape(&self, text: &str, features: &[Feature]) -> Vec<Shaped> {
        let mut buffer = Buffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        // Lines run from left to right; what is written the other way is told by `check`.
        buffer.set_direction(harfrust::Direction::LeftToRight);
        if self.shape_buffer(&mut buffer, features).is_none() {
            return self.unshaped(text);
        }
        let scale = 1000.0 / f64::from(self.units());
        let shaped = buffer.glyph_infos().iter().zip(buffer.glyph_positions()).map(|(info, position)| Shaped {
            glyph: info.glyph_id as u16,
            cluster: info.cluster as usize,
            advance: f64::from(position.x_advance) * scale,
            x: f64::from(position.x_offset) * scale,
            y: f64::from(position.y_offset) * scale,
        });
        let shaped: Vec<Shaped> = shaped.collect();
        // Whoever asks finds the text of a cluster by where the next one begins.
        if shaped.is_sorted_by_key(|glyph| glyph.cluster) { shaped } else { self.unshaped(text) }
    }

    /// Shapes a buffer whose direction is set. `None` where it cannot be shaped.
    fn shape_buffer(&self, buffer: &mut Buffer, features: &[Feature]) -> Option<()> {
        let (script, direction, language) = (buffer.script(), buffer.direction(), buffer.language().cloned());
        let key = ShapePlanKey::new(&self.opened().shaper, script, direction).language(language.as_ref()).features(features);
        let known = |plans: &Vec<Arc<ShapePlan>>| plans.iter().find(|plan| key.matches(plan)).cloned();
        let found = known(&self.plans.read().unwrap_or_else(|poisoned| poisoned.into_inner()));
        let plan = found.unwrap_or_else(|| {
            let plan = Arc::new(ShapePlan::new(&self.opened().shaper, direction, script, language.as_ref(), features));
            let mut plans = self.plans.write().unwrap_or_else(|poisoned| poisoned.into_inner());
            if plans.len() < PLANS {
                plans.push(plan.clone());
            }
            plan
        });
        harfrust::shape(&ShaperFont::new(&self.opened().shaper), buffer, ShapeOptions::new().plan(Some(&plan)).features(features)).ok()?;
        // Given up amid the font's lookups, as where one calls itself, its glyphs are in no order.
        buffer.allocation_successful().then_some(())
    }

    fn unshaped(&self, text: &str) -> Vec<Shaped> {
        let glyph = |(cluster, c): (usize, char)| {
            let glyph = self.glyph(c).unwrap_or(0);
            Shaped { glyph, cluster, advance: self.advance(glyph), x: 0.0, y: 0.0 }
        };
        text.char_indices().map(glyph).collect()
    }

    /// Ascent, descent (negative), both in thousandths of an em, as the font's `hhea` table has them.
    pub fn line_metrics(&self) -> (f64, f64) {
        let metrics = self.opened().font.metrics(Size::unscaled(), LocationRef::default());
        (self.mille(metrics.ascent), self.mille(metrics.descent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::font::FILES;

    #[test]
    fn a_font_that_lacks_a_table_is_none() {
        let whole = FILES[0].font.whole();
        assert!(Face::from_file(whole.clone()).is_some());
        for table in [b"maxp", b"hmtx", b"hhea", b"head", b"cmap"] {
            let mut data = whole.clone();
            let at = data.windows(4).position(|name| name == table).unwrap();
            data[at] = b'?';
            assert!(Face::from_file(data).is_none(), "{table:?}");
        }
    }
}
