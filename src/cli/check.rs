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
    /// Read the finished files in dist/ back, and prove that every character of the source is in each, once, in order
    #[arg(long)]
    proof: bool,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Outcome {
    let (mut sources, sink) = (Sources::default(), Sink::default());
    let mut proved = Vec::new();
    if let Some(project) = crate::open(&arguments.dir, &mut sources, &sink) {
        crate::check(&project, &sink);
        arguments.readers.iter().for_each(|profile| crate::check::readers(&project, profile, &sink));
        if arguments.proof {
            proved = crate::check::prove(&project, &sources, &sink);
        }
    }
    terminal.report(&sink, &sources);
    if !sink.has_errors() {
        for file in proved {
            terminal.say(&text!(
                "proved: {file} says all that the source says, once and in order",
                "已核验：{file} 与原文逐字相符，不多不少，次序无误"
            ));
        }
    }
    if sink.sorted().is_empty() {
        terminal.say(&text!("nothing to report", "没有发现问题"));
    }
    if sink.has_errors() { Outcome::Errors } else { Outcome::Done }
}
