//! What a story will keep of its readers, as a table of numbers: how many views per hour it will have over the next 12 hours, by its age
//! and by how its present rate compares with the ten best of the same morning.
//!
//! `docs/fit/fit_rank.py` fits and writes the tables, by a softmax over each morning's stories against their shares of the views of the
//! next 12 hours, on the first half, by date, of two development sets. The figures on the second half stand in `docs/choosing.md`.
//! Nothing in them depends on how large a paper is, on titles, or on the hour. Along the rate they only rise.

/// The ages of the rows, in hours. Between them, and between the columns, the table is read by straight lines, age in logarithms.
const AGES: [f64; 7] = [0.0, 2.0, 6.0, 12.0, 24.0, 48.0, 96.0];
/// The rates of the columns: natural logarithms of a story's rate over that of the ten best.
const RATES: [f64; 8] = [-2.6, -2.1, -1.6, -1.0, -0.4, 0.3, 1.0, 2.5];

/// What the future of a story is read from.
pub(super) struct Table {
    /// Natural logarithms of the expected views per hour over the rate of the ten best.
    keeps: [[f64; RATES.len()]; AGES.len()],
    /// The power to which the readers of its section count.
    pub(super) section: f64,
}

impl Table {
    /// Expected views per hour over the next 12 hours, in units of the rate of the ten best. `age` is in hours, `rate` in the same units,
    /// above 0.
    pub(super) fn keeps(&self, age: f64, rate: f64) -> f64 {
        let rate = rate.ln();
        let (row, down) = between(&AGES, age, f64::ln_1p);
        let (column, right) = between(&RATES, rate, |rate| rate);
        let along = |row: usize| {
            let [from, to] = [self.keeps[row][column], self.keeps[row][column + 1]];
            from + (to - from) * right
        };
        let (above, below) = (along(row), along(row + 1));
        // Beyond the table the score grows as the rate does: the best of all never ties with the next.
        let beyond = (rate - RATES[RATES.len() - 1]).max(0.0);
        (above + (below - above) * down + beyond).exp()
    }
}

/// Between which two knots `x` lies, the first of them, and how far on the way to the second, from 0 to 1.
fn between<const N: usize>(knots: &[f64; N], x: f64, scale: impl Fn(f64) -> f64) -> (usize, f64) {
    let x = x.clamp(knots[0], knots[N - 1]);
    let at = knots[1..N - 1].partition_point(|knot| *knot <= x);
    let (from, to) = (scale(knots[at]), scale(knots[at + 1]));
    (at, (scale(x) - from) / (to - from))
}

/// For rates of which the times are known.
pub(super) const SERIES: Table = Table {
    keeps: [
        [-2.37, -1.96, -1.44, -0.76, -0.58, -0.37, 0.28, 1.42],
        [-2.52, -2.12, -1.81, -1.40, -0.87, -0.22, 0.84, 2.20],
        [-3.08, -1.59, -1.44, -1.26, -0.75, 0.01, 0.88, 2.19],
        [-4.90, -2.81, -2.21, -2.01, -1.46, -0.48, 0.19, 1.88],
        [-6.34, -4.04, -2.64, -1.81, -1.23, -0.34, 0.59, 1.49],
        [-5.92, -3.78, -2.46, -1.58, -0.87, -0.13, 0.66, 1.18],
        [-4.21, -3.01, -2.15, -1.29, -0.45, 0.14, 0.54, 0.99],
    ],
    section: 0.31,
};

/// For totals, taken as read evenly since the story came out.
pub(super) const TOTALS: Table = Table {
    keeps: [
        [-2.59, -2.21, -1.74, -1.13, -0.92, -0.71, -0.37, 0.08],
        [-2.61, -2.36, -2.08, -1.57, -1.15, -0.47, 0.54, 1.43],
        [-2.99, -2.07, -1.92, -1.67, -0.93, -0.01, 0.87, 1.46],
        [-4.06, -3.63, -3.48, -3.15, -2.03, -0.91, 0.06, 1.16],
        [-4.68, -4.53, -4.38, -4.20, -3.50, -1.92, -0.45, 0.87],
        [-4.20, -4.05, -3.90, -3.72, -3.41, -1.83, -0.29, 0.73],
        [-4.14, -3.54, -3.07, -2.59, -1.74, -0.40, 0.18, 0.63],
    ],
    section: 0.00,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_a_knot_the_table_itself() {
        let table = &SERIES;
        for (age, row) in AGES.iter().zip(&table.keeps) {
            for (rate, keeps) in RATES.iter().zip(row) {
                let read = table.keeps(*age, rate.exp()).ln();
                assert!((read - keeps).abs() < 1e-9, "{age} {rate}");
            }
        }
    }

    #[test]
    fn more_readers_always_raise_it() {
        for table in [&SERIES, &TOTALS] {
            for age in (0..400).map(|step| f64::from(step) * 0.5) {
                let mut before = 0.0;
                for rate in (-250..500).map(|step| (f64::from(step) * 0.01).exp()) {
                    let keeps = table.keeps(age, rate);
                    assert!(keeps > before, "{age} {rate}");
                    before = keeps;
                }
            }
        }
    }
}
