//! Classes in context: quotes, dashes, dots and strokes that Chinese and Western text share belong to the
//! text they stand in (TYPOGRAPHY.md 1: "decide by context").

use super::class::{Class, is_cjk, is_han, is_shared};

/// Whether a text is of Chinese characters and their marks alone, so that [`classify`] finds nothing Western in it.
pub fn is_only_chinese(text: &str) -> bool {
    let mut rest = text;
    loop {
        let (known, _) = rest.as_bytes().as_chunks::<3>();
        let known = known.iter().take_while(|bytes| is_plainly_chinese(bytes)).count() * 3;
        let mut characters = rest.get(known..).unwrap_or_default().chars();
        match characters.next() {
            None => return text.chars().any(is_cjk),
            Some(c) if is_han(c) || is_shared(c) || is_cjk(c) => rest = characters.as_str(),
            Some(_) => return false,
        }
    }
}

/// Whether three bytes are a character that most of a Chinese text is of: U+4E00 to U+9FFF, “”、。！，：；？. More are Chinese than these.
fn is_plainly_chinese(bytes: &[u8; 3]) -> bool {
    match bytes {
        [0xe5..=0xe9, ..] | [0xe4, 0xb8..=0xbf, _] => true,
        [0xef, 0xbc, last] => matches!(last, 0x81 | 0x8c | 0x9a | 0x9b | 0x9f),
        [0xe3, 0x80, last] => matches!(last, 0x81 | 0x82),
        [0xe2, 0x80, last] => matches!(last, 0x9c | 0x9d),
        _ => false,
    }
}

/// The class of every character of a paragraph. Shared marks become Western where they stand among Western
/// letters; a pair of quotes is decided as a pair, so that both ends match.
#[expect(clippy::indexing_slicing, reason = "`at` and the places in `open` run over `text`, and `classes` has one for each of it")]
pub fn classify(text: &[char]) -> Vec<Class> {
    let mut classes: Vec<Class> = text.iter().map(|c| Class::of(*c)).collect();
    let mut open: Vec<(usize, Option<bool>)> = Vec::new();
    let mut chinese_text = None;
    let mut straight = false;
    for at in 0..text.len() {
        // Most of a text.
        if classes[at] == Class::Han {
            continue;
        }
        let c = text[at];
        // Half-width marks that stand at Chinese text keep to it.
        let follows = at > 0 && !matches!(classes[at - 1], Class::Western | Class::Space | Class::Extend | Class::HalfOpen);
        let precedes = text.get(at + 1).is_some_and(|c| is_cjk(*c) || matches!(c, '“' | '‘'));
        if follows && matches!(c, ',' | '.' | ';' | ':' | '!' | '?' | ')' | ']' | '}' | '%') {
            classes[at] = Class::HalfClose;
            continue;
        }
        if precedes && matches!(c, '(' | '[' | '{') {
            classes[at] = Class::HalfOpen;
            continue;
        }
        if c == '"' {
            // Straight quotes belong to the Chinese that they hug.
            straight = !straight;
            if straight && precedes {
                classes[at] = Class::HalfOpen;
            } else if !straight && follows {
                classes[at] = Class::HalfClose;
            }
            continue;
        }
        if matches!(c, '/' | '-' | '~') {
            // A stroke between two Chinese words is a Chinese mark; within a path, a fraction or a word it is not.
            let hugged = c == '/' || at > 0 && is_cjk(text[at - 1]) && text.get(at + 1).is_some_and(|c| is_cjk(*c));
            if hugged && side(text, at, Step::Back).is_some_and(is_cjk) && side(text, at, Step::Forward).is_some_and(is_cjk) {
                classes[at] = match c {
                    '/' => Class::Solidus,
                    '-' => Class::HalfConnector,
                    _ => Class::Connector,
                };
            }
            continue;
        }
        if !is_shared(c) {
            continue;
        }
        let before = side(text, at, Step::Back);
        let after = side(text, at, Step::Forward);
        let mut in_chinese_text = || *chinese_text.get_or_insert_with(|| text.iter().any(|c| is_cjk(*c)));
        match c {
            '“' | '‘' => {
                let chinese = before.or(after).map(is_cjk).filter(|cjk| *cjk || before.is_some());
                let chinese = chinese.or_else(|| after.map(is_cjk).filter(|cjk| *cjk)).unwrap_or_else(&mut in_chinese_text);
                classes[at] = if chinese { Class::Open } else { Class::Western };
                open.push((at, Some(chinese)));
            }
            '”' | '’' => {
                let apostrophe = c == '’' && text.get(at.wrapping_sub(1)).is_some_and(|c| c.is_alphanumeric() && !is_cjk(*c));
                let partner = open.last().filter(|(start, _)| text[*start] == if c == '”' { '“' } else { '‘' }).copied();
                if apostrophe && (partner.is_none() || text.get(at + 1).is_some_and(|c| c.is_alphanumeric() && !is_cjk(*c))) {
                    classes[at] = Class::Western;
                    continue;
                }
                let outside = after.map(is_cjk);
                // One without a partner belongs to what it ends.
                let alone = partner.is_none() && before.is_some_and(is_cjk);
                let mut chinese = alone || outside.unwrap_or_else(|| before.is_some_and(is_cjk) || in_chinese_text());
                if let Some((start, opened)) = partner {
                    open.pop();
                    chinese |= opened.unwrap_or(false);
                    classes[start] = if chinese { Class::Open } else { Class::Western };
                }
                classes[at] = if chinese { Class::Close } else { Class::Western };
            }
            _ => {
                let western = match (before, after) {
                    (Some(before), Some(after)) => !is_cjk(before) && !is_cjk(after),
                    (Some(one), None) | (None, Some(one)) => !is_cjk(one) && !in_chinese_text(),
                    (None, None) => !in_chinese_text(),
                };
                // An interpunct in Chinese text is Chinese: 乔治·R·R·马丁.
                let western = western && !(matches!(c, '·' | '‧') && in_chinese_text());
                // A dash or ellipsis of two is Chinese wherever Chinese text is near; an interpunct needs Chinese on one side.
                if western && !(doubled(text, at) && in_chinese_text()) {
                    classes[at] = Class::Western;
                } else if matches!(c, '—' | '―') && doubled(text, at) {
                    classes[at] = Class::Long;
                }
            }
        }
    }
    // Western quotes that hug Chinese text keep to it as its own would.
    for at in 0..text.len() {
        let c = text[at];
        if classes[at] != Class::Western || !is_shared(c) {
            continue;
        }
        let western = |class: &Class| {
            matches!(class, Class::Western | Class::Space | Class::IdeographicSpace | Class::Extend | Class::HalfOpen | Class::HalfClose)
        };
        let chinese = |class: Option<&Class>| class.is_some_and(|class| !western(class));
        if super::is_closing_mark(c) && at > 0 && chinese(classes.get(at - 1)) {
            classes[at] = Class::HalfClose;
        } else if super::is_opening_mark(c) && chinese(classes.get(at + 1)) {
            classes[at] = Class::HalfOpen;
        }
    }
    classes
}

