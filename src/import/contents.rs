//! Lists of the contents: where they are, what they say about the text, what they name that the text does not have.

use super::headings::{Heading, Rank};
use super::lines::{Line, is_blank, key};
use super::plan::{Aside, same_title, whole_key};
use crate::repair::fold;
use crate::script::numeral;
use std::collections::BTreeMap;
use std::ops::Range;

/// A list.
pub(super) struct List {
    /// Its lines, by their places.
    pub lines: Range<usize>,
    pub entries: Vec<Entry>,
}

/// A line of it.
pub(super) struct Entry {
    pub heading: Heading,
    /// The key of its title, with the line on which it goes on.
    pub key: String,
}

/// A heading of a list that the text does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Missing {
    /// The label of the chapter that it is in, where that is in the text.
    pub chapter: Option<String>,
    pub label: String,
    pub title: String,
    /// The labels and titles of what the list has below it.
    pub sections: Vec<String>,
}

/// A number that is left out, or stands twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    /// The label of the chapter that it is in.
    pub chapter: Option<String>,
    /// The label that is missing or stands again.
    pub label: String,
    pub repeated: bool,
    /// The place of the heading at which it shows.
    pub at: usize,
}

/// Headings in a row that make a list.
const LIST: usize = 6;
/// Characters of a line between them at most.
const SHORT: usize = 30;
/// How much it speaks for a heading that a list names it.
const NAMED: f64 = 2.0;

fn is_title(key: &str) -> bool {
    matches!(key, "目录" | "目錄" | "目次" | "总目录" | "Contents" | "contents" | "CONTENTS")
}

/// Runs of headings without text between them: a second line of a heading may stand there, a paragraph may not.
#[expect(clippy::string_slice, reason = "a line's range comes from trimming that line of the same text")]
pub(super) fn lists(text: &str, lines: &[Line], candidates: &[Heading], aside: &[Option<Aside>]) -> Vec<List> {
    let mut by_line: BTreeMap<usize, &Heading> = BTreeMap::new();
    for heading in candidates.iter().filter(|heading| heading.score > -0.5) {
        by_line.entry(heading.line).or_insert(heading);
    }
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if !by_line.contains_key(&at) {
            at += 1;
            continue;
        }
        let titled = at > 0 && lines.get(at - 1).is_some_and(|line| is_title(&line.key));
        let mut end = at;
        while let (Some(line), Some(None)) = (lines.get(end), aside.get(end)) {
            let goes_on = by_line.contains_key(&end)
                || line.length <= SHORT && !text[line.range.clone()].contains('。') && by_line.contains_key(&(end + 1));
            if !goes_on {
                break;
            }
            end += 1;
        }
        // The headings right before a paragraph are the first of the body, not the last of the list: from where the
        // numbering begins anew.
        let own = if end < lines.len() { list_end(&by_line, at, end) } else { end };
        let count = (at..own).filter(|line| by_line.contains_key(line)).count();
        let listed: Vec<&&Heading> = (at..own).filter_map(|line| by_line.get(&line)).collect();
        let goes_on = |pair: &[&&Heading]| {
            let [one, other] = pair else { return false };
            let values = one.value.zip(other.value);
            values.is_some_and(|(value, next)| value.checked_add(1) == Some(next) && one.rank == other.rank || next == 1)
        };
        // Numbers that mean something go on, or begin anew.
        let counted = listed.windows(2).filter(|pair| goes_on(pair)).count() * 2 >= listed.len().saturating_sub(1);
        if count >= LIST && counted || titled && count >= 2 {
            let start = if titled { at - 1 } else { at };
            let entries =
                (at..own).filter_map(|line| by_line.get(&line)).map(|heading| entry(text, lines, heading, &by_line, own)).collect();
            found.push(List { lines: start..own, entries });
            at = own;
        } else {
            at = end.max(at + 1);
        }
    }
    found
}

#[expect(clippy::string_slice, reason = "a heading's label ends within its range, and both were cut from this text")]
fn entry(text: &str, lines: &[Line], heading: &Heading, by_line: &BTreeMap<usize, &Heading>, end: usize) -> Entry {
    // Folios at the line's end, after dots or a tab.
    let own = &text[heading.label.end..heading.range.end];
    let title = own.trim_end_matches(|c: char| c.is_ascii_digit());
    let dotted = title.len() < own.len() && title.ends_with(['.', '…', '·', ' ', '\t', '　']);
    let without = key(title);
    let mut key = if dotted && !without.is_empty() { without } else { heading.key.clone() };
    let next = heading.line + 1;
    if let Some(second) = lines.get(next).filter(|_| next < end && !by_line.contains_key(&next)) {
        key.push_str(&second.key);
    }
    Entry { heading: heading.clone(), key }
}

fn list_end(by_line: &BTreeMap<usize, &Heading>, start: usize, end: usize) -> usize {
    let Some(first) = by_line.get(&start) else { return end };
    let again = |line: usize| {
        by_line.get(&line).is_some_and(|heading| heading.rank == first.rank && heading.value == first.value && heading.value.is_some())
    };
    (start + 1..end).rev().find(|line| again(*line)).unwrap_or(end)
}

