//! How well an import puts a damaged text right, and how fast. `cargo bench --bench repair [-- [--verbose] BOOK_DIR…]`; without a book,
//! `book/`. Each book's clean text is damaged in every way of `tests/common/damage.rs`, imported, and the ledger compared with what was
//! done: precision is the share of what was changed that was rightly changed, recall the share of the damage that was put right.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, missing_docs)]

#[path = "../common/damage.rs"]
mod damage;

use damage::{Forms, Score, clean};
use std::path::PathBuf;
use std::time::Instant;

fn main() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let verbose = arguments.iter().any(|argument| argument == "--verbose");
    let mut books: Vec<PathBuf> = arguments.iter().filter(|argument| !argument.starts_with("--")).map(PathBuf::from).collect();
    if books.is_empty() {
        books.push(root.join("book"));
    }
    let forms = Forms::read();
    let folder = std::env::temp_dir().join(format!("banxin-repair-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for book in books {
        let blocks = clean(&book);
        let mut all = [("", Score::default()); 4];
        println!(
            "{}: {} blocks, {} characters",
            book.display(),
            blocks.len(),
            blocks.iter().map(|block| block.1.chars().count()).sum::<usize>()
        );
        for (name, ways) in damage::ways() {
            let damaged = damage::damage(&blocks, ways, &forms);
            let source = folder.join("damaged.txt");
            std::fs::write(&source, &damaged.text).unwrap();
            let start = Instant::now();
            let sink = banxin::diagnostic::Sink::default();
            let options = banxin::import::Options { force: true, ..Default::default() };
            let report = banxin::import::run(&source, &folder.join("book"), &options, &sink).unwrap();
            let time = start.elapsed().as_secs_f64();
            drop(report);
            let ledger = std::fs::read_to_string(folder.join("book/ledger.jsonl")).unwrap();
            let mut words = Vec::new();
            let scores = damage::judge(&damaged, &ledger, &mut words);
            println!("  {name}: {} MB in {time:.2} s", damaged.text.len() / 1_000_000);
            for (at, (what, score)) in scores.into_iter().enumerate() {
                println!("    {what}: {} right, {} wrong, {} missed", score.right, score.wrong, score.missed);
                all[at].0 = what;
                all[at].1.add(score);
            }
            if verbose {
                words.iter().for_each(|word| println!("      {word}"));
            }
        }
        for (what, score) in all {
            println!("  {what}: precision {:.2} %, recall {:.2} %", score.precision(), score.recall());
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
