//! Font resources: each face cut to its glyphs. Each glyph has a code for each text that it stands for (a hyphen that is written
//! and one that a line break adds), so that copied text is always right.

use super::codes::{self, Coder, Key, Pair, Shown};
use super::internal;
use crate::diagnostic::Diagnostic;
use crate::font::{Face, Fonts, Subset, for_pdf};
use lopdf::{Dictionary, Document, Object, Stream};
use printpdf::{Codepoint, FontId, FontMetrics, FontType, Op, ParsedFont, PdfFont, PdfFontHandle, PdfFontMetricsStub, Pt, TextItem};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// One font resource.
struct Resource {
    key: Key,
    /// What each code shows.
    codes: BTreeMap<u16, Pair>,
    /// From codes to glyphs of the program, two bytes each; `None` where they are the same.
    to_glyphs: Option<Vec<u8>>,
    font: ParsedFont,
}

/// All font resources of a document.
pub(super) struct Resources {
    resources: Vec<Resource>,
    /// The codes of what is not frequent.
    others: BTreeMap<(Key, Pair), u16>,
}

/// Writes the name of a font resource: the way in which it writes, its face, its layer.
pub(super) fn name(key: Key) -> String {
    let mut name = String::from(if key.upright { 'V' } else { 'B' });
    // Writing to memory does not fail.
    let _ = write!(name, "{}", key.face.0);
    if key.layer > 0 {
        let _ = write!(name, "x{}", key.layer);
    }
    name
}

impl Resources {
    /// Cuts the fonts to all that is shown.
    pub fn cut<'s>(coder: &Coder<'_>, fonts: &Fonts, shown: impl Iterator<Item = &'s Shown>) -> Result<Resources, Diagnostic> {
        let all: Vec<_> = coder.all(shown).into_iter().collect();
        let cut = all.into_par_iter().map(|(key, (frequent, others))| cut(fonts, key, frequent, others));
        let cut: Vec<(Resource, Vec<(Pair, u16)>)> = cut.collect::<Result<_, Diagnostic>>()?;
        let mut all = Resources { resources: Vec::new(), others: BTreeMap::new() };
        for (resource, others) in cut {
            all.others.extend(others.into_iter().map(|(pair, code)| ((resource.key, pair), code)));
            all.resources.push(resource);
        }
        Ok(all)
    }

    /// The codes of the others that some pages show, by their numbers.
    pub fn others(&self, shown: &Shown) -> Vec<u16> {
        shown.others.iter().map(|other| self.others.get(other).copied().unwrap_or(0)).collect()
    }

    /// The fonts as printpdf takes them.
    pub fn map(&self) -> BTreeMap<FontId, PdfFont> {
        self.resources.iter().map(|resource| (FontId(name(resource.key)), PdfFont::new(resource.font.clone()))).collect()
    }

    /// Operations that show each code once: printpdf describes what it finds shown.
    pub fn specimen(&self) -> Vec<Op> {
        let mut ops = vec![Op::StartTextSection];
        for resource in &self.resources {
            ops.push(Op::SetFont { font: PdfFontHandle::External(FontId(name(resource.key))), size: Pt(1.0) });
            let code = |(code, (_, (c, more))): (&u16, &Pair)| {
                let text = String::from(*c) + more.as_deref().unwrap_or("");
                Codepoint::with_cid(*code, 0.0, text)
            };
            ops.push(Op::ShowText { items: vec![TextItem::GlyphIds(resource.codes.iter().map(code).collect())] });
        }
        ops.push(Op::EndTextSection);
        ops
    }

    /// Completes a page's font resources: the way from codes to glyphs, and the direction, for printpdf has no fonts but those that
    /// write across. Each upright em is one em high and hangs by the middle of its upper edge (ISO 32000-1, 9.7.4.3, the default
    /// `DW2`).
    pub fn complete(&self, document: &mut Document, dictionary: &Dictionary) -> Result<(), lopdf::Error> {
        for resource in &self.resources {
            let map = resource.to_glyphs.clone().map(|map| document.add_object(Stream::new(Dictionary::new(), map)));
            let id = dictionary.get(name(resource.key).as_bytes())?.as_reference()?;
            let font = document.get_object_mut(id)?.as_dict_mut()?;
            if resource.key.upright {
                font.set("Encoding", "Identity-V");
            }
            let Some(descendant) = font.get_mut(b"DescendantFonts")?.as_array_mut()?.first_mut() else { continue };
            let descendant = descendant.as_dict_mut()?;
            if let Some(map) = map {
                descendant.set("CIDToGIDMap", Object::Reference(map));
            }
            descendant.set("W", resource.widths());
        }
        Ok(())
    }
}

