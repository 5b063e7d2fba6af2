//! Input that once stopped the program, each in its smallest form: whatever is read, it ends with files or with a report.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Folder, MANIFEST, book, build, folder, run, stderr};
use std::process::Output;

/// The program ended by itself, and said nothing of a fault of its own.
fn assert_ended(output: &Output, what: &str) {
    let told = stderr(output);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{what}: {:?}\n{told}", output.status);
    assert!(!told.contains("panicked") && !told.contains("internal"), "{what}: {told}");
}

/// Builds both formats of a chapter.
fn assert_built(what: &str, chapter: &str) -> Folder {
    let folder = book(&format!("unharmed-{what}"), &[("book.toml", MANIFEST), ("src/a.md", chapter)]);
    let output = build(&folder);
    assert_ended(&output, what);
    assert!(output.status.success(), "{what}: {}", stderr(&output));
    folder
}

/// The same, and that neither has lost a character.
fn assert_whole(what: &str, chapter: &str) {
    let folder = assert_built(what, chapter);
    let output = run(&["check", folder.0.to_str().unwrap(), "--proof"]);
    assert!(output.status.success(), "{what}: {}", stderr(&output));
}

#[test]
fn odd_chapters_are_built() {
    let raised = |times: usize, inner: &str| format!("[{}{inner}{}]{{.dots}}", "<sup>".repeat(times), "</sup>".repeat(times));
    // Nothing is left of its size, and a dot goes under each em.
    assert_whole("raised", &raised(45, "[双行夹注在此]{.warichu}"));
    // A note is marked within itself, by way of a note at the side; or two are, within each other.
    drop(assert_built("note", "正文[旁注[^a]]{.sidenote}在此。\n\n[^a]: 见注[^a]。\n"));
    drop(assert_built("notes", "正文[旁注[^a]]{.sidenote}在此。\n\n[^a]: 见注[^b]。\n\n[^b]: 见注[^a]。\n"));
    assert_whole("sides", "正文[旁注一二三四[内注]{.sidenote}]{.sidenote}续文。\n");
    assert_whole("list", "<ol start=\"18446744073709551615\"><li>甲</li><li>乙</li></ol>\n");
    assert_whole("listing", "```{.rust .numbered start=18446744073709551615}\nfn f() {}\n\n```\n");
    assert_whole("figure", "字。\n\n::: figure\n<br>\n:::\n");
    // What is nested too deeply becomes blocks of its own, in another order than that of the text, each as long as a file of an EPUB.
    let long = format!("<i>{}</i>", "长".repeat(84_000));
    let deep = format!("开头{}{long}{long}{}结尾。\n", "<b>".repeat(63), "</b>".repeat(63));
    assert_whole("deep", &deep);
}

#[test]
fn a_note_without_letters_loses_none() {
    assert_whole("blank", "正文在前[ ]{.sidenote}，续文在后。\n");
}

/// Builds a chapter of a few letters in a font.
fn build_in_font(what: &str, font: &[u8], letters: &str) -> (Folder, Output) {
    let manifest = MANIFEST.replace("\n\n", "\n\n[fonts]\nserif = \"font.ttf\"\n\n");
    let folder = book(&format!("unharmed-{what}"), &[("book.toml", &manifest), ("src/a.md", letters)]);
    std::fs::write(folder.0.join("font.ttf"), font).unwrap();
    let output = build(&folder);
    assert_ended(&output, what);
    (folder, output)
}

#[test]
fn a_font_that_maps_a_character_beyond_its_glyphs_is_refused() {
    // Made with fontTools: the closing bracket, which an EPUB takes along with the opening one, is glyph 9 of 8.
    let (_folder, output) = build_in_font("beyond", include_bytes!("fuzz/corpus/font/beyond-the-last.ttf"), "ab(c\n");
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("not-a-font"), "{}", stderr(&output));
}

#[test]
fn a_font_that_cannot_be_shaped_is_set_letter_by_letter() {
    // Made with fontTools: a contextual lookup of `ccmp` takes b and c away, and at f calls itself, until the shaper gives up.
    let (folder, output) = build_in_font("calls-itself", include_bytes!("fuzz/corpus/font/calls-itself.ttf"), "abcdef\n");
    assert!(output.status.success(), "{}", stderr(&output));
    let pages = common::pdf::pages(&common::made(&folder, "pdf"));
    let text: String = pages.iter().flatten().map(|glyph| glyph.text.as_str()).collect();
    assert!(text.contains("abcdef"), "{text}");
}

