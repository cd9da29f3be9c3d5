//! What a word says about whether somebody may be mailed: the words of list programs, in the languages of `templates/words`.
//!
//! A column is known by its header (`Status`, `Unsubscribed`, `abgemeldet_am`), a value by itself (`cleaned`, `désabonné`). What is not known
//! here is nobody's guess: the import ends and asks.

use chrono::NaiveDate;

use super::when;
use crate::model::subscriber::Suppression;

/// Whether somebody may be mailed, by a foreign list. Of several words about one person the last in this order counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Subscribed,
    /// Never agreed, or did not confirm yet.
    Unconfirmed,
    /// Taken off by whoever kept the list.
    Suppressed,
    Left,
    Bounced,
    Complained,
}

impl Standing {
    const NAMES: [(&str, Self); 6] = [
        ("subscribed", Self::Subscribed),
        ("unconfirmed", Self::Unconfirmed),
        ("suppressed", Self::Suppressed),
        ("left", Self::Left),
        ("bounced", Self::Bounced),
        ("complained", Self::Complained),
    ];

    /// The standing of that name, as a person writes it behind `--means`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let found = Self::NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, standing)| *standing)
    }

    /// Why such a person is on the suppression list; `None`: they are not put on it.
    #[must_use]
    pub const fn suppression(self) -> Option<Suppression> {
        match self {
            Self::Subscribed | Self::Unconfirmed => None,
            Self::Suppressed => Some(Suppression::ByHand),
            Self::Left => Some(Suppression::Unsubscribed),
            Self::Bounced => Some(Suppression::Bounced),
            Self::Complained => Some(Suppression::Complained),
        }
    }
}

/// What a column says of a person, known by its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaks {
    /// A word: `active`, `bounced`.
    Word,
    /// Yes, or a day: may be mailed. No: this.
    Yes(Standing),
    /// Yes, or a day: this. No, or nothing: the column says nothing.
    Gone(Standing),
    /// Any text, or a day however it is written: this. Nothing: the column says nothing.
    Text(Standing),
    /// A day: confirmed. Nothing: not yet.
    Confirmed,
    /// A word or yes and no, if all its values are such; else free text that says nothing.
    Perhaps,
    /// Nothing by its header; its values may be such words all the same.
    Told,
}

/// Small letters and digits without accents; everything else parts words, and so does a capital after a small letter.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small = false;
    for c in text.chars() {
        if !c.is_alphanumeric() || small && c.is_uppercase() {
            words.push(String::new());
        }
        small = c.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase().filter(|c| c.is_alphanumeric()).map(plain));
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The letter without its accent.
fn plain(c: char) -> char {
    match c {
        'à'..='å' | 'ą' | 'ă' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'è'..='ë' | 'ę' | 'ě' => 'e',
        'ì'..='ï' | 'ı' => 'i',
        'ñ' | 'ń' => 'n',
        'ò'..='ö' | 'ø' => 'o',
        'ù'..='ü' => 'u',
        'ł' => 'l',
        'ś' | 'ş' | 'š' => 's',
        'ź' | 'ż' | 'ž' => 'z',
        'ğ' => 'g',
        'ё' => 'е',
        other => other,
    }
}

/// Headers about something else than email, whatever else they say.
const ELSEWHERE: [&str; 11] = [
    "sms", "whatsapp", "phone", "mobile", "push", "telegram", "url", "link", "token", "hash",
    "stripe",
];

