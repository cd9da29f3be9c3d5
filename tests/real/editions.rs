//! One edition in five languages, as a newsroom has it: 15 stories, 7 pictures with their copies, a note, a kicker, credits and related stories. All
//! invented. One file: it is a table, a story a row.

use std::fmt::Write as _;

use crate::newsroom::{Newsroom, TODAY};

/// What an edition says in one language.
pub(crate) struct Words {
    /// The language's tag.
    pub(crate) tag: &'static str,
    name: &'static str,
    paper: &'static str,
    address: &'static str,
    note: &'static str,
    kicker: &'static str,
    related: &'static str,
    /// The text alternative of every picture, and its credit.
    picture: (&'static str, &'static str),
    sections: [&'static str; 4],
    byline: &'static str,
    /// Headline and dek.
    stories: [(&'static str, &'static str); 15],
}

/// The stories that are in each list, each once.
const TOP: [usize; 7] = [0, 1, 2, 3, 4, 5, 6];
const MOST_READ: [usize; 3] = [7, 8, 9];
const LATEST: [usize; 5] = [10, 11, 12, 13, 14];

/// Where the stories lie, in every language, as in the sample newsroom.
const PATHS: [&str; 15] = [
    "news/ferry-fares",
    "business/fish-market",
    "meanwhile/fat-seal",
    "news/storm-wall",
    "business/electric-ferries",
    "city/night-bus",
    "city/library-roof",
    "news/parking-budget",
    "opinion/swimming-lessons",
    "business/lighthouse-to-let",
    "news/power-cut",
    "city/school-lunch",
    "opinion/slow-ferry",
    "meanwhile/town-clock",
    "city/harbour-festival",
];

impl Words {
    /// A newsroom with the whole edition, in that template.
    pub(crate) fn newsroom(&self, template: &str) -> Newsroom {
        self.newsroom_with(template, [&TOP, &MOST_READ, &LATEST])
    }

    /// The same with one story less in each of the three lists.
    pub(crate) fn shorter_newsroom(&self, template: &str) -> Newsroom {
        self.newsroom_with(template, [&TOP[..6], &MOST_READ[..2], &LATEST[..4]])
    }

    fn newsroom_with(&self, template: &str, lists: [&[usize]; 3]) -> Newsroom {
        let Self {
            tag,
            name,
            paper,
            address,
            note,
            ..
        } = self;
        let room = Newsroom::bare()
            .config(
                "newsletter",
                &format!(
                    "name = \"{name}\"\nfrom = \"{paper} <digest@harbourtimes.example>\"\nsite = \"https://harbourtimes.example/\"\naddress = \"{address}\"\n\
                     unsubscribe = \"mailto:leave@harbourtimes.example\"\nlanguage = \"{tag}\"\ntime_zone = \"Europe/Lisbon\""
                ),
            )
            .config("[source]", "stories = \"stories/*.toml\"")
            .config("links", "add = \"utm_source=newsletter&utm_medium=email\"")
            .config("template", &format!("use = \"{template}\""));
        let mut edition = format!("note = \"{note}\"\n");
        for (list, stories) in ["top", "most_read", "latest"].into_iter().zip(lists) {
            for &number in stories {
                writeln!(edition, "\n[[{list}]]").unwrap();
                self.story(&mut edition, number);
            }
        }
        for path in PATHS.iter().take(lists[0].len()) {
            look(&mut edition, path);
        }
        room.file(&format!("editions/{TODAY}.toml"), edition);
        room
    }

