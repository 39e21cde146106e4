//! Alerts: opened, acknowledged, closed.

use super::*;

pub const CASES: &[Case] = &[
    Case {
        verb: "opsgenie",
        connection: "key: { env: S }, api: ADDRESS",
        action: "text: disk full, alias: disk, priority: P2, tags: [disk]",
        talk: &[ask(
            "POST /v2/alerts",
            &[("authorization", "GenieKey s3cr3t-of-the-stand-in")],
            r#"{"message":"disk full","alias":"disk","priority":"P2","tags":["disk"],"source":"doorbell"}"#,
            answer(202, r#"{"result":"Request will be processed","requestId":"1"}"#),
        )],
        troubles: &[
            SLOW,
            Dead(
                answer(422, r#"{"message":"Request body is not processable."}"#),
                "status 422: the service says `Request body is not processable.`",
            ),
            Dead(
                answer(
                    422,
                    r#"{"message":"Request body is not processable. Please check the errors.","errors":{"message":"Message can not be empty."}}"#,
                ),
                "status 422: the service says `Message can not be empty.`",
            ),
            Dead(
                answer(403, r#"{"message":"Api Key is invalid"}"#),
                "status 403: the service says `Api Key is invalid`",
            ),
            Again(answer(429, r#"{"message":"You are making too many requests!"}"#)),
        ],
    },
    Case {
        verb: "opsgenie",
        connection: "key: { env: S }, api: ADDRESS",
        action: "close: disk/1",
        talk: &[ask(
            "POST /v2/alerts/disk%2F1/close?identifierType=alias",
            &[("authorization", "GenieKey s3cr3t-of-the-stand-in")],
            r#"{"source":"doorbell"}"#,
            answer(202, r#"{"result":"Request will be processed"}"#),
        )],
        troubles: &[BUSY],
    },
    Case {
        verb: "pagerduty",
        connection: "routing_key: { env: S }, api: ADDRESS",
        action: "text: disk full, dedup_key: disk",
        talk: &[ask(
            "POST /v2/enqueue",
            JSON,
            r#"{"routing_key":"s3cr3t-of-the-stand-in","event_action":"trigger","dedup_key":"disk","client":"doorbell","payload":{"summary":"disk full","source":"in","severity":"error"}}"#,
            answer(202, r#"{"status":"success"}"#),
        )],
        troubles: &[
            SLOW,
            BUSY,
            Later(
                answer(
                    429,
                    r#"{"status":"throttle exceeded","message":"Requests for this service are arriving too quickly."}"#,
                ),
                30,
            ),
            Dead(
                answer(400, r#"{"message":"Event object is invalid","errors":["'summary' is missing"]}"#),
                "status 400: the service says `'summary' is missing`",
            ),
        ],
    },
];
