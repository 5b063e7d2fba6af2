//! Images as a reader takes them: in a format that it shows, no larger than it asks, never larger than given.

use super::super::packed::{Level, deflate};
use super::super::raster::Stretch;
use super::profile::Profile;
use crate::diagnostic::{Code, Diagnostic};
use crate::document::{Format, Manuscript, Media, Picture};
use crate::text;
use image::{ColorType, ImageBuffer, ImageEncoder, Rgb, RgbaImage, codecs, imageops};
use rayon::prelude::*;
use std::borrow::Cow;
use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// An image that goes into the EPUB.
#[derive(Debug)]
pub(super) struct Prepared {
    /// The file.
    pub media: Media,
    /// Whether parts of it are transparent: it needs a ground of its own where a page is dark.
    pub transparent: bool,
}

/// How good a JPEG is made, out of 100: the first that is small enough.
const QUALITIES: [u8; 4] = [88, 80, 70, 55];

/// Colours that a drawing has at the most; a photograph has more.
const DRAWING: usize = 1024;

/// Prepares the images that the text shows.
pub(super) fn prepare(manuscript: &Manuscript, profile: &Profile) -> Result<BTreeMap<PathBuf, Prepared>, Diagnostic> {
    let used = manuscript.images();
    let wanted: Vec<(&PathBuf, &Media)> = manuscript.media.iter().filter(|(path, _)| used.contains(path.as_path())).collect();
    wanted.into_par_iter().map(|(path, media)| Ok((path.clone(), one(path, media, profile)?))).collect()
}

/// Whether an image cannot go to a reader as it is, as far as that can be told without its pixels.
pub fn must_change(media: &Media, profile: &Profile) -> bool {
    let pixels = u64::from(media.width) * u64::from(media.height);
    let large =
        pixels > profile.most_pixels || media.width.max(media.height) > profile.longest_side || media.bytes.len() > profile.most_bytes;
    let unknown = !profile.formats.contains(&media.format) || media.unsafe_part().is_some();
    unknown || large && media.format != Format::Svg || !profile.transparency && media.is_animated()
}

/// One image.
///
/// # Errors
///
/// An image whose pixels cannot be read after all.
pub(super) fn one(path: &Path, media: &Media, profile: &Profile) -> Result<Prepared, Diagnostic> {
    let changes = must_change(media, profile);
    if !changes && media.format == Format::Svg {
        return Ok(Prepared { media: media.clone(), transparent: true });
    }
    if !changes && !media.may_be_transparent() {
        return Ok(Prepared { media: media.clone(), transparent: false });
    }
    let picture = media.decode().map_err(|reason| {
        let name = crate::source::shown(path);
        Diagnostic::new(Code::BrokenImage, text!("{name} cannot be drawn: {reason}", "无法绘制 {name}：{reason}"))
            .advise(text!("save it again as PNG or JPEG", "请重新存为 PNG 或 JPEG"))
    })?;
    let transparent = picture.alpha.is_some();
    if !changes && (!transparent || profile.transparency) {
        return Ok(Prepared { media: media.clone(), transparent });
    }
    let transparent = transparent && profile.transparency;
    let picture = if transparent { picture } else { on_white(picture) };
    let media = encoded(picture, media, profile).ok_or_else(|| {
        let name = crate::source::shown(path);
        Diagnostic::new(Code::Internal, text!("{name} could not be written again", "无法重新写出 {name}"))
    })?;
    Ok(Prepared { media, transparent })
}

/// A picture on white paper.
fn on_white(mut picture: Picture) -> Picture {
    if let Some(alpha) = picture.alpha.take() {
        for (pixel, alpha) in picture.rgb.chunks_exact_mut(3).zip(alpha) {
            for channel in pixel {
                let (ink, opacity) = (u32::from(*channel), u32::from(alpha));
                *channel = ((ink * opacity + 255 * (255 - opacity) + 127) / 255) as u8;
            }
        }
    }
    picture
}

/// The picture as a file within the profile's limits. `None` where no encoder takes it.
fn encoded(picture: Picture, given: &Media, profile: &Profile) -> Option<Media> {
    let mut scale = fitting(&picture, profile);
    let whole = LazyCell::new(|| Whole::of(&picture));
    loop {
        let scaled = if scale >= 1.0 {
            Cow::Borrowed(&picture)
        } else {
            let side = |pixels: u32| ((f64::from(pixels) * scale).floor() as u32).max(1);
            Cow::Owned(whole.as_ref()?.scaled(side(picture.width), side(picture.height)))
        };
        let media = smallest(&scaled, given, profile)?;
        // An image that is drawn anew is no larger than it was: a vector image has no size to hold it to.
        let most = if given.format == Format::Svg { profile.most_bytes } else { profile.most_bytes.min(given.bytes.len().max(20_000)) };
        if media.bytes.len() <= most || scaled.width.max(scaled.height) <= 320 {
            return Some(media);
        }
        scale *= 0.8;
    }
}

