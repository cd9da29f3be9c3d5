//! What a newsletter's own file says, over what `newsdigest.toml` says for all of them.

use crate::model::toml_table::{Problems, TomlTable};

/// Two tables read as one: where both have a key, the newsletter's own counts.
pub(super) struct Layers<'t> {
    own: TomlTable<'t>,
    shared: Option<TomlTable<'t>>,
}

impl<'t> Layers<'t> {
    /// `None` where neither is there.
    pub(super) fn of_both(
        own: Option<TomlTable<'t>>,
        shared: Option<TomlTable<'t>>,
    ) -> Option<Self> {
        match (own, shared) {
            (Some(own), shared) => Some(Self { own, shared }),
            (None, Some(own)) => Some(Self { own, shared: None }),
            (None, None) => None,
        }
    }

    pub(super) const fn new(own: TomlTable<'t>, shared: Option<TomlTable<'t>>) -> Self {
        Self { own, shared }
    }

    /// The table that says `key`; the own one if none does.
    pub(super) fn of(&mut self, key: &'static str) -> &mut TomlTable<'t> {
        let Some(shared) = &mut self.shared else {
            return &mut self.own;
        };
        if self.own.has(key) {
            shared.pass_over(key);
            &mut self.own
        } else {
            self.own.pass_over(key);
            shared
        }
    }

    /// Whether one of them has it.
    pub(super) fn has(&self, key: &str) -> bool {
        self.own.has(key) || self.shared.as_ref().is_some_and(|table| table.has(key))
    }

    /// The newsletter's own table.
    pub(super) const fn own(&mut self) -> &mut TomlTable<'t> {
        &mut self.own
    }

    /// The one that all newsletters share; `None` where there is only one newsletter.
    pub(super) const fn shared(&mut self) -> Option<&mut TomlTable<'t>> {
        self.shared.as_mut()
    }

    /// Ends the reading: every key that nobody asked for is a problem.
    pub(super) fn finish(self, problems: &Problems) {
        self.own.finish(problems);
        if let Some(shared) = self.shared {
            shared.finish(problems);
        }
    }
}
