//! Whoever hosts the releases can't have a client install what the publisher did not sign for it: each attack is served by a real
//! server, is refused for its own reason, and leaves the app as it was.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use bundle::entry_path::EntryPath;
use bundle::record::AppId;
use ekiben_tests::release_server::{Pace, ReleaseServer, Reply, Request};
use ekiben_tests::{Program, Publisher, TestContext};
use release::place::ChannelName;
use release::{Channel, Root};

type Replies = Arc<Mutex<Box<dyn Fn(&Request) -> Reply + Send>>>;

/// An installed app, whose server does what each attack says.
struct Target<'a> {
    context: &'a TestContext,
    publisher: Publisher<'a>,
    replies: Replies,
    app: Program,
    url: String,
}

/// What a server makes of a request for a range of a file.
type Answer = fn(&Request, &[u8]) -> Reply;

const FILE: &str = "2.0/tiny-2.0-x86_64-unknown-linux-gnu";

impl<'a> Target<'a> {
    fn new(context: &'a TestContext) -> Self {
        let publisher = Publisher::new(context, "updates");
        let folder = publisher.folder.clone();
        let replies: Replies = Arc::new(Mutex::new(Box::new(move |request| Reply::from_folder(&folder, request))));
        let shared = Arc::clone(&replies);
        let server = ReleaseServer::start(move |request| shared.lock().unwrap()(request));
        let one = publisher.app("1.0", &server.url).bundle(context);
        let two = publisher.app("2.0", &server.url).bundle(context);
        publisher.release(&[&one], &[]).success();
        publisher.release(&[&two], &[]).success();
        let app = context.program(one);
        app.run().success();
        Self { context, publisher, replies, app, url: server.url }
    }

    fn honest(&self) -> impl Fn(&Request) -> Reply + Send + use<> {
        let folder = self.publisher.folder.clone();
        move |request| Reply::from_folder(&folder, request)
    }

    /// The server answers so; the app refuses for this reason, and is as it was.
    #[track_caller]
    fn refuses(&self, what: &str, complaint: &str, reply: impl Fn(&Request) -> Reply + Send + 'static) {
        *self.replies.lock().unwrap() = Box::new(reply);
        let before = fs::read(self.app.path()).unwrap();
        let said = self.app.clone().args(["self", "update"]).run();
        assert!(said.one_error(1).contains(complaint), "{what}: {said:#?}");
        assert!(fs::read(self.app.path()).unwrap() == before, "{what}");
        assert_eq!(self.app.run().stdout, "ran 1.0\n", "{what}");
        assert_eq!(self.context.versions("tiny").len(), 1, "{what}");
    }

    /// The same of files that are served honestly.
    #[track_caller]
    fn refuses_metadata(&self, what: &str, complaint: &str, (bytes, signatures): (Vec<u8>, Vec<u8>)) {
        let honest = self.honest();
        self.refuses(what, complaint, move |request| match request.path.as_str() {
            "stable.json" => Reply::ok(bytes.clone()),
            "stable.json.minisig" => Reply::ok(signatures.clone()),
            _ => honest(request),
        });
    }

    /// In the end, an honest server brings the update.
    #[track_caller]
    fn recovers(&self) {
        *self.replies.lock().unwrap() = Box::new(self.honest());
        self.app.clone().args(["self", "update"]).run().success();
        assert_eq!(self.app.run().stdout, "ran 2.0\n");
    }
}

