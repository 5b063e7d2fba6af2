//! Titles: headings, and the lines of covers and title pages. Whole words, lines of about one length, divided at a space
//! between two clauses where that fits.

use super::breaks::{self, Fit, Measure};
use super::collect::{self, Collection};
use super::flow::{Flow, Row, Setting, height_of};
use super::prepare::{self, Preparation};
use super::tags::Role;
use crate::document::{Block, Inline, InlineKind, split_number};
use crate::length::Length;
use crate::script;
use crate::source::Span;
use crate::style::{Alignment, HeadingStyle};

impl Flow<'_> {
    /// A heading: whole lines of the grid, kept with what follows.
    pub fn heading(&mut self, block: &Block, level: usize, number: Option<&str>, content: &[Inline], setting: Setting) {
        let part = block.attrs.has("part");
        let named = self.context.levels.get(&(self.context.chapter, block.attrs.id.as_deref()));
        let role = named.map_or(Role::Paragraph, |level| Role::Heading((*level + 1).min(6) as u8));
        let setting = self.part(setting, role);
        let mut look = self.context.style.heading(level);
        look.text = look.text.like(setting.text);
        if part {
            look.text = look.text.at(look.text.size.mille(1250));
            look.sink = self.context.style.page.lines * 2 / 5;
        }
        if !setting.snap {
            // Inside a note or a cell a heading is a line in bold.
            return self.paragraph(content, Setting { text: setting.text.bold(), indent: Length::ZERO, ..setting }, Some(block.span));
        }
        let leading = self.context.style.page.leading;
        let first = self.rows.len();
        if level == 1 && !self.rows.is_empty() {
            self.break_page();
        }
        if look.above > 0 {
            self.push(Row { keep: true, ..Row::space(leading * look.above) });
        }
        let groups = heading_lines(number, content, look);
        let own = Setting {
            text: look.text,
            leading: look.text.size.mille(1500).max(leading),
            alignment: look.alignment,
            indent: Length::ZERO,
            snap: false,
            strict: false,
            ..setting.inset(setting.text.size * look.indent, Length::ZERO)
        };
        let mut inner = Flow::new(self.context);
        for group in &groups {
            for text in collect::collect(self.context, group, look.text) {
                inner.balanced(&text, own, Some(block.span));
            }
        }
        // The lines together take whole lines of the grid, and stand in their middle.
        let height = height_of(&inner.rows);
        let whole = leading * height.ceil_div(leading);
        if whole > self.context.style.page.depth() / 2 {
            // A paragraph that was marked as a heading: it may run over the page's end.
            inner.rows.into_iter().for_each(|row| self.push(Row { snap: false, ..row }));
            return;
        }
        let mut row = Row { height: whole, heading: true, snap: true, keep: true, sink: leading * look.sink, ..Row::default() };
        row.take_in_all(inner.rows, (whole - height) / 2);
        let text = || Some(crate::document::heading_text(number, content).into());
        match level {
            1 => row.title = text(),
            2 => row.section = text(),
            _ => {}
        }
        self.push(row);
        if look.below > 0 {
            self.push(Row { keep: true, blank: false, ..Row::space(leading * look.below) });
        }
        if part {
            self.rows.iter_mut().skip(first).for_each(|row| row.keep = false);
        }
    }

    /// Lines of a title, of about one length, and broken at a space between two clauses where that fits.
    pub fn balanced(&mut self, text: &Collection, setting: Setting, span: Option<Span>) {
        let mut prepared = prepare::prepare(self.context, text).into_title();
        if prepared.clusters.is_empty() {
            return;
        }
        let measure = |width| Measure { width, indent: Length::ZERO, fit: Fit::Even, em: setting.text.size };
        let full = measure(setting.width.mille(if setting.alignment == Alignment::Center { 940 } else { 1000 }));
        let mut greedy = breaks::choose(&prepared, full);
        if greedy.iter().any(|line| breaks::natural_width(&prepared, line.start, line.end, line.hyphen) > full.width) {
            // A word longer than the line is divided after all.
            prepared = prepare::prepare(self.context, text);
            greedy = breaks::choose(&prepared, full);
        }
        let chosen = if greedy.len() < 2 { greedy } else { clauses(&prepared, full.width) };
        self.set_lines(text, &prepared, &chosen, measure(setting.width), setting, span);
    }
}

/// Breaks at the spaces between clauses; a clause longer than a line is divided into lines of about one length.
#[expect(clippy::indexing_slicing, reason = "`end` runs over `1..count`, the clusters; joints are one fewer")]
fn clauses(prepared: &Preparation, width: Length) -> Vec<breaks::Break> {
    let count = prepared.clusters.len();
    let western = |at: usize| prepared.clusters[at].class == script::Class::Western;
    let mut ends: Vec<usize> = (1..count)
        .filter(|end| {
            let joint = &prepared.joints[end - 1];
            joint.space.is_some() && joint.breaks == prepare::Breaks::Yes && !(western(end - 1) && western(*end))
        })
        .collect();
    ends.push(count);
    let whole = |start: usize, end: usize| breaks::natural_width(prepared, start, end, false);
    let mut lines = Vec::new();
    let mut start = 0;
    for (at, end) in ends.iter().copied().enumerate() {
        // Clauses that fit one line together stay together.
        let next_fits = ends.get(at + 1).is_some_and(|next| whole(start, *next) <= width);
        if next_fits {
            continue;
        }
        if whole(start, end) <= width {
            lines.push(breaks::Break::plain(start, end));
        } else {
            lines.extend(even(prepared, start..end, width));
        }
        start = end;
    }
    lines
}

/// As few lines as the width allows, in the narrowest measure that still holds them.
fn even(prepared: &Preparation, range: std::ops::Range<usize>, width: Length) -> Vec<breaks::Break> {
    let part = prepared.slice(range.clone());
    let attempt = |width| breaks::choose(&part, Measure { width, indent: Length::ZERO, fit: Fit::Even, em: width });
    let lines = attempt(width).len();
    let (mut low, mut high) = (width / lines as i64 / 2, width);
    for _ in 0..12 {
        let middle = (low + high) / 2;
        let fits = attempt(middle);
        let good = fits.len() <= lines && fits.iter().all(|line| breaks::natural_width(&part, line.start, line.end, line.hyphen) <= middle);
        if good { high = middle } else { low = middle }
    }
    let moved = |line: breaks::Break| breaks::Break { start: line.start + range.start, end: line.end + range.start, ..line };
    attempt(high).into_iter().map(moved).collect()
}

/// The lines of a heading: its number on a line of its own where the look asks for it.
fn heading_lines(number: Option<&str>, content: &[Inline], look: HeadingStyle) -> Vec<Vec<Inline>> {
    let span = content.first().map(|inline| inline.span).unwrap_or_default();
    let plain = |text: &str| Inline::new(InlineKind::Text(text.to_owned()), Span { end: span.start, ..span });
    if let Some(number) = number {
        if look.stacked {
            return vec![vec![plain(number)], content.to_vec()];
        }
        let mut joined = vec![plain(number), plain(&String::from(script::IDEOGRAPHIC_SPACE))];
        joined.extend_from_slice(content);
        return vec![joined];
    }
    if look.stacked
        && let Some((label, title)) = split_number(content)
    {
        return vec![vec![label], title];
    }
    vec![content.to_vec()]
}
