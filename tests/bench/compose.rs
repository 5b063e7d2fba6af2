//! How long composing takes: shaping, breaking and building pages, without reading the book and without writing a file, on
//! one core. `cargo bench --bench compose [-- BOOK_DIR]`; without a book, the text of `book/` again and again until there
//! are 890,000 characters.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, missing_docs)]

use banxin::diagnostic::Sink;
use banxin::source::Sources;
use std::path::{Path, PathBuf};
use std::time::Instant;

const CHARACTERS: usize = 890_000;
const RUNS: usize = 7;

fn main() {
    let given = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let root = given.map_or_else(long_book, PathBuf::from);
    for mode in ["horizontal-tb", "vertical-rl"] {
        let (mut sources, sink) = (Sources::default(), Sink::default());
        let mut project = banxin::open(&root, &mut sources, &sink).unwrap();
        project.loaded.manifest.typography.writing_mode =
            if mode == "vertical-rl" { banxin::manifest::WritingMode::VerticalRl } else { banxin::manifest::WritingMode::HorizontalTb };
        project.style = banxin::style::Style::resolve(&project.loaded.manifest);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let mut times = Vec::new();
        let (mut pages, mut characters) = (0, 0);
        for _ in 0..RUNS {
            let start = Instant::now();
            let laid = pool.install(|| banxin::layout::lay_out(project.job(&Sink::default(), &|_| {})));
            times.push(start.elapsed().as_secs_f64());
            pages = laid.pages.len();
            characters = laid.pages.iter().flat_map(|page| &page.items).map(glyphs).sum();
        }
        times.sort_by(f64::total_cmp);
        let (best, median) = (times[0], times[RUNS / 2]);
        println!("{mode}: {characters} glyphs on {pages} pages: {best:.3} s at best, {median:.3} s in the middle of {RUNS} runs, one core");
    }
}

fn glyphs(item: &banxin::layout::Item) -> usize {
    if let banxin::layout::Item::Run(run) = item { run.glyphs.len() } else { 0 }
}

/// A book of a hundred and more chapters below `target/`, made of this project's own.
fn long_book() -> PathBuf {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut chapters: Vec<PathBuf> = std::fs::read_dir(home.join("book/src")).unwrap().flatten().map(|entry| entry.path()).collect();
    chapters.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    chapters.sort();
    let root = home.join("target/bench-book");
    std::fs::create_dir_all(root.join("src")).unwrap();
    let mut manifest = String::from("[book]\ntitle = \"长书\"\n");
    let mut count = 0;
    for (number, path) in chapters.iter().cycle().enumerate() {
        if count >= CHARACTERS {
            break;
        }
        let text = std::fs::read_to_string(path).unwrap();
        count += text.chars().count();
        std::fs::write(root.join(format!("src/{number:03}.md")), text).unwrap();
        manifest.push_str(&format!("[[chapters]]\nfile = \"{number:03}.md\"\n"));
    }
    std::fs::write(root.join("book.toml"), manifest).unwrap();
    root
}
