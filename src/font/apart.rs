//! The fonts that the binary carries are taken apart when it is built (`build.rs`): outlines of frequent characters stand
//! together, away from the tables that are in use while pages are set. Here they are put together again, with as many outlines as are
//! asked for.

use super::own;
use super::sfnt::{PLACE, Table, font_of, outline_tables, replace, tables};
use skrifa::outline::OutlinePen;
use skrifa::raw::tables::glyf::outline::{Outline, OutlineContext, OutlineTables, PathContourStart, ScaleF32};
use skrifa::raw::tables::glyf::{Glyph, PHANTOM_POINT_COUNT};
use skrifa::raw::tables::gvar::GlyphVariationData;
use skrifa::raw::tables::loca::LocaGlyph;
use skrifa::raw::types::{Fixed, Point};
use skrifa::raw::{FontData, FontRead};
use skrifa::{FontRef, GlyphId};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A font with TrueType outlines, taken apart. In the binary the parts lie in this order: what is in use lies side by side, the long
/// outlines behind it.
pub struct Apart {
    /// By glyph, where its outline is.
    pub places: &'static [u8],
    /// A font of all tables, with the outlines of those glyphs alone that are made of others.
    pub rest: &'static [u8],
    /// The outlines.
    pub outlines: &'static [u8],
}

impl Apart {
    fn count(&self) -> u16 {
        (self.places.len() / PLACE) as u16
    }

    /// Where in the outlines that of a glyph is.
    fn place(&self, glyph: u16) -> Range<usize> {
        let at = usize::from(glyph) * PLACE;
        let Some([a, b, c, d, e]) = self.places.get(at..at + PLACE) else { return 0..0 };
        let from = u32::from_be_bytes([0, *a, *b, *c]) as usize;
        from..from + usize::from(u16::from_be_bytes([*d, *e]))
    }

    /// The outline of a glyph, as the table `glyf` has it; empty where it has none.
    pub fn outline(&self, glyph: u16) -> &'static [u8] {
        self.outlines.get(self.place(glyph)).unwrap_or_default()
    }

    /// A font of which these glyphs have outlines, those that they are made of, and the glyph of what has none, which every font has.
    /// All have their own numbers. Some tables are left out.
    pub fn with(&self, glyphs: impl IntoIterator<Item = u16>, without: &[&[u8; 4]]) -> Vec<u8> {
        let (mut read, mut found) = (Vec::new(), BTreeMap::new());
        let mut waiting: BTreeSet<u16> = std::iter::once(0).chain(glyphs).collect();
        while !waiting.is_empty() {
            let mut pieces: Vec<(Range<usize>, u16)> = waiting.iter().map(|glyph| (self.place(*glyph), *glyph)).collect();
            pieces.sort_unstable_by_key(|(place, _)| place.start);
            let (pieces, glyphs): (Vec<_>, Vec<_>) = pieces.into_iter().unzip();
            let places = own::gather(self.outlines, &pieces, &mut read);
            waiting.clear();
            for place in &places {
                if let Ok(Glyph::Composite(composite)) = Glyph::read(FontData::new(read.get(place.clone()).unwrap_or_default())) {
                    waiting.extend(composite.component_glyphs_and_flags().filter_map(|(part, _)| u16::try_from(part.to_u32()).ok()));
                }
            }
            found.extend(glyphs.into_iter().zip(places));
            waiting.retain(|glyph| !found.contains_key(glyph));
        }
        let outlines = found.into_iter().map(|(glyph, place)| (glyph, read.get(place).unwrap_or_default()));
        let (glyf, loca) = outline_tables(self.count(), outlines);
        let mut all: Vec<Table<'_>> = tables(self.rest).unwrap_or_default();
        all.retain(|(name, _)| !without.contains(&name));
        replace(&mut all, b"glyf", glyf);
        replace(&mut all, b"loca", vec![loca.as_flattened()]);
        font_of(&all)
    }

    /// Draws the outline of a glyph in font units; `font` is the rest. `None` where it is damaged.
    pub fn draw(&self, font: &FontRef<'static>, glyph: u16, pen: &mut impl OutlinePen) -> Option<()> {
        let source = Source { apart: self, tables: OutlineTables::new(font).ok()? };
        let mut outline = Outline::<ScaleF32>::new();
        let outline = outline.load(&source, GlyphId::new(glyph.into()), None).ok()?;
        outline.to_path(PathContourStart::ScanBackward, pen).then_some(())
    }

    /// The whole font.
    pub fn whole(&self) -> Vec<u8> {
        self.with(0..self.count(), &[])
    }
}

/// Where outlines are drawn from: the font does not vary.
struct Source<'a> {
    apart: &'a Apart,
    tables: OutlineTables<'static>,
}

