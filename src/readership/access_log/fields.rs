//! What a line of a log says, and the walk along a line that finds it.

use std::net::{IpAddr, Ipv4Addr};

use memchr::{memchr, memmem};

use super::stories::percent_decoded;

/// What a piece of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// Of no use here.
    Skip,
    Client,
    /// `X-Forwarded-For`: whom a proxy speaks for.
    Forwarded,
    Host,
    /// RFC 1413; a `-` since long ago.
    Ident,
    /// Who logged in; may have spaces.
    User,
    Time,
    /// A day that is apart from its time; of the two, always in universal time (W3C extended logs, CloudFront).
    Date,
    /// Method, target and protocol.
    Request,
    Method,
    Target,
    Query,
    Status,
    Size,
    Agent,
    /// `Sec-Purpose` and its forerunners: says `prefetch` where nobody asked for the page yet.
    Purpose,
    /// What follows the fields that are known; nginx's own example has `"$http_x_forwarded_for"` there.
    Tail,
}

/// How many fields there are.
pub(super) const FIELDS: usize = 17;

/// What one line says. A field that is not there is empty.
#[derive(Clone, Copy)]
pub(super) struct Seen<'l>(pub(super) [&'l [u8]; FIELDS]);

/// A request's method, path and query.
pub(super) struct Asked<'l> {
    pub(super) method: &'l [u8],
    /// From an address in the request line itself.
    pub(super) host: Option<&'l [u8]>,
    pub(super) path: &'l [u8],
    pub(super) query: &'l [u8],
}

impl<'l> Seen<'l> {
    pub(super) fn nothing() -> Self {
        Self([b""; FIELDS])
    }

    pub(super) fn get(&self, field: Field) -> &'l [u8] {
        match self.0[field as usize] {
            b"-" => b"",
            value => value,
        }
    }

    /// What was asked for; `None` where it is no request of HTTP, such as the noise of a port scan.
    pub(super) fn asked(&self) -> Option<Asked<'l>> {
        let request = self.0[Field::Request as usize];
        let (method, target) = if request.is_empty() {
            let method = self.get(Field::Method);
            let method = if method.is_empty() { b"GET" } else { method };
            (method, self.get(Field::Target))
        } else {
            let (method, rest) = request.split_at(memchr(b' ', request)?);
            let rest = &rest[1..];
            (method, &rest[..memchr(b' ', rest).unwrap_or(rest.len())])
        };
        let (host, target) = if target.starts_with(b"/") {
            (None, target)
        } else {
            let at = memchr(b':', target)?;
            let rest = target[at..].strip_prefix(b"://")?;
            let (host, target) = rest.split_at(memchr(b'/', rest)?);
            (Some(host), target)
        };
        let (path, query) = match memchr(b'?', target) {
            Some(at) => (&target[..at], &target[at + 1..]),
            None => (target, self.get(Field::Query)),
        };
        Some(Asked {
            method,
            host,
            path,
            query,
        })
    }

    /// Whoever asked: the first public address that a proxy says it speaks for, or that the client's field lists, without its port; else the
    /// address that asked.
    pub(super) fn client(&self) -> &'l [u8] {
        let forwarded = self.get(Field::Forwarded).split(|byte| *byte == b',');
        let forwarded = forwarded.map(|address| without_port(address.trim_ascii()));
        let clients = || self.get(Field::Client).split(|byte| *byte == b',');
        let own = || clients().map(|address| without_port(address.trim_ascii()));
        // An address with a port would be that of the server behind.
        let tail = self
            .get(Field::Tail)
            .strip_prefix(b" \"")
            .unwrap_or_default();
        let tail = tail[..memchr(b'"', tail).unwrap_or(0)].split(|byte| *byte == b',');
        forwarded
            .chain(tail.map(<[u8]>::trim_ascii))
            .chain(own())
            .find(|address| is_public(address))
            .or_else(|| own().next())
            .unwrap_or_default()
    }

    /// Whether the page was fetched in case somebody might want it.
    pub(super) fn is_prefetch(&self) -> bool {
        let purpose = self.get(Field::Purpose);
        purpose
            .windows(8)
            .any(|word| word.eq_ignore_ascii_case(b"prefetch"))
            || purpose
                .windows(9)
                .any(|word| word.eq_ignore_ascii_case(b"prerender"))
            || purpose.eq_ignore_ascii_case(b"preview")
    }
}

/// What the client calls itself, without the encoding of IIS (`+`) and CloudFront (`%20`, `%2520`): both write no spaces.
pub(super) fn plain_agent(agent: &[u8]) -> Vec<u8> {
    if agent.contains(&b' ') {
        return agent.to_vec();
    }
    let once = percent_decoded(agent);
    let twice = percent_decoded(&once);
    twice
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect()
}

