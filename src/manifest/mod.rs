//! `book.toml`: the manifest, a superset of mdBook's. Types and defaults here; sizes in [`size`], the check
//! for unknown keys in [`keys`], what types cannot say in `verify`.

mod css;
mod keys;
mod size;
mod verify;

pub use css::{OneOrMore, Stylesheet};
pub use size::{PageSize, Size, TYPE_SIZES};
pub use verify::is_language;

use crate::diagnostic::{Code, Diagnostic, Sink, Text};
use crate::source::{FileId, ReadError, Sources, Span};
use crate::text;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The manifest as written, with every default filled in.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Manifest {
    /// The book's metadata.
    pub book: Metadata,
    /// The chapter tree; empty where `src/SUMMARY.md` gives it.
    #[serde(default)]
    pub chapters: Vec<ChapterEntry>,
    /// Rules of setting.
    #[serde(default)]
    pub typography: Typography,
    /// Font families or files, by role.
    #[serde(default)]
    pub fonts: Fonts,
    /// The PDF.
    #[serde(default)]
    pub pdf: Pdf,
    /// The EPUB.
    #[serde(default)]
    pub epub: Epub,
    /// Names of the outputs.
    #[serde(default)]
    pub output: Output,
}

impl Manifest {
    /// Whether there is a copyright page: there is something to state on it, and the manifest does not leave it out.
    pub fn has_copyright_page(&self) -> bool {
        let book = &self.book;
        self.pdf.copyright_page != Some(false)
            && (book.publisher.is_some() || book.edition.is_some() || book.isbn.is_some() || book.rights.is_some())
    }
}

/// `[book]`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Metadata {
    /// The title; required.
    pub title: toml::Spanned<String>,
    /// The subtitle.
    pub subtitle: Option<String>,
    /// Authors and other contributors.
    #[serde(default)]
    pub authors: Vec<Contributor>,
    /// BCP 47 language tag.
    #[serde(default = "default_language")]
    pub language: String,
    /// The publisher.
    pub publisher: Option<String>,
    /// Date of publication, `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub date: Option<toml::Spanned<String>>,
    /// A short description.
    pub description: Option<String>,
    /// Subjects.
    #[serde(default)]
    pub subjects: Vec<String>,
    /// The rights statement.
    pub rights: Option<String>,
    /// A unique identifier, as a URN or URI.
    pub identifier: Option<String>,
    /// The ISBN, which then is the identifier.
    pub isbn: Option<String>,
    /// The edition, 版次, as the copyright page states it.
    pub edition: Option<String>,
    /// Whom the book is dedicated to: a page of its own before the contents; each line is a line.
    pub dedication: Option<String>,
    /// What is said of the book's making on its last page; each line is a paragraph.
    pub colophon: Option<String>,
    /// The cover image, below the source folder or the book folder.
    pub cover: Option<toml::Spanned<String>>,
    /// The folder of the chapters.
    #[serde(default = "default_src")]
    pub src: String,
}

fn default_language() -> String {
    "zh-Hans-CN".into()
}

fn default_src() -> String {
    "src".into()
}

impl Metadata {
    /// Drops what says nothing: control characters, blanks at the ends, texts without a letter.
    fn clean(&mut self) {
        let clean = |text: &str| text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned();
        let several = |text: &str| text.lines().map(clean).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
        for text in [&mut self.dedication, &mut self.colophon] {
            *text = text.as_deref().map(several).filter(|text| !text.is_empty());
        }
        for text in [
            &mut self.subtitle,
            &mut self.publisher,
            &mut self.description,
            &mut self.rights,
            &mut self.identifier,
            &mut self.isbn,
            &mut self.edition,
        ] {
            *text = text.as_deref().map(clean).filter(|text| !text.is_empty());
        }
        let title = clean(self.title.get_ref());
        *self.title.get_mut() = title;
        self.subjects = self.subjects.iter().map(|text| clean(text)).filter(|text| !text.is_empty()).collect();
        self.authors.retain(|author| !author.name().trim().is_empty());
    }
}

/// A person or body with a part in the book.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Contributor {
    /// An author, by name.
    Name(String),
    /// A name with a MARC relator code and a sorting form.
    Full {
        /// The name as shown.
        name: String,
        /// MARC relator code: `aut`, `trl`, `edt` …
        #[serde(default)]
        role: Option<String>,
        /// The name as sorted.
        #[serde(default, rename = "file-as")]
        file_as: Option<String>,
    },
}

impl Contributor {
    /// The name as shown.
    pub fn name(&self) -> &str {
        match self {
            Contributor::Name(name) | Contributor::Full { name, .. } => name,
        }
    }

