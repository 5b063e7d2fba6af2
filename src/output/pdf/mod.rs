//! The PDF: pages through printpdf, then the object tree completed where printpdf has no word for what a book
//! needs: nested outline, page labels, destinations, images that pass through, metadata, stable identifiers.

mod content;
mod finish;
mod fonts;
mod metadata;
mod pack;
mod picture;
mod sheet;
mod structure;

use super::{Input, Made, Output};
use crate::diagnostic::{Code, Diagnostic};
use crate::text;
use printpdf::{PdfDocument, PdfPage, PdfSaveOptions, Rect};
use rayon::prelude::*;

/// The PDF as an output.
pub struct Pdf;

impl Output for Pdf {
    fn needs_pages(&self, _: &Input<'_>) -> bool {
        true
    }

    fn render(&self, input: &Input<'_>) -> Result<Vec<Made>, Diagnostic> {
        let Some(pages) = input.pages else {
            return Err(internal("a PDF was asked for without pages"));
        };
        let fonts = fonts::Resources::gather(pages, input.fonts)?;
        let mut document = PdfDocument::new(input.loaded.manifest.book.title.get_ref());
        document.resources.fonts.map = fonts.map();
        let sheet = sheet::Sheet::of(input);
        // The boxes are put right when the tree is finished.
        let whole = Rect::from_wh(printpdf::Pt(pages.width.to_pt() as f32), printpdf::Pt(pages.height.to_pt() as f32));
        let drawn: Vec<content::Drawn> =
            pages.pages.par_iter().map(|page| content::operations(page, &fonts, input.fonts, &pages.elements, &sheet)).collect();
        let mut marked = Vec::new();
        for page in drawn {
            document.pages.push(PdfPage { media_box: whole.clone(), trim_box: whole.clone(), crop_box: whole.clone(), ops: page.ops });
            marked.push(page.marked);
        }
        let options = PdfSaveOptions { optimize: false, subset_fonts: false, secure: false, image_optimization: None };
        let mut warnings = Vec::new();
        let tree = document.to_lopdf_document(&options, &mut warnings);
        drop(document);
        let bytes = finish::finish(tree, input, pages, &sheet, &marked)?;
        Ok(Made::one(".pdf", bytes, Some(pages.pages.len())))
    }
}

/// A fault of the program, told rather than swallowed.
fn internal(reason: &str) -> Diagnostic {
    Diagnostic::new(Code::Internal, text!("the PDF could not be made: {reason}", "无法生成 PDF：{reason}")).advise(text!(
        "this is a fault in banxin; please report it with the book that shows it",
        "这是 banxin 的错误，请附上能重现的书稿报告"
    ))
}
