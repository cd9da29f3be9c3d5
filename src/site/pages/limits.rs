//! How often one client may ask for what costs something: a bucket of tokens each, in memory that never grows beyond a bound.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::model::network::Network;

/// The most networks a generation remembers; there are two, of some 60 octets a network.
const CLIENTS: usize = 20_000;

/// A client as limits see it: an address of IPv4, or the network of one of IPv6, of which anybody has a whole one.
pub(super) fn client(address: IpAddr) -> Network {
    Network::around(address, 32, 64)
}

/// A bucket that holds `burst` and gets one back every `refill`. What it holds is told by the instant at which it is full again.
#[derive(Clone, Copy)]
pub(super) struct BucketRate {
    pub(super) burst: u32,
    pub(super) refill: Duration,
}

impl BucketRate {
    /// When the bucket is full again after one more is taken; or how long to wait for that one.
    fn take(self, full: Option<Instant>, now: Instant) -> Result<Instant, Duration> {
        let full = full.map_or(now, |full| full.max(now)) + self.refill;
        let wait = full.saturating_duration_since(now + self.refill * self.burst);
        if wait.is_zero() { Ok(full) } else { Err(wait) }
    }
}

/// Buckets by network. When the young generation is full it becomes the old one, so whoever has not come for longest is forgotten.
#[derive(Default)]
struct Fills([HashMap<Network, Instant>; 2]);

impl Fills {
    fn get(&self, network: Network) -> Option<Instant> {
        let [young, old] = &self.0;
        young.get(&network).or_else(|| old.get(&network)).copied()
    }

    fn set(&mut self, network: Network, full: Instant) {
        let [young, old] = &mut self.0;
        young.insert(network, full);
        if young.len() >= CLIENTS {
            *old = std::mem::take(young);
        }
    }
}

/// A bucket for each client.
pub(super) struct Buckets {
    rate: BucketRate,
    fills: Mutex<Fills>,
}

impl Buckets {
    pub(super) fn new(rate: BucketRate) -> Self {
        Self {
            rate,
            fills: Mutex::default(),
        }
    }

    /// Takes one; or says how long to wait for it.
    pub(super) fn take(&self, client: Network, now: Instant) -> Result<(), Duration> {
        let mut fills = self.fills.lock().unwrap_or_else(PoisonError::into_inner);
        let full = self.rate.take(fills.get(client), now)?;
        fills.set(client, full);
        Ok(())
    }
}

/// What one network may have of the sign-ups that the ledger takes in an hour (3,000): at most 200 for a /48 or an IPv4 /24 ..
const NEAR: BucketRate = rate(100, 36);
/// .. and 800 for a /32 or an IPv4 /16, of which a provider has many.
const WIDE: BucketRate = rate(400, 9);
/// What all may have in an hour, 2,200; ..
const ALL: BucketRate = rate(1_000, 3);
/// .. and 800 more that are kept for networks from which hardly anybody has come.
const RESERVE: BucketRate = rate(400, 9);
/// How many have lately come from a network, and from the wider one, that is no longer quiet.
const QUIET: (u32, u32) = (3, 12);

const fn rate(burst: u32, refill: u64) -> BucketRate {
    BucketRate {
        burst,
        refill: Duration::from_secs(refill),
    }
}

/// How sign-ups share the hour. In memory only: no file says from where somebody came.
#[derive(Default)]
pub(super) struct Shares(Mutex<Fullness>);

#[derive(Default)]
struct Fullness {
    near: Fills,
    wide: Fills,
    all: Option<Instant>,
    reserve: Option<Instant>,
}

impl Shares {
    /// Takes one; or says how long to wait for it. One that is refused costs no share.
    pub(super) fn take(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let near = Network::around(address, 24, 48);
        let wide = Network::around(address, 16, 32);
        let mut shares = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let near_full = NEAR.take(shares.near.get(near), now)?;
        let wide_full = WIDE.take(shares.wide.get(wide), now)?;
        let is_quiet =
            near_full - now <= NEAR.refill * QUIET.0 && wide_full - now <= WIDE.refill * QUIET.1;
        match ALL.take(shares.all, now) {
            Ok(full) => shares.all = Some(full),
            Err(_) if is_quiet => shares.reserve = Some(RESERVE.take(shares.reserve, now)?),
            Err(wait) => return Err(wait),
        }
        shares.near.set(near, near_full);
        shares.wide.set(wide, wide_full);
        Ok(())
    }
}

/// How many of something each client has at the moment.
#[derive(Default)]
pub(super) struct ConnectionCounts(Mutex<HashMap<Network, usize>>);

/// One of those that are counted, until it is dropped.
pub(super) struct Entered<'c> {
    counts: &'c ConnectionCounts,
    client: Network,
}

impl ConnectionCounts {
    /// One more, unless there are `most`.
    pub(super) fn enter(&self, client: Network, most: usize) -> Option<Entered<'_>> {
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
    use std::net::Ipv6Addr;

    use super::*;

    fn client(text: &str) -> Network {
        super::client(text.parse().unwrap())
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
        let (buckets, start) = (Buckets::new(rate(3, 30)), Instant::now());
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
        let (buckets, now) = (Buckets::new(rate(1, 60)), Instant::now());
        let client =
            |number: usize| super::client(Ipv6Addr::from_bits((number as u128) << 64).into());
        for number in 1..5 * CLIENTS {
            assert_eq!(buckets.take(client(number), now), Ok(()));
        }
        let held: usize = buckets
            .fills
            .lock()
            .unwrap()
            .0
            .iter()
            .map(HashMap::len)
            .sum();
        assert!(held <= 2 * CLIENTS, "{held}");
        assert!(buckets.take(client(5 * CLIENTS - 1), now).is_err());
        assert!(buckets.take(client(1), now).is_ok());
    }

    #[test]
    fn no_network_uses_up_the_hour() {
        let (shares, now) = (Shares::default(), Instant::now());
        let take = |bits: u128| shares.take(Ipv6Addr::from_bits(bits).into(), now).is_ok();
        let (provider, city) = (0x2001_0db8_u128 << 96, 0x2001_0db9_u128 << 96);
        // A /48, in which every client is another /64; then the /32 around it.
        let taken = (0..5_000)
            .filter(|network| take(provider | network << 64))
            .count();
        assert_eq!(taken, 100);
        let taken = (0..5_000)
            .filter(|network| take(provider | network << 80))
            .count();
        assert_eq!(taken, 300);
        assert!(take(city | 1), "somebody else");
        // Many providers together use up what is for all, but not what is kept for quiet networks.
        let others = |at: u128| (0x2a10_0000 + at / 300) << 96 | (at % 10) << 80;
        let taken = (0..3_000).filter(|at| take(others(*at))).count();
        assert_eq!(taken, 599 + 12 * 8);
        assert!(!take(others(0)) && take(0x2a00_u128 << 112));
        assert!(shares.take("198.51.100.7".parse().unwrap(), now).is_ok());
    }

    #[test]
    fn so_many_at_a_time() {
        let (counts, who) = (ConnectionCounts::default(), client("192.0.2.1"));
        let held = [counts.enter(who, 2), counts.enter(who, 2)];
        assert!(held.iter().all(Option::is_some) && counts.enter(who, 2).is_none());
        let other = counts.enter(client("192.0.2.2"), 2);
        assert_eq!(counts.total(), 3);
        drop(held);
        assert_eq!(counts.total(), 1);
        assert!(counts.enter(who, 2).is_some() && other.is_some());
    }
}
