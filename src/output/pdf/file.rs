//! The file itself. lopdf keeps every object as a tree until the last is there, writes on one thread and packs nothing; a tagged book
//! has tens of thousands of them. Here an object is written as soon as it is known; small ones are packed together in object streams
//! and found by a cross-reference stream (ISO 32000-1, 7.5.7 and 7.5.8), compressed on all cores.

use super::super::packed::{Level, deflate};
use super::super::{Pieces, length_of};
use super::internal;
use super::object::{Piece, write};
use crate::cache::{Cache, Key};
use crate::diagnostic::Diagnostic;
use lopdf::{Dictionary, Object, ObjectId, dictionary};
use rayon::prelude::*;
use serde_bytes::ByteBuf;
use std::io::Write;
use std::ops::Range;

/// How many objects are written together.
const TOGETHER: usize = 200;

/// Numbers of an object stream: the small objects of so many from a multiple of it on.
const STREAM: usize = 256;

/// What groups of objects that grow and shrink begin at a multiple of, so that those after them keep their numbers.
const STEP: usize = 64;

/// What a file begins with (ISO 32000-1, 7.5.2).
const HEAD: &[u8] = b"%PDF-1.7\n%\xbb\xad\xc0\xde\n";

/// Bytes of an entry of the cross-references: type, four and two.
const ENTRY: usize = 7;

/// A file under construction.
pub(super) struct File<'a> {
    /// By number.
    objects: Vec<Slot<'a>>,
    /// The small objects that are not packed yet, one after another.
    small: Vec<u8>,
    /// The streams of those that are: a dictionary, its bytes.
    packed: Vec<(Vec<u8>, Vec<u8>)>,
}

/// What a number stands for.
enum Slot<'a> {
    /// Nothing: it is free, or not known yet.
    Free,
    /// A range of the small objects.
    Small(Range<usize>),
    /// A place in a stream of small objects: which stream, and which of its objects.
    Packed(usize, usize),
    /// A stream as it stands in the file: its dictionary, its bytes.
    Stream(Vec<u8>, Pieces<'a>),
}