/// By how much a picture is made smaller to keep to the limits of its size.
fn fitting(picture: &Picture, profile: &Profile) -> f64 {
    let (width, height) = (f64::from(picture.width), f64::from(picture.height));
    let side = f64::from(profile.longest_side) / width.max(height);
    let area = (profile.most_pixels as f64 / (width * height)).sqrt();
    side.min(area).min(1.0)
}

/// A picture as what makes it smaller takes it.
enum Whole<'a> {
    Opaque(ImageBuffer<Rgb<u8>, &'a [u8]>),
    Transparent(RgbaImage),
}

impl Whole<'_> {
    /// `None` where it has not as many pixels as it says.
    fn of(picture: &Picture) -> Option<Whole<'_>> {
        if picture.alpha.is_none() {
            return ImageBuffer::from_raw(picture.width, picture.height, picture.rgb.as_slice()).map(Whole::Opaque);
        }
        let pixels: Vec<[u8; 4]> = picture.rgba().collect();
        RgbaImage::from_raw(picture.width, picture.height, pixels.into_flattened()).map(Whole::Transparent)
    }

    /// The picture at a smaller size.
    fn scaled(&self, width: u32, height: u32) -> Picture {
        let filter = imageops::FilterType::Lanczos3;
        match self {
            Whole::Opaque(whole) => {
                let rgb = imageops::resize(whole, width, height, filter).into_raw();
                Picture { width, height, rgb, alpha: None }
            }
            Whole::Transparent(whole) => Picture::of_rgba(width, height, imageops::resize(whole, width, height, filter).as_chunks().0),
        }
    }
}

/// The smaller of what may hold the picture: PNG for a drawing, JPEG for a photograph without transparent parts.
fn smallest(picture: &Picture, given: &Media, profile: &Profile) -> Option<Media> {
    let media = |format, bytes: Vec<u8>| Media { format, bytes: bytes.into(), width: picture.width, height: picture.height };
    let photograph = picture.alpha.is_none() && (given.format == Format::Jpeg || !is_drawing(picture));
    if !photograph {
        return Some(media(Format::Png, png(picture)?));
    }
    let most = profile.most_bytes.min(given.bytes.len().max(20_000));
    let mut bytes = Vec::new();
    for quality in QUALITIES {
        bytes.clear();
        let encoder = codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality);
        encoder.write_image(&picture.rgb, picture.width, picture.height, ColorType::Rgb8.into()).ok()?;
        if bytes.len() <= most {
            break;
        }
    }
    Some(media(Format::Jpeg, bytes))
}

fn is_drawing(picture: &Picture) -> bool {
    let mut colours = std::collections::BTreeSet::new();
    picture.pixels().iter().all(|pixel| {
        colours.insert(*pixel);
        colours.len() <= DRAWING
    })
}

/// A PNG as small as can be: by a palette where the picture has few colours, which the image crate does not write; in grey where
/// it has none.
pub(super) fn png(picture: &Picture) -> Option<Vec<u8>> {
    if let Some(palette) = Palette::of(picture.rgba().map(|pixel| (pixel, 1))) {
        let rows = palette.rows(picture.width as usize, picture.rgba().map(|pixel| (pixel, 1)));
        return palette.png(picture.width, picture.height, &deflate(Level::Middle, &rows).ok()?);
    }
    let (colour, data): (png::ColorType, Vec<u8>) = match (picture.is_grey(), picture.alpha.is_some()) {
        (true, false) => (png::ColorType::Grayscale, picture.pixels().iter().map(|[grey, ..]| *grey).collect()),
        (true, true) => {
            let pixels: Vec<[u8; 2]> = picture.rgba().map(|[grey, .., alpha]| [grey, alpha]).collect();
            (png::ColorType::GrayscaleAlpha, pixels.into_flattened())
        }
        (false, false) => (png::ColorType::Rgb, picture.rgb.clone()),
        (false, true) => (png::ColorType::Rgba, picture.rgba().collect::<Vec<_>>().into_flattened()),
    };
    let mut bytes = Vec::new();
    let mut encoder = encoder(&mut bytes, picture.width, picture.height, colour);
    encoder.set_filter(png::Filter::Adaptive);
    encoder.write_header().ok()?.write_image_data(&data).ok()?;
    Some(bytes)
}

/// The colours of a picture in the order in which they come.
pub(super) struct Palette {
    colours: Vec<[u8; 4]>,
    numbers: BTreeMap<[u8; 4], u8>,
}

impl Palette {
    /// Those of pixels, so many of a colour. `None` where there are more than a palette holds.
    pub fn of(pixels: impl Iterator<Item = Stretch>) -> Option<Palette> {
        let mut palette = Palette { colours: Vec::new(), numbers: BTreeMap::new() };
        let mut last = None;
        for (pixel, _) in pixels {
            // Most pixels are as the one before.
            if last != Some(pixel) && !palette.numbers.contains_key(&pixel) {
                palette.numbers.insert(pixel, u8::try_from(palette.colours.len()).ok()?);
                palette.colours.push(pixel);
            }
            last = Some(pixel);
        }
        Some(palette)
    }