#[test]
fn an_image_of_more_pixels_than_can_be_held_is_refused() {
    // A GIF of 65,533 by 763, of which it holds three bytes.
    let gif = b"GIF87a\xfd\xff\xfb\x02\x81\0\0\x01\0\0\x67\0\0\0\0\0\0\0\0,\0\0@\x03\0\x02\0\0\x08\x06\0\x01\x08\x1c\x18\x10\0;";
    let folder = book("unharmed-pixels", &[("book.toml", MANIFEST), ("src/a.md", "![图](a.gif)\n")]);
    std::fs::write(folder.0.join("src/a.gif"), gif).unwrap();
    let output = build(&folder);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("65533 × 763 pixels are too many"), "{}", stderr(&output));
}

#[test]
fn a_drawing_with_an_attribute_in_chinese_is_shown() {
    let drawing = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\" 字=\"1\"><rect width=\"9\" height=\"9\"/></svg>";
    let files = [("book.toml", MANIFEST), ("src/a.md", "![图](a.svg)\n"), ("src/a.svg", drawing)];
    let output = build(&book("unharmed-svg", &files));
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn odd_texts_are_imported() {
    let body = "这是一段很长的正文文字，用来表示内容，人物在其中说话、走路、做事，直到结束。\n";
    let list = "目录\n第一章　总则\n第一节　目的和依据\n第二节　适用范围\n第二章　分则\n\n";
    for (name, text) in [
        // An entry that ends in figures goes on over a second line.
        ("entry", "目录\nChapter 1\n风起\nChapter 2\n正文文字在这里，这是一段。\n".to_owned()),
        ("folio", format!("目录\n第一章 风起 12\n云涌\n第二章 雨落 30\n\n第一章 风起云涌\n{body}第二章 雨落\n{body}")),
        // Two headings on a line, of which the last goes on over the next.
        ("line", format!("{list}第一章　总则　第一节　目的\n和依据\n{body}第二节　适用范围\n{body}第二章　分则\n{body}")),
        ("number", format!("第4294967295章　甲\n{body}第4294967295章　乙\n{body}")),
    ] {
        let folder = folder(&format!("unharmed-{name}"));
        let source = folder.0.join("text.txt");
        std::fs::write(&source, &text).unwrap();
        let output = run(&["import", source.to_str().unwrap(), "-o", folder.0.join("book").to_str().unwrap()]);
        assert_ended(&output, name);
        assert!(output.status.success(), "{name}: {}", stderr(&output));
    }
}

#[test]
fn a_quotation_of_html_is_imported() {
    // The places of HTML in a quotation are off by what begins each line.
    let lines = "> x<br>\n".repeat(5);
    let text = format!("> <div>首<br>\n{lines}> <br>[]{{.x}}丙丙[]{{.x}}丙丙[]{{.x}}丙丙甲甲甲甲a\n> </div>\n");
    let folder = book("unharmed-quotation", &[("text/a.md", &text)]);
    let output = run(&["import", folder.0.join("text").to_str().unwrap(), "--dry-run"]);
    assert_ended(&output, "quotation");
}

#[test]
fn a_ledger_of_what_is_not_in_the_text_is_told() {
    let folder = book("unharmed-ledger", &[("text.txt", "第一章　风起\n文字。。文字\n")]);
    let (source, made) = (folder.0.join("text.txt"), folder.0.join("book"));
    let import = |more: &[&str]| {
        let arguments = [&["import", source.to_str().unwrap(), "-o", made.to_str().unwrap()], more].concat();
        run(&arguments)
    };
    assert!(import(&[]).status.success());
    let ledger = std::fs::read_to_string(made.join("ledger.jsonl")).unwrap();
    let (head, records) = ledger.split_once('\n').unwrap();
    let mut record: serde_json::Value = serde_json::from_str(records.lines().next().unwrap()).unwrap();
    record["applied"] = false.into();
    record["before"] = "原文所没有的许多文字，比余下的还长，多得多，多得多".into();
    let edited = folder.0.join("edited.jsonl");
    std::fs::write(&edited, format!("{head}\n{record}\n")).unwrap();
    let report = folder.0.join("report.html");
    let output = import(&["--force", "--apply", edited.to_str().unwrap(), "--report", report.to_str().unwrap()]);
    assert_ended(&output, "ledger");
    assert!(output.status.code() == Some(1) && stderr(&output).contains("edited.jsonl"), "{}", stderr(&output));
}

#[test]
fn a_report_is_written_into_the_folder_of_the_shell() {
    let folder = book("unharmed-report", &[("text.txt", "第一章　风起\n文字。。文字\n")]);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_banxin"));
    let output = command.current_dir(&folder.0).args(["import", "text.txt", "-o", "book", "--report", "report.html"]).output().unwrap();
    assert!(output.status.success() && folder.0.join("report.html").is_file(), "{}", stderr(&output));
}
