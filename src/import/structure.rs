//! What is what in a plain text: headings, contents lists, repeats of the whole text, lines of the site that it was
//! taken from. Each judgement rests on shape and position.

use crate::diagnostic::Text;
use crate::script::numeral::{self, Number, Unit};
use crate::script::{IDEOGRAPHIC_SPACE, is_han};
use crate::text;
use std::collections::BTreeSet;

/// A book as found in a text.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub title: String,
    /// Paragraphs before the first chapter.
    pub front: Vec<String>,
    pub chapters: Vec<Chapter>,
    pub left_out: Vec<LeftOut>,
    /// Chapters that a contents list names and the text does not have.
    pub without_body: Vec<String>,
}

/// A chapter.
#[derive(Clone, Debug, Default)]
pub(super) struct Chapter {
    /// The title of the volume it is in.
    pub part: Option<String>,
    pub title: Option<String>,
    pub pieces: Vec<Piece>,
}

impl Chapter {
    /// How many sections it has.
    pub fn sections(&self) -> usize {
        self.pieces.iter().filter(|piece| matches!(piece, Piece::Section(_))).count()
    }
}

/// What a chapter is made of.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Section(String),
    Paragraph(String),
}

/// Why something was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// A list of the chapters.
    Contents,
    /// The text over again.
    Repeat,
    /// Lines before the text that have nothing to do with it.
    Foreign,
    /// Lines of the site.
    Site,
}

impl Reason {
    pub fn name(self) -> Text {
        match self {
            Reason::Contents => text!("a table of contents", "目录"),
            Reason::Repeat => text!("the same text over again", "重复的全文"),
            Reason::Foreign => text!("a line that has nothing to do with the text", "与正文无关的行"),
            Reason::Site => text!("lines of the website", "网站的行"),
        }
    }
}

/// A passage that was left out: its lines, from 1, and their text.
#[derive(Clone, Debug)]
pub(super) struct LeftOut {
    pub kind: Reason,
    pub first: usize,
    pub last: usize,
    pub lines: Vec<String>,
}

/// A line with text.
struct Line {
    /// From 1.
    number: usize,
    text: String,
    heading: Option<Number>,
}

/// Characters of a heading at most.
const HEADING: usize = 48;
/// Headings in a row that make a contents list.
const LIST: usize = 8;
/// Characters of a line that can be a heading's second line, or a line of a site.
const SHORT: usize = 30;
/// What sites write around a text. Only short lines at its edges are asked.
const SITE: &[&str] = &[
    "我要回帖",
    "更多关于",
    "随机推荐",
    "相关推荐",
    "点击进入",
    "本章未完",
    "上一页",
    "下一页",
    "返回目录",
    "返回列表",
    "加入书签",
    "版权声明",
    "免责声明",
    "扫一扫",
    "关注公众号",
    "阅读全文",
    "转载请注明",
    "分享到",
    "收藏本站",
    "发表评论",
];
/// Words that end the title of a document which names itself.
const GENRES: &[&str] = &["纲要", "规划", "报告", "条例", "办法", "意见", "白皮书", "章程", "方案", "公报", "宣言"];

/// Finds the book in a text.
pub(super) fn find(content: &str, title: Option<&str>, name: Option<String>) -> Draft {
    let mut lines: Vec<Line> = content.lines().enumerate().filter_map(|(at, raw)| line(at + 1, raw)).collect();
    keep_to_one_shape(&mut lines);
    let mut draft = Draft::default();
    let site = lines.iter().rposition(|line| !is_site(line)).map_or(0, |last| last + 1);
    let tail: Vec<Line> = lines.drain(site..).collect();
    let lists = contents_lists(&lines);
    let copies = copies(&lines, &lists);
    let kept = copies
        .iter()
        .max_by_key(|range| {
            (headings(&lines[range.start..range.end]), size(&lines[range.start..range.end]), std::cmp::Reverse(range.start))
        })
        .cloned()
        .unwrap_or(0..lines.len());
    let lead = copies
        .first()
        .map_or(0, |first| lists.iter().find(|list| list.end <= first.start).map_or(first.start, |list| list.start.min(first.start)));
    leave(&mut draft, Reason::Foreign, lines.get(..lead).unwrap_or(&[]));
    let mut at = lead;
    for list in &lists {
        leave(
            &mut draft,
            Reason::Repeat,
            &lines[at..list.start.max(at)].iter().filter(|line| !within(line, &lines, &kept)).collect::<Vec<_>>(),
        );
        leave(&mut draft, Reason::Contents, &lines[list.clone()]);
        at = list.end;
    }
    leave(&mut draft, Reason::Repeat, &lines[at..].iter().filter(|line| !within(line, &lines, &kept)).collect::<Vec<_>>());
    leave(&mut draft, Reason::Site, &tail);
    assemble(&mut draft, &lines[kept]);
    draft.without_body = without_body(&lines, &lists, &draft);
    draft.title = title
        .map(str::to_owned)
        .or_else(|| own_title(&draft))
        .or_else(|| first_line(&lines[..lead], &draft))
        .or(name)
        .unwrap_or_else(|| "未名".into());
    draft
}

