//! The EPUB 3.3: a content document for each chapter, a stylesheet that sets Chinese, a nested navigation map, a
//! cover, fonts cut to what the book uses.

mod fonts;
mod math;
mod package;
mod text;
mod xhtml;

use super::{Input, Made, Output, raster};
use crate::diagnostic::{Code, Diagnostic};
use crate::document::{ChapterKind, Format, Manuscript, Media, visit_images};
use crate::font::{Role, Want};
use crate::layout;
use crate::manifest::{Emphasis, EpubFonts, Matter, Region};
use crate::text;
use epub_builder::ReferenceType;
use package::Package;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The EPUB as an output.
pub struct Epub;

pub use math::is_readable;

/// Pixels across of a typeset cover.
const COVER_PIXELS: u32 = 1200;

impl Output for Epub {
    fn needs_pages(&self) -> bool {
        false
    }

    fn render(&self, input: &Input<'_>) -> Result<Vec<Made>, Diagnostic> {
        let names = Names::of(input.manuscript);
        let labels = input.style.labels;
        let mut package = Package::new(input)?;
        // The cover is drawn while the fonts are cut.
        let (embedded, cover) = rayon::join(
            || if input.loaded.manifest.epub.fonts == EpubFonts::None { Ok(Vec::new()) } else { fonts::embedded(input) },
            || cover(input),
        );
        let (embedded, (cover_name, cover)) = (embedded?, cover?);
        package.stylesheet(stylesheet(input, &embedded))?;
        for font in embedded {
            package.resource(&format!("fonts/{}", font.file), font.data, font.mime)?;
        }
        package.cover(&cover_name, cover.bytes.to_vec(), cover.format.mime())?;
        for (path, name) in &names.images {
            let Some(media) = input.manuscript.media.get(path) else { continue };
            let media = safe(media)?;
            package.resource(name, media.bytes.to_vec(), media.format.mime())?;
        }
        package.content("cover.xhtml", xhtml::cover(input, &cover_name), Some((ReferenceType::Cover, labels.cover)))?;
        package.content("title.xhtml", xhtml::title_page(input), Some((ReferenceType::TitlePage, labels.title_page)))?;
        if let Some(page) = xhtml::copyright(input) {
            package.content("copyright.xhtml", page, None)?;
        }
        let first_text = input.manuscript.chapters.iter().position(|chapter| chapter.matter == Matter::Main);
        for (at, name) in names.chapters.iter().enumerate() {
            let kind = (Some(at) == first_text).then_some((ReferenceType::Text, labels.start));
            package.content(name, xhtml::chapter(input, &names, at), kind)?;
        }
        Ok(Made::one(".epub", package.finish(input, &names)?, None))
    }
}

/// Names of the files in the EPUB. They follow the sources' names, so that they stay the same while those do.
pub(super) struct Names {
    /// By chapter.
    pub chapters: Vec<String>,
    /// By path of the image.
    pub images: BTreeMap<PathBuf, String>,
}

impl Names {
    fn of(manuscript: &Manuscript) -> Names {
        let mut taken: Vec<String> = ["nav", "toc", "cover", "title", "copyright"].map(String::from).to_vec();
        let mut unique = |stem: String| {
            let mut name = stem.clone();
            let mut count = 2;
            while taken.contains(&name) {
                name = format!("{stem}-{count}");
                count += 1;
            }
            taken.push(name.clone());
            name
        };
        let chapters = manuscript
            .chapters
            .iter()
            .map(|chapter| {
                let own = match chapter.kind {
                    ChapterKind::Dedication => "dedication",
                    ChapterKind::Colophon => "colophon",
                    ChapterKind::Text | ChapterKind::Part => "part",
                };
                let stem = chapter.path.as_deref().map_or_else(|| own.to_owned(), |path| plain(&path.with_extension("")));
                format!("{}.xhtml", unique(stem))
            })
            .collect();
        let mut images = BTreeMap::new();
        for (path, media) in &manuscript.media {
            // A cover that is also an image of the text is written twice; one that is not, once, as the cover.
            if manuscript.cover.as_ref() == Some(path) && !is_used(manuscript, path) {
                continue;
            }
            let extension = if is_scripted(media) { Format::Png } else { media.format }.extension();
            images.insert(path.clone(), format!("images/{}.{extension}", unique(plain(&path.with_extension("")))));
        }
        Names { chapters, images }
    }
}

