//! Marks of punctuation in Chinese text (GB/T 15834): half-width ones become full-width, straight quotes become pairs, full-width
//! letters and digits become half-width (GB/T 15835), blanks between characters that were spaced apart go.

use super::Passage;
use super::change::{Change, Rule, keep_apart};
use crate::script::{IDEOGRAPHIC_SPACE, half_width_mark, is_closing_mark, is_han, is_mark, is_opening_mark};

/// The share of gaps between Han characters that have a blank, from which on a passage is spaced apart by its scanner.
const SPACED: f64 = 0.5;

/// One character of a passage.
#[derive(Clone, Copy)]
struct Item {
    at: usize,
    c: char,
    hole: bool,
}

/// What is to be changed in the marks of these passages.
pub(super) fn changes(text: &str, passages: &[Passage]) -> Vec<Change> {
    let mut found = Vec::new();
    for passage in passages {
        let items = items(text, passage);
        let han = items.iter().filter(|item| is_han(item.c)).count();
        let letters = items.iter().filter(|item| item.c.is_ascii_alphabetic()).count();
        // A passage of another language keeps its own marks.
        if han == 0 || letters > han * 4 {
            continue;
        }
        let mut own = Vec::new();
        brackets(&items, &mut own);
        quotes(&items, &mut own);
        simple(&items, &mut own);
        runs(&items, &mut own);
        blanks(&items, &mut own);
        own.sort_by_key(|change| change.at);
        // Over what is taken out of a passage no change goes.
        own.retain(|change| text.get(change.at..change.end()) == Some(&change.before));
        keep_apart(&mut own);
        found.extend(own);
    }
    found
}

fn items(text: &str, passage: &Passage) -> Vec<Item> {
    passage.characters(text).map(|(at, c)| Item { at, c: c.unwrap_or('\u{fffc}'), hole: c.is_none() }).collect()
}

/// Whether it belongs to Chinese text: Han, or a full-width mark.
fn chinese(c: char) -> bool {
    is_han(c) || is_mark(c) && !c.is_ascii() && c != '·' || matches!(c, '“' | '”' | '‘' | '’')
}

/// The next character that is no blank, in one direction.
fn beside(items: &[Item], at: usize, step: isize) -> Option<Item> {
    let mut at = at.checked_add_signed(step)?;
    loop {
        let item = *items.get(at)?;
        if item.c != ' ' {
            return Some(item);
        }
        at = at.checked_add_signed(step)?;
    }
}

fn is_chinese_at(items: &[Item], at: usize, step: isize) -> bool {
    beside(items, at, step).is_some_and(|item| !item.hole && chinese(item.c))
}

/// A mark for another, with the blanks after it, which the full-width mark does not need.
#[expect(clippy::indexing_slicing, reason = "`simple` gives the place of an item, and the blanks are counted right after it")]
fn replace(items: &[Item], at: usize, after: &str, rule: Rule, confidence: f32) -> Change {
    let blanks = items[at + 1..].iter().take_while(|item| item.c == ' ' && !item.hole).count();
    let ends = at + 1 + blanks == items.len();
    let blanks = if rule == Rule::Mark && !ends { blanks } else { 0 };
    let before: String = items[at..=at + blanks].iter().map(|item| item.c).collect();
    Change::new(rule, items[at].at, before, after).because(confidence, Vec::new())
}

