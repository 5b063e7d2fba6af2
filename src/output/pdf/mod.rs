//! The PDF: pages drawn as content streams, fonts described by printpdf, and what printpdf has no word for: a structure, a nested
//! outline, page labels, destinations, images that pass through, metadata, stable identifiers, small objects packed together.

mod codes;
mod content;
mod early;
mod file;
mod finish;
mod fonts;
mod metadata;
mod object;
mod picture;
mod sheet;
mod structure;

pub use early::{Early, Press};

use super::packed::{Level, Packed, part, stream};
use super::{Input, Made, Need, Output, Pieces};
use crate::cache::{Cache, Key};
use crate::diagnostic::{Diagnostic, Text};
use crate::layout::{Area, Body, Item, Page};
use crate::length::Length;
use crate::text;
use codes::{Coder, Shown};
use content::{Drawn, Tools};
use early::{Content, EarlyPage};
use finish::unfinished;
use rayon::prelude::*;
use sheet::Sheet;
use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

/// The PDF as an output.
pub struct Pdf;

/// How many pages have what they show in one list.
const TOGETHER: usize = 8;

/// A page, what was drawn of it last, and the codes of that.
type Rest<'a> = (&'a Page, Drawn, &'a [u16]);

/// What the file says of a page beside its content.
struct Told {
    /// The elements of its pieces of marked content, by their number.
    marked: Vec<u32>,
    /// Its pictures: the file, and where it stands.
    pictures: Vec<(Arc<PathBuf>, Option<structure::Stand>)>,
}

impl Output for Pdf {
    fn needs(&self, _: &Input<'_>) -> Need {
        Need::Drawing
    }

    fn step(&self) -> Text {
        text!("PDF", "PDF")
    }

    fn render<'a>(&self, input: &Input<'a>) -> Result<Vec<Made<'a>>, Diagnostic> {
        let Some(pages) = input.pages else {
            return Err(internal("a PDF was asked for without pages"));
        };
        let sheet = Sheet::of(input.loaded, input.style);
        let coder = Coder::new(input.fonts);
        let drawn: Vec<(Vec<Drawn>, Shown)> = pages.pages.par_chunks(TOGETHER).map(|pages| draw(pages, input, &coder, &sheet)).collect();
        let shown = input.early.iter().map(|early| &early.shown).chain(drawn.iter().map(|(_, shown)| shown));
        let codes = coder.assign(shown)?;
        let early_codes: Vec<Vec<u16>> = input.early.iter().map(|early| codes.others(&early.shown)).collect();
        let rest_codes: Vec<Vec<u16>> = drawn.iter().map(|(_, shown)| codes.others(shown)).collect();
        let rests: Vec<Rest<'_>> = pages
            .pages
            .chunks(TOGETHER)
            .zip(drawn)
            .zip(&rest_codes)
            .flat_map(|((pages, (drawn, _)), codes)| pages.iter().zip(drawn).map(|(page, rest)| (page, rest, codes.as_slice())))
            .collect();
        let pack = || {
            let mut bodies: Vec<Vec<Option<Cow<'_, Packed>>>> = input
                .early
                .par_iter()
                .zip(&early_codes)
                .map(|(early, codes)| packed(early, codes, input.cache))
                .collect::<Result<_, Diagnostic>>()?;
            let mut body = |page| {
                let (place, _) = early(page, input)?;
                bodies.get_mut(place.flow)?.get_mut(place.page)?.take()
            };
            let bodies: Vec<Option<Cow<'_, Packed>>> = rests.iter().map(|(page, ..)| body(page)).collect();
            let contents: Vec<Vec<Pieces<'_>>> = rests
                .par_chunks(TOGETHER)
                .zip(bodies.into_par_iter().chunks(TOGETHER))
                .map(|(rests, bodies)| join(rests, bodies, input, &sheet))
                .collect::<Result<_, Diagnostic>>()?;
            Ok(contents.into_iter().flatten().collect::<Vec<Pieces<'_>>>())
        };
        let tell = || {
            let told = rests.iter().map(|(page, rest, _)| told(page, rest, input, &sheet)).collect();
            unfinished(input, pages, &sheet, told)
        };
        let cut = || fonts::cut(&codes, input.fonts, input.cache);
        let rest = || {
            rayon::join(
                || input.sink.timed(text!("PDF: pages packed", "PDF：压缩页面"), pack),
                || input.sink.timed(text!("PDF: pictures, structure", "PDF：图片、结构"), tell),
            )
        };
        let (fonts, (contents, file)) = rayon::join(|| input.sink.timed(text!("PDF: fonts", "PDF：字体"), cut), rest);
        let (fonts, contents, file) = (fonts?, contents?, file?);
        let bytes = input.sink.timed(text!("PDF: file", "PDF：文件"), || file.finish(fonts, contents, input.cache))?;
        Ok(Made::one(".pdf", bytes, Some(pages.pages.len())))
    }
}

