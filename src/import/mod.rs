//! Bringing a text in: from a plain file to a book folder that `build` takes at once. Nothing is lost: what is not
//! part of the book is set aside in a file, and the report says what and why.

mod decode;
mod markdown;
mod structure;

use crate::diagnostic::{Code, Diagnostic, Sink, Text};
use crate::text;
use std::path::Path;
use structure::{Draft, LeftOut};

/// What a person may say about the import.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The title, where it is not to be found in the text.
    pub title: Option<String>,
    /// Whether a book that is there may be replaced.
    pub force: bool,
}

/// What was done, line by line.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The lines.
    pub lines: Vec<Text>,
}

/// The file in the book's folder that holds what was set aside.
const LEFT_OUT: &str = "left-out.txt";

/// Makes a book of a plain text. `None` after an error was reported; then nothing was written.
pub fn text(source: &Path, output: &Path, options: &Options, sink: &Sink) -> Option<Report> {
    let shown = source.display().to_string();
    if output.join("book.toml").exists() && !options.force {
        let target = output.display().to_string();
        let report = Diagnostic::new(Code::WouldOverwrite, text!("{target} already holds a book", "{target} 里已经有一本书"));
        sink.report(report.advise(text!("choose another folder, or give --force", "请换一个目录，或加 --force")));
        return None;
    }
    let bytes = match std::fs::read(source) {
        Ok(bytes) => bytes,
        Err(error) => {
            let report = Diagnostic::new(Code::MissingFile, text!("cannot read {shown}: {error}", "无法读取 {shown}：{error}"));
            sink.report(report.advise(text!("name a plain text file", "请给出一个纯文本文件")));
            return None;
        }
    };
    let read = decode::decode(&bytes);
    let encoding = read.encoding;
    if read.binary {
        let report = Diagnostic::new(Code::NothingToImport, text!("{shown} is no text", "{shown} 不是文本"));
        sink.report(report.in_file(shown.clone()).advise(text!("name a plain text file", "请给出一个纯文本文件")));
        return None;
    }
    if read.doubtful {
        let report = Diagnostic::new(
            Code::DoubtfulEncoding,
            text!("{shown} was read as {encoding}, and some of it may be wrong", "{shown} 按 {encoding} 读入，其中可能有误"),
        );
        sink.report(
            report.in_file(shown.clone()).advise(text!(
                "convert it to UTF-8 first, e.g. iconv -f GB18030 -t UTF-8",
                "请先转换为 UTF-8，如 iconv -f GB18030 -t UTF-8"
            )),
        );
    }
    let draft = structure::find(&read.text, options.title.as_deref(), source.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    if draft.chapters.is_empty() && draft.front.is_empty() {
        let report = Diagnostic::new(
            Code::NothingToImport,
            text!("{shown} holds no text that could be made into a book", "{shown} 中没有可以成书的文字"),
        );
        sink.report(report.in_file(shown.clone()).advise(text!("name a plain text file with paragraphs", "请给出一个有段落的纯文本文件")));
        return None;
    }
    if let Err(error) = write(output, &draft) {
        let target = output.display().to_string();
        let report = Diagnostic::new(Code::CannotWrite, text!("cannot write {target}: {error}", "无法写入 {target}：{error}"));
        sink.report(report.advise(text!("choose a folder that can be written", "请选择可以写入的目录")));
        return None;
    }
    Some(tell(&shown, encoding, &draft))
}

fn write(output: &Path, draft: &Draft) -> std::io::Result<()> {
    let src = output.join("src");
    std::fs::create_dir_all(&src)?;
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let mut manifest = format!("[book]\ntitle = {}\nauthors = []\nlanguage = \"zh-Hans-CN\"\n", quoted(&draft.title));
    if !draft.front.is_empty() {
        manifest += "\n[[chapters]]\nfile = \"front.md\"\ntitle = \"前言\"\nmatter = \"front\"\n";
        std::fs::write(src.join("front.md"), markdown::paragraphs(&draft.front))?;
    }
    let digits = draft.chapters.len().to_string().len().max(2);
    let mut part = None;
    for (at, chapter) in draft.chapters.iter().enumerate() {
        if chapter.part != part {
            if let Some(title) = &chapter.part {
                manifest += &format!("\n[[chapters]]\npart = {}\n", quoted(title));
            }
            part.clone_from(&chapter.part);
        }
        let name = format!("ch{:0digits$}.md", at + 1);
        manifest += &format!("\n[[chapters]]\nfile = \"{name}\"\n");
        std::fs::write(src.join(&name), markdown::chapter(chapter))?;
    }
    std::fs::write(output.join("book.toml"), manifest)?;
    let aside = output.join(LEFT_OUT);
    if draft.left_out.is_empty() {
        return if aside.exists() { std::fs::remove_file(aside) } else { Ok(()) };
    }
    let mut text = String::new();
    for piece in &draft.left_out {
        text += &format!("── {} ({}–{})\n", piece.kind.name().zh, piece.first, piece.last);
        // A repeat is the kept text over again; its first lines say which.
        piece.lines.iter().for_each(|line| text += &format!("{line}\n"));
        text.push('\n');
    }
    std::fs::write(aside, text)
}

/// The report in words.
fn tell(shown: &str, encoding: &str, draft: &Draft) -> Report {
    let mut lines = Vec::new();
    let title = &draft.title;
    lines.push(text!("read {shown} ({encoding})", "读入 {shown}（{encoding}）"));
    lines.push(text!("title: {title}", "书名：{title}"));
    let count = draft.chapters.len();
    let sections: Vec<String> = draft.chapters.iter().map(|chapter| chapter.sections().to_string()).collect();
    let list = sections.join(", ");
    lines.push(text!("kept: {count} chapters ({list} sections)", "收入：{count} 章（各有 {list} 节）"));
    let paragraphs = draft.front.len();
    if paragraphs > 0 {
        lines.push(text!(
            "kept: {paragraphs} paragraphs before the first chapter, as front matter",
            "收入：第一章之前的 {paragraphs} 段，作为前言"
        ));
    }
    for LeftOut { kind, first, last, lines: content } in &draft.left_out {
        let (name_en, name_zh) = (kind.name().en, kind.name().zh);
        let amount = content.len();
        lines.push(text!(
            "left out: {name_en}, lines {first}–{last} ({amount} lines with text)",
            "略去：{name_zh}，第 {first}–{last} 行（有字 {amount} 行）"
        ));
    }
    if !draft.left_out.is_empty() {
        lines.push(text!("what was left out is in {LEFT_OUT}", "略去的内容另存于 {LEFT_OUT}"));
    }
    let missing = draft.without_body.len();
    if missing > 0 {
        let names = draft.without_body.join("、");
        lines.push(text!("{missing} chapters of the contents have no body: {names}", "目录中有 {missing} 章没有正文：{names}"));
    }
    Report { lines }
}