impl<'a> OutlineContext<'a> for Source<'_> {
    fn glyph(&self, glyph: GlyphId) -> Option<LocaGlyph<'a>> {
        let outline = self.apart.outline(u16::try_from(glyph.to_u32()).ok()?);
        if outline.is_empty() { Some(LocaGlyph::Empty) } else { Glyph::read(FontData::new(outline)).ok().map(LocaGlyph::Glyph) }
    }

    fn glyph_variation_data(&self, _: GlyphId) -> Option<GlyphVariationData<'a>> {
        None
    }

    fn has_gvar(&self) -> bool {
        false
    }

    fn phantom_point_deltas(&self, _: GlyphId) -> Option<[Point<Fixed>; PHANTOM_POINT_COUNT]> {
        None
    }

    fn units_per_em(&self) -> u16 {
        self.tables.units_per_em
    }

    fn h_metrics(&self, glyph: GlyphId) -> (i32, i32) {
        self.tables.h_metrics(glyph)
    }

    fn h_line_metrics(&self) -> (i32, i32) {
        self.tables.h_line_metrics()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FILES, Face};
    use super::*;
    use skrifa::MetadataProvider;
    use skrifa::outline::DrawSettings;
    use skrifa::outline::pen::SvgPen;
    use skrifa::prelude::{LocationRef, Size};
    use skrifa::raw::TableProvider;

    #[test]
    fn nothing_is_lost_when_a_font_is_taken_apart() {
        for file in FILES {
            let before = std::fs::read(format!("fonts/{}.ttf", file.name)).unwrap();
            let after = file.font.whole();
            let (before, after) = (FontRef::new(&before).unwrap(), FontRef::new(&after).unwrap());
            let (names, count) = (before.table_directory().table_records(), before.maxp().unwrap().num_glyphs());
            assert_eq!(after.table_directory().table_records().len(), names.len());
            for tag in names.iter().map(|record| record.tag()).filter(|tag| ![*b"head", *b"glyf", *b"loca"].contains(&tag.to_be_bytes())) {
                assert!(before.table_data(tag).unwrap().as_bytes() == after.table_data(tag).unwrap().as_bytes(), "{}: {tag}", file.name);
            }
            let outlines = |font: &FontRef<'_>| -> Vec<Vec<u8>> {
                let (loca, glyf) = (font.loca(None).unwrap(), font.glyf().unwrap());
                let place = |at: u16| loca.get_raw(at.into()).unwrap() as usize;
                (0..count).map(|glyph| glyf.offset_data().as_bytes()[place(glyph)..place(glyph + 1)].to_vec()).collect()
            };
            assert!(outlines(&before) == outlines(&after), "{}", file.name);
        }
    }

    #[test]
    fn a_blank_does_not_cut_off_the_outline_that_begins_where_it_does() {
        for file in FILES {
            let (blanks, others): (Vec<u16>, Vec<u16>) = (0..file.font.count()).partition(|glyph| file.font.outline(*glyph).is_empty());
            let begins: BTreeMap<usize, u16> = others.into_iter().map(|glyph| (file.font.place(glyph).start, glyph)).collect();
            for blank in blanks {
                let Some(glyph) = begins.get(&file.font.place(blank).start) else { continue };
                let cut = file.font.with([blank, *glyph], &[]);
                let font = FontRef::new(&cut).unwrap();
                let (loca, glyf) = (font.loca(None).unwrap(), font.glyf().unwrap());
                let place = |at: u16| loca.get_raw(at.into()).unwrap() as usize;
                let outline = &glyf.offset_data().as_bytes()[place(*glyph)..place(*glyph + 1)];
                assert!(outline == file.font.outline(*glyph), "{}: {glyph} beside {blank}", file.name);
            }
        }
    }

    #[test]
    fn glyphs_are_drawn_as_from_the_whole_font() {
        for file in FILES {
            let (face, whole) = (Face::carried(file), file.font.whole());
            let whole = FontRef::new(&whole).unwrap();
            // Letters with marks are made of several glyphs.
            for c in "Aéç，中國✓∫".chars() {
                let Some(glyph) = face.glyph(c) else { continue };
                let (mut one, mut other) = (SvgPen::new(), SvgPen::new());
                face.draw(glyph, &mut one);
                let outline = whole.outline_glyphs().get(glyph.into()).unwrap();
                outline.draw(DrawSettings::unhinted(Size::unscaled(), LocationRef::default()), &mut other).unwrap();
                assert_eq!(one.to_string(), other.to_string(), "{}: {c}", file.name);
                let bounds = whole.glyph_metrics(Size::unscaled(), LocationRef::default()).bounds(glyph.into()).unwrap();
                let mille = |units: f32| f64::from(units) * 1000.0 / f64::from(face.units());
                assert_eq!(face.ink(glyph), Some((mille(bounds.x_min), mille(bounds.x_max))), "{}: {c}", file.name);
            }
        }
    }
}
