//! On a Linux desktop, where nobody reads stderr, a bundle shows windows: with zenity, if there is one, else notifications.

use std::fs::{self, File};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::process::Stdio;

use ekiben_tests::{Os, TestContext, eventually, eventually_some};

/// Or so it seems, until what is returned is dropped.
pub(crate) fn another_start_is_installing(context: &TestContext) -> File {
    let lock = File::open(context.write("installs/hello/lock", "")).unwrap();
    lock.lock().unwrap();
    lock
}

#[test]
fn a_display_that_is_not_there_stops_no_first_start() {
    let context = TestContext::new();
    let bundle = context.bundle("hello", Os::Linux);
    let lock = another_start_is_installing(&context);
    // One that hangs up: so it is known when zenity has come, and to nothing.
    let number = std::process::id();
    let address = SocketAddr::from_abstract_name(format!("/tmp/.X11-unix/X{number}")).unwrap();
    let display = UnixListener::bind_addr(&address).unwrap();
    display.set_nonblocking(true).unwrap();
    let mut first = context.program(&bundle).env("DISPLAY", format!(":{number}")).command();
    let streams = Stdio::null;
    let mut first = first.stdin(streams()).stdout(streams()).stderr(streams()).spawn().unwrap();
    drop(eventually_some("zenity has come", || display.accept().ok()));
    drop(display);
    let children = format!("/proc/{0}/task/{0}/children", first.id());
    eventually("zenity has gone", || fs::read_to_string(&children).unwrap_or_default().is_empty());
    drop(lock);
    assert!(eventually_some("it starts", || first.try_wait().unwrap()).success());
    assert_eq!(context.versions("hello").len(), 1);
}
