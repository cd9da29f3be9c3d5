//! A picture as a source names it.

/// A picture somebody named; the address may be relative.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Image {
    pub url: String,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub alt: Option<String>,
    pub credit: Option<String>,
}

impl Image {
    /// A picture of which only the address is known.
    pub(super) fn at(url: String) -> Self {
        Self {
            url,
            ..Self::default()
        }
    }
}
