//! Font resources: each face cut to its glyphs. A glyph that stands for two different texts (a hyphen that is
//! written and one that a line break adds) is kept in a layer of its own, so that copied text is always right.

use crate::diagnostic::Diagnostic;
use crate::font::{FaceId, Fonts, Subset, for_pdf};
use crate::layout::{Glyph, Item, Pages, Run, Turn};
use printpdf::{FontId, FontMetrics, FontType, ParsedFont, PdfFont, PdfFontMetricsStub};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What the names of resources begin with: fonts that write across, and down.
const ACROSS: char = 'B';
pub(super) const UPRIGHT: char = 'V';

/// The text of a glyph: most stand for one character.
type Text = (char, Option<Box<str>>);

/// A face, one of its layers, and whether its glyphs stand in columns: a font of a PDF writes one way.
type Key = (FaceId, usize, bool);

/// One font resource.
struct Resource {
    name: String,
    subset: Subset,
    /// Widths as the PDF states them, whole thousandths of an em, by glyph of the face.
    widths: BTreeMap<u16, i64>,
    font: ParsedFont,
}

/// All font resources of a document.
pub(super) struct Resources {
    /// By face: the texts of each glyph, in the order of its layers.
    texts: BTreeMap<(FaceId, bool), BTreeMap<u16, Vec<Text>>>,
    resources: BTreeMap<Key, Resource>,
}

/// Where a glyph is found in the document.
pub(super) struct Place<'a> {
    /// Name of the font resource.
    pub font: &'a str,
    /// The glyph's code in it.
    pub code: u16,
    /// Its width there, thousandths of an em.
    pub width: i64,
    /// The resource, to tell whether two glyphs share it.
    pub key: Key,
}

impl Resources {
    /// Gathers every glyph of every page and cuts the fonts.
    pub fn gather(pages: &Pages, fonts: &Fonts) -> Result<Resources, Diagnostic> {
        let mut texts: BTreeMap<(FaceId, bool), BTreeMap<u16, Vec<Text>>> = BTreeMap::new();
        for run in
            pages.pages.iter().flat_map(|page| &page.items).filter_map(|item| if let Item::Run(run) = item { Some(run) } else { None })
        {
            let face = texts.entry((run.face, run.turn == Turn::Upright)).or_default();
            for glyph in &run.glyphs {
                let known = face.entry(glyph.id).or_default();
                if !known.iter().any(|(first, more)| *first == glyph.text && *more == glyph.more) {
                    known.push((glyph.text, glyph.more.clone()));
                }
            }
        }
        let mut wanted: Vec<(Key, BTreeSet<u16>)> = Vec::new();
        for ((face, upright), glyphs) in &texts {
            let layers = glyphs.values().map(Vec::len).max().unwrap_or(0);
            for layer in 0..layers {
                wanted.push((
                    (*face, layer, *upright),
                    glyphs.iter().filter(|(_, known)| known.len() > layer).map(|(glyph, _)| *glyph).collect(),
                ));
            }
        }
        let cut: Vec<Result<(Key, Resource), Diagnostic>> =
            wanted.into_par_iter().enumerate().map(|(at, (key, glyphs))| Ok((key, resource(fonts, at, key, &glyphs)?))).collect();
        Ok(Resources { texts, resources: cut.into_iter().collect::<Result<_, _>>()? })
    }

    /// The fonts as printpdf takes them.
    pub fn map(&self) -> BTreeMap<FontId, PdfFont> {
        self.resources.values().map(|resource| (FontId(resource.name.clone()), PdfFont::new(resource.font.clone()))).collect()
    }

    /// Where a glyph of a page is found.
    pub fn place(&self, run: &Run, glyph: &Glyph) -> Option<Place<'_>> {
        let (face, upright) = (run.face, run.turn == Turn::Upright);
        let layer = self
            .texts
            .get(&(face, upright))?
            .get(&glyph.id)?
            .iter()
            .position(|(first, more)| *first == glyph.text && *more == glyph.more)?;
        let resource = self.resources.get(&(face, layer, upright))?;
        Some(Place {
            font: &resource.name,
            code: resource.subset.glyph(glyph.id),
            width: resource.widths.get(&glyph.id).copied().unwrap_or(0),
            key: (face, layer, upright),
        })
    }
}

fn resource(fonts: &Fonts, number: usize, (id, _, upright): Key, glyphs: &BTreeSet<u16>) -> Result<Resource, Diagnostic> {
    let face = fonts.face(id);
    let subset = for_pdf(face, glyphs)?;
    let units = |glyph: u16| (face.advance(glyph) * f64::from(face.units) / 1000.0).round() as u16;
    // As printpdf writes a width: whole thousandths, cut off.
    let stated = |glyph: u16| (f32::from(units(glyph)) * 1000.0 / f32::from(face.units)) as i64;
    let widths = glyphs.iter().map(|glyph| (*glyph, stated(*glyph))).collect();
    let coded = glyphs.iter().map(|glyph| (subset.glyph(*glyph), units(*glyph))).collect();
    let (ascent, descent) = face.line_metrics();
    let scaled = |mille: f64| (mille * f64::from(face.units) / 1000.0) as i16;
    let name = format!("{}+{}", tag(&subset.program), face.name);
    let metrics = FontMetrics { ascent: scaled(ascent), descent: scaled(descent) };
    let mut font = ParsedFont::with_glyph_data(subset.program.clone(), 0, Some(name), BTreeMap::new(), coded, face.units, metrics);
    font.font_type = if subset.program.starts_with(b"OTTO") { FontType::OpenTypeCFF(()) } else { FontType::TrueType };
    font.pdf_font_metrics = PdfFontMetricsStub {
        units_per_em: face.units,
        x_min: scaled(-200.0),
        y_min: scaled(descent),
        x_max: scaled(2000.0),
        y_max: scaled(ascent),
        us_weight_class: if face.bold { 700 } else { 400 },
        ..PdfFontMetricsStub::default()
    };
    let way = if upright { UPRIGHT } else { ACROSS };
    Ok(Resource { name: format!("{way}{number}"), subset, widths, font })
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
