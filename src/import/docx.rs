//! A Word document as Markdown: headings by their styles, lists by their numbering, tables, notes, pictures, readings. Only what it says
//! is read; how it looks is the book's affair.

use super::archive::{Archive, xml};
use super::blocks::{Block, escaped, fenced, joined, prefixed};
use super::epub::free;
use super::flow::Flow;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::text;
use roxmltree::Node;
use std::collections::{BTreeMap, BTreeSet};

/// Reads the document.
pub(super) fn read(mut archive: Archive, sink: &Sink) -> Result<Flow, Diagnostic> {
    let shown = archive.shown().to_owned();
    if archive.has("word/vbaProject.bin") {
        let report = Diagnostic::new(Code::MacrosLeftOut, text!("{shown} holds macros; they are left out", "{shown} 含有宏，已略去"));
        sink.report(
            report
                .in_file(shown.clone())
                .advise(text!("nothing in it is run; look at where it is from all the same", "其中的程序不会运行；仍请核对文件来源")),
        );
    }
    let document = archive.text("word/document.xml")?;
    let document = xml(&document, &archive, "word/document.xml")?;
    let mut optional =
        |name: &str| -> Result<Option<String>, Diagnostic> { if archive.has(name) { archive.text(name).map(Some) } else { Ok(None) } };
    let (styles, numbering, notes, ends) =
        (optional("word/styles.xml")?, optional("word/numbering.xml")?, optional("word/footnotes.xml")?, optional("word/endnotes.xml")?);
    let (links, properties) = (optional("word/_rels/document.xml.rels")?, optional("docProps/core.xml")?);
    let mut reader = Reader::default();
    if let Some(text) = &styles {
        reader.styles(&xml(text, &archive, "word/styles.xml")?);
    }
    if let Some(text) = &numbering {
        reader.numbering(&xml(text, &archive, "word/numbering.xml")?);
    }
    if let Some(text) = &links {
        let links = xml(text, &archive, "word/_rels/document.xml.rels")?;
        let pairs = links.descendants().filter_map(|node| Some((node.attribute("Id")?.to_owned(), node.attribute("Target")?.to_owned())));
        reader.links.extend(pairs);
    }
    let mut flow = Flow::default();
    if let Some(text) = &properties {
        let properties = xml(text, &archive, "docProps/core.xml")?;
        let value = |name: &str| {
            properties
                .descendants()
                .find(|node| node.tag_name().name() == name)
                .and_then(|node| node.text())
                .map(|text| text.trim().to_owned())
        };
        flow.title = value("title").filter(|title| !title.is_empty());
        flow.authors.extend(value("creator").filter(|name| !name.is_empty()));
    }
    let body = document.descendants().find(|node| node.tag_name().name() == "body").unwrap_or(document.root());
    reader.blocks(body, &mut flow.blocks, &mut flow.plain);
    for (text, kind, name) in [(&notes, "footnote", "word/footnotes.xml"), (&ends, "endnote", "word/endnotes.xml")] {
        let Some(text) = text else { continue };
        let notes = xml(text, &archive, name)?;
        for note in notes.descendants().filter(|node| node.tag_name().name() == kind) {
            let Some(label) = attribute(note, "id").and_then(|id| reader.notes.get(&(kind, id.to_owned())).cloned()) else { continue };
            let (mut blocks, mut plain) = (Vec::new(), String::new());
            reader.blocks(note, &mut blocks, &mut plain);
            flow.notes.insert(label, joined(&blocks));
        }
    }
    flow.formulas = reader.formulas;
    let pictures: Vec<(String, String)> = std::mem::take(&mut reader.pictures).into_iter().collect();
    for (target, name) in pictures {
        let path = crate::source::resolve(std::path::Path::new("word/document.xml"), &target).map(|path| crate::source::shown(&path));
        if let Some(bytes) = path.map(|path| archive.read(&path)).transpose()?.flatten() {
            flow.pictures.push((name, bytes));
        }
    }
    Ok(flow)
}

fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attributes().find(|attribute| attribute.name() == name).map(|attribute| attribute.value())
}

fn child<'a, 'b>(node: Node<'a, 'b>, name: &str) -> Option<Node<'a, 'b>> {
    node.children().find(|child| child.tag_name().name() == name)
}

/// The value of a property: `<w:x w:val="…"/>`.
fn value<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    attribute(child(node, name)?, "val")
}

/// Whether a property of this name is set: `<w:b/>`, and not `<w:b w:val="0"/>`.
fn is_set(node: Option<Node>, name: &str) -> bool {
    node.and_then(|node| child(node, name)).is_some_and(|found| !matches!(attribute(found, "val"), Some("0" | "false" | "none")))
}

