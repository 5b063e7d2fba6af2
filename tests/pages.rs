//! How pages are built, read from the finished PDF: where lines, notes, figures, heads and folios stand.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, clippy::expect_used, clippy::panic)]

mod common;

use common::pdf::{self, Glyph, Mark, is_han};
use common::tree::{get, read, text};
use common::{MANIFEST, book, build, copy, folder, made, run, stderr};
use lopdf::{Document, Object};
use std::collections::BTreeMap;

/// A plain book: no cover or front matter.
const PLAIN: &str = "\n[pdf]\ncover = false\ntitle-page = false\ntoc = false\n";
/// 17 characters, all Han but the last.
const SENTENCE: &str = "天地玄黄宇宙洪荒日月盈昃辰宿列张。";
const BODY: f64 = 10.5;
const LEADING: f64 = 18.375;

fn made_of(name: &str, manifest: &str, chapter: &str) -> Vec<Vec<Glyph>> {
    pdf::pages(&made_book(name, &format!("{MANIFEST}{manifest}"), &[("src/a.md", chapter)]))
}

fn made_book(name: &str, manifest: &str, files: &[(&str, &str)]) -> Vec<u8> {
    let mut all = vec![("book.toml", manifest)];
    all.extend_from_slice(files);
    let folder = book(name, &all);
    let output = build(&folder);
    assert!(output.status.success(), "{}", stderr(&output));
    made(&folder, "pdf")
}

/// The text of a page's lines from the top, with their baselines and left edges: heads and folios apart.
fn lines(page: &[Glyph], size: f64) -> Vec<(String, f64, f64)> {
    let own = page.iter().filter(|glyph| (glyph.size - size).abs() < 0.05 && glyph.mark != Mark::Artifact { pagination: true });
    let mut rows: Vec<(f64, Vec<&Glyph>)> = Vec::new();
    for glyph in own {
        match rows.iter_mut().find(|(y, _)| (*y - glyph.y).abs() < 1.0) {
            Some((_, row)) => row.push(glyph),
            None => rows.push((glyph.y, vec![glyph])),
        }
    }
    rows.sort_by(|one, other| one.0.total_cmp(&other.0));
    let line = |(y, mut row): (f64, Vec<&Glyph>)| {
        row.sort_by(|one, other| one.x.total_cmp(&other.x));
        (row.iter().map(|glyph| glyph.text.as_str()).collect(), y, row[0].x)
    };
    rows.into_iter().map(line).collect()
}

/// What stands above and below the type area.
fn pagination(page: &[Glyph]) -> (String, String) {
    let part = |above: bool| {
        let own = page.iter().filter(|glyph| glyph.mark == Mark::Artifact { pagination: true } && (glyph.y < 200.0) == above);
        own.map(|glyph| glyph.text.as_str()).collect()
    };
    (part(true), part(false))
}

#[test]
fn no_line_of_a_paragraph_stands_alone_at_an_edge() {
    // Paragraphs of every length, each line of which says whose it is by its place.
    let paragraphs: String = (0..90).map(|at| format!("{}\n\n", SENTENCE.repeat(1 + at * 7 % 6))).collect();
    for (at, keys) in ["", "\n[typography]\nindent = 2\n"].into_iter().enumerate() {
        let pages = made_of(&format!("alone-{at}"), &format!("{PLAIN}{keys}"), &format!("# 章\n\n{paragraphs}"));
        assert!(pages.len() > 8);
        let edge = pages.iter().flatten().filter(|glyph| (glyph.size - BODY).abs() < 0.05).map(|glyph| glyph.x).fold(f64::MAX, f64::min);
        let mut checked = 0;
        for pair in pages.windows(2) {
            let (last, first) = (lines(&pair[0], BODY), lines(&pair[1], BODY));
            let begins = |line: &(String, f64, f64)| line.2 > edge + 15.0 || line.2 < edge - 1.0;
            let edges = [pair[0].iter(), pair[1].iter()].map(|page| page.map(|glyph| glyph.x).fold(f64::MAX, f64::min));
            let starts = |line: &(String, f64, f64), own: f64| line.2 > own + 15.0;
            // The last line of a page that begins a paragraph ends it too, and so does the first of a page that ends one.
            let orphan = starts(last.last().unwrap(), edges[0]) && !starts(&first[0], edges[1]);
            let widow = !starts(&first[0], edges[1]) && first.len() > 1 && starts(&first[1], edges[1]);
            assert!(!orphan && !widow, "{:?} {:?}", last.last(), first[0]);
            checked += usize::from(begins(&first[0]) || !begins(&first[0]));
        }
        assert!(checked > 6);
    }
}

#[test]
fn a_heading_never_stands_last_and_a_lead_in_stays_with_its_list() {
    let mut chapter = String::from("# 章\n\n");
    for at in 0..40 {
        chapter.push_str(&format!("## 节{at}\n\n{}\n\n所列如下：\n\n- 甲\n- 乙\n\n", SENTENCE.repeat(1 + at * 5 % 9)));
    }
    for page in made_of("headings", PLAIN, &chapter) {
        let all: Vec<(f64, f64, String)> = page
            .iter()
            .filter(|glyph| glyph.mark != Mark::Artifact { pagination: true })
            .map(|glyph| (glyph.y, glyph.size, glyph.text.clone()))
            .collect();
        let lowest = all.iter().map(|glyph| glyph.0).fold(0.0, f64::max);
        let heading = all.iter().filter(|glyph| glyph.1 > BODY + 0.5).map(|glyph| glyph.0).fold(0.0, f64::max);
        assert!(lowest - heading > 2.0 * LEADING - 1.0, "two lines at least follow a heading");
        let last = lines(&page, BODY).last().unwrap().0.clone();
        assert!(!last.ends_with('：'), "{last}");
    }
}

