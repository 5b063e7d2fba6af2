//! The title and the author of a text, where it says them.

use super::contents::List;
use super::headings::Heading;
use super::lines::{Line, is_blank};
use super::plan::{Aside, Unit};
use crate::repair::Rule;
use crate::script::is_han;

/// What the first lines say of the book.
#[derive(Default)]
pub(super) struct Lead {
    pub title: Option<String>,
    pub authors: Vec<String>,
}

/// Characters of the longest title.
const LONGEST: usize = 40;
/// Characters of a line that is a title by standing alone.
const TITLE: usize = 14;
/// Lines at the start that may speak of the book.
const LEAD: usize = 12;
/// Words that end the title of a document which names itself.
const GENRES: &[&str] = &["纲要", "规划", "报告", "条例", "办法", "意见", "白皮书", "章程", "方案", "公报", "宣言"];

/// Reads the first lines, and sets aside those of them that the manifest keeps and those that are not of the text.
#[expect(clippy::string_slice, reason = "a line's range comes from trimming that line of the same text")]
pub(super) fn find(
    text: &str,
    lines: &[Line],
    lists: &[List],
    accepted: &[Heading],
    aside: &mut [Option<Aside>],
    stem: Option<&str>,
) -> Lead {
    let mut lead = Lead::default();
    let first = accepted.iter().map(|heading| heading.line).min();
    let list = lists.first().map(|list| list.lines.start);
    let end = first.into_iter().chain(list).min().unwrap_or(0).min(LEAD);
    let one =
        |at: usize, rule: Rule, confidence: f32, why: &str| Some(Aside { lines: at..at + 1, rule, confidence, why: vec![why.to_owned()] });
    for (at, (line, aside)) in lines.iter().zip(aside).enumerate().take(end) {
        if aside.is_some() {
            continue;
        }
        let own = &text[line.range.clone()];
        let value = |names: &[&str]| {
            let rest = names.iter().find_map(|name| own.strip_prefix(*name))?;
            let rest = rest.trim_start_matches(is_blank).strip_prefix(['：', ':'])?.trim_matches(is_blank);
            (!rest.is_empty() && rest.chars().count() <= LONGEST).then(|| rest.to_owned())
        };
        let author = value(&["作者", "著者", "作　者"]).or_else(|| written_by(own));
        if let Some(author) = author {
            lead.authors = author.split(['、', '，', ',']).map(|name| name.trim_matches(is_blank).to_owned()).collect();
            *aside = one(at, Rule::Manifest, 0.98, "author");
        } else if let Some(title) = value(&["书名", "書名", "标题", "篇名"]) {
            lead.title = Some(title.trim_matches(['《', '》']).to_owned());
            *aside = one(at, Rule::Manifest, 0.98, "title");
        } else if let Some((title, rest)) = own.strip_prefix('《').and_then(|rest| rest.split_once('》')) {
            let rest = rest.trim_matches(is_blank);
            let author = rest.split_once("作者").map(|(_, name)| name.trim_matches(|c| is_blank(c) || c == '：' || c == ':'));
            if lead.title.is_none() && (rest.is_empty() || author.is_some()) && at < 3 {
                lead.title = Some(title.to_owned());
                lead.authors.extend(author.map(str::to_owned));
                *aside = one(at, Rule::Manifest, 0.95, "title in brackets");
            }
        } else if lead.title.is_none()
            && line.length <= LONGEST
            && !own.ends_with(['。', '！', '？', '，', '：', '；', '”'])
            && !own.contains('。')
        {
            let known = known(own, &text[line.range.end..]);
            // A short first line right before the headings, the contents or the author is what the book is called.
            let follows = lines.get(at + 1).is_some_and(|next| at + 1 >= end || written_by(&text[next.range.clone()]).is_some());
            let alone = at == 0 && follows && line.length <= TITLE && own.chars().all(|c| is_han(c) || "·：—".contains(c));
            if stem.is_some_and(|stem| stem == own) || at == 0 && known >= 2.0 / 3.0 || alone {
                lead.title = Some(own.to_owned());
                *aside = one(at, Rule::Manifest, 0.9, "title");
            } else if list.is_some_and(|list| at < list) {
                *aside = one(at, Rule::Foreign, (1.0 - known as f32 / 2.0).min(0.95), "before the contents, and no title");
            }
        }
    }
    lead
}

/// The author of a line that is nothing else: 某人 著, 作者 某人, 文/某人.
fn written_by(own: &str) -> Option<String> {
    let name = |name: &str| {
        let name = name.trim_matches(|c| is_blank(c) || c == '：' || c == ':');
        let length = name.chars().count();
        ((2..=8).contains(&length) && name.chars().all(|c| is_han(c) || c == '·')).then(|| name.to_owned())
    };
    if let Some(rest) = own.strip_suffix('著').filter(|rest| rest.ends_with(is_blank)) {
        return name(rest);
    }
    let rest = own
        .strip_prefix("文/")
        .or_else(|| own.strip_prefix("文／"))
        .or_else(|| own.strip_prefix("作者").filter(|rest| rest.starts_with(is_blank)))?;
    name(rest)
}

/// The share of a line's pairs of characters that the rest of the text has too.
fn known(own: &str, rest: &str) -> f64 {
    let characters: Vec<char> = own.chars().filter(|c| is_han(*c)).collect();
    let pairs: Vec<String> = characters.windows(2).map(|pair| pair.iter().collect()).collect();
    let known = pairs.iter().filter(|pair| rest.contains(pair.as_str())).count();
    known as f64 / pairs.len().max(1) as f64
}

/// The title of a document that names itself at the start of a paragraph: “……纲要以……为指导”.
#[expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "paragraphs are made of these lines, which were trimmed from the same text"
)]
pub(super) fn own(text: &str, lines: &[Line], units: &[Unit]) -> Option<String> {
    let paragraphs = units.iter().filter_map(|unit| if let Unit::Paragraph(lines) = unit { lines.first() } else { None });
    for line in paragraphs.take(4) {
        let own = &text[lines[*line].range.clone()];
        let title = GENRES
            .iter()
            .filter_map(|genre| own.split_at_checked(own.find(genre)? + genre.len()))
            .filter(|(_, rest)| rest.starts_with(['以', '是', '为', '由', '根', '按', '提', '，', ',']))
            .map(|(title, _)| title)
            .min_by_key(|title| title.len());
        if let Some(title) = title {
            let title = title.trim_start_matches('《');
            let length = title.chars().count();
            if (6..=LONGEST).contains(&length) && title.chars().all(|c| is_han(c) || c.is_ascii_alphanumeric()) {
                return Some(title.to_owned());
            }
        }
    }
    None
}
