//! Whatever comes, and however it is cut.

use proptest::prelude::*;

use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn cut_and_order_change_nothing(
        lines in proptest::collection::vec((0_u32..70, 0_u32..4, 0_usize..5), 1..60),
        swaps in proptest::collection::vec((0_usize..60, 0_usize..60), 0..20),
        block in 1_usize..2000,
        split in 0_usize..60,
    ) {
        let mut lines: Vec<String> = lines.into_iter().map(|(minute, client, kind)| match kind {
            0 => "junk\n".to_owned(),
            1 => format!(r#"{{"ts":{},"ip":"192.0.2.{client}","uri":"/news/s?id=7","user_agent":"x"}}{}"#, 1_787_547_600 + minute * 60, "\n"),
            2 => format!("example.org {}", combined(minute, client, "/news/ferry", PERSON)),
            _ => combined(minute, client, "/news/caf%C3%A9", PERSON),
        }).collect();
        let expected = {
            let folder = folder(&[("access.log", lines.concat().as_bytes())]);
            whole(&folder, "access.log")
        };
        let first_bad = |report: &ReadershipReport| report.misses.iter().map(|miss| {
            miss.what.as_str().split_once("something else").map_or(miss.what.as_str(), |(_, rest)| rest).to_owned()
        }).collect::<Vec<_>>();
        for (a, b) in swaps {
            let count = lines.len();
            lines.swap(a % count, b % count);
        }
        let all = folder(&[("access.log", lines.concat().as_bytes())]);
        let report = read_as(&all, "access.log", None, Cut { workers: 3, block });
        prop_assert_eq!(&report.readings, &expected.readings);
        prop_assert_eq!(report.as_of, expected.as_of);
        prop_assert_eq!(first_bad(&report), first_bad(&expected));
        let split = split.min(lines.len());
        let (first, second) = (lines[..split].concat(), lines[split..].concat());
        if first != second && !first.starts_with(&second) && !second.starts_with(&first) {
            let halves = folder(&[("access.log", second.as_bytes()), ("access.log.1", first.as_bytes())]);
            let report = whole(&halves, "access.log*");
            prop_assert_eq!(&report.readings, &expected.readings);
        }
    }

    #[test]
    fn never_panics(
        junk in proptest::collection::vec(any::<u8>(), 0..300),
        like in "(#Fields: (date|time|c-ip|cs-uri-stem| ){0,6}\n|192.0.2.1 - - \\[..?/Aug/20.{4}:07:00:07 .0200\\] \"GET /news/.{0,9}\" 2.{3}\n|\\{\"ts\":[0-9]{0,11}\\}?\n){0,5}",
        packed in 0_usize..3,
        block in 1_usize..99,
    ) {
        let magic: &[u8] = [&b""[..], b"\x1f\x8b\x08\0\0\0\0\0\0\x03", b"\x28\xb5\x2f\xfd\x04\0"][packed];
        let folder = folder(&[("a", &[magic, &junk].concat()), ("b", &[like.as_bytes(), &junk].concat())]);
        _ = read_as(&folder, "[ab]", None, Cut { workers: 2, block });
    }

    #[test]
    fn no_format_panics(text in "[$%{}a-zA-Z\"\\\\ >_]{0,40}") {
        _ = Format::parse(&text);
    }
}
