//! Names of variables and files that hold secrets, where the secret itself was perhaps written by mistake.

use crate::model::line::Line;
use crate::model::problem::{is_variable, may_be_path};

/// That a variable which `key` names is not set. What is no usual name of a variable is not shown: it may be the secret itself.
pub(super) fn not_set(key: &str, name: &str) -> Line {
    Line::clean(&if is_variable(name) {
        format!("the environment variable `{name}` is not set")
    } else {
        format!(
            "`{key}` names no environment variable that is set: expected a name such as `PAPER_SECRET`, not the secret itself"
        )
    })
}

/// Why the file that `key` names cannot be read.
pub(super) fn unread(key: &str, path: &str, why: &str) -> Line {
    Line::clean(&if may_be_path(path) {
        why.to_owned()
    } else {
        format!(
            "`{key}` names no file that can be read: expected a path such as `paper.secret`, not the secret itself"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_not_shown() {
        for name in ["SMTP_PASSWORD", "UNSET", "KEY2", "PLAUSIBLE_KEY"] {
            assert!(not_set("key_env", name).as_str().contains(name), "{name}");
        }
        for secret in [
            "sk-live-51Habc",
            "hunter2",
            "AKIAIOSFODNN7EXAMPLEAKIAIOSFODNN",
            "SK_LIVE_4242424242",
            "correct horse",
            "deadbeefdeadbeef",
            "ABCD-EFGH",
            "$SMTP_PASSWORD",
        ] {
            let said = not_set("key_env", secret);
            assert!(!said.as_str().contains(secret), "{said}");
        }
        for path in [
            "analytics.key",
            "./key",
            "/etc/newsdigest/plausible-cloud-key",
            "matomo",
        ] {
            assert_eq!(unread("key_file", path, path).as_str(), path);
        }
        for secret in ["sk-live-51HabcdefGHI", "0123456789abcdef0123456789abcdef"] {
            let said = unread("key_file", secret, secret);
            assert!(!said.as_str().contains(secret), "{said}");
        }
    }
}
