//! The files of a log: which there are, what they begin with, and where in a long one the window begins.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;
use tokio::runtime::Handle;

use crate::buckets::{Bucket, Object};
use crate::files::{self, FileError};
use crate::model::line::Line;
use crate::model::story::Miss;
use crate::readership::said;

/// So much of a file's beginning is looked at, decoded, to know its form and to know the file again.
const HEAD: usize = 8 * 1024;
/// A longer line is no request. Servers refuse requests of more than 8 or 16 KB.
pub(super) const MAX_LINE: usize = 64 * 1024;
/// Lines are in the order in which requests ended, and some servers write them out minutes later: the order is trusted this far.
pub(super) const DISORDER: TimeDelta = TimeDelta::minutes(10);
/// A part of a file that is not worth halving again.
const SMALL: u64 = 1024 * 1024;

/// Where the files of a log are.
#[derive(Clone, Debug)]
pub enum LogPlace {
    /// On disk: a file, or a glob over its rotations, such as `logs/access.log*`.
    Disk(PathBuf),
    Bucket(Bucket),
}

/// One file of a log.
#[derive(Debug)]
pub(super) struct LogFile {
    /// Where it is on disk, or the address of the object.
    pub(super) path: PathBuf,
    object: Option<Object>,
    packing: Packing,
    /// Octets on disk when it was looked at; what is written later is for the next time.
    len: u64,
    modified: Option<DateTime<Utc>>,
    /// The first octets, decoded; at most [`HEAD`].
    pub(super) head: Vec<u8>,
    /// Where reading begins: the beginning of a line. Only a plain file is begun later than at 0.
    pub(super) from: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Plain,
    Gzip,
    Zstd,
}

impl Packing {
    /// The octets in it.
    fn decoded(self, packed: impl Read + Send + 'static) -> Box<dyn Read + Send> {
        let packed = BufReader::with_capacity(1 << 17, packed);
        match self {
            Self::Plain => Box::new(packed),
            Self::Gzip => Box::new(MultiGzDecoder::new(packed)),
            Self::Zstd => Box::new(Frames {
                rest: Some(packed),
                frame: None,
            }),
        }
    }
}

/// A miss of the file at `path`.
pub(super) fn about(path: &Path, what: &str) -> Miss {
    Miss {
        source: Line::clean(&path.to_string_lossy()),
        what: Line::clean(what),
    }
}

