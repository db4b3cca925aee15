//! Which command lines are `self` commands.

use super::*;

#[test]
fn only_the_word_with_a_verb_is_ours() {
    let call = |word: Option<&str>, line: &str| {
        Call::from_arguments(word, line.split(' ').filter(|part| !part.is_empty()).map(OsString::from))
            .map(|call| call.verb)
    };
    for (line, verb) in [
        ("app self info", Some(Verb::Info)),
        ("app self uninstall --yes", Some(Verb::Uninstall)),
        ("app self", Some(Verb::Help)),
        ("app self --help", Some(Verb::Help)),
        ("app self service", Some(Verb::Help)),
        ("app self service --help", Some(Verb::Help)),
        ("app self service logs -f", Some(Verb::Service(ServiceVerb::Logs))),
        ("app self service call", None),
        ("app self destruct", None),
        ("app info", None),
        ("app", None),
        ("", None),
        ("app x self info", None),
    ] {
        assert_eq!(call(Some("self"), line), verb, "{line}");
    }
    assert_eq!(call(None, "app self info"), None);
    assert_eq!(call(Some("ekiben"), "app self info"), None);
    assert_eq!(call(Some("ekiben"), "app ekiben info"), Some(Verb::Info));
}
