//! The package. epub-builder 0.8.3 makes the package document and the container; it has no word for contributors
//! with their roles, languages, a nested navigation map with landmarks, an NCX that agrees, and its archive bears
//! the time of day. Its `Zip` and `MetadataRenderer` traits are not public, so it is handed the names of the files
//! only, and what it wrote is completed here and put into an archive whose bytes never change. All of it is in this
//! file.

use super::Names;
use super::xhtml::{CHAPTER_ID, escape, xml_id};
use crate::diagnostic::{Code, Diagnostic};
use crate::document::{Manuscript, visit_images};
use crate::manifest::Matter;
use crate::output::{Input, identifier, timestamp};
use crate::text;
use epub_builder::{EpubBuilder, EpubContent, EpubVersion, PageDirection, ReferenceType, ZipLibrary};
use std::io::{Cursor, Read, Write};
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, DateTime, ZipArchive};

/// Where epub-builder puts the book's files.
const FOLDER: &str = "OEBPS/";

/// Contributors, publisher, dates and what the book offers to readers who do not see it.
fn metadata(input: &Input<'_>) -> String {
    let book = &input.loaded.manifest.book;
    let mut elements = String::new();
    let mut add = |text: String| {
        elements.push_str(&text);
        elements.push('\n');
    };
    add("<meta refines=\"#book-title\" property=\"title-type\">main</meta>".into());
    if let Some(subtitle) = &book.subtitle {
        add(format!("<dc:title id=\"subtitle\">{}</dc:title>", escape(subtitle)));
        add("<meta refines=\"#subtitle\" property=\"title-type\">subtitle</meta>".into());
    }
    for (at, author) in book.authors.iter().enumerate() {
        let element = if author.role() == "aut" { "creator" } else { "contributor" };
        let id = format!("contributor-{}", at + 1);
        add(format!("<dc:{element} id=\"{id}\">{}</dc:{element}>", escape(author.name())));
        add(format!("<meta refines=\"#{id}\" property=\"role\" scheme=\"marc:relators\">{}</meta>", escape(author.role())));
        if let Some(file_as) = author.file_as() {
            add(format!("<meta refines=\"#{id}\" property=\"file-as\">{}</meta>", escape(file_as)));
        }
    }
    if let Some(publisher) = &book.publisher {
        add(format!("<dc:publisher>{}</dc:publisher>", escape(publisher)));
    }
    if let Some(date) = &book.date {
        add(format!("<dc:date>{}</dc:date>", escape(date.get_ref())));
    }
    let images = !input.manuscript.media.is_empty();
    let told = !images_without_words(input.manuscript);
    let mut meta = |property: &str, value: &str| add(format!("<meta property=\"schema:{property}\">{value}</meta>"));
    meta("accessMode", "textual");
    if images {
        meta("accessMode", "visual");
    }
    meta("accessModeSufficient", if told { "textual" } else { "textual,visual" });
    for feature in ["tableOfContents", "readingOrder", "structuralNavigation", "displayTransformability"] {
        meta("accessibilityFeature", feature);
    }
    if images && told {
        meta("accessibilityFeature", "alternativeText");
    }
    meta("accessibilityHazard", "none");
    meta("accessibilitySummary", input.style.labels.summary[usize::from(!told)]);
    elements
}

/// Whether some image has neither alternative text nor a caption.
fn images_without_words(manuscript: &Manuscript) -> bool {
    let mut found = false;
    for blocks in manuscript.chapters.iter().flat_map(|chapter| chapter.document.texts()) {
        visit_images(blocks, &mut |image, caption, _| found |= image.alt.trim().is_empty() && caption.is_empty());
    }
    found
}

/// A line of the navigation map.
struct Point {
    title: String,
    href: String,
    level: usize,
}

