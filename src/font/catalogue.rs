//! The font files that the binary carries.

use super::apart::Apart;

/// One file of `fonts/`.
pub struct File {
    /// Its PostScript name, which is also its file name.
    pub name: &'static str,
    /// The family, as a manifest and a stylesheet name it.
    pub family: &'static str,
    /// Bold.
    pub bold: bool,
    /// Italic.
    pub italic: bool,
    /// The roles that it takes where the manifest names no other font.
    pub roles: &'static [&'static str],
    /// The font.
    pub font: Apart,
}

macro_rules! part {
    ($name:literal, $part:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".", $part))
    };
}

macro_rules! files {
    ($($name:literal $family:literal $bold:literal $italic:literal [$($role:literal),*])*) => {
        /// Every file, in the order of fallback within a role.
        pub static FILES: &[File] = &[$(File {
            name: $name,
            family: $family,
            bold: $bold,
            italic: $italic,
            roles: &[$($role),*],
            font: Apart { rest: part!($name, "rest"), outlines: part!($name, "outlines"), places: part!($name, "places") },
        }),*];
    };
}

files! {
    "NotoSerifSC-Regular" "Noto Serif SC" false false ["serif"]
    "NotoSerifSC-Bold" "Noto Serif SC" true false ["serif"]
    "NotoSansSC-Regular" "Noto Sans SC" false false ["sans"]
    "NotoSansSC-Bold" "Noto Sans SC" true false ["sans"]
    "WenKaiBook-Regular" "WenKai Book" false false ["kai", "fangsong"]
    "IosevkaCharonMono-Regular" "Iosevka Charon Mono" false false ["mono"]
    "IosevkaCharonMono-Bold" "Iosevka Charon Mono" true false ["mono"]
    "SourceSerif4-Italic" "Source Serif 4" false true []
    "SourceSerif4-BoldItalic" "Source Serif 4" true true []
    "NotoSerifCJKSC-ExtB" "Noto Serif CJK SC ExtB" false false []
    "STIXTwoMath-Regular" "STIX Two Math" false false ["math"]
    "NotoSansSymbols2-Regular" "Noto Sans Symbols 2" false false []
    "NotoEmoji-Regular" "Noto Emoji" false false []
}