/// Draws what was not drawn of some pages.
fn draw(pages: &[Page], input: &Input<'_>, coder: &Coder<'_>, sheet: &Sheet) -> (Vec<Drawn>, Shown) {
    let mut shown = Shown::default();
    let elements = input.pages.map_or(&[][..], |pages| &pages.elements);
    let tools = Tools { coder, faces: input.fonts, elements, sheet, height: sheet.trim.1 };
    let draw = |page: &Page| {
        let before = early(page, input).map_or(0, |(_, text)| text.marked.len());
        content::draw(tools, &page.items, before, true, &mut shown)
    };
    (pages.iter().map(draw).collect(), shown)
}

/// What was drawn of a page before.
fn early<'a>(page: &Page, input: &Input<'a>) -> Option<(Body, &'a EarlyPage)> {
    let body = page.body?;
    Some((body, input.early.get(body.flow)?.pages.get(body.page)?.as_ref()?))
}

/// What was drawn of the pages of a flow, compressed, with its codes.
fn packed<'a>(early: &'a Early, codes: &[u16], cache: &Cache) -> Result<Vec<Option<Cow<'a, Packed>>>, Diagnostic> {
    let open: Vec<Vec<u8>> = early.pages.iter().flatten().filter_map(|page| page.content.completed(codes)).collect();
    let pack = || open.par_iter().map(|content| part(Level::Text, content, false)).collect::<Result<Vec<Packed>, Diagnostic>>();
    let packed = if open.is_empty() { Vec::new() } else { cache.made(Key::of("PDF: contents", &open), pack)? };
    let mut packed = packed.into_iter();
    let mut content = |page: &'a EarlyPage| match &page.content {
        Content::Packed(packed) => Ok(Cow::Borrowed(packed)),
        Content::Open(_) => packed.next().map(Cow::Owned).ok_or_else(|| internal("a page's content is missing")),
    };
    early.pages.iter().map(|page| page.as_ref().map(&mut content).transpose()).collect()
}

/// The contents of some pages: the rest of each, given with its codes, after what was drawn of it before.
fn join<'a>(
    rests: &[Rest<'_>],
    bodies: Vec<Option<Cow<'a, Packed>>>,
    input: &Input<'_>,
    sheet: &Sheet,
) -> Result<Vec<Pieces<'a>>, Diagnostic> {
    let ends: Vec<Vec<u8>> = rests
        .iter()
        .map(|(page, rest, codes)| {
            let mut end = if early(page, input).is_some() { b"Q\n".to_vec() } else { Vec::new() };
            rest.append_to(&mut end, codes);
            end
        })
        .collect();
    let pack = || ends.iter().map(|end| part(Level::Text, end, true)).collect::<Result<Vec<Packed>, Diagnostic>>();
    let ends: Vec<Packed> = input.cache.made(Key::of("PDF: heads", &ends), pack)?;
    let page = |(((page, ..), body), end): ((&Rest<'_>, Option<Cow<'a, Packed>>), Packed)| {
        // Items are measured from the trim's corner.
        let mut before = if sheet.margin > Length::ZERO { content::moved(sheet.margin, sheet.margin) } else { Vec::new() };
        if let Some((place, _)) = early(page, input) {
            before.extend_from_slice(b"q\n");
            before.extend(content::moved(place.x, sheet.trim.1 - place.y - input.style.page.area().1));
        }
        stream(&before, body.into_iter().chain([Cow::Owned(end)]))
    };
    Ok(rests.iter().zip(bodies).zip(ends).map(page).collect())
}

/// What the file says of a page beside its content, of which a part was drawn before.
fn told(page: &Page, rest: &Drawn, input: &Input<'_>, sheet: &Sheet) -> Told {
    let (mut marked, mut pictures) = (Vec::new(), Vec::new());
    let mut picture = |path: &Arc<PathBuf>, area: &Area, element: Option<u32>| {
        let (left, bottom) = (area.x + sheet.margin, sheet.trim.1 - area.y - area.height + sheet.margin);
        pictures.push((path.clone(), element.map(|element| (element, [left, bottom, left + area.width, bottom + area.height]))));
    };
    if let Some((place, text)) = early(page, input) {
        let first = input.pages.and_then(|pages| pages.firsts.get(place.flow)).copied().unwrap_or(0);
        marked.extend(text.marked.iter().map(|element| element + first));
        for (path, area, tag) in &text.images {
            let area = Area { x: area.x + place.x, y: area.y + place.y, ..*area };
            picture(path, &area, tag.element().map(|element| element + first));
        }
    }
    marked.extend(&rest.marked);
    for item in &page.items {
        if let Item::Image(area, path, tag) = item {
            picture(path, area, tag.element());
        }
    }
    Told { marked, pictures }
}

fn internal(reason: &str) -> Diagnostic {
    Diagnostic::internal(text!("the PDF could not be made: {reason}", "无法生成 PDF：{reason}"))
}
