//! GitLab CI: `CI_MERGE_REQUEST_*`, `CI_COMMIT_BEFORE_SHA`, `CI_COMMIT_REF_PROTECTED`.

use super::facts::{labels, nothing_of};
use super::{Base, Platform, Proposal, Seen, Variables};
use crate::exit::Failure;
use gatepost_core::pull_request::{Body, Fact, PullRequest, Unknown};

pub(super) static PLATFORM: Platform = Platform {
    name: "GitLab CI",
    documentation: "https://docs.gitlab.com/ci/variables/predefined_variables/",
    is_here: |variables| variables.is_true("GITLAB_CI"),
    look: |variables| Seen { range: range(variables), pull_request: merge_request(variables) },
    deepen: "write `variables: { GIT_DEPTH: \"0\" }` in the job",
};

fn range(variables: &Variables) -> Result<Proposal, Failure> {
    let commit = variables.named("CI_COMMIT_SHA");
    if variables.get("CI_MERGE_REQUEST_IID").is_some() {
        // In a pipeline for merged results CI_COMMIT_SHA is a merge that GitLab made; only there the source's own is told.
        let head = variables.named("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA").or(commit);
        let base = variables
            .named("CI_MERGE_REQUEST_TARGET_BRANCH_SHA")
            .or_else(|| variables.named("CI_MERGE_REQUEST_DIFF_BASE_SHA"));
        let branch = variables.named("CI_MERGE_REQUEST_TARGET_BRANCH_NAME");
        return Ok(Proposal {
            base: Base::Target { branch, commit: base },
            head: head.ok_or_else(no_commit)?,
        });
    }
    let source = variables.get("CI_PIPELINE_SOURCE").unwrap_or_default();
    let is_push = ["push", ""].contains(&source);
    let branch = variables.get("CI_COMMIT_BRANCH").map(str::to_owned);
    let default = variables.named("CI_DEFAULT_BRANCH");
    let is_default =
        branch.as_deref().is_some_and(|own| default.as_ref().is_some_and(|name| name.what == own));
    // What is not a push has nothing before it. Of a branch beside the default one, its own commits are judged.
    if !is_push && (is_default || branch.is_none()) {
        return Err(Failure::usage(
            format!("a GitLab pipeline that was started by `{source}` does not say which commits are new"),
            "run the job in merge request pipelines and on pushes; or name the range: --from-ref, --to-ref; \
             or scan everything: gatepost scan --history",
        ));
    }
    Ok(Proposal {
        base: Base::Before {
            commit: variables.named("CI_COMMIT_BEFORE_SHA").filter(|_| is_push),
            branch,
            default,
            is_protected: variables.is_true("CI_COMMIT_REF_PROTECTED"),
        },
        head: commit.ok_or_else(no_commit)?,
    })
}

fn no_commit() -> Failure {
    Failure::usage("CI_COMMIT_SHA is not set", "pass the variables of the job on to where gatepost runs")
}

fn merge_request(variables: &Variables) -> Option<PullRequest> {
    let number = variables.get("CI_MERGE_REQUEST_IID")?;
    let mut request = nothing_of(format!("merge request !{number}"), "this GitLab");
    if let Some(title) = variables.get("CI_MERGE_REQUEST_TITLE") {
        request.title = Fact::Known(title.to_owned());
        // Since 17.10 a variable says so; before, the title did, and still does.
        let marks = ["draft:", "[draft]", "(draft)"];
        let by_title = || marks.iter().any(|mark| title.trim_start().to_ascii_lowercase().starts_with(mark));
        let told = variables.get("CI_MERGE_REQUEST_DRAFT").map(|value| value.eq_ignore_ascii_case("true"));
        request.draft = Fact::Known(told.unwrap_or_else(by_title));
    }
    // Without labels the variable is not set, or is empty.
    request.labels = Fact::Known(labels(variables.get("CI_MERGE_REQUEST_LABELS").unwrap_or_default()));
    request.body = body(variables);
    Some(request)
}

