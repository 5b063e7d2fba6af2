//! Third step: where the lines end, chosen over the whole paragraph, in the manner of Knuth and Plass, with the
//! costs of CLREQ (TYPOGRAPHY.md 4): a prohibited break never; then an orphan, a loose line, a stretched line, a
//! squeezed one; no squeeze merely to pull in one more character.

use super::prepare::{Breaks, Preparation};
use crate::length::Length;
use crate::script::{Class, Stretch};

/// Steps at which joints shrink.
const STEPS: usize = 6;
/// Costs. A stretch costs by the square of how much each gap grows, up to 38 at a quarter em: several lines that
/// are stretched a little are better than one that is stretched a lot.
const STRETCHED: f64 = 600.0;
const LOOSE: f64 = 300.0;
/// A squeeze that the rules ask for costs by its last step, and always less than a stretch.
const SQUEEZED: f64 = 0.1;
/// Pulling one more character in by squeezing, where the line could have ended before it: dearer than a stretch.
const SQUEEZED_FOR_NOTHING: f64 = 60.0;
/// Dividing a word where no rule divides it, so that it does not run over the edge.
const EMERGENCY: f64 = 1500.0;
const ORPHAN: f64 = 150.0;
const HYPHEN: f64 = 12.0;
/// Parting a number from what it counts.
const UNWELCOME: f64 = 8.0;
/// Hanging a mark outside the measure, where that is allowed: a little dearer than a squeeze of spaces.
const HANGING: f64 = 0.3;
/// A line that cannot fit whatever is done.
const OVERFULL: f64 = 1e6;

/// A line: clusters `start..end`, and how its joints are to be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Break {
    pub start: usize,
    pub end: usize,
    pub hyphen: bool,
    /// Whether its last mark hangs outside the measure.
    pub hang: bool,
}

impl Break {
    /// A line as it comes, without hyphen.
    pub fn plain(start: usize, end: usize) -> Break {
        Break { start, end, hyphen: false, hang: false }
    }
}

/// What the lines of a paragraph are wanted to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// Flush at both edges.
    Flush,
    /// Ragged, all of about one length.
    Even,
    /// Ragged, each as full as can be: on a grid.
    Full,
}

/// What a paragraph's lines must fit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measure {
    pub width: Length,
    /// Less on the first line.
    pub indent: Length,
    /// What a good line is.
    pub fit: Fit,
    /// One em of the body, by which looseness is judged.
    pub em: Length,
}

impl Measure {
    /// That of the line that begins at a cluster.
    fn line(self, start: usize) -> Length {
        self.width - if start == 0 { self.indent } else { Length::ZERO }
    }
}

/// Sums over the clusters and joints before one, so that any line is measured in constant time.
#[derive(Clone, Copy, Default)]
pub(super) struct Sum {
    natural: Length,
    shrink: [Length; STEPS],
    room: Length,
    gaps: u32,
    /// Joints that have room of their own.
    roomy: u32,
    /// Places where a line may end.
    legal: u32,
}

impl Sum {
    /// Those of a text, by cluster.
    #[expect(clippy::indexing_slicing, reason = "the rules' steps are 1 (word spaces) to 6 (sentence marks), and 0 is passed over")]
    pub fn of(text: &Preparation) -> Vec<Sum> {
        let mut sums = Vec::with_capacity(text.clusters.len());
        let mut sum = Sum::default();
        for (at, cluster) in text.clusters.iter().enumerate() {
            sums.push(sum);
            sum.natural += cluster.width;
            if let Some(joint) = text.joints.get(at) {
                sum.natural += joint.natural;
                sum.room += joint.room;
                if joint.step > 0 {
                    sum.shrink[usize::from(joint.step) - 1] += joint.shrink;
                }
                sum.gaps += u32::from(joint.stretch == Stretch::Other);
                sum.roomy += u32::from(joint.room > Length::ZERO);
                sum.legal += u32::from(joint.breaks != Breaks::No);
            }
        }
        sums
    }
}

