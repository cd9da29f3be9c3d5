//! The subscribers file, as a person may leave it: each block is a reader or a problem.
#![no_main]

use newsdigest::newsroom::subscribers::{Subscribers, Survey};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut survey = Survey::default();
    let blocks: Vec<_> = Subscribers::of("subscribers.toml", text).collect();
    let count = blocks.len();
    for block in blocks {
        survey.add(block.map(|listed| listed.subscriber).map_err(|misread| misread.problems));
    }
    survey.finish("subscribers.toml");
    assert_eq!(survey.subscribers + survey.misread, count);
});
