//! Who is a reader, by the name a client gives itself: crawlers, monitors, feed fetchers and headless tools are not.
//!
//! The words are in `agents.txt`, which says its form and where they come from.

use aho_corasick::AhoCorasick;

/// A longer name is no browser's, in octets: the longest of 165,000 real ones has 681.
const MAX_AGENT: usize = 2_000;

/// What is known about the names of clients.
pub(super) struct Agents {
    /// `None`: the words are more than can be numbered, 2^31 letters; then nobody is known to be a reader.
    words: Option<AhoCorasick>,
    /// By the number of the word in `words`.
    rules: Vec<Rule>,
}

/// What it says of a client that a word is in its name.
#[derive(Clone, Copy)]
enum Rule {
    /// It can be a reader, if the name begins with the word.
    Browser,
    /// It is no reader.
    Program { begins: bool, ends: bool },
    /// It may still be a reader, whatever words lie within this one.
    Excuse,
}

impl Agents {
    /// The words of `agents.txt`, and `extra` ones of the same form: `+ gazetteapp/` makes the paper's own app a reader. A line without
    /// a word says nothing.
    pub(super) fn new(extra: &[String]) -> Self {
        let lines = include_str!("agents.txt")
            .lines()
            .chain(extra.iter().map(String::as_str));
        let (rules, words): (Vec<_>, Vec<_>) = lines.filter_map(parse).unzip();
        let words = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(words)
            .ok();
        Self { words, rules }
    }

    /// Whether a person reads with the client of that name, as bytes of a log. What has no name (nothing, `-`) is a program.
    pub(super) fn is_reader(&self, agent: &[u8]) -> bool {
        let Some(words) = self.words.as_ref().filter(|_| agent.len() <= MAX_AGENT) else {
            return false;
        };
        let inside = |at: usize| agent.get(at).is_some_and(u8::is_ascii_alphanumeric);
        let mut browser = false;
        let mut programs = Vec::new();
        let mut excuses = Vec::new();
        for found in words.find_overlapping_iter(agent) {
            match self.rules[found.pattern()] {
                Rule::Browser => browser |= found.start() == 0,
                Rule::Program { begins, ends } => {
                    let within_word = begins && found.start() > 0 && inside(found.start() - 1)
                        || ends && inside(found.end());
                    if !within_word {
                        programs.push(found.range());
                    }
                }
                Rule::Excuse => excuses.push(found.range()),
            }
        }
        let excused = |program: &std::ops::Range<usize>| {
            excuses
                .iter()
                .any(|excuse| excuse.start <= program.start && program.end <= excuse.end)
        };
        browser && programs.iter().all(excused)
    }
}