#[test]
fn body_lines_stand_on_one_grid_on_every_page() {
    for (at, from) in ["tests/books/showcase", "tests/books/features", "tests/books/languages/zh-Hans-CN"].iter().enumerate() {
        let folder = copy(&format!("register-{at}"), from);
        assert!(build(&folder).status.success());
        let pages = pdf::pages(&made(&folder, "pdf"));
        let mut phase: Option<f64> = None;
        let mut count = 0;
        for page in &pages {
            // The text: lines of the body's size that are mostly Han and reach over half the measure.
            for (line, y, _) in lines(page, BODY).iter().filter(|(line, ..)| line.chars().filter(|c| is_han(*c)).count() > 14) {
                let own = y.rem_euclid(LEADING);
                let first = *phase.get_or_insert(own);
                let apart = (own - first).abs();
                assert!(apart.min(LEADING - apart) < 0.1, "{line}: {apart}");
                count += 1;
            }
        }
        assert!(count > 10, "{count} lines in {from}");
    }
}

/// Marks of notes and the labels of notes on a page, in order: circled figures above and below the rule.
fn note_marks(page: &[Glyph]) -> (Vec<char>, Vec<char>) {
    let circled = |glyph: &&Glyph| glyph.text.chars().all(|c| ('①'..='⑳').contains(&c));
    let marks = page.iter().filter(circled).filter(|glyph| glyph.size < 8.0).flat_map(|glyph| glyph.text.chars()).collect();
    let labels = page.iter().filter(circled).filter(|glyph| glyph.size > 8.0).flat_map(|glyph| glyph.text.chars()).collect();
    (marks, labels)
}

#[test]
fn every_note_begins_on_the_page_of_its_mark() {
    let long = SENTENCE.repeat(24);
    for before in 0..28 {
        let mut chapter = format!("# 章\n\n{}\n\n", format!("{SENTENCE}\n\n").repeat(before));
        for at in 1..=7 {
            chapter.push_str(&format!("{}[^n{at}]。", &SENTENCE[..30]));
        }
        chapter.push_str(&format!("\n\n{}\n\n", SENTENCE.repeat(60)));
        for at in 1..=7 {
            chapter
                .push_str(&format!("[^n{at}]: {}\n\n", if at == 2 || at == 6 { format!("长注{at}{long}") } else { format!("短注{at}。") }));
        }
        let pages = made_of(&format!("seven-{before}"), PLAIN, &chapter);
        let mut found = 0;
        for page in &pages {
            let (marks, labels) = note_marks(page);
            assert_eq!(marks, labels, "with {before} paragraphs before");
            found += marks.len();
        }
        assert_eq!(found, 7);
        // Nothing is lost, whichever page it goes on on.
        let all: String = pages.iter().flatten().map(|glyph| glyph.text.as_str()).collect();
        assert_eq!(all.matches('盈').count(), chapter.matches('盈').count());
    }
}

#[test]
fn notes_are_numbered_by_page_or_through_the_chapter() {
    let mut chapter = String::from("# 章\n\n");
    for at in 0..60 {
        chapter.push_str(&format!("{}[^{at}]\n\n", SENTENCE.repeat(3)));
    }
    (0..60).for_each(|at| chapter.push_str(&format!("[^{at}]: 注{at}。\n\n")));
    let by_page = made_of("by-page", PLAIN, &chapter);
    for page in &by_page {
        let (marks, _) = note_marks(page);
        assert!(marks.iter().enumerate().all(|(at, mark)| *mark as usize == '①' as usize + at), "{marks:?}");
    }
    let through = made_of("through", &format!("{PLAIN}footnotes = \"chapter\"\n"), &chapter);
    let mut numbers = Vec::new();
    for page in &through {
        // Figures beyond fifty are not circled.
        let small: Vec<&Glyph> = page.iter().filter(|glyph| glyph.size < 7.5 && !matches!(glyph.mark, Mark::Artifact { .. })).collect();
        let mut figures = String::new();
        for glyph in small {
            match glyph.text.chars().next().unwrap() {
                c @ '①'..='⑳' => numbers.push(c as u32 - '①' as u32 + 1),
                c @ '㉑'..='㉟' => numbers.push(c as u32 - '㉑' as u32 + 21),
                c @ '㊱'..='㊿' => numbers.push(c as u32 - '㊱' as u32 + 36),
                c if c.is_ascii_digit() => {
                    figures.push(c);
                    if figures.len() == 2 {
                        numbers.push(figures.parse().unwrap());
                        figures.clear();
                    }
                }
                _ => {}
            }
        }
    }
    numbers.dedup();
    assert_eq!(numbers, (1..=60).collect::<Vec<u32>>());
}

#[test]
fn a_note_longer_than_a_page_goes_on_and_nothing_is_lost() {
    let chapter =
        format!("# 章\n\n甲[^a]乙。\n\n{}\n\n[^a]: 起{}终。\n", format!("{}\n\n", SENTENCE.repeat(3)).repeat(30), SENTENCE.repeat(150));
    let pages = made_of("long-note", PLAIN, &chapter);
    let small: Vec<usize> =
        pages.iter().map(|page| page.iter().filter(|glyph| (glyph.size - 9.0).abs() < 0.05 && glyph.text == "盈").count()).collect();
    assert_eq!(small.iter().sum::<usize>(), 150);
    assert!(small.iter().filter(|count| **count > 0).count() >= 3);
    // The text goes on beside it.
    let beside = pages.iter().filter(|page| lines(page, 9.0).len() > 5 && lines(page, BODY).len() >= 4).count();
    assert!(beside >= 2, "{beside}");
}

