//! One file per rule, named after its id.

use crate::circumstances::Scene;
use crate::flaws::Flaws;
use crate::parameters::{Standing, standing};

pub(crate) mod beta_needed;
pub(crate) mod doubtful_parameter;
pub(crate) mod fallbacks;
pub(crate) mod ignored_parameter;
pub(crate) mod inference_geo;
pub(crate) mod sampling_parameters;
pub(crate) mod speed;
pub(crate) mod stream;
pub(crate) mod unfamiliar_parameter;
pub(crate) mod unknown_parameter;

pub(crate) mod non_batch_model;
pub(crate) mod retiring_model;

pub(crate) mod thinking_always_on;
pub(crate) mod thinking_budget;
pub(crate) mod thinking_form;

pub(crate) mod forced_tool_choice;
pub(crate) mod tool_pairing;
pub(crate) mod unknown_tool_choice;

pub(crate) mod assistant_document;
pub(crate) mod empty_message;
pub(crate) mod message_role;
pub(crate) mod too_many_messages;
pub(crate) mod user_citations;

pub(crate) mod context_window_likely_exceeded;
pub(crate) mod context_window_possible;
pub(crate) mod price_tier_just_above;

pub(crate) mod cache_breakpoint_doubtful;
pub(crate) mod cache_breakpoint_inert;
pub(crate) mod cache_breakpoints;
pub(crate) mod cache_ttl_order;
pub(crate) mod cache_ttl_short;

pub(crate) mod image_too_large;
pub(crate) mod images;
pub(crate) mod too_many_images;
pub(crate) mod url_media;

/// A rule about a request as a whole.
type Check = fn(&Scene<'_>, &mut Flaws);

/// The rules that need no walk over the messages.
pub(crate) const OF_REQUESTS: &[Check] = &[
    stream::check,
    speed::check,
    fallbacks::check,
    check_names,
    doubtful_parameter::check,
    ignored_parameter::check,
    beta_needed::check,
    sampling_parameters::check,
    inference_geo::check,
    non_batch_model::check,
    retiring_model::check,
    thinking_always_on::check,
    thinking_form::check,
    thinking_budget::check,
    forced_tool_choice::check,
    unknown_tool_choice::check,
    too_many_messages::check,
    context_window_likely_exceeded::check,
    context_window_possible::check,
    price_tier_just_above::check,
    cache_breakpoints::check,
    cache_ttl_order::check,
    cache_breakpoint_inert::check,
    cache_breakpoint_doubtful::check,
    cache_ttl_short::check,
];

/// The rules about the names of parameters.
fn check_names(scene: &Scene<'_>, flaws: &mut Flaws) {
    for (name, _) in scene.params().iter() {
        match standing(name) {
            Standing::Known => (),
            unknown @ (Standing::Foreign(_) | Standing::Misspelt(_)) => {
                unknown_parameter::check(name, unknown, flaws)
            }
            unsure @ (Standing::Untried | Standing::Unheard) => {
                unfamiliar_parameter::check(name, unsure, flaws)
            }
        }
    }
}
