//! Pages and edition files as the ledger holds them: packed. Pages are JSON, which older programs wrote as it is.

use std::io::{self, Read as _, Write as _};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use rusqlite::types::ValueRef;

use crate::ledger::LedgerError;
use crate::model::pages::Pages;

/// The most octets of one edition's pages, unpacked: an edition has 16 MB at most.
const LARGEST: u64 = 100_000_000;

/// Pages of a run, still packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedPages(Vec<u8>);

pub(super) fn pack(pages: &Pages) -> io::Result<Vec<u8>> {
    pack_bytes(&serde_json::to_vec(pages)?)
}

pub(super) fn pack_bytes(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    packed.write_all(bytes)?;
    packed.finish()
}

/// So much of it at most.
pub(super) fn unpack_bytes(packed: &[u8]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    ZlibDecoder::new(packed)
        .take(LARGEST)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl PackedPages {
    pub(super) fn of(value: ValueRef<'_>) -> Self {
        Self(match value {
            ValueRef::Blob(packed) => packed.to_vec(),
            ValueRef::Text(json) => json.to_vec(),
            _ => Vec::new(),
        })
    }

    /// The pages.
    ///
    /// # Errors
    /// The ledger holds something else.
    pub fn unpack(&self) -> Result<Pages, LedgerError> {
        let broken = || LedgerError::Nonsense {
            what: "broken pages".into(),
        };
        if self.0.starts_with(b"{") {
            return serde_json::from_slice(&self.0).map_err(|_| broken());
        }
        let json = unpack_bytes(&self.0).map_err(|_| broken())?;
        serde_json::from_slice(&json).map_err(|_| broken())
    }
}
