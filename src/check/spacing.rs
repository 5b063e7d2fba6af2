//! Blanks between Chinese and Western text: a book has them everywhere or nowhere. The page is set alike either way.

use super::Text;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::repair::{Change, Rule};
use crate::script::is_han;
use crate::source::Span;
use crate::text;

/// Where Chinese and Western text meet.
pub(super) struct Seam {
    /// The text, by its place among them, and the byte at which the second of the two begins, or the blank does.
    pub text: usize,
    pub at: usize,
    /// Whether a blank is there.
    pub spaced: bool,
}

/// Lints the whole book.
#[expect(clippy::indexing_slicing, reason = "a seam's `text` counts these same texts")]
pub(super) fn lint(texts: &[Text], sink: &Sink) {
    let seams = seams(texts);
    let spaced = seams.iter().filter(|seam| seam.spaced).count();
    let close = seams.len() - spaced;
    if let Some(first) = seams.iter().find(|seam| seam.spaced == (spaced < close)).filter(|_| spaced > 0 && close > 0) {
        let report = Diagnostic::new(
            Code::UnevenSpacing,
            text!(
                "Chinese and Western text have a blank between them in {spaced} places, and none in {close}",
                "中西文之间 {spaced} 处有空格，{close} 处没有"
            ),
        );
        let place = Span::new(texts[first.text].file, first.at..first.at + 1);
        sink.report(report.at(place).advise(text!(
            "the page is set alike either way; banxin check --fix makes the source one",
            "版面上并无分别；可用 banxin check --fix 统一源文件"
        )));
    }
}

/// Every place where Chinese and Western text meet.
pub(super) fn seams(texts: &[Text]) -> Vec<Seam> {
    let mut found = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        for passage in &text.prose.passages {
            let characters: Vec<(usize, Option<char>)> = passage.characters(text.prose.source).collect();
            let western = |c: char| c.is_ascii_alphanumeric() || matches!(c, 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '０'..='９');
            let meet = |one: char, other: char| is_han(one) && western(other) || western(one) && is_han(other);
            for at in 0..characters.len() {
                let c = |offset: usize| characters.get(at + offset).and_then(|(place, c)| Some((*place, (*c)?)));
                match (c(0), c(1), c(2)) {
                    (Some((_, one)), Some((place, ' ')), Some((_, other))) if meet(one, other) => {
                        found.push(Seam { text: number, at: place, spaced: true })
                    }
                    (Some((_, one)), Some((place, other)), _) if meet(one, other) => {
                        found.push(Seam { text: number, at: place, spaced: false })
                    }
                    _ => {}
                }
            }
        }
    }
    found
}

/// What makes the book one: the rarer way becomes the other. Changes by the texts' places among them.
pub(super) fn changes(texts: &[Text]) -> Vec<(usize, Change)> {
    let seams = seams(texts);
    let spaced = seams.iter().filter(|seam| seam.spaced).count();
    let most = spaced * 2 > seams.len();
    let change = |seam: &Seam| {
        let (before, after) = if most { ("", " ") } else { (" ", "") };
        let why = vec![format!("spaced {spaced}"), format!("close {}", seams.len() - spaced)];
        (seam.text, Change::new(Rule::Space, seam.at, before, after).because(0.98, why))
    };
    seams.iter().filter(|seam| seam.spaced != most).map(change).collect()
}
