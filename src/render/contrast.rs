//! Whether the colors of a template can be read: as they are, and after mail programs have turned them around.
//!
//! Many mail programs make a dark page of a light one without asking: Gmail's apps, Outlook's app and web page. They know no dark colors of
//! the template; what they make of the light ones is a formula.

use std::collections::BTreeMap;

use super::css::{Rule, When};
use super::keys::{Class, Form};
use super::tokens::Tokens;
use crate::model::finding::{Finding, Gravity};
use crate::model::line::Line;

/// What text needs against its ground (WCAG 2.2, criterion 1.4.3).
const ENOUGH: f64 = 4.5;

/// A color as red, green and blue, each from 0 to 1 (sRGB).
type Color = [f64; 3];

/// How a mail program shows a text's color and its ground's.
struct View {
    words: &'static str,
    /// Whether it knows the rules for dark screens.
    dark: bool,
    seen: fn(Color) -> Color,
    ground: fn(Color) -> Color,
}

const VIEWS: [View; 5] = [
    View {
        words: "in light colors",
        dark: false,
        seen: |color| color,
        ground: |color| color,
    },
    View {
        words: "in dark colors",
        dark: true,
        seen: |color| color,
        ground: |color| color,
    },
    View {
        words: "as Outlook darkens the light colors",
        dark: false,
        seen: darkened,
        ground: darkened,
    },
    View {
        words: "as Gmail inverts the light colors",
        dark: false,
        seen: inverted,
        ground: inverted,
    },
    View {
        words: "where only light grounds and dark text are inverted",
        dark: false,
        seen: |color| {
            if lightness(color) < 0.5 {
                inverted(color)
            } else {
                color
            }
        },
        // Such programs stop short of black, at the #121212 of Material Design's dark theme.
        ground: |color| {
            if lightness(color) > 0.5 {
                inverted(color).map(|part| part.max(f64::from(0x12) / 255.0))
            } else {
                color
            }
        },
    },
];

/// Every pair of text and ground that is too close in some view, once for each view.
pub(super) fn findings(rules: &[Rule], tokens: &Tokens, form: Form) -> Vec<Finding> {
    let mut findings = Vec::new();
    for view in &VIEWS {
        let paint = Paint::new(rules, view.dark, form);
        let mut close: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        for class in Class::ALL.iter().filter(|class| class.has_text()) {
            for (text, ground) in paint.pairs(*class) {
                if contrast_of(text, ground, view).is_some_and(|found| found < ENOUGH) {
                    let classes = close.entry((text, ground)).or_default();
                    if !classes.contains(&class.key()) {
                        classes.push(class.key());
                    }
                }
            }
        }
        for ((text, ground), classes) in close {
            let found = contrast_of(text, ground, view).unwrap_or_default();
            let shown = |value: &str| {
                let name = tokens.color_name(value, view.dark);
                name.map_or_else(
                    || format!("`{value}`"),
                    |name| format!("`{name}` ({value})"),
                )
            };
            findings.push(Finding {
                name: "contrast",
                gravity: Gravity::Warning,
                place: Line::clean(&format!("the template's `.{}`", classes.join("`, `."))),
                what: Line::clean(&format!(
                    "{} on {} has a contrast of {:.2}:1 {}, expected at least {ENOUGH}:1",
                    shown(text),
                    shown(ground),
                    // Down: 4.496 is not 4.50.
                    (found * 100.0).floor() / 100.0,
                    view.words
                )),
                why: "readers with weak eyes, or in the sun, cannot read it",
                hint: "change one of the two in `[colors]`: darker text outlives inversion, mid-grey and pure blue do not",
            });
        }
    }
    findings
}

/// `None` for colors that are not written as `#rgb` or `#rrggbb`.
fn contrast_of(text: &str, ground: &str, view: &View) -> Option<f64> {
    let (text, ground) = (parse(text)?, parse(ground)?);
    Some(contrast((view.seen)(text), (view.ground)(ground)))
}

