//! The shapes counts come in: CSV of any separator and JSON of any wrapping, as rows of the same three cells.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::model::line::Line;

/// The cells of one row, as written.
pub(super) struct Row<'a> {
    /// Its line in a CSV file, its number from 1 in a JSON list.
    pub(super) at: u64,
    pub(super) url: Cow<'a, str>,
    pub(super) number: Cow<'a, str>,
    /// What the number is: the same in all rows.
    pub(super) figure: Figure,
    pub(super) time: Option<Cow<'a, str>>,
}

/// What a table has next.
pub(super) enum Found<'a> {
    Row(Row<'a>),
    /// The row in this line does not end within a bound.
    TooLong(u64),
    /// The last day it is of, as the lines above it say; comes before all rows.
    LastDay(&'a str),
}

/// What a table says of a page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Figure {
    Views,
    /// Its place in a most-read list; only where there are no views.
    Rank,
}

/// What [`Row::at`] counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Csv,
    Json,
}

/// Column names, compared without case, `_` and `-`, the best first. From Plausible (`name`, `page`), Matomo (`label`, `url`, `nb_hits`), GA4
/// (`Page path and screen class`, `Page location`, `Views`, `dateHour`), Umami (`x`, `y`, `url`), and what people call them; of GA4 and
/// Matomo also in German, French, Spanish, Italian and Portuguese.
const URL: &[&str] = &[
    "url",
    "page location",
    "full page url",
    "fullpageurl",
    "metadata: url",
    "metadaten: url",
    "métadonnées: url",
    "metadatos: url",
    "metadati: url",
    "metadados: url",
    "link",
    "address",
    "page url",
    "seiten url",
    "seitenadresse",
    "seitenstandort",
    "url de la page",
    "adresse de la page",
    "emplacement de la page",
    "url de la página",
    "ubicación de la página",
    "ubicación de página",
    "url della pagina",
    "url pagina",
    "posizione pagina",
    "posizione della pagina",
    "url da página",
    "localização da página",
    "local da página",
    "page path and screen class",
    "seitenpfad und bildschirmklasse",
    "chemin de la page et classe de l'écran",
    "chemin de page et classe d'écran",
    "ruta de página y clase de pantalla",
    "ruta de la página y clase de pantalla",
    "percorso pagina e classe schermata",
    "percorso pagina e classe schermo",
    "percorso della pagina e classe schermata",
    "caminho da página e classe da tela",
    "caminho da página e classe de tela",
    "caminho da página e classe do ecrã",
    "page path + query string",
    "seitenpfad + abfragestring",
    "seitenpfad und abfragestring",
    "chemin de la page + chaîne de requête",
    "ruta de página + cadena de consulta",
    "percorso pagina + stringa di query",
    "caminho da página + string de consulta",
    "page path",
    "pagepath",
    "seitenpfad",
    "chemin de la page",
    "ruta de página",
    "ruta de la página",
    "percorso pagina",
    "percorso della pagina",
    "caminho da página",
    "path",
    "page",
    "seite",
    "página",
    "pagina",
    "request",
    "label",
    "bezeichnung",
    "libellé",
    "etiqueta",
    "etichetta",
    "rótulo",
    "name",
    "x",
];
const VIEWS: &[&str] = &[
    "views",
    "pageviews",
    "page views",
    "screenpageviews",
    "aufrufe",
    "seitenaufrufe",
    "seitenansichten",
    "vues",
    "vues de page",
    "vues de pages",
    "pages vues",
    "vistas",
    "vistas de página",
    "vistas de páginas",
    "páginas vistas",
    "visualizaciones",
    "visualizaciones de página",
    "visualizaciones de páginas",
    "visualizzazioni",
    "visualizzazioni di pagina",
    "visualizzazioni di pagine",
    "visualizzazioni pagina",
    "visualizzazioni della pagina",
    "visualizações",
    "visualizações de página",
    "visualizações de páginas",
    "visualizações da página",
    "nb hits",
    "hits",
    "count",
    "y",
    "nb visits",
    "visits",
    "besuche",
    "visites",
    "visitas",
    "visite",
    "visitors",
    "unique visitors",
    "users",
    "active users",
    "aktive nutzer",
    "utilisateurs actifs",
    "usuarios activos",
    "utenti attivi",
    "usuários ativos",
    "utilizadores ativos",
    "total users",
    "nb uniq visitors",
];
/// Not `position`: in Search Console's export it is that among the results of a search.
const RANK: &[&str] = &[
    "rank",
    "ranking",
    "place",
    "#",
    "rang",
    "platz",
    "puesto",
    "posto",
    "posição",
];
const TIME: &[&str] = &[
    "time",
    "timestamp",
    "datetime",
    "date time",
    "date hour",
    "datehour",
    "date + hour (yyyymmddhh)",
    "datum + stunde (jjjjmmtthh)",
    "date + heure (aaaammjjhh)",
    "fecha + hora (aaaammddhh)",
    "fecha y hora (aaaammddhh)",
    "data + ora (aaaammgghh)",
    "data e ora (aaaammgghh)",
    "data + hora (aaaammddhh)",
    "data e hora (aaaammddhh)",
    "zeit",
    "uhrzeit",
    "hour",
    "stunde",
    "heure",
    "hora",
    "ora",
    "date",
    "datum",
    "fecha",
    "data",
    "period",
    "zeitraum",
    "période",
    "periodo",
    "período",
    "day",
    "tag",
    "jour",
    "día",
    "giorno",
    "dia",
];
/// Of these, the ones that name a day and those that name an hour of it.
const DAY: &[&str] = &[
    "date", "day", "datum", "tag", "jour", "fecha", "día", "data", "giorno", "dia",
];
const HOUR: &[&str] = &["hour", "stunde", "heure", "hora", "ora"];

