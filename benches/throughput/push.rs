//! One push as GitHub makes it, about 7 kB, made here; rendered as HTTP requests that differ only in their delivery id.

use aws_lc_rs::hmac;
use serde_json::{Value, json};

/// The secret that all candidates know.
pub(crate) const SECRET: &str = "a secret of at least thirty-two bytes";
/// Where the push goes.
pub(crate) const PATH: &str = "/github";

/// Addresses that a repository carries, as GitHub's API names them.
const REPOSITORY_URLS: &[&str] = &[
    "archive",
    "assignees",
    "blobs",
    "branches",
    "collaborators",
    "comments",
    "commits",
    "compare",
    "contents",
    "contributors",
    "deployments",
    "downloads",
    "events",
    "forks",
    "git_commits",
    "git_refs",
    "git_tags",
    "hooks",
    "issue_comment",
    "issue_events",
    "issues",
    "keys",
    "labels",
    "languages",
    "merges",
    "milestones",
    "notifications",
    "pulls",
    "releases",
    "stargazers",
    "statuses",
    "subscribers",
    "subscription",
    "tags",
    "teams",
    "trees",
];
/// The same for a person.
const PERSON_URLS: &[&str] =
    &["followers", "following", "gists", "starred", "subscriptions", "organizations", "repos", "events"];
/// Stands where the delivery id goes; as long as one.
const ID_PLACE: &str = "00000000-0000-4000-8000-000000000000";

/// The request, ready to be sent.
pub(crate) struct Push {
    request: Vec<u8>,
    id_at: usize,
    body_bytes: usize,
}

impl Push {
    /// Renders and signs it once.
    pub(crate) fn new() -> Self {
        let body = payload().to_string();
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
        let signature: String =
            hmac::sign(&key, body.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let head = format!(
            "POST {PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: GitHub-Hookshot/044aadd\r\naccept: */*\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nx-github-hook-id: 292430182\r\n\
             x-github-event: push\r\nx-github-hook-installation-target-id: 79929171\r\n\
             x-github-hook-installation-target-type: repository\r\nx-hub-signature-256: sha256={signature}\r\n\
             x-github-delivery: {ID_PLACE}\r\n\r\n",
            body.len()
        );
        let id_at = head.find(ID_PLACE).unwrap();
        Self { request: [head.as_bytes(), body.as_bytes()].concat(), id_at, body_bytes: body.len() }
    }

    /// How large its body is.
    pub(crate) fn body_bytes(&self) -> usize {
        self.body_bytes
    }

    /// A copy of the whole request, to be numbered.
    pub(crate) fn request(&self) -> Vec<u8> {
        self.request.clone()
    }

    /// Writes the delivery id of this number into a copy.
    pub(crate) fn number(&self, request: &mut [u8], number: usize) {
        let id = format!("{number:08x}-0000-4000-8000-{number:012x}");
        request[self.id_at..self.id_at + ID_PLACE.len()].copy_from_slice(id.as_bytes());
    }
}

fn payload() -> Value {
    let commits: Vec<Value> = (1..=3).map(commit).collect();
    json!({
        "ref": "refs/heads/main",
        "before": digits(7),
        "after": digits(3),
        "created": false,
        "deleted": false,
        "forced": false,
        "base_ref": null,
        "compare": "https://github.example/bell-works/front-door/compare/070707070707...030303030303",
        "repository": repository(),
        "pusher": { "name": "ann", "email": "ann@bell-works.example" },
        "sender": person("ann", 1_024),
        "head_commit": commit(3),
        "commits": commits,
    })
}

fn repository() -> Value {
    let mut repository = json!({
        "id": 186_853_002,
        "name": "front-door",
        "full_name": "bell-works/front-door",
        "private": false,
        "owner": person("bell-works", 2_048),
        "html_url": "https://github.example/bell-works/front-door",
        "description": "Rings when somebody is there",
        "fork": false,
        "url": "https://github.example/bell-works/front-door",
        "created_at": 1_557_933_565,
        "updated_at": "2026-01-15T15:20:41Z",
        "pushed_at": 1_768_490_460,
        "size": 12_480,
        "stargazers_count": 71,
        "watchers_count": 71,
        "language": "Rust",
        "has_issues": true,
        "has_wiki": false,
        "license": { "key": "mit", "name": "MIT License", "spdx_id": "MIT" },
        "open_issues": 4,
        "default_branch": "main",
        "master_branch": "main",
    });
    for name in REPOSITORY_URLS {
        let url = format!("https://api.github.example/repos/bell-works/front-door/{name}{{/id}}");
        repository[format!("{name}_url")] = Value::String(url);
    }
    repository
}

fn person(login: &str, id: u32) -> Value {
    let mut person = json!({ "login": login, "id": id, "type": "User", "site_admin": false });
    for name in PERSON_URLS {
        person[format!("{name}_url")] =
            Value::String(format!("https://api.github.example/users/{login}/{name}"));
    }
    person
}

fn commit(number: u8) -> Value {
    let author = json!({ "name": "Ann Bell", "email": "ann@bell-works.example", "username": "ann" });
    json!({
        "id": digits(number),
        "tree_id": digits(number + 100),
        "distinct": true,
        "message": format!("door: step {number} of the new bell\n\nIt rings once for a friend, twice for a parcel."),
        "timestamp": "2026-01-15T16:21:00+01:00",
        "url": format!("https://github.example/bell-works/front-door/commit/{}", digits(number)),
        "author": author,
        "committer": author,
        "added": [format!("src/bell/{number}.rs")],
        "removed": [],
        "modified": ["README.md", "src/lib.rs"],
    })
}

/// Forty hexadecimal digits.
fn digits(seed: u8) -> String {
    format!("{seed:02x}").repeat(20)
}
