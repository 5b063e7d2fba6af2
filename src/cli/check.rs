//! `banxin check [DIR]`

use super::Outcome;
use super::terminal::Terminal;
use crate::diagnostic::Sink;
use crate::source::Sources;
use crate::text;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The book's folder
    #[arg(default_value = ".")]
    dir: PathBuf,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Outcome {
    let (mut sources, sink) = (Sources::default(), Sink::default());
    if let Some(project) = crate::open(&arguments.dir, &mut sources, &sink) {
        crate::check(&project, &sink);
    }
    terminal.report(&sink, &sources);
    if sink.sorted().is_empty() {
        terminal.say(&text!("nothing to report", "没有发现问题"));
    }
    if sink.has_errors() { Outcome::Errors } else { Outcome::Done }
}
