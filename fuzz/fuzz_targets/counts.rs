//! Files of counts: CSV, TSV or JSON from whatever wrote them.
#![no_main]

use chrono::DateTime;
use newsdigest::model::dates::DateStyle;
use newsdigest::model::line::Line;
use newsdigest::model::letter_links::LetterLinks;
use newsdigest::readership::{Input, Names, read_counts};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let input = Input {
        name: Line::clean("counts"),
        body: data.to_vec(),
        taken: None,
    };
    let now = DateTime::from_timestamp(1_787_550_600, 0).expect("a time");
    let report = read_counts(Line::clean("x"), &[input], &Names::default(), &LetterLinks::default(), &DateStyle::universal(), now);
    assert!(report.readings.len() <= data.len());
});
