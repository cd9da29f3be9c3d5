//! How the lines of a log are written, as the server that writes it says.

use std::borrow::Cow;

use super::fields::{Field, Lines, Step, named};

/// How the lines of a log are written: nginx's `log_format` (`$remote_addr - $remote_user [$time_local] ..`) or Apache's `LogFormat`
/// (`%h %l %u %t ..`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format(pub(super) Lines);

impl Format {
    /// Parses a server's own format string.
    ///
    /// # Errors
    /// What is wrong with it, or missing: without a time, a request and a client there are no readers to count.
    pub fn parse(text: &str) -> Result<Self, String> {
        let pieces = if text.contains('$') {
            nginx(text)?
        } else if text.contains('%') {
            apache(text)?
        } else {
            return Err(
                "expected a format as nginx (`$remote_addr ..`) or Apache (`%h ..`) writes it, but found neither `$` nor `%`"
                    .to_owned(),
            );
        };
        let lines = compiled("the given format", pieces)?;
        let lacks = lines.lacks();
        let lacks: Vec<String> = lacks
            .iter()
            .map(|(what, such)| format!("{what} ({such})"))
            .collect();
        if lacks.is_empty() {
            Ok(Self(lines))
        } else {
            Err(format!("it lacks {}", lacks.join(", and ")))
        }
    }
}

/// Literal text, or a field with its rank among those that say the same.
type Piece<'t> = Result<Cow<'t, str>, (Field, u8)>;

/// The formats that are known without being told.
pub(super) fn known() -> Vec<Lines> {
    const COMBINED: &str = r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#;
    const COMMON: &str = r#"%h %l %u %t "%r" %>s %b"#;
    /// <https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/access-log-collection.html>
    const ELB: &str = r#"$time_iso8601 $balancer $remote_addr $target $before $behind $after $status $target_status $received $sent "$request" "$http_user_agent""#;
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html>
    const S3: &str = r#"$owner $host [$time_local] $remote_addr $requester $id $operation $key "$request" $status $error $sent $size $total $turn "$referer" "$http_user_agent""#;
    /// <https://docs.haproxy.org/3.0/configuration.html#8.2.3>: captured headers are between the queues and the request.
    const HAPROXY: &str = r#"$remote_addr [$time_local] $frontend $backend $timers $status $sent $cookie $cookies $end $connections $queues "$request""#;
    /// <https://learn.microsoft.com/windows/win32/http/iis-logging>
    const IIS: &str = r"$remote_addr, $user, $date, $time, $service, $server, $address, $took, $received, $sent, $status, $code, $method, $uri, $query,";
    /// <https://docs.bunny.net/docs/cdn-log-format>
    const BUNNY: &str =
        r"$cache|$status|$msec|$sent|$zone|$remote_addr|$referer|$url|$edge|$http_user_agent|";
    /// <https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage>
    const ENVOY: &str = r#"[$time_iso8601] "$request" $status $flags $received $sent $took $behind "$http_x_forwarded_for" "$http_user_agent" "$id" "$host""#;
    // Combined logs carry further fields as their papers please; nginx's own example puts `$http_x_forwarded_for` first.
    let with_tail = |name, text: &str| {
        let mut pieces = apache(text).ok()?;
        pieces.push(Err((Field::Tail, 0)));
        compiled(name, pieces).ok()
    };
    let of_nginx = |name, text: &str| {
        let mut pieces = nginx(text).ok()?;
        pieces.push(Err((Field::Tail, 0)));
        compiled(name, pieces).ok()
    };
    [
        with_tail("the combined format", COMBINED),
        with_tail("the combined format with hosts", &format!("%v {COMBINED}")),
        // `Aug 24 07:10:07 web nginx: ` and the like.
        with_tail(
            "the combined format behind syslog's words",
            &format!("%n: {COMBINED}"),
        ),
        with_tail(
            "the combined format in a container's log",
            &format!("%n stdout F {COMBINED}"),
        ),
        apache(COMMON)
            .and_then(|pieces| compiled("the common format", pieces))
            .ok(),
        apache(&format!("%v {COMMON}"))
            .and_then(|pieces| compiled("the common format with hosts", pieces))
            .ok(),
        of_nginx(
            "the format of Elastic Load Balancing",
            &format!("$type {ELB}"),
        ),
        of_nginx("the format of Elastic Load Balancing", ELB),
        of_nginx("the format of Amazon S3", S3),
        of_nginx("the format of IIS", IIS),
        of_nginx("the format of bunny.net", BUNNY),
        of_nginx("the format of Envoy", ENVOY),
        of_nginx("the HTTP format of HAProxy", HAPROXY),
        of_nginx(
            "the HTTP format of HAProxy behind syslog's words",
            &format!("$syslog: {HAPROXY}"),
        ),
        of_nginx(
            "the HTTP format of HAProxy behind syslog's words",
            &format!("$syslog - - {HAPROXY}"),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The lines of a W3C extended log with fields of these `names`, set `apart` so; or what they lack.
pub(super) fn w3c(names: &str, apart: &str) -> Result<Lines, String> {
    let mut pieces = Vec::new();
    for name in names.split_ascii_whitespace() {
        if !pieces.is_empty() {
            pieces.push(Ok(apart.into()));
        }
        pieces.push(Err(named(name)));
    }
    let mut lines = compiled("the form that its `#Fields:` name", pieces)?;
    lines.allow_quotes();
    match lines.lacks()[..] {
        [] => Ok(lines),
        [(what, _), ..] => Err(format!("its `#Fields:` lack {what}")),
    }
}

fn nginx(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        pieces.push(Ok(rest[..at].into()));
        rest = &rest[at + 1..];
        let braced = rest.strip_prefix('{');
        let name = braced.unwrap_or(rest);
        let end = name
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(name.len());
        let (name, after) = name.split_at(end);
        if name.is_empty() {
            return Err("expected a name after `$`, such as `$remote_addr`".to_owned());
        }
        rest = match braced {
            Some(_) => after
                .strip_prefix('}')
                .ok_or_else(|| format!("expected `}}` after `${{{name}`"))?,
            None => after,
        };
        pieces.push(Err(named(name)));
    }
    pieces.push(Ok(rest.into()));
    Ok(pieces)
}

/// <https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats>
fn apache(text: &str) -> Result<Vec<Piece<'static>>, String> {
    let mut pieces: Vec<Piece<'static>> = Vec::new();
    let mut literal = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '%' => {}
            // As copied out of a quoted directive.
            '\\' => {
                match rest.next() {
                    Some('t') => literal.push('\t'),
                    Some(c) => literal.push(c),
                    None => literal.push('\\'),
                }
                continue;
            }
            c => {
                literal.push(c);
                continue;
            }
        }
        let mut argument = None;
        let letter = loop {
            match rest.next() {
                Some('<' | '>' | '!' | ',' | '0'..='9') => {}
                Some('{') => {
                    let (inside, after) = rest
                        .as_str()
                        .split_once('}')
                        .ok_or_else(|| "expected `}` after `%{`".to_owned())?;
                    argument = Some(inside);
                    rest = after.chars();
                }
                Some(letter) => break letter,
                None => return Err("expected a letter after the last `%`, such as `%h`".to_owned()),
            }
        };
        let field = match (letter, argument) {
            ('%', _) => {
                literal.push('%');
                continue;
            }
            ('t', None) => {
                literal.push('[');
                pieces.push(Ok(std::mem::take(&mut literal).into()));
                pieces.push(Err((Field::Time, 1)));
                literal.push(']');
                continue;
            }
            ('t', Some(_)) => (Field::Time, 1),
            ('h' | 'a', _) => (Field::Client, 1),
            ('l', _) => (Field::Ident, 1),
            ('u', _) => (Field::User, 1),
            ('r', _) => (Field::Request, 1),
            ('m', _) => (Field::Method, 1),
            ('U', _) => (Field::Target, 1),
            ('q', _) => (Field::Query, 1),
            ('s', _) => (Field::Status, 1),
            ('b' | 'B', _) => (Field::Size, 1),
            ('v' | 'V', _) => (Field::Host, 1),
            ('i', Some(name)) => named(name),
            _ => (Field::Skip, 0),
        };
        pieces.push(Ok(std::mem::take(&mut literal).into()));
        pieces.push(Err(field));
    }
    pieces.push(Ok(literal.into()));
    Ok(pieces)
}

