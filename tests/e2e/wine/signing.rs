//! As `registry::signing`: the tests that need Wine.

use ekiben_tests::{Os, Wine};

use crate::registry::signing::{OSSLSIGNCODE, Signing};

#[test]
fn a_signature_can_be_taken_off_and_put_on_again() {
    let Some(wine) = Wine::or_skip() else { return };
    let signing = Signing::by(OSSLSIGNCODE);
    signing.build(Os::Windows, &["--quiet"]).success();
    let runs = |name: &str| {
        let file = signing.context.path(name);
        assert_eq!(wine.program(&signing.context, &file).run().quiet_stdout(), "Hello, world!\n", "{name}");
        signing.context.ekiben().arg("verify").arg(&file).run().success();
        // Fails unless there is exactly one.
        signing.context.version_dir("hello")
    };
    let osslsigncode = |arguments: &str| {
        let program = signing.context.program("osslsigncode").args(arguments.split_whitespace());
        program.run().success();
    };
    let version_dir = runs("hello.exe");
    osslsigncode("remove-signature -in hello.exe -out bare.exe");
    assert_ne!(signing.verified(&signing.context.path("bare.exe")).code, Some(0));
    assert_eq!(runs("bare.exe"), version_dir);
    osslsigncode("sign -certs projects/hello/certificate.pem -key projects/hello/key.pem -in bare.exe -out again.exe");
    osslsigncode("sign -certs projects/hello/certificate.pem -key projects/hello/key.pem -in hello.exe -out twice.exe");
    for name in ["again.exe", "twice.exe"] {
        assert_eq!(runs(name), version_dir);
        assert_eq!(signing.verified(&signing.context.path(name)).code, Some(0), "{name}");
    }
}