    /// A picture of these colours as a PNG, of its rows, compressed.
    pub fn png(&self, width: u32, height: u32, rows: &[u8]) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut encoder = encoder(&mut bytes, width, height, png::ColorType::Indexed);
        encoder.set_palette(self.colours.iter().flat_map(|[red, green, blue, _]| [*red, *green, *blue]).collect::<Vec<u8>>());
        if self.colours.iter().any(|colour| colour[3] < 255) {
            encoder.set_trns(self.colours.iter().map(|colour| colour[3]).collect::<Vec<u8>>());
        }
        let mut writer = encoder.write_header().ok()?;
        writer.write_chunk(png::chunk::IDAT, rows).ok()?;
        writer.finish().ok()?;
        Some(bytes)
    }

    /// Rows of the colours' numbers. They are packed best as they are, which a byte before each says (PNG, 9.2).
    pub fn rows(&self, width: usize, pixels: impl Iterator<Item = Stretch>) -> Vec<u8> {
        let mut out = Vec::new();
        let mut left = 0;
        let mut last = None;
        for (pixel, mut count) in pixels {
            let number = match last {
                Some((same, number)) if same == pixel => number,
                _ => self.numbers.get(&pixel).copied().unwrap_or(0),
            };
            last = Some((pixel, number));
            while count > 0 {
                if left == 0 {
                    out.push(0);
                    left = width;
                }
                let here = count.min(left);
                out.extend(std::iter::repeat_n(number, here));
                (count, left) = (count - here, left - here);
            }
        }
        out
    }
}

fn encoder(bytes: &mut Vec<u8>, width: u32, height: u32, colour: png::ColorType) -> png::Encoder<'_, &mut Vec<u8>> {
    let mut encoder = png::Encoder::new(bytes, width, height);
    encoder.set_color(colour);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    encoder
}

#[cfg(test)]
mod tests {
    use super::super::profile::Reader;
    use super::*;

    /// A drawing of two colours, half of it transparent where asked.
    fn drawing(width: u32, height: u32, transparent: bool) -> Media {
        let rgb = (0..width * height).flat_map(|at| if at % 7 == 0 { [0, 0, 0] } else { [200, 30, 30] }).collect();
        let alpha = transparent.then(|| (0..width * height).map(|at| if at % 2 == 0 { 0 } else { 255 }).collect());
        Media::of(png(&Picture { width, height, rgb, alpha }).unwrap()).unwrap()
    }

    fn prepared(media: &Media, reader: Reader) -> Prepared {
        one(Path::new("x.png"), media, Profile::of(reader)).unwrap()
    }

    #[test]
    fn what_a_reader_takes_stays_as_it_is() {
        let plain = drawing(40, 30, false);
        for reader in [Reader::Generic, Reader::Kindle, Reader::Kobo, Reader::Apple, Reader::WeRead] {
            assert_eq!(prepared(&plain, reader).media.bytes, plain.bytes);
        }
        let clear = drawing(40, 30, true);
        assert_eq!(prepared(&clear, Reader::Generic).media.bytes, clear.bytes);
        assert!(prepared(&clear, Reader::Generic).transparent);
    }

    #[test]
    fn a_narrow_drawing_is_packed_as_a_whole() {
        // Its pixels are the same every two hundred rows, and before that like noise.
        let (width, height) = (100, 3000);
        let dark = |at: u32| (at % (width * 200)).wrapping_mul(2_654_435_761) >> 17 & 1 == 0;
        let rgb = (0..width * height).flat_map(|at| if dark(at) { [0, 0, 0] } else { [255, 255, 255] }).collect();
        let bytes = png(&Picture { width, height, rgb, alpha: None }).unwrap();
        assert!(bytes.len() < 10_000, "{}", bytes.len());
    }

    #[test]
    fn kindle_gets_no_transparent_parts_and_no_vectors() {
        let flat = prepared(&drawing(40, 30, true), Reader::Kindle);
        assert!(!flat.transparent && flat.media.decode().unwrap().alpha.is_none());
        assert_eq!(flat.media.decode().unwrap().rgb[..3], [255, 255, 255]);
        let svg = Media::of(b"<svg xmlns='http://www.w3.org/2000/svg' width='90' height='60'><circle cx='9' cy='9' r='9'/></svg>".to_vec())
            .unwrap();
        assert_eq!(prepared(&svg, Reader::Kindle).media.format, Format::Png);
        assert_eq!(prepared(&svg, Reader::Generic).media.bytes, svg.bytes);
    }

    #[test]
    fn a_large_image_is_made_to_fit_and_never_grows() {
        let large = drawing(4200, 20, false);
        let small = prepared(&large, Reader::WeRead).media;
        assert_eq!((small.width, small.height), (2048, 9));
        assert!(small.bytes.len() <= large.bytes.len().max(20_000));
        let wide = drawing(3000, 2000, false);
        let apple = prepared(&wide, Reader::Apple).media;
        assert!(u64::from(apple.width) * u64::from(apple.height) <= 5_600_000);
    }
}
