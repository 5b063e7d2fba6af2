//! A text put right, change by change, and every change on record: what is damaged in its characters and marks is found by
//! evidence ([`revise`]), changes are made and undone ([`apply`], [`undo`]), the ledger holds them ([`Ledger`]). Bytes become text
//! and the same bytes again in [`encoding`].

mod change;
mod characters;
pub mod encoding;
mod ledger;
mod lookalikes;
mod marks;
mod words;

pub use change::{Change, Files, Mismatch, Rule, apply, keep_apart, undo};
pub use characters::Copies;
pub use ledger::{Entry, Fault, File, Ledger, Places, Unplaced, digest};
pub use lookalikes::{fold, is_in_traditional_characters as is_traditional};

use std::ops::Range;

/// Whether it is a word of the dictionary that is written now and then.
pub fn is_word(text: &str) -> bool {
    const WRITTEN: u32 = 20;
    words::frequency(text).is_some_and(|number| number > WRITTEN)
}

/// How sure a change has to be to be made, where nobody says.
pub const CONFIDENCE: f32 = 0.95;

/// A passage of prose: a paragraph, a heading, a cell of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passage {
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// What is no prose in it: code, addresses, formulas, marks of Markdown. In order.
    pub holes: Vec<Range<usize>>,
    /// What is taken out of it: the rest is read as if it were not there. In order.
    pub gone: Vec<Range<usize>>,
}

impl Passage {
    /// A passage that is prose from end to end.
    pub fn new(range: Range<usize>) -> Passage {
        Passage { range, ..Passage::default() }
    }

    /// Its characters with their places; `None` for those that are no prose.
    #[expect(clippy::string_slice, reason = "callers make passages of this text that begin and end between its characters")]
    pub(crate) fn characters<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (usize, Option<char>)> + 'a {
        let mut holes = self.holes.iter().peekable();
        let mut gone = self.gone.iter().peekable();
        let start = self.range.start;
        text[self.range.clone()].char_indices().filter_map(move |(offset, c)| {
            let at = start + offset;
            while holes.next_if(|hole| hole.end <= at).is_some() {}
            while gone.next_if(|gone| gone.end <= at).is_some() {}
            let inside = holes.peek().is_some_and(|hole| hole.start <= at);
            let out = gone.peek().is_some_and(|gone| gone.start <= at);
            (!out).then_some((at, (!inside).then_some(c)))
        })
    }
}

/// What is to be put right in the passages of a text, which are in its order and do not overlap: changes in the order of the
/// text, those below `confidence` proposed and not made.
pub fn revise(text: &str, passages: &[Passage], copies: &Copies, confidence: f32) -> Vec<Change> {
    let (characters, marks) = rayon::join(|| characters::changes(text, passages, copies), || marks::changes(text, passages));
    let mut all = characters;
    all.extend(marks);
    all.sort_by_key(|change| change.at);
    for change in &mut all {
        change.applied = change.confidence >= confidence;
    }
    keep_apart(&mut all);
    all
}
