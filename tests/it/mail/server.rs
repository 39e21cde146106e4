//! A mail server as far as a mail goes: it keeps what it took, insists on its order of commands, and fails as it is told to.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// How it is spoken to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
    Plain,
    StartTls,
    Implicit,
}

/// What it does to the next mail; after the last it takes all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trouble {
    /// It has no time at all.
    Busy,
    /// The recipient is to come again (greylisting).
    Later,
    /// There is no such recipient.
    Nobody,
    /// It takes the mail and finds it bad.
    Spam,
    /// It goes away in the middle of the mail.
    Drops,
    /// It goes away without a word when all of the mail is there.
    Vanishes,
}

/// A mail that it took.
#[derive(Clone, Debug, Default)]
pub struct Mail {
    pub from: String,
    pub to: Vec<String>,
    pub data: String,
    pub user: Option<String>,
    pub is_secret: bool,
}

/// What it is and was told.
pub struct Desk {
    pub way: Way,
    /// Whether it offers STARTTLS where it should.
    pub offers_tls: bool,
    /// `user\0password`, where it wants to know who sends.
    pub login: Option<&'static str>,
    /// What somebody in the middle says in clear behind the answer to STARTTLS.
    pub slipped: &'static str,
    pub troubles: Vec<Trouble>,
    pub mails: Vec<Mail>,
    pub talks: usize,
}

pub struct Server {
    pub port: u16,
    pub desk: Arc<Mutex<Desk>>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    /// One that listens on 127.0.0.1, with a certificate and its key in PEM.
    pub async fn start(way: Way, (certificate, key): &(String, String)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let desk = Desk {
            way,
            offers_tls: true,
            login: None,
            slipped: "",
            troubles: Vec::new(),
            mails: Vec::new(),
            talks: 0,
        };
        let desk = Arc::new(Mutex::new(desk));
        let acceptor = acceptor(certificate, key);
        let shared = Arc::clone(&desk);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (desk, acceptor) = (Arc::clone(&shared), acceptor.clone());
                tokio::spawn(async move {
                    desk.lock().unwrap().talks += 1;
                    // A client that goes away ends its talk, and nothing else.
                    let _ = match way {
                        Way::Implicit => match acceptor.accept(stream).await {
                            Ok(stream) => talk(stream, desk, true, true).await.map(|_| ()),
                            Err(error) => Err(error),
                        },
                        _ => match talk(stream, Arc::clone(&desk), false, true).await {
                            Ok(Some(stream)) => match acceptor.accept(stream).await {
                                Ok(stream) => talk(stream, desk, true, false).await.map(|_| ()),
                                Err(error) => Err(error),
                            },
                            other => other.map(|_| ()),
                        },
                    };
                });
            }
        });
        Self { port, desk, task }
    }

    pub fn mails(&self) -> Vec<Mail> {
        self.desk.lock().unwrap().mails.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn acceptor(certificate: &str, key: &str) -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// Talks until the client leaves; gives the stream back when TLS is to begin on it.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    desk: Arc<Mutex<Desk>>,
    is_secret: bool,
    greets: bool,
) -> std::io::Result<Option<S>> {
    let mut stream = BufReader::new(stream);
    let trouble = desk.lock().unwrap().troubles.first().copied();
    let over = || _ = desk.lock().unwrap().troubles.remove(0);
    if trouble == Some(Trouble::Busy) {
        over();
        stream.write_all(b"421 4.3.2 too busy\r\n").await?;
        return Ok(None);
    }
    if greets {
        stream.write_all(b"220 mail.example ESMTP\r\n").await?;
    }
    let mut mail = Mail { is_secret, ..Mail::default() };
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let command = line.trim_end().to_owned();
        let (verb, rest) = command.split_once([' ', ':']).unwrap_or((&command, ""));
        let (login, offers) = {
            let desk = desk.lock().unwrap();
            (desk.login, desk.way == Way::StartTls && desk.offers_tls && !is_secret)
        };
        let answer = match verb.to_ascii_uppercase().as_str() {
            "EHLO" => {
                let tls = if offers { "250-STARTTLS\r\n" } else { "" };
                format!("250-mail.example\r\n{tls}250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN LOGIN")
            }
            "STARTTLS" if offers => {
                let slipped = desk.lock().unwrap().slipped;
                stream.write_all(format!("220 2.0.0 go ahead\r\n{slipped}").as_bytes()).await?;
                return Ok(Some(stream.into_inner()));
            }
            "AUTH" => {
                let given = rest.strip_prefix("PLAIN ").and_then(|text| decoded(text.trim()));
                match given.filter(|given| login.is_some_and(|login| given.trim_start_matches('\0') == login))
                {
                    Some(given) => {
                        mail.user = given.trim_start_matches('\0').split('\0').next().map(str::to_owned);
                        "235 2.7.0 welcome".to_owned()
                    }
                    None => "535 5.7.8 Authentication credentials invalid".to_owned(),
                }
            }
            "MAIL" if login.is_some() && mail.user.is_none() => {
                "530 5.7.0 Authentication required".to_owned()
            }
            "MAIL" => {
                mail.from = between(rest);
                "250 2.1.0 Ok".to_owned()
            }
            "RCPT" if mail.from.is_empty() => "503 5.5.1 MAIL first".to_owned(),
            "RCPT" if trouble == Some(Trouble::Later) => {
                over();
                "451 4.7.1 Greylisted, please try again".to_owned()
            }
            "RCPT" if trouble == Some(Trouble::Nobody) => {
                over();
                "550 5.1.1 No such user here".to_owned()
            }
            "RCPT" => {
                mail.to.push(between(rest));
                "250 2.1.5 Ok".to_owned()
            }
            "DATA" if mail.to.is_empty() => "503 5.5.1 RCPT first".to_owned(),
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                if trouble == Some(Trouble::Drops) {
                    over();
                    return Ok(None);
                }
                mail.data = data(&mut stream).await?;
                match trouble {
                    Some(Trouble::Vanishes) => {
                        over();
                        return Ok(None);
                    }
                    Some(Trouble::Spam) => {
                        over();
                        "554 5.7.1 Rejected as spam".to_owned()
                    }
                    _ => {
                        desk.lock().unwrap().mails.push(mail.clone());
                        "250 2.0.0 Ok: queued as 4711".to_owned()
                    }
                }
            }
            "QUIT" => {
                stream.write_all(b"221 2.0.0 Bye\r\n").await?;
                return Ok(None);
            }
            _ => "502 5.5.2 Command not recognised".to_owned(),
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

/// A mail up to its lone dot, the dots that were doubled made single.
async fn data<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> std::io::Result<String> {
    let mut data = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(data);
        }
        data.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

fn between(text: &str) -> String {
    text.split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map_or(String::new(), |(inner, _)| inner.to_owned())
}

fn decoded(text: &str) -> Option<String> {
    use base64::Engine as _;
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(text).ok()?).ok()
}