fn without_port(address: &[u8]) -> &[u8] {
    if let Some(rest) = address.strip_prefix(b"[") {
        return &rest[..memchr(b']', rest).unwrap_or(rest.len())];
    }
    match memchr(b':', address) {
        Some(at) if memchr(b'.', &address[..at]).is_some() => &address[..at],
        _ => address,
    }
}

fn is_public(address: &[u8]) -> bool {
    let Some(address) = std::str::from_utf8(address)
        .ok()
        .and_then(|address| address.parse::<IpAddr>().ok())
    else {
        return false;
    };
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let carrier = Ipv4Addr::new(100, 64, 0, 0).to_bits();
            !(v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified())
                && v4.to_bits() & 0xffc0_0000 != carrier
        }
        IpAddr::V6(v6) => {
            !(v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_unique_local()
                || v6.is_unicast_link_local())
        }
    }
}

/// Lines of text: fields with fixed text between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lines {
    /// The form's name, for people.
    pub(super) name: &'static str,
    before: Vec<u8>,
    steps: Vec<Step>,
    has_ident: bool,
    /// So many steps lead past the time, the host and the request; most lines are done with then.
    head: usize,
}

/// One field and the text that ends it; none: the end of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) field: Field,
    pub(super) until: Vec<u8>,
    /// Between quotation marks: one with a `\` before it does not end the field.
    pub(super) quoted: bool,
    /// What begins with a quotation mark reaches to the next: IIS writes cookies so, with spaces in them.
    pub(super) may_be_quoted: bool,
}

impl Lines {
    pub(super) fn new(name: &'static str, before: Vec<u8>, steps: Vec<Step>) -> Self {
        use Field::{Date, Host, Ident, Method, Query, Request, Target, Time};
        let early = |step: &Step| {
            matches!(
                step.field,
                Date | Host | Ident | Method | Query | Request | Target | Time
            )
        };
        let head = steps.iter().rposition(early).map_or(0, |last| last + 1);
        Self {
            name,
            before,
            has_ident: steps.iter().any(|step| step.field == Field::Ident),
            steps,
            head,
        }
    }

    /// Lets every field be one between quotation marks.
    pub(super) fn allow_quotes(&mut self) {
        for step in &mut self.steps {
            step.may_be_quoted = true;
        }
    }

    pub(super) fn has(&self, field: Field) -> bool {
        self.steps.iter().any(|step| step.field == field)
    }

    /// What is missing that nothing can be counted without, and how servers call it.
    pub(super) fn lacks(&self) -> Vec<(&'static str, &'static str)> {
        use Field::{Client, Date, Forwarded, Request, Target, Time};
        [
            ([Time, Date], ("a time", "`$time_local`, `%t`")),
            ([Request, Target], ("a request", "`$request`, `%r`")),
            ([Client, Forwarded], ("a client", "`$remote_addr`, `%h`")),
        ]
        .into_iter()
        .filter(|(fields, _)| !fields.iter().any(|field| self.has(*field)))
        .map(|(_, what)| what)
        .collect()
    }

    /// Walks as far as time, host and request. `None`: the line has another form.
    pub(super) fn head<'l>(&self, line: &'l [u8], seen: &mut Seen<'l>) -> Option<&'l [u8]> {
        let rest = match &*self.before {
            // Not left to `strip_prefix`: `memcmp` of nothing at an empty vector's address costs as much as the rest of the line.
            [] => line,
            before => line.strip_prefix(before)?,
        };
        let rest = walk(&self.steps[..self.head], rest, seen)?;
        let (ident, user) = (seen.0[Field::Ident as usize], seen.0[Field::User as usize]);
        // Where an address would be, the line has a host before it; where the client's `-` would be, other words: those of syslog.
        let is_ident = !self.has_ident
            || ident == b"-"
            || (ident.iter().any(|byte| !byte.is_ascii_digit())
                && !ident.iter().any(|byte| matches!(byte, b'.' | b':')));
        let is_user = user.len() < 4 || memmem::find(user, b" - ").is_none();
        (is_ident && is_user).then_some(rest)
    }

    /// Walks the rest of the line, from where [`Lines::head`] ended.
    pub(super) fn tail<'l>(&self, rest: &'l [u8], seen: &mut Seen<'l>) -> Option<()> {
        walk(&self.steps[self.head..], rest, seen)?;
        let number = |field| {
            let value: &[u8] = seen.0[field as usize];
            value == b"-" || value.iter().all(u8::is_ascii_digit)
        };
        (number(Field::Status) && number(Field::Size)).then_some(())
    }
}