fn is_used(manuscript: &Manuscript, wanted: &Path) -> bool {
    let mut found = false;
    for blocks in manuscript.chapters.iter().flat_map(|chapter| chapter.document.texts()) {
        visit_images(blocks, &mut |image, _, _| found |= image.path.as_deref() == Some(wanted));
    }
    found
}

/// A name of plain letters for a path: its last part, or a hash where that has none.
fn plain(path: &Path) -> String {
    let shown = crate::source::shown(path);
    let last = shown.rsplit('/').next().unwrap_or(&shown).to_ascii_lowercase();
    let clean: String = last.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' }).collect();
    let clean = clean.trim_matches('-').to_owned();
    if !last.is_ascii() || clean.is_empty() {
        let hash = crate::source::fingerprint(shown.as_bytes());
        return format!("f{:010x}", hash >> 24);
    }
    clean
}

/// Whether an SVG holds scripts or reaches outside the book.
fn is_scripted(media: &Media) -> bool {
    media.format == Format::Svg && {
        let text = String::from_utf8_lossy(&media.bytes).to_ascii_lowercase();
        // A compressed SVG is no core media type either.
        ["<script", "javascript:", "onload=", "onclick=", "http://www.w3.org/1999/xhtml", "<foreignobject"]
            .iter()
            .any(|part| text.contains(part))
            || !text.contains("<svg")
    }
}

/// The image as a reader may have it: an SVG with scripts becomes a picture.
fn safe(media: &Media) -> Result<Media, Diagnostic> {
    if !is_scripted(media) {
        return Ok(media.clone());
    }
    let unusable = |reason: String| {
        Diagnostic::new(Code::BrokenImage, text!("an SVG with scripts cannot be drawn: {reason}", "含脚本的 SVG 无法转成图片：{reason}"))
    };
    let picture = media.decode().map_err(unusable)?;
    let alpha = picture.alpha.unwrap_or_else(|| vec![255; picture.rgb.len() / 3]);
    let pixels: Vec<u8> = picture.rgb.chunks_exact(3).zip(alpha).flat_map(|(rgb, alpha)| [rgb[0], rgb[1], rgb[2], alpha]).collect();
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::write_buffer_with_format(&mut bytes, &pixels, picture.width, picture.height, image::ColorType::Rgba8, image::ImageFormat::Png)
        .map_err(|error| unusable(error.to_string()))?;
    Ok(Media { format: Format::Png, bytes: bytes.into_inner().into(), width: picture.width, height: picture.height })
}

/// The cover: the manifest's image, or the typeset cover as a picture.
fn cover(input: &Input<'_>) -> Result<(String, Media), Diagnostic> {
    if let Some(media) = input.manuscript.cover.as_ref().and_then(|path| input.manuscript.media.get(path)) {
        let media = safe(media)?;
        return Ok((format!("images/cover.{}", media.format.extension()), media));
    }
    let pages = layout::cover(input.manuscript, input.loaded, input.style, input.fonts, input.sink);
    let drawn =
        pages.pages.first().and_then(|page| raster::draw(page, input.manuscript, input.fonts, pages.width, pages.height, COVER_PIXELS));
    let internal = || Diagnostic::new(Code::Internal, text!("the cover could not be drawn", "无法绘制封面"));
    let pixmap = drawn.ok_or_else(internal)?;
    let rgb: Vec<u8> = pixmap.pixels().iter().flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]).collect();
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::write_buffer_with_format(&mut bytes, &rgb, pixmap.width(), pixmap.height(), image::ColorType::Rgb8, image::ImageFormat::Png)
        .map_err(|_| internal())?;
    Ok((
        "images/cover.png".into(),
        Media { format: Format::Png, bytes: bytes.into_inner().into(), width: pixmap.width(), height: pixmap.height() },
    ))
}

