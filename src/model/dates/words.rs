//! The words of dates: months in the languages of our words and their neighbours, zones by name.

/// From January on, in lower case: full names, as they are in a date, and short ones. English, German, French, Spanish, Italian,
/// Portuguese, Dutch, the Nordic languages, Polish, Russian, Ukrainian, Turkish, Arabic (of Egypt and the Gulf, the Levant, the Maghreb),
/// Persian, Hebrew.
pub(super) const MONTHS: [&str; 12] = [
    "january jan januar jänner jän janvier janv enero ene gennaio gen janeiro januari stycznia styczeń sty января январь янв січня січень січ ocak oca يناير جانفي ژانویه ינואר ינו",
    "february feb februar feber février févr fév fev fevr febrero febbraio fevereiro februari lutego luty lut февраля февраль фев февр лютого лютий лют şubat şub فبراير شباط فيفري فوریه פברואר פבר",
    "march mar märz maerz mär mrz mars marzo março marco maart mrt marca marzec марта март мар березня березень бер mart مارس آذار מרץ",
    "april apr avril avr abril abr aprile kwietnia kwiecień kwi апреля апрель апр квітня квітень квіт кві nisan nis أبريل ابريل إبريل نيسان أفريل آوریل אפריל אפר",
    "may mai mayo maggio mag maio mei maja maj мая май травня травень трав тра mayıs mayis مايو أيار ماي مه מאי",
    "june jun juni juin junio giugno giu junho czerwca czerwiec cze июня июнь июн червня червень черв чер haziran haz يونيو حزيران جوان ژوئن יוני יונ",
    "july jul juli juillet juil julio luglio lug julho lipca lipiec lip июля июль июл липня липень temmuz tem يوليو يوليوز تموز جويلية ژوئیه ژوییه جولای יולי יול лип",
    "august aug août aout agosto ago augustus augusti sierpnia sierpień sie августа август авг серпня серпень серп сер ağustos agustos ağu أغسطس اغسطس آب أوت غشت اوت آگوست אוגוסט אוג",
    "september sep sept septembre septiembre setiembre settembre set setembro września wrzesień wrz сентября сентябрь сен сент вересня вересень вер eylül eyl سبتمبر أيلول شتنبر سپتامبر ספטמבר ספט",
    "october oct oktober okt octobre octubre ottobre ott outubro out października październik paź октября октябрь окт жовтня жовтень жовт жов ekim eki أكتوبر اكتوبر اکتبر אוקטובר אוק",
    "november nov novembre noviembre novembro listopada listopad lis ноября ноябрь ноя нояб листопада листопад лист лис kasım kasim kas نوفمبر نونبر نوامبر נובמבר נוב",
    "december dec dezember dez décembre déc diciembre dic dicembre dezembro desember des grudnia grudzień gru декабря декабрь дек грудня грудень груд гру aralık aralik ara ديسمبر دجنبر دسامبر דצמבר דצמ",
];

/// The months of the Persian calendar, from the spring equinox on.
pub(super) const PERSIAN_MONTHS: [&str; 12] = [
    "فروردین",
    "اردیبهشت",
    "خرداد",
    "تیر",
    "مرداد",
    "شهریور",
    "مهر",
    "آبان",
    "آذر",
    "دی",
    "بهمن",
    "اسفند",
];

/// Words before noon and after it, without points and accents. Chinese and Japanese write them in one word with others.
pub(super) const FORENOON: [&str; 14] = [
    "am",
    "ص",
    "صباحا",
    "öö",
    "قظ",
    "дп",
    "לפנהצ",
    "בבוקר",
    "vorm",
    "午前",
    "上午",
    "凌晨",
    "早上",
    "오전",
];
pub(super) const AFTERNOON: [&str; 14] = [
    "pm", "م", "مساء", "ös", "بظ", "пп", "אחהצ", "בערב", "nachm", "午後", "下午", "晚上", "傍晚",
    "오후",
];