/// Chooses the ends of the lines.
#[expect(clippy::indexing_slicing, reason = "`best` has a place for every end, from 0 to the number of clusters")]
pub(super) fn choose(text: &Preparation, measure: Measure) -> Vec<Break> {
    let count = text.clusters.len();
    if count == 0 {
        return Vec::new();
    }
    let sums = Sum::of(text);
    let most = first_fit(text, &sums, measure);
    let mut best: Vec<(f64, usize, bool)> = vec![(f64::INFINITY, 0, false); count + 1];
    best[0].0 = 0.0;
    for start in 0..count {
        let (so_far, ..) = best[start];
        // What costs more than lines that are known is not gone on from.
        if so_far.is_finite() && so_far <= most {
            ends(text, &sums, measure, start, most - so_far, &mut |end| {
                let cost = so_far + end.cost;
                if cost < best[end.at].0 {
                    best[end.at] = (cost, start, end.hangs);
                }
            });
        }
    }
    let mut lines = Vec::new();
    let mut end = count;
    while end > 0 {
        let (_, start, hang) = best[end];
        let hyphen = text.joints.get(end - 1).is_some_and(|joint| joint.breaks == Breaks::Hyphen);
        lines.push(Break { start, end, hyphen, hang });
        end = start;
    }
    lines.reverse();
    lines
}

/// What the lines cost where each has the best end that it can, whatever comes after: no choice is dearer.
fn first_fit(text: &Preparation, sums: &[Sum], measure: Measure) -> f64 {
    let (mut cost, mut start) = (0.0, 0);
    while start < text.clusters.len() {
        let mut best: Option<End> = None;
        ends(text, sums, measure, start, full_cost(text, sums, measure, start), &mut |end| {
            if best.is_none_or(|best| end.cost <= best.cost) {
                best = Some(end);
            }
        });
        // Every line has an end: where nothing fits, the first that is too long.
        let Some(best) = best else { return f64::INFINITY };
        cost += best.cost;
        start = best.at;
    }
    // Sums of the same costs in another order differ by rounding.
    cost + 1e-6 * (1.0 + cost)
}

/// What it costs to end a line from `start` at the last place at which it may end and is not too long, in the middle of a paragraph.
#[expect(clippy::indexing_slicing, reason = "`start < end < count`: sums go by cluster, and an end before `count` has a joint")]
fn full_cost(text: &Preparation, sums: &[Sum], measure: Measure, start: usize) -> f64 {
    let target = measure.line(start);
    let full = full_end(text, sums, start, target);
    let legal = |end: &usize| *end < text.clusters.len() && text.joints[*end - 1].breaks == Breaks::Yes;
    // Another two or three ends are marks that no line begins with.
    let end = (start + 1..=full).rev().take(4).find(legal);
    end.map_or(f64::INFINITY, |end| {
        let slack = target - line_width(text, sums, start, end, false);
        if slack >= Length::ZERO { stretch_cost(sums, measure, start, end, slack) } else { f64::INFINITY }
    })
}

/// The first end beyond those before which what stands on a line from `start` is as wide as `target` at the most.
#[expect(clippy::indexing_slicing, reason = "`start < count`, and sums go by cluster")]
fn full_end(text: &Preparation, sums: &[Sum], start: usize, target: Length) -> usize {
    let full = sums[start].natural + target;
    (start + 1 + sums[start + 1..].partition_point(|sum| sum.natural <= full)).min(text.clusters.len())
}

/// An end that a line could have, and what it would cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    /// The cluster after its last.
    pub at: usize,
    pub cost: f64,
    pub hangs: bool,
    /// What is left of the measure at rest; less than nothing where the line is too long.
    pub slack: Length,
    /// The last step at which it is squeezed (CLREQ 6.2.2.3), 1 for the mark at its end; 0 where it is not.
    pub step: usize,
    /// Whether nothing makes it fit.
    pub overfull: bool,
}

/// Every end that a line beginning at `start` could have: for an account of the choice.
pub(super) fn possible_ends(text: &Preparation, sums: &[Sum], measure: Measure, start: usize) -> Vec<End> {
    let mut found = Vec::new();
    ends(text, sums, measure, start, f64::INFINITY, &mut |end| found.push(end));
    found
}

