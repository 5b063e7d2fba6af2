//! The structure and the standards of the PDF, read from the finished file (src/output/pdf/README.md names these tests).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, clippy::expect_used, clippy::panic)]

mod common;

use common::pdf::{self, Mark, is_han};
use common::tree::{Kid, Node, get, read, text};
use common::{MANIFEST, book, build, copy, made};
use lopdf::{Dictionary, Document, Object, ObjectId};
use skrifa::raw::TableProvider;
use skrifa::raw::tables::glyf::Glyph;
use std::collections::{BTreeMap, BTreeSet};

/// A book's PDF: the file, its painted glyphs, its structure.
struct Read {
    document: Document,
    pages: Vec<Vec<pdf::Glyph>>,
    tree: Node,
}

fn open(folder: &common::Folder) -> Read {
    let output = build(folder);
    assert!(output.status.success(), "{}", common::stderr(&output));
    let bytes = made(folder, "pdf");
    let document = Document::load_mem(&bytes).unwrap();
    let pages = common::pdf::pages(&bytes);
    let tree = read(&document, &pages);
    Read { document, pages, tree }
}

/// The books of the project that stand for all.
fn books() -> Vec<Read> {
    ["tests/books/showcase", "tests/books/features", "tests/books/languages/zh-Hant-TW", "tests/books/languages/ja", "tests/books/mdbook"]
        .iter()
        .enumerate()
        .map(|(at, from)| open(&copy(&format!("tagged-{at}-{}", std::thread::current().name().unwrap().replace("::", "-")), from)))
        .collect()
}

fn one(name: &str, manifest: &str, chapter: &str) -> Read {
    open(&book(name, &[("book.toml", &format!("{MANIFEST}{manifest}")), ("src/a.md", chapter)]))
}

fn dictionary(document: &Document, id: ObjectId) -> &Dictionary {
    document.get_dictionary(id).unwrap()
}

#[test]
fn every_glyph_of_the_text_is_tagged() {
    for read in books() {
        for (at, page) in read.pages.iter().enumerate() {
            for glyph in page {
                assert!(glyph.mark != Mark::None, "page {at}: {:?} is marked as nothing", glyph.text);
            }
            // What says nothing is drawn, or said again: the head of a table that goes on, the number of a line of code.
            let untold: String =
                page.iter().filter(|glyph| glyph.mark == Mark::Artifact { pagination: false }).map(|glyph| glyph.text.as_str()).collect();
            if untold.chars().any(is_han) {
                let again = read.tree.find("TH").iter().map(|head| head.says()).collect::<String>() + "续表";
                assert!(untold.chars().filter(|c| is_han(*c)).all(|c| again.contains(c)), "page {at}: {untold}");
            }
        }
        // Every piece is some element's, and once.
        let mut pieces: BTreeSet<(usize, i64)> = BTreeSet::new();
        for (at, page) in read.pages.iter().enumerate() {
            pieces.extend(page.iter().filter_map(|glyph| if let Mark::Piece(piece) = glyph.mark { Some((at, piece)) } else { None }));
        }
        let said: usize = read
            .tree
            .all()
            .iter()
            .map(|node| node.kids.iter().filter(|kid| matches!(kid, Kid::Text(text, _) if !text.is_empty())).count())
            .sum();
        assert_eq!(said, pieces.len());
    }
}

#[test]
fn the_structure_says_the_text_in_order() {
    let source = "# 一章\n\n甲段落[^n]，乙段落。\n\n- 丙项\n- 丁项\n\n> 引戊\n\n## 一节\n\n`代码`与[链接](https://example.com)与{版心|bǎn xīn}。\n\n[^n]: 注文。\n";
    let read = one("order", "\n[pdf]\ncover = false\ntitle-page = false\ntoc = false\n", source);
    assert_eq!(read.tree.says(), "一章甲段落①，乙段落。丙项丁项引戊一节代码与链接与版bǎn心xīn。");
    let notes = read.tree.find("Note");
    assert_eq!(notes.len(), 1);
    assert_eq!(
        notes[0].kids.iter().filter_map(|kid| if let Kid::Node(node) = kid { Some(node.says()) } else { None }).collect::<String>(),
        "①注文。"
    );
    // Whatever pages do with a figure, it is read where it was written.
    let paragraph = "天地玄黄宇宙洪荒日月盈昃辰宿列张。".repeat(12);
    let mut chapter = String::from("# 章\n\n");
    for at in 0..12 {
        chapter.push_str(&format!("{at}号{paragraph}\n\n"));
    }
    chapter.push_str("甲前。\n\n![图](x.svg \"在页首\"){#fig .head width=90%}\n\n乙后。\n\n");
    let svg =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"600\" height=\"400\"><rect width=\"600\" height=\"400\" fill=\"#888\"/></svg>";
    let folder = book("floated", &[("book.toml", MANIFEST), ("src/a.md", &chapter), ("src/x.svg", svg)]);
    let read = open(&folder);
    let said = read.tree.says();
    let place = |part: &str| said.find(part).unwrap_or_else(|| panic!("no {part}"));
    assert!(place("甲前。") < place("在页首") && place("在页首") < place("乙后。"));
}

