//! The ledger as a page that a person can read: every change with what stands around it, before beside after, filtered and searched.
//! One file, without anything from elsewhere. It says everything in Chinese and in English, whatever the locale: a page is an
//! output, and the same input gives the same bytes.

use super::Report;
use crate::repair::{Places, Rule};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Characters on each side of a change that are shown.
const AROUND: usize = 12;
/// Characters of a change that are shown before it is cut short.
const SHOWN: usize = 80;

/// Makes the page.
#[expect(clippy::string_slice, reason = "what a change says stands there does: the import takes it from there, `place` checks it")]
pub(super) fn page(report: &Report) -> String {
    let mut rows = String::new();
    // Of each rule, the changes that were made, and those that were not.
    let mut counts: BTreeMap<Rule, (usize, usize)> = BTreeMap::new();
    for (entry, text) in report.ledger.files.iter().zip(&report.texts) {
        let mut places = Places::new(text);
        for change in &entry.changes {
            let (line, column) = places.find(change.at);
            let (made, open) = counts.entry(change.rule).or_default();
            *(if change.applied { made } else { open }) += 1;
            let before: String = context(text[..change.at].chars().rev()).chars().rev().collect();
            let after = context(text[change.end()..].chars());
            let state = if change.applied { "made" } else { "open" };
            let why = change.why.join("; ");
            let _ = writeln!(
                rows,
                "<tr data-r=\"{}\" data-s=\"{state}\" data-c=\"{}\"><td>{}:{line}:{column}<td><q>{}<del>{}</del>{}</q><td><q>{}<ins>{}</ins>{}</q><td><span lang=zh>{}</span><span lang=en>{}</span><td>{:.3}<td>{}",
                change.rule.name(),
                (change.confidence * 1000.0) as u32,
                escaped(&entry.file.file),
                escaped(&before),
                escaped(&short(&change.before)),
                escaped(&after),
                escaped(&before),
                escaped(&short(&change.after)),
                escaped(&after),
                change.rule.title().1,
                change.rule.title().0,
                change.confidence,
                escaped(&why),
            );
        }
    }
    let mut options = String::new();
    for (rule, (made, open)) in &counts {
        let checked = if rule.is_repair() || *open > 0 { " checked" } else { "" };
        let zh = rule.title().1;
        let _ = writeln!(
            options,
            "<label><input type=checkbox name=r value=\"{}\"{checked}><span lang=zh>{zh}</span><span lang=en>{}</span> {made}{}</label>",
            rule.name(),
            rule.name(),
            if *open > 0 { format!("+{open}") } else { String::new() }
        );
    }
    let mut notes = String::new();
    for line in &report.lines {
        let _ = writeln!(notes, "<li><span lang=zh>{}</span><span lang=en>{}</span>", escaped(&line.zh), escaped(&line.en));
    }
    PAGE.replace("<!--notes-->", &notes).replace("<!--rules-->", &options).replace("<!--rows-->", &rows)
}

/// What stands beside a change, up to the end of its line.
fn context(characters: impl Iterator<Item = char>) -> String {
    characters.take_while(|c| *c != '\n').take(AROUND).collect()
}

/// A text that is not too long, with marks for what cannot be seen.
fn short(text: &str) -> String {
    let count = text.chars().count();
    let cut: String = text
        .chars()
        .take(SHOWN)
        .map(|c| match c {
            '\n' => '⏎',
            ' ' | '\u{a0}' => '␣',
            '\u{3000}' => '□',
            c => c,
        })
        .collect();
    if count > SHOWN { format!("{cut}… ({count})") } else { cut }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const PAGE: &str = include_str!("report.html");
