//! The forms that a font holds for one language: the single substitutions of its `locl` feature (OpenType, GSUB lookup
//! type 1). A pan-Chinese font draws 直 or 骨 as each region writes them.

use skrifa::FontRef;
use skrifa::raw::tables::gsub::{SingleSubst, SubstitutionSubtables};
use skrifa::raw::types::Tag;
use skrifa::raw::{ReadError, TableProvider};
use std::collections::BTreeMap;

/// OpenType's tag of a language (the registry of language system tags). `None` where no font tells it from others.
fn system(language: &str) -> Option<Tag> {
    let tag = language.to_ascii_lowercase();
    let has = |part: &str| tag.split(['-', '_']).any(|own| own == part);
    Some(Tag::new(match tag.split(['-', '_']).next()? {
        "zh" if has("hk") || has("mo") => b"ZHH ",
        "zh" if has("hant") || has("tw") => b"ZHT ",
        "zh" => b"ZHS ",
        "ja" => b"JAN ",
        "ko" => b"KOR ",
        _ => return None,
    }))
}

/// The glyphs of a font that its language replaces, and by which. Empty where the font makes no difference, or where its
/// tables cannot be read: the ordinary glyphs then stand.
pub(super) fn replacements(font: &FontRef<'_>, language: &str) -> BTreeMap<u16, u16> {
    system(language).and_then(|system| read(font, system).ok()).unwrap_or_default()
}

fn read(font: &FontRef<'_>, system: Tag) -> Result<BTreeMap<u16, u16>, ReadError> {
    let gsub = font.gsub()?;
    let (scripts, features, lookups) = (gsub.script_list()?, gsub.feature_list()?, gsub.lookup_list()?);
    let mut found = BTreeMap::new();
    let index = scripts.index_for_tag(Tag::new(b"hani"));
    let Some(record) = index.and_then(|index| scripts.script_records().get(usize::from(index))) else { return Ok(found) };
    let script = record.script(scripts.offset_data())?;
    let Some(language) = script.lang_sys_index_for_tag(system) else { return Ok(found) };
    for index in script.lang_sys(language)?.element.feature_indices() {
        let Some(record) = features.feature_records().get(usize::from(index.get())) else { continue };
        if record.feature_tag() != Tag::new(b"locl") {
            continue;
        }
        for lookup in record.feature(features.offset_data())?.lookup_list_indices() {
            if let SubstitutionSubtables::Single(tables) = lookups.lookups().get(usize::from(lookup.get()))?.subtables()? {
                for table in tables.iter() {
                    add(&table?, &mut found)?;
                }
            }
        }
    }
    Ok(found)
}

fn add(table: &SingleSubst<'_>, found: &mut BTreeMap<u16, u16>) -> Result<(), ReadError> {
    match table {
        SingleSubst::Format1(table) => {
            let by = table.delta_glyph_id();
            found.extend(table.coverage()?.iter().map(|glyph| (glyph.to_u32() as u16, (glyph.to_u32() as u16).wrapping_add_signed(by))));
        }
        SingleSubst::Format2(table) => {
            let coverage = table.coverage()?;
            found.extend(
                coverage.iter().zip(table.substitute_glyph_ids()).map(|(glyph, other)| (glyph.to_u32() as u16, other.get().to_u16())),
            );
        }
        // For fonts of more glyphs than a PDF's font may have.
        SingleSubst::Format3(_) | SingleSubst::Format4(_) => {}
    }
    Ok(())
}
