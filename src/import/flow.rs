//! What was converted to Markdown, divided into chapters: by its headings where it has any, else by evidence as a plain text.

use super::blocks::{Block, joined};
use super::lines::key;
use super::{Book, Chapter, folder, text};
use crate::repair::encoding::{Decoded, Form};
use crate::repair::{Entry, File};
use std::collections::BTreeMap;

/// A book in one stream.
#[derive(Debug, Default)]
pub(super) struct Flow {
    pub title: Option<String>,
    pub authors: Vec<String>,
    pub blocks: Vec<Block>,
    /// Footnotes by their labels.
    pub notes: BTreeMap<String, String>,
    /// Pictures, by their paths below the source folder.
    pub pictures: Vec<(String, Vec<u8>)>,
    /// The text of its blocks without any markup, where there are no headings.
    pub plain: String,
    /// Addresses of pictures that are not there.
    pub missing: Vec<String>,
    /// Formulas of which only the characters were taken.
    pub formulas: usize,
}

/// Makes the book. `name` is the source's, `title` one that a person gave.
pub(super) fn book(mut flow: Flow, name: &str, title: Option<&str>, confidence: f32) -> Option<Book> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let assets = std::mem::take(&mut flow.pictures).into_iter().map(|(path, bytes)| (format!("src/{path}"), bytes)).collect();
    // A page of the title says what the manifest keeps.
    let known: Vec<String> = flow.title.iter().chain(&flow.authors).map(|text| key(text)).collect();
    let own = |block: &Block| match block {
        Block::Heading(_, text) | Block::Text(text) => known.contains(&key(text)),
    };
    let leading = if flow.title.is_some() { flow.blocks.iter().take_while(|block| own(block)).count() } else { 0 };
    flow.blocks.drain(..leading);
    let levels: Vec<u8> =
        flow.blocks.iter().filter_map(|block| if let Block::Heading(level, _) = block { Some(*level) } else { None }).collect();
    if levels.is_empty() && flow.notes.is_empty() {
        let decoded = Decoded { text: flow.plain.clone(), form: utf8(), doubtful: false, mixed: Vec::new(), binary: false };
        let mut book = text::book(decoded, flow.plain.as_bytes(), &format!("{name}.txt"), title.or(flow.title.as_deref()), confidence)?;
        book.entries.iter_mut().for_each(|(entry, _)| entry.file.converted = true);
        book.authors.extend(flow.authors);
        book.assets = assets;
        return Some(book);
    }
    // A single heading above all others is the title of the whole.
    let top = levels.iter().min().copied().unwrap_or(1);
    let alone = levels.iter().filter(|level| **level == top).count() == 1 && levels.len() > 2;
    let whole = alone
        .then(|| flow.blocks.iter().position(|block| matches!(block, Block::Heading(level, _) if *level == top)).filter(|at| *at == 0))
        .flatten();
    let heading = whole.map(|at| flow.blocks.remove(at));
    let chapter = if whole.is_some() { levels.iter().filter(|level| **level > top).min().copied().unwrap_or(top) } else { top };
    let own = heading.and_then(|block| if let Block::Heading(_, text) = block { Some(text.replace('\\', "")) } else { None });
    let mut chapters: Vec<Vec<Block>> = vec![Vec::new()];
    for block in flow.blocks {
        match block {
            Block::Heading(level, text) if level <= chapter => chapters.push(vec![Block::Heading(1, text)]),
            Block::Heading(level, text) => chapters.iter_mut().last()?.push(Block::Heading((level - chapter + 1).min(6), text)),
            Block::Text(_) => chapters.iter_mut().last()?.push(block),
        }
    }
    let mut book = Book { title: String::new(), authors: flow.authors, assets, ..Book::default() };
    let digits = chapters.len().to_string().len().max(2);
    let mut number = 0;
    for (at, mut blocks) in chapters.into_iter().enumerate() {
        // A line before notes parts nothing any more.
        while blocks.pop_if(|block| *block == Block::Text("***".into())).is_some() {}
        if blocks.is_empty() {
            continue;
        }
        let headed = at > 0;
        let to = if headed {
            number += 1;
            format!("ch{number:0digits$}.md")
        } else {
            "front.md".to_owned()
        };
        let mut markdown = joined(&blocks);
        let mut notes: Vec<(&String, &String)> = flow.notes.iter().filter(|(label, _)| markdown.contains(&format!("[^{label}]"))).collect();
        notes.sort_by_key(|(label, _)| markdown.find(&format!("[^{label}]")));
        let notes: Vec<String> =
            notes.iter().map(|(label, text)| super::blocks::prefixed(text, &format!("[^{label}]: "), "    ")).collect();
        if !notes.is_empty() {
            markdown += &format!("\n\n{}", notes.join("\n\n"));
        }
        markdown.push('\n');
        let mut file = File::new(format!("{name}/{to}"), format!("src/{to}"), utf8(), markdown.as_bytes());
        file.converted = true;
        book.entries.push((Entry { file, changes: Vec::new() }, markdown));
        let chapter = if headed {
            Chapter { file: Some(to), ..Chapter::default() }
        } else {
            Chapter { file: Some(to), title: Some("前言".into()), matter: Some("front"), ..Chapter::default() }
        };
        book.chapters.push(chapter);
    }
    if book.entries.is_empty() {
        return None;
    }
    if flow.formulas > 0 {
        let count = flow.formulas;
        book.notes.push(text!(
            "{count} formulas came in as their characters alone: write them anew, $…$",
            "{count} 个公式只取了其中的字符，请用 $…$ 重写"
        ));
    }
    for address in flow.missing {
        book.notes.push(text!("the picture {address} is not there; its words are kept", "图片 {address} 不存在，保留其说明文字"));
    }
    folder::revise(&mut book.entries, confidence);
    let all: String = book.entries.iter().map(|(_, text)| text.as_str()).collect();
    book.language = text::language(&all);
    book.title = title.map(str::to_owned).or(flow.title).or(own).unwrap_or_else(|| stem.to_owned());
    Some(book)
}

fn utf8() -> Form {
    Form { encoding: "UTF-8".into(), ..Form::default() }
}
