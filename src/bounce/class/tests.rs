use super::*;
use crate::bounce::reply::{Told, status};

#[test]
fn the_table() {
    use Class::{AboutUs, Hard, Soft, Temporary};
    let mut wrong = Vec::new();
    for (code, told, expected) in [
        // Of RFC 3463, alone.
        ("5.1.0", "", Hard),
        ("5.1.1", "", Hard),
        ("5.1.2", "", Hard),
        ("5.1.3", "", Hard),
        ("5.1.6", "", Hard),
        ("5.1.10", "", Hard),
        ("5.1.7", "", AboutUs),
        ("5.1.8", "", AboutUs),
        ("5.2.0", "", Soft),
        ("5.2.1", "", Soft),
        ("5.2.2", "", Soft),
        ("5.2.3", "", Soft),
        ("5.2.4", "", Soft),
        ("5.3.0", "", Soft),
        ("5.3.4", "", Soft),
        ("5.4.0", "", Soft),
        ("5.4.1", "", Soft),
        ("5.4.4", "", Hard),
        ("5.4.6", "", Soft),
        ("5.4.7", "", Soft),
        ("5.5.0", "", AboutUs),
        ("5.6.1", "", AboutUs),
        ("5.7.1", "", AboutUs),
        ("5.7.515", "", AboutUs),
        ("4.2.2", "", Temporary),
        ("4.4.7", "", Temporary),
        ("4.7.1", "", AboutUs),
        ("5.0.0", "", Soft),
        ("", "", Soft),
        // With the reply they quote.
        ("5.1.1", "550 5.1.1 <a@b.example>: user unknown", Hard),
        (
            "5.2.4",
            "524 5.2.4 Mailing list expansion problem: <a@b.example>",
            Hard,
        ),
        (
            "5.4.1",
            "550 5.4.1 Recipient address rejected: Access denied",
            Hard,
        ),
        (
            "5.2.0",
            "550 5.2.0 mailbox over quota, it does not exist for you",
            Soft,
        ),
        ("5.3.0", "550 5.3.0 no such user", Hard),
        (
            "5.5.0",
            "550 5.5.0 Requested action not taken: mailbox unavailable",
            Hard,
        ),
        ("5.0.0", "550 5.1.1 gone", Hard),
        ("5.0.0", "452 4.2.2 full", Temporary),
        ("5.0.0", "450 later", Soft),
        ("5.1.1", "550 5.7.1 blocked", AboutUs),
        ("5.1.1", "550 5.1.1 Relay access denied", AboutUs),
        ("5.1.0", "550 Sender address rejected: not owned", AboutUs),
        // By code and words only.
        ("5.0.0", "550 user unknown", Hard),
        ("", "550 whatever", Soft),
        ("", "553 sorry", Soft),
        ("", "552 mailbox is full", Soft),
        ("", "554 something", Soft),
        ("", "554 delivery error: This user doesn't exist here", Hard),
        ("", "550 High probability of spam", AboutUs),
        ("", "550 blocked by policy, mailbox unavailable", AboutUs),
        ("", "421 too busy", Temporary),
        ("5.0.0", "Unrouteable address", Hard),
        ("5.0.0", "5.1.1 mailbox has been removed", Hard),
        ("5.0.0", "retry timeout exceeded", Temporary),
        ("5.0.0", "mailbox is full", Soft),
        // What a mailer of Sendmail's own said, and what a server says behind its answer to RCPT.
        (
            "5.5.0",
            "mail.local: unknown user: ada\n554 <a@b.example>... Service unavailable",
            Hard,
        ),
        (
            "5.5.0",
            "mail.local: quota exceeded: ada\n554 <a@b.example>... Service unavailable",
            Soft,
        ),
        (
            "5.5.0",
            "554 <a@b.example>... Service unavailable",
            Temporary,
        ),
        (
            "",
            ">>> RCPT To:<a@b.example>\n<<< 550 User unknown\n421 b.example (smtp)... Deferred: Connection timed out",
            Hard,
        ),
        (
            "",
            ">>> RCPT To:<a@b.example>\n<<< 450 User unknown\n421 b.example (smtp)... Deferred: Connection timed out",
            Temporary,
        ),
        (
            "",
            "550 user unknown, said 421 b.example (smtp)... Deferred: Connection timed out",
            Temporary,
        ),
        // The sender is ours, in whatever words and languages.
        (
            "",
            "550 Invalid address: no such domain news.example in MAIL",
            AboutUs,
        ),
        ("5.1.2", "550 5.1.2 Unknown domain (MAIL command)", AboutUs),
        ("", "550 no such domain in envelope-from", AboutUs),
        ("", "550 The sender's address was not found", AboutUs),
        ("", "550 Return address does not exist", AboutUs),
        ("", "550 Absenderadresse existiert nicht", AboutUs),
        ("", "550 Domaine de l'expéditeur inexistant", AboutUs),
        ("", "550 El dominio del remitente no existe", AboutUs),
        ("", "550 Il dominio del mittente non esiste", AboutUs),
        ("", "550 Домен отправителя не существует", AboutUs),
        ("", "550 差出人のドメインが存在しません", AboutUs),
        ("", "550 发件人不存在", AboutUs),
        ("5.1.1", "550 5.1.1 no such user; returned to sender", Hard),
        ("", "550 No such user, please tell the sender", Hard),
        ("", "550 E-MAIL address does not exist", Hard),
        ("", "550 NO SUCH USER, MAIL REFUSED", Hard),
        // What is unknown or not found is not always a mailbox.
        ("", "MAIL FROM:<us@news.example>\n550 Unknown user", AboutUs),
        (
            "",
            "MAIL FROM:<us@news.example>\n250 ok\nRCPT TO:<a@b.example>\n550 Unknown user",
            Hard,
        ),
        ("5.1.0", "550 5.1.0 Sender unknown", AboutUs),
        (
            "5.1.1",
            "550 5.1.1 user unknown until you confirm that you are human",
            AboutUs,
        ),
        ("5.0.0", "550 Message-ID header not found", AboutUs),
        ("5.0.0", "550 certificate not found", AboutUs),
        (
            "5.1.1",
            "550 5.1.1 LDAP lookup failure, recipient unknown",
            Temporary,
        ),
        (
            "5.1.1",
            "550 5.1.1 user unknown during maintenance",
            Temporary,
        ),
        ("", "DNS lookup failure: host b.example not found", Hard),
        // What a code says of the mailbox is taken back by words about us, or about today.
        (
            "5.1.1",
            "550 5.1.1 <a@b.example> - 192.0.2.1 has sent to too many recipients this hour",
            AboutUs,
        ),
        (
            "5.1.1",
            "550 5.1.1 rejected, see https://www.spamhaus.org/query/ip/192.0.2.1",
            AboutUs,
        ),
        (
            "5.1.0",
            "550 5.1.0 192.0.2.1 is not allowed to send from <b.example> per its SPF record",
            AboutUs,
        ),
        (
            "5.1.90",
            "554 5.1.90 RecipientLimit; your message can't be sent",
            AboutUs,
        ),
        (
            "5.4.5",
            "550 5.4.5 Daily user sending limit exceeded",
            AboutUs,
        ),
        ("5.1.1", "550 5.1.1 Mail frequency limited", AboutUs),
        ("5.1.1", "552 5.1.1 <a@b.example> is over quota", Soft),
        (
            "5.2.1",
            "550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents delivery",
            Temporary,
        ),
        ("5.5.0", "550 5.5.0 mail rejected. LPN007_506 spam", AboutUs),
        ("", "550 Please use TLS", AboutUs),
        (
            "",
            "550 no PTR record for your host, reverse DNS wanted",
            AboutUs,
        ),
        (
            "5.4.4",
            "Name service error for name=b.example type=MX: Malformed or unexpected name server reply",
            Temporary,
        ),
        (
            "5.4.4",
            "Host or domain name not found. Name service error for name=b.example type=AAAA: Host not found",
            Hard,
        ),
        // A mailbox that is closed is there; 5.2.x says so, too.
        (
            "5.2.1",
            "550 5.2.1 The email account that you tried to reach is disabled",
            Soft,
        ),
        ("5.2.0", "550 5.2.0 User unknown", Soft),
        // In any spelling and in other languages.
        ("", "550 NO-SUCH-USER", Hard),
        ("", "550 Benutzer unbekannt", Hard),
        ("", "550 Empfänger existiert nicht", Hard),
        ("", "550 Adresse inconnue", Hard),
        ("", "550 El usuario no existe", Hard),
        ("", "550 Utente sconosciuto", Hard),
        ("", "550 Usuário não encontrado", Hard),
        ("", "550 Nieznany użytkownik", Hard),
        ("", "550 gebruiker onbekend", Hard),
        ("", "550 Användaren finns inte", Hard),
        ("", "550 Пользователь не найден", Hard),
        ("", "550 用户不存在", Hard),
        ("", "550 宛先不明", Hard),
        ("", "550 Postfach voll, Benutzer unbekannt", Soft),
        // Words of an address are no words of the relay.
        ("", "554 <spam@user-unknown.example>: something", Soft),
    ] {
        let reported = status(code);
        let failure = Told::read(told).failure(reported);
        if failure.class != expected {
            wrong.push(format!("`{code}` and `{told}`: {:?}", failure.class));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

/// What is said of the sender, of today or of a mailbox that is there, beside a code that says the mailbox is gone; and what says so in further languages.
#[test]
fn further_languages_and_a_code_that_is_contradicted() {
    use Class::{AboutUs, Hard, Soft, Temporary};
    let mut wrong = Vec::new();
    for (told, expected) in [
        ("550 5.1.1 כתובת השולח אינה קיימת", AboutUs),
        ("550 5.1.1 عنوان المرسل غير موجود", AboutUs),
        ("550 5.1.1 عنوان المرسل إليه غير موجود", Hard),
        ("550 5.1.1 ไม่พบที่อยู่ผู้ส่ง", AboutUs),
        ("550 5.1.1 địa chỉ người gửi không tồn tại", AboutUs),
        ("550 5.1.1 प्रेषक का पता मौजूद नहीं है", AboutUs),
        ("550 5.1.1 Подателят не съществува", AboutUs),
        ("550 5.1.1 Adresa pošiljatelja ne postoji", AboutUs),
        ("550 5.1.1 Siuntėjo adresas neegzistuoja", AboutUs),
        ("550 5.1.1 Sūtītāja adrese neeksistē", AboutUs),
        ("550 5.1.1 Alamat pengirim tidak ditemukan", AboutUs),
        (
            "550 5.5.1 Invalid command sequence: user not found",
            AboutUs,
        ),
        (
            "501 5.1.3 bad recipient address: SMTPUTF8 not offered",
            Soft,
        ),
        ("550 5.1.1 recipient refuses mail of lists", Soft),
        (
            "550 5.1.1 rejected by the recipient's own filter rules",
            Soft,
        ),
        (
            "550 5.1.6 the mailbox is being moved; retry in an hour",
            Temporary,
        ),
        (
            "550 5.1.1 <a@b.example>: unverified address: host mx.b.example said: 451 try again",
            Temporary,
        ),
        ("550 Không tìm thấy người dùng", Hard),
        ("550 Địa chỉ không tồn tại", Hard),
        ("550 ไม่พบผู้ใช้", Hard),
        ("550 المستخدم غير موجود", Hard),
        ("550 המשתמש לא קיים", Hard),
        ("550 उपयोगकर्ता नहीं मिला", Hard),
        ("550 Korisnik ne postoji", Hard),
        ("550 Uporabnik ne obstaja", Hard),
        ("550 Vartotojas neegzistuoja", Hard),
        ("550 Lietotājs neeksistē", Hard),
        ("550 Kasutajat ei leitud", Hard),
        ("550 Потребителят не съществува", Hard),
        ("550 L'usuari no existeix", Hard),
    ] {
        let failure = Told::read(told).failure(None);
        if failure.class != expected {
            wrong.push(format!("`{told}`: {:?}", failure.class));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn at_the_recipient_and_after_the_letter() {
    let reply = |text| Reply::restore(text).unwrap();
    let unknown = reply("550 user unknown");
    let at_recipient = Refusal::at_recipient(&unknown);
    assert_eq!(at_recipient.class(), Class::Hard);
    let after_content = Refusal {
        after_content: true,
        ..at_recipient
    };
    assert_eq!(after_content.class(), Class::Soft);
    let relaying = reply("454 4.7.1 <a@b.example>: Relay access denied");
    assert!(Refusal::at_recipient(&relaying).denies_relaying());
    assert!(!at_recipient.denies_relaying());
}
