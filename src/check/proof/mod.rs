//! The proof of conservation: the finished files are read back by readers of their own, and every character of the source is in
//! each of them, once, and in order. What the program writes itself (numbers, labels, marks of notes, pages) is known to be its own.

mod compare;
mod epub;
mod pdf;
mod source;
mod story;

use crate::Project;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::output::epub::PROFILES;
use crate::source::Sources;
use crate::text;
use story::Story;

/// What a piece of a finished file says (a chapter, a part, a page of the front matter), as its reader found it. Blanks and what is
/// not seen (soft hyphens) are left out.
#[derive(Debug, Default)]
struct Told {
    /// The text, without what has a list of its own here.
    main: String,
    /// Whether it is a list of what stands where.
    listing: bool,
    /// Notes, in the order in which they are met.
    notes: Vec<String>,
    /// Notes at the side.
    sides: Vec<String>,
    /// Readings of ruby.
    readings: Vec<String>,
    /// What is said of pictures to who does not see them.
    alts: Vec<String>,
}

/// Proves the files that stand in `dist/`. Gives their names; a difference is reported at its place in the source.
pub fn prove(project: &Project, sources: &Sources, sink: &Sink) -> Vec<String> {
    source::prove(project, sources, sink);
    let folder = project.loaded.root.join("dist");
    let name = crate::file_name(project);
    let mut proved = Vec::new();
    let suffixes = PROFILES.iter().map(|profile| profile.suffix).chain([".pdf"]);
    for file in suffixes.map(|suffix| format!("{name}{suffix}")) {
        let Ok(bytes) = std::fs::read(folder.join(&file)) else { continue };
        let printed = file.ends_with(".pdf");
        let told = if printed { pdf::read(&bytes) } else { epub::read(bytes) };
        let shown = format!("dist/{file}");
        match told {
            Ok(told) => compare::compare(&Story::of(project, printed), told, &shown, sink),
            Err(error) => {
                let report = Diagnostic::new(Code::Unreadable, text!("{shown} cannot be read back: {error}", "{shown} 无法读回：{error}"));
                sink.report(report.in_file(shown).advise(text!("build the book again", "请重新生成")));
                continue;
            }
        }
        proved.push(file);
    }
    if proved.is_empty() && !sink.has_errors() {
        let report = Diagnostic::new(
            Code::NothingBuilt,
            text!("there is nothing to prove yet: dist/ holds no file of this book", "还没有可以核验的文件：dist/ 中没有本书的成品"),
        );
        sink.report(report.in_file("dist").advise(text!("run banxin build first", "请先运行 banxin build")));
    }
    proved
}

/// Whether a character is compared: it is seen.
fn is_seen(c: char) -> bool {
    !c.is_whitespace()
        && !c.is_control()
        && !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}