impl<'a> File<'a> {
    /// A file without objects.
    pub fn new() -> File<'a> {
        // The first number is the head of the free ones (ISO 32000-1, 7.5.4).
        File { objects: vec![Slot::Free], small: Vec::new(), packed: Vec::new() }
    }

    /// Leaves out numbers, so that what follows seldom has others where what stands before has grown or shrunk: most object streams
    /// are then as they were.
    pub fn begin_group(&mut self) {
        self.objects.resize_with(self.objects.len().next_multiple_of(STEP), || Slot::Free);
    }

    /// A number for an object that is yet to come.
    pub fn reserve(&mut self) -> ObjectId {
        self.push(Slot::Free)
    }

    /// Puts an object at its number.
    pub fn set(&mut self, id: ObjectId, object: &Object) {
        self.put(id, |out| write(out, object));
    }

    /// Puts an object at its number, as it is written.
    pub fn put(&mut self, id: ObjectId, write: impl FnOnce(&mut Vec<u8>)) {
        let from = self.small.len();
        write(&mut self.small);
        let range = from..self.small.len();
        self.place(id, range);
    }

    /// Puts many objects at their numbers, as they are written, on all cores.
    pub fn put_all<T: Sync>(&mut self, objects: &[(ObjectId, T)], write: impl Fn(&mut Vec<u8>, &T) + Sync) {
        let written: Vec<(Vec<u8>, Vec<usize>)> = objects
            .par_chunks(TOGETHER)
            .map(|objects| {
                let mut out = Vec::new();
                let ends = objects.iter().map(|(_, object)| {
                    write(&mut out, object);
                    out.len()
                });
                let ends = ends.collect();
                (out, ends)
            })
            .collect();
        for (objects, (bytes, ends)) in objects.chunks(TOGETHER).zip(written) {
            let from = self.small.len();
            let starts = std::iter::once(0).chain(ends.iter().copied());
            for ((id, _), (start, end)) in objects.iter().zip(starts.zip(&ends)) {
                self.place(*id, from + start..from + end);
            }
            self.small.extend_from_slice(&bytes);
        }
    }

    /// Puts an object at a number of its own.
    pub fn add(&mut self, object: &Object) -> ObjectId {
        let id = self.reserve();
        self.set(id, object);
        id
    }

    /// Puts a stream, which is compressed already, at its number.
    pub fn set_deflated(&mut self, id: ObjectId, data: Pieces<'a>) {
        let length = length_of(&data);
        if let Some(place) = self.objects.get_mut(id.0 as usize) {
            *place = Slot::Stream(format!("<</Filter/FlateDecode/Length {length}>>").into_bytes(), data);
        }
    }

    /// Puts a stream at a number of its own, whose bytes are as its dictionary says.
    pub fn add_stream(&mut self, mut dictionary: Dictionary, data: Pieces<'a>) -> ObjectId {
        dictionary.set("Length", length_of(&data) as i64);
        let mut head = Vec::new();
        write(&mut head, &dictionary.into());
        self.push(Slot::Stream(head, data))
    }

    /// Puts a piece at numbers of its own; gives that of the piece itself.
    pub fn add_piece(&mut self, piece: Piece) -> ObjectId {
        let (parts, main) = piece.numbered(self.objects.len());
        for (text, data) in parts {
            let from = self.small.len();
            let slot = match data {
                Some(data) => Slot::Stream(text, vec![data.into()]),
                None => {
                    self.small.extend_from_slice(&text);
                    Slot::Small(from..self.small.len())
                }
            };
            self.push(slot);
        }
        (main as u32, 0)
    }

    fn push(&mut self, slot: Slot<'a>) -> ObjectId {
        self.objects.push(slot);
        (self.objects.len() as u32 - 1, 0)
    }

    fn place(&mut self, id: ObjectId, range: Range<usize>) {
        if let Some(place) = self.objects.get_mut(id.0 as usize) {
            *place = Slot::Small(range);
        }
    }

    /// Packs the small objects that have come since they were packed before.
    ///
    /// # Errors
    ///
    /// None where the compressor does what it says.
    pub fn pack(&mut self, cache: &Cache) -> Result<(), Diagnostic> {
        let small: Vec<(u32, &Range<usize>)> = (0..)
            .zip(&self.objects)
            .filter_map(|(number, slot)| if let Slot::Small(range) = slot { Some((number, range)) } else { None })
            .collect();
        let chunks: Vec<&[(u32, &Range<usize>)]> =
            small.chunk_by(|one, other| one.0 as usize / STREAM == other.0 as usize / STREAM).collect();
        let packed = chunks.par_iter().map(|chunk| {
            let (head, body) = together(chunk, &self.small);
            let plain = [head.as_slice(), &body].concat();
            // Most are as they were where no paragraph has come or gone.
            let pack = || deflate(Level::Text, &plain).map(ByteBuf::from);
            let data = cache.made(Key::of("PDF: objects", &plain), pack)?.into_vec();
            let (count, first, length) = (chunk.len(), head.len(), data.len());
            let head = format!("<</Type/ObjStm/N {count}/First {first}/Filter/FlateDecode/Length {length}>>");
            Ok((head.into_bytes(), data))
        });
        let packed = packed.collect::<Result<Vec<_>, Diagnostic>>()?;
        let places =
            (self.packed.len()..).zip(&chunks).flat_map(|(stream, chunk)| (0..chunk.len()).map(move |at| Slot::Packed(stream, at)));
        let places: Vec<Slot<'_>> = places.collect();
        let small = self.objects.iter_mut().filter(|slot| matches!(slot, Slot::Small(_)));
        small.zip(places).for_each(|(slot, place)| *slot = place);
        self.packed.extend(packed);
        self.small.clear();
        Ok(())
    }

    /// The whole file, with what its trailer says.
    ///
    /// # Errors
    ///
    /// A file of more than four gigabytes; none else where the compressor does what it says.
    pub fn finish(mut self, mut trailer: Dictionary, cache: &Cache) -> Result<Pieces<'a>, Diagnostic> {
        self.pack(cache)?;
        // Where each number is found; the streams of objects come after all, the cross-references last.
        let first = self.objects.len();
        let mut slots = self.objects;
        slots.extend(self.packed.into_iter().map(|(head, data)| Slot::Stream(head, vec![data.into()])));
        let last = slots.len();
        // A number that is free is so for good (ISO 32000-1, 7.5.4).
        let mut places: Vec<[u8; ENTRY]> = vec![entry(0, 0, u16::MAX); last + 1];
        let mut out: Pieces<'a> = vec![HEAD.into()];
        let mut end = HEAD.len();
        for (number, (slot, place)) in slots.into_iter().zip(&mut places).enumerate() {
            match slot {
                Slot::Free | Slot::Small(_) => {}
                Slot::Packed(stream, at) => *place = entry(2, (first + stream) as u32, at as u16),
                Slot::Stream(head, data) => {
                    *place = entry(1, position(end)?, 0);
                    let from = out.len();
                    put(&mut out, number, &head, data);
                    end += length_of(out.get(from..).unwrap_or_default());
                }
            }
        }
        let start = position(end)?;
        if let Some(place) = places.last_mut() {
            *place = entry(1, start, 0);
        }
        let data = deflate(Level::Text, &differences(&places))?;
        trailer.set("Type", "XRef");
        trailer.set("Size", places.len() as i64);
        trailer.set("W", vec![1.into(), 4.into(), 2.into()]);
        trailer.set("Filter", "FlateDecode");
        trailer.set("DecodeParms", dictionary! { "Predictor" => 12, "Columns" => ENTRY as i64 });
        trailer.set("Length", data.len() as i64);
        let mut head = Vec::new();
        write(&mut head, &trailer.into());
        put(&mut out, last, &head, vec![data.into()]);
        out.push(format!("startxref\n{start}\n%%EOF\n").into_bytes().into());
        Ok(out)
    }
}

/// Puts a stream into the file: its number, its dictionary, its bytes.
fn put<'a>(out: &mut Pieces<'a>, number: usize, head: &[u8], data: Pieces<'a>) {
    out.push([format!("{number} 0 obj\n").as_bytes(), head, b"\nstream\n"].concat().into());
    out.extend(data);
    out.push(b"\nendstream\nendobj\n".into());
}

