//! Why lines end where they do: for whoever asks with `--trace line`.

use super::breaks::{Break, End, Measure, Sum, possible_ends};
use super::prepare::Preparation;
use crate::diagnostic::{Sink, Text};
use crate::length::Length;
use crate::source::Span;
use crate::text;

/// How many other ends are told of each line.
const OTHERS: usize = 4;
/// How many characters of a line are shown.
const SHOWN: usize = 8;

/// Tells of every line of a paragraph where it ends, how it was made to fit, what that cost, and what else there was.
#[expect(clippy::indexing_slicing, reason = "a chosen line has a cluster at least")]
pub(super) fn lines(text: &Preparation, measure: Measure, chosen: &[Break], span: Span, sink: &Sink) {
    let sums = Sum::of(text);
    for (number, line) in chosen.iter().enumerate() {
        let mut ends = possible_ends(text, &sums, measure, line.start);
        let Some(at) = ends.iter().position(|end| end.at == line.end) else { continue };
        let own = ends.remove(at);
        ends.sort_by(|one, other| one.cost.total_cmp(&other.cost).then(one.at.cmp(&other.at)));
        let (head, tail) = (shown(text, line.start, line.end, true), shown(text, line.start, line.end, false));
        let number = number + 1;
        let (Text { en, zh }, cost) = (manner(own, measure), price(own));
        let mut told = text!("line {number}, {head}…{tail}: {en}, cost {cost}", "第 {number} 行，{head}…{tail}：{zh}，代价 {cost}");
        for end in ends.iter().take(OTHERS) {
            let last = shown(text, line.start, end.at, false);
            let (Text { en, zh }, cost) = (manner(*end, measure), price(*end));
            let other = text!("; after {last}: {en}, cost {cost}", "；止于{last}：{zh}，代价 {cost}");
            told.en.push_str(&other.en);
            told.zh.push_str(&other.zh);
        }
        let at = text.clusters[line.start].at.clamp(span.start, span.end);
        sink.trace(Span { start: at, end: at, ..span }, told);
    }
}

/// The cost of an end, as it is told.
fn price(end: End) -> String {
    if end.overfull { String::from("-") } else { format!("{:.1}", end.cost) }
}

fn manner(end: End, measure: Measure) -> Text {
    let em = |length: Length| format!("{:.2}", length.to_pt() / measure.em.to_pt());
    let (short, long, step) = (em(end.slack), em(-end.slack), end.step);
    if end.overfull {
        text!("too long by {long} em", "超出 {long} 字")
    } else if end.hangs {
        text!("its mark hangs", "行尾标点悬挂")
    } else if end.slack == Length::ZERO {
        text!("full", "恰满")
    } else if end.slack > Length::ZERO {
        text!("short by {short} em", "余 {short} 字")
    } else {
        text!("squeezed by {long} em, up to step {step}", "挤压 {long} 字，至第 {step} 步")
    }
}

/// The first or the last characters of a line.
#[expect(clippy::indexing_slicing, reason = "a line's clusters are the text's, and each has a range of the text's own glyphs")]
fn shown(text: &Preparation, start: usize, end: usize, first: bool) -> String {
    let glyphs = |at: usize| {
        let range = &text.clusters[at].glyphs;
        text.glyphs[range.start as usize..range.end as usize]
            .iter()
            .flat_map(|glyph| std::iter::once(glyph.text).chain(glyph.more.as_deref().unwrap_or("").chars()))
    };
    let all: Vec<char> = (start..end).flat_map(glyphs).collect();
    let passed = if first { 0 } else { all.len().saturating_sub(SHOWN / 2) };
    all.iter().skip(passed).take(SHOWN / 2).collect()
}
