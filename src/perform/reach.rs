//! Whether a destination can be reached, step by step and in words: its name, its addresses, the connection, the
//! certificate, an answer. Nothing of an event is sent, and no secret but a URL that is one.

use std::net::SocketAddr;
use std::time::Duration;

use http::Method;
use ipnet::IpNet;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::{Host, Url};

use super::address;
use super::certificate;
use super::client::{self, Probed};
use crate::delivery::Answer;
use crate::effect::guard;
use crate::limit;
use crate::secret::REDACTED;
use crate::time::Timestamp;

/// A certificate that ends sooner is told of as a warning.
pub const CERTIFICATE_WARN: Duration = Duration::from_secs(21 * 24 * 3600);

/// One step, and what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// `url`, `dns`, `address`, `tcp`, `tls` or `http`.
    pub name: &'static str,
    /// How it went.
    pub verdict: Verdict,
    /// What happened, for a person.
    pub words: String,
}

/// How a step went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Well.
    Good,
    /// Well, but not for long.
    Warning,
    /// Not; what would come behind it was not tried.
    Bad,
}

/// How far it is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Name and addresses; nothing is sent there.
    Address,
    /// The same, and a connection is made and closed.
    Connection,
    /// All of it, with one `HEAD` without a body and without credentials.
    Answer,
}

/// Where it goes.
#[derive(Clone, Debug)]
pub struct Goal {
    /// The URL.
    pub base: String,
    /// It is shown to nobody.
    pub is_secret: bool,
    /// Private networks that may be reached.
    pub allow_private: Vec<IpNet>,
}

/// Tries to reach a destination at `now`; the last step is the one that failed, if one did.
pub async fn reach(goal: &Goal, depth: Depth, now: Timestamp) -> Vec<Step> {
    let mut steps = Vec::new();
    // What went wrong stands in the last step.
    let _failed = walk(goal, depth, now, &mut steps).await;
    steps
}

async fn walk(goal: &Goal, depth: Depth, now: Timestamp, steps: &mut Vec<Step>) -> Option<()> {
    let url = note(steps, "url", read(goal))?;
    let host = if goal.is_secret { REDACTED } else { url.host_str().unwrap_or_default() };
    let found = note(steps, "dns", resolve(&url, host).await)?;
    let permitted = note(steps, "address", judge(&found, goal, host))?;
    if depth == Depth::Address {
        return Some(());
    }
    let address = note(steps, "tcp", connect(&permitted).await)?;
    if depth == Depth::Connection {
        return Some(());
    }
    match client::probe(Method::HEAD, &url, address).await {
        Ok(probed) => answered(&url, &probed, now, steps),
        Err(failure) => {
            let name = if matches!(failure, Answer::Tls(_)) { "tls" } else { "http" };
            steps.push(Step { name, verdict: Verdict::Bad, words: without_kind(&failure) });
            return None;
        }
    }
    Some(())
}

/// Notes how a step went; gives what the next one works with.
fn note<T>(steps: &mut Vec<Step>, name: &'static str, went: Result<(T, String), String>) -> Option<T> {
    let (found, verdict, words) = match went {
        Ok((found, words)) => (Some(found), Verdict::Good, words),
        Err(words) => (None, Verdict::Bad, words),
    };
    steps.push(Step { name, verdict, words });
    found
}

fn read(goal: &Goal) -> Result<(Url, String), String> {
    let url = address::base_url(&goal.base)?;
    let shown = if goal.is_secret { REDACTED.to_owned() } else { url.to_string() };
    Ok((url, shown))
}

async fn resolve(url: &Url, host: &str) -> Result<(Vec<SocketAddr>, String), String> {
    let port = url.port_or_known_default().unwrap_or(443);
    let literal = match url.host() {
        Some(Host::Ipv4(address)) => Some(address.into()),
        Some(Host::Ipv6(address)) => Some(address.into()),
        _ => None,
    };
    if let Some(address) = literal {
        return Ok((vec![SocketAddr::new(address, port)], "it is an address, no name".to_owned()));
    }
    let looking = lookup_host((url.host_str().unwrap_or_default().to_owned(), port));
    let found: Vec<SocketAddr> = match timeout(limit::CONNECT_TIMEOUT, looking).await {
        Err(_) => return Err(format!("`{host}` was not resolved in {} s", limit::CONNECT_TIMEOUT.as_secs())),
        Ok(Err(error)) => return Err(format!("`{host}` cannot be resolved: {error}")),
        Ok(Ok(found)) => found.collect(),
    };
    if found.is_empty() {
        return Err(format!("`{host}` has no address"));
    }
    Ok((found.clone(), format!("`{host}` is at {}", listed(&found))))
}

fn judge(found: &[SocketAddr], goal: &Goal, host: &str) -> Result<(Vec<SocketAddr>, String), String> {
    match guard::permitted(found.to_vec(), &goal.allow_private) {
        Ok(permitted) => {
            let left = found.len() - permitted.len();
            let beside =
                if left == 0 { String::new() } else { format!("; {left} that are not are left out") };
            Ok((permitted.clone(), format!("{} may be dialled{beside}", listed(&permitted))))
        }
        Err(kind) => Err(format!("`{host}` is {kind}; if it is meant, name its network in `allow_private`")),
    }
}

