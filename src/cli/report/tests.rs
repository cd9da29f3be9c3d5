use super::*;

#[test]
fn numbers_for_people() {
    assert_eq!(
        [0, 999, 1_000, 1_234_567].map(grouped),
        ["0", "999", "1,000", "1,234,567"]
    );
    assert_eq!(
        (
            counted(1_u64, "story", "stories"),
            counted(0_u64, "story", "stories")
        ),
        ("1 story".into(), "0 stories".into())
    );
}

#[test]
fn a_hint_works_when_pasted() {
    let again = Again {
        config: " --config paper/newsdigest.toml",
        date: " --date 2026-08-24b",
    };
    let check = |text, expected| assert_eq!(as_typed(text, again), expected);
    check(
        "`newsdigest draft --force` or `newsdigest check`",
        "`newsdigest --config paper/newsdigest.toml --date 2026-08-24b draft --force` or `newsdigest --config paper/newsdigest.toml check`",
    );
    check(
        "`newsdigest send --date 2026-08-23`",
        "`newsdigest --config paper/newsdigest.toml send --date 2026-08-23`",
    );
    for kept in [
        "`newsdigest init paper`",
        "`newsdigest preview --sample`",
        "`newsdigest --config x check`",
        "newsdigest says nothing",
    ] {
        check(kept, kept);
    }
    assert_eq!(
        as_typed("`newsdigest send`", Again::default()),
        "`newsdigest send`"
    );
}

#[test]
fn columns_hold() {
    assert_eq!(column(&Line::clean("日本の船は行く"), 6), "日本… ");
    assert_eq!(column(&Line::clean("ab"), 4), "ab  ");
}
