//! The same text over again: whole copies, chapters, passages. The first copy is kept; where the others differ from it, that is
//! evidence for what was meant.

use super::lines::{Line, likeness};
use crate::repair::Copies;
use crate::script::is_mark;
use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::collections::BTreeMap;
use std::ops::Range;

/// Characters that a passage over again has at least.
const ENOUGH: usize = 160;
/// Lines that it has at least.
const LINES: usize = 2;
/// Characters of a line that is looked for.
const TELLING: usize = 8;
/// How alike two lines are that are the same one, damaged.
const ALIKE: f64 = 0.6;
/// Lines that one copy may have and the other not, before the copy ends.
const SKIPPED: usize = 3;

/// A passage that stands in the text before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Repeat {
    /// Its lines.
    pub lines: Range<usize>,
    /// Which line of the first copy each of them is; lines of this copy alone are not here.
    pub pairs: Vec<(usize, usize)>,
}

/// Finds repeats among the lines that are left, given by their places in `lines`.
#[expect(clippy::indexing_slicing, reason = "places stay below the length of `left`, and what it holds are places of `lines`")]
pub(super) fn find(lines: &[Line], left: &[usize]) -> Vec<Repeat> {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let mut repeats: Vec<Repeat> = Vec::new();
    let mut at = 0;
    while at < left.len() {
        let line = &lines[left[at]];
        let telling = line.key.chars().nth(TELLING - 1).is_some();
        if telling && let Some(known) = first.get(line.key.as_str()).copied() {
            // A heading or another short line may stand before the first line that tells.
            let mut from = (known, at);
            while from.0 > 0
                && from.1 > 0
                && from.1 - 1 > from.0
                && same(&lines[left[from.0 - 1]], &lines[left[from.1 - 1]])
                && !taken(&repeats, left[from.1 - 1])
            {
                from = (from.0 - 1, from.1 - 1);
            }
            let (pairs, end) = extend(lines, left, from.0, from.1);
            let amount: usize = pairs.iter().map(|(_, copy)| lines[left[*copy]].length).sum();
            if amount >= ENOUGH && pairs.len() >= LINES {
                let pairs = pairs.into_iter().map(|(one, other)| (left[one], left[other])).collect();
                repeats.push(Repeat { lines: left[from.1]..left[end - 1] + 1, pairs });
                at = end;
                continue;
            }
        }
        if telling {
            first.entry(line.key.as_str()).or_insert(at);
        }
        at += 1;
    }
    repeats
}

fn taken(repeats: &[Repeat], line: usize) -> bool {
    repeats.last().is_some_and(|repeat| repeat.lines.end > line)
}

fn same(one: &Line, other: &Line) -> bool {
    one.key == other.key || one.length.abs_diff(other.length) * 5 <= one.length && likeness(&one.key, &other.key) >= ALIKE
}

/// Goes on as long as the two passages say the same; pairs of places in `left`, and where the second ends.
#[expect(clippy::indexing_slicing, reason = "both places are checked against `left`, which holds places of `lines`")]
fn extend(lines: &[Line], left: &[usize], one: usize, other: usize) -> (Vec<(usize, usize)>, usize) {
    let (mut a, mut b) = (one, other);
    let mut pairs = Vec::new();
    let mut end = other + 1;
    while a < other && b < left.len() {
        let skip = (0..=SKIPPED).flat_map(|sum| (0..=sum).map(move |skip| (skip, sum - skip))).find(|(skip_a, skip_b)| {
            a + skip_a < other && b + skip_b < left.len() && same(&lines[left[a + skip_a]], &lines[left[b + skip_b]])
        });
        let Some((skip_a, skip_b)) = skip else { break };
        a += skip_a;
        b += skip_b;
        pairs.push((a, b));
        a += 1;
        b += 1;
        end = b;
    }
    (pairs, end)
}

/// What the copies have where they differ from the first, by the bytes of the first: characters, and marks that it lacks, which
/// stand before the byte.
#[expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "pairs are lines of this text; operations are on `copy` and `kept`, as long as `places`"
)]
pub(super) fn differences(text: &str, lines: &[Line], repeats: &[Repeat]) -> (Copies, Copies) {
    let (mut characters, mut marks) = (Copies::new(), Copies::new());
    let note = |list: &mut Copies, at: usize, c: char| {
        let known = list.entry(at).or_default();
        match known.iter_mut().find(|(other, _)| *other == c) {
            Some((_, number)) => *number += 1,
            None => known.push((c, 1)),
        }
    };
    for (one, other) in repeats.iter().flat_map(|repeat| &repeat.pairs) {
        let (one, other) = (&lines[*one].range, &lines[*other].range);
        if text[one.clone()] == text[other.clone()] {
            continue;
        }
        let places: Vec<(usize, char)> = text[one.clone()].char_indices().map(|(at, c)| (one.start + at, c)).collect();
        let kept: Vec<char> = places.iter().map(|place| place.1).collect();
        let copy: Vec<char> = text[other.clone()].chars().collect();
        for op in capture_diff_slices(Algorithm::Myers, &kept, &copy) {
            match op {
                DiffOp::Replace { old_index, old_len, new_index, new_len } if old_len == new_len => {
                    (0..old_len).for_each(|at| note(&mut characters, places[old_index + at].0, copy[new_index + at]));
                }
                DiffOp::Insert { old_index, new_index, new_len: 1 } if is_mark(copy[new_index]) => {
                    note(&mut marks, places.get(old_index).map_or(one.end, |place| place.0), copy[new_index]);
                }
                _ => {}
            }
        }
    }
    (characters, marks)
}
