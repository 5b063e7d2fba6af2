//! Markdown to the model: CommonMark and the GFM forms by pulldown-cmark, `:::` containers, and emphasis that
//! holds beside Chinese punctuation.

use super::builder::{Builder, By, Defined, Open, image};
use super::forms;
use super::{Align, Attrs, Block, BlockKind, Callout, Container, Document, InlineKind, Note, html};
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::script;
use crate::source::{FileId, Span};
use crate::text;
use memchr::memmem;
use pulldown_cmark::{Alignment, BlockQuoteKind, CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::collections::BTreeMap;
use std::ops::Range;

/// Punctuation that stands for Chinese letters while Markdown is read; three bytes each, as those are.
const STAND_INS: std::ops::RangeInclusive<char> = '\u{2E00}'..='\u{2E2E}';
/// Stands for the bar of a ruby form, which is no border of a table's cell.
const BAR: char = '\u{1}';
/// What a container's fence `:::` becomes for the parser: a block of its own, as long as the fence.
const FENCE: &str = "<?>";

/// Parses a chapter.
pub fn parse(source: &str, file: FileId, sink: &Sink) -> Document {
    let prepared = Prepared::new(source);
    let mut reader = Reader {
        file,
        sink,
        prepared: &prepared,
        builder: Builder::new(source, file),
        code: None,
        html: None,
        image: None,
        metadata: false,
        columns: 0,
        labels: Vec::new(),
    };
    let mut options = options();
    // Only the head of a file holds metadata; elsewhere three dashes are what they are.
    options.set(Options::ENABLE_YAML_STYLE_METADATA_BLOCKS, prepared.text.starts_with("---"));
    let mut events = Parser::new_ext(&prepared.text, options).into_offset_iter().peekable();
    while let Some((event, range)) = events.next() {
        if matches!(event, Event::SoftBreak) {
            let next = match events.peek() {
                Some((Event::Text(_) | Event::Start(Tag::Emphasis | Tag::Strong), next)) => {
                    source.get(next.start..).and_then(|rest| rest.trim_start_matches(['*', '_']).chars().next())
                }
                _ => None,
            };
            reader.builder.soft_break(range, next);
        } else {
            reader.event(event, range);
        }
    }
    reader.finish()
}

fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH
        | Options::ENABLE_GFM
        | Options::ENABLE_DEFINITION_LIST
}

/// The source as the parser sees it, byte for byte as long.
struct Prepared {
    text: String,
    /// The letters that were replaced, in the order of their stand-ins.
    letters: Vec<char>,
    /// Whether bars were replaced.
    bars: bool,
}

impl Prepared {
    /// CommonMark reads `**真，**她` as literal asterisks, since the closing mark follows punctuation and precedes a
    /// letter. Chinese has no blank there: while the text is read, the Chinese letter on the other side of the
    /// asterisks is punctuation too.
    #[expect(clippy::indexing_slicing, reason = "`outside` gives places of characters that it was given, and `out` has as many")]
    fn new(source: &str) -> Prepared {
        let mut text = source.to_owned();
        let mut letters = Vec::new();
        // What most chapters lack is looked for many bytes at a time.
        if memchr::memchr2(b'*', b'~', source.as_bytes()).is_some() {
            let pool: Vec<char> = STAND_INS.filter(|c| !source.contains(*c)).collect();
            let characters: Vec<char> = source.chars().collect();
            let mut out = characters.clone();
            for index in outside(&characters) {
                let known = letters.iter().position(|c| *c == characters[index]).unwrap_or_else(|| {
                    letters.push(characters[index]);
                    letters.len() - 1
                });
                if let Some(stand_in) = pool.get(known) {
                    out[index] = *stand_in;
                }
            }
            letters.truncate(pool.len());
            letters = STAND_INS
                .map(|c| pool.iter().position(|known| *known == c).and_then(|known| letters.get(known)).copied().unwrap_or(c))
                .collect();
            text = out.into_iter().collect();
        }
        let has_bars = memchr::memchr(b'|', text.as_bytes()).is_some() && !source.contains(BAR);
        if has_bars {
            text = bars(&text);
        }
        if memmem::find(text.as_bytes(), b":::").is_some() {
            text = fences(&text);
        }
        Prepared { text, letters, bars: has_bars }
    }

