//! `banxin check [DIR] [--for READERS]`

use super::Outcome;
use super::terminal::Terminal;
use crate::diagnostic::Sink;
use crate::output::epub::Profile;
use crate::source::Sources;
use crate::text;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The book's folder
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Also hold it against what these families of readers take
    #[arg(long = "for", value_name = "READERS", value_delimiter = ',', value_parser = super::reader())]
    readers: Vec<&'static Profile>,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Outcome {
    let (mut sources, sink) = (Sources::default(), Sink::default());
    if let Some(project) = crate::open(&arguments.dir, &mut sources, &sink) {
        crate::check(&project, &sink);
        arguments.readers.iter().for_each(|profile| crate::check::readers(&project, profile, &sink));
    }
    terminal.report(&sink, &sources);
    if sink.sorted().is_empty() {
        terminal.say(&text!("nothing to report", "没有发现问题"));
    }
    if sink.has_errors() { Outcome::Errors } else { Outcome::Done }
}
