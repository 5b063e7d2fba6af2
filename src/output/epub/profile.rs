//! What each family of readers accepts, and what it breaks on: one row of data each, so that one source becomes a book that
//! reads well on all of them. Each value names where it is from; what only practice tells is said to be so.
//!
//! Sources: the Kindle Publishing Guidelines (KPG, sections of 2019 and of March 2026) and Amazon's help on images, covers and languages;
//! Kobo's epub-spec on GitHub; the Apple Books Asset Guide 5.3; EPUB 3.3. For WeRead, Duokan and their like there is no public
//! document: what Chinese bookmakers found is followed.

use crate::document::Format;

/// The readers that a book can be made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reader {
    /// Any that keeps to EPUB 3.3: Thorium, Readium, KOReader, Calibre.
    Generic,
    /// Kindle, through KDP or Send to Kindle.
    Kindle,
    /// Kobo, as a kepub.
    Kobo,
    /// Apple Books.
    Apple,
    /// 微信读书, 掌阅, 多看, QQ 阅读.
    WeRead,
}

/// How a note and its mark are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteForm {
    /// Each note an `aside`, which readers show beside its mark: EPUB 3, Kindle (KPG 10.3.12), Apple, Kobo, KOReader.
    Asides,
    /// One list of notes, each mark a small image that says the note: what Duokan began, and WeRead and QQ Reader took over.
    Duokan,
}

/// What a family of readers takes.
#[derive(Debug)]
pub struct Profile {
    /// Which.
    pub reader: Reader,
    /// Its name on the command line.
    pub name: &'static str,
    /// What follows the book's name.
    pub suffix: &'static str,
    /// Formats of images that it shows. Kindle: KPG 10.4.1; Apple: JPEG or PNG, SVG "sparingly"; Kobo: JPG, PNG, SVG;
    /// EPUB 3.3 (3.2) adds WebP.
    pub formats: &'static [Format],
    /// Whether transparent parts stay so. Kindle and Kobo ask for none.
    pub transparency: bool,
    /// Pixels of an image at the most, width by height. Apple: 5.6 million.
    pub most_pixels: u64,
    /// Pixels of an image's longer side at the most: twice what the readers of the family show.
    pub longest_side: u32,
    /// Bytes of an image at the most. Kobo advises 5 MB; Kindle asked for it until 2014 and is said to still.
    pub most_bytes: usize,
    /// Whether the cover has a page of its own. Kindle shows it twice then (KPG 4).
    pub cover_page: bool,
    /// Shortest and longest side of a cover, pixels at the least. Kindle: 625 and 1000 (KDP cover); Apple: 1400 the shorter.
    pub cover_least: (u32, u32),
    /// How notes are written.
    pub notes: NoteForm,
    /// Whether boxes of two lines in one can be told: they need `inline-block`, `position`. Without, such a note is small and in
    /// brackets (KPG 10 forbids `position`).
    pub double_lines: bool,
    /// Whether mathematics is MathML. Kindle: KPG 10.6; Kobo: all but Windows.
    pub math: bool,
    /// Levels of the navigation map that are shown. Kindle: two (KPG 5.2); Kobo: three.
    pub toc_depth: usize,
    /// Bytes of the whole book at the most. Send to Kindle: 200 MB; Kobo: 1 GB; Apple: 2 GB; WeRead: 50 MB, by users' word.
    pub most_book: usize,
    /// Whether Chinese is told by region: Kindle chooses its fonts by zh-CN, zh-TW, zh-HK.
    pub regional_chinese: bool,
    /// Languages that its shop takes, by primary subtag, among those that these books are written in; empty for any. Kindle: KDP's
    /// list of supported languages.
    pub languages: &'static [&'static str],
    /// Whether obfuscated fonts are known to be read. Kobo: since 2017.
    pub obfuscation: bool,
    /// Whether embedded fonts show only where the package says so (Apple's `ibooks:specified-fonts`).
    pub specified_fonts: bool,
    /// Whether sentences are in numbered spans, as Kobo's own reader wants them.
    pub spans: bool,
    /// Columns of a table at the most (KPG 10.5.1).
    pub table_columns: usize,
    /// Rows of a table at the most.
    pub table_rows: usize,
}

