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
        assert!(!seen.has('丁') && seen.add('𠀀') && seen.add('𠀀') && !seen.has('𠀀'));
    }
}
