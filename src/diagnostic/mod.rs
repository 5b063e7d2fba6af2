//! Problems, told to the user: one type, one list of codes, two renderings (for people, as JSON lines).

mod codes;
mod render;

pub use codes::Code;
pub use render::{human, json};

use crate::source::{ReadError, Span};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The languages that messages exist in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English, the default.
    English,
    /// Chinese, where the locale is Chinese.
    Chinese,
}

/// A message in both languages. Written with [`text!`](crate::text).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Text {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

impl Text {
    /// The message in one language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Chinese => &self.zh,
        }
    }
}

/// Formats one message in English and in Chinese from the same captured values.
#[macro_export]
macro_rules! text {
    ($en:literal, $zh:literal $(, $value:expr)*) => {
        $crate::diagnostic::Text { en: format!($en $(, $value)*), zh: format!($zh $(, $value)*) }
    };
}

impl From<&ReadError> for Text {
    /// Why a file cannot be read, in a few words.
    fn from(error: &ReadError) -> Text {
        match error {
            ReadError::Io(error) => text!("{error}", "{error}"),
            ReadError::NotUtf8(at) => text!("it is not UTF-8 from byte {at} on", "从第 {at} 字节起不是 UTF-8"),
            ReadError::Outside => text!("a link leads out of the book's folder", "链接指向了书的目录之外"),
            ReadError::NoFile => text!("it is not a file", "不是文件"),
            ReadError::TooLarge(most) => text!("it has more than {most} MB", "超过 {most} MB"),
        }
    }
}

/// How bad a problem is. Errors stop a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The book cannot be built as it stands.
    Error,
    /// The book builds, and something in it is probably not meant.
    Warning,
}

/// Where a problem is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Place {
    /// In a file that was read.
    Span(Span),
    /// A file as a whole, or one that could not be read: its shown path.
    File(String),
}

/// One problem: what it is, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// What is wrong, here.
    pub message: Text,
    /// Where.
    pub place: Option<Place>,
    /// What to do.
    pub advice: Option<Text>,
}

impl Diagnostic {
    /// A problem without a place yet.
    pub fn new(code: Code, message: Text) -> Diagnostic {
        Diagnostic { code, message, place: None, advice: None }
    }

    /// A fault of the program, told rather than swallowed.
    pub fn internal(message: Text) -> Diagnostic {
        Diagnostic::new(Code::Internal, message).advise(text!(
            "this is a fault in banxin; please report it with the book that shows it",
            "这是 banxin 的错误，请附上能重现的书稿报告"
        ))
    }

    /// Puts the problem at a span.
    pub fn at(mut self, span: Span) -> Diagnostic {
        self.place = Some(Place::Span(span));
        self
    }

    /// Puts the problem at a file.
    pub fn in_file(mut self, path: impl Into<String>) -> Diagnostic {
        self.place = Some(Place::File(path.into()));
        self
    }

    /// Says what to do.
    pub fn advise(mut self, advice: Text) -> Diagnostic {
        self.advice = Some(advice);
        self
    }

    /// The severity, which the code decides.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

/// Problems in the order in which they were found, each once.
#[derive(Debug, Default)]
struct Found {
    list: Vec<Diagnostic>,
    known: HashSet<Diagnostic>,
}

/// Collects problems from any thread; gives them back in the order of their places.
#[derive(Debug, Default)]
pub struct Sink {
    found: Mutex<Found>,
    /// How long each step took, in the order in which they ended.
    steps: Mutex<Vec<(Text, Duration)>>,
    /// Accounts of what was done where, if anyone asked for them.
    traces: Option<Mutex<Vec<(Span, Text)>>>,
}

impl Sink {
    /// A sink that also takes accounts of what is done; see [`Sink::trace`].
    pub fn tracing() -> Sink {
        Sink { traces: Some(Mutex::default()), ..Sink::default() }
    }

    /// Whether accounts are wanted.
    pub fn is_tracing(&self) -> bool {
        self.traces.is_some()
    }

    /// Takes an account of what was done at a place, if accounts are wanted.
    pub fn trace(&self, span: Span, account: Text) {
        if let Some(traces) = &self.traces {
            traces.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push((span, account));
        }
    }

    /// Forgets the accounts so far: what they tell of is done again.
    pub fn forget_traces(&self) {
        if let Some(traces) = &self.traces {
            traces.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clear();
        }
    }

    /// All accounts, by place.
    pub fn traces(&self) -> Vec<(Span, Text)> {
        let Some(traces) = &self.traces else { return Vec::new() };
        let mut found = traces.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone();
        found.sort_by(|(one, told), (other, also)| (*one, &told.en).cmp(&(*other, &also.en)));
        found.dedup();
        found
    }

    /// Does a step of the work, and keeps how long it took. Steps may overlap.
    pub fn timed<T>(&self, step: Text, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let done = work();
        self.steps.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push((step, start.elapsed()));
        done
    }

    /// How long each step took.
    pub fn steps(&self) -> Vec<(Text, Duration)> {
        self.steps.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    /// Takes a problem. The same problem at the same place is kept once.
    pub fn report(&self, diagnostic: Diagnostic) {
        let mut found = self.lock();
        if found.known.insert(diagnostic.clone()) {
            found.list.push(diagnostic);
        }
    }

    /// Whether an error was reported.
    pub fn has_errors(&self) -> bool {
        self.lock().list.iter().any(|diagnostic| diagnostic.severity() == Severity::Error)
    }

    /// All problems, by place: files as they were read, then position, then code; independent of threads.
    pub fn sorted(&self) -> Vec<Diagnostic> {
        let mut found = self.lock().list.clone();
        found.sort_by_key(|diagnostic| {
            let (group, span, path) = match &diagnostic.place {
                Some(Place::File(path)) => (0, Span::default(), path.clone()),
                Some(Place::Span(span)) => (1, *span, String::new()),
                None => (2, Span::default(), String::new()),
            };
            (group, span, path, diagnostic.code.name(), diagnostic.message.en.clone())
        });
        found
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
