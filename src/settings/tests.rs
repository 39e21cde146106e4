//! One table of settings: what each reads as, or what is said about it.

use crate::delivery::{Delays, Retry, RetryOn};
use crate::secret::{SecretRef, Value};
use crate::yaml::Document;

use super::*;

/// What `read` makes of `v: TEXT`, or the complaints.
fn read<T>(text: &str, read: impl Fn(&Node<'_>, &mut Vec<Diagnostic>) -> Option<T>) -> Result<T, String> {
    let document = Document::parse("f", &format!("v: {text}\n")).unwrap();
    let mut problems = Vec::new();
    let found = read(&document.root().get("v").unwrap(), &mut problems);
    let told =
        |one: &Diagnostic| format!("{} {} [{}]", one.code, one.message, one.help.as_deref().unwrap_or(""));
    match found {
        Some(found) if problems.is_empty() => Ok(found),
        _ => Err(problems.iter().map(told).collect::<Vec<_>>().join("\n")),
    }
}

#[test]
fn quantities() {
    assert_eq!(read("15m", duration), Ok(Duration::from_secs(900)));
    assert_eq!(read("15", duration).unwrap_err(), "E501 `15` has no unit [write `15s`, `15m` or `15h`]");
    assert!(read("[1]", duration).unwrap_err().starts_with("E004 `v`: wanted a text, got a list"));
    assert!(read("soon", duration).unwrap_err().starts_with("E501 `soon` is not a duration"));
    assert_eq!(read("256KiB", size), Ok(262_144));
    assert_eq!(read("1000", size), Ok(1000));
    assert!(read("-1", size).unwrap_err().starts_with("E501 `-1` is not a size"));
    assert_eq!(read("10/s", rate).map(|rate| rate.count), Ok(10));
    assert_eq!(
        read("0", |node, problems| count(node, 1, 9, problems)).unwrap_err(),
        "E004 `v`: wanted a whole number from 1 to 9, got `0` []"
    );
    assert_eq!(read("yes", truth).unwrap_err(), "E004 `v`: wanted `true` or `false`, got a text []");
}

#[test]
fn networks_are_one_or_many() {
    let net = |text: &str| text.parse::<IpNet>().unwrap();
    assert_eq!(read("10.0.0.0/8", networks), Ok(vec![net("10.0.0.0/8")]));
    assert_eq!(
        read("[192.0.2.1, '2001:db8::/32']", networks),
        Ok(vec![net("192.0.2.1/32"), net("2001:db8::/32")])
    );
    assert_eq!(
        read("[10.0.0.0/99, home]", networks).unwrap_err(),
        "E307 `10.0.0.0/99` is not a network [write `192.0.2.0/24`, `2001:db8::/32` or one address]\n\
         E307 `home` is not a network [write `192.0.2.0/24`, `2001:db8::/32` or one address]"
    );
}

#[test]
fn retries() {
    let plain = Retry::default();
    let growing = |first, factor_percent, max| Delays::Exponential {
        first: Duration::from_secs(first),
        factor_percent,
        max: Duration::from_secs(max),
    };
    let only = |statuses: &[(u16, u16)], failures| RetryOn::Only {
        statuses: statuses.to_vec(),
        codes: Vec::new(),
        failures,
    };
    for (text, wanted) in [
        ("{}", plain.clone()),
        ("{ attempts: 5, x-why: slow }", Retry { attempts_max: 5, ..plain.clone() }),
        ("{ first: 1s, max: 1m, factor: 1.5 }", Retry { delays: growing(1, 150, 60), ..plain.clone() }),
        ("{ first: 20h }", Retry { delays: growing(72_000, 200, 72_000), ..plain.clone() }),
        ("{ for: 1h }", Retry { total: Some(Duration::from_secs(3600)), ..plain.clone() }),
        ("{ on: 503 }", Retry { on: only(&[(503, 503)], false), ..plain.clone() }),
        (
            "{ on: [5xx, 408, 420-429, timeout, connection] }",
            Retry { on: only(&[(500, 599), (408, 408), (420, 429)], true), ..plain },
        ),
    ] {
        assert_eq!(read(text, retry), Ok(wanted), "{text}");
    }
}

#[test]
fn bad_retries_are_all_told() {
    for (text, wanted) in [
        (
            "5",
            "E004 `v`: wanted a map, got a number [write `retry: { attempts: 5 }`; `attempts: 1` never tries again]",
        ),
        (
            "{ attempts: 0, retries: 1, factor: 99 }",
            "E004 `attempts`: wanted a whole number from 1 to 100, got `0` []\n\
             E003 `retries` is not a key here [the keys here are `attempts`, `first`, `max`, `factor`, `for`, `on`]\n\
             E004 `factor`: wanted a number from 1 to 10, got `99` []",
        ),
        (
            "{ first: 1h, max: 1m }",
            "E501 `max` is shorter than `first` [the delays grow from `first` to `max`]",
        ),
        (
            "{ on: [9xx] }",
            "E004 `9xx` is not a failure to try again after [write a status (`503`), a range (`5xx`, `500-599`), `exit 75`, `timeout` or `connection`]",
        ),
        (
            "{ on: timeout }",
            "E004 `timeout` and `connection` come together in this version [write both: `on: [timeout, connection, 5xx]`]",
        ),
    ] {
        assert_eq!(read(text, retry).unwrap_err(), wanted, "{text}");
    }
}

#[test]
fn secrets_are_references() {
    let env = |name: &str| SecretRef::Env(name.to_owned());
    let file = SecretRef::File("/run/x".to_owned());
    assert_eq!(read("{ env: A }", secrets), Ok(vec![env("A")]));
    assert_eq!(read("{ env: [A, B] }", secrets), Ok(vec![env("A"), env("B")]));
    assert_eq!(read("[{ env: A }, { file: /run/x }]", secrets), Ok(vec![env("A"), file.clone()]));
    assert_eq!(read("{ file: /run/x }", secret), Ok(file));
    assert_eq!(read("no", value), Ok(Value::Plain("no".to_owned())));
    assert_eq!(read("{ env: A }", value), Ok(Value::Secret(env("A"))));
}

#[test]
fn a_secret_in_clear_is_refused_and_never_repeated() {
    let mend = "put it into the environment or a file and write `{ env: NAME }` or `{ file: PATH }`";
    for (text, wanted) in [
        ("hunter2hunter2", format!("E303 `v` is a secret written in clear [{mend}]")),
        ("${TOKEN}", "E303 a secret is a reference; texts are not filled from the environment [write `{ env: TOKEN }`]".to_owned()),
        ("{ env: A, file: b }", "E004 a secret comes from one place [keep one of `env` and `file`]".into()),
        ("{ evn: A }", "E003 `evn` is not a key here; did you mean `env`? [the keys here are `env`, `file`]".into()),
        ("{ env: a-b }", "E004 `a-b` is not the name of an environment variable [a name has letters, digits and `_`, such as `GITHUB_WEBHOOK_SECRET`]".into()),
        ("{ env: [] }", "E004 a secret is missing here [write `{ env: NAME }`]".into()),
        ("[{ env: A }, {}]", "E004 a secret is missing here [write `{ env: NAME }`]".into()),
    ] {
        assert_eq!(read(text, secrets).unwrap_err(), wanted, "{text}");
    }
    assert_eq!(
        read("{ env: [A, B] }", secret).unwrap_err(),
        "E004 several secrets where one is wanted [write `{ env: NAME }`]"
    );
}
