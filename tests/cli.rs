//! What the program promises at the command line, tried with the program itself.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, clippy::expect_used, clippy::panic)]

mod common;

use common::{MANIFEST, book, build, copy, epub_file, folder, made, run, run_in, stderr, stdout};

#[test]
fn the_book_of_the_seed_becomes_both_formats() {
    let book = copy("seed-book", "book");
    let output = build(&book);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(made(&book, "epub").starts_with(b"PK"));
    assert!(made(&book, "pdf").starts_with(b"%PDF-1.7"));
}

#[test]
fn the_same_input_gives_the_same_bytes_in_any_folder_and_environment() {
    for (at, from) in ["book", "tests/books/features"].iter().enumerate() {
        let (one, other) = (copy(&format!("same-{at}-a"), from), copy(&format!("same-{at}-在别处"), from));
        assert!(build(&one).status.success());
        let first = ["epub", "pdf"].map(|extension| made(&one, extension));
        let here = [("LANG", "C"), ("TZ", "America/St_Johns"), ("RAYON_NUM_THREADS", "7")];
        let elsewhere = [("LANG", "zh_CN.UTF-8"), ("TZ", "Asia/Shanghai"), ("RAYON_NUM_THREADS", "1")];
        for (folder, environment) in [(&one, here), (&other, elsewhere)] {
            assert!(run_in(&["build", "--no-cache", folder.0.to_str().unwrap()], &environment).status.success());
            let again = ["epub", "pdf"].map(|extension| made(folder, extension));
            assert!(first == again, "{from} differs with {environment:?}");
        }
    }
}

#[test]
fn a_book_that_has_changed_is_made_as_if_it_were_new() {
    // Each change: the file, what is looked for in it (at its end where that is empty), what takes its place.
    let long = "添了许多话。".repeat(400);
    type Change<'a> = (&'a str, &'a str, &'a str);
    let changes: [(&str, &str, &[Change<'_>]); 2] = [
        (
            "book",
            "src/",
            &[
                ("ch01", "", "\n添一句，有生僻字𠮷與龘。\n"),
                ("ch02", "", &format!("\n{long}\n")),
                ("ch02", "添了许多话。", "改了。"),
                ("book.toml", "[book]", "[pdf]\nfont-size = \"11pt\"\n\n[book]"),
            ],
        ),
        (
            "tests/books/features",
            "src/",
            &[("", "", "\n添一句。[^新]\n\n[^新]: 注。\n"), ("", "", &format!("\n![图](没有的.png)\n\n{long}\n"))],
        ),
    ];
    for (from, below, changes) in changes {
        let book = copy(&format!("changed-{}", from.replace('/', "-")), from);
        let folder = book.0.to_str().unwrap();
        let both = || ["epub", "pdf"].map(|extension| made(&book, extension));
        let told = stderr(&build(&book));
        assert_eq!(stderr(&build(&book)), told, "what was told is told again");
        let mut files: Vec<_> = std::fs::read_dir(book.0.join(below)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|path| path.extension().is_some_and(|extension| extension == "md") && !path.ends_with("SUMMARY.md"));
        files.sort();
        for (name, what, by) in changes {
            let path = match *name {
                "book.toml" => book.0.join(name),
                name => files.iter().find(|path| path.file_name().unwrap().to_string_lossy().starts_with(name)).unwrap().clone(),
            };
            let text = std::fs::read_to_string(&path).unwrap();
            let text = if what.is_empty() { text + by } else { text.replacen(what, by, 1) };
            std::fs::write(&path, text).unwrap();
            let output = build(&book);
            let kept = (output.status.code(), stderr(&output), both());
            let output = run(&["build", "--no-cache", folder]);
            assert!(kept == (output.status.code(), stderr(&output), both()), "{from}: {name} {what} {by:.20}");
        }
        // What is kept may be anything.
        let (good, cache) = (both(), book.0.join("dist/.cache"));
        let bytes = std::fs::read(&cache).unwrap();
        for bad in [&b""[..], b"banxin", &bytes[..bytes.len() / 2]] {
            std::fs::write(&cache, bad).unwrap();
            build(&book);
            assert!(both() == good);
        }
        assert!(std::fs::read(&cache).unwrap().len() > bytes.len() / 3, "it is mended");
    }
}

#[test]
fn a_chapter_that_has_not_changed_says_what_has_changed_elsewhere() {
    let manifest = |more: &str| format!("{MANIFEST}[[chapters]]\nfile = \"b.md\"\n\n{more}");
    let drawing = |width: u32| {
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"40\"><rect width=\"9\" height=\"9\"/></svg>")
    };
    let first = "# 甲\n\n见第 [](#there){.page} 页，[那里](b.md#there)。\n\n![图](a.svg)\n";
    let second = "# 乙\n\n正文。\n\n## 那里 {#there}\n\n正文。\n";
    let long = format!("{}\n\n", "长文。".repeat(6000)).repeat(6);
    for first in [first.to_owned(), first.replace("{.page}", "")] {
        let (manifest, svg) = (manifest(""), drawing(40));
        let folder = book("elsewhere", &[("book.toml", &manifest), ("src/a.md", &first), ("src/b.md", second), ("src/a.svg", &svg)]);
        let changes = [
            // The section comes to stand on another page, then in another file, and has another title in the end.
            ("src/b.md", second.replace("正文。\n\n##", &format!("{}\n\n##", "正文。".repeat(900)))),
            ("src/b.md", second.replace("正文。\n\n##", &format!("{long}##"))),
            ("src/b.md", second.replace("## 那里", "## 他处")),
            ("src/a.svg", drawing(80)),
            ("book.toml", manifest.replace("[book]\n", "[book]\nlanguage = \"en\"\n")),
            ("src/b.md", second.replace("正文", "生僻字𠮷")),
        ];
        build(&folder);
        let mut before = made(&folder, "epub");
        for (name, text) in changes {
            std::fs::write(folder.0.join(name), &text).unwrap();
            assert!(build(&folder).status.success());
            let kept = ["epub", "pdf"].map(|extension| made(&folder, extension));
            assert!(run(&["build", "--no-cache", folder.0.to_str().unwrap()]).status.success());
            assert!(kept == ["epub", "pdf"].map(|extension| made(&folder, extension)), "{name}");
            assert!(before != kept[0], "{name} changes nothing");
            before = kept[0].clone();
        }
    }
}

