//! What needs root: other accounts, and mounts of a test's own. `EKIBEN_REQUIRE_ROOT=1` lets none of them be skipped.

mod cache_rights;
mod other_accounts;
mod roots;
