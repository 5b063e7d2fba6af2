//! A change to a text, and texts with their changes made.

use serde::{Deserialize, Serialize};

macro_rules! rules {
    ($($variant:ident $name:literal $en:literal $zh:literal)*) => {
        /// Why a text was changed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Rule { $(#[doc = $en] #[serde(rename = $name)] $variant),* }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Rule] = &[$(Rule::$variant),*];

            /// The name, as the ledger has it.
            pub fn name(self) -> &'static str {
                match self { $(Rule::$variant => $name),* }
            }

            /// The name for people: in English and in Chinese.
            pub fn title(self) -> (&'static str, &'static str) {
                match self { $(Rule::$variant => ($en, $zh)),* }
            }
        }
    };
}

rules! {
    LookAlike "look-alike" "A character that looks like another." "形近字"
    Traditional "traditional" "A traditional form in simplified text." "混入的繁体字"
    Symbol "symbol" "A sign of another script in place of a Han character." "以符号代字"
    Mark "mark" "A half-width mark in Chinese text." "半角标点"
    Quote "quote" "A straight quote." "直引号"
    Width "width" "A full-width letter or digit." "全角字母数字"
    Space "space" "A blank that is not wanted, or of the wrong kind." "空格"
    Join "join" "A line that was broken by its width." "硬换行"
    Copy "copy" "A mark that another copy of the text has." "据别本补标点"
    Advert "advert" "An advertisement within a paragraph." "段内广告"
    Site "site" "A line of a website." "网站文字"
    Foreign "foreign" "Lines that are not of the text." "与正文无关"
    Contents "contents" "A list of the contents." "目录"
    Repeat "repeat" "The same text over again." "重复"
    Break "break" "A line of signs that parts scenes." "分隔线"
    Heading "heading" "A heading." "标题"
    Manifest "manifest" "What the manifest keeps: a title, an author, the title of a part." "书名、作者、编名"
    File "file" "Where a chapter's file begins." "分章"
    Blank "blank" "Blanks around a line." "行首尾空白"
    Escape "escape" "A character that Markdown would take for its own." "转义"
}

impl Rule {
    /// Whether the rule changes what is read; the others only say how it stands.
    pub fn is_repair(self) -> bool {
        self <= Rule::Advert
    }
}

/// One change of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The byte of the text at which it begins.
    pub at: usize,
    /// What stands there.
    pub before: String,
    /// What is to stand there.
    pub after: String,
    /// Why.
    pub rule: Rule,
    /// How sure it is, 0 to 1.
    pub confidence: f32,
    /// What speaks for it, each in one word and a value: `word 分拨`, `text 9:0`, `copy 2`.
    pub why: Vec<String>,
    /// Whether it is made; else it is only proposed.
    pub applied: bool,
    /// The file in which the text goes on from here, where it is another.
    pub to: Option<String>,
}

impl Change {
    /// A change that is sure.
    pub fn new(rule: Rule, at: usize, before: impl Into<String>, after: impl Into<String>) -> Change {
        Change { at, before: before.into(), after: after.into(), rule, confidence: 1.0, why: Vec::new(), applied: true, to: None }
    }

    /// With what speaks for it.
    #[must_use]
    pub fn because(mut self, confidence: f32, why: Vec<String>) -> Change {
        (self.confidence, self.why) = (confidence, why);
        self
    }

    /// One past its last byte in the text.
    pub fn end(&self) -> usize {
        self.at + self.before.len()
    }
}

/// Of changes in the order of their text, drops those that reach into one before them.
pub fn keep_apart(changes: &mut Vec<Change>) {
    let mut end = 0;
    changes.retain(|change| {
        let free = change.at >= end;
        if free {
            end = change.end();
        }
        free
    });
}

/// Files that were made, in the order in which they were begun.
pub type Files = Vec<(String, String)>;

/// The text with its changes made, in `first` and the files that they name. The changes are in the order of the text and do
/// not overlap; the number of the first that does not fit is given back.
pub fn apply(text: &str, changes: &[Change], first: &str) -> Result<Files, usize> {
    let mut files: Files = vec![(first.to_owned(), String::new())];
    let mut done = 0;
    for (at, change) in changes.iter().enumerate().filter(|(_, change)| change.applied) {
        let kept = text.get(done..change.at).ok_or(at)?;
        if text.get(change.at..change.end()) != Some(&change.before) {
            return Err(at);
        }
        let put = |files: &mut Files, piece: &str| files.last_mut().into_iter().for_each(|(_, file)| file.push_str(piece));
        put(&mut files, kept);
        if let Some(name) = &change.to {
            // A file that nothing was put in is none.
            files.retain(|(_, text)| !text.is_empty());
            files.push((name.clone(), String::new()));
        }
        put(&mut files, &change.after);
        done = change.end();
    }
    if let Some((_, file)) = files.last_mut() {
        file.push_str(text.get(done..).unwrap_or(""));
    }
    Ok(files)
}

