//! Public keys and signatures of our own making, computed with another implementation; the private halves are gone.

/// What was signed.
pub(super) const BODY: &[u8] = br#"{"type":"ring","times":2}"#;

/// An RSA key of 2,048 bits.
pub(super) const RSA_PEM: &str = "-----BEGIN PUBLIC KEY-----\n\
    MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA5wqx41uybUeNVdYwZSZr\n\
    oOplcNt4rdk9L3XiWyyjVuuuLRj9UYLJykZ5dpxgYDaIHgKpMYhrhHLATjWdPgmV\n\
    ARzwed3CYuiQmzV0fYb85ctelQ4pemYcKzpo3bv0AOScMO+cdiRVMArgaNjynTUV\n\
    1HLmU+RwoLG8joZbUXW1VsVT+ztDAZV2pQo8HWL2g7rv3TVUqS3lN42yCFXdq4EV\n\
    HHEDk+V5KROhLHVIeSu19QBuq5eulGgfyx/ENHpOUTc6eQydM0D6z9LbYwWrylWV\n\
    eshrPmFhpSRmOXVmVD4YywyUPUetRdiFIA+TmRKETkuLzBMuCpDyt0Iv2beAr3PS\n\
    DQIDAQAB\n\
    -----END PUBLIC KEY-----";
/// A certificate that holds it.
pub(super) const RSA_CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\n\
    MIIDGTCCAgGgAwIBAgIUCMae3XiEMC5IBnwZ3j6pGJKq1SMwDQYJKoZIhvcNAQEL\n\
    BQAwGzEZMBcGA1UEAwwQZG9vcmJlbGwuZXhhbXBsZTAgFw0yNjExMjExMjI5MzZa\n\
    GA8yMTI2MTAyODEyMjkzNlowGzEZMBcGA1UEAwwQZG9vcmJlbGwuZXhhbXBsZTCC\n\
    ASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBAOcKseNbsm1HjVXWMGUma6Dq\n\
    ZXDbeK3ZPS914lsso1brri0Y/VGCycpGeXacYGA2iB4CqTGIa4RywE41nT4JlQEc\n\
    8HndwmLokJs1dH2G/OXLXpUOKXpmHCs6aN279ADknDDvnHYkVTAK4GjY8p01FdRy\n\
    5lPkcKCxvI6GW1F1tVbFU/s7QwGVdqUKPB1i9oO67901VKkt5TeNsghV3auBFRxx\n\
    A5PleSkToSx1SHkrtfUAbquXrpRoH8sfxDR6TlE3OnkMnTNA+s/S22MFq8pVlXrI\n\
    az5hYaUkZjl1ZlQ+GMsMlD1HrUXYhSAPk5kShE5Li8wTLgqQ8rdCL9m3gK9z0g0C\n\
    AwEAAaNTMFEwHQYDVR0OBBYEFE9C4pvmXPCB1miYQH1rePx8WKsCMB8GA1UdIwQY\n\
    MBaAFE9C4pvmXPCB1miYQH1rePx8WKsCMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZI\n\
    hvcNAQELBQADggEBADbp021NPqg8EoMOsuk/R+HB8YeJvaI0zF71tz0TKAN9O5yN\n\
    6yoOJ35iBcNY3z8XZ3ZBff9PVbInE3dQOM5Ru9EvxRYDwApXpwRHJjGsuBIFnXB5\n\
    PA9yvAXBERi+rdK8cwDhrZendW9M8XbZ38CL9vO670Yr6v+boKaTCRma6nuG+lCJ\n\
    cm+n3SOx+dHub5Is/RY/1EbzA9tJm/piwcl0Zuh85ZnfQ2XzboLUwFsbFaFq87s4\n\
    lyVymfStiqTj7vSQESZIBcEnKJ/6r/8opneBJuy8fHIh+CHphjlh/XDmEuYcNak0\n\
    lPRJt2EztUCpjFZU61dwOreVb9uU+OZEJDEwMmM=\n\
    -----END CERTIFICATE-----";
