//! Characters that stand for others: look-alikes, signs, traditional forms strewn through simplified text. A noisy channel: a
//! writer meant `c`, something wrote `x` in its place at a rate that the text itself shows; which is likelier where it stands,
//! by words, by the rest of the text, by the other copies of the same text.

use super::Passage;
use super::change::{Change, Rule};
use super::lookalikes::{self, Kind};
use super::words::{self, Trust};
use crate::script::{is_han, is_opening_mark};
use std::collections::BTreeMap;

/// Characters on each side that a judgement looks at.
const REACH: usize = 5;
/// How far what the rest of the text says may go, for each of its sequences.
const BOUND: f64 = 3.0;
/// The logarithm of how much likelier a reading is that another copy of the text has.
const COPY: f64 = 6.0;
/// The share of damaged characters that is taken for possible in a text that shows none.
const CLEAN: f64 = 1e-6;
/// Other forms in a text that show that it is damaged.
const FORMS: usize = 2;
/// Characters that a text has to have for its rates to be believed.
const FEW: f64 = 4000.0;
/// Traditional forms among all that have another form, from which on a passage is written in them.
const TRADITIONAL: f64 = 0.3;
/// What stands for what is no prose.
const HOLE: char = '\u{fffc}';

/// What other copies of the text have at a place: characters, and how many copies.
pub type Copies = BTreeMap<usize, Vec<(char, usize)>>;

/// A passage as characters with their places.
struct Line {
    characters: Vec<char>,
    places: Vec<usize>,
    /// Whether it is written in traditional characters.
    traditional: bool,
    /// Whether it is Japanese: kana among its characters.
    japanese: bool,
}

/// Sequences of three characters and how often they stand in the text; of two, by those that begin with them.
struct Grams(Vec<u64>);

impl Grams {
    fn new(lines: &[Line], known: impl Fn(char) -> char) -> Grams {
        let mut all = Vec::new();
        for line in lines {
            let own = || line.characters.iter().map(|c| known(*c));
            let ahead = |by: usize| own().skip(by).chain(std::iter::repeat_n(HOLE, by));
            all.extend(own().zip(ahead(1)).zip(ahead(2)).map(|((a, b), c)| pack(a, b, c)));
        }
        all.sort_unstable();
        Grams(all)
    }

    fn between(&self, from: u64, to: u64) -> usize {
        self.0.partition_point(|gram| *gram < to) - self.0.partition_point(|gram| *gram < from)
    }

    fn three(&self, a: char, b: char, c: char) -> usize {
        self.between(pack(a, b, c), pack(a, b, c) + 1)
    }

    fn two(&self, a: char, b: char) -> usize {
        self.between(pack(a, b, '\0'), pack(a, b, char::MAX))
    }
}

fn pack(a: char, b: char, c: char) -> u64 {
    u64::from(a) << 42 | u64::from(b) << 21 | u64::from(c)
}

/// How often each kind of damage is done in a text.
struct Rates {
    /// Rare forms, and all Han characters.
    rare: f64,
    all: f64,
    traditional: f64,
    /// How often each character stands in the text.
    counts: BTreeMap<char, usize>,
}

/// What is to be changed in the characters of these passages.
pub(super) fn changes(text: &str, passages: &[Passage], copies: &Copies) -> Vec<Change> {
    let mut lines: Vec<Line> = passages.iter().map(|passage| line(text, passage)).collect();
    let (old, new) = lines.iter().map(|line| scripts(&line.characters)).fold((0, 0), |sum, own| (sum.0 + own.0, sum.1 + own.1));
    // In a book in traditional characters the shortest line is.
    lines.iter_mut().for_each(|line| line.traditional |= old > new);
    let rates = rates(&lines);
    // What stands for no character of its own is no evidence.
    let grams = Grams::new(&lines, |c| if is_own(c) { c } else { HOLE });
    let mut found = Vec::new();
    for line in &lines {
        let guess: Vec<char> = line.characters.iter().map(|c| first_guess(*c, line)).collect();
        for at in 0..line.characters.len() {
            found.extend(judge(line, &guess, at, &rates, &grams, copies));
        }
    }
    found
}

