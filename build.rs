//! Which commit a release is made of, for `newsdigest --version`. A debug build does not ask: it would be made anew after every commit.

#![allow(clippy::disallowed_methods, clippy::print_stdout)] // So a build script is told of its world, and speaks.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-env-changed=NEWSDIGEST_COMMIT");
    let said = std::env::var("NEWSDIGEST_COMMIT").ok();
    let commit = said.or_else(|| {
        let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
        is_release
            .then(|| checked_out().or_else(published))
            .flatten()
    });
    println!(
        "cargo::rustc-env=NEWSDIGEST_COMMIT={}",
        commit.unwrap_or_default()
    );
}

/// Asked only where the sources are a checkout of their own: unpacked inside another, they would be given that one's commit.
fn checked_out() -> Option<String> {
    if !Path::new(".git").exists() {
        return None;
    }
    println!(
        "cargo::rerun-if-changed={}",
        git(&["rev-parse", "--git-path", "logs/HEAD"])?
    );
    git(&["rev-parse", "HEAD"])
}

/// What `cargo publish` writes beside the sources.
fn published() -> Option<String> {
    let info = std::fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let (_, rest) = info.split_once("\"sha1\": \"")?;
    Some(rest.split_once('"')?.0.to_owned())
}

fn git(arguments: &[&str]) -> Option<String> {
    let asked = Command::new("git").args(arguments).output().ok()?;
    let said = String::from_utf8(asked.stdout).ok()?;
    asked.status.success().then(|| said.trim().to_owned())
}