/// Parts of headers whose column says that somebody is not to be mailed.
const GONE: &[(Standing, &[&str])] = &[
    (
        Standing::Unconfirmed,
        &[
            "unconfirmed",
            "notconfirmed",
            "unverified",
            "notverified",
            "nonsubscri",
            "neversubscri",
            "pending",
            "unbestatigt",
            "nonconfirm",
            "nichtbestatigt",
        ],
    ),
    (
        Standing::Complained,
        &[
            "complain",
            "spam",
            "junk",
            "abuse",
            "beschwerde",
            "plainte",
            "queja",
            "reclam",
            "skarg",
            "жалоб",
            "скарг",
            "klacht",
            "sikayet",
            "شكوى",
            "تלونה",
            "שکایت",
            "苦情",
            "投诉",
            "投訴",
        ],
    ),
    (
        Standing::Bounced,
        &[
            "bounc",
            "cleaned",
            "cleantime",
            "cleandate",
            "cleancampaign",
            "undeliverable",
            "unzustellbar",
            "rebot",
            "rebond",
            "rimbalz",
            "odbit",
            "возврат",
            "недостав",
            "geweigerd",
            "invalid",
            "ungultig",
            "退信",
            "退回",
            "バウンス",
        ],
    ),
    (
        Standing::Suppressed,
        &[
            "suppress",
            "donotmail",
            "donotemail",
            "donotcontact",
            "donotsend",
            "nomail",
            "dnc",
            "exclu",
            "sperr",
            "gesperrt",
            "ausgeschlossen",
        ],
    ),
    (
        Standing::Left,
        &[
            "unsub",
            "optout",
            "optedout",
            "optsout",
            "optingout",
            "blacklist",
            "blocklist",
            "denylist",
            "blocked",
            "deleted",
            "removed",
            "disabled",
            "deactivat",
            "cancel",
            "archiv",
            "inactiv",
            "notactive",
            "churn",
            "notsubscribed",
            "stoptime",
            "abgemeldet",
            "abmeld",
            "abbestell",
            "ausgetragen",
            "geloscht",
            "inaktiv",
            "gekundigt",
            "widerruf",
            "desabonn",
            "desinscri",
            "desinscrit",
            "supprim",
            "resili",
            "bloque",
            "desuscri",
            "cancelad",
            "debaja",
            "fechabaja",
            "fechadebaja",
            "eliminad",
            "inattiv",
            "disiscr",
            "disattiv",
            "cancellat",
            "descadastr",
            "inativ",
            "removid",
            "uitgeschreven",
            "afgemeld",
            "uitschrijf",
            "opgezegd",
            "verwijderd",
            "wypisan",
            "nieaktywn",
            "usuniet",
            "rezygnac",
            "отпис",
            "неактив",
            "удален",
            "відпис",
            "видален",
            "abonelikten",
            "pasif",
            "silindi",
            "iptal",
            "الغاء",
            "إلغاء",
            "ملغى",
            "لغو",
            "ביטל",
            "בוטל",
            "הסרה",
            "הוסר",
            "解除",
            "退会",
            "停止",
            "退订",
            "取消",
            "退訂",
            "注销",
            "黑名单",
            "黑名單",
        ],
    ),
];

/// Parts of headers whose column says that somebody may be mailed, and what its `no` means.
const FINE: &[(Standing, &[&str])] = &[
    (
        Standing::Unconfirmed,
        &[
            "confirm",
            "verifi",
            "doubleopt",
            "activated",
            "bestatigt",
            "potwierdz",
            "подтвер",
            "підтвер",
            "bevestig",
            "onay",
            "مؤكد",
            "تأیید",
            "אושר",
            "確認",
            "确认",
            "確認済",
        ],
    ),
    (
        Standing::Bounced,
        &[
            "deliverable",
            "isvalid",
            "validemail",
            "emailvalid",
            "zustellbar",
        ],
    ),
    (
        Standing::Left,
        &[
            "subscribed",
            "issubscri",
            "optin",
            "optedin",
            "isactive",
            "enabled",
            "accepts",
            "mailable",
            "canemail",
            "angemeldet",
            "abonniert",
            "istaktiv",
            "abonne",
            "inscrit",
            "suscrit",
            "iscritt",
            "assinante",
            "inscrito",
            "ingeschreven",
            "geabonneerd",
            "zapisan",
            "подписан",
            "підписан",
            "aboneler",
            "مشترك",
            "مشترک",
            "רשום",
            "購読",
            "已订阅",
            "已訂閱",
        ],
    ),
];

/// Whole headers of the same kind, too short to be looked for as parts.
const FINE_WORDS: [&str; 10] = [
    "active",
    "aktiv",
    "actif",
    "activo",
    "attivo",
    "ativo",
    "actief",
    "aktywny",
    "aktif",
    "subscription",
];

const WORD: &[&str] = &[
    "status",
    "statut",
    "estado",
    "estatus",
    "stato",
    "zustand",
    "situacao",
    "durum",
    "статус",
    "состояние",
    "حالة",
    "وضعیت",
    "סטטוס",
    "מצב",
    "状態",
    "状态",
    "狀態",
    "ステータス",
    "standing",
];

