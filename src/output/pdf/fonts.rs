//! Font resources: each face cut to its glyphs. Each glyph has a code for each text that it stands for (a hyphen that is written
//! and one that a line break adds), so that copied text is always right.

use super::codes::{self, Codes, Key, Pair};
use super::internal;
use super::object::Piece;
use crate::cache::{self, Cache};
use crate::diagnostic::Diagnostic;
use crate::font::{Face, Fonts, for_pdf};
use lopdf::{Document, Object, ObjectId, Stream, dictionary};
use printpdf::{
    Codepoint, FontId, FontMetrics, FontType, Op, ParsedFont, PdfDocument, PdfFont, PdfFontHandle, PdfFontMetricsStub, PdfPage,
    PdfSaveOptions, Pt, TextItem, ToUnicodeCMap,
};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use xxhash_rust::xxh3::xxh3_64;

/// The program of a face that is cut.
struct Program {
    /// What it is called before the name of its face.
    tag: String,
    bytes: Vec<u8>,
    /// From codes to glyphs of the program, two bytes each; `None` for a face without TrueType outlines, whose codes are its glyphs.
    to_glyphs: Option<Vec<u8>>,
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

/// The font resources of a document by their names, each face cut to what has a code.
pub(super) fn cut(codes: &Codes, fonts: &Fonts, cache: &Cache) -> Result<Vec<(String, Piece)>, Diagnostic> {
    let cut = codes.resources.par_iter().map(|(key, codes)| {
        let made_of = cache::Key::of("PDF: font", (fonts, key, codes));
        Ok((name(*key), cache.made(made_of, || resource(fonts.face(key.face), *key, codes))?))
    });
    cut.collect()
}

/// A font resource: printpdf describes what it finds shown on a page, here each code once; or one of them only where what it says of
/// codes is said anew below, for it makes several copies of each.
fn resource(face: &Face, key: Key, codes: &BTreeMap<u16, Pair>) -> Result<Piece, Diagnostic> {
    let program = program(face, codes)?;
    let name = FontId(name(key));
    let code = |(code, (_, (c, more))): (&u16, &Pair)| Codepoint::with_cid(*code, 0.0, String::from(*c) + more.as_deref().unwrap_or(""));
    let described_codes = if program.to_glyphs.is_some() { 1 } else { codes.len() };
    let specimen = vec![
        Op::StartTextSection,
        Op::SetFont { font: PdfFontHandle::External(name.clone()), size: Pt(1.0) },
        Op::ShowText { items: vec![TextItem::GlyphIds(codes.iter().take(described_codes).map(code).collect())] },
        Op::EndTextSection,
    ];
    let mut described = described(face, &program);
    // Of a program that takes its place below, printpdf looks at the first bytes only.
    let seen = if program.to_glyphs.is_some() { 4 } else { program.bytes.len() };
    described.original_bytes = program.bytes.get(..seen).unwrap_or_default().to_vec();
    let mut document = PdfDocument::new("");
    document.resources.fonts.map.insert(name.clone(), PdfFont::new(described));
    document.pages = vec![PdfPage::new(printpdf::Mm(100.0), printpdf::Mm(100.0), specimen)];
    let options = PdfSaveOptions { optimize: false, subset_fonts: false, secure: false, image_optimization: None };
    let mut document = document.to_lopdf_document(&options, &mut Vec::new());
    let id = complete(&mut document, face, key, codes, program).map_err(|error| internal(&error.to_string()))?;
    Piece::of(document, id)
}

/// Completes what printpdf says of a font: widths, the way from codes to glyphs and to text, and the direction, for printpdf has no
/// fonts but those that write across. Each upright em is one em high and hangs by the middle of its upper edge (ISO 32000-1, 9.7.4.3,
/// the default `DW2`).
fn complete(
    document: &mut Document,
    face: &Face,
    key: Key,
    codes: &BTreeMap<u16, Pair>,
    program: Program,
) -> Result<ObjectId, lopdf::Error> {
    let name = name(key);
    let page = document.page_iter().next().ok_or(lopdf::Error::PageNumberNotFound(1))?;
    let resources = document.get_dictionary(page)?.get(b"Resources")?.as_reference()?;
    let fonts = document.get_dictionary(resources)?.get(b"Font")?.as_reference()?;
    let id = document.get_dictionary(fonts)?.get(name.as_bytes())?.as_reference()?;
    let map = program.to_glyphs.map(|map| {
        let texts = Stream::new(dictionary! {}, to_text(&name, codes).into_bytes());
        (document.add_object(Stream::new(dictionary! {}, map)), document.add_object(texts))
    });
    let font = document.get_object_mut(id)?.as_dict_mut()?;
    if key.upright {
        font.set("Encoding", "Identity-V");
    }
    if let Some((_, texts)) = map {
        font.set("ToUnicode", texts);
    }
    let descendant =
        font.get_mut(b"DescendantFonts")?.as_array_mut()?.first_mut().ok_or(lopdf::Error::DictKey("DescendantFonts".into()))?;
    let descendant = descendant.as_dict_mut()?;
    descendant.set("W", widths(face, codes));
    if let Some((map, _)) = map {
        descendant.set("CIDToGIDMap", map);
        let descriptor = descendant.get(b"FontDescriptor")?.as_reference()?;
        let file = document.get_dictionary(descriptor)?.get(b"FontFile2")?.as_reference()?;
        let length = program.bytes.len() as i64;
        document.set_object(file, Stream::new(dictionary! { "Length1" => length }, program.bytes));
    }
    Ok(id)
}

/// The way from codes to text (ISO 32000-1, 9.10.3).
fn to_text(name: &str, codes: &BTreeMap<u16, Pair>) -> String {
    let text = |(code, (_, (c, more))): (&u16, &Pair)| {
        let more = more.as_deref().unwrap_or_default().chars();
        (u32::from(*code), std::iter::once(*c).chain(more).map(u32::from).collect())
    };
    ToUnicodeCMap { mappings: codes.iter().map(text).collect() }.to_cmap_string(name)
}

/// The widths that are not an em, which is the width of what is not named (ISO 32000-1, 9.7.4.3).
fn widths(face: &Face, codes: &BTreeMap<u16, Pair>) -> Vec<Object> {
    let mut widths: Vec<Object> = Vec::new();
    let mut next = None;
    let stated = codes.iter().map(|(code, (glyph, _))| (*code, codes::stated(face, *glyph)));
    for (code, width) in stated.filter(|(_, width)| *width != 1000) {
        match widths.last_mut() {
            Some(Object::Array(run)) if next == Some(code) => run.push(width.into()),
            _ => widths.extend([Object::from(code), Object::Array(vec![width.into()])]),
        }
        next = code.checked_add(1);
    }
    widths
}

fn program(face: &Face, codes: &BTreeMap<u16, Pair>) -> Result<Program, Diagnostic> {
    let subset = for_pdf(face, &codes.values().map(|(glyph, _)| *glyph).collect())?;
    let to_glyphs = face.is_truetype().then(|| {
        let last = codes.keys().next_back().copied().unwrap_or(0);
        let mut map = vec![0; (usize::from(last) + 1) * 2];
        for (code, (glyph, _)) in codes {
            let at = usize::from(*code) * 2;
            if let Some(place) = map.get_mut(at..at + 2) {
                place.copy_from_slice(&subset.glyph(*glyph).to_be_bytes());
            }
        }
        map
    });
    Ok(Program { tag: tag(&subset.program), bytes: subset.program, to_glyphs })
}

/// A font as printpdf describes it, without its program and its widths.
fn described(face: &Face, program: &Program) -> ParsedFont {
    let (ascent, descent) = face.line_metrics();
    let scaled = |mille: f64| (mille * f64::from(face.units()) / 1000.0) as i16;
    let full_name = format!("{}+{}", program.tag, face.name);
    let metrics = FontMetrics { ascent: scaled(ascent), descent: scaled(descent) };
    let font_type = if program.bytes.starts_with(b"OTTO") { FontType::OpenTypeCFF(()) } else { FontType::TrueType };
    let mut font = ParsedFont::with_glyph_data(Vec::new(), 0, Some(full_name), BTreeMap::new(), BTreeMap::new(), face.units(), metrics);
    font.font_type = font_type;
    font.pdf_font_metrics = PdfFontMetricsStub {
        units_per_em: face.units(),
        x_min: scaled(-200.0),
        y_min: scaled(descent),
        x_max: scaled(2000.0),
        y_max: scaled(ascent),
        us_weight_class: if face.bold { 700 } else { 400 },
        ..PdfFontMetricsStub::default()
    };
    font
}

/// Six capitals that a subset's name begins with (ISO 32000-1, 9.6.4), from its content, so that they never change.
fn tag(program: &[u8]) -> String {
    let mut hash = xxh3_64(program);
    let mut letters = String::new();
    for _ in 0..6 {
        letters.push(char::from(b'A' + (hash % 26) as u8));
        hash /= 26;
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outlines_stand_in_the_faces_own_order() {
        let face = Face::from_file(include_bytes!("../../../fonts/SourceSerif4-Italic.ttf").to_vec()).unwrap();
        // Codes go by what is frequent.
        let glyphs = "etaoinshrdlu".chars().map(|c| (face.glyph(c).unwrap(), (c, None)));
        let codes: BTreeMap<u16, Pair> = (1..).zip(glyphs).collect();
        let map = program(&face, &codes).unwrap().to_glyphs.unwrap();
        let place = |code: u16| u16::from_be_bytes([map[usize::from(code) * 2], map[usize::from(code) * 2 + 1]]);
        let mut by_face: Vec<(u16, u16)> = codes.iter().map(|(code, (glyph, _))| (*glyph, place(*code))).collect();
        by_face.sort_unstable();
        assert!(by_face.iter().map(|(_, place)| *place).eq(1..=12));
    }
}
