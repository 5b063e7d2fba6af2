//! What is what in a plain text: headings and paragraphs, and what is set aside: contents, repeats, lines of the site.

use super::headings::{self, Heading, Rank};
use super::lines::{Line, key, likeness, lines};
use super::repeats::{self, Repeat};
use super::wrap::{self, Wrap};
use super::{contents, site, title};
use crate::repair::Rule;
use std::collections::BTreeMap;
use std::ops::Range;

/// A book as found in a text.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub lines: Vec<Line>,
    /// What the book is made of, in the order of the text.
    pub units: Vec<Unit>,
    /// What is set aside, in the order of the text; whole lines.
    pub asides: Vec<Aside>,
    pub title: String,
    pub authors: Vec<String>,
    /// Whether its lines were broken by width.
    pub wrap: Option<Wrap>,
    /// The text over again.
    pub repeats: Vec<Repeat>,
    /// Headings that a list of contents names and the text does not have.
    pub without_body: Vec<contents::Missing>,
    /// Numbers that are left out, or stand twice.
    pub gaps: Vec<contents::Gap>,
    /// Lines that look like headings and were not taken for any.
    pub refused: Vec<Heading>,
}

impl Plan {
    /// Where the last heading of each line that has one ends.
    pub fn heading_ends(&self) -> BTreeMap<usize, usize> {
        let headings = self.units.iter().filter_map(|unit| match unit {
            Unit::Part(heading) | Unit::Heading { heading, .. } => Some((heading.line, heading.range.end)),
            Unit::Paragraph(_) | Unit::Break(_) => None,
        });
        // Later ones of a line take the place of those before them.
        headings.collect()
    }
}

/// A heading or a paragraph.
#[derive(Clone, Debug)]
pub(super) enum Unit {
    /// A heading of a part, which the manifest keeps.
    Part(Heading),
    /// A heading of a chapter, level 1, or of a section.
    Heading {
        /// Its level in Markdown.
        level: u8,
        heading: Heading,
        /// The line on which its title goes on.
        next: Option<usize>,
    },
    /// A paragraph of these lines, which are in a row but for what is set aside between them.
    Paragraph(Vec<usize>),
    /// A line of signs that parts scenes.
    Break(usize),
}

/// Lines that are set aside.
#[derive(Clone, Debug)]
pub(super) struct Aside {
    /// By their places among the lines.
    pub lines: Range<usize>,
    pub rule: Rule,
    pub confidence: f32,
    pub why: Vec<String>,
}

/// How likely a line has to be a site's.
const SITE: f32 = 0.7;
/// Characters of a line that can be a heading's second one.
const SHORT: usize = 30;