fn points(manuscript: &Manuscript, names: &Names) -> Vec<Point> {
    let mut last: Option<usize> = None;
    manuscript
        .outline
        .iter()
        .map(|heading| {
            let file = &names.chapters[heading.chapter];
            let href = format!("{file}#{}", heading.id.as_deref().map_or(CHAPTER_ID.to_owned(), xml_id));
            let level = heading.level.min(last.map_or(0, |last| last + 1));
            last = Some(level);
            Point { title: heading.title.clone(), href, level }
        })
        .collect()
}

/// Nested lists from levels: what opens an entry, what stands before and after its children, what closes it.
fn nest(points: &[Point], open: &mut dyn FnMut(usize, &Point) -> String, list: (&str, &str), close: &str) -> String {
    let mut out = String::new();
    let mut depth: Option<usize> = None;
    for (at, point) in points.iter().enumerate() {
        match depth {
            Some(last) if point.level > last => out.push_str(list.0),
            Some(last) => {
                out.push_str(close);
                for _ in point.level..last {
                    out.push_str(list.1);
                    out.push_str(close);
                }
            }
            None => {}
        }
        out.push_str(&open(at, point));
        depth = Some(point.level);
    }
    if let Some(last) = depth {
        out.push_str(close);
        for _ in 0..last {
            out.push_str(list.1);
            out.push_str(close);
        }
    }
    out
}

/// The EPUB under construction.
pub(super) struct Package {
    builder: EpubBuilder<ZipLibrary>,
    /// The files' content, in the order in which they were added.
    files: Vec<(String, Vec<u8>)>,
}

impl Package {
    /// An EPUB without content.
    pub fn new(input: &Input<'_>) -> Result<Package, Diagnostic> {
        let metadata = &input.loaded.manifest.book;
        let mut builder = EpubBuilder::new(ZipLibrary::new().map_err(failed)?).map_err(failed)?;
        builder.epub_version(EpubVersion::V33);
        builder.set_modified_date(chrono::DateTime::from_timestamp(timestamp(input.loaded), 0).unwrap_or_default());
        builder.set_uuid(uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, identifier(input.loaded).as_bytes()));
        builder.set_title(metadata.title.get_ref().clone());
        builder.set_languages(vec![metadata.language.clone()]);
        builder.set_generator("banxin");
        builder.set_toc_name(input.style.labels.contents);
        metadata.description.iter().for_each(|text| builder.add_description(text.clone()));
        metadata.subjects.iter().for_each(|text| builder.add_subject(text.clone()));
        if let Some(rights) = &metadata.rights {
            builder.set_license(rights.clone());
        }
        if input.style.is_vertical() {
            builder.epub_direction(PageDirection::Rtl);
        }
        Ok(Package { builder, files: Vec::new() })
    }

    fn keep(&mut self, name: &str, data: Vec<u8>) {
        self.files.push((format!("{FOLDER}{name}"), data));
    }

    /// The stylesheet.
    pub fn stylesheet(&mut self, css: String) -> Result<(), Diagnostic> {
        self.builder.stylesheet(&[][..]).map_err(failed)?;
        self.keep("stylesheet.css", css.into_bytes());
        Ok(())
    }

    /// A font or an image.
    pub fn resource(&mut self, name: &str, data: Vec<u8>, mime: &str) -> Result<(), Diagnostic> {
        self.builder.add_resource(name, &[][..], mime).map_err(failed)?;
        self.keep(name, data);
        Ok(())
    }

    /// The cover image.
    pub fn cover(&mut self, name: &str, data: Vec<u8>, mime: &str) -> Result<(), Diagnostic> {
        self.builder.add_cover_image(name, &[][..], mime).map_err(failed)?;
        self.keep(name, data);
        Ok(())
    }

    /// A content document; `kind` says what it is in the guide, with its title there.
    pub fn content(&mut self, name: &str, page: String, kind: Option<(ReferenceType, &str)>) -> Result<(), Diagnostic> {
        let mut content = EpubContent::new(name, &[][..]);
        if let Some((kind, title)) = kind {
            content = content.title(title).reftype(kind);
        }
        self.builder.add_content(content).map_err(failed)?;
        self.keep(name, page.into_bytes());
        Ok(())
    }

    /// The archive: first what epub-builder wrote, completed, then the content.
    pub fn finish(self, input: &Input<'_>, names: &Names) -> Result<Vec<u8>, Diagnostic> {
        let mut written = Vec::new();
        self.builder.generate(&mut written).map_err(failed)?;
        let points = points(input.manuscript, names);
        let mut files = Vec::new();
        let mut archive = ZipArchive::new(Cursor::new(written)).map_err(failed)?;
        for at in 0..archive.len() {
            let mut entry = archive.by_index(at).map_err(failed)?;
            let name = entry.name().to_owned();
            let mut data = Vec::new();
            entry.read_to_end(&mut data).map_err(failed)?;
            let data = match name.strip_prefix(FOLDER) {
                Some("content.opf") => with_math(complete(&String::from_utf8_lossy(&data), input), &self.files).into_bytes(),
                Some("nav.xhtml") => navigation(input, names, &points).into_bytes(),
                Some("toc.ncx") => ncx(input, &points).into_bytes(),
                None if name.starts_with("META-INF/") => data,
                _ => continue,
            };
            files.push((name, data));
        }
        files.extend(self.files);
        archive_of(&files).map_err(failed)
    }
}

