//! An mbox or a message piped to the program: no more bytes come out than went in.
#![no_main]

use std::path::Path;

use newsdigest::mailbox::{self, MailboxError};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut read = 0;
    let mut work = |message: &[u8]| {
        assert!(message.len() <= 1_000);
        read += message.len();
        Ok::<(), MailboxError>(())
    };
    mailbox::stream(data, Path::new("-"), 1_000, &mut work).expect("memory can be read");
    assert!(read <= data.len());
});