/// What the column of that header says of a person; `None`: nothing that is known.
pub(super) fn header(text: &str) -> Option<Speaks> {
    let words = words(text);
    let joined = words.concat();
    let has = |parts: &[&str]| parts.iter().any(|part| joined.contains(part));
    let is = |word: &str| words.iter().any(|one| one == word);
    if ELSEWHERE.iter().any(|part| joined.contains(part))
        || joined == "id"
        || is("ip")
        || words.last().is_some_and(|word| word == "id")
    {
        return None;
    }
    let day = [
        "time",
        "date",
        "at",
        "on",
        "datum",
        "am",
        "fecha",
        "data",
        "le",
        "when",
        "ts",
        "timestamp",
        "дата",
        "tarih",
        "日",
        "日付",
        "日期",
    ]
    .iter()
    .any(|word| is(word));
    let told = [
        "reason", "title", "campaign", "comment", "note", "feedback", "grund", "raison", "motivo",
    ]
    .iter()
    .any(|word| is(word));
    if has(WORD) || is("state") || is("стан") || joined == "etat" {
        return Some(Speaks::Word);
    }
    let kinds = [
        "contact",
        "subscriber",
        "member",
        "subscription",
        "user",
        "list",
        "suppression",
        "event",
        "bounce",
    ];
    if joined == "type" || words.len() == 2 && words[1] == "type" && kinds.contains(&&*words[0]) {
        return Some(Speaks::Word);
    }
    // A later word of the list is the stronger one: `spam complaint unsubscribed`.
    if let Some((standing, _)) = GONE.iter().find(|(_, parts)| has(parts)) {
        return Some(if day || told {
            Speaks::Text(*standing)
        } else {
            Speaks::Gone(*standing)
        });
    }
    if is("left") {
        return Some(if day {
            Speaks::Text(Standing::Left)
        } else {
            Speaks::Gone(Standing::Left)
        });
    }
    if [
        "consent",
        "permission",
        "einwilligung",
        "zustimmung",
        "consentement",
        "consentimiento",
        "consenso",
        "consentimento",
        "toestemming",
        "zgoda",
        "согласие",
        "згода",
        "gdpr",
        "dsgvo",
        "rgpd",
    ]
    .iter()
    .any(|part| joined.contains(part))
    {
        return Some(Speaks::Perhaps);
    }
    if let Some((standing, _)) = FINE.iter().find(|(_, parts)| has(parts)) {
        let how = ["source", "method", "page", "form", "by", "via"];
        return match (standing, day || how.iter().any(|word| is(word))) {
            (Standing::Unconfirmed, true) => Some(Speaks::Confirmed),
            (_, true) => None,
            _ => Some(Speaks::Yes(*standing)),
        };
    }
    FINE_WORDS
        .contains(&&*joined)
        .then_some(Speaks::Yes(Standing::Left))
}

const YES: &[&str] = &[
    "true",
    "t",
    "yes",
    "y",
    "1",
    "on",
    "x",
    "checked",
    "ja",
    "j",
    "wahr",
    "oui",
    "o",
    "vrai",
    "si",
    "s",
    "verdadero",
    "vero",
    "sim",
    "verdadeiro",
    "waar",
    "tak",
    "prawda",
    "да",
    "истина",
    "так",
    "evet",
    "dogru",
    "نعم",
    "بله",
    "כן",
    "はい",
    "是",
    "✓",
    "✔",
];
const NO: &[&str] = &[
    "false",
    "f",
    "no",
    "n",
    "0",
    "off",
    "nein",
    "falsch",
    "non",
    "faux",
    "falso",
    "nao",
    "nee",
    "onwaar",
    "nie",
    "falsz",
    "нет",
    "ложь",
    "ні",
    "hayir",
    "yanlis",
    "لا",
    "خیر",
    "לא",
    "いいえ",
    "否",
    "none",
    "null",
    "nil",
    "never",
    "na",
    "-",
];

