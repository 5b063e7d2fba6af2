//! Which characters were met.

use std::sync::atomic::{AtomicU64, Ordering};

/// Characters of the first plane that any thread has met, a bit each. Those of other planes are never among them.
#[derive(Debug)]
pub struct Seen(Vec<AtomicU64>);

impl Seen {
    /// None yet.
    pub fn none() -> Seen {
        Seen((0..0x10000 / 64).map(|_| AtomicU64::new(0)).collect())
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
    fn known_until(&self, text: &[u8], mut at: usize) -> usize {
        let six = |place: usize| text.get(place).map_or(0, |byte| usize::from(*byte & 0x3f));
        while let Some(first) = text.get(at) {
            let (word, bit, length) = match first {
                0xe0..=0xef => (usize::from(first & 0xf) << 6 | six(at + 1), six(at + 2), 3),
                0..=0x7f => (usize::from(first >> 6), usize::from(first & 0x3f), 1),
                0xc0..=0xdf => (usize::from(first & 0x1f), six(at + 1), 2),
                _ => break,
            };
            if self.0.get(word).is_none_or(|word| word.load(Ordering::Relaxed) >> bit & 1 == 0) {
                break;
            }
            at += length;
        }
        at
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

#[cfg(test)]
mod tests {
    use super::*;

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
