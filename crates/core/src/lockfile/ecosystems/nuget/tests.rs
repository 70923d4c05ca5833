//! Projects and locks written for these tests, in the form that NuGet documents (learn.microsoft.com, "`PackageReference` in
//! project files") and its source writes (`PackagesLockFileFormat`).

use super::*;
use crate::lockfile::{Answer, Drift};
use proptest::prelude::*;

const PROJECT: &str = r#"<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net8.0</TargetFramework>
    <RestorePackagesWithLockFile>true</RestorePackagesWithLockFile>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Acme.A" Version="1.2.0" />
    <PackageReference Include="Acme.B">
      <Version>[2.0]</Version>
      <PrivateAssets>all</PrivateAssets>
    </PackageReference>
    <ProjectReference Include="..\lib\Lib.csproj" />
  </ItemGroup>
</Project>
"#;

const LIB: &str = r#"<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFrameworks>netstandard2.0;net6.0</TargetFrameworks>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Acme.C" Version="3.*" />
    <PackageReference Include="Acme.Classic" Version="1.0.0" Condition="'$(TargetFramework)' == 'netstandard2.0'" />
    <PackageReference Include="Acme.Analyzer" Version="1.0.0" PrivateAssets="All" />
  </ItemGroup>
</Project>
"#;

const LOCKED: &str = r#"{
  "version": 1,
  "dependencies": {
    "net8.0": {
      "Acme.A": {
        "type": "Direct",
        "requested": "[1.2.0, )",
        "resolved": "1.2.0",
        "contentHash": "AAAA",
        "dependencies": { "Acme.T": "1.0.0" }
      },
      "Acme.B": {
        "type": "Direct",
        "requested": "[2.0.0, 2.0.0]",
        "resolved": "2.0.0",
        "contentHash": "BBBB"
      },
      "Acme.T": {
        "type": "Transitive",
        "resolved": "1.0.0",
        "contentHash": "TTTT"
      },
      "lib": {
        "type": "Project",
        "dependencies": { "Acme.C": "[3.*, )" }
      }
    }
  }
}
"#;

const LOCK_PATH: &str = "app/packages.lock.json";

fn judge_all(files: &[(&str, &str)]) -> Verdict {
    let read = |path: &str, _: u64| {
        let text = files.iter().rev().find(|(known, _)| *known == path).map(|(_, text)| *text);
        Ok(text.map(|text| text.as_bytes().to_vec()))
    };
    let tree = Tree::new(files.iter().map(|(path, _)| *path).collect(), &read);
    let pairs = NuGet.pairs(&tree);
    let pair = pairs.iter().find(|pair| pair.lock.as_deref() == Some(LOCK_PATH)).unwrap();
    NuGet.judge(&tree, pair)
}

/// The base with files in place of its own, or more of them.
fn judge(files: &[(&str, &str)]) -> Verdict {
    let base = [("app/App.csproj", PROJECT), ("lib/Lib.csproj", LIB), (LOCK_PATH, LOCKED)];
    judge_all(&[&base, files].concat())
}

fn drifts(files: &[(&str, &str)]) -> Vec<(Option<Drift>, String)> {
    judge(files).reasons.into_iter().map(|reason| (reason.drift, reason.what)).collect()
}

fn is(files: &[(&str, &str)], drift: Drift) {
    let found = drifts(files);
    assert!(!found.is_empty() && found.iter().all(|(found, _)| *found == Some(drift)), "{found:?}");
}

fn is_open(files: &[(&str, &str)]) {
    let verdict = judge(files);
    assert_eq!(verdict.strict(), Answer::CannotTell, "{:?}", verdict.reasons);
    assert_eq!(verdict.rewrite(), Answer::CannotTell);
}

#[test]
fn a_lock_that_says_what_its_project_says_is_in_sync() {
    assert_eq!(drifts(&[]), []);
    let formatted = PROJECT.replace("1.2.0", " 1.2 ").replace("\n", "\r\n");
    assert_eq!(drifts(&[("app/App.csproj", &format!("\u{feff}{formatted}"))]), []);
    // What hangs on the framework alone is decided.
    let more = PROJECT.replace("<ProjectReference", "<PackageReference Include=\"X\" Version=\"1\" Condition=\"'$(TargetFramework)' == 'net6.0'\" /><ProjectReference");
    assert_eq!(drifts(&[("app/App.csproj", &more)]), []);
    let third = LOCKED.replace("\"version\": 1", "\"version\": 3").replace(
        "  \"dependencies\": {\n    \"net8.0\": {",
        "  \"mine\": {\n    \"framework\": \"net8.0\",\n    \"dependencies\": {",
    );
    assert_eq!(drifts(&[(LOCK_PATH, &third)]), []);
}

