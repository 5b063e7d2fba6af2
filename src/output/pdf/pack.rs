//! Packs what lopdf 0.44 leaves loose when it writes: its object streams and its cross-reference stream are not compressed,
//! whatever level is asked for, and in a tagged book they are a tenth of the file. The file is taken apart at its
//! cross-references, and put together again (ISO 32000-1, 7.5.7 and 7.5.8).

use flate2::Compression;
use flate2::write::ZlibEncoder;
use rayon::prelude::*;
use std::io::Write;

/// Bytes of an entry of the cross-references as lopdf writes them: type, four and two.
const ENTRY: usize = 7;

/// An object: its number, its new bytes where it was packed, and its old ones.
type Piece<'a> = (usize, Option<Vec<u8>>, &'a [u8]);

/// A file with its small objects packed. The error says what was not as lopdf writes it.
pub(super) fn pack(file: &[u8]) -> Result<Vec<u8>, &'static str> {
    let at = find_last(file, b"startxref\n").ok_or("no startxref")?;
    let digits: String = file[at + 10..].iter().take_while(|byte| byte.is_ascii_digit()).map(|byte| char::from(*byte)).collect();
    let table: usize = digits.parse().map_err(|_| "startxref has no number")?;
    let (head, entries) = parts(file.get(table..at).ok_or("the cross-references are not in the file")?)?;
    if entries.len() % ENTRY != 0 {
        return Err("the cross-references are not whole");
    }
    let mut entries: Vec<[u8; ENTRY]> = entries.chunks_exact(ENTRY).filter_map(|entry| entry.try_into().ok()).collect();
    // Objects that stand in the file by themselves, in its order; the cross-references are the last.
    let mut placed: Vec<(usize, usize)> = Vec::new();
    for (number, entry) in entries.iter().enumerate() {
        if entry[0] == 1 {
            placed.push((u32::from_be_bytes([entry[1], entry[2], entry[3], entry[4]]) as usize, number));
        }
    }
    placed.sort_unstable();
    let ends = placed.iter().skip(1).map(|(from, _)| *from).chain([at]);
    let pieces: Vec<(usize, &[u8])> = placed
        .iter()
        .zip(ends)
        .filter(|((from, _), _)| *from != table)
        .map(|((from, number), to)| file.get(*from..to).map(|piece| (*number, piece)).ok_or("an object is not in the file"))
        .collect::<Result<_, _>>()?;
    let packed: Vec<Piece<'_>> = pieces
        .into_par_iter()
        .map(|(number, piece)| {
            let loose = piece[..piece.len().min(80)].windows(12).any(|window| window == b"/Type/ObjStm");
            Ok((number, if loose { Some(packed_stream(piece, "/Filter/FlateDecode", |content| content.to_vec())?) } else { None }, piece))
        })
        .collect::<Result<_, &'static str>>()?;
    let first = placed.first().ok_or("no object is in the file")?.0;
    let mut out = file[..first].to_vec();
    for (number, new, piece) in packed {
        entries[number][1..5].copy_from_slice(&(out.len() as u32).to_be_bytes());
        out.extend_from_slice(new.as_deref().unwrap_or(piece));
    }
    let start = out.len();
    let own = placed.iter().find(|(from, _)| *from == table).ok_or("the cross-references do not name themselves")?.1;
    entries[own][1..5].copy_from_slice(&(start as u32).to_be_bytes());
    // Each row as its difference from the one above (PNG's second filter).
    let filtered = |_: &[u8]| {
        let mut above = [0; ENTRY];
        let mut rows = Vec::with_capacity(entries.len() * (ENTRY + 1));
        for entry in &entries {
            rows.push(2);
            rows.extend(entry.iter().zip(above).map(|(byte, above)| byte.wrapping_sub(above)));
            above = *entry;
        }
        rows
    };
    let filter = format!("/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns {ENTRY}>>");
    debug_assert!(head.contains("/Type/XRef"));
    out.extend(packed_stream(&file[table..at], &filter, filtered)?);
    out.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
    Ok(out)
}

/// A stream object with its content changed and compressed.
fn packed_stream(object: &[u8], filter: &str, change: impl Fn(&[u8]) -> Vec<u8>) -> Result<Vec<u8>, &'static str> {
    let (head, content) = parts(object)?;
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(&change(content)).map_err(|_| "a stream cannot be compressed")?;
    let data = encoder.finish().map_err(|_| "a stream cannot be compressed")?;
    let length = format!("/Length {}", content.len());
    let head = head.replacen(&length, &format!("{filter}/Length {}", data.len()), 1);
    let mut out = head.into_bytes();
    out.extend_from_slice(b"stream\n");
    out.extend_from_slice(&data);
    out.extend_from_slice(b"\nendstream\nendobj\n");
    Ok(out)
}

/// A stream object's text before its content, and the content.
fn parts(object: &[u8]) -> Result<(String, &[u8]), &'static str> {
    let at = object.windows(9).position(|window| window == b">>stream\n").ok_or("a stream does not begin")? + 2;
    let head = std::str::from_utf8(&object[..at]).map_err(|_| "a stream's dictionary is not plain")?.to_owned();
    let after = head.rsplit_once("/Length ").ok_or("a stream has no length")?.1;
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    let length: usize = digits.parse().map_err(|_| "a stream's length is no number")?;
    let content = object.get(at + 7..at + 7 + length).ok_or("a stream is cut off")?;
    Ok((head, content))
}

fn find_last(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).rposition(|window| window == part)
}
