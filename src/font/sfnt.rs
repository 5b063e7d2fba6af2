//! A font file as a list of tables (OpenType 1.9.1, "Organization of an OpenType Font"), for fonts whose outlines stand apart. The build
//! script takes them apart with this file, and the program puts them together.

/// A table: its name, and its bytes in pieces.
pub type Table<'a> = ([u8; 4], Vec<&'a [u8]>);

/// Bytes of a glyph's entry in the list of places: where its outline begins, three, and how long it is, two.
pub const PLACE: usize = 5;

/// The tables of a font. `None` where it is damaged.
pub fn tables(font: &[u8]) -> Option<Vec<Table<'_>>> {
    let count = u16::from_be_bytes(font.get(4..6)?.try_into().ok()?);
    let table = |record: &[u8]| {
        let number = |at: usize| Some(u32::from_be_bytes(record.get(at..at + 4)?.try_into().ok()?) as usize);
        let (name, from, length) = (record.get(..4)?.try_into().ok()?, number(8)?, number(12)?);
        Some((name, vec![font.get(from..from.checked_add(length)?)?]))
    };
    font.get(12..)?.chunks_exact(16).take(count.into()).map(table).collect()
}

/// Puts other bytes into a table of some, where it is one of them.
pub fn replace<'a>(tables: &mut [Table<'a>], name: &[u8; 4], pieces: Vec<&'a [u8]>) {
    if let Some(table) = tables.iter_mut().find(|(known, _)| known == name) {
        table.1 = pieces;
    }
}

/// A TrueType font of some tables, which stand in it in this order. It bears no sums: nothing here asks for them.
pub fn font_of(tables: &[Table<'_>]) -> Vec<u8> {
    let length = |pieces: &[&[u8]]| pieces.iter().map(|piece| piece.len()).sum::<usize>();
    let mut at = 12 + tables.len() * 16;
    let mut font = Vec::with_capacity(at + tables.iter().map(|(_, pieces)| length(pieces).next_multiple_of(4)).sum::<usize>());
    let count = tables.len() as u16;
    let steps = count.checked_ilog2().unwrap_or(0) as u16;
    let range = 16 << steps;
    font.extend_from_slice(&[0, 1, 0, 0]);
    [count, range, steps, (count * 16).wrapping_sub(range)].iter().for_each(|number| font.extend_from_slice(&number.to_be_bytes()));
    let record = |(name, pieces): &Table<'_>| {
        let (from, length) = (at, length(pieces));
        at += length.next_multiple_of(4);
        (*name, [0, from as u32, length as u32])
    };
    let mut records: Vec<_> = tables.iter().map(record).collect();
    records.sort_unstable_by_key(|(name, _)| *name);
    for (name, numbers) in records {
        font.extend_from_slice(&name);
        numbers.iter().for_each(|number| font.extend_from_slice(&number.to_be_bytes()));
    }
    for (_, pieces) in tables {
        pieces.iter().for_each(|piece| font.extend_from_slice(piece));
        font.resize(font.len().next_multiple_of(4), 0);
    }
    font
}

/// The tables `glyf`, in pieces, and `loca` (with numbers of 32 bits) of so many glyphs, of which some have outlines, in the order of
/// their numbers.
pub fn outline_tables<'a>(count: u16, outlines: impl Iterator<Item = (u16, &'a [u8])>) -> (Vec<&'a [u8]>, Vec<[u8; 4]>) {
    let (mut glyf, mut loca, mut end) = (Vec::new(), Vec::with_capacity(usize::from(count) + 1), 0_u32);
    for (glyph, outline) in outlines {
        // Those between this one and the one before begin where it does, and have nothing.
        loca.resize(usize::from(glyph) + 1, end.to_be_bytes());
        glyf.push(outline);
        end += outline.len() as u32;
    }
    loca.resize(usize::from(count) + 1, end.to_be_bytes());
    (glyf, loca)
}