/// The first end to try of a line from `start`, none before which costs as little as `most`: the fuller a line is, once it is
/// stretched beyond its room, the less it costs.
#[expect(clippy::indexing_slicing, reason = "`start < end <= count`: sums go by cluster, and an end before `count` has a joint")]
fn first_end(text: &Preparation, sums: &[Sum], measure: Measure, start: usize, target: Length, most: f64) -> usize {
    if most == f64::INFINITY || measure.fit != Fit::Flush {
        return start + 1;
    }
    let mut end = full_end(text, sums, start, target);
    while end > start + 1 {
        let slack = target - line_width(text, sums, start, end - 1, false);
        end -= 1;
        let stretched = slack > sums[end - 1].room - sums[start].room;
        // A hyphen makes it longer than this.
        let plain = text.joints[end - 1].breaks != Breaks::Hyphen;
        if stretched && plain && stretch_cost(sums, measure, start, end, slack) > most {
            break;
        }
    }
    end
}

/// Tries the ends of a line that begins at `start`: all that cost no more than `most`, and some that do.
#[expect(clippy::indexing_slicing, reason = "`start < first <= end <= count`: sums go by cluster, and an end before `count` has a joint")]
fn ends(text: &Preparation, sums: &[Sum], measure: Measure, start: usize, most: f64, visit: &mut impl FnMut(End)) {
    let count = text.clusters.len();
    let target = measure.line(start);
    let first = first_end(text, sums, measure, start, target, most);
    // Whether the line may end where its natural width fills the measure.
    let mut full_break_is_legal = false;
    // Whether a squeezed line that the rules ask for has been found: a longer one squeezes for nothing.
    let mut squeezed = false;
    let mut found = sums[first - 1].legal > sums[start].legal;
    for end in first..=count {
        let last = end == count;
        let breaks = if last { Breaks::Yes } else { text.joints[end - 1].breaks };
        let natural = line_width(text, sums, start, end, breaks == Breaks::Hyphen);
        let slack = target - natural;
        if slack >= Length::ZERO && breaks == Breaks::No {
            full_break_is_legal = false;
            continue;
        }
        let mut shrink = [Length::ZERO; STEPS];
        if slack < Length::ZERO {
            let (from, to) = (&sums[start].shrink, &sums[end - 1].shrink);
            for (give, (to, from)) in shrink.iter_mut().zip(to.iter().zip(from)) {
                *give = *to - *from;
            }
        }
        let tail = &text.clusters[end - 1];
        // The blank of the mark at the end goes before any other.
        let give = if tail.end_gives { tail.end_blank } else { Length::ZERO };
        let total: Length = shrink.iter().copied().sum::<Length>() + give;
        let need = (-slack - give).max(Length::ZERO);
        let hanging = slack + tail.end_blank + tail.hang;
        let hangs = tail.hang > Length::ZERO && slack < Length::ZERO && hanging >= Length::ZERO;
        let too_long = slack + total < Length::ZERO && !hangs;
        if too_long && end != start + 1 && found {
            break;
        }
        if breaks == Breaks::No {
            continue;
        }
        let mut step = 0;
        let mut cost = if slack >= Length::ZERO {
            full_break_is_legal = breaks != Breaks::Emergency;
            if last { 0.0 } else { stretch_cost(sums, measure, start, end, slack) }
        } else if hangs {
            HANGING + if last { 0.0 } else { stretch_cost(sums, measure, start, end, hanging) }
        } else if too_long {
            OVERFULL + (-(slack + total)).to_pt()
        } else {
            let (cost, last_step) = squeeze(&shrink, need);
            step = last_step;
            let for_nothing = full_break_is_legal || squeezed;
            squeezed = true;
            if for_nothing && measure.fit == Fit::Flush && !only_spaces(&shrink, need) { cost + SQUEEZED_FOR_NOTHING } else { cost }
        };
        found = true;
        match breaks {
            Breaks::Hyphen => cost += HYPHEN,
            Breaks::Emergency => cost += EMERGENCY,
            Breaks::Unwelcome => cost += UNWELCOME,
            Breaks::Yes | Breaks::No => {}
        }
        if last && start > 0 && is_orphan(text, start) {
            cost += ORPHAN;
        }
        visit(End { at: end, cost, hangs, slack, step, overfull: too_long });
        if too_long {
            break;
        }
    }
}

