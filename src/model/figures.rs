//! Numbers as our messages write them, for people.

/// `1,204`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number rounded to a whole one: `1,204`.
#[must_use]
pub fn rounded(number: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast to an integer stays within it"
    )]
    let whole = number.abs().round_ties_even() as u64;
    let sign = if number < 0.0 && whole > 0 { "-" } else { "" };
    sign.to_owned() + &grouped(whole)
}

/// `1 subscriber`, `12 subscribers`, `3 stories`.
#[must_use]
pub fn counted(number: impl TryInto<u64>, one: &str, many: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    format!(
        "{} {}",
        grouped(number),
        if number == 1 { one } else { many }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        let numbers = [0, 7, 999, 1_000, 1_204_000];
        let written = ["0", "7", "999", "1,000", "1,204,000"];
        assert_eq!(numbers.map(grouped), written);
        let numbers = [-0.2, -1_203.6, 2.5, 1e7];
        assert_eq!(numbers.map(rounded), ["0", "-1,204", "2", "10,000,000"]);
        assert_eq!(counted(1_u64, "story", "stories"), "1 story");
        assert_eq!(counted(1_200_usize, "story", "stories"), "1,200 stories");
    }
}
