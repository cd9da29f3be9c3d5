//! Sees files change. Editors save in many ways (write, rename, swap files), so folders are watched and names compared.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;

use crate::config::{Config, ReadershipSource};
use crate::model::link::Origin;

/// Watches until it is dropped.
pub(super) struct Watch {
    changed: Arc<Notify>,
    _watcher: RecommendedWatcher,
}

/// Watches `files`, and everything directly inside `folders`; what does not exist yet is seen when it comes, if its folder exists.
pub(super) fn watch(files: &[PathBuf], folders: &[PathBuf]) -> Result<Watch, notify::Error> {
    let changed = Arc::new(Notify::new());
    let files: Vec<PathBuf> = files.iter().map(|path| whole(path)).collect();
    let folders: Vec<PathBuf> = folders.iter().map(|path| whole(path)).collect();
    let mut parents: Vec<PathBuf> = files
        .iter()
        .chain(&folders)
        .filter_map(|path| path.parent())
        .map(Path::to_owned)
        .chain(folders.iter().cloned())
        .filter(|path| path.is_dir())
        .collect();
    parents.sort();
    parents.dedup();
    let tell = Arc::clone(&changed);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let Ok(event) = event else {
            return tell.notify_one();
        };
        let ours = |path: &PathBuf| {
            files.contains(path)
                || folders
                    .iter()
                    .any(|folder| path == folder || path.parent() == Some(folder))
        };
        if !event.kind.is_access() && event.paths.iter().any(ours) {
            tell.notify_one();
        }
    })?;
    for parent in &parents {
        watcher.watch(parent, RecursiveMode::NonRecursive)?;
    }
    Ok(Watch {
        changed,
        _watcher: watcher,
    })
}

impl Watch {
    /// Waits for the next change. Changes that come while nobody waits are not lost; several count as one.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }
}

/// The path as the system reports it in events.
fn whole(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    match (
        absolute
            .parent()
            .and_then(|parent| parent.canonicalize().ok()),
        absolute.file_name(),
    ) {
        (Some(parent), Some(name)) => parent.join(name),
        _ => absolute,
    }
}

/// The files and folders whose change changes the page.
pub(super) fn watched(config: &Config) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let mut files = vec![config.file.clone(), config.subscribers.clone()];
    files.extend(config.own_file());
    let mut folders = vec![config.editions().folder().to_owned()];
    folders.extend(config.template_folder.clone());
    // A freeze shows itself in the ledger, or in its log.
    files.push(config.ledger.path.clone());
    let sources = config
        .sources
        .iter()
        .map(|source| source.kind.origin().clone());
    for origin in sources.chain(
        config
            .readership
            .iter()
            .filter_map(ReadershipSource::origin),
    ) {
        let Origin::Path(path) = &origin else {
            continue;
        };
        match path.parent() {
            // Of a glob only the last part may vary to be watched; that is what people write.
            Some(parent) if path.to_string_lossy().contains(['*', '?', '[']) => {
                folders.push(parent.to_owned());
            }
            _ => files.push(path.clone()),
        }
    }
    (files, folders)
}