/// The body, signed by RSA with SHA-256, in base64.
pub(super) const RSA_SHA256: &str = "tWbT9Yf1/pz0PZj+YVjlH23hPgARFecNCtLjg2PJ4FJstFg+tcmEy6tt+WeMlkdRcRB04WZDtYE4/8wnyqucQa4lYG0gWI+ILxqNVlZPHdCtVlKYJzFi0ZFdFLcMyL7NUSTR9u2nfkpW9s4bZE3PoL2wfj2orm7f1STGqU+sCfC/QbuFpME9CoxQuLym85R2DjpP8eYmZqjVsZf/pQ/B4BqKFwaVxa1c2NU4lniyd4jvVQNbbhLB4n+2haLrtePyM4dcUEyQGxSeZWxYS+PLR//yLrCevDkd2q6AWjbMI7G+RniCJu7W7LrT3wtZoVQYx/nRXra7cSptlTbndrmgBQ==";
/// The same with SHA-1.
pub(super) const RSA_SHA1: &str = "WKbqIsk6Q8x+6BBFbz+iwDcrvOLFgDZth7l7i6/ZjmeelgPY/2fvYXxGnMkJHTSUBaIDm/TkqUxn+vPDciylFglPKisxKtN4z5tjFOIdpLyOB7E9w5JUVkORVlPVOHX5Y472mpME6p3iRAviZAuqi6hBEczWMLprESfsk0halBDEyvJ6V78usMjDTfGGdb5klma0PjwP+tUVsdDBOByuJflOlNfkSxmEP+rvZmt7uQKLBknyOOZCofU+BIxP1CdHNDHDidoM5OKcR+5QDgOIOz4lfyVSr+sE8FLKvCG+ywxRc5YOC0NTuOqAuBAPVUuVxJlnwMKP5IcnpCNJwTEiBw==";
/// A P-256 key.
pub(super) const P256_SPKI: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEoZ6v9m6MJSJ12kEW/CecFSiTBEYBSDYD92n3vZeSm3zsjwf1FrnI15kIvOep+DSIOYrN/JeUq7/2//Lg1s607g==";
/// The same as a PEM.
pub(super) const P256_PEM: &str = "-----BEGIN PUBLIC KEY-----\n\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEoZ6v9m6MJSJ12kEW/CecFSiTBEYB\n\
    SDYD92n3vZeSm3zsjwf1FrnI15kIvOep+DSIOYrN/JeUq7/2//Lg1s607g==\n\
    -----END PUBLIC KEY-----";
/// The body, signed by ECDSA, in base64 of DER.
pub(super) const P256_DER: &str =
    "MEQCIHh95ZW979gWw3umLK2COnDNSI7TNLb12e/oJmD+jDyxAiB54GbA9Et76uSaSxsjuIE4OSTvSuW/4B6o8AZPSoewLg==";
/// An Ed25519 key: the public half of the seed 00 01 … 1f.
pub(super) const ED25519_HEX: &str = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";
/// The body, signed by it, in hex.
pub(super) const ED25519_SIGNED: &str = "135af74f70f6a09d5dffb4c5f3baf434a403347c9a648a819a995aac87444b724e80397f9b6647917ca0f155cfabf38816260edb42ad9bfd206064a0fb6c350f";
/// A token for `other` and `doorbell`, good until 300 s after the moment of our tests, with a digest of the body.
pub(super) const RS256: &str = "eyJhbGciOiAiUlMyNTYiLCAidHlwIjogIkpXVCJ9.eyJhdWQiOiBbIm90aGVyIiwgImRvb3JiZWxsIl0sICJleHAiOiAxNzg1NjAwMzAwLCAiZGlnZXN0IjogInRxaFVhV0RZd1BDbjlNSndSTGJjWk0vS2hXY216alRac0lrMEJnb0NyWGM9In0.IauSct0lv4P5zj_V9JEYeITEglivgbrz7fqLUmZCiefgnCcPWsLMxHZEdvA7MBNueEcErzBE6OGE4Rb7VBEVAl7-TReXdnaP9iQ48tzvs9idgIpzt_MfHSmGCSSBNguXRh1iq--Y12tbuRXmVjTZQhDaM9RqtFMim0mTnxus9Y-tcaXUhkiIgNltH0bKy3gaRNYwqSDvXcRa6-YLtok1QtFB8yPrV5LjZ2SEM_wzqHkXQxE0a-XCnHJdwBI8DBVmYJXqFOglUHP6ggNeorJfQtV2cZAWNJsb0e7K2MDYnPxPOJZc57tmBbUETpDcqmUwEXdKD7lKhIYSskEKHy6uGg";
/// The same, signed by ECDSA.
pub(super) const ES256: &str = "eyJhbGciOiAiRVMyNTYiLCAidHlwIjogIkpXVCJ9.eyJhdWQiOiBbIm90aGVyIiwgImRvb3JiZWxsIl0sICJleHAiOiAxNzg1NjAwMzAwLCAiZGlnZXN0IjogInRxaFVhV0RZd1BDbjlNSndSTGJjWk0vS2hXY216alRac0lrMEJnb0NyWGM9In0.Lp49EEGFu7xk2vhJs6G8aRR1wZLEqnySusOheEAlv6CcQ_2HRjwnt71U-iHLt_S57v_cFqK8qixOTnQ0J5qgpA";
/// SHA-256 over `a secret of thirty-two characters` and the body, in hex.
pub(super) const DIGEST: &str = "c36c5e78f719369c5923db4c2c4d1100a152ab616d80400c77fc99493815113d";
/// The same with `POSThttps://hooks.example.com/test` between them.
pub(super) const DIGEST_URL: &str = "22e621b67ef7eeabe054e8300d0a20dcb9ceda70c49f0e8ccaf48b2d57b76e49";
