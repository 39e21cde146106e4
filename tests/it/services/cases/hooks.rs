//! Addresses that start whatever stands behind them.

use super::*;

pub const CASES: &[Case] = &[
    Case {
        verb: "http",
        connection: "url: ADDRESS/api, auth: { bearer: { env: S } }",
        action: "path: /alarms, json: { site: 7 }",
        talk: &[ask("POST /api/alarms", BEARER, r#"{"site":7}"#, answer(201, ""))],
        troubles: &[BUSY, SLOW, Dead(answer(422, ""), "status 422"), Dead(answer(302, ""), "status 302")],
    },
    Case {
        verb: "ifttt",
        connection: "key: { env: S }, api: ADDRESS",
        action: "event: door, value1: open",
        talk: &[ask(
            "POST /trigger/door/with/key/s3cr3t-of-the-stand-in",
            JSON,
            r#"{"value1":"open"}"#,
            answer(200, "Congratulations!"),
        )],
        troubles: &[
            BUSY,
            Dead(
                answer(401, r#"{"errors":[{"message":"You sent an invalid key."}]}"#),
                "status 401: the service says `You sent an invalid key.`",
            ),
            SLOW,
        ],
    },
    Case {
        verb: "ifttt",
        connection: "key: { env: S }, api: ADDRESS",
        action: "event: door, json: { open: true }",
        talk: &[ask(
            "POST /trigger/door/json/with/key/s3cr3t-of-the-stand-in",
            JSON,
            r#"{"open":true}"#,
            answer(200, "Congratulations!"),
        )],
        troubles: &[BUSY],
    },
    Case {
        verb: "make",
        connection: "url: ADDRESS/hook1",
        action: "json: { n: 1 }",
        talk: &[ask("POST /hook1", JSON, r#"{"n":1}"#, answer(200, "Accepted"))],
        troubles: &[
            SLOW,
            Again(answer(400, "Queue is full.")),
            Dead(answer(404, "Scenario not found"), "status 404: the service says `Scenario not found`"),
            Dead(answer(410, ""), "status 410"),
        ],
    },
    Case {
        verb: "n8n",
        connection: "url: ADDRESS/webhook/1",
        action: "json: { n: 1 }",
        talk: &[ask(
            "POST /webhook/1",
            JSON,
            r#"{"n":1}"#,
            answer(200, r#"{"message":"Workflow was started"}"#),
        )],
        troubles: &[
            BUSY,
            Dead(
                answer(404, r#"{"code":404,"message":"The requested webhook is not registered."}"#),
                "status 404: the service says `The requested webhook is not registered.`",
            ),
            SLOW,
        ],
    },
    Case {
        verb: "n8n",
        connection: "url: ADDRESS/webhook/2, token: { env: S }",
        action: "json: [1]",
        talk: &[ask("POST /webhook/2", BEARER, "[1]", answer(200, ""))],
        troubles: &[Dead(
            answer(403, "Authorization data is wrong!"),
            "status 403: the service says `Authorization data is wrong!`",
        )],
    },
    Case {
        verb: "zapier",
        connection: "url: ADDRESS/hooks/catch/1/2",
        action: "json: { n: 1 }",
        talk: &[ask("POST /hooks/catch/1/2", JSON, r#"{"n":1}"#, answer(200, r#"{"status":"success"}"#))],
        troubles: &[SLOW, Dead(answer(404, ""), "status 404")],
    },
];
