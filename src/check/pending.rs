//! Settings that are known and not carried out yet: said, never passed over in silence.

use crate::Project;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::document::visit_each_inline;
use crate::text;

/// Reports them.
pub fn pending(project: &Project, sink: &Sink) {
    let manifest = &project.loaded.manifest;
    if manifest.fonts.fangsong.is_none() && uses_fangsong(project) {
        let message = text!("no FangSong font is at hand; Kai stands in", "没有仿宋字体，以楷体代替");
        let advice = text!("name a font file: [fonts] fangsong = \"…\"", "请指定字体文件：[fonts] fangsong = \"…\"");
        sink.report(Diagnostic::new(Code::FangsongFallback, message).in_file("book.toml").advise(advice));
    }
}

fn uses_fangsong(project: &Project) -> bool {
    let mut found = false;
    for blocks in project.manuscript.chapters.iter().flat_map(|chapter| chapter.document.texts()) {
        visit_each_inline(blocks, &mut |inline| found |= inline.attrs.has("fangsong"));
    }
    found
}
