//! The subscribers file, as a person may leave it: each block is a reader or a problem.
#![no_main]

use newsdigest::newsroom::subscribers::{Subscribers, survey};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let survey = survey("subscribers.toml", text);
    let read = Subscribers::of("subscribers.toml", text).filter(Result::is_ok).count();
    assert_eq!(survey.subscribers, read);
});