async fn connect(permitted: &[SocketAddr]) -> Result<(SocketAddr, String), String> {
    let mut why = "there is no address".to_owned();
    for address in permitted {
        match timeout(limit::CONNECT_TIMEOUT, TcpStream::connect(address)).await {
            Ok(Ok(_stream)) => return Ok((*address, format!("{address} answers"))),
            Ok(Err(error)) => why = format!("{address}: {error}"),
            Err(_) => why = format!("{address} does not answer in {} s", limit::CONNECT_TIMEOUT.as_secs()),
        }
    }
    Err(why)
}

fn answered(url: &Url, probed: &Probed, now: Timestamp, steps: &mut Vec<Step>) {
    if url.scheme() == "https" {
        steps.push(held(probed.certificate.as_deref(), now));
    } else {
        let words = "not spoken: what is sent can be read on the way".to_owned();
        let is_near = matches!(url.host(), Some(Host::Ipv4(address)) if address.is_loopback());
        let verdict = if is_near { Verdict::Good } else { Verdict::Warning };
        steps.push(Step { name: "tls", verdict, words });
    }
    let words = format!("{} to a HEAD without credentials", probed.status);
    let verdict = if probed.status.is_server_error() { Verdict::Warning } else { Verdict::Good };
    steps.push(Step { name: "http", verdict, words });
}

/// What there is to say of a certificate that was found to be good.
fn held(certificate: Option<&[u8]>, now: Timestamp) -> Step {
    let Some(end) = certificate.and_then(certificate::not_after) else {
        return Step { name: "tls", verdict: Verdict::Good, words: "its certificate holds".to_owned() };
    };
    let left = end.since(now);
    let verdict = if left < CERTIFICATE_WARN { Verdict::Warning } else { Verdict::Good };
    let words = format!("its certificate holds until {end}, {} days from now", left.as_secs() / (24 * 3600));
    Step { name: "tls", verdict, words }
}

/// The words of a failure without its kind, which is the name of the step.
fn without_kind(failure: &Answer) -> String {
    match failure {
        Answer::Unreachable(why) | Answer::Tls(why) | Answer::Invalid(why) | Answer::Blocked(why) => {
            why.clone()
        }
        other => other.words(),
    }
}

fn listed(addresses: &[SocketAddr]) -> String {
    let texts: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::perform::tests::stub::{Stub, Then};

    async fn check(base: &str, allow: &[&str], wanted: &[(&str, Verdict, &str)]) {
        let allow_private = allow.iter().map(|network| network.parse().unwrap()).collect();
        let goal = Goal { base: base.to_owned(), is_secret: false, allow_private };
        let steps = reach(&goal, Depth::Answer, Timestamp::from_millis(0)).await;
        let got: Vec<(&str, Verdict)> = steps.iter().map(|step| (step.name, step.verdict)).collect();
        let names: Vec<(&str, Verdict)> = wanted.iter().map(|(name, verdict, _)| (*name, *verdict)).collect();
        assert_eq!(got, names, "{steps:?}");
        for (step, (_, _, words)) in steps.iter().zip(wanted) {
            assert!(step.words.contains(words), "`{words}` is not in {step:?}");
        }
    }

    #[tokio::test]
    async fn each_step_says_what_happened() {
        use Verdict::{Bad, Good};
        let stub = Stub::new("HTTP/1.1 405 No\r\ncontent-length: 0\r\n\r\n", Then::Keep).await;
        let port = stub.address.port();
        let all = ["127.0.0.0/8", "::1/128"];
        let start = [("url", Good, ""), ("dns", Good, ""), ("address", Good, "127.0.0.1 may be dialled")];
        let ok = [("tcp", Good, "answers"), ("tls", Good, "not spoken"), ("http", Good, "405")];
        check(&format!("http://127.0.0.1:{port}/x"), &all, &[&start[..], &ok].concat()).await;
        check(
            &format!("http://127.0.0.1:{port}"),
            &[],
            &[start[0], start[1], ("address", Bad, "a loopback address; if")],
        )
        .await;
        check("ftp://a.example", &all, &[("url", Bad, "`ftp` is not spoken here")]).await;
        check("http://no-such-name.invalid", &all, &[start[0], ("dns", Bad, "cannot be resolved")]).await;
        drop(stub);
        let requests = [("tcp", Bad, "127.0.0.1:1")];
        check("http://127.0.0.1:1", &all, &[&start[..], &requests].concat()).await;
    }

    #[tokio::test]
    async fn what_is_no_tls_is_said_to_be_none() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("https://{}", listener.local_addr().unwrap());
        let serving = async {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 plain\r\n\r\n").await;
            }
        };
        let goal = Goal { base, is_secret: false, allow_private: vec!["127.0.0.1/32".parse().unwrap()] };
        let steps = tokio::select! {
            steps = reach(&goal, Depth::Answer, Timestamp::from_millis(0)) => steps,
            () = serving => Vec::new(),
        };
        assert_eq!(
            steps.last().map(|step| (step.name, step.verdict)),
            Some(("tls", Verdict::Bad)),
            "{steps:?}"
        );
    }

    #[tokio::test]
    async fn a_secret_url_is_not_told() {
        let goal = Goal {
            base: "http://hidden-name.invalid/T0KEN".to_owned(),
            is_secret: true,
            allow_private: Vec::new(),
        };
        let told = format!("{:?}", reach(&goal, Depth::Answer, Timestamp::from_millis(0)).await);
        assert!(!told.contains("hidden-name") && !told.contains("T0KEN"), "{told}");
    }
}
