//! `banxin check [DIR] [--for READERS]`

use super::Outcome;
use super::terminal::Terminal;
use crate::check::Fixed;
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
    /// Put right what is safe to: marks, widths, blanks, characters that are surely damaged; a ledger says what was done
    #[arg(long, conflicts_with_all = ["proof", "readers"])]
    fix: bool,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Outcome {
    let (mut sources, sink) = (Sources::default(), Sink::default());
    let (mut proved, mut fixed) = (Vec::new(), None);
    if let Some(project) = crate::open(&arguments.dir, &mut sources, &sink) {
        if arguments.fix {
            fixed = crate::check::fix(&project, &sources, &sink);
        } else {
            crate::check(&project, &sources, &sink);
        }
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
    if let Some(Fixed { made, ledger }) = &fixed {
        match ledger {
            Some(ledger) => {
                let (ledger, book) = (ledger.display(), arguments.dir.display());
                terminal.say(&text!("put right: {made}; every change is in {ledger}", "已改正 {made} 处，逐条记入 {ledger}"));
                terminal.say(&text!(
                    "to take it back: banxin import {book} --undo {ledger} -o {book}",
                    "如要撤销：banxin import {book} --undo {ledger} -o {book}"
                ));
            }
            None => terminal.say(&text!("nothing to put right", "没有可以改正之处")),
        }
        return Outcome::Done;
    }
    if sink.sorted().is_empty() {
        terminal.say(&text!("nothing to report", "没有发现问题"));
    }
    if sink.has_errors() { Outcome::Errors } else { Outcome::Done }
}
