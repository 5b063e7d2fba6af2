//! Numbers in Chinese text: reading 第十二章, 卷三, （一）, writing 十二; Roman folios.

/// How characters stand for digits. Beside the plain ones: the forms that damaged texts put in their place.
const DIGITS: &[(u32, &str)] = &[
    (0, "零〇0０"),
    (1, "一壹1１┅①⒈㈠㊀"),
    (2, "二贰两2２②⒉㈡㊁②"),
    (3, "三叁3３③⒊㈢㊂彡"),
    (4, "四肆4４④⒋㈣㊃"),
    (5, "五伍5５⑤⒌㈤㊄"),
    (6, "六陆6６⑥⒍㈥㊅"),
    (7, "七柒7７⑦⒎㈦㊆"),
    (8, "八捌8８⑧⒏㈧㊇"),
    (9, "九玖9９⑨⒐㈨㊈"),
];
const TENS: &[(u32, &str)] = &[(10, "十拾⑩㈩㊉"), (100, "百佰"), (1000, "千仟"), (10_000, "万萬")];
const ORDINALS: &str = "第苐弟";
/// Units of a book, with the forms that damaged or traditional texts use, by depth.
const UNITS: &[(Unit, &str)] =
    &[(Unit::Volume, "卷部编編集册"), (Unit::Part, "篇"), (Unit::Chapter, "章回"), (Unit::Section, "节節莭"), (Unit::Article, "条條款")];

/// What a number counts, from large to small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// 卷, 部, 编, 集, 册
    Volume,
    /// 篇
    Part,
    /// 章, 回
    Chapter,
    /// 节
    Section,
    /// 条
    Article,
}

/// A heading's number: `第三章`, what it counts, and where the title begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    /// What is counted.
    pub unit: Unit,
    /// The value.
    pub value: u32,
    /// Bytes of the label.
    pub label: usize,
    /// Byte at which the title begins, past the spaces.
    pub title: usize,
}

fn digit(c: char) -> Option<u32> {
    DIGITS.iter().find(|(_, forms)| forms.contains(c)).map(|(value, _)| *value)
}

/// The value of a numeral written in Chinese or Arabic digits: 一百二十, 一二〇, 120, 廿三.
pub fn parse(text: &str) -> Option<u32> {
    let mut total = 0u32;
    let mut section = 0u32;
    let mut current: Option<u32> = None;
    let mut positional = true;
    for c in text.chars() {
        if let Some(value) = digit(c) {
            current = Some(if positional { current.unwrap_or(0).checked_mul(10)?.checked_add(value)? } else { value });
        } else if let Some(value) = match c {
            '廿' => Some(20),
            '卅' => Some(30),
            _ => None,
        } {
            section = section.checked_add(value)?;
            positional = false;
        } else {
            let (factor, _) = TENS.iter().find(|(_, forms)| forms.contains(c))?;
            positional = false;
            let count = current.take().unwrap_or(1);
            if *factor == 10_000 {
                total = total.checked_add(section.checked_add(count)?)?.checked_mul(*factor)?;
                section = 0;
            } else {
                section = section.checked_add(count.checked_mul(*factor)?)?;
            }
        }
    }
    if text.is_empty() { None } else { total.checked_add(section)?.checked_add(current.unwrap_or(0)) }
}

/// The number at the start of a heading: `第三章　…`, `第12回`, `卷一`, `Chapter 3`. `None` where there is none.
pub fn heading(text: &str) -> Option<Number> {
    let trimmed = text.trim_start();
    let lead = text.len() - trimmed.len();
    if let Some(found) = english(trimmed) {
        return Some(Number { label: lead + found.label, title: lead + found.title, ..found });
    }
    if let Some(found) = scroll(trimmed) {
        return Some(Number { label: lead + found.label, title: lead + found.title, ..found });
    }
    let mut chars = trimmed.char_indices();
    let (_, first) = chars.next()?;
    if !ORDINALS.contains(first) {
        return None;
    }
    let start = first.len_utf8();
    // A blank between the parts of 第 一 章 does not change what it is.
    let mut value_text = String::new();
    while let Some((at, c)) = chars.next() {
        if let Some((unit, _)) = UNITS.iter().find(|(_, forms)| forms.contains(c)) {
            let value = parse(&value_text)?;
            let label = at + c.len_utf8();
            let rest = chars.as_str();
            let title = label + (rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || "：:、.．".contains(c)).len());
            return Some(Number { unit: *unit, value, label: lead + label, title: lead + title });
        }
        if !c.is_whitespace() {
            value_text.push(c);
        }
        if at > start + 24 {
            return None;
        }
    }
    None
}

