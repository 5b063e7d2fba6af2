//! Running heads and what stands at the foot: a template of the manifest, filled for a page and set in its margin.

use super::Context;
use super::line;
use super::page::Item;
use crate::length::Length;
use crate::manifest::{self, Field};
use crate::script::{Class, ELLIPSIS};
use crate::style::TextStyle;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// What the fields of a template say on a page; empty where nothing is in force.
pub(super) struct Fields<'a> {
    pub title: &'a str,
    pub part: &'a str,
    pub chapter: &'a str,
    pub section: &'a str,
    pub page: &'a str,
}

impl Fields<'_> {
    /// Fills a template. Blanks and signs that stood between fields are left out beside one that says nothing.
    fn fill(&self, template: &str) -> String {
        let mut text = String::new();
        let mut pending = "";
        for (before, field) in manifest::fields(template).unwrap_or_default() {
            let value = match field {
                Some(Field::Title) => self.title,
                Some(Field::Part) => self.part,
                Some(Field::Chapter) => self.chapter,
                Some(Field::Section) => self.section,
                Some(Field::Page) => self.page,
                None => "",
            };
            if field.is_some() && value.is_empty() {
                // What joins it to what stood before goes with it.
                if text.is_empty() && pending.is_empty() {
                    pending = before;
                }
                continue;
            }
            let joins = before.chars().all(|c| !c.is_alphanumeric());
            text.push_str(pending);
            pending = "";
            if !(text.is_empty() && joins && field.is_some() && before.trim().is_empty()) {
                text.push_str(before);
            }
            text.push_str(value);
        }
        text.trim().to_owned()
    }
}

/// Where heads stand on a page.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Left edge of the type area.
    pub left: Length,
    /// Its width.
    pub width: Length,
    /// Whether the page is a right-hand one.
    pub right_hand: bool,
}

/// A line that was set, and its width.
type Line = (Vec<Item>, Length);

/// How heads are set, and what was set already: pages of a chapter have the same head.
pub(super) struct Known {
    style: TextStyle,
    /// By text and measure.
    set: Mutex<BTreeMap<(String, Length), Line>>,
}

impl Known {
    /// Nothing yet, of a style.
    pub fn of(style: TextStyle) -> Known {
        Known { style, set: Mutex::default() }
    }

    /// A text within a measure.
    fn shortened(&self, context: &Context<'_>, text: String, measure: Length) -> Line {
        let known = || self.set.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (text, measure);
        let before = known().get(&key).cloned();
        before.unwrap_or_else(|| {
            let set = shortened(context, &key.0, self.style, measure);
            known().insert(key, set.clone());
            set
        })
    }
}

/// Sets a template on one line with its baseline at `y`. One text stands at the outer edge; two, divided by `|`, at the left and
/// the right; three at the left, in the middle, at the right.
pub(super) fn set(context: &Context<'_>, template: &str, fields: &Fields<'_>, known: &Known, place: Place, y: Length) -> Vec<Item> {
    let texts: Vec<String> = template.split('|').map(|part| fields.fill(part)).collect();
    // How much of the free room stands at the left of each.
    let shares: &[i64] = match (texts.len(), place.right_hand) {
        (1, true) => &[1000],
        (1, false) => &[0],
        (2, _) => &[0, 1000],
        _ => &[0, 500, 1000],
    };
    let filled = texts.iter().filter(|text| !text.is_empty()).count().max(1) as i64;
    let measure = place.width / filled - if filled > 1 { known.style.size } else { Length::ZERO };
    let mut items = Vec::new();
    for (text, share) in texts.into_iter().zip(shares).filter(|(text, _)| !text.is_empty()) {
        let (line, width) = known.shortened(context, text, measure);
        let x = place.left + (place.width - width).mille(*share);
        items.extend(line.into_iter().map(|mut item| {
            item.shift(x, y);
            item
        }));
    }
    items
}

/// A running head cut to the measure: after its first clauses where those are most of what fits, else with an ellipsis.
fn shortened(context: &Context<'_>, text: &str, style: TextStyle, measure: Length) -> Line {
    let whole = line::alone(context, text, style);
    if whole.1 <= measure {
        return whole;
    }
    let characters: Vec<char> = text.chars().collect();
    let mut count = ((measure.0 / style.size.0).max(2) as usize).min(characters.len());
    let closes = |c: char| c.is_whitespace() || Class::of(c).is_closing_side();
    let clause = characters.iter().enumerate().take(count).skip(count / 2).rfind(|(_, c)| closes(**c));
    if let Some((end, _)) = clause {
        let cut: String = characters.iter().take(end).collect();
        // A number alone says too little.
        if cut.trim().chars().any(char::is_whitespace) || count < characters.len() / 2 {
            let shorter = line::alone(context, cut.trim_end(), style);
            if shorter.1 <= measure {
                return shorter;
            }
        }
    }
    loop {
        let cut: String = characters
            .iter()
            .take(count)
            .collect::<String>()
            .trim_end_matches(|c: char| Class::of(c) == Class::Open || c.is_ascii_digit())
            .to_owned()
            + &String::from(ELLIPSIS);
        let shorter = line::alone(context, &cut, style);
        if shorter.1 <= measure || count <= 2 {
            return shorter;
        }
        count -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_says_nothing_takes_its_joint_with_it() {
        let mut fields = Fields { title: "书", part: "上编", chapter: "第一章", section: "", page: "7" };
        assert_eq!(fields.fill("{chapter}　{section}"), "第一章");
        assert_eq!(fields.fill("{part} · {chapter}"), "上编 · 第一章");
        assert_eq!(fields.fill("第{page}页"), "第7页");
        fields.part = "";
        assert_eq!(fields.fill("{part}　{chapter}"), "第一章");
        assert_eq!(fields.fill("{part}"), "");
    }
}