#[test]
fn notes_at_the_side_stand_beside_their_lines_in_the_outer_margin() {
    let chapter = format!(
        "# 章\n\n{}\n\n{}[旁注甲]{{.sidenote}}{}\n\n{}\n\n{}[旁注乙]{{.sidenote}}。\n",
        SENTENCE.repeat(3),
        SENTENCE,
        SENTENCE,
        format!("{SENTENCE}\n\n").repeat(30),
        SENTENCE
    );
    let pages = made_of("side", PLAIN, &chapter);
    let mut seen = 0;
    for (at, page) in pages.iter().enumerate() {
        let side: Vec<&Glyph> = page.iter().filter(|glyph| (glyph.size - 8.0).abs() < 0.1).collect();
        let Some(first) = side.first() else { continue };
        seen += 1;
        let body: Vec<f64> = page.iter().filter(|glyph| (glyph.size - BODY).abs() < 0.05).map(|glyph| glyph.x).collect();
        let (left, right) = (body.iter().copied().fold(f64::MAX, f64::min), body.iter().copied().fold(0.0, f64::max) + BODY);
        assert!(page.iter().any(|glyph| (glyph.y - first.y).abs() < 0.1 && (glyph.size - BODY).abs() < 0.05), "its baseline is a line's");
        if at % 2 == 0 {
            assert!(side.iter().all(|glyph| glyph.x > right + 5.0 && glyph.x + glyph.size < 148.0 / 25.4 * 72.0));
        } else {
            assert!(side.iter().all(|glyph| glyph.x + glyph.size < left - 5.0 && glyph.x > 0.0));
        }
    }
    assert_eq!(seen, 2);
}

const PARTS: &str = "[book]\ntitle = \"书名\"\n\n[[chapters]]\nfile = \"pre.md\"\nmatter = \"front\"\n\n[[chapters]]\npart = \"上编\"\n\n[[chapters]]\nfile = \"one.md\"\n\n[[chapters]]\nfile = \"two.md\"\n";

#[test]
fn chapters_and_parts_begin_right_hand_pages_and_blank_pages_are_blank() {
    let chapter = |title: &str| format!("# {title}\n\n## 小节{title}\n\n{}", format!("{SENTENCE}\n\n").repeat(30));
    let files = [("src/pre.md", "# 前言\n\n文。\n".to_owned()), ("src/one.md", chapter("甲章")), ("src/two.md", chapter("乙章"))];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let manifest = format!(
        "{PARTS}\n[pdf]\nchapter-start = \"recto\"\nhead-left = \"{{title}} · {{part}}\"\nhead-right = \"{{chapter}}　{{section}}\"\nfoot-left = \"第{{page}}页\"\n"
    );
    let pages = pdf::pages(&made_book("recto", &manifest, &files));
    let all = |page: &[Glyph]| page.iter().map(|glyph| glyph.text.as_str()).collect::<String>();
    let place = |wanted: &str| {
        pages
            .iter()
            .position(|page| lines(page, 16.0).iter().chain(&lines(page, 20.0)).any(|line| line.0 == wanted))
            .unwrap_or_else(|| panic!("no {wanted}"))
    };
    for title in ["前言", "上编", "甲章", "乙章"] {
        assert_eq!(place(title) % 2, 0, "{title} is on a right-hand page");
    }
    // A part page has nothing but its title, and its back is blank.
    assert_eq!(all(&pages[place("上编")]), "上编");
    assert!(pages[place("上编") + 1].is_empty());
    // Heads: none on openers, the templates elsewhere.
    let first = place("甲章");
    assert_eq!(pagination(&pages[first]), (String::new(), "3".into()));
    assert_eq!(pagination(&pages[first + 1]), ("书名 · 上编".into(), "第4页".into()));
    let second = place("乙章");
    assert!(second > first + 1);
    assert_eq!(pagination(&pages[second + 1]).0, "书名 · 上编");
    for page in pages.iter().filter(|page| page.is_empty()) {
        assert_eq!(pagination(page), (String::new(), String::new()));
    }
}

#[test]
fn heads_stand_at_the_outer_edge_and_follow_the_section() {
    let chapter: String = (0..4).map(|at| format!("## 第{at}题\n\n{}", format!("{SENTENCE}\n\n").repeat(26))).collect();
    let pages = made_of(
        "heads",
        &format!("{PLAIN}head-left = \"{{section}}\"\nhead-right = \"{{section}}\"\nfoot-left = \"|{{page}}|\"\n"),
        &format!("# 章\n\n{chapter}"),
    );
    for (at, page) in pages.iter().enumerate().skip(1) {
        let head: Vec<&Glyph> = page.iter().filter(|glyph| glyph.mark == Mark::Artifact { pagination: true } && glyph.y < 100.0).collect();
        let begins = lines(page, 12.0).first().map(|line| line.0.clone());
        let says: String = head.iter().map(|glyph| glyph.text.as_str()).collect();
        if let Some(begins) = begins {
            assert_eq!(says, begins, "the first section that begins on the page");
        }
        let outer = if at % 2 == 0 { head.last().unwrap().x + 9.0 } else { head[0].x };
        let edge = if at % 2 == 0 { 63.97 + 283.5 } else { 148.0 / 25.4 * 72.0 - 283.5 - 63.97 };
        assert!((outer - edge).abs() < 1.0, "{outer} {edge}");
        if at % 2 == 1 {
            let folio: Vec<&Glyph> =
                page.iter().filter(|glyph| glyph.mark == Mark::Artifact { pagination: true } && glyph.y > 400.0).collect();
            let middle = (folio[0].x + folio.last().unwrap().x + 4.5) / 2.0;
            assert!((middle - (edge + 283.5 / 2.0)).abs() < 4.0, "{middle}");
        }
    }
    let wrong =
        book("field", &[("book.toml", &format!("{MANIFEST}\n[pdf]\nhead-left = \"{{chaptre}}\"\n")), ("src/a.md", "# 章\n\n文。\n")]);
    let output = build(&wrong);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("{chaptre}") && stderr(&output).contains("book.toml"), "{}", stderr(&output));
}

