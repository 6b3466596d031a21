//! `batchwise simulate`: what it says, and that it serves.

mod common;

use common::serving::Serving;
use common::{Folder, good};

#[test]
fn a_batch_is_made_and_ends() {
    let folder = Folder::with("").file("faults.toml", "[processing]\nseconds_min = 20\nseconds_max = 20\n\n[[fault]]\non = \"models\"\ndo = \"spend-cap\"\n");
    let server = Serving::start(&folder, "simulate --seed 3 --time-scale 100 --faults faults.toml");
    assert!(server.call("GET", "/v1/models", "").starts_with("HTTP/1.1 429 "));
    let made = server.call("POST", "/v1/messages/batches", &format!("{{\"requests\":[{}]}}", good("a")));
    assert!(made.starts_with("HTTP/1.1 200 OK\r\n"), "{made}");
    let id = made.split("\"id\":\"").nth(1).unwrap().split('"').next().unwrap();
    let ask = || server.call("GET", &format!("/v1/messages/batches/{id}"), "");
    let asked = ask();
    assert!(asked.contains("\r\nretry-after: 1\r\n") || asked.contains("\"ended\""), "{asked}");
    while !ask().contains("\"ended\"") {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(server.call("GET", &format!("/v1/messages/batches/{id}/results"), "").contains("\"succeeded\""));
}

#[test]
fn what_cannot_be_served_is_told() {
    let folder = Folder::with("").file("faults.toml", "[[fault]]\non = \"create\"\ndo = \"list-lag\"\n");
    insta::assert_snapshot!(folder.run("simulate --listen 0.0.0.0:0").complaint(), @r"
    error: other machines can reach 0.0.0.0:0: add --allow-remote if they may, or listen on 127.0.0.1:0
    exit code 2
    ");
    insta::assert_snapshot!(folder.run("simulate --faults faults.toml").complaint(), @r"
    error: cannot use the faults faults.toml: fault 1: this cannot happen to these calls
    exit code 2
    ");
    insta::assert_snapshot!(folder.run("simulate --faults none.toml").complaint(), @r"
    error: cannot read the faults none.toml: No such file or directory (os error 2)
    exit code 2
    ");
    assert_eq!(folder.run("simulate --time-scale 0").code, 2);
    assert_eq!(folder.run("simulate --listen nowhere").code, 2);
}
