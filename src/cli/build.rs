//! `banxin build [DIR] [--epub] [--pdf] [--for READERS]`

use super::Outcome;
use super::terminal::Terminal;
use crate::diagnostic::Sink;
use crate::output::{
    Output,
    dump::Dump,
    epub::{Epub, Profile, Reader},
    pdf::Pdf,
    raster::Pictures,
};
use crate::source::Sources;
use crate::text;
use std::ops::RangeInclusive;
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
    /// Make the EPUB for these families of readers, a file for each
    #[arg(long = "for", value_name = "READERS", value_delimiter = ',', value_parser = super::reader())]
    readers: Vec<&'static Profile>,
    /// Make the PDF
    #[arg(long)]
    pdf: bool,
    /// Make pictures of pages, a PNG file each
    #[arg(long)]
    png: bool,
    /// Which pages to make pictures of, counted from the cover: 10, 10-12
    #[arg(long, value_name = "FROM-TO", requires = "png", value_parser = range)]
    pages: Option<RangeInclusive<usize>>,
    /// Draw frames, baselines and gaps over the pages: grey as they are, blue stretched, red squeezed
    #[arg(long)]
    debug_layout: bool,
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
    let both = !arguments.epub && !arguments.pdf && !arguments.dump && !arguments.png;
    // Each once, in the order in which they are known.
    let mut readers = if arguments.readers.is_empty() { vec![Profile::of(Reader::Generic)] } else { arguments.readers.clone() };
    readers.sort_by_key(|profile| profile.reader);
    readers.dedup_by_key(|profile| profile.reader);
    readers.retain(|_| arguments.epub || both);
    let epubs: Vec<Epub> = readers.into_iter().map(|profile| Epub { profile }).collect();
    let pictures = Pictures { pages: arguments.pages.clone().unwrap_or(1..=usize::MAX) };
    outputs.extend(epubs.iter().map(|epub| epub as &dyn Output));
    if arguments.pdf || both {
        outputs.push(&Pdf);
    }
    if arguments.dump {
        outputs.push(&Dump);
    }
    if arguments.png {
        outputs.push(&pictures);
    }
    let start = Instant::now();
    let sink = match arguments.trace {
        Some(Trace::Line) => Sink::tracing(),
        None => Sink::default(),
    };
    let mut sources = Sources::default();
    let project = crate::open(&arguments.dir, &mut sources, &sink);
    let opened = start.elapsed();
    let written = project.and_then(|mut project| {
        project.style.debug = arguments.debug_layout;
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

/// Reads `10`, `10-12`, `10-`.
fn range(text: &str) -> Result<RangeInclusive<usize>, String> {
    let number = |text: &str| text.trim().parse::<usize>().ok().filter(|number| *number > 0);
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let last = if to.trim().is_empty() { Some(usize::MAX) } else { number(to) };
    match (number(from), last) {
        (Some(from), Some(to)) if from <= to => Ok(from..=to),
        _ => Err("write a page or two with a hyphen between them: 10, 10-12".into()),
    }
}

fn size(bytes: usize) -> String {
    if bytes < 1_000_000 { format!("{} kB", bytes.div_ceil(1000)) } else { format!("{:.1} MB", bytes as f64 / 1e6) }
}