#[derive(Default)]
struct Reader {
    /// Levels of headings by the ids of styles.
    levels: BTreeMap<String, u8>,
    /// Names of styles, in small letters, by their ids.
    names: BTreeMap<String, String>,
    /// Whether a list has numbers, by its id and level.
    numbered: BTreeMap<(String, usize), bool>,
    links: BTreeMap<String, String>,
    /// Labels of notes by their kind and id.
    notes: BTreeMap<(&'static str, String), String>,
    /// Formulas, which are taken as their characters.
    formulas: usize,
    /// Pictures by their targets: their names in the book.
    pictures: BTreeMap<String, String>,
    taken: BTreeSet<String>,
}

/// A run of text in one look.
#[derive(Default, PartialEq, Clone, Copy)]
struct Look {
    bold: bool,
    italic: bool,
    strike: bool,
    raised: Option<&'static str>,
}

impl Reader {
    fn styles(&mut self, document: &roxmltree::Document) {
        let mut based: BTreeMap<String, String> = BTreeMap::new();
        for style in document.descendants().filter(|node| node.tag_name().name() == "style") {
            let Some(id) = attribute(style, "styleId") else { continue };
            let name = value(style, "name").unwrap_or("").to_lowercase();
            let named = name.strip_prefix("heading ").or_else(|| name.strip_prefix("标题 ")).and_then(|number| number.parse::<u8>().ok());
            let outline = child(style, "pPr")
                .and_then(|properties| value(properties, "outlineLvl"))
                .and_then(|level| level.parse::<u8>().ok())
                .filter(|level| *level < 9)
                .map(|level| level + 1);
            self.names.insert(id.to_owned(), name.clone());
            if let Some(level) = named.or(outline) {
                self.levels.insert(id.to_owned(), level);
            }
            if let Some(base) = value(style, "basedOn") {
                based.insert(id.to_owned(), base.to_owned());
            }
        }
        for (id, base) in &based {
            let mut base = base;
            // A chain of styles that bites its tail ends all the same.
            for _ in 0..16 {
                if let Some(level) = self.levels.get(base).copied() {
                    self.levels.entry(id.clone()).or_insert(level);
                    break;
                }
                let Some(next) = based.get(base) else { break };
                base = next;
            }
        }
    }

    fn numbering(&mut self, document: &roxmltree::Document) {
        let mut kinds: BTreeMap<&str, BTreeMap<usize, bool>> = BTreeMap::new();
        for list in document.descendants().filter(|node| node.tag_name().name() == "abstractNum") {
            let levels = list.children().filter(|node| node.tag_name().name() == "lvl");
            let own = levels
                .filter_map(|level| Some((attribute(level, "ilvl")?.parse().ok()?, value(level, "numFmt") != Some("bullet"))))
                .collect();
            kinds.insert(attribute(list, "abstractNumId").unwrap_or(""), own);
        }
        for list in document.descendants().filter(|node| node.tag_name().name() == "num") {
            if let (Some(id), Some(kind)) = (attribute(list, "numId"), value(list, "abstractNumId").and_then(|id| kinds.get(id))) {
                self.numbered.extend(kind.iter().map(|(level, numbered)| ((id.to_owned(), *level), *numbered)));
            }
        }
    }