#[test]
fn metadata_that_is_not_the_publishers_or_not_for_this_client_is_refused() {
    let context = TestContext::new();
    let target = Target::new(&context);
    let publisher = &target.publisher;
    let stranger = Publisher::new(&context, "stranger");
    let (good, signatures) = publisher.changed(|_| {});
    let replaced = |from: &str, to: &str| String::from_utf8(good.clone()).unwrap().replace(from, to).into_bytes();
    let unsigned = "0 of the known keys have signed `stable.json`, and 1 must";

    target.refuses_metadata("no signature", unsigned, (good.clone(), Vec::new()));
    target.refuses_metadata("a stranger's signature", unsigned, (good.clone(), stranger.sign(&good)));
    target.refuses_metadata(
        "changed after it was signed",
        unsigned,
        (replaced("2.0/tiny", "1.0/tiny"), signatures.clone()),
    );
    target.refuses_metadata("white space added", unsigned, ([good.as_slice(), b" "].concat(), signatures.clone()));
    target.refuses_metadata(
        "no signatures but text",
        "is not a file of minisign signatures",
        (good.clone(), b"hello".to_vec()),
    );
    target.refuses_metadata("an empty file", "malformed", (Vec::new(), signatures.clone()));
    let many = signatures.repeat(100);
    target.refuses_metadata("a hundred signatures", "too many signatures", (good.clone(), many));
    let other_app = publisher.changed(|channel| channel.app = AppId::new("other").unwrap());
    target.refuses_metadata("another app's", "is for the app `other`, and `tiny` was expected", other_app);
    let beta = publisher.changed(|channel| channel.channel = ChannelName::new("beta").unwrap());
    target.refuses_metadata("another channel's", "is for the channel `beta`, and `stable` was expected", beta);
    let expired = publisher.changed(|channel| channel.expires = channel.published);
    target.refuses_metadata("frozen beyond its expiry", "`stable.json` expired", expired);
    let kind = publisher.changed(|channel| channel.kind = "root".to_owned());
    target.refuses_metadata("another kind of file", "is for the kind `root`", kind);
    let format = publisher.changed(|channel| channel.format = 2);
    target.refuses_metadata(
        "a later format",
        "has format version 2, and this ekiben understands version 1 only",
        format,
    );
    let root = fs::read(publisher.folder.join("root/1.json")).unwrap();
    let root_signatures = fs::read(publisher.folder.join("root/1.json.minisig")).unwrap();
    target.refuses_metadata("a root in the place of a channel", "malformed", (root, root_signatures));
    for path in ["../../app", "/etc/passwd", "C:/x"] {
        let text = replaced(FILE, path);
        let signed = publisher.sign(&text);
        target.refuses_metadata("a path that leads out", "`stable.json` is malformed", (text, signed));
    }
    let too_many_roots = publisher.changed(|channel| channel.root = 9);
    target.refuses_metadata("a root that is not there", "could not get", too_many_roots);
    let highest = publisher.changed(|channel| channel.serial = u64::MAX);
    target.refuses_metadata("a serial beyond all", "a serial over", highest);
    target.recovers();
}

#[test]
fn older_metadata_and_a_removed_key_are_refused_and_the_highest_serial_is_left_behind() {
    let context = TestContext::new();
    let target = Target::new(&context);
    let publisher = &target.publisher;
    let old = publisher.changed(|channel| channel.serial = 1);
    // Somebody who had the key for a moment.
    let highest = publisher.changed(|channel| {
        channel.serial = Channel::LAST_SERIAL;
        channel.releases.truncate(1);
    });
    let honest = target.honest();
    *target.replies.lock().unwrap() = Box::new(move |request| match request.path.as_str() {
        "stable.json" => Reply::ok(highest.0.clone()),
        "stable.json.minisig" => Reply::ok(highest.1.clone()),
        _ => honest(request),
    });
    target.app.clone().args(["self", "update", "--check"]).run().success();
    let older = "is older than one that was seen before";
    target.refuses_metadata("an older one replayed", older, old);
    target.refuses("an honest one with a lower serial", older, target.honest());

    // The publisher replaces the key: a new root begins a new count.
    let next = Publisher::new(&context, "next");
    let root = |verb: &str, key: &str| {
        let ekiben = context.ekiben().args(["root", verb]).arg(&publisher.folder).arg(key);
        ekiben.arg("--key").arg(&publisher.key).arg("--key").arg(&next.key).run().success().clone()
    };
    root("add", next.public.as_str());
    root("remove", publisher.public.as_str());
    let stolen = publisher.changed(|channel| channel.serial = 99);
    target.refuses_metadata("signed by a removed key", "0 of the known keys have signed `stable.json`", stolen);
    // A root that the known keys have not signed.
    let own_root = Root::new(AppId::new("tiny").unwrap(), 4, 1, vec![publisher.public.clone()]).unwrap();
    let bytes = serde_json::to_vec(&own_root).unwrap();
    let signatures = publisher.sign(&bytes);
    let channel = publisher.changed(|channel| channel.root = 4);
    let honest = target.honest();
    target.refuses("a root of the removed key's", "0 of the known keys have signed `root/4.json`", move |request| {
        match request.path.as_str() {
            "stable.json" => Reply::ok(channel.0.clone()),
            "stable.json.minisig" => Reply::ok(channel.1.clone()),
            "root/4.json" => Reply::ok(bytes.clone()),
            "root/4.json.minisig" => Reply::ok(signatures.clone()),
            _ => honest(request),
        }
    });
    target.recovers();
}

