//! What needs root: other accounts, and mounts of a test's own. `EKIBEN_REQUIRE_ROOT=1` lets none of them be skipped.

mod access_rights;
mod c_library;
mod cache_rights;
mod file_systems;
mod like_python;
pub(crate) mod other_accounts;
mod output_names;
mod publishing;
mod roots;
mod scarce_resources;
mod service_accounts;
mod service_kill_points;
mod service_kinds;
mod service_servers;
mod service_stops;
mod service_updates;
mod services;
mod share;
mod signing;
mod windows_roots;
