//! Last step: a line's joints are set so that it fills its measure, step by step with equal shares, and its
//! clusters become items.

use super::Context;
use super::annotate;
use super::breaks::{Break, Fit, Measure, natural_width};
use super::collect::{Collection, Object, collect_text};
use super::page::{AXIS, Area, Glyph, Item, Run, Turn};
use super::prepare::{Cluster, Joint, Preparation, SetGlyph, prepare};
use super::tags::Tags;
use crate::document::{Inline, Link};
use crate::length::Length;
use crate::script::{Class, Stretch};
use crate::style::{Alignment, Colour, Marks, Tag, TextStyle};
use std::sync::Arc;

/// A line, its items measured from the upper left of its box.
pub(super) struct Line {
    pub items: Vec<Item>,
    /// The notes' marks that it holds.
    pub notes: Vec<NoteMark>,
    /// The notes for its side.
    pub side: Vec<(Arc<Vec<Inline>>, Tag)>,
    /// How far each gap was stretched beyond its own room, em; above a quarter the line is loose.
    pub looseness: f64,
    /// How far it sticks out of the measure.
    pub excess: Length,
    /// Byte of its first character in the source.
    pub at: u32,
    /// Height that it needs where an object is higher than the text.
    pub height: Length,
    /// Width of what is set.
    pub width: Length,
}

/// A note's mark: the note, and which item shows its number. Its number is known once its page is.
#[derive(Clone, Copy, Debug)]
pub(super) struct NoteMark {
    /// Index in the chapter's notes.
    pub note: usize,
    /// Index of the chapter.
    pub chapter: usize,
    /// Index of the run in the items of its row.
    pub item: usize,
    /// Whether it is the number before the note itself, at the foot.
    pub label: bool,
    /// What the note belongs to: the paragraph of its mark.
    pub home: Tag,
}

/// Where a line stands.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub measure: Measure,
    pub alignment: Alignment,
    /// Left edge of the measure.
    pub left: Length,
    /// From the top of the line's box to the baseline.
    pub baseline: Length,
    pub first: bool,
    pub last: bool,
}

/// Sets one line.
#[expect(clippy::indexing_slicing, reason = "a line has a cluster at least, a width for each joint; glyphs and styles are numbered")]
pub(super) fn set(context: &Context<'_>, text: &Collection, prepared: &Preparation, line: Break, place: Place) -> Line {
    let indent = if place.first { place.measure.indent } else { Length::ZERO };
    let target = place.measure.width - indent;
    let natural = natural_width(prepared, line.start, line.end, line.hyphen);
    let mut slack = target - natural;
    let tail = &prepared.clusters[line.end - 1];
    if line.hang {
        slack += tail.end_blank + tail.hang;
    } else if slack < Length::ZERO && tail.end_gives {
        slack += tail.end_blank.min(-slack);
    }
    let justify = place.alignment == Alignment::Even || place.alignment == Alignment::Justify && !place.last;
    let joints = &prepared.joints[line.start..line.end - 1];
    let mut widths: Vec<Length> = joints.iter().map(|joint| joint.natural).collect();
    let mut looseness = 0.0;
    if slack < Length::ZERO {
        slack += squeeze(joints, &mut widths, -slack);
    } else if justify {
        let needed = slack;
        let (used, per_gap) = stretch(joints, &mut widths, needed);
        slack -= used;
        looseness = per_gap.to_pt() / place.measure.em.to_pt();
    }
    let shift = match place.alignment {
        Alignment::Justify | Alignment::Even | Alignment::Start => Length::ZERO,
        Alignment::Center => slack.max(Length::ZERO) / 2,
        Alignment::End => slack.max(Length::ZERO),
    };
    let start_x = place.left + indent + shift;
    // As many as the line has, and a hyphen; spaces beside.
    let glyphs = tail.glyphs.end.saturating_sub(prepared.clusters[line.start].glyphs.start) as usize + 1;
    let mut writer = Writer {
        context,
        text,
        items: Vec::new(),
        notes: Vec::new(),
        side: Vec::new(),
        baseline: place.baseline,
        axis: place.baseline - text.styles[0].size.mille(AXIS),
        open: None,
        glyphs: Vec::with_capacity(glyphs),
        marks: Vec::new(),
        links: Vec::new(),
        height: Length::ZERO,
    };
    let mut x = start_x + prepared.clusters[line.start].start_blank;
    for at in line.start..line.end {
        let cluster = &prepared.clusters[at];
        let style = &text.styles[usize::from(cluster.style)];
        let glyphs = &prepared.glyphs[cluster.glyphs.start as usize..cluster.glyphs.end as usize];
        if cluster.object > 0 {
            // An object's glyphs are a run of their own.
            writer.close();
        }
        writer.cluster(glyphs, x, cluster.width, style, cluster.class, cluster.object > 0);
        if at == line.start || prepared.clusters[at - 1].object != cluster.object {
            writer.double_line(prepared, at, line.end, x);
        }
        writer.accompany(at, style, cluster.class, x, cluster.width);
        writer.object(cluster.object, x, style.tag);
        let mut end = x + cluster.width;
        if at + 1 < line.end {
            let width = widths[at - line.start];
            if context.style.debug {
                writer.guide(end, width, prepared.joints[at].natural, style.size);
            }
            if let Some(space) = &prepared.joints[at].space {
                writer.glyph(space, end, style);
            }
            writer.follow(style, cluster.link, x, end, Some(width));
            end += width;
        } else {
            writer.follow(style, cluster.link, x, end, None);
            if line.hyphen
                && let Some(Some((hyphen, width))) = prepared.hyphens.get(usize::from(cluster.style))
            {
                writer.glyph(hyphen, end, style);
                end += *width;
            } else if let Some(space) = prepared.joints.get(at).and_then(|joint| joint.space.as_ref()) {
                // A space at the line's end hangs beyond it unseen: copied text keeps its words apart.
                writer.glyph(space, end, style);
            }
        }
        x = end;
    }
    let side = std::mem::take(&mut writer.side);
    let (items, notes, height) = writer.finish();
    let excess = (-slack).max(Length::ZERO);
    Line { items, notes, side, looseness, excess, at: prepared.clusters[line.start].at, height, width: x - start_x }
}

