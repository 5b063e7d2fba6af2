//! Which characters were met.

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
            let known = threes.iter().take_while(|[first, second, third]| {
                first & 0xf0 == 0xe0 && has(bits(first, 0xf) << 6 | bits(second, 0x3f), bits(third, 0x3f))
            });
            rest = rest.get(known.count() * 3..).unwrap_or_default();
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
