//! Verbs that are data: the requests they make, and what is said of actions that cannot be.

use super::super::{Connection, VERBS};
use super::*;
use crate::effect::Landing;

const GITHUB: &str = "github: { token: { env: T }, repository: octo/shop }";

/// An item of `do`, its connection, and the request line with the body.
const REQUESTS: &[(&str, &str, &str)] = &[
    (
        "github: a\nworkflow: deploy.yml\ninputs: { id: '{{ $.id }}' }",
        GITHUB,
        r#"POST https://api.github.com/repos/octo/shop/actions/workflows/deploy.yml/dispatches {"ref":"main","inputs":{"id":42}}"#,
    ),
    (
        "github: a\nrepository: 'a/{{ $.user.name }}'\ndispatch: '{{ $.after }}'",
        GITHUB,
        r#"POST https://api.github.com/repos/a/Ada/dispatches {"event_type":"abc123"}"#,
    ),
    (
        "github: a\nstatus: success\ncommit: '{{ $.after }}'",
        GITHUB,
        r#"POST https://api.github.com/repos/octo/shop/statuses/abc123 {"state":"success","context":"doorbell"}"#,
    ),
    (
        "github: a\ncomment: '{{ $.quote }}'\nissue: '{{ $.id }}'",
        GITHUB,
        r#"POST https://api.github.com/repos/octo/shop/issues/42/comments {"body":"\", \"admin\": true, \"x\": \""}"#,
    ),
    (
        "gitlab: a\nproject: shop/web",
        "gitlab: { token: { env: T } }",
        r#"POST https://gitlab.com/api/v4/projects/shop%2Fweb/trigger/pipeline {"token":"[secret]","ref":"main"}"#,
    ),
    (
        "circleci: a\nproject: gh/octo/shop\nparameters: { deep: ['{{ $.yes }}'] }",
        "circleci: { token: { env: T } }",
        r#"POST https://circleci.com/api/v2/project/gh/octo/shop/pipeline {"parameters":{"deep":[true]}}"#,
    ),
    (
        "twilio: a\nto: '+1'\ntext: 'a&b {{ $.ref }}'",
        "twilio: { account: AC1, token: { env: T }, from: '+2' }",
        "POST https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json To=%2B1&From=%2B2&Body=a%26b+refs%2Fheads%2Fmain",
    ),
    (
        "sendgrid: a\nto: a@b.c\nsubject: hi\ntext: '{{ $.id }}'",
        "sendgrid: { token: { env: T }, from: x@y.z }",
        r#"POST https://api.sendgrid.com/v3/mail/send {"personalizations":[{"to":[{"email":"a@b.c"}]}],"from":{"email":"x@y.z"},"subject":"hi","content":[{"type":"text/plain","value":"42"}]}"#,
    ),
    (
        "ifttt: a\nevent: door",
        "ifttt: { key: { env: T } }",
        "POST https://maker.ifttt.com/trigger/door/with/key/[secret] {}",
    ),
    (
        "teams: a\ncard: { type: AdaptiveCard }",
        "teams: { url: https://t.example }",
        r#"POST https://t.example {"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","content":{"type":"AdaptiveCard"}}]}"#,
    ),
    (
        "zapier: a\njson: ['{{ $.id }}']",
        "zapier: { url: https://z.example/1 }",
        "POST https://z.example/1 [42]",
    ),
    (
        "pagerduty: a\naction: resolve\ndedup_key: '{{ $.after }}'",
        "pagerduty: { routing_key: { env: T } }",
        r#"POST https://events.pagerduty.com/v2/enqueue {"routing_key":"[secret]","event_action":"resolve","dedup_key":"abc123","client":"doorbell"}"#,
    ),
];

#[test]
fn settings_make_requests() {
    for (yaml, site, wanted) in REQUESTS {
        let Ok(Effect::Http(http)) = effect(yaml, site) else { panic!("{yaml}: {:?}", effect(yaml, site)) };
        let Value::Plain(base) = &http.base else { panic!("{yaml}") };
        let body = String::from_utf8_lossy(&http.body);
        assert_eq!(format!("{} {base}{} {body}", http.method, http.path), *wanted, "{yaml}");
        for sealed in &http.sealed {
            let text = if sealed.place == Landing::Path { &http.path } else { body.as_ref() };
            let there = text.get(sealed.at..).unwrap();
            assert!(there.starts_with("[secret]"), "{yaml}: {sealed:?}");
        }
    }
}

#[test]
fn a_payload_is_the_default_of_hooks() {
    for verb in ["zapier", "make", "n8n"] {
        let site = format!("{verb}: {{ url: https://z.example }}");
        let Ok(Effect::Http(http)) = effect(&format!("{verb}: a"), &site) else { panic!("{verb}") };
        let sent: serde_json::Value = serde_json::from_slice(&http.body).unwrap();
        assert_eq!(sent, event().payload);
    }
}

