//! What an import promises: the book that is in a source, the rest set aside, damage put right by evidence, everything on record and
//! to be undone.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, clippy::expect_used, clippy::panic)]

mod common;

use common::damage::{self, Forms, Score, clean};
use common::{Folder, folder, run, stderr, stdout};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn import(source: &Path, target: &Path, more: &[&str]) -> std::process::Output {
    let mut arguments = vec!["import", source.to_str().unwrap(), "-o", target.to_str().unwrap()];
    arguments.extend(more);
    run(&arguments)
}

/// A text in a file, imported beside it.
fn imported(name: &str, bytes: &[u8]) -> (Folder, std::process::Output) {
    let folder = folder(&format!("import-{name}"));
    std::fs::write(folder.0.join("source.txt"), bytes).unwrap();
    let output = import(&folder.0.join("source.txt"), &folder.0.join("book"), &[]);
    (folder, output)
}

fn read(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.0.join("book").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The records of a ledger, without its first line.
fn records(ledger: &str) -> Vec<serde_json::Value> {
    ledger.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn assert_undone(folder: &Folder) {
    let (book, back) = (folder.0.join("book"), folder.0.join("back.txt"));
    let output =
        run(&["import", book.to_str().unwrap(), "--undo", book.join("ledger.jsonl").to_str().unwrap(), "-o", back.to_str().unwrap()]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(std::fs::read(back).unwrap() == std::fs::read(folder.0.join("source.txt")).unwrap(), "undoing gives other bytes");
}

#[test]
fn the_seed_becomes_the_book_that_is_committed() {
    let target = folder("import-seed");
    let seed = root().join("tests/import/seed.txt");
    let output = import(&seed, &target.0.join("book"), &[]);
    assert!(output.status.success(), "{}", stderr(&output));
    let said = stdout(&output);
    for line in [
        "kept: 6 chapters, 24 sections",
        "8 chapters of the contents have no body",
        "第七章 加快农业农村现代化",
        "第三节 健全城乡融合发展体制机制",
        "第十四章",
        "第四节 健全规划制定和落实机制",
        "第一章：第五节 is missing",
    ] {
        assert!(said.contains(line), "{line} in {said}");
    }
    for line in ["第六章: 第三节 提升城市品质", "第六章: 第四节 构筑互联互通的基础设施体系"] {
        assert!(said.contains(line), "{line} in {said}");
    }
    let mut names: Vec<String> = vec!["book.toml".into(), "left-out.txt".into(), "ledger.jsonl".into(), "src/front.md".into()];
    names.extend((1..=6).map(|number| format!("src/ch{number:02}.md")));
    for name in names {
        let (new, old) = (read(&target, &name), std::fs::read_to_string(root().join("book").join(&name)).unwrap());
        assert!(new == old, "{name} is not as it is committed");
    }
    let aside = read(&target, "left-out.txt");
    for line in ["我要回帖", "更多关于 一路与书同行800 的文章", "随机推荐", "航运物流业的一路与书同行800都看什么书"]
    {
        assert!(aside.contains(line), "{line}");
    }
    let again = import(&seed, &target.0.join("book"), &[]);
    assert_eq!(again.status.code(), Some(1));
    assert!(stderr(&again).contains("would-overwrite"));
}

/// `key.tsv` was made by a reader who knew nothing of the program.
#[test]
fn the_damage_of_the_seed_is_put_right_and_nothing_else() {
    let key: BTreeMap<(u64, u64), (String, String)> = std::fs::read_to_string(root().join("tests/import/key.tsv"))
        .unwrap()
        .lines()
        .map(|line| {
            let words: Vec<&str> = line.split('\t').collect();
            ((words[0].parse().unwrap(), words[1].parse().unwrap()), (words[2].to_owned(), words[3].to_owned()))
        })
        .collect();
    let ledger = std::fs::read_to_string(root().join("book/ledger.jsonl")).unwrap();
    let mut right = 0;
    for record in records(&ledger) {
        let characters = ["look-alike", "traditional", "symbol"].iter().any(|rule| record["rule"] == *rule);
        if !characters || record["applied"] != true || record["line"].as_u64().unwrap() < 153 {
            continue;
        }
        let at = (record["line"].as_u64().unwrap(), record["column"].as_u64().unwrap());
        let pair = (record["before"].as_str().unwrap().to_owned(), record["after"].as_str().unwrap().to_owned());
        assert_eq!(key.get(&at), Some(&pair), "{at:?}");
        right += 1;
    }
    assert!(right * 100 >= key.len() * 99, "{right} of {}", key.len());
}

#[test]
fn damage_of_every_kind_is_put_right() {
    let forms = Forms::read();
    let blocks = clean(&root().join("book"));
    let mut all: BTreeMap<&str, Score> = BTreeMap::new();
    for (name, ways) in damage::ways() {
        let damaged = damage::damage(&blocks, ways, &forms);
        let (folder, output) = imported(&format!("damaged-{}", ways.seed), damaged.text.as_bytes());
        assert!(output.status.success(), "{name}: {}", stderr(&output));
        for (what, score) in damage::judge(&damaged, &read(&folder, "ledger.jsonl"), &mut Vec::new()) {
            all.entry(what).or_default().add(score);
        }
        assert_undone(&folder);
    }
    for (what, score) in all {
        assert!(score.precision() >= 99.5 && score.recall() >= 95.0, "{what}: {score:?}");
    }
}

#[test]
fn undoing_gives_the_same_bytes_in_every_encoding() {
    let sample = "书名：小城\n作者：某人\n\n第一章　来\n\n　　他和我走在路上,天色已经晚了。\n　　“是的。”他说 *一句* 。\n\n第二章　去\n\n　　囷平的日子(很长)过去了。\n";
    let crlf = sample.replace('\n', "\r\n");
    let encode = |name: &str| encoding_rs::Encoding::for_label(name.as_bytes()).unwrap().encode(sample).0.into_owned();
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(crlf.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let mut broken = encode("gb18030");
    broken.extend_from_slice(b"\n\xff\xff\x81 abc\n");
    let cases = [
        ("utf-8", sample.as_bytes().to_vec()),
        ("bom", format!("\u{feff}{crlf}").into_bytes()),
        ("gb18030", encode("gb18030")),
        ("utf-16", wide),
        ("broken", broken),
        ("no-end", sample.trim_end().as_bytes().to_vec()),
        ("markdown", "# 一\n\n- 甲 [乙](丙) `丁` <戊> &amp; 1. 己\n1. 庚 {辛|壬} $癸$\n\n    子\n".as_bytes().to_vec()),
    ];
    for (name, bytes) in cases {
        let (folder, output) = imported(&format!("undo-{name}"), &bytes);
        assert!(output.status.success(), "{name}: {}", stderr(&output));
        assert_undone(&folder);
        let built = run(&["build", folder.0.join("book").to_str().unwrap(), "--epub"]);
        assert!(built.status.success(), "{name}: {}", stderr(&built));
        if name != "broken" && name != "markdown" {
            let manifest = read(&folder, "book.toml");
            assert!(manifest.contains("title = \"小城\"") && manifest.contains("authors = [\"某人\"]"), "{name}: {manifest}");
            assert!(read(&folder, "src/ch01.md").contains("路上，天色"), "{name}");
        }
    }
}

#[test]
fn an_edited_ledger_is_applied_and_a_book_that_was_edited_is_told() {
    let text = "第一章　来\n\n他们囷我走在路上,天色已经晚了，囷平的日子过去了，化囮与苼活。\n\n第二章　去\n\n正文在这里，囷前面一样长。\n";
    let (folder, output) = imported("apply", text.as_bytes());
    assert!(output.status.success(), "{}", stderr(&output));
    let ledger = read(&folder, "ledger.jsonl");
    // A person takes one change back and makes another one of their own.
    let edited: Vec<String> =
        ledger
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.contains("\"before\":\",\""))
            .map(|(at, line)| {
                if at > 0 && line.contains("\"line\":7,") {
                    line.replace("\"after\":\"和\"", "\"after\":\"与\"")
                } else {
                    line.to_owned()
                }
            })
            .collect();
    std::fs::write(folder.0.join("edited.jsonl"), edited.join("\n")).unwrap();
    let edited = folder.0.join("edited.jsonl");
    let output = import(&folder.0.join("source.txt"), &folder.0.join("book"), &["--force", "--apply", edited.to_str().unwrap()]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(read(&folder, "src/ch01.md").contains("他们和我走在路上,天色"));
    assert!(read(&folder, "src/ch02.md").contains("与前面一样长"));
    assert_undone(&folder);
    // Another source, a record that does not fit, a line that is none.
    let other = folder.0.join("source2.txt");
    std::fs::write(&other, text.replace('路', "道")).unwrap();
    let refused = |source: &Path, ledger: &str| {
        std::fs::write(&edited, ledger).unwrap();
        let output = import(source, &folder.0.join("none"), &["--apply", edited.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains("broken-ledger"), "{}", stderr(&output));
        assert!(!folder.0.join("none").exists());
    };
    refused(&other, &ledger);
    refused(&folder.0.join("source.txt"), &ledger.replacen("\"before\":\"囷\"", "\"before\":\"园\"", 1));
    refused(&folder.0.join("source.txt"), &format!("{ledger}{{\n"));
    // What was written since cannot be undone.
    let chapter = folder.0.join("book/src/ch02.md");
    std::fs::write(&chapter, std::fs::read_to_string(&chapter).unwrap().replace("与前面", "和前面")).unwrap();
    let book = folder.0.join("book");
    let output =
        run(&["import", book.to_str().unwrap(), "--undo", book.join("ledger.jsonl").to_str().unwrap(), "-o", other.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("src/ch02.md was changed since the import"), "{}", stderr(&output));
}

#[test]
fn nothing_is_written_in_a_dry_run_but_what_is_asked_for() {
    let target = folder("import-dry");
    let (book, ledger, report) = (target.0.join("book"), target.0.join("l.jsonl"), target.0.join("r.html"));
    let seed = root().join("tests/import/seed.txt");
    let more = ["--dry-run", "--ledger", ledger.to_str().unwrap(), "--report", report.to_str().unwrap()];
    assert!(import(&seed, &book, &more).status.success());
    assert!(!book.exists());
    assert_eq!(std::fs::read_to_string(&ledger).unwrap(), std::fs::read_to_string(root().join("book/ledger.jsonl")).unwrap());
    let page = std::fs::read_to_string(&report).unwrap();
    assert!(page.contains("<del>囷</del>") && page.contains("<ins>和</ins>") && page.contains("lines 3–151"));
    let sure = import(&seed, &book, &["--dry-run", "--min-confidence", "1", "--ledger", ledger.to_str().unwrap()]);
    assert!(sure.status.success());
    let text = std::fs::read_to_string(&ledger).unwrap();
    assert!(records(&text).iter().filter(|record| record["rule"] == "look-alike").all(|record| record["applied"] == false));
}

/// The text, and what the import makes of it: the chapters' files, by their names.
fn chapters(name: &str, text: &str) -> BTreeMap<String, String> {
    let (folder, output) = imported(name, text.as_bytes());
    assert!(output.status.success(), "{name}: {}", stderr(&output));
    assert_undone(&folder);
    let mut files: BTreeMap<String, String> = std::fs::read_dir(folder.0.join("book/src"))
        .unwrap()
        .flatten()
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), std::fs::read_to_string(entry.path()).unwrap()))
        .collect();
    files.insert("book.toml".into(), read(&folder, "book.toml"));
    files.insert("said".into(), stdout(&output));
    files
}

const BODY: &str = "　　这一天，他沿着河岸走了很久，直到天色完全暗了下来，才慢慢地往回走。\n　　第二章我还没看完，她说。\n";

#[test]
fn headings_are_found_by_evidence() {
    // Two levels on one line, a title on the next line, numbers that begin anew in each volume.
    let text = format!("第一卷 风起 第一章 相遇\n{BODY}\n第二章\n离别\n{BODY}\n第二卷 云涌\n第一章 重逢\n{BODY}\n尾声\n{BODY}");
    let files = chapters("volumes", &text);
    assert!(files["ch01.md"].starts_with("# 第一章　相遇\n"), "{files:?}");
    assert!(files["ch02.md"].starts_with("# 第二章　离别\n"), "{files:?}");
    assert!(files["ch03.md"].starts_with("# 第一章　重逢\n"));
    assert!(files["ch04.md"].starts_with("# 尾声\n"));
    assert!(files["book.toml"].contains("part = \"第一卷　风起\"") && files["book.toml"].contains("part = \"第二卷　云涌\""));
    assert!(files["book.toml"].contains("matter = \"back\""));
    // Numbers that skip and that repeat are told.
    let text = format!("第一章 甲\n{BODY}\n第三章 丙\n{BODY}\n第三章 丁\n{BODY}\n第四章 戊\n{BODY}");
    let files = chapters("gaps", &text);
    assert_eq!(files.keys().filter(|name| name.starts_with("ch")).count(), 4);
    assert!(files["said"].contains("第二章 is missing") && files["said"].contains("第三章 comes again"), "{}", files["said"]);
    // Signs around headings, marks after labels; words that only begin like headings; verse; sentences about sites.
    let text = format!(
        "剑起苍茫\n某人 著\n\n正文 第一章：甲\n{BODY}\n☆、第二章 乙\n{BODY}　　第一回合，他赢了\n　　第三节课\n\n【第 3 章】丙\n　　手机阅读已经成为习惯。\n　　本书由人民出版社出版。\n　　他买了电视。请记住本站域名www.abc.com\n"
    );
    let files = chapters("signs", &text);
    assert!(files["book.toml"].contains("title = \"剑起苍茫\"") && files["book.toml"].contains("authors = [\"某人\"]"), "{files:?}");
    assert!(files["ch01.md"].starts_with("# 第一章　甲\n") && files["ch02.md"].starts_with("# 第二章　乙\n"), "{files:?}");
    assert!(files["ch02.md"].contains("\n第一回合，他赢了\n") && files["ch02.md"].contains("\n第三节课\n"), "{files:?}");
    assert!(files["ch03.md"].starts_with("# 第3章　丙\n\n手机阅读已经成为习惯。\n\n本书由人民出版社出版。\n\n他买了电视。\n"), "{files:?}");
    let verse = "那年夏天的风吹过操场\n你站在树下笑得像太阳\n我以为时间会慢慢变长\n却不知青春只是一场\n那年夏天的雨打湿衣裳\n你撑着伞走过长长的巷\n我以为故事会有下一章\n却不知离别藏在远方\n";
    assert!(chapters("verse", verse)["ch01.md"].contains("操场\n\n你站"));
    // English, numbers alone, 卷 without 第.
    let text = "Chapter 1 The Road\n\nIt was late, and nobody was there.\n\nChapter 2 The House\n\nNobody came, and it was late.\n";
    assert!(chapters("english", text)["ch02.md"].starts_with("# Chapter 2 The House\n"));
    let text = format!("一\n{BODY}\n二\n{BODY}\n三\n{BODY}\n四\n{BODY}");
    assert!(chapters("bare", &text)["ch03.md"].starts_with("# 三\n"));
    let text = format!("卷一　山\n{BODY}\n卷二　水\n{BODY}\n卷三　林\n{BODY}");
    assert!(chapters("juan", &text)["ch03.md"].starts_with("# 卷三　林\n"));
    let text =
        format!("序\n{BODY}\n第一章 甲\n{BODY}\n一、缘起\n{BODY}\n二、经过\n{BODY}\n三、结果\n{BODY}\n第二章 乙\n{BODY}\n后记\n{BODY}");
    let files = chapters("lists", &text);
    assert!(files["ch02.md"].contains("\n## 一、缘起\n") && files["ch02.md"].contains("\n## 三、结果\n"), "{files:?}");
    assert!(
        files["book.toml"].contains("file = \"ch01.md\"\nmatter = \"front\"")
            && files["book.toml"].contains("file = \"ch04.md\"\nmatter = \"back\"")
    );
}

#[test]
fn genuine_uses_stay() {
    // Found by a reviewer.
    let text = "第一章　字\n\n仓囷已满，囷仓皆实。毕昇、荀彧、李悝、张铨皆古人。\n\n康熙字典里有⼀部、⼁部，⻓字旁与⻔字旁。古文有亖、亼、亾。囡囡、囝仔。\n\n函数f(x)在区间(a,b)上，Φ(n)与P(1,2)，他笑了(^_^)，又笑:)了。\n";
    let files = chapters("genuine-words", text);
    for piece in [
        "仓囷已满，囷仓皆实",
        "毕昇、荀彧、李悝、张铨",
        "⼀部、⼁部，⻓字旁与⻔字旁",
        "亖、亼、亾",
        "囡囡、囝仔",
        "函数f(x)在区间(a,b)上，Φ(n)与P(1,2)",
        "(^_^)",
        ":)",
    ] {
        assert!(files["ch01.md"].replace('\\', "").contains(piece), "{piece} in {files:?}");
    }
    let text = "第一章　夜\n\n　　他走進屋裏，看見桌子上放着一本書，便坐下來讀，心裏很高興，直到夜裏。\n";
    assert!(chapters("genuine-traditional", text)["ch01.md"].contains("屋裏"));
    let text = "第一章　符号\n\n设黄金分割比为Φ，则Φ满足方程。“彡”旁的字有彩、影、形。他被囚禁在汾河边的囚牢里，嘴里嘟囔着什么。\n\n如下：①收入；②支出。见注①。囹圄之中，他找茬儿骂人。\n\n第二章　外文\n\nこのロボットは日本で作られたロケットです。カタカナの「ロ」は口に似ている。\n\n玳瑁和叻沙都在新加坡，乾坤未定，瞭望塔上。\n";
    let files = chapters("genuine", text);
    for piece in [
        "比为Φ，则Φ满足",
        "“彡”旁",
        "囚禁在汾河边的囚牢",
        "嘟囔",
        "①收入；②支出。见注①",
        "囹圄",
        "找茬儿",
        "このロボット",
        "玳瑁",
        "乾坤",
        "瞭望",
    ] {
        assert!(files.values().any(|file| file.contains(piece)), "{piece} in {files:?}");
    }
    // A book in traditional characters is left in them.
    let text = "第一章　開端\n\n話說天下大勢，分久必合，合久必分。周末七國分爭，并入於秦。及秦滅之後，楚、漢分爭，又并入於漢。\n\n第二章　結義\n\n漢朝自高祖斬白蛇而起義，一統天下，後來光武中興，傳至獻帝，遂分為三國。\n";
    let files = chapters("traditional", text);
    assert!(files["ch01.md"].contains("話說天下大勢") && files["book.toml"].contains("zh-Hant"));
}

#[test]
fn bad_input_is_told_and_nothing_is_written() {
    let refused = |name: &str, bytes: &[u8], code: &str| {
        let (folder, output) = imported(name, bytes);
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert!(stderr(&output).contains(code), "{name}: {}", stderr(&output));
        assert!(!folder.0.join("book").exists(), "{name}");
    };
    refused("empty", b"", "nothing-to-import");
    refused("blank", " \n\u{3000}\n".as_bytes(), "nothing-to-import");
    refused("binary", &(0..4000u32).map(|number| (number * 7919 % 251) as u8).collect::<Vec<_>>(), "nothing-to-import");
    refused("contents", &(1..20).map(|number| format!("第{number}章 题目\n")).collect::<String>().into_bytes(), "nothing-to-import");
    // As large as it says, without a byte on the disk.
    let folder = folder("import-huge");
    let huge = std::fs::File::create(folder.0.join("huge.txt")).unwrap();
    huge.set_len(200 << 20).unwrap();
    let output = import(&folder.0.join("huge.txt"), &folder.0.join("book"), &[]);
    assert!(output.status.code() == Some(1) && stderr(&output).contains("too-large"), "{}", stderr(&output));
    assert!(!folder.0.join("book").exists());
    // Two encodings in one file are read, and told.
    let mut mixed = encoding_rs::GB18030.encode("第一章　来\n\n他们走在路上，天色已经晚了。\n\n").0.into_owned();
    mixed.extend_from_slice("后来又加上的一段文字，用的是另一种编码。\n".as_bytes());
    let (book, output) = imported("mixed", &mixed);
    assert!(output.status.success() && stderr(&output).contains("mixed-encodings"), "{}", stderr(&output));
    assert!(read(&book, "src/ch01.md").contains("后来又加上的一段文字"));
    assert_undone(&book);
}
