//! The nouns: what the stages hand to one another. No I/O, no clock.

pub mod address;
pub mod delivery;
pub mod edition;
pub mod extra_header;
pub mod figures;
pub mod finding;
pub mod inbox;
pub mod letter_links;
pub mod line;
pub mod link;
pub mod metric;
pub mod network;
pub mod newsletter;
pub mod page_views;
pub mod pages;
pub mod problem;
pub mod public;
pub mod reader;
pub mod stop;
pub mod story;
pub mod subscriber;
pub mod token;
pub mod toml_table;
pub mod when;
pub mod world;
pub mod zone;
