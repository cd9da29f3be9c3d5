//! What answers to a browser. It decides nothing about editions and keeps nothing: a page shows what it was handed.

pub mod preview;
pub mod public;