    #[expect(clippy::indexing_slicing, reason = "`counts` was made `level + 1` long right before")]
    fn blocks(&mut self, parent: Node, out: &mut Vec<Block>, plain: &mut String) {
        // The numbers of the list that goes on, by its levels.
        let mut counts: Vec<usize> = Vec::new();
        let mut list_id = String::new();
        for node in parent.children().filter(Node::is_element) {
            match node.tag_name().name() {
                "p" => {
                    let text = self.paragraph(node);
                    let words: String =
                        node.descendants().filter(|node| node.tag_name().name() == "t").filter_map(|node| node.text()).collect();
                    plain.push_str(&words);
                    plain.push_str("\n\n");
                    let properties = child(node, "pPr");
                    let style = properties.and_then(|properties| value(properties, "pStyle"));
                    let own = properties
                        .and_then(|properties| value(properties, "outlineLvl"))
                        .and_then(|level| level.parse::<u8>().ok())
                        .filter(|level| *level < 9)
                        .map(|level| level + 1);
                    let level = own.or_else(|| self.levels.get(style?).copied());
                    let list = properties.and_then(|properties| child(properties, "numPr"));
                    if text.is_empty() {
                        continue;
                    }
                    if let Some(level) = level {
                        out.push(Block::Heading(level.min(6), text.replace("\\\n", "\u{3000}")));
                        counts.clear();
                    } else if let Some(id) = list.and_then(|list| value(list, "numId")).filter(|id| *id != "0") {
                        let level =
                            list.and_then(|list| value(list, "ilvl")).and_then(|level| level.parse::<usize>().ok()).unwrap_or(0).min(8);
                        if std::mem::replace(&mut list_id, id.to_owned()) != id && level == 0 {
                            counts.clear();
                        }
                        counts.resize(level + 1, 0);
                        counts[level] += 1;
                        let numbered = self.numbered.get(&(id.to_owned(), level)).copied().unwrap_or(false);
                        let mark = if numbered { format!("{}. ", counts[level]) } else { "- ".into() };
                        let indent = "    ".repeat(level);
                        let item = prefixed(&text, &format!("{indent}{mark}"), &format!("{indent}{}", " ".repeat(mark.len())));
                        match out.last_mut() {
                            Some(Block::Text(last)) if counts.iter().sum::<usize>() > 1 => *last = format!("{last}\n{item}"),
                            _ => out.push(Block::Text(item)),
                        }
                    } else {
                        counts.clear();
                        let name = style.and_then(|style| self.names.get(style)).map_or("", String::as_str);
                        match name {
                            "title" => out.push(Block::Heading(0, text)),
                            name if name.contains("source code") || name.contains("preformatted") => {
                                let code = literal(node);
                                match out.last_mut() {
                                    Some(Block::Text(last)) if last.starts_with("```\n") => {
                                        *last = fenced(&format!("{}\n{code}", last.trim_matches('`').trim_matches('\n')))
                                    }
                                    _ => out.push(Block::Text(fenced(&code))),
                                }
                            }
                            name if name.contains("quote") || name == "block text" => out.push(Block::Text(prefixed(&text, "> ", "> "))),
                            _ => out.push(Block::Text(text)),
                        }
                    }
                }
                "tbl" => {
                    counts.clear();
                    self.table(node, out, plain);
                }
                // What is inserted, and boxes around content, hold blocks of their own; what is deleted holds none.
                "sdt" | "sdtContent" | "ins" | "customXml" => self.blocks(node, out, plain),
                _ => {}
            }
        }
    }

    fn paragraph(&mut self, node: Node) -> String {
        let mut pieces: Vec<(Look, String)> = Vec::new();
        self.runs(node, &mut pieces);
        let mut out = String::new();
        for (look, text) in pieces {
            let trimmed = text.trim();
            if trimmed.is_empty() || look == Look::default() {
                out.push_str(&text);
                continue;
            }
            let (open, close) = match (look.bold, look.italic, look.strike, look.raised) {
                (_, _, _, Some(tag)) => (format!("<{tag}>"), format!("</{tag}>")),
                (true, true, ..) => ("***".into(), "***".into()),
                (true, ..) => ("**".into(), "**".into()),
                (_, true, ..) => ("*".into(), "*".into()),
                _ => ("~~".into(), "~~".into()),
            };
            out += &text.replacen(trimmed, &format!("{open}{trimmed}{close}"), 1);
        }
        let text = out.trim_matches(|c: char| c.is_whitespace()).trim_end_matches("\\\n").trim_end_matches('\\').trim();
        // What Markdown would take for a list or a heading at the start of the paragraph.
        let mut rest = text.chars();
        let head: String = rest.by_ref().take(12).collect();
        let starts = escaped(&head, true);
        if starts == escaped(&head, false) || text.starts_with(['!', '[', '*', '{', '<', '~', '\\']) {
            text.to_owned()
        } else {
            starts + rest.as_str()
        }
    }

    fn runs(&mut self, node: Node, out: &mut Vec<(Look, String)>) {
        for run in node.children().filter(Node::is_element) {
            match run.tag_name().name() {
                "r" => self.run(run, out),
                "oMath" | "oMathPara" => {
                    let text: String =
                        run.descendants().filter(|node| node.tag_name().name() == "t").filter_map(|node| node.text()).collect();
                    put(out, Look::default(), &escaped(&text, false));
                    self.formulas += 1;
                }
                "hyperlink" => {
                    let mut inner = Vec::new();
                    self.runs(run, &mut inner);
                    let text: String = inner.into_iter().map(|(_, text)| text).collect();
                    let target = attribute(run, "id")
                        .and_then(|id| self.links.get(id))
                        .filter(|target| target.starts_with("http") && !target.contains([' ', '(', ')']));
                    let text = match target {
                        Some(target) if !text.trim().is_empty() => format!("[{}]({target})", text.trim()),
                        _ => text,
                    };
                    put(out, Look::default(), &text);
                }
                "ins" | "smartTag" | "sdt" | "sdtContent" | "fldSimple" => self.runs(run, out),
                _ => {}
            }
        }
    }

