//! How strangers' servers are asked: a few hosts at once, two addresses of each, all within a time.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};

use super::enrich::{HOSTS, OF_ONE_HOST};
use crate::model::link::Link;

/// Asks every link, by its place, and gives in their order what came within `time`.
pub(super) async fn each<T, F: Future<Output = T>>(
    links: &[Link],
    time: Duration,
    ask: impl Fn(usize) -> F,
) -> Vec<(usize, T)> {
    let mut hosts: Vec<(String, Vec<usize>)> = Vec::new();
    for (place, link) in links.iter().enumerate() {
        let host = link.url().origin().ascii_serialization();
        match hosts.iter_mut().find(|(known, _)| *known == host) {
            Some((_, places)) => places.push(place),
            None => hosts.push((host, vec![place])),
        }
    }
    let ask = &ask;
    let mut answers = stream::iter(hosts).flat_map_unordered(HOSTS, |(_, places)| {
        let host = stream::iter(places).map(async move |place| (place, ask(place).await));
        Box::pin(host.buffer_unordered(OF_ONE_HOST))
    });
    let mut came = Vec::new();
    let all = async {
        while let Some(answer) = answers.next().await {
            came.push(answer);
        }
    };
    // When the time is over, what has come stays.
    _ = tokio::time::timeout(time, all).await;
    came.sort_unstable_by_key(|(place, _)| *place);
    came
}