    /// The MARC relator code, `aut` unless given.
    pub fn role(&self) -> &str {
        match self {
            Contributor::Full { role: Some(role), .. } => role,
            _ => "aut",
        }
    }

    /// The sorting form, where given.
    pub fn file_as(&self) -> Option<&str> {
        match self {
            Contributor::Full { file_as, .. } => file_as.as_deref(),
            Contributor::Name(_) => None,
        }
    }
}

/// One `[[chapters]]` entry: a file, a part page, or a group of chapters below one.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ChapterEntry {
    /// The file, below the source folder.
    pub file: Option<toml::Spanned<String>>,
    /// The title of a part page; stands instead of `file`.
    pub part: Option<String>,
    /// The title in the contents, where it is not the file's first heading.
    pub title: Option<String>,
    /// Which part of the book it belongs to.
    #[serde(default)]
    pub matter: Matter,
    /// The chapters below.
    #[serde(default)]
    pub chapters: Vec<ChapterEntry>,
}

/// Front, main or back matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Hash)]
#[serde(rename_all = "kebab-case")]
pub enum Matter {
    /// Before the body: Roman folios, no chapter numbers.
    Front,
    /// The body.
    #[default]
    Main,
    /// After the body: no chapter numbers.
    Back,
}

macro_rules! choices {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$vmeta])* $variant),* }
    };
}

choices! {
    /// The region whose conventions rule (CLREQ treats them apart).
    Region {
        /// Mainland China.
        #[default] #[serde(rename = "CN")] China,
        /// Taiwan.
        #[serde(rename = "TW")] Taiwan,
        /// Hong Kong.
        #[serde(rename = "HK")] HongKong,
        /// Japan.
        #[serde(rename = "JP")] Japan,
    }
}
choices! {
    /// How strictly marks are kept from line edges (CLREQ 6.1).
    LineBreak {
        /// Marks that no level allows.
        Basic,
        /// GB/T 15834: also no solidus at a line end.
        #[default] Gb,
        /// Also no dash or ellipsis at a line start.
        Strict,
    }
}
choices! {
    /// The width of marks (CLREQ 6.3): all full, inner marks half, all half.
    Punctuation {
        /// 全角式: marks take 1 em.
        #[default] Quanjiao,
        /// 开明式: all ½ em except those that end a sentence.
        Kaiming,
        /// 半角式: all ½ em.
        Banjiao,
    }
}
choices! {
    /// The direction of lines.
    WritingMode {
        /// Lines from left to right, from top to bottom.
        #[default] HorizontalTb,
        /// Columns from top to bottom, from right to left.
        VerticalRl,
    }
}
choices! {
    /// What `*…*` looks like on Chinese text.
    Emphasis {
        /// In Kai.
        #[default] Kai,
        /// With dots below.
        Dots,
        /// Bold.
        Bold,
    }
}
choices! {
    /// Numbers set before headings.
    Numbering {
        /// As written.
        #[default] None,
        /// 第一章, 第一节 …
        Chapter,
    }
}
choices! {
    /// Where chapters begin.
    ChapterStart {
        /// On a new page.
        #[default] Page,
        /// On a new right-hand page (the left in a book that turns from right to left).
        Recto,
    }
}
choices! {
    /// How footnotes are numbered in the PDF.
    NoteNumbers {
        /// Afresh on each page.
        #[default] Page,
        /// On through the chapter.
        Chapter,
    }
}
choices! {
    /// Which fonts an EPUB carries.
    EpubFonts {
        /// Subsets of every font used.
        Embed,
        /// Of those of headings, of Kai, and of characters that devices lack: the body is the reader's.
        #[default] Headings,
        /// None.
        None,
    }
}

/// `[typography]`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Typography {
    /// The region; from the language where absent.
    pub region: Option<Region>,
    /// Strictness at line edges.
    pub line_break: LineBreak,
    /// Width of marks.
    pub punctuation: Punctuation,
    /// First-line indent, em; unset, what the language is used to.
    pub indent: Option<f64>,
    /// Whether a comma or full stop may hang outside the measure at a line's end.
    pub hanging_punctuation: bool,
    /// Whether every Chinese character stands on a grid of whole em, whatever else is in the line.
    pub grid: bool,
    /// Direction of lines.
    pub writing_mode: WritingMode,
    /// Whether Western words may be hyphenated.
    pub hyphenate: bool,
    /// What emphasis looks like; unset, asterisks are Kai and the HTML element `em` has dots.
    pub emphasis: Option<Emphasis>,
    /// Numbers before headings.
    pub numbering: Numbering,
}

