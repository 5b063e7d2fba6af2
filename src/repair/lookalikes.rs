//! Which characters stand for which in damaged texts: the forms of 火星文 and of scrapers, signs and letters of other scripts that
//! look like a Han character, and the traditional forms, which a library knows.

use std::sync::OnceLock;
use unicode_normalization::UnicodeNormalization;

/// What kind of character a form is by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// As good as never written in the prose of today.
    Rare,
    /// Written today in words of two or more characters alone.
    Bound,
    /// Written today, with a meaning of its own.
    Common,
    /// The traditional form of another, of which simplified Chinese has no use.
    Traditional,
    /// No Han character.
    Sign,
    /// The same character under another number: a radical, or one that Unicode keeps for old encodings.
    Double,
}

#[path = "forms.rs"]
mod forms;

struct Entry {
    kind: Kind,
    meant: Vec<char>,
}

struct Table {
    /// For each character of the basic plane, its entry and one; 0 has none.
    index: Vec<u16>,
    entries: Vec<Entry>,
    /// Characters that only simplified Chinese has, sorted.
    simplified: Vec<char>,
}

#[expect(clippy::indexing_slicing, reason = "a slot that is not 0 is an entry's number; the built-in tables make a few thousand")]
fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table { index: vec![0; 0x1_0000], entries: Vec::new(), simplified: Vec::new() };
        let mut put = |form: char, meant: char, kind: Kind| {
            let Some(slot) = table.index.get_mut(form as usize) else { return };
            if form == meant {
                return;
            }
            if *slot == 0 {
                table.entries.push(Entry { kind, meant: Vec::new() });
                *slot = table.entries.len() as u16;
            }
            let entry = &mut table.entries[usize::from(*slot) - 1];
            if !entry.meant.contains(&meant) {
                entry.meant.push(meant);
            }
        };
        for form in ('\u{2f00}'..='\u{2fd5}').chain('\u{f900}'..='\u{faff}') {
            let mut same = std::iter::once(form).nfkc();
            if let (Some(meant), None) = (same.next(), same.next()) {
                put(form, meant, Kind::Double);
            }
        }
        for (meant, form) in forms::RADICALS {
            put(*form, *meant, Kind::Double);
        }
        for (kind, pairs) in
            [(Kind::Rare, forms::RARE), (Kind::Bound, forms::BOUND), (Kind::Common, forms::COMMON), (Kind::Sign, forms::SIGNS)]
        {
            for (meant, forms) in pairs {
                forms.chars().for_each(|form| put(form, *meant, kind));
            }
        }
        let single = |text: &str| {
            let mut characters = text.chars();
            characters.next().filter(|_| characters.next().is_none())
        };
        for (form, meant) in hanconv::RawDictionary::TSCharacters.iter() {
            if let (Some(form), Some(meant)) = (single(form), single(meant)) {
                put(form, meant, if is_in_gb2312(form) || forms::NAMES.contains(form) { Kind::Common } else { Kind::Traditional });
            }
        }
        let known = hanconv::RawDictionary::STCharacters.iter();
        let only = known.filter_map(|(form, other)| single(form).filter(|form| single(other) != Some(*form) && !is_in_big5(*form)));
        table.simplified = only.collect();
        table.simplified.sort_unstable();
        table
    })
}

fn entry(c: char) -> Option<&'static Entry> {
    let table = table();
    let slot = usize::from(*table.index.get(c as usize)?);
    table.entries.get(slot.checked_sub(1)?)
}

/// Whether a character is among the 6,763 of GB 2312, which are those of simplified Chinese.
fn is_in_gb2312(c: char) -> bool {
    let text = c.to_string();
    let (bytes, _, unknown) = encoding_rs::GBK.encode(&text);
    !unknown && matches!(*bytes, [0xb0..=0xf7, 0xa1..=0xfe])
}

/// Whether a character is among those of Big5, which are those of traditional Chinese.
pub(super) fn is_in_big5(c: char) -> bool {
    let text = c.to_string();
    !encoding_rs::BIG5.encode(&text).2
}

/// The kind of a form that may stand for another character.
pub(super) fn kind(c: char) -> Option<Kind> {
    if c.is_ascii() { None } else { entry(c).map(|entry| entry.kind) }
}

/// The characters that a form may stand for, the likeliest first.
pub(super) fn meant(c: char) -> impl Iterator<Item = char> {
    entry(c).map_or(&[][..], |entry| &entry.meant).iter().copied()
}

/// The character that a form stands for most often; any other as it is.
pub fn fold(c: char) -> char {
    if c.is_ascii() { c } else { meant(c).next().unwrap_or(c) }
}

/// Whether it is a form that only traditional Chinese has.
pub(super) fn is_traditional(c: char) -> bool {
    kind(c) == Some(Kind::Traditional)
}

/// Whether it is a form that only simplified Chinese has.
pub(super) fn is_simplified(c: char) -> bool {
    !c.is_ascii() && table().simplified.binary_search(&c).is_ok()
}

/// Whether a text is written in traditional characters: most of those that have two forms.
pub fn is_in_traditional_characters(text: &str) -> bool {
    let (old, new) = text.chars().fold((0, 0), |(old, new), c| (old + usize::from(is_traditional(c)), new + usize::from(is_simplified(c))));
    old > new
}
