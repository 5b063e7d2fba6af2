//! What has to be said beside what is said.

use super::Told;
use super::story::{ANYTHING, Letter, Story};
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::source::Span;
use crate::text;
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Differences of one file that are told; more are counted.
const TOLD: usize = 20;
/// Characters that the program may write where it is not known what it writes: a reference, a folio.
const LONGEST: usize = 40;
/// Characters that are the same between two differences that are one: a swap.
const NEAR: usize = 2;
/// Characters by which the start of the text is found after the front matter.
const START: usize = 24;

/// A difference: what the source says, what the file says, and where.
struct Difference {
    wanted: String,
    found: String,
    span: Option<Span>,
    after: String,
}

/// Compares a file with what it has to say, and reports each difference at its place.
pub(super) fn compare(story: &Story, pieces: Vec<Told>, shown: &str, sink: &Sink) {
    let told = between(story, pieces);
    // Where margins are too narrow, what stands at the side stands in the text.
    let inline = told.sides.len() < story.sides.len();
    let main = if inline { &story.with_sides } else { &story.main };
    let text: Vec<char> = told.main.chars().collect();
    let mut found = differences(main, &text);
    // A note without a mark has no number: a file may tell it like one at the side.
    let aside = |sides: &[Vec<Letter>]| story.notes.iter().chain(sides).cloned().collect::<Vec<_>>();
    let notes = aside(if inline { &[] } else { &story.sides });
    lists(&notes, &told.notes.iter().chain(&told.sides).cloned().collect::<Vec<_>>(), &mut found);
    lists(&story.readings, &told.readings, &mut found);
    lists(&story.alts, &told.alts, &mut found);
    for Difference { wanted, found, span, after } in found.iter().take(TOLD) {
        let message = match (wanted.is_empty(), found.is_empty()) {
            (false, true) => text!("“{wanted}” is missing in {shown}, after “{after}”", "{shown} 中缺“{wanted}”，在“{after}”之后"),
            (true, _) => {
                text!("{shown} says “{found}” after “{after}”, and the source does not", "{shown} 在“{after}”之后多出“{found}”，原文所无")
            }
            _ => text!(
                "{shown} says “{found}” after “{after}”, the source “{wanted}”",
                "{shown} 在“{after}”之后作“{found}”，原文作“{wanted}”"
            ),
        };
        let report = Diagnostic::new(Code::NotConserved, message).advise(text!(
            "build the book again; if this stays, it is a fault of banxin: please report it with the chapter",
            "请重新生成；若仍如此，则是 banxin 的错误，请附上该章报告"
        ));
        sink.report(match span {
            Some(span) => report.at(*span),
            None => report.in_file(shown),
        });
    }
    if found.len() > TOLD {
        let count = found.len() - TOLD;
        let report = Diagnostic::new(Code::NotConserved, text!("{count} more differences in {shown}", "{shown} 另有 {count} 处不同"));
        sink.report(report.in_file(shown));
    }
}

/// A file without the pages before its first chapter and after its last, which are the manifest's, and without lists of its contents.
fn between(story: &Story, pieces: Vec<Told>) -> Told {
    let own = |letters: &mut dyn Iterator<Item = &Letter>| {
        letters.filter(|letter| letter.own).map(|letter| letter.c).take(START).collect::<Vec<char>>()
    };
    let (start, end) = (own(&mut story.main.iter()), own(&mut story.main.iter().rev()));
    // Most of what the text begins with stands at the start of a piece, in order.
    let begins = |wanted: &[char], said: &[char]| {
        let mut rest = wanted.iter().peekable();
        let found = said.iter().take(START * 2).filter(|c| rest.next_if(|own| own == c).is_some()).count();
        let most = wanted.len().min(said.len());
        most > 0 && found * 4 >= most * 3
    };
    let texts: Vec<Vec<char>> = pieces.iter().map(|piece| piece.main.chars().collect()).collect();
    let first = texts.iter().position(|text| begins(&start, text)).unwrap_or(0);
    let backwards = |text: &Vec<char>| begins(&end, &text.iter().rev().copied().collect::<Vec<_>>());
    let last = texts.iter().rposition(backwards).filter(|last| *last >= first).unwrap_or(texts.len().saturating_sub(1));
    let mut whole = Told::default();
    for piece in pieces.into_iter().take(last + 1).skip(first).filter(|piece| !piece.listing) {
        whole.main.push_str(&piece.main);
        whole.notes.extend(piece.notes);
        whole.sides.extend(piece.sides);
        whole.readings.extend(piece.readings);
        whole.alts.extend(piece.alts);
    }
    whole
}