#[test]
fn a_change_makes_its_own_chapter_anew_and_no_other() {
    let text = |seed: u32| {
        let character = |at: u32| char::from_u32(0x4e00 + ((at + seed * 10_000).wrapping_mul(2_654_435_761) >> 13) % 997).unwrap();
        (0..9000).map(character).collect::<String>()
    };
    let manifest =
        ["b", "c", "d", "e", "f"].iter().fold(MANIFEST.to_owned(), |all, name| format!("{all}[[chapters]]\nfile = \"{name}.md\"\n"));
    let folder = folder("own-chapter");
    std::fs::create_dir(folder.0.join("src")).unwrap();
    std::fs::write(folder.0.join("book.toml"), manifest).unwrap();
    for (seed, name) in (1..).zip(["a", "b", "c", "d", "e", "f"]) {
        std::fs::write(folder.0.join(format!("src/{name}.md")), format!("# {name}\n\n{}\n", text(seed))).unwrap();
    }
    let kept = || std::fs::metadata(folder.0.join("dist/.cache")).unwrap().len();
    for format in ["--epub", "--pdf"] {
        drop(std::fs::remove_dir_all(folder.0.join("dist")));
        let build = || assert!(run(&["build", format, folder.0.to_str().unwrap()]).status.success());
        build();
        let path = folder.0.join("src/f.md");
        let (before, whole) = (kept(), std::fs::read_to_string(&path).unwrap());
        // Of characters that the fonts have been cut to.
        let paragraph: String = text(6).chars().take(20).collect();
        std::fs::write(&path, format!("{whole}\n{paragraph}\n")).unwrap();
        build();
        // One chapter of six, and the fonts are kept, too.
        let more = kept() - before;
        assert!(more > 5_000 && more < before / 6, "{format}: {more} of {before}");
    }
}

