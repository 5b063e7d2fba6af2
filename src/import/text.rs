//! A plain text as a book: what [`super::plan`] found, as changes of the text that make the chapters' files of it.

use super::contents::{Gap, Missing};
use super::headings::{self, Heading, Rank};
use super::lines::is_blank;
use super::plan::{self, Plan, Unit};
use super::{Aside, Book, Chapter, markdown, repeats, site};
use crate::diagnostic::Text;
use crate::repair::encoding::Decoded;
use crate::repair::{self, Change, Copies, Entry, File, Passage, Rule};
use crate::text;
use std::collections::BTreeMap;

/// The name of what stands before the first chapter.
const FRONT: &str = "front.md";
/// How likely a line has to be a heading to be spoken of where it is taken for none: the logarithm of the odds.
const REFUSED: f64 = -2.0;

/// Makes the book. `name` is the file's; `bytes` are as they were read.
pub(super) fn book(decoded: Decoded, bytes: &[u8], name: &str, title: Option<&str>, confidence: f32) -> Option<Book> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let plan = plan::find(&decoded.text, title, Some(stem));
    if plan.units.is_empty() {
        return None;
    }
    let mut writer = Writer::new(&decoded.text, &plan);
    for unit in &plan.units {
        writer.unit(unit);
    }
    writer.finish();
    let Writer { mut changes, passages, blocks, chapters, first, .. } = writer;
    let (characters, marks) = repeats::differences(&decoded.text, &plan.lines, &plan.repeats);
    let revised = revise(&decoded.text, &passages, &characters, &marks, &changes, confidence);
    changes.extend(revised);
    changes.extend(plan.refused.iter().filter(|heading| heading.score > REFUSED).map(|heading| {
        let change = Change::new(Rule::Heading, heading.range.start, "", "# ").because(heading.confidence(), heading.why.clone());
        Change { applied: false, ..change }
    }));
    changes.sort_by_key(|change| change.at);
    escape(&decoded.text, &blocks, &mut changes);
    let asides = plan.asides.iter().map(|aside| aside_of(&decoded.text, &plan, aside)).collect();
    let notes = notes(&plan);
    let language = language(&decoded.text);
    let file = File::new(name, format!("src/{first}"), decoded.form, bytes);
    Some(Book {
        title: plan.title,
        authors: plan.authors,
        language,
        chapters,
        entries: vec![(Entry { file, changes }, decoded.text)],
        assets: Vec::new(),
        asides,
        notes,
    })
}

#[expect(clippy::indexing_slicing, clippy::string_slice, reason = "asides are lines of the plan, which were trimmed from the same text")]
fn aside_of(text: &str, plan: &Plan, aside: &plan::Aside) -> Aside {
    let lines = &plan.lines[aside.lines.clone()];
    let content = lines.iter().map(|line| text[line.range.clone()].to_owned()).collect();
    let end = |line: Option<&super::lines::Line>| line.map_or(0, |line| line.number);
    Aside { rule: aside.rule, first: end(lines.first()), last: end(lines.last()), lines: content }
}

/// Gathers the changes that make files of the text.
struct Writer<'a> {
    text: &'a str,
    plan: &'a Plan,
    changes: Vec<Change>,
    /// What is to be put right: pieces of lines.
    passages: Vec<Passage>,
    /// Blocks of Markdown, by the bytes of the text that are in them.
    blocks: Vec<std::ops::Range<usize>>,
    chapters: Vec<Chapter>,
    /// Everything before this byte is dealt with.
    done: usize,
    /// The name of the first file.
    first: String,
    /// Whether a file is begun, and has a block.
    open: bool,
    filled: bool,
    /// The title of a part whose first chapter has not come yet.
    part: Option<String>,
    digits: usize,
    number: usize,
    asides: std::iter::Peekable<std::slice::Iter<'a, plan::Aside>>,
    /// Where the last heading of each line ends.
    heading_ends: BTreeMap<usize, usize>,
    /// How many chapters with a number come yet, to tell an epilogue from a prologue.
    ahead: usize,
}