/// Lets the lists speak for candidates, and gives the lines on which their titles go on, by those on which they begin.
pub(super) fn support(
    text: &str,
    lines: &[Line],
    lists: &[List],
    candidates: &mut [Heading],
    aside: &[Option<Aside>],
) -> BTreeMap<usize, usize> {
    let mut second = BTreeMap::new();
    for heading in candidates {
        let entries = || {
            lists
                .iter()
                .flat_map(|list| &list.entries)
                .filter(|entry| entry.heading.rank == heading.rank && entry.heading.value == heading.value)
        };
        let next = heading.line + 1;
        let free = aside.get(next).is_some_and(Option::is_none) && lines.get(next).is_some_and(|line| line.length <= SHORT);
        let joined = free.then(|| whole_key(text, lines, heading, next));
        if entries().any(|entry| same_title(&entry.key, &heading.key)) {
            heading.weigh(NAMED, "in the contents");
        } else if joined.is_some_and(|joined| entries().any(|entry| same_title(&entry.key, &joined))) {
            heading.weigh(NAMED, "in the contents over two lines");
            second.insert(heading.line, next);
        }
    }
    second
}

/// The label as it was meant: 第彡节 is 第三节.
#[expect(clippy::string_slice, reason = "`heading` made the label's range from bytes that were matched in this text")]
fn label(text: &str, heading: &Heading) -> String {
    let own = text[heading.label.clone()].trim();
    match (heading.value, own.chars().next_back()) {
        (Some(value), Some(unit))
            if heading.rank <= Rank::Section && !unit.is_ascii() && !own.bytes().any(|byte| byte.is_ascii_digit()) =>
        {
            format!("第{}{}", numeral::chinese(value), fold(unit))
        }
        _ => own.to_owned(),
    }
}

/// A title as it was meant, with one blank between its clauses.
#[expect(clippy::string_slice, reason = "a heading's label ends within its range, and both were cut from this text")]
fn title(text: &str, heading: &Heading) -> String {
    let words: Vec<&str> = text[heading.label.end..heading.range.end].split(is_blank).filter(|word| !word.is_empty()).collect();
    words.join("\u{3000}").chars().map(fold).collect()
}

/// What the lists name and the text does not have.
pub(super) fn without_body(text: &str, lists: &[List], accepted: &[Heading]) -> Vec<Missing> {
    let Some(list) = lists.first() else { return Vec::new() };
    let top = list.entries.iter().map(|entry| entry.heading.rank).min().unwrap_or(Rank::Chapter);
    let mut missing: Vec<Missing> = Vec::new();
    // The chapter of the text that the list is in, with its place among the accepted ones.
    let mut chapter: Option<(usize, &Heading)> = None;
    for entry in &list.entries {
        let is_top = entry.heading.rank == top;
        let same = |heading: &Heading| {
            heading.rank == entry.heading.rank
                && (same_title(&heading.key, &entry.key)
                    || heading.value.is_some() && heading.value == entry.heading.value && (heading.key.is_empty() || is_top))
        };
        if is_top {
            chapter = accepted.iter().enumerate().find(|(_, heading)| same(heading));
            if chapter.is_none() {
                let title = title(text, &entry.heading);
                missing.push(Missing { chapter: None, label: label(text, &entry.heading), title, sections: Vec::new() });
            }
            continue;
        }
        match chapter {
            Some((at, above)) => {
                let mut below = accepted.iter().skip(at + 1).take_while(|heading| heading.rank > top);
                if !below.any(same) {
                    let title = title(text, &entry.heading);
                    let own = Some(label(text, above));
                    missing.push(Missing { chapter: own, label: label(text, &entry.heading), title, sections: Vec::new() });
                }
            }
            None => {
                if let Some(last) = missing.iter_mut().rfind(|missing| missing.chapter.is_none()) {
                    last.sections.push(format!("{} {}", label(text, &entry.heading), title(text, &entry.heading)).trim_end().to_owned());
                }
            }
        }
    }
    missing
}

/// Numbers that are left out, or stand twice, in the headings of the text.
pub(super) fn gaps(text: &str, accepted: &[Heading]) -> Vec<Gap> {
    let mut last: BTreeMap<Rank, u32> = BTreeMap::new();
    let mut chapter: BTreeMap<Rank, String> = BTreeMap::new();
    let mut gaps = Vec::new();
    for (at, heading) in accepted.iter().enumerate().filter(|(_, heading)| heading.rank <= Rank::Section) {
        let Some(value) = heading.value else { continue };
        let before = last.get(&heading.rank).copied();
        let own = label(text, heading);
        let within = chapter.range(..heading.rank).next_back().map(|(_, label)| label.clone());
        let unit = own.chars().next_back().unwrap_or('章');
        match before {
            Some(before) if value > before.saturating_add(1) => {
                for number in before + 1..value.min(before.saturating_add(20)) {
                    gaps.push(Gap {
                        chapter: within.clone(), label: format!("第{}{unit}", numeral::chinese(number)), repeated: false, at
                    });
                }
            }
            Some(before) if value <= before && value != 1 => gaps.push(Gap { chapter: within, label: own.clone(), repeated: true, at }),
            _ => {}
        }
        last.insert(heading.rank, value);
        // Sections begin anew in each chapter; chapters may go on or begin anew in each volume.
        if heading.rank < Rank::Chapter {
            last.retain(|rank, value| *rank <= heading.rank || *rank == Rank::Chapter && *value > 0);
        } else {
            last.retain(|rank, _| *rank <= heading.rank);
        }
        chapter.retain(|rank, _| *rank < heading.rank);
        chapter.insert(heading.rank, own);
    }
    gaps
}
