//! The words of an SMTP reply, and the class that follows from them; written down and read again, they are the same.
#![no_main]

use newsdigest::bounce::Refusal;
use newsdigest::model::delivery::Reply;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let reply = Reply::new(550, &String::from_utf8_lossy(data));
    let class = Refusal::at_recipient(&reply).class();
    let again = Reply::restore(&reply.to_string()).expect("what was written can be read");
    assert_eq!(Refusal::at_recipient(&again).class(), class);
});
