//! Objects as a file has them (ISO 32000-1, 7.3), and pieces of several that stand for themselves until a file gives them numbers.

use super::super::packed::{Level, deflate};
use crate::diagnostic::Diagnostic;
use lopdf::{Document, Object, ObjectId, StringFormat, dictionary};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::io::Write;

/// An object and those that it refers to, which a file takes in under numbers of its own.
#[derive(Serialize, Deserialize)]
pub(super) struct Piece {
    parts: Vec<Part>,
    /// Which of the parts it is.
    main: usize,
}

/// An object of a piece.
#[derive(Serialize, Deserialize)]
struct Part {
    /// The object, or a stream's dictionary, without the numbers that it refers to.
    #[serde(with = "serde_bytes")]
    text: Vec<u8>,
    /// Where in it a number belongs, in order, and which part has it.
    holes: Vec<(usize, usize)>,
    /// A stream's bytes.
    data: Option<serde_bytes::ByteBuf>,
}

impl Piece {
    /// The object of a document with what it refers to, streams compressed.
    ///
    /// # Errors
    ///
    /// None where the compressor does what it says.
    pub fn of(mut document: Document, main: ObjectId) -> Result<Piece, Diagnostic> {
        document.trailer = dictionary! { "Root" => main };
        document.prune_objects();
        let places: BTreeMap<ObjectId, usize> = document.objects.keys().copied().zip(0..).collect();
        let part = |object| {
            let (object, data) = match object {
                Object::Stream(stream) => {
                    let (mut dictionary, mut data) = (stream.dict, stream.content);
                    if stream.allows_compression && !dictionary.has(b"Filter") {
                        // Of a font's program a stream says how long it is (9.9).
                        let level = match dictionary.get(b"Subtype").and_then(Object::as_name) {
                            Ok(b"Image") => Level::Middle,
                            _ if dictionary.has(b"Length1") => Level::Fast,
                            _ => Level::Text,
                        };
                        data = deflate(level, &data)?;
                        dictionary.set("Filter", "FlateDecode");
                    }
                    dictionary.set("Length", data.len() as i64);
                    (Object::Dictionary(dictionary), Some(data.into()))
                }
                object => (object, None),
            };
            let (mut text, mut holes) = (Vec::new(), Vec::new());
            let mut refer = |out: &mut Vec<u8>, id| match places.get(&id) {
                Some(place) => {
                    holes.push((out.len(), *place));
                    out.extend_from_slice(b" 0 R");
                }
                None => out.extend_from_slice(b"null"),
            };
            write_with(&mut text, &object, &mut refer);
            Ok(Part { text, holes, data })
        };
        Ok(Piece {
            main: places.get(&main).copied().unwrap_or(0),
            parts: document.objects.into_par_iter().map(|(_, object)| part(object)).collect::<Result<_, Diagnostic>>()?,
        })
    }

    /// Its objects, streams with their bytes, where the first gets the number `first` and the others those after it; then the number
    /// of the piece itself.
    pub fn numbered(self, first: usize) -> (impl Iterator<Item = (Vec<u8>, Option<Vec<u8>>)>, usize) {
        let parts = self.parts.into_iter().map(move |part| {
            let mut out = Vec::with_capacity(part.text.len() + part.holes.len() * 5);
            let mut done = 0;
            for (at, place) in part.holes {
                out.extend_from_slice(part.text.get(done..at).unwrap_or_default());
                integer(&mut out, (first + place) as i64);
                done = at;
            }
            out.extend_from_slice(part.text.get(done..).unwrap_or_default());
            (out, part.data.map(serde_bytes::ByteBuf::into_vec))
        });
        (parts, first + self.main)
    }
}

/// A dictionary that is written entry by entry, without a tree of objects.
pub(super) struct Entries<'a>(&'a mut Vec<u8>);