    /// Gives back what was replaced.
    fn restore(&self, text: &str) -> String {
        if self.letters.is_empty() && !self.bars {
            return text.to_owned();
        }
        let first = *STAND_INS.start() as usize;
        let one =
            |c: char| if c == BAR && self.bars { '|' } else { self.letters.get((c as usize).wrapping_sub(first)).copied().unwrap_or(c) };
        text.chars().map(one).collect()
    }
}

/// The Chinese letters right outside an emphasis whose asterisks stand between them and a mark inside: those that
/// CommonMark keeps from being read. Which asterisks open and which close is told by counting them.
#[expect(clippy::indexing_slicing, reason = "`at` is below the length while the loop runs, and `closing` is between it and the end")]
fn outside(text: &[char]) -> Vec<usize> {
    let letter = |index: usize| {
        text.get(index).is_some_and(|c| c.len_utf8() == 3 && script::is_cjk(*c) && !script::is_mark(*c) && c.is_alphanumeric())
    };
    let mark = |index: usize| text.get(index).is_some_and(|c| !c.is_alphanumeric() && !c.is_whitespace());
    let blank = |index: Option<usize>| index.and_then(|index| text.get(index)).is_none_or(|c| c.is_whitespace());
    let run = |at: usize| text[at..].iter().take_while(|c| **c == text[at]).count();
    let mut found = Vec::new();
    let mut open: Vec<(char, usize)> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            '\\' => at += 2,
            '\n' if text.get(at + 1) == Some(&'\n') => {
                // Emphasis ends with its paragraph.
                open.clear();
                at += 1;
            }
            '`' => {
                let count = run(at);
                let closing = (at + count..text.len()).find(|index| text[*index] == '`' && text[index - 1] != '`' && run(*index) == count);
                at = closing.filter(|closing| !text[at..*closing].windows(2).any(|pair| pair == ['\n', '\n'])).unwrap_or(at) + count;
            }
            c @ ('*' | '~') => {
                let end = at + run(at);
                let (before, after) = (at.checked_sub(1), Some(end));
                if !(blank(before) && blank(after)) {
                    let key = (c, end - at);
                    match open.iter().rposition(|known| *known == key) {
                        Some(opened) if !blank(before) => {
                            open.truncate(opened);
                            if before.is_some_and(mark) && letter(end) {
                                found.push(end);
                            }
                        }
                        _ if !blank(after) => {
                            open.push(key);
                            if let Some(before) = before.filter(|before| letter(*before) && mark(end)) {
                                found.push(before);
                            }
                        }
                        _ => {}
                    }
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    found
}

/// Replaces the bar of `{base|reading}` by [`BAR`].
fn bars(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        out.push('{');
        rest = after;
        let form = rest.find(['}', '{', '\n']).and_then(|end| rest.split_at_checked(end)).filter(|(_, end)| end.starts_with('}'));
        if let Some((form, after)) = form {
            out.push_str(&form.replace('|', "\u{1}"));
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// Replaces the `:::` of container lines, outside code, by [`FENCE`].
fn fences(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut code: Option<(char, usize)> = None;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start_matches(' ');
        let indent = line.len() - trimmed.len();
        let ticks = |c: char| trimmed.chars().take_while(|found| *found == c).count();
        match code {
            Some((c, count)) if ticks(c) >= count && trimmed.trim_end().trim_start_matches(c).is_empty() => code = None,
            Some(_) => {}
            None if ticks('`') >= 3 => code = Some(('`', ticks('`'))),
            None if ticks('~') >= 3 => code = Some(('~', ticks('~'))),
            None if indent < 4 && trimmed.starts_with(":::") && !trimmed.contains('>') => {
                out.push_str(&line.replacen(":::", FENCE, 1));
                continue;
            }
            None => {}
        }
        out.push_str(line);
    }
    out
}

struct Listing {
    language: String,
    attrs: Attrs,
    text: String,
    start: usize,
}

struct Picture {
    source: String,
    title: String,
    alt: String,
    start: usize,
}

struct Reader<'a> {
    file: FileId,
    sink: &'a Sink,
    prepared: &'a Prepared,
    builder: Builder<'a>,
    code: Option<Listing>,
    html: Option<(String, usize)>,
    image: Option<Picture>,
    metadata: bool,
    /// Columns of the table that is open.
    columns: usize,
    /// Labels of note marks, in order; an inline holds the index here until the notes are known.
    labels: Vec<(String, Span)>,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag, range),
            Event::Text(text) => self.text(&text, range),
            Event::Code(text) => {
                let text = self.prepared.restore(&text);
                match &mut self.image {
                    Some(image) => image.alt.push_str(&text),
                    None => self.builder.inline(InlineKind::Code(text), Attrs::default(), range),
                }
            }
            Event::InlineMath(text) => self.math(&text, &[], range),
            Event::DisplayMath(text) => self.math(&text, &["display"], range),
            Event::Html(text) => match &mut self.html {
                Some((buffer, _)) => buffer.push_str(&text),
                None => self.html(&text, range.start),
            },
            Event::InlineHtml(text) => self.html(&text, range.start),
            Event::FootnoteReference(label) => {
                let index = self.labels.len();
                self.labels.push((label.to_string(), Span::new(self.file, range.clone())));
                self.builder.inline(InlineKind::Note(index), Attrs::default(), range);
            }
            Event::SoftBreak => self.builder.soft_break(range, None),
            Event::HardBreak => self.builder.inline(InlineKind::Break, Attrs::default(), range),
            Event::Rule => self.builder.block(BlockKind::Rule, Attrs::default(), range),
            Event::TaskListMarker(done) => self.builder.task(done),
        }
    }

    fn text(&mut self, text: &str, range: Range<usize>) {
        if self.metadata {
            return;
        }
        let text = self.prepared.restore(text);
        if let Some(code) = &mut self.code {
            code.text.push_str(&text);
        } else if let Some(image) = &mut self.image {
            image.alt.push_str(&text);
        } else {
            self.builder.text(&text, range);
        }
    }

    fn math(&mut self, text: &str, classes: &[&str], range: Range<usize>) {
        let attrs = Attrs { classes: classes.iter().map(|class| (*class).to_owned()).collect(), ..Attrs::default() };
        self.builder.inline(InlineKind::Math(self.prepared.restore(text).trim().to_owned()), attrs, range);
    }

    fn html(&mut self, text: &str, start: usize) {
        if let Some(name) = text.trim_start().strip_prefix(FENCE) {
            return self.fence(&self.prepared.restore(name.trim()), start);
        }
        html::read(&self.prepared.restore(text), start, &mut self.builder, self.sink);
    }

    fn fence(&mut self, name: &str, start: usize) {
        let range = start..start + 3;
        let span = Span::new(self.file, range.clone());
        let name = name.trim_end_matches(':').trim();
        let mut words = name.split_whitespace();
        let kind = match words.next() {
            None => {
                if !self.builder.close_container() {
                    let report = Diagnostic::new(Code::UnclosedContainer, text!("::: closes no container", "::: 没有可闭合的容器"));
                    self.sink.report(
                        report
                            .at(span)
                            .advise(text!("remove the line, or open one with ::: verse", "删去此行，或用 ::: verse 打开一个容器")),
                    );
                }
                return;
            }
            Some("newpage" | "pagebreak") => return self.builder.block(BlockKind::NewPage, Attrs::default(), range),
            Some(word) => container(word.trim_matches(['{', '}', '.'])),
        };
        let parted = name.find('{').and_then(|at| name.split_at_checked(at));
        let (plain, braced) = parted.map_or((name, None), |(plain, braced)| (plain, forms::attributes(braced)));
        let word = |word: &str| word.trim_matches(['{', '}', '.']).to_owned();
        let mut attrs = match braced {
            Some((attrs, _)) => {
                let mut own = Attrs { classes: plain.split_whitespace().map(word).collect(), ..Attrs::default() };
                own.merge(attrs);
                own
            }
            None => Attrs { classes: name.split_whitespace().map(word).collect(), ..Attrs::default() },
        };
        if matches!(plain.split_whitespace().next(), Some("figure" | "figures")) {
            attrs.classes.remove(0);
            return self.builder.open(Open::Figures, By::Html, ":::", attrs, range);
        }
        if kind.is_none() {
            let report = Diagnostic::new(Code::UnknownContainer, text!("no container is called \"{name}\"", "没有名为“{name}”的容器"));
            let advice = text!(
                "known are verse, epigraph, center, right, even, hanging, continued, figure, newpage; its text is set as it stands",
                "可用：verse、epigraph、center、right、even、hanging、continued、figure、newpage；其中文字照常排出"
            );
            self.sink.report(report.at(span).advise(advice));
        }
        self.builder.open(Open::Container(kind.unwrap_or(Container::Plain)), By::Html, ":::", attrs, range);
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>) {
        let attrs = Attrs::default();
        let open = match tag {
            Tag::Paragraph => {
                self.builder.loosen();
                Open::Paragraph
            }
            Tag::Heading { level, .. } => Open::Heading(level as u8),
            Tag::BlockQuote(None) => Open::Quote,
            Tag::BlockQuote(Some(kind)) => Open::Callout(match kind {
                BlockQuoteKind::Note => Callout::Note,
                BlockQuoteKind::Tip => Callout::Tip,
                BlockQuoteKind::Important => Callout::Important,
                BlockQuoteKind::Warning => Callout::Warning,
                BlockQuoteKind::Caution => Callout::Caution,
            }),
            Tag::CodeBlock(kind) => {
                let (language, attrs) = match kind {
                    CodeBlockKind::Fenced(info) => listing(&info),
                    CodeBlockKind::Indented => (String::new(), Attrs::default()),
                };
                self.code = Some(Listing { language, attrs, text: String::new(), start: range.start });
                return;
            }
            Tag::HtmlBlock => {
                self.html = Some((String::new(), range.start));
                return;
            }
            Tag::List(start) => Open::List { start },
            Tag::Item => Open::Item,
            Tag::FootnoteDefinition(label) => Open::Note(label.to_string()),
            Tag::DefinitionList => Open::Definitions,
            Tag::DefinitionListTitle => Open::Term,
            Tag::DefinitionListDefinition => Open::Meaning,
            Tag::Table(aligns) => Open::Table(
                aligns
                    .iter()
                    .map(|align| match align {
                        Alignment::None => Align::Auto,
                        Alignment::Left => Align::Left,
                        Alignment::Center => Align::Center,
                        Alignment::Right => Align::Right,
                    })
                    .collect(),
            ),
            Tag::TableHead => Open::Head,
            Tag::TableRow => {
                self.surplus_cells(range.clone());
                Open::Row
            }
            Tag::TableCell => Open::Cell { header: false, columns: 1, rows: 1 },
            Tag::Emphasis => Open::Emphasis,
            Tag::Strong => Open::Strong,
            Tag::Strikethrough => Open::Strike,
            Tag::Superscript => Open::Superscript,
            Tag::Subscript => Open::Subscript,
            Tag::Link { dest_url, .. } => Open::Link(self.prepared.restore(&dest_url)),
            Tag::Image { dest_url, title, .. } => {
                let (source, title) = (self.prepared.restore(&dest_url), self.prepared.restore(&title));
                self.image = Some(Picture { source, title, alt: String::new(), start: range.start });
                return;
            }
            Tag::MetadataBlock(_) if range.start > 0 => {
                self.builder.block(BlockKind::Rule, Attrs::default(), range.start..range.start + 3);
                Open::Paragraph
            }
            Tag::MetadataBlock(_) => {
                self.metadata = true;
                let report = Diagnostic::new(Code::Metadata, text!("this metadata block is left alone", "这段元数据不起作用"));
                let advice = text!("write title, authors and the like in book.toml", "请把书名、作者等写进 book.toml");
                self.sink.report(report.at(Span::new(self.file, range)).advise(advice));
                return;
            }
        };
        if let Open::Table(aligns) = &open {
            self.columns = aligns.len();
        }
        if self.image.is_none() {
            self.builder.open(open, By::Markdown, "", attrs, range);
        }
    }

    /// GFM drops the cells of a row beyond those of the head: said, since text goes with them.
    #[expect(clippy::string_slice, reason = "the parser gives ranges of the text that it reads, which is this one")]
    fn surplus_cells(&self, range: Range<usize>) {
        let row = self.prepared.text[range.clone()].trim().replace("\\|", "  ");
        let cells = row.trim_start_matches('|').trim_end_matches('|').matches('|').count() + 1;
        let columns = self.columns;
        if cells > columns {
            let report = Diagnostic::new(
                Code::DroppedCell,
                text!(
                    "this row has {cells} cells, the head {columns}; the surplus is left out",
                    "此行有 {cells} 格，表头只有 {columns} 格，多出的被略去"
                ),
            );
            let advice = text!("add columns to the head, or write a bar as \\|", "请在表头补上列，或把竖线写成 \\|");
            self.sink.report(report.at(Span::new(self.file, range)).advise(advice));
        }
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>) {
        match tag {
            TagEnd::CodeBlock => {
                if let Some(mut code) = self.code.take() {
                    code.text.truncate(code.text.trim_end_matches('\n').len());
                    let kind = BlockKind::Code { language: code.language, text: code.text, highlights: Vec::new() };
                    self.builder.block(kind, code.attrs, code.start..range.end);
                }
            }
            TagEnd::HtmlBlock => {
                if let Some((text, start)) = self.html.take() {
                    self.html(&text, start);
                }
            }
            TagEnd::Image => {
                if let Some(picture) = self.image.take() {
                    let kind = InlineKind::Image(image(&picture.source, &picture.alt, &picture.title));
                    self.builder.inline(kind, Attrs::default(), picture.start..range.end);
                }
            }
            TagEnd::MetadataBlock(_) if self.metadata => self.metadata = false,
            _ if self.image.is_some() => {}
            _ => self.builder.close_markdown(range.end),
        }
    }

    fn finish(self) -> Document {
        if let Some(span) = self.builder.flattened {
            let report = Diagnostic::new(
                Code::DeepNesting,
                text!("blocks are nested more deeply than a page can show", "此处嵌套过深，页面无法表现"),
            );
            self.sink.report(report.at(span).advise(text!("close what stands open, or write it flat", "请闭合未闭合的标签，或减少层次")));
        }
        for span in self.builder.open_containers() {
            let report = Diagnostic::new(
                Code::UnclosedContainer,
                text!("this ::: is not closed before the chapter ends", "这个 ::: 到章末仍未闭合"),
            );
            self.sink.report(report.at(span).advise(text!("close it with a line :::", "用单独一行 ::: 闭合")));
        }
        let (mut blocks, defined) = self.builder.finish();
        let notes = notes(&mut blocks, defined, &self.labels, self.sink);
        Document { blocks, notes }
    }
}

