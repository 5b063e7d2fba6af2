//! From bytes to text, whatever the encoding, judged by the whole file.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

/// A text that was read.
pub(super) struct Decoded {
    /// The text, with `\n` line ends.
    pub text: String,
    /// The name of its encoding.
    pub encoding: &'static str,
    /// Whether the encoding is a guess that may be wrong: bytes that it does not know, or one that Chinese is not
    /// written in.
    pub doubtful: bool,
    /// Whether it is no text at all: too many characters that no text has.
    pub binary: bool,
}

/// Encodings that East Asian texts come in.
const USUAL: &[&str] = &["UTF-8", "gb18030", "GBK", "Big5", "Shift_JIS", "EUC-JP", "EUC-KR", "UTF-16LE", "UTF-16BE"];

/// Reads the bytes.
pub(super) fn decode(bytes: &[u8]) -> Decoded {
    let encoding = Encoding::for_bom(bytes).map(|(encoding, _)| encoding).unwrap_or_else(|| guess(bytes));
    let (text, _, errors) = encoding.decode(bytes);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let odd = text.chars().filter(|c| c.is_control() && !c.is_whitespace() || *c == '\u{fffd}').count();
    let binary = odd * 50 > text.chars().count();
    let ascii = bytes.is_ascii();
    Decoded { doubtful: errors || !ascii && !USUAL.contains(&encoding.name()), encoding: encoding.name(), text, binary }
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let found = detector.guess(None, Utf8Detection::Allow);
    // GB18030 holds all of GBK, and more.
    if found == encoding_rs::GBK { encoding_rs::GB18030 } else { found }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_gb18030_is_read() {
        let sample = "第一章　开篇\n话说天下大势，分久必合，合久必分。周末七国分争，并入于秦。";
        let (bytes, _, _) = encoding_rs::GB18030.encode(sample);
        let read = decode(&bytes);
        assert_eq!((read.text.as_str(), read.encoding, read.doubtful), (sample, "gb18030", false));
        let (bytes, _, _) = encoding_rs::BIG5.encode("第一章　開篇\n話說天下大勢，分久必合，合久必分。周末七國分爭，并入於秦。");
        assert_eq!(decode(&bytes).encoding, "Big5");
        assert!(decode(&[0, 159, 146, 150, 0, 1, 2, 3]).binary);
    }
}