fn line(number: usize, raw: &str) -> Option<Line> {
    // The blanks of web pages stand for single spaces.
    let text = raw.replace(['\u{a0}', '\u{feff}', '\u{200b}', '\t'], " ");
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == IDEOGRAPHIC_SPACE).to_owned();
    if text.is_empty() {
        return None;
    }
    let length = text.chars().count();
    let ends_like_text = text.ends_with(['。', '；', '，', '：', '、', ',', ';', '！', '？']);
    let heading = numeral::heading(&text).filter(|found| found.unit <= Unit::Section && length <= HEADING && !ends_like_text);
    Some(Line { number, text, heading })
}

/// Headings of a text are of one shape: with a blank after the number, or without. Where most have one, a line
/// without it that goes on like a sentence (第二章我还没看完) is none.
fn keep_to_one_shape(lines: &mut [Line]) {
    let apart = |line: &Line| line.heading.map(|found| found.title > found.label || found.label == line.text.len());
    let with = lines.iter().filter(|line| apart(line) == Some(true)).count();
    let without = lines.iter().filter(|line| apart(line) == Some(false)).count();
    if with >= without {
        lines.iter_mut().filter(|line| apart(line) == Some(false)).for_each(|line| line.heading = None);
    }
}

fn is_site(line: &Line) -> bool {
    let text = &line.text;
    line.heading.is_none() && text.chars().count() <= SHORT && SITE.iter().any(|phrase| text.contains(phrase))
}

fn headings(lines: &[Line]) -> usize {
    lines.iter().filter(|line| line.heading.is_some()).count()
}

fn size(lines: &[Line]) -> usize {
    lines.iter().map(|line| line.text.chars().count()).sum()
}

fn within(line: &Line, lines: &[Line], kept: &std::ops::Range<usize>) -> bool {
    kept.start < kept.end && (lines[kept.start].number..=lines[kept.end - 1].number).contains(&line.number)
}

/// Runs of headings without text between them: a second line of a heading may stand there, a paragraph may not.
fn contents_lists(lines: &[Line]) -> Vec<std::ops::Range<usize>> {
    let mut lists = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if lines[at].heading.is_none() {
            at += 1;
            continue;
        }
        let mut end = at;
        let mut count = 0;
        while end < lines.len() {
            if lines[end].heading.is_some() {
                count += 1;
            } else {
                let continues = lines[end].text.chars().count() <= SHORT
                    && !lines[end].text.contains('。')
                    && lines.get(end + 1).is_some_and(|next| next.heading.is_some());
                if !continues {
                    break;
                }
            }
            end += 1;
        }
        // The heading right before a paragraph is the first of the body, not the last of the list.
        let body_follows = end < lines.len();
        let own = if body_follows { list_end(lines, at, end) } else { end };
        if count >= LIST && own - at >= LIST {
            lists.push(at..own);
            at = own;
        } else {
            at = end.max(at + 1);
        }
    }
    lists
}

/// Where a list ends whose last headings may already be the body's: at the heading that starts the numbering anew.
fn list_end(lines: &[Line], start: usize, end: usize) -> usize {
    let first = &lines[start];
    let again = |line: &Line| matches!((line.heading, first.heading), (Some(a), Some(b)) if a.unit == b.unit && a.value == b.value);
    (start + 1..end).rev().find(|at| again(&lines[*at])).unwrap_or(end)
}

