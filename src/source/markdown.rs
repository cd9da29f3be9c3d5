//! A story in Markdown with front matter, as static site generators keep it.
