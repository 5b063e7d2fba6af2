//! `banxin watch [DIR]…`: builds again whenever a book's file is saved.

use super::Outcome;
use super::build::{self, Built, Choice};
use super::terminal::Terminal;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::source::Sources;
use crate::text;
use notify::{Event, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

#[derive(clap::Args)]
#[group(skip)]
pub(super) struct Arguments {
    #[command(flatten)]
    build: build::Arguments,
}

/// How long nothing must happen before a book is built again: an editor that saves writes, renames and deletes.
const QUIET: Duration = Duration::from_millis(80);

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Outcome {
    let arguments = &arguments.build;
    let choice = Choice::of(arguments);
    // Told by the names of the folders that the system gives.
    let books: Vec<PathBuf> = build::books(&arguments.dirs).into_iter().map(|book| std::fs::canonicalize(&book).unwrap_or(book)).collect();
    let (sender, events) = channel();
    let watching = notify::recommended_watcher(move |event: notify::Result<Event>| {
        // Once nobody listens the program is at its end.
        let _ = sender.send(event);
    })
    .and_then(|mut watcher| {
        books.iter().try_for_each(|book| watcher.watch(book, RecursiveMode::Recursive))?;
        Ok(watcher)
    });
    // It watches until it is dropped.
    let _watcher = match watching {
        Ok(watcher) => watcher,
        Err(error) => {
            let sink = Sink::default();
            let report = Diagnostic::new(Code::CannotWatch, text!("the folder cannot be watched: {error}", "无法监视目录：{error}"));
            sink.report(report.advise(text!("name the folder of a book that exists", "请给出已有的书稿目录")));
            terminal.report(&sink, &Sources::default());
            return Outcome::Errors;
        }
    };
    for book in &books {
        Built::of(book, arguments, &choice.outputs(), &|_| {}).tell(arguments, terminal);
    }
    terminal.note(&text!("watching; stop with Ctrl-C", "正在监视，按 Ctrl-C 停止"));
    while let Some(changed) = next(&events, &books) {
        for book in changed {
            Built::of(book, arguments, &choice.outputs(), &|_| {}).tell(arguments, terminal);
        }
    }
    Outcome::Done
}

/// Waits until files have changed and nothing more happens; the books that they are of. `None` where no more will come.
fn next<'a>(events: &Receiver<notify::Result<Event>>, books: &'a [PathBuf]) -> Option<BTreeSet<&'a PathBuf>> {
    let mut changed = BTreeSet::new();
    loop {
        let event = if changed.is_empty() {
            events.recv().ok()?
        } else {
            match events.recv_timeout(QUIET) {
                Ok(event) => event,
                Err(_) => return Some(changed),
            }
        };
        let Ok(event) = event else { continue };
        if event.kind.is_access() {
            continue;
        }
        for path in &event.paths {
            changed.extend(books.iter().filter(|book| concerns(book, path)));
        }
    }
}

/// Whether a change of a file changes its book: not what is made of it, nor what an editor hides.
fn concerns(book: &Path, path: &Path) -> bool {
    let Ok(below) = path.strip_prefix(book) else { return false };
    let mut parts = below.iter().map(|part| part.to_string_lossy());
    let first = parts.next();
    first.as_deref() != Some("dist") && !first.into_iter().chain(parts).any(|part| part.starts_with('.') || part.ends_with('~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_and_what_is_hidden_changes_nothing() {
        let concerns = |path: &str| concerns(Path::new("/book"), Path::new(path));
        assert!(concerns("/book/src/a.md") && concerns("/book/book.toml") && concerns("/book/src/dist/a.md"));
        assert!(!concerns("/book/dist/x.pdf") && !concerns("/book/src/.a.md.swp") && !concerns("/book/src/a.md~"));
        assert!(!concerns("/other/src/a.md") && !concerns("/book/.git/index"));
    }
}
