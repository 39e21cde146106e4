//! What sets a limit and what does not.

use super::*;

fn check(texts: &[&str], wanted: Result<&[(&str, &str)], &str>) {
    let got = Limits::read(texts.iter().copied());
    match wanted {
        Err(words) => assert_eq!(got.map_err(|error| error.to_string()), Err(words.to_owned()), "{texts:?}"),
        Ok(wanted) => {
            let limits = got.unwrap();
            let changed: Vec<(&str, String)> = LIMITS
                .iter()
                .filter(|row| row.value(&limits) != row.default())
                .map(|row| (row.name, row.value(&limits)))
                .collect();
            let changed: Vec<(&str, &str)> =
                changed.iter().map(|(name, value)| (*name, value.as_str())).collect();
            assert_eq!(changed, wanted, "{texts:?}");
        }
    }
}

#[test]
fn what_is_said_is_set_and_nothing_else() {
    check(&[], Ok(&[]));
    check(&["backlog=3"], Ok(&[("backlog", "3")]));
    check(&[" backlog = 3 "], Ok(&[("backlog", "3")]));
    check(&["body-time=1m30s", "header-time=2000ms"], Ok(&[("header-time", "2s"), ("body-time", "90s")]));
    check(&["headers-size=10000"], Ok(&[("headers-size", "10000B")]));
    check(&["bodies-size=1024MiB"], Ok(&[("bodies-size", "1GiB")]));
    check(&["bad-signatures=5/s"], Ok(&[("bad-signatures", "5/s")]));
    check(&["connect-time=100ms"], Ok(&[("connect-time", "100ms")]));
    check(&["attempts=1"], Ok(&[("attempts", "1"), ("attempts-reserved", "0")]));
    check(&["attempts=128"], Ok(&[("attempts", "128"), ("attempts-reserved", "32")]));
    check(
        &["attempts=128", "attempts-reserved=127"],
        Ok(&[("attempts", "128"), ("attempts-reserved", "127")]),
    );
}

#[test]
fn what_cannot_be_set_says_why() {
    for (text, words) in [
        ("backlog", "`backlog` sets no limit: write NAME=VALUE, such as `backlog=200000`"),
        ("", "`` sets no limit: write NAME=VALUE, such as `backlog=200000`"),
        ("backlok=3", "`backlok` is not a limit: did you mean `backlog`? `doorbell limits` lists them"),
        ("zzz=3", "`zzz` is not a limit: `doorbell limits` lists them"),
        ("backlog=", "limit `backlog`: `` is not a count: write a whole number"),
        ("backlog=-1", "limit `backlog`: `-1` is not a count: write a whole number"),
        ("backlog=0", "limit `backlog`: `0` is out of bounds: from 1 to 100000000"),
        ("body-time=0s", "limit `body-time`: `0s` is out of bounds: from 1s to 10m"),
        ("body-time=1d", "limit `body-time`: `1d` is out of bounds: from 1s to 10m"),
        (
            "body-time=5",
            "limit `body-time`: `5` is not a duration: write `500ms`, `30s`, `15m`, `2h`, `7d` or `1h30m`",
        ),
        (
            "uri-size=1 mile",
            "limit `uri-size`: `1 mile` is not a size: write `256KiB`, `1MiB` or a number of bytes",
        ),
        ("bad-signatures=5", "limit `bad-signatures`: `5` is not a rate: write `10/s`, `100/m` or `5/h`"),
        ("bad-signatures=5/m", "limit `bad-signatures`: `5/m` is not a rate a second: write `20/s`"),
        (
            "attempts-reserved=64",
            "limit `attempts-reserved`: 64 of 64 `attempts` leave none: it has to be less",
        ),
    ] {
        check(&[text], Err(words));
    }
    check(&["backlog=3", "backlog=3"], Err("limit `backlog` is set twice: one of them would be lost"));
}

#[test]
fn each_row_is_sound() {
    for (place, row) in LIMITS.iter().enumerate() {
        let (lowest, highest) = row.bounds;
        for text in [lowest, &row.default(), highest] {
            let mut limits = Limits::default();
            assert_eq!(row.set(&mut limits, text), Ok(()), "{}", row.name);
            assert_eq!(row.value(&limits), text, "{}: it is shown as it is written", row.name);
            let others = LIMITS.iter().filter(|other| other.name != row.name);
            assert!(others.clone().all(|other| other.value(&limits) == other.default()), "{}", row.name);
        }
        assert!(LIMITS.iter().skip(place + 1).all(|other| other.name != row.name), "{}", row.name);
        assert!(!row.about.ends_with('.') && !row.about.is_empty(), "{}", row.name);
    }
}
