//! What each verb says to its service and what that answers, from the services' own pages; the page stands in each verb's row.

use super::desk::{Answer, Exchange};

/// A verb in use: the talk that ends well, and what else its last request may be answered.
pub struct Case {
    pub verb: &'static str,
    /// What stands under the verb in a connection; `ADDRESS` is where the stand-in is.
    pub connection: &'static str,
    /// What stands beside the verb in an action.
    pub action: &'static str,
    pub talk: &'static [Exchange],
    pub troubles: &'static [Trouble],
}

/// An answer that is none to be glad of.
pub enum Trouble {
    /// It is tried again, and goes well.
    Again(Answer),
    /// It is the end, for this reason.
    Dead(Answer, &'static str),
}
use Trouble::{Again, Dead};

/// The secret behind every `{ env: S }`.
pub const SECRET: &str = "s3cr3t-of-the-stand-in";
const BEARER: &[(&str, &str)] =
    &[("authorization", "Bearer s3cr3t-of-the-stand-in"), ("content-type", "application/json")];
/// `robot:s3cr3t-of-the-stand-in`
const BASIC: (&str, &str) = ("authorization", "Basic cm9ib3Q6czNjcjN0LW9mLXRoZS1zdGFuZC1pbg==");
const JSON: &[(&str, &str)] = &[("content-type", "application/json")];
const SLACK: &[(&str, &str)] = &[("content-type", "application/json; charset=utf-8")];
const GITHUB: &[(&str, &str)] = &[
    ("authorization", "Bearer s3cr3t-of-the-stand-in"),
    ("accept", "application/vnd.github+json"),
    ("x-github-api-version", "2022-11-28"),
];

const fn answer(status: u16, body: &'static str) -> Answer {
    Answer { status, headers: &[], body }
}

const fn ask(
    line: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    answer: Answer,
) -> Exchange {
    Exchange { line, headers, body, answer }
}

const BUSY: Trouble = Again(answer(503, ""));
const LATER: Trouble = Again(Answer { status: 429, headers: &[("retry-after", "0")], body: "" });

pub const CASES: &[Case] = &[
    Case {
        verb: "http",
        connection: "url: ADDRESS/api, auth: { bearer: { env: S } }",
        action: "path: /alarms, json: { site: 7 }",
        talk: &[ask("POST /api/alarms", BEARER, r#"{"site":7}"#, answer(201, ""))],
        troubles: &[BUSY, LATER, Dead(answer(422, ""), "status 422"), Dead(answer(302, ""), "status 302")],
    },
    Case {
        verb: "slack",
        connection: "url: ADDRESS/services/T0/B0/XX",
        action: "text: built",
        talk: &[ask("POST /services/T0/B0/XX", SLACK, r#"{"text":"built"}"#, answer(200, "ok"))],
        troubles: &[
            LATER,
            Dead(answer(400, "invalid_payload"), "status 400"),
            Dead(answer(404, "no_service"), "status 404"),
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
            LATER,
            Dead(
                answer(200, r#"{"ok":false,"error":"channel_not_found"}"#),
                "status 200, but the service says `channel_not_found`",
            ),
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
        troubles: &[LATER, Dead(answer(404, r#"{"ok":false,"error":"used_url"}"#), "status 404")],
    },
    Case {
        verb: "circleci",
        connection: "token: { env: S }, api: ADDRESS",
        action: "project: gh/octo/shop, branch: main, parameters: { deep: true }",
        talk: &[ask(
            "POST /api/v2/project/gh/octo/shop/pipeline",
            &[("circle-token", "s3cr3t-of-the-stand-in")],
            r#"{"branch":"main","parameters":{"deep":true}}"#,
            answer(201, r#"{"number":1}"#),
        )],
        troubles: &[
            LATER,
            Dead(
                answer(404, r#"{"message":"Project not found"}"#),
                "status 404: the service says `Project not found`",
            ),
        ],
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
            Dead(
                answer(404, r#"{"message":"Unknown Webhook","code":10015}"#),
                "status 404: the service says `Unknown Webhook`",
            ),
        ],
    },
    Case {
        verb: "github",
        connection: "token: { env: S }, repository: octo/shop, api: ADDRESS",
        action: "dispatch: deploy, payload: { n: 1 }",
        talk: &[ask(
            "POST /repos/octo/shop/dispatches",
            GITHUB,
            r#"{"event_type":"deploy","client_payload":{"n":1}}"#,
            answer(204, ""),
        )],
        troubles: &[
            BUSY,
            Dead(answer(404, r#"{"message":"Not Found"}"#), "status 404: the service says `Not Found`"),
        ],
    },
    Case {
        verb: "github",
        connection: "token: { env: S }, repository: octo/shop, api: ADDRESS",
        action: "workflow: deploy.yml, inputs: { v: '1' }",
        talk: &[ask(
            "POST /repos/octo/shop/actions/workflows/deploy.yml/dispatches",
            GITHUB,
            r#"{"ref":"main","inputs":{"v":"1"}}"#,
            answer(204, ""),
        )],
        troubles: &[Dead(
            answer(422, r#"{"message":"Unexpected inputs provided: [\"v\"]"}"#),
            "status 422: the service says `Unexpected inputs provided: [\"v\"]`",
        )],
    },
    Case {
        verb: "github",
        connection: "token: { env: S }, repository: octo/shop, api: ADDRESS",
        action: "status: success, commit: 0d1a26e6",
        talk: &[ask(
            "POST /repos/octo/shop/statuses/0d1a26e6",
            GITHUB,
            r#"{"state":"success","context":"doorbell"}"#,
            answer(201, r#"{"id":1}"#),
        )],
        troubles: &[Dead(
            answer(401, r#"{"message":"Bad credentials"}"#),
            "status 401: the service says `Bad credentials`",
        )],
    },
    Case {
        verb: "github",
        connection: "token: { env: S }, repository: octo/shop, api: ADDRESS",
        action: "comment: thanks, issue: '7'",
        talk: &[ask(
            "POST /repos/octo/shop/issues/7/comments",
            GITHUB,
            r#"{"body":"thanks"}"#,
            answer(201, r#"{"id":1}"#),
        )],
        troubles: &[Dead(
            answer(410, r#"{"message":"This issue was deleted"}"#),
            "status 410: the service says `This issue was deleted`",
        )],
    },
    Case {
        verb: "gitlab",
        connection: "token: { env: S }, url: ADDRESS",
        action: "project: shop/web, variables: { V: '1' }",
        talk: &[ask(
            "POST /api/v4/projects/shop%2Fweb/trigger/pipeline",
            JSON,
            r#"{"token":"s3cr3t-of-the-stand-in","ref":"main","variables":{"V":"1"}}"#,
            answer(201, r#"{"id":1}"#),
        )],
        troubles: &[
            BUSY,
            Dead(
                answer(400, r#"{"message":{"base":["Reference not found"]}}"#),
                "status 400: the service says `Reference not found`",
            ),
        ],
    },
    Case {
        verb: "hubspot",
        connection: "token: { env: S }, api: ADDRESS",
        action: "address: a@b.example, properties: { firstname: Ada }",
        talk: &[ask(
            "POST /crm/v3/objects/contacts/batch/upsert",
            BEARER,
            r#"{"inputs":[{"id":"a@b.example","idProperty":"email","properties":{"firstname":"Ada"}}]}"#,
            answer(200, r#"{"status":"COMPLETE","results":[{"id":"1","new":true}]}"#),
        )],
        troubles: &[
            LATER,
            Dead(
                answer(
                    207,
                    r#"{"status":"COMPLETE","results":[],"numErrors":1,"errors":[{"message":"Property values were not valid"}]}"#,
                ),
                "status 207, but the service says `Property values were not valid`",
            ),
            Dead(
                answer(401, r#"{"status":"error","message":"expired"}"#),
                "status 401: the service says `expired`",
            ),
        ],
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
        ],
    },
    Case {
        verb: "jenkins",
        connection: "url: ADDRESS, user: robot, token: { env: S }",
        action: "job: shop/deploy, parameters: { V: 'a&b', N: 2 }",
        talk: &[
            ask(
                "GET /crumbIssuer/api/json",
                &[BASIC, ("cookie", "-")],
                "",
                Answer {
                    status: 200,
                    headers: &[("set-cookie", "JSESSIONID.1=n0de; Path=/; HttpOnly")],
                    body: r#"{"crumb":"c4fe","crumbRequestField":"Jenkins-Crumb"}"#,
                },
            ),
            ask(
                "POST /job/shop/job/deploy/buildWithParameters",
                &[
                    BASIC,
                    ("jenkins-crumb", "c4fe"),
                    ("cookie", "JSESSIONID.1=n0de"),
                    ("content-type", "application/x-www-form-urlencoded"),
                ],
                "N=2&V=a%26b",
                answer(201, ""),
            ),
        ],
        troubles: &[BUSY, Dead(answer(403, "No valid crumb was included in the request"), "status 403")],
    },
    Case {
        verb: "jenkins",
        connection: "url: ADDRESS, user: robot, token: { env: S }",
        action: "job: deploy",
        talk: &[
            ask("GET /crumbIssuer/api/json", &[BASIC], "", answer(404, "")),
            ask(
                "POST /job/deploy/build",
                &[BASIC, ("jenkins-crumb", "-"), ("cookie", "-")],
                "",
                answer(201, ""),
            ),
        ],
        troubles: &[Dead(answer(404, ""), "status 404")],
    },
    Case {
        verb: "mailchimp",
        connection: "url: ADDRESS, user: robot, key: { env: S }, list: a1",
        action: "address: Urist.McVankab@freddiesjokes.com, fields: { FNAME: Urist }",
        talk: &[ask(
            "PUT /3.0/lists/a1/members/62eeb292278cc15f5817cb78f7790b08",
            &[BASIC],
            r#"{"email_address":"Urist.McVankab@freddiesjokes.com","status_if_new":"subscribed","merge_fields":{"FNAME":"Urist"}}"#,
            answer(200, r#"{"id":"62eeb292278cc15f5817cb78f7790b08"}"#),
        )],
        troubles: &[
            LATER,
            Dead(
                answer(
                    400,
                    r#"{"title":"Invalid Resource","status":400,"detail":"Please provide a valid email address."}"#,
                ),
                "status 400: the service says `Please provide a valid email address.`",
            ),
        ],
    },
    Case {
        verb: "make",
        connection: "url: ADDRESS/hook1",
        action: "json: { n: 1 }",
        talk: &[ask("POST /hook1", JSON, r#"{"n":1}"#, answer(200, "Accepted"))],
        troubles: &[LATER, Dead(answer(410, ""), "status 410")],
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
        ],
    },
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
            LATER,
            Dead(
                answer(422, r#"{"message":"Request body is not processable."}"#),
                "status 422: the service says `Request body is not processable.`",
            ),
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
            LATER,
            Dead(
                answer(400, r#"{"message":"Event object is invalid","errors":["'summary' is missing"]}"#),
                "status 400: the service says `'summary' is missing`",
            ),
        ],
    },
    Case {
        verb: "salesforce",
        connection: "url: ADDRESS, client_id: app, client_secret: { env: S }",
        action: "object: Order__c, by: Number__c, value: '7', fields: { Name: Ada }",
        talk: &[
            ask(
                "POST /services/oauth2/token",
                &[("content-type", "application/x-www-form-urlencoded")],
                "grant_type=client_credentials&client_id=app&client_secret=s3cr3t-of-the-stand-in",
                answer(200, r#"{"access_token":"first-token","token_type":"Bearer"}"#),
            ),
            ask(
                "PATCH /services/data/v62.0/sobjects/Order__c/Number__c/7",
                &[("authorization", "Bearer first-token")],
                r#"{"Name":"Ada"}"#,
                answer(201, r#"{"id":"a01","success":true,"errors":[],"created":true}"#),
            ),
        ],
        troubles: &[],
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
            LATER,
            Dead(
                answer(
                    403,
                    r#"{"errors":[{"message":"The from address does not match a verified Sender Identity."}]}"#,
                ),
                "status 403: the service says `The from address does not match a verified Sender Identity.`",
            ),
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
            LATER,
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
            Dead(answer(200, r#"{"ok":false,"description":"no"}"#), "status 200, but the service says `no`"),
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
            LATER,
            Dead(
                answer(400, r#"{"code":21211,"message":"Invalid 'To' Phone Number"}"#),
                "status 400: the service says `Invalid 'To' Phone Number`",
            ),
        ],
    },
    Case {
        verb: "zapier",
        connection: "url: ADDRESS/hooks/catch/1/2",
        action: "json: { n: 1 }",
        talk: &[ask("POST /hooks/catch/1/2", JSON, r#"{"n":1}"#, answer(200, r#"{"status":"success"}"#))],
        troubles: &[LATER, Dead(answer(404, ""), "status 404")],
    },
];
