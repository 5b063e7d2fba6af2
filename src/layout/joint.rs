//! The joints between clusters within the second step: what stands between two neighbours, how far it gives and takes, and
//! whether a line may end there.

use super::annotate;
use super::prepare::{Breaks, Cluster, Joint, Pending, Preparer};
use crate::length::Length;
use crate::script::{self, Class, Gap, Stretch};

impl Preparer<'_> {
    /// Adds a cluster and the joint before it.
    pub fn push(&mut self, mut cluster: Cluster) {
        let pending = self.pending.take();
        let Some(before) = self.done.clusters.last().map(|last| last.after) else { return self.first(cluster, pending) };
        let after = cluster.class;
        let solid = if pending.is_none() { self.solid(&cluster) } else { None };
        let joint = solid.unwrap_or_else(|| {
            let mut joint = self.between(&cluster, pending);
            self.keep_readings_apart(&mut cluster, &mut joint);
            self.set_loose(&cluster, &mut joint);
            self.keep_units(&cluster, &mut joint);
            self.close_up(before, &cluster);
            joint
        });
        self.exclaiming = match after {
            Class::Exclam => self.exclaiming + 1,
            Class::Extend => self.exclaiming,
            _ => 0,
        };
        self.done.joints.push(joint);
        self.done.clusters.push(cluster);
    }

    /// The joint between two characters of one style, as most of a text is: what the rules say of two of them and nothing else, so
    /// that it is found once. `None` where more is to be asked.
    #[expect(clippy::indexing_slicing, reason = "a cluster has its style's number from a unit of the same text")]
    fn solid(&mut self, cluster: &Cluster) -> Option<Joint> {
        let last = self.done.clusters.last()?;
        let plain = |cluster: &Cluster| cluster.class == Class::Han && cluster.after == Class::Han && cluster.reading.is_none();
        let digit = || self.done.glyphs.get(cluster.glyphs.start as usize).is_some_and(|glyph| script::is_wide_digit(glyph.text));
        if !plain(last) || !plain(cluster) || last.style != cluster.style || digit() {
            return None;
        }
        if let Some((style, joint)) = &self.solid
            && *style == cluster.style
        {
            return Some(joint.clone());
        }
        if self.text.styles[usize::from(cluster.style)].spaced > 0 {
            return None;
        }
        let joint = self.between(cluster, None);
        self.solid = Some((cluster.style, joint.clone()));
        Some(joint)
    }

    /// The first cluster. Space before it that is meant stays: an indented line of verse or code.
    fn first(&mut self, cluster: Cluster, pending: Option<Pending>) {
        if let Some(pending) = pending.filter(|pending| pending.fixed > Length::ZERO) {
            let class = Class::IdeographicSpace;
            self.done.clusters.push(Cluster {
                class,
                after: class,
                width: pending.fixed,
                start_blank: Length::ZERO,
                end_blank: Length::ZERO,
                end_gives: false,
                hang: Length::ZERO,
                glyphs: 0..0,
                link: 0,
                object: 0,
                part: 0,
                reading: None,
                ..cluster
            });
            self.done.joints.push(Joint::rigid());
        }
        self.exclaiming = usize::from(cluster.class == Class::Exclam);
        self.done.clusters.push(cluster);
    }

    /// One em of the larger of a cluster and the one before it.
    #[expect(clippy::indexing_slicing, reason = "a cluster has its style's number from a unit of the same text")]
    fn em(&self, cluster: &Cluster) -> Length {
        let size = |cluster: &Cluster| self.text.styles[usize::from(cluster.style)].size;
        self.done.clusters.last().map_or(Length::ZERO, size).max(size(cluster))
    }

    /// The joint of the two classes, or of the space between them.
    fn between(&self, cluster: &Cluster, pending: Option<Pending>) -> Joint {
        let (rules, size) = (self.context.rules(), self.em(cluster));
        let (before, after) = (self.done.clusters.last().map_or(Class::Extend, |last| last.after), cluster.class);
        let breaks = Breaks::of(rules.may_break(before, after));
        let at_space = |pending: &Pending| Breaks::of(pending.may_break && rules.may_break_at_space(before, after));
        let stacked = self.exclaiming > 0 && self.exclaiming.is_multiple_of(2) && rules.stacks_exclamations();
        match pending {
            Some(pending) if pending.fixed > Length::ZERO => {
                Joint { natural: pending.fixed, breaks: at_space(&pending), space: pending.glyph.map(Box::new), ..Joint::rigid() }
            }
            Some(pending) => {
                let gap = if pending.tight { rules.gap(before, after) } else { rules.space(before, after, pending.advance) };
                Joint { breaks: at_space(&pending), space: pending.glyph.map(Box::new), ..Joint::of(gap, size) }
            }
            None if before == Class::Exclam && after == Class::Exclam => Joint::rigid(),
            // Two and four marks in a row are set in whole em: no blank follows them (GB/T 15834 5.1.2).
            None if stacked && before == Class::Exclam => Joint { breaks, ..Joint::of(Gap::SOLID, size) },
            None => Joint { breaks, ..Joint::of(rules.gap(before, after), size) },
        }
    }

    /// Readings of neighbours stand a quarter em apart; a reading may reach over a neighbour that has none (CLREQ 5.5.4.1).
    /// A note's mark or an anchor hands on what the reading before it reaches.
    fn keep_readings_apart(&self, cluster: &mut Cluster, joint: &mut Joint) {
        let Some(last) = self.done.clusters.last() else { return };
        if cluster.class == Class::Extend {
            cluster.reading = last.reading.map(|reading| reading - cluster.width);
            return;
        }
        let nothing = |known: &Cluster| known.class == Class::Extend && known.width == Length::ZERO;
        if last.reading.is_none() && cluster.reading.is_none() && !nothing(last) {
            return;
        }
        let size = self.em(cluster);
        let apart = size.mille(annotate::APART);
        let over = |reading: Length, neighbour: Class, width: Length| {
            let letters = matches!(neighbour, Class::Western | Class::HalfClose | Class::HalfOpen);
            let free = if letters { Length::ZERO } else { ((width - apart) / 2).min(size.mille(annotate::OVERHANG)).max(Length::ZERO) };
            (reading - free).max(Length::ZERO)
        };
        let (needed, over_blank) = match (last.reading, cluster.reading) {
            // Only anchors stand before it on its line.
            _ if nothing(last) && self.done.clusters.iter().all(nothing) => (cluster.start_blank, false),
            (Some(one), Some(other)) => ((one + other + apart).max(Length::ZERO), false),
            (Some(reading), None) => (over(reading, cluster.class, cluster.width), true),
            (None, Some(reading)) => (over(reading, last.after, last.width), true),
            (None, None) => return,
        };
        // A blank that is there serves, and then gives no more than it can.
        let there = if over_blank { needed.min(joint.natural) } else { Length::ZERO };
        joint.shrink = joint.shrink.min(joint.natural - there);
        joint.natural += needed - there;
    }

    /// Text set loose has a blank between any two of its characters.
    #[expect(clippy::indexing_slicing, reason = "a cluster has its style's number from a unit of the same text")]
    fn set_loose(&self, cluster: &Cluster, joint: &mut Joint) {
        let spaced = |cluster: &Cluster| self.text.styles[usize::from(cluster.style)].spaced;
        if self.done.clusters.last().is_some_and(|last| spaced(last) > 0) && cluster.class != Class::Extend {
            joint.natural += self.em(cluster).mille(spaced(cluster).into());
        }
    }

    /// A number keeps its figures and its signs, and what is raised or lowered keeps to what it stands at (CLREQ 6.1.2).
    /// It is parted from what it counts where nothing else will do.
    #[expect(clippy::indexing_slicing, reason = "a cluster has its style's number from a unit of the same text")]
    fn keep_units(&self, cluster: &Cluster, joint: &mut Joint) {
        let Some(last) = self.done.clusters.last() else { return };
        let (before, after) = (last.after, cluster.class);
        let shown = |at: u32| self.done.glyphs.get(at as usize).map_or(' ', |glyph| glyph.text);
        let (left, right) = (shown(last.glyphs.end.wrapping_sub(1)), shown(cluster.glyphs.start));
        let number = (script::is_wide_digit(left) || before == Class::Currency) && script::is_wide_digit(right)
            || script::is_wide_digit(left) && matches!(after, Class::Unit | Class::Currency)
            || self.one_em_end == Some(self.done.clusters.len()) && after == Class::Unit;
        let style = self.text.styles[usize::from(cluster.style)];
        let raised = style.rise != Length::ZERO && joint.space.is_none() && after == Class::Western;
        if raised {
            *joint = Joint::rigid();
        } else if number {
            *joint = Joint { natural: joint.natural, space: joint.space.take(), ..Joint::rigid() };
        }
        let counted = before == Class::Western && after == Class::Han && left.is_ascii_digit() && script::is_counter(right);
        if counted && joint.breaks == Breaks::Yes && joint.space.is_none() {
            joint.breaks = Breaks::Unwelcome;
        }
    }

    /// A mark in the middle of its em gives up the blank before it too where a closing mark follows.
    #[expect(clippy::indexing_slicing, reason = "a cluster has its style's number from a unit of the same text")]
    fn close_up(&mut self, before: Class, cluster: &Cluster) {
        let size = self.text.styles[usize::from(cluster.style)].size;
        let closing = size.mille(self.context.rules().closes_up(before, cluster.class));
        if let Some(last) = self.done.joints.last_mut().filter(|last| closing > Length::ZERO && last.natural >= closing) {
            last.natural -= closing;
            last.shrink = (last.shrink - closing).max(Length::ZERO);
        }
    }
}

impl Breaks {
    pub fn of(may: bool) -> Breaks {
        if may { Breaks::Yes } else { Breaks::No }
    }
}

impl Joint {
    pub fn rigid() -> Joint {
        Joint::of(Gap::RIGID, Length::ZERO)
    }

    fn of(gap: Gap, size: Length) -> Joint {
        let room = match gap.stretch {
            Stretch::Word | Stretch::HanWestern => (size.mille(500) - size.mille(gap.natural)).max(Length::ZERO),
            Stretch::Other | Stretch::Rigid => Length::ZERO,
        };
        Joint {
            natural: size.mille(gap.natural),
            shrink: size.mille(gap.shrink),
            step: gap.step,
            stretch: gap.stretch,
            room,
            breaks: Breaks::No,
            space: None,
        }
    }
}
