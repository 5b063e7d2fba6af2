//! What stands between two neighbours on a line: the gap, how far it gives and takes, and whether the line
//! may break there. All measures are thousandths of an em.

use super::class::Class;
use super::{japan, mainland, taiwan};
use crate::manifest::{LineBreak as Strictness, Punctuation as WidthStyle, Region};

/// The direction of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Left to right.
    Horizontal,
    /// Top to bottom.
    Vertical,
}

/// The width of a class of marks: its body, which carries the ink, and the blank on each side.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    /// The class.
    pub class: Class,
    /// Blank before the body.
    pub before: i64,
    /// The body; rigid.
    pub body: i64,
    /// Blank after the body.
    pub after: i64,
    /// Where the standard says so.
    pub clause: &'static str,
}

/// How a gap takes part when a line is stretched (CLREQ 6.2.2; TYPOGRAPHY.md 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stretch {
    /// A word space: first.
    Word,
    /// Between Han and Western: second.
    HanWestern,
    /// Any other: last.
    Other,
    /// Never.
    Rigid,
}

/// A gap between two neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Width before the line is adjusted.
    pub natural: i64,
    /// How much it may lose.
    pub shrink: i64,
    /// The step at which it loses it, 1 (b, word spaces) to 6 (g, sentence marks); 0 where it loses nothing.
    pub step: u8,
    /// How it is stretched.
    pub stretch: Stretch,
}

impl Gap {
    /// No gap and no give: inside a unit.
    pub const RIGID: Gap = Gap { natural: 0, shrink: 0, step: 0, stretch: Stretch::Rigid };
    /// Solid, and may be stretched with all others.
    pub const SOLID: Gap = Gap { natural: 0, shrink: 0, step: 0, stretch: Stretch::Other };
}

const WORD_SPACE: u8 = 1;
const INTERPUNCT: u8 = 2;
const BRACKET: u8 = 3;
const COMMA: u8 = 4;
const HAN_WESTERN: u8 = 5;
const SENTENCE: u8 = 6;

/// How many classes there are.
const CLASSES: usize = Class::ALL.len();

/// What the rules say of every class and every two neighbours, found once.
#[derive(Clone, Debug)]
struct Found {
    marks: [Mark; CLASSES],
    gaps: [[Gap; CLASSES]; CLASSES],
    breaks: [[bool; CLASSES]; CLASSES],
}

/// The rules of one book.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The direction's own rows, then those that hold in both.
    tables: [&'static [Mark]; 2],
    region: Region,
    strictness: Strictness,
    style: WidthStyle,
    direction: Direction,
    found: Box<Found>,
}

impl Rules {
    /// The rules of a region, direction, level and style.
    pub fn new(region: Region, direction: Direction, strictness: Strictness, style: WidthStyle) -> Rules {
        let (across, down) = match region {
            Region::China => (mainland::MARKS, mainland::VERTICAL),
            Region::Japan => (japan::MARKS, japan::VERTICAL),
            Region::Taiwan | Region::HongKong => (taiwan::MARKS, taiwan::VERTICAL),
        };
        let own = if direction == Direction::Vertical { down } else { &[] };
        let tables = [own, across];
        let nothing = Mark { class: Class::Han, before: 0, body: 0, after: 0, clause: "" };
        let found = Found { marks: [nothing; CLASSES], gaps: [[Gap::RIGID; CLASSES]; CLASSES], breaks: [[false; CLASSES]; CLASSES] };
        let mut rules = Rules { tables, region, strictness, style, direction, found: Box::new(found) };
        rules.found.marks = Class::ALL.map(|class| rules.find_mark(class));
        rules.found.gaps = Class::ALL.map(|before| Class::ALL.map(|after| rules.find_gap(before, after)));
        rules.found.breaks = Class::ALL.map(|before| Class::ALL.map(|after| rules.find_break(before, after)));
        rules
    }

