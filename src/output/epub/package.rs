//! The package. epub-builder 0.8.3 makes the package document and the container; it has no word for contributors
//! with their roles, languages, a nested navigation map with landmarks, an NCX that agrees, and its archive bears
//! the time of day. Its `Zip` and `MetadataRenderer` traits are not public, so it is handed the names of the files
//! only, and what it wrote is completed here and put into an archive whose bytes never change. All of it is in this
//! file. The fonts are cut as they are packed.

use super::fonts::{self, Embedded};
use super::xhtml::escape;
use super::{Edition, metadata, navigation};
use crate::cache::{Cache, Key};
use crate::diagnostic::Diagnostic;
use crate::font::for_epub;
use crate::output::{Input, identifier, timestamp};
use crate::text;
use epub_builder::{EpubBuilder, EpubContent, EpubVersion, PageDirection, ReferenceType, ZipLibrary};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use std::fmt::Write as _;
use std::io::{Cursor, Read, Write};
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, DateTime, ZipArchive};

/// Where epub-builder puts the book's files.
const FOLDER: &str = "OEBPS/";

/// The package document there.
const PACKAGE: &str = "content.opf";

/// The EPUB under construction.
pub(super) struct Package {
    /// What epub-builder is to be told of the files, in their order.
    listed: Vec<Listed>,
    /// The files but for the content documents, in the order in which they were added.
    files: Vec<(String, Content)>,
    /// What obfuscates the fonts: the book's identifier, where they are.
    key: Option<String>,
    /// The obfuscated fonts.
    obfuscated: Vec<String>,
}

/// What epub-builder is told of a file: its name, and its media type.
#[derive(Debug)]
enum Listed {
    Stylesheet,
    Resource(String, String),
    Cover(String, String),
    /// A content document, and in the guide its kind and title.
    Document(String, Option<(ReferenceType, String)>),
}

/// An EPUB that lacks only its content documents.
pub(super) struct Described {
    /// The package document, completed but for what it says of these.
    package: String,
    /// Where it stands among the others.
    place: usize,
    /// The others, each an archive of it alone.
    files: Vec<Vec<u8>>,
    /// The content documents that hold MathML, which is to be told.
    math: Vec<String>,
}

/// What is in a file.
enum Content {
    Plain(Vec<u8>),
    /// An archive of this file alone.
    Packed(Vec<u8>),
}

/// A content document, packed.
#[derive(Serialize, Deserialize)]
pub(super) struct Document {
    name: String,
    packed: ByteBuf,
    math: bool,
}

impl Document {
    /// Packs a page that is to have this name.
    ///
    /// # Errors
    ///
    /// None where the compressor does what it says.
    pub fn of(name: &str, page: &str) -> Result<Document, Diagnostic> {
        let packed = ByteBuf::from(packed(&format!("{FOLDER}{name}"), page.as_bytes(), TEXT).map_err(failed)?);
        Ok(Document { name: name.to_owned(), packed, math: memchr::memmem::find(page.as_bytes(), b"<math ").is_some() })
    }
}

impl Package {
    /// An EPUB without content.
    pub fn new(edition: &Edition<'_>) -> Package {
        let input = edition.input;
        let obfuscates = input.loaded.manifest.epub.obfuscate_fonts && edition.profile.obfuscation;
        let key = obfuscates.then(|| identifier(input.loaded));
        Package { listed: Vec::new(), files: Vec::new(), key, obfuscated: Vec::new() }
    }

    fn keep(&mut self, name: &str, content: Content) {
        self.files.push((format!("{FOLDER}{name}"), content));
    }

    /// The stylesheet.
    pub fn stylesheet(&mut self, css: String) {
        self.listed.push(Listed::Stylesheet);
        self.keep("stylesheet.css", Content::Plain(css.into_bytes()));
    }

    /// The fonts, each cut to what it shows and packed, as it was before, or anew. They take longest, and are made at once.
    ///
    /// # Errors
    ///
    /// A font that cannot be cut.
    pub fn fonts(&mut self, fonts: Vec<Embedded>, input: &Input<'_>) -> Result<(), Diagnostic> {
        let key = self.key.as_deref();
        let pack = |font: Embedded| {
            let name = format!("fonts/{}", font.file);
            let made_of = Key::of("EPUB: font", (input.fonts, font.face, &font.characters, key));
            let packed = input.cache.made(made_of, || {
                let mut data = for_epub(input.fonts.face(font.face), &font.characters)?;
                key.iter().for_each(|key| fonts::obfuscate(&mut data, key));
                packed(&format!("{FOLDER}{name}"), &data, OUTLINES).map(ByteBuf::from).map_err(failed)
            })?;
            Ok((packed.into_vec(), name, font.mime))
        };
        for (data, name, mime) in fonts.into_par_iter().map(pack).collect::<Result<Vec<_>, Diagnostic>>()? {
            self.listed.push(Listed::Resource(name.clone(), mime.to_owned()));
            self.obfuscated.extend(self.key.as_ref().map(|_| format!("{FOLDER}{name}")));
            self.keep(&name, Content::Packed(data));
        }
        Ok(())
    }

