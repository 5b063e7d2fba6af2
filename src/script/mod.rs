//! The rules of Chinese setting, as data: which class a character belongs to, how wide a mark is and where
//! its blank lies, where a line may break, which gap stands between two neighbours. One file per region for
//! the widths; every row cites its clause of CLREQ (W3C Requirements for Chinese Text Layout) or of
//! GB/T 15834. The typesetter asks here and holds no character of its own.

mod class;
mod context;
mod japan;
mod mainland;
pub mod numeral;
mod rules;
mod seen;
mod taiwan;

pub use class::{
    Class, counterpart, half_width_mark, is_cjk, is_closing_mark, is_han, is_mark, is_opening_mark, is_shared, is_western_letter,
    stands_upright,
};
pub use context::{classify, is_only_chinese, without_soft_break};
pub use rules::{Direction, Gap, Mark, Rules, Stretch};
pub use seen::{Characters, Seen, bits_of};

/// What a note is put in within a line.
pub const BRACKETS: [&str; 2] = ["（", "）"];
/// The blank that Chinese text may use for a space, and the ordinary one.
pub const IDEOGRAPHIC_SPACE: char = '\u{3000}';
/// The invisible hyphen of a word; a line broken at it shows a hyphen.
pub const SOFT_HYPHEN: char = '\u{AD}';
/// What a hyphenated line shows.
pub const HYPHEN: char = '-';
/// Whether two of it make one dash, set as one rigid piece of two em (GB/T 15834 4.10).
pub fn is_long_dash(c: char) -> bool {
    matches!(c, '—' | '―')
}

/// The circled number of a note mark, 1 to 50; a plain number in brackets has no one character and is not given.
pub fn circled(number: usize) -> Option<char> {
    let code = match number {
        1..=20 => 0x2460 + number as u32 - 1,
        21..=35 => 0x3251 + number as u32 - 21,
        36..=50 => 0x32B1 + number as u32 - 36,
        _ => return None,
    };
    char::from_u32(code)
}

/// The tick of a task list, done or open.
pub fn task_mark(done: bool) -> char {
    if done { '☑' } else { '☐' }
}

/// The bullet of a list, by depth from 1; the outermost lists have a drawn dot.
pub fn bullet(depth: usize) -> char {
    if depth == 1 { '▪' } else { '–' }
}

/// Whether a word may be divided after it without a hyphen of the line's own.
pub fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '‐' | '–')
}

/// The text of a glyph that shows what another shows already.
pub const NOTHING: char = '\u{200B}';

/// Holds what is beside it together, and shows nothing.
pub const WORD_JOINER: char = '\u{2060}';

/// Whether it is a space at which no line ends.
pub fn is_no_break_space(c: char) -> bool {
    matches!(c, '\u{A0}' | '\u{202F}' | '\u{2007}')
}

/// Whether it rides on the character before it and is drawn: a combining mark, but no joiner or selector.
pub fn is_combining_mark(c: char) -> bool {
    Class::of(c) == Class::Extend && !matches!(c, '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}') && !is_variation_selector(c)
}

/// Whether it belongs to a script that is written from right to left.
pub fn is_written_leftward(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{10800}'..='\u{10FFF}')
}

/// A dash of two em in one character.
pub const TWO_EM_DASH: char = '⸺';

/// Whether it is a full-width figure.
pub fn is_wide_digit(c: char) -> bool {
    matches!(c, '０'..='９')
}

/// Whether it is a checked tone of zhuyin, which stands at the lower right.
pub fn is_checked_tone(c: char) -> bool {
    matches!(c, '\u{31B4}'..='\u{31B7}' | '\u{31BB}')
}

/// Whether it picks a variant of the character before it.
pub fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// Whether a text can be set as a note of two lines in one: a long word could not be divided evenly.
pub fn may_be_divided(note: &str) -> bool {
    const LONG_WORD: usize = 12;
    note.split(|c: char| !c.is_ascii_graphic()).all(|word| word.len() <= LONG_WORD)
}

/// Whether it is a unit that a number stands before, with a space between them: 10 kg (CLREQ 6.1.2.2).
pub fn is_unit(word: &str) -> bool {
    const UNITS: &str = " kg g mg km m cm mm nm km² m² cm² m³ cm³ L mL l ml s ms min h Hz kHz MHz GHz kB KB MB GB TB W kW MW kWh V kV A mA K Pa \
                         kPa MPa J kJ N mol dB px pt em mph km/h m/s °C °F ℃ Ω kΩ % USD CNY RMB EUR ";
    !word.is_empty() && UNITS.split_ascii_whitespace().any(|unit| unit == word)
}

/// Whether a run of letters and figures stands upright in one em of a column: up to three figures, a letter by itself, a
/// letter with a figure or a sign (CLREQ 2.1.3). Decimals and shares lie on their side, whatever their length.
pub fn stands_in_one_em(word: &str) -> bool {
    let kind = |c: char| match c {
        '0'..='9' => 'd',
        other if other.is_alphabetic() && !is_cjk(other) => 'a',
        other => other,
    };
    matches!(word.chars().map(kind).collect::<String>().as_str(), "d" | "dd" | "ddd" | "a" | "ad" | "da" | "a+" | "a-")
}

/// Whether it is a sign of zhuyin: a bopomofo letter or a tone mark.
pub fn is_zhuyin(c: char) -> bool {
    matches!(c, '\u{3105}'..='\u{312F}' | '\u{31A0}'..='\u{31BF}') || is_zhuyin_tone(c)
}

/// Whether it is a tone mark of zhuyin; the last, of the light tone, stands before its syllable.
pub fn is_zhuyin_tone(c: char) -> bool {
    matches!(c, 'ˊ' | 'ˇ' | 'ˋ' | '˪' | '˫') || c == LIGHT_TONE
}

/// The light tone of zhuyin.
pub const LIGHT_TONE: char = '˙';

/// Whether it counts what a number before it numbers: 2035年, 第3届.
pub fn is_counter(c: char) -> bool {
    "年月日时時分秒届屆次号號期版卷章节節回岁歲个個人元万萬亿億部页頁本册冊种種件条條名位米吨噸度里世".contains(c)
}

/// What ends a text that was cut.
pub const ELLIPSIS: char = '…';

/// The label of one of several images of a figure, counted from 0: (a), (b).
pub fn panel_label(at: usize) -> String {
    let letter = char::from(b'a' + (at % 26) as u8);
    format!("({letter}) ")
}

/// Whether a paragraph announces what follows it: it ends with a colon.
pub fn announces(text: &str) -> bool {
    text.trim_end().ends_with(['：', ':', '︓'])
}

/// Whether a Chinese mark ends a sentence (GB/T 15834, 4.1 to 4.3).
pub fn ends_sentence(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '．' | '｡')
}

/// Whether a character means what its font says and nothing else: those for private use.
pub fn is_private(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}')
}
