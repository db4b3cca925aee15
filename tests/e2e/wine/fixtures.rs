//! As `registry::fixtures`: the tests that need Wine.

use std::thread;

use ekiben_tests::{Os, TestContext, Wine};

use crate::registry::fixtures::{DATA, POOL, RESOURCES};

fn says_under_wine(project: &str, arguments: &[&str], expected: &str) {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let bundle = context.bundle(project, Os::Windows);
    for _ in 0..2 {
        assert_eq!(wine.program(&context, &bundle).args(arguments).run().quiet_stdout(), expected);
    }
}

#[test]
fn hello_runs_under_wine() {
    says_under_wine("hello", &["you", "all"], "Hello, you and all!\n");
}

#[test]
fn compiled_dependencies_built_for_windows_work_under_wine() {
    says_under_wine("data", &[], DATA);
}

#[test]
fn multiprocessing_works_under_wine() {
    says_under_wine("pool", &[], POOL);
}

#[test]
fn package_data_is_found_under_wine() {
    says_under_wine("resources", &[], RESOURCES);
}

#[test]
fn a_terminal_app_draws_its_table_under_wine() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let bundle = context.bundle("terminal", Os::Windows);
    let table = wine.program(&context, &bundle).arg("Toyama").run();
    assert!(table.quiet_stdout().contains("│ pressed trout sushi in bamboo leaves │ ¥2,000 │"), "{table:#?}");
    assert_eq!(wine.program(&context, &bundle).arg("--version").run().quiet_stdout(), "terminal, version 1.4.0\n");
}

#[test]
fn a_network_client_reaches_a_server_on_linux_and_under_wine() {
    let server = tiny_http::Server::http("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", server.server_addr());
    thread::spawn(move || {
        for request in server.incoming_requests() {
            drop(request.respond(tiny_http::Response::from_string("a box of trout")));
        }
    });
    let expected = "200 OK, 14 bytes\na box of trout\n";
    let context = TestContext::new();
    let bundle = context.bundle("terminal", Os::Linux);
    assert_eq!(context.program(&bundle).args(["get", &url]).run().quiet_stdout(), expected);
    let Some(wine) = Wine::or_skip() else { return };
    let bundle = context.bundle("terminal", Os::Windows);
    assert_eq!(wine.program(&context, &bundle).args(["get", &url]).run().quiet_stdout(), expected);
}