/// Where undoing meets something else than what was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The file of the book.
    pub file: String,
    /// The byte in it.
    pub at: usize,
}

/// The text before its changes were made: the opposite of [`apply`]. `files` gives the text of a file by its name.
pub fn undo<'a>(files: &dyn Fn(&str) -> Option<&'a str>, changes: &[Change], first: &str) -> Result<String, Mismatch> {
    let mut text = String::new();
    let mut name = first.to_owned();
    let mut made = files(first).unwrap_or("");
    let mut at = 0;
    let fault = |name: &str, at: usize| Mismatch { file: name.to_owned(), at };
    for change in changes.iter().filter(|change| change.applied) {
        let length = change.at.checked_sub(text.len()).ok_or_else(|| fault(&name, at))?;
        let kept = made.get(at..at + length).ok_or_else(|| fault(&name, made.len()))?;
        text.push_str(kept);
        at += length;
        if let Some(next) = &change.to {
            if at != made.len() {
                return Err(fault(&name, at));
            }
            made = files(next).ok_or_else(|| fault(next, 0))?;
            (name, at) = (next.clone(), 0);
        }
        if !made.get(at..).is_some_and(|rest| rest.starts_with(&change.after)) {
            return Err(fault(&name, at));
        }
        at += change.after.len();
        text.push_str(&change.before);
    }
    text.push_str(made.get(at..).ok_or_else(|| fault(&name, at))?);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_was_changed_is_undone() {
        let text = "第一章　甲\n\n囷平\n\n第二章　乙\n";
        let mut next = Change::new(Rule::File, text.find("第二").unwrap(), "", "# ");
        next.to = Some("b.md".into());
        let at = text.find('囷').unwrap();
        let changes = [Change::new(Rule::Heading, 0, "", "# "), Change::new(Rule::LookAlike, at, "囷", "和"), next];
        let files = apply(text, &changes, "a.md").unwrap();
        assert_eq!(files, [("a.md".into(), "# 第一章　甲\n\n和平\n\n".into()), ("b.md".into(), "# 第二章　乙\n".into())]);
        let find = |files: &Files, name: &str| files.iter().position(|file| file.0 == name);
        let got = undo(&|name| find(&files, name).map(|at| files[at].1.as_str()), &changes, "a.md");
        assert_eq!(got.as_deref(), Ok(text));
        let other = vec![("a.md".to_owned(), files[0].1.replace("和平", "和丰")), files[1].clone()];
        let got = undo(&|name| find(&other, name).map(|at| other[at].1.as_str()), &changes, "a.md");
        assert_eq!(got.map(|text| text.contains('丰')), Ok(true), "what the author wrote since is kept");
        let other = vec![("a.md".to_owned(), files[0].1.replace("和平", "平和")), files[1].clone()];
        let got = undo(&|name| find(&other, name).map(|at| other[at].1.as_str()), &changes, "a.md");
        assert_eq!(got, Err(Mismatch { file: "a.md".into(), at: "# 第一章　甲\n\n".len() }));
    }

    proptest! {
        #[test]
        fn undoing_gives_the_text(text in "[a甲\n]{0,40}", cuts in proptest::collection::vec((0usize..40, 0usize..4, "[b乙]{0,3}", any::<bool>()), 0..8)) {
            let mut changes: Vec<Change> = Vec::new();
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let mut cuts = cuts;
            cuts.sort();
            for (number, (start, length, after, file)) in cuts.into_iter().enumerate() {
                let start = places[start.min(places.len() - 1)];
                let end = places[(places.partition_point(|at| *at < start) + length).min(places.len() - 1)];
                if changes.last().is_some_and(|last| last.end() > start || last.at == start) {
                    continue;
                }
                let mut change = Change::new(Rule::Space, start, &text[start..end], after);
                change.to = (file && start > 0).then(|| format!("{number}.md"));
                changes.push(change);
            }
            let files = apply(&text, &changes, "a.md").unwrap();
            let find = |name: &str| Some(files.iter().find(|file| file.0 == name).map_or("", |file| file.1.as_str()));
            prop_assert_eq!(undo(&find, &changes, "a.md"), Ok(text));
        }
    }
}
