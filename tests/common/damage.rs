//! A clean text, damaged in the ways of scrapers and scanners, with what was done to it on record.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Numbers that look random and are the same in every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % most.max(1)
    }

    /// Whether something of this likelihood, in ten thousandths, happens.
    pub fn hit(&mut self, share: usize) -> bool {
        self.below(10_000) < share
    }
}

/// A block of a clean text: its level as a heading, 0 for a paragraph.
pub type Clean = Vec<(u8, String)>;

/// The text of a book's chapters, without its Markdown.
pub fn clean(book: &Path) -> Clean {
    let mut files: Vec<_> = std::fs::read_dir(book.join("src")).unwrap().flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    files.sort();
    let mut blocks = Clean::new();
    for file in files {
        for line in std::fs::read_to_string(file).unwrap().lines() {
            let level = line.bytes().take_while(|byte| *byte == b'#').count() as u8;
            let text = line.trim_start_matches(['#', '>', ' ']).trim_end_matches('\\').replace('\\', "").replace("**", "");
            let text = text.trim_matches(|c: char| c.is_whitespace()).to_owned();
            if !text.is_empty() {
                blocks.push((level, text));
            }
        }
    }
    blocks
}

/// What was done.
#[derive(Default)]
pub struct Damaged {
    pub text: String,
    /// Damaged characters and marks by line and column, both from 1, of the first copy: what stands there, what was meant.
    pub characters: BTreeMap<(usize, usize), (char, char)>,
    /// Headings of the text, by their levels.
    pub headings: Vec<(u8, String)>,
    /// Lines of the first copy that go on in the next one.
    pub broken: BTreeSet<usize>,
    /// Lines that are not of the book, or stand in it before.
    pub foreign: BTreeSet<usize>,
}

/// The ways.
#[derive(Clone, Copy, Debug)]
pub struct Ways {
    pub seed: u64,
    /// Likelihoods in ten thousandths, of a character that can be damaged so.
    pub looks: usize,
    pub traditional: usize,
    pub signs: usize,
    pub marks: usize,
    /// Characters of a line, where lines are broken by width.
    pub width: Option<usize>,
    pub contents: bool,
    pub copies: usize,
    pub site: bool,
}

/// Forms that stand for a character, from the lines of `tests/import/forms.txt`: the character, then the forms.
pub struct Forms {
    looks: BTreeMap<char, Vec<char>>,
    signs: BTreeMap<char, Vec<char>>,
    traditional: BTreeMap<char, char>,
}

impl Forms {
    pub fn read() -> Forms {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import/forms.txt")).unwrap();
        let mut forms = Forms { looks: BTreeMap::new(), signs: BTreeMap::new(), traditional: BTreeMap::new() };
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let mut words = line.split(' ');
            let meant = words.next().unwrap().chars().next().unwrap();
            for form in words.flat_map(str::chars) {
                let list = if ('\u{4e00}'..='\u{9fff}').contains(&form) || ('\u{3400}'..='\u{4dbf}').contains(&form) {
                    &mut forms.looks
                } else {
                    &mut forms.signs
                };
                list.entry(meant).or_default().push(form);
            }
        }
        for (simplified, traditional) in hanconv::RawDictionary::STCharacters.iter() {
            let (one, other) = (simplified.chars().next().unwrap(), traditional.chars().next().unwrap());
            if one != other {
                forms.traditional.insert(one, other);
            }
        }
        forms
    }
}

const SITE: &[&str] = &[
    "我要回帖",
    "更多关于 书友之家 的文章",
    "本章未完，请点击下一页继续阅读",
    "随机推荐",
    "最新章节请到 www.example.com 阅读",
    "手机用户请浏览 m.example.net 阅读",
    "上一章 返回目录 下一章",
];

struct Writer<'a> {
    ways: Ways,
    forms: &'a Forms,
    dice: Dice,
    out: Damaged,
    line: usize,
    /// Whether what is written is the copy that is kept.
    kept: bool,
}

