//! Tests against real mail software. Run them with `cargo test --test real`; `.ci/run` installs what they need.
