//! The host of a base URL as an operator wrote it: which private networks it opens by itself, and which hosts open none.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use url::{Host, Url};

use super::guard;

/// What `localhost` stands for.
const LOOPBACK: [IpNet; 2] = [
    IpNet::new_assert(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8),
    IpNet::new_assert(IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
];
const LOCALHOST: &str = "localhost";

/// A host that leads to no public address, and is not dialled for being written down.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unopened {
    /// It can be read as something else, or not at all.
    #[error("`{written}` is another way to write `{plain}`, {kind}")]
    Odd {
        /// As it stands there.
        written: String,
        /// As everybody reads it.
        plain: String,
        /// What it is, in words.
        kind: String,
    },
    /// No service of the operator's is there.
    #[error("`{address}` is {kind}")]
    Special {
        /// The address.
        address: IpAddr,
        /// What it is, in words.
        kind: String,
    },
}

impl Unopened {
    /// What to write instead.
    pub fn mend(&self) -> String {
        match self {
            Self::Odd { plain, .. } => format!("if it is meant, write it plainly: `{plain}`"),
            Self::Special { address, .. } => {
                format!("only a connection goes there, one that says so:  allow_private: [\"{address}\"]")
            }
        }
    }
}

/// The networks that the host of a base URL opens by being written down: the one address of a plain IP literal that is
/// near, the loopback networks for `localhost`. Empty for public addresses and for every other name, whatever it resolves
/// to.
///
/// # Errors
/// When the host is an address that is not public and is not opened so.
pub fn private_of(text: &str, base: &Url) -> Result<Vec<IpNet>, Unopened> {
    let written = written(text);
    let address = match base.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
        Some(Host::Domain(name)) if name.trim_end_matches('.') == LOCALHOST => {
            return match written.eq_ignore_ascii_case(LOCALHOST) {
                true => Ok(LOOPBACK.to_vec()),
                false => Err(odd(written, LOCALHOST, "the name of this machine")),
            };
        }
        Some(Host::Domain(_)) | None => return Ok(Vec::new()),
    };
    let Err(kind) = guard::decide(address, &[]) else { return Ok(Vec::new()) };
    let inside = match address {
        IpAddr::V6(outer) => guard::carried(outer).map(IpAddr::V4),
        IpAddr::V4(_) => None,
    };
    let plain =
        inside.map_or_else(|| base.host_str().unwrap_or_default().to_owned(), |address| address.to_string());
    if inside.is_some() || !written.eq_ignore_ascii_case(&plain) {
        return Err(odd(written, &plain, &kind));
    }
    match guard::is_near(address) {
        true => Ok(vec![IpNet::from(address)]),
        false => Err(Unopened::Special { address, kind }),
    }
}

fn odd(written: &str, plain: &str, kind: &str) -> Unopened {
    Unopened::Odd { written: written.to_owned(), plain: plain.to_owned(), kind: kind.to_owned() }
}

/// The host in the text of a URL, as it stands there.
fn written(text: &str) -> &str {
    let rest = text.split_once(':').map_or(text, |(_, rest)| rest).trim_start_matches(['/', '\\']);
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_opens_the_near_networks_that_it_names_plainly() {
        for (base, wanted) in [
            ("https://example.com/x", &[][..]),
            ("http://localhost.example.com", &[]),
            ("http://8.8.8.8", &[]),
            ("http://134744072/", &[]),
            ("http://127.0.0.1:9000/x", &["127.0.0.1/32"]),
            ("http://10.0.0.5", &["10.0.0.5/32"]),
            ("https://172.31.0.9?x=1", &["172.31.0.9/32"]),
            ("http://192.168.1.1#x", &["192.168.1.1/32"]),
            ("http://100.101.102.103", &["100.101.102.103/32"]),
            ("http://[::1]:80", &["::1/128"]),
            ("http://[::1]", &["::1/128"]),
            ("http://[FD00::1]:8080/x", &["fd00::1/128"]),
            ("http://LOCALHOST:8080", &["127.0.0.0/8", "::1/128"]),
        ] {
            let got = private_of(base, &Url::parse(base).unwrap()).unwrap();
            let got: Vec<String> = got.iter().map(ToString::to_string).collect();
            assert_eq!(got, wanted, "{base}");
        }
    }

    #[test]
    fn odd_spellings_open_nothing_and_are_told_plainly() {
        for (host, plain) in [
            ("2130706433", "127.0.0.1"),
            ("0177.0.0.1", "127.0.0.1"),
            ("017700000001", "127.0.0.1"),
            ("0x7f000001", "127.0.0.1"),
            ("0x7F.1", "127.0.0.1"),
            ("127.1", "127.0.0.1"),
            ("127.0.1", "127.0.0.1"),
            ("127.0.0.1.", "127.0.0.1"),
            ("127。0。0。1", "127.0.0.1"),
            ("１２７.0.0.1", "127.0.0.1"),
            ("%31%32%37.0.0.1", "127.0.0.1"),
            ("0", "0.0.0.0"),
            ("0300.0250.0.1", "192.168.0.1"),
            ("0xa9fea9fe", "169.254.169.254"),
            ("localhost.", "localhost"),
            ("ｌocalhost", "localhost"),
            ("[0:0:0:0:0:0:0:1]", "[::1]"),
            ("[::ffff:127.0.0.1]", "127.0.0.1"),
            ("[::ffff:7f00:1]", "127.0.0.1"),
            ("[::127.0.0.1]", "127.0.0.1"),
            ("[64:ff9b::7f00:1]", "127.0.0.1"),
            ("[2002:a00:5::1]", "10.0.0.5"),
        ] {
            for text in [format!("http://{host}"), format!("http://{host}:8080/x"), format!("http:{host}?y")]
            {
                let said = private_of(&text, &Url::parse(&text).unwrap());
                let Err(Unopened::Odd { plain: told, .. }) = &said else { panic!("{text}: {said:?}") };
                assert_eq!(told, plain, "{text}");
            }
        }
    }

    #[test]
    fn what_is_nobodys_own_is_opened_by_no_spelling() {
        for host in [
            "0.0.0.0",
            "169.254.169.254",
            "169.254.1.1",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "[::]",
            "[fe80::1]",
            "[fd00:ec2::254]",
            "[fd20:ce::254]",
            "[ff02::1]",
            "[2001:db8::1]",
        ] {
            let text = format!("http://{host}:80/");
            let said = private_of(&text, &Url::parse(&text).unwrap());
            assert!(matches!(&said, Err(Unopened::Special { .. })), "{text}: {said:?}");
        }
    }
}
