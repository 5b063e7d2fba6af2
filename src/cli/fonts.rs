//! `banxin fonts [DIR]`

use super::Outcome;
use super::terminal::Terminal;
use crate::cache::Cache;
use crate::diagnostic::Sink;
use crate::font::{FILES, FaceId, ROLES, Want};
use crate::layout::{self, Item};
use crate::source::Sources;
use crate::text;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// A book's folder; without one, the fonts that banxin carries are listed
    dir: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Outcome {
    let Some(dir) = &arguments.dir else {
        for file in FILES {
            let (name, family) = (file.name, file.family);
            let roles: Vec<&str> = ROLES.iter().filter(|(role, _)| file.roles.contains(&Some(*role))).map(|(_, name)| *name).collect();
            let roles = if roles.is_empty() { String::new() } else { format!("  [{}]", roles.join(", ")) };
            terminal.say(&text!("{family}  ({name}){roles}", "{family}  （{name}）{roles}"));
        }
        return Outcome::Done;
    };
    let (mut sources, sink) = (Sources::default(), Sink::default());
    let project = crate::open(dir, &mut sources, &sink);
    if let Some(project) = &project {
        crate::check::coverage(project, &project.letters(&Cache::none()), &sink);
    }
    terminal.report(&sink, &sources);
    let Some(project) = project.filter(|_| !sink.has_errors()) else { return Outcome::Errors };
    for (role, name) in ROLES {
        let families = project.fonts.families(Want { role, bold: false, italic: false });
        let first = families.first().copied().unwrap_or("");
        terminal.say(&text!("{name}: {first}", "{name}：{first}"));
    }
    let quiet = Sink::default();
    let pages = layout::lay_out(project.job(&quiet, &|_| {}));
    let mut used: BTreeMap<FaceId, BTreeSet<char>> = BTreeMap::new();
    for item in pages.pages.iter().flat_map(|page| &page.items) {
        if let Item::Run(run) = item {
            used.entry(run.face).or_default().extend(run.glyphs.iter().map(|glyph| glyph.text));
        }
    }
    for (face, characters) in used {
        let (name, count) = (&project.fonts.face(face).name, characters.len());
        let sample: String = characters.iter().filter(|c| !c.is_ascii() && !c.is_whitespace()).take(12).collect();
        terminal.say(&text!("{name}: {count} characters {sample}", "{name}：{count} 字 {sample}"));
    }
    Outcome::Done
}
