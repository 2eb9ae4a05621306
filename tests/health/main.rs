//! Health endpoints and logs of a real application: `FastAPI` and SQLAlchemy on a real server.

#![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

#[path = "../support/mod.rs"]
mod support;

use std::fs::File;
use std::io::Read as _;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use dbharden::facts::{Facts, HealthFacts};
use dbharden::inputs::logs;
use dbharden::probe::health::{HealthRequest, ask};
use dbharden::rules::{Context, Judgement, RULES, Verdict, judge};
use dbharden::spec::Spec;
use support::{Authority, Certificate, Conversation, Folder, Peer, PostgreSql, Role, free_port};

/// The application, stopped when it is dropped.
struct App {
    process: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl App {
    fn start(url: &str) -> Self {
        let python = std::env::var("DBHARDEN_PYTHON")
            .unwrap_or_else(|_| panic!("set DBHARDEN_PYTHON to a Python with the drivers"));
        let folder = tempfile::tempdir().unwrap();
        let log = File::create(folder.path().join("app.log")).unwrap();
        let port = free_port();
        let process = Command::new(python)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/health/app.py"))
            .arg(port.to_string())
            .env_clear()
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("DATABASE_URL", url)
            .env("ADVICE", advice())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let app = Self {
            process,
            port,
            folder,
        };
        let until = Instant::now() + Duration::from_mins(1);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "{}", app.log());
            thread::sleep(Duration::from_millis(50));
        }
        app
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn ask(&self, path: &str) -> HealthFacts {
        ask(&HealthRequest::new(&self.url(path)).unwrap())
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("app.log")).unwrap()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.process.kill(); // It may be gone already.
        let _ = self.process.wait();
    }
}

/// Returns each rule of a family with how it ended: `pass`, `fail`, `unknown`.
fn results(family: &str, facts: &Facts) -> Vec<(&'static str, &'static str)> {
    let spec = Spec::profile("enterprise").unwrap();
    let context = Context {
        spec: &spec,
        facts,
        today: jiff::civil::date(2026, 1, 1),
    };
    judge(RULES.iter(), context)
        .iter()
        .filter(|judgement| judgement.rule.family() == family)
        .map(|judgement| (judgement.rule.id, result(judgement)))
        .collect()
}

fn result(judgement: &Judgement) -> &'static str {
    match &judgement.outcome {
        Ok(Verdict::Pass(_)) => "pass",
        Ok(Verdict::Fail(_)) => "fail",
        Ok(Verdict::NotApplicable(_)) => "not-applicable",
        Err(_) => "unknown",
    }
}

fn health(facts: HealthFacts) -> Vec<(&'static str, &'static str)> {
    results(
        "health",
        &Facts {
            health: Some(facts),
            ..Facts::default()
        },
    )
}

/// Returns the rules that did not pass.
fn bad(facts: HealthFacts) -> Vec<(&'static str, &'static str)> {
    let mut bad = health(facts);
    bad.retain(|(_, result)| *result != "pass");
    bad
}

/// Returns the code that a person is told to add to an endpoint that reports no pool.
fn advice() -> String {
    let silent = HealthFacts {
        status: Some(200),
        ..HealthFacts::default()
    };
    let facts = Facts {
        health: Some(silent),
        ..Facts::default()
    };
    let spec = Spec::profile("enterprise").unwrap();
    let context = Context {
        spec: &spec,
        facts: &facts,
        today: jiff::civil::date(2026, 1, 1),
    };
    let judged = judge(RULES.iter(), context);
    let missing = judged
        .iter()
        .filter(|judgement| judgement.rule.id == "health-saturation")
        .find_map(|judgement| judgement.outcome.as_ref().err())
        .unwrap();
    let (_, code) = missing.0.split_once("add to the endpoint: ").unwrap();
    code.to_owned()
}

fn server() -> PostgreSql {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password("s3cret"));
    server
}

fn dialect(url: &str) -> String {
    url.replace("postgresql://", "postgresql+psycopg2://")
}

