//! `gatepost import`: another tool's configuration as a policy. The tools are a registry of `gatepost-compat`; this is
//! the file, the output and the list of what was left.

use crate::args::{Cli, Import};
use crate::exit::Failure;
use crate::output::{Places, say};
use gatepost_compat::{File, IMPORTERS, Importer, Left};
use gatepost_core::policy::nearest;
use gatepost_core::text::{display, escape};
use std::path::Path;
use std::process::ExitCode;

/// The largest file that is read: a configuration is a page or two.
const MOST_BYTES: u64 = 1 << 20;

/// `gatepost import`.
///
/// # Errors
///
/// A tool that is not known, a file that cannot be read, an output that cannot be written.
pub(crate) fn run(cli: &Cli, import: &Import) -> Result<ExitCode, Failure> {
    let importer = find(&import.tool)?;
    let places = Places::new(&cli.common.output, &["human"])?;
    let text = read(&import.file)?;
    let name = import.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let file = File { name: &name, text: &text };
    let imported = (importer.import)(&file).map_err(|error| {
        let place = display(import.file.as_os_str().as_encoded_bytes()).into_owned();
        Failure::usage(format!("{place}: {}", escape(&error.to_string())), error.fix)
    })?;
    places.write(|_, _| Some(imported.policy.clone()))?;
    if !imported.left.is_empty() {
        say(&listed(&imported.left, importer.tool));
    }
    Ok(ExitCode::SUCCESS)
}

fn find(tool: &str) -> Result<&'static Importer, Failure> {
    Importer::find(tool).ok_or_else(|| {
        let known = || IMPORTERS.iter().map(|importer| importer.tool);
        let help = match nearest(tool, known()) {
            Some(near) => format!("gatepost import {near} FILE"),
            None => {
                let rows = IMPORTERS.iter().map(|importer| format!("{} ({})", importer.tool, importer.reads));
                format!("the tools are: {}", rows.collect::<Vec<_>>().join("; "))
            }
        };
        Failure::usage(format!("nothing is known of the configuration of `{}`", escape(tool)), help)
    })
}

fn read(path: &Path) -> Result<String, Failure> {
    let unread = |why: String| {
        let place = display(path.as_os_str().as_encoded_bytes()).into_owned();
        Failure::usage(format!("cannot read {place}: {why}"), "name the tool's configuration file")
    };
    let size = std::fs::metadata(path).map_err(|error| unread(error.to_string()))?.len();
    if size > MOST_BYTES {
        return Err(unread(format!("it has {size} bytes, more than {MOST_BYTES}")));
    }
    let bytes = std::fs::read(path).map_err(|error| unread(error.to_string()))?;
    String::from_utf8(bytes).map_err(|_| unread("it is not UTF-8 text".to_owned()))
}

/// What a policy could not say, a line each.
fn listed(left: &[Left], tool: &str) -> String {
    let what = if left.len() == 1 { "1 thing".to_owned() } else { format!("{} things", left.len()) };
    let mut out = format!("gatepost: {what} of {tool} are not in the policy:");
    for Left { what, why } in left {
        out.push_str(&format!("\n  {}: {}", escape(what), escape(why)));
    }
    if left.len() == 1 {
        out = out.replacen(" are not", " is not", 1);
    }
    out
}