    fn run(&mut self, run: Node, out: &mut Vec<(Look, String)>) {
        let properties = child(run, "rPr");
        if is_set(properties, "vanish") {
            return;
        }
        let raised = properties.and_then(|properties| value(properties, "vertAlign")).and_then(|align| match align {
            "superscript" => Some("sup"),
            "subscript" => Some("sub"),
            _ => None,
        });
        let look = Look { bold: is_set(properties, "b"), italic: is_set(properties, "i"), strike: is_set(properties, "strike"), raised };
        for piece in run.children().filter(Node::is_element) {
            match piece.tag_name().name() {
                "t" => put(out, look, &escaped(piece.text().unwrap_or(""), false)),
                "tab" => put(out, look, " "),
                "br" | "cr" if attribute(piece, "type").is_none_or(|kind| kind == "textWrapping") => put(out, Look::default(), "\\\n"),
                "noBreakHyphen" => put(out, look, "-"),
                "footnoteReference" | "endnoteReference" => {
                    let kind = if piece.tag_name().name() == "footnoteReference" { "footnote" } else { "endnote" };
                    if let Some(id) = attribute(piece, "id") {
                        let next = (self.notes.len() + 1).to_string();
                        let label = self.notes.entry((kind, id.to_owned())).or_insert(next).clone();
                        put(out, Look::default(), &format!("[^{label}]"));
                    }
                }
                "ruby" => {
                    let text = |name: &str| -> String {
                        child(piece, name)
                            .into_iter()
                            .flat_map(|node| node.descendants())
                            .filter(|node| node.tag_name().name() == "t")
                            .filter_map(|node| node.text().map(str::to_owned))
                            .collect()
                    };
                    let (base, reading) = (text("rubyBase"), text("rt"));
                    put(out, Look::default(), &if reading.is_empty() { escaped(&base, false) } else { format!("{{{base}|{reading}}}") });
                }
                "drawing" | "pict" | "object" => self.picture(piece, out),
                // Of two ways to say the same, the one for newer readers.
                "AlternateContent" => {
                    if let Some(drawing) = piece.descendants().find(|node| matches!(node.tag_name().name(), "drawing" | "pict")) {
                        self.picture(drawing, out);
                    }
                }
                _ => {}
            }
        }
    }

    fn picture(&mut self, node: Node, out: &mut Vec<(Look, String)>) {
        let id = node.descendants().find_map(|node| match node.tag_name().name() {
            "blip" => attribute(node, "embed"),
            "imagedata" => attribute(node, "id"),
            _ => None,
        });
        let Some(target) = id.and_then(|id| self.links.get(id)).cloned() else { return };
        let alt = node.descendants().find(|node| node.tag_name().name() == "docPr").and_then(|node| attribute(node, "descr")).unwrap_or("");
        let taken = &mut self.taken;
        let name = self.pictures.entry(target.clone()).or_insert_with(|| free(taken, &target)).clone();
        put(out, Look::default(), &format!("![{}]({})", escaped(alt, false).replace('\n', " "), name.replace(' ', "%20")));
    }

    fn table(&mut self, table: Node, out: &mut Vec<Block>, plain: &mut String) {
        let mut rows: Vec<Vec<String>> = Vec::new();
        for row in table.children().filter(|node| node.tag_name().name() == "tr") {
            let mut cells = Vec::new();
            for cell in row.children().filter(|node| node.tag_name().name() == "tc") {
                let mut inner = Vec::new();
                self.blocks(cell, &mut inner, plain);
                let text: Vec<String> =
                    inner.iter().map(|block| joined(std::slice::from_ref(block)).replace("\\\n", " ").replace('\n', " ")).collect();
                cells.push(text.join(" "));
                // A cell over several columns leaves the others empty.
                let wide = child(cell, "tcPr")
                    .and_then(|properties| value(properties, "gridSpan"))
                    .and_then(|span| span.parse::<usize>().ok())
                    .unwrap_or(1)
                    .min(64);
                cells.extend((1..wide).map(|_| String::new()));
            }
            rows.push(cells);
        }
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        if width <= 1 {
            out.extend(rows.into_iter().flatten().filter(|text| !text.is_empty()).map(Block::Text));
            return;
        }
        let mut text = String::new();
        for (at, mut row) in rows.into_iter().enumerate() {
            row.resize(width, String::new());
            text += &format!("| {} |\n", row.join(" | "));
            if at == 0 {
                text += &format!("|{}\n", " --- |".repeat(width));
            }
        }
        out.push(Block::Text(text.trim_end().to_owned()));
    }
}

/// The text of a paragraph as it stands, for a listing.
fn literal(node: Node) -> String {
    let mut out = String::new();
    for piece in node.descendants() {
        match piece.tag_name().name() {
            "t" => out.push_str(piece.text().unwrap_or("")),
            "tab" => out.push('\t'),
            "br" | "cr" => out.push('\n'),
            _ => {}
        }
    }
    out
}

/// Adds to the last piece of the same look, or a new one.
fn put(out: &mut Vec<(Look, String)>, look: Look, text: &str) {
    match out.last_mut() {
        Some((last, own)) if *last == look => own.push_str(text),
        _ => out.push((look, text.to_owned())),
    }
}