/// The files that `path` names and that may hold something from `since` on, each content once, the newest first. The newest is always
/// among them, so that a log that stands still is seen to. Also whether there are older ones.
pub(super) fn find(
    name: &Line,
    place: &LogPlace,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> (Vec<LogFile>, bool, Vec<Miss>) {
    match place {
        LogPlace::Disk(path) => on_disk(path, since),
        LogPlace::Bucket(bucket) => in_bucket(name, bucket, since, now),
    }
}

/// The objects of a bucket. The thread waits; it must be one that may.
fn in_bucket(
    name: &Line,
    bucket: &Bucket,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> (Vec<LogFile>, bool, Vec<Miss>) {
    let listed = match Handle::try_current() {
        Ok(runtime) => runtime.block_on(bucket.objects(since - DISORDER, now)),
        Err(_) => Err("cannot be asked from here".to_owned()),
    };
    match listed {
        Ok((objects, has_older)) => {
            let files = objects.into_iter().map(LogFile::of).collect();
            let (kept, misses) = each_once(files);
            (kept, has_older, misses)
        }
        Err(what) => {
            let what = Line::clean(&what);
            let source = name.clone();
            (Vec::new(), false, vec![Miss { source, what }])
        }
    }
}

fn on_disk(path: &Path, since: DateTime<Utc>) -> (Vec<LogFile>, bool, Vec<Miss>) {
    let mut misses = Vec::new();
    let mut named = |path: &Path, what: String| misses.push(about(path, &what));
    let mut paths = match files::matching(path) {
        Ok(paths) => paths,
        Err(error) => {
            named(path, error.to_string());
            return (Vec::new(), false, misses);
        }
    };
    // A link to a file is the file.
    paths.sort_by_cached_key(|path| {
        let real = path.canonicalize();
        (real.unwrap_or_else(|_| path.clone()), path.is_symlink())
    });
    paths.dedup_by_key(|path| path.canonicalize().unwrap_or_else(|_| path.clone()));
    let mut files: Vec<LogFile> = Vec::new();
    for path in paths {
        match LogFile::look(path.clone()) {
            Ok(file) => files.push(file),
            Err(what) => named(&path, what),
        }
    }
    let newest = files.iter().filter_map(|file| file.modified).max();
    let all = files.len();
    files.retain(|file| {
        file.modified == newest
            || file
                .modified
                .is_none_or(|modified| modified + DISORDER >= since)
    });
    let has_older = files.len() < all;
    let (kept, more) = each_once(files);
    misses.extend(more);
    (kept, has_older, misses)
}

/// The files whose beginnings differ, the newest first.
fn each_once(mut files: Vec<LogFile>) -> (Vec<LogFile>, Vec<Miss>) {
    let mut misses = Vec::new();
    let mut named = |path: &Path, what: String| misses.push(about(path, &what));
    // Of two with the same beginning the longer is kept: it was written to last, or is not packed.
    files.sort_by_key(|file| (std::cmp::Reverse(file.modified), file.packing as u8));
    let mut kept: Vec<LogFile> = Vec::new();
    let mut begun_so: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
    for mut file in files {
        if let Err(error) = file.begin() {
            named(&file.path, said(&error));
            continue;
        }
        if let Some(line) = file.first_line() {
            let alike = begun_so.entry(line.to_vec()).or_default();
            if let Some(other) = alike
                .iter()
                .map(|at| &kept[*at])
                .find(|other| other.begins_like(&file))
            {
                let other = other.path.file_name().unwrap_or_default().to_string_lossy();
                let what = format!("begins like `{other}`, as a copy does: left out");
                named(&file.path, what);
                continue;
            }
            alike.push(kept.len());
        }
        kept.push(file);
    }
    (kept, misses)
}

impl LogFile {
    fn look(path: PathBuf) -> Result<Self, String> {
        let (_, about) = files::open(&path).map_err(|error| error.to_string())?;
        Ok(Self {
            path,
            object: None,
            packing: Packing::Plain,
            len: about.len(),
            modified: about.modified().ok().map(DateTime::<Utc>::from),
            head: Vec::new(),
            from: 0,
        })
    }

    fn of(object: Object) -> Self {
        Self {
            path: PathBuf::from(&object.name),
            packing: Packing::Plain,
            len: object.len,
            modified: Some(object.modified),
            head: Vec::new(),
            from: 0,
            object: Some(object),
        }
    }

    /// Reads its beginning.
    fn begin(&mut self) -> io::Result<()> {
        let mut magic = Vec::new();
        match &self.object {
            Some(object) => magic.extend(object.start().iter().take(4)),
            None => _ = self.file()?.take(4).read_to_end(&mut magic)?,
        }
        self.packing = match *magic {
            [0x1f, 0x8b, ..] => Packing::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18] => Packing::Zstd,
            _ => Packing::Plain,
        };
        let mut head = Vec::new();
        // A packed file that breaks off is read as far as it goes.
        let read = self.open()?.take(HEAD as u64).read_to_end(&mut head);
        self.head = head;
        match self.packing {
            Packing::Plain => read.map(drop),
            _ => Ok(()),
        }
    }

    /// The file, opened anew: by now its name may be another file's, or a pipe's.
    fn file(&self) -> io::Result<File> {
        match files::open(&self.path) {
            Ok((file, _)) => Ok(file),
            Err(FileError::Io(error)) => Err(error),
            Err(error) => Err(io::Error::other(error.to_string())),
        }
    }

    /// Its first line that is whole and no remark.
    fn first_line(&self) -> Option<&[u8]> {
        let lines = self.head.split_inclusive(|byte| *byte == b'\n');
        lines
            .filter(|line| line.ends_with(b"\n"))
            .find(|line| !matches!(line, [b'\r' | b'\n' | b'#', ..]))
    }

    fn begins_like(&self, other: &Self) -> bool {
        let shorter = self.head.len().min(other.head.len());
        self.head[..shorter] == other.head[..shorter]
    }

    /// Its octets, decoded, from where the window begins to where it ended when it was looked at.
    pub(super) fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        if let Some(object) = &self.object {
            return Ok(self.packing.decoded(object.read()));
        }
        let mut file = self.file()?;
        file.seek(SeekFrom::Start(self.from))?;
        let file = file.take(self.len.saturating_sub(self.from));
        Ok(self.packing.decoded(file))
    }

    /// How many lines of the file come before those that are read.
    pub(super) fn lines_before(&self) -> io::Result<u64> {
        if self.from == 0 {
            return Ok(0);
        }
        let mut stream = self.file()?.take(self.from);
        let mut piece = vec![0; 1 << 18];
        let mut lines = 0;
        loop {
            match stream.read(&mut piece)? {
                0 => return Ok(lines),
                count => lines += memchr::memchr_iter(b'\n', &piece[..count]).count() as u64,
            }
        }
    }

    /// Begins where the window does, if it is a plain file whose lines are in the order of their times. `time` reads the time of a line
    /// (unix seconds); it is asked at even distances first, and a file whose answers go back and forth is read whole.
    pub(super) fn begin_at(&mut self, since: i64, mut time: impl FnMut(&[u8]) -> Option<i64>) {
        const PARTS: u64 = 16;
        if self.object.is_some() || self.packing != Packing::Plain || self.len <= SMALL {
            return;
        }
        let Ok(mut file) = self.file() else {
            return;
        };
        let since = since - DISORDER.num_seconds();
        let mut ask = |at| probe(&mut file, at, &mut time);
        let mut answers = vec![(0, i64::MIN)];
        for part in 1..PARTS {
            match ask(self.len / PARTS * part) {
                Some(answer) => answers.push(answer),
                None => return,
            }
        }
        if !answers.is_sorted_by(|(_, a), (_, b)| *a <= b + DISORDER.num_seconds()) {
            return;
        }
        let after = answers
            .iter()
            .position(|(_, at)| *at >= since)
            .unwrap_or(answers.len());
        let mut low = answers[after - 1].0;
        let mut high = answers.get(after).map_or(self.len, |(at, _)| *at);
        while high.saturating_sub(low) > SMALL {
            let middle = low + (high - low) / 2;
            match ask(middle) {
                Some((line, at)) if at < since => low = line.max(low + 1),
                Some(_) => high = middle,
                None => break,
            }
        }
        self.from = low;
    }
}

