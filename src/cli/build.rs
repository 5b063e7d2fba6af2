//! `banxin build [DIR]… [--epub] [--pdf] [--for READERS]`

use super::Outcome;
use super::terminal::Terminal;
use crate::Written;
use crate::cache::Cache;
use crate::diagnostic::{Sink, Text};
use crate::output::{
    Output,
    dump::Dump,
    epub::{Epub, Profile, Reader},
    pdf::Pdf,
    raster::Pictures,
};
use crate::source::Sources;
use crate::text;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The book's folder; several, or a folder of books, are built at once
    #[arg(default_value = ".")]
    pub dirs: Vec<PathBuf>,
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
    /// Make everything anew, and keep nothing for the next build
    #[arg(long)]
    no_cache: bool,
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

/// What is to be made.
pub(super) struct Choice {
    epubs: Vec<Epub>,
    pdf: Option<Pdf>,
    dump: Option<Dump>,
    pictures: Option<Pictures>,
}

impl Choice {
    /// What was asked for; EPUB and PDF where nothing was.
    pub fn of(arguments: &Arguments) -> Choice {
        let both = !arguments.epub && !arguments.pdf && !arguments.dump && !arguments.png;
        // Each once, in the order in which they are known.
        let mut readers = if arguments.readers.is_empty() { vec![Profile::of(Reader::Generic)] } else { arguments.readers.clone() };
        readers.sort_by_key(|profile| profile.reader);
        readers.dedup_by_key(|profile| profile.reader);
        readers.retain(|_| arguments.epub || both);
        Choice {
            epubs: readers.into_iter().map(|profile| Epub { profile }).collect(),
            pdf: (arguments.pdf || both).then_some(Pdf),
            dump: arguments.dump.then_some(Dump),
            pictures: arguments.png.then(|| Pictures { pages: arguments.pages.clone().unwrap_or(1..=usize::MAX) }),
        }
    }

    pub fn outputs(&self) -> Vec<&dyn Output> {
        let mut outputs: Vec<&dyn Output> = self.epubs.iter().map(|epub| epub as &dyn Output).collect();
        outputs.extend(self.pdf.iter().map(|pdf| pdf as &dyn Output));
        outputs.extend(self.dump.iter().map(|dump| dump as &dyn Output));
        outputs.extend(self.pictures.iter().map(|pictures| pictures as &dyn Output));
        outputs
    }
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Outcome {
    let choice = Choice::of(arguments);
    let outputs = choice.outputs();
    let books = books(&arguments.dirs);
    if let [book] = books.as_slice() {
        let bar = terminal.progress(&text!("typesetting", "排版"));
        let progress = |share| bar.set(share);
        // On one of the threads that share the work: this one would hand it over, and be woken again, at every step.
        let built = rayon::scope(|_| Built::of(book, arguments, &outputs, &progress));
        bar.clear();
        return built.tell(arguments, terminal);
    }
    all(&books, arguments, &outputs, terminal)
}

/// The books of some folders: a folder that is none, and has books below it, stands for those. Each once.
pub(super) fn books(dirs: &[PathBuf]) -> Vec<PathBuf> {
    let is_book = |dir: &Path| dir.join("book.toml").exists();
    let mut books: Vec<PathBuf> = Vec::new();
    let mut known = BTreeSet::new();
    for dir in dirs {
        let mut below: Vec<PathBuf> = Vec::new();
        if !is_book(dir) {
            below.extend(std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).filter(|path| is_book(path)));
            below.sort();
        }
        if below.is_empty() {
            below.push(dir.clone());
        }
        // The same folder may go by several names.
        books.extend(below.into_iter().filter(|dir| known.insert(std::fs::canonicalize(dir).unwrap_or_else(|_| dir.clone()))));
    }
    books
}

/// Builds several books, as many at a time as there are cores, and tells of each in the order in which they were named. One that
/// fails does not stop the others.
fn all(books: &[PathBuf], arguments: &Arguments, outputs: &[&dyn Output], terminal: &Terminal) -> Outcome {
    let bar = terminal.progress(&text!("{} books", "{} 本书", books.len()));
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let built: Vec<OnceLock<Built>> = books.iter().map(|_| OnceLock::new()).collect();
    std::thread::scope(|scope| {
        for _ in 0..rayon::current_num_threads().min(books.len()) {
            scope.spawn(|| {
                while let Some((book, place)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((books.get(at)?, built.get(at)?)))
                {
                    place.get_or_init(|| Built::of(book, arguments, outputs, &|_| {}));
                    let share = (done.fetch_add(1, Ordering::Relaxed) + 1) as f64 / books.len() as f64;
                    bar.set(share);
                }
            });
        }
    });
    bar.clear();
    let mut failed = Vec::new();
    for (book, built) in books.iter().zip(built) {
        let name = book.display().to_string();
        let outcome = built.into_inner().map_or(Outcome::Errors, |built| {
            if !built.sink.sorted().is_empty() {
                terminal.book(&name);
            }
            built.tell(arguments, terminal)
        });
        if matches!(outcome, Outcome::Errors) {
            failed.push(name);
        }
    }
    let (count, good) = (books.len(), books.len() - failed.len());
    if failed.is_empty() {
        terminal.say(&text!("{count} books built", "已生成 {count} 本书"));
        return Outcome::Done;
    }
    let list = failed.join(", ");
    terminal.note(&text!("{good} of {count} books built; not: {list}", "{count} 本书中生成了 {good} 本，未生成：{list}"));
    Outcome::Errors
}

/// What became of a book.
pub(super) struct Built {
    sink: Sink,
    sources: Sources,
    written: Option<Vec<Written>>,
    took: Duration,
}

impl Built {
    pub fn of(book: &Path, arguments: &Arguments, outputs: &[&dyn Output], progress: &(dyn Fn(f64) + Sync)) -> Built {
        let start = Instant::now();
        let sink = match arguments.trace {
            Some(Trace::Line) => Sink::tracing(),
            None => Sink::default(),
        };
        let mut sources = Sources::default();
        let open = || crate::open(book, &mut sources, &sink);
        let kept = || if arguments.no_cache { Cache::none() } else { Cache::open(&crate::dist(book)) };
        let (project, cache) = rayon::join(open, kept);
        let written = project.and_then(|mut project| {
            project.style.debug = arguments.debug_layout;
            let written = crate::build(&project, outputs, &cache, &sink, progress);
            rayon::spawn(move || drop((project, cache)));
            written
        });
        Built { sink, sources, written, took: start.elapsed() }
    }

    pub fn tell(&self, arguments: &Arguments, terminal: &Terminal) -> Outcome {
        terminal.trace(&self.sink, &self.sources);
        terminal.report(&self.sink, &self.sources);
        let Some(written) = &self.written else { return Outcome::Errors };
        for file in written {
            let (path, size) = (file.path.display(), size(file.bytes));
            terminal.say(&match file.pages {
                Some(pages) => text!("{path}  {size}, {pages} pages", "{path}  {size}，{pages} 页"),
                None => text!("{path}  {size}", "{path}  {size}"),
            });
        }
        if arguments.timings {
            for (step, took) in self.sink.steps() {
                terminal.say(&milliseconds(step, took));
            }
            terminal.say(&milliseconds(text!("in all", "共"), self.took));
        }
        Outcome::Done
    }
}

/// How long a step took. Those of one output may overlap with another's.
fn milliseconds(step: Text, took: Duration) -> Text {
    let took = format!("{:.1}", took.as_secs_f64() * 1000.0);
    let (en, zh) = (step.en, step.zh);
    text!("{took:>8} ms  {en}", "{took:>8} 毫秒  {zh}")
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
