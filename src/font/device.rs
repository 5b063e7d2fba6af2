//! Which characters the fonts of a reader's device can be trusted to have: the letters of Europe and their marks, and the
//! characters of the standard that fonts of a region were made for.

use crate::manifest::Region;
use crate::script::Seen;
use encoding_rs::{BIG5, Encoding, GBK, SHIFT_JIS};
use std::sync::OnceLock;

/// The character set that fonts of a region hold.
fn standard(region: Region) -> &'static Encoding {
    match region {
        Region::China => GBK,
        Region::Taiwan | Region::HongKong => BIG5,
        Region::Japan => SHIFT_JIS,
    }
}

/// The characters of the first plane in the standard of a region: what its pairs of bytes stand for. It is looked for there, and not
/// asked of each character, for to find a character's bytes the tables are gone through.
fn characters(region: Region) -> &'static Seen {
    static ALL: [OnceLock<Seen>; 3] = [const { OnceLock::new() }; 3];
    let [china, taiwan, japan] = &ALL;
    let (all, first) = match region {
        Region::China => (china, 0x81),
        // What lies before is Hong Kong's, and no font of the region need have it.
        Region::Taiwan | Region::HongKong => (taiwan, 0xa1),
        Region::Japan => (japan, 0x81),
    };
    all.get_or_init(|| {
        let pairs: Vec<u8> = (first..=0xfe).flat_map(|lead| (0x40..=0xfe).flat_map(move |trail| [lead, trail])).collect();
        let found = Seen::none();
        let (text, _) = standard(region).decode_without_bom_handling(&pairs);
        for c in text.chars().filter(|c| *c != char::REPLACEMENT_CHARACTER) {
            found.add(c);
        }
        found
    })
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
        let known = if c < '\u{10000}' { characters(region).has(c) } else { is_encoded(c, region) };
        // What a standard leaves to private use no two fonts have alike.
        known && !crate::script::is_private(c)
    }
}

/// Whether the standard of a region has bytes for a character.
fn is_encoded(c: char, region: Region) -> bool {
    let (_, _, unknown) = standard(region).encode(c.encode_utf8(&mut [0; 4]));
    !unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pairs_stand_for_is_what_has_bytes() {
        for region in [Region::China, Region::Taiwan, Region::Japan] {
            let everywhere = |c: char| EVERYWHERE.iter().any(|(first, last)| (*first..=*last).contains(&c));
            for c in ('\0'..'\u{10000}').filter(|c| !everywhere(*c) && !crate::script::is_private(*c)) {
                assert_eq!(characters(region).has(c), is_encoded(c, region), "{region:?}: U+{:04X}", c as u32);
            }
        }
    }

    #[test]
    fn rare_characters_are_those_beyond_the_regions_standard() {
        let common = |c| is_on_devices(c, Region::China);
        assert!("中国ā①。é漢囍".chars().all(common));
        assert!(!"𠮷㐂鿫\u{E000}☑".chars().any(common));
        assert!(is_on_devices('国', Region::Japan) && !is_on_devices('们', Region::Japan));
    }
}
