//! Chinese words and how often they are written: jieba's dictionary (see `README.md`), searched where it lies.

/// A word and its number on each line, in the order of their bytes.
const WORDS: &str = include_str!("words.txt");
/// All numbers together.
const TOTAL: f64 = 59_828_823.0;
/// Characters of the longest word.
pub(super) const LONGEST: usize = 4;
/// The number given to a character that is in no dictionary.
const UNKNOWN: f64 = 0.3;

/// How often a word stands in the dictionary's corpus of 60 million.
#[expect(clippy::indexing_slicing, reason = "`low`, `start`, `middle`, `end` and `high` keep this order, within the dictionary")]
pub(super) fn frequency(word: &str) -> Option<u32> {
    let bytes = WORDS.as_bytes();
    let (mut low, mut high) = (0, bytes.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = bytes[low..middle].iter().rposition(|byte| *byte == b'\n').map_or(low, |at| low + at + 1);
        let end = bytes[middle..high].iter().position(|byte| *byte == b'\n').map_or(high, |at| middle + at);
        let line = WORDS.get(start..end)?;
        let (known, number) = line.split_once(' ')?;
        match known.cmp(word) {
            std::cmp::Ordering::Equal => return number.parse().ok(),
            std::cmp::Ordering::Less => low = (end + 1).min(high),
            std::cmp::Ordering::Greater => high = start,
        }
    }
    None
}

/// What the dictionary may say of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// What it says.
    Known,
    /// What it says, by a fiftieth: its corpus is damaged itself.
    Doubtful,
    /// What it says of words with it; by itself it is as good as never written.
    InWords,
    /// Nothing: with it or by itself, it is as good as never written.
    Unknown,
}

/// The logarithm of the likelihood of characters as a sequence of words, by the best division.
#[expect(clippy::indexing_slicing, reason = "`best` has one more than there are characters, and `start + length` is one of these")]
pub(super) fn likelihood(characters: &[char], trust: &dyn Fn(char) -> Trust) -> f64 {
    let mut best = vec![f64::NEG_INFINITY; characters.len() + 1];
    best[0] = 0.0;
    let mut word = String::new();
    for start in 0..characters.len() {
        word.clear();
        for (length, c) in characters[start..].iter().take(LONGEST).enumerate() {
            word.push(*c);
            let trust = trust(*c);
            let unknown = match trust {
                Trust::Known | Trust::Doubtful => false,
                Trust::InWords => length == 0,
                Trust::Unknown => true,
            };
            let share = if trust == Trust::Doubtful { 0.02 } else { 1.0 };
            let found = if unknown { None } else { frequency(&word).map(|number| (f64::from(number) * share).max(UNKNOWN)) };
            let Some(number) = found.or((length == 0).then_some(UNKNOWN)) else {
                if unknown {
                    break;
                }
                continue;
            };
            let score = best[start] + (number / TOTAL).ln();
            let end = &mut best[start + length + 1];
            *end = end.max(score);
        }
    }
    best[characters.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found() {
        assert_eq!((frequency("成都"), frequency("成嘟"), frequency("一")), (Some(2770), None, frequency("一")));
        let words: Vec<&str> = WORDS.lines().collect();
        assert!(words.is_sorted());
        for line in words.iter().step_by(997) {
            let (word, number) = line.split_once(' ').unwrap_or_default();
            assert_eq!(frequency(word), number.parse().ok(), "{word}");
        }
        let sum: f64 = words.iter().filter_map(|line| line.split_once(' ')?.1.parse::<f64>().ok()).sum();
        assert!((sum - TOTAL).abs() < 1.0);
    }

    #[test]
    fn what_is_written_is_likelier() {
        let like = |text: &str| likelihood(&text.chars().collect::<Vec<_>>(), &|_| Trust::Known);
        assert!(like("西安成都等") > like("西安成嘟等") + 8.0);
        assert!(like("关在囚牢里") > like("关在人牢里"));
        assert!(like("汾河流域") > like("分河流域"));
    }
}
