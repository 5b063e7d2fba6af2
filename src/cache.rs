//! What was made before, kept by what it was made of, so that a book of which a chapter has changed is not made anew as a whole.
//! What is kept is never a part of what is said: a file that is lost, damaged or of another program only costs time.

use crate::diagnostic::Sink;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, MutexGuard};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// The name of the file below `dist/`.
pub const NAME: &str = ".cache";

/// What each of the file's segments begins with; its length and the sum of its bytes follow. A build adds one.
const MAGIC: &[u8; 8] = b"banxin\x00\x01";

/// How many times as large as what a build asks for the file may be: other outputs of the book ask for other things.
const MOST: usize = 2;

/// Bytes before a segment, and before each entry in it: its key and its length.
const SEGMENT: usize = 8 + 8 + 8;
const ENTRY: usize = 16 + 4;

/// What something is made of, as a number: two that differ have different ones, as far as 128 bits tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(u128);

impl Key {
    /// Of something of a kind. Whatever else it hangs on must be part of `of`.
    pub fn of(kind: &str, of: impl Hash) -> Key {
        let mut hasher = Xxh3::new();
        (kind, of).hash(&mut hasher);
        Key(hasher.digest128())
    }
}

/// What was made before of a book, and what this build adds to it.
#[derive(Debug, Default)]
pub struct Cache {
    /// The program, where anything is kept.
    program: Option<Key>,
    file: Vec<u8>,
    /// Where in the file each entry is.
    entries: BTreeMap<Key, Range<usize>>,
    /// Whether the file is whole, so that a segment can follow.
    whole: bool,
    used: Mutex<Use>,
}

#[derive(Debug, Default)]
struct Use {
    old: BTreeSet<Key>,
    new: BTreeMap<Key, Vec<u8>>,
}

/// What is to become of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// These bytes follow.
    More(Vec<u8>),
    /// These take its place.
    Whole(Vec<u8>),
}

impl Cache {
    /// One that keeps nothing.
    pub fn none() -> Cache {
        Cache::default()
    }

    /// What a book's folder of outputs keeps.
    pub fn open(dist: &Path) -> Cache {
        let program = program();
        let mut cache = Cache { program, ..Cache::default() };
        if program.is_some()
            && let Ok(file) = std::fs::read(dist.join(NAME))
        {
            (cache.entries, cache.whole) = entries(&file);
            cache.file = file;
        }
        cache
    }

    /// What is made of what a key says: as it was made before, or anew; what could not be made is not kept. Must be the same for the
    /// same key.
    ///
    /// # Errors
    ///
    /// Those of `make`.
    pub fn made<T: Serialize + DeserializeOwned, E>(&self, key: Key, make: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let Some(program) = self.program else { return make() };
        let key = Key::of("program", (program, key));
        let known = self.entries.get(&key).and_then(|range| self.file.get(range.clone()));
        if let Some(known) = known.and_then(|bytes| postcard::from_bytes(bytes).ok()) {
            self.used().old.insert(key);
            return Ok(known);
        }
        let made = make()?;
        if let Ok(bytes) = postcard::to_allocvec(&made) {
            self.used().new.insert(key, bytes);
        }
        Ok(made)
    }

    /// The same for what has problems: those that were reported when it was made are reported again.
    ///
    /// # Errors
    ///
    /// Those of `make`.
    pub fn told<T: Serialize + DeserializeOwned, E>(
        &self,
        key: Key,
        sink: &Sink,
        make: impl FnOnce(&Sink) -> Result<T, E>,
    ) -> Result<T, E> {
        let (made, problems) = self.made(key, || {
            let own = Sink::default();
            Ok((make(&own)?, own.sorted()))
        })?;
        problems.into_iter().for_each(|problem| sink.report(problem));
        Ok(made)
    }

    /// What is to become of the file, if anything: what is new is added, until most of what is in it was not asked for.
    pub fn change(&self) -> Option<Change> {
        let used = self.used();
        if used.new.is_empty() {
            return None;
        }
        let old = || {
            self.entries
                .iter()
                .filter(|(key, _)| used.old.contains(key))
                .filter_map(|(key, range)| Some((key, self.file.get(range.clone())?)))
        };
        let new = used.new.iter().map(|(key, bytes)| (key, bytes.as_slice()));
        let wanted: usize = old().chain(new.clone()).map(|(_, bytes)| bytes.len() + ENTRY).sum();
        let follows = self.whole && self.file.len() < wanted * MOST;
        Some(if follows { Change::More(segment(new)) } else { Change::Whole(segment(old().chain(new))) })
    }

    fn used(&self) -> MutexGuard<'_, Use> {
        self.used.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Entries as a segment of the file.
fn segment<'a>(entries: impl Iterator<Item = (&'a Key, &'a [u8])>) -> Vec<u8> {
    let mut out = vec![0; SEGMENT];
    for (key, bytes) in entries {
        // What is larger than any output is not kept.
        let Ok(length) = u32::try_from(bytes.len()) else { continue };
        out.extend_from_slice(&key.0.to_le_bytes());
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(bytes);
    }
    let (head, body) = out.split_at_mut(SEGMENT);
    let (length, sum) = ((body.len() as u64).to_le_bytes(), xxh3_64(body).to_le_bytes());
    head.copy_from_slice(&[*MAGIC, length, sum].concat());
    out
}

