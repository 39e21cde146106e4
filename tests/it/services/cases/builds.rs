//! Builds: what is started, said of commits, said of issues.

use super::*;

pub const CASES: &[Case] = &[
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
            Again(told(403, r#"{"message":"You have exceeded a secondary rate limit."}"#)),
            Later(answer(403, r#"{"message":"You have exceeded a secondary rate limit."}"#), 60),
            Later(spent(403, r#"{"message":"API rate limit exceeded for user ID 1."}"#), 3600),
            Later(spent(429, r#"{"message":"API rate limit exceeded for user ID 1."}"#), 3600),
            Dead(
                spent(403, r#"{"message":"Resource not accessible by personal access token"}"#),
                "status 403: the service says `Resource not accessible by personal access token`",
            ),
        ],
    },
    Case {
        verb: "github",
        connection: "token: { env: S }, repository: octo/shop, api: ADDRESS",
        action: "workflow: deploy.yml, inputs: { v: '1' }, run_details: true",
        talk: &[ask(
            "POST /repos/octo/shop/actions/workflows/deploy.yml/dispatches",
            GITHUB,
            r#"{"ref":"main","inputs":{"v":"1"},"return_run_details":true}"#,
            answer(200, r#"{"workflow_run_id":1,"html_url":"https://github.com/octo/shop/actions/runs/1"}"#),
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
        troubles: &[
            Dead(
                answer(401, r#"{"message":"Bad credentials"}"#),
                "status 401: the service says `Bad credentials`",
            ),
            Dead(
                answer(
                    422,
                    r#"{"message":"Validation Failed","errors":[{"resource":"Status","code":"custom","message":"No commit found for SHA: 0d1a26e6"}]}"#,
                ),
                "status 422: the service says `No commit found for SHA: 0d1a26e6`",
            ),
        ],
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
        action: "project: shop/web, variables: { V: '1' }, inputs: { deep: true }",
        talk: &[ask(
            "POST /api/v4/projects/shop%2Fweb/trigger/pipeline",
            JSON,
            r#"{"token":"s3cr3t-of-the-stand-in","ref":"main","variables":{"V":"1"},"inputs":{"deep":true}}"#,
            answer(201, r#"{"id":1}"#),
        )],
        troubles: &[
            BUSY,
            Dead(
                answer(400, r#"{"message":{"base":["Reference not found"]}}"#),
                "status 400: the service says `Reference not found`",
            ),
            Again(told(429, "Retry later")),
            Dead(
                answer(404, r#"{"message":"404 Not Found"}"#),
                "status 404: the service says `404 Not Found`",
            ),
            Dead(
                answer(400, r#"{"error":"ref is missing"}"#),
                "status 400: the service says `ref is missing`",
            ),
        ],
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
            SLOW,
            Dead(
                answer(404, r#"{"message":"Project not found"}"#),
                "status 404: the service says `Project not found`",
            ),
        ],
    },
    Case {
        verb: "circleci",
        connection: "token: { env: S }, api: ADDRESS",
        action: "project: circleci/a1/b2, definition: 0d1a26e6, tag: v1, parameters: { deep: true }",
        talk: &[ask(
            "POST /api/v2/project/circleci/a1/b2/pipeline/run",
            &[("circle-token", "s3cr3t-of-the-stand-in")],
            r#"{"definition_id":"0d1a26e6","config":{"tag":"v1"},"checkout":{"tag":"v1"},"parameters":{"deep":true}}"#,
            answer(201, r#"{"id":"5034460f","number":25,"state":"created"}"#),
        )],
        troubles: &[
            SLOW,
            Dead(
                answer(400, r#"{"message":"Unexpected argument(s): deep"}"#),
                "status 400: the service says `Unexpected argument(s): deep`",
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
        troubles: &[
            BUSY,
            Dead(
                answer(403, "No valid crumb was included in the request"),
                "status 403: the service says `No valid crumb was included in the request`",
            ),
            Dead(answer(409, "<html><body>shop/deploy is not buildable</body></html>"), "status 409"),
            Dead(answer(302, ""), "status 302"),
        ],
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
];
