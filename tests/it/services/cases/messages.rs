//! Messages: to channels, phones and mailboxes.

use super::*;

pub const CASES: &[Case] = &[
    Case {
        verb: "slack",
        connection: "url: ADDRESS/services/T0/B0/XX",
        action: "text: built",
        talk: &[ask("POST /services/T0/B0/XX", SLACK, r#"{"text":"built"}"#, answer(200, "ok"))],
        troubles: &[
            SLOW,
            Again(answer(500, "rollup_error")),
            Dead(answer(400, "invalid_payload"), "status 400: the service says `invalid_payload`"),
            Dead(answer(400, "no_text"), "status 400: the service says `no_text`"),
            Dead(answer(403, "action_prohibited"), "status 403: the service says `action_prohibited`"),
            Dead(answer(404, "no_service"), "status 404: the service says `no_service`"),
            Dead(answer(410, "channel_is_archived"), "status 410: the service says `channel_is_archived`"),
        ],
    },
    Case {
        verb: "slack",
        connection: "token: { env: S }, channel: C1, api: ADDRESS/api",
        action: "text: built, thread: '1700000000.000100'",
        talk: &[ask(
            "POST /api/chat.postMessage",
            &[
                ("authorization", "Bearer s3cr3t-of-the-stand-in"),
                ("content-type", "application/json; charset=utf-8"),
            ],
            r#"{"channel":"C1","text":"built","thread_ts":"1700000000.000100"}"#,
            answer(200, r#"{"ok":true,"ts":"1.2"}"#),
        )],
        troubles: &[
            SLOW,
            Dead(
                answer(200, r#"{"ok":false,"error":"channel_not_found"}"#),
                "status 200, but the service says `channel_not_found`",
            ),
            Again(told(429, r#"{"ok":false,"error":"ratelimited"}"#)),
            Again(answer(200, r#"{"ok":false,"error":"rate_limited"}"#)),
            Again(answer(200, r#"{"ok":false,"error":"fatal_error"}"#)),
            Dead(
                answer(200, r#"{"ok":false,"error":"invalid_auth"}"#),
                "status 200, but the service says `invalid_auth`",
            ),
            Dead(answer(200, "<html></html>"), "status 200, but the service says `its answer is not JSON`"),
        ],
    },
    Case {
        verb: "slack",
        connection: "url: ADDRESS/services/T0/B0/XX, hooks: ADDRESS",
        action: "text: done, response_url: '{{ $.response_url }}', replace: true",
        talk: &[ask(
            "POST /commands/T0/1/x",
            SLACK,
            r#"{"text":"done","replace_original":true}"#,
            answer(200, "ok"),
        )],
        troubles: &[
            SLOW,
            Dead(
                answer(404, r#"{"ok":false,"error":"used_url"}"#),
                "status 404: the service says `used_url`",
            ),
            Dead(
                answer(200, r#"{"ok":false,"error":"expired_url"}"#),
                "status 200, but the service says `expired_url`",
            ),
        ],
    },
    Case {
        verb: "slack",
        connection: "token: { env: S }, hooks: ADDRESS",
        action: "text: done, response_url: '{{ $.response_url }}', response_type: in_channel, thread: '1.2'",
        talk: &[ask(
            "POST /commands/T0/1/x",
            &[("authorization", "-")],
            r#"{"text":"done","thread_ts":"1.2","response_type":"in_channel"}"#,
            answer(200, r#"{"ok":true}"#),
        )],
        troubles: &[],
    },
    Case {
        verb: "slack",
        connection: "url: ADDRESS/services/T0/B0/XX, hooks: ADDRESS",
        action: "response_url: '{{ $.response_url }}', delete: true",
        talk: &[ask("POST /commands/T0/1/x", SLACK, r#"{"delete_original":true}"#, answer(200, "ok"))],
        troubles: &[],
    },
    Case {
        verb: "discord",
        connection: "url: ADDRESS/api/webhooks/1/x",
        action: "text: built",
        talk: &[ask(
            "POST /api/webhooks/1/x?wait=true",
            JSON,
            r#"{"content":"built","allowed_mentions":{"parse":[]}}"#,
            answer(200, r#"{"id":"1"}"#),
        )],
        troubles: &[
            Again(answer(429, r#"{"message":"You are being rate limited.","retry_after":0.01}"#)),
            Later(
                answer(
                    429,
                    r#"{"message":"You are being rate limited.","retry_after":64.57,"global":false}"#,
                ),
                64,
            ),
            Dead(
                answer(400, r#"{"message":"Invalid Form Body","code":50035,"errors":{}}"#),
                "status 400: the service says `Invalid Form Body`",
            ),
            Dead(
                answer(404, r#"{"message":"Unknown Webhook","code":10015}"#),
                "status 404: the service says `Unknown Webhook`",
            ),
        ],
    },
    Case {
        verb: "telegram",
        connection: "token: { env: S }, chat: '-100', api: ADDRESS",
        action: "text: built",
        talk: &[ask(
            "POST /bots3cr3t-of-the-stand-in/sendMessage",
            &[("content-type", "application/x-www-form-urlencoded")],
            "chat_id=-100&text=built",
            answer(200, r#"{"ok":true,"result":{}}"#),
        )],
        troubles: &[
            Dead(
                answer(400, r#"{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"#),
                "status 400: the service says `Bad Request: chat not found`",
            ),
            Dead(
                answer(
                    403,
                    r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#,
                ),
                "status 403: the service says `Forbidden: bot was blocked by the user`",
            ),
            Later(
                answer(
                    429,
                    r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 35","parameters":{"retry_after":35}}"#,
                ),
                35,
            ),
            Dead(answer(200, r#"{"ok":false,"description":"no"}"#), "status 200, but the service says `no`"),
        ],
    },
    Case {
        verb: "teams",
        connection: "url: ADDRESS/workflows/1",
        action: "text: built",
        talk: &[ask(
            "POST /workflows/1",
            JSON,
            r#"{"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","content":{"type":"AdaptiveCard","version":"1.4","body":[{"type":"TextBlock","text":"built","wrap":true}]}}]}"#,
            answer(202, ""),
        )],
        troubles: &[
            SLOW,
            Dead(
                answer(
                    400,
                    r#"{"error":{"code":"TriggerInputSchemaMismatch","message":"The input body does not match."}}"#,
                ),
                "status 400: the service says `The input body does not match.`",
            ),
        ],
    },
    Case {
        verb: "twilio",
        connection: "account: robot, token: { env: S }, from: '+2', api: ADDRESS",
        action: "to: '+1', text: hi",
        talk: &[ask(
            "POST /2010-04-01/Accounts/robot/Messages.json",
            &[BASIC],
            "To=%2B1&From=%2B2&Body=hi",
            answer(201, r#"{"sid":"SM1","status":"queued"}"#),
        )],
        troubles: &[
            SLOW,
            Dead(
                answer(400, r#"{"code":21211,"message":"Invalid 'To' Phone Number"}"#),
                "status 400: the service says `Invalid 'To' Phone Number`",
            ),
            Again(answer(429, r#"{"code":20429,"message":"Too Many Requests","status":429}"#)),
            Dead(
                answer(401, r#"{"code":20003,"message":"Authenticate","status":401}"#),
                "status 401: the service says `Authenticate`",
            ),
        ],
    },
    Case {
        verb: "sendgrid",
        connection: "token: { env: S }, from: x@y.example, api: ADDRESS",
        action: "to: a@b.example, subject: hi, text: there",
        talk: &[ask(
            "POST /v3/mail/send",
            BEARER,
            r#"{"personalizations":[{"to":[{"email":"a@b.example"}]}],"from":{"email":"x@y.example"},"subject":"hi","content":[{"type":"text/plain","value":"there"}]}"#,
            answer(202, ""),
        )],
        troubles: &[
            SLOW,
            Dead(
                answer(
                    403,
                    r#"{"errors":[{"message":"The from address does not match a verified Sender Identity."}]}"#,
                ),
                "status 403: the service says `The from address does not match a verified Sender Identity.`",
            ),
            Later(spent(429, r#"{"errors":[{"field":null,"message":"too many requests"}]}"#), 3600),
            Dead(
                answer(413, r#"{"errors":[{"message":"content too large","field":null}]}"#),
                "status 413: the service says `content too large`",
            ),
        ],
    },
];
