//! More than there is room for: strangers that flood, descriptors that run out, queues that are full.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::net::TcpSocket;

use crate::program::{PATIENCE, Place};
use crate::sign;

const HUB: &str = "a github secret that is long enough";

fn place() -> Place {
    let rules = "sources: { hub: { verify: github, secret: { env: HUB } } }\n";
    Place::new(rules, &[("HUB", HUB)])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_that_flood_do_not_shut_out_who_can_sign() {
    let place = place();
    let program = Arc::new(place.serve());
    let (good, bad) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let mut strangers = tokio::task::JoinSet::new();
    for lane in 0..8_u8 {
        let (program, bad) = (Arc::clone(&program), Arc::clone(&bad));
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(PATIENCE)
            .local_address(std::net::IpAddr::from([127, 0, 0, 2 + lane]))
            .build()
            .unwrap();
        strangers.spawn(async move {
            for _ in 0..250 {
                let request = client
                    .post(format!("{}/hub", program.address))
                    .header("x-hub-signature-256", "sha256=00");
                let status = request.body("{}").send().await.unwrap().status().as_u16();
                bad.fetch_add(u32::from(status == 401 || status == 429), Ordering::Relaxed);
            }
        });
    }
    for number in 0..100 {
        let body = format!("[{number}]");
        let signature = sign::github(HUB, body.as_bytes());
        let headers = [("x-github-event", "ping"), ("x-hub-signature-256", signature.as_str())];
        good.fetch_add(u32::from(program.post("/hub", &headers, body).await.0 == 202), Ordering::Relaxed);
    }
    strangers.join_all().await;
    assert_eq!((good.load(Ordering::Relaxed), bad.load(Ordering::Relaxed)), (100, 2_000));
    let (_, list) = program.ask("/api/rejections?limit=1").await;
    assert_eq!(list["rejections"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_descriptors_run_out_it_waits_and_goes_on() {
    let place = place();
    let program = place.serve_limited(64);
    let address: std::net::SocketAddr = program.address.strip_prefix("http://").unwrap().parse().unwrap();
    let mut idle = Vec::new();
    for number in 0..200_u8 {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(std::net::SocketAddr::from(([127, 0, 1, 1 + number], 0))).unwrap();
        idle.push(socket.connect(address).await.unwrap());
    }
    drop(idle);
    let body = "{}";
    let signature = sign::github(HUB, body.as_bytes());
    let headers = [("x-github-event", "ping"), ("x-hub-signature-256", signature.as_str())];
    assert_eq!(program.post("/hub", &headers, body).await.0, 202);
    assert_eq!(program.ask("/healthz").await.0, 200);
}
