//! banxin (版心) turns one book, a manifest and a hierarchy of Markdown chapters, into a typeset EPUB and a
//! typeset PDF. Data flows one way: manifest, book, document, layout, output; see `src/README.md`.
//!
//! [`open`] reads a book, [`check`] looks it over, [`build`] makes its files. Problems go to a
//! [`diagnostic::Sink`]; nothing here prints.
#![cfg_attr(test, allow(clippy::string_slice, reason = "a test may panic; the lint knows no other way to say it"))]

pub mod book;
pub mod cache;
pub mod check;
pub mod cli;
pub mod diagnostic;
pub mod document;
pub mod font;
pub mod import;
pub mod label;
pub mod layout;
pub mod length;
pub mod manifest;
pub mod output;
pub mod repair;
pub mod script;
pub mod source;
pub mod style;

pub use output::write::{File, Written};

use cache::{Cache, Key};
use diagnostic::Sink;
use layout::Job;
use output::letters::{self, Letters};
use output::write::{Batch, InPieces, keep};
use output::{Input, Need, Output, pdf};
use rayon::prelude::*;
use source::Sources;
use std::path::{Path, PathBuf};

/// A book that was read and whose parts fit together.
pub struct Project {
    /// The manifest.
    pub loaded: manifest::Loaded,
    /// The text.
    pub manuscript: document::Manuscript,
    /// The look.
    pub style: style::Style,
    /// The fonts.
    pub fonts: font::Fonts,
}

impl Project {
    /// Which characters each chapter shows.
    pub(crate) fn letters(&self, cache: &Cache) -> Vec<Letters> {
        letters::by_chapter(&self.manuscript, &self.loaded, &self.style, cache)
    }

    /// What its pages are laid out from.
    pub fn job<'a>(&'a self, sink: &'a Sink, progress: &'a (dyn Fn(f64) + Sync)) -> Job<'a> {
        let Project { loaded, manuscript, style, fonts } = self;
        Job { manuscript, loaded, style, fonts, sink, progress }
    }

    /// What the look of the pages is made of.
    fn look(&self) -> Key {
        Key::of("look", (&self.loaded.text, self.style.debug, &self.fonts))
    }
}

/// Reads the book in a folder. `None` after an error was reported.
pub fn open(root: &Path, sources: &mut Sources, sink: &Sink) -> Option<Project> {
    let loaded = manifest::load(root, sources, sink)?;
    let read = || {
        let book = sink.timed(text!("reading", "读入"), || book::load(&loaded, sources, sink))?;
        sink.timed(text!("parsing", "解析"), || document::assemble(&loaded, &book, sources, sink))
    };
    let (manuscript, fonts) = rayon::join(read, || sink.timed(text!("fonts", "字体"), || font::Fonts::load(&loaded, sink)));
    let (manuscript, fonts, style) = (manuscript?, fonts?, style::Style::resolve(&loaded.manifest));
    Some(Project { loaded, manuscript, style, fonts })
}

/// Looks a book over: characters without a font, numbering, marks, headings, what a proofreader would find. `sources` are those that
/// it was read into.
pub fn check(project: &Project, sources: &Sources, sink: &Sink) {
    check::coverage(project, &project.letters(&Cache::none()), sink);
    check::pending(project, sink);
    check::math(project, sink);
    check::certified(project, sink);
    check::lint(project, sources, sink);
}

/// Makes the outputs and writes them below `dist/`, all of them or, where an error was reported, none. Calls
/// `progress` with the share of the layout that is done, 0 to 1.
///
/// What `cache` holds of the book is not made again, and what is new is kept beside the outputs.
pub fn build(
    project: &Project,
    outputs: &[&dyn Output],
    cache: &Cache,
    sink: &Sink,
    progress: &(dyn Fn(f64) + Sync),
) -> Option<Vec<Written>> {
    let batch = Batch::new(sink);
    let staged = render_each(project, outputs, cache, sink, progress, |file| batch.stage(file))?;
    let kept = || {
        if let Some(change) = cache.change() {
            keep(&dist(&project.loaded.root).join(cache::NAME), change);
        }
    };
    sink.timed(text!("writing", "写出"), || rayon::join(|| batch.place(staged), kept).0)
}

