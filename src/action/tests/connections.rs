//! What a connection says of limits, and what an action makes of it.

use super::*;
use crate::delivery::{Delays, Mode, Retry};
use crate::unit::Rate;

#[test]
fn reads_what_the_line_needs() {
    let site = connection(
        "http: { url: { env: URL }, auth: { basic: { user: { env: USER }, password: { env: PASS } } }, headers: { X-A: { env: A } } }
rate: 10/s
concurrency: 4
timeout: 20s
retry: { attempts: 5 }
allow_private: [10.0.0.0/8, 192.168.1.1]
x-owner: us",
    )
    .unwrap();
    assert_eq!(site.name, "site");
    assert_eq!(site.verb.name, "http");
    assert_eq!(site.rate, Some(Rate { count: 10, per: Duration::from_secs(1) }));
    assert_eq!(site.concurrency, 4);
    assert_eq!(site.timeout, Some(Duration::from_secs(20)));
    assert_eq!(site.retry.as_ref().map(|retry| retry.attempts_max), Some(5));
    assert_eq!(site.allow_private.len(), 2);
    assert_eq!(site.secrets(), [env("URL"), env("A"), env("USER"), env("PASS")]);
    let site = connection("slack: { token: { env: T } }").unwrap();
    assert_eq!((site.concurrency, site.rate, site.secrets()), (8, None, vec![env("T")]));
}

#[test]
fn retries_and_delivery_modes() {
    let site = connection("http: { url: https://example.com }\nretry: { attempts: 5 }").unwrap();
    for (yaml, alone, through, mode) in [
        ("run: [x]", 1, 5, Mode::AtMostOnce),
        ("run: [x]\nretry: { attempts: 3 }\ndelivery: at_least_once", 3, 3, Mode::AtLeastOnce),
        ("shell: x", 1, 5, Mode::AtMostOnce),
        ("log: x", 1, 5, Mode::AtLeastOnce),
        ("http: site", 9, 5, Mode::AtLeastOnce),
        ("http: site\ndelivery: at_most_once", 9, 5, Mode::AtMostOnce),
        ("slack: site\ntext: x\nretry: { attempts: 2 }", 2, 2, Mode::AtLeastOnce),
    ] {
        let compiled = action(yaml).unwrap();
        assert_eq!(compiled.retry(None).attempts_max, alone, "{yaml}");
        assert_eq!(compiled.retry(Some(&site)).attempts_max, through, "{yaml}");
        assert_eq!(compiled.mode.unwrap_or(compiled.verb.mode), mode, "{yaml}");
    }
    assert_eq!(action("http: site").unwrap().retry(None), Retry::default());
    let slow = action("http: site\nretry: { first: 1s, max: 1m }").unwrap().retry(None);
    assert!(matches!(slow.delays, Delays::Exponential { .. }));
}

#[test]
fn keeps_the_common_options() {
    let yaml = "http: site\nid: alarm\nname: Raise an alarm\ntimeout: 5s\nif: { $.x: 1 }\nx-note: ours";
    let compiled = action(yaml).unwrap();
    assert_eq!(compiled.id.as_deref(), Some("alarm"));
    assert_eq!(compiled.name.as_deref(), Some("Raise an alarm"));
    assert_eq!(compiled.timeout, Some(Duration::from_secs(5)));
    let named = compiled.connection.unwrap();
    assert_eq!((named.name.as_str(), yaml.get(named.place.span).unwrap()), ("site", "site"));
}

#[test]
fn an_action_and_its_connection_fit() {
    let bot = "slack: { token: { env: T } }";
    for (yaml, site, wanted) in [
        ("http: site", bot, Some(("E404", "`site` is a connection for `slack`, not for `http`"))),
        ("slack: site\ntext: x", bot, Some(("E005", "names a channel"))),
        ("slack: site\ntext: x\nchannel: C1", bot, None),
        (
            "slack: site\ntext: x\nchannel: C1",
            "slack: { url: { env: U } }",
            Some(("E005", "has its channel already")),
        ),
        ("slack: site\ntext: x", "slack: { url: { env: U } }", None),
        ("http: https://example.com", bot, None),
        ("run: [x]", bot, None),
    ] {
        let misfit = action(yaml).unwrap().misfit(&connection(site).unwrap());
        match (misfit, wanted) {
            (None, None) => {}
            (Some(got), Some((code, words))) => {
                assert_eq!(got.code, code, "{yaml}");
                assert!(got.message.contains(words), "{yaml}: {}", got.message);
                assert_eq!(yaml.get(got.place.unwrap().span).unwrap(), "site");
            }
            (got, wanted) => panic!("{yaml}: {got:?} {wanted:?}"),
        }
    }
}
