//! The file itself. lopdf keeps every object as a tree until the last is there, writes on one thread and packs nothing; a tagged book
//! has tens of thousands of them. Here an object is written as soon as it is known; small ones are packed together in object streams
//! and found by a cross-reference stream (ISO 32000-1, 7.5.7 and 7.5.8), compressed on all cores.

use super::packed::Deflater;
use crate::diagnostic::Diagnostic;
use lopdf::{Dictionary, Document, Object, ObjectId, StringFormat, dictionary};
use rayon::prelude::*;
use std::io::Write;
use std::ops::Range;

/// Objects of an object stream.
const TOGETHER: usize = 200;

/// Bytes of an entry of the cross-references: type, four and two.
const ENTRY: usize = 7;

/// A file under construction.
pub(super) struct File {
    /// By number.
    objects: Vec<Slot>,
    /// The small objects, one after another.
    small: Vec<u8>,
}

/// What a number stands for.
enum Slot {
    /// Nothing: it is free, or not known yet.
    Free,
    /// A range of the small objects.
    Small(Range<usize>),
    /// A stream as it stands in the file.
    Stream { dictionary: Dictionary, data: Vec<u8> },
}

impl File {
    /// A file whose first numbers are a document's, which is added at the end.
    pub fn after(document: &Document) -> File {
        let mut objects = Vec::new();
        objects.resize_with(document.max_id as usize + 1, || Slot::Free);
        File { objects, small: Vec::new() }
    }

    /// A number for an object that is yet to come.
    pub fn reserve(&mut self) -> ObjectId {
        self.objects.push(Slot::Free);
        (self.objects.len() as u32 - 1, 0)
    }

    /// Puts an object at its number.
    pub fn set(&mut self, id: ObjectId, object: &Object) {
        let from = self.small.len();
        write(&mut self.small, object);
        self.put(id, Slot::Small(from..self.small.len()));
    }

    /// Puts an object at a number of its own.
    pub fn add(&mut self, object: &Object) -> ObjectId {
        let id = self.reserve();
        self.set(id, object);
        id
    }

    /// Puts a stream, which is compressed already, at a number of its own.
    pub fn add_deflated(&mut self, data: Vec<u8>) -> ObjectId {
        let id = self.reserve();
        self.put(id, Slot::Stream { dictionary: dictionary! { "Filter" => "FlateDecode" }, data });
        id
    }

    fn put(&mut self, id: ObjectId, slot: Slot) {
        if let Some(place) = self.objects.get_mut(id.0 as usize) {
            *place = slot;
        }
    }

    /// Adds the objects of a document.
    fn take_in(&mut self, document: Document) -> Result<(), Diagnostic> {
        let (streams, others): (Vec<_>, Vec<_>) = document.objects.into_iter().partition(|(_, object)| matches!(object, Object::Stream(_)));
        others.iter().for_each(|(id, object)| self.set(*id, object));
        let packed = streams.into_par_iter().map_init(Deflater::new, |deflater, (id, object)| {
            let Object::Stream(stream) = object else { return Ok((id, Slot::Free)) };
            let (mut dictionary, mut data) = (stream.dict, stream.content);
            if stream.allows_compression && !dictionary.has(b"Filter") {
                data = deflater.deflate(&data)?;
                dictionary.set("Filter", "FlateDecode");
            }
            Ok((id, Slot::Stream { dictionary, data }))
        });
        for (id, slot) in packed.collect::<Result<Vec<_>, Diagnostic>>()? {
            self.put(id, slot);
        }
        Ok(())
    }

