//! The application manifest: what the launcher tells Windows before it runs.
//!
//! Elements and namespaces: <https://learn.microsoft.com/en-us/windows/win32/sbscs/application-manifests>. The manifest
//! applies to the launcher. python.exe and pythonw.exe have their own manifest from python.org, so the app's code page, DPI
//! awareness and long paths are as in any CPython. Only administrator rights are passed on to the app.
//!
//! - `supportedOS`: without it, `GetVersionEx` reports an older version and Windows applies compatibility layers. The last one
//!   means 10 and 11.
//! - `activeCodePage`: from Windows 10 1903; makes the `-A` functions speak UTF-8
//!   (<https://learn.microsoft.com/en-us/windows/apps/design/globalizing/use-utf8-code-page>).
//! - `longPathAware`: from Windows 10 1607, where the machine's policy allows it
//!   (<https://learn.microsoft.com/en-us/windows/win32/fileio/maximum-file-path-limitation>).
//! - `dpiAwareness` takes precedence over `dpiAware`, which older systems read
//!   (<https://learn.microsoft.com/en-us/windows/win32/hidpi/setting-the-default-dpi-awareness-for-a-process>).
//! - Common Controls 6: without it, dialogs and progress bars look like those of Windows 2000
//!   (<https://learn.microsoft.com/en-us/windows/win32/controls/cookbook-overview>).

use super::identity::Identity;

/// The level that requests administrator rights.
pub(super) const ADMINISTRATOR: &str = "requireAdministrator";

/// Its text, in UTF-8.
pub(super) fn text(identity: &Identity) -> String {
    let level = if identity.admin { ADMINISTRATOR } else { "asInvoker" };
    // The id contains no character that XML needs to escape.
    format!(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
  <assemblyIdentity type="win32" name="{id}" version="{numbers}" processorArchitecture="amd64"/>
  <dependency>
    <dependentAssembly>
      <assemblyIdentity type="win32" name="Microsoft.Windows.Common-Controls" version="6.0.0.0"
        processorArchitecture="*" publicKeyToken="6595b64144ccf1df" language="*"/>
    </dependentAssembly>
  </dependency>
  <trustInfo xmlns="urn:schemas-microsoft-com:asm.v3">
    <security>
      <requestedPrivileges>
        <requestedExecutionLevel level="{level}" uiAccess="false"/>
      </requestedPrivileges>
    </security>
  </trustInfo>
  <compatibility xmlns="urn:schemas-microsoft-com:compatibility.v1">
    <application>
      <supportedOS Id="{{35138b9a-5d96-4fbd-8e2d-a2440225f93a}}"/>
      <supportedOS Id="{{4a2f28e3-53b9-4441-ba9c-d69d4a4a6e38}}"/>
      <supportedOS Id="{{1f676c76-80e1-4239-95bb-83d0f6d0da78}}"/>
      <supportedOS Id="{{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}}"/>
    </application>
  </compatibility>
  <application xmlns="urn:schemas-microsoft-com:asm.v3">
    <windowsSettings>
      <dpiAware xmlns="http://schemas.microsoft.com/SMI/2005/WindowsSettings">true/pm</dpiAware>
      <dpiAwareness xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">PerMonitorV2, PerMonitor</dpiAwareness>
      <longPathAware xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">true</longPathAware>
      <activeCodePage xmlns="http://schemas.microsoft.com/SMI/2019/WindowsSettings">UTF-8</activeCodePage>
    </windowsSettings>
  </application>
</assembly>
"#,
        id = identity.id,
        numbers = identity.numbers,
    )
}
