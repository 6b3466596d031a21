//! What plans say about the prompt cache, against a slow, obvious simulation that walks requests one by one.

mod asks;
mod figures;
mod laws;
mod mutations;
mod near_minimum;
mod planning;
mod routes;
mod scenarios;
mod simulation;
mod variations;
mod workloads;