/// The copies of the text: what stands between contents lists, or, without lists, from one first chapter to the next.
fn copies(lines: &[Line], lists: &[std::ops::Range<usize>]) -> Vec<std::ops::Range<usize>> {
    if lists.is_empty() {
        return vec![0..lines.len()];
    }
    let ends = lists.iter().skip(1).map(|list| list.start).chain([lines.len()]);
    let found: Vec<std::ops::Range<usize>> = lists
        .iter()
        .map(|list| list.end)
        .zip(ends)
        .map(|(start, end)| start..end)
        .filter(|range| headings(&lines[range.clone()]) > 0)
        .collect();
    let signature =
        |range: &std::ops::Range<usize>| lines[range.clone()].iter().find_map(|line| line.heading.map(|found| (found.unit, found.value)));
    let first = found.first().and_then(signature);
    // Only what begins as the first does is the same text over again; else it goes on.
    if found.iter().all(|range| signature(range) == first) && !found.is_empty() {
        return found;
    }
    vec![lists[0].end..lines.len()]
}

/// Notes what is left out, as one passage.
fn leave<L: std::borrow::Borrow<Line>>(draft: &mut Draft, kind: Reason, lines: &[L]) {
    if let (Some(first), Some(last)) = (lines.first(), lines.last()) {
        let content = lines.iter().map(|line| line.borrow().text.clone()).collect();
        draft.left_out.push(LeftOut { kind, first: first.borrow().number, last: last.borrow().number, lines: content });
    }
}

/// A heading's text with its blanks put right: one ideographic space after the number and between clauses.
fn heading_text(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c == IDEOGRAPHIC_SPACE).filter(|word| !word.is_empty()).fold(
        String::new(),
        |mut out, word| {
            if let Some(last) = out.chars().next_back() {
                let western = last.is_ascii_alphanumeric() && word.starts_with(|c: char| c.is_ascii_alphanumeric());
                out.push(if western { ' ' } else { IDEOGRAPHIC_SPACE });
            }
            out + word
        },
    )
}

/// Divides the kept lines into chapters: the unit of a chapter is the one just above sections, volumes are parts.
fn assemble(draft: &mut Draft, lines: &[Line]) {
    let units: BTreeSet<Unit> = lines.iter().filter_map(|line| line.heading.map(|found| found.unit)).collect();
    let chapter_unit = if units.contains(&Unit::Chapter) { Some(Unit::Chapter) } else { units.iter().next_back().copied() };
    let mut part = None;
    for line in lines {
        let text = line.text.clone();
        match line.heading.map(|found| found.unit) {
            Some(unit) if Some(unit) == chapter_unit => {
                draft.chapters.push(Chapter { part: part.clone(), title: Some(heading_text(&text)), pieces: Vec::new() });
            }
            Some(unit) if chapter_unit.is_some_and(|chapter| unit < chapter) => part = Some(heading_text(&text)),
            Some(_) if !draft.chapters.is_empty() => {
                if let Some(chapter) = draft.chapters.last_mut() {
                    chapter.pieces.push(Piece::Section(heading_text(&text)));
                }
            }
            _ => match draft.chapters.last_mut() {
                Some(chapter) => chapter.pieces.push(Piece::Paragraph(text)),
                None => draft.front.push(text),
            },
        }
    }
    if draft.chapters.is_empty() && !draft.front.is_empty() {
        // A text without chapters is one chapter.
        let pieces = std::mem::take(&mut draft.front).into_iter().map(Piece::Paragraph).collect();
        draft.chapters.push(Chapter { part: None, title: None, pieces });
    }
}

