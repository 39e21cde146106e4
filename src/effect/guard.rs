//! The outbound guard: which addresses are never dialled, unless a connection says so. One function decides.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// What the addresses are at which a cloud hands out the credentials of its machines.
const METADATA_KIND: &str = "a cloud metadata address";

/// Those addresses, and those of the same kind that are link-local.
const METADATA: &[IpAddr] = &[
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
];

/// Networks in which an operator's own machines are: an address of them that is written down plainly is meant.
const NEAR: &[IpNet] = &[
    IpNet::V4(v4([127, 0, 0, 0], 8)),
    IpNet::V4(v4([10, 0, 0, 0], 8)),
    IpNet::V4(v4([172, 16, 0, 0], 12)),
    IpNet::V4(v4([192, 168, 0, 0], 16)),
    IpNet::V4(v4([100, 64, 0, 0], 10)),
    IpNet::V6(v6([0, 0, 0, 0, 0, 0, 0, 1], 128)),
    IpNet::V6(v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7)),
];

/// IPv4 networks that are not the public internet, first match counts (IANA special-purpose registry, RFC 6890).
const V4: &[(Ipv4Net, &str)] = &[
    (v4([0, 0, 0, 0], 8), "an address of \"this network\""),
    (v4([10, 0, 0, 0], 8), "a private address"),
    (v4([100, 100, 100, 200], 32), METADATA_KIND),
    (v4([100, 64, 0, 0], 10), "a carrier's shared address"),
    (v4([127, 0, 0, 0], 8), "a loopback address"),
    (v4([168, 63, 129, 16], 32), METADATA_KIND),
    (v4([169, 254, 0, 0], 16), "a link-local or metadata address"),
    (v4([172, 16, 0, 0], 12), "a private address"),
    (v4([192, 0, 0, 192], 32), METADATA_KIND),
    (v4([192, 0, 0, 0], 24), "a protocol assignment"),
    (v4([192, 0, 2, 0], 24), "a documentation address"),
    (v4([192, 88, 99, 0], 24), "a 6to4 relay"),
    (v4([192, 168, 0, 0], 16), "a private address"),
    (v4([198, 18, 0, 0], 15), "a benchmark address"),
    (v4([198, 51, 100, 0], 24), "a documentation address"),
    (v4([203, 0, 113, 0], 24), "a documentation address"),
    (v4([224, 0, 0, 0], 4), "a multicast address"),
    (v4([255, 255, 255, 255], 32), "the broadcast address"),
    (v4([240, 0, 0, 0], 4), "a reserved address"),
];

/// IPv6 networks that are not the public internet, first match counts.
const V6: &[(Ipv6Net, &str)] = &[
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 128), "the unspecified address"),
    (v6([0, 0, 0, 0, 0, 0, 0, 1], 128), "a loopback address"),
    (v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 128), METADATA_KIND),
    (v6([0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254], 128), METADATA_KIND),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), "a link-local address"),
    (v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), "a site-local address"),
    (v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), "a private address"),
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), "a multicast address"),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32), "a Teredo tunnel's address"),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), "a protocol assignment"),
    (v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), "a documentation address"),
    (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), "a documentation address"),
];

/// The part of IPv6 that is given out for the public internet (RFC 4291); nothing outside it is dialled.
const V6_PUBLIC: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// IPv6 networks that carry an IPv4 address, and the bit at which its 32 bits begin.
const CARRIERS: &[(Ipv6Net, u32)] = &[
    (v6([0, 0, 0, 0, 0, 0xffff, 0, 0], 96), 96),
    (v6([0, 0, 0, 0, 0xffff, 0, 0, 0], 96), 96),
    (v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96), 96),
    (v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), 16),
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 96), 96),
];

const fn v4(address: [u8; 4], bits: u8) -> Ipv4Net {
    let [a, b, c, d] = address;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), bits)
}

const fn v6(address: [u16; 8], bits: u8) -> Ipv6Net {
    let [a, b, c, d, e, f, g, h] = address;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), bits)
}

/// Whether an address may be dialled. Forms of IPv6 that carry an IPv4 address are judged by the address inside.
/// An address in `allow_private` (itself or the one inside) may always be.
///
/// # Errors
/// What kind of address it is, in words: `a loopback address`.
pub fn decide(address: IpAddr, allow_private: &[IpNet]) -> Result<(), String> {
    let inside = match address {
        IpAddr::V4(_) => None,
        IpAddr::V6(outer) => carried(outer),
    };
    let judged = inside.map_or(address, IpAddr::V4);
    let allowed = |address: &IpAddr| allow_private.iter().any(|network| network.contains(address));
    if allowed(&address) || allowed(&judged) {
        return Ok(());
    }
    match kind(judged) {
        None => Ok(()),
        Some(kind) => Err(kind.to_owned()),
    }
}

/// Whether a name may be asked for: `localhost`, and every name below it, is this machine (RFC 6761, section 6.3), whether
/// it can be looked up here or only a proxy would do so.
///
/// # Errors
/// As `decide`.
pub fn decide_name(name: &str, allow_private: &[IpNet]) -> Result<(), String> {
    let name = name.trim_end_matches('.');
    if name != "localhost" && !name.ends_with(".localhost") {
        return Ok(());
    }
    let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let judged = loopback.map(|address| decide(address, allow_private));
    judged.into_iter().reduce(Result::or).unwrap_or(Ok(()))
}

