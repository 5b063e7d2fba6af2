//! Second step: characters become clusters, the units that no line divides, and the joints between them, with
//! their natural width, their give, and whether a line may end there.

use super::Context;
use super::collect::{Collection, Object, Unit};
use super::page::Turn;
use crate::font::{Choice, FaceId};
use crate::length::Length;
use crate::script::{self, Class, Stretch};
use crate::style::TextStyle;

/// A glyph in its cluster.
#[derive(Clone, Debug)]
pub(super) struct SetGlyph {
    pub face: FaceId,
    pub id: u16,
    pub embolden: bool,
    /// From the cluster's start.
    pub x: Length,
    /// Raised by.
    pub rise: Length,
    /// How far its ink is lifted beyond that, while its text stays on the line.
    pub lift: Length,
    /// Type size, where it is not the style's: ruby.
    pub size: Length,
    /// How it stands to the page.
    pub turn: Turn,
    /// Whether it is of a reading rather than of its base.
    pub reading: bool,
    /// Whether it is known to be as wide as its em.
    pub plain: bool,
    pub text: char,
    pub more: Option<Box<str>>,
}

impl SetGlyph {
    /// The glyph of a choice at its cluster's start.
    pub fn of(choice: Choice, size: Length, turn: Turn, text: char) -> SetGlyph {
        let Choice { face, glyph: id, embolden, plain } = choice;
        SetGlyph {
            face,
            id,
            embolden,
            plain,
            x: Length::ZERO,
            rise: Length::ZERO,
            lift: Length::ZERO,
            size,
            turn,
            reading: false,
            text,
            more: None,
        }
    }
}

/// A unit that no line divides.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    /// What the joint before it sees.
    pub class: Class,
    /// What the joint after it sees: a note's mark shows what it hangs on.
    pub after: Class,
    /// The body's width; blanks are the joints'.
    pub width: Length,
    /// What it keeps free before it at a line's start: a reading that is wider than its base.
    pub start_blank: Length,
    /// The blank that it keeps at a line's end.
    pub end_blank: Length,
    /// Whether that blank goes where the line is too long: the first of the seven steps (CLREQ 6.2.2.3).
    pub end_gives: bool,
    /// How much of it may hang outside the measure at a line's end.
    pub hang: Length,
    /// Range of [`Preparation::glyphs`].
    pub glyphs: std::ops::Range<u32>,
    pub style: u16,
    pub link: u16,
    pub object: u16,
    /// Which column of a double-line note it is.
    pub part: u16,
    /// How far its reading reaches beyond it on each side, less than nothing where the reading is the shorter; `None`
    /// where it has none.
    pub reading: Option<Length>,
    pub at: u32,
}

impl Cluster {
    /// A cluster of one class on both sides, without an object.
    pub fn of(unit: &Unit, class: Class, width: Length, glyphs: std::ops::Range<u32>) -> Cluster {
        let (style, link, at) = (unit.style, unit.link, unit.at);
        Cluster {
            class,
            after: class,
            width,
            start_blank: Length::ZERO,
            end_blank: Length::ZERO,
            end_gives: false,
            hang: Length::ZERO,
            glyphs,
            style,
            link,
            object: 0,
            part: 0,
            reading: None,
            at,
        }
    }
}

/// Whether a line may end at a joint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Breaks {
    No,
    Yes,
    /// Better elsewhere: between a number and what it counts.
    Unwelcome,
    /// With a hyphen.
    Hyphen,
    /// Only where the line would run over its edge otherwise.
    Emergency,
}

/// What stands between two clusters.
#[derive(Clone, Debug)]
pub(super) struct Joint {
    pub natural: Length,
    pub shrink: Length,
    /// Step at which it shrinks, 1 to 6; 0 for never.
    pub step: u8,
    pub stretch: Stretch,
    /// How far it stretches in its own step before every gap does.
    pub room: Length,
    pub breaks: Breaks,
    /// The space characters that it stands for.
    pub space: Option<Box<SetGlyph>>,
}

/// A paragraph ready to be broken into lines. `joints[i]` follows `clusters[i]`; the last cluster has none.
#[derive(Clone, Debug, Default)]
pub(super) struct Preparation {
    pub clusters: Vec<Cluster>,
    pub joints: Vec<Joint>,
    pub glyphs: Vec<SetGlyph>,
    /// A hyphen in each of the paragraph's styles, and its width.
    pub hyphens: Vec<Option<(SetGlyph, Length)>>,
    /// The double-line notes in it, each with the number of its object.
    pub inner: Vec<(u16, Preparation)>,
}

