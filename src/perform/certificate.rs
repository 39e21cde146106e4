//! How long a certificate holds: read from its DER, as far as that goes (RFC 5280, section 4.1).

use crate::time::Timestamp;

/// The tags of DER that lead to the dates.
const SEQUENCE: u8 = 0x30;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// The version of a certificate, which may be left out.
const VERSION: u8 = 0xa0;
/// What stands between the version and the dates: serial number, algorithm, issuer.
const BEFORE_DATES: usize = 3;

/// The last moment at which a certificate holds; `None` when this is no certificate.
pub fn not_after(der: &[u8]) -> Option<Timestamp> {
    let (certificate, _) = element(der, SEQUENCE)?;
    let (mut fields, _) = element(certificate, SEQUENCE)?;
    if fields.first() == Some(&VERSION) {
        fields = skip(fields)?;
    }
    for _ in 0..BEFORE_DATES {
        fields = skip(fields)?;
    }
    let (dates, _) = element(fields, SEQUENCE)?;
    time(skip(dates)?)
}

fn time(der: &[u8]) -> Option<Timestamp> {
    let (text, century) = match element(der, UTC_TIME) {
        Some((text, _)) => {
            let text = std::str::from_utf8(text).ok()?;
            // Two digits from 50 on are of the last century.
            (text, if text.get(..2)? < "50" { "20" } else { "19" })
        }
        None => (std::str::from_utf8(element(der, GENERALIZED_TIME)?.0).ok()?, ""),
    };
    let digits = format!("{century}{}", text.strip_suffix('Z')?);
    let part = |from: usize, to: usize| digits.get(from..to);
    let date = format!("{}-{}-{}", part(0, 4)?, part(4, 6)?, part(6, 8)?);
    Timestamp::parse(&format!("{date}T{}:{}:{}Z", part(8, 10)?, part(10, 12)?, part(12, 14)?))
}

/// The content of the first element, which must have this tag, and what stands behind it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, content, rest) = split(der)?;
    (found == tag).then_some((content, rest))
}

/// What stands behind the first element.
fn skip(der: &[u8]) -> Option<&[u8]> {
    split(der).map(|(_, _, rest)| rest)
}

fn split(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        let add = |length: usize, byte: &u8| length.checked_mul(256)?.checked_add(usize::from(*byte));
        (bytes.iter().try_fold(0, add)?, rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_certificate_is_found() {
        for (year, wanted) in [(2031, "2031-02-03T00:00:00Z"), (2126, "2126-02-03T00:00:00Z")] {
            let mut parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
            parameters.not_after = rcgen::date_time_ymd(year, 2, 3);
            let certificate = parameters.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();
            assert_eq!(not_after(certificate.der()), Timestamp::parse(wanted), "{year}");
            // Nothing that is cut off or changed makes it fall over.
            let der = certificate.der();
            for end in 0..der.len() {
                let _ = not_after(&der[..end]);
                let mut odd = der.to_vec();
                odd[end] ^= 0xff;
                let _ = not_after(&odd);
            }
        }
        assert_eq!(not_after(b""), None);
    }
}
