//! What the program carries, read from its own file.
//!
//! What is carried lies in the program's memory already, and comes into it as it is touched: on Linux sixteen pages at a time, 64 kB
//! for the 300 bytes of a rare character's outline. Whoever wants a thousand of them here and there reads them instead.

use std::ops::Range;

/// Where less than this lies between two pieces, they are read as one: about what is copied in the time of a call.
const BETWEEN: usize = 256;

/// Reads pieces of what the program carries, which lie in it, in the order of their beginnings; tells where in `into` each is now.
pub fn gather(carried: &'static [u8], pieces: &[Range<usize>], into: &mut Vec<u8>) -> Vec<Range<usize>> {
    let mut places = Vec::with_capacity(pieces.len());
    into.reserve(pieces.iter().map(|piece| piece.len()).sum::<usize>() * 9 / 8);
    for run in pieces.chunk_by(|one, next| next.start.saturating_sub(one.end) < BETWEEN) {
        // A piece of nothing may stand behind one that begins where it does, and ends later.
        let (Some(first), Some(end)) = (run.first(), run.iter().map(|piece| piece.end).max()) else { continue };
        let start = into.len();
        read(carried.get(first.start..end).unwrap_or_default(), into);
        places.extend(run.iter().map(|piece| start + piece.start - first.start..start + piece.end - first.start));
    }
    places
}

#[cfg(target_os = "linux")]
fn read(carried: &'static [u8], into: &mut Vec<u8>) {
    let start = into.len();
    let found = linux::OWN.as_ref().and_then(|own| {
        into.resize(start + carried.len(), 0);
        own.read(carried, into.get_mut(start..)?)
    });
    if found.is_none() {
        into.truncate(start);
        into.extend_from_slice(carried);
    }
}

#[cfg(not(target_os = "linux"))]
fn read(carried: &'static [u8], into: &mut Vec<u8>) {
    into.extend_from_slice(carried);
}

#[cfg(target_os = "linux")]
mod linux {
    use super::super::FILES;
    use std::fs::File;
    use std::ops::Range;
    use std::os::unix::fs::FileExt;
    use std::sync::LazyLock;

    /// The file of a running program.
    pub struct Own {
        file: File,
        /// Addresses at which the file is in memory, and from which byte on.
        mappings: Vec<(Range<usize>, usize)>,
    }

    /// `None` where there is no `/proc`, or where it shows another program, as it may under an emulator.
    pub static OWN: LazyLock<Option<Own>> = LazyLock::new(|| {
        // proc_pid_maps(5): from-to, rights, offset, device, inode, path.
        let mapping = |line: &str| {
            let mut words = line.split_ascii_whitespace();
            let number = |digits| usize::from_str_radix(digits, 16).ok();
            let (from, to) = words.next()?.split_once('-')?;
            Some((number(from)?..number(to)?, number(words.nth(1)?)?))
        };
        let mappings = std::fs::read_to_string("/proc/self/maps").ok()?.lines().filter_map(mapping).collect();
        let own = Own { file: File::open("/proc/self/exe").ok()?, mappings };
        let known = FILES.first()?.font.rest.get(..256)?;
        let mut read = [0; 256];
        own.read(known, &mut read)?;
        (read == known).then_some(own)
    });

    impl Own {
        /// Reads what the program carries.
        pub fn read(&self, carried: &'static [u8], into: &mut [u8]) -> Option<()> {
            let address = carried.as_ptr() as usize;
            let (addresses, offset) = self.mappings.iter().find(|(addresses, _)| addresses.contains(&address))?;
            self.file.read_exact_at(into, (offset + address - addresses.start) as u64).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::FILES;
    use super::*;

    #[test]
    fn what_is_read_is_what_is_carried() {
        #[cfg(target_os = "linux")]
        assert!(linux::OWN.is_some());
        for file in FILES {
            let outlines = file.font.outlines;
            // Pieces that touch, that lie near, that lie far from one another, and two of nothing.
            let ends = [
                (0, 10),
                (10, 300),
                (900, 901),
                (900, 900),
                (901, 901),
                (outlines.len() / 2, outlines.len() / 2 + 5000),
                (outlines.len() - 3, outlines.len()),
            ];
            let pieces: Vec<Range<usize>> = ends.iter().map(|(start, end)| *start..*end).collect();
            let mut read = b"before".to_vec();
            let places = gather(outlines, &pieces, &mut read);
            assert_eq!(places.len(), pieces.len());
            for (place, piece) in places.into_iter().zip(pieces) {
                assert!(read[place] == outlines[piece.clone()], "{}: {piece:?}", file.name);
            }
            assert!(read.starts_with(b"before"));
        }
    }
}
