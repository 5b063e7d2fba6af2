//! The EPUB 3.3: content documents for each chapter, a stylesheet that sets Chinese, a nested navigation map, the pages of the
//! printed book, a cover, fonts cut to what the book uses; for any reader, or for one family of readers and what it accepts.

mod accessibility;
mod files;
mod fonts;
mod front;
mod images;
mod kobo;
mod math;
mod metadata;
mod navigation;
mod notes;
mod package;
mod pages;
mod profile;
mod stylesheet;
mod table;
mod text;
mod xhtml;

use super::packed::{Level, Packed, part, stream};
use super::{Input, Made, Need, Output, raster};
use crate::cache::Key;
use crate::diagnostic::{Code, Diagnostic, Sink, Text};
use crate::document::{Format, InlineKind, Media, Picture, visit_each_inline};
use crate::layout;
use crate::manifest::Matter;
use crate::source::{LARGEST_FILE, read_below, shown};
use crate::text;
use epub_builder::ReferenceType;
use files::Files;
use images::Prepared;
use package::{Document, Package};
use pages::{PageBreak, PageBreaks};
use profile::NoteForm;
use rayon::prelude::*;
use serde_bytes::ByteBuf;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub use accessibility::faults;
pub use images::must_change;
pub use math::is_readable;
pub use profile::{PROFILES, Profile, Reader};

/// The EPUB as an output.
pub struct Epub {
    /// For which readers.
    pub profile: &'static Profile,
}

/// Pixels across of a typeset cover: twice a phone's.
const COVER_PIXELS: u32 = 1600;

/// The image of a note's mark, where readers want one.
const NOTE_MARK: &str = "images/note-mark.png";

/// What one EPUB is made of.
struct Edition<'a> {
    pub input: &'a Input<'a>,
    pub profile: &'static Profile,
    pub files: Files,
    pub pages: PageBreaks,
    /// The images of the text, as the readers take them.
    pub images: BTreeMap<PathBuf, Prepared>,
    /// Characters that are told apart in the text: devices lack them, and the book has them. `None` where all are alike.
    pub rare: Option<BTreeSet<char>>,
}

/// What a content document shows.
enum Content {
    Cover,
    TitlePage,
    Copyright,
    /// A part of a chapter, by their numbers.
    Part {
        chapter: usize,
        part: usize,
    },
}