    /// An image, or any other file.
    pub fn resource(&mut self, name: &str, data: Vec<u8>, mime: &str) {
        self.listed.push(Listed::Resource(name.to_owned(), mime.to_owned()));
        self.keep(name, Content::Plain(data));
    }

    /// The cover image.
    pub fn cover(&mut self, name: &str, data: Vec<u8>, mime: &str) {
        self.listed.push(Listed::Cover(name.to_owned(), mime.to_owned()));
        self.keep(name, Content::Plain(data));
    }

    /// A content document that is yet to come; `kind` says what it is in the guide, with its title there.
    pub fn content(&mut self, name: &str, kind: Option<(ReferenceType, &str)>) {
        self.listed.push(Listed::Document(name.to_owned(), kind.map(|(kind, title)| (kind, title.to_owned()))));
    }

    /// What epub-builder says of all these, completed.
    pub fn described(self, edition: &Edition<'_>) -> Result<Described, Diagnostic> {
        let input = edition.input;
        let listed = self.listed;
        let made_of = Key::of(
            "EPUB: package",
            (&input.loaded.text, timestamp(input.loaded), edition.profile.name, input.style.is_vertical(), format!("{listed:?}")),
        );
        let mut written = input.cache.made(made_of, || written(edition, &listed))?;
        let is_package = |name: &str| name.strip_prefix(FOLDER) == Some(PACKAGE);
        let place = written.iter().position(|(name, _)| is_package(name)).ok_or_else(|| failed("it has no package document"))?;
        let (_, package) = written.remove(place);
        let package = complete(&String::from_utf8_lossy(&package), edition);
        let (map, ncx) = navigation::documents(edition);
        let mut files: Vec<(String, Content)> = written.into_iter().map(|(name, data)| (name, Content::Plain(data.into_vec()))).collect();
        let navigation = [("toc.ncx", ncx), ("nav.xhtml", map)];
        files.extend(navigation.map(|(name, text)| (format!("{FOLDER}{name}"), Content::Plain(text.into_bytes()))));
        if !self.obfuscated.is_empty() {
            files.push(("META-INF/encryption.xml".into(), Content::Plain(encryption(&self.obfuscated).into_bytes())));
        }
        files.extend(self.files);
        // Each is packed by itself while others are, and while the content documents come.
        let pack = |(name, content): (String, Content)| match content {
            Content::Packed(packed) => Ok(packed),
            Content::Plain(data) if is_packed(&name) => packed(&name, &data, OTHERS),
            Content::Plain(data) => packed_or_kept(&name, &data, input.cache),
        };
        let files = files.into_par_iter().map(pack).collect::<zip::result::ZipResult<_>>().map_err(failed)?;
        Ok(Described { package, place, files, math: Vec::new() })
    }
}

/// The package document and what is beside it for whoever opens an archive, as epub-builder writes them of files of these names. It packs
/// each file, though there is nothing in it, which takes long in a book of many.
fn written(edition: &Edition<'_>, listed: &[Listed]) -> Result<Vec<(String, ByteBuf)>, Diagnostic> {
    let input = edition.input;
    let metadata = &input.loaded.manifest.book;
    let mut builder = EpubBuilder::new(ZipLibrary::new().map_err(failed)?).map_err(failed)?;
    builder.epub_version(EpubVersion::V33);
    builder.set_modified_date(chrono::DateTime::from_timestamp(timestamp(input.loaded), 0).unwrap_or_default());
    builder.set_uuid(uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, identifier(input.loaded).as_bytes()));
    builder.set_title(metadata.title.get_ref().clone());
    builder.set_languages(vec![edition.profile.language(&metadata.language)]);
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
    for listed in listed {
        let added = match listed {
            Listed::Stylesheet => builder.stylesheet(&[][..]),
            Listed::Resource(name, mime) => builder.add_resource(name, &[][..], mime),
            Listed::Cover(name, mime) => builder.add_cover_image(name, &[][..], mime),
            Listed::Document(name, guide) => {
                let content = EpubContent::new(name, &[][..]);
                builder.add_content(match guide {
                    Some((kind, title)) => content.title(title).reftype(*kind),
                    None => content,
                })
            }
        };
        added.map_err(failed)?;
    }
    let mut archive = Vec::new();
    builder.generate(&mut archive).map_err(failed)?;
    let mut archive = ZipArchive::new(Cursor::new(archive)).map_err(failed)?;
    let names: Vec<String> = archive.file_names().map(str::to_owned).collect();
    let about = names.into_iter().enumerate().filter(|(_, name)| match name.strip_prefix(FOLDER) {
        Some(name) => name == PACKAGE,
        None => name.starts_with("META-INF/"),
    });
    let read = |(at, name): (usize, String)| {
        let mut data = Vec::new();
        archive.by_index(at).map_err(failed)?.read_to_end(&mut data).map_err(failed)?;
        Ok((name, data.into()))
    };
    about.map(read).collect()
}

