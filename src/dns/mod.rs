//! DNS, asked: many questions side by side, of the machine's own resolvers or of others.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use tokio::time::{Instant, timeout_at};

use crate::model::dns::{Answer, Answers, Question, Record, RecordKind, Unanswered, plain_name};
use crate::model::line::Line;

/// How long one try may take, and how many there are of a resolver.
const TRY: Duration = Duration::from_millis(1_500);
const TRIES: usize = 2;
/// How many questions are open at once.
const AT_ONCE: usize = 32;
/// How many are asked in all: no record makes the program ask for ever.
const MOST: usize = 500;
/// How many records of an answer, and octets of a text, are looked at.
const MOST_RECORDS: usize = 200;
const LONGEST: usize = 20_000;

/// Whom to ask.
#[derive(Clone, Debug)]
pub struct Resolver(TokioResolver);

/// Nobody can be asked.
#[derive(Debug, thiserror::Error)]
#[error("this machine names no DNS resolver that can be asked")]
pub struct NoResolver;

impl Resolver {
    /// Asks these; without any those of the machine (`/etc/resolv.conf`).
    ///
    /// # Errors
    /// The machine names none.
    pub fn new(named: &[SocketAddr]) -> Result<Self, NoResolver> {
        let (mut config, mut options) = (ResolverConfig::default(), ResolverOpts::default());
        if named.is_empty() {
            (config, options) =
                hickory_resolver::system_conf::read_system_conf().map_err(|_| NoResolver)?;
        }
        for address in named {
            config.add_name_server(server(*address));
        }
        options.timeout = TRY;
        options.attempts = TRIES;
        // What the world sees counts, not what this machine has in its files or asked before.
        options.use_hosts_file = ResolveHosts::Never;
        options.cache_size = 0;
        options.edns0 = true;
        options.try_tcp_on_error = true;
        let builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        builder
            .with_options(options)
            .build()
            .map(Self)
            .map_err(|_| NoResolver)
    }

    /// Judges, asks what is missing for that, and judges again, until nothing is missing or the time is over; what is not known then is silence.
    pub async fn judge<T>(
        &self,
        answers: &mut Answers,
        deadline: Instant,
        mut judge: impl FnMut(&mut Answers) -> T,
    ) -> T {
        let mut asked = 0;
        loop {
            let judged = judge(answers);
            let wanted: Vec<Question> = answers.wanted().cloned().collect();
            if wanted.is_empty() {
                return judged;
            }
            let is_over = asked >= MOST || Instant::now() >= deadline;
            asked += wanted.len();
            for (question, answer) in self
                .ask(wanted, if is_over { None } else { Some(deadline) })
                .await
            {
                answers.learn(question, answer);
            }
        }
    }

    async fn ask(
        &self,
        wanted: Vec<Question>,
        deadline: Option<Instant>,
    ) -> Vec<(Question, Answer)> {
        let Some(deadline) = deadline else {
            let silence = |question| (question, Answer::Unanswered(Unanswered::Silent));
            return wanted.into_iter().map(silence).collect();
        };
        let ask = |question: Question| async move {
            let answer = timeout_at(deadline, self.answer(&question)).await;
            let answer = answer.unwrap_or(Answer::Unanswered(Unanswered::Silent));
            (question, answer)
        };
        each(wanted, ask).await
    }

    /// What DNS says. Aliases (CNAME) are followed, and an answer that is too long for a datagram is asked for again over TCP.
    pub async fn answer(&self, question: &Question) -> Answer {
        let Ok(mut name) = Name::from_ascii(&question.name) else {
            return Answer::Unanswered(Unanswered::NoName);
        };
        // Only the name itself, and none below the machine's own domain.
        name.set_fqdn(true);
        let kind = match question.kind {
            RecordKind::Text => RecordType::TXT,
            RecordKind::Address4 => RecordType::A,
            RecordKind::Address6 => RecordType::AAAA,
            RecordKind::Exchange => RecordType::MX,
            RecordKind::Pointer => RecordType::PTR,
        };
        match self.0.lookup(name, kind).await {
            Ok(found) => {
                let records = found
                    .answers()
                    .iter()
                    .filter(|record| record.record_type() == kind);
                let records = records
                    .take(MOST_RECORDS)
                    .filter_map(|one| record(&one.data));
                Answer::Records(records.collect())
            }
            Err(NetError::Dns(DnsError::NoRecordsFound(none)))
                if none.response_code == ResponseCode::NXDomain =>
            {
                Answer::NoSuchName
            }
            Err(NetError::Dns(DnsError::NoRecordsFound(none)))
                if none.response_code == ResponseCode::NoError =>
            {
                Answer::Records(Vec::new())
            }
            Err(error) => Answer::Unanswered(unanswered(&error)),
        }
    }
}

/// Does it for each, some at once.
async fn each<T, F: Future<Output = T>>(
    questions: Vec<Question>,
    ask: impl Fn(Question) -> F,
) -> Vec<T> {
    let mut waiting = questions.into_iter();
    let mut asking: FuturesUnordered<F> = waiting.by_ref().take(AT_ONCE).map(&ask).collect();
    let mut all = Vec::new();
    while let Some(answered) = asking.next().await {
        all.push(answered);
        asking.extend(waiting.next().map(&ask));
    }
    all
}

fn server(address: SocketAddr) -> NameServerConfig {
    let on = |mut connection: ConnectionConfig| {
        connection.port = address.port();
        connection
    };
    let connections = vec![on(ConnectionConfig::udp()), on(ConnectionConfig::tcp())];
    NameServerConfig::new(address.ip(), true, connections)
}

fn record(data: &RData) -> Option<Record> {
    let name = |name: &Name| plain_name(&name.to_ascii());
    Some(match data {
        RData::TXT(text) => {
            let octets: Vec<u8> = text
                .txt_data
                .iter()
                .flat_map(|piece| piece.iter().copied())
                .take(LONGEST)
                .collect();
            Record::Text(String::from_utf8_lossy(&octets).into_owned())
        }
        RData::A(address) => Record::Address(IpAddr::V4(address.0)),
        RData::AAAA(address) => Record::Address(IpAddr::V6(address.0)),
        RData::MX(exchange) => Record::Exchange {
            preference: exchange.preference,
            host: name(&exchange.exchange),
        },
        RData::PTR(pointer) => Record::Name(name(&pointer.0)),
        _ => return None,
    })
}

fn unanswered(error: &NetError) -> Unanswered {
    match error {
        NetError::Dns(DnsError::ResponseCode(code)) => {
            Unanswered::Refused(Line::clean(code.to_str()).to_string())
        }
        NetError::Dns(DnsError::NoRecordsFound(none)) => {
            Unanswered::Refused(none.response_code.to_str().to_owned())
        }
        NetError::Timeout | NetError::NoConnections | NetError::Busy | NetError::Io(_) => {
            Unanswered::Silent
        }
        _ => Unanswered::Nonsense,
    }
}
