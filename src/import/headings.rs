//! Headings, by evidence: their shape, how long they are and how they end, what stands around them, whether their numbers go on,
//! whether a list of contents names them. Each has a score and what speaks for it.

use super::lines::{Line, is_blank, key};
use crate::repair::is_word;
use crate::script::numeral::{self, Unit};
use std::collections::BTreeSet;
use std::ops::Range;

/// What a heading's label is like, from large to small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// 第一卷, 卷一, 上部
    Volume,
    /// 第一篇, Part 2
    Part,
    /// 第一章, 第二回, Chapter 3
    Chapter,
    /// 序, 楔子, 后记, 番外
    Named,
    /// 第一节
    Section,
    /// 第一条
    Article,
    /// 一、
    Han,
    /// （一）
    Bracketed,
    /// 3.1, and how many numbers it has
    Decimal(u8),
    /// 12, 十二, alone on its line
    Bare,
}

/// A line that may be a heading, or the part of one that begins a second heading.
#[derive(Clone, Debug)]
pub(super) struct Heading {
    /// Its line, by its place among the lines.
    pub line: usize,
    pub rank: Rank,
    /// Its number, where it has one.
    pub value: Option<u32>,
    /// The bytes of its label.
    pub label: Range<usize>,
    /// All its bytes.
    pub range: Range<usize>,
    /// What its title is compared by.
    pub key: String,
    /// The logarithm of the odds that it is one.
    pub score: f64,
    pub why: Vec<String>,
}

impl Heading {
    /// How sure it is, 0 to 1.
    pub fn confidence(&self) -> f32 {
        let share = 1.0 / (1.0 + (-self.score).exp());
        ((share * 1000.0).floor() / 1000.0) as f32
    }

    /// Adds to its score.
    pub fn weigh(&mut self, amount: f64, why: &str) {
        self.score += amount;
        self.why.push(format!("{why} {amount:+.1}"));
    }
}

/// Characters of the longest line that can be a heading.
const LONGEST: usize = 60;
/// Characters of a usual heading at most.
const USUAL: usize = 32;
/// What a heading without a number may be called. Those that stand before the text, and those after it.
const BEFORE: &[&str] = &[
    "序",
    "序言",
    "序文",
    "序章",
    "序曲",
    "序幕",
    "自序",
    "代序",
    "代前言",
    "总序",
    "前言",
    "引言",
    "引子",
    "楔子",
    "导言",
    "导读",
    "绪论",
    "绪言",
    "弁言",
    "凡例",
    "题记",
    "献词",
    "内容简介",
    "内容提要",
    "作者简介",
    "出版说明",
    "译者序",
    "译序",
    "再版序",
    "编者按",
    "写在前面",
    "開篇",
    "开篇",
    "前記",
    "前记",
    "緒論",
    "導讀",
    "總序",
    "譯者序",
];
const AFTER: &[&str] = &[
    "后记",
    "後記",
    "尾声",
    "尾聲",
    "终章",
    "終章",
    "跋",
    "跋语",
    "结语",
    "结束语",
    "結語",
    "附录",
    "附錄",
    "番外",
    "番外篇",
    "外传",
    "外傳",
    "外一篇",
    "致谢",
    "致謝",
    "参考文献",
    "參考文獻",
    "译后记",
    "譯後記",
    "再版后记",
    "大结局",
    "完本感言",
    "后序",
    "注释",
    "索引",
];

/// The matter that a heading without a number belongs to, by its name: before the text, or after it.
pub(super) fn matter(title: &str) -> Option<&'static str> {
    let name = |list: &'static [&'static str]| list.iter().any(|name| title.starts_with(name));
    if name(BEFORE) { Some("front") } else { name(AFTER).then_some("back") }
}