#[test]
fn front_and_back_matter_stand_in_their_order() {
    let manifest = "[book]\ntitle = \"书名\"\nsubtitle = \"副题\"\nauthors = [\"甲\"]\npublisher = \"书局\"\nedition = \"第1版\"\nisbn = \"978-7-302-01622-9\"\n\
        rights = \"版权所有\"\ndedication = \"献给你\"\ncolophon = \"以 banxin 排版。\"\n\n[[chapters]]\nfile = \"a.md\"\n\n[pdf]\nhalf-title = true\nlist-of-figures = true\nlist-of-tables = true\n";
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"60\" height=\"40\"><rect width=\"60\" height=\"40\"/></svg>";
    let chapter = "# 章\n\n![图](x.svg \"图注\")\n\n| 甲 |\n|---|\n| 乙 |\n\n表：表题\n";
    let bytes = made_book("matter", manifest, &[("src/a.md", chapter), ("src/x.svg", svg)]);
    let pages = pdf::pages(&bytes);
    let says: Vec<String> = pages
        .iter()
        .map(|page| page.iter().map(|glyph| glyph.text.as_str()).filter(|text| *text != " " && *text != "　").collect())
        .collect();
    let wanted = ["书名", "", "书名", "", "书名", "书名甲著", "献给你", "", "目录", "插图目录", "表格目录", "", "章", "以banxin排版。"];
    assert_eq!(says.len(), wanted.len(), "{says:?}");
    for (at, (page, wanted)) in says.iter().zip(wanted).enumerate() {
        assert!(page.starts_with(wanted) && page.is_empty() == wanted.is_empty(), "page {at}: {page}, wanted {wanted}");
    }
    for part in ["书局", "第1版", "978-7-302-01622-9", "版权所有", "9787302016229"] {
        assert!(says[5].replace(['书'], "书").contains(part), "{part} in {}", says[5]);
    }
    assert!(says[9].contains("图1-1图注") && says[10].contains("表1-1表题"), "{} {}", says[9], says[10]);
    // The bars: 95 modules of a third of a millimetre, read from the rectangles, are the digits of the ISBN (ISO/IEC 15420).
    let document = Document::load_mem(&bytes).unwrap();
    let page = document.get_pages()[&6];
    let bars = rectangles(&document, page);
    let module = 0.33 / 25.4 * 72.0;
    let bars: Vec<(f64, f64)> = bars.iter().filter(|bar| bar[3] > 40.0).map(|bar| (bar[0], bar[2])).collect();
    let start = bars.iter().map(|bar| bar.0).fold(f64::MAX, f64::min);
    let mut modules = vec!['0'; 95];
    for (x, width) in bars {
        let (from, count) = (((x - start) / module).round() as usize, (width / module).round() as usize);
        modules[from..from + count].iter_mut().for_each(|module| *module = '1');
    }
    assert_eq!(digits(&modules.into_iter().collect::<String>()), "9787302016229");
}

/// Rectangles that a page fills: left, bottom, width, height.
fn rectangles(document: &Document, page: lopdf::ObjectId) -> Vec<[f64; 4]> {
    let content = lopdf::content::Content::decode(&document.get_page_content(page)).unwrap();
    let sides = |operation: &lopdf::content::Operation| [0, 1, 2, 3].map(|at| f64::from(operation.operands[at].as_float().unwrap()));
    content.operations.iter().filter(|operation| operation.operator == "re").map(sides).collect()
}

/// Reads the modules of an EAN-13.
fn digits(modules: &str) -> String {
    let right = ["1110010", "1100110", "1101100", "1000010", "1011100", "1001110", "1010000", "1000100", "1001000", "1110100"];
    let flip = |code: &str| code.chars().map(|c| if c == '0' { '1' } else { '0' }).collect::<String>();
    let even = |code: &str| code.chars().rev().collect::<String>();
    let (mut out, mut parity) = (String::new(), String::new());
    for at in 0..6 {
        let code = &modules[3 + at * 7..10 + at * 7];
        let odd = right.iter().position(|right| flip(right) == code);
        parity.push(if odd.is_some() { 'O' } else { 'E' });
        out.push_str(&odd.or_else(|| right.iter().position(|right| even(right) == code)).unwrap().to_string());
    }
    let first = ["OOOOOO", "OOEOEE", "OOEEOE", "OOEEEO", "OEOOEE", "OEEOOE", "OEEEOO", "OEOEOE", "OEOEEO", "OEEOEO"];
    let mut whole = first.iter().position(|known| *known == parity).unwrap().to_string() + &out;
    for at in 0..6 {
        let code = &modules[50 + at * 7..57 + at * 7];
        whole.push_str(&right.iter().position(|right| *right == code).unwrap().to_string());
    }
    whole
}

