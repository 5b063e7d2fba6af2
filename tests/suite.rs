//! Cases by topic: each `suite/NAME.md` is a chapter; `suite/NAME.txt` is its pages as text, every run with its
//! position. `suite/NAME.toml`, where there is one, is added to its manifest. `UPDATE_GOLDENS=1 cargo test --test suite` writes them anew; read every change.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, clippy::expect_used, clippy::panic)]

mod common;

use std::path::Path;

const MANIFEST: &str = "[book]\ntitle = \"例\"\n\n[[chapters]]\nfile = \"case.md\"\n\n[pdf]\npage = { width = \"110mm\", height = \"90mm\" }\nchars-per-line = 20\nlines-per-page = 10\ncover = false\ntitle-page = false\ntoc = false\nrunning-heads = false\npage-numbers = false\n";

#[test]
fn pages_are_as_the_goldens_have_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite");
    let update = std::env::var_os("UPDATE_GOLDENS").is_some();
    let mut names: Vec<String> =
        std::fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    let mut failed = Vec::new();
    for name in &names {
        if let Some(stem) = name.strip_suffix(".txt") {
            assert!(names.contains(&format!("{stem}.md")), "{name} is a golden without a case");
        }
        let Some(stem) = name.strip_suffix(".md") else { continue };
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        let manifest = format!("{MANIFEST}\n{}", std::fs::read_to_string(folder.join(format!("{stem}.toml"))).unwrap_or_default());
        let book = common::book(&format!("suite-{stem}"), &[("book.toml", &manifest), ("src/case.md", &text)]);
        let output = common::run(&["build", book.0.to_str().unwrap(), "--dump"]);
        assert!(output.status.success(), "{name}: {}", common::stderr(&output));
        let found = String::from_utf8(common::made(&book, "txt")).unwrap();
        let golden = folder.join(format!("{stem}.txt"));
        if update {
            std::fs::write(golden, found).unwrap();
        } else if std::fs::read_to_string(&golden).unwrap_or_default() != found {
            failed.push(format!("{stem}:\n{found}"));
        }
    }
    assert!(names.len() > 10, "the cases are gone");
    assert!(failed.is_empty(), "these differ from their goldens:\n{}", failed.join("\n"));
}

/// The book that uses every form has a golden of its own: `books/showcase.txt`.
#[test]
fn the_showcase_is_as_its_golden_has_it() {
    let book = common::copy("suite-showcase", "tests/books/showcase");
    let output = common::run(&["build", book.0.to_str().unwrap(), "--dump"]);
    assert!(output.status.success(), "{}", common::stderr(&output));
    let found = String::from_utf8(common::made(&book, "txt")).unwrap();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/books/showcase.txt");
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        return std::fs::write(golden, found).unwrap();
    }
    let known = std::fs::read_to_string(&golden).unwrap_or_default();
    let differs =
        found.lines().zip(known.lines()).position(|(one, other)| one != other).unwrap_or(found.lines().count().min(known.lines().count()));
    let near = |text: &str| text.lines().skip(differs.saturating_sub(2)).take(6).collect::<Vec<_>>().join("\n");
    assert!(found == known, "line {} differs:\n{}\n-- golden --\n{}", differs + 1, near(&found), near(&known));
}