/// Lines that may be headings, scored by themselves and their neighbours alone.
#[expect(clippy::string_slice, reason = "ranges of lines, headings and labels were all cut from this text")]
pub(super) fn candidates(text: &str, lines: &[Line]) -> Vec<Heading> {
    let mut found: Vec<Heading> = Vec::new();
    let average = lines.iter().filter(|line| line.apart).count() * 10 > lines.len() * 9;
    for (at, whole) in lines.iter().enumerate().filter(|(_, line)| line.length <= LONGEST) {
        let line = &Line { range: bare(text, whole.range.clone()), ..whole.clone() };
        let Some(mut heading) = shape(text, line, at) else { continue };
        if line.range != whole.range {
            heading.weigh(1.0, "set off by signs");
        }
        let own = &text[line.range.clone()];
        let Some((label, next)) = own.split_at_checked(heading.label.len()) else { continue };
        let title = next.trim_matches(is_blank);
        match line.length {
            0..=20 => heading.weigh(0.5, "short"),
            21..=USUAL => {}
            33..=44 => heading.weigh(-0.8, "long"),
            _ => heading.weigh(-3.0, "long"),
        }
        let ends = own.chars().next_back().unwrap_or(' ');
        if "。；，,;：:、".contains(ends) {
            let sentence = own.trim_end_matches(ends).contains(['，', ',', '。', '；']);
            heading.weigh(if sentence { -4.0 } else { -2.5 }, "ends like text");
        } else if own.contains('。') {
            heading.weigh(-2.0, "has a stop");
        }
        if own.starts_with(['“', '「', '"', '‘', '『']) {
            heading.weigh(-2.5, "begins with a quote");
        }
        let parted = next.is_empty() || next.starts_with(|c: char| is_blank(c) || "：:、.．·—-《】〗］]".contains(c));
        match (parted, heading.rank >= Rank::Han) {
            (true, _) => heading.weigh(1.0, "parted label"),
            // The mark after the number is the label's own.
            (false, true) => heading.weigh(-0.7, "item of a list"),
            (false, false) => heading.weigh(-1.5, "joined label"),
        }
        // 第一回合, 第三节课: the unit goes on as another word.
        let unit = label.chars().next_back();
        let goes_on = || unit.into_iter().chain(next.chars().take(1)).collect::<String>();
        if !parted && heading.rank <= Rank::Section && is_word(&goes_on()) {
            heading.weigh(-3.0, "another word");
        }
        // 第三节课
        if !parted && heading.rank < Rank::Han && title.chars().count() == 1 {
            heading.weigh(-2.5, "title of one character");
        }
        if title.is_empty() && heading.rank != Rank::Bare {
            heading.weigh(0.3, "label alone");
        }
        if !average && line.apart {
            heading.weigh(0.7, "empty line before");
        }
        if !line.indented && lines.iter().filter(|line| line.indented).count() * 10 > lines.len() * 6 {
            heading.weigh(0.7, "not indented");
        }
        // Two headings on one line.
        let second = second(text, line, &heading, at);
        if let Some(second) = &second {
            heading.range.end = text[..second.range.start].trim_end_matches(is_blank).len();
            heading.key = key(&text[heading.label.end..heading.range.end]);
        }
        found.push(heading);
        found.extend(second);
    }
    one_shape(text, &mut found);
    found
}

/// Most headings of a text have a blank after the label, or most have none. Where most have, one without that goes on like a
/// sentence (第二章我还没看完) is likely none.
#[expect(clippy::string_slice, reason = "a heading's label ends within its range, and both were cut from this text")]
fn one_shape(text: &str, found: &mut [Heading]) {
    let numbered = |heading: &Heading| heading.rank <= Rank::Section && heading.rank != Rank::Named;
    let joined = |heading: &Heading| {
        text[heading.label.end..heading.range.end].chars().next().is_some_and(|c| !is_blank(c) && !"：:、.．】〗］]".contains(c))
    };
    let all = found.iter().filter(|heading| numbered(heading)).count();
    let without = found.iter().filter(|heading| numbered(heading) && joined(heading)).count();
    for heading in found.iter_mut().filter(|heading| numbered(heading) && joined(heading)) {
        if without * 10 > all * 7 && heading.score > -0.5 {
            heading.weigh(2.2, "shape of most");
        } else if without * 4 < all {
            heading.weigh(-1.5, "not the shape of most");
        }
    }
}