impl Writer<'_> {
    fn put(&mut self, text: &str, foreign: bool) {
        self.out.text.push_str(text);
        self.out.text.push('\n');
        if foreign && !text.is_empty() {
            self.out.foreign.insert(self.line);
        }
        self.line += 1;
    }

    fn damaged(&mut self, c: char) -> char {
        let pick = |dice: &mut Dice, list: &[char]| list[dice.below(list.len())];
        if let Some(list) = self.forms.looks.get(&c)
            && self.dice.hit(self.ways.looks)
        {
            return pick(&mut self.dice, list);
        }
        if let Some(list) = self.forms.signs.get(&c)
            && self.dice.hit(self.ways.signs)
        {
            return pick(&mut self.dice, list);
        }
        if let Some(form) = self.forms.traditional.get(&c)
            && self.dice.hit(self.ways.traditional)
        {
            return *form;
        }
        let half = [('，', ','), ('。', '.'), ('；', ';'), ('：', ':'), ('！', '!'), ('？', '?')].iter().find(|pair| pair.0 == c);
        match half {
            Some(pair) if self.dice.hit(self.ways.marks) => pair.1,
            _ => c,
        }
    }

    /// A line of the text, damaged.
    fn line(&mut self, text: &str) {
        let mut made = String::new();
        for (at, c) in text.chars().enumerate() {
            let other = self.damaged(c);
            if other != c && self.kept {
                self.out.characters.insert((self.line, at + 1), (other, c));
            }
            made.push(other);
        }
        let kept = self.kept;
        self.put(&made, !kept);
    }

    fn copy(&mut self, blocks: &Clean) {
        for (level, text) in blocks {
            match (level, self.ways.width) {
                (0, Some(width)) => {
                    let characters: Vec<char> = format!("\u{3000}\u{3000}{text}").chars().collect();
                    let pieces: Vec<String> = characters.chunks(width).map(|piece| piece.iter().collect()).collect();
                    for (at, piece) in pieces.iter().enumerate() {
                        if at + 1 < pieces.len() && self.kept {
                            self.out.broken.insert(self.line);
                        }
                        self.line(piece);
                    }
                }
                (0, None) => {
                    self.line(text);
                    self.put("", false);
                }
                (level, _) => {
                    if self.ways.width.is_some() {
                        self.put("", false);
                    }
                    if self.kept {
                        self.out.headings.push((*level, text.clone()));
                    }
                    self.line(text);
                    self.put("", false);
                }
            }
            if *level == 0 && self.ways.site && self.dice.hit(150) {
                let line = SITE[self.dice.below(SITE.len())];
                self.put(line, true);
                if self.ways.width.is_none() {
                    self.put("", false);
                }
            }
        }
    }
}

/// Damages a text.
pub fn damage(blocks: &Clean, ways: Ways, forms: &Forms) -> Damaged {
    let mut writer = Writer { ways, forms, dice: Dice::new(ways.seed), out: Damaged::default(), line: 1, kept: false };
    for copy in 0..ways.copies {
        if ways.contents {
            for (_, text) in blocks.iter().filter(|(level, _)| *level > 0) {
                writer.line(text);
                writer.put("", false);
            }
        }
        writer.kept = copy == 0;
        writer.copy(blocks);
        writer.kept = false;
    }
    if ways.site {
        writer.put("我要回帖", true);
        writer.put("随机推荐", true);
    }
    writer.out
}

/// Shares of what was found that is right, and of what is right that was found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Score {
    pub right: usize,
    pub wrong: usize,
    pub missed: usize,
}

impl Score {
    pub fn precision(self) -> f64 {
        100.0 * self.right as f64 / (self.right + self.wrong).max(1) as f64
    }

    pub fn recall(self) -> f64 {
        100.0 * self.right as f64 / (self.right + self.missed).max(1) as f64
    }

    pub fn add(&mut self, other: Score) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.missed += other.missed;
    }
}