/// The language of a listing and its attributes: `rust`, `rust {#id .numbered start=10}`, `{.rust .numbered}`.
fn listing(info: &str) -> (String, Attrs) {
    let (plain, braced) = info.find('{').and_then(|at| info.split_at_checked(at)).unwrap_or((info, ""));
    let mut language = plain.split([',', ' ']).next().unwrap_or("").to_owned();
    let mut attrs = forms::attributes(braced).map(|(attrs, _)| attrs).unwrap_or_default();
    let asks = |class: &String| matches!(class.as_str(), "numbered" | "numberLines" | "number-lines");
    if attrs.classes.iter().any(asks) {
        attrs.lines_from.get_or_insert(1);
        attrs.classes.retain(|class| !asks(class));
    } else {
        attrs.lines_from = None;
    }
    if language.is_empty() && !attrs.classes.is_empty() {
        language = attrs.classes.remove(0);
    }
    (language, attrs)
}

fn container(name: &str) -> Option<Container> {
    Some(match name {
        "verse" | "poem" => Container::Verse,
        "epigraph" => Container::Epigraph,
        "center" | "centre" => Container::Center,
        "right" => Container::Right,
        "even" => Container::Even,
        "hanging" => Container::Hanging,
        "continued" => Container::Continued,
        _ => return None,
    })
}

