//! Whole lines out of files, a block at a time, for several workers at once.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use memchr::{memchr_iter, memrchr};

use super::files::{LogFile, MAX_LINE};
use super::layout::{Layout, W3c};
use crate::readership::said;

/// Lines of one file.
#[derive(Default)]
pub(super) struct Block {
    bytes: Vec<u8>,
    /// So many octets are the lines; the last of them may lack its end.
    length: usize,
    /// How many lines of what is read of the file come before them.
    pub(super) before: u64,
}

impl Block {
    pub(super) fn lines(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// A file being read.
pub(super) struct Source {
    pub(super) file: LogFile,
    /// How the next line is written, as far as can be known without reading it.
    layout: Arc<Layout>,
    stream: Option<Box<dyn Read + Send>>,
    /// The beginning of the line that the last block broke.
    tail: Vec<u8>,
    /// How many lines were given.
    given: u64,
    block: usize,
    /// Why it ended early.
    pub(super) failed: Option<String>,
    done: bool,
}

impl Source {
    /// Reads `file` in blocks of `block` octets; a line longer than [`MAX_LINE`] comes cut, but longer than that still.
    pub(super) fn new(file: LogFile, layout: Arc<Layout>, block: usize) -> Self {
        Self {
            file,
            layout,
            stream: None,
            tail: Vec::new(),
            given: 0,
            block,
            failed: None,
            done: false,
        }
    }

    /// The next block, and how its first line is written; `None` at the end.
    pub(super) fn next(&mut self, block: &mut Block) -> Option<Arc<Layout>> {
        if self.done {
            return None;
        }
        let read = self.fill(block);
        if let Err(error) = read {
            self.failed = Some(match error.raw_os_error() {
                Some(_) => said(&error),
                // From unpacking, in each library's own words.
                None => "it breaks off or is damaged".to_owned(),
            });
            self.done = true;
        }
        if self.done {
            self.stream = None;
        }
        let layout = self.layout.clone();
        if let Layout::W3c(w3c) = &*layout {
            self.follow(block.lines(), w3c);
        }
        block.before = self.given;
        self.given += memchr_iter(b'\n', block.lines()).count() as u64;
        (block.length > 0).then_some(layout)
    }

    fn fill(&mut self, block: &mut Block) -> io::Result<()> {
        let mut filled = self.tail.len();
        block.length = 0;
        block.bytes.resize(block.bytes.len().max(filled), 0);
        block.bytes[..filled].copy_from_slice(&self.tail);
        self.tail.clear();
        let stream = match &mut self.stream {
            Some(stream) => stream,
            None => self.stream.insert(self.file.open()?),
        };
        loop {
            let goal = filled + self.block;
            if block.bytes.len() < goal {
                block.bytes.resize(goal, 0);
            }
            let begin = filled;
            while filled < goal {
                match stream.read(&mut block.bytes[filled..goal]) {
                    Ok(0) => {
                        self.done = true;
                        break;
                    }
                    Ok(count) => filled += count,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => {
                        // What came before is good; the line it broke is not.
                        block.length =
                            memrchr(b'\n', &block.bytes[..filled]).map_or(0, |at| at + 1);
                        return Err(error);
                    }
                }
            }
            if self.done {
                block.length = filled;
                return Ok(());
            }
            if let Some(end) = memrchr(b'\n', &block.bytes[begin..filled]) {
                block.length = begin + end + 1;
                self.tail
                    .extend_from_slice(&block.bytes[block.length..filled]);
                return Ok(());
            }
            filled = filled.min(MAX_LINE + 1);
        }
    }

    /// A W3C log may name its fields anew, and pass midnight: what the block after this one begins with is decided in this one.
    fn follow(&mut self, lines: &[u8], before: &W3c) {
        if let Some(layout) = before.behind(lines) {
            self.layout = Arc::new(layout);
        }
    }
}

/// Takes block after block until all files are read, each worker from a file that no other is busy with: several packed files are
/// unpacked at once, and of a single one the next block is unpacked while the last is counted.
pub(super) fn work(
    sources: &[Mutex<Source>],
    first: usize,
    mut take: impl FnMut(usize, Arc<Layout>, &Block),
) {
    let mut left: VecDeque<usize> = (0..sources.len()).collect();
    left.rotate_left(first % sources.len().max(1));
    let mut block = Block::default();
    let mut passed = 0;
    while let Some(&number) = left.front() {
        let mut source = match sources[number].try_lock() {
            Ok(source) => source,
            Err(TryLockError::WouldBlock) if passed < left.len() => {
                left.rotate_left(1);
                passed += 1;
                continue;
            }
            Err(_) => lock(&sources[number]),
        };
        passed = 0;
        let layout = source.next(&mut block);
        drop(source);
        match layout {
            Some(layout) => take(number, layout, &block),
            None => _ = left.pop_front(),
        }
    }
}

pub(super) fn lock(source: &Mutex<Source>) -> MutexGuard<'_, Source> {
    source.lock().unwrap_or_else(PoisonError::into_inner)
}