/// Where images stand on a page: left, top, width, height.
fn images(document: &Document, page: lopdf::ObjectId) -> Vec<[f64; 4]> {
    let height = 210.0 / 25.4 * 72.0;
    let content = lopdf::content::Content::decode(&document.get_page_content(page)).unwrap();
    // Nothing is turned here: scale and place are enough.
    let (mut now, mut saved) = ([1.0, 1.0, 0.0, 0.0], Vec::new());
    let mut found = Vec::new();
    for operation in &content.operations {
        match operation.operator.as_str() {
            "q" => saved.push(now),
            "Q" => now = saved.pop().unwrap(),
            "cm" => {
                let own = |at: usize| f64::from(operation.operands[at].as_float().unwrap());
                let [sx, sy, x, y] = now;
                now = [sx * own(0), sy * own(3), x + sx * own(4), y + sy * own(5)];
            }
            "Do" => found.push([now[2], height - now[3] - now[1], now[0], now[1]]),
            _ => {}
        }
    }
    found
}

#[test]
fn figures_stand_here_or_at_the_head_or_foot_of_a_page() {
    let svg =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"600\" height=\"300\"><rect width=\"600\" height=\"300\" fill=\"#999\"/></svg>";
    let text = format!("{SENTENCE}\n\n");
    let chapter = format!(
        "# 章\n\n{}![图](x.svg \"在首\"){{#h .head width=80%}}\n\n{}![图](x.svg \"在脚\"){{#f .foot width=80%}}\n\n{}![图](x.svg \"自动\"){{#a width=80%}}\n\n{}",
        text.repeat(3),
        text.repeat(20),
        text.repeat(34),
        text.repeat(40)
    );
    let folder = book("floats", &[("book.toml", &format!("{MANIFEST}{PLAIN}")), ("src/a.md", &chapter), ("src/x.svg", svg)]);
    assert!(build(&folder).status.success());
    let bytes = made(&folder, "pdf");
    let (document, pages) = (Document::load_mem(&bytes).unwrap(), pdf::pages(&bytes));
    let ids: Vec<lopdf::ObjectId> = document.get_pages().into_values().collect();
    let page_of = |caption: &str| pages.iter().position(|page| lines(page, 9.0).iter().any(|line| line.0.contains(caption))).unwrap();
    let image = |caption: &str| images(&document, ids[page_of(caption)]);
    let body = |page: usize| lines(&pages[page], BODY).iter().map(|line| line.1).collect::<Vec<f64>>();
    let head = page_of("在首");
    assert!(image("在首")[0][1] < body(head)[0], "above every line");
    let foot = page_of("在脚");
    assert!(image("在脚").last().unwrap()[1] > *body(foot).last().unwrap() - LEADING, "below every line");
    // One that does not fit where it is written leaves no hole: the text goes on, and it stands at the next head.
    let mut moved = 0;
    for before in 0..26 {
        let chapter = format!("# 章\n\n{}![图](x.svg \"自动\"){{#a width=80%}}\n\n{}", text.repeat(before), text.repeat(40));
        let folder = book("auto", &[("book.toml", &format!("{MANIFEST}{PLAIN}")), ("src/a.md", &chapter), ("src/x.svg", svg)]);
        assert!(build(&folder).status.success());
        let bytes = made(&folder, "pdf");
        let (document, pages) = (Document::load_mem(&bytes).unwrap(), pdf::pages(&bytes));
        let page = pages.iter().position(|page| lines(page, 9.0).iter().any(|line| line.0.contains("自动"))).unwrap();
        let image = images(&document, document.get_pages()[&(page as u32 + 1)])[0];
        let first = lines(&pages[page], BODY)[0].1;
        moved += usize::from(page == 1 && image[1] < first);
        let last = lines(&pages[0], BODY).last().unwrap().1.max(if page == 0 { image[1] + image[3] + 2.0 * LEADING } else { 0.0 });
        assert!(last > 64.8 + 24.0 * LEADING, "{before}: {last}");
    }
    assert!(moved > 4, "{moved}");
    // Sub-captions stand below their own pictures, side by side.
    let panels = "# 章\n\n::: figure {#p}\n![一](x.svg \"左图\") ![二](x.svg \"右图\")\n\n总题\n:::\n";
    let folder = book("panels", &[("book.toml", &format!("{MANIFEST}{PLAIN}")), ("src/a.md", panels), ("src/x.svg", svg)]);
    assert!(build(&folder).status.success());
    let bytes = made(&folder, "pdf");
    let document = Document::load_mem(&bytes).unwrap();
    let placed = images(&document, *document.get_pages().values().next().unwrap());
    assert_eq!(placed.len(), 2);
    assert!((placed[0][1] - placed[1][1]).abs() < 0.1 && placed[0][0] + placed[0][2] < placed[1][0]);
    let small = lines(&pdf::pages(&bytes)[0], 9.0);
    let text: Vec<&str> = small.iter().map(|line| line.0.as_str()).collect();
    assert_eq!(text.iter().map(|line| line.replace([' ', '　'], "")).collect::<Vec<_>>(), ["(a)左图(b)右图", "图1-1总题"]);
}

#[test]
fn a_long_table_sets_its_head_again_and_marks_it_as_said() {
    let rows: String = (0..80).map(|at| format!("| 第{at}行 | 值 |\n")).collect();
    let chapter = format!("# 章\n\n| 表头甲 | 表头乙 |\n|---|---|\n{rows}");
    let bytes = made_book("table", &format!("{MANIFEST}{PLAIN}"), &[("src/a.md", &chapter)]);
    let pages = pdf::pages(&bytes);
    assert!(pages.len() >= 3);
    for (at, page) in pages.iter().enumerate() {
        let head: Vec<&Glyph> = page.iter().filter(|glyph| "表头甲乙".contains(glyph.text.as_str())).collect();
        assert_eq!(head.len(), 6, "page {at}");
        let again = head.iter().all(|glyph| glyph.mark == Mark::Artifact { pagination: false });
        assert_eq!(again, at > 0);
    }
    let document = Document::load_mem(&bytes).unwrap();
    assert_eq!(read(&document, &pages).find("TR").len(), 81);
}

