//! What ekiben notes of a service in the registry: in the service's own key, so that it goes with it.

use crate::service::name::ServiceName;
use crate::sys::windows::registry::Key;

/// The value that says which app's the service is: its id.
pub(super) const APP: &str = "App";

/// The services of this machine.
pub(super) const SERVICES: &str = r"SYSTEM\CurrentControlSet\Services";

/// The notes of a service.
pub(super) fn of(name: &ServiceName) -> Key {
    of_any(name.as_str())
}

/// The same, whatever it is called.
pub(super) fn of_any(name: &str) -> Key {
    Key::of_machine(&[SERVICES, r"\", name, r"\Ekiben"].concat())
}
