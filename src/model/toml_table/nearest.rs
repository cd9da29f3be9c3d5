//! Slips of the pen: the name that was meant.

/// The name that somebody who wrote `name` likely meant, if one of `known` is near enough.
pub fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    known
        .map(|known| (distance(known, name), known))
        .min()
        .filter(|(far, known)| *far <= 2 || known.starts_with(name) || name.starts_with(known))
        .map(|(_, known)| known)
}

/// Edit distance: how many letters are added, dropped or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, to) in b.iter().enumerate() {
            let change = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        assert_eq!(
            (
                distance("name", "nmae"),
                distance("", "abc"),
                distance("top", "top")
            ),
            (2, 3, 0)
        );
    }
}
