//! The codes of glyphs: the two bytes by which a page shows one. What is frequent has a code that hangs on its character alone, so
//! that a page can be written before it is known what stands on others, and small, so that pages pack well. Others get theirs once
//! all are known, and the pages that show them are completed. The font's own numbers are found through a map (`CIDToGIDMap`,
//! ISO 32000-1, 9.7.4.2).

use super::internal;
use crate::diagnostic::Diagnostic;
use crate::font::{Face, FaceId, Fonts};
use crate::layout::{Glyph, Run, Turn};
use crate::script::{self, bits_of};
use crate::source::fingerprint;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, OnceLock};

/// The text of a glyph: most stand for one character.
pub(super) type Text = (char, Option<Box<str>>);

/// A glyph of a face and the text that it stands for.
pub(super) type Pair = (u16, Text);

/// What a font resource is of: a face, whether its glyphs stand in columns, for a font of a PDF writes one way, and which of its
/// layers: one cannot hold every character of a large face.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct Key {
    pub face: FaceId,
    pub upright: bool,
    pub layer: u8,
}

/// Marks, letters, and the characters of GB 2312 and of the first level of Big5 by how often jieba's dictionary has them, a
/// traditional one by its simplified one.
const FREQUENT: &str = include_str!("frequent.txt");

/// The first code of what is not frequent.
const OTHERS: u16 = 8192;

/// How many codes from there on are tried first: the map of a font reaches as far as its codes.
const ROOM: u16 = 16384;

/// The frequent characters; the code of each is its rank, from 1.
static CHARACTERS: LazyLock<Vec<char>> = LazyLock::new(|| FREQUENT.chars().take(usize::from(OTHERS) - 1).collect());

/// The ranks of the characters of the first plane; 0 is none.
static RANKS: LazyLock<Vec<u16>> = LazyLock::new(|| {
    let mut ranks = vec![0; 0x10000];
    for (rank, c) in (1..OTHERS).zip(CHARACTERS.iter()) {
        if let Some(known) = ranks.get_mut(*c as usize) {
            *known = rank;
        }
    }
    ranks
});

/// Finds codes; each thread may.
pub(super) struct Coder<'a> {
    fonts: &'a Fonts,
    /// By face, across and in columns: by the rank of a frequent character the glyph that shows it, and its width.
    known: Vec<[OnceLock<Vec<AtomicU32>>; 2]>,
}

/// That nothing is looked up yet, and that a character has no glyph; else a glyph and its width, each in its part of a number. No face
/// has a glyph of the highest number.
const UNKNOWN: u32 = u32::MAX;
const NONE: u32 = UNKNOWN - 1;

/// The code of a glyph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    Known(u16),
    /// By its number among the others that are shown.
    Other(u32),
}

/// How a glyph is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coded {
    pub layer: u8,
    pub code: Code,
    /// Its width as the PDF states it, in whole thousandths of an em, cut off as printpdf has it.
    pub width: i32,
}

/// The characters after the first of one of the others, and its number.
type Numbered = (Option<Box<str>>, u32);

/// What some pages show.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Shown {
    /// By font resource the codes of frequent characters, a bit each. Pages show few fonts, and most glyphs are of the first.
    frequent: Vec<(Key, Vec<u64>)>,
    /// The others, by their numbers.
    pub others: Vec<(Key, Pair)>,
    /// Needed only while more is shown.
    #[serde(skip)]
    numbers: BTreeMap<(Key, u16, char), Vec<Numbered>>,
}

impl Shown {
    fn frequent(&mut self, key: Key, code: u16) {
        let place = self.frequent.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
            self.frequent.push((key, vec![0; usize::from(OTHERS) / 64]));
            self.frequent.len() - 1
        });
        if let Some(word) = self.frequent.get_mut(place).and_then(|(_, bits)| bits.get_mut(usize::from(code) / 64)) {
            *word |= 1 << (code % 64);
        }
    }

    fn other(&mut self, key: Key, glyph: &Glyph) -> u32 {
        let known = self.numbers.entry((key, glyph.id, glyph.text)).or_default();
        if let Some((_, number)) = known.iter().find(|(more, _)| *more == glyph.more) {
            return *number;
        }
        let number = self.others.len() as u32;
        known.push((glyph.more.clone(), number));
        self.others.push((key, (glyph.id, (glyph.text, glyph.more.clone()))));
        number
    }
}

