//! The words on the screen: what each verb says, on a good day and on bad ones. One test a verb; a new message means a new line here.
//!
//! A transcript holds the commands as they were typed, standard error as it is, standard output behind `> `, and the exit code. Where
//! other tests already show a verb's words (`check.rs` for problems in files, `send/` for what a relay may answer), they are not shown again.

mod editions;
mod everywhere;
mod help;
mod readers;
mod sends;
mod usage;

use crate::newsroom::{Newsroom, Output};

/// Runs each line as a command and writes down what came of it.
fn transcript(room: &Newsroom, commands: &[&str]) -> String {
    let mut all = String::new();
    for command in commands {
        let arguments: Vec<&str> = command.split_whitespace().collect();
        all += &told(command, &room.run(&arguments));
    }
    all
}

fn told(command: &str, output: &Output) -> String {
    let data: String = output
        .data()
        .lines()
        .map(|line| format!("> {line}").trim_end().to_owned() + "\n")
        .collect();
    let words = output.words();
    let code = output.status.unwrap();
    sample_folder(&format!(
        "$ newsdigest {command}\n{words}{data}= {code}\n\n"
    ))
}

/// The sample newsroom lies in a folder with a random name.
fn sample_folder(text: &str) -> String {
    const BEFORE: &str = "newsdigest-sample-";
    let mut pieces = text.split(BEFORE);
    let mut out = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let end = piece.find(['/', '`']).unwrap();
        out.extend([BEFORE, "[random]", &piece[end..]]);
    }
    out
}

/// The help of a verb without what all verbs have.
fn help(verb: &str) -> String {
    let arguments: Vec<&str> = verb.split_whitespace().chain(["--help"]).collect();
    let text = Newsroom::bare().run(&arguments).exits(0).stdout;
    let mut own: Vec<&str> = text.split("\n\n").collect();
    own.retain(|paragraph| {
        let only_help = paragraph.starts_with("Options:") && paragraph.lines().count() == 2;
        !only_help && !paragraph.starts_with("Everywhere:")
    });
    let own = own.join("\n\n");
    let lines = own
        .lines()
        .filter(|line| !line.contains("Print help"))
        .map(|line| line.trim_end().to_owned() + "\n");
    lines.collect()
}
