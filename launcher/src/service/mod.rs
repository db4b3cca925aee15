//! What an app is as a service, as values and texts: pure, the same on every machine. Who talks to systemd or to Windows is
//! [`crate::sys`]; what an admin types is [`crate::self_cmd`].
//!
//! 1. [`settings`]: the options of `self service install`. The publisher's come first, then those that an admin gave earlier,
//!    then those that were just typed.
//! 2. [`definition`]: what is noted of a service in the install root, so that it can be installed again as it was.
//! 3. Linux: [`unit`] and [`hardening`], the text of the units.
//! 4. Windows: [`restart`], when a program that ended is started again; [`stop`], how it is asked to end; [`event`], what
//!    the event log is told; [`identity`], who it runs as and what that account may do.

pub mod definition;
pub mod event;
pub mod hardening;
pub mod identity;
pub mod name;
pub mod restart;
pub mod settings;
pub mod stop;
pub mod unit;