impl Default for Typography {
    fn default() -> Self {
        Typography {
            region: None,
            line_break: LineBreak::default(),
            punctuation: Punctuation::default(),
            indent: None,
            hanging_punctuation: false,
            grid: false,
            writing_mode: WritingMode::default(),
            hyphenate: true,
            emphasis: None,
            numbering: Numbering::default(),
        }
    }
}

/// `[fonts]`: a family of `fonts/` or a file, by role.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Fonts {
    /// Song, the body.
    pub serif: Option<toml::Spanned<String>>,
    /// Hei, headings.
    pub sans: Option<toml::Spanned<String>>,
    /// Kai, quotations and emphasis.
    pub kai: Option<toml::Spanned<String>>,
    /// FangSong.
    pub fangsong: Option<toml::Spanned<String>>,
    /// Code.
    pub mono: Option<toml::Spanned<String>>,
    /// Mathematics.
    pub math: Option<toml::Spanned<String>>,
}

/// `[pdf]`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Pdf {
    /// The trim size.
    pub page: PageSize,
    /// The body's type size.
    pub font_size: Size,
    /// The measure in em along the line; from the page where absent.
    pub chars_per_line: Option<f64>,
    /// Lines of the type area; from the page where absent.
    pub lines_per_page: Option<u32>,
    /// Distance of baselines, em.
    pub line_height: f64,
    /// Whether there is a cover page.
    pub cover: bool,
    /// Whether there is a title page.
    pub title_page: bool,
    /// Whether a half title stands before the title page.
    pub half_title: bool,
    /// Whether the back of the title page states publisher, edition, ISBN; unset, where there is something to state.
    pub copyright_page: Option<bool>,
    /// Whether there is a table of contents.
    pub toc: bool,
    /// Levels of headings in it; unset, chapters and sections.
    pub toc_depth: Option<u8>,
    /// Whether the figures with captions are listed after the contents.
    pub list_of_figures: bool,
    /// Whether the tables with captions are.
    pub list_of_tables: bool,
    /// Where chapters begin.
    pub chapter_start: ChapterStart,
    /// How footnotes are numbered.
    pub footnotes: NoteNumbers,
    /// Whether pages carry running heads.
    pub running_heads: bool,
    /// Whether pages carry folios.
    pub page_numbers: bool,
    /// What stands above left-hand pages; see [`fields`]. Unset, the title on the page that a spread begins
    /// with, the chapter on the other.
    pub head_left: Option<toml::Spanned<String>>,
    /// What stands above right-hand pages.
    pub head_right: Option<toml::Spanned<String>>,
    /// Whether a hairline stands below running heads.
    pub head_rule: bool,
    /// What stands below left-hand pages; unset, the folio.
    pub foot_left: Option<toml::Spanned<String>>,
    /// What stands below right-hand pages.
    pub foot_right: Option<toml::Spanned<String>>,
    /// Standards that the file claims and keeps: PDF/UA-1 and PDF/A-2a unless given.
    pub standard: Vec<String>,
    /// How far colour runs over the trim.
    pub bleed: Option<Size>,
    /// Whether crop marks are drawn.
    pub crop_marks: bool,
}

impl Default for Pdf {
    fn default() -> Self {
        Pdf {
            page: PageSize::default(),
            font_size: Size::body(),
            chars_per_line: None,
            lines_per_page: None,
            line_height: 1.75,
            cover: true,
            title_page: true,
            half_title: false,
            copyright_page: None,
            toc: true,
            toc_depth: None,
            list_of_figures: false,
            list_of_tables: false,
            chapter_start: ChapterStart::default(),
            footnotes: NoteNumbers::default(),
            running_heads: true,
            page_numbers: true,
            head_left: None,
            head_right: None,
            head_rule: true,
            foot_left: None,
            foot_right: None,
            standard: vec!["ua-1".into(), "a-2a".into()],
            bleed: None,
            crop_marks: false,
        }
    }
}

/// What a template of a head or foot may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The book's title.
    Title,
    /// The part in force.
    Part,
    /// The chapter in force.
    Chapter,
    /// The section in force: the first that begins on the page, or the one that goes on.
    Section,
    /// The folio.
    Page,
}

/// The names of the fields.
pub const FIELDS: [(&str, Field); 5] =
    [("title", Field::Title), ("part", Field::Part), ("chapter", Field::Chapter), ("section", Field::Section), ("page", Field::Page)];

/// Divides a template into text and fields: `第{page}页` is 第, the folio, 页.
///
/// # Errors
///
/// What stands in braces and is no field.
pub fn fields(template: &str) -> Result<Vec<(&str, Option<Field>)>, String> {
    let mut found = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').ok_or_else(|| format!("{{{after}"))?;
        let field = FIELDS.iter().find(|(known, _)| *known == name.trim()).ok_or_else(|| format!("{{{name}}}"))?;
        found.push((before, Some(field.1)));
        rest = after;
    }
    found.push((rest, None));
    Ok(found)
}

