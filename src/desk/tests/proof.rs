//! The form that asks for a proof: what it takes to be heard, and what the page says then.

use super::super::{ProofAnswer, Wanted};
use super::fixture::{line, showing};
use super::{PreviewServer, open, open_with, status};

impl PreviewServer {
    /// The token that is in the form now.
    async fn token(&self) -> String {
        let page = self.get("/").await;
        let (_, after) = page.split_once("name=\"token\" value=\"").unwrap();
        after.split('"').next().unwrap().to_owned()
    }

    async fn post(&self, form: &str, origin: &str) -> String {
        let (port, length) = (self.port, form.len());
        self.send(&format!(
            "POST /proof HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{origin}Connection: close\r\nContent-Length: {length}\r\n\r\n{form}"
        ))
        .await
    }

    fn origin(&self) -> String {
        format!("Origin: http://127.0.0.1:{}\r\n", self.port)
    }
}

#[tokio::test]
async fn a_proof_is_asked_for_once_and_its_answer_is_shown() {
    let mut preview = open(showing(1)).await;
    let token = preview.token().await;
    let form =
        format!("token={token}&to=ada%40harbour.example&switches=scheme%3Ddark%26variant%3D1");
    let origin = preview.origin();
    let asks = async |preview: &mut PreviewServer| {
        let Wanted::Proof { to, answer } = preview.asked.recv().await.unwrap().wanted;
        assert_eq!(to, "ada@harbour.example");
        answer.send(ProofAnswer {
            accepted: true,
            words: line("2026-08-24 handed to `smtp.harbour.example:587`"),
        })
    };
    let request = format!(
        "POST /proof HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{origin}Connection: close\r\nContent-Length: {}\r\n\r\n{form}",
        preview.port,
        form.len()
    );
    let mut waiting = preview.connect(&request).await;
    asks(&mut preview).await.unwrap();
    let answer = super::until(&mut waiting, "\r\n\r\n").await;
    assert_eq!(status(&answer), "303");
    assert!(
        answer.contains("location: ./?variant=1&scheme=dark\r\n"),
        "{answer}"
    );
    let page = preview.get("/").await;
    assert!(
        page.contains("2026-08-24 handed to <code>smtp.harbour.example:587</code>"),
        "{page}"
    );
    assert!(!page.contains("ada@harbour.example"));

    // Sent again, as a browser does that goes back: nobody is asked.
    assert_eq!(status(&preview.post(&form, &origin).await), "303");
    assert!(preview.asked.try_recv().is_err());
    assert!(
        preview
            .get("/")
            .await
            .contains("nothing was sent: the form was an old one")
    );
    assert_ne!(preview.token().await, token);
}

#[tokio::test]
async fn nobody_else_can_ask_for_a_proof() {
    let mut preview = open(showing(1)).await;
    let form = format!("token={}&to=ada%40harbour.example", preview.token().await);
    for origin in [
        "",
        "Origin: null\r\n",
        "Origin: http://evil.example\r\n",
        "Origin: http://127.0.0.1:1\r\n",
    ] {
        assert_eq!(
            status(&preview.post(&form, origin).await),
            "403",
            "{origin}"
        );
    }
    let own = preview.origin();
    for form in [
        "",
        "to=ada%40harbour.example",
        "token=&to=a",
        "token=0&to=a",
        "%ff&&==",
    ] {
        assert_eq!(status(&preview.post(form, &own).await), "303", "{form}");
        assert!(
            preview.get("/").await.contains("nothing was sent"),
            "{form}"
        );
    }
    assert_eq!(status(&preview.get("/proof").await), "405");
    let long = format!("{form}&more={}", "x".repeat(3_000));
    assert_eq!(status(&preview.post(&long, &own).await), "413");
    assert!(preview.asked.try_recv().is_err());
}

#[tokio::test]
async fn without_random_bytes_there_is_no_form() {
    let mut preview = open_with(showing(1), || None).await;
    assert_eq!(preview.token().await, "");
    assert!(
        preview
            .get("/")
            .await
            .contains("<button disabled>Send</button>")
    );
    let own = preview.origin();
    preview.post("token=&to=ada%40harbour.example", &own).await;
    assert!(preview.asked.try_recv().is_err());
}
