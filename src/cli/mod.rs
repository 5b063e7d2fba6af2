//! The command line: one file for each command. Nothing else in the crate prints.

mod build;
mod check;
mod fonts;
mod import;
mod new;
mod terminal;
mod watch;

use crate::diagnostic::Language;
use crate::output::epub::{PROFILES, Profile};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::process::ExitCode;
use terminal::Terminal;

/// Typesets Chinese books: one manifest and Markdown chapters become an EPUB and a PDF.
#[derive(Parser)]
#[command(name = "banxin", version, arg_required_else_help = true)]
struct Arguments {
    /// Print diagnostics as JSON, one object a line
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start a book in a new folder
    New(new::Arguments),
    /// Make a book of a text file
    Import(import::Arguments),
    /// Make the EPUB and the PDF of a book
    Build(build::Arguments),
    /// Make them again whenever a file of the book is saved
    Watch(watch::Arguments),
    /// Look a book over without making it
    Check(check::Arguments),
    /// List the fonts, or those that a book uses
    Fonts(fonts::Arguments),
}

/// What the help says in Chinese.
const CHINESE: &[(&str, &str)] = &[
    ("new", "在新目录里开始一本书"),
    ("import", "把文本文件做成一本书"),
    ("build", "生成一本书的 EPUB 与 PDF"),
    ("watch", "书稿一有改动就重新生成"),
    ("check", "检查一本书，不生成文件"),
    ("fonts", "列出自带字体，或一本书用到的字体"),
];

/// How a command ended; its number is the exit code.
pub(crate) enum Outcome {
    /// Done.
    Done,
    /// The book has errors.
    Errors,
}

/// Runs the program.
pub fn run() -> ExitCode {
    let language = language();
    let mut command = Arguments::command();
    if language == Language::Chinese {
        command = command.about("排中文书：一份清单与若干 Markdown 章节，生成 EPUB 与 PDF");
        for (name, about) in CHINESE {
            command = command.mut_subcommand(name, |sub| sub.about(*about));
        }
    }
    let arguments = match command.try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches)) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors; wrong usage is exit code 2. Where the terminal is gone, nobody reads it.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    make_room();
    let terminal = Terminal::new(language, arguments.json);
    let outcome = match arguments.command {
        Command::New(arguments) => new::run(&arguments, &terminal),
        Command::Import(arguments) => import::run(&arguments, &terminal),
        Command::Build(arguments) => build::run(&arguments, &terminal),
        Command::Watch(arguments) => watch::run(&arguments, &terminal),
        Command::Check(arguments) => check::run(&arguments, &terminal),
        Command::Fonts(arguments) => fonts::run(&arguments, &terminal),
    };
    match outcome {
        Outcome::Done => ExitCode::SUCCESS,
        Outcome::Errors => ExitCode::FAILURE,
    }
}

/// Makes room for what the threads work with. glibc asks the kernel for the memory of a thread page by page, and gives it back as soon
/// as enough is free at its end; a large piece that was given back once raises both limits. It is not touched, so it takes no memory.
fn make_room() {
    const ROOM: usize = 4 << 20;
    let take = |bytes: usize| drop(std::hint::black_box(Vec::<u8>::with_capacity(bytes)));
    take(ROOM);
    // Where there are threads already, they stay as they are.
    let _ = rayon::ThreadPoolBuilder::new().start_handler(move |_| take(ROOM / 4 * 3)).build_global();
}

/// Chinese where the locale is Chinese.
fn language() -> Language {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().filter_map(|name| std::env::var(name).ok()).find(|value| !value.is_empty());
    if locale.is_some_and(|locale| locale.starts_with("zh")) { Language::Chinese } else { Language::English }
}

/// Reads the name of a family of readers.
fn reader() -> impl clap::builder::TypedValueParser<Value = &'static Profile> {
    use clap::builder::{PossibleValuesParser, TypedValueParser};
    PossibleValuesParser::new(PROFILES.each_ref().map(|profile| profile.name))
        .map(|name| PROFILES.iter().find(|profile| profile.name == name).unwrap_or(&PROFILES[0]))
}
