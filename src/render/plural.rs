//! Which form of a counted word a number takes: the categories and rules of CLDR's plural rules (Unicode Technical Standard 35, part 3),
//! for whole numbers, which are all that an edition counts.
//!
//! The crates for it bring the rules of 200 languages and of fractions, and a format for them; these few lines need neither.

use super::keys::Plural;

impl Plural {
    /// The category of `n` in a language, a tag in small letters. French and Spanish have one more for whole millions, which no edition counts.
    pub(super) fn of(n: u64, tag: &str) -> Self {
        let (last, hundred) = (n % 10, n % 100);
        // 11 to 19 go their own way wherever the last digit counts.
        let last = if (11..=19).contains(&hundred) {
            0
        } else {
            last
        };
        match tag.split('-').next().unwrap_or_default() {
            "ja" | "zh" | "yue" | "ko" | "vi" | "th" | "id" | "ms" | "my" | "lo" | "km" => {
                Self::Other
            }
            "fr" | "hy" | "fa" | "hi" | "bn" | "gu" | "kn" | "as" | "am" | "zu" => one(n <= 1),
            // CLDR's `pt` is Brazil's; here it is Portugal's.
            "pt" => one(n == 1 || n == 0 && tag.starts_with("pt-br")),
            "is" | "mk" => one(last == 1),
            "ru" | "uk" | "be" => match last {
                1 => Self::One,
                2..=4 => Self::Few,
                _ => Self::Many,
            },
            "sr" | "hr" | "bs" => match last {
                1 => Self::One,
                2..=4 => Self::Few,
                _ => Self::Other,
            },
            "pl" => match (n, last) {
                (1, _) => Self::One,
                (_, 2..=4) => Self::Few,
                _ => Self::Many,
            },
            "lt" => match last {
                1 => Self::One,
                2..=9 => Self::Few,
                _ => Self::Other,
            },
            "lv" => match last {
                0 => Self::Zero,
                1 => Self::One,
                _ => Self::Other,
            },
            "cs" | "sk" => match n {
                1 => Self::One,
                2..=4 => Self::Few,
                _ => Self::Other,
            },
            "sl" => match hundred {
                1 => Self::One,
                2 => Self::Two,
                3 | 4 => Self::Few,
                _ => Self::Other,
            },
            "ro" => match (n, hundred) {
                (1, _) => Self::One,
                (0, _) | (_, 1..=19) => Self::Few,
                _ => Self::Other,
            },
            "he" | "iw" => match n {
                1 => Self::One,
                2 => Self::Two,
                _ => Self::Other,
            },
            "ar" => match (n, hundred) {
                (0, _) => Self::Zero,
                (1, _) => Self::One,
                (2, _) => Self::Two,
                (_, 3..=10) => Self::Few,
                (_, 11..=99) => Self::Many,
                _ => Self::Other,
            },
            "cy" => match n {
                0 => Self::Zero,
                1 => Self::One,
                2 => Self::Two,
                3 => Self::Few,
                6 => Self::Many,
                _ => Self::Other,
            },
            "ga" => match n {
                1 => Self::One,
                2 => Self::Two,
                3..=6 => Self::Few,
                7..=10 => Self::Many,
                _ => Self::Other,
            },
            _ => one(n == 1),
        }
    }
}

fn one(is: bool) -> Plural {
    if is { Plural::One } else { Plural::Other }
}

#[cfg(test)]
mod tests {
    use super::super::keys::Plural::{self, Few, Many, One, Other, Two, Zero};

    /// The categories that ICU (`Intl.PluralRules` of Chromium) gives these numbers; all from 0 to 250 were compared once.
    #[test]
    fn numbers_and_their_categories() {
        let check = |tags: &str, samples: &[(Plural, &[u64])]| {
            for tag in tags.split(' ') {
                for (plural, numbers) in samples {
                    for n in *numbers {
                        assert_eq!(Plural::of(*n, tag), *plural, "{n} in {tag}");
                    }
                }
            }
        };
        check(
            "en de nl it es tr sv pt pt-pt he",
            &[(One, &[1]), (Other, &[0, 3, 5, 11, 21, 100])],
        );
        check("ja zh zh-hant ko", &[(Other, &[0, 1, 2, 5])]);
        check("fr fa pt-br hi", &[(One, &[0, 1]), (Other, &[2, 17, 100])]);
        check(
            "ru uk be",
            &[
                (One, &[1, 21, 101, 1001]),
                (Few, &[2, 3, 4, 22, 104]),
                (Many, &[0, 5, 11, 12, 14, 19, 111, 1000]),
            ],
        );
        check(
            "sr hr",
            &[
                (One, &[1, 21]),
                (Few, &[2, 24]),
                (Other, &[0, 5, 11, 12, 114]),
            ],
        );
        check(
            "pl",
            &[
                (One, &[1]),
                (Few, &[2, 4, 22, 104]),
                (Many, &[0, 5, 11, 12, 14, 21, 31, 112]),
            ],
        );
        check(
            "cs sk",
            &[(One, &[1]), (Few, &[2, 4]), (Other, &[0, 5, 22])],
        );
        check(
            "ar ar-eg",
            &[
                (Zero, &[0]),
                (One, &[1]),
                (Two, &[2]),
                (Few, &[3, 10, 103]),
                (Many, &[11, 26, 99, 111]),
                (Other, &[100, 102, 200]),
            ],
        );
        check("he", &[(Two, &[2]), (Other, &[12, 20])]);
        check(
            "lt",
            &[
                (One, &[1, 21]),
                (Few, &[2, 9, 22]),
                (Other, &[0, 10, 11, 19, 20]),
            ],
        );
        check(
            "lv",
            &[
                (Zero, &[0, 10, 11, 20]),
                (One, &[1, 21]),
                (Other, &[2, 9, 22]),
            ],
        );
        check(
            "sl",
            &[
                (One, &[1, 101]),
                (Two, &[2, 102]),
                (Few, &[3, 104]),
                (Other, &[0, 5, 11]),
            ],
        );
        check(
            "ro",
            &[
                (One, &[1]),
                (Few, &[0, 2, 16, 101, 119]),
                (Other, &[20, 35, 100]),
            ],
        );
        check("is mk", &[(One, &[1, 21, 101]), (Other, &[0, 11, 12, 111])]);
        check(
            "cy",
            &[
                (Zero, &[0]),
                (Two, &[2]),
                (Few, &[3]),
                (Many, &[6]),
                (Other, &[4, 5, 7]),
            ],
        );
        check(
            "ga",
            &[
                (One, &[1]),
                (Two, &[2]),
                (Few, &[3, 6]),
                (Many, &[7, 10]),
                (Other, &[0, 11]),
            ],
        );
    }
}