/// Where the entries of a file are, as far as it is sound, and whether that is to its end.
fn entries(file: &[u8]) -> (BTreeMap<Key, Range<usize>>, bool) {
    let mut entries = BTreeMap::new();
    let mut at = 0;
    while let Some(end) = sound(file, at) {
        at += SEGMENT;
        while let Some((key, range)) = entry(file, at).filter(|(_, range)| range.end <= end) {
            at = range.end;
            entries.insert(key, range);
        }
        at = end;
    }
    (entries, at == file.len())
}

/// The end of the segment that begins at a byte, if there is one and nothing in it has changed.
fn sound(file: &[u8], at: usize) -> Option<usize> {
    let (magic, rest) = file.get(at..)?.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (sum, rest) = rest.split_first_chunk()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let body = rest.get(..length)?;
    (magic == MAGIC && xxh3_64(body) == u64::from_le_bytes(*sum)).then_some(at + SEGMENT + length)
}

/// The entry that begins at a byte.
fn entry(file: &[u8], at: usize) -> Option<(Key, Range<usize>)> {
    let (key, rest) = file.get(at..)?.split_first_chunk()?;
    let (length, _) = rest.split_first_chunk()?;
    let from = at + ENTRY;
    Some((Key(u128::from_le_bytes(*key)), from..from.checked_add(u32::from_le_bytes(*length) as usize)?))
}

/// This program: its version, and when and how large its file was made. `None` where that cannot be found out.
fn program() -> Option<Key> {
    let about = std::env::current_exe().and_then(std::fs::metadata).ok()?;
    Some(Key::of("banxin", (env!("CARGO_PKG_VERSION"), about.len(), about.modified().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cache of these bytes, as a folder has it.
    fn cache(file: &[u8]) -> Cache {
        let (entries, whole) = entries(file);
        Cache { program: Some(Key::of("program", 1)), file: file.to_vec(), entries, whole, used: Mutex::default() }
    }

    fn made<T: Serialize + DeserializeOwned>(cache: &Cache, key: Key, make: impl FnOnce() -> T) -> T {
        cache.made(key, || Ok::<_, ()>(make())).unwrap()
    }

    fn changed(mut file: Vec<u8>, change: Option<Change>) -> Vec<u8> {
        match change {
            None => file,
            Some(Change::More(bytes)) => {
                file.extend(bytes);
                file
            }
            Some(Change::Whole(bytes)) => bytes,
        }
    }

    #[test]
    fn what_was_made_is_not_made_again() {
        let key = Key::of("sum", (1, 2));
        let first = cache(&[]);
        assert_eq!(made(&first, key, || 3), 3);
        let file = changed(Vec::new(), first.change());
        let second = cache(&file);
        assert_eq!(made(&second, key, || -> i32 { panic!("made again") }), 3);
        assert_eq!(second.change(), None);
        assert_eq!(made(&second, Key::of("sum", (2, 1)), || 4), 4);
        assert!(matches!(second.change(), Some(Change::More(_))));
        let third = cache(&changed(file, second.change()));
        assert_eq!(made(&third, Key::of("sum", (2, 1)), || 5) + made(&third, key, || 5), 7);
        assert_eq!(third.made(Key::of("sum", 0), || Err::<i32, _>("no")), Err("no"));
        assert_eq!(third.change(), None);
        assert_eq!(made(&Cache::none(), key, || 6), 6);
    }

    #[test]
    fn another_program_makes_everything_anew() {
        let key = Key::of("text", "x");
        let first = cache(&[]);
        made(&first, key, || 1);
        let other = Cache { program: Some(Key::of("program", 2)), ..cache(&changed(Vec::new(), first.change())) };
        assert_eq!(made(&other, key, || 2), 2);
    }

    #[test]
    fn what_nobody_asks_for_goes() {
        let mut file = Vec::new();
        let mut sizes = Vec::new();
        for build in 0..20 {
            let cache = cache(&file);
            made(&cache, Key::of("every", 0), || "x".repeat(1000));
            made(&cache, Key::of("build", build), || "x".repeat(1000));
            file = changed(file, cache.change());
            sizes.push(file.len());
        }
        assert!(sizes.iter().all(|size| *size < 6000), "{sizes:?}");
    }

    #[test]
    fn what_is_damaged_is_made_anew() {
        let (one, two) = (Key::of("text", 1), Key::of("text", 2));
        let first = cache(&[]);
        made(&first, one, || "x".repeat(50));
        let start = changed(Vec::new(), first.change());
        let second = cache(&start);
        made(&second, one, String::new);
        made(&second, two, || "y".repeat(50));
        let good = changed(start.clone(), second.change());
        assert_eq!(entries(&good).0.len(), 2);
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            for bad in [&bad[..], &good[..at]] {
                let known = entries(bad).0.len();
                assert_eq!(known, usize::from(at >= start.len()), "{at}");
                let cache = cache(bad);
                assert_eq!((made(&cache, one, || "x".repeat(50)), made(&cache, two, || "y".repeat(50))), ("x".repeat(50), "y".repeat(50)));
                let mended = changed(bad.to_vec(), cache.change());
                assert_eq!(entries(&mended).0.len(), 2, "{at}");
            }
        }
    }
}
