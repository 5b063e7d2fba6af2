//! A paragraph on a grid (纵横对齐, CLREQ 6.2.4): every Chinese character and mark in a square of its own, runs of letters
//! widened by equal gaps at both ends to whole em. Nothing on such a line gives or takes.

use super::Context;
use super::prepare::{Breaks, Joint, Preparation};
use crate::length::Length;
use crate::script::Class;

/// Puts a preparation whose type size is `em` on the grid.
pub(super) fn align(context: &Context<'_>, mut text: Preparation, em: Length) -> Preparation {
    let count = text.clusters.len();
    let mut start = 0;
    while start < count {
        if text.clusters[start].width == em && text.clusters[start].reading.is_none() || fill(context, &mut text, start, em) {
            start += 1;
            continue;
        }
        let letters = is_letters(&text, start);
        let end = if letters { end_of_letters(&text, start, em) } else { end_of_object(&text, start) };
        let inner: Length = text.joints[start..end - 1].iter().map(|joint| joint.natural).sum();
        let width = text.clusters[start..end].iter().map(|cluster| cluster.width).sum::<Length>() + inner;
        // What a reading reaches beyond its base stays free.
        let beyond = text.clusters[start].start_blank + if letters { Length::ZERO } else { text.clusters[end - 1].end_blank };
        let whole = em * (width + beyond).ceil_div(em).max(1);
        // Beside letters more than nothing is left free, and at most half an em on each side.
        let whole = if letters && whole == width { whole + em } else { whole };
        let before = if text.clusters[start].object > 0 && end - start > 1 { Length::ZERO } else { (whole - width) / 2 };
        let glyphs = text.clusters[start].glyphs.clone();
        text.glyphs[glyphs.start as usize..glyphs.end as usize].iter_mut().for_each(|glyph| glyph.x += before);
        text.clusters[start].width += before;
        text.clusters[end - 1].width += whole - width - before;
        for at in start..end - 1 {
            // What stands between two letters of a run belongs to the run.
            text.clusters[at].width += text.joints[at].natural;
        }
        start = end;
    }
    for cluster in &mut text.clusters {
        (cluster.start_blank, cluster.end_blank) = (Length::ZERO, Length::ZERO);
    }
    for joint in &mut text.joints {
        *joint = Joint { breaks: joint.breaks, space: joint.space.take(), ..Joint::rigid() };
    }
    text
}

/// Gives a mark its square, with its ink where the region has it. Whether it is one.
fn fill(context: &Context<'_>, text: &mut Preparation, at: usize, em: Length) -> bool {
    let cluster = &mut text.clusters[at];
    let mark = context.rules().mark(cluster.class);
    if mark.before + mark.body + mark.after != 1000 || cluster.width != em.mille(mark.body) || mark.body == 1000 {
        return false;
    }
    let glyphs = cluster.glyphs.start as usize..cluster.glyphs.end as usize;
    text.glyphs[glyphs].iter_mut().for_each(|glyph| glyph.x += em.mille(mark.before));
    cluster.width = em;
    if cluster.hang > Length::ZERO {
        cluster.hang = em;
    }
    true
}

/// Whether it is one of letters and what goes with them.
fn is_letters(text: &Preparation, at: usize) -> bool {
    matches!(text.clusters[at].class, Class::Western | Class::HalfOpen | Class::HalfClose | Class::Extend | Class::Dot)
}

/// Where a run of letters ends: where a line may end, or the next square begins.
fn end_of_letters(text: &Preparation, start: usize, em: Length) -> usize {
    let goes_on = |end: usize| {
        let joint = &text.joints[end - 1];
        let parted = joint.breaks == Breaks::Yes || joint.space.is_some() && joint.breaks != Breaks::No;
        is_letters(text, end) && text.clusters[end].width != em && !parted
    };
    (start + 1..text.clusters.len()).find(|end| !goes_on(*end)).unwrap_or(text.clusters.len())
}

/// The columns of a double-line note go together.
fn end_of_object(text: &Preparation, start: usize) -> usize {
    let object = text.clusters[start].object;
    let same = |end: &usize| object > 0 && text.clusters[*end].object == object;
    (start + 1..text.clusters.len()).find(|end| !same(end)).unwrap_or(text.clusters.len())
}
