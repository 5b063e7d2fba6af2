//! Outputs: what is made of a manuscript and its pages. An output decides no position and parses no text.

pub mod dump;
pub mod epub;
pub(crate) mod letters;
mod packed;
pub mod pdf;
pub mod raster;
pub mod write;

use crate::cache::Cache;
use crate::diagnostic::{Diagnostic, Sink, Text};
use crate::document::Manuscript;
use crate::font::Fonts;
use crate::layout::Pages;
use crate::manifest::Loaded;
use crate::style::Style;
use std::borrow::Cow;

/// What an output is made of.
pub struct Input<'a> {
    /// The manifest.
    pub loaded: &'a Loaded,
    /// The text.
    pub manuscript: &'a Manuscript,
    /// The look.
    pub style: &'a Style,
    /// The fonts.
    pub fonts: &'a Fonts,
    /// The pages, where the book was laid out: for an output that needs them ([`Output::needs`]), and then for all.
    pub pages: Option<&'a Pages>,
    /// What the PDF has taken off the pages of each flow: all but links and places. Empty where it has taken nothing.
    pub early: &'a [pdf::Early],
    /// Which characters each chapter shows.
    pub letters: &'a [letters::Letters],
    /// What was made before.
    pub cache: &'a Cache,
    /// Where problems go.
    pub sink: &'a Sink,
}

/// Bytes in pieces, one after another: most of a large file was made before, and is not copied until it is written.
pub type Pieces<'a> = Vec<Cow<'a, [u8]>>;

/// How many bytes they are.
pub(crate) fn length_of(pieces: &[Cow<'_, [u8]>]) -> usize {
    pieces.iter().map(|piece| piece.len()).sum()
}

/// A file that was made, before it is written.
pub struct Made<'a> {
    /// What follows the book's name: `.pdf`.
    pub suffix: String,
    /// The whole of it.
    pub bytes: Pieces<'a>,
    /// Its pages, where it has any.
    pub pages: Option<usize>,
}

impl<'a> Made<'a> {
    /// The one file of an output.
    pub fn one(suffix: &str, bytes: Pieces<'a>, pages: Option<usize>) -> Vec<Made<'a>> {
        vec![Made { suffix: suffix.to_owned(), bytes, pages }]
    }
}

/// What an output needs of the pages, each with what is needed before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Nothing: the book need not be laid out.
    Nothing,
    /// Where they begin.
    Places,
    /// That the PDF draws them.
    Drawing,
    /// All that stands on them.
    Items,
}

/// A kind of file that a book becomes.
pub trait Output: Sync {
    /// What it needs of the pages. If that is anything, [`Input::pages`] is there.
    fn needs(&self, input: &Input<'_>) -> Need;

    /// What making it is called among the steps of a build.
    fn step(&self) -> Text;

    /// The whole files. Must be the same bytes for the same input.
    ///
    /// # Errors
    ///
    /// What kept it from being made; nothing has been written then.
    fn render<'a>(&self, input: &Input<'a>) -> Result<Vec<Made<'a>>, Diagnostic>;
}

/// Seconds since 1970 that a file bears as its time: `SOURCE_DATE_EPOCH`, else the manifest's date, else 2000-01-01.
pub(crate) fn timestamp(loaded: &Loaded) -> i64 {
    const FALLBACK: i64 = 946_684_800;
    if let Some(seconds) =
        std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.trim().parse::<i64>().ok()).filter(|seconds| *seconds >= 0)
    {
        return seconds;
    }
    let Some(date) = &loaded.manifest.book.date else { return FALLBACK };
    let mut parts = date.get_ref().split('-').map(|part| part.parse::<u32>().unwrap_or(1));
    let (year, month, day) = (parts.next().unwrap_or(2000), parts.next().unwrap_or(1), parts.next().unwrap_or(1));
    chrono::NaiveDate::from_ymd_opt(year as i32, month, day)
        .and_then(|date| date.and_hms_opt(0, 0, 0))
        .map_or(FALLBACK, |time| time.and_utc().timestamp())
}

/// The identifier of a book: its ISBN, what the manifest says, or a UUID that its title and authors decide.
pub(crate) fn identifier(loaded: &Loaded) -> String {
    let book = &loaded.manifest.book;
    if let Some(isbn) = &book.isbn {
        let digits: String = isbn.chars().filter(|c| c.is_ascii_digit() || *c == 'X' || *c == 'x').collect();
        return format!("urn:isbn:{digits}");
    }
    book.identifier.clone().unwrap_or_else(|| uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, name_of(loaded).as_bytes()).urn().to_string())
}

/// What a book is known by: title and names.
pub(crate) fn name_of(loaded: &Loaded) -> String {
    let book = &loaded.manifest.book;
    let names: Vec<&str> = book.authors.iter().map(|author| author.name()).collect();
    format!("banxin:{}\n{}", book.title.get_ref(), names.join("\n"))
}