impl Edition<'_> {
    /// The stylesheets, in order.
    pub fn stylesheets(&self) -> impl Iterator<Item = String> + use<'_> {
        std::iter::once("stylesheet.css".to_owned()).chain((1..=self.input.loaded.css.len()).map(|number| format!("own-{number}.css")))
    }

    /// What every content document is made of beside its chapter.
    fn look(&self) -> Key {
        let Edition { input, profile, files, images, rare, .. } = self;
        let transparent: Vec<(&PathBuf, bool)> = images.iter().map(|(path, image)| (path, image.transparent)).collect();
        Key::of("EPUB: look", (&input.loaded.text, profile.reader, files.addresses(), transparent, rare))
    }

    /// The content documents, in the order in which they are read.
    fn content(&self) -> Vec<Content> {
        let parts = self.files.parts.iter().enumerate();
        let chapters = parts.flat_map(|(chapter, parts)| (0..parts.len()).map(move |part| Content::Part { chapter, part }));
        let copyright = self.input.loaded.manifest.has_copyright_page().then_some(Content::Copyright);
        let cover = self.profile.cover_page.then_some(Content::Cover);
        cover.into_iter().chain([Content::TitlePage]).chain(copyright).chain(chapters).collect()
    }

    /// The name of a content document.
    #[expect(clippy::indexing_slicing, reason = "`content` counts over `files.parts`, which has an entry for each chapter")]
    fn name(&self, content: &Content) -> &str {
        match content {
            Content::Cover => "cover.xhtml",
            Content::TitlePage => "title.xhtml",
            Content::Copyright => "copyright.xhtml",
            Content::Part { chapter, part } => &self.files.parts[*chapter][*part].name,
        }
    }

    /// What a content document is in the guide, and its title there.
    fn kind(&self, content: &Content) -> Option<(ReferenceType, &'static str)> {
        let labels = self.input.style.labels;
        let first_text = || self.input.manuscript.chapters.iter().position(|chapter| chapter.matter == Matter::Main);
        match content {
            Content::Cover => Some((ReferenceType::Cover, labels.cover)),
            Content::TitlePage => Some((ReferenceType::TitlePage, labels.title_page)),
            Content::Part { chapter, part: 0 } if Some(*chapter) == first_text() => Some((ReferenceType::Text, labels.start)),
            Content::Copyright | Content::Part { .. } => None,
        }
    }

    /// A content document, packed.
    fn document(&self, content: &Content, look: Key, cover: &str) -> Result<Document, Diagnostic> {
        let name = self.name(content);
        match content {
            Content::Cover => Document::of(name, &front::cover(self, cover)),
            Content::TitlePage => Document::of(name, &front::title_page(self)),
            Content::Copyright => Document::of(name, &front::copyright(self)),
            Content::Part { chapter, part } => self.part(look, *chapter, *part),
        }
    }

    /// The content document of a part of a chapter, as it was made before, or anew.
    #[expect(clippy::indexing_slicing, reason = "`content` counts over `files.parts`, which has an entry for each chapter")]
    fn part(&self, look: Key, at: usize, part: usize) -> Result<Document, Diagnostic> {
        let (manuscript, parts) = (self.input.manuscript, &self.files.parts[at]);
        // The folios that its text tells.
        let mut told = Vec::new();
        for blocks in manuscript.chapters[at].document.texts() {
            visit_each_inline(blocks, &mut |inline| {
                if let InlineKind::Reference { to, page: true, .. } = &inline.kind {
                    told.push(self.pages.folio_of(to));
                }
            });
        }
        let made_of = Key::of("EPUB: document", (look, at, part, manuscript.digest(at), parts, self.page_breaks(at, part), told));
        self.input.cache.made(made_of, || Document::of(&parts[part].name, &xhtml::chapter(self, at, part)))
    }

    /// The breaks of the printed pages that are in a part of a chapter.
    #[expect(clippy::indexing_slicing, reason = "parts are by chapter and `part` is one of its; `until` never falls from block to block")]
    pub fn page_breaks(&self, chapter: usize, part: usize) -> &[PageBreak] {
        let (pages, parts) = (self.pages.chapter(chapter), &self.files.parts[chapter]);
        let blocks = &self.input.manuscript.chapters[chapter].document.blocks;
        // Those before the first block of the next part are in this one. What is nested too deeply stands before the paragraph that it
        // was written in: a block counts that begins no earlier than those before it.
        let until = |block: usize| {
            let (before, after) = blocks.split_at(block);
            let reached = before.iter().map(|block| block.span.start).max();
            let next = after.iter().map(|block| block.span.start).find(|start| Some(*start) >= reached);
            pages.partition_point(|page| next.is_none_or(|next| page.at < next))
        };
        let from = if part == 0 { 0 } else { until(parts[part].blocks.start) };
        let to = if part + 1 == parts.len() { pages.len() } else { until(parts[part].blocks.end) };
        &pages[from..to]
    }
}

impl Output for Epub {
    fn needs(&self, input: &Input<'_>) -> Need {
        if input.loaded.manifest.epub.page_list == Some(true) { Need::Places } else { Need::Nothing }
    }

    fn step(&self) -> Text {
        text!("EPUB", "EPUB")
    }

