//! Font resources: each face cut to its glyphs. Each glyph has a code for each text that it stands for (a hyphen that is written
//! and one that a line break adds), so that copied text is always right.

use super::codes::{self, Codes, Key, Pair};
use super::packed::Deflater;
use crate::cache::{self, Cache};
use crate::diagnostic::Diagnostic;
use crate::font::{Face, Fonts, for_pdf};
use lopdf::{Dictionary, Document, Object, Stream};
use printpdf::{Codepoint, FontId, FontMetrics, FontType, Op, ParsedFont, PdfFont, PdfFontHandle, PdfFontMetricsStub, Pt, TextItem};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// One font resource.
struct Resource {
    key: Key,
    /// What each code shows.
    codes: BTreeMap<u16, Pair>,
    /// `None` for a face of another kind, whose program printpdf writes.
    truetype: Option<TrueType>,
    font: ParsedFont,
}

/// A program with TrueType outlines, both compressed.
#[derive(Serialize, Deserialize)]
struct TrueType {
    #[serde(with = "serde_bytes")]
    program: Vec<u8>,
    /// Its bytes before.
    length: usize,
    /// From codes to glyphs of the program, two bytes each.
    #[serde(with = "serde_bytes")]
    to_glyphs: Vec<u8>,
}

/// The program of a face that is cut.
#[derive(Serialize, Deserialize)]
struct Program {
    /// What it is called before the name of its face.
    tag: String,
    /// The whole of it, or where it is packed, the first bytes.
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
    truetype: Option<TrueType>,
}

/// All font resources of a document.
pub(super) struct Resources(Vec<Resource>);

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
    /// Cuts the fonts to what has a code.
    pub fn cut(codes: &Codes, fonts: &Fonts, cache: &Cache) -> Result<Resources, Diagnostic> {
        let cut = codes.resources.par_iter().map_init(Deflater::new, |deflater, (key, codes)| cut(fonts, *key, codes, cache, deflater));
        Ok(Resources(cut.collect::<Result<_, Diagnostic>>()?))
    }

    /// The fonts as printpdf takes them.
    pub fn map(&self) -> BTreeMap<FontId, PdfFont> {
        self.0.iter().map(|resource| (FontId(name(resource.key)), PdfFont::new(resource.font.clone()))).collect()
    }

    /// Operations that show each code once: printpdf describes what it finds shown.
    pub fn specimen(&self) -> Vec<Op> {
        let mut ops = vec![Op::StartTextSection];
        for resource in &self.0 {
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
    pub fn complete(self, document: &mut Document, dictionary: &Dictionary) -> Result<(), lopdf::Error> {
        for resource in self.0 {
            let id = dictionary.get(name(resource.key).as_bytes())?.as_reference()?;
            let widths = resource.widths();
            let map = resource.truetype.as_ref().map(|font| document.add_object(packed(font.to_glyphs.clone())));
            let font = document.get_object_mut(id)?.as_dict_mut()?;
            if resource.key.upright {
                font.set("Encoding", "Identity-V");
            }
            let Some(descendant) = font.get_mut(b"DescendantFonts")?.as_array_mut()?.first_mut() else { continue };
            let descendant = descendant.as_dict_mut()?;
            descendant.set("W", widths);
            if let (Some(map), Some(font)) = (map, resource.truetype) {
                descendant.set("CIDToGIDMap", Object::Reference(map));
                let descriptor = descendant.get(b"FontDescriptor")?.as_reference()?;
                let program = document.get_dictionary(descriptor)?.get(b"FontFile2")?.as_reference()?;
                let mut stream = packed(font.program);
                stream.dict.set("Length1", font.length as i64);
                document.set_object(program, stream);
            }
        }
        Ok(())
    }
}

/// A stream that is compressed already.
fn packed(data: Vec<u8>) -> Stream {
    Stream::new(lopdf::dictionary! { "Filter" => "FlateDecode" }, data).with_compression(false)
}

impl Resource {
    /// The width of a code as the PDF states it.
    fn width(&self, code: u16) -> i32 {
        codes::stated(self.font.glyph_widths.get(&code).copied().unwrap_or(0), self.font.units_per_em)
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

/// A face cut to what it shows.
fn cut(fonts: &Fonts, key: Key, codes: &BTreeMap<u16, Pair>, cache: &Cache, deflater: &mut Deflater) -> Result<Resource, Diagnostic> {
    let face = fonts.face(key.face);
    let made_of = cache::Key::of("PDF: font", (fonts, key.face, codes));
    let program = cache.made(made_of, || program(face, codes, deflater))?;
    let mut font = described(face, codes, &program);
    // Of one that is packed printpdf looks at the first bytes only.
    font.original_bytes = program.bytes;
    Ok(Resource { key, codes: codes.clone(), truetype: program.truetype, font })
}

fn program(face: &Face, codes: &BTreeMap<u16, Pair>, deflater: &mut Deflater) -> Result<Program, Diagnostic> {
    let subset = for_pdf(face, codes.values().map(|(glyph, _)| *glyph))?;
    let tag = tag(&subset.program);
    if !face.is_truetype() {
        return Ok(Program { tag, bytes: subset.program, truetype: None });
    }
    let last = codes.keys().next_back().copied().unwrap_or(0);
    let mut to_glyphs = vec![0; (usize::from(last) + 1) * 2];
    for (code, (glyph, _)) in codes {
        let at = usize::from(*code) * 2;
        if let Some(place) = to_glyphs.get_mut(at..at + 2) {
            place.copy_from_slice(&subset.glyph(*glyph).to_be_bytes());
        }
    }
    let (program, length) = (deflater.deflate(&subset.program)?, subset.program.len());
    let bytes = subset.program.get(..4).unwrap_or_default().to_vec();
    Ok(Program { tag, bytes, truetype: Some(TrueType { program, length, to_glyphs: deflater.deflate(&to_glyphs)? }) })
}

/// A font as printpdf describes it, without its program.
fn described(face: &Face, codes: &BTreeMap<u16, Pair>, program: &Program) -> ParsedFont {
    let widths = codes.iter().map(|(code, (glyph, _))| (*code, codes::units(face, *glyph))).collect();
    let (ascent, descent) = face.line_metrics();
    let scaled = |mille: f64| (mille * f64::from(face.units) / 1000.0) as i16;
    let full_name = format!("{}+{}", program.tag, face.name);
    let metrics = FontMetrics { ascent: scaled(ascent), descent: scaled(descent) };
    let font_type = if program.bytes.starts_with(b"OTTO") { FontType::OpenTypeCFF(()) } else { FontType::TrueType };
    let mut font = ParsedFont::with_glyph_data(Vec::new(), 0, Some(full_name), BTreeMap::new(), widths, face.units, metrics);
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
    font
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
