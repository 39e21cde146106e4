//! Where the program listens, and who may come in by the admin listener.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

use super::{Error, Settings};
use crate::server::{self, Address, Front, Guard, Socket};
use crate::stop::Stop;

/// The admin listener.
pub(super) enum Admin {
    Tcp(TcpListener, SocketAddr),
    Unix(Socket, Address),
}

impl Admin {
    pub(super) fn bind(address: &Address) -> Result<Self, Error> {
        match address {
            Address::Tcp(wanted) => {
                let listener = bind(*wanted, "--admin")?;
                let address = listener.local_addr().unwrap_or(*wanted);
                Ok(Self::Tcp(listener, address))
            }
            Address::Unix(path) => {
                let socket = server::bind_socket(path).map_err(|why| cannot(address, "--admin", &why))?;
                Ok(Self::Unix(socket, address.clone()))
            }
        }
    }

    /// Where it is, as a person names it.
    pub(super) fn url(&self) -> String {
        match self {
            Self::Tcp(_, address) => format!("http://{address}"),
            Self::Unix(_, address) => address.to_string(),
        }
    }

    pub(super) async fn serve(self, front: Front, stop: Stop, grace: Duration) {
        match self {
            Self::Tcp(listener, _) => server::serve(listener, front, stop, grace).await,
            Self::Unix(socket, _) => server::serve(socket, front, stop, grace).await,
        }
    }
}

/// Who may come in; nobody may do so from outside without a token.
pub(super) fn guard(settings: &Settings) -> Result<Guard, Error> {
    let Settings { admin, admin_token, admin_read_token, .. } = settings;
    if !admin.is_near() && admin_token.is_none() && admin_read_token.is_none() {
        return Err(Error::Outside(format!(
            "the admin address `{admin}` can be reached from outside: set DOORBELL_ADMIN_TOKEN, or listen on 127.0.0.1"
        )));
    }
    let hosts = match admin {
        Address::Tcp(address) if admin.is_near() => Some(known_hosts(*address, &settings.admin_hosts)),
        Address::Tcp(_) | Address::Unix(_) => None,
    };
    Ok(Guard { token: admin_token.clone(), read_token: admin_read_token.clone(), hosts })
}

/// The names by which an admin listener on loopback may be called: whatever a page's own name is made to lead to, it is
/// none of these.
fn known_hosts(admin: SocketAddr, more: &[String]) -> Vec<String> {
    let own = if admin.is_ipv6() { format!("[{}]", admin.ip()) } else { admin.ip().to_string() };
    let usual = ["localhost", "127.0.0.1", "[::1]"].into_iter().map(str::to_owned);
    usual.chain([own]).chain(more.iter().cloned()).collect()
}

pub(super) fn bind(address: SocketAddr, flag: &str) -> Result<TcpListener, Error> {
    server::bind(address).map_err(|why| cannot(&Address::Tcp(address), flag, &why))
}

fn cannot(address: &Address, flag: &str, why: &io::Error) -> Error {
    let mend = match why.kind() {
        io::ErrorKind::AddrInUse => format!("another program has it; choose another with {flag}"),
        _ => format!("choose another with {flag}"),
    };
    Error::Outside(format!("cannot listen on `{address}`: {why}; {mend}"))
}
