//! Which characters were met.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

/// Characters of the first plane that any thread has met, a bit each. Those of other planes are never among them.
#[derive(Debug)]
pub struct Seen(Box<[AtomicU64; 1024]>);

impl Seen {
    /// None yet.
    pub fn none() -> Seen {
        Seen(Box::new([const { AtomicU64::new(0) }; 1024]))
    }

    /// Whether a character is among them.
    pub fn has(&self, c: char) -> bool {
        let (word, bit) = Seen::place(c);
        self.0.get(word).is_some_and(|word| word.load(Ordering::Relaxed) & bit != 0)
    }

    /// The characters of a text that are not among them, each with its place in it, as they are when they are come to. Those that are
    /// are passed over by their bytes: most of a text is known.
    pub fn unseen<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (usize, char)> + 't {
        let mut at = 0;
        std::iter::from_fn(move || {
            at = self.known_until(text.as_bytes(), at);
            let c = text.get(at..)?.chars().next()?;
            at += c.len_utf8();
            Some((at - c.len_utf8(), c))
        })
    }

    /// The first place from `at` on of a character that is not among them, in bytes that are UTF-8: its last six bits are those of its
    /// last byte (RFC 3629, 3).
    #[expect(clippy::indexing_slicing, reason = "ten bits are less than 1,024")]
    fn known_until(&self, text: &[u8], at: usize) -> usize {
        let bits = |byte: &u8, mask: u8| usize::from(byte & mask);
        let mut rest = text.get(at..).unwrap_or_default();
        let has = |word: usize, bit: usize| self.0[word].load(Ordering::Relaxed) >> bit & 1 == 1;
        loop {
            // Most are of three bytes.
            let (threes, _) = rest.as_chunks::<3>();
            let known = threes.iter().map_while(place_of).take_while(|(word, bit)| has(*word, *bit)).count();
            rest = rest.get(known * 3..).unwrap_or_default();
            let (word, bit, after) = match rest {
                [first @ 0..=0x7f, after @ ..] => (bits(first, 0x40) >> 6, bits(first, 0x3f), after),
                [first @ 0xc0..=0xdf, second, after @ ..] => (bits(first, 0x1f), bits(second, 0x3f), after),
                _ => break,
            };
            if !has(word, bit) {
                break;
            }
            rest = after;
        }
        text.len() - rest.len()
    }

    /// Adds a character; whether it was not among them. Of two threads that add it at the same time, one hears so.
    pub fn add(&self, c: char) -> bool {
        let (word, bit) = Seen::place(c);
        self.0.get(word).is_none_or(|word| word.fetch_or(bit, Ordering::Relaxed) & bit == 0)
    }

    fn place(c: char) -> (usize, u64) {
        (c as usize / 64, 1 << (c as u32 % 64))
    }
}

/// The word and the bit of a character of three bytes; `None` where these are of others.
fn place_of([first, second, third]: &[u8; 3]) -> Option<(usize, usize)> {
    let bits = |byte: &u8, mask: u8| usize::from(byte & mask);
    (first & 0xf0 == 0xe0).then(|| (bits(first, 0xf) << 6 | bits(second, 0x3f), bits(third, 0x3f)))
}

/// The numbers of the bits that are set, of 65,536 at the most.
pub fn bits_of(words: &[u64]) -> impl Iterator<Item = u16> {
    words.iter().zip((0..).step_by(64)).flat_map(|(word, first)| {
        let rests = std::iter::successors(Some(*word), |rest| rest.checked_sub(1).map(|less| rest & less));
        rests.take_while(|rest| *rest > 0).map(move |rest| first + rest.trailing_zeros() as u16)
    })
}

/// Characters that one thread has met: those of the first plane as a bit each, and others.
#[derive(Debug)]
pub struct Characters {
    plane: Box<[u64; 1024]>,
    beyond: BTreeSet<char>,
}

impl Characters {
    /// None yet.
    pub fn none() -> Characters {
        Characters { plane: Box::new([0; 1024]), beyond: BTreeSet::new() }
    }

    /// Adds those of a text.
    #[expect(clippy::indexing_slicing, reason = "ten bits are less than 1,024, and so is a 64th of a character of the first plane")]
    pub fn add(&mut self, text: &str) {
        let mut rest = text;
        loop {
            // Most are of three bytes.
            let (threes, _) = rest.as_bytes().as_chunks::<3>();
            let mut count = 0;
            for (word, bit) in threes.iter().map_while(place_of) {
                self.plane[word] |= 1 << bit;
                count += 3;
            }
            let mut others = rest.get(count..).unwrap_or_default().chars();
            let Some(c) = others.next() else { return };
            match u16::try_from(c) {
                Ok(code) => self.plane[usize::from(code / 64)] |= 1 << (code % 64),
                Err(_) => drop(self.beyond.insert(c)),
            }
            rest = others.as_str();
        }
    }

    /// All of them, in their order.
    pub fn all(&self) -> impl Iterator<Item = char> {
        bits_of(self.plane.as_slice()).filter_map(|code| char::from_u32(code.into())).chain(self.beyond.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_found_in_order() {
        let found: Vec<u16> = bits_of(&[1 | 1 << 63, 0, 6]).collect();
        assert_eq!(found, [0, 63, 129, 130]);
        assert_eq!(bits_of(&[u64::MAX; 1024]).last(), Some(u16::MAX));
    }

    #[test]
    fn a_set_has_what_was_added() {
        let mut set = Characters::none();
        set.add("一A\u{ffff}é𠀀\0一");
        set.add("丁𠀀一");
        assert_eq!(set.all().collect::<String>(), "\0Aé一丁\u{ffff}𠀀");
    }

    #[test]
    fn what_was_added_is_there() {
        let seen = Seen::none();
        for c in ['\0', '?', '@', '一', '\u{ffff}'] {
            assert!(!seen.has(c) && seen.add(c) && seen.has(c) && !seen.add(c), "{c:?}");
        }
        let unseen: Vec<(usize, char)> = seen.unseen("?@一A\0é\u{ffff}丁一𠀀?一").collect();
        assert_eq!(unseen, [(5, 'A'), (7, 'é'), (12, '丁'), (18, '𠀀')]);
        assert!(!seen.has('丁') && seen.add('𠀀') && seen.add('𠀀') && !seen.has('𠀀'));
    }
}
