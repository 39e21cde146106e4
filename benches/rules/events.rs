//! Events of some 7 kB as providers send them, made here: a push, an opened issue, a payment, an order.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use doorbell::event::{Event, Format, Request};
use doorbell::id::EventId;
use doorbell::time::Timestamp;
use http::{HeaderMap, Method};
use serde_json::{Map, Value, json};

/// One kind of event, and what rules ask of it.
pub(crate) struct Kind {
    pub(crate) source: &'static str,
    pub(crate) name: &'static str,
    /// What tells the tenants apart.
    pub(crate) path: &'static str,
    /// The value of a tenant at it.
    pub(crate) value: fn(usize) -> Value,
    /// A number from 0 to 9.
    pub(crate) ordered_path: &'static str,
    make: fn(&Value, usize) -> Value,
}

/// All kinds.
pub(crate) const KINDS: &[Kind] = &[
    Kind {
        source: "git",
        name: "push",
        path: "$.repository.full_name",
        value: |number| json!(format!("bell-works/door-{number}")),
        ordered_path: "$.repository.open_issues",
        make: push,
    },
    Kind {
        source: "git",
        name: "issues.opened",
        path: "$.issue.user.login",
        value: |number| json!(format!("person-{number}")),
        ordered_path: "$.issue.comments",
        make: issue,
    },
    Kind {
        source: "pay",
        name: "charge.succeeded",
        path: "$.data.object.customer",
        value: |number| json!(format!("cus_{number:010}")),
        ordered_path: "$.data.object.attempts",
        make: charge,
    },
    Kind {
        source: "shop",
        name: "orders/create",
        path: "$.customer.id",
        value: |number| json!(7_000_000_000_u64 + number as u64),
        ordered_path: "$.line_count",
        make: order,
    },
];

/// An event as it was sent.
pub(crate) struct Sent {
    kind: &'static Kind,
    pub(crate) body: Bytes,
}

