//! `slack`.

use super::super::slack::{API_SAYS, HOOK_SAYS};
use super::*;

const JSON: &str = "application/json; charset=utf-8";
const WEBHOOK: &str = "slack: { url: { env: SLACK_WEBHOOK_URL } }\nrate: 1/s";
const BOT: &str = "slack: { token: { env: SLACK_BOT }, channel: '#sales' }";

fn webhook(body: &'static str) -> Effect {
    let base = Value::Secret(env("SLACK_WEBHOOK_URL"));
    Effect::Http(Http { base, success: Success::Said(&HOOK_SAYS), ..sent("", JSON, body) })
}

fn bot(body: &'static str) -> Http {
    Http {
        path: "/chat.postMessage".to_owned(),
        auth: Auth::Bearer(env("SLACK_BOT")),
        success: Success::Said(&API_SAYS),
        ..sent("https://slack.com/api", JSON, body)
    }
}

#[test]
fn messages_escape_their_values() {
    check(vec![
        ("slack: site\ntext: 'to {{ $.user.name }}'", WEBHOOK, webhook(r#"{"text":"to Ada"}"#)),
        (
            "slack: site\ntext: '<https://example.com|see> {{ $.markup }}'",
            WEBHOOK,
            webhook(
                r#"{"text":"<https://example.com|see> &lt;!channel&gt; &amp; &lt;https://evil.example|here&gt;"}"#,
            ),
        ),
        (
            "slack: site\nblocks: [{ type: section, text: { type: mrkdwn, text: '*{{ $.markup }}*' } }]",
            WEBHOOK,
            webhook(
                r#"{"blocks":[{"text":{"text":"*&lt;!channel&gt; &amp; &lt;https://evil.example|here&gt;*","type":"mrkdwn"},"type":"section"}]}"#,
            ),
        ),
        (
            "slack: site\ntext: '{{ $.quote }}'",
            WEBHOOK,
            webhook(r#"{"text":"\", \"admin\": true, \"x\": \""}"#),
        ),
        ("slack: site\ntext: hi", BOT, Effect::Http(bot(r##"{"channel":"#sales","text":"hi"}"##))),
        (
            "slack: site\ntext: hi\nchannel: C42\nthread: '{{ $.price }}'",
            BOT,
            Effect::Http(bot(r#"{"channel":"C42","text":"hi","thread_ts":"409.90"}"#)),
        ),
        (
            "slack: site\ntext: hi\nchannel: C42\ntimeout: 2s",
            "slack: { token: { env: SLACK_BOT }, api: 'http://127.0.0.1:9/api' }",
            Effect::Http(Http {
                base: plain("http://127.0.0.1:9/api"),
                allow_private: vec!["127.0.0.1/32".parse().unwrap()],
                timeout: Duration::from_secs(2),
                ..bot(r#"{"channel":"C42","text":"hi"}"#)
            }),
        ),
        (
            "slack: site\ntext: hi",
            "slack: { url: 'http://localhost:9/hook' }",
            Effect::Http(Http {
                allow_private: vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()],
                success: Success::Said(&HOOK_SAYS),
                ..sent("http://localhost:9/hook", JSON, r#"{"text":"hi"}"#)
            }),
        ),
    ]);
}
