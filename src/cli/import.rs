//! `banxin import SOURCE -o DIR`

use super::Outcome;
use super::terminal::Terminal;
use crate::diagnostic::Sink;
use crate::import::{self, Options};
use crate::source::Sources;
use crate::text;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The text file
    source: PathBuf,
    /// The folder of the book to make
    #[arg(short, long)]
    output: PathBuf,
    /// The title; found in the text where none is given
    #[arg(long)]
    title: Option<String>,
    /// Replace a book that is there
    #[arg(long)]
    force: bool,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Outcome {
    let sink = Sink::default();
    let options = Options { title: arguments.title.clone(), force: arguments.force };
    let report = import::text(&arguments.source, &arguments.output, &options, &sink);
    terminal.report(&sink, &Sources::default());
    let Some(report) = report else { return Outcome::Errors };
    report.lines.iter().for_each(|line| terminal.say(line));
    let shown = arguments.output.display();
    terminal.say(&text!("next: banxin check {shown}, banxin build {shown}", "接着运行：banxin check {shown}、banxin build {shown}"));
    Outcome::Done
}
