//! The lines of a plain text that hold something.

use crate::repair::fold;
use crate::script::{IDEOGRAPHIC_SPACE, is_han};
use std::ops::Range;

/// A line with text.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// From 1.
    pub number: usize,
    /// Its bytes, without blanks at its ends.
    pub range: Range<usize>,
    /// Whether it begins with blanks.
    pub indented: bool,
    /// Whether an empty line stands before it.
    pub apart: bool,
    /// Its characters.
    pub length: usize,
    /// What is compared where lines are: see [`key`].
    pub key: String,
}

/// Blanks of every kind, those without width among them.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, IDEOGRAPHIC_SPACE | '\u{feff}' | '\u{200b}')
}

/// The lines of a text.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut apart = true;
    for (at, raw) in text.split('\n').enumerate() {
        let body = raw.trim_matches(is_blank);
        if body.is_empty() {
            apart = true;
        } else {
            let from = start + (raw.len() - raw.trim_start_matches(is_blank).len());
            let line = Line {
                number: at + 1,
                range: from..from + body.len(),
                indented: from > start,
                apart,
                length: body.chars().count(),
                key: key(body),
            };
            found.push(line);
            apart = false;
        }
        start += raw.len() + 1;
    }
    found
}

/// A text as it is compared: its characters in the forms that were meant, without marks and blanks.
pub(super) fn key(text: &str) -> String {
    text.chars().filter(|c| is_han(*c) || c.is_alphanumeric()).map(fold).collect()
}

/// How alike two keys are, 0 to 1: the share of pairs of neighbours that they have in common.
pub(super) fn likeness(one: &str, other: &str) -> f64 {
    let pairs = |text: &str| {
        let mut pairs: Vec<(char, char)> = text.chars().zip(text.chars().skip(1)).collect();
        pairs.sort_unstable();
        pairs
    };
    let (one, other) = (pairs(one), pairs(other));
    let (mut left, mut right, mut common) = (0, 0, 0);
    while let (Some(first), Some(second)) = (one.get(left), other.get(right)) {
        match first.cmp(second) {
            std::cmp::Ordering::Equal => {
                common += 1;
                left += 1;
                right += 1;
            }
            std::cmp::Ordering::Less => left += 1,
            std::cmp::Ordering::Greater => right += 1,
        }
    }
    common as f64 / one.len().max(other.len()).max(1) as f64
}