/// Words for each standing; their letters only, as [`words`] gives them, without spaces.
const VALUES: &[(Standing, &[&str])] = &[
    (
        Standing::Subscribed,
        &[
            "subscribed",
            "subscriber",
            "active",
            "confirmed",
            "enabled",
            "optedin",
            "optin",
            "doubleoptin",
            "singleoptin",
            "verified",
            "valid",
            "deliverable",
            "ok",
            "free",
            "paid",
            "regular",
            "explicit",
            "implicit",
            "express",
            "implied",
            "premium",
            "gifted",
            "gift",
            "comp",
            "trial",
            "angemeldet",
            "abonniert",
            "aktiv",
            "bestatigt",
            "eingetragen",
            "abonne",
            "inscrit",
            "actif",
            "confirme",
            "suscrito",
            "activo",
            "confirmado",
            "alta",
            "iscritto",
            "attivo",
            "confermato",
            "inscrito",
            "assinante",
            "ativo",
            "subscrito",
            "ingeschreven",
            "geabonneerd",
            "actief",
            "aangemeld",
            "bevestigd",
            "zapisany",
            "aktywny",
            "potwierdzony",
            "подписан",
            "подписана",
            "активен",
            "активный",
            "активна",
            "подтвержден",
            "підписаний",
            "підписано",
            "активний",
            "підтверджено",
            "abone",
            "aktif",
            "onaylandi",
            "مشترك",
            "نشط",
            "مؤكد",
            "مشترک",
            "فعال",
            "רשום",
            "פעיל",
            "מנוי",
            "購読中",
            "登録済み",
            "有効",
            "配信中",
            "已订阅",
            "活跃",
            "有效",
            "已确认",
            "已訂閱",
            "已確認",
        ],
    ),
    (
        Standing::Unconfirmed,
        &[
            "unconfirmed",
            "pending",
            "notconfirmed",
            "awaitingconfirmation",
            "awaiting",
            "waiting",
            "waitingforconfirmation",
            "unverified",
            "notverified",
            "neversubscribed",
            "nonsubscribed",
            "nosubscription",
            "invited",
            "prospect",
            "prospective",
            "transactional",
            "needsattention",
            "requested",
            "notoptedin",
            "new",
            "draft",
            "unactivated",
            "unbestatigt",
            "nichtbestatigt",
            "ausstehend",
            "wartend",
            "enattente",
            "nonconfirme",
            "pendiente",
            "noconfirmado",
            "inattesa",
            "nonconfermato",
            "pendente",
            "naoconfirmado",
            "onbevestigd",
            "inafwachting",
            "niepotwierdzony",
            "oczekujacy",
            "неподтвержден",
            "ожидает",
            "непідтверджено",
            "очікує",
            "bekliyor",
            "beklemede",
            "onaylanmadi",
            "قيدالانتظار",
            "درانتظار",
            "ממתין",
            "未確認",
            "保留中",
            "未确认",
            "待确认",
            "待確認",
        ],
    ),
    (
        Standing::Suppressed,
        &[
            "suppressed",
            "suppression",
            "byhand",
            "manual",
            "manuallysuppressed",
            "donotmail",
            "donotemail",
            "donotcontact",
            "excluded",
            "gesperrt",
            "ausgeschlossen",
            "exclu",
        ],
    ),
    (
        Standing::Left,
        &[
            "unsubscribed",
            "unsubscribe",
            "unsub",
            "optedout",
            "optout",
            "left",
            "cancelled",
            "canceled",
            "inactive",
            "notactive",
            "disabled",
            "deactivated",
            "blocklisted",
            "blacklisted",
            "denylisted",
            "blocked",
            "removed",
            "deleted",
            "archived",
            "expired",
            "churned",
            "lapsed",
            "notsubscribed",
            "globalunsubscribe",
            "groupunsubscribe",
            "revoked",
            "withdrawn",
            "abgemeldet",
            "abbestellt",
            "ausgetragen",
            "inaktiv",
            "geloscht",
            "gekundigt",
            "widerrufen",
            "nichtabonniert",
            "desabonne",
            "desinscrit",
            "inactif",
            "supprime",
            "resilie",
            "bloque",
            "desuscrito",
            "cancelado",
            "baja",
            "dadodebaja",
            "inactivo",
            "eliminado",
            "bloqueado",
            "disiscritto",
            "cancellato",
            "inattivo",
            "disattivato",
            "descadastrado",
            "inativo",
            "removido",
            "naoinscrito",
            "uitgeschreven",
            "afgemeld",
            "inactief",
            "verwijderd",
            "opgezegd",
            "wypisany",
            "nieaktywny",
            "usuniety",
            "wypisana",
            "отписан",
            "отписана",
            "отписался",
            "отписалась",
            "неактивен",
            "неактивный",
            "удален",
            "заблокирован",
            "відписаний",
            "відписано",
            "відписався",
            "неактивний",
            "видалено",
            "abonelikten",
            "aboneliktencikti",
            "abonedegil",
            "pasif",
            "silindi",
            "iptal",
            "iptaledildi",
            "ملغى",
            "غيرمشترك",
            "الغيالاشتراك",
            "ألغىالاشتراك",
            "غيرنشط",
            "لغوشده",
            "غیرفعال",
            "לאפעיל",
            "ביטל",
            "בוטל",
            "הוסר",
            "הוסרמהרשימה",
            "解除",
            "解除済み",
            "配信停止",
            "退会",
            "退会済み",
            "無効",
            "已退订",
            "退订",
            "已取消",
            "取消订阅",
            "无效",
            "已退訂",
            "取消訂閱",
            "已刪除",
            "已删除",
            "黑名单",
        ],
    ),
    (
        Standing::Bounced,
        &[
            "bounced",
            "bounce",
            "hardbounce",
            "hardbounced",
            "softbounce",
            "softbounced",
            "permanentbounce",
            "permanent",
            "cleaned",
            "undeliverable",
            "invalid",
            "invalidemail",
            "rejected",
            "dropped",
            "dead",
            "nonexistent",
            "mailboxnotfound",
            "unreachable",
            "unzustellbar",
            "ungultig",
            "zuruckgewiesen",
            "rejete",
            "invalide",
            "rebotado",
            "rebote",
            "rimbalzato",
            "nonvalido",
            "retornado",
            "devolvido",
            "geweigerd",
            "ongeldig",
            "odbity",
            "недоставлено",
            "недоставлен",
            "недействителен",
            "geridondu",
            "gecersiz",
            "مرتد",
            "برگشتی",
            "חזר",
            "エラー",
            "不達",
            "退信",
            "退回",
            "已退信",
        ],
    ),
    (
        Standing::Complained,
        &[
            "complained",
            "complaint",
            "complainer",
            "spam",
            "spamcomplaint",
            "spamreport",
            "spamreported",
            "reportedspam",
            "reportedasspam",
            "markedasspam",
            "markedspam",
            "junk",
            "abuse",
            "abusecomplaint",
            "spammer",
            "feedbackloop",
            "fbl",
            "beschwert",
            "beschwerde",
            "spammeldung",
            "plainte",
            "queja",
            "denunciado",
            "segnalato",
            "segnalatocomespam",
            "reclamacao",
            "klacht",
            "skarga",
            "жалоба",
            "скарга",
            "sikayet",
            "شكوى",
            "شکایت",
            "תלונה",
            "苦情",
            "迷惑メール",
            "投诉",
            "投訴",
        ],
    ),
];

