//! Notes at the side: set in the width of the margin, placed once their page is full.

use super::Context;
use super::flow::{Flow, Row, Setting, fitting, height_of};
use super::page::Item;
use crate::document::Inline;
use crate::length::Length;
use crate::style::{Alignment, Tag};
use std::sync::Arc;

impl Flow<'_> {
    /// A note for the side of a line: its place below the line's upper edge, and its rows.
    pub fn side(&self, text: &[Inline], tag: Tag, setting: Setting) -> (Length, Arc<Vec<Row>>) {
        let context = self.context;
        let small = context.style.side();
        let own = Setting {
            left: Length::ZERO,
            width: context.style.page.side().1,
            text: small.part_of(tag),
            leading: small.size.mille(1400),
            indent: Length::ZERO,
            alignment: Alignment::Start,
            depth: 1,
            snap: false,
            strict: false,
            ..setting
        };
        let within = Context { beside: true, ..*context };
        let mut flow = Flow::new(&within);
        flow.paragraph(text, own, None);
        (setting.baseline() - own.baseline(), Arc::new(flow.rows))
    }
}

/// Notes at the side that are not placed yet: each with its place from the head of the page, and its rows.
pub(super) type Notes = Vec<(Length, Arc<Vec<Row>>)>;

/// Sets the notes at the side, each level with its line where no other is in the way, and gives back what the page does not hold.
pub(super) fn place(context: &Context<'_>, notes: Notes) -> (Vec<Item>, Notes) {
    let depth = context.style.page.depth();
    let gap = context.style.small_leading() / 2;
    let (notes, rest) = divide(notes, depth, gap);
    let mut tops: Vec<Length> = Vec::new();
    let mut free = Length::ZERO;
    for (y, rows) in &notes {
        let top = (*y).max(free);
        tops.push(top);
        free = top + height_of(rows.iter()) + gap;
    }
    // Those at the foot move up, as far as those above leave room.
    let mut floor = depth;
    for (top, (_, rows)) in tops.iter_mut().zip(&notes).rev() {
        *top = (*top).min(floor - height_of(rows.iter())).max(Length::ZERO);
        floor = *top - gap;
    }
    let mut side = Row::default();
    for (top, (_, rows)) in tops.into_iter().zip(notes) {
        side.take_in_all(rows.iter().cloned(), top);
    }
    (side.items, rest)
}

/// The notes that one page holds, and those that go on on the next, from its head.
fn divide(notes: Notes, depth: Length, gap: Length) -> (Notes, Notes) {
    let (mut own, mut rest): (Notes, Notes) = (Vec::new(), Vec::new());
    let mut left = depth;
    for (y, rows) in notes {
        let height = height_of(rows.iter());
        if !rest.is_empty() {
            rest.push((Length::ZERO, rows));
        } else if height <= left {
            own.push((y, rows));
            left -= height + gap;
        } else {
            // A row higher than the page stands on one all the same.
            let least = usize::from(own.is_empty());
            let (first, later) = rows.split_at(fitting(rows.iter(), left).max(least));
            if !first.is_empty() {
                own.push((y, Arc::new(first.to_vec())));
            }
            if !later.is_empty() {
                rest.push((Length::ZERO, Arc::new(later.to_vec())));
            }
            left = Length::ZERO;
        }
    }
    (own, rest)
}
