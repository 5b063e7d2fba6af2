//! Cutting fonts to what a book uses. A PDF needs glyphs only (`subsetter`); an EPUB needs a font that a browser
//! reads, with its characters and its features, so that marks can be trimmed there too (`skera`).

use super::Face;
use crate::diagnostic::{Code, Diagnostic};
use crate::script;
use crate::text;
use skera::{DEFAULT_DROP_TABLES, DEFAULT_LAYOUT_FEATURES, Plan, SubsetFlags, subset_font};
use skrifa::raw::collections::IntSet;
use skrifa::raw::types::NameId;
use skrifa::{FontRef, GlyphId, Tag};
use std::collections::{BTreeMap, BTreeSet};
use subsetter::GlyphRemapper;
use write_fonts::FontBuilder;
use write_fonts::tables::cmap::Cmap;

/// A font cut for a PDF.
pub struct Subset {
    /// The font program, without characters.
    pub program: Vec<u8>,
    remapper: GlyphRemapper,
}

impl Subset {
    /// The new id of a glyph that was asked for; 0 for any other.
    pub fn glyph(&self, old: u16) -> u16 {
        self.remapper.get(old).unwrap_or(0)
    }
}

fn failed(face: &Face, reason: impl std::fmt::Display) -> Diagnostic {
    let name = &face.name;
    Diagnostic::new(Code::NotAFont, text!("the font {name} cannot be cut to a subset: {reason}", "字体 {name} 无法取子集：{reason}"))
        .advise(text!("choose another font in [fonts]", "请在 [fonts] 中换一个字体"))
}

/// The large tables that have no part in how a glyph looks.
const NOT_SHOWN: &[&[u8; 4]] = &[b"cmap", b"GDEF", b"GPOS", b"GSUB", b"vmtx"];

/// Cuts a face to glyphs, for a PDF, numbered anew in the face's own order, in which characters of one radical stand together, and pack
/// better than as they come.
pub fn for_pdf(face: &Face, glyphs: &BTreeSet<u16>) -> Result<Subset, Diagnostic> {
    let mut remapper = GlyphRemapper::new();
    for glyph in glyphs {
        remapper.remap(*glyph);
    }
    let file = face.file_with(glyphs.iter().copied(), NOT_SHOWN);
    let program = subsetter::subset(&file, 0, &remapper).map_err(|error| failed(face, error))?;
    Ok(Subset { program, remapper })
}

/// Features that Chinese pages use beside the common ones: half widths, contextual spacing, alternates for lines that run down.
const CHINESE_FEATURES: &[&[u8; 4]] = &[b"halt", b"vhal", b"chws", b"vchw", b"palt", b"vpal", b"vert", b"vrt2", b"ruby", b"pwid"];

/// Cuts a face to characters, for an EPUB. `skera` would read the whole of its list of characters, which takes longest in a small book:
/// where no character picks a variant of another, the list is written here. It leaves out outlines of the kind of PostScript, which
/// `subsetter` cuts.
///
/// # Errors
///
/// A face that is damaged, or whose outlines are of a kind that neither cuts.
pub fn for_epub(face: &Face, characters: &BTreeSet<char>) -> Result<Vec<u8>, Diagnostic> {
    let font = FontRef::from_index(face.data, 0).map_err(|error| failed(face, error))?;
    let unicodes: IntSet<u32> = characters.iter().map(|c| *c as u32).collect();
    let mut scripts = IntSet::<Tag>::empty();
    scripts.invert();
    let features: IntSet<Tag> = DEFAULT_LAYOUT_FEATURES.iter().copied().chain(CHINESE_FEATURES.iter().map(|tag| Tag::new(tag))).collect();
    let plain = !characters.iter().copied().any(script::is_variation_selector);
    let list = Tag::new(b"cmap");
    let drop: IntSet<Tag> = DEFAULT_DROP_TABLES.iter().copied().chain(plain.then_some(list)).collect();
    let mut names = IntSet::<NameId>::empty();
    names.insert_range(NameId::from(0)..=NameId::from(6));
    names.extend([13, 14, 16, 17].map(NameId::from));
    let mut languages = IntSet::<u16>::empty();
    languages.insert(0x0409);
    let plan = Plan::new(
        &IntSet::<GlyphId>::empty(),
        &unicodes,
        &font,
        SubsetFlags::SUBSET_FLAGS_NO_HINTING,
        &drop,
        &scripts,
        &features,
        &names,
        &languages,
    );
    let glyphs: BTreeMap<GlyphId, GlyphId> = plan.old_to_new_glyph_mapping().collect();
    let without: &[&[u8; 4]] = if plain { &[b"cmap"] } else { &[] };
    let file = face.file_with(glyphs.keys().filter_map(|old| u16::try_from(old.to_u32()).ok()), without);
    let font = FontRef::from_index(&file, 0).map_err(|error| failed(face, error))?;
    let cut = subset_font(&font, &plan).map_err(|error| failed(face, error))?;
    let mut builder = FontBuilder::new();
    if plain {
        let mapped = plan.unicode_to_old_glyph_mapping().filter_map(|(code, old)| Some((char::from_u32(code)?, *glyphs.get(&old)?)));
        let list = Cmap::from_mappings(mapped).map_err(|error| failed(face, error))?;
        builder.add_table(&list).map_err(|error| failed(face, error))?;
    }
    if !face.is_truetype() {
        builder.add_raw(CFF, outlines(face, &glyphs)?);
    }
    let font = FontRef::from_index(&cut, 0).map_err(|error| failed(face, error))?;
    Ok(builder.copy_missing_tables(font).build())
}

/// The table of outlines of the kind of PostScript.
const CFF: Tag = Tag::new(b"CFF ");

/// That table of a face, cut to glyphs, given by their old numbers with the new ones, which have no gaps.
fn outlines(face: &Face, glyphs: &BTreeMap<GlyphId, GlyphId>) -> Result<Vec<u8>, Diagnostic> {
    let mut order: Vec<(GlyphId, GlyphId)> = glyphs.iter().map(|(old, new)| (*new, *old)).collect();
    order.sort_unstable();
    let mut remapper = GlyphRemapper::new();
    for (new, old) in order {
        let old = u16::try_from(old.to_u32()).map_err(|error| failed(face, error))?;
        if u32::from(remapper.remap(old)) != new.to_u32() {
            return Err(failed(face, "its glyphs are not numbered one after another"));
        }
    }
    let cut = subsetter::subset(face.data, 0, &remapper).map_err(|error| failed(face, error))?;
    let table = FontRef::from_index(&cut, 0).ok().and_then(|font| Some(font.table_data(CFF)?.as_bytes().to_vec()));
    table.ok_or_else(|| failed(face, "it has outlines of another kind"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::font::FILES;
    use skrifa::MetadataProvider;

    #[test]
    fn a_cut_font_has_what_it_was_asked_for() {
        let faces: Vec<Face> = FILES.iter().map(Face::carried).collect();
        let texts = ["一A（𠀀", "A", "𠀀", "葛\u{e0100}"];
        for (face, text) in faces.iter().flat_map(|face| texts.map(|text| (face, text))) {
            let characters: BTreeSet<char> = text.chars().collect();
            let cut = for_epub(face, &characters).unwrap();
            let font = FontRef::new(&cut).unwrap();
            for c in text.chars() {
                assert_eq!(font.charmap().map(c).is_some(), face.glyph(c).is_some(), "{c} in {}", face.name);
            }
            assert!(font.charmap().map('丁').is_none());
        }
    }
}