#[test]
fn headings_nest_without_jumps() {
    for read in books() {
        let levels: Vec<u32> = read
            .tree
            .all()
            .iter()
            .filter(|node| node.role.len() == 2 && node.role.starts_with('H'))
            .map(|node| node.role[1..].parse().unwrap())
            .collect();
        assert_eq!(levels[0], 1);
        for pair in levels.windows(2) {
            assert!(pair[1] <= pair[0] + 1, "{levels:?}");
        }
    }
    let read = one("jumps", "", "# 甲\n\n#### 乙\n\n正文。\n\n## 丙\n\n正文。\n");
    let roles: Vec<&str> =
        read.tree.all().iter().map(|node| node.role.as_str()).filter(|role| role.len() == 2 && role.starts_with('H')).collect();
    assert_eq!(roles, ["H1", "H1", "H2", "H2"], "the contents' own heading, then the chapter's");
}

#[test]
fn tables_have_head_cells_and_spans() {
    let table = "# 表\n\n<table><caption>标题</caption><thead><tr><th>甲</th><th>乙</th></tr></thead><tbody>\
        <tr><th rowspan=\"2\">丙</th><td>丁</td></tr><tr><td></td></tr><tr><td colspan=\"2\">戊</td></tr></tbody></table>\n";
    let read = one("spans", "", table);
    let found = read.tree.find("Table")[0];
    let roles = |node: &Node| node.nodes().map(|kid| kid.role.clone()).collect::<Vec<_>>();
    assert_eq!(roles(found), ["Caption", "THead", "TBody"]);
    assert_eq!(
        found.find("TR").iter().map(|row| roles(row)).collect::<Vec<_>>(),
        [vec!["TH", "TH"], vec!["TH", "TD"], vec!["TD"], vec!["TD"]]
    );
    let scope = |node: &Node| node.attributes.get("Scope").map(|scope| String::from_utf8_lossy(scope.as_name().unwrap()).into_owned());
    let heads = found.find("TH");
    assert_eq!(
        heads.iter().map(|head| scope(head)).collect::<Vec<_>>(),
        [Some("Column".into()), Some("Column".into()), Some("Row".into())]
    );
    assert_eq!(heads[2].attributes["RowSpan"].as_i64().unwrap(), 2);
    assert_eq!(found.find("TD").last().unwrap().attributes["ColSpan"].as_i64().unwrap(), 2);
    // Every row of every table covers as many columns.
    for read in books() {
        for table in read.tree.find("Table") {
            let rows = table.find("TR");
            let mut covered = vec![0; rows.len()];
            for (at, row) in rows.iter().enumerate() {
                for cell in row.nodes() {
                    let span = |key: &str| cell.attributes.get(key).map_or(1, |span| span.as_i64().unwrap() as usize);
                    covered.iter_mut().skip(at).take(span("RowSpan")).for_each(|count| *count += span("ColSpan"));
                }
            }
            assert!(covered.windows(2).all(|pair| pair[0] == pair[1]), "{covered:?}");
        }
    }
}

#[test]
fn figures_have_words_and_boxes() {
    for read in books() {
        for figure in read.tree.find("Figure") {
            assert!(figure.alt.as_ref().is_some_and(|alt| !alt.trim().is_empty()));
            if let Some(area) = figure.attributes.get("BBox") {
                let area: Vec<f32> = area.as_array().unwrap().iter().map(|side| side.as_float().unwrap()).collect();
                assert!(area[0] < area[2] && area[1] < area[3], "{area:?}");
            }
        }
        for formula in read.tree.find("Formula") {
            assert!(formula.alt.as_ref().is_some_and(|alt| !alt.is_empty()));
        }
    }
}