/// A place in the file, as the cross-references count.
///
/// # Errors
///
/// A file of more than four gigabytes.
fn position(place: usize) -> Result<u32, Diagnostic> {
    u32::try_from(place).map_err(|_| internal("it would be larger than 4 GB"))
}

/// Small objects as an object stream has them: where each is, and all of them.
fn together(chunk: &[(u32, &Range<usize>)], small: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (mut head, mut body) = (Vec::new(), Vec::new());
    for (number, range) in chunk {
        // Writing to memory does not fail.
        let _ = write!(head, "{number} {} ", body.len());
        body.extend_from_slice(small.get((*range).clone()).unwrap_or_default());
        body.push(b'\n');
    }
    (head, body)
}

fn entry(kind: u8, place: u32, more: u16) -> [u8; ENTRY] {
    let [a, b, c, d] = place.to_be_bytes();
    let [e, f] = more.to_be_bytes();
    [kind, a, b, c, d, e, f]
}

/// Each row as its difference from the one above (PNG's second filter).
fn differences(entries: &[[u8; ENTRY]]) -> Vec<u8> {
    let mut above = [0; ENTRY];
    let mut rows = Vec::with_capacity(entries.len() * (ENTRY + 1));
    for entry in entries {
        rows.push(2);
        rows.extend(entry.iter().zip(above).map(|(byte, above)| byte.wrapping_sub(above)));
        above = *entry;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use lopdf::{Document, Stream, StringFormat};

    #[test]
    fn lopdf_reads_what_was_written() {
        let odd = Object::Array(vec![
            Object::Name(b"A /(\xe4".to_vec()),
            Object::String(b"(\\)\r\n".to_vec(), StringFormat::Literal),
            Object::String(vec![0, 255], StringFormat::Hexadecimal),
            Object::Real(-0.5),
            Object::Boolean(true),
            Object::Null,
            dictionary! { "Inner" => 7 }.into(),
        ]);
        let mut file = File::new();
        let mut ids: Vec<ObjectId> = (0..TOGETHER * 2).map(|_| file.add(&odd)).collect();
        let many: Vec<(ObjectId, &Object)> = (0..TOGETHER * 2).map(|_| (file.reserve(), &odd)).collect();
        file.put_all(&many, |out, object| write(out, object));
        ids.extend(many.iter().map(|(id, _)| *id));
        let unused = file.reserve();
        let stream = file.reserve();
        file.set_deflated(stream, vec![deflate(Level::Text, b"0 0 m").unwrap().into()]);
        let pages = file.add(&dictionary! { "Type" => "Pages", "Kids" => Vec::<Object>::new(), "Count" => 0 }.into());
        let catalog = file.add(&dictionary! { "Type" => "Catalog", "Pages" => pages }.into());
        let read = Document::load_mem(&file.finish(dictionary! { "Root" => catalog }, &Cache::none()).unwrap().concat()).unwrap();
        for id in ids {
            let (Object::Array(one), Object::Array(other)) = (read.get_object(id).unwrap(), &odd) else { panic!("no array") };
            assert_eq!(format!("{one:?}"), format!("{other:?}"));
        }
        assert!(read.get_object(unused).is_err());
        assert_eq!(read.get_object(stream).unwrap().as_stream().unwrap().decompressed_content().unwrap(), b"0 0 m");
        assert_eq!(read.catalog().unwrap().get(b"Pages").unwrap().as_reference().unwrap(), pages);
    }

    #[test]
    fn a_piece_takes_with_it_what_it_refers_to_and_nothing_else() {
        let mut document = Document::with_version("1.7");
        let other = document.add_object(7);
        let deepest = document.add_object(Stream::new(dictionary! {}, b"0 0 m".to_vec()));
        let inner = document.add_object(Object::Array(vec![deepest.into(), 5.into(), deepest.into()]));
        let main = document.add_object(dictionary! { "Inner" => inner, "Next" => 9 });
        let mut file = File::new();
        let _: Vec<ObjectId> = (0..20).map(|_| file.reserve()).collect();
        let piece = Piece::of(document, main).unwrap();
        let id = file.add_piece(piece);
        assert_eq!(file.objects.len(), 24, "{other:?} stays out");
        let catalog = file.add(&dictionary! { "Type" => "Catalog" }.into());
        let read = Document::load_mem(&file.finish(dictionary! { "Root" => catalog }, &Cache::none()).unwrap().concat()).unwrap();
        let inner = read.get_dictionary(id).unwrap().get(b"Inner").unwrap().as_reference().unwrap();
        assert_eq!(read.get_dictionary(id).unwrap().get(b"Next").unwrap().as_i64().unwrap(), 9);
        let list = read.get_object(inner).unwrap().as_array().unwrap();
        assert_eq!((list[1].as_i64().unwrap(), &list[0]), (5, &list[2]));
        let stream = read.get_object(list[0].as_reference().unwrap()).unwrap().as_stream().unwrap();
        assert_eq!(stream.decompressed_content().unwrap(), b"0 0 m");
    }
}
