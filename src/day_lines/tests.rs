use super::*;

async fn drawn(words: &[&str], time: Duration) -> Result<String, String> {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let environment = [("PATH".to_owned(), "/usr/bin:/bin".to_owned())];
    command(&words, &environment, Path::new(""), time).await
}

fn wanted(from: Origin) -> Wanted {
    Wanted {
        label: Line::non_empty("Weather"),
        url: None,
        from,
    }
}

#[tokio::test]
async fn what_a_command_says() {
    let said = async |script: &str| drawn(&["sh", "-c", script], TIME).await;
    assert_eq!(said("echo 14°").await.unwrap(), "14°\n");
    assert_eq!(said("exit 3").await.unwrap_err(), "`sh` ended with 3");
    assert_eq!(said("kill -9 $$").await.unwrap_err(), "`sh` was killed");
    assert_eq!(
        said("cat; echo end").await.unwrap(),
        "end\n",
        "there is nothing to read"
    );
    assert_eq!(
        said("echo ${SMTP_PASSWORD:-none} $HOME").await.unwrap(),
        "none\n"
    );
    // Only so much is read of one that never ends, and it is no answer.
    assert!(said("yes").await.is_err());
    let none = drawn(&["no-such-program"], TIME).await.unwrap_err();
    assert_eq!(none, "`no-such-program` cannot be run: entity not found");
}

/// The pipe stays open as long as anybody holds it, so its end shows that nobody is left.
#[tokio::test]
async fn one_that_takes_too_long_is_killed_with_all_that_it_began() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let reader = {
        let pipe = pipe.clone();
        tokio::task::spawn_blocking(move || std::fs::read_to_string(pipe).unwrap())
    };
    let script = format!(
        "exec 3>'{}'; echo begun >&3; sleep 600 & sleep 600",
        pipe.display()
    );
    // Long enough for the script to open its pipe: the reader would wait for ever otherwise.
    let said = drawn(&["sh", "-c", &script], Duration::from_secs(2)).await;
    assert_eq!(said.unwrap_err(), "took longer than 2 s");
    assert_eq!(reader.await.unwrap(), "begun\n");
}

#[tokio::test]
async fn a_line_is_clean_and_short_and_a_miss_stops_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weather.txt");
    let written = format!(
        "\n  \u{202e}14°\u{7}, \t rain {}\nsecond\n",
        "and ".repeat(90)
    );
    std::fs::write(&path, written).unwrap();
    let from = |path: &Path, max_age| Origin::File {
        path: path.to_owned(),
        max_age,
    };
    let day = TimeDelta::hours(24);
    let all = [
        wanted(from(&path, day)),
        wanted(from(&folder.path().join("none"), day)),
        wanted(from(folder.path(), day)),
    ];
    let modified = path.metadata().unwrap().modified().unwrap();
    let now = DateTime::<Utc>::from(modified) + TimeDelta::hours(20);
    let lines = draw(&all, folder.path(), now).await;
    let line = lines[0].as_ref().unwrap();
    assert!(line.text.as_str().starts_with("14°, rain and and"));
    assert!(line.text.as_str().chars().count() <= DayLine::LONGEST);
    let missed = |at: usize| lines[at].as_ref().unwrap_err().clone();
    assert_eq!(missed(1).source, "line `Weather`");
    assert!(missed(1).what.as_str().ends_with("none` does not exist"));
    assert!(missed(2).what.as_str().ends_with("is not a file"));
    let later = draw(&all[..1], folder.path(), now + TimeDelta::hours(9)).await;
    let what = later[0].as_ref().unwrap_err().what.clone();
    assert!(
        what.as_str()
            .ends_with("was written 29 h ago, and `max_age` allows 24"),
        "{what}"
    );
    std::fs::write(&path, " \n\u{feff}\n").unwrap();
    let nothing = draw(&all[..1], folder.path(), now).await;
    assert_eq!(nothing[0].as_ref().unwrap_err().what, "says nothing");
}
