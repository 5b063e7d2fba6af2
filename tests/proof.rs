//! The proof of conservation: it holds for every book of the tests, and it fails, at the place, for files that were tampered with.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, clippy::expect_used, clippy::panic)]

mod common;

use common::{Folder, MANIFEST, book, build, copy, damage::Dice, run, stderr, stdout};
use lopdf::Object;
use lopdf::content::Content;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

fn prove(folder: &Folder) -> std::process::Output {
    run(&["check", "--proof", folder.0.to_str().unwrap()])
}

fn file(folder: &Folder, extension: &str) -> PathBuf {
    let found = std::fs::read_dir(folder.0.join("dist")).unwrap().flatten().map(|entry| entry.path());
    found.filter(|path| path.extension().is_some_and(|own| own == extension)).min_by_key(|path| path.as_os_str().len()).unwrap()
}

#[test]
fn every_book_is_proved() {
    let books = [
        "book",
        "tests/books/features",
        "tests/books/showcase",
        "tests/books/mdbook",
        "tests/books/languages/en",
        "tests/books/languages/ja",
        "tests/books/languages/zh-Hans-CN",
        "tests/books/languages/zh-Hant-HK",
        "tests/books/languages/zh-Hant-TW",
    ];
    for name in books {
        let folder = copy(&format!("proof-{}", name.replace('/', "-")), name);
        let path = folder.0.to_str().unwrap();
        assert!(run(&["build", path]).status.success(), "{name}");
        assert!(run(&["build", path, "--epub", "--for", "kindle,kobo,weread"]).status.success(), "{name}");
        let output = prove(&folder);
        assert!(output.status.success(), "{name}: {}", stderr(&output));
        assert_eq!(stdout(&output).matches("proved:").count(), 5, "{name}: {}", stdout(&output));
    }
}

#[test]
fn a_note_at_the_side_is_proved_where_the_margin_is_too_narrow_too() {
    for page in ["a5", "e6"] {
        let manifest = MANIFEST.replace("\n\n", &format!("\n\n[pdf]\npage = \"{page}\"\n\n"));
        let chapter = "正文在此[旁注文字]{.sidenote}，续文在后。\n";
        let folder = book(&format!("proof-side-{page}"), &[("book.toml", &manifest), ("src/a.md", chapter)]);
        assert!(build(&folder).status.success());
        let output = prove(&folder);
        assert!(output.status.success(), "{page}: {}", stderr(&output));
    }
}

#[test]
fn what_is_not_built_is_not_proved() {
    let folder = book("proof-none", &[("book.toml", MANIFEST), ("src/a.md", "# 一\n\n字。\n")]);
    let output = prove(&folder);
    assert!(output.status.code() == Some(1) && stderr(&output).contains("nothing-built"), "{}", stderr(&output));
    // A book that was edited since is another.
    assert!(run(&["build", folder.0.to_str().unwrap()]).status.success());
    assert!(prove(&folder).status.success());
    std::fs::write(folder.0.join("src/a.md"), "# 一\n\n字字。\n").unwrap();
    let said = stderr(&prove(&folder));
    assert!(said.contains("not-conserved") && said.contains("src/a.md:3:"), "{said}");
    std::fs::write(file(&folder, "epub"), "none").unwrap();
    assert!(stderr(&prove(&folder)).contains("unreadable"));
}

/// What is done to a run of characters, or codes: one is lost, one stands twice, two change their places.
const HARM: [&str; 3] = ["lost", "doubled", "swapped"];

fn harm<T: Clone>(list: &mut Vec<T>, at: usize, kind: &str) {
    match kind {
        "lost" => drop(list.remove(at)),
        "doubled" => list.insert(at, list[at].clone()),
        _ => list.swap(at, at + 1),
    }
}

/// A place in the source, as reports have it, is within a few characters of a text of the source.
fn assert_at(said: &str, root: &Path, context: &[char], what: &str) {
    let line = said.lines().find(|line| line.contains("not-conserved")).unwrap_or_else(|| panic!("{what}: {said}"));
    let place = said.lines().skip_while(|other| *other != line).find_map(|line| line.trim().strip_prefix("--> ")).unwrap();
    let mut parts = place.rsplitn(3, ':');
    let (column, number, path) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let source = std::fs::read_to_string(root.join(path)).unwrap();
    let line: Vec<char> = source.lines().nth(number.parse::<usize>().unwrap() - 1).unwrap().chars().collect();
    let column: usize = column.parse().unwrap();
    let around: String = line[column.saturating_sub(8)..(column + 8).min(line.len())].iter().collect();
    assert!(
        context.iter().filter(|c| around.contains(**c)).count() * 2 >= context.len(),
        "{what}: {place} is at {around}, not at {context:?}"
    );
}

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