/// A line of text by itself, for heads, folios and labels: its items, with the baseline at 0, and its width.
pub(super) fn alone(context: &Context<'_>, text: &str, style: TextStyle) -> (Vec<Item>, Length) {
    let collection = collect_text(text, style);
    let prepared = prepare(context, &collection);
    if prepared.clusters.is_empty() {
        return (Vec::new(), Length::ZERO);
    }
    let measure = Measure { width: Length::pt(10_000.0), indent: Length::ZERO, fit: Fit::Even, em: style.size };
    let place = Place { measure, alignment: Alignment::Start, left: Length::ZERO, baseline: Length::ZERO, first: true, last: true };
    let whole = Break::plain(0, prepared.clusters.len());
    let line = set(context, &collection, &prepared, whole, place);
    (line.items, line.width)
}

/// Takes `need` from the joints, one step after another, the same from each joint of a step. What it took.
fn squeeze(joints: &[Joint], widths: &mut [Length], need: Length) -> Length {
    let mut left = need;
    for step in 1..=6 {
        left -= share(left, joints, widths, |joint| (joint.step == step).then_some(joint.shrink), -1);
    }
    need - left
}

/// Gives `slack` to the joints: word spaces up to their room, Han–Western gaps up to theirs, then every gap
/// equally. What it gave, and how much each gap got in the last step.
fn stretch(joints: &[Joint], widths: &mut [Length], slack: Length) -> (Length, Length) {
    let mut left = slack;
    for kind in [Stretch::Word, Stretch::HanWestern] {
        left -= share(left, joints, widths, |joint| (joint.stretch == kind).then_some(joint.room), 1);
    }
    if left == Length::ZERO {
        return (slack, Length::ZERO);
    }
    let last: fn(&Joint) -> bool = if joints.iter().any(|joint| joint.stretch == Stretch::Other) {
        |joint| joint.stretch == Stretch::Other
    } else {
        |joint| joint.stretch != Stretch::Rigid
    };
    let count = joints.iter().filter(|joint| last(joint)).count() as i64;
    if count == 0 {
        return (slack - left, Length::ZERO);
    }
    let mut given = Length::ZERO;
    let chosen = joints.iter().zip(widths.iter_mut()).filter(|(joint, _)| last(joint));
    for (index, (_, width)) in chosen.enumerate() {
        let upto = left.scale(index as i64 + 1, count);
        *width += upto - given;
        given = upto;
    }
    (slack, left / count)
}