fn walk<'l>(steps: &[Step], mut rest: &'l [u8], seen: &mut Seen<'l>) -> Option<&'l [u8]> {
    for step in steps {
        let mut end = end(step, rest)?;
        // The client and the proxies it came through: `203.0.113.1, 10.1.2.3`.
        while step.field == Field::Client
            && rest[..end].ends_with(b",")
            && step.until.starts_with(b" ")
        {
            let from = end + step.until.len();
            end = from + self::end(step, rest.get(from..)?)?;
        }
        seen.0[step.field as usize] = &rest[..end];
        rest = &rest[end + step.until.len()..];
    }
    Some(rest)
}

fn end(step: &Step, rest: &[u8]) -> Option<usize> {
    let [first, others @ ..] = &*step.until else {
        return Some(rest.len());
    };
    let mut from = 0;
    if step.may_be_quoted && rest.starts_with(b"\"") {
        let closing = [b"\"", &*step.until].concat();
        from = memmem::find(&rest[1..], &closing).map_or(0, |at| at + 2);
    }
    loop {
        let at = from + memchr(*first, &rest[from..])?;
        from = at + 1;
        // What follows is two or three octets, which `starts_with` would call `memcmp` for.
        let follows = rest.len() - from >= others.len()
            && others.iter().zip(&rest[from..]).all(|(a, b)| a == b);
        if follows && !(step.quoted && is_escaped(&rest[..at])) {
            return Some(at);
        }
    }
}

fn is_escaped(before: &[u8]) -> bool {
    let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\');
    backslashes.count() % 2 == 1
}

/// What the name of a field means, however it is written (`http_user_agent`, `userAgent`, `cs(User-Agent)`), and its rank among the
/// names that mean the same. The names are those of nginx's variables, Caddy, Traefik, W3C extended logs (IIS), CloudFront, Google, Cloudflare,
/// Azure, Envoy and Vercel.
pub(super) fn named(name: &str) -> (Field, u8) {
    use Field::{
        Agent, Client, Date, Forwarded, Host, Method, Purpose, Query, Request, Skip, Status,
        Target, Time,
    };
    let mut plain = [0; 24];
    let mut length = 0;
    for byte in name.bytes().filter(|byte| !matches!(byte, b'_' | b'-')) {
        let Some(slot) = plain.get_mut(length) else {
            return (Skip, 0);
        };
        *slot = byte.to_ascii_lowercase();
        length += 1;
    }
    match &plain[..length] {
        b"clientip" => (Client, 5),
        b"clienthost" | b"cip" => (Client, 4),
        b"remoteaddr" | b"remoteip" | b"ip" | b"clientaddress" => (Client, 3),
        b"remotehost" | b"clientaddr" | b"client" => (Client, 2),
        b"xforwardedfor"
        | b"httpxforwardedfor"
        | b"requestxforwardedfor"
        | b"cs(xforwardedfor)" => (Forwarded, 3),
        b"cfconnectingip" | b"httpcfconnectingip" | b"xrealip" | b"httpxrealip" => (Forwarded, 2),
        b"xhostheader" => (Host, 4),
        b"httphost" | b"requesthost" | b"cs(host)" | b"cshost" | b"clientrequesthost" => (Host, 3),
        b"host" | b"vhost" | b"virtualhost" | b"authority" | b"hostname" => (Host, 2),
        b"servername" => (Host, 1),
        b"startutc" | b"timeiso8601" | b"msec" | b"edgestarttimestamp" | b"starttime" => (Time, 4),
        b"ts" | b"timestamp" | b"@timestamp" | b"timelocal" => (Time, 3),
        b"time" | b"datetime" => (Time, 2),
        b"startlocal" => (Time, 1),
        b"date" => (Date, 1),
        b"request" | b"requestline" => (Request, 1),
        b"method"
        | b"requestmethod"
        | b"csmethod"
        | b"httpmethod"
        | b"verb"
        | b"clientrequestmethod" => (Method, 1),
        b"requesturi" | b"requesturl" | b"clientrequesturi" => (Target, 4),
        b"uri" | b"csuri" | b"csuristem" => (Target, 3),
        b"requestpath" | b"path" => (Target, 2),
        b"url" | b"target" => (Target, 1),
        b"query" | b"querystring" | b"args" | b"csuriquery" => (Query, 1),
        b"status"
        | b"downstreamstatus"
        | b"scstatus"
        | b"statuscode"
        | b"responsestatus"
        | b"edgeresponsestatus"
        | b"httpstatuscode"
        | b"responsecode" => (Status, 1),
        b"useragent"
        | b"httpuseragent"
        | b"requestuseragent"
        | b"cs(useragent)"
        | b"agent"
        | b"clientrequestuseragent" => (Agent, 1),
        b"secpurpose" | b"httpsecpurpose" | b"requestsecpurpose" => (Purpose, 3),
        b"purpose" | b"httppurpose" | b"requestpurpose" | b"xpurpose" => (Purpose, 2),
        b"xmoz" | b"httpxmoz" | b"requestxmoz" => (Purpose, 1),
        _ => (Skip, 0),
    }
}