#[test]
fn packages_are_compared() {
    let project = |from: &str, to: &str| PROJECT.replace(from, to);
    let lock = |from: &str, to: &str| LOCKED.replace(from, to);
    let own = "app/App.csproj";
    is(&[(own, &project("1.2.0", "1.3.0"))], Drift::RecordStale);
    is(&[(own, &project("[2.0]", "2.0"))], Drift::RecordStale);
    is(
        &[(
            own,
            &project(
                "<ProjectReference",
                "<PackageReference Include=\"Acme.T\" Version=\"1.0.0\" /><ProjectReference",
            ),
        )],
        Drift::NotLocked,
    );
    is(
        &[(own, &project("<PackageReference Include=\"Acme.A\" Version=\"1.2.0\" />", ""))],
        Drift::NotAskedFor,
    );
    is(&[(own, &project("<TargetFramework>net8.0", "<TargetFramework>net9.0"))], Drift::SettingsDiffer);
    is(
        &[(
            own,
            &project("</PropertyGroup>", "<RuntimeIdentifier>linux-x64</RuntimeIdentifier></PropertyGroup>"),
        )],
        Drift::SettingsDiffer,
    );
    is(&[(own, &project("LockFile>true", "LockFile>false"))], Drift::SettingsDiffer);
    is(&[(LOCK_PATH, &lock("\"version\": 1", "\"version\": 4"))], Drift::VersionUnknown);
    is(&[(LOCK_PATH, &lock("\"version\": 1,", "\"version\": 1"))], Drift::Unreadable);
    is(&[(LOCK_PATH, "[]")], Drift::Unreadable);
    is(&[(LOCK_PATH, &lock("\"lib\"", "\"other\""))], Drift::NotLocked);
    is(&[(LOCK_PATH, &lock("[3.*, )", "[2.*, )"))], Drift::RecordStale);
    is(&[("lib/Lib.csproj", &LIB.replace(" PrivateAssets=\"All\"", ""))], Drift::RecordStale);
    is(&[(LOCK_PATH, &lock("\"[3.*, )\"", "\"[3.*, )\", \"Acme.D\": \"[1.0.0, )\""))], Drift::RecordStale);
    let verdict = judge(&[(own, &project("1.2.0", "1.3.0"))]);
    let reason = &verdict.reasons[0];
    assert_eq!(reason.mend, "dotnet restore app/App.csproj");
    assert_eq!((reason.expected.as_deref(), reason.found.as_deref()), (Some("1.3.0"), Some("[1.2.0, )")));
    assert_eq!(reason.manifest.as_ref().and_then(crate::lockfile::Place::line), Some(7));
    assert_eq!(reason.lock.as_ref().and_then(crate::lockfile::Place::line), Some(5));
    assert_eq!((verdict.strict(), verdict.rewrite()), (Answer::OutOfSync, Answer::OutOfSync));
    let locked_mode = PROJECT
        .replace("1.2.0", "1.3.0")
        .replace("<TargetFramework>", "<RestoreLockedMode>true</RestoreLockedMode><TargetFramework>");
    assert_eq!(
        judge(&[(own, &locked_mode)]).reasons[0].mend,
        "dotnet restore app/App.csproj -p:RestoreLockedMode=false"
    );
}