impl<'a> Writer<'a> {
    fn new(text: &'a str, plan: &'a Plan) -> Writer<'a> {
        let begins = |unit: &&Unit| matches!(unit, Unit::Heading { level: 1, .. });
        let count = plan.units.iter().filter(begins).count();
        let named = |unit: &Unit| matches!(unit, Unit::Heading { heading, .. } if heading.rank == Rank::Named);
        let ahead = plan.units.iter().filter(begins).filter(|unit| !named(unit)).count();
        Writer {
            text,
            plan,
            changes: Vec::new(),
            passages: Vec::new(),
            blocks: Vec::new(),
            chapters: Vec::new(),
            done: 0,
            first: String::new(),
            open: false,
            filled: false,
            part: None,
            digits: count.to_string().len().max(2),
            number: 0,
            asides: plan.asides.iter().peekable(),
            heading_ends: plan.heading_ends(),
            ahead,
        }
    }

    /// Takes what stands before `to` out of the way: asides, and blanks, in place of which `wanted` is to stand.
    #[expect(clippy::indexing_slicing, reason = "asides are lines of the plan, one or more in a row")]
    fn gap(&mut self, to: usize, wanted: &str, rule: Rule, confidence: f32) {
        while let Some(aside) = self.asides.next_if(|aside| self.plan.lines[aside.lines.start].range.start < to) {
            let lines = &self.plan.lines[aside.lines.clone()];
            let (Some(start), Some(end)) = (lines.first().map(|line| line.range.start), lines.last().map(|line| line.range.end)) else {
                continue;
            };
            self.replace(start, "", Rule::Blank, 1.0);
            self.push(end, "", aside.rule, aside.confidence, aside.why.clone());
        }
        self.replace(to, wanted, rule, confidence);
    }

    #[expect(clippy::string_slice, reason = "`done` only goes on: units, asides and words come in the order of the text")]
    fn replace(&mut self, to: usize, wanted: &str, rule: Rule, confidence: f32) {
        if self.text[self.done..to] == *wanted {
            self.done = to;
        } else {
            self.push(to, wanted, rule, confidence, Vec::new());
        }
    }

    #[expect(clippy::string_slice, reason = "`done` only goes on: units, asides and words come in the order of the text")]
    fn push(&mut self, to: usize, after: &str, rule: Rule, confidence: f32, why: Vec<String>) {
        self.changes.push(Change::new(rule, self.done, &self.text[self.done..to], after).because(confidence, why));
        self.done = to;
    }

    /// What stands between two blocks.
    fn between(&mut self, to: usize) {
        let wanted = if self.filled { "\n\n" } else { "" };
        self.gap(to, wanted, Rule::Blank, 1.0);
        self.filled = true;
    }

    /// Ends the file that is open, and begins one.
    fn file(&mut self, to: usize, chapter: Chapter) {
        let end = if self.filled { "\n" } else { "" };
        self.gap(to, end, Rule::Blank, 1.0);
        if self.chapters.iter().all(|chapter| chapter.file.is_none()) {
            self.first = chapter.file.clone().unwrap_or_default();
        } else {
            let mut change = Change::new(Rule::File, to, "", "");
            change.to = chapter.file.as_ref().map(|file| format!("src/{file}"));
            self.changes.push(change);
        }
        if let Some(title) = self.part.take() {
            self.chapters.push(Chapter { part: Some(title), ..Chapter::default() });
        }
        self.chapters.push(chapter);
        (self.open, self.filled) = (true, false);
    }

    fn numbered(&mut self) -> String {
        self.number += 1;
        format!("ch{:0digits$}.md", self.number, digits = self.digits)
    }

    #[expect(clippy::indexing_slicing, clippy::string_slice, reason = "a break's line is one of the plan's, trimmed from the same text")]
    fn unit(&mut self, unit: &Unit) {
        match unit {
            Unit::Part(heading) => self.part(heading),
            Unit::Heading { level, heading, next } => self.heading(*level, heading, *next),
            Unit::Paragraph(lines) => self.paragraph(lines),
            Unit::Break(line) => {
                let range = self.plan.lines[*line].range.clone();
                self.body(range.start);
                self.between(range.start);
                let why = vec!["signs alone".to_owned()];
                if self.text[range.clone()] != *"***" {
                    self.push(range.end, "***", Rule::Break, 0.95, why);
                }
                self.done = range.end;
            }
        }
    }

    fn part(&mut self, heading: &Heading) {
        if let Some(title) = self.part.take() {
            // A part within a part, or one without chapters.
            self.chapters.push(Chapter { part: Some(title), ..Chapter::default() });
        }
        self.gap(heading.range.start, "", Rule::Blank, 1.0);
        self.push(heading.range.end, "", Rule::Manifest, heading.confidence(), heading.why.clone());
        self.part = Some(spaced(self.text, &heading.range, heading.label.end));
    }

    /// Text without a heading: what stands before the first chapter, or between a part's title and its first chapter.
    fn body(&mut self, to: usize) {
        if let Some(title) = self.part.clone() {
            let file = self.numbered();
            self.file(to, Chapter { file: Some(file), title: Some(title), ..Chapter::default() });
        } else if !self.open {
            let whole = self.ahead == 0 && self.plan.units.iter().all(|unit| !matches!(unit, Unit::Heading { level: 1, .. }));
            let chapter = if whole {
                Chapter { file: Some(self.numbered()), ..Chapter::default() }
            } else {
                Chapter { file: Some(FRONT.to_owned()), title: Some("前言".into()), matter: Some("front"), ..Chapter::default() }
            };
            self.file(to, chapter);
        }
    }

    /// What stands on a heading's line before it and after it and is no part of it: 正文, ☆、, ===.
    #[expect(clippy::string_slice, reason = "`from` is at most `to`: what lies between a heading's range and the ends of its line")]
    fn ornament(&mut self, from: usize, to: usize) {
        if !self.text[from..to].trim_matches(is_blank).is_empty() {
            self.done = from;
            self.push(to, "", Rule::Site, 0.9, vec!["beside a heading".into()]);
        }
    }

    #[expect(
        clippy::indexing_slicing,
        clippy::string_slice,
        reason = "the lines of headings are the plan's, and their ranges were cut from this text"
    )]
    fn heading(&mut self, level: u8, heading: &Heading, next: Option<usize>) {
        let range = heading.range.clone();
        let line = self.plan.lines[heading.line].range.clone();
        if level == 1 {
            let title = &self.text[range.clone()];
            let begun = self.chapters.iter().any(|chapter| chapter.file.is_some() && chapter.matter.is_none());
            let matter = (heading.rank == Rank::Named).then(|| headings::matter(title)).flatten().filter(|matter| match *matter {
                "front" => !begun,
                _ => self.ahead == 0,
            });
            self.ahead -= usize::from(heading.rank != Rank::Named);
            let file = self.numbered();
            self.file(self.done.max(line.start).min(range.start), Chapter { file: Some(file), matter, ..Chapter::default() });
            self.filled = true;
        } else {
            let start = self.done.max(line.start).min(range.start);
            self.body(start);
            self.between(start);
        }
        let mut begin = self.changes.pop_if(|last| last.at == self.done && last.rule == Rule::File);
        self.ornament(self.done, range.start);
        if self.done < range.start {
            self.replace(range.start, "", Rule::Blank, 1.0);
        }
        let marks = format!("{} ", "#".repeat(usize::from(level)));
        let mut change = Change::new(Rule::Heading, range.start, "", marks).because(heading.confidence(), heading.why.clone());
        // The mark and the file that begins here are one change.
        change.to = begin.take().and_then(|begin| begin.to);
        self.changes.push(change);
        let start = self.done;
        self.title(range.clone(), Some(heading.label.end));
        let last = self.heading_ends.get(&heading.line) == Some(&range.end);
        if last && range.end < line.end {
            self.ornament(range.end, line.end);
            self.done = line.end;
        }
        // Of two headings on a line, the last is the one that goes on.
        if let Some(next) = next.filter(|_| last) {
            let range = self.plan.lines[next].range.clone();
            self.gap(range.start, "\u{3000}", Rule::Join, 0.9);
            self.title(range, None);
        }
        self.blocks.push(start..self.done);
    }

    /// A title's words, with one ideographic space after the label and between clauses.
    fn title(&mut self, range: std::ops::Range<usize>, label: Option<usize>) {
        let mut from = range.start;
        if let Some((label, title)) = label.and_then(|label| parted(self.text, &range, label)) {
            // 第 14 章 is 第14章.
            self.words(from..label, Some(""));
            let wanted = if title < range.end { "\u{3000}" } else { "" };
            self.replace(title, wanted, Rule::Space, 0.99);
            from = title;
        }
        self.words(from..range.end, None);
    }

    /// Words, with what belongs between them: nothing is said, one blank.
    #[expect(clippy::string_slice, reason = "`range` is of a line or a heading; `at` ends the last word found in `own`")]
    fn words(&mut self, range: std::ops::Range<usize>, between: Option<&str>) {
        let own = &self.text[range.clone()];
        let mut at = 0;
        let mut last: Option<Option<char>> = None;
        for word in own.split(is_blank).filter(|word| !word.is_empty()) {
            let start = own[at..].find(word).map_or(at, |offset| at + offset);
            if let Some(last) = last {
                let western = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
                let blank = if western(last) && western(word.chars().next()) { " " } else { "\u{3000}" };
                self.replace(range.start + start, between.unwrap_or(blank), Rule::Space, 0.99);
            }
            self.passages.push(Passage::new(range.start + start..range.start + start + word.len()));
            at = start + word.len();
            self.done = range.start + at;
            last = Some(word.chars().next_back());
        }
    }

    #[expect(
        clippy::indexing_slicing,
        clippy::string_slice,
        reason = "a paragraph's lines are the plan's; `done` is the end of the line before"
    )]
    fn paragraph(&mut self, lines: &[usize]) {
        let text = self.text;
        let mut start = None;
        for (at, line) in lines.iter().enumerate() {
            let range = self.plan.lines[*line].range.clone();
            if at == 0 {
                self.body(range.start);
                self.between(range.start);
            } else {
                let (last, first) = (text[..self.done].chars().next_back(), text[range.start..].chars().next());
                let western = |c: Option<char>| c.is_some_and(|c| c.is_ascii_graphic());
                // A number goes on: 20|24.
                let number = last.is_some_and(|c| c.is_ascii_digit()) && first.is_some_and(|c| c.is_ascii_digit());
                let apart = western(last) && western(first) && !number;
                let confidence = self.plan.wrap.map_or(0.9, |wrap| f32::from(wrap.confidence) / 100.0);
                self.gap(range.start, if apart { " " } else { "" }, Rule::Join, confidence);
            }
            start.get_or_insert(range.start);
            self.adverts(range);
        }
        let start = start.unwrap_or(self.done);
        let block = start..self.done;
        let gone = self.changes.iter().rev().take_while(|change| change.at >= start).map(|change| change.at..change.end());
        let mut gone: Vec<_> = gone.filter(|range| !range.is_empty()).collect();
        gone.reverse();
        self.passages.push(Passage { range: block.clone(), holes: Vec::new(), gone });
        self.blocks.push(block);
    }

    /// A line of a paragraph, without what a site put into it.
    #[expect(clippy::string_slice, reason = "a line's range comes from trimming that line of the same text")]
    fn adverts(&mut self, range: std::ops::Range<usize>) {
        for found in site::within(&self.text[range.clone()]) {
            self.done = range.start + found.start;
            self.push(range.start + found.end, "", Rule::Advert, 0.95, vec!["phrase of a site in brackets".into()]);
        }
        self.done = range.end;
    }

    fn finish(&mut self) {
        self.gap(self.text.len(), "\n", Rule::Blank, 1.0);
        if let Some(title) = self.part.take() {
            self.chapters.push(Chapter { part: Some(title), ..Chapter::default() });
        }
    }
}