#[expect(clippy::indexing_slicing, reason = "`start` and `same` are counted in both; the ranges of the diff are in order and within")]
fn differences(wanted: &[Letter], found: &[char]) -> Vec<Difference> {
    let said: Vec<char> = wanted.iter().map(|letter| letter.c).collect();
    // Nearly all of it is the same: only what is not is aligned.
    let start = said.iter().zip(found).take_while(|(one, other)| one == other).count();
    let same = said[start..].iter().rev().zip(found[start..].iter().rev()).take_while(|(one, other)| one == other).count();
    let (middle, other) = (start..said.len() - same, start..found.len() - same);
    let ops = capture_diff_slices(Algorithm::Myers, &said[middle.clone()], &found[other]);
    let mut out: Vec<(std::ops::Range<usize>, std::ops::Range<usize>)> = Vec::new();
    for op in ops {
        let (one, other) = match op {
            DiffOp::Equal { .. } => continue,
            DiffOp::Delete { old_index, old_len, new_index } => (old_index..old_index + old_len, new_index..new_index),
            DiffOp::Insert { old_index, new_index, new_len } => (old_index..old_index, new_index..new_index + new_len),
            DiffOp::Replace { old_index, old_len, new_index, new_len } => (old_index..old_index + old_len, new_index..new_index + new_len),
        };
        let (one, other) = (one.start + start..one.end + start, other.start + start..other.end + start);
        match out.last_mut() {
            Some((last, also)) if one.start - last.end <= NEAR => (last.end, also.end) = (one.end, other.end),
            _ => out.push((one, other)),
        }
    }
    let mut differences = Vec::new();
    for (one, other) in out {
        let pieces = explain(&wanted[one.clone()], &found[other]);
        let Some((missing, extra)) = pieces else { continue };
        let before = &wanted[one.start.saturating_sub(10)..one.start];
        let letter = wanted[one.clone()].iter().find(|letter| letter.own).or(wanted.get(one.start)).or(before.last());
        differences.push(Difference {
            wanted: missing,
            found: extra,
            span: letter.map(|letter| letter.span),
            after: before.iter().filter(|letter| letter.c != ANYTHING).map(|letter| letter.c).collect(),
        });
    }
    differences
}

/// Whether what the file says is the source's with what the program may write; else both, for people.
fn explain(wanted: &[Letter], found: &[char]) -> Option<(String, String)> {
    // What has to be there, in order; what may be there, in its place.
    fn fits(wanted: &[Letter], found: &[char], budget: usize) -> bool {
        match wanted.split_first() {
            None => found.is_empty(),
            Some((letter, rest)) if letter.own => found.split_first().is_some_and(|(c, tail)| *c == letter.c && fits(rest, tail, budget)),
            Some((letter, rest)) if letter.c == ANYTHING => {
                (0..=LONGEST).map_while(|length| found.get(length..)).any(|tail| budget > 0 && fits(rest, tail, budget - 1))
            }
            Some((letter, rest)) => {
                found.split_first().is_some_and(|(c, tail)| *c == letter.c && fits(rest, tail, budget)) || fits(rest, found, budget)
            }
        }
    }
    if wanted.len() < 200 && fits(wanted, found, 6) {
        return None;
    }
    let own = wanted.iter().filter(|letter| letter.own).map(|letter| letter.c).take(60).collect();
    Some((own, found.iter().take(60).collect()))
}

/// Texts that stand apart, each compared with its own: in order, or wherever one says the same.
#[expect(clippy::indexing_slicing, reason = "`place` is where `get` or `position` found an entry of `free`")]
fn lists(wanted: &[Vec<Letter>], found: &[String], out: &mut Vec<Difference>) {
    let mut free: Vec<Option<&String>> = found.iter().map(Some).collect();
    let mut open = Vec::new();
    let mut at = 0;
    for text in wanted {
        let same = |found: &Option<&String>| found.is_some_and(|found| differences(text, &found.chars().collect::<Vec<_>>()).is_empty());
        let place = if free.get(at).is_some_and(same) { Some(at) } else { free.iter().position(same) };
        match place {
            Some(place) => {
                free[place] = None;
                at = place + 1;
            }
            None => open.push(text),
        }
    }
    let mut rest = free.into_iter().flatten();
    for text in open {
        let other: Vec<char> = rest.next().map_or(Vec::new(), |found| found.chars().collect());
        out.extend(differences(text, &other));
    }
    out.extend(rest.filter(|found| !found.is_empty()).map(|found| Difference {
        wanted: String::new(),
        found: found.clone(),
        span: None,
        after: String::new(),
    }));
}
