//! Putting right what is safe to put right in a book's own files, with a ledger that takes it back.

use super::{Text, spacing, texts};
use crate::Project;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::document;
use crate::repair::encoding::{decode, encode};
use crate::repair::{Entry, File, Ledger, apply, keep_apart};
use crate::source::Sources;
use crate::text;
use std::path::PathBuf;

/// How sure a change has to be to be made in a file that somebody wrote.
const SURE: f32 = 0.97;

/// What was done.
#[derive(Debug)]
pub struct Fixed {
    /// How many changes were made.
    pub made: usize,
    /// The ledger; `None` where there was nothing to do.
    pub ledger: Option<PathBuf>,
}

/// Puts right marks, widths, blanks, and characters that are surely damaged. `None` after an error was reported; then nothing was
/// written.
#[expect(clippy::indexing_slicing, reason = "`at` counts the same texts, and `revise` gives a list for each of them")]
pub fn fix(project: &Project, sources: &Sources, sink: &Sink) -> Option<Fixed> {
    let texts = texts(project, sources);
    let mut all = document::revise(texts.iter().map(|text| &text.prose), SURE);
    for (at, change) in spacing::changes(&texts) {
        all[at].push(change);
    }
    let root = &project.loaded.root;
    let (mut ledger, mut originals, mut files, mut made) = (Ledger::default(), Vec::new(), Vec::new(), 0);
    for (Text { file, prose }, mut changes) in texts.iter().zip(all) {
        changes.retain(|change| change.applied);
        changes.sort_by_key(|change| (change.at, !change.before.is_empty()));
        keep_apart(&mut changes);
        let path = &sources.get(*file).path;
        if changes.is_empty() {
            continue;
        }
        let bytes = std::fs::read(root.join(path)).unwrap_or_default();
        let decoded = decode(&bytes);
        // What a chapter includes is another file's.
        if decoded.text != prose.source {
            let report = Diagnostic::new(
                Code::NotFixed,
                text!("{path} was left as it is: it includes other files", "{path} 引入了其他文件，未作改动"),
            );
            sink.report(
                report.in_file(path.clone()).advise(text!("put right by hand what check reports in it", "请按 check 的报告自行改正")),
            );
            continue;
        }
        let changed = apply(&decoded.text, &changes, path).unwrap_or_default();
        let new: String = changed.into_iter().map(|file| file.1).collect();
        made += changes.len();
        let entry = File::new(path.clone(), path.clone(), decoded.form.clone(), &bytes);
        files.push((root.join(path), encode(&new, &decoded.form).unwrap_or_else(|| new.into_bytes()), None));
        ledger.files.push(Entry { file: entry, changes });
        originals.push(decoded.text);
    }
    if files.is_empty() {
        return Some(Fixed { made: 0, ledger: None });
    }
    let name = std::iter::once("fixes.jsonl".to_owned())
        .chain((2..).map(|number| format!("fixes-{number}.jsonl")))
        .find(|name| !root.join(name).exists())?;
    let written = ledger.write(&originals.iter().map(String::as_str).collect::<Vec<_>>());
    files.push((root.join(&name), written.into_bytes(), None));
    crate::output::write::write_all(files, sink)?;
    Some(Fixed { made, ledger: Some(root.join(name)) })
}