impl Sent {
    /// The event, its payload not read yet.
    pub(crate) fn event(&self) -> Event {
        let request = Request {
            method: Method::POST,
            path: String::new(),
            params: Vec::new(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: self.body.clone(),
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
            received_at: Timestamp::from_millis(0),
        };
        Event {
            id: EventId::new(0, [0; 10]),
            source: Arc::from(self.kind.source),
            kind: self.kind.name.to_owned(),
            dedupe_key: None,
            verified: String::new(),
            request,
            format: Format::Json,
            payload: Value::Null,
        }
    }
}

/// So many events, spread over what so many rules ask for.
pub(crate) fn sent(count: usize, rules: usize) -> Vec<Sent> {
    let make = |number: usize| {
        // A prime step visits tenants far from each other.
        let rule = number * 7_919 % rules;
        let kind = &KINDS[rule % KINDS.len()];
        let payload = (kind.make)(&(kind.value)(rule / KINDS.len()), number % 10);
        Sent { kind, body: Bytes::from(payload.to_string()) }
    };
    (0..count).map(make).collect()
}

fn push(name: &Value, open: usize) -> Value {
    let mut repository = linked("https://api.git.example/repos/bell-works/door", 38);
    repository.extend(fields(json!({
        "id": 186_853_002, "name": "door", "full_name": name, "private": false, "owner": person("bell-works"),
        "description": "Rings when somebody is there", "fork": false, "size": 12_480, "language": "Rust",
        "open_issues": open, "default_branch": "main",
    })));
    json!({
        "ref": "refs/heads/main", "before": "07".repeat(20), "after": "03".repeat(20), "created": false,
        "forced": false, "base_ref": null, "repository": repository, "sender": person("ann"),
        "pusher": { "name": "ann", "email": "ann@bell-works.example" },
        "commits": (1..=4).map(commit).collect::<Vec<_>>(),
    })
}

fn commit(number: usize) -> Value {
    json!({
        "id": format!("{number:02x}").repeat(20), "tree_id": format!("{:02x}", number + 99).repeat(30),
        "distinct": true, "message": format!("door: step {number} of the new bell\n\nIt rings once for a friend."),
        "timestamp": "2026-01-15T16:21:00+01:00", "added": [format!("src/bell/{number}.rs")], "removed": [],
        "author": { "name": "Ann Bell", "email": "ann@bell-works.example", "username": "ann" },
        "committer": { "name": "Ann Bell", "email": "ann@bell-works.example", "username": "ann" },
        "modified": ["README.md", "src/lib.rs"],
    })
}

fn issue(login: &Value, comments: usize) -> Value {
    let mut user = fields(person("ann"));
    user.insert("login".to_owned(), login.clone());
    let label = |number: usize| {
        json!({ "id": 208_045_946 + number, "name": format!("label {number}"), "color": "f29513", "default": false,
                "url": format!("https://api.git.example/repos/bell-works/door/labels/{number}") })
    };
    json!({
        "action": "opened", "sender": person("ann"),
        "issue": {
            "id": 444_500_041, "number": 1, "title": "The bell rings twice", "user": user, "state": "open",
            "labels": (0..8).map(label).collect::<Vec<_>>(), "locked": false, "assignees": [person("ben")],
            "comments": comments, "created_at": "2026-01-15T15:20:18Z", "closed_at": null,
            "body": "It should ring once.\n".repeat(30),
        },
        "repository": linked("https://api.git.example/repos/bell-works/door", 38),
    })
}

fn charge(customer: &Value, attempts: usize) -> Value {
    let line = |number: usize| {
        json!({ "id": format!("li_{number:020}"), "amount": 1_250 * number, "currency": "eur", "quantity": 1,
                "description": format!("Bell, model {number}, brass, with a screw"), "metadata": { "shelf": "b7" },
                "period": { "start": 1_768_490_460, "end": 1_771_082_460 }, "proration": false, "tax_rates": [] })
    };
    json!({
        "id": "evt_1NG8Du2eZvKYlo2CUI79vXWy", "object": "event", "api_version": "2026-01-01", "livemode": true,
        "created": 1_768_490_460, "pending_webhooks": 1, "request": { "id": "req_1", "idempotency_key": null },
        "data": { "object": {
            "id": "ch_3NG8Du2eZvKYlo2C", "object": "charge", "amount": 120_000, "amount_refunded": 0,
            "currency": "eur", "customer": customer, "attempts": attempts, "paid": true, "refunded": false,
            "billing_details": { "email": "ann@bell-works.example", "name": "Ann Bell", "phone": null,
                "address": { "city": "Berlin", "country": "DE", "line1": "Ringstr. 1", "postal_code": "10115" } },
            "lines": (1..=27).map(line).collect::<Vec<_>>(), "outcome": { "network_status": "approved_by_network",
                "risk_level": "normal", "risk_score": 7, "seller_message": "Payment complete." },
            "status": "succeeded",
        } },
    })
}

fn order(customer: &Value, lines: usize) -> Value {
    let line = |number: usize| {
        json!({ "id": 866_550_311_766_439_020_u64 + number as u64, "title": "Bell, brass", "price": "199.00",
                "quantity": 1, "sku": format!("BELL-{number:04}"), "taxable": true, "grams": 567, "vendor": "Bell Works",
                "fulfillment_status": null, "total_discount": "0.00", "product_exists": true, "gift_card": false,
                "price_set": { "shop_money": { "amount": "199.00", "currency_code": "EUR" } } })
    };
    let address = json!({ "first_name": "Ann", "last_name": "Bell", "address1": "Ringstr. 1", "city": "Berlin",
        "zip": "10115", "country": "Germany", "country_code": "DE", "phone": null, "latitude": 52.53, "longitude": 13.38 });
    json!({
        "id": 820_982_911_946_154_508_u64, "email": "ann@bell-works.example", "created_at": "2026-01-15T11:00:00+01:00",
        "total_price": "597.00", "currency": "EUR", "financial_status": "paid", "test": false, "line_count": lines,
        "customer": { "id": customer, "email": "ann@bell-works.example", "tags": "", "verified_email": true },
        "billing_address": address, "shipping_address": address, "note_attributes": [], "tags": "door, bell",
        "line_items": (0..23).map(line).collect::<Vec<_>>(),
    })
}

fn person(login: &str) -> Value {
    let mut person = linked(&format!("https://api.git.example/users/{login}"), 8);
    person.extend(fields(json!({ "login": login, "id": 1_024, "type": "User", "site_admin": false })));
    Value::Object(person)
}

/// Members with addresses, of which such payloads are full.
fn linked(start: &str, count: usize) -> Map<String, Value> {
    (0..count)
        .map(|number| (format!("link_{number:02}_url"), json!(format!("{start}/link-{number}{{/id}}"))))
        .collect()
}

fn fields(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
