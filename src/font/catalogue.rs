//! The font files that the binary carries.

use super::Role;
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
    pub roles: [Option<Role>; 2],
    /// Whether it stands in for every other, behind those of its role (fonts/README.md).
    pub fallback: bool,
    /// The font.
    pub font: Apart,
}

macro_rules! part {
    ($name:literal, $part:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".", $part))
    };
}

macro_rules! files {
    ($($name:literal $family:literal $bold:literal $italic:literal [$one:expr, $other:expr] $fallback:literal)*) => {
        /// Every file, in the order of fallback.
        pub static FILES: &[File] = &[$(File {
            name: $name,
            family: $family,
            bold: $bold,
            italic: $italic,
            roles: [$one, $other],
            fallback: $fallback,
            font: Apart { places: part!($name, "places"), rest: part!($name, "rest"), outlines: part!($name, "outlines") },
        }),*];
    };
}

files! {
    "NotoSerifSC-Regular" "Noto Serif SC" false false [Some(Role::Serif), None] true
    "NotoSerifSC-Bold" "Noto Serif SC" true false [Some(Role::Serif), None] false
    "NotoSansSC-Regular" "Noto Sans SC" false false [Some(Role::Sans), None] true
    "NotoSansSC-Bold" "Noto Sans SC" true false [Some(Role::Sans), None] false
    "WenKaiBook-Regular" "WenKai Book" false false [Some(Role::Kai), Some(Role::FangSong)] false
    "IosevkaCharonMono-Regular" "Iosevka Charon Mono" false false [Some(Role::Mono), None] false
    "IosevkaCharonMono-Bold" "Iosevka Charon Mono" true false [Some(Role::Mono), None] false
    "SourceSerif4-Italic" "Source Serif 4" false true [None, None] false
    "SourceSerif4-BoldItalic" "Source Serif 4" true true [None, None] false
    "NotoSerifCJKSC-ExtB" "Noto Serif CJK SC ExtB" false false [None, None] true
    "STIXTwoMath-Regular" "STIX Two Math" false false [Some(Role::Math), None] true
    "NotoSansSymbols2-Regular" "Noto Sans Symbols 2" false false [None, None] true
    "NotoEmoji-Regular" "Noto Emoji" false false [None, None] true
}
