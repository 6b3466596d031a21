//! What the environment says about the API: key, address, certificates.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use batchwise_api::{ApiKey, BaseUrl, Timeouts, UreqTransport};

use crate::error::CliError;

/// An environment variable that says something.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// Whether there is a key.
pub(crate) fn has_api_key() -> bool {
    variable(KEY).is_some() || variable(KEY_FILE).is_some()
}

/// The user's key: `ANTHROPIC_API_KEY`, or what is in the file that `ANTHROPIC_API_KEY_FILE` names.
pub(crate) fn api_key() -> Result<ApiKey, CliError> {
    let text = match (variable(KEY), variable(KEY_FILE)) {
        (Some(key), _) => key.to_string_lossy().into_owned(),
        (None, Some(path)) => {
            let path = PathBuf::from(path);
            fs::read_to_string(&path).map_err(|source| CliError::KeyFile { path, source })?
        }
        (None, None) => return Err(CliError::NoKey),
    };
    ApiKey::new(&text).map_err(CliError::Key)
}

const KEY: &str = "ANTHROPIC_API_KEY";
const KEY_FILE: &str = "ANTHROPIC_API_KEY_FILE";

/// Where the API is: the argument, `ANTHROPIC_BASE_URL`, or Anthropic's own.
pub(crate) fn base_url(argument: Option<&str>) -> Result<BaseUrl, CliError> {
    let variable = variable("ANTHROPIC_BASE_URL").map(|url| url.to_string_lossy().into_owned());
    let (origin, url) = match (argument, variable) {
        (Some(url), _) => ("--base-url", url.to_owned()),
        (None, Some(url)) => ("ANTHROPIC_BASE_URL", url),
        (None, None) => ("batchwise itself", BaseUrl::ANTHROPIC.to_owned()),
    };
    BaseUrl::parse(&url).map_err(|source| CliError::BaseUrl { origin, source })
}

/// The network. `SSL_CERT_FILE` names other certificate authorities, as it does for most programs.
pub(crate) fn transport() -> Result<UreqTransport, CliError> {
    let path = variable("SSL_CERT_FILE").map(PathBuf::from);
    let read = |path: &PathBuf| {
        fs::read(path).map_err(|source| CliError::CertificateFile { path: path.clone(), source })
    };
    let authorities = path.as_ref().map(read).transpose()?;
    UreqTransport::new(Timeouts::default(), authorities.as_deref())
        .map_err(|source| CliError::Certificates { path: path.unwrap_or_default(), source })
}
