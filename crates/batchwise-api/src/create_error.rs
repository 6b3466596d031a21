use std::time::Duration;

use crate::ApiError;

/// Why there is no batch, or none that we know of. Making one costs money and cannot be repeated safely, so the two
/// are told apart: whoever takes the second for the first pays twice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CreateError {
    /// The API has made no batch of this: it said no, no connection came about, or it never got the whole body.
    #[error("no batch was made")]
    NotCreated {
        /// Why; [`ApiError::may_pass`] tells whether another attempt has a chance.
        #[source]
        error: ApiError,
        /// How long the API asks to wait before that.
        retry_after: Option<Duration>,
    },
    /// The whole body was handed to the network, and there is no yes and no no: a timeout, a broken connection, 408,
    /// 5xx, a yes that cannot be read, a redirect.
    #[error("nobody knows whether the API made a batch: {detail}")]
    Unclear {
        /// What happened instead: lowercase, no full stop.
        detail: String,
        /// The `request-id`, if there was an answer.
        request_id: Option<String>,
    },
}

impl CreateError {
    pub(crate) fn not_created(error: ApiError) -> CreateError {
        CreateError::NotCreated { error, retry_after: None }
    }
}