fn without_body(lines: &[Line], lists: &[std::ops::Range<usize>], draft: &Draft) -> Vec<String> {
    let Some(list) = lists.first() else { return Vec::new() };
    let numbers: BTreeSet<(Unit, u32)> = draft
        .chapters
        .iter()
        .filter_map(|chapter| numeral::heading(chapter.title.as_deref()?).map(|found| (found.unit, found.value)))
        .collect();
    let listed = lines[list.clone()].iter().filter_map(|line| Some((line.heading?, line)));
    let missing =
        listed.filter(|(found, _)| numbers.iter().any(|(unit, _)| *unit == found.unit) && !numbers.contains(&(found.unit, found.value)));
    missing.map(|(found, line)| line.text[..found.label].trim().to_owned()).collect()
}

/// The title of a document that names itself at the start of a paragraph: “……纲要以……为指导”.
fn own_title(draft: &Draft) -> Option<String> {
    let first = draft
        .chapters
        .first()
        .map(|chapter| chapter.pieces.iter().filter_map(|piece| if let Piece::Paragraph(text) = piece { Some(text) } else { None }));
    let paragraphs = draft.front.iter().chain(first.into_iter().flatten().take(2));
    for text in paragraphs {
        let end = GENRES
            .iter()
            .filter_map(|genre| text.find(genre).map(|at| at + genre.len()))
            .filter(|end| text[*end..].starts_with(['以', '是', '为', '由', '根', '按', '提', '，', ',']))
            .min();
        if let Some(end) = end {
            let title = text[..end].trim_start_matches('《');
            let length = title.chars().count();
            if (6..=40).contains(&length) && title.chars().all(|c| is_han(c) || c.is_ascii_alphanumeric()) {
                return Some(title.to_owned());
            }
        }
    }
    None
}

/// The first line, if the text speaks of what it names.
fn first_line(lead: &[Line], draft: &Draft) -> Option<String> {
    let line = lead.first()?;
    let characters: Vec<char> = line.text.chars().filter(|c| is_han(*c)).collect();
    let body: String = draft
        .chapters
        .iter()
        .flat_map(|chapter| &chapter.pieces)
        .map(|piece| match piece {
            Piece::Section(text) | Piece::Paragraph(text) => text.as_str(),
        })
        .collect();
    let pairs: Vec<String> = characters.windows(2).map(|pair| pair.iter().collect()).collect();
    let known = pairs.iter().filter(|pair| body.contains(pair.as_str())).count();
    (!pairs.is_empty() && known * 3 >= pairs.len() * 2).then(|| line.text.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> String {
        let list: String = (1..=5).map(|at| format!("第{0}章 篇{0}\n\n第一节 甲{0}\n\n", numeral::chinese(at))).collect();
        let body = "开头一段，说明来由，文字较长，足以成段。\n\n第一章 篇一\n\n正文一段，到此为止。\n\n第┅节 甲一\n\n正文二段，到此为止。\n\n第二章 篇二\n\n正文三段，到此为止。\n\n";
        format!("无关的标题\n\n{list}{body}{list}{body}我要回帖\n\n随机推荐\n")
    }

    #[test]
    fn a_text_twice_over_with_its_contents_is_one_book() {
        let draft = find(&sample(), Some("书"), None);
        assert_eq!(draft.chapters.len(), 2);
        assert_eq!((draft.chapters[0].sections(), draft.chapters[1].sections()), (1, 0));
        assert_eq!(draft.front.len(), 1);
        let kinds: Vec<Reason> = draft.left_out.iter().map(|piece| piece.kind).collect();
        assert_eq!(kinds, [Reason::Foreign, Reason::Contents, Reason::Contents, Reason::Repeat, Reason::Site]);
        assert_eq!(draft.without_body, ["第三章", "第四章", "第五章"]);
    }

    #[test]
    fn every_line_with_text_is_kept_or_set_aside() {
        let text = sample();
        let draft = find(&text, Some("书"), None);
        let kept = draft.front.len() + draft.chapters.iter().map(|chapter| 1 + chapter.pieces.len()).sum::<usize>();
        let aside: usize = draft.left_out.iter().map(|piece| piece.lines.len()).sum();
        assert_eq!(kept + aside, text.lines().filter(|line| !line.trim().is_empty()).count());
    }

    #[test]
    fn a_text_without_chapters_is_one_chapter() {
        let draft = find("第一段。\n\n第二段。\n", None, Some("名".into()));
        assert_eq!((draft.chapters.len(), draft.title.as_str()), (1, "名"));
    }
}