#[test]
fn notes_have_ids_and_stand_in_their_paragraph() {
    for read in books() {
        let notes = read.tree.find("Note");
        let ids: BTreeSet<&str> = notes.iter().map(|note| note.id.as_deref().unwrap()).collect();
        assert_eq!(ids.len(), notes.len());
        for node in read.tree.all() {
            // A note comes after what its paragraph says.
            let last = node.kids.iter().rposition(|kid| matches!(kid, Kid::Text(..)));
            let first = node.kids.iter().position(|kid| matches!(kid, Kid::Node(kid) if kid.role == "Note"));
            if let (Some(last), Some(first)) = (last, first) {
                assert!(first > last, "{}", node.says());
            }
        }
    }
    let read = one("home", "", "# 章\n\n甲[^a]乙[^b]。\n\n丙。\n\n[^a]: 一。\n[^b]: 二。\n");
    let home = read.tree.find("P").into_iter().find(|node| node.says().starts_with('甲')).unwrap();
    let kinds: Vec<&str> = home.nodes().map(|kid| kid.role.as_str()).collect();
    assert_eq!(kinds, ["Reference", "Reference", "Note", "Note"]);
}

#[test]
fn links_are_in_the_tree() {
    for read in books() {
        let mut owners: BTreeMap<ObjectId, ObjectId> = BTreeMap::new();
        for node in read.tree.all() {
            for kid in &node.kids {
                if let Kid::Annotation(id, _) = kid {
                    assert_eq!(node.role, "Link");
                    assert!(owners.insert(*id, node.object).is_none(), "an annotation stands twice");
                }
            }
        }
        let catalog = read.document.catalog().unwrap();
        let root = get(&read.document, catalog, "StructTreeRoot").unwrap().as_dict().unwrap();
        let numbers = get(&read.document, root, "ParentTree").unwrap().as_dict().unwrap().get(b"Nums").unwrap().as_array().unwrap();
        let parents: BTreeMap<i64, &Object> = numbers.chunks(2).map(|pair| (pair[0].as_i64().unwrap(), &pair[1])).collect();
        let mut count = 0;
        for page in read.document.get_pages().into_values() {
            let Some(list) = get(&read.document, dictionary(&read.document, page), "Annots") else { continue };
            assert_eq!(dictionary(&read.document, page).get(b"Tabs").unwrap().as_name().unwrap(), b"S");
            for reference in list.as_array().unwrap() {
                let id = reference.as_reference().unwrap();
                let annotation = dictionary(&read.document, id);
                let owner = owners.get(&id).unwrap_or_else(|| panic!("a link in no element"));
                let key = annotation.get(b"StructParent").unwrap().as_i64().unwrap();
                assert_eq!(parents[&key].as_reference().unwrap(), *owner);
                assert!(!text(annotation.get(b"Contents").unwrap()).is_empty());
                count += 1;
            }
        }
        assert_eq!(count, owners.len());
        // And the parents of every page's pieces are those that say them.
        for (at, page) in read.document.get_pages().into_values().enumerate() {
            let key = dictionary(&read.document, page).get(b"StructParents").unwrap().as_i64().unwrap();
            let pieces: BTreeSet<i64> =
                read.pages[at].iter().filter_map(|glyph| if let Mark::Piece(piece) = glyph.mark { Some(piece) } else { None }).collect();
            if let Some(last) = pieces.last() {
                let list = read.document.dereference(parents[&key]).unwrap().1.as_array().unwrap();
                assert!(list.len() as i64 > *last);
            }
        }
    }
}

#[test]
fn languages_are_marked() {
    let read = one("language", "", "# 章\n\n中文与[hello]{lang=en}与[こんにちは]{lang=ja}。\n");
    assert_eq!(text(read.document.catalog().unwrap().get(b"Lang").unwrap()), "zh-Hans-CN");
    let spans: Vec<(String, String)> =
        read.tree.find("Span").iter().filter_map(|span| Some((span.language.clone()?, span.says()))).collect();
    assert_eq!(spans, [("en".into(), "hello".into()), ("ja".into(), "こんにちは".into())]);
}

