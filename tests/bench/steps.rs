//! Each step by itself, by Criterion: `cargo bench --bench steps [-- STEP]`. The text is `book/`, ten copies of it where a step is short.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, missing_docs)]

use banxin::cache::Cache;
use banxin::diagnostic::Sink;
use banxin::font::{Role, Want};
use banxin::layout::{self, bench as lines};
use banxin::output::epub::{Epub, Profile, Reader};
use banxin::output::pdf::Pdf;
use banxin::source::Sources;
use criterion::{Criterion, Throughput};
use std::hint::black_box;
use std::path::{Path, PathBuf};

fn main() {
    let mut criterion = Criterion::default().sample_size(20).without_plots().configure_from_args();
    shaping(&mut criterion);
    pages(&mut criterion);
    files(&mut criterion);
    import(&mut criterion);
    criterion.final_summary();
}

fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A copy of `book/` that may be built, with its chapters so many times.
fn book(copies: usize) -> PathBuf {
    let root = home().join(format!("target/bench-steps-{copies}"));
    std::fs::create_dir_all(root.join("src")).unwrap();
    let mut manifest = String::from("[book]\ntitle = \"书\"\n");
    for copy in 0..copies {
        for chapter in 1..=6 {
            let text = std::fs::read_to_string(home().join(format!("book/src/ch0{chapter}.md"))).unwrap();
            std::fs::write(root.join(format!("src/{copy:02}-{chapter}.md")), text).unwrap();
            manifest.push_str(&format!("[[chapters]]\nfile = \"{copy:02}-{chapter}.md\"\n"));
        }
    }
    std::fs::write(root.join("book.toml"), manifest).unwrap();
    root
}

fn open(root: &Path) -> banxin::Project {
    banxin::open(root, &mut Sources::default(), &Sink::default()).unwrap()
}

fn shaping(criterion: &mut Criterion) {
    let project = open(&book(1));
    let text = std::fs::read_to_string(home().join("book/src/ch01.md")).unwrap();
    let want = Want { role: Role::Serif, bold: false, italic: false };
    let mut group = criterion.benchmark_group("shaping");
    group.throughput(Throughput::Elements(text.chars().count() as u64));
    group.bench_function("chinese", |bench| bench.iter(|| text.chars().filter_map(|c| project.fonts.find(want, c, true)).count()));
    let words: Vec<&str> = std::iter::repeat_n("typesetting fine books efficiently", 100).flat_map(str::split_whitespace).collect();
    let latin = project.fonts.find(want, 'a', false).unwrap().face;
    group.throughput(Throughput::Elements(words.iter().map(|word| word.len() as u64).sum()));
    group.bench_function("western", |bench| {
        bench.iter(|| words.iter().map(|word| project.fonts.face(latin).shape(word, &[]).len()).sum::<usize>())
    });
}

fn pages(criterion: &mut Criterion) {
    let project = open(&book(1));
    let banxin::Project { manuscript, style, fonts, .. } = &project;
    let prepared = lines::prepare(manuscript, style, fonts);
    let mut group = criterion.benchmark_group("layout");
    group.throughput(Throughput::Elements(prepared.characters() as u64));
    group.bench_function("preparing", |bench| bench.iter(|| lines::prepare(manuscript, style, fonts).characters()));
    group.bench_function("breaking", |bench| bench.iter(|| prepared.count_lines()));
    group.bench_function("building pages", |bench| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        bench.iter(|| pool.install(|| layout::lay_out(project.job(&Sink::default(), &|_| {})).pages.len()))
    });
}

fn files(criterion: &mut Criterion) {
    let root = book(10);
    let mut group = criterion.benchmark_group("files");
    group.bench_function("reading", |bench| bench.iter(|| black_box(open(&root))));
    let project = open(&root);
    let profile = Profile::of(Reader::Generic);
    group.bench_function("PDF", |bench| {
        bench.iter(|| banxin::render(&project, &[&Pdf], &Cache::none(), &Sink::default(), &|_| {}).unwrap())
    });
    group.bench_function("EPUB", |bench| {
        bench.iter(|| banxin::render(&project, &[&Epub { profile }], &Cache::none(), &Sink::default(), &|_| {}).unwrap())
    });
}

fn import(criterion: &mut Criterion) {
    let source = home().join("tests/import/seed.txt");
    let target = home().join("target/bench-import");
    let binary = env!("CARGO_BIN_EXE_banxin");
    criterion.bench_function("import", |bench| {
        bench.iter(|| {
            let done =
                std::process::Command::new(binary).arg("import").arg(&source).arg("-o").arg(&target).arg("--force").output().unwrap();
            assert!(done.status.success());
        })
    });
}
