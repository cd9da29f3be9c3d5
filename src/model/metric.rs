//! Numbers for those who watch the program.

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