#[test]
fn several_books_are_built_at_once_and_one_that_fails_stops_no_other() {
    let shelf = book(
        "shelf",
        &[
            ("甲/book.toml", MANIFEST),
            ("甲/src/a.md", "# 甲\n\n正文。\n"),
            ("乙/book.toml", "[book]\ntitel = \"错\"\n"),
            ("丙/book.toml", MANIFEST),
            ("丙/src/a.md", "# 丙\n\n正文。\n"),
            ("notes/readme.txt", "不是书"),
        ],
    );
    let output = build(&shelf);
    assert_eq!(output.status.code(), Some(1));
    let told = stderr(&output);
    assert!(told.contains("error[unknown-key]") && told.contains("2 of 3 books built") && told.contains("乙"), "{told}");
    for name in ["甲", "丙"] {
        assert!(std::fs::read_dir(shelf.0.join(name).join("dist")).unwrap().count() == 3, "{name}");
    }
    assert!(!shelf.0.join("乙/dist").exists());
    // Named one by one, and one of them twice.
    let [first, second] = ["甲", "丙"].map(|name| shelf.0.join(name).to_str().unwrap().to_owned());
    let output = run(&["build", "--epub", &first, &second, &format!("{first}/")]);
    assert!(output.status.success() && stdout(&output).contains("2 books built"), "{}", stdout(&output));
    // For a program: each book before what is found in it.
    let output = run(&["--json", "build", shelf.0.to_str().unwrap()]);
    assert!(stdout(&output).lines().any(|line| line.contains("\"book\"") && line.contains("乙")), "{}", stdout(&output));
}

#[cfg(unix)]
#[test]
fn links_are_followed_within_the_book_only() {
    let outside = folder("links-outside");
    std::fs::write(outside.0.join("secret.md"), "# 章\n\n外面的字。\n").unwrap();
    let cases: [(&str, &str); 4] =
        [("src/a.md", "outside-book"), ("src/SUMMARY.md", "outside-book"), ("book.toml", "no-manifest"), ("src/part.md", "missing-file")];
    for (at, (linked, code)) in cases.into_iter().enumerate() {
        let manifest = if linked == "src/SUMMARY.md" { "[book]\ntitle = \"书\"\n" } else { MANIFEST };
        let folder = book(
            &format!("links-{at}"),
            &[("book.toml", manifest), ("src/a.md", "# 章\n\n{{#include part.md}}\n"), ("src/part.md", "里面的字。\n")],
        );
        std::fs::remove_file(folder.0.join(linked)).unwrap_or_default();
        std::os::unix::fs::symlink(outside.0.join("secret.md"), folder.0.join(linked)).unwrap();
        let output = build(&folder);
        assert!(stderr(&output).contains(code), "{linked}: {}", stderr(&output));
        assert!(!folder.0.join("dist").exists() || linked == "src/part.md");
    }
    // Within the book they are as good as any file.
    let inside = book("links-inside", &[("book.toml", MANIFEST), ("texts/real.md", "# 章\n\n正文。\n"), ("src/x.md", "")]);
    std::os::unix::fs::symlink("../texts/real.md", inside.0.join("src/a.md")).unwrap();
    assert!(build(&inside).status.success());
    // What is no file is not read: this one never ends.
    let endless = book("links-endless", &[("book.toml", MANIFEST), ("src/x.md", "")]);
    std::os::unix::fs::symlink("/dev/zero", endless.0.join("src/a.md")).unwrap();
    assert_eq!(build(&endless).status.code(), Some(1));
}