/// Shares `amount` equally among the joints that `room` lets take part, each up to its room; those that are full leave
/// the rest to the others. The sign says whether widths grow or shrink. What was shared out.
fn share(amount: Length, joints: &[Joint], widths: &mut [Length], room: impl Fn(&Joint) -> Option<Length>, sign: i64) -> Length {
    let taking_part = joints.iter().zip(widths.iter_mut()).filter_map(|(joint, width)| Some((room(joint)?, width)));
    let mut places: Vec<(Length, &mut Length)> = taking_part.filter(|(room, _)| *room > Length::ZERO).collect();
    places.sort_by_key(|(room, _)| *room);
    let mut left = amount;
    let mut remaining = places.len() as i64;
    for (room, width) in places {
        if left <= Length::ZERO {
            break;
        }
        let part = Length((left.0 + remaining - 1) / remaining).min(room);
        *width += part * sign;
        left -= part;
        remaining -= 1;
    }
    amount - left.max(Length::ZERO)
}

struct Writer<'a> {
    context: &'a Context<'a>,
    text: &'a Collection,
    items: Vec<Item>,
    notes: Vec<NoteMark>,
    side: Vec<(Arc<Vec<Inline>>, Tag)>,
    baseline: Length,
    /// Middle of the em square, on which every size stands in a column.
    axis: Length,
    open: Option<Run>,
    /// The glyphs of the open run.
    glyphs: Vec<Glyph>,
    /// Lines under and through the text.
    marks: Vec<Drawn>,
    links: Vec<(u16, Tag, Length, Length, Length)>,
    height: Length,
}

/// A line that accompanies text.
struct Drawn {
    kind: MarkKind,
    /// Number of its span; see [`crate::style::Marks`].
    span: u16,
    start: Length,
    end: Length,
    /// Indices of the first and the last cluster that it reaches.
    first: usize,
    last: usize,
    style: TextStyle,
}

/// What is added to the index of a cluster inside a double-line note, where lines along text are joined.
const NOTED: usize = 1 << 24;

/// How much the ends of two lines that face each other are shortened, each, thousandths of an em (CLREQ 5.6.1: at most
/// an eighth).
const FACING: i64 = 70;

#[derive(Clone, Copy, PartialEq, Eq)]
enum MarkKind {
    Under,
    Through,
    Wave,
    Frame,
}

