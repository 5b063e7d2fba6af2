//! What is damaged in the characters and marks of the text, as [`crate::repair`] judges it: one report a paragraph for each kind.

use super::Text;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::document;
use crate::repair::{Change, Rule};
use crate::source::Span;
use crate::text;

/// How sure a change has to be to be spoken of.
const SPOKEN: f32 = 0.8;

/// Lints the whole book.
pub(super) fn lint(texts: &[Text], sink: &Sink) {
    for (text, changes) in texts.iter().zip(document::revise(texts.iter().map(|text| &text.prose), SPOKEN)) {
        for passage in &text.prose.passages {
            for code in [Code::HalfWidthPunctuation, Code::LookAlike, Code::MixedScript, Code::WideLetters, Code::StrayBlank] {
                let own =
                    changes.iter().filter(|change| change.applied && passage.range.contains(&change.at) && kind(change) == Some(code));
                let own: Vec<&Change> = own.collect();
                if let Some(first) = own.first() {
                    sink.report(report(code, first, own.len()).at(Span::new(text.file, first.at..first.end())));
                }
            }
        }
    }
}

fn kind(change: &Change) -> Option<Code> {
    match change.rule {
        Rule::Mark | Rule::Quote => Some(Code::HalfWidthPunctuation),
        Rule::LookAlike => Some(Code::LookAlike),
        Rule::Traditional | Rule::Symbol => Some(Code::MixedScript),
        Rule::Width => Some(Code::WideLetters),
        Rule::Space => Some(Code::StrayBlank),
        _ => None,
    }
}

fn report(code: Code, first: &Change, count: usize) -> Diagnostic {
    let (before, after) = (first.before.trim(), &first.after);
    let message = match code {
        Code::HalfWidthPunctuation => {
            text!(
                "half-width “{before}” in Chinese text ({count} such marks in this paragraph)",
                "中文里用了半角“{before}”（本段共 {count} 处）"
            )
        }
        Code::LookAlike => text!(
            "“{before}” seems to stand for “{after}” ({count} such characters in this paragraph)",
            "“{before}”疑为“{after}”之误（本段共 {count} 处）"
        ),
        Code::MixedScript => text!(
            "“{before}” in simplified text ({count} such characters in this paragraph)",
            "简体文字中混入“{before}”（本段共 {count} 处）"
        ),
        Code::WideLetters => {
            text!("full-width “{before}” ({count} such characters in this paragraph)", "全角“{before}”（本段共 {count} 处）")
        }
        _ => {
            text!("a blank that does not belong here ({count} in this paragraph)", "此处的空格多余，或不是通常的空格（本段共 {count} 处）")
        }
    };
    let advice = match code {
        Code::StrayBlank => text!("banxin check --fix puts it right", "可用 banxin check --fix 改正"),
        _ => text!("write {after}; banxin check --fix puts right what is sure", "改为 {after}；有把握的可用 banxin check --fix 改正"),
    };
    Diagnostic::new(code, message).advise(advice)
}