impl Resource {
    /// The width of a code as the PDF states it: whole thousandths of an em, cut off.
    fn width(&self, code: u16) -> i32 {
        let units = self.font.glyph_widths.get(&code).copied().unwrap_or(0);
        (f32::from(units) * 1000.0 / f32::from(self.font.units_per_em)) as i32
    }

    /// The widths that are not an em, which is the width of what is not named (ISO 32000-1, 9.7.4.3).
    fn widths(&self) -> Vec<Object> {
        let mut widths: Vec<Object> = Vec::new();
        let mut next = None;
        for (code, width) in self.codes.keys().map(|code| (*code, self.width(*code))).filter(|(_, width)| *width != 1000) {
            match widths.last_mut() {
                Some(Object::Array(run)) if next == Some(code) => run.push(width.into()),
                _ => widths.extend([Object::from(code), Object::Array(vec![width.into()])]),
            }
            next = code.checked_add(1);
        }
        widths
    }
}

/// A face cut to what it shows, and the codes of what is not frequent.
fn cut(
    fonts: &Fonts,
    key: Key,
    mut codes: BTreeMap<u16, Pair>,
    others: BTreeSet<Pair>,
) -> Result<(Resource, Vec<(Pair, u16)>), Diagnostic> {
    let face = fonts.face(key.face);
    if !face.is_truetype() {
        // A glyph of several texts within one layer is copied as the first of them.
        let subset = for_pdf(face, others.iter().map(|(glyph, _)| *glyph))?;
        let list: Vec<(Pair, u16)> = others.into_iter().map(|pair| (pair.clone(), subset.glyph(pair.0))).collect();
        for (pair, code) in &list {
            codes.entry(*code).or_insert_with(|| pair.clone());
        }
        return Ok((resource(face, key, codes, None, subset), list));
    }
    codes::assign(&mut codes, others).ok_or_else(|| internal("one face shows too many characters"))?;
    let subset = for_pdf(face, codes.values().map(|(glyph, _)| *glyph))?;
    let last = codes.keys().next_back().copied().unwrap_or(0);
    let mut map = vec![0; (usize::from(last) + 1) * 2];
    for (code, (glyph, _)) in &codes {
        let at = usize::from(*code) * 2;
        map[at..at + 2].copy_from_slice(&subset.glyph(*glyph).to_be_bytes());
    }
    let list = codes.iter().filter(|(code, _)| codes::is_other(**code)).map(|(code, pair)| (pair.clone(), *code)).collect();
    Ok((resource(face, key, codes, Some(map), subset), list))
}

fn resource(face: &Face, key: Key, codes: BTreeMap<u16, Pair>, to_glyphs: Option<Vec<u8>>, subset: Subset) -> Resource {
    let widths = codes.iter().map(|(code, (glyph, _))| (*code, codes::units(face, *glyph))).collect();
    let (ascent, descent) = face.line_metrics();
    let scaled = |mille: f64| (mille * f64::from(face.units) / 1000.0) as i16;
    let full_name = format!("{}+{}", tag(&subset.program), face.name);
    let metrics = FontMetrics { ascent: scaled(ascent), descent: scaled(descent) };
    let font_type = if subset.program.starts_with(b"OTTO") { FontType::OpenTypeCFF(()) } else { FontType::TrueType };
    let mut font = ParsedFont::with_glyph_data(subset.program, 0, Some(full_name), BTreeMap::new(), widths, face.units, metrics);
    font.font_type = font_type;
    font.pdf_font_metrics = PdfFontMetricsStub {
        units_per_em: face.units,
        x_min: scaled(-200.0),
        y_min: scaled(descent),
        x_max: scaled(2000.0),
        y_max: scaled(ascent),
        us_weight_class: if face.bold { 700 } else { 400 },
        ..PdfFontMetricsStub::default()
    };
    Resource { key, codes, to_glyphs, font }
}

/// Six capitals that a subset's name begins with (ISO 32000-1, 9.6.4), from its content, so that they never change.
fn tag(program: &[u8]) -> String {
    let mut hash = crate::source::fingerprint(program);
    let mut letters = String::new();
    for _ in 0..6 {
        letters.push(char::from(b'A' + (hash % 26) as u8));
        hash /= 26;
    }
    letters
}