#[test]
fn a_real_application_fresh_saturated_leaking_slow_lying_and_down() {
    let server = server();
    let mut app = App::start(&dialect(&server.url("app", "s3cret")));
    let fresh = app.ask("/health/detailed");
    assert_eq!(fresh.pools[0].value("overflow"), Some(-5.0));
    assert_eq!(bad(fresh), []);
    assert_eq!(bad(app.ask("/metrics")), []);
    let advised = app.ask("/health/advised");
    assert_eq!(advised.pools[0].metrics.len(), 6, "{advised:?}");
    assert_eq!(bad(advised), []);
    assert_eq!(bad(app.ask("/health/moved")), []);
    let unknown = bad(app.ask("/health"));
    assert!(
        unknown.contains(&("health-saturation", "unknown")),
        "{unknown:?}"
    );
    assert!(unknown.iter().all(|(_, result)| *result == "unknown"));
    assert_eq!(bad(app.ask("/health/slow")), [("health-latency", "fail")]);
    let lying = bad(app.ask("/health/lying"));
    assert!(lying.contains(&("health-consistent", "fail")), "{lying:?}");

    app.ask("/leak/12");
    let leaking = app.ask("/health/detailed");
    assert_eq!(leaking.pools[0].value("checked_out"), Some(12.0));
    assert_eq!(bad(leaking), [("health-saturation", "fail")]);
    app.ask("/leak/3");
    let exhausted = bad(app.ask("/health/ready"));
    assert!(
        exhausted.contains(&("health-reachable", "fail")),
        "{exhausted:?}"
    );
    let line = app.ask("/health/line");
    assert_eq!(line.pools[0].value("overflow"), Some(10.0));
    assert_eq!(line.pools[0].value("checked_out"), Some(15.0));

    let log = app.log();
    let facts = logs::read("app.log", &[], &mut log.as_bytes()).unwrap();
    assert!(
        facts
            .errors
            .iter()
            .any(|error| error.id == "pool-exhausted"),
        "{facts:?}"
    );
    let judged = results(
        "log",
        &Facts {
            log: Some(facts),
            ..Facts::default()
        },
    );
    let expected = [
        ("log-engine-started", "pass"),
        ("log-pool-size", "pass"),
        ("log-max-overflow", "pass"),
        ("log-pool-recycle", "pass"),
        ("log-known-error", "fail"),
    ];
    assert!(
        expected.iter().all(|result| judged.contains(result)),
        "{judged:?}"
    );

    app.process.kill().unwrap();
    app.process.wait().unwrap();
    let down = app.ask("/health/detailed");
    assert!(down.failure.is_some());
    let judged = health(down);
    assert!(judged.contains(&("health-reachable", "fail")), "{judged:?}");
    assert!(
        judged
            .iter()
            .filter(|(_, result)| *result == "fail")
            .count()
            == 1
    );
}

#[test]
fn a_hundred_requests_at_once_fill_the_pool_and_the_endpoint_says_so() {
    let server = server();
    let app = App::start(&dialect(&server.url("app", "s3cret")));
    app.ask("/leak/11");
    let load: Vec<_> = (0..100)
        .map(|_| {
            let url = app.url("/health/ready");
            thread::spawn(move || ask(&HealthRequest::new(&url).unwrap()))
        })
        .collect();
    for request in load {
        assert!(request.join().unwrap().status.is_some());
    }
    let after = app.ask("/health/detailed");
    assert_eq!(bad(after), []);
}

/// Reads a request's head and answers.
fn answering(text: impl Into<Vec<u8>>) -> Peer {
    let text = text.into();
    Peer::start(move |conversation| {
        read_head(conversation)?;
        conversation.say(&text)
    })
}

fn read_head(conversation: &mut Conversation) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        conversation.stream().read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(head)
}

fn failure(peer: &Peer, change: impl FnOnce(&mut HealthRequest)) -> String {
    let mut request = HealthRequest::new(&format!("http://127.0.0.1:{}/x", peer.port())).unwrap();
    request.timeout = Duration::from_secs(2);
    change(&mut request);
    let began = Instant::now();
    let facts = ask(&request);
    assert!(began.elapsed() < Duration::from_millis(2500));
    let failure = facts
        .failure
        .unwrap_or_else(|| panic!("{:?}", facts.status));
    assert!(!failure.fix.is_empty());
    failure.message
}

