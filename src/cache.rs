//! What was made before, kept by what it was made of, so that a book of which a chapter has changed is not made anew as a whole.
//! What is kept is never a part of what is said: a file that is lost, damaged or of another program only costs time.

use crate::diagnostic::Sink;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// The name of the file below `dist/`.
pub const NAME: &str = ".cache";

/// What each of the file's segments begins with; the length of its table and the sum of the table's bytes follow, the table, and what
/// it lists. A build adds one.
const MAGIC: &[u8; 8] = b"banxin\x00\x02";

/// How many times as large as what a build asks for the file may be: other outputs of the book ask for other things.
const MOST: usize = 2;

/// Bytes before a table, and those of each line in it: key, length, sum.
const SEGMENT: usize = 8 + 8 + 8;
const LINE: usize = 16 + 4 + 8;

/// What something is made of, as a number: two that differ have different ones, as far as 128 bits tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(u128);

impl Key {
    /// Of something of a kind. Whatever else it hangs on must be part of `of`.
    pub fn of(kind: &str, of: impl Hash) -> Key {
        let mut hasher = Buffered { sum: Xxh3::new(), bytes: Vec::with_capacity(Buffered::LONG) };
        (kind, of).hash(&mut hasher);
        hasher.sum.update(&hasher.bytes);
        Key(hasher.sum.digest128())
    }
}

/// Gathers what it is given: most of it is a few bytes at a time, for which a sum takes long.
struct Buffered {
    sum: Xxh3,
    bytes: Vec<u8>,
}

impl Buffered {
    /// How many bytes it gathers.
    const LONG: usize = 4096;
}

impl Hasher for Buffered {
    fn write(&mut self, bytes: &[u8]) {
        if self.bytes.len() + bytes.len() > Buffered::LONG {
            self.sum.update(&self.bytes);
            self.bytes.clear();
        }
        if bytes.len() > Buffered::LONG { self.sum.update(bytes) } else { self.bytes.extend_from_slice(bytes) }
    }

    fn finish(&self) -> u64 {
        let mut sum = self.sum.clone();
        sum.update(&self.bytes);
        sum.digest()
    }
}

/// What was made before of a book, and what this build adds to it.
pub struct Cache {
    /// The program, where anything is kept.
    program: Option<Key>,
    file: RwLock<Box<dyn Source>>,
    /// Where in the file each entry is.
    entries: BTreeMap<Key, Entry>,
    /// The bytes of the file.
    length: u64,
    /// Whether the file is whole, so that a segment can follow.
    whole: bool,
    used: Mutex<Use>,
}

/// What can be read anywhere, by several at once. What a build asks for is read when it does: most of a file may be of no use to it.
trait Source: Send + Sync {
    /// How many bytes it has.
    fn length(&self) -> u64;

    /// Reads as many bytes from a place on as there is room for. `None` where it has fewer.
    fn fill(&self, at: u64, bytes: &mut [u8]) -> Option<()>;
}

/// Nothing.
impl Source for () {
    fn length(&self) -> u64 {
        0
    }

    fn fill(&self, _: u64, bytes: &mut [u8]) -> Option<()> {
        bytes.is_empty().then_some(())
    }
}

impl Source for File {
    fn length(&self) -> u64 {
        self.metadata().map_or(0, |about| about.len())
    }

    #[cfg(unix)]
    fn fill(&self, at: u64, bytes: &mut [u8]) -> Option<()> {
        std::os::unix::fs::FileExt::read_exact_at(self, bytes, at).ok()
    }

    /// Elsewhere nothing that was kept is found.
    #[cfg(not(any(unix, windows)))]
    fn fill(&self, _: u64, _: &mut [u8]) -> Option<()> {
        None
    }

    #[cfg(windows)]
    fn fill(&self, mut at: u64, mut bytes: &mut [u8]) -> Option<()> {
        while !bytes.is_empty() {
            let read = std::os::windows::fs::FileExt::seek_read(self, bytes, at).ok().filter(|read| *read > 0)?;
            at += read as u64;
            bytes = bytes.get_mut(read..)?;
        }
        Some(())
    }
}