#[test]
fn pictures_pass_through_keep_their_alpha_or_are_told_to_be_coarse() {
    let mut jpeg = Vec::new();
    let picture = image::RgbImage::from_fn(900, 600, |x, y| image::Rgb([x as u8, y as u8, 90]));
    image::DynamicImage::from(picture).write_to(&mut std::io::Cursor::new(&mut jpeg), image::ImageFormat::Jpeg).unwrap();
    let mut png = Vec::new();
    let clear = image::RgbaImage::from_fn(60, 60, |x, _| image::Rgba([200, 10, 10, (x * 4) as u8]));
    image::DynamicImage::from(clear).write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
    let encoded = |format| {
        let mut bytes = Vec::new();
        let plain = image::RgbaImage::from_fn(300, 200, |x, y| image::Rgba([x as u8, y as u8, 0, 255]));
        image::DynamicImage::from(plain).write_to(&mut std::io::Cursor::new(&mut bytes), format).unwrap();
        bytes
    };
    let folder = folder("pictures");
    std::fs::create_dir_all(folder.0.join("src")).unwrap();
    std::fs::write(folder.0.join("book.toml"), MANIFEST).unwrap();
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"60\" height=\"40\"><rect width=\"60\" height=\"40\" fill=\"red\"/></svg>";
    for (name, bytes) in [
        ("a.jpg", jpeg.clone()),
        ("b.png", png),
        ("c.webp", encoded(image::ImageFormat::WebP)),
        ("d.gif", encoded(image::ImageFormat::Gif)),
        ("e.svg", svg.into()),
    ] {
        std::fs::write(folder.0.join("src").join(name), bytes).unwrap();
    }
    let chapter = "# 章\n\n![甲](a.jpg){width=90%}\n\n![乙](b.png){width=80%}\n\n![丙](c.webp){width=10%}\n\n![丁](d.gif){width=10%}\n\n![戊](e.svg){width=90%}\n";
    std::fs::write(folder.0.join("src/a.md"), chapter).unwrap();
    let output = build(&folder);
    assert!(output.status.success(), "{}", stderr(&output));
    // 60 pixels over four fifths of 100 mm are coarse; the others are not.
    assert_eq!(stderr(&output).matches("low-resolution").count(), 1, "{}", stderr(&output));
    assert!(stderr(&output).contains("src/b.png") && stderr(&output).contains("src/a.md:5:1"), "{}", stderr(&output));
    let document = Document::load_mem(&made(&folder, "pdf")).unwrap();
    let images: Vec<&lopdf::Stream> = document
        .objects
        .values()
        .filter_map(|object| object.as_stream().ok())
        .filter(|stream| stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Image"))
        .collect();
    let masks = images.iter().filter(|stream| stream.dict.has(b"SMask")).count();
    assert_eq!((images.len(), masks), (6, 1), "five pictures and the mask of one");
    let passed = images
        .iter()
        .find(|stream| stream.dict.get(b"Filter").and_then(Object::as_name).is_ok_and(|filter| filter == b"DCTDecode"))
        .unwrap();
    assert_eq!(passed.content, jpeg);
}

#[test]
fn a_picture_of_four_colours_without_their_profile_is_stored_in_three() {
    let folder = book("cmyk", &[("book.toml", MANIFEST), ("src/a.md", "# 章\n\n![图](cmyk.jpg){width=10%}\n")]);
    std::fs::copy(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures/cmyk.jpg"), folder.0.join("src/cmyk.jpg")).unwrap();
    assert!(build(&folder).status.success());
    let document = Document::load_mem(&made(&folder, "pdf")).unwrap();
    let is_image = |stream: &&lopdf::Stream| stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Image");
    let picture = document.objects.values().filter_map(|object| object.as_stream().ok()).find(is_image).unwrap();
    assert_eq!(picture.dict.get(b"ColorSpace").unwrap().as_name().unwrap(), b"DeviceRGB");
    let pixels = picture.decompressed_content().unwrap();
    // Much cyan, little magenta: blue-green on a screen too.
    assert!(pixels.len() == 60 * 40 * 3 && pixels[0] < pixels[1] && pixels[0] < pixels[2], "{:?}", &pixels[..3]);
}

#[test]
fn code_stands_in_columns_and_bears_its_numbers() {
    let chapter = format!("# 章\n\n```rust {{.numbered start=9}}\n// 中文ab注释\nlet a = 1;\n{}\n```\n", "x".repeat(300));
    let bytes = made_book("code", &format!("{MANIFEST}{PLAIN}"), &[("src/a.md", &chapter)]);
    let page = &pdf::pages(&bytes)[0];
    let rows = lines(page, 9.45);
    let said: Vec<&str> = rows.iter().map(|row| row.0.as_str()).collect();
    assert!(said[0].starts_with("9//") || said[0].starts_with("9 //"), "{said:?}");
    assert!(said[1].starts_with("10let"), "{said:?}");
    assert!(said.iter().any(|row| row.starts_with("11x")) && said.len() > 6, "{said:?}");
    // Every Chinese character takes exactly two columns.
    let first: Vec<&Glyph> = page.iter().filter(|glyph| (glyph.size - 9.45).abs() < 0.05 && (glyph.y - rows[0].1).abs() < 1.0).collect();
    let place = |text: &str| first.iter().find(|glyph| glyph.text == text).unwrap().x;
    let column = 9.45 / 2.0;
    assert!((place("文") - place("中") - 2.0 * column).abs() < 0.02);
    assert!((place("b") - place("a") - column).abs() < 0.02);
    assert!((place("释") - place("注") - 2.0 * column).abs() < 0.02);
    // The numbers say nothing: they are not copied with the code.
    let nine = page.iter().find(|glyph| glyph.text == "9").unwrap();
    assert_eq!(nine.mark, Mark::Artifact { pagination: false });
}

#[test]
fn links_and_cross_references_name_the_right_page() {
    for (at, from) in ["tests/books/showcase", "tests/books/features", "tests/books/mdbook", "book"].iter().enumerate() {
        let folder = copy(&format!("named-{at}"), from);
        assert!(build(&folder).status.success());
        let bytes = made(&folder, "pdf");
        let (document, pages) = (Document::load_mem(&bytes).unwrap(), pdf::pages(&bytes));
        let numbers: BTreeMap<lopdf::ObjectId, usize> = document.get_pages().into_values().enumerate().map(|(at, id)| (id, at)).collect();
        let mut named = 0;
        for link in read(&document, &pages).find("Link") {
            let targets: Vec<&lopdf::Dictionary> = link
                .kids
                .iter()
                .filter_map(
                    |kid| if let common::tree::Kid::Annotation(id, _) = kid { Some(document.get_dictionary(*id).unwrap()) } else { None },
                )
                .collect();
            let Some(page) = targets
                .iter()
                .find_map(|link| get(&document, link, "Dest"))
                .map(|dest| numbers[&dest.as_array().unwrap()[0].as_reference().unwrap()])
            else {
                continue;
            };
            let folio = text(targets[0].get(b"Contents").unwrap());
            let said = link.says();
            // What ends in a folio names that of its page, and the folio printed there is the same.
            let printed = pagination(&pages[page]).1;
            if !printed.is_empty() {
                assert_eq!(printed, folio);
            }
            let trailing: String =
                said.chars().rev().take_while(|c| c.is_ascii_alphanumeric()).collect::<Vec<_>>().into_iter().rev().collect();
            if !said.contains('图')
                && !said.contains('表')
                && said != trailing
                && !trailing.is_empty()
                && trailing.chars().all(|c| c.is_ascii_digit() || "ivxl".contains(c))
            {
                assert_eq!(trailing, folio, "{said}");
                named += 1;
            }
            if said == trailing && !said.is_empty() && said.chars().all(|c| c.is_ascii_digit()) {
                assert_eq!(said, folio);
                named += 1;
            }
        }
        assert!(named > 2, "{named} in {from}");
    }
}

#[test]
fn pages_become_pictures_and_show_their_layout() {
    let folder = book("pictures-of", &[("book.toml", MANIFEST), ("src/a.md", &format!("# 章\n\n{}", SENTENCE.repeat(20)))]);
    let path = folder.0.to_str().unwrap();
    let output = run(&["build", path, "--png", "--pages", "7-7"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let names: Vec<String> =
        std::fs::read_dir(folder.0.join("dist")).unwrap().flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(names, ["书-7.png"]);
    let plain = image::open(folder.0.join("dist/书-7.png")).unwrap().into_rgb8();
    assert_eq!(plain.dimensions(), (874, 1240));
    assert!(plain.pixels().any(|pixel| pixel.0[0] < 60), "there is ink on it");
    assert!(!plain.pixels().any(|pixel| pixel.0[2] > pixel.0[0].saturating_add(60)), "and no blue");
    assert!(run(&["build", path, "--png", "--pages", "7", "--debug-layout"]).status.success());
    let shown = image::open(folder.0.join("dist/书-7.png")).unwrap().into_rgb8();
    assert!(shown.pixels().any(|pixel| pixel.0[2] > pixel.0[0].saturating_add(60)), "frames and stretched gaps are blue");
    let output = run(&["build", path, "--png", "--pages", "70"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("no-such-page"), "{}", stderr(&output));
    assert_eq!(run(&["build", path, "--pages", "0-3", "--png"]).status.code(), Some(2));
}

#[test]
fn bad_input_is_told_or_set_and_never_lost() {
    // Beyond any page: a heading, a note, a line of code, a row, fifty levels.
    let deep: String = (1..=50).map(|level| format!("{}层{level}\n{}\n", "> ".repeat(level), "> ".repeat(level))).collect();
    let wide = format!("|{}\n|{}\n|{}\n", "列|".repeat(40), "--|".repeat(40), "值|".repeat(40));
    let chapter = format!(
        "# {}\n\n甲[^a]。\n\n{wide}\n\n```\n{}\n```\n\n{deep}\n\n[^a]: {}\n",
        "题".repeat(400),
        "码".repeat(5000),
        "注".repeat(2000)
    );
    let folder = book("bad", &[("book.toml", &format!("{MANIFEST}{PLAIN}")), ("src/a.md", &chapter)]);
    let output = build(&folder);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("overfull"), "{}", stderr(&output));
    let pages = pdf::pages(&made(&folder, "pdf"));
    let text = pages.iter().flatten().filter(|glyph| !matches!(glyph.mark, Mark::Artifact { .. }));
    let mut count: BTreeMap<char, usize> = BTreeMap::new();
    text.flat_map(|glyph| glyph.text.chars()).for_each(|c| *count.entry(c).or_default() += 1);
    for (c, wanted) in [('题', 400), ('码', 5000), ('注', 2000), ('列', 40), ('值', 40), ('层', 50)] {
        assert_eq!(count.get(&c), Some(&wanted), "{c}");
    }
    // Pictures: one of too many pixels, one that is cut off.
    let mut cut = Vec::new();
    let noise = image::RgbImage::from_fn(200, 200, |x, y| image::Rgb([(x * 7) as u8, (y * 13) as u8, (x * y) as u8]));
    image::DynamicImage::from(noise).write_to(&mut std::io::Cursor::new(&mut cut), image::ImageFormat::Jpeg).unwrap();
    cut.truncate(cut.len() / 2);
    let mut huge = Vec::from(*b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0N \0\0N \x08\0\0\0\0");
    huge.extend(crc(&huge[12..29]).to_be_bytes());
    huge.extend(*b"\0\0\0\0IDAT");
    huge.extend(crc(b"IDAT").to_be_bytes());
    for (name, bytes, says) in [("cut.jpg", cut, "ends before the picture does"), ("huge.png", huge, "20000 × 20000 pixels are too many")]
    {
        let folder = book(&format!("bad-{name}"), &[("book.toml", MANIFEST), ("src/a.md", &format!("# 章\n\n![图]({name})\n"))]);
        std::fs::write(folder.0.join("src").join(name), bytes).unwrap();
        let output = build(&folder);
        assert_eq!(output.status.code(), Some(1));
        let told = stderr(&output);
        assert!(told.contains("broken-image") && told.contains(says) && told.contains("src/a.md:3:1"), "{told}");
        assert!(!folder.0.join("dist").exists());
    }
}

/// A PNG of one colour.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let plain = image::GrayImage::from_pixel(width, height, image::Luma([120]));
    image::DynamicImage::from(plain).write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
    bytes
}

/// A manifest's keys, a chapter, and how often characters must be there.
type OddCase = (&'static str, String, Vec<(char, usize)>);

#[test]
fn what_fits_no_page_goes_on_and_is_not_lost() {
    // Each was found by a fuzzer: a manifest, a chapter, and what must be there how often.
    let long = SENTENCE.repeat(20);
    let rows: String = (0..60).map(|at| format!("| 行{at} | 值 |\n")).collect();
    let cell = format!("| 甲 | 乙 |\n|---|---|\n| 短 | {long}{long}{long}[壸]{{.sidenote}} |\n");
    let sides: String = (0..9).map(|at| format!("文[旁{at}{}]{{.sidenote}}", "字".repeat(88))).collect();
    let cases: Vec<OddCase> = vec![
        ("", "文[^1]字[^2]\n\n[^1]: 甲![x](t.png)\n\n[^2]: 乙![x](t.png)\n".into(), vec![('甲', 1), ('乙', 1)]),
        ("lines-per-page = 4\n", format!("文[^1]字[^2]\n\n[^1]: 甲{long}\n\n[^2]: 乙{long}\n"), vec![('甲', 1), ('乙', 1), ('盈', 40)]),
        ("", "正[甲[^1]]{.sidenote}文\n\n[^1]: 壸\n".into(), vec![('壸', 1)]),
        ("", "正[甲[壸]{.sidenote}]{.sidenote}文\n".into(), vec![('壸', 1)]),
        ("", cell, vec![('壸', 1), ('盈', 60)]),
        ("", format!("| 滁 | [嫡]{{.sidenote}} |\n|---|---|\n{rows}"), vec![('嫡', 1), ('行', 60)]),
        ("", format!("| 头 | 尾 |\n|---|---|\n{rows}\n表：题 {{.head}}\n"), vec![('题', 1), ('行', 60)]),
        (
            "",
            format!("{}<table>\n<tr>\n<td>\n\n格![x](t.png)\n\n</td>\n</tr>\n</table>\n", "段。\n\n".repeat(20)),
            vec![('格', 1), ('段', 20)],
        ),
        ("", format!("文[旁{}]{{.sidenote}}\n", "字".repeat(900)), vec![('旁', 1), ('字', 900)]),
        ("", sides, vec![('旁', 9), ('字', 792)]),
        ("", "::: figure\n![x](t.png \"壸题\")\n\n总题甲\n:::\n".into(), vec![('壸', 1), ('总', 1)]),
        (
            "",
            format!("<table><tr><td rowspan=\"2\">{long}{long}{long}</td><td>甲</td></tr><tr><td>乙</td></tr></table>\n"),
            vec![('甲', 1), ('乙', 1), ('盈', 60)],
        ),
    ];
    let (wide, high) = (148.0 / 25.4 * 72.0, 210.0 / 25.4 * 72.0);
    for (at, (keys, chapter, wanted)) in cases.into_iter().enumerate() {
        for mode in ["horizontal-tb", "vertical-rl"] {
            let manifest = format!("{MANIFEST}{PLAIN}{keys}\n[typography]\nwriting-mode = \"{mode}\"\n");
            let folder = book(&format!("odd-{at}"), &[("book.toml", &manifest), ("src/a.md", &chapter)]);
            std::fs::write(folder.0.join("src/t.png"), png(300, 2000)).unwrap();
            let output = build(&folder);
            assert!(output.status.success(), "{at}: {}", stderr(&output));
            let pages = pdf::pages(&made(&folder, "pdf"));
            let mut count: BTreeMap<char, usize> = BTreeMap::new();
            for glyph in pages.iter().flatten().filter(|glyph| !matches!(glyph.mark, Mark::Artifact { .. })) {
                assert!(
                    glyph.x > -1.0 && glyph.x < wide && glyph.y > 0.0 && glyph.y < high + 9.0,
                    "{at} {mode}: {glyph:?} is off the page"
                );
                glyph.text.chars().for_each(|c| *count.entry(c).or_default() += 1);
            }
            for (c, wanted) in wanted.iter() {
                assert_eq!(count.get(c), Some(wanted), "{at} {mode}: {c}");
            }
        }
    }
}

/// The check of a PNG's piece (ISO/IEC 15948, annex D).
fn crc(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}