    fn render<'a>(&self, input: &Input<'a>) -> Result<Vec<Made<'a>>, Diagnostic> {
        let profile = self.profile;
        let pages = input.pages.filter(|_| input.loaded.manifest.epub.page_list != Some(false));
        // The cover is drawn and the images are prepared while it is found what the fonts show.
        let (fonts, (cover, prepared)) =
            rayon::join(|| fonts::gather(input), || rayon::join(|| cover(input, profile), || images::prepare(input.manuscript, profile)));
        let ((cover_name, cover), prepared) = (cover?, prepared?);
        let mut edition = Edition {
            input,
            profile,
            files: Files::whole(input.manuscript, &prepared),
            pages: pages.map(|pages| PageBreaks::of(pages, input.manuscript)).unwrap_or_default(),
            images: prepared,
            rare: (!fonts.rare.is_empty()).then_some(fonts.rare),
        };
        let parts = edition.files.divided(input.manuscript, input.sink, &|chapter| xhtml::measure(&edition, chapter));
        edition.files = parts;
        let edition = edition;

        let pages = edition.content();
        let look = edition.look();
        // Each by itself, as far as cores go: pieces of several that are left for the last keep one core alone.
        let documents = || {
            pages.par_iter().with_max_len(1).map(|page| edition.document(page, look, &cover_name)).collect::<Result<Vec<_>, Diagnostic>>()
        };
        let describe = || {
            let mut package = Package::new(&edition);
            package.stylesheet(stylesheet::write(input, &fonts.embedded));
            own_stylesheets(input, &mut package)?;
            input.sink.timed(text!("EPUB: fonts", "EPUB：字体"), || package.fonts(fonts.embedded, input))?;
            package.cover(&cover_name, cover.bytes.to_vec(), cover.format.mime());
            for (path, name) in &edition.files.images {
                if let Some(Prepared { media, .. }) = edition.images.get(path) {
                    package.resource(name, media.bytes.to_vec(), media.format.mime());
                }
            }
            if profile.notes == NoteForm::Duokan && input.manuscript.chapters.iter().any(|chapter| !chapter.document.notes.is_empty()) {
                package.resource(NOTE_MARK, note_mark()?, Format::Png.mime());
            }
            pages.iter().for_each(|page| package.content(edition.name(page), edition.kind(page)));
            package.described(&edition)
        };
        // A large font comes first: left until the last, it keeps one core while the others have nothing to do.
        let (package, documents) = rayon::join(describe, documents);
        let (mut package, documents) = (package?, documents?);
        documents.into_iter().for_each(|document| package.document(document));
        let bytes = input.sink.timed(text!("EPUB: packed", "EPUB：打包"), || package.finish(input.cache))?;
        if bytes.len() > profile.most_book {
            let (name, size, most) = (profile.name, bytes.len() / 1_000_000, profile.most_book / 1_000_000);
            let message = text!("the EPUB is {size} MB large; {name} takes {most} MB", "EPUB 有 {size} MB，{name} 至多 {most} MB");
            let report = Diagnostic::new(Code::ReaderSize, message).in_file("book.toml");
            input.sink.report(report.advise(text!("use smaller images, or divide the book", "请缩小图片，或分册")));
        }
        Ok(Made::one(profile.suffix, vec![bytes.into()], None))
    }
}

/// The manifest's own stylesheets, with the files that they name.
fn own_stylesheets(input: &Input<'_>, package: &mut Package) -> Result<(), Diagnostic> {
    let mut names: BTreeMap<&Path, String> = BTreeMap::new();
    for (number, sheet) in input.loaded.css.iter().enumerate() {
        let mut text = sheet.text.clone();
        for (range, path) in sheet.files.iter().rev() {
            let name = match names.get(path.as_path()) {
                Some(name) => name.clone(),
                None => {
                    let name = own_file(input, path, names.len(), package)?;
                    names.insert(path, name.clone());
                    name
                }
            };
            text.replace_range(range.clone(), &format!("url({name})"));
        }
        package.resource(&format!("own-{}.css", number + 1), text.into_bytes(), "text/css");
    }
    Ok(())
}

/// Puts a file that a stylesheet names into the package. Its name there.
fn own_file(input: &Input<'_>, path: &Path, number: usize, package: &mut Package) -> Result<String, Diagnostic> {
    let shown = shown(path);
    let unusable = |reason: String| {
        Diagnostic::new(
            Code::BrokenStylesheet,
            text!("{shown}, which a stylesheet names, cannot be used: {reason}", "样式表引用的 {shown} 无法使用：{reason}"),
        )
        .in_file(&shown)
        .advise(text!("name an image or a font (.ttf, .otf, .woff, .woff2)", "请引用图片或字体（.ttf、.otf、.woff、.woff2）"))
    };
    let bytes = read_below(&input.loaded.root, path, LARGEST_FILE).map_err(|error| unusable(Text::from(&error).en))?;
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let font = [("ttf", "font/ttf"), ("otf", "font/otf"), ("woff", "font/woff"), ("woff2", "font/woff2")]
        .iter()
        .find(|(known, _)| *known == extension);
    let (extension, mime, bytes) = match font {
        Some((extension, mime)) => (*extension, *mime, bytes),
        None => {
            let media = Media::of(bytes).map_err(unusable)?;
            if let Some(part) = media.unsafe_part() {
                return Err(unusable(part));
            }
            (media.format.extension(), media.format.mime(), media.bytes.to_vec())
        }
    };
    let name = format!("own/{}.{extension}", number + 1);
    package.resource(&name, bytes, mime);
    Ok(name)
}

