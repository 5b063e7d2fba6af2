//! Images of a book: read once, measured, checked, decoded when an output needs their pixels.

use crate::diagnostic::Text;
use crate::font::FILES;
use crate::source::{LARGEST_FILE, read_below};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};
use resvg::usvg::fontdb::Database;
use resvg::usvg::roxmltree;
use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::{Arc, LazyLock};

/// Formats that a book may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// PNG
    Png,
    /// JPEG
    Jpeg,
    /// GIF
    Gif,
    /// WebP
    Webp,
    /// SVG
    Svg,
}

impl Format {
    /// The media type.
    pub fn mime(self) -> &'static str {
        match self {
            Format::Png => "image/png",
            Format::Jpeg => "image/jpeg",
            Format::Gif => "image/gif",
            Format::Webp => "image/webp",
            Format::Svg => "image/svg+xml",
        }
    }

    /// The usual extension.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Png => "png",
            Format::Jpeg => "jpg",
            Format::Gif => "gif",
            Format::Webp => "webp",
            Format::Svg => "svg",
        }
    }
}

/// An image file.
#[derive(Clone, Debug)]
pub struct Media {
    /// Its format, found from its content.
    pub format: Format,
    /// The file as it is.
    pub bytes: Arc<[u8]>,
    /// Width in pixels (CSS pixels for SVG); at least 1.
    pub width: u32,
    /// Height in pixels; at least 1.
    pub height: u32,
}

/// Pixels of an image, 8 bits a channel.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
    /// Red, green, blue, row by row from the top.
    pub rgb: Vec<u8>,
    /// Opacity, where some pixel is not opaque.
    pub alpha: Option<Vec<u8>>,
}

impl Picture {
    /// A picture of red, green, blue and opacity of each pixel.
    pub fn of_rgba(width: u32, height: u32, pixels: &[[u8; 4]]) -> Picture {
        let rgb: Vec<[u8; 3]> = pixels.iter().map(|[red, green, blue, _]| [*red, *green, *blue]).collect();
        let transparent = pixels.iter().any(|[.., alpha]| *alpha < 255);
        let alpha = transparent.then(|| pixels.iter().map(|[.., alpha]| *alpha).collect());
        Picture { width, height, rgb: rgb.into_flattened(), alpha }
    }

    /// Red, green, blue and opacity of each pixel.
    pub fn rgba(&self) -> impl Iterator<Item = [u8; 4]> {
        let alpha = self.alpha.as_deref();
        let opacity = move |at: usize| alpha.and_then(|alpha| alpha.get(at)).map_or(255, |alpha| *alpha);
        self.pixels().iter().enumerate().map(move |(at, [red, green, blue])| [*red, *green, *blue, opacity(at)])
    }

    /// Red, green and blue of each pixel.
    pub fn pixels(&self) -> &[[u8; 3]] {
        self.rgb.as_chunks().0
    }

    /// Whether it has no colours.
    pub fn is_grey(&self) -> bool {
        self.pixels().iter().all(|[red, green, blue]| red == green && green == blue)
    }
}

/// Pixels that an image may have: both formats of a book with one of as many are made within a gigabyte.
const MOST_PIXELS: u64 = 50_000_000;

/// Whether a JPEG has its end after its last scan (ITU-T T.81, B.1.1.3).
fn is_whole_jpeg(bytes: &[u8]) -> bool {
    let last = |marker: u8| bytes.windows(2).rposition(|pair| pair == [0xff, marker]);
    matches!((last(0xda), last(0xd9)), (Some(scan), Some(end)) if end > scan)
}

/// Pixels across that an SVG is drawn with where an output takes no vectors.
const SVG_PIXELS: f32 = 2000.0;

impl Media {
    /// Reads and checks an image of a folder. The error says what is wrong with it.
    pub fn read(root: &Path, path: &Path) -> Result<Media, String> {
        Media::of(read_below(root, path, LARGEST_FILE).map_err(|error| Text::from(&error).en)?)
    }