#[test]
fn a_character_lost_doubled_or_swapped_in_an_epub_is_found() {
    let folder = copy("proof-harm-epub", "tests/books/showcase");
    assert!(run(&["build", folder.0.to_str().unwrap(), "--epub"]).status.success());
    let path = file(&folder, "epub");
    let whole = std::fs::read(&path).unwrap();
    let mut dice = Dice::new(11);
    for round in 0..24 {
        let kind = HARM[round % 3];
        let mut archive = zip::ZipArchive::new(Cursor::new(&whole)).unwrap();
        let names: Vec<String> =
            archive.file_names().filter(|name| name.contains("/ch") && name.ends_with(".xhtml")).map(str::to_owned).collect();
        let mut names = names;
        names.sort();
        let chosen = names[dice.below(names.len())].clone();
        let mut made = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let mut context = Vec::new();
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            if entry.name() == chosen {
                let mut text: Vec<char> = String::from_utf8(bytes).unwrap().chars().collect();
                let body = text.windows(6).position(|piece| piece.iter().collect::<String>() == "<body>").unwrap();
                // A run of Han that is text: four of them, none alike, not in a reading or a tag.
                let places: Vec<usize> = (body..text.len() - 4)
                    .filter(|at| {
                        text[*at..at + 4].iter().all(|c| is_han(*c)) && (0..3).all(|offset| text[at + offset] != text[at + offset + 1])
                    })
                    .filter(|at| text[..*at].iter().rev().find(|c| matches!(c, '<' | '>')) == Some(&'>'))
                    .collect();
                let at = places[dice.below(places.len())];
                context = text[at..at + 4].to_vec();
                harm(&mut text, at + 1, kind);
                bytes = text.into_iter().collect::<String>().into_bytes();
            }
            made.start_file(entry.name(), zip::write::SimpleFileOptions::default()).unwrap();
            made.write_all(&bytes).unwrap();
        }
        std::fs::write(&path, made.finish().unwrap().into_inner()).unwrap();
        let output = prove(&folder);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{kind} in {chosen} at {context:?}");
        assert_at(&said, &folder.0, &context, &format!("{kind} in {chosen}"));
    }
}

/// Whether a piece of a string is one Han character.
fn says(part: &Object, font: Option<&std::collections::BTreeMap<u16, String>>) -> bool {
    let code = part.as_str().ok().and_then(|codes| Some(u16::from_be_bytes(<[u8; 2]>::try_from(codes).ok()?)));
    code.and_then(|code| font?.get(&code)).is_some_and(|text| text.chars().all(is_han))
}

#[test]
fn a_character_lost_doubled_or_swapped_in_a_pdf_is_found() {
    let folder = copy("proof-harm-pdf", "tests/books/showcase");
    assert!(run(&["build", folder.0.to_str().unwrap(), "--pdf"]).status.success());
    let path = file(&folder, "pdf");
    let whole = std::fs::read(&path).unwrap();
    let mut dice = Dice::new(7);
    let (mut round, mut tries) = (0, 0);
    while round < 24 {
        let kind = HARM[round % 3];
        let mut document = lopdf::Document::load_mem(&whole).unwrap();
        let pages: Vec<lopdf::ObjectId> = document.get_pages().into_values().collect();
        let number = 12 + dice.below(pages.len() - 14);
        let mut content = Content::decode(&document.get_page_content(pages[number])).unwrap();
        // Text that says itself: within a piece, not under words that stand for it.
        let mut plain: Vec<bool> = Vec::new();
        let mut found = Vec::new();
        let fonts = common::pdf::meanings(&document, pages[number]);
        let mut font = None;
        for (at, operation) in content.operations.iter().enumerate() {
            match operation.operator.as_str() {
                "Tf" => font = fonts.get(operation.operands[0].as_name().unwrap()),
                "BDC" | "BMC" => {
                    let properties = operation.operands.get(1).and_then(|properties| properties.as_dict().ok());
                    plain.push(properties.is_some_and(|properties| properties.has(b"MCID") && !properties.has(b"ActualText")));
                }
                "EMC" => drop(plain.pop()),
                "TJ" if plain.iter().all(|plain| *plain) && !plain.is_empty() => {
                    let list = operation.operands[0].as_array().unwrap();
                    let parts: Vec<usize> = (0..list.len()).filter(|part| says(&list[*part], font)).collect();
                    found.extend(
                        // A piece that is short may be the program's: the text of a reference.
                        parts
                            .windows(2)
                            .filter(|_| parts.len() >= 8)
                            .filter(|pair| list[pair[0]].as_str().unwrap() != list[pair[1]].as_str().unwrap())
                            .map(|pair| (at, pair[0], pair[1])),
                    );
                }
                _ => {}
            }
        }
        tries += 1;
        assert!(tries < 400, "no text to harm");
        if found.is_empty() {
            continue;
        }
        let (at, one, other) = found[dice.below(found.len())];
        let Object::Array(list) = &mut content.operations[at].operands[0] else { panic!() };
        match kind {
            "swapped" => list.swap(one, other),
            kind => harm(list, one, kind),
        }
        document.change_page_content(pages[number], content.encode().unwrap()).unwrap();
        document.save(&path).unwrap();
        let output = prove(&folder);
        assert_eq!(output.status.code(), Some(1), "{kind} on page {} was not found", number + 1);
        let said = stderr(&output);
        let placed = said.contains("--> src/") || said.contains("--> book.toml");
        assert!(said.contains("not-conserved") && placed, "{said}");
        round += 1;
    }
}