impl Described {
    /// A content document, in the order in which they are read.
    pub fn document(&mut self, document: Document) {
        self.files.push(document.packed.into_vec());
        self.math.extend(document.math.then_some(document.name));
    }

    /// The archive: first what says of the others what they are.
    pub fn finish(self, cache: &Cache) -> Result<Vec<u8>, Diagnostic> {
        let Described { package, place, mut files, math } = self;
        let package = with_properties(package, &math);
        let package = packed_or_kept(&format!("{FOLDER}{PACKAGE}"), package.as_bytes(), cache).map_err(failed)?;
        files.insert(place, package);
        archive_of(&files).map_err(failed)
    }
}

/// Which fonts are obfuscated (EPUB 3.3, 4.4.4).
fn encryption(fonts: &[String]) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<encryption xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\" xmlns:enc=\"http://www.w3.org/2001/04/xmlenc#\">\n",
    );
    for name in fonts {
        let _ = writeln!(
            out,
            "<enc:EncryptedData><enc:EncryptionMethod Algorithm=\"http://www.idpf.org/2008/embedding\"/><enc:CipherData><enc:CipherReference URI=\"{}\"/></enc:CipherData></enc:EncryptedData>",
            escape(name)
        );
    }
    out + "</encryption>\n"
}

fn failed(error: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::internal(text!("the EPUB could not be made: {error}", "无法生成 EPUB：{error}"))
}

/// The package document with what epub-builder leaves out.
fn complete(package: &str, edition: &Edition<'_>) -> String {
    let input = edition.input;
    let language = escape(&input.loaded.manifest.book.language);
    let prefixes = metadata::prefixes(edition);
    let mut package = package.replacen("<package ", &format!("<package xml:lang=\"{language}\"{prefixes} "), 1);
    if let (Some(start), Some(end)) = (package.find("<dc:identifier id=\"epub-id-1\">"), package.find("</dc:identifier>")) {
        package.replace_range(start..end, &format!("<dc:identifier id=\"epub-id-1\">{}", escape(&identifier(input.loaded))));
    }
    package = package.replacen("<dc:title>", "<dc:title id=\"book-title\">", 1);
    // epub-builder numbers languages with the ids of creators.
    package = package.replace("<dc:language id=\"epub-creator-0\">", "<dc:language>");
    package = package.replacen("</metadata>", &format!("{}  </metadata>", metadata::elements(edition)), 1);
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
fn with_properties(mut package: String, math: &[String]) -> String {
    for name in math {
        let href = format!("href=\"{name}\"");
        package = package.replacen(&href, &format!("{href} properties=\"mathml\""), 1);
    }
    package
}

/// How files stand in the archive: one time for all, nothing that depends on the machine.
fn options() -> SimpleFileOptions {
    SimpleFileOptions::default().last_modified_time(DateTime::default()).unix_permissions(0o644)
}

/// How much is made of compressing, as zlib counts it: all that can be of a text, little of outlines, of which a higher level makes
/// hardly less, and the usual of what else there is.
const TEXT: i64 = 9;
const OUTLINES: i64 = 3;
const OTHERS: i64 = 6;

/// An archive of one file.
fn packed(name: &str, data: &[u8], level: i64) -> zip::result::ZipResult<Vec<u8>> {
    let options = if is_packed(name) {
        options().compression_method(CompressionMethod::Stored)
    } else {
        options().compression_method(CompressionMethod::Deflated).compression_level(Some(level))
    };
    let mut writer = ZipWriter::new(Cursor::new(Vec::with_capacity(data.len() / 2 + 1024)));
    writer.start_file(name, options)?;
    writer.write_all(data)?;
    Ok(writer.finish()?.into_inner())
}

/// An archive of one of the files beside texts and fonts, as it was made before, or anew.
fn packed_or_kept(name: &str, data: &[u8], cache: &Cache) -> zip::result::ZipResult<Vec<u8>> {
    let made_of = Key::of("EPUB: file", (name, data));
    cache.made(made_of, || packed(name, data, OTHERS).map(ByteBuf::from)).map(ByteBuf::into_vec)
}

/// Whether a file of this name is packed by its own format.
fn is_packed(name: &str) -> bool {
    [".png", ".jpg", ".gif", ".webp", ".woff", ".woff2"].iter().any(|end| name.ends_with(end))
}

/// One archive of archives of a file each, the type first.
fn archive_of(files: &[Vec<u8>]) -> zip::result::ZipResult<Vec<u8>> {
    // The list of the files is in each already; room for one more.
    let length = files.iter().map(Vec::len).sum::<usize>() + 256;
    let mut writer = ZipWriter::new(Cursor::new(Vec::with_capacity(length)));
    writer.start_file("mimetype", options().compression_method(CompressionMethod::Stored))?;
    writer.write_all(b"application/epub+zip")?;
    for file in files {
        writer.raw_copy_file(ZipArchive::new(Cursor::new(file.as_slice()))?.by_index_raw(0)?)?;
    }
    Ok(writer.finish()?.into_inner())
}