#[test]
fn peers_that_misbehave_end_within_the_limits() {
    let none = |_: &mut HealthRequest| {};
    assert_eq!(
        failure(&Peer::silent(), none),
        "no whole answer came in time"
    );
    let drip = Peer::start(|conversation| {
        read_head(conversation)?;
        loop {
            conversation.say(b"H")?;
            thread::sleep(Duration::from_millis(300));
        }
    });
    assert_eq!(failure(&drip, none), "no whole answer came in time");
    assert_eq!(
        failure(&answering("SSH-2.0-x\r\n"), none),
        "the answer is not HTTP/1.1"
    );
    let cut = answering("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{");
    assert_eq!(
        failure(&cut, none),
        "the connection ended before the answer did"
    );
    let flood = Peer::start(|conversation| {
        read_head(conversation)?;
        conversation.say(b"HTTP/1.1 200 OK\r\n\r\n")?;
        loop {
            conversation.say(&vec![b'x'; 65_536])?;
        }
    });
    assert_eq!(failure(&flood, none), "the answer is larger than 1024 KiB");
    let head = Peer::start(|conversation| {
        read_head(conversation)?;
        conversation.say(b"HTTP/1.1 200 OK\r\nx: ")?;
        loop {
            conversation.say(&vec![b'x'; 65_536])?;
        }
    });
    failure(&head, none);
    let away = answering(
        "HTTP/1.1 302 Found\r\nlocation: http://example.invalid/\r\ncontent-length: 0\r\n\r\n",
    );
    assert!(failure(&away, none).contains("redirects to another"));
    let around = answering("HTTP/1.1 302 Found\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n");
    assert!(failure(&around, none).contains("again and again"));
    assert_eq!(around.connections(), 6);
    let json = answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    let nowhere = failure(&json, |request| {
        request.path = Some("database.pool".to_owned());
    });
    assert_eq!(nowhere, "the answer has nothing at /database/pool");
}

#[test]
fn a_header_is_sent_and_never_shown() {
    let peer = Peer::start(|conversation| {
        let head = read_head(conversation)?;
        let head = String::from_utf8_lossy(&head);
        let status = if head.contains("authorization: Bearer s3cr3t\r\n") {
            "200 OK"
        } else {
            "401 Unauthorized"
        };
        conversation.say(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes())
    });
    let url = format!("http://127.0.0.1:{}/?token=s3cr3t", peer.port());
    let mut request = HealthRequest::new(&url).unwrap();
    assert_eq!(ask(&request).status, Some(401));
    request
        .headers
        .extend(HealthRequest::header("Authorization: Bearer s3cr3t"));
    let facts = ask(&request);
    assert_eq!(facts.status, Some(200));
    assert!(!format!("{request:?}{facts:?}").contains("s3cr3t"));
    assert!(HealthRequest::header("no colon").is_none());
    assert!(HealthRequest::header("x: a\r\nb").is_none());
}

/// Serves one answer over TLS with OpenSSL's own server.
fn serve_tls(certificate: &Certificate, folder: &Folder, port: u16) -> Child {
    let chain = folder.path().join("chain.pem");
    let key = folder.path().join("key.pem");
    std::fs::write(&chain, &certificate.chain).unwrap();
    std::fs::write(&key, &certificate.key).unwrap();
    let child = Command::new("openssl")
        .args(["s_server", "-quiet", "-www", "-accept", &port.to_string()])
        .arg("-cert")
        .arg(&chain)
        .arg("-cert_chain")
        .arg(&chain)
        .arg("-key")
        .arg(&key)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < until, "openssl does not listen");
        thread::sleep(Duration::from_millis(20));
    }
    child
}

#[test]
fn tls_is_verified_and_its_faults_are_named() {
    let authority = Authority::new("Lab Root");
    let cases = [
        (authority.server().issue(), None),
        (
            authority.server().expired().issue(),
            Some("TLS failed: the certificate has expired"),
        ),
        (
            authority.server().wrong_host().issue(),
            Some("TLS failed: the certificate is for another host"),
        ),
        (
            Authority::new("Other Root").server().issue(),
            Some("TLS failed: the certificate's issuer is not trusted here"),
        ),
    ];
    for (certificate, expected) in cases {
        let folder = Folder::new();
        let port = free_port();
        let mut child = serve_tls(&certificate, &folder, port);
        let mut request = HealthRequest::new(&format!("https://127.0.0.1:{port}/")).unwrap();
        request.roots = Some(authority.pem().as_bytes().to_vec());
        let facts = ask(&request);
        child.kill().unwrap();
        child.wait().unwrap();
        let message = facts
            .failure
            .as_ref()
            .map(|failure| failure.message.as_str());
        assert_eq!(message, expected);
        assert_eq!(facts.status.is_some(), expected.is_none());
    }
    let plain = Peer::saying("HTTP/1.1 400 Bad Request\r\n\r\n");
    let url = format!("https://127.0.0.1:{}/", plain.port());
    let mut request = HealthRequest::new(&url).unwrap();
    request.roots = Some(authority.pem().as_bytes().to_vec());
    let failure = ask(&request).failure.unwrap();
    assert_eq!(failure.message, "TLS failed: the peer does not speak TLS");
}
