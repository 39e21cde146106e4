//! One trace from a webhook to the last attempt of what it owes: a sender's W3C trace is continued, any other begins with
//! the event. Ids of spans are made of the ids that are there, so that nothing has to be remembered between them.
//!
//! Source: <https://www.w3.org/TR/trace-context/>

use http::HeaderMap;

use crate::hex::hex;
use crate::id::{DeliveryId, EventId};

/// The header that carries it.
pub const TRACEPARENT: &str = "traceparent";

/// The trace of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// 16 bytes, not all zero.
    pub id: [u8; 16],
    /// The sender's span, where it has one.
    pub parent: Option<[u8; 8]>,
    /// Whether the sender keeps it; of our own we do.
    pub is_sampled: bool,
}

impl Trace {
    /// That of an event whose request carried this.
    pub fn of(event: EventId, traceparent: Option<&str>) -> Self {
        let own = Self { id: *event.as_bytes(), parent: None, is_sampled: true };
        traceparent.and_then(read).unwrap_or(own)
    }

    /// What an outgoing request of this span carries.
    pub fn header(&self, span: [u8; 8]) -> String {
        format!("00-{}-{}-{:02x}", hex(&self.id), hex(&span), u8::from(self.is_sampled))
    }
}

/// The span of an event: from its request to the answer.
pub fn event_span(event: EventId) -> [u8; 8] {
    tail(event.as_bytes())
}

/// The span of one attempt of a delivery.
pub fn attempt_span(delivery: DeliveryId, attempt: u32) -> [u8; 8] {
    (u64::from_be_bytes(tail(delivery.as_bytes())) ^ (u64::from(attempt) << 32)).to_be_bytes()
}

/// What a request carries, when it can be read as a trace.
pub fn incoming(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(TRACEPARENT).iter();
    let text = all.next()?.to_str().ok()?;
    (all.next().is_none() && read(text).is_some()).then_some(text)
}

/// The random half of an id.
fn tail(id: &[u8; 16]) -> [u8; 8] {
    id.last_chunk().copied().unwrap_or([1; 8])
}

/// `00-` 32 hex digits `-` 16 hex digits `-` 2 hex digits; a later version may say more behind.
fn read(text: &str) -> Option<Trace> {
    let mut parts = text.split('-');
    let (version, id, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let [version] = unhex::<1>(version)?;
    let [flags] = unhex::<1>(flags)?;
    let is_known = version != 0xff && (version != 0 || parts.next().is_none());
    let (id, parent) = (unhex::<16>(id)?, unhex::<8>(parent)?);
    let is_some = id != [0; 16] && parent != [0; 8];
    (is_known && is_some).then_some(Trace { id, parent: Some(parent), is_sampled: flags & 1 == 1 })
}

/// Small digits only, as the source wants it.
fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    if pairs.len() != N || text.bytes().any(|byte| !matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_senders_trace_goes_on_and_any_other_begins() {
        let event = EventId::new(5, [7; 10]);
        let trace = Trace::of(event, Some(SENT));
        assert_eq!(trace.header([0xab; 8]), SENT.replace("00f067aa0ba902b7", "abababababababab"));
        assert_eq!(trace.parent, Some([0, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 2, 0xb7]));
        for odd in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902bé-01",
        ] {
            let trace = Trace::of(event, Some(odd));
            assert_eq!((trace.id, trace.parent, trace.is_sampled), (*event.as_bytes(), None, true), "{odd}");
        }
        let later = "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-more";
        assert!(!Trace::of(event, Some(later)).is_sampled);
    }

    #[test]
    fn each_attempt_is_a_span_of_its_own() {
        let delivery = DeliveryId::new(5, [7; 10]);
        assert_ne!(attempt_span(delivery, 1), attempt_span(delivery, 2));
        assert_ne!(attempt_span(delivery, 1), attempt_span(delivery.later(1), 1));
        assert_ne!(attempt_span(delivery, 1), [0; 8]);
    }
}