/// The year before the first of an era.
pub(super) const ERAS: [(&str, u32); 4] = [
    ("令和", 2018),
    ("平成", 1988),
    ("民國", 1911),
    ("民国", 1911),
];

/// Zones by name, in minutes east, where only one zone of that name is likely in a feed.
pub(super) const ZONES: &[(&str, i32)] = &[
    ("gmt", 0),
    ("utc", 0),
    ("ut", 0),
    ("z", 0),
    ("wet", 0),
    ("west", 60),
    ("bst", 60),
    ("wat", 60),
    ("cet", 60),
    ("mez", 60),
    ("hnec", 60),
    ("cest", 120),
    ("mesz", 120),
    ("haec", 120),
    ("cat", 120),
    ("sast", 120),
    ("eet", 120),
    ("eest", 180),
    ("idt", 180),
    ("eat", 180),
    ("msk", 180),
    ("мск", 180),
    ("trt", 180),
    ("irst", 210),
    ("gst", 240),
    ("samt", 240),
    ("pkt", 300),
    ("yekt", 300),
    ("ist", 330),
    ("npt", 345),
    ("ict", 420),
    ("wib", 420),
    ("awst", 480),
    ("hkt", 480),
    ("myt", 480),
    ("pht", 480),
    ("sgt", 480),
    ("wita", 480),
    ("jst", 540),
    ("kst", 540),
    ("wit", 540),
    ("acst", 570),
    ("aest", 600),
    ("chst", 600),
    ("acdt", 630),
    ("aedt", 660),
    ("nzst", 720),
    ("nzdt", 780),
    ("nst", -210),
    ("ndt", -150),
    ("art", -180),
    ("brt", -180),
    ("uyt", -180),
    ("adt", -180),
    ("ast", -240),
    ("clt", -240),
    ("vet", -240),
    ("edt", -240),
    ("est", -300),
    ("cot", -300),
    ("pet", -300),
    ("cdt", -300),
    ("cst", -360),
    ("mdt", -360),
    ("mst", -420),
    ("pdt", -420),
    ("pst", -480),
    ("akdt", -480),
    ("akst", -540),
    ("hst", -600),
];

/// Names of zones whose offset depends on the day.
pub(super) const ZONE_RULES: [(&str, &str); 4] = [
    ("et", "America/New_York"),
    ("ct", "America/Chicago"),
    ("mt", "America/Denver"),
    ("pt", "America/Los_Angeles"),
];

/// Whether what follows a number says that it is an hour.
pub(super) fn says_hour(text: &str) -> bool {
    let word: String = text
        .chars()
        .take_while(|c| c.is_alphabetic() || *c == '.')
        .filter(|c| *c != '.')
        .flat_map(char::to_lowercase)
        .collect();
    ["am", "pm", "uhr", "uur"].contains(&word.as_str())
}

pub(super) fn is_one_of(word: &str, words: &[&str], after_clock: bool) -> bool {
    words.iter().any(|one| {
        // Those of Chinese, Japanese and Korean come before the clock, in one word with others.
        let is_han = one.chars().all(|c| c >= '\u{2e80}');
        if is_han {
            word.ends_with(one)
        } else {
            after_clock && word == *one
        }
    })
}

/// An abbreviation where a zone would be.
pub(super) fn looks_like_zone(word: &str) -> bool {
    let is_one = |word: &str| {
        (2..=5).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase())
    };
    word.split('/').all(is_one)
}

/// The month of that name, and whether it is a Persian one.
pub(super) fn month(word: &str) -> Option<(u32, bool)> {
    // Hebrew writes "in" and the month as one word.
    let bare = word.strip_prefix('ב').unwrap_or(word);
    let known = |name: &str| name == word || name == bare;
    let mut ours = (1..).zip(MONTHS);
    let mut persian = (1..).zip(PERSIAN_MONTHS);
    ours.find_map(|(number, names)| names.split(' ').any(known).then_some((number, false)))
        .or_else(|| persian.find_map(|(number, name)| known(name).then_some((number, true))))
}
