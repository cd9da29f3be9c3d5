//! How often one client may ask for what costs something: a bucket of tokens each, in memory that never grows beyond a bound.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The most clients a generation remembers; there are two, of some 40 octets a client.
const CLIENTS: usize = 20_000;

/// A client as limits see it: an address of IPv4, or the network of one of IPv6, of which anybody has a whole one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Client(u128);

impl Client {
    pub(super) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(four) => four.to_ipv6_mapped().to_bits(),
            IpAddr::V6(six) => six.to_bits() & !0_u128 << 64,
        })
    }
}

/// Buckets that hold `burst` and get one back every `refill`.
pub(super) struct Buckets {
    burst: u32,
    refill: Duration,
    clients: Mutex<[HashMap<Client, Instant>; 2]>,
}

impl Buckets {
    pub(super) fn new(burst: u32, refill: Duration) -> Self {
        Self {
            burst,
            refill,
            clients: Mutex::default(),
        }
    }

    /// Takes one; or says how long to wait for it.
    ///
    /// A bucket is the instant at which it will be full again. Those of the generation before are looked at too; when the young one is full
    /// it becomes the old one, so whoever has not come for longest is forgotten.
    pub(super) fn take(&self, client: Client, now: Instant) -> Result<(), Duration> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let [young, old] = &mut *clients;
        let full = young.get(&client).or_else(|| old.get(&client));
        let full = full.map_or(now, |full| *full).max(now) + self.refill;
        let wait = full.saturating_duration_since(now + self.refill * self.burst);
        if wait.is_zero() {
            young.insert(client, full);
            if young.len() >= CLIENTS {
                *old = std::mem::take(young);
            }
            Ok(())
        } else {
            Err(wait)
        }
    }
}

/// How many of something each client has at the moment.
#[derive(Default)]
pub(super) struct Counts(Mutex<HashMap<Client, usize>>);

/// One of those that are counted, until it is dropped.
pub(super) struct Entered<'c> {
    counts: &'c Counts,
    client: Client,
}

impl Counts {
    /// One more, unless there are `most`.
    pub(super) fn enter(&self, client: Client, most: usize) -> Option<Entered<'_>> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(client).or_default();
        *count += 1;
        if *count > most {
            *count -= 1;
            return None;
        }
        Some(Entered {
            counts: self,
            client,
        })
    }

    /// All of all clients.
    pub(super) fn total(&self) -> usize {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.values().sum()
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        let mut counts = self.counts.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(text: &str) -> Client {
        Client::of(text.parse().unwrap())
    }

    #[test]
    fn a_network_is_one_client() {
        assert_eq!(client("2001:db8:1:2::1"), client("2001:db8:1:2:ffff::9"));
        assert_ne!(client("2001:db8:1:2::1"), client("2001:db8:1:3::1"));
        assert_ne!(client("192.0.2.1"), client("192.0.2.2"));
        assert_eq!(client("192.0.2.1"), client("::ffff:192.0.2.1"));
    }

    #[test]
    fn a_burst_then_one_at_a_time() {
        let (buckets, start) = (Buckets::new(3, Duration::from_secs(30)), Instant::now());
        let take =
            |who: &str, seconds| buckets.take(client(who), start + Duration::from_secs(seconds));
        for _ in 0..3 {
            assert_eq!(take("192.0.2.1", 0), Ok(()));
        }
        assert_eq!(take("192.0.2.1", 0), Err(Duration::from_secs(30)));
        assert_eq!(take("192.0.2.1", 10), Err(Duration::from_secs(20)));
        assert_eq!(take("192.0.2.2", 10), Ok(()));
        assert_eq!(take("192.0.2.1", 30), Ok(()));
        assert!(take("192.0.2.1", 30).is_err());
        for _ in 0..3 {
            assert_eq!(take("192.0.2.1", 10_000), Ok(()));
        }
        assert!(take("192.0.2.1", 10_000).is_err());
    }

    #[test]
    fn memory_is_bounded_and_the_latest_are_remembered() {
        let (buckets, now) = (Buckets::new(1, Duration::from_mins(1)), Instant::now());
        for number in 0..5 * CLIENTS as u128 {
            assert_eq!(buckets.take(Client(number), now), Ok(()));
        }
        let held: usize = buckets
            .clients
            .lock()
            .unwrap()
            .iter()
            .map(HashMap::len)
            .sum();
        assert!(held <= 2 * CLIENTS, "{held}");
        assert!(buckets.take(Client(5 * CLIENTS as u128 - 1), now).is_err());
        assert!(buckets.take(Client(0), now).is_ok());
    }

    #[test]
    fn so_many_at_a_time() {
        let (counts, who) = (Counts::default(), client("192.0.2.1"));
        let held = [counts.enter(who, 2), counts.enter(who, 2)];
        assert!(held.iter().all(Option::is_some) && counts.enter(who, 2).is_none());
        let other = counts.enter(client("192.0.2.2"), 2);
        assert_eq!(counts.total(), 3);
        drop(held);
        assert_eq!(counts.total(), 1);
        assert!(counts.enter(who, 2).is_some() && other.is_some());
    }
}
