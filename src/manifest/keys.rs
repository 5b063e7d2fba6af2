//! Unknown keys in our tables are errors that name the nearest key; all of them are reported at once.
//! Tables that are not ours (mdBook's `[build]`, `[output.html]`, `[preprocessor.…]`) are left alone.

use super::toml_error;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::source::{FileId, Span};
use crate::text;
use toml::de::{DeTable, DeValue};

/// The keys of each table. `[book]` also lists mdBook's own, which are accepted and not used.
const TABLES: &[(&str, &[&str])] = &[
    (
        "book",
        &[
            "title",
            "subtitle",
            "authors",
            "language",
            "publisher",
            "date",
            "description",
            "subjects",
            "rights",
            "identifier",
            "isbn",
            "edition",
            "dedication",
            "colophon",
            "cover",
            "src",
            "multilingual",
            "text-direction",
        ],
    ),
    (
        "typography",
        &[
            "region",
            "line-break",
            "punctuation",
            "indent",
            "hanging-punctuation",
            "grid",
            "writing-mode",
            "hyphenate",
            "emphasis",
            "numbering",
        ],
    ),
    ("fonts", &["serif", "sans", "kai", "fangsong", "mono", "math"]),
    (
        "pdf",
        &[
            "page",
            "font-size",
            "chars-per-line",
            "lines-per-page",
            "line-height",
            "cover",
            "title-page",
            "half-title",
            "copyright-page",
            "toc",
            "toc-depth",
            "list-of-figures",
            "list-of-tables",
            "chapter-start",
            "footnotes",
            "running-heads",
            "page-numbers",
            "head-left",
            "head-right",
            "head-rule",
            "foot-left",
            "foot-right",
            "standard",
            "bleed",
            "crop-marks",
        ],
    ),
    ("epub", &["fonts", "obfuscate-fonts", "css", "page-list", "toc-depth", "certified-by"]),
];
const CHAPTER: &[&str] = &["file", "part", "title", "matter", "chapters"];
const AUTHOR: &[&str] = &["name", "role", "file-as"];
/// Top-level tables that belong to mdBook or to `[output] name`.
const FOREIGN: &[&str] = &["build", "rust", "output", "preprocessor"];

/// Checks every key. False where an error was reported.
pub fn check(source: &str, file: FileId, sink: &Sink) -> bool {
    let table = match DeTable::parse(source) {
        Ok(table) => table,
        Err(error) => {
            sink.report(toml_error(Code::ManifestSyntax, &error, file, source.len()));
            return false;
        }
    };
    let mut checker = Checker { file, sink, good: true };
    let top: Vec<&str> = TABLES.iter().map(|(name, _)| *name).chain(["chapters"]).collect();
    for (key, value) in table.get_ref() {
        let name = key.get_ref().as_ref();
        match TABLES.iter().find(|(table, _)| *table == name) {
            Some((_, known)) => checker.table(name, value.get_ref(), known),
            None if name == "chapters" => checker.chapters(value.get_ref()),
            None if FOREIGN.contains(&name) => {}
            // A table with an unknown name may belong to another tool; a bare key or a near miss does not.
            None if matches!(value.get_ref(), DeValue::Table(_)) && nearest(name, &top).is_none() => {}
            None => checker.unknown(name, "", key.span(), &top),
        }
    }
    if !table.get_ref().contains_key("book") {
        let message = text!("book.toml has no [book] table", "book.toml 中没有 [book] 表");
        let advice = text!("write [book] and title = \"…\"", "写上 [book] 与 title = \"…\"");
        sink.report(Diagnostic::new(Code::ManifestValue, message).in_file("book.toml").advise(advice));
        checker.good = false;
    }
    checker.good
}

struct Checker<'a> {
    file: FileId,
    sink: &'a Sink,
    good: bool,
}

impl Checker<'_> {
    fn table(&mut self, name: &str, value: &DeValue<'_>, known: &[&str]) {
        let DeValue::Table(table) = value else { return };
        for (key, value) in table {
            let found = key.get_ref().as_ref();
            if !known.contains(&found) {
                self.unknown(found, name, key.span(), known);
            } else if let (("book", "authors"), DeValue::Array(list)) = ((name, found), value.get_ref()) {
                list.iter().for_each(|author| self.table("authors", author.get_ref(), AUTHOR));
            }
        }
    }

    fn chapters(&mut self, value: &DeValue<'_>) {
        let DeValue::Array(list) = value else { return };
        for entry in list {
            self.table("chapters", entry.get_ref(), CHAPTER);
            if let DeValue::Table(table) = entry.get_ref()
                && let Some(nested) = table.get("chapters")
            {
                self.chapters(nested.get_ref());
            }
        }
    }

    fn unknown(&mut self, key: &str, table: &str, span: std::ops::Range<usize>, known: &[&str]) {
        let place = if table.is_empty() { String::new() } else { format!("[{table}] ") };
        let report = Diagnostic::new(Code::UnknownKey, text!("{place}has no key \"{key}\"", "{place}没有“{key}”这个键"))
            .at(Span::new(self.file, span));
        self.sink.report(match nearest(key, known) {
            Some(near) => report.advise(text!("did you mean \"{near}\"?", "是否想写“{near}”？")),
            None => {
                let list = known.join(", ");
                report.advise(text!("known are: {list}", "可用的键：{list}"))
            }
        });
        self.good = false;
    }
}

/// The known word nearest to a mistyped one, if it is near enough to be meant.
fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(word, known), *known))
        .filter(|(distance, known)| *distance <= (known.len() / 3).max(1) + 1)
        .min()
        .map(|(_, known)| known)
}
