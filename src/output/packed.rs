//! Compressed streams (ISO 32000-1, 7.4.4; PNG, 10), whole or of parts that are compressed by themselves: many at once, and of a
//! page's content what its flow draws stays as it is, wherever the page comes to stand.

use super::Pieces;
use crate::diagnostic::Diagnostic;
use crate::text;
use flate2::{Compress, Compression, FlushCompress, Status};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use simd_adler32::adler32;
use std::borrow::Cow;
use std::cell::RefCell;

/// How much is made of compressing something, as zlib counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// For outlines, in which little is said twice: with the next level a small book takes a twentieth longer, and is a hundredth less.
    Fast = 2,
    /// For pages and what stands around them: with the middle level a book takes a twentieth longer, and these are one to four
    /// hundredths less.
    Text = 4,
    /// For pictures.
    Middle = 6,
}

impl Level {
    /// The bytes of a part of a long stream. A part cannot refer to what stands before it, which costs drawings more than outlines.
    fn long(self) -> usize {
        match self {
            Level::Fast => 1 << 16,
            Level::Text | Level::Middle => 1 << 20,
        }
    }
}

/// What a stream begins with (RFC 1950, 2.2): a window of 32 kB, a level that is fast or better.
const HEAD: [u8; 2] = [0x78, 0x5e];

/// The modulus of the sum at its end (RFC 1950, 8.2).
const MODULUS: u64 = 65_521;

/// A part of a stream, of whole blocks and bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Packed {
    #[serde(with = "serde_bytes")]
    blocks: Vec<u8>,
    sum: Sum,
}

/// The sum of some bytes, and how many they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Sum {
    adler: u32,
    length: u64,
}

impl Sum {
    fn of(bytes: &[u8]) -> Sum {
        Sum { adler: adler32(&bytes), length: bytes.len() as u64 }
    }

    /// That of these bytes and others after them.
    fn and(self, after: Sum) -> Sum {
        let (low, high) = (|sum: Sum| u64::from(sum.adler & 0xffff), |sum: Sum| u64::from(sum.adler >> 16));
        // The sum begins with one, and what stands before a byte is added again with it.
        let first = (low(self) + low(after) + MODULUS - 1) % MODULUS;
        let second = (high(self) + high(after) + after.length % MODULUS * ((low(self) + MODULUS - 1) % MODULUS)) % MODULUS;
        Sum { adler: (second << 16 | first) as u32, length: self.length + after.length }
    }
}

/// A stream of a few bytes that are not worth compressing, fewer than 65,536, and of parts, the last of which was made as one.
pub(super) fn stream<'a>(before: &[u8], parts: impl IntoIterator<Item = Cow<'a, Packed>>) -> Pieces<'a> {
    let mut out = HEAD.to_vec();
    let mut sum = Sum::of(before);
    if !before.is_empty() {
        // A block as it is (RFC 1951, 3.2.4).
        let length = before.len() as u16;
        out.push(0);
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(before);
    }
    let mut pieces = vec![Cow::Owned(out)];
    for part in parts {
        sum = sum.and(part.sum);
        pieces.push(match part {
            Cow::Borrowed(part) => Cow::Borrowed(part.blocks.as_slice()),
            Cow::Owned(part) => Cow::Owned(part.blocks),
        });
    }
    pieces.push(Cow::Owned(sum.adler.to_be_bytes().to_vec()));
    pieces
}

thread_local! {
    // What compresses takes hundreds of kilobytes, and time to make.
    static COMPRESSOR: RefCell<Compress> = RefCell::new(Compress::new(Compression::new(Level::Fast as u32), false));
}

fn failed(error: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::internal(text!("a stream could not be compressed: {error}", "无法压缩数据：{error}"))
}

/// A whole stream, compressed; a long one in parts, on all cores.
///
/// # Errors
///
/// None where the compressor does what it says.
pub(super) fn deflate(level: Level, bytes: &[u8]) -> Result<Vec<u8>, Diagnostic> {
    let long = level.long();
    if bytes.len() < long * 2 {
        return Ok(stream(&[], [Cow::Owned(part(level, bytes, true)?)]).concat());
    }
    let last = bytes.len().div_ceil(long) - 1;
    let parts = bytes.par_chunks(long).with_max_len(1).enumerate().map(|(at, bytes)| part(level, bytes, at == last));
    let parts: Vec<Packed> = parts.collect::<Result<_, Diagnostic>>()?;
    Ok(stream(&[], parts.iter().map(Cow::Borrowed)).concat())
}

