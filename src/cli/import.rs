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
    /// A text, a page of HTML, an EPUB, a DOCX, a Markdown file, or the folder of an mdBook, a GitBook, or of Markdown files
    source: PathBuf,
    /// The folder of the book to make; with --undo, the file or folder for the source
    #[arg(short, long, required_unless_present = "dry_run")]
    output: Option<PathBuf>,
    /// The title; found in the source where none is given
    #[arg(long)]
    title: Option<String>,
    /// Replace files that are there
    #[arg(long)]
    force: bool,
    /// Where the ledger of all changes goes; into the book's folder where nothing is said
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// Also write the ledger as a page of HTML
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// How sure a change has to be to be made, 0 to 1; others are only proposed in the ledger
    #[arg(long, value_name = "SHARE", default_value_t = crate::repair::CONFIDENCE, value_parser = share)]
    min_confidence: f32,
    /// Write no book; a ledger or a report only where they are asked for
    #[arg(long)]
    dry_run: bool,
    /// Make the book that this ledger says, after you have edited it
    #[arg(long, value_name = "LEDGER", conflicts_with_all = ["undo", "min_confidence", "ledger"])]
    apply: Option<PathBuf>,
    /// Make the source again, byte for byte, from a book (SOURCE) and its ledger
    #[arg(long, value_name = "LEDGER", conflicts_with_all = ["min_confidence", "ledger", "report", "dry_run", "title"])]
    undo: Option<PathBuf>,
}

fn share(text: &str) -> Result<f32, String> {
    let value: f32 = text.parse().map_err(|_| "a number from 0 to 1".to_owned())?;
    (0.0..=1.0).contains(&value).then_some(value).ok_or_else(|| "a number from 0 to 1".to_owned())
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Outcome {
    let sink = Sink::default();
    let output = arguments.output.clone().unwrap_or_default();
    if let Some(ledger) = &arguments.undo {
        let restored = import::undo(&arguments.source, ledger, &output, arguments.force, &sink);
        terminal.report(&sink, &Sources::default());
        let Some(restored) = restored else { return Outcome::Errors };
        for path in restored {
            let shown = path.display();
            terminal.say(&text!("restored {shown}", "已还原 {shown}"));
        }
        return Outcome::Done;
    }
    let options = Options {
        title: arguments.title.clone(),
        force: arguments.force,
        confidence: arguments.min_confidence,
        dry_run: arguments.dry_run,
        ledger: arguments.ledger.clone(),
        report: arguments.report.clone(),
    };
    let report = match &arguments.apply {
        Some(ledger) => import::apply(&arguments.source, ledger, &output, &options, &sink),
        None => import::run(&arguments.source, &output, &options, &sink),
    };
    terminal.report(&sink, &Sources::default());
    let Some(report) = report else { return Outcome::Errors };
    report.lines.iter().for_each(|line| terminal.say(line));
    if !arguments.dry_run {
        let shown = output.display();
        terminal.say(&text!("next: banxin check {shown}, banxin build {shown}", "接着运行：banxin check {shown}、banxin build {shown}"));
    }
    Outcome::Done
}