/// `[epub]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Epub {
    /// Which fonts are embedded.
    pub fonts: EpubFonts,
    /// Whether they are obfuscated, for fonts whose licence asks for it.
    pub obfuscate_fonts: bool,
    /// Stylesheets that stand after the theme's, below the book's folder.
    pub css: Option<toml::Spanned<OneOrMore>>,
    /// Whether the printed pages are listed; unset, where the PDF is made in the same run.
    pub page_list: Option<bool>,
    /// Levels of headings in the navigation map; unset, all of them.
    pub toc_depth: Option<u8>,
    /// Who has found the book accessible (WCAG 2.1, level AA), and says so.
    pub certified_by: Option<String>,
}

/// `[output]`; mdBook's tables of renderers may stand beside.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Output {
    /// The name of the files, without extension; from the title where absent.
    pub name: Option<String>,
}

/// The manifest of a folder with the file it was read from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The values.
    pub manifest: Manifest,
    /// Where they stand, for diagnostics.
    pub file: FileId,
    /// The text that they are in.
    pub text: Arc<str>,
    /// The book's folder.
    pub root: PathBuf,
    /// The stylesheets of `[epub] css`, in order.
    pub css: Vec<Stylesheet>,
}

impl Loaded {
    /// Whether a file below the book's folder is really in it, and not a link that leads out.
    pub fn holds(&self, path: &Path) -> bool {
        let real = |path: &Path| std::fs::canonicalize(path).ok();
        match (real(&self.root), real(&self.root.join(path))) {
            (Some(root), Some(file)) => file.starts_with(root),
            _ => false,
        }
    }

    /// The place of a spanned value.
    pub fn span<T>(&self, value: &toml::Spanned<T>) -> Span {
        Span::new(self.file, value.span())
    }
}

/// Reads `book.toml` of a folder. `None` after an error was reported.
pub fn load(root: &Path, sources: &mut Sources, sink: &Sink) -> Option<Loaded> {
    let file = match sources.read(root, Path::new("book.toml")) {
        Ok(file) => file,
        Err(ReadError::NotUtf8(at)) => {
            sink.report(not_utf8("book.toml", at));
            return None;
        }
        Err(error) => {
            let path = root.join("book.toml").display().to_string();
            let Text { en, zh } = Text::from(&error);
            let report = Diagnostic::new(Code::NoManifest, text!("cannot read {path}: {en}", "无法读取 {path}：{zh}"));
            sink.report(report.advise(text!(
                "start a book with `banxin new DIR`, or name the folder that holds book.toml",
                "用 `banxin new 目录` 新建一本书，或给出 book.toml 所在的目录"
            )));
            return None;
        }
    };
    let source = sources.get(file).text.clone();
    if !keys::check(&source, file, sink) {
        return None;
    }
    match toml::from_str::<Manifest>(&source) {
        Ok(mut manifest) => {
            manifest.book.clean();
            let mut loaded = Loaded { manifest, file, text: source.clone(), root: root.to_owned(), css: Vec::new() };
            loaded.css = css::read(&loaded, sources, sink)?;
            loaded.verify(sink).then_some(loaded)
        }
        Err(error) => {
            sink.report(toml_error(Code::ManifestValue, &error, file, source.len()));
            None
        }
    }
}

/// A report of an error that the toml crate found.
fn toml_error(code: Code, error: &toml::de::Error, file: FileId, length: usize) -> Diagnostic {
    let message = error.message().trim().to_owned();
    let span = error.span().unwrap_or(0..0);
    let span = span.start.min(length)..span.end.min(length);
    Diagnostic::new(code, text!("book.toml: {message}", "book.toml 有误：{message}"))
        .at(Span::new(file, span))
        .advise(text!("see the manifest reference in docs/manifest.md", "参见 docs/manifest.zh.md 的清单说明"))
}

/// A report of a file that is not UTF-8.
pub fn not_utf8(path: &str, at: usize) -> Diagnostic {
    Diagnostic::new(Code::NotUtf8, text!("{path} is not UTF-8 (byte {at})", "{path} 不是 UTF-8（第 {at} 字节）")).in_file(path).advise(
        text!(
            "convert it, e.g. iconv -f GB18030 -t UTF-8, or bring it in with `banxin import`",
            "请转换编码，如 iconv -f GB18030 -t UTF-8，或用 `banxin import` 导入"
        ),
    )
}