/// A part of a stream, compressed by itself; whether it is the last.
///
/// # Errors
///
/// None where the compressor does what it says.
pub(super) fn part(level: Level, bytes: &[u8], last: bool) -> Result<Packed, Diagnostic> {
    let flush = if last { FlushCompress::Finish } else { FlushCompress::Sync };
    let mut blocks = Vec::with_capacity(bytes.len() / 2 + 64);
    COMPRESSOR.with_borrow_mut(|compressor| {
        compressor.reset();
        compressor.set_level(Compression::new(level as u32)).map_err(failed)?;
        loop {
            let read = compressor.total_in() as usize;
            let status = compressor.compress_vec(bytes.get(read..).unwrap_or_default(), &mut blocks, flush);
            match status {
                Ok(Status::StreamEnd) => return Ok(()),
                // All is written where room is left.
                Ok(_) if !last && compressor.total_in() as usize == bytes.len() && blocks.len() < blocks.capacity() => return Ok(()),
                Ok(_) => blocks.reserve(blocks.len().max(64)),
                Err(error) => return Err(failed(error)),
            }
        }
    })?;
    blocks.shrink_to_fit();
    Ok(Packed { blocks, sum: Sum::of(bytes) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    const LEVELS: [Level; 3] = [Level::Fast, Level::Text, Level::Middle];

    #[test]
    fn parts_are_one_stream() {
        let noise: Vec<u8> = (0..200_000_u32).map(|at| (at.wrapping_mul(at) >> 7) as u8).collect();
        for (before, middle, last) in
            [(&noise[..0], 0, 0), (&noise[..70], 0, 10), (&noise[..1], 65_521, 1), (&noise[..60_000], 190_000, 200_000)]
        {
            for middle in [None, Some(&noise[..middle])] {
                let begin = middle.map(|middle| part(Level::Middle, middle, false).unwrap());
                let end = part(Level::Middle, &noise[..last], true).unwrap();
                let whole = stream(before, begin.iter().chain([&end]).map(Cow::Borrowed)).concat();
                let mut read = Vec::new();
                flate2::read::ZlibDecoder::new(whole.as_slice()).read_to_end(&mut read).unwrap();
                assert_eq!(read, [before, middle.unwrap_or_default(), &noise[..last]].concat());
            }
        }
    }

    #[test]
    fn a_long_stream_is_made_of_parts() {
        for level in LEVELS {
            let long = level.long();
            let noise: Vec<u8> = (0..long as u32 * 3 + 1).map(|at| (at.wrapping_mul(at) >> 7) as u8).collect();
            for length in [0, long * 2 - 1, long * 2, long * 3, long * 3 + 1] {
                let whole = deflate(level, &noise[..length]).unwrap();
                let mut read = Vec::new();
                flate2::read::ZlibDecoder::new(whole.as_slice()).read_to_end(&mut read).unwrap();
                assert!(read == noise[..length], "{level:?} {length}");
            }
        }
    }

    #[test]
    fn what_was_compressed_before_changes_nothing() {
        // It ends with what stands in it twice, the first time before what the stream before has after it.
        let noise = |from: u32| (from..from + 300).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect::<Vec<u8>>();
        let end = b"[(abcdefghijklmnopq)]TJ".as_slice();
        let bytes = [&noise(0), end, b"PPPP", &noise(1000), end, b"QQQQ", &noise(2000), end].concat();
        for level in LEVELS {
            let alone = std::thread::spawn({
                let bytes = bytes.clone();
                move || part(level, &bytes, true).unwrap()
            });
            let alone = alone.join().unwrap();
            for before in LEVELS {
                part(before, &[&bytes, b"PPPP".as_slice()].concat(), true).unwrap();
                assert_eq!(part(level, &bytes, true).unwrap(), alone, "{level:?} after {before:?}");
            }
        }
    }
}