#[test]
fn what_the_files_do_not_say_is_open() {
    let project = |from: &str, to: &str| PROJECT.replace(from, to);
    let own = "app/App.csproj";
    for (from, to) in [
        ("1.2.0", "$(AcmeVersion)"),
        ("1.2.0", "1.2.0\" Condition=\"'$(CI)' == 'true'"),
        ("1.2.0", "*"),
        ("Microsoft.NET.Sdk", "Acme.Sdk/1.0"),
        (" Sdk=\"Microsoft.NET.Sdk\"", ""),
        ("<PropertyGroup>", "<Import Project=\"$(Elsewhere)\\x.props\" /><PropertyGroup>"),
        ("<PropertyGroup>", "<Import Project=\"missing.props\" /><PropertyGroup>"),
        ("<PropertyGroup>", "<PropertyGroup><NuGetLockFilePath>x.json</NuGetLockFilePath>"),
        ("<PropertyGroup>", "<PropertyGroup><PublishAot>true</PublishAot>"),
        (
            "<PropertyGroup>",
            "<Target Name=\"T\"><ItemGroup><PackageReference Include=\"X\" /></ItemGroup></Target><PropertyGroup>",
        ),
        ("<TargetFramework>net8.0", "<TargetFramework Condition=\"$(X)\">net8.0"),
        ("<TargetFramework>net8.0", "<TargetFramework>uap10.0"),
        ("..\\lib\\", "..\\gone\\"),
        ("</Project>", ""),
        ("<Project ", "<!DOCTYPE a [<!ENTITY b \"c\">]><Project "),
    ] {
        is_open(&[(own, &project(from, to))]);
    }
    is_open(&[("app/Other.csproj", PROJECT)]);
    is_open(&[("Directory.Build.rsp", "/p:X=1\n")]);
    is_open(&[(
        LOCK_PATH,
        &LOCKED.replace("Acme.T\": {", "FSharp.Core\": {").replace("Transitive", "Direct"),
    )]);
    let added = |name: &str| {
        LOCKED.replace("\"Acme.T\": {", &format!("\"{name}\": {{")).replace("Transitive", "Direct")
    };
    is_open(&[(LOCK_PATH, &added("Microsoft.AspNetCore.App.Internal.Assets"))]);
    assert_eq!(judge(&[(LOCK_PATH, &added("Microsoft.NET.Test.Sdk"))]).strict(), Answer::OutOfSync);
    // A package that nothing is known of does not hide one that is wrong.
    let both = PROJECT.replace("1.2.0", "$(V)").replace("[2.0]", "[2.1]");
    assert_eq!(judge(&[(own, &both)]).strict(), Answer::OutOfSync);
}

#[test]
fn files_above_count() {
    let own = "app/App.csproj";
    let props = "<Project><PropertyGroup><AcmeVersion>1.2.0</AcmeVersion></PropertyGroup></Project>";
    let project = PROJECT.replace("\"1.2.0\"", "\"$(AcmeVersion)\"");
    assert_eq!(drifts(&[(own, &project), ("Directory.Build.props", props)]), []);
    is(&[(own, &project), ("Directory.Build.props", &props.replace("1.2.0", "1.2.1"))], Drift::RecordStale);
    // The nearest one alone, unless it imports the next.
    is_open(&[
        (own, &project),
        ("Directory.Build.props", props),
        ("app/Directory.Build.props", "<Project />"),
    ]);
    let import = "<Project><Import Project=\"$([MSBuild]::GetPathOfFileAbove('Directory.Build.props', '$(MSBuildThisFileDirectory)../'))\" /></Project>";
    assert_eq!(
        drifts(&[(own, &project), ("Directory.Build.props", props), ("app/Directory.Build.props", import)]),
        []
    );
    let more =
        "<Project><ItemGroup><PackageReference Include=\"Acme.X\" Version=\"1.0\" /></ItemGroup></Project>";
    let found = judge(&[("Directory.Build.targets", more)]);
    assert_eq!(
        found.reasons[0].manifest.as_ref().map(|place| place.path.as_str()),
        Some("Directory.Build.targets")
    );
}

#[test]
fn each_framework_has_its_own_answer() {
    let own = "app/App.csproj";
    let many = PROJECT
        .replace(
            "<TargetFramework>net8.0</TargetFramework>",
            "<TargetFrameworks>net8.0;net6.0</TargetFrameworks>",
        )
        .replace("\"1.2.0\" />", "\"1.2.0\" Condition=\"'$(TargetFramework)' == 'net8.0'\" />");
    let entries =
        LOCKED.split_once("\"net8.0\": ").and_then(|(_, rest)| rest.rsplit_once("\n  }\n}")).unwrap().0;
    let (first, rest) = entries.split_once("\"Acme.A\"").unwrap();
    let (_, rest) = rest.split_once("},\n      \"Acme.B\"").unwrap();
    let both = LOCKED.replace("\"net8.0\": ", &format!("\"net6.0\": {first}\"Acme.B\"{rest}, \"net8.0\": "));
    assert_eq!(drifts(&[(own, &many), (LOCK_PATH, &both)]), []);
    is(&[(own, &many.replace("== 'net8.0'", "!= ''")), (LOCK_PATH, &both)], Drift::NotLocked);
    // Where there is one framework alone, what is read before it is set does not know it.
    let props = "<Project><PropertyGroup Condition=\"'$(TargetFramework)' == 'net8.0'\"><V>9</V></PropertyGroup></Project>";
    let project = PROJECT
        .replace("<PropertyGroup>", "<PropertyGroup><V Condition=\"'$(V)' == ''\">1.2.0</V>")
        .replace("\"1.2.0\"", "\"$(V)\"");
    assert_eq!(drifts(&[(own, &project), ("Directory.Build.props", props)]), []);
}

