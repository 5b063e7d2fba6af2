//! A paragraph on a grid (纵横对齐, CLREQ 6.2.4): every Chinese character and mark in a square of its own, runs of letters
//! widened by equal gaps at both ends to whole em. Nothing on such a line gives or takes.

use super::Context;
use super::prepare::{Breaks, Cluster, Joint, Preparation};
use crate::length::Length;
use crate::script::Class;

/// Puts a preparation whose type size is `em` on the grid: what a cluster leaves free in its squares is its blank at a line's
/// edge, and part of the joint beside it elsewhere.
#[expect(clippy::indexing_slicing, reason = "`start < end <= count`, the clusters; joints are one fewer, as `Preparer::push` makes them")]
pub(super) fn align(context: &Context<'_>, mut text: Preparation, em: Length) -> Preparation {
    let count = text.clusters.len();
    // Left free before and after each cluster; whether the joint after it belongs to a run.
    let mut free = vec![(Length::ZERO, Length::ZERO); count];
    let mut inside = vec![false; count];
    let mut start = 0;
    while start < count {
        let cluster = &text.clusters[start];
        let whole = cluster.width == em && cluster.reading.is_none();
        if let Some(blanks) = blanks(context, cluster, em).or_else(|| (whole || cluster.width == Length::ZERO).then_some(free[start])) {
            free[start] = blanks;
            start += 1;
            continue;
        }
        let letters = is_letters(&text, start);
        let end = if letters { end_of_letters(&text, start, em) } else { end_of_object(&text, start) };
        let joints: Length = text.joints[start..end - 1].iter().map(|joint| joint.natural).sum();
        let width = text.clusters[start..end].iter().map(|cluster| cluster.width).sum::<Length>() + joints;
        // What a reading reaches beyond its base stays free.
        let beyond = if letters { Length::ZERO } else { text.clusters[start].start_blank + text.clusters[end - 1].end_blank };
        let squares = em * (width + beyond).ceil_div(em).max(1);
        // Beside letters more than nothing is left free, and at most half an em on each side.
        let squares = if letters && squares == width { squares + em } else { squares };
        let note = end - start > 1 && !letters;
        free[start].0 = if note { Length::ZERO } else { (squares - width) / 2 };
        free[end - 1].1 = squares - width - free[start].0;
        inside[start..end - 1].fill(true);
        start = end;
    }
    for (cluster, (before, after)) in text.clusters.iter_mut().zip(&free) {
        (cluster.start_blank, cluster.end_blank, cluster.end_gives) = (*before, *after, false);
    }
    for at in 0..text.joints.len() {
        let parted = text.joints[at].space.is_some() && !is_letters(&text, at) && !is_letters(&text, at + 1);
        let joint = &mut text.joints[at];
        // A space that an author set between two squares is one, or as many as it is wide.
        let blank = if parted { em * (joint.natural.0 / em.0).max(1) } else { Length::ZERO };
        let natural = if inside[at] { joint.natural } else { free[at].1 + blank + free[at + 1].0 };
        *joint = Joint { natural, breaks: joint.breaks, space: joint.space.take(), ..Joint::rigid() };
    }
    text
}

/// The blanks with which a mark fills its square, its ink where the region has it. `None` where it is no such mark.
fn blanks(context: &Context<'_>, cluster: &Cluster, em: Length) -> Option<(Length, Length)> {
    let mark = context.rules().mark(cluster.class);
    let one = mark.body < 1000 && mark.before + mark.body + mark.after == 1000 && cluster.width == em.mille(mark.body);
    one.then(|| (em.mille(mark.before), em - em.mille(mark.before) - cluster.width))
}

/// Whether it is one of letters and what goes with them.
#[expect(clippy::indexing_slicing, reason = "callers give places below the count of clusters; a joint has a cluster after it")]
fn is_letters(text: &Preparation, at: usize) -> bool {
    matches!(text.clusters[at].class, Class::Western | Class::HalfOpen | Class::HalfClose | Class::Extend | Class::Dot)
}

/// Where a run of letters ends: where a line may end, or the next square begins.
#[expect(clippy::indexing_slicing, reason = "`end` runs from `start + 1` below the count of clusters; joints are one fewer")]
fn end_of_letters(text: &Preparation, start: usize, em: Length) -> usize {
    let goes_on = |end: usize| {
        let joint = &text.joints[end - 1];
        let parted = joint.breaks == Breaks::Yes || joint.space.is_some() && joint.breaks != Breaks::No;
        is_letters(text, end) && text.clusters[end].width != em && !parted
    };
    (start + 1..text.clusters.len()).find(|end| !goes_on(*end)).unwrap_or(text.clusters.len())
}

/// The columns of a double-line note go together.
#[expect(clippy::indexing_slicing, reason = "`start` is a cluster of `align`, and `end` runs below their count")]
fn end_of_object(text: &Preparation, start: usize) -> usize {
    let object = text.clusters[start].object;
    let same = |end: &usize| object > 0 && text.clusters[*end].object == object;
    (start + 1..text.clusters.len()).find(|end| !same(end)).unwrap_or(text.clusters.len())
}
