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
mod packed;
mod picture;
mod sheet;
mod structure;

pub use early::{Early, Press};

use super::{Input, Made, Need, Output};
use crate::cache::{Cache, Key};
use crate::diagnostic::{Code, Diagnostic, Text};
use crate::layout::{Area, Body, Item, Page};
use crate::length::Length;
use crate::text;
use codes::{Coder, Shown};
use content::{Drawn, Tools};
use early::{Content, EarlyPage};
use packed::{Deflater, Packed, stream};
use rayon::prelude::*;
use sheet::Sheet;
use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

/// The PDF as an output.
pub struct Pdf;

/// How many pages have what they show in one list.
const TOGETHER: usize = 16;

/// A page as it goes into the file.
struct Finished {
    /// Its content, compressed.
    content: Vec<u8>,
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

    fn render(&self, input: &Input<'_>) -> Result<Vec<Made>, Diagnostic> {
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
        let rests: Vec<(&Page, Drawn, &[u16])> = pages
            .pages
            .chunks(TOGETHER)
            .zip(drawn)
            .zip(&rest_codes)
            .flat_map(|((pages, (drawn, _)), codes)| pages.iter().zip(drawn).map(|(page, rest)| (page, rest, codes.as_slice())))
            .collect();
        let join = |deflater: &mut Deflater, rest: (&Page, Drawn, &[u16])| join(rest, input, &early_codes, &sheet, deflater);
        let pack = || rests.into_par_iter().map_init(Deflater::new, join).collect::<Result<Vec<Finished>, Diagnostic>>();
        let cut = || fonts::cut(&codes, input.fonts, input.cache);
        let (fonts, finished) = rayon::join(
            || input.sink.timed(text!("PDF: fonts", "PDF：字体"), cut),
            || input.sink.timed(text!("PDF: pages packed", "PDF：压缩页面"), pack),
        );
        let (fonts, finished) = (fonts?, finished?);
        let finish = || finish::finish(input, pages, &sheet, fonts, finished);
        let bytes = input.sink.timed(text!("PDF: file", "PDF：文件"), finish)?;
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

/// Joins what was drawn of a page before, given with the codes of its flow, and of the rest of it, with its own.
fn join(
    (page, rest, rest_codes): (&Page, Drawn, &[u16]),
    input: &Input<'_>,
    codes: &[Vec<u16>],
    sheet: &Sheet,
    deflater: &mut Deflater,
) -> Result<Finished, Diagnostic> {
    // Items are measured from the trim's corner.
    let mut before = if sheet.margin > Length::ZERO { content::moved(sheet.margin, sheet.margin) } else { Vec::new() };
    let (mut body, mut after) = (None, Vec::new());
    let (mut marked, mut pictures) = (Vec::new(), Vec::new());
    let height = sheet.trim.1;
    let mut picture = |path: &Arc<PathBuf>, area: &Area, element: Option<u32>| {
        let (left, bottom) = (area.x + sheet.margin, height - area.y - area.height + sheet.margin);
        pictures.push((path.clone(), element.map(|element| (element, [left, bottom, left + area.width, bottom + area.height]))));
    };
    if let Some((place, text)) = early(page, input) {
        let first = input.pages.and_then(|pages| pages.firsts.get(place.flow)).copied().unwrap_or(0);
        before.extend_from_slice(b"q\n");
        before.extend(content::moved(place.x, height - place.y - input.style.page.area().1));
        body = Some(packed(&text.content, codes.get(place.flow).map_or(&[], Vec::as_slice), input.cache, deflater)?);
        after.extend_from_slice(b"Q\n");
        marked.extend(text.marked.iter().map(|element| element + first));
        for (path, area, tag) in &text.images {
            let area = Area { x: area.x + place.x, y: area.y + place.y, ..*area };
            picture(path, &area, tag.element().map(|element| element + first));
        }
    }
    rest.append_to(&mut after, rest_codes);
    marked.extend(rest.marked);
    for item in &page.items {
        if let Item::Image(area, path, tag) = item {
            picture(path, area, tag.element());
        }
    }
    let after = input.cache.made(Key::of("PDF: heads", &after), || deflater.part(&after, true))?;
    let parts: Vec<&Packed> = body.as_deref().into_iter().chain([&after]).collect();
    Ok(Finished { content: stream(&before, &parts), marked, pictures })
}

/// What was drawn of a page, compressed, with its codes.
fn packed<'a>(content: &'a Content, codes: &[u16], cache: &Cache, deflater: &mut Deflater) -> Result<Cow<'a, Packed>, Diagnostic> {
    match content {
        Content::Packed(packed) => Ok(Cow::Borrowed(packed)),
        Content::Open(drawn) => {
            let mut content = Vec::new();
            drawn.append_to(&mut content, codes);
            cache.made(Key::of("PDF: content", &content), || deflater.part(&content, false)).map(Cow::Owned)
        }
    }
}

/// A fault of the program, told rather than swallowed.
fn internal(reason: &str) -> Diagnostic {
    Diagnostic::new(Code::Internal, text!("the PDF could not be made: {reason}", "无法生成 PDF：{reason}")).advise(text!(
        "this is a fault in banxin; please report it with the book that shows it",
        "这是 banxin 的错误，请附上能重现的书稿报告"
    ))
}