/// A line of `agents.txt`.
fn parse(line: &str) -> Option<(Rule, &str)> {
    let line = line.trim();
    let (rule, word) = match line.as_bytes().first()? {
        b'#' => return None,
        b'!' => (Rule::Excuse, &line[1..]),
        b'+' => (Rule::Browser, &line[1..]),
        _ => {
            let word = line.trim_start_matches('<').trim_end_matches('>');
            let rule = Rule::Program {
                begins: line.starts_with('<'),
                ends: line.ends_with('>'),
            };
            (rule, word)
        }
    };
    let word = word.trim();
    (!word.is_empty()).then_some((rule, word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Desktops, phones, tablets, televisions; browsers inside apps; handsets; phones whose names look like a crawler's.
    const READERS: &str = "\
Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36
Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0
Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 OPR/124.0.0.0
Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 YaBrowser/25.10.0 Yowser/2.5 Safari/537.36
Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko
Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)
Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0; SLCC2; .NET CLR 2.0.50727; .NET4.0C)
Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+AppleWebKit/537.36+(KHTML,+like+Gecko)+Chrome/142.0.0.0+Safari/537.36
Mozilla/5.0%20(Windows%20NT%2010.0;%20Win64;%20x64)%20AppleWebKit/537.36%20(KHTML,%20like%20Gecko)%20Chrome/142.0.0.0%20Safari/537.36
Mozilla/5.0%2520(iPhone;%2520CPU%2520iPhone%2520OS%252018_6%2520like%2520Mac%2520OS%2520X)%2520AppleWebKit/605.1.15%2520(KHTML,%2520like%2520Gecko)
Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0
Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0
Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0
Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36
Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36
Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15 Epiphany/605.1.15
Mozilla/5.0 (compatible; Konqueror/4.14; Linux) KHTML/4.14.2 (like Gecko)
Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15
Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15 Ddg/18.6
Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1
Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1
Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/145.0 Mobile/15E148 Safari/605.1.15
Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1
Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/605.1.15 (Ecosia ios@11.0.2.2268)
Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36
Mozilla/5.0 (Linux; Android 16; Google Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36
Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0
Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36
Mozilla/5.0 (Linux; Android 14; HarmonyOS; ALN-AL00) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.5735.196 HuaweiBrowser/16.0.0 Mobile Safari/537.36
Mozilla/5.0 (Linux; U; Android 14; en-us; Redmi Note 12) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/119.0.0.0 Mobile Safari/537.36 XiaoMi/MiuiBrowser/14.11
Mozilla/5.0 (Linux; U; Android 13; en-US; CPH2217) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/123.0.0.0 UCBrowser/13.9 Mobile Safari/537.36
Mozilla/5.0 (Linux; Android 11; KFTRWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/133.2 like Chrome/133.0.0.0 Safari/537.36
Mozilla/5.0 (Linux; Android 15; CPH2557; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.0.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/538.0.0.37;]
Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22G86 [FBAN/FBIOS;FBAV/538.0.0;FBDV/iPhone15,2;FBLC/en_GB;FBOP/80]
Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22G86 Instagram 406.0.0 (iPhone15,2; iOS 18_6; en_SA@calendar=gregorian; scale=3.00)
Mozilla/5.0 (Linux; Android 14; Pixel 7; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.0.0 Mobile Safari/537.36 Instagram 406.0.0 Android (34/14; Google/google; Pixel 7)
Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Twitter for iPhone/11.40
Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [LinkedInApp]/9.31
Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) GSA/392.0 Mobile/15E148 Safari/604.1
Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari Line/15.17.0
Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.60 NetType/WIFI Language/en
Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Snapchat/13.60.0.43 (like Safari/8620.1, panda)
Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [Pinterest/iOS]
Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 musical_ly_41.7.0 JsSdk/2.0 BytedanceWebview/d8a21c6
Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 NAVER(inapp; search; 2000; 12.14.1; 15PRO)
Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 KAKAOTALK 25.9.0
Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 BingSapphire/32.0
Mozilla/5.0 (Linux; Android 14; SM-A536B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.0.0 Mobile Safari/537.36 YaApp_Android/25.91 YaSearchBrowser/25.91
Mozilla/5.0 (Linux; Android 14; SM-A536B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.0.0 Mobile Safari/537.36 GazetteNews/5.1
Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/4.0 Chrome/76.0.3809.146 TV Safari/537.36
Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0.4606.128 Safari/537.36 WebAppManager
Mozilla/5.0 (PlayStation 5 3.11) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15
Mozilla/5.0 (Mobile; Nokia 8110 4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5.2
Opera/9.80 (J2ME/MIDP; Opera Mini/8.0.40326/191.316; U; en) Presto/2.12.423 Version/12.16
UCWEB/2.0 (Java; U; MIDP-2.0; Nokia203/20.37) U2/1.0.0 UCMini/10.9.8 (SpeedMode; Proxy; Android 5.1; A1601) U2/1.0.0 Mobile
SAMSUNG-SM-B350E Opera/9.80 (J2ME/MIDP; Opera Mini/8.0.40326/59.323; U; en) Presto/2.12.423 Version/12.16
NewsApp/5.0 (iPhone; iOS 18.6; Scale/3.00)
Mozilla/5.0 (Linux; Android 10; CUBOT_NOTE_S) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36
Mozilla/5.0 (Linux; Android 13; CUBOT KINGKONG 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36
Mozilla/5.0 (Linux; Android 6.0; B BOT 50) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/70.0.3538.80 Mobile Safari/537.36
Mozilla/5.0 (Linux; Android 7.0; M bot 60) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/65.0.3325.109 Mobile Safari/537.36
Mozilla/5.0 (Linux; Android 12; Abbott Robotics T1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36";

    /// Crawlers of search and of AI, link previews, feed fetchers, monitors, headless browsers, libraries, mail proxies, advertisers.
    const PROGRAMS: &str = "\
-
Mozilla/5.0
Mozilla/5.0 Firefox
Googlebot/2.1 (+http://www.google.com/bot.html)
Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)
Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)
Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.0.0 Safari/537.36
Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)
Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)
Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1 Safari/605.1.15 (Applebot/0.1)
Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)
Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)
Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)
Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)
Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)
Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot
Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)
Mozilla/5.0 (Linux; arm_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36 claude-web
Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)
Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Safari/537.36; Manus-User/1.0
Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; Bytespider; spider-feedback@bytedance.com)
CCBot/2.0 (https://commoncrawl.org/faq/)
Google-Extended
meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)
facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)
Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0
Twitterbot/1.0
WhatsApp/2.23.20.0
Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)
TelegramBot (like TwitterBot)
Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)
Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534 (KHTML, like Gecko) BingPreview/1.0b
Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/123.0.0.0 Safari/537.36 GoogleMessages/15.1
Feedly/1.0 (+http://www.feedly.com/fetcher.html; 12 subscribers; like FeedFetcher-Google)
Mozilla/5.0 (compatible; inoreader.com; 3 subscribers)
FreshRSS/1.24.0 (Linux; https://freshrss.org)
Mozilla/5.0 (compatible; Miniflux/2.2.0; +https://miniflux.app)
NetNewsWire (RSS Reader; https://netnewswire.com/)
Mozilla/5.0 (Windows NT 6.1) AppleWebKit/538.1 (KHTML, like Gecko) QuiteRSS/0.18.12 Safari/538.1
Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)
Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)
Mozilla/5.0 (Windows NT 6.2; WOW64) AppleWebKit/537.4 (KHTML, like Gecko) Chrome/98 Safari/537.4 (StatusCake)
Site24x7
Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/83.0.4103.97 Safari/537.36 (Dotcom-Monitor)
Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/100.0.4896.60 Safari/537.36 PTST/240325.174205
Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36
Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1
Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Playwright/1.40.0
Mozilla/5.0 (Linux; Android 11; moto g power) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Mobile Safari/537.36 Chrome-Lighthouse
curl/8.5.0
Wget/1.21.4
python-requests/2.32.3
Python/3.12 aiohttp/3.9.5
Go-http-client/2.0
okhttp/4.12.0
Java/17.0.10
axios/1.7.2
node-fetch/1.0 (+https://github.com/bitinn/node-fetch)
libwww-perl/6.77
Scrapy/2.11.2 (+https://scrapy.org)
Dalvik/2.1.0 (Linux; U; Android 14; SM-A536B Build/UP1A)
Reeder/5050001 CFNetwork/1331 Darwin/21.4.0
Mediapartners-Google
AdsBot-Google (+http://www.google.com/adsbot.html)
Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)
YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html
Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/49.0.2623.75 Safari/537.36 Google Favicon
() { :;}; /bin/bash -c \"wget example.org\"";

    #[test]
    fn readers_and_programs() {
        let agents = Agents::new(&[]);
        for agent in READERS.lines() {
            assert!(agents.is_reader(agent.as_bytes()), "{agent}");
            assert!(agents.is_reader(agent.to_lowercase().as_bytes()), "{agent}");
        }
        for agent in PROGRAMS.lines().chain([""]) {
            assert!(!agents.is_reader(agent.as_bytes()), "{agent}");
            assert!(
                !agents.is_reader(agent.to_uppercase().as_bytes()),
                "{agent}"
            );
        }
    }

    #[test]
    fn words_begin_and_end_where_they_should() {
        let check = |name: &str| {
            let agent = format!("Mozilla/5.0 (Linux) {name}");
            Agents::new(&["<ferry>".to_owned()]).is_reader(agent.as_bytes())
        };
        for program in [
            "ferry",
            "X-Ferry/1",
            "(ferry)",
            "AcmeBot",
            "acme_bot/2",
            "CUBOT; AcmeBot",
        ] {
            assert!(!check(program), "{program}");
        }
        for reader in ["ferryman", "conferry", "Botany/1", "cubot", "ferr"] {
            assert!(check(reader), "{reader}");
        }
    }

    #[test]
    fn further_words() {
        let is_reader = |extra: &[&str], agent: &str| {
            let extra: Vec<String> = extra.iter().map(|&word| word.to_owned()).collect();
            Agents::new(&extra).is_reader(agent.as_bytes())
        };
        let browser = "Mozilla/5.0 (X11; Linux x86_64) Ferrywatch/2 Safari/537.36";
        assert!(is_reader(&["Acme"], browser));
        assert!(!is_reader(&["Acme", " FERRYwatch "], browser));
        assert!(is_reader(&["ferrywatch", "! ferrywatch/2"], browser));
        assert!(!is_reader(&[], "TheGazette/4.1"));
        assert!(is_reader(&["+ thegazette/"], "TheGazette/4.1"));
        assert!(!is_reader(&["+ thegazette/"], "Not TheGazette/4.1"));
        // What has no word in it must not match everything.
        assert!(is_reader(&["", " ", "<", ">", "<>", "!", "# x"], browser));
        assert!(!is_reader(&["+", "+ "], "curl/8.5.0"));
        let long = "x".repeat(50_000);
        assert!(is_reader(&[&long], browser));
    }

    #[test]
    fn odd_names() {
        let agents = Agents::new(&[]);
        assert!(agents.is_reader(b"Mozilla/5.0 (Linux; Android 14; \xff\xfe\xc3) Safari"));
        assert!(!agents.is_reader(b"\xff\0"));
        let long = format!("Mozilla/5.0 (X11) {}", "a".repeat(1_000_000));
        assert!(!agents.is_reader(long.as_bytes()));
    }

    proptest! {
        // Each case builds the whole list.
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn never_panics(words in proptest::collection::vec("[!+<># ]{0,3}\\PC{0,5}[> ]{0,2}", 0..4), agent in proptest::collection::vec(any::<u8>(), 0..80)) {
            let agents = Agents::new(&words);
            _ = agents.is_reader(&agent);
            _ = agents.is_reader(&[b"Mozilla/5.0 (", &agent[..]].concat());
        }
    }
}