    /// The whole file, with the objects of the document and what its trailer says.
    ///
    /// # Errors
    ///
    /// None where the compressor does what it says.
    pub fn finish(mut self, mut document: Document) -> Result<Vec<u8>, Diagnostic> {
        let mut trailer = std::mem::take(&mut document.trailer);
        self.take_in(document)?;
        let small: Vec<(u32, &Range<usize>)> = (0..)
            .zip(&self.objects)
            .filter_map(|(number, slot)| if let Slot::Small(range) = slot { Some((number, range)) } else { None })
            .collect();
        let packed: Vec<(Dictionary, Vec<u8>)> = small
            .par_chunks(TOGETHER)
            .map_init(Deflater::new, |deflater, chunk| {
                let (head, body) = together(chunk, &self.small);
                let dictionary =
                    dictionary! { "Type" => "ObjStm", "N" => chunk.len() as i64, "First" => head.len() as i64, "Filter" => "FlateDecode" };
                Ok((dictionary, deflater.deflate(&[head, body].concat())?))
            })
            .collect::<Result<_, Diagnostic>>()?;

        // Where each number is found; the streams of objects come after all, the cross-references last.
        let (first, last) = (self.objects.len(), self.objects.len() + packed.len());
        let mut entries: Vec<[u8; ENTRY]> = vec![[0; ENTRY]; last + 1];
        for (at, (number, _)) in small.iter().enumerate() {
            entries[*number as usize] = entry(2, (first + at / TOGETHER) as u32, (at % TOGETHER) as u16);
        }
        let size: usize = packed.iter().map(|(_, data)| data.len() + 100).sum();
        let streams: usize = self.objects.iter().map(|slot| if let Slot::Stream { data, .. } = slot { data.len() + 100 } else { 0 }).sum();
        let mut out = Vec::with_capacity(size + streams + last * 3 + 1000);
        out.extend_from_slice(b"%PDF-1.7\n%\xbb\xad\xc0\xde\n");
        let numbered =
            (0..).zip(self.objects.into_iter().chain(packed.into_iter().map(|(dictionary, data)| Slot::Stream { dictionary, data })));
        for (number, slot) in numbered {
            if let Slot::Stream { dictionary, data } = slot {
                entries[number] = entry(1, out.len() as u32, 0);
                stream(&mut out, number, dictionary, &data);
            }
        }
        let start = out.len();
        entries[last] = entry(1, start as u32, 0);
        // The first is the head of the free ones (ISO 32000-1, 7.5.4).
        entries[0] = entry(0, 0, u16::MAX);
        trailer.set("Type", "XRef");
        trailer.set("Size", entries.len() as i64);
        trailer.set("W", vec![1.into(), 4.into(), 2.into()]);
        trailer.set("Filter", "FlateDecode");
        trailer.set("DecodeParms", dictionary! { "Predictor" => 12, "Columns" => ENTRY as i64 });
        stream(&mut out, last, trailer, &Deflater::new().deflate(&differences(&entries))?);
        out.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
        Ok(out)
    }
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

fn stream(out: &mut Vec<u8>, number: usize, mut dictionary: Dictionary, data: &[u8]) {
    dictionary.set("Length", data.len() as i64);
    // Writing to memory does not fail.
    let _ = writeln!(out, "{number} 0 obj");
    write(out, &Object::Dictionary(dictionary));
    out.extend_from_slice(b"\nstream\n");
    out.extend_from_slice(data);
    out.extend_from_slice(b"\nendstream\nendobj\n");
}

/// Writes an object that is no stream.
fn write(out: &mut Vec<u8>, object: &Object) {
    // Writing to memory does not fail.
    let _ = match object {
        Object::Null | Object::Stream(_) => write!(out, "null"),
        Object::Boolean(value) => write!(out, "{value}"),
        Object::Integer(value) => write!(out, "{value}"),
        Object::Real(value) => write!(out, "{value}"),
        Object::Reference((number, generation)) => write!(out, "{number} {generation} R"),
        Object::Name(name) => {
            self::name(out, name);
            Ok(())
        }
        Object::String(bytes, StringFormat::Literal) => {
            literal(out, bytes);
            Ok(())
        }
        Object::String(bytes, StringFormat::Hexadecimal) => {
            out.push(b'<');
            for byte in bytes {
                let _ = write!(out, "{byte:02X}");
            }
            out.push(b'>');
            Ok(())
        }
        Object::Array(list) => {
            out.push(b'[');
            for (at, object) in list.iter().enumerate() {
                if at > 0 && !opens_itself(object) {
                    out.push(b' ');
                }
                write(out, object);
            }
            out.push(b']');
            Ok(())
        }
        Object::Dictionary(dictionary) => {
            out.extend_from_slice(b"<<");
            for (key, object) in dictionary {
                name(out, key);
                if !opens_itself(object) {
                    out.push(b' ');
                }
                write(out, object);
            }
            out.extend_from_slice(b">>");
            Ok(())
        }
    };
}

/// Whether an object begins with a delimiter, and needs no space before it.
fn opens_itself(object: &Object) -> bool {
    matches!(object, Object::Name(_) | Object::String(..) | Object::Array(_) | Object::Dictionary(_))
}

fn name(out: &mut Vec<u8>, name: &[u8]) {
    out.push(b'/');
    for byte in name {
        if byte.is_ascii_graphic() && !b"()<>[]{}/%#".contains(byte) {
            out.push(*byte);
        } else {
            let _ = write!(out, "#{byte:02X}");
        }
    }
}

fn literal(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'(');
    bytes.iter().for_each(|byte| escaped(out, *byte));
    out.push(b')');
}

/// A byte within a literal string.
pub(super) fn escaped(out: &mut Vec<u8>, byte: u8) {
    match byte {
        b'(' | b')' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
        // A reader takes every end of a line for a line feed (ISO 32000-1, 7.3.4.2).
        b'\r' => out.extend_from_slice(b"\\r"),
        byte => out.push(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lopdf_reads_what_was_written() {
        let mut document = Document::with_version("1.7");
        let pages = document.add_object(dictionary! { "Type" => "Pages", "Kids" => Vec::<Object>::new(), "Count" => 0 });
        let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
        document.trailer.set("Root", catalog);
        let mut file = File::after(&document);
        let odd = Object::Array(vec![
            Object::Name(b"A /(\xe4".to_vec()),
            Object::String(b"(\\)\r\n".to_vec(), StringFormat::Literal),
            Object::String(vec![0, 255], StringFormat::Hexadecimal),
            Object::Real(-0.5),
            Object::Boolean(true),
            Object::Null,
            dictionary! { "Inner" => 7 }.into(),
        ]);
        let ids: Vec<ObjectId> = (0..TOGETHER * 2).map(|_| file.add(&odd)).collect();
        let unused = file.reserve();
        let stream = file.add_deflated(Deflater::new().deflate(b"0 0 m").unwrap());
        let read = Document::load_mem(&file.finish(document).unwrap()).unwrap();
        for id in ids {
            let (Object::Array(one), Object::Array(other)) = (read.get_object(id).unwrap(), &odd) else { panic!("no array") };
            assert_eq!(format!("{one:?}"), format!("{other:?}"));
        }
        assert!(read.get_object(unused).is_err());
        assert_eq!(read.get_object(stream).unwrap().as_stream().unwrap().decompressed_content().unwrap(), b"0 0 m");
        assert_eq!(read.catalog().unwrap().get(b"Pages").unwrap().as_reference().unwrap(), pages);
    }
}
