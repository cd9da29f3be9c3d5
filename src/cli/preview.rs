//! `preview`: the edition on a local page that follows every change, or as files. `desk`: the page at which it is edited.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use tokio::sync::mpsc;

use super::arguments::{PageArgs, PreviewArgs};
use super::exit::Exit;
use super::open::{self, Setting};
use super::report::{Failure, Report, counted};
use super::{failures, suppress};
use crate::clock;
use crate::desk::{Desk, DeskSetup, ProofAnswer, ProofRequest, Proofs, look_once};
use crate::model::delivery::Verdict;
use crate::model::line::Line;
use crate::model::world::World;
use crate::newsroom;

pub(super) async fn run(
    verb: &PreviewArgs,
    setting: &Setting,
    world: &World,
    report: Report,
) -> Result<Exit, Failure> {
    // While its files have problems the page says so; but it must be known whose page it is.
    _ = setting.chosen()?;
    match &verb.out {
        Some(folder) => write_out(folder, setting, report).await,
        None => Box::pin(serve(&verb.page, None, setting, world, report)).await,
    }
}

/// `desk`: the same page, at which the edition file is edited.
pub(super) async fn desk(
    verb: &PageArgs,
    setting: &Setting,
    world: &World,
    report: Report,
) -> Result<Exit, Failure> {
    _ = setting.chosen()?;
    // Whoever works here may edit, also if the machine does not know their name.
    let who = world.who.clone().unwrap_or_else(|| Line::clean(""));
    Box::pin(serve(verb, Some(who), setting, world, report)).await
}

fn premises(setting: &Setting, who: Option<Line>) -> Result<DeskSetup, Failure> {
    let again = setting.clone();
    Ok(DeskSetup {
        config_file: setting.config_file().to_owned(),
        read_config: Box::new(move || again.read_config()),
        date: setting.date(),
        clock: setting.clock(),
        salt: open::salt()?,
        who,
    })
}

async fn serve(
    verb: &PageArgs,
    who: Option<Line>,
    setting: &Setting,
    world: &World,
    report: Report,
) -> Result<Exit, Failure> {
    let name = if who.is_some() { "desk" } else { "preview" };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, verb.port));
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .map_err(|error| {
            Failure::trying(
                format!("port {} on 127.0.0.1 cannot be used", verb.port),
                error,
            )
            .hint(format!("`newsdigest {name} --port 0` takes any free one"))
        })?;
    let bound = listener.local_addr()?;
    let desk = Desk::open(premises(setting, who)?).await?;
    let mut shown = desk.shown();
    report.problems(&shown.borrow().problems);
    let url = format!("http://{bound}/");
    report.data(&url);
    report.say(
        "the page follows every change of edition, config, subscribers and template; Ctrl-C ends it",
    );
    if verb.open
        && let Err(error) = ::open::that_detached(&url)
    {
        report.warn(format!("no browser could be opened: {error}"));
    }
    let stop = world.stop.clone();
    let (requests, asked) = mpsc::channel(1);
    let proofs = Proofs {
        requests,
        random: || open::RANDOM.bytes().ok(),
    };
    let served = desk.serve(listener, proofs, async move {
        stop.asked().await;
    });
    let tell = async {
        while shown.changed().await.is_ok() {
            let problems = shown.borrow_and_update().problems.len();
            if problems > 0 {
                report.detail(format!(
                    "{} in the newsroom's files",
                    counted(problems, "problem", "problems")
                ));
            }
        }
    };
    tokio::select! {
        served = served => served?,
        ((), ()) = async { tokio::join!(answer(asked, setting, world), tell) } => {}
    }
    Ok(Exit::Done)
}

/// Sends the proofs that are asked for on the page, one after the other, as `proof` does.
async fn answer(mut asked: mpsc::Receiver<ProofRequest>, setting: &Setting, world: &World) {
    while let Some(ProofRequest { to, answer }) = asked.recv().await {
        let told = hand_over(&to, setting, world).await;
        // Whoever asked may have gone.
        _ = answer.send(told.unwrap_or_else(|error| refused(&error)));
    }
}

/// What became of one proof; whoever asks knows for whom it is.
async fn hand_over(to: &str, setting: &Setting, world: &World) -> Result<ProofAnswer, String> {
    let config = setting.config().map_err(|failure| failure.words())?;
    let addresses = suppress::addresses(&[to.to_owned()]).map_err(|failure| failure.words())?;
    let slug = setting.slug(&config);
    let verdicts = clock::proof(&config, &slug, &addresses, world, &mut |_| {})
        .await
        .map_err(failures::words)?;
    Ok(match verdicts.first() {
        Some((_, Verdict::Accepted(_))) => {
            let place = config.relays.place();
            let time = setting.now().format("%H:%M:%S UTC");
            ProofAnswer {
                accepted: true,
                words: Line::clean(&format!("one letter {place}, {time}")),
            }
        }
        Some((_, Verdict::Rejected(reply) | Verdict::Deferred(reply))) => {
            refused(&format!("refused: `{reply}`"))
        }
        Some((_, Verdict::InDoubt)) => {
            refused("the relay fell silent over it: it may have arrived")
        }
        None => refused("a quiet day: there is no edition to send"),
    })
}

fn refused(words: &str) -> ProofAnswer {
    ProofAnswer {
        accepted: false,
        words: Line::clean(words),
    }
}

/// Writes digest.html, digest.txt and digest.eml, and the edition as a page of its own, web.html.
async fn write_out(folder: &Path, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let showing = look_once(&premises(setting, None)?).await;
    if !showing.problems.is_empty() {
        return Err(Failure::problems(showing.problems).still("nothing was written"));
    }
    let Some(variant) = showing.variants.first() else {
        return Err(Failure::says("there is no edition to write").still("nothing was written"));
    };
    std::fs::create_dir_all(folder).map_err(|error| {
        Failure::trying(format!("`{}` cannot be made", folder.display()), error)
            .still("nothing was written")
    })?;
    let mut files: Vec<(&str, &[u8])> = vec![
        ("digest.html", variant.html.as_bytes()),
        ("digest.txt", variant.text.as_bytes()),
        ("digest.eml", &variant.letter),
    ];
    files.extend(showing.web.iter().map(|page| ("web.html", page.as_bytes())));
    for (name, bytes) in files {
        let path = folder.join(name);
        newsroom::write_atomic(&path, bytes)?;
        report.data(&path.display().to_string());
    }
    report.misses(&showing.misses);
    Ok(Exit::Done)
}