    /// The row of a class; `None` where it is no mark.
    fn row(&self, class: Class) -> Option<&'static Mark> {
        self.tables.iter().flat_map(|table| table.iter()).find(|mark| mark.class == class)
    }

    /// The body and blanks of a class at rest, in the book's style of punctuation; one em of body where it is no mark.
    #[expect(clippy::indexing_slicing, reason = "there is a row for each class, by its number")]
    pub fn mark(&self, class: Class) -> Mark {
        self.found.marks[class as usize]
    }

    fn find_mark(&self, class: Class) -> Mark {
        let whole = Mark { class, before: 0, body: 1000, after: 0, clause: "CLREQ 6.2.1" };
        let mark = self.row(class).copied().unwrap_or(whole);
        let halved = match self.style {
            WidthStyle::Quanjiao => false,
            WidthStyle::Kaiming => !matches!(class, Class::Stop | Class::Exclam),
            WidthStyle::Banjiao => true,
        };
        if halved && mark.before + mark.after > 0 { Mark { before: 0, after: 0, ..mark } } else { mark }
    }

    /// The gap between two neighbours of these classes.
    #[expect(clippy::indexing_slicing, reason = "there is a row and a column for each class, by its number")]
    pub fn gap(&self, before: Class, after: Class) -> Gap {
        self.found.gaps[before as usize][after as usize]
    }

    fn find_gap(&self, before: Class, after: Class) -> Gap {
        use Class::*;
        match (before, after) {
            (_, Extend) | (Extend, _) | (Western, Western) => return Gap::RIGID,
            (Space, Space) => return Gap { natural: 0, shrink: 0, step: 0, stretch: Stretch::Word },
            // The space is the gap's own character: its width is the gap's.
            (Space, _) | (_, Space) => return Gap::RIGID,
            (Western, Han | NonStarter) | (Han | NonStarter | Unit, Western) => {
                return Gap { natural: 250, shrink: 125, step: HAN_WESTERN, stretch: Stretch::HanWestern };
            }
            (HalfClose, HalfClose) | (HalfOpen, _) => return Gap::RIGID,
            // A half-width mark after a closing one: the blank between them goes, as between full-width marks.
            (_, HalfClose) if before.is_closing_side() => return Gap::RIGID,
            (HalfClose, Han | NonStarter | Western) | (Han | NonStarter, HalfOpen) => {
                return Gap { natural: 250, shrink: 125, step: HAN_WESTERN, stretch: Stretch::HanWestern };
            }
            (Currency, Western) | (Western, Unit | Currency) => return Gap::RIGID,
            _ => {}
        }
        let (left, right) = (self.mark(before), self.mark(after));
        let natural = if before == Open {
            0
        } else if before.is_closing_side() && after.is_closing_side() {
            // Two marks take an em and a half: the blank between them goes (CLREQ 6.3.2.2). Before a mark in the middle of
            // its em its own blank stays.
            if before == Close { right.before } else { 0 }
        } else if (before.is_closing_side() || before == Stacked) && after == Open {
            // One half em stays; of a mark in the middle of its em, its own quarter.
            // A mark that fills its em has its blank within.
            let filled = left.after == 0 && left.body == 1000;
            if left.before > 0 || filled { left.after } else { left.after.max(right.before) }
        } else if before == Dot && after == Open || before == Close && after == Dot {
            left.after.max(right.before) - left.after.min(right.before)
        } else {
            left.after + right.before
        };
        let owner = |class: Class| match class {
            Dot => INTERPUNCT,
            Open | Close => BRACKET,
            Comma | Colon => COMMA,
            Stop | Exclam => SENTENCE,
            _ => 0,
        };
        let step = match (owner(before) * u8::from(left.after > 0), owner(after) * u8::from(right.before > 0)) {
            (0, step) | (step, 0) => step,
            (one, other) => one.min(other),
        };
        // A mark clings to what it opens or closes, and the sides of a connector stay as they are (JLREQ 3.8.4).
        let clings = before == Open || after.is_closing_side();
        let avoided = |class| matches!(class, Connector | HalfConnector | Solidus | WideSolidus);
        let rigid = clings || avoided(before) || avoided(after);
        let stretch = if rigid { Stretch::Rigid } else { Stretch::Other };
        Gap { natural, shrink: if step == 0 { 0 } else { natural }, step: if natural == 0 { 0 } else { step }, stretch }
    }

    /// The gap of a word space whose font gives it `advance`, between two classes. Beside Chinese it is the
    /// quarter em of the Han–Western gap, and nothing beside a mark that has its own blank.
    pub fn space(&self, before: Class, after: Class, advance: i64) -> Gap {
        let western = |class: Class| class == Class::Western;
        if western(before) && western(after) {
            let natural = advance.clamp(200, 350);
            return Gap { natural, shrink: (natural - 250).max(natural / 6), step: WORD_SPACE, stretch: Stretch::Word };
        }
        let mark = |class: Class| self.row(class).is_some();
        if mark(before) || mark(after) {
            return self.gap(before, after);
        }
        if !western(before) && !western(after) {
            // A space that an author put between Chinese characters separates two clauses.
            return Gap { natural: 500, shrink: 250, step: WORD_SPACE, stretch: Stretch::Word };
        }
        Gap { natural: 250, shrink: 125, step: HAN_WESTERN, stretch: Stretch::HanWestern }
    }

    /// Whether a line may break between two neighbours, no space between them (CLREQ 6.1).
    #[expect(clippy::indexing_slicing, reason = "there is a row and a column for each class, by its number")]
    pub fn may_break(&self, before: Class, after: Class) -> bool {
        self.found.breaks[before as usize][after as usize]
    }

    fn find_break(&self, before: Class, after: Class) -> bool {
        use Class::*;
        match (before, after) {
            (
                _,
                Close | Comma | Stop | Colon | Exclam | Stacked | Dot | Connector | HalfConnector | Solidus | WideSolidus | NonStarter
                | Extend | HalfClose | Unit,
            ) => false,
            (Open | HalfOpen | Extend, _) => false,
            (Solidus | WideSolidus, _) => self.strictness == Strictness::Basic,
            // Each is one piece of two em; between two of them a line may end (CLREQ 6.1.2.1).
            (_, Long) => self.strictness != Strictness::Strict,
            (Western, Western) => false,
            // A sign before its number.
            (Western, Currency) | (Currency, _) => false,
            _ => true,
        }
    }

    /// Whether a line may end in a space between two neighbours.
    pub fn may_break_at_space(&self, before: Class, after: Class) -> bool {
        !matches!(before, Class::Open | Class::HalfOpen)
            && (after == Class::Western || self.may_break(before, after) || before == Class::Western && after == Class::Han)
    }

    /// Whether the blank of a mark goes at a line's end (CLREQ 6.3.2.3): always on the mainland; elsewhere that of a point
    /// mark stays, and goes only where the line is too long.
    pub fn trims_line_end(&self, class: Class) -> bool {
        self.region == Region::China || matches!(class, Class::Close)
    }

    /// What stands in a column for a mark that has no form of its own there: the corner quotes of the region
    /// (GB/T 15834 5.2.3: the outer ones double; in Taiwan and Hong Kong the outer ones single), and the dots in the
    /// middle of the line.
    pub fn stands_in(&self, c: char) -> Option<char> {
        let outer_double = self.region == Region::China;
        Some(match (c, outer_double) {
            ('“', true) | ('‘', false) => '『',
            ('”', true) | ('’', false) => '』',
            ('‘', true) | ('“', false) => '「',
            ('’', true) | ('”', false) => '」',
            ('…', _) => '⋯',
            _ => return None,
        })
    }

    /// What a mark in the middle of its em loses before it where another closing mark follows, so that the two take an em
    /// and a half (CLREQ 6.3.2.2): it then stands as close to what it ends as to what follows. Thousandths of an em.
    pub fn closes_up(&self, before: Class, after: Class) -> i64 {
        let centred = self.mark(before).before > 0 && before.is_closing_side();
        if centred && after == Class::Close { self.mark(before).before } else { 0 }
    }

    /// Whether the region sets a point mark in the middle of its em, across the line too: all of them in Taiwan and Hong Kong
    /// (CLREQ 5.1.1.2), those that fill an em in Japan.
    pub fn centred(&self, class: Class) -> bool {
        match self.region {
            Region::China => false,
            Region::Japan => matches!(class, Class::Colon | Class::Exclam),
            Region::Taiwan | Region::HongKong => matches!(class, Class::Comma | Class::Stop | Class::Colon | Class::Exclam),
        }
    }

    /// Whether a mark may hang outside the measure at a line's end (CLREQ 6.1.3): comma and full stop, where they lean on
    /// what they end; in columns everywhere.
    pub fn may_hang(&self, class: Class) -> bool {
        let leans = self.mark(class).before == 0 || self.direction == Direction::Vertical;
        leans && matches!(class, Class::Comma | Class::Stop)
    }

    /// Whether two exclamation or question marks are set in one em, and three in two (GB/T 15834 5.1.2).
    pub fn stacks_exclamations(&self) -> bool {
        self.mark(Class::Exclam).after > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        Rules::new(Region::China, Direction::Horizontal, Strictness::Gb, WidthStyle::Quanjiao)
    }

    #[test]
    fn two_adjacent_marks_take_an_em_and_a_half() {
        let width = |a: Class, b: Class| {
            let (left, right) = (rules().mark(a), rules().mark(b));
            left.before + left.body + rules().gap(a, b).natural + right.body + right.after
        };
        for pair in [(Class::Close, Class::Comma), (Class::Comma, Class::Open), (Class::Close, Class::Open), (Class::Stop, Class::Close)] {
            assert_eq!(width(pair.0, pair.1), 1500, "{pair:?}");
        }
        assert_eq!(width(Class::Open, Class::Open), 1500);
    }

    #[test]
    fn a_line_does_not_start_with_a_closing_mark_nor_end_with_an_opening_one() {
        assert!(!rules().may_break(Class::Han, Class::Comma));
        assert!(!rules().may_break(Class::Open, Class::Han));
        assert!(rules().may_break(Class::Stop, Class::Open));
    }

    #[test]
    fn brackets_give_before_commas_and_commas_before_stops() {
        let step = |class| rules().gap(class, Class::Han).step;
        assert!(step(Class::Close) < step(Class::Comma) && step(Class::Comma) < step(Class::Stop));
    }

    #[test]
    fn styles_of_punctuation_give_marks_their_widths() {
        let width = |style, class| {
            let mark = Rules::new(Region::China, Direction::Horizontal, Strictness::Gb, style).mark(class);
            mark.before + mark.body + mark.after
        };
        for (style, comma, stop) in [(WidthStyle::Quanjiao, 1000, 1000), (WidthStyle::Kaiming, 500, 1000), (WidthStyle::Banjiao, 500, 500)]
        {
            assert_eq!((width(style, Class::Comma), width(style, Class::Stop)), (comma, stop), "{style:?}");
        }
    }

    #[test]
    fn point_marks_stand_in_the_middle_of_their_em_in_taiwan() {
        let rules = Rules::new(Region::Taiwan, Direction::Horizontal, Strictness::Gb, WidthStyle::Quanjiao);
        assert_eq!((rules.gap(Class::Han, Class::Comma).natural, rules.gap(Class::Comma, Class::Han).natural), (250, 250));
    }
}
