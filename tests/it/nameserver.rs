//! A name server that says what its zone says. What other servers say, and what goes over TCP, is tried with BIND in `tests/real`.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use hickory_resolver::proto::op::{Message, Query, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, MX, PTR, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};

pub(crate) struct NameServer {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl NameServer {
    /// Each line of the zone is `NAME KIND VALUE`; of the name `*` with the kind `SILENT` nothing is said at all.
    pub(crate) fn with(zone: &str) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let asked: Arc<AtomicUsize> = Arc::default();
        let (zone, count) = (zone.to_owned(), Arc::clone(&asked));
        thread::spawn(move || {
            let mut datagram = [0; 2_000];
            while let Ok((length, from)) = socket.recv_from(&mut datagram) {
                count.fetch_add(1, Ordering::SeqCst);
                if zone.contains("* SILENT") {
                    continue;
                }
                let question = Message::from_vec(&datagram[..length]).unwrap();
                let answer = answer(&zone, question).to_vec().unwrap();
                socket.send_to(&answer, from).unwrap();
            }
        });
        Self { address, asked }
    }

    /// As `[check]` names it.
    pub(crate) fn config(&self) -> String {
        format!("resolvers = [\"{}\"]", self.address)
    }

    /// How many questions came.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn answer(zone: &str, question: Message) -> Message {
    let query: Query = question.queries[0].clone();
    let mut answer = question.into_response();
    answer.additionals.clear();
    let asked = query.name().to_ascii().to_lowercase();
    let mut is_there = false;
    for line in zone.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, rest) = line.split_once(' ').unwrap();
        let (kind, value) = rest.split_once(' ').unwrap();
        if format!("{name}.") != asked {
            continue;
        }
        is_there = true;
        let name_of = |text: &str| Name::from_ascii(format!("{text}.")).unwrap();
        let (kind, data) = match kind {
            "TXT" => {
                let pieces = value.as_bytes().chunks(255);
                let pieces: Vec<&[u8]> = pieces.collect();
                (RecordType::TXT, RData::TXT(TXT::from_bytes(pieces)))
            }
            "A" => (RecordType::A, RData::A(A(value.parse().unwrap()))),
            "MX" => (RecordType::MX, RData::MX(MX::new(10, name_of(value)))),
            "PTR" => (RecordType::PTR, RData::PTR(PTR(name_of(value)))),
            other => panic!("no kind `{other}`"),
        };
        if kind == query.query_type() {
            answer.add_answer(Record::from_rdata(query.name().clone(), 60, data));
        }
    }
    if !is_there {
        answer.metadata.response_code = ResponseCode::NXDomain;
    }
    answer
}