    /// An image from its bytes.
    pub fn of(bytes: Vec<u8>) -> Result<Media, String> {
        if bytes.is_empty() {
            return Err("the file is empty".into());
        }
        // A compressed SVG is no format that readers know.
        let bytes = if bytes.starts_with(&[0x1f, 0x8b]) { unpacked(&bytes)? } else { bytes };
        let head = String::from_utf8_lossy(bytes.get(..4096).unwrap_or(&bytes)).into_owned();
        if head.contains("<svg") {
            let tree = svg(&bytes)?;
            let (width, height) = (tree.size().width().ceil() as u32, tree.size().height().ceil() as u32);
            return Ok(Media { format: Format::Svg, bytes: bytes.into(), width: width.max(1), height: height.max(1) });
        }
        let reader = ImageReader::new(Cursor::new(&bytes)).with_guessed_format().map_err(|error| error.to_string())?;
        let format = match reader.format() {
            Some(ImageFormat::Png) => Format::Png,
            Some(ImageFormat::Jpeg) => Format::Jpeg,
            Some(ImageFormat::Gif) => Format::Gif,
            Some(ImageFormat::WebP) => Format::Webp,
            _ => return Err("it is no PNG, JPEG, GIF, WebP or SVG".into()),
        };
        let (width, height) = ImageReader::with_format(Cursor::new(&bytes), reader.format().unwrap_or(ImageFormat::Png))
            .into_dimensions()
            .map_err(|error| error.to_string())?;
        let pixels = u64::from(width) * u64::from(height);
        if pixels == 0 {
            return Err("it has no pixels".into());
        }
        // A JPEG passes through; of the others every pixel is held, several times.
        let most = if format == Format::Jpeg { MOST_PIXELS * 5 } else { MOST_PIXELS };
        if pixels > most {
            return Err(format!("{width} × {height} pixels are too many; {most} are the most"));
        }
        if format == Format::Jpeg && !is_whole_jpeg(&bytes) {
            return Err("the file ends before the picture does".into());
        }
        reader.decode().map_err(|error| error.to_string())?;
        Ok(Media { format, bytes: bytes.into(), width, height })
    }

    /// The pixels. An image that was read can be decoded; should it fail all the same, the error says why.
    pub fn decode(&self) -> Result<Picture, String> {
        if self.format == Format::Svg {
            return self.draw_svg();
        }
        let image = image::load_from_memory(&self.bytes).map_err(|error| error.to_string())?;
        let (width, height) = (image.width(), image.height());
        let DynamicImage::ImageRgb8(rgb) = image else {
            return Ok(Picture::of_rgba(width, height, image.into_rgba8().as_chunks().0));
        };
        Ok(Picture { width, height, rgb: rgb.into_raw(), alpha: None })
    }

    /// What in it runs as a program or reaches outside it, for an SVG: no reader is given that. `None` where nothing does.
    pub fn unsafe_part(&self) -> Option<String> {
        if self.format == Format::Svg { unsafe_part(&self.bytes) } else { None }
    }

    /// Whether it may have transparent parts, as far as its head tells.
    pub fn may_be_transparent(&self) -> bool {
        let decoder = || ImageReader::new(Cursor::new(&self.bytes)).with_guessed_format().ok()?.into_decoder().ok();
        self.format == Format::Svg || decoder().is_some_and(|decoder| decoder.color_type().has_alpha())
    }

    /// Whether it holds several pictures, one after the other: a GIF that moves.
    pub fn is_animated(&self) -> bool {
        if self.format != Format::Gif {
            return false;
        }
        // That there is another is told without the pixels of the first, for which the image crate asks.
        let mut options = gif::DecodeOptions::new();
        options.skip_frame_decoding(true);
        let is_second = |mut gif: gif::Decoder<&[u8]>| gif.next_frame_info().is_ok() && !matches!(gif.next_frame_info(), Ok(None));
        options.read_info(&*self.bytes).is_ok_and(is_second)
    }

    /// The colour profile that the image carries.
    pub fn profile(&self) -> Option<Vec<u8>> {
        let reader = ImageReader::new(Cursor::new(&self.bytes)).with_guessed_format().ok()?;
        reader.into_decoder().ok()?.icc_profile().ok()?
    }

    fn draw_svg(&self) -> Result<Picture, String> {
        let tree = svg(&self.bytes)?;
        let scale = (SVG_PIXELS / tree.size().width()).clamp(0.1, 4.0);
        let (width, height) = ((tree.size().width() * scale).ceil() as u32, (tree.size().height() * scale).ceil() as u32);
        let mut pixmap = tiny_skia::Pixmap::new(width.max(1), height.max(1)).ok_or("its size is out of range")?;
        resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut pixmap.as_mut());
        let pixels = pixmap.pixels().iter().map(|pixel| pixel.demultiply());
        let pixels: Vec<[u8; 4]> = pixels.map(|pixel| [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()]).collect();
        Ok(Picture::of_rgba(pixmap.width(), pixmap.height(), &pixels))
    }
}

