//! The class of a character, without regard to its neighbours (CLREQ 6.1, 6.3; TYPOGRAPHY.md 1).

/// What a character is to the typesetter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Han, kana, full-width letters and symbols: one em, a line may break on both sides.
    Han,
    /// As [`Class::Han`], and never at a line's start: iteration marks, small kana.
    NonStarter,
    /// Opening brackets and quotes.
    Open,
    /// Closing brackets and quotes.
    Close,
    /// Comma and enumeration comma.
    Comma,
    /// Full stop.
    Stop,
    /// Colon and semicolon.
    Colon,
    /// Exclamation and question mark.
    Exclam,
    /// ‼ ⁇ ⁈ ⁉, and ？！ set together.
    Stacked,
    /// Interpunct.
    Dot,
    /// A single dash or tilde between two things.
    Connector,
    /// A short dash between two things: en dash, and a hyphen between Chinese characters.
    HalfConnector,
    /// The stroke between alternatives.
    Solidus,
    /// The full-width stroke.
    WideSolidus,
    /// Dash and ellipsis of two em.
    Long,
    /// A full-width sign that follows a number: ％ ‰ ℃.
    Unit,
    /// A full-width sign that precedes a number: ￥ ＄ №.
    Currency,
    /// Letters, digits and marks of alphabetic scripts.
    Western,
    /// A half-width opening bracket before Chinese.
    HalfOpen,
    /// A half-width closing or point mark after Chinese: kept from a line's start as its full-width twin is.
    HalfClose,
    /// A space that a line may break at.
    Space,
    /// U+3000.
    IdeographicSpace,
    /// Something without width and without a break: joiners, combining marks, variation selectors.
    Extend,
}

const OPENING: &str = "‘“〈《「『【〔〖〘〚（［｛｟〝︵﹁﹃";
const CLOSING: &str = "’”〉》」』】〕〗〙〛）］｝｠〞〟︶﹂﹄";
const NON_STARTERS: &str = "々〻ゝゞヽヾーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ";

impl Class {
    /// Every class, each at its own number.
    pub(super) const ALL: [Class; 23] = [
        Class::Han,
        Class::NonStarter,
        Class::Open,
        Class::Close,
        Class::Comma,
        Class::Stop,
        Class::Colon,
        Class::Exclam,
        Class::Stacked,
        Class::Dot,
        Class::Connector,
        Class::HalfConnector,
        Class::Solidus,
        Class::WideSolidus,
        Class::Long,
        Class::Unit,
        Class::Currency,
        Class::Western,
        Class::HalfOpen,
        Class::HalfClose,
        Class::Space,
        Class::IdeographicSpace,
        Class::Extend,
    ];

    /// The class of a character that stands in Chinese text.
    pub fn of(c: char) -> Class {
        match c {
            // What most text is made of needs no search.
            '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' => Class::Han,
            '!'..='~' => Class::Western,
            ' ' | '\t' | '\n' | '\u{A0}' | '\u{202F}' | '\u{2000}'..='\u{200A}' | '\u{205F}' | '\u{1680}' => Class::Space,
            '\u{3000}' => Class::IdeographicSpace,
            '，' | '、' | '︑' => Class::Comma,
            '。' | '．' | '｡' => Class::Stop,
            '：' | '；' => Class::Colon,
            '！' | '？' => Class::Exclam,
            '\u{203C}' | '\u{2047}'..='\u{2049}' => Class::Stacked,
            '·' | '・' | '‧' | '•' => Class::Dot,
            '～' | '〜' | '—' | '―' | '－' => Class::Connector,
            '–' => Class::HalfConnector,
            '…' | '⋯' | '⸺' => Class::Long,
            '／' => Class::WideSolidus,
            '％' | '‰' | '℃' | '℉' | '‱' => Class::Unit,
            '￥' | '＄' | '￡' | '№' | '＃' => Class::Currency,
            '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => Class::Extend,
            '\u{0300}'..='\u{036F}' | '\u{20D0}'..='\u{20FF}' | '\u{302A}'..='\u{302F}' | '\u{3099}' | '\u{309A}' => Class::Extend,
            _ if OPENING.contains(c) => Class::Open,
            _ if CLOSING.contains(c) => Class::Close,
            _ if NON_STARTERS.contains(c) => Class::NonStarter,
            _ if is_wide(c) => Class::Han,
            _ => Class::Western,
        }
    }