/// What the newsroom calls its columns, or the keys of its JSON. Those of which no name is given are found by the names that are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Of the addresses.
    pub url: Option<Line>,
    /// Of the views.
    pub views: Option<Line>,
    /// Of the times.
    pub time: Option<Line>,
}

/// A row longer than this, in octets, is none: a quote was opened in it and never closed.
const MAX_ROW: usize = 10_000;
/// After so many of those, quotes are taken as they are written: each costs a walk to the end of the file.
const OPEN_QUOTES: usize = 10;
/// So many lines that are not empty may stand above a table: titles, comments, the separator that Excel used.
const MAX_PREAMBLE: usize = 40;
/// A longer line is no header, in octets.
const MAX_HEADER: usize = 10_000;

/// Calls `each` with every row of `text`.
///
/// # Errors
/// The whole is of no form that is understood; says what was expected and found.
pub(super) fn rows(
    text: &str,
    given: &Names,
    mut each: impl FnMut(Found<'_>),
) -> Result<Shape, String> {
    match text.trim_start().as_bytes().first() {
        None => Err("expected a table, but it is empty".to_owned()),
        Some(b'<') => {
            Err("expected a table, but found a page: does its address ask for a log-in?".to_owned())
        }
        Some(b'{' | b'[') => from_json(text, given, &mut each).map(|()| Shape::Json),
        Some(_) => from_csv(text, given, &mut each).map(|()| Shape::Csv),
    }
}

/// Which of the columns is which, by number.
struct Columns {
    url: usize,
    number: usize,
    figure: Figure,
    time: Option<usize>,
    /// A second column with the hour of the day, where `time` is the day.
    hour: Option<usize>,
}

fn columns(names: &[&str], given: &Names) -> Option<Columns> {
    let plain: Vec<String> = names.iter().map(|name| self::plain(name)).collect();
    let called = |wanted: &str| plain.iter().position(|name| name == wanted);
    let find = |wanted: &[&str]| wanted.iter().find_map(|wanted| called(wanted));
    let chosen = |given: &Option<Line>, known: &[&str]| match given {
        Some(name) => called(&self::plain(name.as_str())),
        None => find(known),
    };
    let day = find(DAY).filter(|_| given.time.is_none());
    let hour = day.and(find(HOUR));
    let (number, figure) = match chosen(&given.views, VIEWS) {
        Some(views) => (views, Figure::Views),
        None if given.views.is_some() => return None,
        None => (find(RANK)?, Figure::Rank),
    };
    let time = chosen(&given.time, TIME);
    if given.time.is_some() && time.is_none() {
        return None;
    }
    Some(Columns {
        url: chosen(&given.url, URL)?,
        number,
        figure,
        time: hour.and(day).or(time),
        hour,
    })
}

/// What is expected and was not found, with the way to say it.
fn unknown(columns: &str, given: &Names, found: &str) -> String {
    let named = [&given.url, &given.views, &given.time];
    let named: Vec<&str> = named.into_iter().flatten().map(Line::as_str).collect();
    let found = Line::clean_to(found, 80);
    if named.is_empty() {
        format!(
            "expected {columns} such as `url` and `views`, but found `{found}`: \
             name them in its `[[readership]]`, as in `url = \"Page\"` and `views = \"Hits\"`"
        )
    } else {
        let named = named.join("`, `");
        format!("expected {columns} `{named}`, but found `{found}`")
    }
}

impl Columns {
    /// The row whose cells `cell` gives by number.
    fn row<'a>(&self, at: u64, cell: impl Fn(usize) -> Option<&'a str>) -> Row<'a> {
        let cell = |column: usize| cell(column).map(Cow::Borrowed);
        Row {
            at,
            url: cell(self.url).unwrap_or_default(),
            number: cell(self.number).unwrap_or_default(),
            figure: self.figure,
            time: self
                .time
                .map(|time| joined(cell(time), self.hour.and_then(cell)).unwrap_or_default()),
        }
    }
}

