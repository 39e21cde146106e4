//! Customers: made, or changed.

use super::*;

pub const CASES: &[Case] = &[
    Case {
        verb: "hubspot",
        connection: "token: { env: S }, api: ADDRESS",
        action: "address: a@b.example, properties: { firstname: Ada }",
        talk: &[ask(
            "POST /crm/objects/2026-09/contacts/batch/upsert",
            BEARER,
            r#"{"inputs":[{"id":"a@b.example","idProperty":"email","properties":{"firstname":"Ada"}}]}"#,
            answer(200, r#"{"status":"COMPLETE","results":[{"id":"1","new":true}]}"#),
        )],
        troubles: &[
            SLOW,
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
            Later(
                answer(
                    429,
                    r#"{"status":"error","message":"You have reached your ten_secondly_rolling limit."}"#,
                ),
                10,
            ),
            Later(answer(423, r#"{"status":"error","message":"This resource is locked"}"#), 10),
            Again(told(477, "")),
        ],
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
            SLOW,
            Dead(
                answer(
                    400,
                    r#"{"title":"Invalid Resource","status":400,"detail":"Please provide a valid email address."}"#,
                ),
                "status 400: the service says `Please provide a valid email address.`",
            ),
            Again(answer(
                429,
                r#"{"title":"Too Many Requests","status":429,"detail":"You have exceeded the limit of 10 simultaneous connections."}"#,
            )),
            Dead(
                answer(
                    400,
                    r#"{"title":"Invalid Resource","status":400,"detail":"For field-specific details, see the 'errors' array.","errors":[{"field":"FNAME","message":"This value should not be blank."}]}"#,
                ),
                "status 400: the service says `This value should not be blank.`",
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
];
