//! Which stories a fragment tells apart: `archive.html#1` and `archive.html#2` of one source are two stories, `ferry#video` is the story
//! at `ferry`.

use std::collections::{HashMap, HashSet};

use crate::model::link::StoryKey;
use crate::model::story::Story;

/// The pages on which a source has several stories, each under a fragment of its own.
pub(super) fn shared_pages(stories: &[(Story, Option<u32>)]) -> HashSet<StoryKey> {
    let mut shared = HashSet::new();
    let mut first: HashMap<StoryKey, (StoryKey, &Story)> = HashMap::new();
    for (story, _) in stories {
        let key = story.url.key();
        let (other, told) = first
            .entry(key.page())
            .or_insert_with(|| (key.clone(), story));
        if *other != key && told.headline != story.headline {
            shared.insert(key.page());
        }
    }
    shared
}

/// Takes fragments off the addresses of stories that are not on one of those pages.
pub(super) fn settle(stories: &mut [(Story, Option<u32>)], shared: &HashSet<StoryKey>) {
    for (story, _) in stories {
        let key = story.url.key();
        let page = key.page();
        if page != key && !shared.contains(&page) {
            story.url = story.url.clone().without_place();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::line::Line;
    use crate::model::link::Link;

    #[test]
    fn a_fragment_counts_where_it_is_all_that_differs() {
        let check = |told: &[(&str, &str)], expected: &[&str]| {
            let story = |(headline, path): &(&str, &str)| {
                let url = Link::parse(&format!("https://a.example/{path}")).unwrap();
                (Story::new(Line::clean(headline), url), None)
            };
            let mut stories: Vec<_> = told.iter().map(story).collect();
            let shared = shared_pages(&stories);
            settle(&mut stories, &shared);
            let found: Vec<&str> = stories
                .iter()
                .map(|(story, _)| &story.url.as_str()["https://a.example/".len()..])
                .collect();
            assert_eq!(found, expected);
        };
        check(
            &[("A", "archive.html#1"), ("B", "archive.html#2")],
            &["archive.html#1", "archive.html#2"],
        );
        check(&[("A", "news"), ("B", "news#2")], &["news", "news#2"]);
        check(
            &[("A", "ferry#video"), ("B", "seal#video")],
            &["ferry", "seal"],
        );
        check(
            &[("A", "ferry#video"), ("A", "ferry#photos")],
            &["ferry", "ferry"],
        );
        check(
            &[("A", "#!/article/1"), ("B", "#!/article/2"), ("C", "x#!/3")],
            &["#!/article/1", "#!/article/2", "x#!/3"],
        );
    }
}