/// 卷一, 卷之二: a volume without 第, parted from its title.
fn scroll(text: &str) -> Option<Number> {
    let rest = text.strip_prefix('卷')?;
    let rest = rest.strip_prefix('之').unwrap_or(rest);
    let start = text.len() - rest.len();
    let numeral: usize =
        rest.chars().take_while(|c| digit(*c).is_some() || TENS.iter().any(|(_, forms)| forms.contains(*c))).map(char::len_utf8).sum();
    let (numeral, tail) = rest.split_at_checked(numeral)?;
    let value = parse(numeral)?;
    let title = tail.trim_start_matches(|c: char| c.is_whitespace() || "：:、.．".contains(c));
    let label = start + numeral.len();
    (tail.is_empty() || title.len() < tail.len()).then_some(Number { unit: Unit::Volume, value, label, title: text.len() - title.len() })
}

fn english(text: &str) -> Option<Number> {
    let words = [("Volume ", Unit::Volume), ("Part ", Unit::Part), ("Chapter ", Unit::Chapter), ("Section ", Unit::Section)];
    let (number, unit) = words.iter().find_map(|(word, unit)| {
        let (head, number) = text.split_at_checked(word.len())?;
        head.eq_ignore_ascii_case(word).then_some((number, *unit))
    })?;
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    let letters = number.bytes().take_while(|byte| b"IVXLC".contains(byte)).count();
    let (figures, rest) = number.split_at_checked(if digits > 0 { digits } else { letters })?;
    let value = if digits > 0 { figures.parse().ok()? } else { from_roman(figures)? };
    let label = text.len() - rest.len();
    if rest.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let title = label + (rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || ":.-—".contains(c)).len());
    Some(Number { unit, value, label, title })
}

/// The value of a number in Roman capitals up to 399, if it is written as such numbers are.
fn from_roman(text: &str) -> Option<u32> {
    (1..400).find(|value| roman(*value as usize).eq_ignore_ascii_case(text))
}

/// A number in Chinese digits: 12 is 十二.
#[expect(clippy::indexing_slicing, reason = "a digit of a decimal number is below ten, and there are ten names")]
pub fn chinese(number: u32) -> String {
    const NAMES: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    if number == 0 {
        return NAMES[0].into();
    }
    if number >= 10_000 {
        let rest = number % 10_000;
        let zero = if rest > 0 && rest < 1000 { "零" } else { "" };
        let tail = if rest > 0 { chinese(rest) } else { String::new() };
        return format!("{}万{zero}{tail}", chinese(number / 10_000));
    }
    let mut text = String::new();
    let mut pending_zero = false;
    for (factor, unit) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let value = number / factor % 10;
        if value == 0 {
            pending_zero = !text.is_empty();
            continue;
        }
        if pending_zero {
            text.push_str(NAMES[0]);
            pending_zero = false;
        }
        if !(factor == 10 && value == 1 && text.is_empty()) {
            text.push_str(NAMES[value as usize]);
        }
        text.push_str(unit);
    }
    text
}

/// The label of an item in a numbered list: `3.`, and 三、 in columns, where figures lie on their side.
pub fn label(number: u64, direction: super::Direction) -> String {
    match (direction, u32::try_from(number)) {
        (super::Direction::Vertical, Ok(number)) => format!("{}、", chinese(number)),
        _ => format!("{number}."),
    }
}

/// A folio in lower-case Roman numerals; 0 is empty.
pub fn roman(mut number: usize) -> String {
    let steps = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    let mut text = String::new();
    for (value, letters) in steps {
        while number >= value {
            text.push_str(letters);
            number -= value;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_numerals_are_read_and_written() {
        for number in [1, 9, 10, 11, 20, 21, 99, 100, 101, 110, 120, 999, 1001, 1010, 12_345, 20_003] {
            assert_eq!(parse(&chinese(number)), Some(number), "{}", chinese(number));
        }
        assert_eq!((parse("一二〇"), parse("２１"), parse("廿三")), (Some(120), Some(21), Some(23)));
    }

    #[test]
    fn damaged_headings_are_recognised() {
        for (text, unit, value) in [
            ("第┅节 决胜", Unit::Section, 1),
            ("苐一节  创建", Unit::Section, 1),
            ("第②节  构建", Unit::Section, 2),
            ("第四節 建设", Unit::Section, 4),
            ("第彡节  健全", Unit::Section, 3),
            ("第一百二十回　甄士隐", Unit::Chapter, 120),
        ] {
            let found = heading(text).unwrap();
            assert_eq!((found.unit, found.value), (unit, value), "{text}");
        }
        assert_eq!(heading("卷之三 水部").map(|found| (found.unit, found.value)), Some((Unit::Volume, 3)));
        assert_eq!(heading("卷一张纸"), None);
        assert_eq!(heading("CHAPTER XIV. THE START").map(|found| (found.unit, found.value)), Some((Unit::Chapter, 14)));
        assert_eq!(heading("Chapter Civil"), None);
        assert_eq!(heading("第一次世界大战"), None);
        assert_eq!(heading("第三，建设"), None);
    }

    #[test]
    fn roman_folios() {
        assert_eq!((roman(4), roman(9), roman(14), roman(44)), ("iv".into(), "ix".into(), "xiv".into(), "xliv".into()));
    }
}
