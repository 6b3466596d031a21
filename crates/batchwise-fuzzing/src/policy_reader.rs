/// Reads a policy. A text that is none has problems with places; one that is shows itself as a policy that says the same.
pub fn policy_reader(content: &[u8]) {
    batchwise_policy::fuzz::policy(content);
}