impl Preparation {
    /// Keeps titles whole where a body would be divided: no hyphens, no number apart from what it counts.
    pub fn into_title(mut self) -> Preparation {
        let text = |cluster: &Cluster, last: bool| {
            let glyphs = self.glyphs.get(cluster.glyphs.start as usize..cluster.glyphs.end as usize)?;
            if last { glyphs.last() } else { glyphs.first() }.map(|glyph| glyph.text)
        };
        let neighbours = self.clusters.iter().zip(self.clusters.iter().skip(1));
        for (joint, (before, after)) in self.joints.iter_mut().zip(neighbours) {
            let counted = text(before, true).is_some_and(|c| c.is_ascii_digit()) && text(after, false).is_some_and(script::is_counter);
            if joint.breaks == Breaks::Hyphen || counted {
                joint.breaks = Breaks::No;
            }
        }
        self
    }

    /// A part of the paragraph by itself. Its glyphs are left where they are: it serves to be measured.
    #[expect(clippy::indexing_slicing, reason = "its one caller gives a range of clusters that is not empty, and joints are one less")]
    pub fn slice(&self, range: std::ops::Range<usize>) -> Preparation {
        let joints = range.start..(range.end - 1).max(range.start);
        Preparation {
            clusters: self.clusters[range].to_vec(),
            joints: self.joints[joints].to_vec(),
            glyphs: Vec::new(),
            hyphens: self.hyphens.clone(),
            inner: Vec::new(),
        }
    }
}

/// Prepares a collection.
#[expect(clippy::indexing_slicing, reason = "`at` is a unit, `classify` gives each a class; objects are numbered from 1, 0 is none")]
pub(super) fn prepare(context: &Context<'_>, text: &Collection) -> Preparation {
    // An object is classified by what it shows: a reading by its base, a note's mark and an anchor by nothing.
    let shown = |unit: &Unit| match unit.object.checked_sub(1).map(|index| &text.objects[usize::from(index)]) {
        None => unit.c,
        Some(Object::Ruby { base, .. }) => base.chars().next().unwrap_or(unit.c),
        Some(Object::DoubleLine(note)) => note.units.first().map_or(unit.c, |unit| unit.c),
        Some(Object::Note(_) | Object::Anchor(_) | Object::Side(_)) => script::WORD_JOINER,
        Some(Object::Image { .. }) => unit.c,
    };
    let characters: Vec<char> = text.units.iter().map(shown).collect();
    let classes = script::classify(&characters);
    // Most characters are a cluster of one glyph each.
    let count = text.units.len();
    let done = Preparation {
        clusters: Vec::with_capacity(count),
        joints: Vec::with_capacity(count),
        glyphs: Vec::with_capacity(count),
        ..Preparation::default()
    };
    let mut preparer = Preparer { context, text, done, pending: None, exclaiming: 0, solid: None, one_em_end: None };
    let mut at = 0;
    while at < text.units.len() {
        at += preparer.step(&text.units[at..], &classes[at..]);
    }
    preparer.finish()
}

/// Spaces that have been read and not yet been placed.
pub(super) struct Pending {
    pub glyph: Option<SetGlyph>,
    /// Width of the ordinary space of the font, thousandths of an em.
    pub advance: i64,
    /// Width where the space is as wide as it says.
    pub fixed: Length,
    pub may_break: bool,
    /// Whether it stands beside figures in one em of a column, and is nothing.
    pub tight: bool,
}

pub(super) struct Preparer<'a> {
    pub context: &'a Context<'a>,
    pub text: &'a Collection,
    pub done: Preparation,
    pub pending: Option<Pending>,
    /// How many exclamation or question marks stand in a row so far.
    pub exclaiming: usize,
    /// The joint between two characters of one style, by which it is, as it was found.
    pub solid: Option<(u16, Joint)>,
    /// How many clusters there were when figures were last set in one em of a column.
    pub one_em_end: Option<usize>,
}