/// How well a ledger puts the damage right: characters and marks, headings, joined lines, lines set aside. With `verbose`, what is wrong or
/// missed is given in words.
pub fn judge(damaged: &Damaged, ledger: &str, verbose: &mut Vec<String>) -> [(&'static str, Score); 4] {
    let lines: Vec<&str> = damaged.text.split('\n').collect();
    let (mut characters, mut headings, mut joins, mut asides) = (Score::default(), Score::default(), Score::default(), Score::default());
    let mut found: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut heads: Vec<(u8, usize, usize)> = Vec::new();
    let mut joined: BTreeSet<usize> = BTreeSet::new();
    let mut aside: BTreeSet<usize> = BTreeSet::new();
    for line in ledger.lines().skip(1) {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        if record["applied"] != true {
            continue;
        }
        let at = (record["line"].as_u64().unwrap() as usize, record["column"].as_u64().unwrap() as usize);
        let (before, after) = (record["before"].as_str().unwrap(), record["after"].as_str().unwrap());
        match record["rule"].as_str().unwrap() {
            "look-alike" | "traditional" | "symbol" | "mark" | "copy" => {
                // A mark may be replaced with the blank that follows it, or many at once.
                let known = damaged.characters.get(&at).filter(|(other, meant)| before.starts_with(*other) && after.starts_with(*meant));
                let context = || {
                    let line: Vec<char> = lines[at.0 - 1].chars().collect();
                    line[at.1.saturating_sub(8)..(at.1 + 7).min(line.len())].iter().collect::<String>()
                };
                if known.is_some() {
                    found.insert(at);
                } else {
                    characters.wrong += 1;
                    verbose.push(format!("wrong {at:?} {before}→{after} in {} {} {}", context(), record["why"], record["confidence"]));
                }
            }
            "heading" => heads.push((after.trim_end().len() as u8, at.0, at.1)),
            "join" => {
                joined.insert(at.0);
            }
            "site" | "foreign" | "contents" | "repeat" | "manifest" => {
                let height = before.matches('\n').count();
                aside.extend((at.0..=at.0 + height).filter(|line| !lines[line - 1].trim().is_empty()));
            }
            _ => {}
        }
    }
    for (at, (other, meant)) in &damaged.characters {
        if found.contains(at) {
            characters.right += 1;
        } else {
            characters.missed += 1;
            let line: Vec<char> = lines[at.0 - 1].chars().collect();
            let context: String = line[at.1.saturating_sub(8)..(at.1 + 7).min(line.len())].iter().collect();
            verbose.push(format!("missed {at:?} {other}→{meant} in {context}"));
        }
    }
    let mut wanted = damaged.headings.iter().peekable();
    let plain = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    for (level, line, _) in &heads {
        let text: String =
            lines[line - 1].chars().enumerate().map(|(at, c)| damaged.characters.get(&(*line, at + 1)).map_or(c, |pair| pair.1)).collect();
        let position = damaged.headings.iter().position(|(own, title)| own == level && plain(title) == plain(&text));
        if position.is_some() {
            headings.right += 1;
            wanted.next();
        } else {
            headings.wrong += 1;
            verbose.push(format!("wrong heading {level} {text}"));
        }
    }
    headings.missed = damaged.headings.len().saturating_sub(headings.right);
    joins.right = joined.intersection(&damaged.broken).count();
    joins.wrong = joined.difference(&damaged.broken).count();
    joins.missed = damaged.broken.difference(&joined).count();
    joined.difference(&damaged.broken).take(3).for_each(|line| verbose.push(format!("wrong join after {}", lines[line - 1])));
    damaged.broken.difference(&joined).take(3).for_each(|line| verbose.push(format!("missed join after {}", lines[line - 1])));
    asides.right = aside.intersection(&damaged.foreign).count();
    asides.wrong = aside.difference(&damaged.foreign).count();
    asides.missed = damaged.foreign.difference(&aside).count();
    aside.difference(&damaged.foreign).take(5).for_each(|line| verbose.push(format!("wrongly aside: {}", lines[line - 1])));
    damaged.foreign.difference(&aside).take(5).for_each(|line| verbose.push(format!("not aside: {}", lines[line - 1])));
    [("characters", characters), ("headings", headings), ("joined lines", joins), ("lines aside", asides)]
}

/// The ways in which texts are damaged in the tests: each kind alone and all together.
pub fn ways() -> Vec<(&'static str, Ways)> {
    let none = Ways { seed: 1, looks: 0, traditional: 0, signs: 0, marks: 0, width: None, contents: false, copies: 1, site: false };
    vec![
        ("clean", none),
        ("characters", Ways { seed: 2, looks: 200, traditional: 100, signs: 100, ..none }),
        ("few characters", Ways { seed: 3, looks: 20, traditional: 10, signs: 10, ..none }),
        ("marks", Ways { seed: 4, marks: 5000, ..none }),
        ("lines", Ways { seed: 5, width: Some(36), ..none }),
        ("structure", Ways { seed: 6, contents: true, copies: 2, site: true, looks: 50, ..none }),
        (
            "everything",
            Ways { seed: 7, looks: 200, traditional: 100, signs: 100, marks: 3000, width: Some(40), contents: true, copies: 2, site: true },
        ),
    ]
}