/// The cover: the manifest's image as the readers take it, or the typeset cover as a picture.
fn cover(input: &Input<'_>, profile: &Profile) -> Result<(String, Media), Diagnostic> {
    let named = input.manuscript.cover.as_ref().and_then(|path| Some((path, input.manuscript.media.get(path)?)));
    let media = match named {
        Some((path, media)) => images::one(path, media, profile)?.media,
        None => kept_cover(input)?,
    };
    Ok((format!("images/cover.{}", media.format.extension()), media))
}

/// The typeset cover, which hangs on manifest and fonts, as it was drawn before, or anew.
fn kept_cover(input: &Input<'_>) -> Result<Media, Diagnostic> {
    let made_of = Key::of("EPUB: cover", (&input.loaded.text, input.fonts));
    let (bytes, width, height) = input.cache.told(made_of, input.sink, |sink| {
        let Media { bytes, width, height, .. } = typeset_cover(input, sink)?;
        Ok((ByteBuf::from(bytes.to_vec()), width, height))
    })?;
    Ok(Media { format: Format::Png, bytes: bytes.into_vec().into(), width, height })
}

/// The typeset cover as a PNG.
fn typeset_cover(input: &Input<'_>, sink: &Sink) -> Result<Media, Diagnostic> {
    let pages = layout::cover(input.manuscript, input.loaded, input.style, input.fonts, sink);
    let fault = || Diagnostic::internal(text!("the cover could not be drawn", "无法绘制封面"));
    let page = pages.pages.first().ok_or_else(fault)?;
    let size = (pages.width, pages.height);
    let (height, bands) = raster::draw_in_bands(page, input, size, COVER_PIXELS).ok_or_else(fault)?;
    if let Some(palette) = images::Palette::of(bands.iter().flatten().copied()) {
        let rows = packed_bands(&palette, &bands)?;
        let bytes = palette.png(COVER_PIXELS, height, &rows).ok_or_else(fault)?;
        return Ok(Media { format: Format::Png, bytes: bytes.into(), width: COVER_PIXELS, height });
    }
    let pixmap = raster::draw(page, input.manuscript, input.fonts, size.0, size.1, COVER_PIXELS).ok_or_else(fault)?;
    let rgb: Vec<u8> = pixmap.pixels().iter().flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]).collect();
    picture(Picture { width: COVER_PIXELS, height, rgb, alpha: None })
}

/// Bands of a cover, each packed by itself, for it is large enough; the many that are the same but once.
fn packed_bands(palette: &images::Palette, bands: &[Vec<raster::Stretch>]) -> Result<Vec<u8>, Diagnostic> {
    // The last ends the picture.
    let kinds: Vec<(bool, &[raster::Stretch])> =
        bands.iter().zip(1..).map(|(band, number)| (number == bands.len(), band.as_slice())).collect();
    let pack = |kind: (bool, &[raster::Stretch])| {
        let rows = palette.rows(COVER_PIXELS as usize, kind.1.iter().copied());
        part(Level::Middle, &rows, kind.0)
    };
    let different: BTreeSet<_> = kinds.iter().copied().collect();
    let packed = different.into_par_iter().map(|kind| Ok((kind, pack(kind)?))).collect::<Result<BTreeMap<_, Packed>, Diagnostic>>()?;
    Ok(stream(&[], kinds.iter().filter_map(|kind| packed.get(kind)).map(Cow::Borrowed)).concat())
}

/// The image of a note's mark: a ring with a dot, as readers of Chinese books know it.
fn note_mark() -> Result<Vec<u8>, Diagnostic> {
    const DRAWING: &[u8] = br##"<svg xmlns="http://www.w3.org/2000/svg" width="12" height="12"><circle cx="6" cy="6" r="5" fill="none" stroke="#8a5a2b" stroke-width="1"/><circle cx="6" cy="6" r="2" fill="#8a5a2b"/></svg>"##;
    let drawn = Media::of(DRAWING.to_vec()).and_then(|media| media.decode());
    let picture = drawn.map_err(|_| Diagnostic::internal(text!("the mark of notes could not be drawn", "无法绘制注释标记")))?;
    Ok(self::picture(picture)?.bytes.to_vec())
}

/// A picture as a PNG.
fn picture(picture: Picture) -> Result<Media, Diagnostic> {
    let bytes = images::png(&picture).ok_or_else(|| Diagnostic::internal(text!("a picture could not be written", "无法写出图片")))?;
    Ok(Media { format: Format::Png, bytes: bytes.into(), width: picture.width, height: picture.height })
}
