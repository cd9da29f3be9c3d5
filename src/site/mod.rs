//! The readers' site. `pages` speaks HTTP; `service` keeps what readers ask for: in the ledger first, in the subscribers file soon after.

pub mod pages;
pub mod service;
