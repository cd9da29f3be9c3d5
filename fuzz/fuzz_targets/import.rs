//! A table of subscribers from another program: however it is broken, nobody is on both sides.
#![no_main]

use newsdigest::newsroom::import::{Instructions, import};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(imported) = import(data, &Instructions::default()) else {
        return;
    };
    for one in &imported.subscribers {
        let key = one.address.key();
        assert!(imported.gone.iter().all(|gone| gone.address.key() != key));
    }
});
