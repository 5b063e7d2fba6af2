//! From bytes to text and back, whatever the encoding, judged by the whole file. Reading and writing again gives the same
//! bytes: what an encoding cannot give back is kept beside the text ([`Form::raw`]).

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How a text stands in its file: all that is needed to write it again as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// The name of its encoding, by the Encoding Standard.
    pub encoding: String,
    /// Whether a byte order mark stands before it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bom: bool,
    /// How its lines end.
    #[serde(default, skip_serializing_if = "Ends::is_usual")]
    pub ends: Ends,
    /// Lines, from 1, that the encoding would not give back as they were: their bytes in hexadecimal digits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub raw: Vec<(usize, String)>,
}

/// What ends a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ends {
    /// Line feed.
    #[default]
    #[serde(rename = "lf")]
    Lf,
    /// Carriage return and line feed.
    #[serde(rename = "crlf")]
    CrLf,
    /// Carriage return alone.
    #[serde(rename = "cr")]
    Cr,
}

impl Ends {
    fn is_usual(&self) -> bool {
        *self == Ends::Lf
    }
}

/// A text that was read.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// The text, without a byte order mark, lines ended by `\n`.
    pub text: String,
    /// How it stood in its file.
    pub form: Form,
    /// Whether the encoding is a guess that may be wrong: bytes that it does not know, or one that Chinese is not
    /// written in.
    pub doubtful: bool,
    /// Lines, from 1, in another encoding than the rest: UTF-8 in a file that is not.
    pub mixed: Vec<usize>,
    /// Whether it is no text at all: too many characters that no text has.
    pub binary: bool,
}

/// Encodings that East Asian texts come in.
const USUAL: &[&str] = &["UTF-8", "gb18030", "GBK", "Big5", "Shift_JIS", "EUC-JP", "EUC-KR", "UTF-16LE", "UTF-16BE"];
/// A file with more bytes of UTF-8 than this, in lines of their own among others, is of two encodings; fewer may be chance.
const MIXED: usize = 24;

/// Reads the bytes.
#[expect(clippy::indexing_slicing, reason = "the mark's `bom` bytes stand at the start of `bytes`")]
pub fn decode(bytes: &[u8]) -> Decoded {
    let (encoding, bom) = Encoding::for_bom(bytes).map_or((None, 0), |(encoding, length)| (Some(encoding), length));
    let body = &bytes[bom..];
    let wide = encoding.or_else(|| wide(body)).filter(|encoding| [UTF_16LE, UTF_16BE].contains(encoding));
    let unit = if wide.is_some() { 2 } else { 1 };
    let big = wide == Some(UTF_16BE);
    let lines_at = |mark: u8| split(body, unit, big, mark);
    let mut lines = lines_at(b'\n');
    let mut ends = Ends::Lf;
    if lines.len() == 1 {
        let other = lines_at(b'\r');
        if other.len() > 1 {
            (lines, ends) = (other, Ends::Cr);
        }
    } else if lines.iter().filter(|line| without_end(line, unit, big, b'\r').is_some()).count() * 2 > lines.len() - 1 {
        ends = Ends::CrLf;
    }
    let (encoding, mixed) = match wide.or(encoding) {
        Some(encoding) => (encoding, Vec::new()),
        None => guess(body, &lines),
    };
    let mut text = String::with_capacity(body.len() + body.len() / 2);
    let mut raw = Vec::new();
    let mut errors = false;
    let last = lines.len() - 1;
    let mut others = mixed.iter().peekable();
    for (at, line) in lines.into_iter().enumerate() {
        let cut = if ends == Ends::CrLf { without_end(line, unit, big, b'\r').unwrap_or(line) } else { line };
        let own = if others.next_if(|other| **other == at + 1).is_some() { UTF_8 } else { encoding };
        let (read, wrong) = own.decode_without_bom_handling(cut);
        errors |= wrong;
        // A carriage return within a line is kept as a blank that the line may not break at.
        let end = if ends == Ends::CrLf && at < last { "\r" } else { "" };
        if wrong
            || own != encoding
            || encoding != UTF_8 && *encode_line(&read, encoding) != *cut
            || cut.len() + end.len() * unit != line.len()
        {
            raw.push((at + 1, line.iter().map(|byte| format!("{byte:02x}")).collect()));
        }
        text.push_str(&read);
        if at < last {
            text.push('\n');
        }
    }
    let odd = text.chars().filter(|c| c.is_control() && !c.is_whitespace() || *c == '\u{fffd}').count();
    let binary = odd * 50 > text.chars().count() && odd > 3;
    let name = encoding.name();
    let doubtful = errors || !bytes.is_ascii() && !USUAL.contains(&name);
    Decoded { doubtful, mixed, binary, text, form: Form { encoding: name.to_owned(), bom: bom > 0, ends, raw } }
}

