//! Whether an advertiser paid for a story: it says so in its kicker, its section, or at the beginning of its headline.

use crate::model::story::Story;

/// The labels that papers print, in small letters.
const LABELS: [&str; 59] = [
    "advertisement",
    "advertisement feature",
    "advertiser content",
    "advertorial",
    "brand content",
    "branded content",
    "paid content",
    "paid for by",
    "paid partnership",
    "paid post",
    "partner content",
    "presented by",
    "promoted",
    "promoted content",
    "sponsored",
    "sponsored by",
    "sponsored content",
    "sponsored post",
    "anzeige",
    "gesponsert",
    "sponsored story",
    "werbung",
    "bezahlter inhalt",
    "annonce",
    "contenu sponsorisé",
    "publi-rédactionnel",
    "publicité",
    "sponsorisé",
    "contenido patrocinado",
    "patrocinado",
    "publicidad",
    "publirreportaje",
    "contenuto sponsorizzato",
    "informazione pubblicitaria",
    "pubblicità",
    "sponsorizzato",
    "conteúdo patrocinado",
    "publicidade",
    "publieditorial",
    "advertentie",
    "gesponsord",
    "artykuł sponsorowany",
    "materiał sponsorowany",
    "reklama",
    "на правах рекламы",
    "партнерский материал",
    "реклама",
    "reklam",
    "sponsorlu",
    "annons",
    "広告",
    "pr",
    "广告",
    "推广",
    "廣告",
    "إعلان",
    "محتوى مدعوم",
    "آگهی",
    "תוכן שיווקי",
];

/// Whether a line says that what follows was paid for.
pub(crate) fn is_label(text: &str) -> bool {
    let text = text.to_lowercase();
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    LABELS.iter().any(|label| {
        // `Sponsored by Acme` names who paid.
        let rest = text.strip_prefix(label);
        rest.is_some_and(|rest| rest.is_empty() || (rest.starts_with(' ') && label.contains(' ')))
    })
}

pub(crate) fn is_sponsored(story: &Story) -> bool {
    let headline = story.headline.as_str();
    let begins = headline
        .split_once([':', '|', ']', '：', '】'])
        .is_some_and(|(first, _)| is_label(first));
    let lines = [&story.kicker, &story.section];
    begins
        || lines
            .into_iter()
            .flatten()
            .any(|line| is_label(line.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::line::Line;
    use crate::model::link::Link;

    #[test]
    fn what_is_paid_for_says_so() {
        let story = |kicker: &str, headline: &str| {
            let mut story = Story::new(
                Line::clean(headline),
                Link::parse("https://harbour.example/1").unwrap(),
            );
            story.kicker = Line::non_empty(kicker);
            is_sponsored(&story)
        };
        for (kicker, headline) in [
            ("Sponsored", "Boats"),
            ("- Anzeige -", "Boote"),
            ("Sponsored by Acme", "Boats"),
            ("", "Advertisement: Boats"),
            ("", "[Publicidad] Barcos"),
            ("", "【PR】船の夏"),
            ("РЕКЛАМА", "Лодки"),
        ] {
            assert!(story(kicker, headline), "{kicker} {headline}");
        }
        assert!(!story("News", "Advertisement banned after complaints"));
        assert!(!story("Promotion race", "Rovers go up"));
        assert!(!story("", "PR chief resigns"));
    }
}
