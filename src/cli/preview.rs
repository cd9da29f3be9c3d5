//! `preview`: the edition on a local page that follows every change, or as files. `desk`: the page at which it is edited.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use super::arguments::{PageArgs, PreviewArgs};
use super::desk::{answer, orders};
use super::exit::Exit;
use super::open::{self, Setting};
use super::report::{Failure, Report, counted};
use crate::desk::{Desk, DeskSetup, look_once};
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

fn premises(setting: &Setting, can_edit: bool) -> Result<DeskSetup, Failure> {
    let again = setting.clone();
    Ok(DeskSetup {
        config_file: setting.config_file().to_owned(),
        read_config: Box::new(move || again.read_config()),
        date: setting.date(),
        clock: setting.clock(),
        salt: open::salt()?,
        can_edit,
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
    let desk = Desk::open(premises(setting, who.is_some())?).await?;
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
    let (orders, asked) = orders();
    let who = who.unwrap_or_else(|| Line::clean(""));
    let served = desk.serve(listener, orders, who, async move {
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
    // What was ordered is finished, also after the page is gone.
    let answering = tokio::spawn(answer(asked, setting.clone(), world.clone()));
    let served = tokio::select! {
        served = served => served,
        () = tell => Ok(()),
    };
    answering.await?;
    served?;
    Ok(Exit::Done)
}

/// Writes digest.html, digest.txt and digest.eml, and the edition as a page of its own, web.html.
async fn write_out(folder: &Path, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let showing = look_once(&premises(setting, false)?).await;
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
