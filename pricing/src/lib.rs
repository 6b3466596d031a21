//! The price book of the Claude models, as embedded TOML files.
//!
//! Data only. `batchwise-pricing` reads it and keeps its rules; how to change it is written in the
//! `README.md` beside the files.

macro_rules! file {
    ($path:literal) => {
        ($path, include_str!(concat!("../", $path)))
    };
}

/// Every file of the price book with its path below `pricing/`, in the order of the paths.
pub const FILES: &[(&str, &str)] = &[
    file!("book.toml"),
    file!("limits.toml"),
    file!("models/claude-3-5-haiku-20241022.toml"),
    file!("models/claude-3-5-sonnet-20240620.toml"),
    file!("models/claude-3-5-sonnet-20241022.toml"),
    file!("models/claude-3-7-sonnet-20250219.toml"),
    file!("models/claude-3-haiku-20240307.toml"),
    file!("models/claude-3-opus-20240229.toml"),
    file!("models/claude-3-sonnet-20240229.toml"),
    file!("models/claude-fable-5-1.toml"),
    file!("models/claude-fable-5-2.toml"),
    file!("models/claude-fable-5.toml"),
    file!("models/claude-haiku-4-5-20251001.toml"),
    file!("models/claude-haiku-5-5.toml"),
    file!("models/claude-mythos-5-1.toml"),
    file!("models/claude-mythos-5-2.toml"),
    file!("models/claude-mythos-5.toml"),
    file!("models/claude-mythos-preview.toml"),
    file!("models/claude-opus-4-1-20250805.toml"),
    file!("models/claude-opus-4-20250514.toml"),
    file!("models/claude-opus-4-5-20251101.toml"),
    file!("models/claude-opus-4-6.toml"),
    file!("models/claude-opus-4-7.toml"),
    file!("models/claude-opus-4-8.toml"),
    file!("models/claude-opus-5-5.toml"),
    file!("models/claude-opus-5.toml"),
    file!("models/claude-sonnet-4-20250514.toml"),
    file!("models/claude-sonnet-4-5-20250929.toml"),
    file!("models/claude-sonnet-4-6.toml"),
    file!("models/claude-sonnet-5-5.toml"),
    file!("models/claude-sonnet-5.toml"),
];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::FILES;

    fn toml_files(folder: &str) -> Vec<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let names =
            fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".toml") && name != "Cargo.toml").collect()
    }

    #[test]
    fn the_list_is_the_folder() {
        let models = toml_files("models").into_iter().map(|name| format!("models/{name}"));
        let mut present: Vec<String> = toml_files(".").into_iter().chain(models).collect();
        present.sort();
        let embedded: Vec<&str> = FILES.iter().map(|(path, _)| *path).collect();
        assert_eq!(embedded, present);
    }
}