impl<'a> Entries<'a> {
    /// Begins a dictionary.
    pub fn open(out: &'a mut Vec<u8>) -> Entries<'a> {
        out.extend_from_slice(b"<<");
        Entries(out)
    }

    /// Entries by themselves, for several dictionaries that have the same.
    pub fn shared(write: impl FnOnce(&mut Entries<'_>)) -> Vec<u8> {
        let mut out = Vec::new();
        write(&mut Entries(&mut out));
        out
    }

    /// Entries that were written before.
    pub fn again(&mut self, shared: &[u8]) {
        self.0.extend_from_slice(shared);
    }

    /// An entry.
    pub fn set(&mut self, key: &str, value: &Object) {
        self.constant(key);
        spaced(self.0, value, &mut reference);
    }

    /// An entry that is a name.
    pub fn name(&mut self, key: &str, value: &str) {
        self.constant(key);
        self.constant(value);
    }

    /// A name of the program's own, which has nothing to escape.
    fn constant(&mut self, name: &str) {
        self.0.push(b'/');
        self.0.extend_from_slice(name.as_bytes());
    }

    /// An entry that is a list.
    pub fn list(&mut self, key: &str, values: impl Iterator<Item = Object>) {
        self.constant(key);
        list(self.0, values);
    }

    /// An entry that is a list, or if it has only one object that object; none if it has none.
    pub fn one_or_list(&mut self, key: &str, mut values: impl ExactSizeIterator<Item = Object>) {
        if values.len() > 1 {
            self.list(key, values);
        } else if let Some(value) = values.next() {
            self.set(key, &value);
        }
    }

    /// Ends the dictionary.
    pub fn close(self) {
        self.0.extend_from_slice(b">>");
    }
}

/// Writes a list of objects.
pub(super) fn list(out: &mut Vec<u8>, objects: impl Iterator<Item = Object>) {
    list_with(out, objects, &mut reference);
}

fn list_with(out: &mut Vec<u8>, objects: impl Iterator<Item: Borrow<Object>>, refer: &mut dyn FnMut(&mut Vec<u8>, ObjectId)) {
    out.push(b'[');
    for (at, object) in objects.enumerate() {
        if at > 0 { spaced(out, object.borrow(), refer) } else { write_with(out, object.borrow(), refer) }
    }
    out.push(b']');
}

/// Writes an object that is no stream.
pub(super) fn write(out: &mut Vec<u8>, object: &Object) {
    write_with(out, object, &mut reference);
}

fn reference(out: &mut Vec<u8>, (number, generation): ObjectId) {
    integer(out, number.into());
    out.push(b' ');
    integer(out, generation.into());
    out.extend_from_slice(b" R");
}

fn integer(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Writes an object after something that it must be kept apart from.
fn spaced(out: &mut Vec<u8>, object: &Object, refer: &mut dyn FnMut(&mut Vec<u8>, ObjectId)) {
    if !opens_itself(object) {
        out.push(b' ');
    }
    write_with(out, object, refer);
}

/// Writes an object that is no stream, references as `refer` writes them.
fn write_with(out: &mut Vec<u8>, object: &Object, refer: &mut dyn FnMut(&mut Vec<u8>, ObjectId)) {
    match object {
        Object::Null | Object::Stream(_) => out.extend_from_slice(b"null"),
        Object::Boolean(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Object::Integer(value) => integer(out, *value),
        // Writing to memory does not fail.
        Object::Real(value) => drop(write!(out, "{value}")),
        Object::Reference(id) => refer(out, *id),
        Object::Name(name) => self::name(out, name),
        Object::String(bytes, StringFormat::Literal) => literal(out, bytes),
        Object::String(bytes, StringFormat::Hexadecimal) => {
            out.push(b'<');
            bytes.iter().for_each(|byte| out.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]));
            out.push(b'>');
        }
        Object::Array(list) => list_with(out, list.iter(), refer),
        Object::Dictionary(dictionary) => {
            out.extend_from_slice(b"<<");
            for (key, object) in dictionary {
                name(out, key);
                spaced(out, object, refer);
            }
            out.extend_from_slice(b">>");
        }
    }
}

/// A hexadecimal digit.
fn digit(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'A' + value - 10 }
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

/// What is written after a backslash for a byte of a literal string; `None` where it is written as it is.
pub(super) fn escape(byte: u8) -> Option<u8> {
    match byte {
        b'(' | b')' | b'\\' => Some(byte),
        // A reader takes every end of a line for a line feed (ISO 32000-1, 7.3.4.2).
        b'\r' => Some(b'r'),
        _ => None,
    }
}

/// A byte within a literal string.
pub(super) fn escaped(out: &mut Vec<u8>, byte: u8) {
    match escape(byte) {
        Some(byte) => out.extend_from_slice(&[b'\\', byte]),
        None => out.push(byte),
    }
}