fn line(text: &str, passage: &Passage) -> Line {
    let (places, characters): (Vec<usize>, Vec<char>) = passage.characters(text).map(|(at, c)| (at, c.unwrap_or(HOLE))).unzip();
    let (traditional, simplified) = scripts(&characters);
    let kana = characters.iter().filter(|c| matches!(c, 'ぁ'..='ヺ')).count();
    Line {
        traditional: traditional > 0
            && traditional as f64 >= (traditional + simplified) as f64 * TRADITIONAL
            && traditional + simplified > 4,
        japanese: kana > 0 && kana * 12 > characters.len(),
        characters,
        places,
    }
}

/// How many characters are traditional forms, and how many are simplified ones.
fn scripts(characters: &[char]) -> (usize, usize) {
    let count = |test: fn(char) -> bool| characters.iter().filter(|c| test(**c)).count();
    (count(lookalikes::is_traditional), count(lookalikes::is_simplified))
}

/// The rates of damage, from what is as good as never written.
fn rates(lines: &[Line]) -> Rates {
    let mut counts: BTreeMap<char, usize> = BTreeMap::new();
    let (mut traditional, mut simplified) = (0, 0);
    for line in lines.iter().filter(|line| !line.traditional && !line.japanese) {
        for c in &line.characters {
            *counts.entry(*c).or_default() += 1;
        }
        let (old, new) = scripts(&line.characters);
        traditional += old;
        simplified += new;
    }
    // A form that stands in the text as often as what it would stand for is a character of its own here: a name, a dialect.
    let stands = |c: char| counts.get(&c).copied().unwrap_or(0);
    let own = |c: char, number: usize| number > 5 && lookalikes::meant(c).all(|meant| number * 4 > stands(meant));
    let is_rare = |c: char| lookalikes::kind(c) == Some(Kind::Rare);
    let rare: usize = counts.iter().filter(|(c, number)| is_rare(**c) && !own(**c, **number)).map(|(_, number)| number).sum();
    let all: usize = counts.iter().filter(|(c, _)| is_han(**c)).map(|(_, number)| number).sum();
    let share = |part: usize, whole: usize| (part as f64 / whole.max(1) as f64).max(CLEAN);
    Rates { rare: rare as f64, all: all as f64, traditional: share(traditional, traditional + simplified), counts }
}

impl Rates {
    /// The rate at which look-alikes are put in place of characters, by what the other forms show: a form does not speak for itself.
    fn looks(&self, form: char) -> f64 {
        let own = if lookalikes::kind(form) == Some(Kind::Rare) { self.counts.get(&form).copied().unwrap_or(0) as f64 } else { 0.0 };
        ((self.rare - own).max(self.rare / 20.0) / (self.all + FEW)).max(CLEAN)
    }

    /// How many other rare forms the text has.
    fn forms(&self, form: char) -> usize {
        self.counts.keys().filter(|c| **c != form && lookalikes::kind(**c) == Some(Kind::Rare)).take(FORMS).count()
    }
}

/// What a character is taken for while its neighbours are judged.
fn first_guess(c: char, line: &Line) -> char {
    match lookalikes::kind(c) {
        Some(Kind::Double) => lookalikes::meant(c).next().unwrap_or(c),
        Some(Kind::Rare) if !line.japanese => lookalikes::meant(c).next().unwrap_or(c),
        Some(Kind::Traditional) if !line.traditional && !line.japanese => lookalikes::meant(c).next().unwrap_or(c),
        _ => c,
    }
}

/// Whether a character stands where it is spoken of, or a sign where it has its own meaning: within quotes, alone, a number before
/// an item of a list.
#[expect(clippy::indexing_slicing, reason = "`judge`, its only caller, gives the place of a character of this line")]
fn is_mentioned(line: &Line, at: usize) -> bool {
    let side = |step: isize| at.checked_add_signed(step).and_then(|at| line.characters.get(at)).copied();
    let (before, after) = (side(-1), side(1));
    let x = line.characters[at];
    let apart = |c: Option<char>| !c.is_some_and(|c| is_han(c) || lookalikes::kind(c) == Some(Kind::Sign));
    let quoted = before.is_some_and(|c| "“‘「『\"".contains(c)) && after.is_some_and(|c| "”’」』\"".contains(c));
    let sign = lookalikes::kind(x) == Some(Kind::Sign);
    let marker = apart(before) && !before.is_some_and(is_opening_mark) || apart(after);
    // One character alone between marks, or before 部, 旁, is spoken of.
    let rare = matches!(lookalikes::kind(x), Some(Kind::Rare | Kind::Double));
    let spoken = rare
        && (apart(before) && apart(after) || after.is_some_and(|c| "部旁".contains(c)) || after == Some('字') && side(2) == Some('旁'));
    quoted || spoken || sign && (apart(before) && apart(after) || is_number(x) && marker)
}