/// Bytes of an SVG at the most, unpacked.
const MOST_SVG: u64 = 50_000_000;

/// The text of a compressed SVG.
fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(bytes).take(MOST_SVG + 1).read_to_end(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 > MOST_SVG { Err(format!("it is larger than {MOST_SVG} bytes, unpacked")) } else { Ok(text) }
}

/// What in an SVG runs as a program, or reaches outside it: an element, an attribute. `None` where nothing does.
fn unsafe_part(bytes: &[u8]) -> Option<String> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Some("text that is not UTF-8".into()) };
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let Ok(tree) = roxmltree::Document::parse_with_options(text, options) else { return Some("XML that cannot be read".into()) };
    if text.contains("<?xml-stylesheet") {
        return Some("<?xml-stylesheet?>".into());
    }
    // CSS names other files by url() and @import.
    let reaches = |css: &str| {
        let css = css.to_ascii_lowercase();
        css.contains("@import") || css.split("url(").skip(1).any(|rest| !rest.trim_start_matches([' ', '"', '\'']).starts_with('#'))
    };
    for element in tree.descendants().filter(roxmltree::Node::is_element) {
        let name = element.tag_name().name();
        let foreign = element.tag_name().namespace().is_some_and(|space| space == "http://www.w3.org/1999/xhtml");
        if foreign || ["script", "foreignobject", "iframe", "handler"].contains(&name.to_ascii_lowercase().as_str()) {
            return Some(format!("<{name}>"));
        }
        if name == "style" && element.descendants().filter_map(|node| node.text()).any(reaches) {
            return Some("<style> with url()".into());
        }
        for attribute in element.attributes() {
            let (name, value) = (attribute.name(), attribute.value().trim());
            let inside = value.starts_with('#') || value.starts_with("data:image/") || value.is_empty();
            // A link leads away and fetches nothing; one that runs a program is refused.
            let link = element.tag_name().name() == "a" && ["http:", "https:", "mailto:"].iter().any(|scheme| value.starts_with(scheme));
            let handler = name.len() > 2 && name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("on"));
            if handler || name == "href" && !inside && !link || reaches(value) {
                return Some(format!("{name}=\"{}\"", value.chars().take(40).collect::<String>()));
            }
        }
    }
    None
}

/// The fonts that the binary carries, for drawings with text.
static CARRIED: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    FILES.iter().for_each(|file| fonts.load_font_data(file.font.whole()));
    Arc::new(fonts)
});

fn svg(bytes: &[u8]) -> Result<resvg::usvg::Tree, String> {
    let mut options = resvg::usvg::Options { font_family: "Noto Sans SC".into(), ..Default::default() };
    // Nothing outside the file is read.
    options.image_href_resolver.resolve_string = Box::new(|_, _| None);
    if bytes.windows(5).any(|window| window == b"<text") {
        options.fontdb = CARRIED.clone();
    }
    resvg::usvg::Tree::from_data(bytes, &options).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::codecs::gif::GifEncoder;
    use image::{Frame, Rgba, RgbaImage};

    #[test]
    fn a_gif_of_two_pictures_moves() {
        let gif = |pictures: u8| {
            let mut bytes = Vec::new();
            let mut encoder = GifEncoder::new(&mut bytes);
            for picture in 0..pictures {
                encoder.encode_frame(Frame::new(RgbaImage::from_pixel(9, 9, Rgba([picture * 100, 0, 0, 255])))).unwrap();
            }
            drop(encoder);
            Media::of(bytes).unwrap()
        };
        assert!(!gif(1).is_animated());
        assert!(gif(2).is_animated());
        assert!(gif(3).is_animated());
    }

    #[test]
    fn a_picture_has_pixels() {
        // It says that it is nothing wide, and has a picture in it that is.
        let found = Media::of(include_bytes!("../../tests/fuzz/corpus/image/no-pixels.gif").to_vec());
        assert_eq!(found.err().as_deref(), Some("it has no pixels"));
    }
}