#[test]
fn a_value_has_no_more_than_it_may() {
    let body = |yaml: &str, site: &str| match effect(yaml, site) {
        Ok(Effect::Http(http)) => String::from_utf8_lossy(&http.body).into_owned(),
        other => format!("{other:?}"),
    };
    let status =
        |text: &str| body(&format!("github: a\nstatus: error\ncommit: x\ndescription: '{text}'"), GITHUB);
    for (text, wanted) in [
        ("é".repeat(140), "é".repeat(140)),
        ("é".repeat(141), format!("{}…", "é".repeat(139))),
        ("{{ $.after }}".repeat(24), format!("{}a…", "abc123".repeat(23))),
    ] {
        assert_eq!(
            status(&text),
            format!(r#"{{"state":"error","context":"doorbell","description":"{wanted}"}}"#)
        );
    }
    let entries =
        |count: usize| (0..count).map(|number| format!("k{number}: 1")).collect::<Vec<_>>().join(", ");
    let dispatch =
        |count| body(&format!("github: a\ndispatch: x\npayload: {{ {} }}", entries(count)), GITHUB);
    assert!(dispatch(10).contains(r#""k9":1"#));
    assert!(dispatch(11).contains("`payload` has more than 10 entries"), "{}", dispatch(11));
    let key = |key: &str| format!("pagerduty: a\ntext: x\ndedup_key: '{key}'");
    let pager = "pagerduty: { routing_key: { env: T } }";
    let long = body(&key(&"{{ $.after }}".repeat(43)), pager);
    assert!(long.contains("`dedup_key` has more than 255 characters"), "{long}");
    let problems = action_problems(&key(&"k".repeat(256)));
    assert!(problems.iter().any(|problem| problem.message == "`dedup_key` has more than 255 characters"));
}

#[test]
fn what_an_event_holds_stays_in_its_place() {
    for (yaml, wanted) in [
        ("github: a\nrepository: '{{ $.climb }}'\ndispatch: x", "cannot be a part of the path"),
        ("github: a\nworkflow: '{{ $.dots }}'", "cannot be a part of the path"),
        ("github: a\nworkflow: '{{ $.empty }}'", "cannot be a part of the path"),
        ("github: a\nstatus: '{{ $.ref }}'\ncommit: a", "`status` is none of `error`"),
    ] {
        let failure = effect(yaml, GITHUB).unwrap_err();
        assert!(failure.contains(wanted), "{yaml}: {failure}");
    }
}

#[test]
fn what_cannot_be_is_said() {
    for (yaml, code, wanted) in [
        ("discord: a", "E005", "`discord` says nothing of what it is to do"),
        ("pagerduty: a", "E005", "`pagerduty` has no `text`"),
        ("pagerduty: a\ntext: x\nseverity: warn", "E004", "did you mean `warning`?"),
        ("github: a\nstatus: success", "E005", "`github` has no `commit`"),
        ("github: a\nstatus: success\ncommit: x\ncomment: y", "E004", "`status` and `comment`"),
        ("discord: a\nembeds: x", "E004", "a list"),
        ("twilio: a\nto: '+1'", "E005", "`twilio` has no `text`"),
    ] {
        let problems = action_problems(yaml);
        let found = problems.iter().any(|problem| problem.code == code && problem.message.contains(wanted));
        assert!(found, "{yaml}: {problems:#?}");
    }
    let lacking = action("telegram: a\ntext: x").unwrap();
    let site = connection("telegram: { token: { env: T } }").unwrap();
    let message = lacking.misfit(&site).unwrap().message;
    assert_eq!(message, "neither the action nor the connection `site` has `chat`");
}

#[test]
fn connections_need_what_their_service_needs() {
    for verb in VERBS.iter().filter(|verb| verb.page.is_some()) {
        let document = Document::parse("rules.yaml", &format!("{}: {{}}", verb.name)).unwrap();
        let mut problems = Vec::new();
        assert!(
            Connection::compile("site", &document.root(), &Verbs::default(), &mut problems).is_none(),
            "{}",
            verb.name
        );
        assert!(problems.iter().all(|problem| problem.code == "E005"), "{}: {problems:#?}", verb.name);
        assert!(verb.page.is_some_and(|page| page.starts_with("https://")), "{}", verb.name);
    }
}

fn action_problems(yaml: &str) -> Vec<Diagnostic> {
    let document = Document::parse("rules.yaml", yaml).unwrap();
    checked(&document, compile).unwrap_err()
}