/// A line without the signs that set a heading off: 【第一章】, ☆、第一章, ===第一章===, 正文 第一章.
#[expect(clippy::string_slice, reason = "a line's range comes from trimming that line of the same text")]
fn bare(text: &str, range: Range<usize>) -> Range<usize> {
    const SIGNS: &str = "☆★◆◇●○※=＝*＊-—~～【】[]〖〗〔〕";
    let own = &text[range.clone()];
    let mut inner = own.trim_matches(|c: char| SIGNS.contains(c) || is_blank(c));
    if inner.len() < own.len() {
        inner = inner.trim_start_matches(['、', '.', ' ']);
    }
    if let Some(rest) = inner.strip_prefix("正文")
        && rest.starts_with(is_blank)
    {
        inner = rest.trim_start_matches(is_blank);
    }
    // Only for what is numbered: a line of signs may be anything.
    if inner.len() == own.len() || numeral::heading(inner).is_none() {
        return range;
    }
    let start = range.start + own.find(inner).unwrap_or(0);
    start..start + inner.len()
}

#[expect(clippy::string_slice, reason = "`label` counts bytes that were matched at the start of `text[at]`")]
fn heading(line: usize, at: Range<usize>, rank: Rank, value: Option<u32>, label: usize, text: &str) -> Heading {
    let key = key(&text[at.start + label..at.end]);
    Heading { line, rank, value, label: at.start..at.start + label, range: at, key, score: 0.0, why: Vec::new() }
}

#[expect(clippy::string_slice, reason = "a line's range, or what `bare` left of it, was cut from the same text")]
fn shape(text: &str, line: &Line, at: usize) -> Option<Heading> {
    let own = &text[line.range.clone()];
    if let Some(found) = numeral::heading(own) {
        let (rank, base) = match found.unit {
            Unit::Volume => (Rank::Volume, 1.2),
            Unit::Part => (Rank::Part, 1.5),
            Unit::Chapter => (Rank::Chapter, 2.0),
            Unit::Section => (Rank::Section, 1.8),
            Unit::Article => (Rank::Article, -0.5),
        };
        let mut made = heading(at, line.range.clone(), rank, Some(found.value), found.label, text);
        made.weigh(base, "numbered");
        return Some(made);
    }
    if let Some(label) = named(own) {
        let mut made = heading(at, line.range.clone(), Rank::Named, None, label, text);
        made.weigh(1.0, "named");
        return Some(made);
    }
    if let Some((value, label)) = counted(own) {
        let mut made = heading(at, line.range.clone(), Rank::Chapter, Some(value), label, text);
        made.weigh(1.0, "numbered without 第");
        return Some(made);
    }
    if let Some(label) = half(own) {
        let mut made = heading(at, line.range.clone(), Rank::Volume, None, label, text);
        made.weigh(1.2, "part of a whole");
        return Some(made);
    }
    let (rank, value, label) = listed(own)?;
    let mut made = heading(at, line.range.clone(), rank, Some(value), label, text);
    made.weigh(if rank == Rank::Bare { -0.8 } else { -1.2 }, "listed");
    Some(made)
}

/// The bytes of a name that a heading without number has: alone, or parted from a title.
fn named(own: &str) -> Option<usize> {
    // The longest name leaves the least.
    let rest = BEFORE.iter().chain(AFTER).filter_map(|name| own.strip_prefix(name)).min_by_key(|rest| rest.len())?;
    let number = rest.trim_start_matches(|c: char| c.is_ascii_digit() || "一二三四五六七八九十ABCDEⅠⅡⅢ".contains(c));
    let title = number.trim_start_matches(|c: char| is_blank(c) || "：:·—".contains(c));
    let fits = number.is_empty() || title.len() < number.len() && !title.is_empty();
    fits.then_some(own.len() - number.len())
}