fn doubled(text: &[char], at: usize) -> bool {
    let same = |index: usize| text.get(index) == text.get(at);
    (at > 0 && same(at - 1)) || same(at + 1)
}

#[derive(Clone, Copy)]
enum Step {
    Back,
    Forward,
}

/// The nearest character on one side that is neither a space nor itself a shared mark.
fn side(text: &[char], at: usize, step: Step) -> Option<char> {
    let decides = |c: &&char| !is_shared(**c) && !c.is_ascii_punctuation() && !matches!(Class::of(**c), Class::Space | Class::Extend);
    match step {
        Step::Back => text.iter().take(at).rev().find(decides).copied(),
        Step::Forward => text.iter().skip(at + 1).find(decides).copied(),
    }
}

/// Whether a line break in the source between these two characters stands for nothing: Chinese has no word spaces.
pub fn without_soft_break(before: char, after: char) -> bool {
    let chinese = |c: char| is_cjk(c) || (is_shared(c) && c != '·') || c == super::IDEOGRAPHIC_SPACE;
    chinese(before) && chinese(after) || is_cjk(before) && super::is_mark(before) || is_cjk(after) && super::is_mark(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(text: &str) -> Vec<Class> {
        classify(&text.chars().collect::<Vec<_>>())
    }

    #[test]
    fn what_is_chinese_alone_has_nothing_western() {
        let characters: Vec<char> = "字𠮷。，“”‘’—…·‧「ー゙々Ａ３".chars().collect();
        let mut found = 0;
        for number in 0..characters.len().pow(4) {
            let text: String = (0..4).map(|place| characters[number / characters.len().pow(place) % characters.len()]).collect();
            if is_only_chinese(&text) {
                found += 1;
                let classes = classify(&text.chars().collect::<Vec<_>>());
                assert!(!classes.iter().any(|class| matches!(class, Class::Western | Class::Extend)), "{text}: {classes:?}");
            }
        }
        assert!(found > 10_000, "{found}");
        for c in '\u{800}'..='\u{ffff}' {
            let mut bytes = [0; 3];
            c.encode_utf8(&mut bytes);
            assert!(!is_plainly_chinese(&bytes) || is_han(c) || is_shared(c) || is_cjk(c), "{c:?}");
        }
        assert!(!is_only_chinese("字a") && !is_only_chinese("“”") && !is_only_chinese("字 字") && !is_only_chinese("字\u{fe00}"));
    }

    #[test]
    fn quotes_around_western_words_in_chinese_are_chinese() {
        let found = classes("他说“Hello”了");
        assert_eq!((found[2], found[8]), (Class::Open, Class::Close));
    }

    #[test]
    fn quotes_at_a_paragraphs_start_follow_the_paragraph() {
        assert_eq!(classes("“Rust”是语言")[0], Class::Open);
        assert_eq!(classes("“Rust” is")[0], Class::Western);
    }

    #[test]
    fn quotes_in_an_english_sentence_are_western() {
        assert!(classes("He said “yes” to me").iter().all(|class| matches!(class, Class::Western | Class::Space)));
    }

    #[test]
    fn an_apostrophe_is_western_and_a_dash_of_two_is_long() {
        assert_eq!(classes("it’s 好")[2], Class::Western);
        assert_eq!(classes("天——地")[1..3], [Class::Long, Class::Long]);
    }

    #[test]
    fn a_stroke_between_han_is_a_mark_and_in_a_path_is_not() {
        assert_eq!(classes("日/月")[1], Class::Solidus);
        assert_eq!(classes("见a/b")[2], Class::Western);
    }

    #[test]
    fn a_soft_break_between_chinese_characters_is_nothing() {
        assert!(without_soft_break('中', '文'));
        assert!(without_soft_break('，', 'a'));
        assert!(!without_soft_break('中', 'a'));
        assert!(!without_soft_break('a', 'b'));
    }
}