    fn story(&self, edition: &mut String, number: usize) {
        let (headline, dek) = self.stories[number];
        let (section, path) = (self.sections[number % 4], PATHS[number]);
        writeln!(
            edition,
            "headline = \"{headline}\"\ndek = \"{dek}\"\nurl = \"https://harbourtimes.example/{path}\"\nsection = \"{section}\"\n\
             byline = \"{}\"\npublished = 2026-08-24T0{}:20:00Z",
            self.byline,
            5 - number / 4
        )
        .unwrap();
        if number < TOP.len() {
            let (alt, credit) = self.picture;
            writeln!(
                edition,
                "picture = {{ url = \"https://harbourtimes.example/{path}.jpg\", alt = \"{alt} {}\", credit = \"{credit}\", width = 1200, height = 800 }}",
                number + 1
            )
            .unwrap();
        }
        match number {
            0 => writeln!(edition, "related = [{{ headline = \"{}\", url = \"https://harbourtimes.example/news/ferry-fares-table\" }}]", self.related).unwrap(),
            1 => writeln!(edition, "kicker = \"{}\"", self.kicker).unwrap(),
            _ => {}
        }
    }
}

/// What a draft wrote down of a picture: its size, and the copies of it.
fn look(edition: &mut String, path: &str) {
    let name = path.replace(['/', '-'], "");
    let copies = [(1_200, 800), (900, 600), (576, 384), (304, 202)].map(|(width, height)| {
        let url = format!(
            "https://news.harbourtimes.example/pictures/{name:q<24}{}.jpg",
            width % 90
        );
        format!("{{ url = \"{url}\", width = {width}, height = {height}, bytes = 9000 }}")
    });
    writeln!(
        edition,
        "\n[[picture]]\nof = \"https://harbourtimes.example/{path}.jpg\"\nformat = \"JPEG\"\nwidth = 1600\nheight = 1067\nbytes = 170000\ncopies = [{}]",
        copies.join(", ")
    )
    .unwrap();
}

/// Left to right and right to left, with and without spaces between words, one to three octets a letter.
pub(crate) const ALL: [Words; 5] = [
    Words {
        tag: "en",
        name: "Harbour in your inbox",
        paper: "The Harbour Times",
        address: "1 Quay Street, Port Ellery",
        note: "Good morning. The seal is **still there**; [what we know about him](https://harbourtimes.example/seal).\\n\\n- Fares change on Monday.\\n- The library is open.",
        kicker: "Exclusive",
        related: "What you will pay, quay by quay",
        picture: (
            "The harbour at dawn, with a ferry leaving the quay",
            "Rui Falk",
        ),
        sections: ["News", "Business", "City", "Opinion"],
        byline: "Inês Duarte",
        stories: [
            (
                "Ferry fares rise on Monday, and the 6.40 gets a second deck",
                "The company says diesel. The council says it found out from a poster. Islanders keep their free return on Sundays.",
            ),
            (
                "The fish market moves indoors after 212 years, and the gulls have noticed",
                "The traders get ice, drains and a roof. The gulls get a decision to make.",
            ),
            (
                "A very fat seal has closed the north slipway",
                "He weighs as much as a small car, is on nobody's payroll, and may not by law be moved until he feels like it.",
            ),
            (
                "The storm wall passes its first real test, minus one bench",
                "The tide came within a hand of the top. The bench was last seen going north, with its plaque.",
            ),
            (
                "Ellery Yard wins the order for two electric ferries",
                "It is worth €38 million and 90 jobs, many of them for welders who swore they would never work indoors again.",
            ),
            (
                "The night bus is back, and this time it knows the way",
                "Line N4 runs until two from the station to Gull Rock, by way of every chip shop on Quay Street.",
            ),
            (
                "The library reopens under a roof that does not drip",
                "Volunteers carried 31,000 books back in four days. One was 46 years overdue; the fine has been waived.",
            ),
            (
                "Council finds €340,000 down the back of the parking budget",
                "It was filed under Miscellaneous. Three committees would now like to discuss Miscellaneous.",
            ),
            (
                "A harbour town should teach its children to swim",
                "One child in three leaves school here unable to swim a length. It is not as if we cannot find the water.",
            ),
            (
                "Lighthouse to let: sea views on all sides, no corner for a wardrobe",
                "The agent calls the 114 steps characterful. Eleven people have applied; one of them has a piano.",
            ),
            (
                "Power is back in Gull Rock after nine hours and one very long board game",
                "A trawler's anchor is blamed. The trawler blames the chart. The chart is from 1961.",
            ),
            (
                "Pupils vote fish back on to the school menu",
                "It was close: 412 to 398, with two votes for “more custard”, which do not count but were noted.",
            ),
            (
                "In praise of the slow ferry",
                "It takes eleven minutes longer, and nobody has ever been on the phone on it. There is no signal. Long may there be none.",
            ),
            (
                "The town clock has been right twice this week, and its keeper is hopeful of a third",
                "The fault was a pigeon. It has been asked to leave.",
            ),
            (
                "The harbour festival drew 20,000, and most of them found the toilets",
                "Next year there will be signs.",
            ),
        ],
    },
    Words {
        tag: "ru",
        name: "Гавань в вашей почте",
        paper: "Портовые вести",
        address: "Набережная ул., 1, Порт-Эллери",
        note: "Доброе утро. Тюлень **всё ещё там**; [что мы о нём знаем](https://harbourtimes.example/seal).\\n\\n- Цены меняются в понедельник.\\n- Библиотека открыта.",
        kicker: "Только у нас",
        related: "Сколько придётся платить на каждой пристани",
        picture: ("Гавань на рассвете, паром отходит от причала", "Руй Фалк"),
        sections: ["Новости", "Деловые", "Город", "Мнения"],
        byline: "Инес Дуарте",
        stories: [
            (
                "Паром дорожает с понедельника, а рейс 6:40 получит вторую палубу",
                "Компания ссылается на солярку. Мэрия говорит, что узнала из афиши. Островитян по воскресеньям везут обратно бесплатно.",
            ),
            (
                "Рыбный рынок через 212 лет переезжает под крышу, и чайки заметили",
                "Торговцам достанутся лёд, стоки и крыша. Чайкам придётся что-то решать.",
            ),
            (
                "Очень толстый тюлень закрыл северный слип",
                "Он весит как малолитражка, нигде не служит, и по закону его нельзя трогать, пока сам не захочет уйти.",
            ),
            (
                "Штормовая стена выдержала первое испытание, но без скамейки",
                "Вода не дошла до верха на ладонь. Скамейку видели идущей на север, с табличкой.",
            ),
            (
                "Верфь «Эллери» построит два электрических парома",
                "Заказ стоит 38 млн евро и даёт 90 мест, многие из них сварщикам, клявшимся не возвращаться в цех.",
            ),
            (
                "Ночной автобус вернулся и теперь знает дорогу",
                "Маршрут N4 ходит до двух от вокзала до Чаячьей скалы мимо всех закусочных Набережной.",
            ),
            (
                "Библиотека открылась под крышей, которая не течёт",
                "Добровольцы за четыре дня перенесли 31 000 книг. Одну задержали на 46 лет; штраф простили.",
            ),
            (
                "Мэрия нашла 340 000 евро в складках парковочного бюджета",
                "Они значились в графе «Прочее». Теперь «Прочее» хотят обсудить три комиссии.",
            ),
            (
                "Портовый город обязан учить детей плавать",
                "Каждый третий выпускник не проплывёт и бассейна. А воду у нас найти нетрудно.",
            ),
            (
                "Сдаётся маяк: море со всех сторон, угла для шкафа нет",
                "Агент называет 114 ступеней колоритными. Заявок одиннадцать; у одного есть пианино.",
            ),
            (
                "Свет вернулся на Чаячью скалу через девять часов и одну долгую партию",
                "Винят якорь траулера. Траулер винит карту. Карта 1961 года.",
            ),
            (
                "Школьники голосованием вернули рыбу в меню",
                "412 против 398 и два голоса за «больше крема», которые не в счёт, но записаны.",
            ),
            (
                "Похвала медленному парому",
                "Он идёт на одиннадцать минут дольше, и никто на нём не говорит по телефону. Там нет сети.",
            ),
            (
                "Городские часы на этой неделе дважды показали верное время",
                "Виноват был голубь. Его попросили уйти.",
            ),
            (
                "На праздник порта пришли 20 000 человек, и почти все нашли туалеты",
                "В следующем году будут указатели.",
            ),
        ],
    },
    Words {
        tag: "ar",
        name: "الميناء في بريدك",
        paper: "أخبار الميناء",
        address: "شارع الرصيف 1، بورت إليري",
        note: "صباح الخير. الفقمة **ما زالت هناك**؛ [ما نعرفه عنها](https://harbourtimes.example/seal).\\n\\n- تتغير الأسعار يوم الاثنين.\\n- المكتبة مفتوحة.",
        kicker: "خاص",
        related: "ما ستدفعه في كل رصيف",
        picture: ("الميناء عند الفجر وعبّارة تغادر الرصيف", "رامي فالك"),
        sections: ["أخبار", "اقتصاد", "مدينة", "آراء"],
        byline: "إيناس دوارتي",
        stories: [
            (
                "ارتفاع أسعار العبّارة يوم الاثنين، ورحلة 6:40 بطابق ثانٍ",
                "الشركة تتحدث عن الوقود، والبلدية تقول إنها عرفت من ملصق. ويحتفظ سكان الجزر بالعودة المجانية أيام الأحد.",
            ),
            (
                "سوق السمك ينتقل إلى الداخل بعد 212 عامًا، والنوارس انتبهت",
                "للتجار ثلج ومصارف وسقف. وللنوارس قرار عليها أن تتخذه.",
            ),
            (
                "فقمة سمينة جدًا تغلق المنحدر الشمالي",
                "وزنها وزن سيارة صغيرة، ولا يجوز قانونًا نقلها قبل أن ترغب هي في ذلك.",
            ),
            (
                "جدار العواصف ينجح في أول اختبار، وينقص مقعد",
                "بلغ المد ما دون القمة بكفّ. وشوهد المقعد متجهًا شمالًا مع لوحته.",
            ),
            (
                "حوض إليري يفوز بطلب عبّارتين كهربائيتين",
                "قيمته 38 مليون يورو و90 وظيفة، كثير منها للحّامين أقسموا ألا يعملوا في الداخل.",
            ),
            (
                "حافلة الليل تعود، وهذه المرة تعرف الطريق",
                "يعمل الخط N4 حتى الثانية من المحطة إلى صخرة النورس.",
            ),
            (
                "المكتبة تفتح أبوابها تحت سقف لا يقطر",
                "أعاد المتطوعون 31 ألف كتاب في أربعة أيام. وتأخر أحدها 46 عامًا، وأُعفي من الغرامة.",
            ),
            (
                "البلدية تجد 340 ألف يورو في ثنايا ميزانية المواقف",
                "كانت تحت بند «متفرقات». وثلاث لجان تريد الآن مناقشة «المتفرقات».",
            ),
            (
                "على مدينة الميناء أن تعلّم أطفالها السباحة",
                "واحد من كل ثلاثة يغادر المدرسة ولا يسبح طول المسبح. والماء ليس بعيدًا.",
            ),
            (
                "منارة للإيجار: البحر من كل جانب ولا ركن لخزانة",
                "يصف الوكيل الدرجات الـ114 بأنها مميزة. تقدم أحد عشر شخصًا، لأحدهم بيانو.",
            ),
            (
                "الكهرباء تعود إلى صخرة النورس بعد تسع ساعات ولعبة طويلة",
                "اللوم على مرساة سفينة صيد. والسفينة تلوم الخريطة. والخريطة من عام 1961.",
            ),
            (
                "التلاميذ يصوّتون لعودة السمك إلى قائمة المدرسة",
                "412 مقابل 398، وصوتان للمزيد من الكاسترد لا يُحتسبان لكنهما سُجّلا.",
            ),
            (
                "في مديح العبّارة البطيئة",
                "تستغرق إحدى عشرة دقيقة أكثر، ولا أحد يتكلم فيها بالهاتف. لا إشارة هناك.",
            ),
            (
                "ساعة المدينة أصابت مرتين هذا الأسبوع",
                "كان السبب حمامة. وقد طُلب منها المغادرة.",
            ),
            (
                "مهرجان الميناء جذب 20 ألفًا، ومعظمهم وجد المراحيض",
                "في العام المقبل ستكون هناك لافتات.",
            ),
        ],
    },
    Words {
        tag: "ja",
        name: "港からの朝の便り",
        paper: "港新聞",
        address: "ポートエラリー市埠頭通り1番地",
        note: "おはようございます。アザラシは**まだいます**。[わかっていること](https://harbourtimes.example/seal)。\\n\\n- 運賃は月曜日に変わります。\\n- 図書館は開いています。",
        kicker: "独自",
        related: "桟橋ごとの新運賃一覧",
        picture: ("夜明けの港と桟橋を離れるフェリー", "ファルク・ルイ"),
        sections: ["ニュース", "経済", "街", "意見"],
        byline: "ドゥアルテ・イネス",
        stories: [
            (
                "フェリー運賃が月曜に値上げ、6時40分発は二階建てに",
                "会社は軽油のせいだと言い、市はポスターで知ったと言う。島民は日曜の帰りが無料のまま。",
            ),
            (
                "魚市場、212年を経て屋内へ カモメも気づいた",
                "商人は氷と排水溝と屋根を得る。カモメは決断を迫られる。",
            ),
            (
                "とても太ったアザラシが北の船台をふさぐ",
                "小型車ほどの重さで、誰にも雇われておらず、本人がその気になるまで法律上動かせない。",
            ),
            (
                "防潮壁、初の本番に耐える ベンチ一つを失う",
                "潮は上端まで手のひら一つに迫った。ベンチは銘板をつけたまま北へ流れるのを目撃された。",
            ),
            (
                "エラリー造船所が電動フェリー二隻を受注",
                "受注額は3800万ユーロ、雇用は90人。屋内では二度と働かないと誓った溶接工も多い。",
            ),
            (
                "夜行バスが復活、今度は道を知っている",
                "N4系統は午前2時まで、駅からカモメ岩まで走る。",
            ),
            (
                "図書館、雨漏りしない屋根の下で再開",
                "ボランティアが4日で3万1000冊を運び戻した。一冊は46年の延滞で、罰金は免除。",
            ),
            (
                "市、駐車場予算の奥から34万ユーロを発見",
                "「その他」に分類されていた。三つの委員会が「その他」の審議を望んでいる。",
            ),
            (
                "港町は子どもに泳ぎを教えるべきだ",
                "三人に一人が25メートルを泳げずに卒業する。水が見つからないわけではない。",
            ),
            (
                "灯台貸します 四方に海、たんすを置く角なし",
                "業者は114段を趣があると言う。応募は11人、うち一人はピアノを持つ。",
            ),
            (
                "カモメ岩の停電、9時間と長い盤上遊戯の末に復旧",
                "トロール船の錨が疑われ、船は海図を疑う。海図は1961年のもの。",
            ),
            (
                "児童の投票で魚が給食に戻る",
                "412対398の接戦。「カスタードを増やして」の2票は無効だが記録された。",
            ),
            (
                "遅いフェリーをたたえて",
                "11分余計にかかるが、船内で電話する人はいない。電波がないからだ。",
            ),
            (
                "町の時計、今週は二度正しかった",
                "原因は一羽のハトで、退去を求められた。",
            ),
            (
                "港祭りに2万人、ほとんどがトイレを見つけた",
                "来年は案内板が立つ。",
            ),
        ],
    },
    Words {
        tag: "de",
        name: "Hafennachrichten am Morgen",
        paper: "Die Hafenzeitung",
        address: "Kaistraße 1, Port Ellery",
        note: "Guten Morgen. Die Kegelrobbe ist **noch da**; [was wir über sie wissen](https://harbourtimes.example/seal).\\n\\n- Am Montag ändern sich die Fahrpreise.\\n- Die Bibliothek ist geöffnet.",
        kicker: "Exklusiv",
        related: "Die Fahrpreistabelle, Anlegestelle für Anlegestelle",
        picture: (
            "Der Hafen im Morgengrauen, eine Fähre legt vom Kai ab",
            "Rui Falk",
        ),
        sections: ["Nachrichten", "Wirtschaft", "Stadt", "Meinung"],
        byline: "Inês Duarte",
        stories: [
            (
                "Fährfahrpreiserhöhung ab Montag, und die Fähre um 6.40 Uhr bekommt ein zweites Deck",
                "Die Reederei sagt: Diesel. Der Rat sagt, er habe es von einem Plakat. Sonntags bleibt die Rückfahrt für Inselbewohner frei.",
            ),
            (
                "Die Fischmarkthallenüberdachung ist fertig, nach 212 Jahren, und die Möwen haben es gemerkt",
                "Die Händler bekommen Eis, Abflüsse und ein Dach. Die Möwen müssen sich entscheiden.",
            ),
            (
                "Eine sehr dicke Kegelrobbe sperrt die Nordslipanlage",
                "Sie wiegt so viel wie ein Kleinwagen, steht auf keiner Gehaltsliste und darf nicht bewegt werden, bis sie selbst es will.",
            ),
            (
                "Hochwasserschutzmauerbewährungsprobe bestanden, bis auf eine Parkbank",
                "Das Wasser kam bis eine Handbreit unter die Krone. Die Bank wurde zuletzt auf dem Weg nach Norden gesehen.",
            ),
            (
                "Ellery-Werft baut zwei Elektrofährschiffe",
                "38 Millionen Euro und 90 Arbeitsplätze, viele für Schweißer, die nie wieder in einer Halle arbeiten wollten.",
            ),
            (
                "Der Nachtbus ist zurück, und diesmal kennt er den Weg",
                "Die Linie N4 fährt bis zwei Uhr vom Bahnhof zum Möwenfelsen, an jeder Fischbude der Kaistraße vorbei.",
            ),
            (
                "Die Stadtbibliothek öffnet unter einem Dach, das nicht tropft",
                "Freiwillige trugen in vier Tagen 31.000 Bücher zurück. Eines war 46 Jahre überfällig; die Gebühr ist erlassen.",
            ),
            (
                "Rat findet 340.000 Euro in der Parkraumbewirtschaftungsrücklage",
                "Sie waren unter Verschiedenes gebucht. Drei Ausschüsse möchten jetzt über Verschiedenes sprechen.",
            ),
            (
                "Eine Hafenstadt sollte ihren Kindern das Schwimmen beibringen",
                "Jedes dritte Kind verlässt die Schule als Nichtschwimmer. Am Wasser fehlt es nicht.",
            ),
            (
                "Leuchtturm zu vermieten: Meerblick ringsum, keine Ecke für einen Kleiderschrank",
                "Die Maklerin nennt die 114 Stufen charaktervoll. Elf haben sich beworben; eine besitzt ein Klavier.",
            ),
            (
                "Der Strom ist zurück am Möwenfelsen, nach neun Stunden und einem langen Brettspiel",
                "Schuld soll der Anker eines Kutters sein. Der Kutter gibt der Karte die Schuld. Sie ist von 1961.",
            ),
            (
                "Schulkinder stimmen den Fisch zurück auf den Speiseplan",
                "Es war knapp: 412 zu 398, dazu zwei Stimmen für „mehr Vanillesoße“, die nicht zählen, aber vermerkt sind.",
            ),
            (
                "Lob der langsamen Fähre",
                "Sie braucht elf Minuten länger, und niemand hat auf ihr je telefoniert. Es gibt keinen Empfang.",
            ),
            (
                "Die Rathausuhr ging diese Woche zweimal richtig, und der Uhrmacher hofft auf ein drittes Mal",
                "Der Fehler war eine Taube. Sie wurde gebeten zu gehen.",
            ),
            (
                "20.000 beim Hafenfest, und die meisten fanden die Toiletten",
                "Nächstes Jahr gibt es Schilder.",
            ),
        ],
    },
];
