//! The templates that come with the program, as their files in `templates/`.

/// A built-in template's two files: the name of each for problems, and its text.
pub(super) struct BuiltIn {
    pub(super) name: &'static str,
    pub(super) toml: (&'static str, &'static str),
    pub(super) css: (&'static str, &'static str),
}

macro_rules! built_in {
    ($name:literal) => {
        BuiltIn {
            name: $name,
            toml: (
                concat!($name, "/template.toml"),
                include_str!(concat!("../../../templates/", $name, "/template.toml")),
            ),
            css: (
                concat!($name, "/style.css"),
                include_str!(concat!("../../../templates/", $name, "/style.css")),
            ),
        }
    };
}

/// All of them; the first is used where none is named.
pub(super) const BUILT_IN: [BuiltIn; 3] = [
    built_in!("broadsheet"),
    built_in!("bulletin"),
    built_in!("gallery"),
];

/// What a designer needs to know.
pub(super) const README: &str = include_str!("../../../templates/README.md");

impl BuiltIn {
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        const { &BUILT_IN }.iter().find(|files| files.name == name)
    }
}
