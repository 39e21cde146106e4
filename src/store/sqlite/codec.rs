//! Bytes as they stand in `content`: lengths before texts, so that nothing needs escaping, and a digest over what
//! must come back as it was.

use std::cell::RefCell;
use std::net::IpAddr;

use aws_lc_rs::digest::{Context, SHA256, digest};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use zstd::bulk::Compressor;

use crate::event::{Event, Format, Request};
use crate::limit;
use crate::time::Timestamp;

/// The layout below; another layout gets another number.
const LAYOUT: u8 = 1;
/// Bytes kept of the digest over a request.
const CHECK_BYTES: usize = 8;
/// The cheapest level: 7 KB of JSON in some 30 µs.
const ZSTD_LEVEL: i32 = 1;
/// No text that we wrote is longer, whatever a damaged file says.
const UNPACKED_MAX_BYTES: usize = 256 * 1024 * 1024;

/// What could not be read, in words.
pub(super) type Damage = &'static str;

/// SHA-256 of one text.
pub(super) fn hash(bytes: &[u8]) -> [u8; 32] {
    fold(digest(&SHA256, bytes).as_ref())
}

/// SHA-256 of several texts, each with its length before it so that no two lists give one digest.
pub(super) fn hash_all(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        context.update(part);
    }
    fold(context.finish().as_ref())
}

fn fold(digest: &[u8]) -> [u8; 32] {
    digest.try_into().unwrap_or([0; 32])
}

/// The request of an event with how it was read and proven. `body_hash` is the SHA-256 of its body.
pub(super) fn pack_event(event: &Event, body_hash: &[u8; 32]) -> Vec<u8> {
    let request = &event.request;
    let mut head = Packer::default();
    head.text(request.method.as_str()).text(&request.path).text(&request.query);
    head.text(&request.peer.to_string()).text(&event.verified);
    match &event.format {
        Format::Json => head.number(0),
        Format::Form => head.number(1),
        Format::FormJson { field } => head.number(2).text(field),
        Format::Text => head.number(3),
        Format::Xml => head.number(4),
        Format::Multipart => head.number(5),
        Format::CloudEvents => head.number(6),
    };
    head.number(request.params.len());
    for (name, value) in &request.params {
        head.text(name).text(value);
    }
    head.number(request.headers.len());
    for (name, value) in &request.headers {
        head.text(name.as_str()).bytes(value.as_bytes());
    }
    let check = hash_all(&[&head.0, body_hash]);
    let mut out = Packer::with_room(head.0.len() + request.body.len().min(8192) + 64);
    out.0.push(LAYOUT);
    out.0.extend_from_slice(check.get(..CHECK_BYTES).unwrap_or_default());
    out.bytes(&head.0).squeezed(&request.body);
    out.0
}

/// Reads a request back; `Err` when one bit of it is not what was written.
pub(super) fn unpack_event(
    bytes: &[u8],
    received_at: Timestamp,
) -> Result<(Request, Format, String), Damage> {
    let mut outer = Unpacker(bytes);
    if outer.take(1)? != [LAYOUT] {
        return Err("a request in an unknown layout");
    }
    let check = outer.take(CHECK_BYTES)?;
    let head = outer.bytes()?;
    let body = outer.squeezed()?;
    if hash_all(&[head, &hash(&body)]).get(..CHECK_BYTES) != Some(check) {
        return Err("a request that is not what was written");
    }
    let mut head = Unpacker(head);
    let method = Method::from_bytes(head.bytes()?).map_err(|_| "a method")?;
    let (path, query) = (head.text()?, head.text()?);
    let peer: IpAddr = head.text()?.parse().map_err(|_| "an address")?;
    let verified = head.text()?;
    let format = match head.number()? {
        0 => Format::Json,
        1 => Format::Form,
        2 => Format::FormJson { field: head.text()? },
        3 => Format::Text,
        4 => Format::Xml,
        5 => Format::Multipart,
        6 => Format::CloudEvents,
        _ => return Err("a format"),
    };
    let params =
        (0..head.number()?).map(|_| Ok((head.text()?, head.text()?))).collect::<Result<_, Damage>>()?;
    let headers = unpack_headers(&mut head)?;
    let body = Bytes::from(body);
    Ok((Request { method, path, params, query, headers, body, peer, received_at }, format, verified))
}

