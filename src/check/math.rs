//! Formulas that cannot be read: their source is shown in both formats.

use crate::Project;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::document::{BlockKind, InlineKind, visit_blocks, visit_each_inline};
use crate::output::epub::is_readable;
use crate::source::Span;
use crate::text;

/// Reports them.
pub fn math(project: &Project, sink: &Sink) {
    let one = |source: &str, span: Span| {
        if !is_readable(source) {
            let report = Diagnostic::new(Code::BrokenMath, text!("this formula cannot be read as LaTeX", "这个公式不是可读的 LaTeX"));
            let advice = text!("its source is shown; see whether a brace or a command is wrong", "暂显示源码；请检查括号与命令");
            sink.report(report.at(span).advise(advice));
        }
    };
    for blocks in project.manuscript.chapters.iter().flat_map(|chapter| chapter.document.texts()) {
        visit_blocks(blocks, &mut |block| {
            if let BlockKind::Math(source) = &block.kind {
                one(source, block.span);
            }
        });
        visit_each_inline(blocks, &mut |inline| {
            if let InlineKind::Math(source) = &inline.kind {
                one(source, inline.span);
            }
        });
    }
}