/// What a form may have been.
struct Reading {
    c: char,
    /// Whether a word, the rest of the text or a copy speaks for it.
    spoken_for: bool,
    /// The logarithm of how much likelier it is than that the form was meant.
    score: f64,
    /// What it is weighed by against other readings.
    rank: f64,
    /// What speaks for it.
    why: Vec<String>,
}

/// What the rest of the text says for a reading.
struct Found {
    score: f64,
    rank: f64,
    /// How often at most the reading stands between these neighbours, and how often the form.
    meant: usize,
    own: usize,
}

/// Whether it is a number in a circle or in brackets.
fn is_number(c: char) -> bool {
    matches!(c, '\u{2460}'..='\u{249b}' | '\u{3220}'..='\u{3229}' | '\u{3280}'..='\u{3289}')
}

#[expect(clippy::indexing_slicing, reason = "`at` is a character of this line; `places` and `guess` are as long, the window within them")]
fn judge(line: &Line, guess: &[char], at: usize, rates: &Rates, grams: &Grams, copies: &Copies) -> Option<Change> {
    let x = line.characters[at];
    let place = line.places[at];
    let copied = copies.get(&place);
    let kind = lookalikes::kind(x);
    if x == HOLE || kind.is_none() && copied.is_none() || line.japanese && kind != Some(Kind::Double) {
        return None;
    }
    if kind == Some(Kind::Traditional) && line.traditional || is_mentioned(line, at) && copied.is_none() {
        return None;
    }
    // What traditional Chinese writes is none of its damage.
    if line.traditional && kind == Some(Kind::Rare) && lookalikes::is_in_big5(x) {
        return None;
    }
    if kind == Some(Kind::Double) {
        let meant = lookalikes::meant(x).next()?;
        return Some(Change::new(Rule::LookAlike, place, x, meant).because(0.999, vec!["the same character".into()]));
    }

    let from = at.saturating_sub(REACH);
    let to = (at + REACH + 1).min(guess.len());
    // The run of Han around it: words do not reach over marks.
    let start = (from..at).rev().find(|at| !is_han(guess[*at])).map_or(from, |at| at + 1);
    let end = (at + 1..to).find(|at| !is_han(guess[*at])).unwrap_or(to);
    let trust = |c: char| match lookalikes::kind(c) {
        None | Some(Kind::Common) => Trust::Known,
        Some(Kind::Rare) => Trust::Doubtful,
        Some(Kind::Bound) => Trust::InWords,
        _ => Trust::Unknown,
    };
    let likelihood = |c: char| {
        let mut window = guess[start..end].to_vec();
        window[at - start] = c;
        words::likelihood(&window, &trust)
    };
    let own = likelihood(x);
    let others = lookalikes::meant(x).chain(copied.into_iter().flatten().map(|(c, _)| *c).filter(|c| is_han(*c)));
    let mut seen: Vec<char> = Vec::new();
    let mut readings: Vec<Reading> = Vec::new();
    for c in others {
        if c == x || seen.contains(&c) {
            continue;
        }
        seen.push(c);
        let word = word_at(guess, at, c);
        let by_words = likelihood(c) - own;
        let found = in_text(guess, at, x, c, grams);
        let copies = copied.and_then(|found| found.iter().find(|(other, _)| *other == c)).map_or(0, |found| found.1);
        // A sign has a meaning of its own, unless it makes a word.
        if kind == Some(Kind::Sign) && word.is_none() && copies == 0 && found.meant < 3 {
            continue;
        }
        let rate = if kind == Some(Kind::Traditional) { rates.traditional } else { rates.looks(x) };
        let count = |c: char| rates.counts.get(&c).copied().unwrap_or(0) as f64;
        // A form that stands in the text far more often than damage would put it there has a meaning of its own.
        let wanted = rate * (count(x) + count(c)) * 10.0 + 5.0;
        let own_use = (count(x) / wanted).max(1.0).ln() * 2.0;
        let score = by_words + found.score + COPY * copies as f64 + (rate * 0.5).ln() - own_use;
        let mut why = vec![format!("words {by_words:+.1}")];
        let word_found = word.is_some();
        why.extend(word.map(|word| format!("word {word}")));
        if found.meant + found.own > 0 {
            why.push(format!("text {}:{}", found.meant, found.own));
        }
        if copies > 0 {
            why.push(format!("copies {copies}"));
        }
        let spoken_for = word_found || found.meant > 0 || copies > 0;
        readings.push(Reading { c, spoken_for, score, rank: by_words + found.rank + COPY * copies as f64, why });
    }
    let best = readings.iter().max_by(|one, other| one.rank.total_cmp(&other.rank))?;
    // Where the form may stand for several, they compete.
    let share = 1.0 / readings.iter().map(|other| (other.rank - best.rank).exp()).sum::<f64>();
    // Where neither a word nor the text speaks for it, several other forms have to show that the text is damaged.
    let alone = kind == Some(Kind::Rare) && !best.spoken_for && rates.forms(x) < FORMS;
    let confidence = share / (1.0 + (-best.score).exp()) * if alone { 0.8 } else { 1.0 };
    if confidence < 0.1 {
        return None;
    }
    let rule = match kind {
        Some(Kind::Traditional) => Rule::Traditional,
        Some(Kind::Sign) => Rule::Symbol,
        _ => Rule::LookAlike,
    };
    let rounded = (confidence * 1000.0).floor() / 1000.0;
    Some(Change::new(rule, place, x, best.c).because(rounded as f32, best.why.clone()))
}