#[test]
fn metadata_agrees() {
    let manifest = "[book]\ntitle = \"书名 & 题\"\nauthors = [\"甲\", \"乙\"]\ndate = \"2021-03-01\"\ndescription = \"说明\"\n\n[[chapters]]\nfile = \"a.md\"\n";
    for (standard, claimed) in [("", [true, true]), ("standard = [\"ua-1\"]", [true, false]), ("standard = []", [false, false])] {
        let folder = book("metadata", &[("book.toml", &format!("{manifest}\n[pdf]\n{standard}\n")), ("src/a.md", "# 章\n\n正文。\n")]);
        let read = open(&folder);
        let catalog = read.document.catalog().unwrap();
        assert_eq!(read.document.version, "1.7");
        let packet = get(&read.document, catalog, "Metadata").unwrap().as_stream().unwrap();
        let packet = String::from_utf8(packet.content.clone()).unwrap();
        assert_eq!([packet.contains("<pdfuaid:part>1"), packet.contains("<pdfaid:part>2")], claimed);
        assert!(packet.contains("书名 &amp; 题") && packet.contains("2021-03-01T00:00:00Z"));
        let info = get(&read.document, &read.document.trailer, "Info").unwrap().as_dict().unwrap();
        assert_eq!(text(info.get(b"Title").unwrap()), "书名 & 题");
        assert_eq!(text(info.get(b"CreationDate").unwrap()), "D:20210301000000Z");
        let preferences = get(&read.document, catalog, "ViewerPreferences").unwrap().as_dict().unwrap();
        assert!(preferences.get(b"DisplayDocTitle").unwrap().as_bool().unwrap());
        assert!(get(&read.document, catalog, "MarkInfo").unwrap().as_dict().unwrap().get(b"Marked").unwrap().as_bool().unwrap());
        let intent = get(&read.document, catalog, "OutputIntents").unwrap().as_array().unwrap();
        let intent = read.document.dereference(&intent[0]).unwrap().1.as_dict().unwrap();
        let profile = get(&read.document, intent, "DestOutputProfile").unwrap().as_stream().unwrap().decompressed_content().unwrap();
        assert_eq!((&profile[16..20], &profile[36..40]), (&b"RGB "[..], &b"acsp"[..]));
    }
}

#[test]
fn fonts_hold_what_is_used() {
    for (at, from) in ["tests/books/languages/ja"].iter().enumerate() {
        let folder = copy(&format!("used-{at}"), from);
        assert!(build(&folder).status.success());
        let bytes = made(&folder, "pdf");
        let document = Document::load_mem(&bytes).unwrap();
        let used = common::pdf::codes(&bytes);
        assert!(!used.is_empty());
        for (font, codes) in used {
            let font = dictionary(&document, font);
            let below = document
                .dereference(&get(&document, font, "DescendantFonts").unwrap().as_array().unwrap()[0])
                .unwrap()
                .1
                .as_dict()
                .unwrap();
            let descriptor = get(&document, below, "FontDescriptor").unwrap().as_dict().unwrap();
            let file =
                get(&document, descriptor, "FontFile2").or_else(|| get(&document, descriptor, "FontFile3")).unwrap().as_stream().unwrap();
            let program = file.decompressed_content().unwrap_or_else(|_| file.content.clone());
            let face = skrifa::FontRef::new(&program).unwrap();
            let glyphs = face.maxp().unwrap().num_glyphs();
            // Codes lead to glyphs by a map.
            let map = get(&document, below, "CIDToGIDMap").unwrap().as_stream().unwrap().decompressed_content().unwrap();
            let glyph = |code: u16| u16::from_be_bytes([map[usize::from(code) * 2], map[usize::from(code) * 2 + 1]]);
            let shown: BTreeSet<u16> = codes.iter().map(|code| glyph(*code)).collect();
            let widths = common::pdf::widths(&document, below);
            let metrics = skrifa::MetadataProvider::glyph_metrics(
                &face,
                skrifa::instance::Size::unscaled(),
                skrifa::instance::LocationRef::default(),
            );
            let em = f32::from(face.head().unwrap().units_per_em());
            // A glyph made of others brings those along; nothing else is there but the glyph of what has none.
            let mut needed: BTreeSet<u16> = shown.iter().copied().chain([0]).collect();
            let mut open: Vec<u16> = needed.iter().copied().collect();
            if let (Ok(places), Ok(outlines)) = (face.loca(None), face.glyf()) {
                while let Some(glyph) = open.pop() {
                    if let Ok(Some(Glyph::Composite(made))) = places.get_glyf(glyph.into(), &outlines) {
                        open.extend(made.components().map(|part| part.glyph.to_u32() as u16).filter(|part| needed.insert(*part)));
                    }
                }
            }
            assert_eq!(usize::from(glyphs), needed.len());
            assert!(codes.iter().all(|code| glyph(*code) > 0 && glyph(*code) < glyphs));
            for code in codes {
                let stated = widths.get(&code).copied().unwrap_or(1000.0) as f32;
                let own = metrics.advance_width(glyph(code).into()).unwrap() * 1000.0 / em;
                assert!((stated - own).abs() <= 1.0, "{code:04x}: {stated} {own}");
            }
        }
    }
}