impl Writer<'_> {
    fn cluster(&mut self, glyphs: &[SetGlyph], x: Length, width: Length, style: &TextStyle, class: Class, annotated: bool) {
        for glyph in glyphs {
            self.glyph(glyph, x, style);
        }
        if style.marks.dots && matches!(class, Class::Han | Class::NonStarter) && !glyphs.is_empty() {
            let size = style.size;
            let base = self.base(size) - style.rise;
            // Under a line, below what else is there; at the right of a column, or at the left of one with a reading (CLREQ
            // 5.3.1, 5.6.1).
            let lined = style.marks.underline > 0 || style.marks.wave > 0;
            let y = match (self.context.is_vertical(), lined, annotated) {
                (true, _, false) => base - size.mille(AXIS + 650),
                (true, _, true) => base - size.mille(AXIS - 650),
                (false, true, _) => base + size.mille(390),
                (false, false, _) => base + size.mille(270),
            };
            // A base of several characters has a dot under each; what is made small again and again has no size left.
            for at in 0..width.0.checked_div(size.0).unwrap_or(1).max(1) {
                let x = x + size * at + size.mille(500);
                self.items.push(Item::Dot { x, y, radius: size.mille(75), colour: style.colour, tag: Tag::Decoration });
            }
        }
    }

    fn glyph(&mut self, glyph: &SetGlyph, x: Length, style: &TextStyle) {
        let line = self.base(glyph.size);
        let colour = style.colour;
        let tag = if glyph.reading { Tags::reading_of(style.tag) } else { style.tag };
        let (x, y) = (x + glyph.x, line - style.rise - glyph.rise);
        // What stands across a column goes on to the side of it.
        let crossing = matches!(glyph.turn, Turn::Combined(_));
        let fits = self.open.as_ref().is_some_and(|run| {
            run.face == glyph.face
                && run.size == glyph.size
                && run.lift == glyph.lift
                && run.turn == glyph.turn
                && run.colour == colour
                && run.tag == tag
                && run.embolden == glyph.embolden
                && if crossing { run.x == x && run.y > y } else { run.y == y }
        });
        if !fits {
            self.close();
            let (face, turn, size, embolden, lift) = (glyph.face, glyph.turn, glyph.size, glyph.embolden, glyph.lift);
            self.open = Some(Run { face, turn, size, colour, embolden, tag, x, y, lift, glyphs: Vec::new() });
        }
        if let Some(run) = &self.open {
            let along = if crossing { run.y - y } else { x - run.x };
            self.glyphs.push(Glyph { id: glyph.id, x: along, text: glyph.text, more: glyph.more.clone() });
        }
    }

    /// The part of a double-line note that stands on this line, its columns from `at` on: two lines of half the size.
    #[expect(
        clippy::indexing_slicing,
        reason = "`at` is the first of `columns`, `last` is within `inner`; the rest are numbers of its own"
    )]
    fn double_line(&mut self, prepared: &Preparation, at: usize, end: usize, x: Length) {
        let object = prepared.clusters[at].object;
        let Some(note) = object.checked_sub(1).and_then(|index| annotate::note_of(&self.text.objects[usize::from(index)])) else { return };
        let Some((_, inner)) = prepared.inner.iter().find(|(known, _)| *known == object) else { return };
        let columns: Vec<&Cluster> = prepared.clusters[at..end].iter().take_while(|cluster| cluster.object == object).collect();
        let room: Length = columns.iter().map(|column| column.width).sum();
        let first = usize::from(columns[0].part) * 2;
        let last = (first + columns.len() * 2).min(inner.clusters.len());
        let (split, needed) = annotate::divide(inner, first, last);
        // Words of letters may leave one line longer than the other by more than there is room for.
        let fitted = |length: Length| if needed > room { length.scale(room.0, needed.0) } else { length };
        let em = note.styles[0].size * 2;
        for (row, range, rises) in [(1, first..split, [440, 250]), (2, split..last, [-60, -250])] {
            let rise = em.mille(rises[usize::from(self.context.is_vertical())]);
            let mut along = Length::ZERO;
            for at in range {
                let cluster = &inner.clusters[at];
                let style = note.styles[usize::from(cluster.style)];
                let glyphs = &inner.glyphs[cluster.glyphs.start as usize..cluster.glyphs.end as usize];
                let glyphs: Vec<SetGlyph> =
                    glyphs.iter().map(|glyph| SetGlyph { x: fitted(glyph.x), size: fitted(glyph.size), ..glyph.clone() }).collect();
                let style = TextStyle { rise: style.rise + rise, ..style };
                self.cluster(&glyphs, x + fitted(along), fitted(cluster.width), &style, cluster.class, false);
                // Counted apart from the line's own clusters.
                self.accompany(NOTED * row + at, &style, cluster.class, x + fitted(along), fitted(cluster.width));
                along += cluster.width;
                if let Some(joint) = inner.joints.get(at) {
                    if let Some(space) = &joint.space {
                        self.glyph(space, x + fitted(along), &style);
                    }
                    along += joint.natural;
                }
            }
        }
    }

    /// Shows a gap and what became of it, for whoever looks at the layout.
    fn guide(&mut self, x: Length, width: Length, natural: Length, size: Length) {
        let colour = match width.cmp(&natural) {
            std::cmp::Ordering::Less => Colour::GUIDE_TIGHT,
            std::cmp::Ordering::Equal => Colour::GUIDE_GAP,
            std::cmp::Ordering::Greater => Colour::GUIDE_WIDE,
        };
        // What was squeezed away leaves a thin line.
        let shown = width.max(if colour == Colour::GUIDE_TIGHT { Length::pt(0.4) } else { Length::ZERO });
        if shown > Length::ZERO {
            let y = self.base(size) - size.mille(880);
            self.items.push(Item::Rule(Area { x, y, width: shown, height: size }, colour));
        }
    }

    /// Where text of a size stands: on the baseline, and in a column with the middle of its em on the axis.
    fn base(&self, size: Length) -> Length {
        if self.context.is_vertical() { self.axis + size.mille(AXIS) } else { self.baseline }
    }

    fn close(&mut self) {
        if let Some(run) = self.open.take() {
            // As many as they are: a line is kept until its page is drawn.
            self.items.push(Item::Run(Run { glyphs: self.glyphs.drain(..).collect(), ..run }));
        }
    }

    /// Lines under and through the text: they grow from cluster to cluster of their span and over the gaps between.
    fn accompany(&mut self, at: usize, style: &TextStyle, class: Class, x: Length, width: Length) {
        let marks = style.marks;
        if marks == Marks::default() {
            return;
        }
        let kinds = [
            (MarkKind::Under, marks.underline),
            (MarkKind::Through, marks.strike),
            (MarkKind::Wave, marks.wave),
            (MarkKind::Frame, marks.frame),
        ];
        for (kind, span) in kinds.into_iter().filter(|(_, span)| *span > 0) {
            match self.marks.iter_mut().find(|mark| mark.kind == kind && mark.span == span && mark.last + 1 == at) {
                Some(mark) => (mark.end, mark.last) = (x + width, at),
                None if class == Class::Extend => {}
                None => self.marks.push(Drawn { kind, span, start: x, end: x + width, first: at, last: at, style: *style }),
            }
        }
    }

    /// Carries links over the gap to the next cluster.
    fn follow(&mut self, style: &TextStyle, link: u16, start: Length, end: Length, gap: Option<Length>) {
        let beyond = end + gap.unwrap_or(Length::ZERO);
        if link == 0 {
            return;
        }
        match self.links.iter_mut().find(|(known, tag, _, reach, _)| *known == link && *tag == style.tag && *reach == start) {
            Some((.., reach, _)) => *reach = beyond,
            None => self.links.push((link, style.tag, start, beyond, style.size)),
        }
    }

    #[expect(clippy::indexing_slicing, reason = "objects are numbered from 1, 0 has returned; a text has its base's style at least")]
    fn object(&mut self, object: u16, x: Length, tag: Tag) {
        if object == 0 {
            return;
        }
        match &self.text.objects[usize::from(object) - 1] {
            Object::Note(note) => {
                self.close();
                let item = self.items.len() - 1;
                self.notes.push(NoteMark { note: *note, chapter: self.context.chapter, item, label: false, home: self.text.styles[0].tag });
            }
            Object::Image { path, width, height } => {
                self.close();
                // On the line, or amid a column.
                let amid = self.context.is_vertical() && *height <= self.baseline;
                let y = if amid { self.axis - *height / 2 } else { self.baseline - *height };
                self.height = self.height.max(*height);
                self.items.push(Item::Image(Area { x, y, width: *width, height: *height }, path.clone(), tag));
            }
            Object::Side(text) => self.side.push((text.clone(), tag)),
            Object::Anchor(id) => self.items.push(Item::Anchor { chapter: self.context.chapter, id: Some(id.clone()), y: Length::ZERO }),
            Object::Ruby { .. } | Object::DoubleLine(_) => {}
        }
    }

    #[expect(clippy::indexing_slicing, reason = "`at` and `other` run over `marks`; links are numbered from 1, and `follow` keeps no 0")]
    fn finish(mut self) -> (Vec<Item>, Vec<NoteMark>, Length) {
        self.close();
        let thin = |size: Length| size.mille(45);
        let mut marks = std::mem::take(&mut self.marks);
        let interlinear = |mark: &Drawn| matches!(mark.kind, MarkKind::Under | MarkKind::Wave);
        for at in 0..marks.len() {
            let (end, next) = (marks[at].end, marks[at].last + 1);
            for other in (0..marks.len()).filter(|other| *other != at) {
                if interlinear(&marks[at]) && interlinear(&marks[other]) && marks[other].first == next {
                    // What a stretched line leaves between them counts.
                    let short = (marks[at].style.size.mille(FACING) - (marks[other].start - end) / 2).max(Length::ZERO);
                    marks[at].end -= short;
                    marks[other].start += short;
                }
            }
        }
        for Drawn { kind, start, end, style, .. } in marks {
            let (x, width, size) = (start, end - start, style.size);
            // The baseline of what it accompanies.
            let base = self.base(size) - style.rise;
            let axis = base - size.mille(AXIS);
            let item = match kind {
                MarkKind::Frame => {
                    // On the outside of the characters' frames (CLREQ 5.1.1.4).
                    let (line, top, bottom) = (size.mille(60), axis - size / 2, axis + size / 2);
                    let (left, long) = (x - line, width + line * 2);
                    for (x, y, width, height) in
                        [(left, top - line, long, line), (left, bottom, long, line), (left, top, line, size), (x + width, top, line, size)]
                    {
                        self.items.push(Item::Rule(Area { x, y, width, height }, style.colour));
                    }
                    continue;
                }
                MarkKind::Under => Item::Rule(Area { x, y: base + size.mille(180), width, height: thin(size) }, style.colour),
                MarkKind::Through => Item::Rule(Area { x, y: base - size.mille(340), width, height: thin(size) }, style.colour),
                MarkKind::Wave => Item::Wave { x, y: base + size.mille(250), length: width, size, down: false },
            };
            self.items.push(item);
        }
        for (link, tag, start, end, size) in std::mem::take(&mut self.links) {
            let to: Link = self.text.links[usize::from(link) - 1].clone();
            self.items.push(Item::Link(
                Area { x: start, y: self.base(size) - size.mille(880), width: end - start, height: size.mille(1100) },
                to,
                tag,
            ));
        }
        (self.items, self.notes, self.height)
    }
}