use Format::{Gif, Jpeg, Png, Svg, Webp};

/// What every reader of EPUB 3.3 takes; the others differ from it.
const GENERIC: Profile = Profile {
    reader: Reader::Generic,
    name: "generic",
    suffix: ".epub",
    formats: &[Png, Jpeg, Gif, Webp, Svg],
    transparency: true,
    most_pixels: u64::MAX,
    longest_side: 4096,
    most_bytes: usize::MAX,
    cover_page: true,
    cover_least: (0, 0),
    notes: NoteForm::Asides,
    double_lines: true,
    math: true,
    toc_depth: usize::MAX,
    most_book: usize::MAX,
    regional_chinese: false,
    languages: &[],
    obfuscation: true,
    specified_fonts: false,
    spans: false,
    table_columns: usize::MAX,
    table_rows: usize::MAX,
};

/// Every profile.
pub static PROFILES: [Profile; 5] = [
    GENERIC,
    Profile {
        reader: Reader::Kindle,
        name: "kindle",
        suffix: "-kindle.epub",
        formats: &[Png, Jpeg, Gif],
        transparency: false,
        longest_side: 2560,
        most_bytes: 5_000_000,
        cover_page: false,
        cover_least: (625, 1000),
        double_lines: false,
        toc_depth: 2,
        most_book: 200_000_000,
        regional_chinese: true,
        languages: &["zh", "ja", "en", "de", "fr", "es", "it", "pt", "nl", "la"],
        obfuscation: false,
        table_columns: 10,
        table_rows: 100,
        ..GENERIC
    },
    Profile {
        reader: Reader::Kobo,
        name: "kobo",
        suffix: ".kepub.epub",
        formats: &[Png, Jpeg, Gif, Svg],
        transparency: false,
        longest_side: 2560,
        most_bytes: 5_000_000,
        toc_depth: 3,
        most_book: 1_000_000_000,
        spans: true,
        ..GENERIC
    },
    Profile {
        reader: Reader::Apple,
        name: "apple",
        suffix: "-apple.epub",
        formats: &[Png, Jpeg, Svg],
        most_pixels: 5_600_000,
        cover_least: (1400, 1400),
        most_book: 2_000_000_000,
        specified_fonts: true,
        ..GENERIC
    },
    Profile {
        reader: Reader::WeRead,
        name: "weread",
        suffix: "-weread.epub",
        formats: &[Png, Jpeg, Gif],
        longest_side: 2048,
        notes: NoteForm::Duokan,
        double_lines: false,
        math: false,
        toc_depth: 3,
        most_book: 50_000_000,
        regional_chinese: true,
        obfuscation: false,
        ..GENERIC
    },
];

impl Profile {
    /// The profile of a reader.
    pub fn of(reader: Reader) -> &'static Profile {
        PROFILES.iter().find(|profile| profile.reader == reader).unwrap_or(&PROFILES[0])
    }

    /// A language tag as the reader knows it: zh-Hans-CN is zh-CN to Kindle.
    pub fn language(&self, tag: &str) -> String {
        let lower = tag.to_ascii_lowercase();
        let has = |part: &str| lower.split('-').any(|own| own == part);
        if !self.regional_chinese || !(has("zh") || has("yue") || has("lzh")) {
            return tag.to_owned();
        }
        let region = if has("hk") || has("mo") {
            "HK"
        } else if has("tw") || has("hant") {
            "TW"
        } else {
            "CN"
        };
        format!("zh-{region}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reader_is_told_the_language_as_it_knows_it() {
        let kindle = |tag| Profile::of(Reader::Kindle).language(tag);
        assert_eq!(["zh-Hans-CN", "zh-Hant-HK", "zh-Hant", "en-GB", "ja"].map(kindle), ["zh-CN", "zh-HK", "zh-TW", "en-GB", "ja"]);
        assert_eq!(Profile::of(Reader::Kobo).language("zh-Hans-CN"), "zh-Hans-CN");
    }

    #[test]
    fn names_and_suffixes_are_told_apart() {
        for (at, one) in PROFILES.iter().enumerate() {
            assert!(PROFILES[at + 1..].iter().all(|other| one.name != other.name && one.suffix != other.suffix));
        }
    }
}