#[test]
fn boxes_nest() {
    let mm = |length: f32| length * 72.0 / 25.4;
    let cases = [("", 0.0, 0.0), ("bleed = \"3mm\"", 3.0, 3.0), ("bleed = \"3mm\"\ncrop-marks = true", 3.0, 10.0)];
    for (at, (keys, bleed, margin)) in cases.into_iter().enumerate() {
        let read = one(&format!("boxes-{at}"), &format!("\n[pdf]\n{keys}\n"), "# 章\n\n正文[^a]。\n\n[^a]: 注。\n");
        for page in read.document.get_pages().into_values() {
            let sides = |key: &str| -> Vec<f32> {
                get(&read.document, dictionary(&read.document, page), key)
                    .unwrap()
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|side| side.as_float().unwrap())
                    .collect()
            };
            let near = |found: &[f32], wanted: [f32; 4]| {
                assert!(found.iter().zip(wanted).all(|(one, other)| (one - other).abs() < 0.1), "{found:?} {wanted:?}")
            };
            let (wide, high) = (mm(148.0), mm(210.0));
            let around = |beyond: f32| [mm(margin - beyond), mm(margin - beyond), mm(margin + beyond) + wide, mm(margin + beyond) + high];
            near(&sides("MediaBox"), around(margin));
            near(&sides("BleedBox"), around(bleed));
            near(&sides("TrimBox"), around(0.0));
        }
        // The cover's field runs over the trim as far as the bleed.
        let first = *read.document.get_pages().values().next().unwrap();
        let content = lopdf::content::Content::decode(&read.document.get_page_content(first)).unwrap();
        let widest = content
            .operations
            .iter()
            .filter(|operation| operation.operator == "re")
            .map(|operation| operation.operands[2].as_float().unwrap())
            .fold(0.0, f32::max);
        assert!((widest - mm(148.0 + 2.0 * bleed)).abs() < 0.1, "{widest}");
        let marks = content.operations.iter().filter(|operation| operation.operator == "S").count();
        assert_eq!(marks, if keys.contains("crop") { 8 } else { 0 });
    }
}

#[test]
fn labels_and_outline_agree() {
    for read in books() {
        let catalog = read.document.catalog().unwrap();
        let numbers = get(&read.document, get(&read.document, catalog, "PageLabels").unwrap().as_dict().unwrap(), "Nums")
            .unwrap()
            .as_array()
            .unwrap();
        let ranges: Vec<(usize, Option<u8>)> = numbers
            .chunks(2)
            .map(|pair| {
                (pair[0].as_i64().unwrap() as usize, pair[1].as_dict().unwrap().get(b"S").ok().map(|style| style.as_name().unwrap()[0]))
            })
            .collect();
        let mut printed = 0;
        for (at, page) in read.pages.iter().enumerate() {
            let (from, style) = *ranges.iter().rev().find(|(from, _)| *from <= at).unwrap();
            let label = match style {
                None => String::new(),
                Some(b'D') => (at - from + 1).to_string(),
                Some(_) => roman(at - from + 1),
            };
            // The folio is what stands lowest among heads and feet, and says the label.
            let foot: Vec<&pdf::Glyph> = page.iter().filter(|glyph| glyph.mark == Mark::Artifact { pagination: true }).collect();
            let Some(lowest) = foot.iter().map(|glyph| glyph.y).reduce(f64::max) else { continue };
            let folio: String = foot.iter().filter(|glyph| glyph.y > lowest - 0.5).map(|glyph| glyph.text.as_str()).collect();
            if lowest > 400.0 {
                assert_eq!(folio, label, "page {at}");
                printed += 1;
            }
        }
        assert!(printed > 3, "{printed}");
    }
}

