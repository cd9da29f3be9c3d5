//! Newsletters side by side.

use std::time::Duration;

use super::*;
use crate::newsroom::several::{OnlyNewsletter, move_over};
use crate::send::SendOrder;

/// The newsroom as one of several newsletters, `morning`.
fn of_several(relay: &str) -> Room {
    let room = Room::new("");
    let config = room.read("newsdigest.toml");
    room.write(
        "newsdigest.toml",
        &config.replace("outbox = \"outbox\"", relay),
    );
    let only = OnlyNewsletter {
        config: &room.path("newsdigest.toml"),
        id: "harbour",
        title: "Harbour",
    };
    let name = "morning".parse().unwrap();
    move_over(room.0.path(), &name, &only).unwrap();
    room
}

/// A newsroom that became one of several has a keeper for its newsletter, by name: the one of before ends.
#[test]
fn no_newsletter_is_kept_twice() {
    let room = of_several("outbox = \"outbox\"");
    let mut unnamed = Keeper::default();
    turn(&mut unnamed, &room.at("07:05"));
    assert!(unnamed.is_gone);
    assert_eq!(letters(&room.path("outbox")).0, 0);
    let mut named = Keeper::of("morning".parse().ok());
    turn(&mut named, &room.at("07:05"));
    assert!(!named.is_gone);
    assert_eq!(letters(&room.path("outbox")).0, 3);
}

/// Another newsletter speaks to the relay until it is too late: nothing is frozen.
#[test]
fn whose_turn_comes_too_late_is_not_frozen() {
    let room = of_several("host = \"127.0.0.1\"\nport = 1\nsecurity = \"none\"");
    let mut setup = room.at("07:00");
    let now = setup.world.now();
    let late = Arc::new(std::sync::atomic::AtomicBool::new(false));
    setup.world.clock = Arc::new({
        let late = Arc::clone(&late);
        move || {
            now + TimeDelta::hours(if late.load(std::sync::atomic::Ordering::Relaxed) {
                3
            } else {
                0
            })
        }
    });
    let order = SendOrder {
        slug: "2026-08-24".parse().unwrap(),
        in_doubt: None,
        despite: Vec::new(),
        may_be_nobodys: false,
        gives_way: Duration::ZERO,
    };
    let config = (setup.read_newsroom)().ok().unwrap().newsletters.remove(0);
    let world = &setup.world;
    let sent = runtime().block_on(async {
        let theirs = world.turn.wait(None).turn().await;
        let over = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            late.store(true, std::sync::atomic::Ordering::Relaxed);
            drop(theirs);
        };
        let step = &mut |_: Step<'_>| {};
        tokio::join!(send(&config, &order, world, step), over).0
    });
    let error = sent.unwrap_err();
    assert!(
        matches!(&error, MorningError::Send(sends::SendError::TooLate { .. })),
        "{error}"
    );
}