/// Pairs of brackets are of one width: full where Chinese stands inside or beside.
fn brackets(items: &[Item], found: &mut Vec<Change>) {
    let mut open: Vec<(usize, &Item)> = Vec::new();
    for (at, item) in items.iter().enumerate().filter(|(_, item)| !item.hole) {
        match item.c {
            '(' | '（' => open.push((at, item)),
            ')' | '）' => {
                let Some((start, first)) = open.pop() else { continue };
                if first.c == '（' && item.c == '）' {
                    continue;
                }
                let between = || items.iter().take(at).skip(start + 1);
                let inside = between().any(|item| !item.hole && is_han(item.c));
                let hole_before = beside(items, start, -1).is_some_and(|item| item.hole);
                // f(x), (a, b), (^_^): a formula, a face.
                let called = start
                    .checked_sub(1)
                    .and_then(|before| items.get(before))
                    .is_some_and(|item| item.c.is_alphanumeric() && !is_han(item.c));
                let content = || between().map(|item| item.c);
                let formula = content().any(|c| "=+*/^<>,".contains(c)) && !content().any(is_han) || !content().any(char::is_alphanumeric);
                let beside = (is_chinese_at(items, start, -1) || is_chinese_at(items, at, 1)) && !called && !formula;
                // What stands right after a link or a formula may be a part of it.
                if (inside || beside) && !hole_before {
                    let confidence = if inside && beside { 0.99 } else { 0.97 };
                    for (mark, half, full) in [(first, '(', "（"), (item, ')', "）")] {
                        if mark.c == half {
                            let mut change = Change::new(Rule::Mark, mark.at, half, full);
                            change.confidence = confidence;
                            found.push(change);
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

/// Straight quotes, where each has its partner: opening and closing in turn.
fn quotes(items: &[Item], found: &mut Vec<Change>) {
    let marks: Vec<(usize, &Item)> = items.iter().enumerate().filter(|(_, item)| item.c == '"' && !item.hole).collect();
    let (pairs, odd) = marks.as_chunks::<2>();
    if pairs.is_empty() || !odd.is_empty() || items.iter().any(|item| matches!(item.c, '“' | '”')) {
        return;
    }
    for &[(open, first), (close, last)] in pairs {
        let inside = items.iter().take(close).skip(open + 1).any(|item| is_han(item.c));
        if inside || is_chinese_at(items, open, -1) || is_chinese_at(items, close, 1) {
            found.push(Change::new(Rule::Quote, first.at, "\"", "“").because(0.97, Vec::new()));
            found.push(Change::new(Rule::Quote, last.at, "\"", "”").because(0.97, Vec::new()));
        }
    }
}

/// Commas, stops, colons, and letters and digits of full width.
fn simple(items: &[Item], found: &mut Vec<Change>) {
    for (at, item) in items.iter().enumerate().filter(|(_, item)| !item.hole) {
        let next = items.get(at + 1).copied();
        let before = is_chinese_at(items, at, -1);
        let after = is_chinese_at(items, at, 1);
        match item.c {
            ',' | ';' | '!' | '?' | ':' => {
                let joined = |step: isize| {
                    at.checked_add_signed(step).and_then(|at| items.get(at)).is_some_and(|item| item.hole || item.c.is_ascii_alphanumeric())
                };
                // Between two letters or digits it is theirs: 1,000, 12:30.
                let theirs = joined(-1) && joined(1);
                // A colon after a word of letters is often an address or a key.
                let enough = if item.c == ':' { before } else { before || after };
                // An address, a face.
                let slashes = next.is_some_and(|next| "/()DPp".contains(next.c) && item.c == ':' || next.c == '/');
                if enough && !theirs && !slashes {
                    let full = half_width_mark(item.c).map(String::from).unwrap_or_default();
                    found.push(replace(items, at, &full, Rule::Mark, 0.99));
                }
            }
            '.' => {
                let alone = |step: isize| at.checked_add_signed(step).and_then(|at| items.get(at)).is_none_or(|item| item.c != '.');
                let ends = beside(items, at, 1).is_none_or(|next| {
                    !next.hole && (is_han(next.c) || is_closing_mark(next.c) || is_opening_mark(next.c) || next.c == '"')
                });
                let attached = at.checked_sub(1).and_then(|at| items.get(at)).is_some_and(|item| !item.hole && chinese(item.c));
                if attached && alone(-1) && alone(1) && ends {
                    found.push(replace(items, at, "。", Rule::Mark, 0.98));
                }
            }
            'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '０'..='９' => {
                let half = char::from_u32(item.c as u32 - 0xfee0).map(String::from).unwrap_or_default();
                found.push(Change::new(Rule::Width, item.at, item.c, half).because(0.98, Vec::new()));
            }
            _ => {}
        }
    }
}

/// Dots and hyphens in a row: `...` and `。。。` are 省略号, `--` is 破折号.
fn runs(items: &[Item], found: &mut Vec<Change>) {
    let mut at = 0;
    while let Some(item) = items.get(at) {
        let c = item.c;
        let length = items.iter().skip(at).take_while(|item| item.c == c && !item.hole).count().max(1);
        let beside = is_chinese_at(items, at, -1) || is_chinese_at(items, at + length - 1, 1);
        let wanted = match c {
            '.' | '。' if length >= 3 => Some("……"),
            '-' if length == 2 => Some("——"),
            '…' if length == 1 => Some("……"),
            _ => None,
        };
        if let Some(wanted) = wanted.filter(|_| beside && !item.hole) {
            let before: String = std::iter::repeat_n(c, length).collect();
            found.push(Change::new(Rule::Mark, item.at, before, wanted).because(0.96, Vec::new()));
        }
        at += length;
    }
}

/// Blanks: other kinds than the usual ones become it; those between characters that were spaced apart go.
fn blanks(items: &[Item], found: &mut Vec<Change>) {
    let is_gap = |at: usize, item: &Item| is_han(item.c) && beside(items, at, 1).is_some_and(|next| is_han(next.c));
    let gaps = || items.iter().enumerate().filter(|(at, item)| is_gap(*at, item));
    let all = gaps().count();
    let spaced = gaps().filter(|(at, _)| items.get(at + 1).is_some_and(|next| next.c == ' ')).count();
    let apart = all >= 4 && spaced as f64 >= all as f64 * SPACED;
    let mut at = 0;
    while let Some(first) = items.get(at) {
        let is_blank = |item: &Item| {
            !item.hole && (matches!(item.c, ' ' | '\t' | '\r' | '\u{a0}' | '\u{200b}' | '\u{feff}' | '\u{2002}' | '\u{2003}'))
        };
        let length = items.iter().skip(at).take_while(|item| is_blank(item)).count();
        if length == 0 {
            at += 1;
            continue;
        }
        let before: String = items.iter().skip(at).take(length).map(|item| item.c).collect();
        let sides = |test: fn(char) -> bool| {
            (
                at.checked_sub(1).and_then(|at| items.get(at)).is_some_and(|item| test(item.c)),
                items.get(at + length).is_some_and(|item| test(item.c)),
            )
        };
        let at_mark = sides(|c| chinese(c) && !is_han(c));
        let wanted = match sides(is_han) {
            _ if before.chars().all(|c| matches!(c, '\u{200b}' | '\u{feff}')) => "",
            (true, true) if apart => "",
            _ if at_mark.0 || at_mark.1 => "",
            _ => " ",
        };
        // The ideographic space is nobody's accident.
        let kept = before == wanted || items.get(at + length).is_some_and(|item| item.c == IDEOGRAPHIC_SPACE);
        if !kept {
            found.push(Change::new(Rule::Space, first.at, before, wanted).because(0.98, Vec::new()));
        }
        at += length;
    }
}
