//! What a story will keep of its readers, as a table of numbers: how many views per hour it will have over the next 12 hours, by its age
//! and by how its present rate compares with the ten best of the same morning.
//!
//! `docs/fit/fit_rank.py` fits and writes the tables, by a softmax over each morning's stories against their shares of the views of the
//! next 12 hours, on the first half, by date, of two development sets. The figures on the second half are in `docs/choosing.md`.
//! Nothing in them depends on how large a paper is, on titles, or on the hour. Along the rate they only rise.

/// The ages of the rows, in hours. Between them, and between the columns, the table is read by straight lines, age in logarithms.
const AGES: [f64; 7] = [0.0, 2.0, 6.0, 12.0, 24.0, 48.0, 96.0];
/// The rates of the columns: natural logarithms of a story's rate over that of the ten best.
const RATES: [f64; 8] = [-2.6, -2.1, -1.6, -1.0, -0.4, 0.3, 1.0, 2.5];

/// What the future of a story is read from.
pub(super) struct Table {
    /// Natural logarithms of the expected views per hour over the rate of the ten best, in hundredths.
    keeps: [[i16; RATES.len()]; AGES.len()],
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
            let at = |column: usize| f64::from(self.keeps[row][column]) / 100.0;
            let (from, to) = (at(column), at(column + 1));
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
        [-237, -196, -144, -76, -58, -37, 28, 142],
        [-252, -212, -181, -140, -87, -22, 84, 220],
        [-308, -159, -144, -126, -75, 1, 88, 219],
        [-490, -281, -221, -201, -146, -48, 19, 188],
        [-634, -404, -264, -181, -123, -34, 59, 149],
        [-592, -378, -246, -158, -87, -13, 66, 118],
        [-421, -301, -215, -129, -45, 14, 54, 99],
    ],
    section: 0.31,
};

/// For totals, taken as read evenly since the story came out.
pub(super) const TOTALS: Table = Table {
    keeps: [
        [-249, -203, -149, -88, -70, -49, -2, 92],
        [-260, -227, -194, -145, -104, -25, 92, 181],
        [-305, -201, -186, -163, -90, 0, 89, 163],
        [-407, -355, -340, -314, -207, -92, 4, 127],
        [-463, -448, -433, -415, -354, -205, -45, 96],
        [-415, -400, -385, -367, -345, -200, -30, 78],
        [-409, -351, -307, -262, -184, -47, 19, 64],
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
                assert!(
                    (read * 100.0 - f64::from(*keeps)).abs() < 1e-6,
                    "{age} {rate}"
                );
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