/// What a value says by itself.
fn word(text: &str) -> Option<Standing> {
    let joined = words(text).concat();
    let found = VALUES.iter().find(|(_, all)| all.contains(&&*joined));
    found.map(|(standing, _)| *standing)
}

/// A list of returned mail may give the server's code: `550`, `5.1.1`.
fn code(text: &str) -> Option<Standing> {
    let code = text.split_whitespace().next()?;
    let mut parts = code.split('.');
    let class = parts.next()?;
    let digits = code
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let is_code = match parts.count() {
        0 => class.len() == 3 && class.starts_with(['4', '5']),
        2 => class == "4" || class == "5",
        _ => false,
    };
    (digits && is_code).then_some(Standing::Bounced)
}

/// `Some(true)`: yes; `Some(false)`: no.
pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    let word = match &*words(text).concat() {
        "" => text.trim().to_owned(),
        joined => joined.to_owned(),
    };
    let is = |all: &[&str]| all.contains(&&*word);
    match (is(YES), is(NO)) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// What the cell of such a column says; `Ok(None)`: nothing. With the day on which somebody left, or was confirmed.
///
/// # Errors
/// The value is not known: nobody may guess.
pub(super) fn cell(
    speaks: Speaks,
    text: &str,
) -> Result<Option<(Standing, Option<NaiveDate>)>, ()> {
    let text = text.trim();
    let plain = |standing| Ok(Some((standing, None)));
    if text.is_empty() {
        return match speaks {
            Speaks::Gone(_) | Speaks::Text(_) | Speaks::Perhaps | Speaks::Told => Ok(None),
            Speaks::Confirmed => plain(Standing::Unconfirmed),
            Speaks::Word | Speaks::Yes(_) => Err(()),
        };
    }
    let day = when::day(text);
    match (speaks, yes_or_no(text)) {
        (Speaks::Yes(_) | Speaks::Perhaps | Speaks::Confirmed, Some(true)) => {
            return plain(Standing::Subscribed);
        }
        (Speaks::Yes(standing), Some(false)) => return plain(standing),
        (Speaks::Perhaps | Speaks::Confirmed, Some(false)) => return plain(Standing::Unconfirmed),
        (Speaks::Gone(_) | Speaks::Text(_), Some(false)) => return Ok(None),
        (Speaks::Gone(standing) | Speaks::Text(standing), Some(true)) => return plain(standing),
        _ => {}
    }
    match speaks {
        Speaks::Yes(_) | Speaks::Confirmed if day.is_some() => {
            Ok(Some((Standing::Subscribed, day)))
        }
        Speaks::Gone(standing) if day.is_some() => Ok(Some((standing, day))),
        Speaks::Text(standing) => Ok(Some((standing, day))),
        Speaks::Word => word(text).or_else(|| code(text)).map_or(Err(()), plain),
        _ => word(text).map_or(Err(()), plain),
    }
}
