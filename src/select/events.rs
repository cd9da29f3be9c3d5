//! Stories about the same event.