/// What each class says about its colors. Rules for narrow screens are not looked at.
struct Paint<'r> {
    text: BTreeMap<usize, &'r str>,
    ground: BTreeMap<usize, &'r str>,
    form: Form,
}

impl<'r> Paint<'r> {
    fn new(rules: &'r [Rule], dark: bool, form: Form) -> Self {
        let mut paint = Self {
            text: BTreeMap::new(),
            ground: BTreeMap::new(),
            form,
        };
        let (always, later): (Vec<&Rule>, Vec<&Rule>) = rules
            .iter()
            .filter(|rule| rule.when == When::Always || dark && rule.when == When::Dark)
            .partition(|rule| rule.when == When::Always);
        for rule in always.into_iter().chain(later) {
            let variants = Class::ALL
                .iter()
                .filter(|class| class.base() == Some(rule.class));
            for class in variants.chain([&rule.class]) {
                for declaration in &rule.declarations {
                    let colors = match declaration.property.as_str() {
                        "color" => &mut paint.text,
                        "background-color" | "background" => &mut paint.ground,
                        _ => continue,
                    };
                    match declaration.value.as_str() {
                        "inherit" | "transparent" | "none" => colors.remove(&(*class as usize)),
                        value => colors.insert(*class as usize, value),
                    };
                }
            }
        }
        paint
    }

    /// The pairs that a class is seen in, one for each place where it is.
    fn pairs(&self, class: Class) -> Vec<(&'r str, &'r str)> {
        let around: Vec<_> = match class {
            Class::Paper => vec![("#000000", "#ffffff")],
            _ => class
                .within(self.form)
                .into_iter()
                .flat_map(|outer| self.pairs(outer))
                .collect(),
        };
        let mut pairs: Vec<_> = around
            .into_iter()
            .map(|(text, ground)| {
                let own = class as usize;
                (
                    self.text.get(&own).copied().unwrap_or(text),
                    self.ground.get(&own).copied().unwrap_or(ground),
                )
            })
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }
}

fn parse(text: &str) -> Option<Color> {
    let digits = text.strip_prefix('#')?;
    let number = u32::from_str_radix(digits, 16).ok()?;
    let part = |shift: u32, mask: u32| f64::from(number >> shift & mask) / f64::from(mask);
    match digits.len() {
        3 => Some([part(8, 15), part(4, 15), part(0, 15)]),
        6 => Some([part(16, 255), part(8, 255), part(0, 255)]),
        _ => None,
    }
}

/// The contrast ratio of WCAG 2.2.
fn contrast(one: Color, other: Color) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Relative luminance, as WCAG 2.2 has it.
fn luminance(color: Color) -> f64 {
    let [red, green, blue] = color.map(linear);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// From sRGB to linear light (IEC 61966-2-1).
fn linear(part: f64) -> f64 {
    if part <= 0.04045 {
        part / 12.92
    } else {
        ((part + 0.055) / 1.055).powf(2.4)
    }
}

fn gamma(light: f64) -> f64 {
    if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    }
}

/// Lightness as HSL has it (CSS Color 4, section 7).
fn lightness(color: Color) -> f64 {
    let [red, green, blue] = color;
    f64::midpoint(red.max(green).max(blue), red.min(green).min(blue))
}

/// The same hue and saturation, the lightness turned around. Gmail's formula is not published; this is the usual model of it. In HSL the
/// parts of a color all move by the same amount: the turn of its lightness.
fn inverted(color: Color) -> Color {
    let turn = 1.0 - 2.0 * lightness(color);
    color.map(|part| part + turn)
}

/// L* of #333333, the ground of Outlook's dark mode.
const DARKEST: f64 = 21.247;

/// What Outlook makes of a color: in CIELAB, lightness is turned around and squeezed between that of #333333 and white
/// (`getDarkColor` of Microsoft's roosterjs-color-utils).
fn darkened(color: Color) -> Color {
    let [lightness, a, b] = lab(color);
    from_lab([
        (100.0 - lightness) * (100.0 - DARKEST) / 100.0 + DARKEST,
        a,
        b,
    ])
}

