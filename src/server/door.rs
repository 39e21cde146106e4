//! Where connections come in: a TCP address, or a socket of the file system that only its owner may open.

use std::fmt;
use std::fs::{self, DirBuilder, Permissions};
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net;
use std::path::{Path, PathBuf};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UnixListener, UnixStream};

/// Connections that the kernel may hold for us.
const BACKLOG: u32 = 1024;
/// What stands before the path of a socket.
const UNIX: &str = "unix:";

/// Where people look: the address of the admin listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// An address of the network.
    Tcp(SocketAddr),
    /// A socket of the file system.
    Unix(PathBuf),
}

impl Address {
    /// The path in `unix:PATH`; `None` for anything else.
    pub fn socket(text: &str) -> Option<PathBuf> {
        text.strip_prefix(UNIX).filter(|path| !path.is_empty()).map(PathBuf::from)
    }

    /// Whether only this machine reaches it.
    pub fn is_near(&self) -> bool {
        match self {
            Self::Tcp(address) => address.ip().is_loopback(),
            Self::Unix(_) => true,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(out, "{address}"),
            Self::Unix(path) => write!(out, "{UNIX}{}", path.display()),
        }
    }
}

/// A listener of either kind.
pub trait Door: Send + 'static {
    /// A connection.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// The next connection, and who is at its other end; whoever may open a socket of the file system is of this machine.
    fn next(&self) -> impl Future<Output = io::Result<(Self::Stream, IpAddr)>> + Send;

    /// Says something to a connection that is closed thereupon, as far as it can be said at once.
    fn say(stream: &Self::Stream, bytes: &[u8]);
}

impl Door for TcpListener {
    type Stream = TcpStream;

    async fn next(&self) -> io::Result<(TcpStream, IpAddr)> {
        let (stream, address) = self.accept().await?;
        // An answer is small and final: waiting to fill a packet only delays it.
        let _ = stream.set_nodelay(true);
        Ok((stream, address.ip().to_canonical()))
    }

    fn say(stream: &TcpStream, bytes: &[u8]) {
        let _ = stream.try_write(bytes);
    }
}

/// A socket of the file system; its file goes with it.
#[derive(Debug)]
pub struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Door for Socket {
    type Stream = UnixStream;

    async fn next(&self) -> io::Result<(UnixStream, IpAddr)> {
        let (stream, _unnamed) = self.listener.accept().await?;
        Ok((stream, IpAddr::V4(Ipv4Addr::LOCALHOST)))
    }

    fn say(stream: &UnixStream, bytes: &[u8]) {
        let _ = stream.try_write(bytes);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Opens a listening socket at an address of the network.
///
/// # Errors
/// When the address is in use or not ours.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Opens a listening socket of the file system with the rights 0600, in place of one that nobody listens at any more.
///
/// # Errors
/// When somebody listens there, something else is there, or the directory cannot be written.
pub fn bind_socket(path: &Path) -> io::Result<Socket> {
    match fs::symlink_metadata(path) {
        Ok(found) if !found.file_type().is_socket() => {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "something else is there"));
        }
        Ok(_) if net::UnixStream::connect(path).is_ok() => return Err(io::ErrorKind::AddrInUse.into()),
        _ => {}
    }
    // Nobody else can reach it before its rights are set, and it comes to its place whole.
    let room = path.with_file_name(format!(".{}", std::process::id()));
    DirBuilder::new().mode(0o700).create(&room)?;
    let made = listen(&room.join("s"), path);
    let _ = fs::remove_dir_all(&room);
    Ok(Socket { listener: made?, path: path.to_owned() })
}

fn listen(made_at: &Path, path: &Path) -> io::Result<UnixListener> {
    let listener = UnixListener::bind(made_at)?;
    fs::set_permissions(made_at, Permissions::from_mode(0o600))?;
    fs::rename(made_at, path)?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_is_its_owners_and_goes_with_its_listener() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("admin.sock");
        let socket = bind_socket(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(bind_socket(&path).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        drop(socket);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
        // Left behind by a program that was killed.
        drop(net::UnixListener::bind(&path).unwrap());
        assert!(bind_socket(&path).is_ok());
        fs::write(&path, "text").unwrap();
        assert_eq!(bind_socket(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"text");
    }

    #[test]
    fn addresses_are_told_as_they_are_written() {
        for (text, is_near) in [("127.0.0.1:4981", true), ("[::1]:1", true), ("10.0.0.1:80", false)] {
            let address = Address::Tcp(text.parse().unwrap());
            assert_eq!((address.to_string().as_str(), address.is_near()), (text, is_near));
        }
        let address = Address::socket("unix:/run/d.sock").map(Address::Unix).unwrap();
        assert_eq!((address.to_string().as_str(), address.is_near()), ("unix:/run/d.sock", true));
        assert_eq!((Address::socket("unix:"), Address::socket("/run/d.sock")), (None, None));
    }
}