/// Where the label of a heading ends, and where its title begins: past blanks and the mark between them. `None` where the label is
/// not of the kind that a blank parts from its title.
fn parted(text: &str, range: &std::ops::Range<usize>, label: usize) -> Option<(usize, usize)> {
    let rest = text.get(label..range.end)?;
    let last = text.get(range.start..label)?.chars().next_back()?;
    if last.is_ascii() || "、．）".contains(last) || rest.starts_with(['·', '—', '-']) {
        return None;
    }
    let title = rest.trim_start_matches(|c: char| is_blank(c) || "：:、.．】〗］]".contains(c));
    Some((label, range.end - title.len()))
}

/// A title with one ideographic space between its clauses.
#[expect(clippy::string_slice, reason = "`parted` gives places within the heading's range, which was cut from this text")]
fn spaced(text: &str, range: &std::ops::Range<usize>, label: usize) -> String {
    let words = |text: &str, between: &str| text.split(is_blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(between);
    match parted(text, range, label) {
        Some((label, title)) => {
            let (label, title) = (words(&text[range.start..label], ""), words(&text[title..range.end], "\u{3000}"));
            if title.is_empty() { label } else { format!("{label}\u{3000}{title}") }
        }
        None => words(&text[range.clone()], "\u{3000}"),
    }
}

/// What is put right in the text of the blocks; changes that are already there come first.
fn revise(text: &str, passages: &[Passage], characters: &Copies, marks: &Copies, known: &[Change], confidence: f32) -> Vec<Change> {
    let mut revised = repair::revise(text, passages, characters, confidence);
    for (at, found) in marks {
        let inside = passages.iter().any(|passage| passage.range.start < *at && *at <= passage.range.end);
        if let Some((mark, copies)) = found.iter().max_by_key(|found| found.1).filter(|_| inside) {
            let mut change = Change::new(Rule::Copy, *at, "", *mark).because(0.95, vec![format!("copies {copies}")]);
            change.applied = change.confidence >= confidence;
            revised.push(change);
        }
    }
    revised.sort_by_key(|change| change.at);
    let mut others = known.iter().filter(|change| !change.before.is_empty()).peekable();
    revised.retain(|change| {
        while others.next_if(|other| other.end() <= change.at).is_some() {}
        others.peek().is_none_or(|other| other.at >= change.end().max(change.at + 1))
    });
    revised
}

/// Adds what Markdown needs, so that it reads the text as it is.
#[expect(clippy::string_slice, reason = "blocks begin and end where the writer was in this text")]
fn escape(text: &str, blocks: &[std::ops::Range<usize>], changes: &mut Vec<Change>) {
    let mut escapes = Vec::new();
    let mut at = 0;
    for block in blocks {
        for offset in markdown::escapes(&text[block.clone()]) {
            let place = block.start + offset;
            while changes.get(at).is_some_and(|change| change.end() <= place && change.at < place) {
                at += 1;
            }
            let changed =
                changes.iter().skip(at).take_while(|change| change.at <= place).any(|change| change.applied && change.end() > place);
            if !changed {
                escapes.push(Change::new(Rule::Escape, place, "", "\\"));
            }
        }
    }
    changes.extend(escapes);
    // An escape stands right before its character, after what is put in at the same place.
    changes.sort_by_key(|change| (change.at, !change.before.is_empty(), change.rule == Rule::Escape));
}

/// The language that a text is in, by its characters.
pub(super) fn language(text: &str) -> &'static str {
    let head: String = text.chars().take(200_000).collect();
    let kana = head.chars().filter(|c| matches!(c, 'ぁ'..='ヺ')).count();
    let han = head.chars().filter(|c| crate::script::is_han(*c)).count();
    let letters = head.chars().filter(char::is_ascii_alphabetic).count();
    match () {
        () if kana * 8 > han && kana > 0 => "ja",
        () if letters > (han + kana) * 4 => "en",
        () if repair::is_traditional(&head) => "zh-Hant-TW",
        () => "zh-Hans-CN",
    }
}