/// Device fonts that stand behind the embedded ones, by role.
fn device_fonts(role: Role, region: Region) -> &'static str {
    match (role, region) {
        (Role::Serif, Region::China) => "\"Source Han Serif SC\", \"Songti SC\", \"STSong\", \"SimSun\", serif",
        (Role::Serif, Region::Taiwan | Region::HongKong) => "\"Source Han Serif TC\", \"Songti TC\", \"PMingLiU\", serif",
        (Role::Serif, Region::Japan) => "\"Source Han Serif\", \"Hiragino Mincho ProN\", \"Yu Mincho\", serif",
        (Role::Sans, Region::China) => "\"Source Han Sans SC\", \"PingFang SC\", \"Heiti SC\", \"Microsoft YaHei\", sans-serif",
        (Role::Sans, Region::Taiwan | Region::HongKong) => "\"Source Han Sans TC\", \"PingFang TC\", \"Microsoft JhengHei\", sans-serif",
        (Role::Sans, Region::Japan) => "\"Source Han Sans\", \"Hiragino Sans\", \"Yu Gothic\", sans-serif",
        (Role::Kai, Region::Taiwan | Region::HongKong) => "\"Kaiti TC\", \"BiauKai\", \"DFKai-SB\", serif",
        (Role::Kai, _) => "\"Kaiti SC\", \"STKaiti\", \"KaiTi\", serif",
        (Role::FangSong, _) => "\"STFangsong\", \"FangSong\", serif",
        (Role::Mono | Role::Math, _) => "\"Sarasa Mono SC\", \"Menlo\", \"Consolas\", monospace",
    }
}

/// The stylesheet: the embedded faces, the families by role, the theme.
fn stylesheet(input: &Input<'_>, embedded: &[fonts::Embedded]) -> String {
    let mut css = String::from("@charset \"utf-8\";\n");
    embedded.iter().for_each(|font| css.push_str(&font.rule()));
    let family = |role, italic| {
        let names: Vec<String> = input
            .fonts
            .families(Want { role, bold: false, italic })
            .into_iter()
            .filter(|name| embedded.iter().any(|font| font.family == *name))
            .map(|name| format!("\"{name}\""))
            .collect();
        let lead = if names.is_empty() { String::new() } else { names.join(", ") + ", " };
        format!("{lead}{}", device_fonts(role, input.style.region))
    };
    let theme = include_str!("theme.css")
        .replace("var(--serif)", &family(Role::Serif, false))
        .replace("var(--sans)", &family(Role::Sans, false))
        .replace("var(--kai)", &family(Role::Kai, false))
        .replace("var(--voice)", &family(input.style.quote().want.role, false))
        .replace("var(--fangsong)", &family(Role::FangSong, false))
        .replace("var(--mono)", &family(Role::Mono, false))
        .replace("var(--emphasis)", &family(Role::Serif, true))
        .replace("var(--indent)", &format!("{}em", input.style.indent));
    css.push_str(&theme);
    if !input.style.chinese {
        // Letters take their own quotes and dashes, words may be divided, and what follows a heading is not indented.
        css.push_str("body { font-variant-east-asian: proportional-width; -webkit-hyphens: auto; hyphens: auto; }\nh1 + p, h2 + p, h3 + p, h4 + p, h5 + p, h6 + p { text-indent: 0; }\n");
    }
    let [asterisks, element] = [false, true].map(|element| input.style.emphasis(element));
    if asterisks != Emphasis::Kai {
        css.push_str(&emphasis("em", asterisks));
    }
    if element != asterisks {
        css.push_str(&emphasis("em.em", element));
    }
    css.push_str(if input.style.is_vertical() { include_str!("vertical.css") } else { include_str!("across.css") });
    css
}

/// The look of an emphasised element.
fn emphasis(selector: &str, look: Emphasis) -> String {
    let plain = "font-style: normal; font-family: inherit;";
    match look {
        Emphasis::Kai => format!("{selector} {{ font-style: italic; font-weight: inherit; }}\n"),
        Emphasis::Dots => format!(
            "{selector} {{ {plain} font-weight: inherit; -webkit-text-emphasis: \"・\"; text-emphasis: \"・\"; -webkit-text-emphasis-position: under right; text-emphasis-position: under right; }}\n"
        ),
        Emphasis::Bold => format!("{selector} {{ {plain} font-weight: bold; }}\n"),
    }
}