#[test]
fn a_build_that_is_killed_leaves_whole_files() {
    // `BANXIN_KILLS=1000 cargo test --release --test cli killed` tries more moments.
    let kills: u64 = std::env::var("BANXIN_KILLS").ok().and_then(|count| count.parse().ok()).unwrap_or(25);
    let texts = ["一", "二"].map(|word| format!("# 章\n\n{}\n", format!("第{word}稿的正文。").repeat(400)));
    let folder = book("killed", &[("book.toml", MANIFEST), ("src/a.md", &texts[0])]);
    let mut whole = Vec::new();
    let mut longest = std::time::Duration::ZERO;
    for text in &texts {
        std::fs::write(folder.0.join("src/a.md"), text).unwrap();
        let start = std::time::Instant::now();
        assert!(build(&folder).status.success());
        longest = longest.max(start.elapsed());
        whole.push(["epub", "pdf"].map(|extension| made(&folder, extension)));
    }
    for at in 0..kills {
        std::fs::write(folder.0.join("src/a.md"), &texts[at as usize % 2]).unwrap();
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_banxin"))
            .args(["build", folder.0.to_str().unwrap()])
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // Moments all over the time that a build takes, most of them towards its end, where files are written.
        let share = 1.0 - (at as f64 * 0.618_034).fract().powi(2);
        std::thread::sleep(longest.mul_f64(share * 1.05));
        drop(child.kill());
        child.wait().unwrap();
        for (number, extension) in ["epub", "pdf"].into_iter().enumerate() {
            let found = made(&folder, extension);
            assert!(whole.iter().any(|files| files[number] == found), "{extension} after {at} kills");
        }
    }
    assert!(build(&folder).status.success());
    let mut names: Vec<_> = std::fs::read_dir(folder.0.join("dist")).unwrap().flatten().map(|entry| entry.file_name()).collect();
    names.retain(|name| name != ".cache");
    assert_eq!(names.len(), 2, "what was left behind is gone: {names:?}");
}

#[test]
fn a_watched_book_is_built_again_when_it_is_saved() {
    let folder = book("watched", &[("book.toml", MANIFEST), ("src/a.md", "# 章\n\n旧的正文。\n")]);
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_banxin"))
        .args(["watch", "--epub", folder.0.to_str().unwrap()])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap()));
    let mut wait_for = |word: &str| lines.by_ref().map(Result::unwrap).find(|line| line.contains(word));
    assert!(wait_for("watching").is_some());
    let first = made(&folder, "epub");
    // An error is told, and the last good file kept.
    std::fs::write(folder.0.join("book.toml"), "[book]\n").unwrap();
    assert!(wait_for("error").is_some());
    assert!(made(&folder, "epub") == first);
    std::fs::write(folder.0.join("book.toml"), MANIFEST).unwrap();
    std::fs::write(folder.0.join("src/a.md"), "# 章\n\n新的正文。\n").unwrap();
    // A machine may have much else to do.
    let changed = (0..600).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        epub_file(&made(&folder, "epub"), "OEBPS/a.xhtml").contains("新的正文")
    });
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(changed);
}

#[test]
fn an_mdbook_book_builds_as_it_stands() {
    let book = copy("mdbook", "tests/books/mdbook");
    let output = build(&book);
    assert!(output.status.success(), "{}", stderr(&output));
    let epub = made(&book, "epub");
    let nav = epub_file(&epub, "OEBPS/nav.xhtml");
    for title in ["前言", "上编", "从字到行", "标点的宽度", "中西混排", "代码与表格", "待办", "后记"] {
        assert!(nav.contains(title), "{title}");
    }
    assert!(!nav.contains("待写"), "a draft is not part of the book");
    let page = epub_file(&epub, "OEBPS/chapter_3.xhtml");
    assert!(page.contains("answer") && page.contains("// 答案") && !page.contains("{{#include"), "an include is put in place");
}

#[test]
fn a_new_book_builds_and_has_nothing_to_report() {
    let target = folder("new");
    let path = target.0.join("我的书");
    assert!(run(&["new", path.to_str().unwrap(), "--author", "某人"]).status.success());
    let checked = run(&["check", path.to_str().unwrap()]);
    assert!(checked.status.success() && stdout(&checked).contains("nothing to report"), "{}", stderr(&checked));
    assert!(run(&["build", path.to_str().unwrap()]).status.success());
    assert!(path.join("dist/我的书.epub").exists() && path.join("dist/我的书.pdf").exists());
    assert_eq!(run(&["new", path.to_str().unwrap()]).status.code(), Some(1));
}