impl<'a> Coder<'a> {
    pub fn new(fonts: &'a Fonts) -> Coder<'a> {
        Coder { fonts, known: fonts.faces().map(|_| Default::default()).collect() }
    }

    /// Shows a glyph of a run.
    pub fn show(&self, run: &Run, glyph: &Glyph, shown: &mut Shown) -> Coded {
        let key = Key { face: run.face, upright: run.turn == Turn::Upright, layer: 0 };
        if let Some((code, width)) = self.known(key, glyph) {
            shown.frequent(key, code);
            return Coded { layer: 0, code: Code::Known(code), width: width.into() };
        }
        let truetype = self.fonts.face(run.face).is_truetype();
        let layer = if truetype { (glyph.text as u32 >> 16) as u8 } else { layer(glyph) };
        let code = Code::Other(shown.other(Key { layer, ..key }, glyph));
        Coded { layer, code, width: self.width(run.face, glyph.id) }
    }

    /// The code and the width of a glyph that shows a frequent character by itself.
    fn known(&self, key: Key, glyph: &Glyph) -> Option<(u16, u16)> {
        if glyph.more.is_some() {
            return None;
        }
        let rank = RANKS.get(glyph.text as usize).copied().filter(|rank| *rank > 0)?;
        let place = self.table(key)?.get(usize::from(rank))?;
        let mut known = place.load(Ordering::Relaxed);
        if known == UNKNOWN {
            // One that is wider than any page is not frequent.
            let found = self.glyph(key, glyph.text).and_then(|own| Some((own, u16::try_from(self.width(key.face, own)).ok()?)));
            known = found.map_or(NONE, |(own, width)| u32::from(own) << 16 | u32::from(width));
            place.store(known, Ordering::Relaxed);
        }
        (known < NONE && known >> 16 == u32::from(glyph.id)).then_some((rank, known as u16))
    }

    /// What is known of a face; nothing of one without TrueType outlines, which has no map from codes to glyphs.
    #[expect(clippy::indexing_slicing, reason = "each face has two tables, and `upright` is 0 or 1")]
    fn table(&self, key: Key) -> Option<&[AtomicU32]> {
        let face = self.fonts.face(key.face);
        let tables = self.known.get(usize::from(key.face.0))?;
        let table = tables[usize::from(key.upright)].get_or_init(|| {
            let count = if face.is_truetype() { CHARACTERS.len() + 1 } else { 0 };
            (0..count).map(|_| AtomicU32::new(UNKNOWN)).collect()
        });
        Some(table)
    }

    /// The glyph that shows a character when nothing else is said.
    fn glyph(&self, key: Key, c: char) -> Option<u16> {
        let form = if key.upright && !script::is_han(c) { self.fonts.column_form(key.face, c) } else { None };
        form.or_else(|| self.fonts.face(key.face).glyph(c).map(|glyph| self.fonts.localised(key.face, glyph)))
    }

    fn width(&self, face: FaceId, glyph: u16) -> i32 {
        stated(self.fonts.face(face), glyph)
    }

    /// Gives codes to all that is shown by several.
    ///
    /// # Errors
    ///
    /// More characters of one face than there are codes.
    pub fn assign<'s>(&self, shown: impl Iterator<Item = &'s Shown>) -> Result<Codes, Diagnostic> {
        let mut bits: BTreeMap<Key, Vec<u64>> = BTreeMap::new();
        let mut others: BTreeMap<Key, BTreeSet<Pair>> = BTreeMap::new();
        for shown in shown {
            for (key, words) in &shown.frequent {
                let known = bits.entry(*key).or_insert_with(|| vec![0; words.len()]);
                known.iter_mut().zip(words).for_each(|(known, word)| *known |= word);
            }
            for (key, pair) in &shown.others {
                others.entry(*key).or_default().insert(pair.clone());
            }
        }
        let mut codes = Codes::default();
        for (key, words) in bits {
            let own = codes.resources.entry(key).or_default();
            let shown = bits_of(&words).filter_map(|code| {
                let c = *CHARACTERS.get(usize::from(code).checked_sub(1)?)?;
                Some((code, (self.glyph(key, c)?, (c, None))))
            });
            own.extend(shown);
        }
        for (key, pairs) in others {
            let own = codes.resources.entry(key).or_default();
            if self.fonts.face(key.face).is_truetype() {
                assign(own, pairs).ok_or_else(|| internal("one face shows too many characters"))?;
                let other = own.range(OTHERS..).map(|(code, pair)| ((key, pair.clone()), *code));
                codes.others.extend(other);
                continue;
            }
            // The glyphs' own numbers in the order in which they are cut, after the glyph of what has none. A glyph of several texts
            // within one layer is copied as the first of them.
            let glyphs: BTreeSet<u16> = pairs.iter().map(|(glyph, _)| *glyph).filter(|glyph| *glyph > 0).collect();
            let numbers: BTreeMap<u16, u16> = glyphs.into_iter().zip(1..).collect();
            for pair in pairs {
                let code = numbers.get(&pair.0).copied().unwrap_or(0);
                own.entry(code).or_insert_with(|| pair.clone());
                codes.others.insert((key, pair), code);
            }
        }
        Ok(codes)
    }
}