#[test]
fn a_bundle_that_is_not_byte_by_byte_the_published_one_is_refused() {
    let context = TestContext::new();
    let target = Target::new(&context);
    let good = fs::read(target.publisher.folder.join(FILE)).unwrap();
    let bundle = bundle::Bundle::new(good.clone()).unwrap();
    let (payload, length) = (bundle.payload_start() as usize, good.len());
    let index = payload + bundle.footer().index_offset as usize;
    let serve = |bytes: Vec<u8>| {
        let honest = target.honest();
        move |request: &Request| if request.path == FILE { Reply::from_bytes(&bytes, request) } else { honest(request) }
    };
    let wrong = "the downloaded file is refused: its SHA-256 is not the one that was published";
    for (what, at) in [
        ("launcher", 100),
        ("last block of the launcher", payload - 20),
        ("first frame", payload + 10),
        ("frame of the application", index - 10),
        ("index", index + 20),
        ("launch record", length - 300),
        ("footer", length - 100),
        ("magic number", length - 4),
    ] {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        // What the client has itself is not asked for.
        if !matches!(what, "launcher" | "last block of the launcher" | "first frame") {
            target.refuses(what, wrong, serve(bytes));
        }
    }
    let another = fs::read(target.publisher.folder.join(FILE.replace("2.0", "1.0"))).unwrap();
    // Two releases may have the same length.
    let complaint = if another.len() == good.len() { wrong } else { "could not get" };
    target.refuses("two releases mixed", complaint, serve(another));
    let app = target.publisher.app("2.0", &target.url);
    let shorter = fs::read(app.files(30).bundle(&context)).unwrap();
    target.refuses("another build of the version", "could not get", serve(shorter));
    for (what, length) in [("truncated", good.len() - 1), ("cut in the middle", good.len() / 2), ("empty", 0)] {
        target.refuses(what, "could not get", serve(good[..length].to_vec()));
    }
    target.refuses("longer", "could not get", serve([good.as_slice(), &[0; 100]].concat()));
    target.recovers();
}

#[test]
fn a_signed_release_of_the_wrong_thing_is_refused() {
    let context = TestContext::new();
    let target = Target::new(&context);
    let publisher = &target.publisher;
    // The publisher's own mistakes, or somebody who has the key but not the app's.
    let publish = |bytes: &[u8], change: &dyn Fn(&mut release::ReleasedFile)| {
        fs::create_dir_all(publisher.folder.join("9")).unwrap();
        fs::write(publisher.folder.join("9/x"), bytes).unwrap();
        publisher.changed(|channel| {
            let file = channel.releases.last_mut().unwrap().files.values_mut().next().unwrap();
            file.path = EntryPath::new("9/x").unwrap();
            file.len = bytes.len() as u64;
            file.sha256 = bundle::Digest::of(bytes);
            file.tail = file.tail.min(file.len);
            file.payload = 0;
            file.blocks = String::new();
            change(file);
        })
    };
    let bundle_of = |app: ekiben_tests::Tiny| fs::read(app.bundle(&context)).unwrap();
    let with_digest = |bytes: &[u8]| {
        let digest = bundle::Bundle::new(bytes.to_vec()).unwrap().digest();
        publish(bytes, &move |file| file.digest = digest)
    };
    target.refuses_metadata("not a bundle", "it is not a bundle", publish(&[7; 100_000], &|_| {}));
    let other = bundle_of(publisher.app("2.0", &target.url).named("other"));
    target.refuses_metadata("another app", "it is another app, `other`", with_digest(&other));
    let windows = bundle_of(publisher.app("2.0", &target.url).windows());
    target.refuses_metadata("another target", "it is for x86_64-pc-windows-msvc", with_digest(&windows));
    let three = bundle_of(publisher.app("3.0", &target.url));
    target.refuses_metadata("another version", "it is version 3.0, and 2.0 was published", with_digest(&three));
    target.recovers();
}