#[test]
fn the_mend_names_the_project_as_a_shell_takes_it() {
    let files = [
        ("app/My App.csproj", PROJECT.replace("1.2.0", "1.3.0")),
        ("lib/Lib.csproj", LIB.to_owned()),
        (LOCK_PATH, LOCKED.to_owned()),
    ];
    let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    assert_eq!(judge_all(&files).reasons[0].mend, "dotnet restore 'app/My App.csproj'");
}

#[test]
fn central_versions_count() {
    let central = "<Project>\n<PropertyGroup><ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally></PropertyGroup>\n<ItemGroup>\n<PackageVersion Include=\"Acme.A\" Version=\"1.2.0\" />\n<PackageVersion Include=\"Acme.B\" Version=\"[2.0]\" />\n<PackageVersion Include=\"Acme.C\" Version=\"3.*\" />\n<PackageVersion Include=\"Acme.Analyzer\" Version=\"1.0.0\" />\n</ItemGroup></Project>";
    let project = PROJECT.replace(" Version=\"1.2.0\"", "").replace("<Version>[2.0]</Version>", "");
    let lib = LIB
        .replace(" Version=\"3.*\"", "")
        .replace("\"Acme.Analyzer\" Version=\"1.0.0\"", "\"Acme.Analyzer\"");
    let lib = lib.replace("\"Acme.Classic\" Version=\"1.0.0\"", "\"Acme.Classic\"");
    let lock = LOCKED.replace("\"version\": 1", "\"version\": 2");
    let with = |central: &str, lock: &str, project: &str| {
        let files = [
            ("app/App.csproj", project),
            ("lib/Lib.csproj", &lib),
            (LOCK_PATH, lock),
            ("Directory.Packages.props", central),
        ];
        drifts(&files).into_iter().map(|(drift, _)| drift).collect::<Vec<_>>()
    };
    assert_eq!(with(central, &lock, &project), []);
    assert_eq!(with(&central.replace("1.2.0", "1.2.1"), &lock, &project), [Some(Drift::RecordStale)]);
    let own = project.replace("\"Acme.A\"", "\"Acme.A\" VersionOverride=\"1.2.0\"");
    assert_eq!(with(&central.replace("1.2.0", "1.2.1"), &lock, &own), []);
    let pinned = central.replace(
        "<PackageVersion Include=\"Acme.C\"",
        "<PackageVersion Include=\"Acme.T\" Version=\"1.0.0\" /><PackageVersion Include=\"Acme.C\"",
    );
    assert_eq!(with(&pinned, &lock, &project), [Some(Drift::RecordStale)]);
    let known = lock.replace(
        "\"type\": \"Transitive\",",
        "\"type\": \"CentralTransitive\", \"requested\": \"[1.0.0, )\",",
    );
    assert_eq!(with(&pinned, &known, &project), []);
    assert_eq!(
        with(
            &pinned.replace("\"Acme.T\" Version=\"1.0.0\"", "\"Acme.T\" Version=\"1.0.1\""),
            &known,
            &project
        ),
        [Some(Drift::RecordStale)]
    );
    assert_eq!(with(central, &known, &project), [Some(Drift::RecordStale)]);
}

