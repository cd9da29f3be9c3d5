//! Errors of other rooms as problems that the page shows.

use crate::model::problem::Problem;

/// An error of another room as a problem of the page: with its causes.
pub(super) fn problem(error: impl std::error::Error) -> Vec<Problem> {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        words = format!("{words}: {inner}");
        cause = inner.source();
    }
    vec![Problem::new(words)]
}