/// Finds the book in a text. `named` is a title that was given; `stem` the name of the file.
#[expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "all places and ranges are of the lines of this text, and `aside` has one for each"
)]
pub(super) fn find(text: &str, named: Option<&str>, stem: Option<&str>) -> Plan {
    let lines = lines(text);
    let mut aside: Vec<Option<Aside>> = vec![None; lines.len()];
    let times = site::times(&lines);
    let one = |at: usize, rule: Rule, confidence: f32, why: Vec<String>| Some(Aside { lines: at..at + 1, rule, confidence, why });
    let mut candidates = headings::candidates(text, &lines);
    let broken = wrap::find(text, &lines);
    // A piece of a broken line may say anything.
    let piece = |at: usize| {
        let joins =
            |at: usize| broken.is_some_and(|wrap| matches!(lines.get(at..at + 2), Some([line, next]) if wrap.joins(text, line, next)));
        joins(at) || at > 0 && joins(at - 1)
    };
    for (at, line) in lines.iter().enumerate() {
        let (score, why) = site::score(&text[line.range.clone()], line, times.get(line.key.as_str()).copied().unwrap_or(0));
        let heading = || candidates.iter().any(|heading| heading.line == at && heading.score > 1.5);
        if score >= SITE && !heading() && !(piece(at) && score < 0.97) {
            aside[at] = one(at, Rule::Site, score, why);
        }
    }
    candidates.retain(|heading| aside[heading.line].is_none());
    let lists = contents::lists(text, &lines, &candidates, &aside);
    for list in &lists {
        let why = vec![format!("headings {}", list.entries.len()), "no text between".into()];
        list.lines.clone().for_each(|at| aside[at] = one(at, Rule::Contents, 0.99, why.clone()));
    }
    candidates.retain(|heading| aside[heading.line].is_none());
    let left: Vec<usize> = aside.iter().enumerate().filter(|(_, own)| own.is_none()).map(|(at, _)| at).collect();
    let repeats = repeats::find(&lines, &left);
    for repeat in &repeats {
        let first = repeat.pairs.first().map_or(0, |(first, _)| lines[*first].number);
        let why = vec![format!("as line {first}"), format!("lines {}", repeat.pairs.len())];
        for at in repeat.lines.clone() {
            if aside[at].as_ref().is_none_or(|known| known.rule == Rule::Site) {
                aside[at] = one(at, Rule::Repeat, 0.99, why.clone());
            }
        }
    }
    candidates.retain(|heading| aside[heading.line].is_none());
    let second = contents::support(text, &lines, &lists, &mut candidates, &aside);
    headings::chains(&lines, &mut candidates);
    let (mut accepted, refused): (Vec<Heading>, Vec<Heading>) = candidates.into_iter().partition(|heading| heading.score > 0.0);
    accepted.retain(|heading| !second.values().any(|next| *next == heading.line));
    let lead = title::find(text, &lines, &lists, &accepted, &mut aside, stem);
    let body: Vec<Line> = lines
        .iter()
        .zip(&aside)
        .enumerate()
        .filter(|(at, (_, own))| own.is_none() && accepted.binary_search_by_key(at, |heading| heading.line).is_err())
        .map(|(_, (line, _))| line.clone())
        .collect();
    let wrap = wrap::find(text, &body);
    let mut plan = Plan { wrap, repeats, refused, authors: lead.authors, ..Plan::default() };
    plan.without_body = contents::without_body(text, &lists, &accepted);
    plan.gaps = contents::gaps(text, &accepted);
    plan.units = units(text, &lines, accepted, &second, &aside, wrap);
    plan.asides = joined(aside);
    plan.title = named
        .map(str::to_owned)
        .or(lead.title)
        .or_else(|| title::own(text, &lines, &plan.units))
        .or_else(|| stem.map(str::to_owned))
        .unwrap_or_else(|| "未名".into());
    plan.lines = lines;
    plan
}

/// Lines in a row that are set aside for one reason are one passage.
fn joined(aside: Vec<Option<Aside>>) -> Vec<Aside> {
    let mut found: Vec<Aside> = Vec::new();
    for own in aside.into_iter().flatten() {
        match found.last_mut() {
            Some(last) if last.lines.end == own.lines.start && last.rule == own.rule && last.why == own.why => {
                last.lines.end = own.lines.end
            }
            _ => found.push(own),
        }
    }
    found
}

/// Ranks of the headings that begin chapters, by what is at hand.
fn chapter_rank(accepted: &[Heading]) -> Option<Rank> {
    let has = |rank: Rank| accepted.iter().any(|heading| heading.rank == rank);
    let order =
        [Rank::Chapter, Rank::Section, Rank::Part, Rank::Volume, Rank::Bare, Rank::Decimal(1), Rank::Han, Rank::Bracketed, Rank::Named];
    order.into_iter().find(|rank| has(*rank)).or_else(|| accepted.iter().map(|heading| heading.rank).min())
}

