//! Networks in conditions: `10.0.0.0/8`, `::1`; an IPv4 address wrapped in IPv6 counts as what it wraps.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

/// How many bits of an IPv6 address come before the IPv4 address that it wraps (RFC 4291, section 2.5.5.2).
const MAPPED_PREFIX_BITS: u8 = 96;

/// Reads a network, or one address as the network of it alone.
pub(super) fn parse(text: &str) -> Option<IpNet> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(IpNet::from(address.to_canonical()));
    }
    match text.parse::<IpNet>().ok()? {
        IpNet::V6(wide) => {
            let inner = wide.addr().to_ipv4_mapped();
            let bits = wide.prefix_len().checked_sub(MAPPED_PREFIX_BITS);
            let narrow = inner.zip(bits).and_then(|(address, bits)| Ipv4Net::new(address, bits).ok());
            Some(narrow.map_or(IpNet::V6(wide), IpNet::V4))
        }
        narrow => Some(narrow),
    }
}

/// Reads an address.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contains_addresses_however_they_are_written() {
        for (network, text, wanted) in [
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.9.9.9/8", "10.1.2.3", true),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("::ffff:10.0.0.0/104", "10.1.2.3", true),
            ("::ffff:10.0.0.0/104", "11.1.2.3", false),
            ("::ffff:10.0.0.1", "10.0.0.1", true),
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("2001:db8::/32", "2001:DB8:1::", true),
            ("2001:db8::1", "2001:db8::2", false),
            ("::/0", "10.0.0.1", false),
            ("0.0.0.0/0", "::1", false),
        ] {
            let holds = parse(network).unwrap().contains(&address(text).unwrap());
            assert_eq!(holds, wanted, "{network} {text}");
        }
        for text in ["", "10.0.0.0/33", "10.0.0", "example.org", "10.0.0.0/-1", "::/129"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