/// Writes a text again as its file had it. `None` where the form names no encoding, or holds what is no bytes.
pub fn encode(text: &str, form: &Form) -> Option<Vec<u8>> {
    let encoding = Encoding::for_label(form.encoding.as_bytes())?;
    let unit = if [UTF_16LE, UTF_16BE].contains(&encoding) { 2 } else { 1 };
    let mut out = Vec::with_capacity(text.len() + 3);
    if form.bom {
        out.extend_from_slice(match encoding {
            _ if encoding == UTF_16LE => &[0xff, 0xfe][..],
            _ if encoding == UTF_16BE => &[0xfe, 0xff],
            _ => &[0xef, 0xbb, 0xbf],
        });
    }
    let put = |out: &mut Vec<u8>, mark: u8| match (unit, encoding == UTF_16BE) {
        (1, _) => out.push(mark),
        (_, true) => out.extend([0, mark]),
        (_, false) => out.extend([mark, 0]),
    };
    let lines: Vec<&str> = text.split('\n').collect();
    let last = lines.len() - 1;
    let mut raw = form.raw.iter().peekable();
    for (at, line) in lines.into_iter().enumerate() {
        match raw.next_if(|(number, _)| *number == at + 1) {
            Some((_, digits)) => out.extend(bytes_of(digits)?),
            None => {
                out.extend_from_slice(&encode_line(line, encoding));
                if form.ends == Ends::CrLf && at < last {
                    put(&mut out, b'\r');
                }
            }
        }
        if at < last {
            put(&mut out, if form.ends == Ends::Cr { b'\r' } else { b'\n' });
        }
    }
    Some(out)
}

fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect()
}

/// The bytes of a line. `encoding_rs` writes no UTF-16.
fn encode_line<'a>(line: &'a str, encoding: &'static Encoding) -> Cow<'a, [u8]> {
    match encoding {
        _ if encoding == UTF_16LE => line.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>().into(),
        _ if encoding == UTF_16BE => line.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>().into(),
        _ => encoding.encode(line).0,
    }
}

fn is_mark(unit: &[u8], big: bool, mark: u8) -> bool {
    match unit {
        [byte] => *byte == mark,
        [first, second] => {
            if big {
                *first == 0 && *second == mark
            } else {
                *first == mark && *second == 0
            }
        }
        _ => false,
    }
}

/// The line without the mark that it ends with, if it does.
fn without_end(line: &[u8], unit: usize, big: bool, mark: u8) -> Option<&[u8]> {
    let (rest, last) = line.split_at_checked(line.len().checked_sub(unit)?)?;
    is_mark(last, big, mark).then_some(rest)
}

/// Lines without what ends them; at least one. No byte of these encodings that is part of a longer character is a line end's.
#[expect(clippy::indexing_slicing, reason = "`at` goes by twos and stops two before the end; `start` is 0 or two past an earlier `at`")]
fn split(body: &[u8], unit: usize, big: bool, mark: u8) -> Vec<&[u8]> {
    if unit == 1 {
        return body.split(|byte| *byte == mark).collect();
    }
    let mut lines = Vec::new();
    let mut start = 0;
    for at in (0..body.len().saturating_sub(1)).step_by(2) {
        if is_mark(&body[at..at + 2], big, mark) {
            lines.push(&body[start..at]);
            start = at + 2;
        }
    }
    lines.push(&body[start..]);
    lines
}

