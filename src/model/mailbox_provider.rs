//! Who has a reader's mailbox, as far as the domain of the address tells: complaints are counted by it, for each of these judges a sender by itself.

/// The large ones; a paper's readers under domains of their own are among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailboxProvider {
    Gmail,
    Yahoo,
    Microsoft,
    Others,
}

impl MailboxProvider {
    pub const ALL: [Self; 4] = [Self::Gmail, Self::Yahoo, Self::Microsoft, Self::Others];

    /// The provider of a domain in small letters.
    #[must_use]
    pub fn of(domain: &str) -> Self {
        let name = domain.split('.').next().unwrap_or_default();
        match (domain, name) {
            ("gmail.com" | "googlemail.com", _) => Self::Gmail,
            ("ymail.com" | "rocketmail.com" | "myyahoo.com", _) | (_, "yahoo" | "aol") => {
                Self::Yahoo
            }
            ("msn.com" | "passport.com", _) | (_, "hotmail" | "outlook" | "live") => {
                Self::Microsoft
            }
            _ => Self::Others,
        }
    }

    /// Its name in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gmail => "gmail",
            Self::Yahoo => "yahoo",
            Self::Microsoft => "microsoft",
            Self::Others => "others",
        }
    }

    /// Its name for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Gmail => "Gmail",
            Self::Yahoo => "Yahoo",
            Self::Microsoft => "Microsoft",
            Self::Others => "others",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::MailboxProvider::{self, Gmail, Microsoft, Others, Yahoo};

    #[test]
    fn by_domain() {
        for (domain, expected) in [
            ("gmail.com", Gmail),
            ("yahoo.co.uk", Yahoo),
            ("aol.com", Yahoo),
            ("hotmail.fr", Microsoft),
            ("outlook.com", Microsoft),
            ("mail.gmail.com.example", Others),
            ("h.example", Others),
            ("", Others),
        ] {
            assert_eq!(MailboxProvider::of(domain), expected, "{domain}");
        }
    }
}