/// Where an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    at: u64,
    length: u32,
    sum: u64,
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
        Cache::of(None, Box::new(()))
    }

    /// What a book's folder of outputs keeps.
    pub fn open(dist: &Path) -> Cache {
        match (program(), File::open(dist.join(NAME))) {
            (None, _) => Cache::none(),
            (program, Ok(file)) => Cache::of(program, Box::new(file)),
            (program, Err(_)) => Cache::of(program, Box::new(())),
        }
    }

    fn of(program: Option<Key>, file: Box<dyn Source>) -> Cache {
        let length = file.length();
        let (entries, end) = entries(&*file, length);
        Cache { program, file: RwLock::new(file), entries, length, whole: end == length && end > 0, used: Mutex::default() }
    }

    /// The bytes of an entry, if they are sound.
    fn read(&self, entry: Entry) -> Option<Vec<u8>> {
        let mut bytes = vec![0; entry.length as usize];
        self.file.read().unwrap_or_else(PoisonError::into_inner).fill(entry.at, &mut bytes)?;
        (xxh3_64(&bytes) == entry.sum).then_some(bytes)
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
        let known = self.entries.get(&key).and_then(|entry| self.read(*entry));
        if let Some(known) = known.and_then(|bytes| postcard::from_bytes(&bytes).ok()) {
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

    /// What is to become of the file, if anything: what is new is added, until most of what is in it was not asked for. It is closed
    /// then, for some systems replace no file that is open.
    pub fn change(&self) -> Option<Change> {
        let change = self.changed();
        *self.file.write().unwrap_or_else(PoisonError::into_inner) = Box::new(());
        change
    }

    fn changed(&self) -> Option<Change> {
        let used = self.used();
        if used.new.is_empty() {
            return None;
        }
        let old = || self.entries.iter().filter(|(key, _)| used.old.contains(key));
        let wanted: usize =
            old().map(|(_, entry)| entry.length as usize).chain(used.new.values().map(Vec::len)).map(|bytes| bytes + LINE).sum();
        let new = used.new.iter().map(|(key, bytes)| (*key, bytes.as_slice()));
        if self.whole && self.length < (wanted * MOST) as u64 {
            return Some(Change::More(segment(&new.collect::<Vec<_>>())));
        }
        let old: Vec<(Key, Vec<u8>)> = old().filter_map(|(key, entry)| Some((*key, self.read(*entry)?))).collect();
        Some(Change::Whole(segment(&old.iter().map(|(key, bytes)| (*key, bytes.as_slice())).chain(new).collect::<Vec<_>>())))
    }

    fn used(&self) -> MutexGuard<'_, Use> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Entries as a segment of the file.
fn segment(entries: &[(Key, &[u8])]) -> Vec<u8> {
    // What is larger than any output is not kept.
    let kept = || entries.iter().filter_map(|(key, bytes)| Some((key, bytes, u32::try_from(bytes.len()).ok()?)));
    let line = |(key, bytes, length): (&Key, &&[u8], u32)| {
        [&key.0.to_le_bytes()[..], &length.to_le_bytes(), &xxh3_64(bytes).to_le_bytes()].concat()
    };
    let table: Vec<u8> = kept().flat_map(line).collect();
    let mut out = Vec::with_capacity(SEGMENT + table.len() + kept().map(|(_, bytes, _)| bytes.len()).sum::<usize>());
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&(table.len() as u64).to_le_bytes());
    out.extend_from_slice(&xxh3_64(&table).to_le_bytes());
    out.extend_from_slice(&table);
    kept().for_each(|(_, bytes, _)| out.extend_from_slice(bytes));
    out
}

/// Where the entries of a file of so many bytes are, as far as its tables are sound, and the end of these.
fn entries(file: &dyn Source, length: u64) -> (BTreeMap<Key, Entry>, u64) {
    let mut found = BTreeMap::new();
    let mut end = 0;
    while let Some((listed, after)) = table(file, end, length) {
        found.extend(listed);
        end = after;
    }
    (found, end)
}

/// The entries of the segment that begins at a byte, and its end, if there is one and its table is sound.
fn table(file: &dyn Source, start: u64, file_length: u64) -> Option<(Vec<(Key, Entry)>, u64)> {
    let head = read(file, start, SEGMENT as u64)?;
    let (magic, rest) = head.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (sum, _) = rest.split_first_chunk()?;
    let length = u64::from_le_bytes(*length);
    let from = start + SEGMENT as u64;
    if magic != MAGIC || length > file_length.checked_sub(from)? {
        return None;
    }
    let table = read(file, from, length)?;
    if xxh3_64(&table) != u64::from_le_bytes(*sum) {
        return None;
    }
    let mut at = from + length;
    let mut listed = Vec::with_capacity(table.len() / LINE);
    for line in table.as_chunks::<LINE>().0 {
        let (key, rest) = line.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let length = u32::from_le_bytes(*length);
        listed.push((Key(u128::from_le_bytes(*key)), Entry { at, length, sum: u64::from_le_bytes(*rest.first_chunk()?) }));
        at += u64::from(length);
    }
    (at <= file_length).then_some((listed, at))
}

/// So many bytes of a file, which has them.
fn read(file: &dyn Source, at: u64, length: u64) -> Option<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(length).ok()?];
    file.fill(at, &mut bytes)?;
    Some(bytes)
}

/// This program: its version, and when and how large its file was made. `None` where that cannot be found out.
fn program() -> Option<Key> {
    let about = std::env::current_exe().and_then(std::fs::metadata).ok()?;
    Some(Key::of("banxin", (env!("CARGO_PKG_VERSION"), about.len(), about.modified().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Source for Vec<u8> {
        fn length(&self) -> u64 {
            self.len() as u64
        }

        fn fill(&self, at: u64, bytes: &mut [u8]) -> Option<()> {
            bytes.copy_from_slice(self.get(at as usize..at as usize + bytes.len())?);
            Some(())
        }
    }

    /// A cache of these bytes, as a folder has it.
    fn cache(file: &[u8]) -> Cache {
        Cache::of(Some(Key::of("program", 1)), Box::new(file.to_vec()))
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
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            for bad in [&bad[..], &good[..at]] {
                let cache = cache(bad);
                assert_eq!((made(&cache, one, || "x".repeat(50)), made(&cache, two, || "y".repeat(50))), ("x".repeat(50), "y".repeat(50)));
                // What was sound is not made again, and all is sound in the end.
                let known = cache.used().old.len();
                assert!(known < 2 && (known == 1 || at < start.len()), "{at}");
                let mended = self::cache(&changed(bad.to_vec(), cache.change()));
                let again = || -> String { panic!("made again, {at}") };
                assert_eq!((made(&mended, one, again), made(&mended, two, again)), ("x".repeat(50), "y".repeat(50)));
            }
        }
    }
}