fn plain(name: &str) -> String {
    let words: Vec<&str> = name
        .split(|c: char| c.is_whitespace() || c == '_' || c == '-')
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ").to_lowercase().replace('’', "'")
}

/// Joins a day and an hour of it (`6`, `06`, `06:00`); a whole time in the hour's column stands for itself.
fn joined<'a>(time: Option<Cow<'a, str>>, hour: Option<Cow<'a, str>>) -> Option<Cow<'a, str>> {
    match (time, hour) {
        (Some(day), Some(hour)) if hour.len() <= 2 => {
            Some(Cow::Owned(format!("{day} {hour:0>2}:00")))
        }
        (Some(day), Some(hour)) if hour.len() <= 8 => Some(Cow::Owned(format!("{day} {hour}"))),
        (_, Some(hour)) => Some(hour),
        (time, None) => time,
    }
}

fn reader(separator: u8, quoting: bool, text: &str) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .quoting(quoting)
        .delimiter(separator)
        .flexible(true)
        .has_headers(false)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes())
}

/// The last of the days that remarks above a table name, as GA4 writes them: `# Start date: 20260110`.
fn last_day(above: &str) -> Option<&str> {
    let remarks = above.lines().map(|line| line.trim().trim_matches('"'));
    let remarks = remarks.filter(|line| line.starts_with('#'));
    let words = remarks.flat_map(|line| line.split(|c: char| !c.is_ascii_digit() && c != '-'));
    let ranges = words.flat_map(|word| match word.split_once('-') {
        // `20260101-20260110`
        Some((first, last)) if first.len() == 8 => [first, last],
        _ => [word, ""],
    });
    let is_day = |text: &&str| {
        let dashes = text.match_indices('-').map(|(at, _)| at);
        let dashed = text.len() == 10 && dashes.eq([4, 7]);
        text.starts_with("20") && (dashed || (text.len() == 8 && !text.contains('-')))
    };
    let mut days: Vec<&str> = ranges.filter(is_day).collect();
    days.sort_by_key(|day| day.replace('-', ""));
    // Of a first day alone it is not known what it was counted up to.
    days.pop().filter(|_| !days.is_empty())
}

fn from_csv(text: &str, given: &Names, each: &mut impl FnMut(Found<'_>)) -> Result<(), String> {
    let header = |line: &str| {
        b",;\t|".iter().find_map(|&separator| {
            let mut names = csv::StringRecord::new();
            reader(separator, true, line).read_record(&mut names).ok()?;
            Some((
                separator,
                columns(&names.iter().collect::<Vec<_>>(), given)?,
            ))
        })
    };
    let end = if text.contains('\n') { '\n' } else { '\r' };
    let mut start = 0;
    let mut lines = text
        .split_inclusive(end)
        .inspect(|line| start += line.len())
        .filter(|line| line.len() <= MAX_HEADER && !line.trim().is_empty())
        .take(MAX_PREAMBLE);
    let found = lines.find_map(header);
    let Some((separator, columns)) = found else {
        let mut lines = text.split(end).map(str::trim);
        let first = lines
            .find(|line| !line.is_empty() && !line.starts_with('#') && !line.starts_with("sep="));
        return Err(unknown("columns", given, first.unwrap_or_default()));
    };
    if let Some(day) = last_day(&text[..start]) {
        each(Found::LastDay(day));
    }
    let mut above = text[..start].matches(end).count() as u64;
    let mut open_quotes = 0;
    let mut record = csv::StringRecord::new();
    'again: loop {
        let rest = &text[start..];
        let mut reader = reader(separator, open_quotes < OPEN_QUOTES, rest);
        // Reading from memory text that is UTF-8 cannot fail; if it did, what was read so far is taken.
        while let Ok(true) = reader.read_record(&mut record) {
            let place = record.position();
            let at = above + place.map_or(0, csv::Position::line);
            let begins = place.and_then(|place| usize::try_from(place.byte()).ok());
            if record.as_slice().len() > MAX_ROW
                && let Some(line) = begins.and_then(|begins| rest.get(begins..))
            {
                each(Found::TooLong(at));
                // The row's own line is lost, not what follows it.
                let line = line.trim_start_matches(['\r', '\n']);
                let next = line.find(end).map_or(line.len(), |end| end + 1);
                start += rest.len() - line.len() + next;
                above = at;
                open_quotes += 1;
                continue 'again;
            }
            each(Found::Row(columns.row(at, |column| record.get(column))));
        }
        return Ok(());
    }
}

