//! Sites, as browsers name them.

use crate::model::public::base;

/// A site whose pages may hold the form to subscribe, as a browser's `Origin` has it (RFC 6454 section 6.2): scheme, host, and the port unless it
/// is the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// Reads an address of a site; a `/` at its end means nothing.
    ///
    /// # Errors
    /// The sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = base(text, "somebody on the way could change a form without it")?;
        let host = url.find("://").map_or(0, |at| at + 3);
        let Some((site, "")) = url[host..].split_once('/') else {
            return Err(format!(
                "`{url}` must be a site without a path, such as `https://harbourtimes.example`"
            ));
        };
        if site.contains('*') {
            return Err(format!(
                "`{url}`: each site is named by itself, without `*`"
            ));
        }
        Ok(Self(url.trim_end_matches('/').to_owned()))
    }

    /// As a browser says it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_as_browsers_name_them() {
        for (text, origin) in [
            ("https://harbour.example", "https://harbour.example"),
            ("https://Harbour.Example:443/", "https://harbour.example"),
            (
                "https://harbour.example:8443",
                "https://harbour.example:8443",
            ),
            (
                "https://hafen-köln.example",
                "https://xn--hafen-kln-67a.example",
            ),
            ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ] {
            assert_eq!(Origin::parse(text).unwrap().as_str(), origin, "{text}");
        }
        for wrong in [
            "http://harbour.example",
            "https://harbour.example/news",
            "https://*.harbour.example",
            "https://harbour.example/?a",
            "https://ada@harbour.example",
            "harbour.example",
            "null",
            "*",
            "",
        ] {
            assert!(Origin::parse(wrong).is_err(), "{wrong}");
        }
    }
}