/// The body alone, not held against its digest: for looking through many.
pub(super) fn body(bytes: &[u8]) -> Result<Vec<u8>, Damage> {
    let mut outer = Unpacker(bytes);
    if outer.take(1)? != [LAYOUT] {
        return Err("a request in an unknown layout");
    }
    outer.take(CHECK_BYTES)?;
    outer.bytes()?;
    outer.squeezed()
}

fn unpack_headers(head: &mut Unpacker<'_>) -> Result<HeaderMap, Damage> {
    let mut headers = HeaderMap::new();
    for _ in 0..head.number()? {
        let name = HeaderName::from_bytes(head.bytes()?).map_err(|_| "a header's name")?;
        headers.append(name, HeaderValue::from_bytes(head.bytes()?).map_err(|_| "a header's value")?);
    }
    Ok(headers)
}

/// Several texts as one, squeezed when long: what an attempt sent and got.
pub(super) fn pack_texts(texts: &[&str]) -> Vec<u8> {
    let mut inner = Packer::with_room(texts.iter().map(|text| text.len() + 4).sum());
    for text in texts {
        inner.text(text);
    }
    let mut out = Packer::default();
    out.squeezed(&inner.0);
    out.0.extend_from_slice(hash(&inner.0).get(..CHECK_BYTES).unwrap_or_default());
    out.0
}

/// Reads as many texts back as were packed.
pub(super) fn unpack_texts<const N: usize>(bytes: &[u8]) -> Result<[String; N], Damage> {
    let mut outer = Unpacker(bytes);
    let inner = outer.squeezed()?;
    // Texts that an older doorbell wrote have no digest behind them.
    if !outer.0.is_empty() && hash(&inner).get(..CHECK_BYTES) != Some(outer.0) {
        return Err("texts that are not what was written");
    }
    let mut inner = Unpacker(&inner);
    let texts = (0..N).map(|_| inner.text()).collect::<Result<Vec<_>, _>>()?;
    texts.try_into().map_err(|_| "texts")
}

thread_local! {
    /// To make one costs as much as to compress a webhook.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = RefCell::new(Compressor::new(ZSTD_LEVEL).ok());
}

fn compress(bytes: &[u8]) -> Option<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|compressor| compressor.as_mut()?.compress(bytes).ok())
}

#[derive(Default)]
struct Packer(Vec<u8>);

impl Packer {
    fn with_room(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    /// LEB128: seven bits a byte, the lowest first.
    fn number(&mut self, number: usize) -> &mut Self {
        let mut rest = number;
        while rest >= 0x80 {
            self.0.push(u8::try_from(rest & 0x7f).unwrap_or(0) | 0x80);
            rest >>= 7;
        }
        self.0.push(u8::try_from(rest).unwrap_or(0));
        self
    }

    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.number(bytes.len()).0.extend_from_slice(bytes);
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    /// Compressed when long and when it helps: 0 and the bytes, or the length and the compressed bytes.
    fn squeezed(&mut self, bytes: &[u8]) -> &mut Self {
        let small = (bytes.len() > limit::COMPRESS_OVER_BYTES)
            .then(|| compress(bytes))
            .flatten()
            .filter(|small| small.len() < bytes.len());
        match small {
            Some(small) => self.number(bytes.len()).bytes(&small),
            None => self.number(0).bytes(bytes),
        }
    }
}

struct Unpacker<'b>(&'b [u8]);

impl<'b> Unpacker<'b> {
    fn take(&mut self, count: usize) -> Result<&'b [u8], Damage> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or("a text that is cut off")?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<usize, Damage> {
        let mut number = 0_usize;
        for shift in (0..usize::BITS).step_by(7) {
            let byte = self.take(1)?.first().copied().unwrap_or(0);
            number |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err("a number without an end")
    }

    fn bytes(&mut self) -> Result<&'b [u8], Damage> {
        let count = self.number()?;
        self.take(count)
    }

    fn text(&mut self) -> Result<String, Damage> {
        String::from_utf8(self.bytes()?.to_vec()).map_err(|_| "a text that is not UTF-8")
    }

    fn squeezed(&mut self) -> Result<Vec<u8>, Damage> {
        let length = self.number()?;
        let bytes = self.bytes()?;
        match length {
            0 => Ok(bytes.to_vec()),
            length if length > UNPACKED_MAX_BYTES => Err("a text that is too long"),
            length => match zstd::bulk::decompress(bytes, length) {
                Ok(plain) if plain.len() == length => Ok(plain),
                _ => Err("a text that cannot be unpacked"),
            },
        }
    }
}