fn failed(error: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::new(Code::Internal, text!("the EPUB could not be made: {error}", "无法生成 EPUB：{error}")).advise(text!(
        "this is a fault in banxin; please report it with the book that shows it",
        "这是 banxin 的错误，请附上能重现的书稿报告"
    ))
}

/// The package document with what epub-builder leaves out.
fn complete(package: &str, input: &Input<'_>) -> String {
    let language = escape(&input.loaded.manifest.book.language);
    let mut package = package.replacen("<package ", &format!("<package xml:lang=\"{language}\" "), 1);
    if let (Some(start), Some(end)) = (package.find("<dc:identifier id=\"epub-id-1\">"), package.find("</dc:identifier>")) {
        package.replace_range(start..end, &format!("<dc:identifier id=\"epub-id-1\">{}", escape(&identifier(input.loaded))));
    }
    package = package.replacen("<dc:title>", "<dc:title id=\"book-title\">", 1);
    // epub-builder numbers languages with the ids of creators.
    package = package.replace("<dc:language id=\"epub-creator-0\">", "<dc:language>");
    package = package.replacen("</metadata>", &format!("{}  </metadata>", metadata(input)), 1);
    let direction = if input.style.is_vertical() { " page-progression-direction=\"rtl\"" } else { "" };
    package = package.replace(" page-progression-direction=\"ltr\"", direction);
    // The contents are read after the title page, its back and the dedication.
    let places = ["dedication", "copyright", "title"].map(|name| format!("<itemref idref=\"id_{name}.xhtml\"/>"));
    match places.iter().find(|place| package.contains(place.as_str())) {
        Some(place) => package.replacen(place, &format!("{place}\n    <itemref idref=\"nav\"/>"), 1),
        None => package,
    }
}

/// Says of the documents that hold MathML that they do: epub-builder gives properties to covers only.
fn with_math(mut package: String, files: &[(String, Vec<u8>)]) -> String {
    for (name, data) in files {
        let holds = name.ends_with(".xhtml") && data.windows(6).any(|window| window == b"<math ");
        if let Some(name) = name.strip_prefix(FOLDER).filter(|_| holds) {
            let href = format!("href=\"{name}\"");
            package = package.replacen(&href, &format!("{href} properties=\"mathml\""), 1);
        }
    }
    package
}