/// Joins note marks and definitions: notes stand in the order of their first marks.
fn notes(blocks: &mut [Block], defined: Vec<Defined>, labels: &[(String, Span)], sink: &Sink) -> Vec<Note> {
    let mut by_label: BTreeMap<String, Note> = BTreeMap::new();
    let mut in_order = Vec::new();
    for note in defined {
        if by_label.contains_key(&note.label) {
            let label = &note.label;
            let report = Diagnostic::new(
                Code::RepeatedNote,
                text!("footnote [^{label}] is defined twice; the first is used", "脚注 [^{label}] 重复定义，以第一个为准"),
            );
            sink.report(report.at(note.span));
            continue;
        }
        in_order.push(note.label.clone());
        by_label.insert(note.label.clone(), Note { label: note.label, blocks: note.blocks, span: note.span, marks: 0 });
    }
    let mut order: Vec<String> = Vec::new();
    // The parser knows a mark only where its note is defined; the others stay text, and are reported below.
    for (label, _) in labels {
        if let Some(note) = by_label.get_mut(label) {
            note.marks += 1;
            if !order.contains(label) {
                order.push(label.clone());
            }
        }
    }
    for label in in_order {
        if !order.contains(&label) {
            if let Some(note) = by_label.get(&label) {
                let report =
                    Diagnostic::new(Code::UnusedNote, text!("footnote [^{label}] is never referred to", "脚注 [^{label}] 没有被引用"));
                sink.report(report.at(note.span).advise(text!(
                    "put [^{label}] where it belongs; its text is set at the chapter's end",
                    "在正文相应位置写上 [^{label}]；注文暂排在章末"
                )));
            }
            order.push(label);
        }
    }
    let index: BTreeMap<&str, usize> = order.iter().enumerate().map(|(at, label)| (label.as_str(), at)).collect();
    let resolve = &mut |inlines: &mut Vec<super::Inline>| {
        number_marks(inlines, labels, &index);
        undefined(inlines, sink);
    };
    super::walk::change_inlines(blocks, resolve);
    for note in by_label.values_mut() {
        super::walk::change_inlines(&mut note.blocks, resolve);
    }
    order.iter().filter_map(|label| by_label.remove(label)).collect()
}

