//! Updates from servers as publishers have them: nginx with ranges and without, over TLS with a certificate of an authority that
//! the system knows, and behind redirects as forges make them.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use ekiben_tests::{Outcome, Program, Publisher, TestContext, eventually};

/// nginx, which serves the release folder of a test. It ends with this.
struct Nginx<'a> {
    context: &'a TestContext,
    process: Child,
    port: u16,
}

impl<'a> Nginx<'a> {
    /// With these lines in the part of its configuration that is about the server; `PORT` in them is its port.
    fn start(context: &'a TestContext, listen: &str, lines: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let directory = context.path("nginx");
        fs::create_dir_all(&directory).unwrap();
        let root = context.root().display().to_string();
        let own = directory.display();
        let user = if is_root() { "user root;" } else { "" };
        let configuration = format!(
            "daemon off; {user} pid {own}/pid; error_log {own}/errors;\nevents {{}}\nhttp {{\nlog_format own '$status \
             $body_bytes_sent $request_uri'; access_log {own}/log own; client_body_temp_path {own}/a; proxy_temp_path {own}/b; fastcgi_temp_path {own}/c; \
             uwsgi_temp_path {own}/d; scgi_temp_path {own}/e;\nserver {{ listen 127.0.0.1:PORT {listen}; root {root};\n{lines}\n}} }}\n"
        );
        let file = context.write("nginx/conf", configuration.replace("PORT", &port.to_string()));
        let nginx = ["/usr/sbin/nginx", "nginx"].into_iter().find(|path| fs::metadata(path).is_ok()).unwrap_or("nginx");
        let mut command = Command::new(nginx);
        command.arg("-e").arg(directory.join("errors")).arg("-c").arg(file).stdin(Stdio::null());
        let process = command.spawn().unwrap();
        let server = Self { context, process, port };
        eventually("nginx", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        server
    }

    /// What was asked for since the last time: status, bytes, path.
    fn asked(&self) -> Vec<(u16, usize, String)> {
        let file = self.context.path("nginx/log");
        let text = fs::read_to_string(&file).unwrap();
        fs::OpenOptions::new().write(true).truncate(true).open(file).unwrap();
        let parse = |line: &str| {
            let mut words = line.split(' ');
            Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?, words.next()?.to_owned()))
        };
        text.lines().filter_map(parse).collect()
    }
}

impl Drop for Nginx<'_> {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-s", "TERM", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|found| std::os::unix::fs::MetadataExt::uid(&found) == 0)
}

/// Publishes two versions with this source, and answers the first one, to be started.
fn published(context: &TestContext, publisher: &Publisher<'_>, source: &str) -> Program {
    let [one, two] = ["1.0", "2.0"].map(|version| publisher.app(version, source).bundle(context));
    publisher.release(&[&one], &[]).success();
    publisher.release(&[&two], &[]).success();
    let app = context.path(format!("app-{}", source.len()));
    fs::copy(one, &app).unwrap();
    context.program(app)
}

fn update(app: &Program) -> Outcome {
    app.clone().args(["self", "update"]).run()
}

#[test]
fn nginx_serves_updates_with_ranges_and_without() {
    for (lines, least, most) in [("", 0, 60_000), ("max_ranges 0;", 500_000, usize::MAX)] {
        let context = TestContext::new();
        let publisher = Publisher::new(&context, "updates");
        let nginx = Nginx::start(&context, "", lines);
        let app = published(&context, &publisher, &format!("http://127.0.0.1:{}/updates", nginx.port));
        assert_eq!(update(&app).quiet_stdout(), "tiny is now 2.0; it was 1.0\n");
        assert_eq!(app.run().stdout, "ran 2.0\n");
        let asked = nginx.asked();
        let sent: usize = asked.iter().map(|(_, sent, _)| sent).sum();
        assert!(least < sent && sent < most, "{sent}: {asked:?}");
        assert!(least > 0 || asked.len() <= 4, "{asked:?}");
    }
}

/// A certificate for 127.0.0.1, signed by an authority of its own: the authority's, and what nginx needs.
fn certificates(context: &TestContext) -> (PathBuf, String) {
    let openssl = |arguments: &str| {
        let done = Command::new("openssl").args(arguments.split(' ')).current_dir(context.root()).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    context.write("names", "subjectAltName=IP:127.0.0.1\n");
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    openssl(&format!("req -x509 {key} -keyout ca.key -out ca.pem -days 30 -subj /CN=authority"));
    openssl(&format!("req -new {key} -keyout server.key -out server.csr -subj /CN=127.0.0.1"));
    openssl(
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.pem -days 20 -extfile names",
    );
    let root = context.root().display();
    (context.path("ca.pem"), format!("ssl_certificate {root}/server.pem; ssl_certificate_key {root}/server.key;"))
}

#[test]
fn updates_come_over_tls_through_a_forges_redirects_but_not_from_a_stranger_or_to_plain_http() {
    let context = TestContext::new();
    let publisher = Publisher::new(&context, "updates");
    let (authority, tls) = certificates(&context);
    // As GitHub: assets are elsewhere, by names that last for minutes.
    let forge = "location ~ ^/o/r/releases/download/updates/root\\.(\\d+)\\.json(.*)$ { return 302 /updates/root/$1.json$2?x=1; }\n\
                 location ~ ^/o/r/releases/download/updates/(.*)$ { return 302 https://127.0.0.1:PORT/updates/$1?token=1; }\n\
                 location ~ ^/o/r/releases/download/v([^/]*)/(.*)$ { return 302 https://127.0.0.1:PORT/updates/$1/$2?token=1; }\n\
                 location /plain/ { return 302 http://example.com/updates$request_uri; }";
    let nginx = Nginx::start(&context, "ssl", &format!("{tls}\n{forge}"));
    let base = format!("https://127.0.0.1:{}", nginx.port);
    let app = published(&context, &publisher, &format!("github+{base}/o/r"));
    let stranger = update(&app);
    assert!(stranger.one_error(1).contains("certificate"), "{stranger:#?}");
    assert_eq!(app.run().stdout, "ran 1.0\n");
    let knowing = app.clone().env("SSL_CERT_FILE", &authority);
    assert_eq!(update(&knowing).quiet_stdout(), "tiny is now 2.0; it was 1.0\n");
    assert_eq!(app.run().stdout, "ran 2.0\n");
    let asked = nginx.asked();
    let sent: usize = asked.iter().filter(|(status, ..)| *status != 302).map(|(_, sent, _)| sent).sum();
    assert!(sent < 60_000, "{sent}: {asked:?}");

    let plain = context.program(publisher.app("1.0", &format!("{base}/plain")).named("plain").bundle(&context));
    let said = update(&plain.env("SSL_CERT_FILE", authority));
    assert!(said.one_error(1).contains("it leads to `http://example.com/"), "{said:#?}");
}
