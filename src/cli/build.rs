//! `banxin build [DIR] [--epub] [--pdf]`

use super::Outcome;
use super::terminal::Terminal;
use crate::diagnostic::Sink;
use crate::output::{Output, dump::Dump, epub::Epub, pdf::Pdf};
use crate::source::Sources;
use crate::text;
use std::path::PathBuf;
use std::time::Instant;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The book's folder
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Make the EPUB (both are made where neither is asked for)
    #[arg(long)]
    epub: bool,
    /// Make the PDF
    #[arg(long)]
    pdf: bool,
    /// Also write every glyph's position as text, for tests
    #[arg(long, hide = true)]
    dump: bool,
    /// Say why each line ends where it does, on the error stream or as JSON
    #[arg(long, value_name = "WHAT")]
    trace: Option<Trace>,
    /// Say how long each step took
    #[arg(long)]
    timings: bool,
}

/// What can be traced.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Trace {
    /// Where lines end
    Line,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Outcome {
    let mut outputs: Vec<&dyn Output> = Vec::new();
    let both = !arguments.epub && !arguments.pdf && !arguments.dump;
    if arguments.epub || both {
        outputs.push(&Epub);
    }
    if arguments.pdf || both {
        outputs.push(&Pdf);
    }
    if arguments.dump {
        outputs.push(&Dump);
    }
    let start = Instant::now();
    let sink = match arguments.trace {
        Some(Trace::Line) => Sink::tracing(),
        None => Sink::default(),
    };
    let mut sources = Sources::default();
    let project = crate::open(&arguments.dir, &mut sources, &sink);
    let opened = start.elapsed();
    let written = project.and_then(|project| {
        let bar = terminal.progress(&text!("typesetting", "排版"));
        let written = crate::build(&project, &outputs, &sink, &|share| bar.set_position((share * 1000.0) as u64));
        bar.finish_and_clear();
        written
    });
    terminal.trace(&sink, &sources);
    terminal.report(&sink, &sources);
    let Some(written) = written else { return Outcome::Errors };
    for file in &written {
        let (path, size) = (file.path.display(), size(file.bytes));
        terminal.say(&match file.pages {
            Some(pages) => text!("{path}  {size}, {pages} pages", "{path}  {size}，{pages} 页"),
            None => text!("{path}  {size}", "{path}  {size}"),
        });
    }
    if arguments.timings {
        let (read, whole) = (opened.as_millis(), start.elapsed().as_millis());
        terminal.say(&text!("read {read} ms, in all {whole} ms", "读入 {read} 毫秒，共 {whole} 毫秒"));
    }
    Outcome::Done
}

fn size(bytes: usize) -> String {
    if bytes < 1_000_000 { format!("{} kB", bytes.div_ceil(1000)) } else { format!("{:.1} MB", bytes as f64 / 1e6) }
}
