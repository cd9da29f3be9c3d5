//! An object, read as a stream.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::stream::{BoxStream, StreamExt as _};
use object_store::ObjectStore;
use object_store::path::Path;
use tokio::runtime::Handle;

use super::vendor::words;

/// One object, as it was when it was listed.
pub struct Object {
    /// Its whole address.
    pub name: String,
    /// In octets.
    pub len: u64,
    pub modified: DateTime<Utc>,
    pub(super) start: Bytes,
    pub(super) path: Path,
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) runtime: Handle,
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Object {
    /// Its first octets.
    #[must_use]
    pub const fn start(&self) -> &Bytes {
        &self.start
    }

    /// All of it. To be read on a thread that may wait, while the runtime goes on elsewhere.
    pub fn read(&self) -> impl Read + Send + use<> {
        ObjectReader {
            ahead: self.start.clone(),
            rest: self.start.len() as u64..self.len,
            path: self.path.clone(),
            store: Arc::clone(&self.store),
            stream: None,
            runtime: self.runtime.clone(),
        }
    }
}

/// An object on its way.
struct ObjectReader {
    /// What came and was not read.
    ahead: Bytes,
    /// What was not asked for, until it is.
    rest: std::ops::Range<u64>,
    path: Path,
    store: Arc<dyn ObjectStore>,
    stream: Option<BoxStream<'static, object_store::Result<Bytes>>>,
    runtime: Handle,
}

impl ObjectReader {
    /// The next octets; none at the end.
    fn next(&mut self) -> object_store::Result<Bytes> {
        let runtime = self.runtime.clone();
        runtime.block_on(async {
            if !self.rest.is_empty() {
                let range = std::mem::take(&mut self.rest);
                let options = object_store::GetOptions {
                    range: Some(range.into()),
                    ..object_store::GetOptions::default()
                };
                let answer = self.store.get_opts(&self.path, options).await?;
                self.stream = Some(answer.into_stream());
            }
            while let Some(stream) = &mut self.stream {
                match stream.next().await.transpose()? {
                    Some(octets) if octets.is_empty() => {}
                    Some(octets) => return Ok(octets),
                    None => self.stream = None,
                }
            }
            Ok(Bytes::new())
        })
    }
}

impl Read for ObjectReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.ahead.is_empty() && !into.is_empty() {
            self.ahead = self
                .next()
                .map_err(|error| io::Error::other(words(&error)))?;
        }
        let count = self.ahead.len().min(into.len());
        into[..count].copy_from_slice(&self.ahead.split_to(count));
        Ok(count)
    }
}
