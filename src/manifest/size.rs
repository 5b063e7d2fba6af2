//! Sizes in the manifest: type sizes by name or in points, trims by name or in millimetres.

use crate::length::Length;
use serde::{Deserialize, Deserializer, de::Error};

/// Type sizes by name, in points (TYPOGRAPHY.md 7).
pub const TYPE_SIZES: &[(&str, f64)] = &[
    ("初号", 42.0),
    ("小初", 36.0),
    ("一号", 26.0),
    ("小一", 24.0),
    ("二号", 22.0),
    ("小二", 18.0),
    ("三号", 16.0),
    ("小三", 15.0),
    ("四号", 14.0),
    ("小四", 12.0),
    ("五号", 10.5),
    ("小五", 9.0),
    ("六号", 7.5),
];

/// Trims and e-reader screens by name, in millimetres.
const PAGES: &[(&str, f64, f64)] = &[
    ("a4", 210.0, 297.0),
    ("a5", 148.0, 210.0),
    ("b5", 176.0, 250.0),
    ("16k", 185.0, 260.0),
    ("32k", 130.0, 184.0),
    ("d32k", 140.0, 203.0),
    ("e6", 90.0, 122.0),
    ("e7.8", 118.0, 158.0),
    ("e10.3", 157.0, 210.0),
];

/// A length written as a type size (`五号`) or with a unit (`10.5pt`, `3mm`, `1cm`, `0.5in`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(Length);

impl Size {
    /// 五号, the usual size of a book's body.
    pub fn body() -> Size {
        Size(Length::pt(10.5))
    }

    /// The length.
    pub fn length(self) -> Length {
        self.0
    }

    fn parse(text: &str) -> Option<Size> {
        if let Some((_, points)) = TYPE_SIZES.iter().find(|(name, _)| *name == text) {
            return Some(Size(Length::pt(*points)));
        }
        let units = [("pt", 1.0), ("mm", 72.0 / 25.4), ("cm", 72.0 / 2.54), ("in", 72.0)];
        let (number, factor) = units.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?.trim(), factor)))?;
        let value: f64 = number.parse().ok()?;
        (value.is_finite() && (0.0..10_000.0).contains(&value)).then(|| Size(Length::pt(value * factor)))
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Size::parse(&text).ok_or_else(|| D::Error::custom(format!("\"{text}\" is no size; write 五号, 10.5pt or 3mm")))
    }
}

/// The trim size of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize {
    /// Width.
    pub width: Length,
    /// Height.
    pub height: Length,
    /// Whether it is the screen of an e-reader, whose pages are no leaves.
    pub screen: bool,
}

impl Default for PageSize {
    fn default() -> Self {
        PageSize { width: Length::mm(148.0), height: Length::mm(210.0), screen: false }
    }
}

impl<'de> Deserialize<'de> for PageSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Name(String),
            Free { width: Size, height: Size },
        }
        match Written::deserialize(deserializer)? {
            Written::Name(name) => {
                let found = PAGES.iter().find(|(known, ..)| known.eq_ignore_ascii_case(&name));
                let names: Vec<&str> = PAGES.iter().map(|(known, ..)| *known).collect();
                let (_, width, height) = found.ok_or_else(|| {
                    D::Error::custom(format!(
                        "\"{name}\" is no page; known are {}, or {{ width = \"148mm\", height = \"210mm\" }}",
                        names.join(", ")
                    ))
                })?;
                Ok(PageSize { width: Length::mm(*width), height: Length::mm(*height), screen: name.to_ascii_lowercase().starts_with('e') })
            }
            Written::Free { width, height } => {
                let (width, height) = (width.length(), height.length());
                let smallest = Length::mm(40.0);
                if width < smallest || height < smallest {
                    return Err(D::Error::custom("a page must be at least 40 mm wide and high"));
                }
                Ok(PageSize { width, height, screen: false })
            }
        }
    }
}