/// The files as an archive: the type first, one time for all, nothing that depends on the machine.
fn archive_of(files: &[(String, Vec<u8>)]) -> std::io::Result<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().last_modified_time(DateTime::default()).unix_permissions(0o644);
    let stored = options.compression_method(CompressionMethod::Stored);
    let deflated = options.compression_method(CompressionMethod::Deflated);
    let mut write = |name: &str, data: &[u8], options| -> std::io::Result<()> {
        writer.start_file(name, options).map_err(std::io::Error::other)?;
        writer.write_all(data)
    };
    write("mimetype", b"application/epub+zip", stored)?;
    for (name, data) in files {
        // Images are packed already.
        let packed = [".png", ".jpg", ".gif", ".webp"].iter().any(|end| name.ends_with(end));
        write(name, data, if packed { stored } else { deflated })?;
    }
    Ok(writer.finish().map_err(std::io::Error::other)?.into_inner())
}

/// The navigation document: the map, nested, and the landmarks.
fn navigation(input: &Input<'_>, names: &Names, points: &[Point]) -> String {
    let labels = input.style.labels;
    let language = escape(&input.loaded.manifest.book.language);
    let map = nest(
        points,
        &mut |_, point| format!("<li><a href=\"{}\">{}</a>", escape(&point.href), escape(&point.title)),
        ("\n<ol>\n", "</ol>\n"),
        "</li>\n",
    );
    let start = input.manuscript.chapters.iter().position(|chapter| chapter.matter == Matter::Main).unwrap_or(0);
    let landmarks = [
        ("cover", "cover.xhtml", labels.cover),
        ("titlepage", "title.xhtml", labels.title_page),
        ("toc", "nav.xhtml", labels.contents),
        ("bodymatter", names.chapters[start].as_str(), labels.start),
    ];
    let landmarks: String =
        landmarks.iter().map(|(kind, href, title)| format!("<li><a epub:type=\"{kind}\" href=\"{href}\">{title}</a></li>\n")).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:epub=\"http://www.idpf.org/2007/ops\" lang=\"{language}\" xml:lang=\"{language}\">\n\
         <head>\n<meta charset=\"utf-8\"/>\n<title>{contents}</title>\n<link rel=\"stylesheet\" type=\"text/css\" href=\"stylesheet.css\"/>\n</head>\n<body>\n\
         <nav epub:type=\"toc\" role=\"doc-toc\" id=\"toc\" aria-labelledby=\"toc-title\">\n<h1 id=\"toc-title\">{contents}</h1>\n<ol>\n{map}</ol>\n</nav>\n\
         <nav epub:type=\"landmarks\" id=\"landmarks\" hidden=\"hidden\" aria-label=\"{name}\">\n<ol>\n{landmarks}</ol>\n</nav>\n</body>\n</html>\n",
        contents = labels.contents,
        name = labels.landmarks,
    )
}

/// The NCX, for readers of EPUB 2: the same map.
fn ncx(input: &Input<'_>, points: &[Point]) -> String {
    let depth = points.iter().map(|point| point.level + 1).max().unwrap_or(1);
    let map = nest(
        points,
        &mut |at, point| {
            let order = at + 1;
            format!(
                "<navPoint id=\"point-{order}\" playOrder=\"{order}\">\n<navLabel><text>{}</text></navLabel>\n<content src=\"{}\"/>\n",
                escape(&point.title),
                escape(&point.href)
            )
        },
        ("", ""),
        "</navPoint>\n",
    );
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ncx xmlns=\"http://www.daisy.org/z3986/2005/ncx/\" version=\"2005-1\" xml:lang=\"{}\">\n<head>\n<meta name=\"dtb:uid\" content=\"{}\"/>\n\
         <meta name=\"dtb:depth\" content=\"{depth}\"/>\n<meta name=\"dtb:totalPageCount\" content=\"0\"/>\n<meta name=\"dtb:maxPageNumber\" content=\"0\"/>\n</head>\n\
         <docTitle><text>{}</text></docTitle>\n<navMap>\n{map}</navMap>\n</ncx>\n",
        escape(&input.loaded.manifest.book.language),
        escape(&identifier(input.loaded)),
        escape(input.loaded.manifest.book.title.get_ref()),
    )
}