#[test]
fn one_format_can_be_asked_for() {
    let book = book("one", &[("book.toml", MANIFEST), ("src/a.md", "# 一\n\n字。\n")]);
    assert!(run(&["build", book.0.to_str().unwrap(), "--pdf"]).status.success());
    let mut names: Vec<_> = std::fs::read_dir(book.0.join("dist")).unwrap().flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    assert_eq!(names, [".cache", "书.pdf"]);
}

#[test]
fn wrong_usage_is_exit_code_2() {
    assert_eq!(run(&["bild"]).status.code(), Some(2));
    assert_eq!(run(&["build", "--frobnicate"]).status.code(), Some(2));
    assert_eq!(run(&["--version"]).status.code(), Some(0));
}

#[test]
fn messages_are_chinese_where_the_locale_is() {
    let book = book("zh", &[("book.toml", MANIFEST)]);
    let output = run_in(&["build", book.0.to_str().unwrap()], &[("LC_ALL", "zh_CN.UTF-8")]);
    assert!(stderr(&output).contains("错误[missing-file]"), "{}", stderr(&output));
}

#[test]
fn json_is_one_object_a_line_with_code_and_place() {
    let book = book("json", &[("book.toml", MANIFEST), ("src/a.md", "# 一\n\n见[](#nowhere)。\n")]);
    let output = run(&["check", book.0.to_str().unwrap(), "--json"]);
    let objects: Vec<serde_json::Value> = stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let dead = objects.iter().find(|object| object["code"] == "dead-anchor").unwrap();
    assert_eq!((dead["file"].as_str(), dead["line"].as_u64(), dead["column"].as_u64()), (Some("src/a.md"), Some(3), Some(2)));
    assert!(dead["advice"].is_string());
}

/// A book that must fail: its files, the code, and what the message must name.
struct Bad {
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
    code: &'static str,
    names: &'static str,
}

const BAD: &[Bad] = &[
    Bad { name: "no-manifest", files: &[("src/a.md", "字")], code: "no-manifest", names: "book.toml" },
    Bad {
        name: "typo",
        files: &[("book.toml", "[book]\ntitle = \"书\"\nauthor = [\"甲\"]\n")],
        code: "unknown-key",
        names: "did you mean \"authors\"?",
    },
    Bad { name: "typo-table", files: &[("book.toml", "[book]\ntitle = \"书\"\n[typografy]\n")], code: "unknown-key", names: "typography" },
    Bad { name: "syntax", files: &[("book.toml", "[book\ntitle = 1")], code: "manifest-syntax", names: "book.toml:1" },
    Bad { name: "no-title", files: &[("book.toml", "[book]\nauthors = []\n")], code: "manifest-value", names: "title" },
    Bad {
        name: "bad-value",
        files: &[("book.toml", "[book]\ntitle = \"书\"\n[pdf]\npage = \"a9\"\n")],
        code: "manifest-value",
        names: "a5",
    },
    Bad {
        name: "bad-date",
        files: &[("book.toml", "[book]\ntitle = \"书\"\ndate = \"昨天\"\n[[chapters]]\nfile = \"a.md\"\n"), ("src/a.md", "字")],
        code: "manifest-value",
        names: "YYYY-MM-DD",
    },
    Bad { name: "no-chapters", files: &[("book.toml", "[book]\ntitle = \"书\"\n")], code: "empty-book", names: "SUMMARY.md" },
    Bad { name: "empty", files: &[("book.toml", MANIFEST), ("src/a.md", "\n\n")], code: "empty-book", names: "first chapter" },
    Bad {
        name: "missing-chapter",
        files: &[("book.toml", MANIFEST), ("src/b.md", "字")],
        code: "missing-file",
        names: "did you mean \"b.md\"?",
    },
    Bad {
        name: "outside",
        files: &[("book.toml", "[book]\ntitle = \"书\"\n[[chapters]]\nfile = \"../../x.md\"\n")],
        code: "outside-book",
        names: "book.toml:4",
    },
    Bad {
        name: "missing-image",
        files: &[("book.toml", MANIFEST), ("src/a.md", "# 一\n\n![图](no.png)\n")],
        code: "missing-image",
        names: "src/a.md:3",
    },
    Bad {
        name: "broken-image",
        files: &[("book.toml", MANIFEST), ("src/a.md", "# 一\n\n![图](x.png)\n"), ("src/x.png", "not a picture")],
        code: "broken-image",
        names: "src/a.md:3",
    },
    Bad {
        name: "no-font",
        files: &[("book.toml", "[book]\ntitle = \"书\"\n[[chapters]]\nfile = \"a.md\"\n[fonts]\nserif = \"Comic\"\n"), ("src/a.md", "字")],
        code: "unknown-font",
        names: "Noto Serif SC",
    },
    Bad {
        name: "not-a-font",
        files: &[
            ("book.toml", "[book]\ntitle = \"书\"\n[[chapters]]\nfile = \"a.md\"\n[fonts]\nserif = \"x.ttf\"\n"),
            ("src/a.md", "字"),
            ("x.ttf", "no font"),
        ],
        code: "not-a-font",
        names: "book.toml:6",
    },
    Bad {
        name: "no-glyph",
        files: &[("book.toml", MANIFEST), ("src/a.md", "# 一\n\n字\u{2A6A5}。\n")],
        code: "no-glyph",
        names: "src/a.md:3:2",
    },
];