/// 001章, 12回, parted from a title.
fn counted(own: &str) -> Option<(u32, usize)> {
    let digits = own.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = own.split_at_checked(digits).filter(|_| digits > 0 && digits < 5)?;
    let rest = rest.strip_prefix(['章', '回'])?;
    let fits = rest.is_empty() || rest.starts_with(|c: char| is_blank(c) || "：:、".contains(c));
    Some((number.parse().ok()?, own.len() - rest.len())).filter(|_| fits)
}

/// The bytes of 上卷, 下篇, 中部, parted from a title.
fn half(own: &str) -> Option<usize> {
    let mut characters = own.chars();
    let (first, second) = (characters.next()?, characters.next()?);
    let rest = characters.as_str();
    let fits = "上中下".contains(first)
        && "卷部篇编册集".contains(second)
        && rest.chars().next().is_none_or(|c| is_blank(c) || "：:·".contains(c));
    fits.then_some(own.len() - rest.len())
}

fn listed(own: &str) -> Option<(Rank, u32, usize)> {
    const NUMERALS: &str = "〇零一二三四五六七八九十百";
    let numerals: usize = own.chars().take_while(|c| NUMERALS.contains(*c)).map(char::len_utf8).sum();
    let (number, rest) = own.split_at_checked(numerals)?;
    if !number.is_empty() {
        let value = numeral::parse(number)?;
        if rest.is_empty() {
            return Some((Rank::Bare, value, numerals));
        }
        let mark = rest.chars().next().filter(|c| "、．.".contains(*c) || is_blank(*c))?;
        return Some((Rank::Han, value, numerals + mark.len_utf8()));
    }
    if let Some(rest) = own.strip_prefix(['（', '(']) {
        let (number, rest) = rest.split_once(['）', ')'])?;
        let value = number.chars().all(|c| NUMERALS.contains(c)).then(|| numeral::parse(number))??;
        return Some((Rank::Bracketed, value, own.len() - rest.len()));
    }
    let digits: usize = own.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let number = own.get(..digits)?.trim_end_matches('.');
    let parts: Vec<u32> = number.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let last = *parts.last()?;
    if own.len() == number.len() && parts.len() == 1 {
        return (last < 1000).then_some((Rank::Bare, last, number.len()));
    }
    let rest = own.strip_prefix(number)?;
    let mark = rest.chars().next().filter(|c| is_blank(*c) || "、．.".contains(*c) || parts.len() > 1)?;
    let label = if is_blank(mark) || "、．.".contains(mark) { number.len() + mark.len_utf8() } else { number.len() };
    // 1.24万亿元 is an amount.
    let title = own.get(label..)?.trim_start_matches(is_blank);
    let fits = parts.iter().all(|part| *part < 100)
        && !title.is_empty()
        && !title.starts_with(|c: char| c.is_ascii_digit() || "%％万亿元".contains(c));
    fits.then_some((Rank::Decimal(parts.len().min(4) as u8), last, label))
}

/// A heading of a smaller unit that begins within the line of a larger one: 第一卷　风起　第一章　相遇.
#[expect(clippy::string_slice, reason = "the first heading's label was cut from this line of the same text")]
fn second(text: &str, line: &Line, first: &Heading, at: usize) -> Option<Heading> {
    let mut rest = &text[first.label.end..line.range.end];
    while let Some((_, tail)) = rest.split_once(is_blank) {
        rest = tail;
        let Some(found) = numeral::heading(tail).filter(|_| !tail.starts_with(is_blank)) else { continue };
        let rank = match found.unit {
            Unit::Volume => Rank::Volume,
            Unit::Part => Rank::Part,
            Unit::Chapter => Rank::Chapter,
            Unit::Section => Rank::Section,
            Unit::Article => continue,
        };
        if rank > first.rank {
            let from = line.range.end - tail.len();
            let mut made = heading(at, from..line.range.end, rank, Some(found.value), found.label, text);
            made.weigh(first.score.max(1.0), "on the line of another");
            return Some(made);
        }
    }
    None
}