#[test]
fn locks_find_their_projects() {
    let read = |_: &str, _: u64| Ok(Some(b"<Project />".to_vec()));
    let paths = vec![
        "a/A.csproj",
        "a/packages.lock.json",
        "b/B B.csproj",
        "b/C.csproj",
        "b/packages.B_B.lock.json",
        "b/packages.lock.json",
        "c/packages.lock.json",
        "d/x.cs",
        "d/packages.lock.json",
        "a/obj/packages.lock.json",
    ];
    let pairs = NuGet.pairs(&Tree::new(paths, &read));
    let found: Vec<_> =
        pairs.iter().map(|pair| (pair.manifest.as_deref(), pair.lock.as_deref().unwrap())).collect();
    assert_eq!(
        found,
        [
            (Some("a/A.csproj"), "a/packages.lock.json"),
            (Some("b/B B.csproj"), "b/packages.B_B.lock.json"),
            (Some("b/C.csproj"), "b/packages.lock.json"),
            (None, "c/packages.lock.json"),
            (Some("d/x.cs"), "d/packages.lock.json"),
        ]
    );
    let files = [
        ("app/App.csproj", PROJECT),
        ("lib/Lib.csproj", LIB),
        ("Directory.Build.props", "<Project />"),
        (LOCK_PATH, LOCKED),
    ];
    let read = |path: &str, _: u64| {
        Ok(files.iter().find(|(known, _)| *known == path).map(|(_, text)| text.as_bytes().to_vec()))
    };
    let pair = &NuGet.pairs(&Tree::new(files.iter().map(|(path, _)| *path).collect(), &read))[0];
    assert_eq!(pair.inputs, ["Directory.Build.props", "lib/Lib.csproj"]);
}

#[test]
fn declared_and_locked() {
    let declared = NuGet.declared(&Source::new("App.csproj", PROJECT)).unwrap();
    let found: Vec<_> = declared
        .iter()
        .map(|one| (one.name.as_str(), one.requirement.as_str(), one.precision, one.kind))
        .collect();
    assert_eq!(
        found,
        [
            ("Acme.A", "1.2.0", Precision::Range, Kind::Production),
            ("Acme.B", "[2.0]", Precision::Exact, Kind::Development)
        ]
    );
    assert!(PROJECT.get(declared[0].span.clone()).is_some_and(|text| text.starts_with("<PackageReference")));
    let locked = NuGet.locked(&Source::new(LOCK_PATH, LOCKED)).unwrap();
    let found: Vec<_> =
        locked.iter().map(|one| (one.name.as_str(), one.version.as_str(), one.is_direct)).collect();
    assert_eq!(
        found,
        [("Acme.A", "1.2.0", Some(true)), ("Acme.B", "2.0.0", Some(true)), ("Acme.T", "1.0.0", Some(false))]
    );
    assert_eq!(locked[0].integrity, ["sha512-AAAA"]);
    assert!(NuGet.locked(&Source::new(LOCK_PATH, "{}")).is_err());
    let later = LOCKED.replace("\"version\": 1", "\"version\": 4");
    assert!(NuGet.locked(&Source::new(LOCK_PATH, &later)).is_err());
}

#[test]
fn what_is_made_to_hurt_gets_an_answer() {
    let own = "app/App.csproj";
    let laughs: String = (0..60).map(|at| format!("<P{}>$(P{at})$(P{at})</P{}>", at + 1, at + 1)).collect();
    let laughs = PROJECT.replace("<PropertyGroup>", &format!("<PropertyGroup><P0>aaaaaaaaaa</P0>{laughs}"));
    assert_eq!(drifts(&[(own, &laughs)]), []);
    let deep = format!(
        "<Project Sdk=\"Microsoft.NET.Sdk\">{}{}</Project>",
        "<ImportGroup>".repeat(500),
        "</ImportGroup>".repeat(500)
    );
    is_open(&[(own, &deep)]);
    is_open(&[(own, &"<a>".repeat(100_000))]);
    is_open(&[(own, &format!("<Project>{}{}</Project>", "<a>".repeat(100_000), "</a>".repeat(100_000)))]);
    let import = "<Project Sdk=\"Microsoft.NET.Sdk\"><Import Project=\"App.csproj\" /></Project>";
    let _ = judge(&[(own, import)]);
    let circle = PROJECT.replace("..\\lib\\Lib.csproj", "App.csproj");
    let _ = judge(&[(own, &circle)]);
}

