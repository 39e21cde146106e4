//! Bodies that are deep, wide, odd or broken: never a 5xx, never another meaning, never unbounded memory.

use crate::program::{Place, Program};

const RULES: &str = "
sources: { in: { verify: none, format: json } }
rules:
  - { name: main, from: in, if: { $.ref: main }, do: { log: matched } }
  - { name: names, from: in, if: { \"$['__proto__'].admin\": true }, do: { log: matched } }
";

/// Kilobytes that the program holds in memory.
fn resident(program: &Program) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_body_is_taken_or_refused() {
    let place = Place::new(RULES, &[]);
    let program = place.serve();
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let (deep, too_deep, far_too_deep) = (nested(64), nested(65), nested(100_000));
    let rows: &[(&[u8], u16)] = &[
        (deep.as_bytes(), 202),
        (too_deep.as_bytes(), 400),
        (far_too_deep.as_bytes(), 400),
        (b"{\"a\":1,\"\\u0061\":2}", 400),
        (b"{\"a\":{\"b\":1,\"b\":1}}", 400),
        (b"1e400", 202),
        (b"-1E+99999999999999999999", 202),
        (b"\"\\ud800\"", 400),
        (b"\"\xff\"", 400),
        (b"\xef\xbb\xbf{}", 202),
        (b"", 400),
        (b" ", 400),
        (b"true", 202),
        (b"\"x\"", 202),
        (b"null", 202),
        (b"{", 400),
        (b"{}x", 400),
        (b"[1,]", 400),
        (b"NaN", 400),
        (b"{'a':1}", 400),
        (b"{\"a\":01}", 400),
        (b"\"\x00\"", 400),
        (b"{\"ref\":{\"x\":\"main\"}}", 202),
        (b"{\"ref\":[\"main\"]}", 202),
        (b"{\"constructor\":1,\"this\":2,\"../\":3,\"@root\":4,\"length\":5}", 202),
    ];
    for (body, wanted) in rows {
        let (status, answer) = program.post("/in", &[], *body).await;
        let shown: String = String::from_utf8_lossy(body).chars().take(60).collect();
        assert_eq!(status, *wanted, "{shown}: {answer}");
    }
    let (_, list) = program.ask("/api/deliveries").await;
    assert_eq!(list["deliveries"].as_array().unwrap().len(), 0, "{list:#}");
    let (status, answer) = program.post("/in", &[], "{\"__proto__\":{\"admin\":true}}").await;
    assert_eq!(status, 202);
    let listed = format!("/api/deliveries?event={}", answer["id"].as_str().unwrap());
    let made = program.until(&listed, |list| list["deliveries"][0]["state"] == "delivered").await;
    assert_eq!(made["deliveries"][0]["rule"], "names");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_values_are_refused_within_bounded_memory() {
    let place = Place::new(RULES, &[]);
    let program = place.serve();
    assert_eq!(program.post("/in", &[], "{}").await.0, 202);
    let before = resident(&program);
    let count = 1024 * 1024 / "{\"\":0},".len() - 1;
    let wide = format!("[{}0]", "{\"\":0},".repeat(count));
    let flat = format!("[{}0]", "0,".repeat(500_000));
    for body in [wide, flat] {
        assert_eq!(program.post("/in", &[], body).await.0, 400, "more than 100,000 values");
    }
    let grown = resident(&program) - before;
    assert!(grown < 64 * 1024, "{grown} KiB for bodies of a MiB");
}
