use batchwise_findings::Severity;

use crate::Setting;

/// The versions of the API that requests may be sent with, the newest last.
/// Source: <https://platform.claude.com/docs/en/api/versioning>.
pub const API_VERSIONS: [&str; 2] = ["2023-06-01", "2026-10-21"];

/// What holds where the command line says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Check {
    /// The version of the API that the batches will be created with, one of [`API_VERSIONS`].
    pub api_version: Option<Setting<&'static str>>,
    /// The beta headers that they will be created with.
    pub betas: Option<Setting<Vec<String>>>,
    /// The least severity that refuses.
    pub fail_on: Option<Setting<Severity>>,
}
