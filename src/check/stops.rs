//! Stops that are missing: at a paragraph's end, and within one where two clauses run together.

use crate::Project;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::document::{Block, BlockKind, ChapterKind, Inline, InlineKind, plain_text};
use crate::script::is_han;
use crate::source::Span;
use crate::text;
use std::collections::BTreeMap;

/// The share of paragraphs that end with a mark, from which on one that does not is told.
const USUAL: f64 = 0.8;
/// Characters of a paragraph that is more than a title.
const LONG: usize = 16;
/// Characters of a clause that is long enough to be two.
const CLAUSE: usize = 24;
/// Characters that each of the two has at least.
const LEAST: usize = 7;
/// How often a pair of characters has to stand in the book to say anything.
const KNOWN: u32 = 5;
/// The share of its places at a clause's start from which on a pair begins clauses; the share at an end from which on one ends them.
const BEGINS: f64 = 0.55;
const ENDS: f64 = 0.3;

/// Characters with their places; U+FFFC for what is no text.
type Line = Vec<(char, Span)>;

/// Lints the whole book.
pub(super) fn lint(project: &Project, sink: &Sink) {
    let mut lines: Vec<Line> = Vec::new();
    let mut open: Vec<(Span, String)> = Vec::new();
    let mut ended = 0;
    for chapter in project.manuscript.chapters.iter().filter(|chapter| chapter.kind == ChapterKind::Text) {
        for (at, Block { kind, .. }) in chapter.document.blocks.iter().enumerate() {
            let BlockKind::Paragraph(content) = kind else { continue };
            let mut line = Line::new();
            gather(content, &mut line);
            let text = plain_text(content);
            let announces = chapter
                .document
                .blocks
                .get(at + 1)
                .is_some_and(|next| !matches!(next.kind, BlockKind::Paragraph(_) | BlockKind::Heading { .. }));
            if text.chars().filter(|c| is_han(*c)).count() >= LONG && !announces {
                match line.last() {
                    Some((c, span)) if is_han(*c) => {
                        open.push((*span, text.chars().rev().take(8).collect::<Vec<_>>().into_iter().rev().collect()))
                    }
                    _ => ended += 1,
                }
            }
            lines.push(line);
        }
    }
    if ended as f64 >= (ended + open.len()) as f64 * USUAL {
        for (span, end) in open {
            let report = Diagnostic::new(
                Code::MissingStop,
                text!("this paragraph ends with “{end}”, without a mark", "本段以“{end}”结束，没有标点"),
            );
            sink.report(report.at(span).advise(text!("add the stop, or the words that are missing", "补上句号，或所缺的文字")));
        }
    }
    run_on(&lines, sink);
}

fn gather(list: &[Inline], out: &mut Line) {
    for inline in list {
        match &inline.kind {
            InlineKind::Text(text) => {
                let place = |at: usize, c: char| Span { start: inline.span.at(at), end: inline.span.at(at + c.len_utf8()), ..inline.span };
                out.extend(text.char_indices().map(|(at, c)| (c, place(at, c))));
            }
            InlineKind::Note(_) | InlineKind::Break => {}
            _ if inline.children().is_empty() => out.push(('\u{fffc}', inline.span)),
            _ => gather(inline.children(), out),
        }
    }
}

/// How often a pair stands in the book, at a clause's start, at its end.
#[derive(Default)]
struct Pair {
    all: u32,
    first: u32,
    last: u32,
}

/// Pairs of characters that mostly begin clauses, right after one that ends them, far from any mark.
#[expect(clippy::indexing_slicing, reason = "`share` is given two characters each time, and `at` has seven on either side")]
fn run_on(lines: &[Line], sink: &Sink) {
    let mut pairs: BTreeMap<(char, char), Pair> = BTreeMap::new();
    let clauses: Vec<&[(char, Span)]> = lines.iter().flat_map(|line| line.split(|(c, _)| !is_han(*c))).collect();
    for clause in &clauses {
        let last = clause.len().saturating_sub(2);
        for (at, pair) in clause.windows(2).enumerate() {
            let known = pairs.entry((pair[0].0, pair[1].0)).or_default();
            known.all += 1;
            known.first += u32::from(at == 0);
            known.last += u32::from(at == last);
        }
    }
    let share = |pair: &[(char, Span)], part: fn(&Pair) -> u32| {
        pairs
            .get(&(pair[0].0, pair[1].0))
            .filter(|known| known.all >= KNOWN)
            .map_or(0.0, |known| f64::from(part(known)) / f64::from(known.all))
    };
    for clause in clauses.iter().filter(|clause| clause.len() >= CLAUSE) {
        let seam = (LEAST..clause.len() - LEAST)
            .map(|at| (at, share(&clause[at - 2..at], |pair| pair.last), share(&clause[at..at + 2], |pair| pair.first)))
            .filter(|(_, ends, begins)| *ends >= ENDS && *begins >= BEGINS)
            .max_by(|one, other| (one.1 * one.2).total_cmp(&(other.1 * other.2)));
        if let Some((at, ..)) = seam {
            let piece = |range: std::ops::Range<usize>| clause[range].iter().map(|found| found.0).collect::<String>();
            let (before, after) = (piece(at - 4..at), piece(at..at + 4));
            let report =
                Diagnostic::new(Code::RunOn, text!("“{before}” and “{after}” seem to be two clauses", "“{before}”与“{after}”之间似缺标点"));
            sink.report(report.at(clause[at].1).advise(text!("add the mark that is missing, if one is", "如确有缺漏，请补上标点")));
        }
    }
}
