use batchwise_findings::Severity;
use batchwise_records::ApiVersion;

use crate::Setting;

/// What holds where the command line says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Check {
    /// The version of the API that the batches will be created with.
    pub api_version: Option<Setting<ApiVersion>>,
    /// The beta headers that they will be created with.
    pub betas: Option<Setting<Vec<String>>>,
    /// The least severity that refuses.
    pub fail_on: Option<Setting<Severity>>,
}