/// UTF-16 without a mark: all characters whose upper byte is nought are ASCII, line ends among them.
fn wide(body: &[u8]) -> Option<&'static Encoding> {
    /// Characters of ASCII that are enough to tell.
    const ENOUGH: usize = 4;
    let (units, odd) = body.as_chunks::<2>();
    let head = units.get(..1 << 15).unwrap_or(units);
    if !odd.is_empty() || !body.contains(&0) {
        return None;
    }
    let fits = |big: bool| {
        let units = || head.iter().map(|&[first, second]| if big { (first, second) } else { (second, first) });
        let low = units().filter(|(upper, _)| *upper == 0).count();
        let ascii = units()
            .filter(|(upper, lower)| *upper == 0 && (*lower >= b' ' && *lower < 0x7f || matches!(lower, b'\n' | b'\r' | b'\t')))
            .count();
        let ends = units().filter(|unit| *unit == (0, b'\n')).count();
        ends > 0 && ascii >= ENOUGH && ascii * 20 >= low * 19
    };
    let bytes = head.as_flattened();
    // Bytes that are good UTF-8 are no two-byte text, unless nearly every other one is nought.
    if std::str::from_utf8(body).is_ok() && bytes.iter().filter(|byte| **byte == 0).count() * 5 < bytes.len() {
        return None;
    }
    [(UTF_16LE, false), (UTF_16BE, true)].into_iter().find(|(_, big)| fits(*big)).map(|found| found.0)
}

/// The encoding by the whole file, and the lines in UTF-8 of a file that is in another.
fn guess(body: &[u8], lines: &[&[u8]]) -> (&'static Encoding, Vec<usize>) {
    if std::str::from_utf8(body).is_ok() {
        return (UTF_8, Vec::new());
    }
    let is_other = |line: &&[u8]| !line.is_ascii() && std::str::from_utf8(line).is_ok();
    let amount: usize = lines.iter().filter(|line| is_other(line)).map(|line| line.iter().filter(|byte| !byte.is_ascii()).count()).sum();
    let others = lines.iter().filter(|line| !line.is_ascii() && !is_other(line)).count();
    let wide = lines.iter().filter(|line| is_other(line)).count();
    // A file in UTF-8 with a few bad bytes.
    if wide > 0 && others * 10 <= wide {
        return (UTF_8, Vec::new());
    }
    let mixed = amount > MIXED && lines.iter().any(|line| !line.is_ascii() && !is_other(line));
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    if mixed {
        for line in lines.iter().filter(|line| !is_other(line)) {
            detector.feed(line, false);
        }
        detector.feed(b"\n", true);
    } else {
        detector.feed(body, true);
    }
    let found = detector.guess(None, Utf8Detection::Deny);
    // A few bad bytes mislead the detector: then the encoding is one in which nearly every line reads as Chinese.
    let found = if USUAL.contains(&found.name()) { found } else { chinese(lines, &is_other).unwrap_or(found) };
    // GB18030 holds all of GBK, and more.
    let found = if found == encoding_rs::GBK { encoding_rs::GB18030 } else { found };
    let numbers = lines.iter().enumerate().filter(|(_, line)| mixed && is_other(line)).map(|(at, _)| at + 1).collect();
    (found, numbers)
}

/// The characters that make up a third of any Chinese text.
const COMMON: &str = "的一是不了在人有我他这这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自會說來國這個們時後";