fn body(variables: &Variables) -> Fact<Body> {
    let cut = Unknown {
        why: "GitLab passes on the first 2700 characters of a description".to_owned(),
        fix: "put what is asked for at the beginning, or hand the whole over with --pull-request FILE (docs/ci.md)"
            .to_owned(),
    };
    let told = variables.get_even_empty("CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED");
    match (variables.get_even_empty("CI_MERGE_REQUEST_DESCRIPTION"), told) {
        (Some(text), told) => {
            // Before 16.8 nobody said whether it was cut.
            let is_cut = match told {
                Some(told) => told.eq_ignore_ascii_case("true"),
                None => text.chars().count() >= 2700,
            };
            Fact::Known(Body { text: text.to_owned(), cut: is_cut.then_some(cut) })
        }
        // A description that nobody wrote.
        (None, Some(_)) => Fact::Known(Body { text: String::new(), cut: None }),
        (None, None) => Fact::unknown(
            "GitLab passes descriptions on since 16.7",
            "hand it over with --pull-request FILE (docs/ci.md), or set `unknown = \"note\"` in [pull-request]",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ci::Named;

    fn request(more: &[(&str, &str)]) -> PullRequest {
        let mut variables = vec![("CI_MERGE_REQUEST_IID", "5"), ("CI_MERGE_REQUEST_TITLE", "feat: x")];
        variables.extend(more);
        merge_request(&Variables::of(&variables)).unwrap()
    }

    #[test]
    fn a_description_is_whole_cut_empty_or_not_told() {
        let body = |more: &[(&str, &str)]| request(more).body;
        let cut = |body: &Fact<Body>| body.known().map(|body| body.cut.is_some());
        let text = ("CI_MERGE_REQUEST_DESCRIPTION", "text");
        let flag = |value| ("CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED", value);
        assert_eq!(cut(&body(&[text, flag("false")])), Some(false));
        assert_eq!(cut(&body(&[text, flag("true")])), Some(true));
        assert_eq!(cut(&body(&[text])), Some(false));
        assert_eq!(cut(&body(&[("CI_MERGE_REQUEST_DESCRIPTION", &"x".repeat(2700))])), Some(true));
        assert_eq!(body(&[flag("false")]).known().map(|body| body.text.as_str()), Some(""));
        assert!(body(&[]).known().is_none());
    }

    #[test]
    fn a_draft_is_known_by_the_variable_or_by_the_title() {
        let draft = |more: &[(&str, &str)]| request(more).draft.known().copied();
        assert_eq!(draft(&[]), Some(false));
        assert_eq!(draft(&[("CI_MERGE_REQUEST_DRAFT", "true")]), Some(true));
        assert_eq!(draft(&[("CI_MERGE_REQUEST_TITLE", "Draft: feat: x")]), Some(true));
        assert_eq!(request(&[("CI_MERGE_REQUEST_LABELS", "risk:low, bug")]).labels.known().unwrap().len(), 2);
    }

    #[test]
    fn merged_results_are_judged_without_the_merge() {
        let proposal = range(&Variables::of(&[
            ("CI_MERGE_REQUEST_IID", "5"),
            ("CI_COMMIT_SHA", "c1"),
            ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "a1"),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", "b1"),
            ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "d1"),
        ]))
        .unwrap();
        assert_eq!(proposal.head, Named::new("a1", "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"));
        let Base::Target { commit, .. } = proposal.base else { panic!("{:?}", proposal.base) };
        assert_eq!(commit, Some(Named::new("b1", "CI_MERGE_REQUEST_TARGET_BRANCH_SHA")));
    }

    #[test]
    fn a_scheduled_pipeline_of_the_default_branch_has_no_range() {
        let pipeline = |source: &str, branch: &str| {
            range(&Variables::of(&[
                ("CI_COMMIT_SHA", "c1"),
                ("CI_COMMIT_BRANCH", branch),
                ("CI_DEFAULT_BRANCH", "main"),
                ("CI_PIPELINE_SOURCE", source),
                ("CI_COMMIT_BEFORE_SHA", "0000000000000000000000000000000000000000"),
            ]))
        };
        assert!(pipeline("schedule", "main").is_err() && pipeline("web", "main").is_err());
        assert!(pipeline("web", "topic").is_ok() && pipeline("push", "main").is_ok());
    }
}