fn from_json(text: &str, given: &Names, each: &mut impl FnMut(Found<'_>)) -> Result<(), String> {
    let mut objects = Objects {
        given,
        each,
        at: 0,
        in_list: false,
        first: Vec::new(),
        columns: None,
    };
    let mut json = serde_json::Deserializer::from_str(text);
    // One list as a rule; one object after another is JSON Lines.
    while json.end().is_err() {
        Walk(Place::Top, &mut objects)
            .deserialize(&mut json)
            .map_err(|error| format!("expected JSON, but {error}"))?;
    }
    if objects.columns.is_some() {
        return Ok(());
    }
    Err(if !objects.in_list {
        "expected a JSON list of objects, alone or as `results`, `data` or `rows`".to_owned()
    } else if objects.at == 0 {
        "expected objects in the JSON list, but it is empty".to_owned()
    } else if objects.first.is_empty() {
        "expected objects in the JSON list, but found none".to_owned()
    } else {
        unknown("keys", given, &objects.first.join("`, `"))
    })
}

/// The objects of a JSON file, handed on one at a time: the whole as a tree would take ten times the memory of the text.
struct Objects<'a, F> {
    given: &'a Names,
    each: &'a mut F,
    at: u64,
    in_list: bool,
    /// The names in the first object.
    first: Vec<String>,
    /// By the names in the first object that has all.
    columns: Option<(Columns, Vec<String>)>,
}

impl<F: FnMut(Found<'_>)> Objects<'_, F> {
    fn take(&mut self, cells: &[(String, Option<String>)]) {
        let names = || cells.iter().map(|(name, _)| name.clone()).collect();
        if self.first.is_empty() {
            self.first = names();
        }
        if self.columns.is_none() {
            let found: Vec<&str> = cells.iter().map(|(name, _)| name.as_str()).collect();
            self.columns = columns(&found, self.given).map(|columns| (columns, names()));
        }
        if let Some((columns, names)) = &self.columns {
            (self.each)(Found::Row(columns.row(self.at + 1, |column| {
                let cell = cells.iter().find(|(name, _)| *name == names[column]);
                cell?.1.as_deref()
            })));
        }
    }
}

/// Where in the file a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    List,
    Item,
    Cell,
}

/// Walks a value, and gives its text if it is one of a cell. A number in JSON has no thousands: it is rounded, so that `1.204` is one view.
struct Walk<'w, 'a, F>(Place, &'w mut Objects<'a, F>);

impl<'de, F: FnMut(Found<'_>)> DeserializeSeed<'de> for Walk<'_, '_, F> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de, F: FnMut(Found<'_>)> Visitor<'de> for Walk<'_, '_, F> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(format!("{number:.0}")))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let Self(place, objects) = self;
        if matches!(place, Place::Item | Place::Cell) {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(None);
        }
        objects.in_list = true;
        while list
            .next_element_seed(Walk(Place::Item, objects))?
            .is_some()
        {
            objects.at += 1;
        }
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let Self(place, objects) = self;
        let mut cells = Vec::new();
        while let Some(name) = object.next_key::<String>()? {
            let within = match (place, &*name) {
                (Place::Top, "results" | "data" | "rows") => Place::List,
                _ => Place::Cell,
            };
            let cell = object.next_value_seed(Walk(within, objects))?;
            if place != Place::Cell {
                cells.push((name, cell));
            }
        }
        match place {
            Place::Item => objects.take(&cells),
            Place::Top if !objects.in_list => {
                objects.take(&cells);
                objects.at += 1;
            }
            _ => {}
        }
        Ok(None)
    }
}
