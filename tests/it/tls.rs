//! HTTPS: a certificate from files, a renewed one without a restart, clients that must show theirs, and what is refused.

use std::os::unix::fs::PermissionsExt;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use reqwest::tls::TlsInfo;

use crate::program::{PATIENCE, Place, Program, text};

const RULES: &str = "sources: { open: { verify: none } }\nrules: [{ name: r, do: [{ log: x }] }]\n";
const FLAGS: [&str; 4] = ["--tls-cert", "cert.pem", "--tls-key", "key.pem"];

/// Who vouches for servers and clients of a test.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A certificate for this name, and its key, in PEM.
    pub fn issue(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }

    /// Its own certificate, in PEM.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    fn client(&self, identity: Option<(String, String)>) -> reqwest::Client {
        let root = reqwest::Certificate::from_pem(self.0.pem().as_bytes()).unwrap();
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .timeout(PATIENCE)
            .tls_info(true)
            .pool_max_idle_per_host(0)
            .tls_certs_only([root]);
        if let Some((certificate, key)) = identity {
            builder = builder
                .identity(reqwest::Identity::from_pem(format!("{certificate}{key}").as_bytes()).unwrap());
        }
        builder.build().unwrap()
    }
}

fn put(place: &Place, (certificate, key): &(String, String)) {
    place.write("key.pem", key);
    std::fs::set_permissions(place.file("key.pem"), std::fs::Permissions::from_mode(0o600)).unwrap();
    place.write("cert.pem", certificate);
}

/// The status of a webhook, and the certificate that the server showed.
async fn ring(client: &reqwest::Client, program: &Program) -> Result<(u16, Vec<u8>), reqwest::Error> {
    let answer = client.post(format!("{}/open", program.address)).body("{}").send().await?;
    let shown = answer.extensions().get::<TlsInfo>().and_then(TlsInfo::peer_certificate).unwrap().to_vec();
    Ok((answer.status().as_u16(), shown))
}

#[tokio::test]
async fn a_webhook_comes_by_https_and_a_new_certificate_is_taken() {
    let authority = Authority::new();
    let place = Place::new(RULES, &[]);
    put(&place, &authority.issue("127.0.0.1"));
    let program = place.serve_with(&FLAGS);
    assert!(program.address.starts_with("https://"), "{}", program.address);
    let client = authority.client(None);
    let (status, first) = ring(&client, &program).await.unwrap();
    assert_eq!(status, 202);
    let plain = program.client.post(program.address.replace("https:", "http:")).send().await;
    assert!(plain.is_err(), "plain HTTP is not answered");

    put(&place, &authority.issue("127.0.0.1"));
    let started = std::time::Instant::now();
    while ring(&client, &program).await.unwrap().1 == first {
        assert!(started.elapsed() < PATIENCE, "the new certificate is never shown:\n{}", place.log());
    }

    place.write("cert.pem", "nothing");
    while !place.log().contains("still using the previous certificate") {
        assert!(started.elapsed() < PATIENCE, "{}", place.log());
        tokio::task::yield_now().await;
    }
    assert_eq!(ring(&client, &program).await.unwrap().0, 202);
}

#[tokio::test]
async fn who_shows_no_certificate_stays_outside() {
    let (authority, other) = (Authority::new(), Authority::new());
    let place = Place::new(RULES, &[]);
    put(&place, &authority.issue("127.0.0.1"));
    place.write("clients.pem", &authority.0.pem());
    let program = place.serve_with(&[&FLAGS[..], &["--tls-client-ca", "clients.pem"]].concat());
    assert!(ring(&authority.client(None), &program).await.is_err());
    assert!(ring(&authority.client(Some(other.issue("stranger"))), &program).await.is_err());
    assert_eq!(ring(&authority.client(Some(authority.issue("friend"))), &program).await.unwrap().0, 202);
}

#[test]
fn what_cannot_be_used_is_said_before_anything_is_served() {
    let authority = Authority::new();
    let refused = |change: &dyn Fn(&Place), words: &str| {
        let place = Place::new(RULES, &[]);
        put(&place, &authority.issue("127.0.0.1"));
        change(&place);
        let ends = ["serve", "doorbell.yaml", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
        let output = place.run(&[&ends[..], &FLAGS].concat());
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.contains(words), "wanted `{words}`:\n{said}");
    };
    refused(&|place| std::fs::remove_file(place.file("cert.pem")).unwrap(), "cannot read `cert.pem`");
    refused(&|place| place.write("cert.pem", "hello"), "`cert.pem` holds no certificate");
    refused(&|place| place.write("cert.pem", &authority.issue("x").0), "does not go with the certificate");
    refused(
        &|place| {
            let open = std::fs::Permissions::from_mode(0o644);
            std::fs::set_permissions(place.file("key.pem"), open).unwrap();
        },
        "everybody may read the secret file `key.pem`",
    );
}