impl Preparer<'_> {
    #[expect(clippy::indexing_slicing, reason = "a unit's style was numbered in this very text's styles when it was collected")]
    pub fn style(&self, unit: &Unit) -> TextStyle {
        self.text.styles[usize::from(unit.style)]
    }

    /// Reads one unit or one run; says how many characters it took.
    fn step(&mut self, units: &[Unit], classes: &[Class]) -> usize {
        let ([unit, ..], [class, ..]) = (units, classes) else { return 1 };
        if unit.object > 0 {
            self.object(unit);
            return 1;
        }
        let twice = || classes.get(1) == Some(class) && units.get(1).is_some_and(|next| next.c == unit.c);
        match *class {
            Class::Space | Class::IdeographicSpace => self.space(unit, *class),
            Class::Extend => self.extend(unit),
            Class::Western => return self.combined(units, classes).unwrap_or_else(|| self.western(units, classes)),
            Class::Long if script::is_long_dash(unit.c) && twice() => {
                self.long_dash(unit);
                return 2;
            }
            Class::Long if unit.c == script::TWO_EM_DASH => self.long_dash(unit),
            Class::Long if twice() => {
                self.long_ellipsis(unit);
                return 2;
            }
            Class::HalfOpen | Class::HalfClose => match script::half_width_mark(unit.c).filter(|_| self.stands_alone(units)) {
                Some(full) => self.widened_mark(unit, full),
                None => self.half_mark(unit, *class),
            },
            Class::Exclam
                if self.context.is_vertical() && classes.get(1) == Some(class) && units.get(1).is_some_and(|next| next.object == 0) =>
            {
                self.side_by_side(units);
                return 2;
            }
            // Nothing rides on it, as on most.
            class if classes.get(1) != Some(&Class::Extend) => self.mark_or_han(unit, class, None, None),
            class => {
                let selector = units.get(1).map(|next| next.c).filter(|c| script::is_variation_selector(*c));
                let riding = |next: &&Unit| next.object == 0 && next.style == unit.style && script::is_combining_mark(next.c);
                let marks: String = units.iter().skip(1).take_while(riding).map(|mark| mark.c).collect();
                let composed = if marks.is_empty() { None } else { self.composed(unit, &marks) };
                let taken = if composed.is_some() { marks.chars().count() } else { 0 };
                self.mark_or_han(unit, class, selector, composed);
                return 1 + taken;
            }
        }
        1
    }

    /// Whether a half-width mark of a column is one by itself: two points in a row are no full stops.
    fn stands_alone(&self, units: &[Unit]) -> bool {
        let mut characters = units.iter().map(|unit| unit.c);
        let own = characters.next();
        let before = self.done.glyphs.last().map(|glyph| glyph.text).filter(|_| self.pending.is_none());
        self.context.is_vertical() && characters.next() != own && before != own
    }

    fn space(&mut self, unit: &Unit, class: Class) {
        let style = self.style(unit);
        let glyph = self.glyph(unit.c, &style, false);
        let advance = glyph.as_ref().map_or(250, |glyph| self.context.fonts.face(glyph.face).advance(glyph.id).round() as i64);
        let wide = class == Class::IdeographicSpace;
        let size = style.size;
        match &mut self.pending {
            Some(pending) => {
                if wide {
                    pending.fixed += size;
                }
                pending.may_break &= !script::is_no_break_space(unit.c);
            }
            None => {
                let fixed = if wide {
                    size
                } else if style.verbatim {
                    size.mille(advance)
                } else {
                    Length::ZERO
                };
                self.pending = Some(Pending {
                    glyph,
                    advance,
                    fixed,
                    may_break: !script::is_no_break_space(unit.c),
                    tight: self.one_em_end == Some(self.done.clusters.len()),
                });
            }
        }
    }

    pub fn glyph(&self, c: char, style: &TextStyle, chinese: bool) -> Option<SetGlyph> {
        let choice = self.context.fonts.find(style.want, c, chinese)?;
        let (glyph, turn) = self.stand(c, choice, chinese);
        Some(SetGlyph::of(Choice { glyph, ..choice }, style.size, turn, c))
    }

    #[expect(clippy::indexing_slicing, reason = "its one caller has seen that the unit is an object of this text, numbered from 1")]
    fn object(&mut self, unit: &Unit) {
        let style = self.style(unit);
        let object = &self.text.objects[usize::from(unit.object) - 1];
        let first = self.done.glyphs.len() as u32;
        let (class, width) = match object {
            Object::Note(_) => {
                let mark = note_mark(style);
                let text = Context::note_placeholder();
                let mut x = Length::ZERO;
                for c in text.chars() {
                    if let Some(mut glyph) = self.glyph(c, &mark, true) {
                        let advance = self.context.fonts.face(glyph.face).advance(glyph.id);
                        glyph.x = x;
                        x += mark.size.mille(advance.round() as i64);
                        glyph.rise = mark.rise - style.rise;
                        self.done.glyphs.push(glyph);
                    }
                }
                (Class::Extend, x)
            }
            Object::Image { width, .. } => (Class::Han, *width),
            Object::Ruby { base, reading } => return self.ruby(unit, base, reading, style),
            Object::DoubleLine(note) => return self.double_line(unit, note),
            Object::Anchor(_) | Object::Side(_) => (Class::Extend, Length::ZERO),
        };
        let after = match class {
            Class::Extend => self.done.clusters.last().map_or(Class::Extend, |last| last.after),
            class => class,
        };
        let glyphs = first..self.done.glyphs.len() as u32;
        self.push(Cluster { after, object: unit.object, ..Cluster::of(unit, class, width, glyphs) });
    }

    fn finish(mut self) -> Preparation {
        let hyphen = |style: &TextStyle| {
            self.glyph(script::HYPHEN, style, false).map(|glyph| {
                let width = style.size.mille(self.context.fonts.face(glyph.face).advance(glyph.id).round() as i64);
                (SetGlyph { text: script::SOFT_HYPHEN, ..glyph }, width)
            })
        };
        self.done.hyphens = self.text.styles.iter().map(hyphen).collect();
        self.done
    }
}

/// How a note's mark is set in a text of this style.
pub(super) fn note_mark(style: TextStyle) -> TextStyle {
    TextStyle { rise: style.rise + style.size.mille(300), ..style.at(style.size.mille(650)) }
}