/// The codes of all that a document shows.
#[derive(Debug, Default)]
pub(super) struct Codes {
    /// By font resource what each code shows.
    pub resources: BTreeMap<Key, BTreeMap<u16, Pair>>,
    /// Those of what is not frequent.
    others: BTreeMap<(Key, Pair), u16>,
}

impl Codes {
    /// The codes of the others that some pages show, by their numbers.
    pub fn others(&self, shown: &Shown) -> Vec<u16> {
        shown.others.iter().map(|other| self.others.get(other).copied().unwrap_or(0)).collect()
    }
}

/// The width of a glyph as the PDF states it, as printpdf writes it: of the face's units whole thousandths of an em, cut off.
pub(super) fn stated(face: &Face, glyph: u16) -> i32 {
    let units = (face.advance(glyph) * f64::from(face.units()) / 1000.0).round() as u16;
    (f32::from(units) * 1000.0 / f32::from(face.units())) as i32
}

/// Where codes are the glyphs' own numbers, a glyph of several texts has a code in several layers.
fn layer(glyph: &Glyph) -> u8 {
    match glyph.text {
        script::SOFT_HYPHEN => 1,
        script::NOTHING => 2,
        _ => u8::from(glyph.more.is_some()) * 3,
    }
}

/// Gives codes to others beside those that are given, each its own as far as can be, so that it keeps it when others come; where
/// there are very many, one after another. `None` where there are not enough.
fn assign(codes: &mut BTreeMap<u16, Pair>, others: BTreeSet<Pair>) -> Option<()> {
    if others.len() > usize::from(ROOM) / 2 {
        let count = others.len();
        let mut free = OTHERS..=u16::MAX;
        codes.extend(free.by_ref().zip(others));
        return (count <= usize::from(u16::MAX - OTHERS) + 1).then_some(());
    }
    for pair in others {
        let first = wanted(&pair);
        let code = (first..=u16::MAX).chain(OTHERS..first).find(|code| !codes.contains_key(code))?;
        codes.insert(code, pair);
    }
    Some(())
}

/// The code of a pair where no other has it.
fn wanted((glyph, (c, more)): &Pair) -> u16 {
    let mut bytes = [glyph.to_be_bytes().as_slice(), &(*c as u32).to_be_bytes()].concat();
    bytes.extend(more.iter().flat_map(|more| more.bytes()));
    OTHERS + (fingerprint(&bytes) % u64::from(ROOM)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_characters_are_known_once() {
        let list: Vec<char> = FREQUENT.chars().collect();
        assert!(list.len() < usize::from(OTHERS));
        assert_eq!(list.iter().collect::<BTreeSet<_>>().len(), list.len());
        assert!(list.iter().all(|c| RANKS[*c as usize] > 0));
    }

    #[test]
    fn others_get_a_code_each_until_there_is_none() {
        let pair = |number: u32| (number as u16, (char::from_u32(0x20000 + number).unwrap(), None));
        let mut codes = BTreeMap::from([(wanted(&pair(7)), pair(1))]);
        assert!(assign(&mut codes, [pair(7), pair(8)].into()).is_some());
        assert_eq!(codes.len(), 3);
        let room = u32::from(u16::MAX - OTHERS) + 1;
        assert!(assign(&mut BTreeMap::new(), (0..room).map(pair).collect()).is_some());
        assert!(assign(&mut BTreeMap::new(), (0..=room).map(pair).collect()).is_none());
    }
}
