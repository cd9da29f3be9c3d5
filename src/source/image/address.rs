//! What the address of a picture says by itself: whether it shows something, and in which size.

/// Parts of a file's name that say it only keeps a place.
const KEEPERS: [&str; 7] = [
    "placeholder",
    "spacer",
    "lazyload",
    "lazy-load",
    "no-image",
    "no_image",
    "noimage",
];
/// Words of which the name of such a file is made.
const NOTHINGS: [&str; 15] = [
    "1x1",
    "blank",
    "clear",
    "default",
    "dot",
    "empty",
    "gray",
    "grey",
    "lazy",
    "loader",
    "loading",
    "pixel",
    "spinner",
    "trans",
    "transparent",
];

/// Whether both addresses are of one picture: they differ in what says its size only.
pub(in crate::source) fn is_same(one: &str, other: &str) -> bool {
    fn without_size(url: &str) -> impl Iterator<Item = String> {
        let path = url.split(['?', '#']).next().unwrap_or_default();
        let is_size = |word: &&str| {
            let (width, height) = word.split_once('x').unwrap_or((word, "0"));
            let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            digits(width) && digits(height) && (2..=5).contains(&width.len())
        };
        path.split('/').map(move |segment| {
            let words = segment.split(['-', '_', '.', ',']);
            words
                .filter(|word| !is_size(word))
                .collect::<Vec<_>>()
                .join(".")
        })
    }
    let parts = |url| without_size(url).filter(|part| !part.is_empty());
    parts(one).eq(parts(other))
}

/// Whether an address may show something, and everybody something.
pub(in crate::source) fn is_picture(url: &str) -> bool {
    let lower = url.trim().to_lowercase();
    let path = lower.split(['?', '#']).next().unwrap_or_default();
    let file = path.rsplit('/').next().unwrap_or_default();
    let (name, ending) = file.rsplit_once('.').unwrap_or((file, ""));
    let mut words = name
        .split(['-', '_', '.', ' '])
        .filter(|word| !word.is_empty());
    let is_nothing = |word: &str| NOTHINGS.contains(&word);
    let is_number = |word: &str| {
        word.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'x')
    };
    // `loading-300x200.png`, `ajax-loader.gif`: a photograph is no GIF.
    let keeps = KEEPERS.iter().any(|keeper| name.contains(keeper))
        || path.contains("placeholder")
        || (ending == "gif" && words.clone().next_back().is_some_and(is_nothing))
        || (words.clone().any(is_nothing) && words.all(|word| is_nothing(word) || is_number(word)));
    !(lower.is_empty()
        || ["undefined", "null", "none"].contains(&lower.as_str())
        || lower.contains(['{', '}'])
        || ["data:", "blob:", "about:"]
            .iter()
            .any(|scheme| lower.starts_with(scheme))
        || ["svg", "svgz"].contains(&ending)
        || keeps)
}

/// Whether an address ends like that of a picture.
pub(in crate::source) fn looks_like_image(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    is_format(path.rsplit('.').next().unwrap_or_default())
}

/// Whether that is the name of a kind of picture, as at the end of a file's name.
pub(in crate::source) fn is_format(ending: &str) -> bool {
    let known = ["jpg", "jpeg", "png", "gif", "webp", "avif"];
    known.iter().any(|known| ending.eq_ignore_ascii_case(known))
}

/// The width in an address such as `/thumbnail/60x60/a.jpg`, `a_142x100.jpg` or `a.jpg?w=90`, and the height if it is there: the least one named.
pub(in crate::source) fn size_in(url: &str) -> Option<(u32, Option<u32>)> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let number = |text: &str| text[..digits(text)].parse::<u32>().ok();
    let crossed = url.match_indices('x').filter_map(|(at, _)| {
        let before = url[..at].bytes().rev();
        let before = before.take_while(u8::is_ascii_digit).count();
        let after = digits(&url[at + 1..]);
        let named = (2..=5).contains(&before) && (2..=5).contains(&after);
        let width = named.then(|| number(&url[at - before..]))??;
        Some((width, number(&url[at + 1..])))
    });
    let asked = |keys: &[&str]| {
        keys.iter().find_map(|key| {
            let (_, rest) = url.split_once(key)?;
            Some((number(rest)?, &rest[digits(rest)..]))
        })
    };
    let apart = asked(&[
        "?w=",
        "&w=",
        "?width=",
        "&width=",
        "/geometry/",
        "/w_",
        ",w_",
    ]);
    let apart = apart.map(|(width, _)| {
        let height = asked(&["?h=", "&h=", "?height=", "&height=", "/h_", ",h_"]);
        (width, height.map(|(height, _)| height))
    });
    let together = asked(&["?resize=", "&resize=", "?fit=", "&fit="]).map(|(width, rest)| {
        let rest = rest.strip_prefix(',').or(rest.strip_prefix("%2C"));
        (width, rest.and_then(number))
    });
    let all = crossed.chain(apart).chain(together);
    all.filter(|(width, _)| *width > 0)
        .min_by_key(|(width, _)| *width)
}
