//! `banxin new DIR`

use super::Outcome;
use super::terminal::Terminal;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::source::Sources;
use crate::text;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The folder to make
    dir: PathBuf,
    /// The title; the folder's name where none is given
    #[arg(long)]
    title: Option<String>,
    /// An author; may be given several times
    #[arg(long)]
    author: Vec<String>,
}

const CHAPTER: &str = "# 第一章　开篇\n\n在这里写正文。段落之间空一行；**着重**与*强调*照 Markdown 的写法。\n\n## 第一节　小节\n\n脚注这样写[^1]，读音这样标：{版心|bǎn xīn}。\n\n[^1]: 注文写在任意位置，排在当页脚下。\n";

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Outcome {
    let sink = Sink::default();
    let manifest = arguments.dir.join("book.toml");
    let shown = arguments.dir.display().to_string();
    if manifest.exists() {
        let report = Diagnostic::new(Code::WouldOverwrite, text!("{shown} already holds a book", "{shown} 里已经有一本书"));
        sink.report(report.advise(text!("choose another folder", "请换一个目录")));
    } else if let Err(error) = write(arguments, &manifest) {
        let report = Diagnostic::new(Code::CannotWrite, text!("cannot write {shown}: {error}", "无法写入 {shown}：{error}"));
        sink.report(report.advise(text!("choose a folder that can be written", "请选择可以写入的目录")));
    }
    terminal.report(&sink, &Sources::default());
    if sink.has_errors() {
        return Outcome::Errors;
    }
    terminal.say(&text!("{shown} is ready; next: banxin build {shown}", "{shown} 已就绪；接着运行：banxin build {shown}"));
    Outcome::Done
}

fn write(arguments: &Arguments, manifest: &Path) -> std::io::Result<()> {
    let folder = arguments.dir.file_name().map(|name| name.to_string_lossy().into_owned());
    let title = arguments.title.clone().or(folder).filter(|title| !title.trim().is_empty()).unwrap_or_else(|| "未名".into());
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let authors: Vec<String> = arguments.author.iter().map(|author| quoted(author)).collect();
    std::fs::create_dir_all(arguments.dir.join("src"))?;
    std::fs::write(arguments.dir.join("src/ch01.md"), CHAPTER)?;
    let text = format!(
        "[book]\ntitle = {}\nauthors = [{}]\nlanguage = \"zh-Hans-CN\"\n\n[[chapters]]\nfile = \"ch01.md\"\n",
        quoted(&title),
        authors.join(", ")
    );
    std::fs::write(manifest, text)
}
