//! Output to people and to programs: diagnostics to the error stream, results to the output stream, progress only
//! on a terminal.

use crate::diagnostic::{Language, Severity, Sink, Text, human, json};
use crate::source::Sources;
use crate::text;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};

/// Where the program speaks.
pub(super) struct Terminal {
    language: Language,
    json: bool,
    colour: bool,
}

impl Terminal {
    pub fn new(language: Language, json: bool) -> Terminal {
        let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Terminal { language, json, colour }
    }

    /// A line of the result. Said nothing where diagnostics go out as JSON.
    pub fn say(&self, message: &Text) {
        if !self.json {
            // A reader that has gone away is no error of the book.
            let _ = writeln!(std::io::stdout(), "{}", message.in_language(self.language));
        }
    }

    /// A line for a person on the error stream.
    pub fn note(&self, message: &Text) {
        if !self.json {
            let _ = writeln!(std::io::stderr(), "{}", message.in_language(self.language));
        }
    }

    /// Says of which book what follows is.
    pub fn book(&self, name: &str) {
        if self.json {
            let _ = writeln!(std::io::stdout(), "{}", serde_json::json!({ "book": name }));
        } else {
            self.note(&text!("{name}:", "{name}："));
        }
    }

    /// The accounts that were asked for, each with its place.
    pub fn trace(&self, sink: &Sink, sources: &Sources) {
        for (span, account) in sink.traces() {
            let (path, at) = (&sources.get(span.file).path, sources.line_column(span));
            let (line, column, account) = (at.line, at.column, account.in_language(self.language));
            if self.json {
                let object = serde_json::json!({ "trace": account, "file": path, "line": line, "column": column });
                let _ = writeln!(std::io::stdout(), "{object}");
            } else {
                let _ = writeln!(std::io::stderr(), "{path}:{line}:{column}: {account}");
            }
        }
    }

    /// All diagnostics, worst first within their places' order, and their number.
    pub fn report(&self, sink: &Sink, sources: &Sources) {
        let found = sink.sorted();
        let mut stderr = std::io::stderr().lock();
        for diagnostic in &found {
            if self.json {
                let _ = writeln!(std::io::stdout(), "{}", json(diagnostic, sources, self.language));
            } else {
                let _ = writeln!(stderr, "{}\n", human(diagnostic, sources, self.language, self.colour));
            }
        }
        let errors = found.iter().filter(|diagnostic| diagnostic.severity() == Severity::Error).count();
        let warnings = found.len() - errors;
        if !self.json && !found.is_empty() {
            let message = text!("{errors} errors, {warnings} warnings", "{errors} 个错误，{warnings} 个警告");
            let _ = writeln!(stderr, "{}", message.in_language(self.language));
        }
    }

    /// A bar for long work; none where nobody looks.
    pub fn progress(&self, message: &Text) -> Progress {
        if self.json || !std::io::stderr().is_terminal() {
            return Progress(None);
        }
        let bar = ProgressBar::new(1000);
        if let Ok(style) = ProgressStyle::with_template("{msg} {bar:32} {percent}%") {
            bar.set_style(style);
        }
        bar.set_message(message.in_language(self.language).to_owned());
        Progress(Some(bar))
    }
}

/// How far a long work has come.
pub(super) struct Progress(Option<ProgressBar>);

impl Progress {
    /// Tells the share that is done, 0 to 1.
    pub fn set(&self, share: f64) {
        if let Some(bar) = &self.0 {
            bar.set_position((share * 1000.0) as u64);
        }
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