#[expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "`at`, and `at + 1` where there is a next line, are lines of this text; `aside` is as long"
)]
fn units(
    text: &str,
    lines: &[Line],
    accepted: Vec<Heading>,
    second: &BTreeMap<usize, usize>,
    aside: &[Option<Aside>],
    wrap: Option<Wrap>,
) -> Vec<Unit> {
    let chapter = chapter_rank(&accepted);
    let mut below: Vec<Rank> =
        accepted.iter().map(|heading| heading.rank).filter(|rank| Some(*rank) > chapter && *rank != Rank::Named).collect();
    below.sort_unstable();
    below.dedup();
    let mut units: Vec<Unit> = Vec::new();
    let mut headings = accepted.into_iter().peekable();
    let mut at = 0;
    while at < lines.len() {
        if aside[at].is_some() {
            at += 1;
            continue;
        }
        let mut next = None;
        let mut any = false;
        while let Some(heading) = headings.next_if(|heading| heading.line <= at) {
            any = true;
            if heading.rank < chapter.unwrap_or(Rank::Chapter) && heading.rank <= Rank::Part {
                units.push(Unit::Part(heading));
                continue;
            }
            let level = below.iter().position(|rank| *rank == heading.rank).map_or(1, |at| (at + 2).min(6) as u8);
            next = second.get(&at).copied().or_else(|| own_title_line(text, lines, &heading, at, aside, headings.peek()));
            units.push(Unit::Heading { level, heading, next });
        }
        if any {
            at = next.map_or(at, |next| next) + 1;
            continue;
        }
        let own = &text[lines[at].range.clone()];
        if is_break(own) {
            units.push(Unit::Break(at));
            at += 1;
            continue;
        }
        let mut paragraph = vec![at];
        while let (Some(wrap), Some(next)) = (wrap, lines.get(at + 1)) {
            let ends = aside[at + 1].is_some()
                || headings.peek().is_some_and(|heading| heading.line == at + 1)
                || is_break(&text[next.range.clone()]);
            if ends || !wrap.joins(text, &lines[at], next) {
                break;
            }
            at += 1;
            paragraph.push(at);
        }
        units.push(Unit::Paragraph(paragraph));
        at += 1;
    }
    units
}

/// The line right below a label that stands alone is its title, if it is like one.
#[expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "`at`, and `at + 1` where there is a next line, are lines of this text; `aside` is as long"
)]
fn own_title_line(
    text: &str,
    lines: &[Line],
    heading: &Heading,
    at: usize,
    aside: &[Option<Aside>],
    following: Option<&Heading>,
) -> Option<usize> {
    let alone =
        heading.key.is_empty() && heading.rank <= Rank::Section && heading.rank != Rank::Named && heading.range.end == lines[at].range.end;
    let next = lines.get(at + 1).filter(|_| alone && aside[at + 1].is_none())?;
    let own = &text[next.range.clone()];
    let free = following.is_none_or(|following| following.line != at + 1);
    let like_text = own.ends_with(['。', '！', '？', '，', '；', '：', '”', '…', '.', ',', ':'])
        || own.contains('。')
        || own.starts_with(['“', '「', '"']);
    // Its own text stands below it.
    let body = lines.get(at + 2).is_some_and(|body| body.length > next.length || body.length > SHORT);
    (free && !like_text && next.length <= SHORT && body).then_some(at + 1)
}

fn is_break(own: &str) -> bool {
    let characters: Vec<char> = own.chars().filter(|c| !c.is_whitespace()).collect();
    characters.len() >= 3 && characters.iter().all(|c| "*＊-—=＝~～_☆★◇◆○●※·".contains(*c)) || matches!(own, "※" | "☆" | "◇")
}

/// Whether two titles are the same, by their keys.
pub(super) fn same_title(one: &str, other: &str) -> bool {
    one == other || !one.is_empty() && !other.is_empty() && likeness(one, other) >= 0.75
}

/// The key of a heading's title with that of the line on which it goes on.
#[expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "both callers give the place of a line that is there, and its range is of this text"
)]
pub(super) fn whole_key(text: &str, lines: &[Line], heading: &Heading, next: usize) -> String {
    heading.key.clone() + &key(&text[lines[next].range.clone()])
}