/// Makes steps of pieces: every field reaches to the text that follows it.
fn compiled(name: &'static str, pieces: Vec<Piece<'_>>) -> Result<Lines, String> {
    let mut before = String::new();
    let mut steps: Vec<Step> = Vec::new();
    let mut ranks: Vec<u8> = Vec::new();
    let mut quoted = false;
    for piece in pieces {
        match piece {
            Ok(text) => {
                quoted = text.ends_with('"');
                match steps.last_mut() {
                    Some(step) => {
                        step.until.extend_from_slice(text.as_bytes());
                        step.quoted &= text.starts_with('"');
                    }
                    None => before.push_str(&text),
                }
            }
            Err((field, rank)) => {
                match steps.last_mut() {
                    // Apache's `%U%q`, nginx's `$uri$is_args$args`: together they are what the client asked for.
                    Some(step)
                        if step.until.is_empty()
                            && step.field == Field::Target
                            && matches!(field, Field::Query | Field::Skip) =>
                    {
                        continue;
                    }
                    Some(step) if step.until.is_empty() => {
                        return Err(
                            "two fields stand side by side: expected a space or other text between"
                                .to_owned(),
                        );
                    }
                    _ => {}
                }
                steps.push(Step {
                    field,
                    until: Vec::new(),
                    quoted,
                    may_be_quoted: false,
                });
                ranks.push(rank);
            }
        }
    }
    // Of two fields that say the same the better one is read.
    for at in 0..steps.len() {
        let field = steps[at].field;
        if (0..steps.len()).any(|other| {
            steps[other].field == field
                && (ranks[other], std::cmp::Reverse(other)) > (ranks[at], std::cmp::Reverse(at))
        }) {
            steps[at].field = Field::Skip;
        }
    }
    Ok(Lines::new(name, before.into_bytes(), steps))
}