#[test]
fn bad_input_is_told_with_its_place_and_leaves_the_last_good_files() {
    for bad in BAD {
        let folder = book(bad.name, bad.files);
        let dist = folder.0.join("dist");
        std::fs::create_dir_all(&dist).unwrap();
        for name in ["书.epub", "书.pdf"] {
            std::fs::write(dist.join(name), "the last good one").unwrap();
        }
        let output = build(&folder);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{}: {said}", bad.name);
        assert!(said.contains(&format!("error[{}]", bad.code)), "{}: {said}", bad.name);
        assert!(said.contains(bad.names), "{}: {said}", bad.name);
        assert!(said.contains("help:"), "{} gives no advice: {said}", bad.name);
        assert!(!said.contains("panicked"), "{}: {said}", bad.name);
        let left: Vec<String> =
            std::fs::read_dir(&dist).unwrap().flatten().map(|entry| std::fs::read_to_string(entry.path()).unwrap()).collect();
        assert_eq!(left, ["the last good one", "the last good one"], "{}", bad.name);
    }
}

#[test]
fn a_character_without_a_font_is_found_wherever_it_stands() {
    const PLACES: &[&str] = &[
        "文@。",
        "## 题@",
        "> 引@",
        "> > - 引@",
        "> [!NOTE]\n> 注@",
        "1. 一@",
        "- [ ] 做@",
        "术@\n: 义",
        "术\n: 义@",
        "| 头@ |\n| --- |\n| 格 |",
        "| 头 |\n| --- |\n| 格@ |",
        "| 头 |\n| --- |\n| 格 |\n\n表：题@",
        "文[^注]。\n\n[^注]: 注@",
        "**粗@**",
        "*斜@*",
        "~~删@~~",
        "[链@](https://example.com)",
        "`码@`",
        "```\n码@\n```",
        "$x@$",
        "$$\nx@\n$$",
        "{版@|bǎn xīn}",
        "{版心|bǎn@ xīn}",
        "[点@]{.dots}",
        "[夹@]{.warichu}",
        "旁[注@]{.sidenote}",
        "[楷@]{.kai}",
        "::: verse\n诗@\n:::",
        "H~下@~O",
        "<ruby>字@<rt>zì</rt></ruby>",
    ];
    for (at, place) in PLACES.iter().enumerate() {
        let text = format!("# 一\n\n{}\n", place.replace('@', "\u{2A6A5}"));
        let folder = book(&format!("no-font-{at}"), &[("book.toml", MANIFEST), ("src/a.md", &text)]);
        let said = stderr(&run(&["check", folder.0.to_str().unwrap()]));
        assert!(said.contains("error[no-glyph]") && said.contains("U+2A6A5"), "{place}: {said}");
    }
}

