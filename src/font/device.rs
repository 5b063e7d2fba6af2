//! Which characters the fonts of a reader's device can be trusted to have: the letters of Europe and their marks, and the
//! characters of the standard that fonts of a region were made for.

use crate::manifest::Region;
use encoding_rs::{BIG5, Encoding, GBK, SHIFT_JIS};

/// The character set that fonts of a region hold.
fn standard(region: Region) -> &'static Encoding {
    match region {
        Region::China => GBK,
        Region::Taiwan | Region::HongKong => BIG5,
        Region::Japan => SHIFT_JIS,
    }
}

/// Blocks that every device has, whatever its region: letters of Europe, marks, letterlike forms, enclosed numbers, drawn boxes,
/// marks and kana, wide forms, pictures.
const EVERYWHERE: [(char, char); 9] = [
    ('\0', '\u{24F}'),
    ('\u{2B0}', '\u{52F}'),
    ('\u{1E00}', '\u{206F}'),
    ('\u{20A0}', '\u{22FF}'),
    ('\u{2460}', '\u{25FF}'),
    ('\u{3000}', '\u{312F}'),
    ('\u{FE00}', '\u{FE4F}'),
    ('\u{FF00}', '\u{FFEF}'),
    ('\u{1F300}', '\u{1FAFF}'),
];

/// Whether devices of a region are likely to show a character. Where not, a book brings its own.
pub fn is_on_devices(c: char, region: Region) -> bool {
    EVERYWHERE.iter().any(|(first, last)| (*first..=*last).contains(&c)) || {
        let mut buffer = [0; 4];
        let (_, _, unknown) = standard(region).encode(c.encode_utf8(&mut buffer));
        // What a standard leaves to private use no two fonts have alike.
        !unknown && !crate::script::is_private(c)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_characters_are_those_beyond_the_regions_standard() {
        let common = |c| is_on_devices(c, Region::China);
        assert!("中国ā①。é漢囍".chars().all(common));
        assert!(!"𠮷㐂鿫\u{E000}☑".chars().any(common));
        assert!(is_on_devices('国', Region::Japan) && !is_on_devices('们', Region::Japan));
    }
}
