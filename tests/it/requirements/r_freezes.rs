//! Freezes and change windows, which an organisation adds to the preset.

use super::Gate;

#[test]
fn r1_a_freeze_names_approver_scope_dates_and_exit_criteria() {
    let freeze = "[[freeze]]\nmatch = [\"refs/heads/main\", \"refs/tags/**\"]\nfrom = 2020-01-01\nto = 2099-01-01\n\
                  approver = \"the release manager\"\nscope = \"all services\"\nexit-criteria = \"support is back\"\n";
    let gate = Gate::with(freeze);
    gate.switch("work", "main");
    gate.commit("fix: close the file");
    let words = ["GP-REF-060", "the release manager", "all services", "support is back", "2099-01-01"];
    gate.declines("HEAD:main", &words);
    gate.accepts("HEAD:refs/heads/bugfix/PROJ-1");
    for key in ["approver", "scope", "exit-criteria", "from", "to"] {
        let lines = freeze.lines().filter(|line| !line.starts_with(&format!("{key} =")));
        let text = lines.map(|line| format!("{line}\n")).collect::<String>();
        gate.0.repo.write("poor.toml", format!("schema = 1\nextends = [\"preset:regulated\"]\n{text}"));
        gate.0.repo.gatepost(["config", "check", "poor.toml"]).failed(&[2], &[key]);
    }
}

#[test]
fn r2_production_changes_in_its_windows() {
    // Both halves of every day, and the hours that there are none of: what the clock says does not matter.
    let days = "[\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]";
    let window = |from: &str, to: &str| {
        format!(
            "[[window]]\nmatch = [\"refs/heads/main\"]\ndays = {days}\nfrom = \"{from}\"\nto = \"{to}\"\n"
        )
    };
    let gate = Gate::with(&(window("00:00", "12:00") + &window("12:00", "00:00")));
    gate.switch("work", "main");
    gate.commit("fix: close the file");
    gate.lands("HEAD:main");
    // A window of the day after tomorrow alone.
    let gate = Gate::with(&format!(
        "[[window]]\nmatch = [\"refs/heads/main\"]\ndays = [\"{}\"]\nfrom = \"00:00\"\nto = \"23:59\"\n",
        in_two_days()
    ));
    gate.switch("work", "main");
    gate.commit("fix: close the file");
    gate.declines("HEAD:main", &["GP-REF-061"]);
    gate.accepts("HEAD:refs/heads/bugfix/PROJ-1");
}

/// The day of the week that is neither today nor tomorrow, whenever the test runs over midnight.
fn in_two_days() -> &'static str {
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    // 1970-01-01 was a Thursday.
    let days = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"];
    days[usize::try_from((seconds / 86_400 + 2) % 7).unwrap()]
}