    /// Whether it is a mark whose blank is dropped before another such mark.
    pub fn is_closing_side(self) -> bool {
        matches!(self, Class::Close | Class::Comma | Class::Stop | Class::Colon | Class::Exclam)
    }
}

/// Characters that take a whole em in Chinese text and are no marks.
fn is_wide(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{2FFF}' | '\u{3001}'..='\u{A4CF}' | '\u{A960}'..='\u{A97F}' | '\u{AC00}'..='\u{D7FF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE4F}' | '\u{FF00}'..='\u{FF60}' | '\u{FFE0}'..='\u{FFE6}'
        | '\u{2460}'..='\u{24FF}' | '\u{2500}'..='\u{27BF}' | '\u{2B00}'..='\u{2BFF}' | '\u{2190}'..='\u{21FF}'
        | '\u{1F000}'..='\u{1FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Whether it is a Han character.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' | '〇' | '々')
}

/// Whether it belongs to Chinese text beyond doubt: Han, kana, full-width marks; not the marks shared with Western text.
pub fn is_cjk(c: char) -> bool {
    !is_shared(c)
        && !matches!(Class::of(c), Class::Western | Class::Space | Class::Extend | Class::Stacked | Class::Solidus | Class::WideSolidus)
        && !matches!(c, '\u{2460}'..='\u{24FF}' | '\u{2500}'..='\u{27BF}' | '\u{2B00}'..='\u{2BFF}' | '\u{2190}'..='\u{21FF}' | '\u{1F000}'..='\u{1FAFF}')
}

/// Marks that Chinese and Western text share; [`super::classify`] decides by their neighbours.
pub fn is_shared(c: char) -> bool {
    matches!(c, '‘' | '’' | '“' | '”' | '·' | '‧' | '•' | '—' | '―' | '–' | '…' | '⋯' | '‼' | '⁇' | '⁈' | '⁉')
}

/// Whether it is a letter or digit of an alphabetic script.
pub fn is_western_letter(c: char) -> bool {
    c.is_alphanumeric() && Class::of(c) == Class::Western
}

/// Whether it is a mark of Chinese punctuation.
pub fn is_mark(c: char) -> bool {
    !matches!(
        Class::of(c),
        Class::Han
            | Class::NonStarter
            | Class::Western
            | Class::Space
            | Class::IdeographicSpace
            | Class::Extend
            | Class::Unit
            | Class::Currency
    )
}

/// Whether it keeps upright in a column though Unicode would turn it: it looks the same either way, or its place is
/// found by its ink.
pub fn stands_upright(c: char) -> bool {
    matches!(Class::of(c), Class::Dot | Class::Comma | Class::Stop | Class::Colon | Class::Exclam | Class::Stacked)
}

/// Whether it opens a bracket or quote.
pub fn is_opening_mark(c: char) -> bool {
    OPENING.contains(c)
}

/// Whether it closes a bracket or quote.
pub fn is_closing_mark(c: char) -> bool {
    CLOSING.contains(c)
}

/// The closing mark of an opening one.
pub fn counterpart(open: char) -> Option<char> {
    let at = OPENING.chars().position(|known| known == open)?;
    match open {
        '〝' => Some('〞'),
        _ => CLOSING.chars().filter(|mark| *mark != '〟').nth(at),
    }
}

/// The full-width mark that a half-width one stands for in Chinese text (GB/T 15834 5).
pub fn half_width_mark(c: char) -> Option<char> {
    let pairs = [(',', '，'), ('.', '。'), (';', '；'), (':', '：'), ('!', '！'), ('?', '？'), ('(', '（'), (')', '）')];
    pairs.iter().find(|(half, _)| *half == c).map(|(_, full)| *full)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_stands_at_its_number() {
        assert!(Class::ALL.iter().enumerate().all(|(at, class)| *class as usize == at));
    }

    #[test]
    fn every_opening_mark_has_a_counterpart() {
        for open in OPENING.chars() {
            let close = counterpart(open).unwrap();
            assert_eq!(Class::of(close), Class::Close, "{open}{close}");
        }
        assert_eq!((counterpart('“'), counterpart('《'), counterpart('﹁')), (Some('”'), Some('》'), Some('﹂')));
    }
}
