//! What README.md and the tutorial tell a newcomer to type works.

use crate::newsroom::{Newsroom, Running};

const README: &str = include_str!("../../README.md");
const TUTORIAL: &str = include_str!("../../docs/first-morning.md");

/// The blocks of that language.
fn blocks<'t>(text: &'t str, language: &str) -> impl Iterator<Item = &'t str> {
    let fence = format!("```{language}\n");
    let starts: Vec<usize> = text
        .match_indices(&fence)
        .map(|(at, _)| at + fence.len())
        .collect();
    starts
        .into_iter()
        .map(move |at| text[at..].split("```").next().unwrap())
}

#[test]
fn every_command_works_in_its_order() {
    assert_eq!(tried(README), 14);
}

/// What follows is of the reader's own paper.
#[test]
fn the_tutorial_works_in_its_order() {
    let (invented, _) = TUTORIAL.split_once("## Your own paper").unwrap();
    assert_eq!(tried(invented), 8);
}

/// Does what its blocks say, and counts the commands.
fn tried(text: &str) -> usize {
    let room = Newsroom::bare();
    room.file(
        "paper/Maildir/new/1.eml",
        "From: ada@example.org\nSubject: Thank you\n\nIt came.\n",
    );
    let commands = blocks(text, "sh")
        .flat_map(str::lines)
        .map(|line| line.split('#').next().unwrap().trim())
        .filter_map(|line| line.strip_prefix("newsdigest "));
    let mut tried = 0;
    for command in commands {
        let mut words: Vec<&str> = command.split(' ').collect();
        if words[0] == "init" {
            room.run(&words).exits(0);
            for section in blocks(text, "toml").filter(|block| block.starts_with("[public]")) {
                let config = room.read("paper/newsdigest.toml");
                // A port that is free on this machine.
                let section = section.replace("[public]", "[public]\nlisten = \"127.0.0.1:0\"");
                room.file("paper/newsdigest.toml", format!("{config}\n{section}"));
            }
            tried += 1;
            continue;
        }
        if let Some(folder) = words.iter_mut().find(|word| **word == "Maildir") {
            *folder = "paper/Maildir";
        }
        words.splice(0..0, ["--config", "paper/newsdigest.toml"]);
        match command {
            "preview" | "desk" | "serve" => {
                if command != "serve" {
                    words.extend(["--port", "0"]);
                }
                let mut running: Running = room.spawn(&words);
                running.says("http://127.0.0.1:");
                running.interrupt();
                running.wait().exits(0);
            }
            _ => drop(room.run(&words).exits(0)),
        }
        tried += 1;
    }
    tried
}