#[test]
fn a_server_that_does_not_keep_to_the_protocol_is_given_up() {
    let context = TestContext::new();
    let target = Target::new(&context);
    let of_file = |reply: fn(&Request, Reply) -> Reply| {
        let honest = target.honest();
        move |request: &Request| {
            let right = honest(request);
            if request.path == FILE { reply(request, right) } else { right }
        }
    };
    let of_metadata = |reply: fn(&Request, Reply) -> Reply| {
        let honest = target.honest();
        move |request: &Request| {
            let right = honest(request);
            if request.path == "stable.json" { reply(request, right) } else { right }
        }
    };
    let endless = |_: &Request, _| Reply { pace: Pace::Endless, ..Reply::ok(vec![b' '; 1 << 16]) };
    target.refuses("endless metadata", "it is longer than metadata may be", of_metadata(endless));
    let cut = |_: &Request, right: Reply| Reply { pace: Pace::Cut(100), ..right };
    target.refuses("metadata that ends early", "could not get", of_metadata(cut));
    target.refuses("metadata that is not there", "it is not there", of_metadata(|_, _| Reply::status(404)));
    target.refuses("an error", "the server answers 500", of_metadata(|_, _| Reply::status(500)));
    let elsewhere = |_: &Request, _| Reply::redirect("http://example.com/stable.json");
    target.refuses(
        "a redirect to http",
        "leads to `http://example.com/stable.json`, which is not https",
        of_metadata(elsewhere),
    );
    let circle = |_: &Request, _| Reply::redirect("/stable.json");
    target.refuses("a circle", "leads to another address again and again", of_metadata(circle));
    let file_scheme = |_: &Request, _| Reply::redirect("file:///etc/passwd");
    target.refuses("a redirect to a file", "which is not https", of_metadata(file_scheme));

    target.refuses(
        "an endless bundle",
        "SHA-256",
        of_file(|_, _| Reply { pace: Pace::Endless, ..Reply::ok(vec![7; 1 << 16]) }),
    );
    target.refuses("a wrong length", "were published", of_file(|_, right| Reply { announced: Some(7), ..right }));
    target.refuses("an error for the bundle", "the server answers 501", of_file(|_, _| Reply::status(501)));
    target.refuses(
        "a bundle that always ends early",
        "could not get",
        of_file(
            |request, right| {
                if request.range.is_some() { Reply::status(501) } else { Reply { pace: Pace::Cut(1000), ..right } }
            },
        ),
    );
    target.recovers();
}

#[test]
fn a_server_without_ranges_or_with_wrong_ones_still_brings_the_update() {
    let wrong: &[(&str, Answer)] = &[
        ("the whole file for a range", |_, bytes| Reply::ok(bytes)),
        ("another range", |request, bytes| {
            let (first, last) = request.range.unwrap();
            let moved = Request { range: Some((first - 1, last - 1)), ..request.clone() };
            Reply::from_bytes(bytes, &moved)
        }),
        ("the bytes of another range", |request, bytes| {
            let (first, last) = request.range.unwrap();
            Reply { body: bytes[first - 1..last].to_vec(), ..Reply::from_bytes(bytes, request) }
        }),
        ("not implemented", |_, _| Reply::status(501)),
        ("not satisfiable", |_, _| Reply::status(416)),
        ("several parts", |_, bytes| {
            let headers = vec![("Content-Type".to_owned(), "multipart/byteranges; boundary=x".to_owned())];
            Reply { status: 206, headers, ..Reply::ok(bytes) }
        }),
    ];
    for (what, reply) in wrong {
        let context = TestContext::new();
        let target = Target::new(&context);
        let (folder, honest) = (target.publisher.folder.clone(), target.honest());
        *target.replies.lock().unwrap() = Box::new(move |request| {
            let is_range = request.path == FILE && request.range.is_some();
            if is_range { reply(request, &fs::read(Path::new(&folder).join(FILE)).unwrap()) } else { honest(request) }
        });
        let said = target.app.clone().args(["self", "update"]).run();
        assert_eq!(said.quiet_stdout(), "tiny is now 2.0; it was 1.0\n", "{what}");
        assert_eq!(target.app.run().stdout, "ran 2.0\n", "{what}");
    }
}