/// Lines whose numbers go on belong together: the best chain of each rank, from large to small, is told from lines that only
/// look like it. `larger` tells whether a heading of a larger rank stands between two lines.
#[expect(clippy::indexing_slicing, reason = "`own` holds places in `found`, whose length stays the same")]
pub(super) fn chains(lines: &[Line], found: &mut [Heading]) {
    let ranks: BTreeSet<Rank> = found.iter().filter(|heading| heading.value.is_some()).map(|heading| heading.rank).collect();
    let mut above: Vec<usize> = Vec::new();
    for rank in ranks {
        let own: Vec<usize> = (0..found.len()).filter(|at| found[*at].rank == rank).collect();
        chain(found, &own, &above);
        let listed = rank >= Rank::Han || rank == Rank::Article;
        let accepted = own.iter().filter(|at| found[**at].score > 0.0).count();
        let has_body = |at: &&usize| found[**at].score > 0.0 && lines.get(found[**at].line + 1).is_some_and(|next| next.length > BODY);
        let bodies = own.iter().filter(has_body).count();
        for at in &own {
            // Fewer than three make no list, nor do items that nothing stands below.
            if listed && (accepted < 3 || bodies * 2 < accepted) {
                found[*at].weigh(-2.0, "few");
            }
            if found[*at].score > 0.0 {
                above.push(found[*at].line);
            }
        }
        above.sort_unstable();
    }
}

/// Characters of a line that is a text below a heading.
const BODY: usize = 24;
/// How far back a number may go on from.
const BACK: usize = 24;

#[expect(clippy::indexing_slicing, reason = "`own` holds places in `found`; `best`, `chosen` and `bonus` hold one for each of them")]
fn chain(found: &mut [Heading], own: &[usize], above: &[usize]) {
    let step = |one: &Heading, other: &Heading| -> f64 {
        let (before, value) = (f64::from(one.value.unwrap_or(0)), f64::from(other.value.unwrap_or(0)));
        let fresh = above.partition_point(|line| *line <= one.line) < above.partition_point(|line| *line <= other.line);
        let start = if fresh { 1.0 - 0.5 * (value - 1.0).min(4.0) } else { -1.0 - 0.5 * (value - 1.0).min(4.0) };
        let on = match value - before {
            1.0 => 1.5,
            gap if gap > 1.0 => -0.2 - 0.25 * gap.min(8.0),
            _ => -2.5,
        };
        start.max(on)
    };
    let mut best: Vec<(f64, Option<usize>)> = Vec::with_capacity(own.len());
    for (at, index) in own.iter().enumerate() {
        let value = f64::from(found[*index].value.unwrap_or(0));
        let mut score = (0.5 - 0.5 * (value - 1.0).clamp(0.0, 4.0), None);
        for back in at.saturating_sub(BACK)..at {
            let with = best[back].0 + step(&found[own[back]], &found[*index]);
            if with > score.0 {
                score = (with, Some(back));
            }
        }
        best.push((score.0 + found[*index].score, score.1));
    }
    let mut at = (0..best.len()).max_by(|one, other| best[*one].0.total_cmp(&best[*other].0));
    let mut chosen = vec![false; own.len()];
    let mut bonus = vec![0.0; own.len()];
    while let Some(here) = at {
        chosen[here] = true;
        if let Some(before) = best[here].1 {
            let amount = step(&found[own[before]], &found[own[here]]);
            bonus[here] += amount.max(-1.0) / 2.0 + amount.max(0.0) / 4.0;
            bonus[before] += amount.max(0.0) / 2.0;
        }
        at = best[here].1;
    }
    for (at, index) in own.iter().enumerate() {
        if chosen[at] {
            found[*index].weigh(bonus[at], "number goes on");
        } else {
            found[*index].weigh(-2.0, "number does not fit");
        }
    }
}