/// What a person should know of the text.
fn notes(plan: &Plan) -> Vec<Text> {
    let mut notes = Vec::new();
    let chapters: Vec<&Missing> = plan.without_body.iter().filter(|missing| missing.chapter.is_none()).collect();
    if !chapters.is_empty() {
        let count = chapters.len();
        let sections: usize = chapters.iter().map(|missing| missing.sections.len()).sum();
        notes.push(text!(
            "{count} chapters of the contents have no body, nor have their {sections} sections:",
            "目录中有 {count} 章没有正文，其下 {sections} 节亦无："
        ));
        for Missing { label, title, sections, .. } in chapters {
            notes.push(text!("  {label} {title}", "  {label}　{title}"));
            notes.extend(sections.iter().map(|section| text!("    {section}", "    {section}")));
        }
    }
    for Missing { chapter, label, title, .. } in plan.without_body.iter().filter(|missing| missing.chapter.is_some()) {
        let chapter = chapter.clone().unwrap_or_default();
        notes.push(text!("{chapter}: {label} {title} is in the contents and has no body", "{chapter}：目录中的{label}　{title}没有正文"));
    }
    for Gap { chapter, label, repeated, .. } in &plan.gaps {
        let chapter = chapter.as_ref().map_or(String::new(), |chapter| format!("{chapter}："));
        notes.push(if *repeated {
            text!("{chapter}{label} comes again", "{chapter}{label}重复出现")
        } else {
            text!("{chapter}{label} is missing", "{chapter}缺{label}")
        });
    }
    if let Some(wrap) = plan.wrap {
        let confidence = wrap.confidence;
        notes.push(text!("lines broken by their width were joined ({confidence} %)", "按行宽折断的行已接回（把握 {confidence}%）"));
    }
    let refused = plan.refused.iter().filter(|heading| heading.score > REFUSED).count();
    if refused > 0 {
        notes.push(text!(
            "{refused} lines look like headings and were taken for text; the report names them",
            "有 {refused} 行形似标题而按正文处理，详见报告"
        ));
    }
    notes
}