/// Where the outputs of a book are written.
pub fn dist(root: &Path) -> PathBuf {
    root.join("dist")
}

/// Makes the outputs as [`build`] does, and writes none.
pub fn render(
    project: &Project,
    outputs: &[&dyn Output],
    cache: &Cache,
    sink: &Sink,
    progress: &(dyn Fn(f64) + Sync),
) -> Option<Vec<File>> {
    render_each(project, outputs, cache, sink, progress, |(path, bytes, pages)| Some((path, bytes.concat(), pages)))
}

/// Makes the outputs, and of each of their files what `each` makes of it, as soon as it is there. `None` where an error was reported.
fn render_each<T: Send>(
    project: &Project,
    outputs: &[&dyn Output],
    cache: &Cache,
    sink: &Sink,
    progress: &(dyn Fn(f64) + Sync),
    each: impl Fn(InPieces<'_>) -> Option<T> + Sync,
) -> Option<Vec<T>> {
    let Project { loaded, manuscript, style, fonts } = project;
    let bare = Input { loaded, manuscript, style, fonts, pages: None, early: &[], letters: &[], cache, sink };
    let need = outputs.iter().map(|output| output.needs(&bare)).max().unwrap_or(Need::Nothing);
    // Pictures of pages, made alone, leave nothing else behind.
    let nothing = Cache::none();
    let letters = sink.timed(text!("checking", "检查"), || {
        let letters = project.letters(if need < Need::Items { cache } else { &nothing });
        check::coverage(project, &letters, sink);
        check::pending(project, sink);
        check::math(project, sink);
        check::certified(project, sink);
        letters
    });
    if sink.has_errors() {
        return None;
    }
    let press = (need == Need::Drawing).then(|| pdf::Press::new(loaded, style, fonts));
    let take = press.as_ref().map(|press| |pages: &mut [&mut Vec<layout::Item>], elements: &[layout::Element]| press.take(pages, elements));
    let early = take.as_ref().map(|take| layout::Early { take, cache, look: project.look() });
    let lay_out = || layout::lay_out_and(project.job(sink, progress), early);
    let laid = (need > Need::Nothing).then(|| sink.timed(text!("layout", "排版"), lay_out));
    let (pages, early) = laid.unzip();
    let early = early.unwrap_or_default();
    let input = Input { pages: pages.as_ref(), early: &early, letters: &letters, ..bare };
    let name = file_name(project);
    let place = |suffix: &str| dist(&loaded.root).join(format!("{name}{suffix}"));
    let made = outputs.par_iter().map(|output| match sink.timed(output.step(), || output.render(&input)) {
        Ok(made) => made.into_iter().map(|made| each((place(&made.suffix), made.bytes, made.pages))).collect(),
        Err(problem) => {
            sink.report(problem);
            None
        }
    });
    let made: Vec<Option<Vec<T>>> = made.collect();
    // It takes a while to give back what a book is made of, and nothing waits for it.
    rayon::spawn(move || drop((pages, early)));
    if sink.has_errors() {
        return None;
    }
    made.into_iter().collect::<Option<Vec<_>>>().map(|made| made.into_iter().flatten().collect())
}

/// The name of the outputs: the manifest's, or the title made safe for every file system.
pub(crate) fn file_name(project: &Project) -> String {
    let wanted = project.loaded.manifest.output.name.as_ref().unwrap_or(project.loaded.manifest.book.title.get_ref());
    let safe: String = wanted.chars().map(|c| if c.is_control() || "/\\:*?\"<>|".contains(c) { '_' } else { c }).collect();
    let mut short = String::new();
    for c in safe.trim().trim_matches('.').chars() {
        // Most file systems end a name at 255 bytes.
        if short.len() + c.len_utf8() > 180 {
            break;
        }
        short.push(c);
    }
    if short.is_empty() { "book".into() } else { short }
}
