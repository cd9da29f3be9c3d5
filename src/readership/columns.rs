//! Which of a table's columns is which, by their names in whatever program wrote them.

use std::borrow::Cow;

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

/// What a table says of a page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Figure {
    Views,
    /// Its place in a most-read list; only where there are no views.
    Rank,
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
    "url della pagina",
    "url pagina",
    "posizione pagina",
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

/// Which of the columns is which, by number.
pub(super) struct Columns {
    url: usize,
    number: usize,
    figure: Figure,
    time: Option<usize>,
    /// A second column with the hour of the day, where `time` is the day.
    hour: Option<usize>,
    /// The words of a link that brought the readers (`utm_source` and its like), kept apart from the address.
    words: Vec<(usize, String)>,
}

pub(super) fn columns(names: &[&str], given: &Names) -> Option<Columns> {
    let plain: Vec<String> = names.iter().map(|name| self::plain(name)).collect();
    let called = |wanted: &str| {
        let exactly = plain.iter().position(|name| name == wanted);
        exactly.or_else(|| plain.iter().position(|name| bare(name) == bare(wanted)))
    };
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
        words: (0..)
            .zip(&plain)
            .filter(|(_, name)| name.starts_with("utm "))
            .map(|(column, name)| (column, name.replace(' ', "_")))
            .collect(),
    })
}

/// What is expected and was not found, with the way to say it.
pub(super) fn unknown(columns: &str, given: &Names, found: &str) -> String {
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
    pub(super) fn row<'a>(&self, at: u64, cell: impl Fn(usize) -> Option<&'a str>) -> Row<'a> {
        let cell = |column: usize| cell(column).map(Cow::Borrowed);
        Row {
            at,
            url: self
                .words
                .iter()
                .fold(cell(self.url).unwrap_or_default(), |url, (column, name)| {
                    with_pair(url, name, &cell(*column).unwrap_or_default())
                }),
            number: cell(self.number).unwrap_or_default(),
            figure: self.figure,
            time: self
                .time
                .map(|time| joined(cell(time), self.hour.and_then(cell)).unwrap_or_default()),
        }
    }
}

/// The address with one more pair in its query.
fn with_pair<'a>(url: Cow<'a, str>, name: &str, value: &str) -> Cow<'a, str> {
    if matches!(value, "" | "(not set)" | "(none)") {
        return url;
    }
    let (page, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
    let mark = if page.contains('?') { '&' } else { '?' };
    let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    format!("{page}{mark}{name}={value}{fragment}").into()
}

fn plain(name: &str) -> String {
    let words: Vec<&str> = name
        .split(|c: char| c.is_whitespace() || c == '_' || c == '-')
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ").to_lowercase().replace('’', "'")
}

/// Without articles: programs write `URL de página` and `URL de la página`.
fn bare(name: &str) -> String {
    const ARTICLES: [&str; 14] = [
        "de", "la", "el", "las", "los", "du", "des", "le", "les", "da", "do", "della", "delle",
        "di",
    ];
    let words = name.split(' ').filter(|word| !ARTICLES.contains(word));
    words.collect::<Vec<_>>().join(" ")
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