/// The white of sRGB, D65, as XYZ.
const WHITE: [f64; 3] = [0.950_47, 1.0, 1.088_83];
/// Where CIELAB's cube root gives way to a line: (6/29)³ (CIE 15).
const EDGE: f64 = 216.0 / 24_389.0;

fn lab(color: Color) -> [f64; 3] {
    let [red, green, blue] = color.map(linear);
    let root = |value: f64| {
        if value > EDGE {
            value.cbrt()
        } else {
            (24_389.0 / 27.0 * value + 16.0) / 116.0
        }
    };
    let x = root((0.412_456_4 * red + 0.357_576_1 * green + 0.180_437_5 * blue) / WHITE[0]);
    let y = root((0.212_672_9 * red + 0.715_152_2 * green + 0.072_175 * blue) / WHITE[1]);
    let z = root((0.019_333_9 * red + 0.119_192 * green + 0.950_304_1 * blue) / WHITE[2]);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

fn from_lab([lightness, red, yellow]: [f64; 3]) -> Color {
    let middle = (lightness + 16.0) / 116.0;
    let cube = |value: f64| {
        let cubed = value.powi(3);
        if cubed > EDGE {
            cubed
        } else {
            (116.0 * value - 16.0) * 27.0 / 24_389.0
        }
    };
    let [x, y, z] = [
        cube(middle + red / 500.0) * WHITE[0],
        cube(middle) * WHITE[1],
        cube(middle - yellow / 200.0) * WHITE[2],
    ];
    [
        3.240_454_2 * x - 1.537_138_5 * y - 0.498_531_4 * z,
        -0.969_266 * x + 1.876_010_8 * y + 0.041_556 * z,
        0.055_643_4 * x - 0.204_025_9 * y + 1.057_225_2 * z,
    ]
    .map(|light| gamma(light).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::super::{Template, sample};
    use super::*;
    use crate::model::newsletter::Language;

    fn check(toml: &str, css: &str) -> String {
        let template = sample::own(&format!("extends = \"broadsheet\"\n{toml}"), css).unwrap();
        let findings = template.findings().iter();
        let lines: Vec<String> = findings
            .map(|finding| format!("{}: {}", finding.place, finding.what))
            .collect();
        lines.join("\n")
    }

    #[test]
    fn what_comes_with_the_program_can_be_read_everywhere() {
        for name in Template::NAMES {
            let template = Template::built_in(name, &Language::english()).unwrap();
            assert_eq!(template.unwrap().findings(), [], "{name}");
        }
    }

    #[test]
    fn formulas_give_the_colors_seen() {
        let seen = |text| {
            let color = parse(text).unwrap();
            [darkened(color), inverted(color)]
                .map(|color| color.map(|part| format!("{:.0}", part * 255.0)).join(" "))
        };
        // White becomes #333 in Outlook, black white.
        assert_eq!(seen("#fff"), ["51 51 51", "0 0 0"]);
        assert_eq!(seen("#000"), ["255 255 255", "255 255 255"]);
        assert_eq!(seen("#0b57d0"), ["129 157 255", "47 123 244"]);
        assert!((contrast([0.0; 3], [1.0; 3]) - 21.0).abs() < 1e-9);
    }

    #[test]
    fn a_pair_too_close_is_named_in_every_view() {
        insta::assert_snapshot!(check("[colors]\nmuted = \"#8a8a8a\"\naccent = \"#00e\"\n[colors.dark]\nmuted = \"#5a5a5a\"", ""), @"
        the template's `.notice-label`: `muted` (#8a8a8a) on `box` (#f3ecdd) has a contrast of 2.93:1 in light colors, expected at least 4.5:1
        the template's `.meta`, `.credit`, `.stamp`, `.time`, `.signature`, `.line`: `muted` (#8a8a8a) on `paper` (#fffcf6) has a contrast of 3.37:1 in light colors, expected at least 4.5:1
        the template's `.meta`, `.credit`, `.stamp`, `.time`, `.signature`, `.line`: `muted` (#5a5a5a) on `paper` (#171513) has a contrast of 2.64:1 in dark colors, expected at least 4.5:1
        the template's `.notice-label`: `muted` (#5a5a5a) on `box` (#26221d) has a contrast of 2.29:1 in dark colors, expected at least 4.5:1
        the template's `.notice-label`: `muted` (#8a8a8a) on `box` (#f3ecdd) has a contrast of 2.80:1 as Outlook darkens the light colors, expected at least 4.5:1
        the template's `.meta`, `.credit`, `.stamp`, `.time`, `.signature`, `.line`: `muted` (#8a8a8a) on `paper` (#fffcf6) has a contrast of 3.24:1 as Outlook darkens the light colors, expected at least 4.5:1
        the template's `.day-line`, `.text-link`, `.label`, `.lede-label`, `.plate-label`, `.author`, `.heading`, `.rank`: `accent` (#00e) on `paper` (#fffcf6) has a contrast of 2.45:1 as Gmail inverts the light colors, expected at least 4.5:1
        the template's `.notice-label`: `muted` (#8a8a8a) on `box` (#f3ecdd) has a contrast of 3.70:1 as Gmail inverts the light colors, expected at least 4.5:1
        the template's `.meta`, `.credit`, `.stamp`, `.time`, `.signature`, `.line`: `muted` (#8a8a8a) on `paper` (#fffcf6) has a contrast of 4.39:1 as Gmail inverts the light colors, expected at least 4.5:1
        the template's `.day-line`, `.text-link`, `.label`, `.lede-label`, `.plate-label`, `.author`, `.heading`, `.rank`: `accent` (#00e) on `paper` (#fffcf6) has a contrast of 2.27:1 where only light grounds and dark text are inverted, expected at least 4.5:1
        ");
        insta::assert_snapshot!(check("", ".meta { color: #777 }\n.lede { background: #ddd }"), @"
        the template's `.meta`: `#777` on `#ddd` has a contrast of 3.29:1 in light colors, expected at least 4.5:1
        the template's `.meta`, `.credit`: `muted` (#b5ada0) on `#ddd` has a contrast of 1.63:1 in dark colors, expected at least 4.5:1
        the template's `.lede-dek`, `.lede-text`, `.link`, `.lede-link`: `ink` (#ece6da) on `#ddd` has a contrast of 1.09:1 in dark colors, expected at least 4.5:1
        the template's `.text-link`, `.lede-label`: `accent` (#f08d80) on `#ddd` has a contrast of 1.75:1 in dark colors, expected at least 4.5:1
        the template's `.credit`: `muted` (#554) on `#ddd` has a contrast of 4.22:1 as Outlook darkens the light colors, expected at least 4.5:1
        the template's `.meta`: `#777` on `#ddd` has a contrast of 2.94:1 as Outlook darkens the light colors, expected at least 4.5:1
        the template's `.text-link`, `.lede-label`: `accent` (#a11) on `#ddd` has a contrast of 3.67:1 as Outlook darkens the light colors, expected at least 4.5:1
        the template's `.meta`: `#777` on `#ddd` has a contrast of 4.48:1 as Gmail inverts the light colors, expected at least 4.5:1
        the template's `.meta`: `#777` on `#ddd` has a contrast of 4.48:1 where only light grounds and dark text are inverted, expected at least 4.5:1
        ");
    }

    #[test]
    fn a_color_that_says_nothing_is_the_one_around_it() {
        let css = "{ background: #000 } .lede { background: transparent; color: inherit } .meta { color: rgb(0, 0, 0) }";
        assert_eq!(check("", &format!(".lede {css}")), "");
        assert_ne!(check("", &format!(".story {css}")), "");
    }
}
