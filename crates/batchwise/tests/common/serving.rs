//! A simulator in a process of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use super::Folder;

/// A server that ends with its test.
pub(crate) struct Serving(Child, String);

impl Serving {
    pub(crate) fn start(folder: &Folder, arguments: &str) -> Serving {
        let mut child = folder.command(arguments).stdin(Stdio::null()).spawn().unwrap();
        let mut told = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut told).unwrap();
        let address = told.trim_end().strip_prefix("listening on http://");
        let address = address.unwrap_or_else(|| panic!("{told}")).to_owned();
        Serving(child, address)
    }

    pub(crate) fn call(&self, method: &str, target: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.1).unwrap();
        let headers = "host: h\r\nx-api-key: k\r\nanthropic-version: 2026-10-21\r\nconnection: close\r\n";
        let length = body.len();
        write!(stream, "{method} {target} HTTP/1.1\r\n{headers}content-length: {length}\r\n\r\n{body}")
            .unwrap();
        let mut heard = String::new();
        stream.read_to_string(&mut heard).unwrap();
        heard
    }
}

impl Serving {
    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.1)
    }

    /// The body of the answer to a question.
    pub(crate) fn get(&self, target: &str) -> serde_json::Value {
        let heard = self.call("GET", target, "");
        let body = heard.split_once("\r\n\r\n").unwrap().1;
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {heard}"))
    }

    /// The custom_ids of all batches that were accepted and have ended, with their results.
    pub(crate) fn accepted(&self) -> Vec<(String, Vec<String>)> {
        let listed = self.get("/v1/messages/batches?limit=1000");
        let batches = listed["data"].as_array().unwrap();
        let ids = |batch: &serde_json::Value| {
            let id = batch["id"].as_str().unwrap();
            let heard = self.call("GET", &format!("/v1/messages/batches/{id}/results"), "");
            // Chunks have their lengths on lines of their own.
            let rows = heard.lines().filter(|line| line.starts_with("{\"custom_id\":\""));
            let ids = rows.map(|row| row.split('"').nth(3).unwrap().to_owned()).collect();
            (id.to_owned(), ids)
        };
        batches.iter().map(ids).collect()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
