//! Images as XObjects: a JPEG passes through as it is, if its colours are known; everything else is stored as pixels, with its opacity apart.

use super::internal;
use super::object::Piece;
use crate::cache::{Cache, Key};
use crate::diagnostic::Diagnostic;
use crate::document::{Format, Media};
use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};
use std::path::Path;

/// The resource name of an image: from its path, so that it never changes.
pub(super) fn name(path: &Path) -> String {
    let hash = crate::source::fingerprint(crate::source::shown(path).as_bytes());
    format!("I{hash:016x}")
}

/// An image. One that is stored as pixels is kept by the bytes that these were read from.
pub(super) fn made(media: &Media, cache: &Cache) -> Result<Piece, Diagnostic> {
    let mut document = Document::new();
    if let Some(image) = passed(&mut document, media) {
        return Piece::of(document, image);
    }
    cache.made(Key::of("PDF: picture", &*media.bytes), || {
        let image = pixels(&mut document, media).map_err(|reason| internal(&reason))?;
        Piece::of(document, image)
    })
}

/// Adds a JPEG as it is, if it is one whose colours are known.
fn passed(document: &mut Document, media: &Media) -> Option<ObjectId> {
    let components = (media.format == Format::Jpeg).then(|| jpeg_components(&media.bytes))??;
    let mut header = image(media.width, media.height, "DeviceRGB");
    header.set("ColorSpace", space(document, media, components)?);
    header.set("Filter", Object::Name(b"DCTDecode".to_vec()));
    if components == 4 {
        // Adobe's four-colour JPEG is stored inverted.
        header.set("Decode", Object::Array([1, 0, 1, 0, 1, 0, 1, 0].map(Object::from).to_vec()));
    }
    Some(document.add_object(Stream::new(header, media.bytes.to_vec()).with_compression(false)))
}

/// Adds an image as pixels. The error says why it cannot be read.
fn pixels(document: &mut Document, media: &Media) -> Result<ObjectId, String> {
    let picture = media.decode()?;
    let grey = picture.is_grey();
    let data = if grey { picture.pixels().iter().map(|[red, ..]| *red).collect() } else { picture.rgb };
    let mut header = image(picture.width, picture.height, if grey { "DeviceGray" } else { "DeviceRGB" });
    if let Some(alpha) = picture.alpha {
        let mask = document.add_object(Stream::new(image(picture.width, picture.height, "DeviceGray"), alpha));
        header.set("SMask", Object::Reference(mask));
    }
    Ok(document.add_object(Stream::new(header, data)))
}

/// The colour space of a JPEG that passes through. Four colours mean nothing without their profile: `None` where there is none,
/// and the picture is stored as what it looks like on a screen (ISO 19005-2, 6.2.4.3).
fn space(document: &mut Document, media: &Media, components: u8) -> Option<Object> {
    match components {
        1 => Some(Object::Name(b"DeviceGray".to_vec())),
        3 => Some(Object::Name(b"DeviceRGB".to_vec())),
        _ => {
            let profile = media.profile().filter(|profile| is_cmyk(profile))?;
            let stream = document.add_object(Stream::new(dictionary! { "N" => 4 }, profile));
            Some(Object::Array(vec!["ICCBased".into(), stream.into()]))
        }
    }
}

/// Whether a colour profile is one of four colours that PDF/A-2 takes (ISO 19005-2, 6.2.4.2; ICC.1, 7.2).
fn is_cmyk(profile: &[u8]) -> bool {
    let class = profile.get(12..16).is_some_and(|class| [&b"prtr"[..], b"mntr", b"scnr", b"spac"].contains(&class));
    class && profile.get(16..20) == Some(b"CMYK") && profile.get(8).is_some_and(|version| *version < 5)
}

fn image(width: u32, height: u32, space: &str) -> Dictionary {
    dictionary! {
        "Type" => "XObject",
        "Subtype" => "Image",
        "Width" => i64::from(width),
        "Height" => i64::from(height),
        "ColorSpace" => Object::Name(space.as_bytes().to_vec()),
        "BitsPerComponent" => 8,
    }
}

/// The number of colour components in a JPEG's frame header. `None` where there is no such header.
fn jpeg_components(bytes: &[u8]) -> Option<u8> {
    let mut at = 2;
    loop {
        let marker = *bytes.get(at + 1)?;
        if *bytes.get(at)? != 0xff {
            return None;
        }
        let frame = (0xc0..=0xcf).contains(&marker) && ![0xc4, 0xc8, 0xcc].contains(&marker);
        if frame {
            return bytes.get(at + 9).copied().filter(|count| [1, 3, 4].contains(count));
        }
        let length = usize::from(u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?]));
        at += 2 + length;
    }
}
