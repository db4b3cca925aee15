//! The JSON schema of the settings, for editors: `docs/ekiben.schema.json`.

/// The schema as a text.
pub const SCHEMA: &str = include_str!("../../../docs/ekiben.schema.json");

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use launcher::service::settings::CHOICES;
    use serde_json::Value;

    use super::super::document::Document;
    use super::super::settings::Settings;
    use super::super::{settings, sign, update, windows};
    use super::SCHEMA;

    fn schema() -> Value {
        serde_json::from_str(SCHEMA).unwrap()
    }

    #[test]
    fn the_schema_has_every_key_and_no_other() {
        let schema = schema();
        let named = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<BTreeSet<_>>();
        let in_schema = |table: &Value| table["properties"].as_object().unwrap().keys().cloned().collect();
        let service: Vec<_> = CHOICES.iter().map(|c| c.name.trim_start_matches('-')).chain(["arguments"]).collect();
        for (table, keys) in [
            (&schema, settings::KEYS),
            (&schema["properties"]["windows"], windows::KEYS),
            (&schema["properties"]["sign"], sign::KEYS),
            (&schema["properties"]["update"], update::KEYS),
            (&schema["properties"]["service"], &service),
        ] {
            let found: BTreeSet<String> = in_schema(table);
            assert_eq!(found, named(keys));
            assert_eq!(table["additionalProperties"], Value::Bool(false));
        }
    }

    #[test]
    fn every_example_in_the_documents_is_valid_by_the_schema_and_by_the_reader() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
        let mut examples = Vec::new();
        for file in fs::read_dir(&docs).unwrap().map(|entry| entry.unwrap().path()) {
            if file.extension().is_some_and(|extension| extension == "md") {
                let text = fs::read_to_string(&file).unwrap();
                examples.extend(blocks(&text));
                if file.ends_with("CONFIG.md") {
                    examples.extend(rows(&text));
                }
            }
        }
        assert!(examples.len() > 40, "{examples:#?}");
        for example in examples {
            let table: toml::Table = example.parse().unwrap_or_else(|e| panic!("{e}: {example}"));
            let settings = match table.get("tool").and_then(|tool| tool.get("ekiben")) {
                Some(settings) => settings.clone(),
                None => toml::Value::Table(table),
            };
            let complaint = complaint(&schema(), &serde_json::to_value(&settings).unwrap());
            assert_eq!(complaint, None, "{example}");
            let text = toml::to_string(&settings).unwrap();
            let document = Document::parse(Path::new("ekiben.toml"), &text).unwrap();
            assert!(
                Settings::in_own_file(&document).is_ok(),
                "{example}: {:?}",
                Settings::in_own_file(&document).err()
            );
        }
    }

    #[test]
    fn what_the_reader_refuses_is_not_valid_by_the_schema() {
        for text in [
            "entry-piont = \"a\"",
            "python = 3.13",
            "python = \"2\"",
            "glibc = \"3.1\"",
            "extras = \"gui\"",
            "keep-versions = 0",
            "self-command = true",
            "compression = \"good\"",
            "windows.colour = \"red\"",
            "service.stop-codes = [\"x\"]",
            "sign.stdin = \"x\"",
        ] {
            let table: toml::Table = text.parse().unwrap();
            assert!(complaint(&schema(), &serde_json::to_value(table).unwrap()).is_some(), "{text}");
        }
    }

    /// The TOML blocks that have settings of ours: those with `[tool.ekiben]`, and those that are an `ekiben.toml`.
    fn blocks(text: &str) -> Vec<String> {
        let blocks = text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
        blocks
            .filter(|block| block.contains("[tool.ekiben") || block.starts_with("# ekiben.toml"))
            .map(str::to_owned)
            .collect()
    }

    /// `key = example` of the rows of the tables of keys: the first code in the first and all codes in the last column that
    /// are values.
    fn rows(text: &str) -> Vec<String> {
        let mut prefix = "";
        let mut found = Vec::new();
        for line in text.lines() {
            prefix = match line {
                _ if line.starts_with("## As a service") => "service.",
                _ if line.starts_with("## Updates") => "update.",
                _ if line.starts_with("## ") => "",
                _ => prefix,
            };
            let cells: Vec<_> = line.split(" | ").collect();
            let (Some(first), Some(last)) = (cells.first(), cells.last()) else { continue };
            let key = first.strip_prefix("| `").and_then(|rest| rest.split('`').next());
            let Some(key) = key.filter(|key| cells.len() == 3 && !key.contains('<')) else { continue };
            let value = last.split('`').nth(1).filter(|_| last.starts_with('`'));
            found.extend(value.map(|value| format!("{prefix}{key} = {value}\n")));
        }
        // A command alone is not enough without its file, nor are its variables without a command, nor a channel without keys.
        found.retain(|row| !row.starts_with("sign.") && !row.starts_with("update."));
        found
    }

    /// Why a value is not valid; only the words of JSON schema that ours has.
    fn complaint(schema: &Value, value: &Value) -> Option<String> {
        let words = schema.as_object().unwrap();
        words.iter().find_map(|(word, rule)| match word.as_str() {
            "$schema" | "title" | "description" | "default" | "additionalProperties" | "items" => None,
            "type" => {
                let fits = match rule.as_str().unwrap() {
                    "string" => value.is_string(),
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_i64() || value.is_u64(),
                    "array" => value.is_array(),
                    "object" => value.is_object(),
                    other => panic!("{other}"),
                };
                let below = || parts(schema, value).find_map(|(schema, value)| complaint(schema, value));
                if fits { below() } else { Some(format!("{value} is not a {rule}")) }
            }
            "properties" => value.as_object()?.iter().find_map(|(name, value)| {
                match (rule.get(name), &schema["additionalProperties"]) {
                    (Some(rule), _) => complaint(rule, value),
                    (None, _) => Some(format!("no key {name}")),
                }
            }),
            "enum" => (!rule.as_array().unwrap().contains(value)).then(|| format!("{value} is none of {rule}")),
            "anyOf" => {
                let fits = rule.as_array().unwrap().iter().any(|rule| complaint(rule, value).is_none());
                (!fits).then(|| format!("{value} is none of these"))
            }
            "minimum" => (value.as_i64() < rule.as_i64()).then(|| format!("{value} is too small")),
            "maxLength" => (value.as_str()?.len() as u64 > rule.as_u64()?).then(|| format!("{value} is too long")),
            // All are of versions: `^3\.` and more.
            "pattern" => {
                let major = rule.as_str()?.trim_start_matches('^').split('\\').next()?;
                let fits = value.as_str()?.strip_prefix(major).is_some_and(|rest| rest.starts_with('.'));
                (!fits).then(|| format!("{value} is not like {rule}"))
            }
            "required" => {
                let missing = |name: &&Value| value.get(name.as_str().unwrap()).is_none();
                rule.as_array().unwrap().iter().find(missing).map(|name| format!("{name} is missing"))
            }
            other => panic!("the schema says `{other}`, which this test does not know"),
        })
    }

    /// Items of a list, and values of a table whose keys are free.
    fn parts<'a>(schema: &'a Value, value: &'a Value) -> impl Iterator<Item = (&'a Value, &'a Value)> {
        let items = value.as_array().into_iter().flatten().filter_map(|item| Some((schema.get("items")?, item)));
        let free = schema.get("additionalProperties").filter(|rule| rule.is_object());
        let values = value.as_object().into_iter().flatten().filter_map(move |(_, value)| Some((free?, value)));
        items.chain(values)
    }
}
