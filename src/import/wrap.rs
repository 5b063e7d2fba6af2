//! Lines that were broken by their width, not by a paragraph's end.

use super::lines::Line;

/// Width beyond which no text is broken by hand.
const WIDEST: usize = 160;
/// Width below which lines are verse, or talk.
const NARROWEST: usize = 36;
/// How much narrower than the widest a full line may be: a word that did not fit, a mark that may not begin a line.
const SLACK: usize = 6;
/// The share of lines that are full in a text broken by width.
const SHARE: f64 = 0.25;

/// The width of a text that was broken by its width: in half-width characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wrap {
    width: usize,
    /// How sure it is, in hundredths.
    pub confidence: u8,
    /// Whether paragraphs begin with blanks.
    indented: bool,
}

pub(super) fn width(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

fn ends(text: &str) -> bool {
    text.ends_with(['。', '！', '？', '”', '」', '』', '…', '：', '.', '!', '?', '"', ')', '）'])
}

/// Whether the lines of a text were broken by width, and at which.
#[expect(clippy::string_slice, reason = "a line's range comes from trimming that line of the same text")]
pub(super) fn find(text: &str, lines: &[Line]) -> Option<Wrap> {
    let widths: Vec<usize> = lines.iter().map(|line| width(&text[line.range.clone()]) + 4 * usize::from(line.indented)).collect();
    let mut sorted = widths.clone();
    sorted.sort_unstable();
    // A line or two may be wider: a heading, a table.
    let widest = *sorted.get(sorted.len().saturating_sub(1 + sorted.len() / 50))?;
    if lines.len() < 6 || !(NARROWEST..=WIDEST).contains(&widest) {
        return None;
    }
    let full = |width: usize| width + SLACK >= widest && width <= widest + SLACK;
    let near = widths.iter().filter(|width| full(**width)).count();
    // A line that is full, does not end a sentence, and has another right below.
    let pairs = lines.iter().zip(lines.iter().skip(1)).zip(&widths);
    let open = pairs.filter(|((line, next), width)| full(**width) && !ends(&text[line.range.clone()]) && !next.apart).count();
    let share = near as f64 / lines.len() as f64;
    let indents = lines.iter().filter(|line| line.indented).count();
    (share >= SHARE && open * 3 >= near && open >= 3).then(|| Wrap {
        width: widest,
        confidence: (80.0 + 19.0 * share.min(1.0)) as u8,
        indented: indents > 0 && indents * 10 < lines.len() * 8,
    })
}

impl Wrap {
    /// Whether a paragraph goes on from a line to the next one.
    #[expect(clippy::string_slice, reason = "a line's range comes from trimming that line of the same text")]
    pub fn joins(self, text: &str, line: &Line, next: &Line) -> bool {
        let own = &text[line.range.clone()];
        let wide = width(own) + 4 * usize::from(line.indented);
        let full = wide + SLACK >= self.width;
        // An indent begins a paragraph; without indents, a sentence's end a little before the edge ends one.
        let begins = next.indented || !self.indented && ends(own) && wide + 2 < self.width;
        !next.apart && full && !begins
    }
}