#[test]
fn a_chapter_that_is_not_utf8_is_told() {
    let folder = book("gbk", &[("book.toml", MANIFEST)]);
    std::fs::create_dir_all(folder.0.join("src")).unwrap();
    std::fs::write(folder.0.join("src/a.md"), [0xb5, 0xda, 0xd2, 0xbb]).unwrap();
    let output = build(&folder);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("error[not-utf8]") && stderr(&output).contains("GB18030"), "{}", stderr(&output));
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let folder = book("no-write", &[("book.toml", MANIFEST), ("src/a.md", "字"), ("dist", "a file where the folder should be")]);
    let output = build(&folder);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("error[cannot-write]"), "{}", stderr(&output));
}

/// What `check` finds: a chapter, the codes that must be there, in the order of their places.
const LINTS: &[(&str, &str)] = &[
    ("# 一\n\n### 三\n", "heading-jump"),
    ("# 一\n\n中文,半角。\n", "half-width-punctuation"),
    ("# 一\n\n他说“没有下文。\n", "unpaired-mark"),
    ("# 一\n\n（不成对。\n", "unpaired-mark"),
    ("# 第一章\n\n## 第四节\n\n## 第六节\n", "numbering-skip"),
    ("# 一\n\n[去](no.md)\n", "dead-link"),
    ("# 一\n\n[去](foo:bar)\n", "dead-link"),
    ("# 一\n\n[去](#no)\n", "dead-anchor"),
    ("# 一\n\n| 甲 | 乙 |\n|---|---|\n| 丙 | 丁 | 戊 |\n", "dropped-cell"),
    ("# 一 {#x}\n\n## 二 {#x}\n", "duplicate-id"),
    ("# 一\n\n![](x.svg)\n", "missing-alt"),
    ("# 一\n\n注[^1]\n", "undefined-note"),
    ("# 一\n\n字\n\n[^1]: 注\n", "unused-note"),
    ("# 一\n\n::: verse\n诗\n", "unclosed-container"),
    ("# 一\n\n::: verses\n诗\n:::\n", "unknown-container"),
    ("# 一\n\n<blink>字</blink>\n", "unknown-element"),
    ("# 一\n\n<script>alert(1)</script>字\n", "dropped-element"),
    ("# 一\n\n![图](https://example.org/x.png)\n", "remote-image"),
    ("# 一\n\n他们囷我走在路上，囮学与嘚失，都是苼活。\n", "look-alike"),
    ("# 一\n\n我们的國家在发展，经济与文化都在变化，过去的经验不够用了。\n", "mixed-script"),
    ("# 一\n\n共有１２个，名为ＡＢＣ。\n", "wide-letters"),
    ("# 一\n\n甲\u{a0}乙与丙\u{2003}丁。\n", "stray-blank"),
    ("# 一\n\n用 Rust 写成，用Go写成，用 C 写成。\n", "uneven-spacing"),
    ("# 一\n\n登记账号，注销帐号。\n", "two-spellings"),
    ("# 一\n\n在GitHub上，另见Github与GitHub。\n", "two-spellings"),
    (
        "# 一\n\n这一段话足够长，长到无人会把它当作诗里的叠句，它从头到尾说的是同一件事，说了一遍，又说一遍，再说一遍。\n\n这一段话足够长，长到无人会把它当作诗里的叠句，它从头到尾说的是同一件事，说了一遍，又说一遍，再说一遍。\n",
        "repeated-paragraph",
    ),
    (
        "# 一\n\n这一段话足够长，末尾有句号，是完整的。\n\n那一段话也足够长，末尾有句号，也完整。\n\n再有一段话仍足够长，末尾有句号，还完整。\n\n还有一段话照样足够长，末尾有句号，完整。\n\n这一段话足够长，末尾却没有句号，不是完整的\n",
        "missing-stop",
    ),
];