fn roman(mut number: usize) -> String {
    let mut out = String::new();
    for (value, sign) in [(10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")] {
        while number >= value {
            out.push_str(sign);
            number -= value;
        }
    }
    out
}

#[test]
fn nothing_forbidden_is_in_the_file() {
    for read in books() {
        assert!(!read.document.trailer.has(b"Encrypt"));
        let catalog = read.document.catalog().unwrap();
        for key in ["AA", "OpenAction", "Names", "AcroForm", "OCProperties", "Perms", "Collection", "Requirements", "JavaScript"] {
            assert!(!catalog.has(key.as_bytes()), "{key}");
        }
        for object in read.document.objects.values() {
            let Ok(dictionary) = object.as_dict().or_else(|_| object.as_stream().map(|stream| &stream.dict)) else { continue };
            for key in [
                "TR",
                "TR2",
                "HT",
                "HTP",
                "OPI",
                "PS",
                "Ref",
                "AF",
                "EF",
                "JS",
                "Alternates",
                "XFA",
                "CIDSet",
                "PresSteps",
                "Trans",
                "NeedsRendering",
                "AA",
                "Intent",
                "ImageMask",
                "AP",
                "BM",
                "FFilter",
                "FDecodeParms",
                "RoleMap",
            ] {
                assert!(!dictionary.has(key.as_bytes()), "{key}");
            }
            assert!(dictionary.get(b"Interpolate").is_err());
            if dictionary.get(b"Type").and_then(Object::as_name).is_ok_and(|kind| kind == b"Action") {
                assert_eq!(dictionary.get(b"S").unwrap().as_name().unwrap(), b"URI");
            }
            if dictionary.get(b"Type").and_then(Object::as_name).is_ok_and(|kind| kind == b"XObject") {
                assert_eq!(dictionary.get(b"Subtype").unwrap().as_name().unwrap(), b"Image");
                let space = dictionary.get(b"ColorSpace").unwrap().as_name().unwrap();
                assert!([&b"DeviceRGB"[..], b"DeviceGray"].contains(&space));
            }
            if dictionary.get(b"Type").and_then(Object::as_name).is_ok_and(|kind| kind == b"Annot") {
                assert_eq!(dictionary.get(b"Subtype").unwrap().as_name().unwrap(), b"Link");
                assert_eq!(dictionary.get(b"F").unwrap().as_i64().unwrap(), 4, "it prints, and is neither hidden nor unseen");
            }
            if let Ok(filter) = dictionary.get(b"Filter").and_then(Object::as_name) {
                assert!([&b"FlateDecode"[..], b"DCTDecode"].contains(&filter));
            }
        }
    }
}

#[test]
fn odd_sources_are_tagged_as_the_standards_ask() {
    // Found with veraPDF: a link around other elements, a table of heads alone, cells that reach too far, a heading without text,
    // a language that is none, a character that no text holds, one that only a font knows.
    let source = "# 章\n\n[`code`](https://a.b)、[{字|zì}](https://a.b)、[[hi]{lang=en}](https://a.b)。\n\n| 甲 | 乙 |\n|---|---|\n\n\
        <table><thead><tr><th rowspan=\"3\">甲</th><th>乙</th></tr></thead><tbody><tr><td rowspan=\"9\">丙</td><td>丁</td></tr><tr><td>戊</td></tr></tbody></table>\n\n\
        ## {#empty}\n\n### 三级\n\n[x]{lang=zh_CN}[y]{lang=中文}\u{0}文。\n";
    let read = one("odd", "", source);
    for link in read.tree.find("Link") {
        assert!(link.kids.iter().any(|kid| matches!(kid, Kid::Annotation(..))), "{}", link.says());
    }
    for table in read.tree.find("Table") {
        let groups: Vec<&str> = table.nodes().map(|kid| kid.role.as_str()).filter(|role| *role != "Caption").collect();
        assert!(groups == ["TBody"] || groups == ["THead", "TBody"], "{groups:?}");
        for (at, row) in table.find("TR").iter().enumerate() {
            for cell in row.nodes() {
                let reach = cell.attributes.get("RowSpan").map_or(1, |span| span.as_i64().unwrap() as usize);
                assert!(at + reach <= table.find("TR").len());
            }
        }
    }
    let levels: Vec<&str> =
        read.tree.all().iter().map(|node| node.role.as_str()).filter(|role| role.len() == 2 && role.starts_with('H')).collect();
    assert_eq!(levels, ["H1", "H1", "H2"]);
    let languages: Vec<String> = read.tree.all().iter().filter_map(|node| node.language.clone()).collect();
    assert_eq!(languages, ["en", "zh-CN"]);
    assert!(read.tree.says().contains("\u{fffd}文"));
}