/// Reports marks without a definition: the parser leaves them as text.
#[expect(clippy::string_slice, reason = "`[^` and the `]` after it are found in this text, and a `]` is one byte")]
fn undefined(inlines: &[super::Inline], sink: &Sink) {
    for inline in inlines {
        if let InlineKind::Text(text) = &inline.kind
            && let Some(at) = memmem::find(text.as_bytes(), b"[^")
            && let Some(length) = text[at..].find(']').filter(|length| (3..40).contains(length))
        {
            let label = &text[at..=at + length];
            let start = inline.span.start + at as u32;
            let place = Span { start: start.min(inline.span.end), end: (start + label.len() as u32).min(inline.span.end), ..inline.span };
            let report = Diagnostic::new(Code::UndefinedNote, text!("footnote {label} has no definition", "脚注 {label} 没有注文"));
            sink.report(report.at(place).advise(text!("add a line {label}: …", "补一行 {label}: …")));
        }
        undefined(inline.children(), sink);
    }
}

#[expect(clippy::indexing_slicing, reason = "until it is numbered, once, a mark holds the place of its label in `labels`")]
fn number_marks(inlines: &mut [super::Inline], labels: &[(String, Span)], index: &BTreeMap<&str, usize>) {
    for inline in inlines {
        if let InlineKind::Note(at) = inline.kind {
            let label = labels[at].0.as_str();
            inline.kind = match index.get(label) {
                Some(note) => InlineKind::Note(*note),
                None => InlineKind::Text(format!("[^{label}]")),
            };
        }
        if let Some(inner) = inline.children_mut() {
            number_marks(inner, labels, index);
        }
    }
}