/// The natural width of a line of clusters `start..end`.
#[expect(clippy::indexing_slicing, reason = "every caller gives one cluster at least, and joints are one less than clusters")]
pub(super) fn natural_width(text: &Preparation, start: usize, end: usize, hyphen: bool) -> Length {
    let clusters: Length = text.clusters[start..end].iter().map(|cluster| cluster.width).sum();
    let joints: Length = text.joints[start..end - 1].iter().map(|joint| joint.natural).sum();
    clusters + joints + text.clusters[start].start_blank + text.clusters[end - 1].end_blank + hyphen_width(text, end, hyphen)
}

#[expect(clippy::indexing_slicing, reason = "`end` follows a cluster: a line has one at least")]
fn hyphen_width(text: &Preparation, end: usize, hyphen: bool) -> Length {
    let own = text.hyphens.get(usize::from(text.clusters[end - 1].style)).and_then(Option::as_ref);
    if hyphen { own.map_or(Length::ZERO, |(_, width)| *width) } else { Length::ZERO }
}

#[expect(clippy::indexing_slicing, reason = "`start < end <= count` in every caller, and sums go by cluster")]
fn line_width(text: &Preparation, sums: &[Sum], start: usize, end: usize, hyphen: bool) -> Length {
    sums[end - 1].natural - sums[start].natural
        + text.clusters[start].start_blank
        + text.clusters[end - 1].width
        + text.clusters[end - 1].end_blank
        + hyphen_width(text, end, hyphen)
}

#[expect(clippy::indexing_slicing, reason = "`start < end <= count` in both callers, and sums go by cluster")]
fn stretch_cost(sums: &[Sum], measure: Measure, start: usize, end: usize, slack: Length) -> f64 {
    if slack == Length::ZERO {
        return 0.0;
    }
    let share = slack.to_pt() / measure.width.to_pt();
    match measure.fit {
        Fit::Flush => {}
        Fit::Even => return 100.0 * share * share,
        Fit::Full => return 100.0 * share.sqrt(),
    }
    let room = sums[end - 1].room - sums[start].room;
    if slack <= room {
        let share = slack.to_pt() / room.to_pt();
        return 0.5 + 8.0 * share * share;
    }
    let gaps = sums[end - 1].gaps - sums[start].gaps;
    let rest = (slack - room).to_pt() / measure.em.to_pt();
    let spaces = sums[end - 1].roomy - sums[start].roomy;
    let per_gap = match (gaps, spaces) {
        (0, 0) => return LOOSE * 4.0 + 1000.0 * rest,
        (0, spaces) => rest / f64::from(spaces),
        (gaps, _) => rest / f64::from(gaps),
    };
    if per_gap <= 0.25 { 1.0 + STRETCHED * per_gap * per_gap } else { LOOSE + 400.0 * per_gap }
}

/// What it costs to lose so much beside the blank at the end, and the last of the seven steps that it takes.
fn squeeze(shrink: &[Length; STEPS], need: Length) -> (f64, usize) {
    let mut left = need;
    for (step, give) in shrink.iter().enumerate() {
        if left <= *give {
            let cost = SQUEEZED * (1.0 + step as f64 + left.to_pt() / give.to_pt().max(1e-6));
            return (cost, step + 1 + usize::from(left > Length::ZERO));
        }
        left -= *give;
    }
    (SQUEEZED * (STEPS as f64 + 1.0), STEPS + 1)
}

fn only_spaces(shrink: &[Length; STEPS], need: Length) -> bool {
    need <= shrink[0]
}

/// Whether the last line would hold a single character, marks aside (孤字, CLREQ 6.1.3).
fn is_orphan(text: &Preparation, start: usize) -> bool {
    let mut last = text.clusters.iter().skip(start);
    let solid = last.clone().filter(|cluster| matches!(cluster.class, Class::Han | Class::NonStarter | Class::Western)).count();
    solid < 2 && last.all(|cluster| cluster.class != Class::Western || cluster.glyphs.len() < 3)
}