/// The first line with a time after the octet `at`: where it begins, and its time.
fn probe(
    file: &mut File,
    at: u64,
    time: &mut impl FnMut(&[u8]) -> Option<i64>,
) -> Option<(u64, i64)> {
    let mut piece = Vec::new();
    file.seek(SeekFrom::Start(at)).ok()?;
    file.take(MAX_LINE as u64 * 2)
        .read_to_end(&mut piece)
        .ok()?;
    let mut begins = memchr::memchr(b'\n', &piece)? + 1;
    while let Some(length) = memchr::memchr(b'\n', &piece[begins..]) {
        if let Some(found) = time(&piece[begins..begins + length]) {
            return Some((at + begins as u64, found));
        }
        begins += length + 1;
    }
    None
}

/// The frames of a Zstandard file one after another (RFC 8878, section 3).
struct Frames<R: BufRead> {
    rest: Option<R>,
    frame: Option<StreamingDecoder<R, ruzstd::decoding::FrameDecoder>>,
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(frame) = &mut self.frame {
                let count = frame.read(into)?;
                if count > 0 || into.is_empty() {
                    return Ok(count);
                }
                self.rest = self.frame.take().map(StreamingDecoder::into_inner);
            }
            let Some(mut rest) = self.rest.take() else {
                return Ok(0);
            };
            let ahead = rest.fill_buf()?;
            if ahead.is_empty() {
                return Ok(0);
            }
            // A frame for other programs: its length, and what is to be passed over.
            if let [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] = *ahead {
                let mut header = [0; 8];
                rest.read_exact(&mut header)?;
                let [_, _, _, _, length @ ..] = header;
                io::copy(
                    &mut rest.by_ref().take(u32::from_le_bytes(length).into()),
                    &mut io::sink(),
                )?;
                self.rest = Some(rest);
                continue;
            }
            self.frame = Some(StreamingDecoder::new(rest).map_err(io::Error::other)?);
        }
    }
}
