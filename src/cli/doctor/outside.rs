//! Ports, certificates, the admin token and the clock.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use super::Finding;
use crate::app::Settings;
use crate::clock::{Clock as _, System};
use crate::config::TlsFiles;
use crate::perform::CERTIFICATE_WARN;
use crate::server::{self, Address};
use crate::time::Timestamp;

/// No doorbell was built before, and a clock that says so is wrong: 2025-01-01, in milliseconds.
const EARLIEST: Timestamp = Timestamp::from_millis(1_735_689_600_000);
/// Nor is one that is beyond any certificate: 2100-01-01.
const LATEST: Timestamp = Timestamp::from_millis(4_102_444_800_000);
/// What was written may be so much later than the clock says.
const AHEAD_MAX: Duration = Duration::from_secs(3600);

/// All of it.
pub(super) fn look(settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![port("listen", settings.listen), admin(&settings.admin)];
    findings.push(token(settings));
    findings.extend(settings.tls.as_ref().map(|files| certificate(files, settings)));
    findings.push(clock(settings));
    findings
}

fn admin(address: &Address) -> Finding {
    match address {
        Address::Tcp(address) => port("admin", *address),
        Address::Unix(path) => match server::bind_socket(path) {
            Ok(_free) => Finding::good("admin", format!("`{address}` can be opened")),
            Err(why) if why.kind() == std::io::ErrorKind::AddrInUse => {
                Finding::warning("admin", format!("somebody listens at `{address}`"))
                    .mend("it may be a doorbell that runs already; otherwise choose another with --admin")
            }
            Err(why) => Finding::bad("admin", format!("cannot listen at `{address}`: {why}"))
                .mend("choose another with --admin, in a directory that doorbell may write"),
        },
    }
}

fn port(flag: &str, address: SocketAddr) -> Finding {
    match TcpListener::bind(address) {
        Ok(_free) => Finding::good(flag, format!("`{address}` is free")),
        Err(why) if why.kind() == std::io::ErrorKind::AddrInUse => {
            Finding::warning(flag, format!("`{address}` is in use")).mend(format!(
                "it may be a doorbell that runs already; otherwise choose another with --{flag}"
            ))
        }
        Err(why) => Finding::bad(flag, format!("cannot listen on `{address}`: {why}"))
            .mend(format!("choose another with --{flag}")),
    }
}

fn token(settings: &Settings) -> Finding {
    let token = settings.admin_token.as_ref().or(settings.admin_read_token.as_ref());
    match (token, settings.admin.is_near()) {
        (Some(_), _) => Finding::good("admin token", "it is set"),
        (None, true) => Finding::good("admin token", "none is needed: only this machine reaches it"),
        (None, false) => {
            let words = format!("`{}` can be reached from outside, and no token guards it", settings.admin);
            Finding::bad("admin token", words).mend("set DOORBELL_ADMIN_TOKEN, or --admin 127.0.0.1:4981")
        }
    }
}

fn certificate(files: &TlsFiles, settings: &Settings) -> Finding {
    if let Err(why) = files.read(settings.permissions) {
        return Finding::bad("tls", why);
    }
    let now = System.now();
    match files.not_after() {
        None => Finding::good("tls", "certificate and key go together"),
        Some(end) if end <= now => Finding::bad("tls", format!("the certificate has ended at {end}"))
            .mend("renew it; a running doorbell takes the new file by itself"),
        Some(end) => {
            let left = end.since(now);
            let words =
                format!("the certificate holds until {end}, {} days from now", left.as_secs() / 86_400);
            if left < CERTIFICATE_WARN {
                return Finding::warning("tls", words).mend("renew it soon");
            }
            Finding::good("tls", words)
        }
    }
}

/// Signatures and certificates are judged by the clock.
fn clock(settings: &Settings) -> Finding {
    let now = System.now();
    let mend = "set it, and keep it by NTP: signatures are refused when it is wrong";
    if now < EARLIEST || now > LATEST {
        return Finding::bad("clock", format!("it says {now}")).mend(mend);
    }
    let written = |path: &std::path::PathBuf| {
        let at = std::fs::metadata(path).ok()?.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some(Timestamp::from_millis(i64::try_from(at.as_millis()).ok()?))
    };
    let files = settings.paths.iter().chain([&settings.store]);
    match files.filter_map(written).find(|at| *at > now.plus(AHEAD_MAX)) {
        Some(at) => {
            Finding::warning("clock", format!("it says {now}, and a file was written at {at}")).mend(mend)
        }
        None => Finding::good("clock", format!("it says {now}")),
    }
}
