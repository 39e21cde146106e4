//! A connection of which one read gives one line at most. A client that keeps what it has read ahead keeps nothing then:
//! what somebody in the middle sends in clear behind the answer to `STARTTLS` is no answer inside TLS, it breaks the
//! handshake (RFC 3207, section 6, and <https://nostarttls.secvuln.info>, "response injection").

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncBufRead as _, AsyncRead, AsyncWrite, BufReader, ReadBuf};
use tokio::net::TcpStream;

/// A TCP connection, read line by line; writes go straight through.
#[derive(Debug)]
pub(super) struct ByLine(BufReader<TcpStream>);

impl ByLine {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self(BufReader::new(stream))
    }

    /// Whom it is connected to.
    pub(super) fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().peer_addr()
    }

    fn inner(self: Pin<&mut Self>) -> Pin<&mut BufReader<TcpStream>> {
        Pin::new(&mut self.get_mut().0)
    }
}

impl AsyncRead for ByLine {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut inner = self.inner();
        let held = ready!(inner.as_mut().poll_fill_buf(context))?;
        let line = held.iter().position(|byte| *byte == b'\n').map_or(held.len(), |end| end + 1);
        let given = held.get(..line.min(out.remaining())).unwrap_or_default();
        out.put_slice(given);
        let count = given.len();
        inner.consume(count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ByLine {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.inner().poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_read_ends_where_its_line_does() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut other, _) = listener.accept().await.unwrap();
        other.write_all(b"220 go\r\n250 more\r\n\n\x16\x03no end").await.unwrap();
        let mut lines = ByLine::new(stream);
        lines.write_all(b"STARTTLS\r\n").await.unwrap();
        let mut asked = [0; 10];
        other.read_exact(&mut asked).await.unwrap();
        drop(other);
        for (room, wanted) in [
            (64, "220 go\r\n"),
            (4, "250 "),
            (4, "more"),
            (64, "\r\n"),
            (64, "\n"),
            (64, "\x16\x03no end"),
            (64, ""),
        ] {
            let mut read = vec![0; room];
            let count = lines.read(&mut read).await.unwrap();
            assert_eq!(String::from_utf8_lossy(&read[..count]), wanted);
        }
    }
}
