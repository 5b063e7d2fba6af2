//! Stylesheets of the manifest's own: read, and held to what an EPUB may hold. Nothing in them reaches outside the book
//! (EPUB 3.3, 3.6 and 6.3.1).

use super::Loaded;
use crate::diagnostic::{Code, Diagnostic, Sink, Text};
use crate::source::{FileId, ReadError, Sources, Span, percent_decode, resolve};
use crate::text;
use cssparser::{ParseError, Parser, Token};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A stylesheet that the manifest names.
#[derive(Clone, Debug)]
pub struct Stylesheet {
    /// Its text.
    pub text: String,
    /// The files that it names, each with the bytes of its text that name it, in order.
    pub files: Vec<(Range<usize>, PathBuf)>,
}

/// One name, or several.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(untagged)]
pub enum OneOrMore {
    /// One.
    One(String),
    /// Several, in order.
    More(Vec<String>),
}

impl OneOrMore {
    /// All of them.
    pub fn all(&self) -> &[String] {
        match self {
            OneOrMore::One(one) => std::slice::from_ref(one),
            OneOrMore::More(all) => all,
        }
    }
}

/// Properties that an EPUB must not use: the direction of text is the markup's to tell (EPUB 3.3, 6.3.1).
const REFUSED: [&str; 2] = ["direction", "unicode-bidi"];

/// Reads the stylesheets of `[epub] css`. `None` after an error was reported.
pub(super) fn read(loaded: &Loaded, sources: &mut Sources, sink: &Sink) -> Option<Vec<Stylesheet>> {
    let mut good = true;
    let mut read = Vec::new();
    let Some(names) = &loaded.manifest.epub.css else { return Some(read) };
    for written in names.get_ref().all() {
        let path = resolve(Path::new("book.toml"), written).filter(|path| loaded.root.join(path).is_file() && loaded.holds(path));
        let Some(path) = path else {
            let report = Diagnostic::new(
                Code::MissingFile,
                text!("the stylesheet \"{written}\" is not in the book's folder", "书的目录中没有样式表“{written}”"),
            );
            sink.report(
                report.at(loaded.span(names)).advise(text!("paths are below the folder of book.toml", "路径以 book.toml 所在目录为准")),
            );
            good = false;
            continue;
        };
        match sources.read(&loaded.root, &path) {
            Ok(file) => {
                let text = sources.get(file).text.to_string();
                match checked(&text, file, &path, loaded, sink) {
                    Some(files) => read.push(Stylesheet { text, files }),
                    None => good = false,
                }
            }
            Err(ReadError::NotUtf8(at)) => {
                sink.report(super::not_utf8(written, at));
                good = false;
            }
            Err(error) => {
                let Text { en, zh } = Text::from(&error);
                let report = Diagnostic::new(Code::MissingFile, text!("cannot read {written}: {en}", "无法读取 {written}：{zh}"));
                sink.report(report.at(loaded.span(names)).advise(text!("see whether the file may be read", "请检查文件权限")));
                good = false;
            }
        }
    }
    good.then_some(read)
}

/// The files that a stylesheet names. `None` after an error was reported.
fn checked(text: &str, file: FileId, path: &Path, loaded: &Loaded, sink: &Sink) -> Option<Vec<(Range<usize>, PathBuf)>> {
    let mut found = Found::default();
    // Every token is looked at; what they mean together is the reader's.
    let whole = walk(&mut Parser::new(text), &mut found, false);
    let mut good = true;
    let mut reject = |code, range: Range<usize>, message, advice| {
        sink.report(Diagnostic::new(code, message).at(Span::new(file, range)).advise(advice));
        good = false;
    };
    if whole.is_err() {
        let advice = text!("close its brackets, and nest them less deeply", "请闭合括号，并减少嵌套");
        reject(Code::BrokenStylesheet, 0..0, text!("the stylesheet cannot be read to its end", "样式表无法读完"), advice);
    }
    for range in found.imports {
        let advice = text!("name the other file in [epub] css as well", "请把另一个文件也写进 [epub] css");
        reject(Code::BrokenStylesheet, range, text!("@import reaches for another file", "@import 引用了另一个文件"), advice);
    }
    for (name, range) in found.refused {
        let message = text!("an EPUB must not use \"{name}\"", "EPUB 不得使用“{name}”");
        reject(Code::BrokenStylesheet, range, message, text!("leave it out", "请删去"));
    }
    let mut files = Vec::new();
    for (url, range) in found.urls {
        if url.starts_with('#') || url.starts_with("data:image/") || url.starts_with("data:font/") {
            continue;
        }
        let named = percent_decode(url.split(['?', '#']).next().unwrap_or(&url));
        let scheme = named.contains(':') || named.starts_with("//") || named.starts_with('/') || named.contains('\\');
        let below = resolve(path, &named).filter(|path| !scheme && loaded.root.join(path).is_file() && loaded.holds(path));
        match below {
            Some(below) => files.push((range, below)),
            None => {
                let short: String = url.chars().take(60).collect();
                let advice = text!(
                    "put the file into the book's folder and name it relative to the stylesheet",
                    "请把文件放进书的目录，按相对样式表的路径引用"
                );
                reject(Code::RemoteResource, range, text!("\"{short}\" is not in the book's folder", "“{short}”不在书的目录里"), advice);
            }
        }
    }
    good.then_some(files)
}

#[derive(Default)]
struct Found {
    urls: Vec<(String, Range<usize>)>,
    imports: Vec<Range<usize>>,
    refused: Vec<(String, Range<usize>)>,
}

/// Looks at every token; `named` where strings name files: in `url()`, `image-set()`.
fn walk(parser: &mut Parser<'_>, found: &mut Found, named: bool) -> Result<(), ParseError<()>> {
    let mut last: Option<(String, Range<usize>)> = None;
    loop {
        let start = parser.position().byte_index();
        let Ok(token) = parser.next_including_whitespace_and_comments().cloned() else { return Ok(()) };
        let range = start..parser.position().byte_index();
        match &token {
            Token::UnquotedUrl(url) | Token::BadUrl(url) => found.urls.push((url.to_string(), range.clone())),
            Token::QuotedString(url) if named => found.urls.push((url.to_string(), range.clone())),
            Token::AtKeyword(name) if name.eq_ignore_ascii_case("import") => found.imports.push(range.clone()),
            Token::Colon => {
                found.refused.extend(last.take().filter(|(name, _)| REFUSED.contains(&name.as_str())));
            }
            Token::Function(name) if ["url", "src"].contains(&name.to_ascii_lowercase().as_str()) => {
                let mut inner = Found::default();
                parser.parse_nested_block(|block| walk(block, &mut inner, true))?;
                let whole = start..parser.position().byte_index();
                found.urls.extend(inner.urls.into_iter().take(1).map(|(url, _)| (url, whole.clone())));
            }
            Token::Function(_) | Token::ParenthesisBlock | Token::SquareBracketBlock | Token::CurlyBracketBlock => {
                let named = matches!(&token, Token::Function(name) if name.to_ascii_lowercase().ends_with("image-set"));
                parser.parse_nested_block(|block| walk(block, found, named))?;
            }
            _ => {}
        }
        match &token {
            Token::Ident(name) => last = Some((name.to_ascii_lowercase(), range)),
            Token::WhiteSpace(_) | Token::Comment(_) => {}
            _ => last = None,
        }
    }
}