#[test]
fn two_clauses_that_run_together_are_told() {
    let clauses: String =
        (0..8).map(|at| format!("推动第{at}项工作，完善各种制度。\n\n建立新的机制，推动更多工作，完善制度。\n\n")).collect();
    let text = format!("# 一\n\n{clauses}我们要从各个方面一步一步地完善制度推动各个地方的各种工作往前走。\n");
    let folder = book("run-on", &[("book.toml", MANIFEST), ("src/a.md", &text)]);
    let said = stderr(&run(&["check", folder.0.to_str().unwrap()]));
    assert!(said.contains("warning[run-on]: “完善制度” and “推动各个” seem to be two clauses"), "{said}");
}

#[test]
fn what_is_safe_is_put_right_and_taken_back() {
    let chapter = "\u{feff}# 第一章,来 {#a.b,c}\r\n\r\n他们囷我在路上,`a,b`与[甲,乙](x,y.md)，囮学与苼活。用 Rust 与 C 写，用Go，共１２个。\r\n\r\n```\r\n甲,乙\r\n```\r\n";
    let other = "# 第二章\n\n毕昇的\"活字\"(很早)。{版心|bǎn,xīn}\n";
    let manifest = "[book]\ntitle = \"书\"\n\n[[chapters]]\nfile = \"a.md\"\n\n[[chapters]]\nfile = \"b.md\"\n";
    let folder = book("fix", &[("book.toml", manifest), ("src/a.md", chapter), ("src/b.md", other)]);
    let path = folder.0.to_str().unwrap();
    let output = run(&["check", path, "--fix"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let read = |name: &str| std::fs::read_to_string(folder.0.join(name)).unwrap();
    assert_eq!(
        read("src/a.md"),
        "\u{feff}# 第一章，来 {#a.b,c}\r\n\r\n他们和我在路上，`a,b`与[甲，乙](x,y.md)，化学与生活。用 Rust 与 C 写，用 Go，共 12 个。\r\n\r\n```\r\n甲,乙\r\n```\r\n"
    );
    assert_eq!(read("src/b.md"), "# 第二章\n\n毕昇的“活字”（很早）。{版心|bǎn,xīn}\n");
    assert!(stdout(&run(&["check", path, "--fix"])).contains("nothing to put right"));
    let undone = run(&["import", path, "--undo", folder.0.join("fixes.jsonl").to_str().unwrap(), "-o", path]);
    assert!(undone.status.success(), "{}", stderr(&undone));
    assert!(read("src/a.md") == chapter && read("src/b.md") == other);
}

#[test]
fn check_reports_what_a_reader_would_stumble_over() {
    for (at, (text, code)) in LINTS.iter().enumerate() {
        let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>";
        let folder = book(&format!("lint-{at}"), &[("book.toml", MANIFEST), ("src/a.md", text), ("src/x.svg", svg)]);
        let output = run(&["check", folder.0.to_str().unwrap()]);
        let said = stderr(&output);
        assert!(said.contains(&format!("warning[{code}]")), "{text}: {said}");
        assert_eq!(output.status.code(), Some(0), "warnings do not fail: {said}");
    }
}

#[test]
fn a_clean_chapter_has_nothing_to_report() {
    let text = "# 第一章　开篇\n\n他说：“好（真的），3.14 与 10:30、a.b，e.g. this。”\n\n“一段话\n\n“分两段。”\n\n## 第一节　甲\n\n## 第二节　乙\n\n`a,中` 与 *b*。\n";
    let folder = book("clean", &[("book.toml", MANIFEST), ("src/a.md", text)]);
    let output = run(&["check", folder.0.to_str().unwrap()]);
    assert!(stdout(&output).contains("nothing to report"), "{}", stderr(&output));
}

#[test]
fn fonts_are_listed_with_their_roles_and_with_what_a_book_uses() {
    let listed = stdout(&run(&["fonts"]));
    assert!(listed.contains("Noto Serif SC") && listed.contains("[kai, fangsong]"), "{listed}");
    let folder = book("fonts", &[("book.toml", MANIFEST), ("src/a.md", "# 一\n\n字*楷*。\n")]);
    let used = stdout(&run(&["fonts", folder.0.to_str().unwrap()]));
    assert!(used.contains("WenKaiBook-Regular: 1 characters 楷"), "{used}");
}
