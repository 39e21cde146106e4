//! Which URLs a sender may name for us to open: `https://api.paypal.com/v1/notifications/certs/*`. A `*` stands for a run
//! inside one label of the host or one segment of the path, and `?*` at the end allows a query.

use url::Url;

use crate::glob::Glob;

use super::part::Wrong;

/// Bytes of a URL that a sender names.
const URL_MAX_BYTES: usize = 2048;
/// Labels at the end of a host that are written out: whoever owns those owns all before them.
const LABELS_WRITTEN_OUT: usize = 2;
const SCHEME: &str = "https://";
const QUERY: &str = "?*";

/// One pattern of URLs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Allowed {
    host: Vec<Glob>,
    path: Vec<Glob>,
    query: bool,
}

impl Allowed {
    /// Reads a pattern.
    pub(super) fn parse(text: &str) -> Result<Self, Wrong> {
        let help = "write the URL with `*` where it varies: https://certs.example.com/*.pem";
        let wrong = |what: &str| Wrong::new(0, format!("`{text}` {what}")).help(help);
        let rest = text.strip_prefix(SCHEME).ok_or_else(|| wrong("does not start with `https://`"))?;
        let (rest, query) = rest.strip_suffix(QUERY).map_or((rest, false), |rest| (rest, true));
        let (host, path) = rest.split_once('/').ok_or_else(|| wrong("has no path"))?;
        let labels: Vec<_> = host.split('.').collect();
        let written_out = labels.iter().rev().take_while(|label| !label.contains('*')).count();
        if written_out < LABELS_WRITTEN_OUT {
            return Err(wrong("would allow hosts of strangers: write the end of the host out"));
        }
        let globs = |parts: Vec<&str>| parts.into_iter().map(Glob::new).collect();
        Ok(Self { host: globs(labels), path: globs(path.split('/').collect()), query })
    }

    /// Whether a URL is one of these. It must be written as URLs are written out, so that nobody reads it otherwise.
    pub(super) fn admits(&self, text: &str) -> bool {
        let plain = |url: &Url| {
            url.as_str() == text
                && url.scheme() == "https"
                && url.username().is_empty()
                && url.password().is_none()
                && url.port().is_none()
                && url.fragment().is_none()
                && !url.path().contains('%')
        };
        let url =
            Some(text).filter(|text| text.len() <= URL_MAX_BYTES).and_then(|text| Url::parse(text).ok());
        let Some(url) = url.filter(plain) else { return false };
        let host = url.host_str().unwrap_or_default();
        let path = url.path().strip_prefix('/').unwrap_or_default();
        (self.query || url.query().is_none()) && each(&self.host, host, '.') && each(&self.path, path, '/')
    }
}

fn each(globs: &[Glob], text: &str, separator: char) -> bool {
    let parts: Vec<_> = text.split(separator).collect();
    let whole =
        |(glob, part): (&Glob, &&str)| glob.matches(part) && (!part.is_empty() || glob.text().is_empty());
    parts.len() == globs.len() && globs.iter().zip(&parts).all(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_one_of_these_or_it_is_not() {
        let sns = "https://sns.*.amazonaws.com/SimpleNotificationService-*.pem";
        let paypal = "https://api.paypal.com/v1/notifications/certs/*";
        for (pattern, url, wanted) in [
            (sns, "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0a.pem", true),
            (sns, "http://sns.us-east-1.amazonaws.com/SimpleNotificationService-0a.pem", false),
            (sns, "https://sns.us-east-1.amazonaws.com/x/SimpleNotificationService-0a.pem", false),
            (sns, "https://sns.us-east-1.amazonaws.com.evil.example/SimpleNotificationService-0a.pem", false),
            (sns, "https://sns.evil.example/.amazonaws.com/SimpleNotificationService-0a.pem", false),
            (sns, "https://sns..amazonaws.com/SimpleNotificationService-0a.pem", false),
            (sns, "https://sns.us-east-1.amazonaws.com:444/SimpleNotificationService-0a.pem", false),
            (sns, "https://u@sns.us-east-1.amazonaws.com/SimpleNotificationService-0a.pem", false),
            (sns, "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0a.pem?x", false),
            (sns, "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0a.pem#x", false),
            (sns, "HTTPS://sns.us-east-1.amazonaws.com/SimpleNotificationService-0a.pem", false),
            (paypal, "https://api.paypal.com/v1/notifications/certs/CERT-1", true),
            (paypal, "https://api.paypal.com/v1/notifications/certs/", false),
            (paypal, "https://api.paypal.com/v1/notifications/certs/../x", false),
            (paypal, "https://api.paypal.com/v1/notifications/certs/%2e%2e", false),
            (paypal, "https://api.paypal.com\\@evil.example/v1/notifications/certs/x", false),
            ("https://sns.*.amazonaws.com/?*", "https://sns.eu-west-1.amazonaws.com/?Action=x&a=b", true),
            ("https://sns.*.amazonaws.com/?*", "https://sns.eu-west-1.amazonaws.com/x?Action=x", false),
        ] {
            assert_eq!(Allowed::parse(pattern).unwrap().admits(url), wanted, "{url}");
        }
    }

    #[test]
    fn a_pattern_names_whose_hosts_it_means() {
        for text in
            ["http://a.example/x", "https://a.example", "https://*.com/x", "https://a.*/x", "https://*/x"]
        {
            assert!(Allowed::parse(text).is_err(), "{text}");
        }
    }
}
