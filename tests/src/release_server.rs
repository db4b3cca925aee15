//! A web server on this machine that serves a release folder, honestly or not: each request is answered by what the test says.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A request for a file.
#[derive(Debug, Clone)]
pub struct Request {
    /// Without the slash it begins with.
    pub path: String,
    /// First and last byte, if it asks for a range.
    pub range: Option<(usize, usize)>,
}

/// What is sent.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Headers beyond the length.
    pub headers: Vec<(String, String)>,
    /// The content.
    pub body: Vec<u8>,
    /// The length that is announced, if it is not the content's.
    pub announced: Option<usize>,
    /// How it is sent.
    pub pace: Pace,
}

/// How a reply is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// At once.
    Whole,
    /// Again and again, without an end or a length.
    Endless,
    /// The connection is closed after so many bytes.
    Cut(usize),
}

/// A running server. It lives as long as the test's process.
#[derive(Debug, Clone)]
pub struct ReleaseServer {
    /// Its address, without a slash at its end.
    pub url: String,
    log: Arc<Mutex<Vec<(Request, usize)>>>,
}

impl Reply {
    /// A file's content.
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.into(), announced: None, pace: Pace::Whole }
    }

    /// Nothing but a status.
    pub fn status(status: u16) -> Self {
        Self { status, ..Self::ok("") }
    }

    /// Another address.
    pub fn redirect(to: impl Into<String>) -> Self {
        Self { headers: vec![("Location".to_owned(), to.into())], ..Self::status(302) }
    }

    /// As an honest server answers from this folder.
    pub fn from_folder(folder: &Path, request: &Request) -> Self {
        match fs::read(folder.join(&request.path)) {
            Ok(bytes) => Self::from_bytes(&bytes, request),
            Err(_) => Self::status(404),
        }
    }

    /// As an honest server answers with this file.
    pub fn from_bytes(bytes: &[u8], request: &Request) -> Self {
        let Some((first, last)) = request.range else { return Self::ok(bytes) };
        let Some(part) = bytes.get(first..=last) else { return Self::status(416) };
        let range = format!("bytes {first}-{last}/{}", bytes.len());
        Self { status: 206, headers: vec![("Content-Range".to_owned(), range)], ..Self::ok(part) }
    }

    fn send(&self, mut stream: &TcpStream) -> std::io::Result<()> {
        let mut head = format!("HTTP/1.1 {} x\r\nConnection: close\r\n", self.status);
        if self.pace != Pace::Endless {
            head.push_str(&format!("Content-Length: {}\r\n", self.announced.unwrap_or(self.body.len())));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all((head + "\r\n").as_bytes())?;
        match self.pace {
            Pace::Whole => stream.write_all(&self.body),
            Pace::Cut(at) => stream.write_all(self.body.get(..at).unwrap_or(&self.body)),
            Pace::Endless => loop {
                stream.write_all(&self.body)?;
            },
        }
    }
}

impl ReleaseServer {
    /// One that answers as `reply` says.
    ///
    /// # Panics
    /// When this machine has no port for it.
    pub fn start(reply: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let log = Arc::new(Mutex::new(Vec::new()));
        let (reply, server) = (Arc::new(reply), Self { url, log: Arc::clone(&log) });
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (reply, log) = (Arc::clone(&reply), Arc::clone(&log));
                thread::spawn(move || {
                    let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
                    let Some(request) = read(&stream) else { return };
                    let reply = reply(&request);
                    log.lock().unwrap().push((request, reply.body.len()));
                    let _ = reply.send(&stream);
                });
            }
        });
        server
    }

    /// One that serves this folder honestly.
    pub fn of_folder(folder: PathBuf) -> Self {
        Self::start(move |request| Reply::from_folder(&folder, request))
    }

    /// What was asked for since the last time, and how many bytes were sent for it.
    ///
    /// # Panics
    /// When a reply panicked.
    pub fn asked(&self) -> Vec<(Request, usize)> {
        std::mem::take(&mut *self.log.lock().unwrap())
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    let path = first.split(' ').nth(1)?.trim_start_matches('/').to_owned();
    let mut request = Request { path, range: None };
    for line in lines {
        let line = line.ok()?.to_ascii_lowercase();
        if line.is_empty() {
            return Some(request);
        }
        if let Some(range) = line.strip_prefix("range: bytes=") {
            let (first, last) = range.split_once('-')?;
            request.range = Some((first.parse().ok()?, last.parse().ok()?));
        }
    }
    None
}
