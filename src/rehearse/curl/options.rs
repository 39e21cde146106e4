//! The options of curl that a copied command may have, and what each does to the request.

use http::HeaderName;
use http::header::{REFERER, USER_AGENT};

/// What an option does to the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    Method,
    Header,
    Data(Data),
    User,
    Bearer,
    Named(&'static HeaderName),
    Cookie,
    Url,
    Get,
    Head,
    /// Nothing.
    Nothing,
    /// Nothing, and it has a value.
    NothingWithValue,
    /// It cannot be followed, and why.
    Refused(&'static str),
}

/// How a value becomes data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Data {
    /// `@file` is read, without its line breaks.
    Text,
    /// It stands as it is.
    Raw,
    /// `@file` is read as it is.
    Binary,
    /// The same, and its type is JSON.
    Json,
    /// What stands behind the first `=` is percent-encoded.
    Encoded,
}

/// A multipart form, which curl makes anew at each call.
const MULTIPART: &str =
    "a multipart form has another boundary at each call: save the request that was sent as a .http file";
/// Where another request begins.
pub(super) const SEVERAL: &str = "several requests in one command: leave one of them";

/// The options, by their names.
const OPTIONS: &[(&[&str], Does)] = &[
    (&["-X", "--request"], Does::Method),
    (&["-H", "--header"], Does::Header),
    (&["-d", "--data", "--data-ascii"], Does::Data(Data::Text)),
    (&["--data-raw"], Does::Data(Data::Raw)),
    (&["--data-binary"], Does::Data(Data::Binary)),
    (&["--data-urlencode"], Does::Data(Data::Encoded)),
    (&["--json"], Does::Data(Data::Json)),
    (&["-u", "--user"], Does::User),
    (&["--oauth2-bearer"], Does::Bearer),
    (&["-A", "--user-agent"], Does::Named(&USER_AGENT)),
    (&["-e", "--referer"], Does::Named(&REFERER)),
    (&["-b", "--cookie"], Does::Cookie),
    (&["--url"], Does::Url),
    (&["-G", "--get"], Does::Get),
    (&["-I", "--head"], Does::Head),
    (&["-F", "--form", "--form-string"], Does::Refused(MULTIPART)),
    (&["-T", "--upload-file"], Does::Refused("an upload is no webhook: give its content by --data-binary")),
    (&["-K", "--config"], Does::Refused("what stands in another file is not read: write the options here")),
    (&["-:", "--next"], Does::Refused(SEVERAL)),
    (&["-s", "--silent"], Does::Nothing),
    (&["-S", "--show-error"], Does::Nothing),
    (&["-f", "--fail", "--fail-with-body"], Does::Nothing),
    (&["-i", "--include", "--show-headers"], Does::Nothing),
    (&["-k", "--insecure"], Does::Nothing),
    (&["-L", "--location", "--location-trusted"], Does::Nothing),
    (&["-v", "--verbose"], Does::Nothing),
    (&["-N", "--no-buffer"], Does::Nothing),
    (&["-g", "--globoff"], Does::Nothing),
    (&["-#", "--progress-bar", "--no-progress-meter"], Does::Nothing),
    (&["-4", "--ipv4"], Does::Nothing),
    (&["-6", "--ipv6"], Does::Nothing),
    (&["-0", "--http1.0", "--http1.1", "--http2", "--http2-prior-knowledge", "--http3"], Does::Nothing),
    (&["-O", "--remote-name"], Does::Nothing),
    (&["--compressed", "--path-as-is", "--tlsv1.2", "--tlsv1.3", "--basic"], Does::Nothing),
    (&["-o", "--output"], Does::NothingWithValue),
    (&["-w", "--write-out"], Does::NothingWithValue),
    (&["-m", "--max-time"], Does::NothingWithValue),
    (&["-x", "--proxy"], Does::NothingWithValue),
    (&["-E", "--cert"], Does::NothingWithValue),
    (&["-c", "--cookie-jar"], Does::NothingWithValue),
    (&["-D", "--dump-header"], Does::NothingWithValue),
    (&["--connect-timeout", "--retry", "--retry-delay", "--retry-max-time"], Does::NothingWithValue),
    (&["--cacert", "--capath", "--key", "--resolve", "--connect-to"], Does::NothingWithValue),
    (&["--unix-socket", "--interface", "--limit-rate", "--max-redirs", "--noproxy"], Does::NothingWithValue),
];

/// What the option of this name does.
pub(super) fn find(name: &str) -> Result<Does, String> {
    let found = OPTIONS.iter().find(|(names, _)| names.contains(&name)).map(|(_, does)| *does);
    found.ok_or_else(|| format!("`{name}` is no option of curl that is known here: leave it out"))
}

impl Does {
    /// Whether a value stands behind it.
    pub(super) fn has_value(self) -> bool {
        !matches!(self, Self::Get | Self::Head | Self::Nothing | Self::Refused(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_has_one_meaning() {
        let mut names: Vec<&str> = OPTIONS.iter().flat_map(|(names, _)| names.iter().copied()).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