/// Whether a character may well be meant where it stands.
fn is_own(c: char) -> bool {
    matches!(lookalikes::kind(c), None | Some(Kind::Common | Kind::Bound))
}

/// What the rest of the text says: how much likelier `c` is than `x` between these neighbours, and how often each stands there.
fn in_text(guess: &[char], at: usize, x: char, c: char, grams: &Grams) -> Found {
    let side = |step: isize| at.checked_add_signed(step).and_then(|at| guess.get(at)).copied().filter(|c| *c != HOLE);
    let (before, after) = (side(-1), side(1));
    let mut found = Found { score: 0.0, rank: 0.0, meant: 0, own: 0 };
    // Its own place is no evidence for what stands there. Rare forms count nowhere: see `changes`.
    let own = |number: usize| if is_own(x) { number.saturating_sub(1) } else { 0 };
    let mut weigh = |meant: usize, own: usize, weight: f64| {
        found.score += ((meant as f64 + 0.5) / (own as f64 + 0.5)).ln().clamp(-BOUND, BOUND);
        found.rank += (meant as f64 + 0.2).ln() * weight;
        found.meant = found.meant.max(meant);
        found.own = found.own.max(own);
    };
    if let (Some(further), Some(before)) = (side(-2), before) {
        weigh(grams.three(further, before, c), own(grams.three(further, before, x)), 0.5);
    }
    if let (Some(after), Some(further)) = (after, side(2)) {
        weigh(grams.three(c, after, further), own(grams.three(x, after, further)), 0.5);
    }
    if let (Some(before), Some(after)) = (before, after) {
        weigh(grams.three(before, c, after), own(grams.three(before, x, after)), 1.0);
    }
    if let Some(before) = before {
        weigh(grams.two(before, c), own(grams.two(before, x)), 0.5);
    }
    if let Some(after) = after {
        weigh(grams.two(c, after), own(grams.two(x, after)), 0.5);
    }
    found
}

/// The longest word of the dictionary that `c` would be part of.
fn word_at(guess: &[char], at: usize, c: char) -> Option<String> {
    (2..=words::LONGEST).rev().find_map(|length| {
        (at.saturating_sub(length - 1)..=at).find_map(|start| {
            let known = guess.get(start..start + length)?.iter();
            let word: String = known.zip(start..).map(|(known, place)| if place == at { c } else { *known }).collect();
            words::frequency(&word).map(|_| word)
        })
    })
}