/// The encoding in which most of the lines read as Chinese.
fn chinese(lines: &[&[u8]], is_other: &dyn Fn(&&[u8]) -> bool) -> Option<&'static Encoding> {
    let known = [encoding_rs::GB18030, encoding_rs::BIG5];
    let score = |encoding: &'static Encoding| {
        let (mut all, mut common, mut wrong) = (0, 0, 0);
        for line in lines.iter().filter(|line| !line.is_ascii() && !is_other(line)).take(4000) {
            let (text, bad) = encoding.decode_without_bom_handling(line);
            wrong += usize::from(bad);
            all += text.chars().filter(|c| !c.is_ascii()).count();
            common += text.chars().filter(|c| COMMON.contains(*c)).count();
        }
        (common * 8 >= all && all > 0 && wrong * 4 <= lines.len()).then_some(common * 1000 / all.max(1))
    };
    known.into_iter().filter_map(|encoding| Some((score(encoding)?, encoding))).max_by_key(|found| found.0).map(|found| found.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = "第一章　开篇\n话说天下大势，分久必合，合久必分。周末七国分争，并入于秦。";

    #[test]
    fn a_text_in_gb18030_is_read() {
        let (bytes, _, _) = encoding_rs::GB18030.encode(SAMPLE);
        let read = decode(&bytes);
        assert_eq!((read.text.as_str(), read.form.encoding.as_str(), read.doubtful), (SAMPLE, "gb18030", false));
        let (bytes, _, _) = encoding_rs::BIG5.encode("第一章　開篇\n話說天下大勢，分久必合，合久必分。周末七國分爭，并入于秦。");
        assert_eq!(decode(&bytes).form.encoding, "Big5");
        let (bytes, _, _) =
            encoding_rs::SHIFT_JIS.encode("第一章　はじまり\n吾輩は猫である。名前はまだ無い。どこで生れたか頓と見当がつかぬ。");
        assert_eq!(decode(&bytes).form.encoding, "Shift_JIS");
        assert!(decode(&[0, 159, 146, 150, 0, 1, 2, 3]).binary);
    }

    #[test]
    fn what_was_read_is_written_as_it_was() {
        let gb = encoding_rs::GB18030.encode(SAMPLE).0.into_owned();
        let utf16: Vec<u8> = SAMPLE.replace('\n', "\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut broken = gb.clone();
        broken.extend_from_slice(b"\n\xff\xfe\x80ab\n");
        let mut mixed = gb.clone();
        mixed.push(b'\n');
        mixed.extend_from_slice("这一行是后来用另一种编码添上去的。\n".as_bytes());
        let cases: Vec<Vec<u8>> = vec![
            Vec::new(),
            SAMPLE.as_bytes().to_vec(),
            format!("\u{feff}{SAMPLE}\r\n二\r\n三\n四\r\n").into_bytes(),
            b"a\rb\rc\r".to_vec(),
            b"a\r\nb\rc\r\n\r\n".to_vec(),
            utf16.clone(),
            [&[0xff, 0xfe][..], &utf16].concat(),
            [&[0xfe, 0xff][..], &SAMPLE.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>()].concat(),
            gb,
            broken,
            mixed,
        ];
        for bytes in cases {
            let read = decode(&bytes);
            assert_eq!(encode(&read.text, &read.form).as_deref(), Some(&bytes[..]), "{read:?}");
        }
    }

    #[test]
    fn a_few_bad_bytes_mislead_nobody() {
        let text: String =
            (1..40).map(|number| format!("第{number}章　开篇\n话说天下大势，分久必合，合久必分。他说：这是一个故事。\n")).collect();
        let gb = encoding_rs::GB18030.encode(&text).0.into_owned();
        for bytes in [gb[..gb.len() - 2].to_vec(), [&gb[..40], b"\x80", &gb[40..], b"\xff"].concat()] {
            let read = decode(&bytes);
            assert_eq!(read.form.encoding, "gb18030");
            assert!(read.doubtful && read.text.contains("第39章") && encode(&read.text, &read.form) == Some(bytes));
        }
        let read = decode(&[text.as_bytes(), b"\xff\n"].concat());
        assert_eq!((read.form.encoding.as_str(), read.text.contains("第39章")), ("UTF-8", true));
        let read = decode("第一章 甲\n\n　　他走了。\n\n第二章 乙\n\n　　她也走了，天色已晚。\n\0".as_bytes());
        assert_eq!(read.form.encoding, "UTF-8");
        for (big, name) in [(false, "UTF-16LE"), (true, "UTF-16BE")] {
            let bytes: Vec<u8> = text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect();
            assert_eq!(decode(&bytes).form.encoding, name);
        }
    }

    #[test]
    fn lines_in_another_encoding_are_read_and_named() {
        let mut bytes = encoding_rs::GB18030.encode(SAMPLE).0.into_owned();
        bytes.push(b'\n');
        bytes.extend_from_slice("这一行是后来用另一种编码添上去的。\n".as_bytes());
        let read = decode(&bytes);
        assert_eq!((read.form.encoding.as_str(), read.mixed.as_slice()), ("gb18030", &[3][..]));
        assert!(read.text.ends_with("添上去的。\n"));
    }
}