/// Those of a name's addresses that may be dialled. Only these are given to whoever connects, so that what was checked
/// is what is dialled.
///
/// # Errors
/// When there are some, but none of them may be.
pub fn permitted(found: Vec<SocketAddr>, allow_private: &[IpNet]) -> Result<Vec<SocketAddr>, String> {
    let mut refused = None;
    let mut kept = Vec::with_capacity(found.len());
    for address in found {
        match decide(address.ip(), allow_private) {
            Ok(()) => kept.push(address),
            Err(kind) => refused = Some(kind),
        }
    }
    match refused {
        Some(kind) if kept.is_empty() => Err(kind),
        _ => Ok(kept),
    }
}

/// Whether an address is one of this machine or of a private network, where a service of the operator's may be; never one
/// where a cloud hands out credentials.
pub fn is_near(address: IpAddr) -> bool {
    NEAR.iter().any(|network| network.contains(&address)) && !METADATA.contains(&address)
}

/// The address in a network at which a cloud hands out credentials, where the network is named for its sake: it is that
/// address, link-local, or everything.
pub fn metadata_in(network: &IpNet) -> Option<IpAddr> {
    let found = METADATA.iter().copied().find(|address| network.contains(address))?;
    let is_one = network.prefix_len() == network.max_prefix_len();
    let is_link_local = matches!(network.network(), IpAddr::V4(first) if first.is_link_local());
    (is_one || is_link_local || network.prefix_len() == 0).then_some(found)
}

/// What an address that is not public is; `None` for a public one.
fn kind(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => {
            V4.iter().find(|(network, _)| network.contains(&address)).map(|(_, kind)| *kind)
        }
        IpAddr::V6(address) => V6
            .iter()
            .find(|(network, _)| network.contains(&address))
            .map(|(_, kind)| *kind)
            .or_else(|| (!V6_PUBLIC.contains(&address)).then_some("a reserved address"))
            .or_else(|| tunnelled(address).and_then(|inside| kind(IpAddr::V4(inside)))),
    }
}

/// The IPv4 address at the end of an ISATAP tunnel, in whatever network (RFC 5214, section 6.1).
fn tunnelled(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [.., private_or_not, mark, high, low] = address.segments();
    (matches!(private_or_not, 0 | 0x200) && mark == 0x5efe)
        .then(|| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
}

/// The IPv4 address that an IPv6 address stands for: mapped, translated, NAT64, 6to4, compatible.
pub(super) fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    if address.is_loopback() || address.is_unspecified() {
        return None;
    }
    let (_, begin) = CARRIERS.iter().find(|(network, _)| network.contains(&address))?;
    let shifted = address.to_bits() >> (96 - begin);
    u32::try_from(shifted & u128::from(u32::MAX)).ok().map(Ipv4Addr::from_bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Addresses that are never dialled unasked.
    const BLOCKED: &[&str] = &[
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.5",
        "10.255.255.255",
        "100.64.0.1",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "169.254.170.2",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::a00:5",
        "::ffff:7f00:1",
        "::ffff:10.0.0.5",
        "::ffff:0:7f00:1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::1",
        "2002:a9fe:a9fe::1",
        "2001:0:7f00:1::1",
        "2001:0:808:808::1",
        "2001:2::1",
        "2001:10::1",
        "2001:db8::1",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fe80::1",
        "fe80::5efe:7f00:1",
        "fec0::1",
        "ff02::1",
        "2001:470:1:2:0:5efe:a00:5",
        "2001:470:1:2:200:5efe:7f00:1",
        "fe80::5efe:808:808",
        "64:ff9b::c0a8:1",
        "64:ff9b::6464:64c8",
        "::ffff:a9fe:a9fe",
        "::ffff:0.0.0.0",
        "2002:c0a8:101::",
        "2002:e000:1::",
        "ff0e::1",
        "100::1",
        "5f00::1",
        "4000::1",
    ];
    /// Addresses of the public internet, some just beside a blocked network.
    const OPEN: &[&str] = &[
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "128.0.0.1",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.1",
        "192.167.255.255",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700::1111",
        "2001:200::1",
        "2a00::1",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2002:808:808::1",
        "::808:808",
        "2001:470:1:2:200:5efe:808:808",
        "2001:470:1:2:300:5efe:7f00:1",
    ];

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_not_public_is_blocked() {
        for text in BLOCKED {
            assert!(decide(address(text), &[]).is_err(), "{text}");
        }
        for text in OPEN {
            assert_eq!(decide(address(text), &[]), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_connection_opens_networks_and_nothing_beside_them() {
        for (network, text, open) in [
            ("127.0.0.1/32", "127.0.0.1", true),
            ("127.0.0.1/32", "127.0.0.2", false),
            ("127.0.0.0/8", "::ffff:127.0.0.9", true),
            ("10.0.0.0/8", "64:ff9b::a00:5", true),
            ("10.0.0.0/8", "192.168.0.1", false),
            ("::1/128", "::1", true),
            ("::1/128", "127.0.0.1", false),
            ("::ffff:127.0.0.1/128", "::ffff:127.0.0.1", true),
            ("fd00::/8", "fd00::1", true),
        ] {
            let allow = [network.parse().unwrap()];
            assert_eq!(decide(address(text), &allow).is_ok(), open, "{text} with {network}");
        }
    }

    #[test]
    fn a_name_is_dialled_only_at_its_permitted_addresses() {
        let at = |text: &str| SocketAddr::new(address(text), 80);
        let mixed = vec![at("127.0.0.1"), at("1.1.1.1"), at("::1")];
        assert_eq!(permitted(mixed.clone(), &[]), Ok(vec![at("1.1.1.1")]));
        assert_eq!(permitted(mixed, &["127.0.0.0/8".parse().unwrap()]).unwrap().len(), 2);
        assert!(permitted(vec![at("10.0.0.1"), at("::1")], &[]).is_err());
        assert_eq!(permitted(Vec::new(), &[]), Ok(Vec::new()));
    }
}
