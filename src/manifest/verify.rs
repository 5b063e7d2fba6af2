//! What types cannot say: ranges, dates, language tags, numbers with check digits.

use super::Loaded;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::source::Span;
use crate::text;

impl Loaded {
    /// Reports what is wrong. False where something is.
    pub(super) fn verify(&self, sink: &Sink) -> bool {
        let manifest = &self.manifest;
        let mut good = true;
        let mut reject = |at: Option<Span>, message, advice| {
            let report = Diagnostic::new(Code::ManifestValue, message).advise(advice);
            sink.report(match at {
                Some(span) => report.at(span),
                None => report.in_file("book.toml"),
            });
            good = false;
        };
        if manifest.book.title.get_ref().trim().is_empty() {
            let advice = text!("give the book a title: title = \"…\"", "给书起个名字：title = \"…\"");
            reject(Some(self.span(&manifest.book.title)), text!("the title is empty", "书名为空"), advice);
        }
        if let Some(date) = &manifest.book.date
            && !is_date(date.get_ref())
        {
            let written = date.get_ref();
            let message = text!("\"{written}\" is no date", "“{written}”不是日期");
            let advice = text!("write YYYY-MM-DD, YYYY-MM or YYYY", "写成 YYYY-MM-DD、YYYY-MM 或 YYYY");
            reject(Some(self.span(date)), message, advice);
        }
        let language = &manifest.book.language;
        if !is_language(language) {
            let message = text!("\"{language}\" is no language tag", "“{language}”不是语言标签");
            reject(None, message, text!("write one such as zh-Hans-CN, zh-Hant-TW, ja or en", "如 zh-Hans-CN、zh-Hant-TW、ja、en"));
        }
        if let Some(isbn) = &manifest.book.isbn
            && !is_isbn(isbn)
        {
            let message = text!("\"{isbn}\" is no ISBN: its digits do not add up", "“{isbn}”不是 ISBN：校验不符");
            reject(None, message, text!("see whether a digit is missing or wrong", "请核对是否缺了或错了数字"));
        }
        let pdf = &manifest.pdf;
        let ranges = [
            ("pdf.font-size", pdf.font_size.length().to_pt(), 4.0, 72.0),
            ("pdf.chars-per-line", pdf.chars_per_line.unwrap_or(20.0), 4.0, 200.0),
            ("pdf.lines-per-page", f64::from(pdf.lines_per_page.unwrap_or(20)), 4.0, 200.0),
            ("pdf.line-height", pdf.line_height, 1.0, 4.0),
            ("pdf.bleed", pdf.bleed.map_or(0.0, |bleed| bleed.length().to_pt()), 0.0, 72.0),
            ("pdf.toc-depth", f64::from(pdf.toc_depth.unwrap_or(1)), 1.0, 6.0),
            ("epub.toc-depth", f64::from(manifest.epub.toc_depth.unwrap_or(1)), 1.0, 6.0),
            ("typography.indent", manifest.typography.indent.unwrap_or(2.0), 0.0, 8.0),
        ];
        for (key, value, low, high) in ranges {
            if !(low..=high).contains(&value) {
                let message =
                    text!("{key} is {value}; it must lie between {low} and {high}", "{key} 的值 {value} 应在 {low} 与 {high} 之间");
                reject(None, message, text!("change {key} in book.toml", "请修改 book.toml 中的 {key}"));
            }
        }
        for template in [&pdf.head_left, &pdf.head_right, &pdf.foot_left, &pdf.foot_right].into_iter().flatten() {
            if let Err(wrong) = super::fields(template.get_ref()) {
                let message = text!("\"{wrong}\" is no field of a head or foot", "“{wrong}”不是书眉页脚的字段");
                let known = super::FIELDS.map(|(name, _)| format!("{{{name}}}")).join(" ");
                reject(Some(self.span(template)), message, text!("known are {known}", "可用的有 {known}"));
            }
        }
        for name in &pdf.standard {
            if !["ua-1", "a-2a"].contains(&name.as_str()) {
                let message = text!("\"{name}\" is no standard that banxin knows", "不认识的标准“{name}”");
                reject(None, message, text!("known are \"ua-1\" and \"a-2a\"", "可用 \"ua-1\" 与 \"a-2a\""));
            }
        }
        good
    }
}

/// Whether it is well formed by BCP 47: a language of two or three letters, then subtags of up to eight.
pub fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or("");
    let alphanumeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (2..=3).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| (1..=8).contains(&part.len()) && alphanumeric(part))
}

/// Whether the check digit of an ISBN is right (ISO 2108), of ten or thirteen digits.
fn is_isbn(text: &str) -> bool {
    let digits: Vec<u32> = text
        .chars()
        .filter(|c| !matches!(c, '-' | ' '))
        .map(|c| if matches!(c, 'X' | 'x') { Some(10) } else { c.to_digit(10) })
        .collect::<Option<_>>()
        .unwrap_or_default();
    match digits.len() {
        10 => digits.iter().zip((1..=10).rev()).map(|(digit, weight)| digit * weight).sum::<u32>() % 11 == 0,
        13 => digits.iter().zip([1, 3].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum::<u32>() % 10 == 0,
        _ => false,
    }
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |part: &str, digits: usize| (part.len() == digits).then(|| part.parse::<u32>().ok()).flatten();
    let in_range = |part: &str, high: u32| number(part, 2).is_some_and(|value| (1..=high).contains(&value));
    match parts.as_slice() {
        [year] => number(year, 4).is_some(),
        [year, month] => number(year, 4).is_some() && in_range(month, 12),
        [year, month, day] => number(year, 4).is_some() && in_range(month, 12) && in_range(day, 31),
        _ => false,
    }
}
