//! A message that came back: whatever is in it, it is read, and what is shown of it is one line.
#![no_main]

use newsdigest::bounce::{self, Said};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Said::Failed(failure) = bounce::read(data).said {
        assert!(!failure.to_string().contains(['\n', '\r']));
    }
});
