use super::*;

#[test]
fn units_people_read() {
    let figures = [0.0, 0.04, 0.4, 3.0, 3.44, 9.96, 35.2, 999.6, 1_204.0, 1e7].map(figure);
    assert_eq!(
        figures.join(" "),
        "0 0 0.4 3 3.4 10 35 1,000 1,204 10,000,000"
    );
    let forecasts = [0.4, 7.6, 94.0, 996.0, 12_816.0].map(|number| figure(roughly(number)));
    assert_eq!(forecasts.join(" "), "0 8 94 1,000 13,000");
    assert_eq!(
        [0.0, 0.6, 1.0, 1.99, 47.9, 48.0, 100.0]
            .map(span)
            .join(", "),
        "0 min, 36 min, 1 h, 1 h, 47 h, 2 days, 4 days"
    );
    assert_eq!(
        [1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 112]
            .map(ordinal)
            .join(" "),
        "first 2nd 3rd 4th 11th 12th 13th 21st 22nd 101st 112th"
    );
}
