//! An address; its key is an address, and its own key.
#![no_main]

use newsdigest::model::address::Address;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(address) = Address::parse(text) {
        let key = address.key().into_owned();
        let again = Address::parse(&key).expect("a key is an address");
        assert_eq!(again.key(), key);
    }
});