/// What would take hours, or more memory than there is, where each met each.
#[test]
fn what_is_made_to_be_slow_gets_an_answer() {
    let own = "app/App.csproj";
    let many = |of: &dyn Fn(usize) -> String| (0..200_000).map(of).collect::<String>();
    let names = many(&|at| format!("p{at};"));
    let named = PROJECT.replace("Acme.A", &names);
    is_open(&[(own, &named)]);
    let targets = many(&|at| format!("net8.0-{};", letters(at)));
    is_open(&[(own, &PROJECT.replace("net8.0", &targets).replace("TargetFramework>", "TargetFrameworks>"))]);
    let grown = many(&|at| format!("<q{at}>$(p)</q{at}>"));
    let grown = format!("<PropertyGroup><p>{}</p>{grown}", "x".repeat(60_000));
    assert_eq!(drifts(&[(own, &PROJECT.replace("<PropertyGroup>", &grown))]), []);
    let runtimes = many(&|at| format!("\"net8.0/r{at}\": {{}},"));
    let locked = LOCKED.replace("\"net8.0\": {", &format!("{runtimes}\"net8.0\": {{"));
    let runtime =
        PROJECT.replace("<PropertyGroup>", "<PropertyGroup><RuntimeIdentifier>linux-x64</RuntimeIdentifier>");
    assert_eq!(judge(&[(own, &runtime), (LOCK_PATH, &locked)]).strict(), Answer::OutOfSync);
    let needs = many(&|at| format!("\"n{at}\": \"1.0\","));
    let locked = LOCKED.replace("{ \"Acme.C\"", &format!("{{ {needs}\"Acme.C\""));
    let asked = (0..9_000).map(|at| format!("<PackageReference Include=\"m{at}\" Version=\"1\" />"));
    let lib = LIB.replace("<ItemGroup>", &format!("<ItemGroup>{}", asked.collect::<String>()));
    assert_eq!(judge(&[("lib/Lib.csproj", &lib), (LOCK_PATH, &locked)]).strict(), Answer::OutOfSync);
}

/// A number in letters.
fn letters(at: usize) -> String {
    at.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
}

#[test]
fn a_text_goes_on_after_a_comment() {
    let two = PROJECT.replace("net8.0</TargetFramework>", "net8.0<!-- and -->;net9.0</TargetFrameworks>");
    let two = two.replace("<TargetFramework>", "<TargetFrameworks>");
    is(&[("app/App.csproj", &two)], Drift::SettingsDiffer);
    let same = PROJECT.replace("<Version>[2.0]", "<Version><!-- exactly -->[2.<![CDATA[0]]>]");
    assert_eq!(drifts(&[("app/App.csproj", &same)]), []);
}

#[test]
fn what_a_link_may_bring_is_open() {
    let import = "<Import Project=\"../more/a.props\" Condition=\"Exists('../more/a.props')\" />";
    let project = PROJECT.replace("<ItemGroup>", &format!("{import}<ItemGroup>"));
    let read = |path: &str, _: u64| {
        let text = match path {
            LOCK_PATH => LOCKED,
            "lib/Lib.csproj" => LIB,
            _ => project.as_str(),
        };
        Ok(Some(text.as_bytes().to_vec()))
    };
    let told = |links| {
        let tree = Tree::new(vec!["app/App.csproj", "lib/Lib.csproj", LOCK_PATH], &read).with_links(links);
        NuGet.judge(&tree, &NuGet.pairs(&tree)[0]).strict()
    };
    assert_eq!(told(vec![]), Answer::InSync);
    for link in ["more", "more/a.props", "Directory.Build.props"] {
        assert_eq!(told(vec![link]), Answer::CannotTell, "{link}");
    }
}

proptest! {
    #[test]
    fn arbitrary_text_gets_a_verdict(text in "\\PC{0,60}", at in 0..900_usize) {
        let cut = |whole: &str| whole.chars().take(at).collect::<String>();
        let _ = judge(&[("app/App.csproj", &text)]).strict();
        let _ = judge(&[(LOCK_PATH, &text)]).strict();
        let _ = judge(&[("app/App.csproj", &format!("{}{text}", cut(PROJECT)))]).strict();
        let _ = judge(&[(LOCK_PATH, &format!("{}{text}", cut(LOCKED)))]).strict();
        let _ = judge(&[("lib/Lib.csproj", &format!("{}{text}", cut(LIB)))]).strict();
        let _ = (NuGet.declared(&Source::new("a.csproj", &text)), NuGet.locked(&Source::new(LOCK_PATH, &text)));
    }
}
