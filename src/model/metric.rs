//! Numbers for those who watch the program.

use crate::model::newsletter_name::NewsletterName;

#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Its name, such as `newsdigest_copies`; those of one name follow one another.
    pub name: &'static str,
    /// What it means, one line.
    pub help: &'static str,
    /// Whether it only ever grows.
    pub is_counter: bool,
    /// What it is of: names and values.
    pub labels: Vec<(&'static str, String)>,
    /// The value.
    pub value: f64,
}

impl Metric {
    /// A figure of each newsletter, with its name where there are several; none of one that has no value.
    pub fn of_each<T>(
        name: &'static str,
        help: &'static str,
        newsletters: &[(Option<&NewsletterName>, T)],
        of: impl Fn(&T) -> Option<f64>,
    ) -> impl Iterator<Item = Self> {
        newsletters.iter().filter_map(move |(newsletter, one)| {
            let labels = newsletter.iter();
            Some(Self {
                name,
                help,
                is_counter: false,
                labels: labels
                    .map(|name| ("newsletter", name.to_string()))
                    .collect(),
                value: of(one)?,
            })
        })
    }
}
