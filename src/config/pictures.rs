//! `[pictures]`: whether copies of pictures are made for the mail, where they lie and where readers find them.

use std::path::{Path, PathBuf};

use crate::model::public::{self, Public};
use crate::model::toml_table::{Problems, TomlTable};

/// What is done with the pictures of an edition.
#[derive(Clone, Debug)]
pub struct Pictures {
    /// Where copies are written.
    pub folder: PathBuf,
    /// The address below which readers find them, with `/` at its end; `None`: no copies are made.
    pub url: Option<String>,
}

pub(super) fn read(
    table: &mut TomlTable<'_>,
    home: &Path,
    served: Option<&Public>,
    problems: &Problems,
) -> Pictures {
    let mut pictures = Pictures {
        folder: home.join("pictures"),
        url: served.map(Public::pictures),
    };
    let Some(mut table) = table.table("pictures", problems) else {
        return pictures;
    };
    if let Some(found) = table.text("folder", problems) {
        pictures.folder = home.join(found.value);
    }
    // Another server than `serve` has them, such as a CDN.
    let base = |text: &str| public::base(text, "many mail programs show no other pictures");
    if let Some(url) = table.value("url", problems, base) {
        pictures.url = Some(url);
    }
    match table.flag("fit", problems) {
        Some(false) => pictures.url = None,
        Some(true) if pictures.url.is_none() && problems.is_empty() => problems.add(
            table
                .problem_here("`fit = true` makes copies of pictures, but nothing says where readers find them")
                .hint("`[public]` has them served by `serve`; or give `url`, the address at which a server of yours has `folder`"),
        ),
        _ => {}
    }
    table.finish(problems);
    pictures
}
